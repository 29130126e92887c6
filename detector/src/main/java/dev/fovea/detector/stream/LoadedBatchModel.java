package dev.fovea.detector.stream;

import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.DecodingSettings;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.DetectionDecoder;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ImagePlacement;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.UndecodableImageException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A loaded release in the pipeline's terms: keeps preprocessors (each used by one thread at a time)
 * and batch buffers, so that a steady stream allocates neither.
 */
final class LoadedBatchModel implements BatchModel {
  private final LoadedModel model;
  private final float servingThreshold;
  private final float uncertainMargin;
  private final DetectionDecoder decoder;

  /** Idle ones; guarded by {@code this}, as is {@code closed}. */
  private final Deque<Preprocessor> preprocessors = new ArrayDeque<>();

  private final Deque<ImageBatch> buffers = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param model closed with this
   * @param uncertainMargin how far below the serving threshold scores are looked at, only to say
   *     how uncertain a frame is; 0 = not at all
   */
  LoadedBatchModel(LoadedModel model, float uncertainMargin) {
    this.model = model;
    this.uncertainMargin = uncertainMargin;
    DecodingSettings decoding = model.manifest().decoding();
    this.servingThreshold = decoding.scoreThreshold();
    // Weaker boxes suppress none that is stronger, and come after all of them: the answer is the
    // same.
    this.decoder =
        model.newDecoder(
            decoding.withScoreThreshold(Math.max(0, servingThreshold - uncertainMargin)));
  }

  @Override
  public String name() {
    return model.manifest().name();
  }

  @Override
  public String version() {
    return model.manifest().version();
  }

  @Override
  public String engine() {
    return model.engineName();
  }

  @Override
  public int maxBatch() {
    return model.maxBatch();
  }

  @Override
  public Batch newBatch() {
    synchronized (this) {
      ImageBatch idle = buffers.poll();
      if (idle != null) {
        return new LoadedBatch(idle);
      }
    }
    return new LoadedBatch(model.newBatch());
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      preprocessors.forEach(Preprocessor::close);
      preprocessors.clear();
      buffers.clear();
    }
    model.close();
  }

  private Preprocessor borrow() {
    synchronized (this) {
      Preprocessor idle = preprocessors.poll();
      if (idle != null) {
        return idle;
      }
    }
    return model.newPreprocessor();
  }

  private synchronized void giveBack(Preprocessor preprocessor) {
    if (closed) {
      preprocessor.close();
    } else {
      preprocessors.push(preprocessor);
    }
  }

  private synchronized void giveBack(ImageBatch buffer) {
    buffers.push(buffer);
  }

  private final class LoadedBatch implements Batch {
    private final ImageBatch images;

    /** Where infer moved each slot's picture; slots without one in between take no engine time. */
    private final int[] rows;

    private @Nullable RawPredictions raw;
    private double uncertainty;

    LoadedBatch(ImageBatch images) {
      this.images = images;
      this.rows = new int[images.capacity()];
    }

    @Override
    public void read(int slot, ByteBuffer jpeg, int widthPx, int heightPx)
        throws UndecodableImageException {
      byte[] bytes = new byte[jpeg.remaining()];
      jpeg.duplicate().get(bytes);
      Preprocessor preprocessor = borrow();
      try {
        preprocessor.preprocess(bytes, images, slot);
      } finally {
        giveBack(preprocessor);
      }
      ImagePlacement placement = images.placement(slot);
      if (placement.frameWidthPx() != widthPx || placement.frameHeightPx() != heightPx) {
        throw new UndecodableImageException(
            "the picture is %dx%d, but its frame says %dx%d"
                .formatted(placement.frameWidthPx(), placement.frameHeightPx(), widthPx, heightPx));
      }
    }

    @Override
    public void infer(int[] slots) {
      for (int row = 0; row < slots.length; row++) {
        int slot = slots[row];
        rows[slot] = row;
        if (row != slot) {
          images.copyFrom(images, slot, row);
        }
      }
      images.setSize(slots.length);
      raw = model.infer(images);
    }

    @Override
    public List<Detected> detections(int slot) {
      RawPredictions predictions = raw;
      if (predictions == null) {
        throw new IllegalStateException("the model has not run on this batch");
      }
      List<Detected> found = decoder.decode(predictions, rows[slot], images.placement(rows[slot]));
      return uncertainMargin == 0 ? found : served(found);
    }

    /** Those above the serving threshold; the others only tell how uncertain the frame is. */
    private List<Detected> served(List<Detected> found) {
      int above = 0;
      double near = 0;
      for (Detected d : found) {
        near += Math.max(0, 1 - Math.abs(d.score() - servingThreshold) / uncertainMargin);
        above += d.score() > servingThreshold ? 1 : 0;
      }
      uncertainty = near;
      return found.subList(0, above);
    }

    @Override
    public double uncertainty(int slot) {
      return uncertainty;
    }

    @Override
    public void close() {
      raw = null;
      giveBack(images);
    }
  }
}
