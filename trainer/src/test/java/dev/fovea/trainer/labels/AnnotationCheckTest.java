package dev.fovea.trainer.labels;

import static dev.fovea.trainer.labels.Annotations.car;
import static dev.fovea.trainer.labels.Annotations.jpeg;
import static dev.fovea.trainer.labels.Annotations.png;
import static dev.fovea.trainer.labels.Annotations.with;
import static dev.fovea.trainer.labels.Annotations.withdrawal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.schema.avro.Annotation;
import dev.fovea.schema.avro.LabelledBox;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AnnotationCheckTest {
  private final AnnotationCheck check = new AnnotationCheck(LabelSettings.defaults());

  @AfterEach
  void close() {
    check.close();
  }

  static Stream<Arguments> hostileAnnotations() {
    return Stream.of(
        harm("camera id", a -> a.setCameraId("../etc")),
        harm("pictureSha256 must be 64", a -> a.setPictureSha256("../../x")),
        harm("captureTimeMicros must not be negative", a -> a.setCaptureTimeMicros(-1L)),
        harm("annotatedAtMicros must not be negative", a -> a.setAnnotatedAtMicros(-1)),
        harm("at most 256 characters", a -> a.setAuthor("x".repeat(257))),
        harm("no image, boxes or classes", a -> a.setWithdrawn(true)),
        harm("another sum", a -> a.setImage(ByteBuffer.wrap(jpeg(2, 0)))),
        harm("the picture is empty", AnnotationCheckTest::noPicture),
        harm("is 160x96, but the annotation says 161x96", a -> a.setWidthPx(161)),
        harm("its size is 0x96 pixels", a -> a.setWidthPx(0)),
        harm("must lie inside the picture, 160x96", a -> box(a, 100, 10, 162, 20)),
        harm("must lie inside the picture", a -> box(a, -2, 10, 10, 20)),
        harm("must lie inside the picture", a -> box(a, Float.NaN, 10, 10, 20)),
        harm("must lie inside the picture", a -> box(a, 1, 1, Float.POSITIVE_INFINITY, 20)),
        harm("x1 < x2 and y1 < y2", a -> box(a, 10, 10, 10, 20)),
        harm("x1 < x2 and y1 < y2", a -> box(a, 20, 10, 10, 20)),
        harm("x1 < x2 and y1 < y2", a -> box(a, -1, 10, 0, 20)),
        harm(
            "has 2001 boxes, more than the 2000 allowed (labels.max-boxes)",
            a -> a.setBoxes(Collections.nCopies(2001, car()))),
        harm(
            "has 1001 classes, more than the 1000 allowed (labels.max-classes)",
            a -> a.setClasses(Collections.nCopies(1001, "car"))),
        harm("class \"\": class names must", a -> a.setClasses(List.of(""))),
        harm("class \"a?b\": class names must", a -> a.setClasses(List.of("a\nb"))),
        harm(
            "class \" car\": class names must",
            a -> a.setBoxes(List.of(new LabelledBox(" car", 1f, 1f, 2f, 2f)))),
        harm("xxx…\": class names must", a -> a.setClasses(List.of("x".repeat(60_000)))),
        harm("truncated", a -> picture(a, cut(jpeg(1, 0)))),
        harm("truncated", a -> picture(a, cut(png(1)))),
        harm("damaged", a -> picture(a, scrambled(png(1)))),
        harm("does not begin with", a -> picture(a, "<svg/>".getBytes(StandardCharsets.UTF_8))),
        harm("it is a GIF", a -> picture(a, "GIF89a…".getBytes(StandardCharsets.UTF_8))),
        harm("more than the 40000000 allowed", a -> picture(a, huge(jpeg(1, 0)))),
        harm("more than the 40000000 allowed", a -> picture(a, hugePng())));
  }

  @ParameterizedTest
  @MethodSource("hostileAnnotations")
  void aHostileAnnotationIsRefusedWithTheRule(String rule, Consumer<Annotation> harm) {
    Annotation annotation = Annotations.of("gate", 5);
    harm.accept(annotation);

    assertThatThrownBy(() -> check.check(annotation))
        .isInstanceOf(BadAnnotationException.class)
        .hasMessageContaining(rule)
        .hasMessageStartingWith("camera ")
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600).doesNotContain("\n"));
  }

  @Test
  void onlyTheClassesSetAreAccepted() {
    LabelSettings defaults = LabelSettings.defaults();
    LabelSettings cars =
        new LabelSettings(
            0.2, List.of("car"), defaults.maxClasses(), defaults.maxBoxes(), defaults.picture());
    try (AnnotationCheck strict = new AnnotationCheck(cars)) {
      assertThatThrownBy(() -> strict.check(Annotations.of("gate", 5)))
          .hasMessageContaining("unknown class \"person\"; labels.classes has [car]");
    }
  }

  @Test
  void aPixelOverTheEdgeIsCutAndWhatIsSaidTwiceCountsOnce() throws Exception {
    LabelledFrame frame =
        check.check(
            with(
                Annotations.of("gate", 5),
                new LabelledBox("car", -1f, -0.5f, 160.5f, 97f),
                car(),
                car()));

    assertThat(frame.boxes())
        .containsExactly(
            new PictureEntry.Box("car", 0, 0, 160, 96),
            new PictureEntry.Box("car", 10, 20, 50, 60));
  }

  @Test
  void aPngIsKeptAsJpegUnderThePngsSum() throws Exception {
    byte[] png = png(3);
    LabelledFrame frame = check.check(Annotations.of("files", null, png, car()));

    assertThat(frame.sha256()).isEqualTo(Sha256.of(ByteBuffer.wrap(png)));
    assertThat(frame.picture().jpegSha256()).isNotEqualTo(frame.sha256());
    LabelledFrame jpeg = check.check(Annotations.of("files", null, jpeg(3, 0), car()));
    assertThat(DifferenceHash.distance(frame.picture().look(), jpeg.picture().look()))
        .isLessThanOrEqualTo(Split.ALIKE_BITS);
  }

  /** A compressed text of 200 MB in 200 kB. */
  @Test
  void whatIsBesideAPngsPictureIsNotUnfolded() throws Exception {
    byte[] png = png(3);
    byte[] bomb = insertedAfterHeader(png, chunk("zTXt", compressedText(200_000_000)));

    LabelledFrame frame = check.check(Annotations.of("files", null, bomb, car()));
    assertThat(frame.picture().jpegSha256())
        .isEqualTo(check.check(Annotations.of("files", null, png, car())).picture().jpegSha256());
  }

  @Test
  void aWithdrawalNeedsNoPicture() throws Exception {
    assertThat(check.check(withdrawal(Annotations.of("gate", 5))).withdraws()).isTrue();
  }

  private static Arguments harm(String rule, Consumer<Annotation> harm) {
    return Arguments.of(rule, harm);
  }

  private static void box(Annotation a, float x1, float y1, float x2, float y2) {
    a.setBoxes(List.of(new LabelledBox("car", x1, y1, x2, y2)));
  }

  private static void noPicture(Annotation a) {
    picture(a, new byte[0]);
  }

  private static void picture(Annotation a, byte[] bytes) {
    a.setImage(ByteBuffer.wrap(bytes));
    a.setPictureSha256(Sha256.of(ByteBuffer.wrap(bytes)));
  }

  private static byte[] cut(byte[] picture) {
    return Arrays.copyOf(picture, picture.length - 40);
  }

  private static byte[] scrambled(byte[] png) {
    byte[] bytes = png.clone();
    Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 100, (byte) 0x55);
    return bytes;
  }

  /** A frame header that says 60,000 x 60,000. */
  private static byte[] huge(byte[] jpeg) {
    byte[] bytes = jpeg.clone();
    for (int at = 0; at < bytes.length - 9; at++) {
      if (bytes[at] == (byte) 0xFF && bytes[at + 1] == (byte) 0xC0) {
        ByteBuffer.wrap(bytes, at + 5, 4).putShort((short) 60_000).putShort((short) 60_000);
        return bytes;
      }
    }
    throw new AssertionError("no frame header");
  }

  private static byte[] hugePng() {
    byte[] bytes = png(1);
    ByteBuffer.wrap(bytes, 16, 8).putInt(60_000).putInt(60_000);
    return bytes;
  }

  private static byte[] compressedText(int length) throws Exception {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    text.write(new byte[] {'k', 0, 0});
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(text)) {
      byte[] block = new byte[100_000];
      Arrays.fill(block, (byte) 'x');
      for (int written = 0; written < length; written += block.length) {
        deflater.write(block);
      }
    }
    return text.toByteArray();
  }

  private static byte[] chunk(String type, byte[] data) {
    ByteBuffer chunk = ByteBuffer.allocate(12 + data.length).putInt(data.length);
    chunk.put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 sum = new CRC32();
    sum.update(chunk.array(), 4, 4 + data.length);
    return chunk.putInt((int) sum.getValue()).array();
  }

  private static byte[] insertedAfterHeader(byte[] png, byte[] chunk) {
    int at = 8 + 12 + 13;
    return ByteBuffer.allocate(png.length + chunk.length)
        .put(png, 0, at)
        .put(chunk)
        .put(png, at, png.length - at)
        .array();
  }
}
