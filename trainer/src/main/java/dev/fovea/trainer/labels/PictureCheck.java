package dev.fovea.trainer.labels;

import dev.fovea.detector.model.JpegDecoder;
import dev.fovea.detector.model.JpegHeader;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.UndecodableImageException;
import java.nio.ByteBuffer;

/**
 * Decodes pictures, each to its end, by the detector's own decoder; a PNG becomes a JPEG first,
 * which is what training and detectors read. One thread, which closes it.
 */
final class PictureCheck implements AutoCloseable {
  private final PictureLimits limits;
  private final JpegDecoder decoder;

  PictureCheck(PictureLimits limits) {
    this.limits = limits;
    this.decoder = new JpegDecoder(limits);
  }

  /**
   * The picture in {@code bytes}.
   *
   * @throws UndecodableImageException saying in one sentence why it cannot be used
   */
  CheckedPicture check(byte[] bytes) throws UndecodableImageException {
    byte[] jpeg = PngPicture.isPng(bytes) ? PngPicture.toJpeg(bytes, limits) : bytes;
    JpegHeader header = JpegHeader.parse(jpeg, limits);
    byte[] rgb = new byte[DifferenceHash.WIDTH_PX * DifferenceHash.HEIGHT_PX * 3];
    decoder.decode(jpeg, DifferenceHash.WIDTH_PX, DifferenceHash.HEIGHT_PX, rgb);
    ByteBuffer stored = ByteBuffer.wrap(jpeg).asReadOnlyBuffer();
    return new CheckedPicture(
        stored, Sha256.of(stored), header.widthPx(), header.heightPx(), DifferenceHash.of(rgb));
  }

  @Override
  public void close() {
    decoder.close();
  }
}
