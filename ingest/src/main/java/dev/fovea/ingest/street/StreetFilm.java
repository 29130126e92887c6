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
 * Takes of streets as COCO: {@code annotations.json}, and in {@code images/} the pictures
 * 000001.jpg and so on, take after take.
 *
 * @param takes at least one
 * @param workers threads that draw, 1 to 64; the files don't depend on it
 */
public record StreetFilm(List<Take> takes, int workers) {
  /** Sub-folder of the pictures, which the annotations' file names are relative to. */
  public static final String IMAGES = "images";

  private static final float QUALITY = 0.9f;

  /**
   * Some frames of one street.
   *
   * @param first index of the first
   * @param step from one to the next
   * @param count how many
   */
  public record Take(StreetSettings street, long first, long step, int count) {
    public Take {
      if (first < 0 || step < 1 || count < 1) {
        throw new IllegalArgumentException(
            "take from %d by %d of %d frames: must be from 0 on, by at least 1, of at least 1"
                .formatted(first, step, count));
      }
    }

    long frame(int number) {
      return first + number * step;
    }
  }

  /** Told after each picture; calls come from one thread at a time. */
  @FunctionalInterface
  public interface Progress {
    void report(long done, long total);
  }

  public StreetFilm {
    takes = List.copyOf(takes);
    if (takes.isEmpty()) {
      throw new IllegalArgumentException("a film needs at least one take");
    }
    if (workers < 1 || workers > 64) {
      throw new IllegalArgumentException("workers " + workers + ": must be 1 to 64");
    }
  }

  static String fileName(long index) {
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
    long total = takes.stream().mapToLong(Take::count).sum();
    ExecutorService pool = Executors.newFixedThreadPool(workers);
    try (Writer json = Files.newBufferedWriter(folder.resolve("annotations.json"))) {
      List<Future<List<List<LabelledBox>>>> drawn = new ArrayList<>();
      long before = 0;
      for (Take take : takes) {
        long from = before;
        drawn.add(pool.submit(() -> draw(take, from, folder.resolve(IMAGES))));
        before += take.count();
      }
      CocoWriter coco = new CocoWriter(json);
      long done = 0;
      for (int i = 0; i < takes.size(); i++) {
        StreetSettings street = takes.get(i).street();
        for (List<LabelledBox> truth : await(drawn.get(i))) {
          coco.image(fileName(done++), street.widthPx(), street.heightPx(), truth);
          progress.report(done, total);
        }
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

  private static <T> T await(Future<T> drawn) throws IOException, InterruptedException {
    try {
      return drawn.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException("drawing a street failed", failed.getCause());
    }
  }

  private static List<List<LabelledBox>> draw(Take take, long from, Path images)
      throws IOException {
    StreetScene scene = new StreetScene(take.street());
    List<List<LabelledBox>> truths = new ArrayList<>();
    for (int i = 0; i < take.count(); i++) {
      writeJpeg(scene.render(take.frame(i)), images.resolve(fileName(from + i)));
      truths.add(scene.truth(take.frame(i)));
    }
    return truths;
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
