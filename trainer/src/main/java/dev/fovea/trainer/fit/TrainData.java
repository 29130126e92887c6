package dev.fovea.trainer.fit;

import dev.fovea.trainer.data.CocoDataset;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run learns from and what it is measured on.
 *
 * @param validation of the same classes; without it a run has no accuracy to tell
 */
public record TrainData(CocoDataset train, Optional<CocoDataset> validation) {
  public TrainData {
    validation.ifPresent(v -> v.requireClasses(train.classes()));
  }

  /**
   * Reads both from COCO annotation files.
   *
   * @param trainPictures folder of the training pictures
   * @throws dev.fovea.trainer.data.DatasetException naming file, picture and rule
   */
  public static TrainData read(
      Path trainAnnotations,
      Path trainPictures,
      Optional<Path> validationAnnotations,
      Path validationPictures) {
    return new TrainData(
        CocoDataset.read(trainAnnotations, trainPictures),
        validationAnnotations.map(file -> CocoDataset.read(file, validationPictures)));
  }

  /** In words, for provenance: file names and counts, no paths. */
  public String description() {
    return describe(train) + validation.map(v -> ", validated on " + describe(v)).orElse("");
  }

  private static String describe(CocoDataset data) {
    return "%s (%d pictures, %d boxes)"
        .formatted(data.annotationFile().getFileName(), data.pictures().size(), data.boxes());
  }
}
