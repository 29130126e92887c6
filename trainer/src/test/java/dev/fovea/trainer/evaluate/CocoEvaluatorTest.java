package dev.fovea.trainer.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.trainer.Golden;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** One car in each of two pictures, found, and a false car above it in the second. */
  @Test
  void whereAClassIsNotMarkedExhaustivelyItsUnmatchedDetectionsCountNeitherWay() {
    List<ScoredBox> found =
        List.of(
            new ScoredBox(1, 0, 0, 0, 40, 40, 0.8),
            new ScoredBox(2, 0, 0, 0, 40, 40, 0.7),
            new ScoredBox(2, 0, 200, 200, 40, 40, 0.9));

    double marked = new CocoEvaluator(cars(Set.of())).evaluate(found).ap50();
    double unmarked = new CocoEvaluator(cars(Set.of(0))).evaluate(found).ap50();

    assertThat(marked).isCloseTo(2 / 3.0, within(1e-9));
    assertThat(unmarked).isEqualTo(1);
  }

  private static CocoDataset cars(Set<Integer> unmarkedInTheSecond) {
    Annotation car = new Annotation(1, 0, 0, 0, 40, 40, 1_600, false);
    return new CocoDataset(
        Path.of("cars.json"),
        List.of("car"),
        List.of(1L),
        List.of(
            new LabelledPicture(1, Path.of("1.jpg"), 640, 480, List.of(car), Set.of()),
            new LabelledPicture(2, Path.of("2.jpg"), 640, 480, List.of(car), unmarkedInTheSecond)));
  }
}
