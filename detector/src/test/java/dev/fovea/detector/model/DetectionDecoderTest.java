package dev.fovea.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.geometry.Golden;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetectionDecoderTest {
  private static final int ANCHORS = 9;
  private static final int CLASSES = 3;
  private static final List<String> LABELS = List.of("car", "person", "bicycle");
  private static final AnchorGenerator TORCHVISION_ANCHORS =
      AnchorGenerator.of(
          new AnchorShapes(
              4, AnchorShapes.paper().ratios(), AnchorShapes.paper().octaveScales(), true),
          128,
          96);

  @ParameterizedTest
  @ValueSource(strings = {"default", "strict"})
  void detectionsAreTorchvisions(String setting) {
    JsonNode golden = Golden.torchvision();
    JsonNode expected = golden.get("postprocess").get(setting);
    // The golden case is the second image of a batch whose first is silent.
    RawPredictions raw = predictions(2, golden, 1);
    DetectionDecoder decoder =
        new DetectionDecoder(LABELS, TORCHVISION_ANCHORS, settings(expected), true);
    ImagePlacement placement = new ImagePlacement(128, 96, 128, 96);

    assertThat(decoder.decode(raw, 0, placement)).isEmpty();
    List<Detected> detections = decoder.decode(raw, 1, placement);

    assertThat(detections).hasSize(expected.get("scores").size());
    for (int i = 0; i < detections.size(); i++) {
      Detected detected = detections.get(i);
      float[] box = Golden.floats(expected.get("boxes").get(i));
      assertThat(detected.classIndex()).isEqualTo(expected.get("labels").get(i).intValue());
      assertThat(detected.label()).isEqualTo(LABELS.get(detected.classIndex()));
      assertThat(detected.score())
          .isCloseTo((float) expected.get("scores").get(i).doubleValue(), within(1e-5f));
      assertThat(new float[] {detected.x1(), detected.y1(), detected.x2(), detected.y2()})
          .containsExactly(box, within(0.01f));
    }
  }

  @Test
  void boxesBesideTheFrameAreDroppedWhereTorchvisionKeepsThem() {
    JsonNode golden = Golden.torchvision();
    JsonNode expected = golden.get("postprocess").get("strict");
    RawPredictions raw = predictions(1, golden, 0);
    ImagePlacement placement = new ImagePlacement(128, 96, 128, 96);

    List<Detected> all =
        new DetectionDecoder(LABELS, TORCHVISION_ANCHORS, settings(expected), true)
            .decode(raw, 0, placement);
    List<Detected> served =
        new DetectionDecoder(LABELS, TORCHVISION_ANCHORS, settings(expected))
            .decode(raw, 0, placement);

    assertThat(all).anyMatch(detected -> detected.y1() == detected.y2());
    assertThat(served)
        .startsWith(
            all.stream().filter(detected -> detected.y1() < detected.y2()).toArray(Detected[]::new))
        .allMatch(detected -> detected.y1() < detected.y2() && detected.x1() < detected.x2());
  }

  private static DecodingSettings settings(JsonNode expected) {
    return new DecodingSettings(
        (float) expected.get("score_threshold").doubleValue(),
        (float) expected.get("nms_iou").doubleValue(),
        expected.get("topk_per_level").intValue(),
        expected.get("detections_per_image").intValue());
  }

  /** The golden case's flattened outputs as maps of a batch; the other images get logits of −20. */
  private static RawPredictions predictions(int images, JsonNode golden, int image) {
    float[] logits = Golden.floats(golden.get("cls_logits"));
    float[] deltas = Golden.floats(golden.get("bbox_regression"));
    List<RawPredictions.Level> levels = new ArrayList<>();
    int first = 0;
    for (int level = 0; level < TORCHVISION_ANCHORS.levels(); level++) {
      int height = TORCHVISION_ANCHORS.height(level);
      int width = TORCHVISION_ANCHORS.width(level);
      levels.add(
          new RawPredictions.Level(
              height,
              width,
              maps(logits, first, images, image, height * width, CLASSES, -20),
              maps(deltas, first, images, image, height * width, 4, 0)));
      first += TORCHVISION_ANCHORS.count(level);
    }
    return new RawPredictions(images, levels);
  }

  /** (cells·A, values) from anchor {@code first} on -> (images, A·values, cells). */
  private static FloatBuffer maps(
      float[] flat, int first, int images, int image, int cells, int values, float elsewhere) {
    float[] maps = new float[images * ANCHORS * values * cells];
    java.util.Arrays.fill(maps, elsewhere);
    for (int cell = 0; cell < cells; cell++) {
      for (int channel = 0; channel < ANCHORS * values; channel++) {
        maps[(image * ANCHORS * values + channel) * cells + cell] =
            flat[(first + cell * ANCHORS) * values + channel];
      }
    }
    return FloatBuffer.wrap(maps);
  }
}
