package dev.fovea.standalone;

import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.detector.stream.BatchModel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A model for tests of delivery: a picture is a number in text, what is found in it is one box that
 * says the number, and a picture takes a given time on the engine.
 */
final class ScriptedModel implements BatchModel {
  private static final int MAX_BATCH = 8;

  private final String version;
  private final long millisPerPicture;

  ScriptedModel(String version, long millisPerPicture) {
    this.version = version;
    this.millisPerPicture = millisPerPicture;
  }

  /** The picture of a frame, by its number. */
  static byte[] picture(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String name() {
    return "scripted";
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public String engine() {
    return "test:none";
  }

  @Override
  public int maxBatch() {
    return MAX_BATCH;
  }

  @Override
  public Batch newBatch() {
    return new ScriptedBatch();
  }

  @Override
  public void close() {}

  private final class ScriptedBatch implements Batch {
    private final long[] numbers = new long[MAX_BATCH];

    @Override
    public void read(int slot, ByteBuffer jpeg, int widthPx, int heightPx)
        throws UndecodableImageException {
      try {
        numbers[slot] =
            Long.parseLong(StandardCharsets.US_ASCII.decode(jpeg.duplicate()).toString());
      } catch (NumberFormatException e) {
        throw new UndecodableImageException("not a number");
      }
    }

    @Override
    public void infer(int[] slots) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millisPerPicture) * slots.length;
      for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
      }
    }

    @Override
    public List<Detected> detections(int slot) {
      return List.of(new Detected(0, "number", 1, numbers[slot], 0, numbers[slot] + 1, 1));
    }

    @Override
    public void close() {}
  }
}
