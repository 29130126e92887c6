package dev.fovea.standalone.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A data folder that begins empty. */
public final class FreshFolder {
  private FreshFolder() {}

  /**
   * Empties a folder of a demo's own, unless another demo runs in it.
   *
   * @throws IllegalStateException if one does
   */
  public static Path empty(Path folder) throws IOException {
    try (DataFolder held = DataFolder.lock(folder);
        Stream<Path> inside = Files.walk(folder)) {
      List<Path> all = inside.sorted(Comparator.reverseOrder()).toList();
      for (Path path : all) {
        if (!path.equals(folder) && !path.equals(held.lockFile())) {
          Files.delete(path);
        }
      }
    }
    return folder;
  }

  /**
   * Lets a folder of the user's pass as it is.
   *
   * @throws IllegalStateException if there is something in it: that is not ours to delete
   */
  public static void require(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> inside = Files.list(folder)) {
        if (inside.findAny().isPresent()) {
          throw new IllegalStateException(
              "folder "
                  + folder
                  + " is not empty, and this demo begins from nothing: name another with --data");
        }
      }
    }
  }
}
