package dev.fovea.ingest.street;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Boxes against pixels: each object is drawn alone on a plain canvas and its extent measured. */
class SketchBoxTest {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int PLAIN = 0x00FF00;

  @Test
  void carsFillTheirBoxes() {
    for (long seed = 0; seed < 60; seed++) {
      Dice dice = Dice.of(seed, 1);
      CarModel car = new CarModel(dice);
      Pose pose = somewhere(dice);
      fillsItsBox(
          "car of seed " + seed,
          seed,
          (sketch, light) -> car.sketch(sketch, pose, light, 0, true, true));
    }
  }

  @Test
  void peopleFillTheirBoxes() {
    for (long seed = 0; seed < 60; seed++) {
      Dice dice = Dice.of(seed, 2);
      PersonModel person = new PersonModel(dice);
      Pose pose = somewhere(dice);
      double phase = dice.between(0, 6);
      fillsItsBox(
          "person of seed " + seed,
          seed,
          (sketch, light) -> person.sketch(sketch, pose, light, 0, phase, 1));
    }
  }

  @Test
  void cyclistsFillTheirBoxes() {
    for (long seed = 0; seed < 60; seed++) {
      Dice dice = Dice.of(seed, 3);
      CyclistModel cyclist = new CyclistModel(dice);
      Pose pose = somewhere(dice);
      double phase = dice.between(0, 6);
      fillsItsBox(
          "cyclist of seed " + seed,
          seed,
          (sketch, light) -> cyclist.sketch(sketch, pose, light, 0, phase, phase, true));
    }
  }

  private interface Drawing {
    void into(Sketch sketch, Light light);
  }

  private static Pose somewhere(Dice dice) {
    return new Pose(dice.between(-5, 5), dice.between(12, 40), dice.between(-3.1, 3.1));
  }

  private static void fillsItsBox(String what, long seed, Drawing drawing) {
    StreetPlan plan = new StreetPlan(seed, WIDTH, HEIGHT);
    Sketch sketch = new Sketch(plan.view.projector());
    drawing.into(sketch, new Light(plan, 12));
    Canvas canvas = new Canvas(WIDTH, HEIGHT);
    Arrays.fill(canvas.pixels, PLAIN);
    sketch.paint(canvas, false);
    float[] drawn = extent(canvas);
    float[] box = {
      Math.max(0, sketch.left),
      Math.max(0, sketch.top),
      Math.min(WIDTH, sketch.right),
      Math.min(HEIGHT, sketch.bottom)
    };
    if (box[2] - box[0] < 3 || box[3] - box[1] < 3) {
      return;
    }
    for (int side = 0; side < 4; side++) {
      assertThat(Math.abs(drawn[side] - box[side]))
          .as("%s: side %d of %s, drawn %s", what, side, text(box), text(drawn))
          .isLessThanOrEqualTo(2);
    }
  }

  private static String text(float[] box) {
    return Arrays.toString(box);
  }

  private static float[] extent(Canvas canvas) {
    float[] box = {WIDTH, HEIGHT, 0, 0};
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        if (canvas.pixels[y * WIDTH + x] != PLAIN) {
          box[0] = Math.min(box[0], x);
          box[1] = Math.min(box[1], y);
          box[2] = Math.max(box[2], x + 1);
          box[3] = Math.max(box[3], y + 1);
        }
      }
    }
    return box;
  }
}
