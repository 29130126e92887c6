package dev.fovea.detector.model;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JpegDecoderTest {
  private static final long SEED = 20261124;
  private static final BufferedImage STREET = Pictures.street(160, 96);

  private final JpegDecoder decoder = new JpegDecoder(PictureLimits.DEFAULT);

  @AfterEach
  void close() {
    decoder.close();
  }

  static Stream<Arguments> kindsOfJpeg() {
    BufferedImage odd = Pictures.street(101, 67);
    return Stream.of(
        Arguments.of("4:2:0", Pictures.jpeg(STREET, 0.9f), 160, 96),
        Arguments.of("4:2:2", Pictures.jpeg(STREET, 0.9f, false, 2, 1), 160, 96),
        Arguments.of("4:4:4", Pictures.jpeg(STREET, 0.9f, false, 1, 1), 160, 96),
        Arguments.of("4:4:0", Pictures.jpeg(STREET, 0.9f, false, 1, 2), 160, 96),
        Arguments.of("progressive", Pictures.progressiveJpeg(STREET, 0.9f), 160, 96),
        Arguments.of("progressive 4:4:4", Pictures.jpeg(STREET, 0.9f, true, 1, 1), 160, 96),
        Arguments.of("grey", Pictures.jpeg(Pictures.grey(160, 96, (x, y) -> x + y), 0.9f), 160, 96),
        Arguments.of("odd size", Pictures.jpeg(odd, 0.9f), 101, 67),
        Arguments.of("odd size 4:2:2", Pictures.jpeg(odd, 0.9f, false, 2, 1), 101, 67),
        Arguments.of("one pixel", Pictures.jpeg(Pictures.street(1, 1), 0.9f), 1, 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("kindsOfJpeg")
  void picturesAreWhatTheJdkReads(String kind, byte[] jpeg, int width, int height)
      throws UndecodableImageException {
    byte[] ours = new byte[3 * width * height];

    decoder.decode(jpeg, width, height, ours);

    // Colours between samples are interpolated differently at hard edges, hence a mean.
    assertThat(meanDifference(ours, Pictures.rgbByTheJdk(jpeg))).as(kind).isLessThan(1.5);
  }

  @Test
  void coloursAreFullRangeAndOfTheRightMatrix() throws UndecodableImageException {
    int[] colours = {0x000000, 0xFFFFFF, 0xE00000, 0x00E000, 0x0000E0, 0x806040};
    for (int colour : colours) {
      byte[] rgb = new byte[3 * 32 * 32];

      decoder.decode(Pictures.jpeg(Pictures.rgb(32, 32, (x, y) -> colour), 1f), 32, 32, rgb);

      int middle = 3 * (16 * 32 + 16);
      assertThat(new int[] {rgb[middle] & 0xFF, rgb[middle + 1] & 0xFF, rgb[middle + 2] & 0xFF})
          .as("%06x", colour)
          .satisfies(
              found -> {
                assertThat(found[0]).isBetween((colour >> 16) - 3, (colour >> 16) + 3);
                assertThat(found[1]).isBetween((colour >> 8 & 0xFF) - 3, (colour >> 8 & 0xFF) + 3);
                assertThat(found[2]).isBetween((colour & 0xFF) - 3, (colour & 0xFF) + 3);
              });
    }
  }

  @Test
  void orientationInExifIsIgnored() throws UndecodableImageException {
    byte[] jpeg = Pictures.jpeg(STREET, 0.9f);
    // Exif with one entry: orientation (0x0112) = 6, turned by 90 degrees.
    byte[] exif =
        "Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0\u0006\0\0\0\0\0\0"
            .getBytes(ISO_8859_1);

    assertThat(decoded(JpegBytes.with(jpeg, 0xE1, exif))).isEqualTo(decoded(jpeg));
  }

  @Test
  void aPictureWithoutHuffmanTablesGetsTheStandardsNotThoseOfThePictureBefore()
      throws UndecodableImageException {
    byte[] jpeg = Pictures.jpeg(STREET, 0.9f);
    byte[] asMotionJpeg = JpegBytes.without(jpeg, 0xC4);
    byte[] expected = decoded(jpeg);

    decoded(Pictures.progressiveJpeg(Pictures.street(160, 96), 0.3f)); // Has tables of its own.

    assertThat(JpegHeader.parse(asMotionJpeg, PictureLimits.DEFAULT).usesDefaultTables()).isTrue();
    assertThat(JpegHeader.parse(jpeg, PictureLimits.DEFAULT).usesDefaultTables()).isFalse();
    assertThat(decoded(asMotionJpeg)).isEqualTo(expected);
  }

  @Test
  void bytesAfterTheEndMarkerAreIgnored() throws UndecodableImageException {
    byte[] jpeg = Pictures.jpeg(STREET, 0.9f);

    assertThat(decoded(java.util.Arrays.copyOf(jpeg, jpeg.length + 100))).isEqualTo(decoded(jpeg));
  }

  @Test
  void picturesOfManySizesMayTakeTurns() throws UndecodableImageException {
    byte[] expected = decoded(Pictures.jpeg(STREET, 0.9f));
    for (int round = 0; round < 2; round++) {
      for (int size = 16; size < 16 + 12; size++) {
        byte[] rgb = new byte[3 * 20 * 10];
        decoder.decode(Pictures.jpeg(Pictures.street(size, size + 3), 0.9f), 20, 10, rgb);
      }
    }

    assertThat(decoded(Pictures.jpeg(STREET, 0.9f))).isEqualTo(expected);
  }

  static Map<String, byte[]> badPictures() {
    byte[] jpeg = Pictures.jpeg(STREET, 0.9f);
    byte[] progressive = Pictures.progressiveJpeg(STREET, 0.9f);
    byte[] arithmetic = jpeg.clone();
    arithmetic[JpegBytes.frameHeader(jpeg) + 1] = (byte) 0xC9;
    byte[] lossless = jpeg.clone();
    lossless[JpegBytes.frameHeader(jpeg) + 1] = (byte) 0xC3;
    byte[] deep = jpeg.clone();
    deep[JpegBytes.frameHeader(jpeg) + 4] = 12;
    byte[] fourColours = jpeg.clone();
    fourColours[JpegBytes.frameHeader(jpeg) + 9] = 4;
    byte[] bomb =
        JpegBytes.withSize(Pictures.jpeg(Pictures.grey(8, 8, (x, y) -> 0), 0.1f), 65500, 65500);
    byte[] smallBomb = JpegBytes.withSize(bomb, 6000, 6000);
    Map<String, byte[]> bad = new TreeMap<>();
    bad.put("the picture is empty", new byte[0]);
    bad.put("the picture is not a JPEG: it is a PNG", Pictures.encoded(STREET, "png"));
    bad.put("the picture is not a JPEG: it is a GIF", Pictures.encoded(STREET, "gif"));
    bad.put("the picture is not a JPEG: it is a BMP", Pictures.encoded(STREET, "bmp"));
    bad.put(
        "the picture is not a JPEG: it does not begin with the bytes FF D8",
        "<html>404</html>".getBytes(ISO_8859_1));
    bad.put("the JPEG is truncated: it ends before its end marker (EOI)", JpegBytes.cut(jpeg, 0.7));
    bad.put("the JPEG is truncated inside a marker segment", java.util.Arrays.copyOf(jpeg, 100));
    bad.put("the JPEG's picture data is damaged", JpegBytes.cutAndEnded(jpeg, 0.7));
    bad.put("the JPEG says 65500x65500 pixels, more than the 40000000 allowed", bomb);
    bad.put(
        "the JPEG says 6000x6000 pixels, which its %d bytes cannot hold"
            .formatted(smallBomb.length),
        smallBomb);
    bad.put("the JPEG has more than 64 scans", JpegBytes.withMoreScans(progressive, 1000));
    bad.put("the JPEG's coding (SOF9) is neither baseline nor progressive", arithmetic);
    bad.put("the JPEG's coding (SOF3) is neither baseline nor progressive", lossless);
    bad.put("the JPEG has 12 bits a sample, not 8", deep);
    bad.put("the JPEG has 4 colour components, not 1 or 3", fourColours);
    bad.put("the JPEG's size is 0x96 pixels", JpegBytes.withSize(jpeg, 0, 96));
    bad.put(
        "the JPEG uses a quantisation table that it does not define",
        JpegBytes.without(jpeg, 0xDB));
    return bad;
  }

  static Stream<Arguments> badPictureArguments() {
    return badPictures().entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badPictureArguments")
  void aBadPictureIsRefusedAtOnceAndTheNextOneIsRead(String message, byte[] bad)
      throws UndecodableImageException {
    byte[] good = Pictures.jpeg(STREET, 0.9f);
    byte[] expected = decoded(good);

    Assertions.assertTimeout(
        Duration.ofSeconds(20),
        () ->
            assertThatThrownBy(() -> decoded(bad))
                .isInstanceOf(UndecodableImageException.class)
                .hasMessageStartingWith(message));

    assertThat(decoded(good)).isEqualTo(expected);
  }

  @Test
  void theBombIsOfTheSizeThatMadeGigabytesElsewhere() {
    assertThat(
            badPictures().get("the JPEG says 65500x65500 pixels, more than the 40000000 allowed"))
        .hasSizeLessThan(400);
  }

  @Test
  void aFileLargerThanAllowedIsRefused() {
    byte[] jpeg = Pictures.jpeg(STREET, 0.9f);
    PictureLimits limits = new PictureLimits(1_000_000, jpeg.length - 1, 10);

    assertThatThrownBy(() -> JpegHeader.parse(jpeg, limits))
        .isInstanceOf(UndecodableImageException.class)
        .hasMessage(
            "the picture has %d bytes, more than the %d allowed"
                .formatted(jpeg.length, jpeg.length - 1));
  }

  @Test
  void changedBytesNeverDoMoreThanMakeAPictureUndecodable() throws UndecodableImageException {
    Random random = new Random(SEED);
    byte[] good = Pictures.jpeg(STREET, 0.9f);
    byte[] goodProgressive = Pictures.progressiveJpeg(STREET, 0.9f);
    byte[] expected = decoded(good);
    int refused = 0;
    for (int round = 0; round < 600; round++) {
      byte[] changed = (round % 2 == 0 ? good : goodProgressive).clone();
      for (int i = 0; i <= round % 5; i++) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      try {
        decoded(changed);
      } catch (UndecodableImageException e) {
        refused++;
        assertThat(e).as("seed %d, round %d", SEED, round).message().isNotBlank();
      }
    }
    assertThat(refused).isBetween(50, 590);
    assertThat(decoded(good)).isEqualTo(expected);
  }

  @Test
  void picturesOfRealCamerasAreRead() throws Exception {
    Path images = Path.of("../../shared/data/street/images");
    Assumptions.assumeTrue(
        Files.isDirectory(images), "../shared/data/street/images is missing: pictures not read");
    try (Stream<Path> files = Files.list(images)) {
      for (Path file : files.sorted().limit(40).toList()) {
        byte[] jpeg = Files.readAllBytes(file);
        JpegHeader header = JpegHeader.parse(jpeg, PictureLimits.DEFAULT);
        byte[] rgb = new byte[3 * header.widthPx() * header.heightPx()];

        decoder.decode(jpeg, header.widthPx(), header.heightPx(), rgb);

        assertThat(meanDifference(rgb, Pictures.rgbByTheJdk(jpeg)))
            .as("%s", file.getFileName())
            .isLessThan(2);
      }
    }
  }

  private byte[] decoded(byte[] jpeg) throws UndecodableImageException {
    byte[] rgb = new byte[3 * 160 * 96];
    decoder.decode(jpeg, 160, 96, rgb);
    return rgb;
  }

  private static double meanDifference(byte[] a, byte[] b) {
    assertThat(a).hasSameSizeAs(b);
    long sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs((a[i] & 0xFF) - (b[i] & 0xFF));
    }
    return (double) sum / a.length;
  }
}
