package dev.fovea.trainer.torchvision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.trainer.Golden;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.export.ReleaseSummary;
import dev.fovea.trainer.torchvision.RetinaNetImport.Options;
import dev.fovea.trainer.weights.WeightsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * torchvision's networks against ours: weights by a formula both sides compute, so that the golden
 * file, which torchvision_golden.py made, holds answers only.
 */
class RetinaNetImportTest {
  private static final JsonNode GOLDEN = Golden.read("torchvision-import.json");
  private static final String V1 = "retinanet_resnet50_fpn";
  private static final String V2 = "retinanet_resnet50_fpn_v2";
  private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");

  @TempDir Path folder;

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  private static JsonNode golden(String name) {
    return GOLDEN.get("cases").get(name);
  }

  private static Map<String, List<Integer>> shapes(String name) {
    return FormulaWeights.shapes(golden(name).get("state"));
  }

  private Path weights(String name, Map<String, List<Integer>> shapes, UnaryOperator<String> form)
      throws Exception {
    Path file = folder.resolve(name + ".safetensors");
    FormulaWeights.write(file, shapes, golden(name).get("scales"), form);
    return file;
  }

  private static Options options(List<String> classes, OptionalDouble epsilon) {
    return new Options(
        Optional.empty(),
        classes,
        GOLDEN.get("width").asInt(),
        GOLDEN.get("height").asInt(),
        Optional.empty(),
        epsilon,
        0.05);
  }

  private ReleaseSummary release(Path file, Options options) throws Exception {
    return new RetinaNetImport(options, step -> {}).run(file, "imported", folder.resolve("out"));
  }

  private void checkParity(String name, List<String> classes) throws Exception {
    new Parity(
            golden(name),
            ClassNames.of(classes, golden(name).get("outputs").asInt()),
            GOLDEN.get("width").asInt(),
            GOLDEN.get("height").asInt())
        .check(folder.resolve("out"));
  }

  /** In the form of keys that its published weights have, from before torchvision 0.13. */
  @Test
  void theFirstNetworkAnswersAsTorchvisionsDoes() throws Exception {
    Path file =
        weights(
            V1,
            shapes(V1),
            key ->
                key.contains("_head.conv.")
                    ? key.replaceAll("conv\\.([0-3])\\.0\\.", "conv.$1$1.")
                        .replace("conv.00.", "conv.0.")
                        .replace("conv.11.", "conv.2.")
                        .replace("conv.22.", "conv.4.")
                        .replace("conv.33.", "conv.6.")
                    : key.replaceAll("(inner|layer)_blocks\\.([0-2])\\.0\\.", "$1_blocks.$2."));

    ReleaseSummary release = release(file, options(List.of(), OptionalDouble.empty()));

    assertThat(release.manifest().classes())
        .hasSize(80)
        .startsWith("person", "bicycle")
        .endsWith("hair drier", "toothbrush")
        .doesNotContain("N/A", "__background__");
    assertThat(release.manifest().provenance())
        .containsEntry("importedFrom", V1 + ".safetensors")
        .containsEntry("architecture", "torchvision " + V1);
    checkParity(V1, List.of());
  }

  /** With variances so small that an epsilon of 1e-5 is seen. */
  @Test
  void frozenBatchNormWithoutEpsilonIsTorchvisionsToo() throws Exception {
    String name = "retinanet_resnet50_fpn_epsilon_0";
    Path file = weights(name, shapes(V1), key -> key);

    release(file, options(List.of(), OptionalDouble.of(0)));

    checkParity(name, List.of());
  }

  @Test
  void theSecondNetworkAnswersAsTorchvisionsDoes() throws Exception {
    ReleaseSummary release =
        release(weights(V2, shapes(V2), key -> key), options(FIVE, OptionalDouble.empty()));

    assertThat(release.manifest().classes()).isEqualTo(FIVE);
    checkParity(V2, FIVE);
    assertThat(ReleaseFolder.open(folder.resolve("out")).manifest().maxDetections()).isEqualTo(300);
    ModelProto model =
        ModelProto.parseFrom(Files.readAllBytes(folder.resolve("out").resolve("model.onnx")));
    // All of them in the list of TensorRT 8.6's parser (onnx-tensorrt, docs/operators.md).
    assertThat(model.getGraph().getNodeList())
        .extracting(NodeProto::getOpType)
        .containsOnly(
            "Conv", "Relu", "Add", "MaxPool", "Resize", "Reshape", "InstanceNormalization", "Mul");
  }

  @Test
  void aMissingAndAMisshapenKeyAreNamed() throws Exception {
    Map<String, List<Integer>> shapes = small();
    String key = "backbone.body.layer1.0.conv1.weight";
    shapes.remove(key);
    assertThatThrownBy(() -> read(shapes, FIVE))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining(V2 + ".safetensors: the key " + key + " is missing");

    shapes.put(key, List.of(64, 64, 3, 3));
    assertThatThrownBy(() -> read(shapes, FIVE))
        .hasMessageContaining(key + " must be [64, 64, 1, 1], not [64, 64, 3, 3]");
  }

  @Test
  void theNumberOfNamesMustBeTheNetworks() throws Exception {
    assertThatThrownBy(() -> read(small(), List.of("a", "b")))
        .hasMessageContaining("there are 2 class names, and the network has 6 outputs");
    assertThatThrownBy(() -> read(small(), List.of()))
        .hasMessageContaining("6 outputs")
        .hasMessageContaining("name its 5 classes with --classes");
    assertThatThrownBy(() -> read(small(), List.of("a", "b", "c", "d", "a")))
        .hasMessageContaining("\"a\" is blank or there twice");
  }

  @Test
  void theOtherNetworksWeightsAreToldApart() throws Exception {
    Options options =
        new Options(
            Optional.of(Architecture.RETINANET_RESNET50_FPN),
            FIVE,
            192,
            128,
            Optional.empty(),
            OptionalDouble.empty(),
            0.5);
    Path file = weights(V2, small(), key -> key);

    assertThatThrownBy(() -> new RetinaNetImport(options, step -> {}).read(file))
        .hasMessageContaining("its heads are those of " + V2 + ", not of " + V1);
  }

  @Test
  void aSumThatIsNotTheFilesIsRefusedBeforeItIsRead() throws Exception {
    Path file = folder.resolve("weights-0123abcd.pth");
    Files.writeString(file, "anything");
    assertThatThrownBy(
            () -> new RetinaNetImport(options(FIVE, OptionalDouble.empty()), step -> {}).read(file))
        .hasMessageContaining("by its name its SHA-256 begins with 0123abcd, but it is ee0874170b");

    Options options =
        new Options(
            Optional.empty(), FIVE, 192, 128, Optional.of("ABCDEF01"), OptionalDouble.empty(), 0.5);
    Path other = Files.move(file, folder.resolve("weights.pth"));
    assertThatThrownBy(() -> new RetinaNetImport(options, step -> {}).read(other))
        .hasMessageContaining("must have abcdef01");
  }

  /** Only what is looked at before the first missing key, so that the file stays small. */
  private static Map<String, List<Integer>> small() {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>(shapes(V2));
    shapes.keySet().removeIf(key -> key.contains("layer4") || key.contains("layer3"));
    return shapes;
  }

  private void read(Map<String, List<Integer>> shapes, List<String> classes) throws Exception {
    new RetinaNetImport(options(classes, OptionalDouble.empty()), step -> {})
        .read(weights(V2, shapes, key -> key));
  }
}
