package dev.fovea.trainer.labelfiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Files in folders that a person named. */
final class Pictures {
  private Pictures() {}

  /**
   * A file that a label file names.
   *
   * @param labels who names it, for the message
   * @throws LabelFileException if it is outside the folder or not there
   */
  static Path inside(Path folder, String name, Path labels, int line) {
    Path root = folder.toAbsolutePath().normalize();
    Path file = name.isBlank() ? root : root.resolve(name).normalize();
    if (file.equals(root) || !file.startsWith(root)) {
      throw new LabelFileException(
          labels, line, "the picture \"" + name + "\" must be a file inside " + folder);
    }
    if (!Files.isRegularFile(file)) {
      throw new LabelFileException(labels, line, "there is no picture " + folder.resolve(name));
    }
    return folder.resolve(name);
  }

  static boolean isPicture(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return name.endsWith(".jpg") || name.endsWith(".jpeg") || name.endsWith(".png");
  }

  /**
   * Files below a folder, by name.
   *
   * @throws LabelFileException if it is no folder that can be read
   */
  static List<Path> below(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new LabelFileException(folder, "is not a folder");
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new LabelFileException(folder, "cannot be read: " + e, e);
    }
  }

  /** A file's name within its folder, without its ending. */
  static String stem(Path folder, Path file) {
    String name = folder.relativize(file).toString();
    return name.substring(0, name.lastIndexOf('.'));
  }
}
