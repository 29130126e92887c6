package dev.fovea.trainer.data;

import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ImagePlacement;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.trainer.TrainSettings;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * Pictures at the network's input size as bytes, (3, H, W) red, green, blue, kept in memory up to a
 * limit and decoded again beyond it. They are decoded and scaled by the detector's own {@link
 * Preprocessor}, so that the network learns on what it will be given. Any thread may ask; a picture
 * handed out must not be changed.
 */
public final class PictureStore implements AutoCloseable {
  private final TrainSettings.Input input;
  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final ConcurrentHashMap<Path, byte[]> kept = new ConcurrentHashMap<>();
  private final Preprocessor preprocessor;
  private final ImageBatch slot;

  public PictureStore(TrainSettings.Input input, int limitMegabytes) {
    this.input = input;
    this.limitBytes = limitMegabytes * 1_000_000L;
    this.preprocessor = new Preprocessor(bytesOnly(input), PictureLimits.DEFAULT);
    this.slot = new ImageBatch(1, input.widthPx(), input.heightPx());
  }

  /** A manifest under which a pre-processed value is byte / 255. */
  private static ModelManifest bytesOnly(TrainSettings.Input input) {
    return new ModelManifest(
        "training",
        "0",
        input.widthPx(),
        input.heightPx(),
        input.fit(),
        List.of(0f, 0f, 0f),
        List.of(1f, 1f, 1f),
        List.of("any"),
        TrainSettings.defaults().anchors(),
        0,
        0.5f,
        1,
        1,
        "0".repeat(64),
        Map.of(),
        Map.of());
  }

  /**
   * A picture's bytes, (3, H, W).
   *
   * @throws DatasetException if the file is no picture or not of the size the data set says
   */
  public byte[] get(LabelledPicture picture) {
    byte[] known = kept.get(picture.file());
    if (known != null) {
      return known;
    }
    byte[] planes = decode(picture);
    if (usedBytes.get() + planes.length <= limitBytes) {
      usedBytes.addAndGet(planes.length);
      kept.put(picture.file(), planes);
    }
    return planes;
  }

  private byte[] decode(LabelledPicture picture) {
    try {
      return toBytes(picture, jpeg(picture));
    } catch (IOException e) {
      throw new DatasetException(
          picture.file(), "image " + picture.id() + " cannot be read: " + e, e);
    } catch (UndecodableImageException e) {
      throw new DatasetException(
          picture.file(), "image " + picture.id() + ": " + e.getMessage(), e);
    }
  }

  /** One picture at a time: the decoder's state is shared. */
  private synchronized byte[] toBytes(LabelledPicture picture, byte[] jpeg)
      throws UndecodableImageException {
    preprocessor.preprocess(jpeg, slot, 0);
    ImagePlacement placement = slot.placement(0);
    if (placement.frameWidthPx() != picture.widthPx()
        || placement.frameHeightPx() != picture.heightPx()) {
      throw new UndecodableImageException(
          "is %dx%d, the data set says %dx%d"
              .formatted(
                  placement.frameWidthPx(),
                  placement.frameHeightPx(),
                  picture.widthPx(),
                  picture.heightPx()));
    }
    FloatBuffer values = slot.slot(0);
    byte[] planes = new byte[3 * input.widthPx() * input.heightPx()];
    for (int i = 0; i < planes.length; i++) {
      planes[i] = (byte) Math.round(values.get(i) * 255);
    }
    fillUncovered(planes, placement);
    return planes;
  }

  /** When serving, what a letterboxed picture does not cover is 0 after normalisation: the mean. */
  private void fillUncovered(byte[] planes, ImagePlacement placement) {
    int width = input.widthPx();
    int plane = width * input.heightPx();
    for (int c = 0; c < 3; c++) {
      byte mean = (byte) Math.round(255 * input.mean().get(c));
      for (int row = 0; row < input.heightPx(); row++) {
        int start = row < placement.placedHeightPx() ? placement.placedWidthPx() : 0;
        int at = c * plane + row * width;
        Arrays.fill(planes, at + start, at + width, mean);
      }
    }
  }

  /** The file's own bytes if it is a JPEG; anything else that Java reads becomes one. */
  private static byte[] jpeg(LabelledPicture picture) throws IOException {
    byte[] bytes = Files.readAllBytes(picture.file());
    if (bytes.length > 2 && (bytes[0] & 0xff) == 0xff && (bytes[1] & 0xff) == 0xd8) {
      return bytes;
    }
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(bytes));
    if (image == null) {
      throw new IOException("it is not a picture");
    }
    return encode(opaque(image));
  }

  private static BufferedImage opaque(BufferedImage image) {
    BufferedImage rgb =
        new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = rgb.createGraphics();
    g.drawImage(image, 0, 0, Color.BLACK, null);
    g.dispose();
    return rgb;
  }

  private static byte[] encode(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(0.95f);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    preprocessor.close();
  }
}
