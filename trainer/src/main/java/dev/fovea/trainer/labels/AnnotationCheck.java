package dev.fovea.trainer.labels;

import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.schema.CameraId;
import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.trainer.labels.PictureEntry.Box;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Holds an annotation to every rule that can be told from itself, the cheap ones first; the picture
 * is decoded to its end. Boxes that reach a pixel over the picture's edge are cut to it, and a box
 * or class that is said twice counts once. One thread, which closes it.
 */
public final class AnnotationCheck implements AutoCloseable {
  /** How far a box may reach over the picture's edge (rounding by label tools), pixels. */
  private static final float EDGE_TOLERANCE_PX = 1;

  private static final int MAX_AUTHOR_CHARS = 256;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private final LabelSettings settings;
  private final PictureCheck pictures;

  public AnnotationCheck(LabelSettings settings) {
    this.settings = settings;
    this.pictures = new PictureCheck(settings.picture());
  }

  /**
   * The annotation as what the archive takes.
   *
   * @throws BadAnnotationException naming the camera and the rule that is broken
   */
  public LabelledFrame check(Annotation annotation) throws BadAnnotationException {
    try {
      new CameraId(annotation.getCameraId());
    } catch (IllegalArgumentException e) {
      throw new BadAnnotationException(String.valueOf(e.getMessage()), e);
    }
    String who = "camera " + annotation.getCameraId() + ", annotation";
    require(
        SHA256.matcher(annotation.getPictureSha256()).matches(),
        who + ": pictureSha256 must be 64 hexadecimal digits in lower case");
    who = "camera " + annotation.getCameraId() + ", picture " + annotation.getPictureSha256();
    require(
        annotation.getAuthor().length() <= MAX_AUTHOR_CHARS,
        who + ": the author's name must have at most " + MAX_AUTHOR_CHARS + " characters");
    Long time = annotation.getCaptureTimeMicros();
    require(time == null || time >= 0, who + ": captureTimeMicros must not be negative");
    require(
        annotation.getAnnotatedAtMicros() >= 0, who + ": annotatedAtMicros must not be negative");
    return annotation.getWithdrawn() ? withdrawal(annotation, who) : labels(annotation, who);
  }

  private static LabelledFrame withdrawal(Annotation annotation, String who)
      throws BadAnnotationException {
    require(
        !annotation.getImage().hasRemaining()
            && annotation.getBoxes().isEmpty()
            && annotation.getClasses().isEmpty(),
        who + ": a withdrawn annotation must have no image, boxes or classes");
    return new LabelledFrame(
        annotation.getCameraId(),
        annotation.getCaptureTimeMicros(),
        annotation.getPictureSha256(),
        null,
        List.of(),
        List.of(),
        annotation.getAuthor(),
        source(annotation),
        annotation.getAnnotatedAtMicros());
  }

  private LabelledFrame labels(Annotation annotation, String who) throws BadAnnotationException {
    List<String> classes = classes(annotation, who);
    List<Box> boxes = boxes(annotation, who);
    CheckedPicture picture = picture(annotation, who);
    return new LabelledFrame(
        annotation.getCameraId(),
        annotation.getCaptureTimeMicros(),
        annotation.getPictureSha256(),
        picture,
        boxes,
        classes,
        annotation.getAuthor(),
        source(annotation),
        annotation.getAnnotatedAtMicros());
  }

  private static String source(Annotation annotation) {
    return annotation.getSource().name().toLowerCase(Locale.ROOT);
  }

  private List<String> classes(Annotation annotation, String who) throws BadAnnotationException {
    require(
        annotation.getClasses().size() <= settings.maxClasses(),
        who
            + ": has "
            + annotation.getClasses().size()
            + " classes, more than the "
            + settings.maxClasses()
            + " allowed (labels.max-classes)");
    Set<String> classes = new LinkedHashSet<>();
    for (String name : annotation.getClasses()) {
      requireClass(name, who);
      classes.add(name);
    }
    return List.copyOf(classes);
  }

  private void requireClass(String name, String who) throws BadAnnotationException {
    require(ClassName.isValid(name), who + ": class " + quoted(name) + ": " + ClassName.RULE);
    require(
        settings.classes().isEmpty() || settings.classes().contains(name),
        who + ": unknown class " + quoted(name) + "; labels.classes has " + settings.classes());
  }

  private List<Box> boxes(Annotation annotation, String who) throws BadAnnotationException {
    List<LabelledBox> boxes = annotation.getBoxes();
    require(
        boxes.size() <= settings.maxBoxes(),
        who
            + ": has "
            + boxes.size()
            + " boxes, more than the "
            + settings.maxBoxes()
            + " allowed (labels.max-boxes)");
    require(
        annotation.getWidthPx() > 0 && annotation.getHeightPx() > 0,
        who
            + ": its size is %dx%d pixels"
                .formatted(annotation.getWidthPx(), annotation.getHeightPx()));
    Set<Box> checked = new LinkedHashSet<>();
    for (LabelledBox box : boxes) {
      requireClass(box.getLabel(), who);
      checked.add(box(box, annotation, who));
    }
    return new ArrayList<>(checked);
  }

  private static Box box(LabelledBox box, Annotation annotation, String who)
      throws BadAnnotationException {
    int width = annotation.getWidthPx();
    int height = annotation.getHeightPx();
    String text =
        "%s [%s, %s, %s, %s]"
            .formatted(quoted(box.getLabel()), box.getX1(), box.getY1(), box.getX2(), box.getY2());
    // Every comparison with NaN is false.
    require(
        box.getX1() >= -EDGE_TOLERANCE_PX
            && box.getY1() >= -EDGE_TOLERANCE_PX
            && box.getX2() <= width + EDGE_TOLERANCE_PX
            && box.getY2() <= height + EDGE_TOLERANCE_PX,
        who + ": the box %s must lie inside the picture, %dx%d".formatted(text, width, height));
    Box cut =
        new Box(
            box.getLabel(),
            Math.max(0, box.getX1()),
            Math.max(0, box.getY1()),
            Math.min(width, box.getX2()),
            Math.min(height, box.getY2()));
    require(
        cut.x2() > cut.x1() && cut.y2() > cut.y1(),
        who + ": the box %s must have x1 < x2 and y1 < y2 inside the picture".formatted(text));
    return cut;
  }

  private CheckedPicture picture(Annotation annotation, String who) throws BadAnnotationException {
    require(
        Sha256.of(annotation.getImage()).equals(annotation.getPictureSha256()),
        who + ": the image's bytes have another sum");
    byte[] bytes = new byte[annotation.getImage().remaining()];
    annotation.getImage().duplicate().get(bytes);
    CheckedPicture picture;
    try {
      picture = pictures.check(bytes);
    } catch (UndecodableImageException e) {
      throw new BadAnnotationException(who + ": " + e.getMessage(), e);
    }
    require(
        picture.widthPx() == annotation.getWidthPx()
            && picture.heightPx() == annotation.getHeightPx(),
        who
            + ": the picture is %dx%d, but the annotation says %dx%d"
                .formatted(
                    picture.widthPx(),
                    picture.heightPx(),
                    annotation.getWidthPx(),
                    annotation.getHeightPx()));
    return picture;
  }

  /** For messages: what a stranger wrote, on one line and not too long. */
  private static String quoted(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return '"' + (line.length() > 80 ? line.substring(0, 80) + "…" : line) + '"';
  }

  private static void require(boolean holds, String message) throws BadAnnotationException {
    if (!holds) {
      throw new BadAnnotationException(message);
    }
  }

  @Override
  public void close() {
    pictures.close();
  }
}
