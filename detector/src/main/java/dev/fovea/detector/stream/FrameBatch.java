package dev.fovea.detector.stream;

import dev.fovea.detector.model.Detected;
import dev.fovea.schema.avro.Detection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Records that are answered together: those with a picture by one run of one model, the others
 * along with them, in the order they were polled. Filled by the batching thread, then handed to the
 * inference thread, which answers and closes it.
 */
final class FrameBatch implements AutoCloseable {
  /** Records without a picture cost no slot, but a batch of nothing else must end too. */
  private static final int MAX_RECORDS_PER_SLOT = 16;

  private final LiveModel.Lease lease;
  private final BatchModel.Batch pictures;
  private final int maxPictures;
  private final List<PendingFrame> frames = new ArrayList<>();
  private final List<Future<?>> decoding = new ArrayList<>();
  private int slots;

  /**
   * @param lease hold on the model; closed with the batch
   * @param maxPictures most pictures it takes; the model may allow fewer
   */
  FrameBatch(LiveModel.Lease lease, int maxPictures) {
    this.lease = lease;
    this.maxPictures = Math.min(maxPictures, lease.model().maxBatch());
    this.pictures = lease.model().newBatch();
  }

  boolean isFull() {
    return slots == maxPictures || frames.size() >= maxPictures * MAX_RECORDS_PER_SLOT;
  }

  /** The slot for the next picture. */
  int nextSlot() {
    return slots++;
  }

  BatchModel.Batch pictures() {
    return pictures;
  }

  void add(PendingFrame frame) {
    frames.add(frame);
  }

  /** Adds a frame whose picture is being decoded. */
  void add(PendingFrame frame, Future<?> decoded) {
    frames.add(frame);
    decoding.add(decoded);
  }

  /** Waits until every picture is decoded; an error in a decoding thread comes out here. */
  void awaitDecoded() throws InterruptedException, ExecutionException {
    for (Future<?> picture : decoding) {
      picture.get();
    }
  }

  /** Runs the model on the pictures, once they are decoded, and answers every record. */
  List<Answer> answer(DetectorMetrics metrics) {
    int[] slots =
        frames.stream().filter(PendingFrame::hasPicture).mapToInt(PendingFrame::slot).toArray();
    if (slots.length > 0) {
      infer(slots);
      metrics.batch(slots.length);
    }
    List<Answer> answers = new ArrayList<>(frames.size());
    for (PendingFrame frame : frames) {
      answers.add(frame.answer(lease.model(), frame.hasPicture() ? found(frame) : List.of()));
    }
    return answers;
  }

  private void infer(int[] slots) {
    long started = System.nanoTime();
    pictures.infer(slots);
    long ended = System.nanoTime();
    for (PendingFrame frame : frames) {
      if (frame.hasPicture()) {
        frame.inferred(started, ended);
      }
    }
  }

  private List<Detection> found(PendingFrame frame) {
    long started = System.nanoTime();
    List<Detected> detected = pictures.detections(frame.slot());
    List<Detection> found = new ArrayList<>(detected.size());
    for (Detected d : detected) {
      found.add(new Detection(d.label(), d.score(), d.x1(), d.y1(), d.x2(), d.y2()));
    }
    frame.uncertain(pictures.uncertainty(frame.slot()));
    frame.postprocessed(started, System.nanoTime());
    return found;
  }

  /** Closes a batch that will not be answered; pictures not yet being decoded never are. */
  void abandon() {
    decoding.forEach(picture -> picture.cancel(false));
    close();
  }

  @Override
  public void close() {
    pictures.close();
    lease.close();
  }
}
