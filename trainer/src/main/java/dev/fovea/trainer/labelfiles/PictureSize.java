package dev.fovea.trainer.labelfiles;

import dev.fovea.detector.model.JpegHeader;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.UndecodableImageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A picture's size by its header; the rest is not looked at.
 *
 * @param widthPx above 0
 * @param heightPx above 0
 */
record PictureSize(int widthPx, int heightPx) {
  private static final long PNG_SIGNATURE = 0x89504E470D0A1A0AL;
  private static final int PNG_HEADER_BYTES = 24;
  private static final int PNG_SIZE_AT = 16;

  /**
   * Reads a JPEG's or PNG's header.
   *
   * @throws LabelFileException if it is neither, or is too large
   */
  static PictureSize of(Path picture) {
    try {
      if (Files.size(picture) > PictureLimits.DEFAULT.maxBytes()) {
        throw new LabelFileException(
            picture, "is larger than " + PictureLimits.DEFAULT.maxBytes() + " bytes");
      }
      byte[] bytes = Files.readAllBytes(picture);
      ByteBuffer start = ByteBuffer.wrap(bytes);
      if (bytes.length >= PNG_HEADER_BYTES && start.getLong(0) == PNG_SIGNATURE) {
        return new PictureSize(start.getInt(PNG_SIZE_AT), start.getInt(PNG_SIZE_AT + 4));
      }
      JpegHeader header = JpegHeader.parse(bytes, PictureLimits.DEFAULT);
      return new PictureSize(header.widthPx(), header.heightPx());
    } catch (UndecodableImageException e) {
      throw new LabelFileException(picture, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new LabelFileException(picture, "cannot be read: " + e, e);
    }
  }
}
