package dev.fovea.detector.model;

/**
 * JPEG bytes to model input: header checked, decoded, scaled and normalised into a slot of a batch.
 *
 * <p>Holds native memory and decoder state: belongs to one thread at a time, which closes it.
 */
public final class Preprocessor implements AutoCloseable {
  public Preprocessor(ModelManifest manifest, PictureLimits limits) {}

  /**
   * Fills a slot and its placement. A slot whose picture was refused holds anything.
   *
   * @throws UndecodableImageException saying in one sentence why the picture cannot be used
   */
  public void preprocess(byte[] jpeg, ImageBatch batch, int slot) throws UndecodableImageException {
    if (jpeg.length == 0) {
      throw new UndecodableImageException("the picture is empty");
    }
    throw new UnsupportedOperationException("not merged yet");
  }

  @Override
  public void close() {}
}
