package dev.fovea.trainer.labels;

import dev.fovea.schema.AvroSerdes;
import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.AnnotationSource;
import dev.fovea.schema.avro.LabelledBox;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** Annotations for tests, with real pictures. */
final class Annotations {
  static final int WIDTH_PX = 160;
  static final int HEIGHT_PX = 96;

  static {
    new AvroSerdes(Optional.empty()); // Has Avro trust the generated records.
  }

  private Annotations() {}

  /** A picture of a camera's second, with a car in it. */
  static Annotation of(String camera, long second) {
    return of(camera, second * 1_000_000, jpeg(camera.hashCode() * 31L + second, 0), car());
  }

  static Annotation of(String camera, @Nullable Long micros, byte[] picture, LabelledBox... boxes) {
    return Annotation.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(micros)
        .setPictureSha256(Sha256.of(ByteBuffer.wrap(picture)))
        .setImage(ByteBuffer.wrap(picture))
        .setWidthPx(WIDTH_PX)
        .setHeightPx(HEIGHT_PX)
        .setBoxes(List.of(boxes))
        .setClasses(List.of("car", "person"))
        .setAuthor("ada")
        .setSource(AnnotationSource.DASHBOARD)
        .setAnnotatedAtMicros(1_000)
        .build();
  }

  /** Takes an annotation back. */
  static Annotation withdrawal(Annotation annotation) {
    return Annotation.newBuilder(annotation)
        .setImage(ByteBuffer.allocate(0))
        .setWidthPx(0)
        .setHeightPx(0)
        .setBoxes(List.of())
        .setClasses(List.of())
        .setWithdrawn(true)
        .build();
  }

  static LabelledBox car() {
    return new LabelledBox("car", 10f, 20f, 50f, 60f);
  }

  /** The same annotation with these boxes alone. */
  static Annotation with(Annotation annotation, LabelledBox... boxes) {
    return Annotation.newBuilder(annotation).setBoxes(List.of(boxes)).build();
  }

  static LabelledFrame checked(Annotation annotation) throws BadAnnotationException {
    try (AnnotationCheck check = new AnnotationCheck(LabelSettings.defaults())) {
      return check.check(annotation);
    }
  }

  /**
   * A picture of coloured blocks.
   *
   * @param scene where the blocks are
   * @param noise small changes in the same scene, as from one moment to the next
   */
  static byte[] jpeg(long scene, long noise) {
    return encoded(picture(scene, noise), "jpg");
  }

  static byte[] png(long scene) {
    return encoded(picture(scene, 0), "png");
  }

  private static BufferedImage picture(long scene, long noise) {
    BufferedImage image = new BufferedImage(WIDTH_PX, HEIGHT_PX, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    Random random = new Random(scene);
    for (int block = 0; block < 200; block++) {
      g.setColor(new Color(random.nextInt(1 << 24)));
      g.fillRect(random.nextInt(WIDTH_PX), random.nextInt(HEIGHT_PX), 30, 20);
    }
    Random small = new Random(noise);
    for (int dot = 0; noise != 0 && dot < 20; dot++) {
      g.setColor(new Color(small.nextInt(1 << 24)));
      g.fillRect(small.nextInt(WIDTH_PX), small.nextInt(HEIGHT_PX), 2, 2);
    }
    g.dispose();
    return image;
  }

  private static byte[] encoded(BufferedImage image, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
