package dev.fovea.detector.model;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.function.IntBinaryOperator;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Pictures for tests, written by the JDK's own encoders: another code base than the decoder's. */
public final class Pictures {
  private Pictures() {}

  /** A picture of which a function of x and y gives each pixel as 0xRRGGBB. */
  public static BufferedImage rgb(int width, int height, IntBinaryOperator pixel) {
    return picture(width, height, BufferedImage.TYPE_INT_RGB, pixel);
  }

  /** A grey picture. */
  public static BufferedImage grey(int width, int height, IntBinaryOperator level) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.getRaster().setSample(x, y, 0, level.applyAsInt(x, y));
      }
    }
    return picture;
  }

  private static BufferedImage picture(int width, int height, int type, IntBinaryOperator pixel) {
    BufferedImage picture = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, pixel.applyAsInt(x, y));
      }
    }
    return picture;
  }

  /** Smooth colours with a few hard-edged boxes: what a street camera might give. */
  public static BufferedImage street(int width, int height) {
    return rgb(
        width,
        height,
        (x, y) -> {
          int red = 90 + 80 * x / width;
          int green = 110 + 60 * y / height;
          int blue = 130 - 50 * x / width;
          if (x / 40 % 4 == 1 && y / 30 % 3 == 1) {
            red = 200;
            green = 40;
          }
          return red << 16 | green << 8 | blue;
        });
  }

  /** Baseline JPEG; the JDK subsamples colour 4:2:0. */
  public static byte[] jpeg(BufferedImage picture, float quality) {
    return jpeg(picture, quality, false, 2, 2);
  }

  /** Progressive JPEG, 4:2:0. */
  public static byte[] progressiveJpeg(BufferedImage picture, float quality) {
    return jpeg(picture, quality, true, 2, 2);
  }

  /**
   * A JPEG whose luma is sampled {@code h} times across and {@code v} times down for each colour
   * sample: 1, 1 is 4:4:4; 2, 1 is 4:2:2; 2, 2 is 4:2:0.
   */
  public static byte[] jpeg(
      BufferedImage picture, float quality, boolean progressive, int h, int v) {
    ImageTypeSpecifier type = ImageTypeSpecifier.createFromRenderedImage(picture);
    Iterator<ImageWriter> writers = ImageIO.getImageWriters(type, "jpeg");
    ImageWriter writer = writers.next();
    ImageWriteParam how = writer.getDefaultWriteParam();
    how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    how.setCompressionQuality(quality);
    how.setProgressiveMode(
        progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      IIOMetadata metadata = writer.getDefaultImageMetadata(type, how);
      setSampling(metadata, h, v);
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, metadata), how);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static void setSampling(IIOMetadata metadata, int h, int v)
      throws IIOInvalidTreeException {
    String format = metadata.getNativeMetadataFormatName();
    IIOMetadataNode tree = (IIOMetadataNode) metadata.getAsTree(format);
    IIOMetadataNode luma = (IIOMetadataNode) tree.getElementsByTagName("componentSpec").item(0);
    if (tree.getElementsByTagName("componentSpec").getLength() == 3) {
      luma.setAttribute("HsamplingFactor", String.valueOf(h));
      luma.setAttribute("VsamplingFactor", String.valueOf(v));
      metadata.setFromTree(format, tree);
    }
  }

  /** Packed RGB bytes as the JDK's own decoder reads a picture. */
  public static byte[] rgbByTheJdk(byte[] picture) {
    try {
      BufferedImage read = ImageIO.read(new ByteArrayInputStream(picture));
      byte[] rgb = new byte[3 * read.getWidth() * read.getHeight()];
      int at = 0;
      for (int y = 0; y < read.getHeight(); y++) {
        for (int x = 0; x < read.getWidth(); x++) {
          if (read.getRaster().getNumBands() == 1) {
            // Not getRGB, which applies a gamma to grey pictures.
            int level = read.getRaster().getSample(x, y, 0);
            rgb[at++] = (byte) level;
            rgb[at++] = (byte) level;
            rgb[at++] = (byte) level;
          } else {
            int pixel = read.getRGB(x, y);
            rgb[at++] = (byte) (pixel >> 16);
            rgb[at++] = (byte) (pixel >> 8);
            rgb[at++] = (byte) pixel;
          }
        }
      }
      return rgb;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Any format that ImageIO writes. */
  public static byte[] encoded(BufferedImage picture, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(picture, format, bytes)) {
        throw new IllegalArgumentException("no writer of " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
