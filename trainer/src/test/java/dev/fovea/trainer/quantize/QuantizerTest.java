package dev.fovea.trainer.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.OnnxGraph;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.fit.ProgressListener;
import dev.fovea.trainer.fit.StartWeights;
import dev.fovea.trainer.fit.TrainData;
import dev.fovea.trainer.fit.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizerTest {
  @TempDir Path folder;

  @BeforeAll
  static void engine() {
    TinyRun.quietEngine();
  }

  @ParameterizedTest
  @ValueSource(strings = {"batch", "group"})
  void everyConvolutionButTheStemsBecomesEightBitAndScoresStayCloseByTheEngineThatServes(
      String norm) throws Exception {
    Path release = train(norm);
    Path out = folder.resolve("int8");

    Quantizer.Outcome outcome =
        new Quantizer(12, 8).quantize(release, folder.resolve("train"), out);

    assertThat(outcome.largestScoreChange()).isPositive().isLessThan(0.1);
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(out.resolve("model.onnx")));
    Map<String, NodeProto> makers =
        model.getGraph().getNodeList().stream()
            .collect(Collectors.toMap(node -> node.getOutput(0), node -> node));
    List<NodeProto> convolutions =
        model.getGraph().getNodeList().stream()
            .filter(node -> node.getOpType().equals("Conv"))
            .toList();
    assertThat(convolutions.get(0).getInputList())
        .as("the stem's")
        .contains(OnnxGraph.INPUT)
        .noneSatisfy(input -> assertThat(makers).containsKey(input));
    assertThat(convolutions.subList(1, convolutions.size()))
        .isNotEmpty()
        .allSatisfy(
            convolution ->
                assertThat(convolution.getInputList())
                    .allSatisfy(
                        input ->
                            assertThat(makers)
                                .hasEntrySatisfying(
                                    input,
                                    maker ->
                                        assertThat(maker.getOpType())
                                            .isEqualTo("DequantizeLinear"))));
    assertThat(outcome.manifest().metrics()).isEmpty();
    assertThat(outcome.manifest().provenance()).containsKeys("quantizedFrom", "quantization");
    try (LoadedModel served = LoadedModel.load(out, EngineSettings.cpu(1, 2))) {
      ModelManifest manifest = served.manifest();
      assertThat(manifest.version()).isEqualTo(manifest.sha256().substring(0, 12));
      byte[] jpeg = Files.readAllBytes(folder.resolve("train/3.jpg"));
      assertThat(served.detect(List.of(jpeg, jpeg))).hasSize(2);
    }
  }

  @Test
  void sevenBitWeightsLeaveTheirTopBitAlone() throws Exception {
    Path out = folder.resolve("int7");

    new Quantizer(4, 7).quantize(train("batch"), folder.resolve("train"), out);

    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(out.resolve("model.onnx")));
    int largest = 0;
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      if (tensor.getDataType() == TensorProto.DataType.INT8.getNumber()) {
        for (byte level : tensor.getRawData().toByteArray()) {
          largest = Math.max(largest, Math.abs(level));
        }
      }
    }
    assertThat(largest).isEqualTo(63);
  }

  @Test
  void aFolderWithoutPicturesOrWithOneThatIsNoneIsNamed() throws Exception {
    Path release = train("batch");
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    Quantizer quantizer = new Quantizer(4, 8);
    assertThatThrownBy(() -> quantizer.quantize(release, pictures, folder.resolve("out")))
        .hasMessageContaining(pictures.toString())
        .hasMessageContaining(".jpg");

    Files.writeString(pictures.resolve("a.jpg"), "no picture");
    assertThatThrownBy(() -> quantizer.quantize(release, pictures, folder.resolve("out")))
        .hasMessageContaining("a.jpg");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aReleaseIsNotWrittenOver() throws Exception {
    Path release = train("batch");
    byte[] before = Files.readAllBytes(release.resolve("model.onnx"));
    Path same = release.resolve("../release");

    assertThatThrownBy(() -> new Quantizer(4, 8).quantize(release, folder.resolve("train"), same))
        .hasMessageContaining(release.toString());

    assertThat(release.resolve("model.onnx")).hasBinaryContent(before);
  }

  private Path train(String headNorm) throws Exception {
    Path out = folder.resolve("release");
    Trainer.run(
        TinyRun.settings(
            Map.of("network.head-norm", headNorm, "schedule.steps", "15", "network.prior", "0.3")),
        new TrainData(TinyRun.rectangles(folder.resolve("train"), 24, 3), Optional.empty()),
        out,
        "tiny",
        false,
        StartWeights.NONE,
        new ProgressListener() {});
    return out;
  }
}
