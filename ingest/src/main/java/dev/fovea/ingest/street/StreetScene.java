package dev.fovea.ingest.street;

import dev.fovea.schema.avro.LabelledBox;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferInt;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One street, seen by one camera: frame i is a function of the settings and i alone, so frames can
 * be drawn in any order, and {@link #truth} says without drawing what {@link #render} shows.
 *
 * <p>Classes are {@code car}, {@code person}, {@code bicycle}. A bicycle's box holds bicycle and
 * rider; the rider has no box of its own. Boxes hold what is to be seen of an object. What is seen
 * by less than {@link #MIN_VISIBLE} of its area, or is smaller than {@link #MIN_HEIGHT_PX} or
 * {@link #MIN_AREA_PX} (in a frame 360 high), is not drawn at all. Shadows and the glow of lamps
 * are not part of an object.
 *
 * <p>Not safe for use by several threads; make one scene a thread.
 */
public final class StreetScene {
  /** Share of an object that must be in the picture and not hidden. */
  public static final double MIN_VISIBLE = 0.35;

  /** Height that a box must have, in pixels of a frame 360 high. */
  public static final double MIN_HEIGHT_PX = 18;

  /** Area that a box must have, in square pixels of a frame 360 high. */
  public static final double MIN_AREA_PX = 220;

  /** Many times what is in one frame, so that a look is made once a passage. */
  static final int MAX_LOOKS = 512;

  /** The light changes in steps of this many hours, so that a backdrop serves many frames. */
  private static final double LIGHT_STEP_HOURS = 0.2;

  private static final double FARTHEST = 80;

  private final StreetSettings settings;
  private final StreetPlan plan;
  private final Traffic traffic;
  private final Sensor sensor;
  private final Canvas canvas;
  private final Coverage coverage;
  private final Viewpoint.Projector projector;
  private final Map<Long, Object> looks = new LooksOfLate();
  private @Nullable Backdrop backdrop;
  private long backdropStep = Long.MIN_VALUE;
  private @Nullable List<Placed> placed;
  private long placedFrame = Long.MIN_VALUE;

  public StreetScene(StreetSettings settings) {
    this.settings = settings;
    plan = new StreetPlan(settings.seed(), settings.widthPx(), settings.heightPx());
    traffic = new Traffic(plan, settings.density());
    sensor = new Sensor(settings);
    canvas = new Canvas(settings.widthPx(), settings.heightPx());
    coverage = new Coverage(settings.widthPx(), settings.heightPx());
    projector = plan.view.projector();
  }

  /** An object that is drawn. */
  private static final class Placed {
    final Actor actor;
    final double depth;
    final Sketch sketch;

    /** What is seen of it, before shake: x1, y1, x2, y2 in pixels. */
    final float[] box = new float[4];

    Placed(Actor actor, double depth, Sketch sketch) {
      this.actor = actor;
      this.depth = depth;
      this.sketch = sketch;
    }
  }

  public StreetSettings settings() {
    return settings;
  }

  /**
   * Draws a frame.
   *
   * @param frameIndex 0 and up
   * @param into of the settings' size, TYPE_3BYTE_BGR or TYPE_INT_RGB
   */
  public void render(long frameIndex, BufferedImage into) {
    require(into);
    Backdrop scenery = backdropAt(frameIndex);
    drawScene(frameIndex, scenery);
    if (into.getRaster().getDataBuffer() instanceof DataBufferByte bytes) {
      sensor.expose(frameIndex, scenery.light, canvas, bytes.getData());
    } else {
      sensor.expose(
          frameIndex,
          scenery.light,
          canvas,
          ((DataBufferInt) into.getRaster().getDataBuffer()).getData());
    }
  }

  /** A new TYPE_3BYTE_BGR picture of the frame. */
  public BufferedImage render(long frameIndex) {
    BufferedImage picture =
        new BufferedImage(settings.widthPx(), settings.heightPx(), BufferedImage.TYPE_3BYTE_BGR);
    render(frameIndex, picture);
    return picture;
  }

  /** What the frame shows, nearest first; boxes in pixels of the frame, half-open. */
  public List<LabelledBox> truth(long frameIndex) {
    int shiftX = sensor.shakeX(frameIndex);
    int shiftY = sensor.shakeY(frameIndex);
    List<LabelledBox> boxes = new ArrayList<>();
    for (Placed object : place(frameIndex)) {
      boxes.add(
          new LabelledBox(
              object.actor.label().word,
              inside(object.box[0] - shiftX, settings.widthPx()),
              inside(object.box[1] - shiftY, settings.heightPx()),
              inside(object.box[2] - shiftX, settings.widthPx()),
              inside(object.box[3] - shiftY, settings.heightPx())));
    }
    return List.copyOf(boxes);
  }

  private static float inside(float value, int size) {
    return Math.max(0, Math.min(size, value));
  }

  private void require(BufferedImage into) {
    int type = into.getType();
    if (type != BufferedImage.TYPE_3BYTE_BGR && type != BufferedImage.TYPE_INT_RGB) {
      throw new IllegalArgumentException(
          "picture type " + type + ": must be TYPE_3BYTE_BGR or TYPE_INT_RGB");
    }
    if (into.getWidth() != settings.widthPx() || into.getHeight() != settings.heightPx()) {
      throw new IllegalArgumentException(
          "picture of %dx%d: must be %dx%d"
              .formatted(
                  into.getWidth(), into.getHeight(), settings.widthPx(), settings.heightPx()));
    }
  }

  private double secondsAt(long frameIndex) {
    if (frameIndex < 0) {
      throw new IllegalArgumentException("frame index " + frameIndex + ": must not be negative");
    }
    return frameIndex / settings.framesPerSecond();
  }

  private Backdrop backdropAt(long frameIndex) {
    double hour = settings.daylight().hourAt(secondsAt(frameIndex));
    long step = Math.round(hour / LIGHT_STEP_HOURS);
    Backdrop current = backdrop;
    if (current == null || step != backdropStep) {
      boolean still = settings.daylight().isStill();
      current = new Backdrop(plan, new Light(plan, still ? hour : step * LIGHT_STEP_HOURS));
      backdrop = current;
      backdropStep = step;
      placedFrame = Long.MIN_VALUE;
    }
    return current;
  }

  private void drawScene(long frameIndex, Backdrop scenery) {
    System.arraycopy(scenery.canvas.pixels, 0, canvas.pixels, 0, canvas.pixels.length);
    List<Placed> objects = place(frameIndex);
    for (int i = objects.size() - 1; i >= 0; i--) {
      Placed object = objects.get(i);
      object.sketch.paint(canvas);
      restoreBefore(object, scenery);
    }
  }

  private void restoreBefore(Placed object, Backdrop scenery) {
    Sketch sketch = object.sketch;
    int reach = (int) ((sketch.bottom - sketch.top) * 0.8f) + 4;
    for (Prop prop : scenery.props) {
      if (prop.depth < object.depth) {
        prop.restore(
            canvas.pixels,
            scenery.canvas.pixels,
            canvas.width,
            (int) sketch.left - reach,
            (int) sketch.top - reach,
            (int) sketch.right + reach,
            (int) sketch.bottom + reach);
      }
    }
  }

  /** The objects that the frame shows, nearest first. */
  private List<Placed> place(long frameIndex) {
    Backdrop scenery = backdropAt(frameIndex);
    List<Placed> known = placed;
    if (known != null && placedFrame == frameIndex) {
      return known;
    }
    List<Placed> candidates = new ArrayList<>();
    for (Actor actor : traffic.at(secondsAt(frameIndex))) {
      Placed candidate = sketch(actor, scenery.light);
      if (candidate != null) {
        candidates.add(candidate);
      }
    }
    candidates.sort(Comparator.comparingDouble(object -> object.depth));
    List<Placed> seen = keepSeen(candidates, scenery);
    placed = seen;
    placedFrame = frameIndex;
    return seen;
  }

  private @Nullable Placed sketch(Actor actor, Light light) {
    Pose pose = actor.pose();
    double depth = projector.point(pose.x(), 0.8, pose.z());
    if (depth < 1.5 || depth > FARTHEST || outOfSight(depth)) {
      return null;
    }
    Sketch sketch = new Sketch(projector);
    double shade = light.shadowAt(pose.x(), 0.8, pose.z());
    boolean lit = light.lampsOn();
    switch (actor.label()) {
      case CAR -> {
        CarModel model =
            (CarModel) looks.computeIfAbsent(actor.look(), look -> new CarModel(Dice.of(look)));
        boolean engine = actor.moving() || actor.travelled() != 0;
        model.sketch(sketch, pose, light, shade, lit && engine, actor.braking());
      }
      case PERSON -> {
        PersonModel model =
            (PersonModel)
                looks.computeIfAbsent(actor.look(), look -> new PersonModel(Dice.of(look)));
        double phase = actor.travelled() * Math.PI / 0.74;
        model.sketch(sketch, pose, light, shade, phase, actor.moving() ? 1 : 0);
      }
      case BICYCLE -> {
        CyclistModel model =
            (CyclistModel)
                looks.computeIfAbsent(actor.look(), look -> new CyclistModel(Dice.of(look)));
        model.sketch(
            sketch, pose, light, shade, actor.travelled() * 0.95, actor.travelled() / -0.34, lit);
      }
    }
    boolean drawable = !sketch.isBehindCamera() && !sketch.isEmpty();
    return drawable ? new Placed(actor, depth, sketch) : null;
  }

  /** Cheap test on the point just projected: an object has at most 3.5 m about its middle. */
  private boolean outOfSight(double depth) {
    double reach = 3.5 * projector.scaleAt(depth);
    return projector.outX[0] < -reach
        || projector.outX[0] > settings.widthPx() + reach
        || projector.outY[0] < -reach
        || projector.outY[0] > settings.heightPx() + reach;
  }

  private List<Placed> keepSeen(List<Placed> candidates, Backdrop scenery) {
    List<Placed> kept = new ArrayList<>();
    List<Prop> waiting = new ArrayList<>(scenery.props);
    waiting.sort(Comparator.comparingDouble(prop -> prop.depth));
    int taken = 0;
    coverage.clear();
    for (Placed candidate : candidates) {
      while (taken < waiting.size() && waiting.get(taken).depth < candidate.depth) {
        coverage.take(waiting.get(taken++).cells);
      }
      coverage.begin();
      candidate.sketch.cover(coverage);
      coverage.measure();
      boolean stays = isSeen(candidate);
      coverage.end(stays);
      if (stays) {
        kept.add(candidate);
      }
    }
    return List.copyOf(kept);
  }

  private boolean isSeen(Placed candidate) {
    if (coverage.cells == 0) {
      return false;
    }
    Sketch sketch = candidate.sketch;
    float[] box = candidate.box;
    box[0] = inside(sketch.left, settings.widthPx());
    box[1] = inside(sketch.top, settings.heightPx());
    box[2] = inside(sketch.right, settings.widthPx());
    box[3] = inside(sketch.bottom, settings.heightPx());
    double whole = (double) (sketch.right - sketch.left) * (sketch.bottom - sketch.top);
    double inFrame = (double) (box[2] - box[0]) * (box[3] - box[1]) / whole;
    double visible = inFrame * coverage.visible / coverage.cells;
    if (visible < MIN_VISIBLE) {
      return false;
    }
    cutHiddenSides(box);
    double scale = settings.heightPx() / 360.0;
    double width = box[2] - box[0];
    double height = box[3] - box[1];
    return height >= MIN_HEIGHT_PX * scale && width * height >= MIN_AREA_PX * scale * scale;
  }

  /** Where a side of the object is hidden, the box ends where its visible cells do. */
  private void cutHiddenSides(float[] box) {
    int cell = Coverage.CELL;
    if (coverage.seenLeft > coverage.fullLeft) {
      box[0] = coverage.seenLeft * cell;
    }
    if (coverage.seenTop > coverage.fullTop) {
      box[1] = coverage.seenTop * cell;
    }
    if (coverage.seenRight < coverage.fullRight) {
      box[2] = coverage.seenRight * cell;
    }
    if (coverage.seenBottom < coverage.fullBottom) {
      box[3] = coverage.seenBottom * cell;
    }
  }

  /** How many looks are kept; tests watch that a long run does not gather them. */
  int looksKept() {
    return looks.size();
  }

  /**
   * The looks of those seen last. A street that runs for days has ever new passers-by; a look that
   * went is made again, the same, from its number.
   */
  private static final class LooksOfLate extends LinkedHashMap<Long, Object> {
    LooksOfLate() {
      super(16, 0.75f, /* accessOrder= */ true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Object> eldest) {
      return size() > MAX_LOOKS;
    }
  }
}
