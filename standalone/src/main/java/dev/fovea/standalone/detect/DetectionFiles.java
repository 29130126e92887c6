package dev.fovea.standalone.detect;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Where answers go: a COCO results file, a folder of annotated pictures, both or neither. */
public final class DetectionFiles implements AutoCloseable {
  private final ImageIds ids;
  private final BoxPainter painter;
  private final @Nullable CocoResults results;
  private final @Nullable Path drawings;

  /**
   * @param classes the model's classes
   * @param resultsFile COCO results are written here; null = nowhere
   * @param imagesJson a COCO file whose ids are used; null = frames are counted from 0
   * @param drawings annotated pictures are written here; null = nowhere
   */
  public DetectionFiles(
      List<String> classes,
      @Nullable Path resultsFile,
      @Nullable Path imagesJson,
      @Nullable Path drawings)
      throws IOException {
    this.ids = imagesJson == null ? ImageIds.counted(classes) : ImageIds.from(imagesJson);
    this.painter = new BoxPainter(classes);
    this.drawings = drawings == null ? null : Files.createDirectories(drawings);
    this.results = resultsFile == null ? null : new CocoResults(resultsFile, ids.categoryIds());
  }

  public void write(OfflineDetection.Answer answer) throws IOException {
    long id = ids.of(answer.index(), answer.name());
    if (results != null) {
      results.add(id, answer.detections().detections());
    }
    if (drawings != null) {
      draw(answer, drawings);
    }
  }

  private void draw(OfflineDetection.Answer answer, Path folder) throws IOException {
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(answer.jpeg()));
    painter.paint(picture, answer.detections().detections());
    ImageIO.write(picture, "jpg", folder.resolve(fileName(answer)).toFile());
  }

  private static String fileName(OfflineDetection.Answer answer) {
    String name = answer.name();
    if (name == null) {
      return String.format(Locale.ROOT, "%06d.jpg", answer.index());
    }
    int dot = name.lastIndexOf('.');
    return (dot < 0 ? name : name.substring(0, dot)) + ".jpg";
  }

  @Override
  public void close() throws IOException {
    if (results != null) {
      results.close();
    }
  }
}
