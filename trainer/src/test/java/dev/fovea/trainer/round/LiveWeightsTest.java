package dev.fovea.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.export.NoWeightsException;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.fit.ProgressListener;
import dev.fovea.trainer.fit.StartWeights;
import dev.fovea.trainer.fit.TrainData;
import dev.fovea.trainer.fit.Trainer;
import dev.fovea.trainer.quantize.Quantizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveWeightsTest {
  @TempDir Path folder;

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  @Test
  void comeFromTheCheckpointElseFromTheModelElseASentenceSaysWhyNot() throws Exception {
    Path release = released();
    LiveWeights learned = LiveWeights.of(ReleaseFolder.open(release));
    assertThat(learned.start().folded()).isFalse();
    assertThat(learned.classes()).containsExactly("red", "blue");

    Files.delete(release.resolve(Checkpoint.FILE_NAME));
    LiveWeights served = LiveWeights.of(ReleaseFolder.open(release));
    assertThat(served.start().folded()).isTrue();
    assertThat(served.classes()).isEqualTo(learned.classes());
    assertThat(served.settings()).isEqualTo(learned.settings());
    // The last layer has no normalisation to be folded into it.
    assertThat(values(served.start(), "class.last.weight"))
        .containsExactly(values(learned.start(), "class.last.weight"));

    Path eightBit = folder.resolve("eight-bit");
    new Quantizer(4, 7).quantize(release, folder.resolve("train"), eightBit);
    ReleaseFolder without = ReleaseFolder.open(eightBit);
    assertThatThrownBy(() -> LiveWeights.of(without))
        .isInstanceOf(NoWeightsException.class)
        .hasMessageContaining("8-bit");
  }

  @Test
  void aDamagedCheckpointIsNoReasonToStartFromScratch() throws Exception {
    Path release = released();
    Files.write(release.resolve(Checkpoint.FILE_NAME), new byte[100]);
    ReleaseFolder damaged = ReleaseFolder.open(release);
    assertThatThrownBy(() -> LiveWeights.of(damaged))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(NoWeightsException.class)
        .hasMessageContaining(Checkpoint.FILE_NAME);
  }

  @Test
  void aClassKeepsItsFiltersWhereverItStandsAndANewOneStartsAtThePrior() throws Exception {
    LiveWeights live = LiveWeights.of(ReleaseFolder.open(released()));
    TrainSettings settings = live.settings();
    int anchors = settings.anchors().shapes().perLocation();
    float[] before = values(live.start(), "class.last.weight");
    int length = before.length / (2 * anchors);

    StartWeights wanted = live.forClasses(List.of("green", "blue", "red"));

    float[] weight = values(wanted, "class.last.weight");
    float[] bias = values(wanted, "class.last.bias");
    assertThat(weight).hasSize(3 * anchors * length);
    assertThat(bias).hasSize(3 * anchors);
    for (int a = 0; a < anchors; a++) {
      assertThat(filter(weight, 3 * a, length)).containsOnly(0f);
      assertThat(filter(weight, 3 * a + 1, length)).isEqualTo(filter(before, 2 * a + 1, length));
      assertThat(filter(weight, 3 * a + 2, length)).isEqualTo(filter(before, 2 * a, length));
      double prior = settings.network().prior();
      assertThat(bias[3 * a]).isEqualTo((float) Math.log(prior / (1 - prior)));
    }
    assertThat(live.forClasses(live.classes())).isSameAs(live.start());
  }

  private static float[] values(StartWeights start, String name) {
    return Objects.requireNonNull(start.values().get(name), name);
  }

  private static float[] filter(float[] weight, int channel, int length) {
    return Arrays.copyOfRange(weight, channel * length, (channel + 1) * length);
  }

  private Path released() throws Exception {
    Path release = folder.resolve("release");
    Trainer.run(
        TinyRun.settings(Map.of("schedule.steps", "2")),
        new TrainData(TinyRun.rectangles(folder.resolve("train"), 12, 1), Optional.empty()),
        release,
        "tiny",
        false,
        ProgressListener.SILENT);
    return release;
  }
}
