package dev.fovea.trainer.torchvision;

import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.export.Exporter;
import dev.fovea.trainer.export.ReleaseSummary;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.NetworkGraph.ParameterSpec;
import dev.fovea.trainer.model.RetinaNet;
import dev.fovea.trainer.weights.StateDict;
import dev.fovea.trainer.weights.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** Makes a release of the state dict of one of torchvision's RetinaNets. */
public final class RetinaNetImport {
  /** A raw output may differ by this fraction between the trainer's graph and the ONNX graph. */
  private static final double LARGEST_DIFFERENCE = 1e-3;

  private static final String LOGITS = "class.last";
  private static final String GROUP_NORM_KEY = "head.classification_head.conv.0.1.weight";

  private final Options options;
  private final Consumer<String> steps;

  /**
   * How to import.
   *
   * @param architecture found by the keys where none is given
   * @param classes names of the outputs, see {@link ClassNames#of}; empty for COCO's
   * @param widthPx of the release's input, a multiple of 32
   * @param heightPx of the release's input, a multiple of 32
   * @param sha256 what the file's sum must be, or at least its first eight digits
   * @param batchNormEpsilon what is added to BatchNorm's variance, where it is not torchvision's
   *     default
   * @param servingThreshold scores above it count when serving
   */
  public record Options(
      Optional<Architecture> architecture,
      List<String> classes,
      int widthPx,
      int heightPx,
      Optional<String> sha256,
      OptionalDouble batchNormEpsilon,
      double servingThreshold) {
    public Options {
      classes = List.copyOf(classes);
      // Says which rule a size breaks before a file is opened.
      TrainSettings unused = TrainSettings.defaults().withInputSize(widthPx, heightPx);
      batchNormEpsilon.ifPresent(
          epsilon -> {
            if (!(epsilon >= 0 && epsilon < 1)) {
              throw new IllegalArgumentException(
                  "--batch-norm-epsilon must be 0 or more and below 1, not " + epsilon);
            }
          });
    }
  }

  /**
   * @param steps told the next step, in words
   */
  public RetinaNetImport(Options options, Consumer<String> steps) {
    this.options = options;
    this.steps = steps;
  }

  /**
   * Reads weights, and exports them as the trainer exports its own.
   *
   * @param name the model's name in the manifest
   * @param folder of the release
   * @throws WeightsException naming the file, mostly the key, and the rule broken
   * @throws IllegalArgumentException if the options do not fit the weights
   * @throws IOException if the release cannot be written or fails its check
   */
  public ReleaseSummary run(Path file, String name, Path folder) throws IOException {
    return release(read(file), name, folder);
  }

  /**
   * Makes a release of weights that were read.
   *
   * @throws IOException if it cannot be written or fails its check
   */
  public ReleaseSummary release(Imported imported, String name, Path folder) throws IOException {
    steps.accept("writing the graph, and comparing it with the trainer's on a drawn picture");
    return new Exporter(LARGEST_DIFFERENCE, 1)
        .release(imported.checkpoint, name, Optional.empty(), folder, imported.provenance);
  }

  /**
   * Weights in the trainer's words.
   *
   * @param checkpoint of a run that never was: no steps, no optimizer
   * @param provenance for the manifest
   */
  public record Imported(Checkpoint checkpoint, Map<String, String> provenance) {}

  /** Reads weights without making a release of them. */
  public Imported read(Path file) throws IOException {
    steps.accept("checking the SHA-256 of " + file);
    String sum = WeightsFile.checkedSum(file, options.sha256);
    steps.accept("reading the weights");
    try (StateDict weights = StateDict.open(file)) {
      Architecture architecture = architecture(weights);
      TrainSettings settings =
          architecture.settings(options.widthPx, options.heightPx, options.servingThreshold);
      int outputs = outputs(weights, settings.anchors().shapes().perLocation());
      ClassNames names = ClassNames.of(options.classes, outputs);
      double epsilon = options.batchNormEpsilon.orElseGet(() -> architecture.batchNormEpsilon(sum));
      Map<String, float[]> values = values(weights, settings, names, epsilon);
      Checkpoint checkpoint =
          new Checkpoint(
              settings,
              names.served(),
              0,
              "imported from torchvision's " + architecture.key(),
              Map.of(),
              Map.of(),
              values,
              Optional.empty(),
              Map.of(),
              List.of(DrawnPicture.of(settings.input())));
      return new Imported(
          checkpoint,
          Map.of(
              "importedFrom",
              String.valueOf(file.getFileName()),
              "importedSha256",
              sum,
              "architecture",
              "torchvision " + architecture.key(),
              "batchNormEpsilon",
              String.valueOf(epsilon)));
    }
  }

  private Architecture architecture(StateDict weights) throws WeightsException {
    Architecture found =
        weights.keys().contains(GROUP_NORM_KEY)
            ? Architecture.RETINANET_RESNET50_FPN_V2
            : Architecture.RETINANET_RESNET50_FPN;
    if (options.architecture.isPresent() && options.architecture.get() != found) {
      throw weights.refused(
          "its heads are those of %s, not of %s"
              .formatted(found.key(), options.architecture.get().key()));
    }
    return found;
  }

  /** How many classes the network tells apart, those that are none included. */
  private static int outputs(StateDict weights, int anchors) throws WeightsException {
    String key = Keys.ofRetinaNet(LOGITS + ".bias").get(0);
    List<Integer> shape = weights.shape(key);
    int channels = shape.size() == 1 ? shape.get(0) : 0;
    if (channels < 2 * anchors || channels % anchors != 0) {
      throw weights.refused(
          "%s must have a value for each of %d anchors and of two or more classes, not %s"
              .formatted(key, anchors, shape));
    }
    return channels / anchors;
  }

  private static Map<String, float[]> values(
      StateDict weights, TrainSettings settings, ClassNames names, double epsilon)
      throws WeightsException {
    ParameterReader reader = new ParameterReader(weights, Keys::ofRetinaNet);
    int anchors = settings.anchors().shapes().perLocation();
    NetworkGraph graph = RetinaNet.graph(settings, names.served().size());
    List<ParameterSpec> same = new ArrayList<>(graph.parameters().values());
    same.removeIf(parameter -> parameter.name().startsWith(LOGITS));
    Map<String, float[]> values = new HashMap<>(reader.read(same));
    for (String part : List.of(".weight", ".bias")) {
      ParameterSpec last = Objects.requireNonNull(graph.parameters().get(LOGITS + part));
      List<Integer> shape = new ArrayList<>(last.shape());
      shape.set(0, anchors * names.outputs().size());
      float[] all = reader.read(LOGITS + part, shape);
      values.put(LOGITS + part, served(all, anchors, names));
    }
    reader.requireAllTaken(key -> false);
    reader.adaptEpsilon(values, epsilon);
    return values;
  }

  /** Of (A·K, …) the rows of the classes that are served, (A·K', …). */
  private static float[] served(float[] all, int anchors, ClassNames names) {
    int outputs = names.outputs().size();
    int row = all.length / (anchors * outputs);
    List<Integer> served = names.servedOutputs();
    float[] kept = new float[anchors * served.size() * row];
    int at = 0;
    for (int anchor = 0; anchor < anchors; anchor++) {
      for (int output : served) {
        System.arraycopy(all, (anchor * outputs + output) * row, kept, at, row);
        at += row;
      }
    }
    return kept;
  }
}
