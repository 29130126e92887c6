package dev.fovea.standalone.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChipLayoutTest {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final double CHIP = 60;

  @Test
  void aChipStandsOnItsBox() {
    Rectangle2D box = box(100, 100, 80, 40);

    assertThat(layout(box).place(box, CHIP)).contains(chip(98, 81));
  }

  @Test
  void atThePicturesUpperEdgeItHangsBelow() {
    Rectangle2D box = box(100, 4, 80, 40);

    assertThat(layout(box).place(box, CHIP)).contains(chip(98, 46));
  }

  @Test
  void atThePicturesRightEdgeItIsRightAligned() {
    Rectangle2D box = box(600, 100, 30, 40);

    assertThat(layout(box).place(box, CHIP)).contains(chip(572, 81));
  }

  @Test
  void itGivesWayToAnotherBox() {
    Rectangle2D box = box(100, 100, 80, 40);
    Rectangle2D behind = box(90, 70, 40, 25);

    assertThat(layout(box, behind).place(box, CHIP)).contains(chip(98, 142));
  }

  @Test
  void whereEverythingIsCoveredByBoxesItCoversOneOfThem() {
    Rectangle2D box = box(100, 100, 80, 40);
    Rectangle2D around = box(0, 0, WIDTH, HEIGHT);

    assertThat(layout(box, around).place(box, CHIP)).contains(chip(98, 81));
  }

  @Test
  void chipsOfACrowdNeverOverlapAndNeverLeaveThePicture() {
    Random random = new Random(7);
    List<Rectangle2D> crowd = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      crowd.add(box(random.nextInt(600), random.nextInt(330), 40, 30));
    }
    ChipLayout layout = new ChipLayout(WIDTH, HEIGHT, crowd);

    List<Rectangle2D> chips =
        crowd.stream().flatMap(box -> layout.place(box, CHIP).stream()).toList();

    assertThat(chips).hasSizeBetween(20, 99);
    for (int i = 0; i < chips.size(); i++) {
      assertThat(new Rectangle2D.Double(0, 0, WIDTH, HEIGHT).contains(chips.get(i))).isTrue();
      for (Rectangle2D other : chips.subList(0, i)) {
        assertThat(chips.get(i).intersects(other)).isFalse();
      }
    }
  }

  private static ChipLayout layout(Rectangle2D... boxes) {
    return new ChipLayout(WIDTH, HEIGHT, List.of(boxes));
  }

  private static Rectangle2D box(double x, double y, double width, double height) {
    return new Rectangle2D.Double(x, y, width, height);
  }

  private static Rectangle2D chip(double x, double y) {
    return new Rectangle2D.Double(x, y, CHIP, ChipLayout.HEIGHT_PX);
  }
}
