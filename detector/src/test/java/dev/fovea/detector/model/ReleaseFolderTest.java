package dev.fovea.detector.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReleaseFolderTest {
  @TempDir Path folder;

  @Test
  void whatWasWrittenIsWhatIsOpened() throws Exception {
    byte[] onnx = new TinyModel(1).onnx().build().toByteArray();
    ReleaseFolder.write(folder, TinyModel.manifest(onnx), onnx);

    ReleaseFolder release = ReleaseFolder.open(folder);

    assertThat(release.manifest()).isEqualTo(TinyModel.manifest(onnx));
    assertThat(release.manifestSha256())
        .isEqualTo(ReleaseFolder.sha256(Files.readAllBytes(folder.resolve("manifest.json"))));
    assertThat(ReleaseFolder.open(folder, release.manifestSha256()).manifest())
        .isEqualTo(release.manifest());
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"colour\": 1}               | field colour is not known",
        "{\"name\": \"a/b\"}           | field name must match [A-Za-z0-9._-]{1,64}, not a/b",
        "{\"version\": null}           | field version is null",
        "{\"inputWidthPx\": \"96\"}    | field inputWidthPx must be a whole number",
        "{\"inputWidthPx\": 96.5}      | field inputWidthPx must be a whole number",
        "{\"inputHeightPx\": 0}        | field inputHeightPx must be 1 to 8192, not 0",
        "{\"fit\": \"crop\"}           | field fit must be \"stretch\" or \"letterbox\"",
        "{\"mean\": [0, 0]}            | field mean must have 3 values, not [0.0, 0.0]",
        "{\"scale\": [1, 0, 1]}        | field scale must be above 0, not [1.0, 0.0, 1.0]",
        "{\"classes\": []}             | field classes must not be empty, not []",
        "{\"classes\": [\"a\", \"a\"]} | field classes must all differ, not [a, a]",
        "{\"classes\": \"car\"}        | field classes must be an array",
        "{\"scoreThreshold\": 1}       | field scoreThreshold must be 0 to below 1, not 1.0",
        "{\"nmsIou\": -0.1}            | field nmsIou must be 0 to 1, not -0.1",
        "{\"topKPerLevel\": 0}         | field topKPerLevel must be above 0, not 0",
        "{\"maxDetections\": -1}       | field maxDetections must be above 0, not -1",
        "{\"sha256\": \"ABC\"}         | field sha256 must match [0-9a-f]{64}, not ABC",
        "{\"anchors\": 4}              | field anchors must be an object",
        "{\"metrics\": {\"AP\": \"\"}} | field metrics.AP must be a number",
      })
  void aFieldThatBreaksARuleIsNamed(String change, String rule) throws Exception {
    new TinyModel(1).writeTo(folder);
    changeManifest(
        manifest -> {
          try {
            manifest.setAll((ObjectNode) new ObjectMapper().readTree(change));
          } catch (IOException e) {
            throw new IllegalArgumentException(e);
          }
        });

    assertRefused("manifest.json: " + rule);
  }

  @ParameterizedTest
  @CsvSource({
    "name",
    "version",
    "inputWidthPx",
    "inputHeightPx",
    "fit",
    "mean",
    "scale",
    "classes",
    "anchors",
    "scoreThreshold",
    "nmsIou",
    "topKPerLevel",
    "maxDetections",
    "sha256",
    "metrics",
    "provenance"
  })
  void aFieldThatIsMissingIsNamed(String field) throws Exception {
    new TinyModel(1).writeTo(folder);
    changeManifest(manifest -> manifest.remove(field));

    assertRefused("manifest.json: field " + field + " is missing");
  }

  @Test
  void whatIsFreeFormIsWrittenInOneOrder() throws Exception {
    new TinyModel(1).writeTo(folder);
    changeManifest(
        manifest -> {
          ObjectNode provenance = manifest.putObject("provenance");
          List.of("h", "c", "f", "a", "g", "b", "e", "d").forEach(key -> provenance.put(key, "x"));
        });

    String written = ManifestJson.format(ReleaseFolder.open(folder).manifest());

    assertThat(new ObjectMapper().readTree(written).get("provenance").fieldNames())
        .toIterable()
        .containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
  }

  @Test
  void fieldsOfTheAnchorsAreNamedWithTheirPath() throws Exception {
    new TinyModel(1).writeTo(folder);
    changeManifest(manifest -> ((ObjectNode) manifest.get("anchors")).remove("round"));
    assertRefused("manifest.json: field anchors.round is missing");

    new TinyModel(1).writeTo(folder);
    changeManifest(manifest -> ((ObjectNode) manifest.get("anchors")).put("scale", -1));
    assertRefused("manifest.json: field anchors.scale must be above 0, not -1.0");

    new TinyModel(1).writeTo(folder);
    changeManifest(manifest -> ((ObjectNode) manifest.get("anchors")).put("offset", 1));
    assertRefused("manifest.json: field anchors.offset is not known");
  }

  @Test
  void aManifestThatIsNotJsonIsRefusedWithItsLine() throws Exception {
    new TinyModel(1).writeTo(folder);
    Files.writeString(folder.resolve("manifest.json"), "{\n  \"name\": oops\n}");

    assertThatThrownBy(() -> ReleaseFolder.open(folder))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith(
            "release " + folder + ": manifest.json: is not JSON: line 2, column ");
  }

  @Test
  void filesAndFoldersThatAreMissingAreNamed() throws Exception {
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> ReleaseFolder.open(nowhere))
        .hasMessage("release " + nowhere + ": no such folder");
    assertRefused("manifest.json is missing");

    new TinyModel(1).writeTo(folder);
    Files.delete(folder.resolve("model.onnx"));
    assertRefused("model.onnx is missing");
  }

  @Test
  void bytesThatAreNotTheManifestsAreNotEvenParsed() throws Exception {
    new TinyModel(1).writeTo(folder);
    Files.writeString(folder.resolve("model.onnx"), "not ONNX at all");

    assertThatThrownBy(() -> ReleaseFolder.open(folder))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageStartingWith("release " + folder + ": model.onnx has the SHA-256 ")
        .hasMessageContaining("but manifest.json says ");
  }

  @Test
  void aManifestOtherThanTheAnnouncedIsRefused() throws Exception {
    new TinyModel(1).writeTo(folder);

    assertThatThrownBy(() -> ReleaseFolder.open(folder, "0".repeat(64)))
        .isInstanceOf(ModelLoadException.class)
        .hasMessageContaining("manifest.json has the SHA-256 ")
        .hasMessageEndingWith("but " + "0".repeat(64) + " was announced");
  }

  @Test
  void bytesThatAreNoOnnxAreRefused() throws Exception {
    byte[] text = "not ONNX at all".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    ReleaseFolder.write(folder, TinyModel.manifest(text), text);

    assertThatThrownBy(() -> ReleaseFolder.open(folder))
        .hasMessageStartingWith("release " + folder + ": model.onnx: is not an ONNX model");
  }

  @Test
  void dataInOtherFilesIsRefusedWhereverItHides() {
    TensorProto elsewhere =
        TinyModel.tensor("weights", 1)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(
                StringStringEntryProto.newBuilder().setKey("location").setValue("/etc/passwd"))
            .build();
    ModelProto.Builder initializer = new TinyModel(1).onnx();
    initializer.getGraphBuilder().addInitializer(elsewhere);
    ModelProto.Builder constant = new TinyModel(1).onnx();
    constant
        .getGraphBuilder()
        .addNode(
            NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput("weights")
                .addAttribute(
                    ai.onnx.proto.OnnxMl.AttributeProto.newBuilder()
                        .setName("value")
                        .setType(ai.onnx.proto.OnnxMl.AttributeProto.AttributeType.TENSOR)
                        .setT(elsewhere)));

    for (ModelProto.Builder model : new ModelProto.Builder[] {initializer, constant}) {
      TinyModel.write(folder, model);
      assertRefused(
          "model.onnx: keeps the data of tensor weights in another file, which is not allowed");
    }
  }

  @Test
  void operatorsOutsideTheStandardAreRefused() {
    ModelProto.Builder model = new TinyModel(1).onnx();
    model.getGraphBuilder().getNodeBuilder(0).setDomain("com.example").setOpType("Evil");
    TinyModel.write(folder, model);

    assertRefused("model.onnx: has an operator outside the standard: com.example.Evil");
  }

  @Test
  void aGraphMustHaveTheManifestsInput() {
    ModelProto.Builder renamed = new TinyModel(1).onnx();
    renamed.getGraphBuilder().getInputBuilder(0).setName("pixels");
    TinyModel.write(folder, renamed);
    assertRefused("model.onnx: must have the one input images, not [pixels]");

    ModelProto.Builder turned = new TinyModel(1).onnx();
    turned.getGraphBuilder().setInput(0, TinyModel.value("images", 1, 3, 96, 64));
    TinyModel.write(folder, turned);
    assertRefused(
        "model.onnx: input images must be [1, 3, 64, 96] by the manifest, not [1, 3, 96, 64]");
  }

  @Test
  void aGraphMustHaveTheLevelsOutputsInOrder() {
    ModelProto.Builder fewer = new TinyModel(1).onnx();
    fewer.getGraphBuilder().removeOutput(9);
    TinyModel.write(folder, fewer);
    assertRefused(
        "model.onnx: must have the outputs [cls_p3, box_p3, cls_p4, box_p4, cls_p5, box_p5,"
            + " cls_p6, box_p6, cls_p7, box_p7], not [cls_p3, box_p3, cls_p4, box_p4, cls_p5,"
            + " box_p5, cls_p6, box_p6, cls_p7]");

    ModelProto.Builder otherClasses = new TinyModel(1).onnx();
    otherClasses.getGraphBuilder().setOutput(2, TinyModel.value("cls_p4", 1, 18, 4, 6));
    TinyModel.write(folder, otherClasses);
    assertRefused(
        "model.onnx: output cls_p4 must be [1, 27, 4, 6] by the manifest, not [1, 18, 4, 6]");
  }

  @Test
  void outputsMustBeFloats() {
    ModelProto.Builder halves = new TinyModel(1).onnx();
    halves
        .getGraphBuilder()
        .getOutputBuilder(1)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .setElemType(TensorProto.DataType.FLOAT16.getNumber());
    TinyModel.write(folder, halves);

    assertRefused("model.onnx: output box_p3 must be of floats, not of ONNX type 10");
  }

  @Test
  void aReleaseWhoseSumIsWrongIsNotWritten() {
    byte[] onnx = new TinyModel(1).onnx().build().toByteArray();

    assertThatThrownBy(() -> ReleaseFolder.write(folder, TinyModel.manifest(new byte[1]), onnx))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the manifest's sha256 is not that of the model");
  }

  private void changeManifest(Consumer<ObjectNode> change) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Path file = folder.resolve("manifest.json");
    ObjectNode manifest = (ObjectNode) json.readTree(file.toFile());
    change.accept(manifest);
    json.writeValue(file.toFile(), manifest);
  }

  private void assertRefused(String rule) {
    assertThatThrownBy(() -> ReleaseFolder.open(folder))
        .isInstanceOf(ModelLoadException.class)
        .hasMessage("release " + folder + ": " + rule);
  }
}
