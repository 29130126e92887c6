package dev.fovea.ingest.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.ingest.source.CapturedFrame;
import dev.fovea.ingest.source.FrameSource;
import dev.fovea.ingest.source.FrameSources;
import dev.fovea.ingest.source.Picture;
import dev.fovea.ingest.source.SourceOptions;
import dev.fovea.ingest.source.TestVideo;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameEncoderTest {
  private static final long MAX_PIXELS = 1 << 24;
  private static final Color ORANGE = new Color(220, 110, 30);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void coloursComeOutAsTheyWentInWhateverTheMatrix(boolean bt709) throws Exception {
    TestVideo video = TestVideo.of("mpeg4").size(640, 384).colour(ORANGE);
    Path file = (bt709 ? video.bt709() : video).write(folder.resolve("orange.mkv"), 1);

    BufferedImage picture = decode(encodeAll(file, new RecordedSize(320, 0), 90).get(0));

    Color seen = new Color(picture.getRGB(160, 150));
    assertThat(seen.getRed()).isCloseTo(ORANGE.getRed(), within(4));
    assertThat(seen.getGreen()).isCloseTo(ORANGE.getGreen(), within(4));
    assertThat(seen.getBlue()).isCloseTo(ORANGE.getBlue(), within(4));
  }

  @Test
  void scalesToTheRecordedSizeAndKeepsEachFrame() throws Exception {
    Path file = TestVideo.of("mpeg4").size(640, 384).write(folder.resolve("numbers.mp4"), 30);

    List<EncodedPicture> pictures = encodeAll(file, new RecordedSize(320, 0), 80);

    assertThat(pictures).hasSize(30);
    for (int i = 0; i < pictures.size(); i++) {
      BufferedImage picture = decode(pictures.get(i));
      assertThat(picture.getWidth()).isEqualTo(320).isEqualTo(pictures.get(i).widthPx());
      assertThat(picture.getHeight()).isEqualTo(192).isEqualTo(pictures.get(i).heightPx());
      assertThat(TestVideo.numberIn(picture)).isEqualTo(i);
    }
  }

  @Test
  void jpegOfTheRecordedSizePassesThroughUntouched() throws Exception {
    Path image = writeJpeg(folder.resolve("one.jpg"), 320, 192);

    EncodedPicture picture = encodeAll(folder, new RecordedSize(640, 0), 50).get(0);

    assertThat(picture.jpeg()).isEqualTo(Files.readAllBytes(image));
  }

  @Test
  void jpegOfAnotherSizeIsDecodedAndScaled() throws Exception {
    writeJpeg(folder.resolve("one.jpg"), 640, 384);

    BufferedImage picture = decode(encodeAll(folder, new RecordedSize(320, 0), 90).get(0));

    assertThat(picture.getWidth()).isEqualTo(320);
    assertThat(TestVideo.numberIn(picture)).isEqualTo(5);
    assertThat(new Color(picture.getRGB(160, 150)).getRed()).isCloseTo(220, within(5));
  }

  @Test
  void followsASourceThatChangesItsSize() throws Exception {
    writeJpeg(folder.resolve("1.jpg"), 640, 384);
    writeJpeg(folder.resolve("2.jpg"), 960, 400);
    writeJpeg(folder.resolve("3.jpg"), 640, 384);

    List<EncodedPicture> pictures = encodeAll(folder, new RecordedSize(320, 0), 90);

    assertThat(pictures).extracting(EncodedPicture::heightPx).containsExactly(192, 134, 192);
    for (EncodedPicture picture : pictures) {
      assertThat(TestVideo.numberIn(decode(picture))).isEqualTo(5);
    }
  }

  @Test
  void whatIsNoPictureIsRefusedWithItsReason() {
    try (FrameEncoder encoder = new FrameEncoder(RecordedSize.AS_IS, 80, MAX_PIXELS)) {
      assertThatThrownBy(() -> encoder.encode(new Picture.Unreadable("a.jpg: is cut off")))
          .isInstanceOf(EncodeFailedException.class)
          .hasMessage("a.jpg: is cut off");
    }
  }

  @Test
  void betterQualityMakesLargerPictures() throws Exception {
    Path file = TestVideo.of("mpeg4").write(folder.resolve("one.mp4"), 1);
    int low = encodeAll(file, RecordedSize.AS_IS, 20).get(0).jpeg().length;
    int middle = encodeAll(file, RecordedSize.AS_IS, 60).get(0).jpeg().length;
    int high = encodeAll(file, RecordedSize.AS_IS, 95).get(0).jpeg().length;
    assertThat(low).isLessThan(middle);
    assertThat(middle).isLessThan(high);
  }

  @ParameterizedTest
  @CsvSource({
    // configured, source, recorded
    "640, 0, 768, 432, 640, 360",
    "640, 0, 1920, 1080, 640, 360",
    "640, 0, 704, 576, 640, 524",
    "640, 0, 320, 241, 320, 241",
    "0, 360, 1280, 720, 640, 360",
    "0, 0, 1921, 1081, 1921, 1081",
    "640, 480, 1920, 1080, 640, 480",
    "640, 480, 500, 400, 500, 400",
  })
  void recordedSizeKeepsAspectAndNeverUpscales(
      int width, int height, int sourceWidth, int sourceHeight, int wantWidth, int wantHeight) {
    RecordedSize size = new RecordedSize(width, height);
    assertThat(size.widthFor(sourceWidth, sourceHeight)).isEqualTo(wantWidth);
    assertThat(size.heightFor(sourceWidth, sourceHeight)).isEqualTo(wantHeight);
  }

  private static Path writeJpeg(Path file, int width, int height) throws IOException {
    BufferedImage picture = TestVideo.of("mjpeg").size(width, height).colour(ORANGE).picture(5);
    ImageIO.write(picture, "jpg", file.toFile());
    return file;
  }

  private static List<EncodedPicture> encodeAll(Path file, RecordedSize size, int quality)
      throws Exception {
    List<EncodedPicture> pictures = new ArrayList<>();
    try (FrameSource source = FrameSources.open(file.toString(), SourceOptions.offline());
        FrameEncoder encoder = new FrameEncoder(size, quality, MAX_PIXELS)) {
      CapturedFrame frame;
      while ((frame = source.next()) != null) {
        pictures.add(encoder.encode(frame.picture()));
      }
    }
    return pictures;
  }

  private static BufferedImage decode(EncodedPicture picture) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(picture.jpeg()));
  }
}
