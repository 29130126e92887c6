package dev.fovea.ingest.street;

import dev.fovea.schema.avro.LabelledBox;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * A COCO data set of synthetic streets: {@code annotations.json}, and in {@code images/} the
 * pictures 000001.jpg and so on. Every image is another street at another time, so that two data
 * sets with different seeds share none and may be used to train and to test.
 *
 * @param seed which data set
 * @param count images, 1 to 1 000 000
 * @param light at what hours the pictures are taken
 * @param workers threads that draw, 1 to 64; the files don't depend on it
 */
public record StreetDataset(long seed, int count, DatasetLight light, int workers) {
  /** Sub-folder of the pictures, which the annotations' file names are relative to. */
  public static final String IMAGES = "images";

  private static final float QUALITY = 0.9f;

  /** Told after each image; calls come from one thread at a time. */
  @FunctionalInterface
  public interface Progress {
    void report(long done, long total);
  }

  public StreetDataset {
    if (count < 1 || count > 1_000_000) {
      throw new IllegalArgumentException("count " + count + ": must be 1 to 1000000");
    }
    if (workers < 1 || workers > 64) {
      throw new IllegalArgumentException("workers " + workers + ": must be 1 to 64");
    }
  }

  /** Pictures of all hours. */
  public StreetDataset(long seed, int count, int workers) {
    this(seed, count, DatasetLight.MIXED, workers);
  }

  /** The scene of image {@code index}, from 0; the image is its frame 0. */
  StreetScene scene(int index) {
    Dice dice = Dice.of(seed, 0x5EED, index);
    StreetSettings street = StreetSettings.of(dice.next()).withDensity(dice.between(0.6, 1.5));
    return new StreetScene(
        switch (light) {
          case DAY -> street.withDaylight(Daylight.fixed(StreetSettings.dayHour(dice)));
          case NIGHT -> street.withDaylight(Daylight.fixed(StreetSettings.nightHour(dice)));
          case MIXED -> street;
        });
  }

  static String fileName(int index) {
    return String.format(Locale.ROOT, "%06d.jpg", index + 1);
  }

  /**
   * Draws and writes it.
   *
   * @param folder absent or empty
   */
  public void write(Path folder, Progress progress) throws IOException, InterruptedException {
    requireEmpty(folder);
    Files.createDirectories(folder.resolve(IMAGES));
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    try (Writer json = Files.newBufferedWriter(folder.resolve("annotations.json"))) {
      List<Future<List<LabelledBox>>> pictures = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int index = i;
        pictures.add(pool.submit(() -> writePicture(folder, index)));
      }
      CocoWriter coco = new CocoWriter(json);
      for (int i = 0; i < count; i++) {
        StreetSettings settings = StreetSettings.of(0);
        coco.image(fileName(i), settings.widthPx(), settings.heightPx(), await(pictures.get(i)));
        progress.report(i + 1L, count);
      }
      coco.finish();
    } finally {
      pool.shutdownNow();
    }
  }

  private static void requireEmpty(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      if (entries.findAny().isPresent()) {
        throw new IOException("folder " + folder + ": must be absent or empty");
      }
    }
  }

  private static List<LabelledBox> await(Future<List<LabelledBox>> picture)
      throws IOException, InterruptedException {
    try {
      return picture.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException("drawing a street failed", failed.getCause());
    }
  }

  private List<LabelledBox> writePicture(Path folder, int index) throws IOException {
    StreetScene scene = scene(index);
    writeJpeg(scene.render(0), folder.resolve(IMAGES).resolve(fileName(index)));
    return scene.truth(0);
  }

  private static void writeJpeg(BufferedImage picture, Path file) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file.toFile())) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), param);
    } finally {
      writer.dispose();
    }
  }
}
