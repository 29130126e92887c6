package dev.fovea.trainer.labelfiles;

import dev.fovea.schema.avro.LabelledBox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * YOLO: a text file a picture, of the same name, with {@code class cx cy w h} a line; the box is in
 * parts of the picture's width and height. A picture without a file has no objects.
 */
final class YoloLabels {
  private static final String ENDING = ".txt";
  private static final List<String> CLASS_FILES = List.of("data.yaml", "classes.txt");

  /** How far a box may reach over the picture's edge: label tools round to six digits. */
  private static final double TOLERANCE_PX = 1;

  private final Path folder;
  private final List<String> classes;

  private YoloLabels(Path folder, List<String> classes) {
    this.folder = folder;
    this.classes = classes;
  }

  /**
   * Reads a data set.
   *
   * @param classFile where absent, {@code data.yaml} or {@code classes.txt} in {@code folder}
   */
  static List<FileLabels> read(Path folder, Path images, Optional<Path> classFile) {
    Path names = classFile.orElseGet(() -> classFileIn(folder));
    return new YoloLabels(folder, ClassList.read(names)).read(images, names);
  }

  private static Path classFileIn(Path folder) {
    return CLASS_FILES.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new LabelFileException(
                    folder, "has neither data.yaml nor classes.txt: give --classes FILE"));
  }

  private List<FileLabels> read(Path images, Path names) {
    List<FileLabels> pictures = new ArrayList<>();
    Set<Path> used = new HashSet<>();
    for (Path picture : Pictures.below(images)) {
      if (Pictures.isPicture(picture)) {
        Path labels = folder.resolve(Pictures.stem(images, picture) + ENDING);
        if (!used.add(labels)) {
          throw new LabelFileException(labels, "is the label file of two pictures in " + images);
        }
        pictures.add(labels(picture, labels));
      }
    }
    for (Path file : Pictures.below(folder)) {
      if (file.toString().endsWith(ENDING)
          && !used.contains(file)
          && !file.equals(names)
          && !CLASS_FILES.contains(file.getFileName().toString())) {
        throw new LabelFileException(file, "has no picture of that name in " + images);
      }
    }
    return pictures;
  }

  private FileLabels labels(Path picture, Path file) {
    PictureSize size = PictureSize.of(picture);
    List<LabelledBox> boxes = new ArrayList<>();
    if (Files.exists(file)) {
      List<String> lines;
      try {
        lines = Files.readAllLines(file);
      } catch (IOException e) {
        throw new LabelFileException(file, "cannot be read as text: " + e, e);
      }
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).isBlank()) {
          boxes.add(box(file, i + 1, lines.get(i).strip().split("\\s+"), size));
        }
      }
    }
    return new FileLabels(
        picture, size.widthPx(), size.heightPx(), boxes, classes, file.toString());
  }

  private LabelledBox box(Path file, int line, String[] values, PictureSize size) {
    if (values.length != 5) {
      throw new LabelFileException(
          file,
          line,
          "must have five values, class cx cy w h, not "
              + values.length
              + (values.length > 5 ? " (outlines are not read, only boxes)" : ""));
    }
    int label = (int) number(file, line, values[0]);
    if (label < 0 || label >= classes.size() || !values[0].matches("\\d+")) {
      throw new LabelFileException(
          file, line, "class must be 0 to " + (classes.size() - 1) + ", not " + values[0]);
    }
    double width = number(file, line, values[3]) * size.widthPx();
    double height = number(file, line, values[4]) * size.heightPx();
    double left = number(file, line, values[1]) * size.widthPx() - width / 2;
    double top = number(file, line, values[2]) * size.heightPx() - height / 2;
    if (!(width > 0 && height > 0)) {
      throw new LabelFileException(file, line, "w and h must be above 0");
    }
    if (left < -TOLERANCE_PX
        || top < -TOLERANCE_PX
        || left + width > size.widthPx() + TOLERANCE_PX
        || top + height > size.heightPx() + TOLERANCE_PX) {
      throw new LabelFileException(file, line, "the box must lie inside the picture");
    }
    return new LabelledBox(
        classes.get(label),
        (float) left,
        (float) top,
        (float) (left + width),
        (float) (top + height));
  }

  private static double number(Path file, int line, String text) {
    try {
      double value = Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new LabelFileException(file, line, "\"" + text + "\" is not a number");
  }
}
