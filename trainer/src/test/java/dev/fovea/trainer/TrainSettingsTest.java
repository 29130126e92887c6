package dev.fovea.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.StrictConfig;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

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
        .hasMessageContaining("balanced-cross-entropy, cross-entropy, focal, ohem");
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
}
