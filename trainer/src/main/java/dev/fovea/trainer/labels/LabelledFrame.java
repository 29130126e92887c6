package dev.fovea.trainer.labels;

import dev.fovea.trainer.labels.PictureEntry.Box;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An annotation that keeps every rule; {@link AnnotationCheck} makes them. Immutable. */
public final class LabelledFrame {
  private final String camera;
  private final @Nullable Long captureTimeMicros;
  private final String sha256;
  private final @Nullable CheckedPicture picture;
  private final List<Box> boxes;
  private final List<String> classes;
  private final String author;
  private final String source;
  private final long annotatedAtMicros;

  /**
   * @param picture null where the annotation is withdrawn
   */
  LabelledFrame(
      String camera,
      @Nullable Long captureTimeMicros,
      String sha256,
      @Nullable CheckedPicture picture,
      List<Box> boxes,
      List<String> classes,
      String author,
      String source,
      long annotatedAtMicros) {
    this.camera = camera;
    this.captureTimeMicros = captureTimeMicros;
    this.sha256 = sha256;
    this.picture = picture;
    this.boxes = List.copyOf(boxes);
    this.classes = List.copyOf(classes);
    this.author = author;
    this.source = source;
    this.annotatedAtMicros = annotatedAtMicros;
  }

  public String camera() {
    return camera;
  }

  /** When the picture was taken, microseconds since the epoch; null where that is not known. */
  public @Nullable Long captureTimeMicros() {
    return captureTimeMicros;
  }

  /** Of the picture's bytes, as they were annotated. */
  public String sha256() {
    return sha256;
  }

  /** Whether it takes back what was said of the picture. */
  public boolean withdraws() {
    return picture == null;
  }

  /** The picture of an annotation that is not withdrawn. */
  CheckedPicture picture() {
    if (picture == null) {
      throw new IllegalStateException("a withdrawn annotation has no picture");
    }
    return picture;
  }

  List<Box> boxes() {
    return boxes;
  }

  /** Classes that were looked for. */
  List<String> classes() {
    return classes;
  }

  String author() {
    return author;
  }

  String source() {
    return source;
  }

  long annotatedAtMicros() {
    return annotatedAtMicros;
  }
}
