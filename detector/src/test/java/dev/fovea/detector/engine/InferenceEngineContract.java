package dev.fovea.detector.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.TinyModel;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every inference engine must do; a subclass for each. */
abstract class InferenceEngineContract {
  static final long SEED = 17;
  private static final int MAX_BATCH = 4;

  @TempDir Path folder;

  private final TinyModel tiny = new TinyModel(SEED);
  private final Random random = new Random(SEED);
  private InferenceEngine engine;

  /** Loads a release for batches of up to {@code maxBatch}. */
  abstract InferenceEngine load(ReleaseFolder release, int maxBatch) throws ModelLoadException;

  /** Largest difference from the arithmetic in floats, where values are around 3. */
  float tolerance() {
    return 1e-5f;
  }

  @BeforeEach
  void open() throws ModelLoadException {
    engine = load(ReleaseFolder.open(tiny.writeTo(folder)), MAX_BATCH);
  }

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void outputsAreTheGraphs() {
    ImageBatch batch = randomBatch(1);

    assertOutputs(engine.infer(batch), batch);
  }

  @Test
  void everyImageOfABatchHasItsOwnOutputs() {
    ImageBatch batch = randomBatch(MAX_BATCH);

    assertOutputs(engine.infer(batch), batch);
  }

  @Test
  void batchesOfAnySizeMayFollowOneAnother() {
    for (int size : new int[] {3, 1, 4, 2, 4, 1, 1}) {
      ImageBatch batch = randomBatch(size);

      assertOutputs(engine.infer(batch), batch);
    }
  }

  @Test
  void aBatchMayBeFilledAgain() {
    ImageBatch batch = randomBatch(2);
    engine.infer(batch);

    fill(batch, 2);

    assertOutputs(engine.infer(batch), batch);
  }

  @Test
  void batchesThatDoNotFitAreRefused() {
    ImageBatch empty = new ImageBatch(MAX_BATCH, TinyModel.WIDTH_PX, TinyModel.HEIGHT_PX);
    ImageBatch large = new ImageBatch(MAX_BATCH + 1, TinyModel.WIDTH_PX, TinyModel.HEIGHT_PX);
    large.setSize(MAX_BATCH + 1);
    ImageBatch turned = new ImageBatch(MAX_BATCH, TinyModel.HEIGHT_PX, TinyModel.WIDTH_PX);
    turned.setSize(1);

    assertThatThrownBy(() -> engine.infer(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a batch of 0 for an engine of 1 to 4");
    assertThatThrownBy(() -> engine.infer(large))
        .hasMessage("a batch of 5 for an engine of 1 to 4");
    assertThatThrownBy(() -> engine.infer(turned))
        .hasMessage("a batch of 64x96 for a model of 96x64");
    assertThat(engine.maxBatch()).isEqualTo(MAX_BATCH);
  }

  private ImageBatch randomBatch(int size) {
    ImageBatch batch = new ImageBatch(MAX_BATCH, TinyModel.WIDTH_PX, TinyModel.HEIGHT_PX);
    fill(batch, size);
    return batch;
  }

  private void fill(ImageBatch batch, int size) {
    for (int slot = 0; slot < size; slot++) {
      FloatBuffer input = batch.slot(slot);
      for (int i = 0; i < input.limit(); i++) {
        input.put(i, random.nextFloat() - 0.5f);
      }
    }
    batch.setSize(size);
  }

  private void assertOutputs(RawPredictions raw, ImageBatch batch) {
    assertThat(raw.images()).isEqualTo(batch.size());
    for (int level = 0; level < raw.levels().size(); level++) {
      RawPredictions.Level maps = raw.levels().get(level);
      for (int image = 0; image < batch.size(); image++) {
        assertImage(maps.logits(), image, tiny.expected(2 * level, batch.slot(image)));
        assertImage(maps.deltas(), image, tiny.expected(2 * level + 1, batch.slot(image)));
      }
    }
  }

  private void assertImage(FloatBuffer floats, int image, float[] expected) {
    float[] found = new float[expected.length];
    floats.get(image * expected.length, found);
    assertThat(found).containsExactly(expected, within(tolerance()));
  }
}
