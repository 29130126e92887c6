package dev.fovea.ingest.street;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CanvasTest {
  /** Coverage summed over a white polygon on black is its area in the canvas. */
  @Test
  void inkEqualsAreaWhereverThePolygonLies() {
    for (long seed = 0; seed < 200; seed++) {
      Dice dice = Dice.of(seed, 9);
      float[] x = new float[3];
      float[] y = new float[3];
      for (int i = 0; i < 3; i++) {
        x[i] = (float) dice.between(2, 62);
        y[i] = (float) dice.between(2, 46);
      }
      Canvas canvas = new Canvas(64, 48);
      canvas.fill(x, y, 3, 0xFFFFFF, 1);
      double area = Math.abs((x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])) * 0.5;
      assertThat(ink(canvas)).as("seed %d", seed).isBetween(area - 1.2, area + 1.2);
    }
  }

  @Test
  void aPolygonIsCutAtTheCanvas() {
    Canvas canvas = new Canvas(64, 48);
    float[] x = {-1000, 1000, 1000, -1000};
    float[] y = {-500, -500, 24, 24};
    canvas.fill(x, y, 4, 0xFFFFFF, 1);
    assertThat(ink(canvas)).isBetween(64 * 24 - 1.0, 64 * 24 + 1.0);
    assertThat(canvas.pixels[23 * 64]).isEqualTo(0xFFFFFF);
    assertThat(canvas.pixels[24 * 64]).isZero();
  }

  @Test
  void aHoleThatRunsTheOtherWayStaysEmpty() {
    Canvas canvas = new Canvas(64, 48);
    float[] x = {10, 50, 50, 10, 10, 20, 20, 40, 40, 20};
    float[] y = {4, 4, 44, 44, 4, 14, 34, 34, 14, 14};
    canvas.fill(x, y, 10, 0xFFFFFF, 1);
    assertThat(canvas.pixels[24 * 64 + 30]).isZero();
    assertThat(ink(canvas)).isBetween(40 * 40 - 20 * 20 - 2.0, 40 * 40 - 20 * 20 + 2.0);
  }

  private static double ink(Canvas canvas) {
    double sum = 0;
    for (int pixel : canvas.pixels) {
      sum += (pixel & 255) / 255.0;
    }
    return sum;
  }
}
