package dev.fovea.trainer.labelfiles;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The formats that label files may have. */
public enum LabelFormat {
  /** One JSON file. */
  COCO {
    @Override
    public List<FileLabels> read(Path data, Path images, Optional<Path> classes) {
      if (classes.isPresent()) {
        throw new IllegalArgumentException("COCO files name their classes: leave out --classes");
      }
      return CocoLabels.read(data, images);
    }
  },
  /** A folder of XML files, one a picture. */
  VOC {
    @Override
    public List<FileLabels> read(Path data, Path images, Optional<Path> classes) {
      return VocLabels.read(data, images, classes.map(ClassList::read));
    }
  },
  /** A folder of text files, one a picture, and a list of classes. */
  YOLO {
    @Override
    public List<FileLabels> read(Path data, Path images, Optional<Path> classes) {
      return YoloLabels.read(data, images, classes);
    }
  };

  /**
   * Reads a data set.
   *
   * @param data the label file or folder
   * @param images folder of the pictures
   * @param classes file with the names of the classes
   * @return its pictures, in a fixed order
   * @throws IllegalArgumentException naming the file, line or picture, and the rule broken
   */
  public abstract List<FileLabels> read(Path data, Path images, Optional<Path> classes);
}
