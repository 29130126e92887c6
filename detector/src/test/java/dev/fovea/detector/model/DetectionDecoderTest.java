package dev.fovea.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.geometry.BoxCoder;
import dev.fovea.detector.geometry.Boxes;
import dev.fovea.detector.geometry.Golden;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DetectionDecoderTest {
  private static final long SEED = 417;
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

  /**
   * The definition, written out: flatten in the order (level, row, column, anchor, class), take
   * every sigmoid, sort all of a level, decode, suppress. Logits are drawn from few values, so that
   * ties are many.
   */
  @Test
  void agreesWithTheDefinitionTiesIncluded() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 48, 40);
    Random random = new Random(SEED);
    for (int round = 0; round < 60; round++) {
      RawPredictions raw = randomPredictions(anchors, random);
      DecodingSettings settings =
          new DecodingSettings(
              0.1f * random.nextInt(9),
              0.3f + 0.1f * random.nextInt(4),
              1 + random.nextInt(60),
              20);
      ImagePlacement placement = new ImagePlacement(96, 120, 48, 40);

      List<Detected> found =
          new DetectionDecoder(LABELS, anchors, settings).decode(raw, 0, placement);

      assertThat(found)
          .as("seed %d, round %d, %s", SEED, round, settings)
          .isEqualTo(byDefinition(anchors, settings, raw, placement));
    }
  }

  private static List<Detected> byDefinition(
      AnchorGenerator anchors,
      DecodingSettings settings,
      RawPredictions raw,
      ImagePlacement placement) {
    List<Detected> candidates = new ArrayList<>();
    float[] allAnchors = anchors.generate();
    int firstAnchor = 0;
    for (int level = 0; level < anchors.levels(); level++) {
      RawPredictions.Level maps = raw.levels().get(level);
      int cells = maps.height() * maps.width();
      List<Detected> ofLevel = new ArrayList<>();
      for (int cell = 0; cell < cells; cell++) {
        for (int channel = 0; channel < ANCHORS * CLASSES; channel++) {
          float score = (float) (1 / (1 + Math.exp(-maps.logits().get(channel * cells + cell))));
          if (score > settings.scoreThreshold()) {
            int anchor = channel / CLASSES;
            float[] delta = new float[4];
            for (int i = 0; i < 4; i++) {
              delta[i] = maps.deltas().get((anchor * 4 + i) * cells + cell);
            }
            float[] box = new float[4];
            int anchorAt = 4 * (firstAnchor + cell * ANCHORS + anchor);
            new BoxCoder().decode(delta, 0, allAnchors, anchorAt, box, 0);
            Boxes.clip(box, 0, 0, 0, 48, 40);
            int label = channel % CLASSES;
            ofLevel.add(
                new Detected(label, LABELS.get(label), score, box[0], box[1], box[2], box[3]));
          }
        }
      }
      ofLevel.sort(Comparator.comparing(Detected::score).reversed()); // Stable.
      ofLevel.stream().limit(settings.topKPerLevel()).forEach(candidates::add);
      firstAnchor += anchors.count(level);
    }
    candidates.removeIf(d -> !(d.x2() > d.x1() && d.y2() > d.y1()));
    candidates.sort(Comparator.comparing(Detected::score).reversed());
    List<Detected> kept = new ArrayList<>();
    for (Detected candidate : candidates) {
      if (kept.size() < settings.maxDetections()
          && kept.stream()
              .noneMatch(
                  k ->
                      k.classIndex() == candidate.classIndex()
                          && Boxes.iou(corners(k), 0, corners(candidate), 0) > settings.nmsIou())) {
        kept.add(candidate);
      }
    }
    return kept.stream()
        .map(
            d ->
                new Detected(
                    d.classIndex(),
                    d.label(),
                    d.score(),
                    d.x1() * placement.frameScaleX(),
                    d.y1() * placement.frameScaleY(),
                    d.x2() * placement.frameScaleX(),
                    d.y2() * placement.frameScaleY()))
        .toList();
  }

  private static float[] corners(Detected d) {
    return new float[] {d.x1(), d.y1(), d.x2(), d.y2()};
  }

  private static RawPredictions randomPredictions(AnchorGenerator anchors, Random random) {
    List<RawPredictions.Level> levels = new ArrayList<>();
    for (int level = 0; level < anchors.levels(); level++) {
      int cells = anchors.height(level) * anchors.width(level);
      float[] logits = new float[ANCHORS * CLASSES * cells];
      float[] deltas = new float[ANCHORS * 4 * cells];
      for (int i = 0; i < logits.length; i++) {
        logits[i] = random.nextInt(13) / 2f - 4;
      }
      for (int i = 0; i < deltas.length; i++) {
        deltas[i] = (float) random.nextGaussian() * 0.4f;
      }
      levels.add(
          new RawPredictions.Level(
              anchors.height(level),
              anchors.width(level),
              FloatBuffer.wrap(logits),
              FloatBuffer.wrap(deltas)));
    }
    return new RawPredictions(1, levels);
  }

  @Test
  void whatIsNotANumberIsNoDetection() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 48, 40);
    RawPredictions raw = randomPredictions(anchors, new Random(SEED));
    for (RawPredictions.Level level : raw.levels()) {
      for (int i = 0; i < level.logits().limit(); i++) {
        level.logits().put(i, i % 2 == 0 ? Float.NaN : 5);
      }
      for (int i = 0; i < level.deltas().limit(); i++) {
        level.deltas().put(i, i % 3 == 0 ? Float.NaN : Float.POSITIVE_INFINITY);
      }
    }

    List<Detected> found =
        new DetectionDecoder(LABELS, anchors, new DecodingSettings(0.5f, 0.5f, 1000, 100))
            .decode(raw, 0, new ImagePlacement(48, 40, 48, 40));

    assertThat(found)
        .allSatisfy(
            d -> {
              assertThat(corners(d)).doesNotContain(Float.NaN);
              assertThat(d.score()).isBetween(0f, 1f);
            });
  }

  @Test
  void boxesStayOnTheFrameOfALetterboxedPicture() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 48, 40);
    RawPredictions raw = randomPredictions(anchors, new Random(SEED));

    List<Detected> found =
        new DetectionDecoder(LABELS, anchors, new DecodingSettings(0.1f, 0.9f, 1000, 300))
            .decode(raw, 0, new ImagePlacement(480, 270, 48, 27));

    assertThat(found)
        .isNotEmpty()
        .allMatch(d -> d.x1() >= 0 && d.y1() >= 0 && d.x2() <= 480 && d.y2() <= 270)
        .anyMatch(d -> d.y2() == 270);
  }

  @Test
  void predictionsOfOtherShapesAreRefused() {
    AnchorGenerator anchors = AnchorGenerator.of(AnchorShapes.paper(), 48, 40);
    RawPredictions other =
        randomPredictions(AnchorGenerator.of(AnchorShapes.paper(), 40, 48), new Random(SEED));
    DetectionDecoder decoder =
        new DetectionDecoder(LABELS, anchors, new DecodingSettings(0.1f, 0.9f, 1000, 300));

    assertThatThrownBy(() -> decoder.decode(other, 0, new ImagePlacement(48, 40, 48, 40)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("level 0 has predictions of 5x6 for anchors on 6x5");
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
