package dev.fovea.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.StrictConfig;
import dev.fovea.trainer.settings.InputSize;
import dev.fovea.trainer.settings.OptimizerSettings;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainSettingsTest {
  @Test
  void whatIsRenderedReadsBackTheSame() {
    TrainSettings settings =
        TrainSettings.with(
            Map.of(
                "network.depth", "50",
                "network.head-norm", "group",
                "loss.box", "giou",
                "loss.classes", "balanced-cross-entropy",
                "loss.ohem.background-per-foreground", "3",
                "anchors.ratios", "[0.25, 1.5]",
                "schedule.seed", "12345678901",
                "input.fit", "letterbox"));
    assertThat(settings.network().depth()).isEqualTo(50);
    assertThat(settings.anchors().ratios()).containsExactly(0.25, 1.5);
    assertThat(TrainSettings.from(ConfigFactory.parseString(settings.render())))
        .isEqualTo(settings);
  }

  @Test
  void aValueOutOfRangeIsNamedWithItsRule() {
    assertThatThrownBy(() -> TrainSettings.with(Map.of("network.depth", "19")))
        .hasMessage("network.depth = 19: must be 18, 34, 50 or 101");
    assertThatThrownBy(() -> TrainSettings.with(Map.of("input.width", "100")))
        .hasMessageContaining("input.width = 100")
        .hasMessageContaining("multiple of 32");
    assertThatThrownBy(() -> TrainSettings.with(Map.of("loss.box", "l3")))
        .hasMessageContaining("giou, l1, smooth-l1");
    assertThatThrownBy(() -> TrainSettings.with(Map.of("loss.classes", "hinge")))
        .hasMessageContaining("balanced-cross-entropy, cross-entropy, focal, ohem, quality-focal");
    assertThatThrownBy(
            () -> TrainSettings.with(Map.of("loss.classes", "quality-focal", "loss.gamma", "0.5")))
        .hasMessage("loss.gamma = 0.5: must be 1 or more");
    assertThatThrownBy(() -> TrainSettings.with(Map.of("loss.ohem.examples", "0")))
        .hasMessageContaining("loss.ohem.examples = 0");
  }

  @Test
  void anUnknownKeyIsNamed() {
    assertThatThrownBy(() -> TrainSettings.with(Map.of("network.deepth", "18")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("network.deepth");
  }

  @Test
  void everyKeyOfTheReferenceIsReadAndRendered() {
    Set<String> reference =
        ConfigFactory.parseString(StrictConfig.referenceText(TrainSettings.class))
            .entrySet()
            .stream()
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    Set<String> rendered =
        ConfigFactory.parseString(TrainSettings.defaults().render()).entrySet().stream()
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    assertThat(rendered).isEqualTo(reference);
  }

  /** The recipes that the project has, read from its root. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "examples/bccd/train.conf",
        "examples/street/train.conf",
        "examples/recipes/paper.conf",
        "examples/recipes/torchvision-v2.conf",
        "models/street-synthetic/train.conf"
      })
  void theProjectsRecipesAreValid(String recipe) {
    Path file = Path.of("..").resolve(recipe);
    TrainSettings settings = TrainSettings.with(Map.of(), StrictConfig.parse(file));
    assertThat(settings).isNotEqualTo(TrainSettings.defaults());
  }

  @Test
  void thePapersRecipeIsThePapers() {
    TrainSettings paper =
        TrainSettings.with(
            Map.of(), StrictConfig.parse(Path.of("..", "examples", "recipes", "paper.conf")));
    assertThat(paper.optimizer().kind()).isEqualTo(OptimizerSettings.Kind.SGD);
    assertThat(paper.optimizer().milestones().stream().map(m -> Math.round(m * 90_000)))
        .containsExactly(60_000L, 80_000L);
    assertThat(paper.anchors().shapes().perLocation()).isEqualTo(9);
    assertThat(paper.network().headConvolutions()).isEqualTo(4);
  }

  @Test
  void aBatchThatNoArrayHoldsIsRefused() {
    assertThatThrownBy(
            () -> TrainSettings.with(Map.of("schedule.batch", "40000", "input.width", "384")))
        .hasMessageContaining("schedule.batch = 40000");
  }

  @Test
  void multiScaleGivesSizesThatThePyramidFits() {
    TrainSettings settings =
        TrainSettings.with(
            Map.of(
                "input.width", "384",
                "input.height", "224",
                "input.multi-scale", "[0.1, 0.5, 1, 1.5]"));
    assertThat(settings.input().sizes())
        .containsExactly(
            new InputSize(32, 32),
            new InputSize(192, 128),
            new InputSize(384, 224),
            new InputSize(576, 352));
  }
}
