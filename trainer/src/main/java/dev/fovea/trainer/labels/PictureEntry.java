package dev.fovea.trainer.labels;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture that was ever annotated, as the archive's ledger keeps it: a line of {@code
 * pictures.jsonl}.
 *
 * @param id the picture's id in COCO files: 1 for the first picture, never used again
 * @param sha256 of the picture as it was annotated: its identity
 * @param file name of the stored JPEG in the images folder
 * @param camera camera, or what a file was imported under
 * @param captureTimeMicros when it was taken; null where that is not known
 * @param group pictures that are never parted: a camera's minute, or files that look alike
 * @param side decided when the picture first came, never changed
 * @param look difference hash, see {@link DifferenceHash}
 * @param boxes the objects; none where withdrawn
 * @param classes classes that were looked for
 * @param withdrawn taken back, or replaced by another picture of the same moment
 * @param author who marked it
 * @param source where the annotation is from
 * @param annotatedAtMicros when it was marked
 */
record PictureEntry(
    long id,
    String sha256,
    String file,
    String camera,
    @Nullable Long captureTimeMicros,
    int widthPx,
    int heightPx,
    String group,
    Side side,
    String look,
    List<Box> boxes,
    List<String> classes,
    boolean withdrawn,
    String author,
    String source,
    long annotatedAtMicros) {

  PictureEntry {
    boxes = List.copyOf(boxes);
    classes = List.copyOf(classes);
  }

  /** A labelled object; half-open, in pixels of the picture. */
  record Box(String label, float x1, float y1, float x2, float y2) {}

  /** Whether it is in the data set. */
  boolean counts() {
    return !withdrawn && side != Side.WITHHELD;
  }

  /** The same picture, no longer labelled. */
  PictureEntry withdraw(long atMicros) {
    return new PictureEntry(
        id,
        sha256,
        file,
        camera,
        captureTimeMicros,
        widthPx,
        heightPx,
        group,
        side,
        look,
        List.of(),
        List.of(),
        true,
        author,
        source,
        atMicros);
  }

  /** The same picture in the same place with what a later annotation says of it. */
  PictureEntry relabel(LabelledFrame frame) {
    return new PictureEntry(
        id,
        sha256,
        frame.picture().file(),
        frame.camera(),
        frame.captureTimeMicros(),
        widthPx,
        heightPx,
        group,
        side,
        look,
        frame.boxes(),
        frame.classes(),
        false,
        frame.author(),
        frame.source(),
        frame.annotatedAtMicros());
  }
}
