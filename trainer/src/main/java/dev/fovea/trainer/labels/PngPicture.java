package dev.fovea.trainer.labels;

import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.trainer.data.JpegFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * PNG to JPEG. Before anything is decoded the chunks are walked (PNG specification, section 5):
 * size and length are held against the limits, and only the chunks that hold the picture are kept,
 * since compressed texts and profiles of a few bytes unfold to gigabytes.
 */
final class PngPicture {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final Set<String> PICTURE_CHUNKS = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

  /** Length, type and check sum, bytes. */
  private static final int CHUNK_FRAME = 12;

  private static final int HEADER_LENGTH = 13;
  private static final float JPEG_QUALITY = 0.95f;

  private PngPicture() {}

  static boolean isPng(byte[] bytes) {
    return bytes.length >= SIGNATURE.length
        && Arrays.equals(bytes, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
  }

  /**
   * Decodes and encodes again. What is transparent becomes black.
   *
   * @throws UndecodableImageException naming the rule that is broken
   */
  static byte[] toJpeg(byte[] png, PictureLimits limits) throws UndecodableImageException {
    byte[] pictureOnly = pictureChunks(png, limits);
    try {
      return JpegFile.of(decode(pictureOnly), JPEG_QUALITY);
    } catch (IOException | RuntimeException e) {
      // The JDK's reader answers some damage with an unchecked exception.
      throw new UndecodableImageException("the PNG's picture data is damaged: " + e.getMessage());
    }
  }

  private static byte[] pictureChunks(byte[] png, PictureLimits limits)
      throws UndecodableImageException {
    if (png.length > limits.maxBytes()) {
      throw new UndecodableImageException(
          "the picture has %d bytes, more than the %d allowed"
              .formatted(png.length, limits.maxBytes()));
    }
    ByteBuffer in = ByteBuffer.wrap(png).position(SIGNATURE.length);
    ByteArrayOutputStream kept = new ByteArrayOutputStream(png.length);
    kept.write(png, 0, SIGNATURE.length);
    boolean first = true;
    String type = "";
    while (!type.equals("IEND")) {
      int start = in.position();
      int length = in.remaining() < CHUNK_FRAME ? -1 : in.getInt();
      if (length < 0 || length > in.remaining() - (CHUNK_FRAME - Integer.BYTES)) {
        throw new UndecodableImageException(
            "the PNG is truncated: it ends before its end chunk (IEND)");
      }
      type = new String(png, start + Integer.BYTES, Integer.BYTES, StandardCharsets.ISO_8859_1);
      if (first) {
        requireHeader(png, start, type, length, limits);
        first = false;
      }
      if (PICTURE_CHUNKS.contains(type)) {
        kept.write(png, start, length + CHUNK_FRAME);
      }
      in.position(start + length + CHUNK_FRAME);
    }
    return kept.toByteArray();
  }

  private static void requireHeader(
      byte[] png, int start, String type, int length, PictureLimits limits)
      throws UndecodableImageException {
    if (!type.equals("IHDR") || length != HEADER_LENGTH) {
      throw new UndecodableImageException("the PNG does not begin with its header (IHDR)");
    }
    ByteBuffer header = ByteBuffer.wrap(png).position(start + 2 * Integer.BYTES);
    int widthPx = header.getInt();
    int heightPx = header.getInt();
    if (widthPx <= 0 || heightPx <= 0) {
      throw new UndecodableImageException(
          "the PNG's size is %dx%d pixels".formatted(widthPx, heightPx));
    }
    if ((long) widthPx * heightPx > limits.maxPixels()) {
      throw new UndecodableImageException(
          "the PNG says %dx%d pixels, more than the %d allowed"
              .formatted(widthPx, heightPx, limits.maxPixels()));
    }
  }

  private static BufferedImage decode(byte[] png) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName("png").next();
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(png))) {
      reader.setInput(in, true, true);
      return reader.read(0);
    } finally {
      reader.dispose();
    }
  }
}
