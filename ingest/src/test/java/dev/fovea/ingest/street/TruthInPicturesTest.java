package dev.fovea.ingest.street;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.schema.avro.LabelledBox;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The truth against whole pictures: what differs from the same street without anybody on it is
 * somebody, or their shadow.
 */
class TruthInPicturesTest {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int SEEN = 10;
  private static final int STREETS = 12;

  @Test
  void everyBoxHoldsSomethingThatIsSeen() {
    for (long seed = 0; seed < STREETS; seed++) {
      boolean[] changed = changed(seed, 40 * seed);
      for (LabelledBox box : truth(seed, 40 * seed)) {
        assertThat(share(changed, box)).as("seed %d, %s", seed, box).isGreaterThan(0.2);
      }
    }
  }

  @Test
  void aBoxOfItsOwnEndsWhereItsObjectDoes() {
    int boxes = 0;
    int tight = 0;
    for (long seed = 0; seed < STREETS; seed++) {
      boolean[] changed = changed(seed, 40 * seed);
      for (LabelledBox box : alone(truth(seed, 40 * seed))) {
        boxes++;
        int top = firstChangedRow(changed, box);
        tight += Math.abs(top - box.getY1()) <= 3 ? 1 : 0;
      }
    }
    assertThat(boxes).isGreaterThan(20);
    assertThat((double) tight / boxes).isGreaterThan(0.9);
  }

  @Test
  void whatIsOutsideAllBoxesIsShadowAtMost() {
    for (long seed = 0; seed < STREETS; seed++) {
      StreetSettings day = StreetSettings.of(seed).withDaylight(Daylight.NOON);
      int[] busy = luminance(day, 40 * seed);
      int[] empty = luminance(day.withDensity(0), 40 * seed);
      List<LabelledBox> truth = new StreetScene(day).truth(40 * seed);
      int brighter = 0;
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          boolean outside = isOutside(truth, x, y);
          brighter += outside && busy[y * WIDTH + x] - empty[y * WIDTH + x] > 3 * SEEN ? 1 : 0;
        }
      }
      assertThat(brighter).as("seed %d", seed).isLessThan(WIDTH * HEIGHT / 1_000);
    }
  }

  private static List<LabelledBox> truth(long seed, long frame) {
    return new StreetScene(StreetSettings.of(seed)).truth(frame);
  }

  private static boolean[] changed(long seed, long frame) {
    int[] busy = luminance(StreetSettings.of(seed), frame);
    int[] empty = luminance(StreetSettings.of(seed).withDensity(0), frame);
    boolean[] changed = new boolean[busy.length];
    for (int i = 0; i < busy.length; i++) {
      changed[i] = Math.abs(busy[i] - empty[i]) > SEEN;
    }
    return changed;
  }

  /** Sum of a pixel's channels over 3. */
  private static int[] luminance(StreetSettings settings, long frame) {
    byte[] bytes = StreetSceneTest.bytes(new StreetScene(settings).render(frame));
    int[] levels = new int[bytes.length / 3];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = ((bytes[3 * i] & 255) + (bytes[3 * i + 1] & 255) + (bytes[3 * i + 2] & 255)) / 3;
    }
    return levels;
  }

  private static double share(boolean[] changed, LabelledBox box) {
    int inside = 0;
    int count = 0;
    for (int y = (int) box.getY1(); y < (int) box.getY2(); y++) {
      for (int x = (int) box.getX1(); x < (int) box.getX2(); x++) {
        count++;
        inside += changed[y * WIDTH + x] ? 1 : 0;
      }
    }
    return (double) inside / count;
  }

  /** Boxes inside the picture that no other box is near. */
  private static List<LabelledBox> alone(List<LabelledBox> boxes) {
    List<LabelledBox> alone = new ArrayList<>();
    for (LabelledBox box : boxes) {
      boolean near =
          boxes.stream()
              .anyMatch(
                  other ->
                      !other.equals(box)
                          && other.getX1() < box.getX2() + 12
                          && other.getX2() > box.getX1() - 12
                          && other.getY1() < box.getY2() + 12
                          && other.getY2() > box.getY1() - 12);
      if (!near && box.getY1() > 8) {
        alone.add(box);
      }
    }
    return alone;
  }

  /** From 8 pixels above the box down. */
  private static int firstChangedRow(boolean[] changed, LabelledBox box) {
    for (int y = (int) box.getY1() - 8; y < box.getY2(); y++) {
      for (int x = (int) box.getX1(); x < (int) box.getX2(); x++) {
        if (changed[y * WIDTH + x]) {
          return y;
        }
      }
    }
    return HEIGHT;
  }

  private static boolean isOutside(List<LabelledBox> truth, int x, int y) {
    return truth.stream()
        .noneMatch(
            box ->
                x >= box.getX1() - 3
                    && x < box.getX2() + 3
                    && y >= box.getY1() - 3
                    && y < box.getY2() + 3);
  }
}
