package dev.fovea.detector.model;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * JPEG bytes to model input: header checked, decoded, scaled and normalised into a slot of a batch.
 *
 * <p>Holds native memory and decoder state: belongs to one thread at a time, which closes it.
 */
public final class Preprocessor implements AutoCloseable {
  private static final int CHANNELS = 3;

  private final ModelManifest manifest;
  private final PictureLimits limits;
  private final JpegDecoder decoder;

  /** Input value of every byte, per channel. */
  private final float[][] normalised = new float[CHANNELS][256];

  private final byte[] rowBytes;
  private final float[] rowFloats;
  private final float[] emptyRow;

  public Preprocessor(ModelManifest manifest, PictureLimits limits) {
    this.manifest = manifest;
    this.limits = limits;
    this.decoder = new JpegDecoder(limits);
    this.rowBytes = new byte[manifest.inputWidthPx()];
    this.rowFloats = new float[manifest.inputWidthPx()];
    this.emptyRow = new float[manifest.inputWidthPx()];
    for (int channel = 0; channel < CHANNELS; channel++) {
      float mean = manifest.mean().get(channel);
      float scale = manifest.scale().get(channel);
      for (int value = 0; value < 256; value++) {
        normalised[channel][value] = (value / 255f - mean) / scale;
      }
    }
  }

  /**
   * Fills a slot and its placement. A slot whose picture was refused holds anything.
   *
   * @throws UndecodableImageException saying in one sentence why the picture cannot be used
   */
  public void preprocess(byte[] jpeg, ImageBatch batch, int slot) throws UndecodableImageException {
    if (batch.widthPx() != manifest.inputWidthPx()
        || batch.heightPx() != manifest.inputHeightPx()) {
      throw new IllegalArgumentException(
          "the batch is for %dx%d, the model for %dx%d"
              .formatted(
                  batch.widthPx(),
                  batch.heightPx(),
                  manifest.inputWidthPx(),
                  manifest.inputHeightPx()));
    }
    JpegHeader header = JpegHeader.parse(jpeg, limits);
    ImagePlacement placement =
        ImagePlacement.of(
            manifest.fit(), header.widthPx(), header.heightPx(), batch.widthPx(), batch.heightPx());
    JpegDecoder.RgbPlanes picture =
        decoder.decode(jpeg, header, placement.placedWidthPx(), placement.placedHeightPx());
    FloatBuffer input = batch.slot(slot);
    for (int channel = 0; channel < CHANNELS; channel++) {
      normalise(picture, channel, placement, input, channel * batch.widthPx() * batch.heightPx());
    }
    batch.setPlacement(slot, placement);
  }

  private void normalise(
      JpegDecoder.RgbPlanes picture,
      int channel,
      ImagePlacement placement,
      FloatBuffer input,
      int at) {
    ByteBuffer plane = picture.channel(channel);
    int stride = picture.channelStride(channel);
    float[] valueOf = normalised[channel];
    int inputWidth = manifest.inputWidthPx();
    int width = placement.placedWidthPx();
    for (int row = 0; row < placement.placedHeightPx(); row++) {
      plane.get(row * stride, rowBytes, 0, width);
      for (int column = 0; column < width; column++) {
        rowFloats[column] = valueOf[rowBytes[column] & 0xFF];
      }
      input.put(at + row * inputWidth, rowFloats, 0, width);
      input.put(at + row * inputWidth + width, emptyRow, 0, inputWidth - width);
    }
    for (int row = placement.placedHeightPx(); row < manifest.inputHeightPx(); row++) {
      input.put(at + row * inputWidth, emptyRow, 0, inputWidth);
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}
