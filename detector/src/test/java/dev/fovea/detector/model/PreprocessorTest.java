package dev.fovea.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.awt.image.BufferedImage;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessorTest {
  private static final int WIDTH = TinyModel.WIDTH_PX;
  private static final int HEIGHT = TinyModel.HEIGHT_PX;

  @Test
  void channelsAreRedGreenBlueNormalisedEachItsOwnWay() throws UndecodableImageException {
    ModelManifest manifest =
        manifest(Fit.STRETCH, List.of(0.5f, 0.25f, 0f), List.of(0.25f, 0.5f, 1f));
    byte[] jpeg = Pictures.jpeg(Pictures.rgb(WIDTH, HEIGHT, (x, y) -> 0xC08040), 1f);

    ImageBatch batch = preprocessed(manifest, jpeg);

    int plane = WIDTH * HEIGHT;
    float[] values = floats(batch.slot(0));
    assertThat(values[plane / 2]).isCloseTo((0xC0 / 255f - 0.5f) / 0.25f, within(0.05f));
    assertThat(values[plane + plane / 2]).isCloseTo((0x80 / 255f - 0.25f) / 0.5f, within(0.05f));
    assertThat(values[2 * plane + plane / 2]).isCloseTo(0x40 / 255f, within(0.05f));
  }

  @ParameterizedTest(name = "from {0}x{1}")
  @CsvSource({"192, 128", "288, 192", "48, 32", "16, 16", "160, 96", "640, 352"})
  void scalingIsCentredOnPixelsSoThatAMirroredPictureGivesAMirroredInput(int width, int height)
      throws UndecodableImageException {
    ModelManifest manifest = manifest(Fit.STRETCH, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    BufferedImage picture =
        Pictures.grey(width, height, (x, y) -> 8 * x / width % 2 == 0 ? 40 : 40 + 160 * y / height);
    BufferedImage mirrored =
        Pictures.grey(
            width,
            height,
            (x, y) -> picture.getRaster().getSample(width - 1 - x, height - 1 - y, 0));

    float[] input = floats(preprocessed(manifest, Pictures.jpeg(picture, 1f)).slot(0));
    float[] turned = floats(preprocessed(manifest, Pictures.jpeg(mirrored, 1f)).slot(0));

    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        float there = turned[(HEIGHT - 1 - y) * WIDTH + WIDTH - 1 - x];
        assertThat(input[y * WIDTH + x]).as("%d, %d", x, y).isCloseTo(there, within(4 / 255f));
      }
    }
  }

  @Test
  void aRampStaysARampAtTheRightPlace() throws UndecodableImageException {
    ModelManifest manifest = manifest(Fit.STRETCH, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    int from = 32;
    byte[] jpeg = Pictures.jpeg(Pictures.grey(from, from, (x, y) -> 4 + 7 * x), 1f);

    float[] input = floats(preprocessed(manifest, jpeg).slot(0));

    for (int x = 3; x < WIDTH - 3; x++) {
      double sourceX = (x + 0.5) * from / WIDTH - 0.5;
      assertThat(255 * input[HEIGHT / 2 * WIDTH + x])
          .as("column %d", x)
          .isCloseTo((float) (4 + 7 * sourceX), within(2.5f));
    }
  }

  @Test
  void everyPixelCountsWhenAPictureShrinks() throws UndecodableImageException {
    ModelManifest manifest = manifest(Fit.STRETCH, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    // Columns of black and white, eight times finer than the input: grey, not a moiré.
    byte[] jpeg =
        Pictures.jpeg(Pictures.grey(8 * WIDTH, 8 * HEIGHT, (x, y) -> x % 2 == 0 ? 0 : 255), 1f);

    float[] input = floats(preprocessed(manifest, jpeg).slot(0));

    // The outermost columns lean to the black one at the picture's edge.
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 1; x < WIDTH - 1; x++) {
        assertThat(input[y * WIDTH + x]).as("%d, %d", x, y).isCloseTo(0.5f, within(0.03f));
      }
    }
  }

  @Test
  void aLetterboxKeepsTheShapeAtTheTopLeftAndIsZeroElsewhere() throws UndecodableImageException {
    ModelManifest manifest =
        manifest(Fit.LETTERBOX, List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));
    byte[] wide = Pictures.jpeg(Pictures.rgb(640, 360, (x, y) -> 0xFFFFFF), 1f);
    byte[] high = Pictures.jpeg(Pictures.rgb(100, 200, (x, y) -> 0xFFFFFF), 1f);
    ImageBatch batch = new ImageBatch(2, WIDTH, HEIGHT);

    try (Preprocessor preprocessor = new Preprocessor(manifest, PictureLimits.DEFAULT)) {
      // A slot that is used again must not show what was there before.
      preprocessor.preprocess(high, batch, 0);
      preprocessor.preprocess(wide, batch, 0);
      preprocessor.preprocess(high, batch, 1);
    }

    assertThat(batch.placement(0)).isEqualTo(new ImagePlacement(640, 360, 96, 54));
    assertThat(batch.placement(1)).isEqualTo(new ImagePlacement(100, 200, 32, 64));
    assertWhite(batch.slot(0), 96, 54);
    assertWhite(batch.slot(1), 32, 64);
  }

  private static void assertWhite(FloatBuffer input, int width, int height) {
    float[] values = floats(input);
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
          float expected = x < width && y < height ? 1 : 0;
          assertThat(values[(channel * HEIGHT + y) * WIDTH + x])
              .as("channel %d at %d, %d", channel, x, y)
              .isCloseTo(expected, within(0.02f));
        }
      }
    }
  }

  @Test
  void aStretchedFramesPlacementScalesBoxesBackToIt() throws UndecodableImageException {
    ModelManifest manifest = manifest(Fit.STRETCH, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));

    ImageBatch batch = preprocessed(manifest, Pictures.jpeg(Pictures.street(192, 96), 0.9f));

    assertThat(batch.placement(0)).isEqualTo(new ImagePlacement(192, 96, WIDTH, HEIGHT));
    assertThat(batch.placement(0).frameScaleX()).isEqualTo(2);
    assertThat(batch.placement(0).frameScaleY()).isEqualTo(1.5f);
  }

  @Test
  void aBatchOfAnotherSizeIsRefused() {
    ModelManifest manifest = manifest(Fit.STRETCH, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    ImageBatch batch = new ImageBatch(1, 100, 100);
    byte[] jpeg = Pictures.jpeg(Pictures.street(64, 64), 0.9f);

    try (Preprocessor preprocessor = new Preprocessor(manifest, PictureLimits.DEFAULT)) {
      assertThatThrownBy(() -> preprocessor.preprocess(jpeg, batch, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the batch is for 100x100, the model for 96x64");
    }
  }

  @Test
  void aPictureLeavesLittleGarbage() throws UndecodableImageException {
    ModelManifest manifest = manifest(Fit.STRETCH, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    byte[] jpeg = Pictures.jpeg(Pictures.street(640, 360), 0.85f);
    ImageBatch batch = new ImageBatch(1, WIDTH, HEIGHT);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int rounds = 200;

    try (Preprocessor preprocessor = new Preprocessor(manifest, PictureLimits.DEFAULT)) {
      for (int i = 0; i < rounds; i++) {
        preprocessor.preprocess(jpeg, batch, 0);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < rounds; i++) {
        preprocessor.preprocess(jpeg, batch, 0);
      }
      long bytesEach = (threads.getCurrentThreadAllocatedBytes() - before) / rounds;

      // Headers, keys and JavaCPP's pointers; a single copy of the input would be 73,728.
      assertThat(bytesEach).isLessThan(3_000);
    }
  }

  private static ImageBatch preprocessed(ModelManifest manifest, byte[] jpeg)
      throws UndecodableImageException {
    ImageBatch batch = new ImageBatch(1, WIDTH, HEIGHT);
    try (Preprocessor preprocessor = new Preprocessor(manifest, PictureLimits.DEFAULT)) {
      preprocessor.preprocess(jpeg, batch, 0);
    }
    return batch;
  }

  private static float[] floats(FloatBuffer buffer) {
    float[] values = new float[buffer.limit()];
    buffer.get(0, values);
    return values;
  }

  private static ModelManifest manifest(Fit fit, List<Float> mean, List<Float> scale) {
    ModelManifest tiny = TinyModel.manifest(new byte[0]);
    return new ModelManifest(
        tiny.name(),
        tiny.version(),
        tiny.inputWidthPx(),
        tiny.inputHeightPx(),
        fit,
        mean,
        scale,
        tiny.classes(),
        tiny.anchors(),
        tiny.scoreThreshold(),
        tiny.nmsIou(),
        tiny.topKPerLevel(),
        tiny.maxDetections(),
        tiny.sha256(),
        tiny.metrics(),
        tiny.provenance());
  }
}
