package dev.fovea.detector.stream;

import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.UndecodableImageException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A model that is ready to serve, as the pipeline sees it. The pipeline closes it after its last
 * batch.
 */
public interface BatchModel extends AutoCloseable {

  /** The model's name, as its manifest spells it. */
  String name();

  /** The release's version, as its manifest spells it. */
  String version();

  /** Engine and device, such as {@code onnxruntime:cpu}. */
  String engine();

  /** Most pictures in a batch. */
  int maxBatch();

  /** An empty batch. The caller closes it, before it closes the model. */
  Batch newBatch();

  @Override
  void close();

  /** The pictures of one batch and, once {@link #infer} has run, what was found in them. */
  interface Batch extends AutoCloseable {

    /**
     * Reads a picture into a slot. Called from several threads at once, for different slots.
     *
     * @param slot from 0, below {@link BatchModel#maxBatch()}
     * @param jpeg the encoded picture; its position is left where it is
     * @param widthPx width that the frame says the picture has; boxes are in its pixels
     * @param heightPx height that the frame says the picture has
     * @throws UndecodableImageException if it is no picture, or not the one that the frame
     *     describes
     */
    void read(int slot, ByteBuffer jpeg, int widthPx, int heightPx)
        throws UndecodableImageException;

    /**
     * Runs the model. One thread at a time for all batches of a model.
     *
     * @param slots the slots that were read, ascending, at least one
     */
    void infer(int[] slots);

    /**
     * What was found in the picture of a slot, best score first. Only between {@link #infer} and
     * the model's next one, on the same thread.
     */
    List<Detected> detections(int slot);

    /**
     * How many scores in the picture of a slot are near the serving threshold, above or below: each
     * counts from 1, at it, to 0, from the margin on that label candidates are mined with; 0 where
     * none are mined. After {@link #detections} of that slot, before the next one's.
     */
    default double uncertainty(int slot) {
      return 0;
    }

    @Override
    void close();
  }
}
