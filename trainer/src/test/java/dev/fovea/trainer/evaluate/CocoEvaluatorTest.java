package dev.fovea.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.Golden;
import dev.fovea.trainer.data.CocoDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CocoEvaluatorTest {
  private static final double TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(strings = {"coco-eval", "coco-eval-hard"})
  void givesPycocotoolsFigures(String name) {
    CocoDataset truth = CocoDataset.readTruth(Golden.file(name + "/ground-truth.json"));
    CocoMetrics metrics =
        new CocoEvaluator(truth)
            .evaluate(CocoResultsFile.read(Golden.file(name + "/detections.json"), truth));
    JsonNode expected = Golden.read(name + "/expected.json");
    Map<String, Double> figures =
        Map.ofEntries(
            Map.entry("AP", metrics.ap()),
            Map.entry("AP50", metrics.ap50()),
            Map.entry("AP75", metrics.ap75()),
            Map.entry("APsmall", metrics.apSmall()),
            Map.entry("APmedium", metrics.apMedium()),
            Map.entry("APlarge", metrics.apLarge()),
            Map.entry("AR1", metrics.ar1()),
            Map.entry("AR10", metrics.ar10()),
            Map.entry("AR100", metrics.ar100()),
            Map.entry("ARsmall", metrics.arSmall()),
            Map.entry("ARmedium", metrics.arMedium()),
            Map.entry("ARlarge", metrics.arLarge()));
    figures.forEach(
        (figure, value) ->
            assertThat(value)
                .as(figure)
                .isCloseTo(expected.get(figure).asDouble(), within(TOLERANCE)));
    assertThat(metrics.classAp()).hasSize(expected.get("perClassAP").size());
    metrics
        .classAp()
        .forEach(
            (label, value) ->
                assertThat(value)
                    .as(label)
                    .isCloseTo(
                        expected.get("perClassAP").get(label).asDouble(), within(TOLERANCE)));
  }

  @Test
  void aDetectionOfAnUnknownPictureIsRefused() {
    CocoDataset truth = CocoDataset.readTruth(Golden.file("coco-eval-hard/ground-truth.json"));
    ScoredBox stray = new ScoredBox(-5, 0, 0, 0, 1, 1, 0.5);
    assertThatThrownBy(() -> new CocoEvaluator(truth).evaluate(List.of(stray)))
        .hasMessageContaining("imageId=-5");
  }
}
