package dev.fovea.trainer.labels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A version as plain COCO files: {@code annotations.json} with every labelled picture, {@code
 * train.json} and {@code val.json} as the version has them, and {@code images/}.
 */
public final class LabelExport {
  private LabelExport() {}

  /**
   * Writes a version.
   *
   * @param out a folder that is empty or not there
   * @return the pictures in {@code annotations.json}
   * @throws LabelArchiveException if it is not empty or cannot be written
   */
  public static int write(LabelVersion version, Path out) {
    try {
      requireEmpty(out);
      Path images = Files.createDirectories(out.resolve("images"));
      List<PictureEntry> labelled = new ArrayList<>();
      for (PictureEntry picture : VersionFolder.pictures(version.folder())) {
        if (!picture.withdrawn()) {
          Files.copy(version.images().resolve(picture.file()), images.resolve(picture.file()));
          labelled.add(picture);
        }
      }
      Files.copy(version.trainJson(), out.resolve("train.json"));
      Files.copy(version.valJson(), out.resolve("val.json"));
      CocoFile.write(out.resolve("annotations.json"), version.classes(), labelled);
      return labelled.size();
    } catch (IOException e) {
      throw new LabelArchiveException(out, "cannot be written: " + e, e);
    }
  }

  /**
   * Before any work is done.
   *
   * @throws LabelArchiveException if there is something in {@code out}
   */
  public static void requireEmpty(Path out) {
    if (!Files.exists(out)) {
      return;
    }
    try (Stream<Path> files = Files.list(out)) {
      if (files.findAny().isPresent()) {
        throw new LabelArchiveException(out, "is not empty; name a folder that is not there yet");
      }
    } catch (IOException e) {
      throw new LabelArchiveException(out, "cannot be read: " + e, e);
    }
  }
}
