package dev.fovea.detector.engine;

import dev.fovea.detector.model.ImageBatch;

/** The precondition that all engines share. */
final class BatchCheck {
  private BatchCheck() {}

  static void require(ImageBatch batch, int maxBatch, int widthPx, int heightPx) {
    if (batch.size() < 1 || batch.size() > maxBatch) {
      throw new IllegalArgumentException(
          "a batch of %d for an engine of 1 to %d".formatted(batch.size(), maxBatch));
    }
    if (batch.widthPx() != widthPx || batch.heightPx() != heightPx) {
      throw new IllegalArgumentException(
          "a batch of %dx%d for a model of %dx%d"
              .formatted(batch.widthPx(), batch.heightPx(), widthPx, heightPx));
    }
  }
}
