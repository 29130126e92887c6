package dev.fovea.ingest.street;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CoverageTest {
  private final Coverage coverage = new Coverage(100, 60);

  @Test
  void countsWhatIsHiddenByWhatStandsInFront() {
    offer(10, 10, 50, 50, true);
    offer(30, 10, 70, 50, true);
    assertThat(coverage.cells).isEqualTo(20 * 20);
    assertThat(coverage.visible).isEqualTo(10 * 20);
    assertThat(coverage.seenLeft).isEqualTo(25);
    assertThat(coverage.fullLeft).isEqualTo(15);
    assertThat(coverage.seenRight).isEqualTo(coverage.fullRight).isEqualTo(35);
  }

  @Test
  void whatIsNotDrawnHidesNothing() {
    offer(10, 10, 50, 50, false);
    offer(10, 10, 50, 50, true);
    assertThat(coverage.visible).isEqualTo(coverage.cells);
  }

  @Test
  void overlappingPartsOfOneObjectCountOnce() {
    coverage.begin();
    mark(10, 10, 30, 30);
    mark(10, 10, 30, 30);
    coverage.measure();
    assertThat(coverage.cells).isEqualTo(10 * 10);
    coverage.end(true);
  }

  private void offer(int left, int top, int right, int bottom, boolean stays) {
    coverage.begin();
    mark(left, top, right, bottom);
    coverage.measure();
    coverage.end(stays);
  }

  private void mark(int left, int top, int right, int bottom) {
    float[] x = {left, right, right, left};
    float[] y = {top, top, bottom, bottom};
    coverage.mark(x, y, 0, 4);
  }
}
