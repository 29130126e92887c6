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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CocoEvaluatorTest {
  private static final double TOLERANCE = 1e-9;

  @ParameterizedTest
  @ValueSource(strings = {"coco-eval", "coco-eval-hard"})
  void givesPycocotoolsFigures(String name) {
    CocoDataset truth = truth(Golden.read(name + "/ground-truth.json"));
    CocoMetrics metrics =
        new CocoEvaluator(truth)
            .evaluate(detections(Golden.read(name + "/detections.json"), truth));
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
    CocoDataset truth = truth(Golden.read("coco-eval-hard/ground-truth.json"));
    ScoredBox stray = new ScoredBox(-5, 0, 0, 0, 1, 1, 0.5);
    assertThatThrownBy(() -> new CocoEvaluator(truth).evaluate(List.of(stray)))
        .hasMessageContaining("imageId=-5");
  }

  private static CocoDataset truth(JsonNode file) {
    TreeMap<Long, String> categories = new TreeMap<>();
    file.get("categories")
        .forEach(c -> categories.put(c.get("id").asLong(), c.get("name").asText()));
    List<Long> ids = List.copyOf(categories.keySet());
    Map<Long, List<Annotation>> annotations = new TreeMap<>();
    for (JsonNode a : file.get("annotations")) {
      JsonNode box = a.get("bbox");
      annotations
          .computeIfAbsent(a.get("image_id").asLong(), k -> new ArrayList<>())
          .add(
              new Annotation(
                  a.get("id").asLong(),
                  ids.indexOf(a.get("category_id").asLong()),
                  box.get(0).asDouble(),
                  box.get(1).asDouble(),
                  box.get(2).asDouble(),
                  box.get(3).asDouble(),
                  a.get("area").asDouble(),
                  a.get("iscrowd").asInt() == 1));
    }
    List<LabelledPicture> pictures = new ArrayList<>();
    for (JsonNode image : file.get("images")) {
      long id = image.get("id").asLong();
      pictures.add(
          new LabelledPicture(
              id,
              Path.of(image.get("file_name").asText()),
              image.get("width").asInt(),
              image.get("height").asInt(),
              annotations.getOrDefault(id, List.of()),
              Set.of()));
    }
    return new CocoDataset(
        Path.of("ground-truth.json"), List.copyOf(categories.values()), ids, pictures);
  }

  private static List<ScoredBox> detections(JsonNode file, CocoDataset truth) {
    List<ScoredBox> boxes = new ArrayList<>();
    for (JsonNode d : file) {
      JsonNode box = d.get("bbox");
      boxes.add(
          new ScoredBox(
              d.get("image_id").asLong(),
              truth.categoryIds().indexOf(d.get("category_id").asLong()),
              box.get(0).asDouble(),
              box.get(1).asDouble(),
              box.get(2).asDouble(),
              box.get(3).asDouble(),
              d.get("score").asDouble()));
    }
    return boxes;
  }
}
