package dev.fovea.detector.geometry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BoxesTest {
  @Test
  void iouIsSharedAreaOverUnion() {
    float[] boxes = {0, 0, 10, 10, 5, 0, 15, 10};

    assertThat(Boxes.intersection(boxes, 0, boxes, 4)).isEqualTo(50);
    assertThat(Boxes.iou(boxes, 0, boxes, 4)).isEqualTo(1 / 3f);
    assertThat(Boxes.iou(boxes, 4, boxes, 0)).isEqualTo(1 / 3f);
    assertThat(Boxes.iou(boxes, 0, boxes, 0)).isEqualTo(1);
  }

  @Test
  void boxesThatTouchShareNothing() {
    float[] boxes = {0, 0, 10, 10, 10, 0, 20, 10, 30, 30, 40, 40};

    assertThat(Boxes.iou(boxes, 0, boxes, 4)).isZero();
    assertThat(Boxes.iou(boxes, 0, boxes, 8)).isZero();
  }

  @Test
  void boxesWithoutAreaHaveNoneAndNeverDivideByZero() {
    float[] boxes = {5, 5, 5, 9, 7, 7, 3, 3};

    assertThat(Boxes.area(boxes, 0)).isZero();
    assertThat(Boxes.area(boxes, 4)).isZero();
    assertThat(Boxes.iou(boxes, 0, boxes, 0)).isZero();
    assertThat(Boxes.iou(boxes, 4, boxes, 4)).isZero();
  }

  @Test
  void clippingMovesCornersIntoTheWindow() {
    float[] boxes = {9, 9, 9, 9, -5, -1, 700, 300};

    Boxes.clip(boxes, 4, 0, 0, 640, 360);

    assertThat(boxes).containsExactly(9, 9, 9, 9, 0, 0, 640, 300);
  }
}
