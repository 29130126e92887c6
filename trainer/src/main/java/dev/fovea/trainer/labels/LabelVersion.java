package dev.fovea.trainer.labels;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A version of the data set: files that never change again. {@code fovea train --data} takes the
 * JSON files as they are.
 *
 * @param id version number, from 1
 * @param parent the version before it
 * @param trainJson COCO annotations to train on
 * @param valJson COCO annotations of the hold-out
 * @param images folder that both files' {@code file_name}s lie in
 * @param classes names in label order; a later version only adds at the end
 * @param trainPictures pictures in {@code trainJson}
 * @param valPictures pictures in {@code valJson}
 * @param withheldPictures pictures in neither, since they resemble pictures of both sides
 * @param boxes boxes in both files
 * @param boxesByClass the same by class, in label order; classes without a box too
 * @param picturesByCamera pictures in both files by camera, by name
 * @param annotations annotations that changed the data set, since its beginning: the difference
 *     between two versions is how many labels came in between
 * @param offsets by partition of the annotations topic, the offset of the first record that is not
 *     in this version
 * @param createdAt when it was made
 */
public record LabelVersion(
    String id,
    Optional<String> parent,
    Path trainJson,
    Path valJson,
    Path images,
    List<String> classes,
    int trainPictures,
    int valPictures,
    int withheldPictures,
    int boxes,
    Map<String, Integer> boxesByClass,
    Map<String, Integer> picturesByCamera,
    long annotations,
    Map<Integer, Long> offsets,
    Instant createdAt) {

  public LabelVersion {
    classes = List.copyOf(classes);
    boxesByClass =
        java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(boxesByClass));
    picturesByCamera =
        java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(picturesByCamera));
    offsets = Map.copyOf(offsets);
  }

  /** Folder of this version's files. */
  public Path folder() {
    return java.util.Objects.requireNonNull(trainJson.getParent());
  }
}
