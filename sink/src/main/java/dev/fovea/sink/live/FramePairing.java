package dev.fovea.sink.live;

import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.LabelledBox;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings each picture together with its own answer by (camera, capture time), whichever comes
 * first.
 *
 * <p>Memory is bounded. Answers come in frame order per camera, so an answer releases every older
 * picture that still waits. When the pictures waiting exceed the bound, the camera that holds most
 * loses every second one: the buffer then reaches twice as far back, and a detector that is behind
 * still gets pictures shown, at a lower rate. What is given up is counted.
 *
 * <p>Not thread-safe: owned by the thread of {@link LiveFeed}.
 */
final class FramePairing {
  /** Answers kept for pictures that have not arrived yet, per camera; some hundred bytes each. */
  private static final int MAX_WAITING_ANSWERS = 256;

  private final long maxWaitingBytes;
  private final Map<String, Waiting> cameras = new HashMap<>();
  private long waitingBytes;
  private long evicted;

  /** What an object of a frame's truth takes, about. */
  private static final int TRUTH_BYTES = 64;

  /** A frame without its answer. */
  private static final class Picture {
    private final byte[] jpeg;
    private final @Nullable List<LabelledBox> truth;

    Picture(byte[] jpeg, @Nullable List<LabelledBox> truth) {
      this.jpeg = jpeg;
      this.truth = truth;
    }

    long bytes() {
      return jpeg.length + (truth == null ? 0L : (long) TRUTH_BYTES * truth.size());
    }

    PairedFrame with(Detections answer) {
      return new PairedFrame(answer, jpeg, truth);
    }
  }

  /** What waits for its other half, by capture time. */
  private static final class Waiting {
    final TreeMap<Long, Picture> pictures = new TreeMap<>();
    final TreeMap<Long, Detections> answers = new TreeMap<>();
    long bytes;
  }

  FramePairing(long maxWaitingBytes) {
    this.maxWaitingBytes = maxWaitingBytes;
  }

  /** Takes a picture; returns the pair if its answer was already here. */
  Optional<PairedFrame> picture(Frame frame) {
    Waiting waiting = waitingOf(frame.getCameraId());
    Picture picture = new Picture(bytes(frame.getImage()), frame.getTruth());
    Detections answer = waiting.answers.remove(frame.getCaptureTimeMicros());
    if (answer != null) {
      forgetUpTo(waiting, frame.getCaptureTimeMicros());
      return Optional.of(picture.with(answer));
    }
    Picture before = waiting.pictures.put(frame.getCaptureTimeMicros(), picture);
    account(waiting, picture.bytes() - (before == null ? 0 : before.bytes()));
    keepWithinBounds();
    return Optional.empty();
  }

  /** Takes an answer; returns the pair if its picture was already here. */
  Optional<PairedFrame> answer(Detections answer) {
    Waiting waiting = waitingOf(answer.getCameraId());
    Picture picture = waiting.pictures.remove(answer.getCaptureTimeMicros());
    if (picture != null) {
      account(waiting, -picture.bytes());
      forgetUpTo(waiting, answer.getCaptureTimeMicros());
      return Optional.of(picture.with(answer));
    }
    waiting.answers.put(answer.getCaptureTimeMicros(), answer);
    if (waiting.answers.size() > MAX_WAITING_ANSWERS) {
      waiting.answers.pollFirstEntry();
    }
    return Optional.empty();
  }

  void forget(String cameraId) {
    Waiting gone = cameras.remove(cameraId);
    if (gone != null) {
      waitingBytes -= gone.bytes;
    }
  }

  /** Pictures given up to stay within bounds, since the start. */
  long evicted() {
    return evicted;
  }

  long waitingBytes() {
    return waitingBytes;
  }

  private Waiting waitingOf(String cameraId) {
    return cameras.computeIfAbsent(cameraId, id -> new Waiting());
  }

  private void account(Waiting waiting, long bytes) {
    waiting.bytes += bytes;
    waitingBytes += bytes;
  }

  /** Older halves can no longer meet: both topics hold a camera's records in capture order. */
  private void forgetUpTo(Waiting waiting, long captureTimeMicros) {
    Iterator<Picture> older = waiting.pictures.headMap(captureTimeMicros, true).values().iterator();
    while (older.hasNext()) {
      account(waiting, -older.next().bytes());
      older.remove();
    }
    waiting.answers.headMap(captureTimeMicros, true).clear();
  }

  private void keepWithinBounds() {
    while (waitingBytes > maxWaitingBytes) {
      thin(
          cameras.values().stream()
              .max(Comparator.comparingLong(waiting -> waiting.bytes))
              .orElseThrow());
    }
  }

  /** Gives up every second picture, the oldest first. */
  private void thin(Waiting waiting) {
    boolean giveUp = true;
    Iterator<Picture> pictures = waiting.pictures.values().iterator();
    while (pictures.hasNext()) {
      Picture picture = pictures.next();
      if (giveUp) {
        pictures.remove();
        account(waiting, -picture.bytes());
        evicted++;
      }
      giveUp = !giveUp;
    }
  }

  private static byte[] bytes(ByteBuffer image) {
    if (image.hasArray() && image.arrayOffset() == 0 && image.array().length == image.remaining()) {
      return image.array(); // decoded into a buffer of its own: no copy needed
    }
    byte[] bytes = new byte[image.remaining()];
    image.duplicate().get(bytes);
    return bytes;
  }
}
