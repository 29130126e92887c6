package dev.fovea.trainer.torchvision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.geometry.AnchorGenerator;
import dev.fovea.detector.model.Detected;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.ImagePlacement;
import dev.fovea.detector.model.RawPredictions;
import dev.fovea.trainer.data.Normaliser;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Holds what the serving engine and decoder make of a release against torchvision's answer. */
final class Parity {
  private static final double RELATIVE = 1e-3;
  private static final double PIXELS = 0.1;
  private static final double SCORE = 1e-3;
  private static final double THRESHOLD = 0.05;
  private static final int MOST_DETECTIONS = 300;

  private final JsonNode answer;
  private final ClassNames names;
  private final int width;
  private final int height;

  Parity(JsonNode answer, ClassNames names, int width, int height) {
    this.answer = answer;
    this.names = names;
    this.width = width;
    this.height = height;
  }

  void check(Path release) throws Exception {
    try (LoadedModel model = LoadedModel.load(release, EngineSettings.cpu(2, 1))) {
      ImageBatch batch = model.newBatch();
      float[] image = new float[3 * width * height];
      var input = Architecture.RETINANET_RESNET50_FPN.settings(width, height, THRESHOLD).input();
      new Normaliser(input).write(FormulaWeights.picture(width, height), image, 0);
      batch.slot(0).put(0, image);
      batch.setPlacement(0, new ImagePlacement(width, height, width, height));
      batch.setSize(1);
      RawPredictions raw = model.infer(batch);
      checkRaw(raw, model.manifest().anchorGenerator());
      checkBoxes(model.newDecoder().decode(raw, 0, batch.placement(0)));
    }
  }

  private void checkRaw(RawPredictions raw, AnchorGenerator anchors) {
    List<Integer> served = names.servedOutputs();
    int outputs = names.outputs().size();
    double logits = 0;
    int compared = 0;
    for (JsonNode sample : answer.get("cls_logits").get("values")) {
      int output = sample.get(0).asInt() % outputs;
      if (served.contains(output)) {
        float found =
            value(raw, anchors, sample.get(0).asInt() / outputs, served.indexOf(output), true);
        logits = Math.max(logits, relative(found, sample.get(1).asDouble()));
        compared++;
      }
    }
    double deltas = 0;
    for (JsonNode sample : answer.get("bbox_regression").get("values")) {
      int at = sample.get(0).asInt();
      deltas =
          Math.max(
              deltas,
              relative(value(raw, anchors, at / 4, at % 4, false), sample.get(1).asDouble()));
    }
    System.out.printf(
        "%s: logits within %.1e, deltas within %.1e (relative)%n",
        answer.get("name").asText(), logits, deltas);
    assertThat(compared).isGreaterThan(100);
    assertThat(logits).isLessThan(RELATIVE);
    assertThat(deltas).isLessThan(RELATIVE);
    assertThat(answer.get("bbox_regression").get("count").asInt()).isEqualTo(4 * anchors.count());
    assertThat(magnitude(raw)).isCloseTo(magnitude("bbox_regression"), within(1e-4));
  }

  private double magnitude(String output) {
    return answer.get(output).get("mean_magnitude").asDouble();
  }

  /** Mean magnitude of all box deltas: no level may be missing from the samples. */
  private static double magnitude(RawPredictions raw) {
    double sum = 0;
    int count = 0;
    for (RawPredictions.Level level : raw.levels()) {
      FloatBuffer deltas = level.deltas();
      for (int i = 0; i < deltas.limit(); i++) {
        sum += Math.abs(deltas.get(i));
      }
      count += deltas.limit();
    }
    return sum / count;
  }

  /** Relative difference; of numbers below a hundredth, a hundredth's. */
  private static double relative(double found, double wanted) {
    return Math.abs(found - wanted) / Math.max(0.01, Math.abs(wanted));
  }

  /** A number of an anchor, in the order level, row, column, anchor, as torchvision has it. */
  private static float value(
      RawPredictions raw, AnchorGenerator anchors, int anchor, int channel, boolean logit) {
    int level = 0;
    int left = anchor;
    while (left >= anchors.count(level)) {
      left -= anchors.count(level++);
    }
    RawPredictions.Level maps = raw.levels().get(level);
    FloatBuffer map = logit ? maps.logits() : maps.deltas();
    int cells = maps.height() * maps.width();
    int perLocation = anchors.perLocation();
    int channels = map.limit() / cells / perLocation;
    int cell = left / perLocation;
    return map.get((left % perLocation * channels + channel) * cells + cell);
  }

  private void checkBoxes(List<Detected> found) {
    List<JsonNode> wanted = new ArrayList<>();
    answer.get("detections").forEach(wanted::add);
    // Beyond its 300th box torchvision says nothing, and at the threshold a rounding decides.
    double last = wanted.get(wanted.size() - 1).get(1).asDouble();
    double from = SCORE + (wanted.size() == MOST_DETECTIONS ? last : THRESHOLD);
    // Boxes without area, which clipping leaves, are torchvision's only.
    wanted.removeIf(
        box ->
            box.get(1).asDouble() < from
                || !names.servedOutputs().contains(box.get(0).asInt())
                || box.get(4).asDouble() <= box.get(2).asDouble()
                || box.get(5).asDouble() <= box.get(3).asDouble());
    List<Detected> left = new ArrayList<>(found);
    for (JsonNode box : wanted) {
      Detected match =
          left.stream()
              .filter(d -> equal(d, box))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no box like torchvision's " + box));
      left.remove(match);
    }
    System.out.printf("%s: %d boxes equal%n", answer.get("name").asText(), wanted.size());
    assertThat(wanted).hasSizeGreaterThan(10);
    assertThat(left).allSatisfy(d -> assertThat(d.score()).isLessThan((float) (from + SCORE)));
  }

  private boolean equal(Detected found, JsonNode box) {
    return found.label().equals(names.outputs().get(box.get(0).asInt()))
        && Math.abs(found.score() - box.get(1).asDouble()) < SCORE
        && Math.abs(found.x1() - box.get(2).asDouble()) < PIXELS
        && Math.abs(found.y1() - box.get(3).asDouble()) < PIXELS
        && Math.abs(found.x2() - box.get(4).asDouble()) < PIXELS
        && Math.abs(found.y2() - box.get(5).asDouble()) < PIXELS;
  }
}
