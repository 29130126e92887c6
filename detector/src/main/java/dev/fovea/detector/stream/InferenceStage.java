package dev.fovea.detector.stream;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;

/** Runs batches through their model, one after the other, on the inference thread. */
final class InferenceStage {
  private final BlockingQueue<FrameBatch> batches;
  private final BlockingQueue<List<Answer>> answers;
  private final DetectorMetrics metrics;

  InferenceStage(
      BlockingQueue<FrameBatch> batches,
      BlockingQueue<List<Answer>> answers,
      DetectorMetrics metrics) {
    this.batches = batches;
    this.answers = answers;
    this.metrics = metrics;
  }

  /** Until interrupted; an engine that fails ends it. */
  void run() throws InterruptedException, ExecutionException {
    while (true) {
      try (FrameBatch batch = batches.take()) {
        batch.awaitDecoded();
        answers.put(batch.answer(metrics));
      }
    }
  }
}
