package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.DetectionDecoder;
import dev.fovea.detector.model.FrameDetections;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.Pictures;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.TinyModel;
import dev.fovea.detector.model.UndecodableImageException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadedModelTest {
  @TempDir Path folder;

  private LoadedModel model;

  @BeforeEach
  void load() throws ModelLoadException {
    model = LoadedModel.load(TinyModel.brightIsCar().writeTo(folder), EngineSettings.cpu(1, 4));
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void findsWhatIsInAPictureInThePicturesOwnPixels() {
    // 192x128 is twice the model's input; the spot covers the cell of stride 8 at row 3, column 4.
    List<FrameDetections> found = model.detect(List.of(spot(192, 128, 4, 3)));

    assertThat(found).hasSize(1);
    assertThat(found.get(0).error()).isEmpty();
    assertThat(found.get(0).widthPx()).isEqualTo(192);
    assertThat(found.get(0).heightPx()).isEqualTo(128);
    assertThat(found.get(0).detections()).hasSize(1);
    Detected car = found.get(0).detections().get(0);
    assertThat(car.label()).isEqualTo("car");
    assertThat(car.score()).isGreaterThan(0.9f);
    // The anchor of side 32 around (36, 28), twice as large.
    assertThat(new float[] {car.x1(), car.y1(), car.x2(), car.y2()})
        .containsExactly(new float[] {40, 24, 104, 88}, within(0.01f));
  }

  @Test
  void aPictureThatCannotBeReadIsReportedInItsPlaceAndTheOthersAreDetected() {
    List<byte[]> pictures = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      pictures.add(spot(96, 64, i, 3));
    }
    pictures.set(0, new byte[0]);
    pictures.set(5, "no picture".getBytes(StandardCharsets.UTF_8));

    List<FrameDetections> found = model.detect(pictures);

    assertThat(found).hasSize(10);
    assertThat(found.get(0).error()).contains("the picture is empty");
    assertThat(found.get(5).error().orElseThrow()).startsWith("the picture is not a JPEG");
    for (int i : new int[] {1, 2, 3, 4, 6, 7, 8, 9}) {
      assertThat(found.get(i).error()).isEmpty();
      assertThat(found.get(i).detections()).as("picture %d", i).hasSize(1);
      assertThat(found.get(i).detections().get(0).x2())
          .isCloseTo(Math.min(96, 8 * i + 4 + 16), within(0.01f));
    }
  }

  @Test
  void onlyBadPicturesAreAllReported() {
    assertThat(model.detect(List.of(new byte[0], new byte[3])))
        .hasSize(2)
        .allMatch(frame -> frame.error().isPresent() && frame.detections().isEmpty());
    assertThat(model.detect(List.of())).isEmpty();
  }

  @Test
  void theThresholdMayBeAnother() {
    List<byte[]> pictures = List.of(spot(96, 64, 4, 3));

    assertThat(model.detect(pictures, model.manifest().decoding().withScoreThreshold(0.99999f)))
        .allMatch(frame -> frame.detections().isEmpty());
  }

  @Test
  void namesItsEngineAndModel() {
    assertThat(model.engineName()).isEqualTo("onnxruntime:cpu");
    assertThat(model.manifest().name()).isEqualTo("tiny");
    assertThat(model.maxBatch()).isEqualTo(4);
    assertThat(model.newBatch().capacity()).isEqualTo(4);
  }

  @Test
  void aReleaseThatIsNotThereIsNamed() {
    Path nowhere = folder.resolve("nowhere");

    assertThatThrownBy(() -> LoadedModel.load(nowhere, EngineSettings.cpu(1, 1)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("release " + nowhere + ": no such folder");
  }

  @Test
  void aFrameFromBytesToBoxesLeavesLittleGarbage() throws UndecodableImageException {
    byte[] jpeg = spot(640, 360, 4, 3);
    ImageBatch batch = model.newBatch();
    DetectionDecoder decoder = model.newDecoder();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int rounds = 300;
    long before = 0;
    try (Preprocessor preprocessor = model.newPreprocessor()) {
      for (int round = 0; round < 2 * rounds; round++) {
        if (round == rounds) {
          before = threads.getCurrentThreadAllocatedBytes();
        }
        preprocessor.preprocess(jpeg, batch, 0);
        batch.setSize(1);
        assertThatNothingIsLost(decoder.decode(model.infer(batch), 0, batch.placement(0)).size());
      }
    }
    long bytesEach = (threads.getCurrentThreadAllocatedBytes() - before) / rounds;

    // DJL's own predictor alone leaves hundreds of thousands; the input is 73,728 bytes.
    assertThat(bytesEach).isLessThan(12_000);
  }

  private static void assertThatNothingIsLost(int detections) {
    if (detections == 0) {
      throw new AssertionError("the spot was not found");
    }
  }

  /** Black, with a red spot over the pixel that a cell of stride 8 of the model's input sees. */
  private static byte[] spot(int width, int height, int column, int row) {
    return Pictures.jpeg(
        Pictures.rgb(
            width,
            height,
            (x, y) -> {
              float inputX = (x + 0.5f) * TinyModel.WIDTH_PX / width;
              float inputY = (y + 0.5f) * TinyModel.HEIGHT_PX / height;
              boolean onSpot =
                  Math.abs(inputX - 8 * column - 0.5f) < 3 && Math.abs(inputY - 8 * row - 0.5f) < 3;
              return onSpot ? 0xFF0000 : 0;
            }),
        0.95f);
  }
}
