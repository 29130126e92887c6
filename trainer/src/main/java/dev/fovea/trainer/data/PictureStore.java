package dev.fovea.trainer.data;

import dev.fovea.detector.model.ImagePlacement;
import dev.fovea.detector.model.JpegDecoder;
import dev.fovea.detector.model.JpegHeader;
import dev.fovea.detector.model.PictureLimits;
import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.trainer.data.PicturePyramid.Level;
import dev.fovea.trainer.settings.AugmentationSettings;
import dev.fovea.trainer.settings.InputSettings;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.ImageIO;

/**
 * Pictures as bytes, red, green, blue, at the network's input size and at the sizes that
 * augmentation wants, kept in memory up to a limit and decoded again beyond it. They are decoded
 * and scaled by the detector's own {@link JpegDecoder}, so that the network learns on what it will
 * be given. Any thread may ask; a picture handed out must not be changed.
 */
public final class PictureStore implements AutoCloseable {
  /** A level that is larger than the next by less is not worth its memory. */
  private static final double WORTH_KEEPING = 1.1;

  private final InputSettings input;
  private final double smallestScale;
  private final double largestScale;
  private final long limitBytes;
  private final AtomicLong usedBytes = new AtomicLong();
  private final ConcurrentHashMap<Path, byte[]> served = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Path, PicturePyramid> pyramids = new ConcurrentHashMap<>();
  private final JpegDecoder decoder = new JpegDecoder(PictureLimits.DEFAULT);

  /**
   * @param augmentation says how much larger and smaller pictures will be shown
   */
  public PictureStore(InputSettings input, AugmentationSettings augmentation, int limitMegabytes) {
    this.input = input;
    this.smallestScale = augmentation.scaleMin() * Collections.min(input.multiScale());
    this.largestScale = augmentation.scaleMax() * Collections.max(input.multiScale());
    this.limitBytes = limitMegabytes * 1_000_000L;
  }

  /**
   * A picture as the network is given it when serving, (3, H, W).
   *
   * @throws DatasetException if the file is no picture or not of the size the data set says
   */
  public byte[] get(LabelledPicture picture) {
    byte[] known = served.get(picture.file());
    if (known != null) {
      return known;
    }
    byte[] planes = framed(decode(picture, List.of(1.0)).get(0));
    if (reserve(planes.length)) {
      served.put(picture.file(), planes);
    }
    return planes;
  }

  /**
   * A picture at the sizes that augmentation will show it at.
   *
   * @throws DatasetException as {@link #get}
   */
  PicturePyramid pyramid(LabelledPicture picture) {
    PicturePyramid known = pyramids.get(picture.file());
    if (known != null) {
      return known;
    }
    List<Level> levels = new ArrayList<>(decode(picture, zooms(picture)));
    for (double scale = 0.5; scale > smallestScale; scale /= 2) {
      levels.add(levels.get(levels.size() - 1).half());
    }
    PicturePyramid pyramid = new PicturePyramid(levels);
    if (reserve(pyramid.bytes())) {
      pyramids.put(picture.file(), pyramid);
    }
    return pyramid;
  }

  private boolean reserve(long bytes) {
    if (usedBytes.addAndGet(bytes) <= limitBytes) {
      return true;
    }
    usedBytes.addAndGet(-bytes);
    return false;
  }

  /** Sizes to decode a picture at, largest first: the input's, and by doubling up to its own. */
  private List<Double> zooms(LabelledPicture picture) {
    ImagePlacement placement = InputFit.of(picture, input).placement();
    double own = Math.max(placement.frameScaleX(), placement.frameScaleY());
    double largest = Math.min(largestScale, own);
    List<Double> zooms = new ArrayList<>(List.of(1.0));
    while (largest / zooms.get(0) > WORTH_KEEPING) {
      zooms.add(0, Math.min(2 * zooms.get(0), largest));
    }
    return zooms;
  }

  private List<Level> decode(LabelledPicture picture, List<Double> zooms) {
    try {
      return decode(picture, jpeg(picture), zooms);
    } catch (IOException e) {
      throw new DatasetException(
          picture.file(), "image " + picture.id() + " cannot be read: " + e, e);
    } catch (UndecodableImageException e) {
      throw new DatasetException(
          picture.file(), "image " + picture.id() + ": " + e.getMessage(), e);
    }
  }

  /** One picture at a time: the decoder's state is shared, and native. */
  private synchronized List<Level> decode(LabelledPicture picture, byte[] jpeg, List<Double> zooms)
      throws UndecodableImageException {
    JpegHeader header = JpegHeader.parse(jpeg, PictureLimits.DEFAULT);
    if (header.widthPx() != picture.widthPx() || header.heightPx() != picture.heightPx()) {
      throw new UndecodableImageException(
          "is %dx%d, the data set says %dx%d"
              .formatted(
                  header.widthPx(), header.heightPx(), picture.widthPx(), picture.heightPx()));
    }
    ImagePlacement placement = InputFit.of(picture, input).placement();
    List<Level> levels = new ArrayList<>();
    for (double zoom : zooms) {
      int width = (int) Math.round(placement.placedWidthPx() * zoom);
      int height = (int) Math.round(placement.placedHeightPx() * zoom);
      levels.add(
          new Level(
              (double) width / placement.placedWidthPx(),
              (double) height / placement.placedHeightPx(),
              width,
              height,
              planes(decoder.decode(jpeg, header, width, height), width, height)));
    }
    return levels;
  }

  private static byte[] planes(JpegDecoder.RgbPlanes decoded, int width, int height) {
    byte[] planes = new byte[3 * width * height];
    for (int c = 0; c < 3; c++) {
      ByteBuffer channel = decoded.channel(c);
      for (int row = 0; row < height; row++) {
        channel.get(row * decoded.channelStride(c), planes, (c * height + row) * width, width);
      }
    }
    return planes;
  }

  /**
   * The level of the input's size in the whole input. When serving, what a letterboxed picture does
   * not cover is 0 after normalisation: the mean.
   */
  private byte[] framed(Level level) {
    int width = input.widthPx();
    int height = input.heightPx();
    if (level.widthPx() == width && level.heightPx() == height) {
      return level.planes();
    }
    byte[] planes = new byte[3 * width * height];
    for (int c = 0; c < 3; c++) {
      byte mean = (byte) Math.round(255 * input.mean().get(c));
      Arrays.fill(planes, c * width * height, (c + 1) * width * height, mean);
      for (int row = 0; row < level.heightPx(); row++) {
        int from = (c * level.heightPx() + row) * level.widthPx();
        System.arraycopy(level.planes(), from, planes, (c * height + row) * width, level.widthPx());
      }
    }
    return planes;
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
    return JpegFile.of(image, 0.95f);
  }

  @Override
  public synchronized void close() {
    decoder.close();
  }
}
