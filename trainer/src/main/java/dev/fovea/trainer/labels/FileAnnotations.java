package dev.fovea.trainer.labels;

import dev.fovea.schema.AvroSerdes;
import dev.fovea.schema.CameraId;
import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.AnnotationSource;
import dev.fovea.trainer.labelfiles.FileLabels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Optional;

/**
 * Makes annotations of label files' pictures and holds each to the rules that the trainer will hold
 * it to, so that nothing is sent that would be refused. One thread, which closes it.
 */
public final class FileAnnotations implements AutoCloseable {
  static {
    new AvroSerdes(
        Optional.empty()); // Sets Avro's limits, which hold only before its first record.
  }

  private final CameraId camera;
  private final String author;
  private final long annotatedAtMicros;
  private final AnnotationCheck check;

  /**
   * @param camera what the pictures are imported under
   * @param author whose labels they are
   * @param annotatedAtMicros when they were imported
   */
  public FileAnnotations(CameraId camera, String author, long annotatedAtMicros) {
    this.camera = camera;
    this.author = author;
    this.annotatedAtMicros = annotatedAtMicros;
    this.check = new AnnotationCheck(LabelSettings.defaults());
  }

  /**
   * The annotation of a picture.
   *
   * @throws BadAnnotationException naming the label file, the picture and the rule broken
   * @throws IOException if the picture cannot be read
   */
  public Annotation of(FileLabels labels) throws BadAnnotationException, IOException {
    ByteBuffer picture = ByteBuffer.wrap(Files.readAllBytes(labels.picture()));
    Annotation annotation =
        Annotation.newBuilder()
            .setCameraId(camera.value())
            .setCaptureTimeMicros(null)
            .setPictureSha256(Sha256.of(picture))
            .setImage(picture)
            .setWidthPx(labels.widthPx())
            .setHeightPx(labels.heightPx())
            .setBoxes(labels.boxes())
            .setClasses(labels.classes())
            .setAuthor(author)
            .setSource(AnnotationSource.FILE)
            .setAnnotatedAtMicros(annotatedAtMicros)
            .build();
    try {
      check.check(annotation);
    } catch (BadAnnotationException e) {
      throw new BadAnnotationException(
          labels.origin() + ", picture " + labels.picture() + ": " + e.getMessage(), e);
    }
    return annotation;
  }

  @Override
  public void close() {
    check.close();
  }
}
