package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a person types, what is said, and the exit status. */
class CommandLineTest {
  private static final String MODEL = Path.of("../models/street-synthetic").toString();
  private static final Path CLIP = Path.of("../../shared/data/clips/car-detection.mp4");

  @TempDir Path folder;

  private record Said(int status, String out, String err) {}

  private static Said run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int status = command.execute(Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    return new Said(status, out.toString(), err.toString());
  }

  @Test
  void everyCommandExplainsItself() {
    for (String name : Main.commandLine().getSubcommands().keySet()) {
      Said said = run(name, "--help");
      assertThat(said.status()).as(name).isZero();
      assertThat(said.out()).as(name).startsWith("Usage: fovea " + name);
    }
    assertThat(run("--version").out()).startsWith("fovea ");
    assertThat(run("completion").out()).contains("complete -F").contains("synthesize");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ingest", "detector", "sink"})
  void theReferenceOfAServicePassesItsOwnCheck(String service) throws Exception {
    Said reference = run("config", service);
    Path file = folder.resolve("my.conf");
    Files.writeString(file, reference.out());

    assertThat(run("config", service, "--check", file))
        .isEqualTo(new Said(0, file + ": fine for " + service + System.lineSeparator(), ""));
    assertThat(reference.out()).contains("bootstrap.servers");
  }

  @Test
  void aSlipInAFileIsToldWithFileLineAndKey() throws Exception {
    Path file = folder.resolve("my.conf");
    Files.writeString(file, "\ncameras { gate { sourc = x } }");

    Said said = run("config", "ingest", "--check", file);

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains(file + ":2").contains("cameras.gate.sourc");
  }

  @Test
  void aDriftDemoTakesNoCamerasAndNoFolderWithSomethingInIt() throws Exception {
    assertThat(run("demo", "--drift", "--camera", "lot=clip.mp4"))
        .satisfies(said -> assertThat(said.status()).isEqualTo(2))
        .satisfies(said -> assertThat(said.err()).contains("leave out --camera"));

    Files.writeString(folder.resolve("mine.txt"), "keep");
    Said said = run("demo", "--drift", "--data", folder);
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains(folder + " is not empty");
    assertThat(folder.resolve("mine.txt")).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../up=clip.mp4", "lot=gopher://x", "lot"})
  void aSlipInACameraIsToldBeforeAnythingStarts(String camera) {
    Said said = run("demo", "--camera", camera, "--model", MODEL);

    assertThat(said.status()).isEqualTo(2);
    assertThat(said.err()).contains("--camera");
    assertThat(said.out()).isEmpty();
  }

  @Test
  void aSlipInASourceDoesNotShowItsPassword() {
    Said said = run("demo", "--camera", "lot=gopher://user:secret@host/x", "--model", MODEL);

    assertThat(said.status()).isEqualTo(2);
    assertThat(said.err() + said.out()).doesNotContain("secret");
  }

  @Test
  void detectWritesCocoResultsAndPictures() throws Exception {
    Path results = folder.resolve("detections.json");
    Path drawn = folder.resolve("drawn");

    Said said =
        run(
            "detect",
            "--source",
            "synthetic:?seed=5&night=false&frames=4",
            "--model",
            MODEL,
            "--out",
            results,
            "--draw",
            drawn);

    assertThat(said.status()).isZero();
    JsonNode found = new ObjectMapper().readTree(results.toFile());
    assertThat(found).isNotEmpty();
    assertThat(said.err())
        .contains("4 frames read, 4 frames detected, " + found.size() + " detections, ");
    for (JsonNode each : found) {
      assertThat(each.get("image_id").asInt()).isBetween(0, 3);
      assertThat(each.get("category_id").asInt()).isBetween(1, 3);
      assertThat(each.get("score").asDouble()).isBetween(0.0, 1.0);
      JsonNode box = each.get("bbox");
      assertThat(box.get(0).asDouble() + box.get(2).asDouble()).isBetween(0.0, 640.0);
      assertThat(box.get(1).asDouble() + box.get(3).asDouble()).isBetween(0.0, 360.0);
    }
    try (Stream<Path> pictures = Files.list(drawn)) {
      assertThat(pictures.map(p -> p.getFileName().toString()).sorted())
          .containsExactly("000000.jpg", "000001.jpg", "000002.jpg", "000003.jpg");
    }
  }

  @Test
  void detectGoesByTheIdsOfACocoFile() throws Exception {
    Path pictures = folder.resolve("street");
    assertThat(run("synthesize", "--out", pictures, "--count", 2, "--seed", 3).status()).isZero();
    Path ids = folder.resolve("ids.json");
    Files.writeString(
        ids,
        """
        {"images": [{"id": 70, "file_name": "000001.jpg"}, {"id": 71, "file_name": "000002.jpg"}],
         "categories": [{"id": 9, "name": "car"}]}
        """);
    Path results = folder.resolve("detections.json");

    Said said =
        run(
            "detect",
            "--source",
            pictures.resolve("images"),
            "--model",
            MODEL,
            "--images-json",
            ids,
            "--out",
            results);

    assertThat(said.status()).isZero();
    JsonNode found = new ObjectMapper().readTree(results.toFile());
    assertThat(found).isNotEmpty();
    assertThat(found)
        .allSatisfy(
            each -> {
              assertThat(each.get("image_id").asInt()).isBetween(70, 71);
              assertThat(each.get("category_id").asInt()).isEqualTo(9);
            });
  }

  @Test
  void aFileThatIsCutOffGivesWhatCouldBeRead() throws Exception {
    assumeThat(Files.isRegularFile(CLIP)).as("../shared/data/clips is not here").isTrue();
    Path cut = folder.resolve("cut.mp4");
    byte[] whole = Files.readAllBytes(CLIP);
    Files.write(cut, Arrays.copyOf(whole, whole.length / 4));
    Path results = folder.resolve("detections.json");

    Said said = run("detect", "--source", cut, "--model", MODEL, "--out", results);

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains("broke at frame ").contains(cut.toString());
    assertThat(said.err()).containsPattern("[1-9][0-9]* frames read, [1-9][0-9]* frames detected");
    assertThat(new ObjectMapper().readTree(results.toFile()).isArray()).isTrue();
  }

  @Test
  void aFileThatIsDamagedInTheMiddleIsReadOnAndSaidToBe() throws Exception {
    assumeThat(Files.isRegularFile(CLIP)).as("../shared/data/clips is not here").isTrue();
    Path damaged = folder.resolve("damaged.mp4");
    byte[] bytes = Files.readAllBytes(CLIP);
    Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 20_000, (byte) 0x55);
    Files.write(damaged, bytes);

    Said said = run("detect", "--source", damaged, "--model", MODEL);

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).containsPattern("(damaged frames: [0-9]+; |broke at )frame [1-9]");
  }

  @Test
  void aFileThatIsNoVideoIsOneSentence() throws Exception {
    Path text = folder.resolve("text.mp4");
    Files.writeString(text, "hello");

    Said said = run("detect", "--source", text, "--model", MODEL);

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err().strip().lines()).hasSize(1);
    assertThat(said.err()).startsWith("fovea: " + text + ": ");
  }

  @Test
  void anUnreadablePictureInAFolderIsLeftOutAndTheNextIsRead() throws Exception {
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    Files.writeString(pictures.resolve("a.jpg"), "hello");
    ImageIO.write(
        new BufferedImage(64, 48, BufferedImage.TYPE_3BYTE_BGR),
        "jpg",
        pictures.resolve("b.jpg").toFile());

    Said said = run("detect", "--source", pictures, "--model", MODEL);

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err())
        .contains("damaged frames: 1; frame 0 is left out: ")
        .contains("2 frames read, 1 frames detected");
  }

  @Test
  void theEnginesOfThisMachineAreListed() {
    assumeThat(Files.exists(Path.of("/dev/nvidia0"))).as("this machine has a GPU").isFalse();

    Said said = run("engine", "list");

    assertThat(said.status()).isZero();
    assertThat(said.out())
        .containsPattern("onnxruntime +runs on this machine")
        .containsPattern("tensorrt +engine = tensorrt needs an NVIDIA driver: libcuda.so.1 ");
    assertThat(run("engine").status()).isEqualTo(2);
    assertThat(run("engine", "install", "onnxruntime").status()).isEqualTo(2);
  }

  @Test
  void aPlanNeedsAGpuAndSaysSoInOneSentence() {
    assumeThat(Files.exists(Path.of("/dev/nvidia0"))).as("this machine has a GPU").isFalse();

    Said said = run("engine", "build", "--model", MODEL, "--fp16", "--batch", "1", "8");

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err())
        .startsWith("fovea: engine = tensorrt needs an NVIDIA driver: libcuda.so.1 ")
        .hasLineCount(1);
  }

  @Test
  void aPlanIsForAnAllowedBatchInOnePrecisionOfAReleaseThatIsThere() {
    assertThat(run("engine", "build", "--model", MODEL, "--batch", "0").status()).isEqualTo(2);
    assertThat(run("engine", "build", "--model", MODEL, "--batch", "257").err())
        .contains("--batch must be 1 to 256, not 257");
    assertThat(run("engine", "build", "--model", MODEL, "--fp16", "--fp32").status()).isEqualTo(2);
    assertThat(run("engine", "build", "--model", folder.resolve("nowhere")).err())
        .isEqualTo("fovea: release %s: no such folder%n".formatted(folder.resolve("nowhere")));
  }

  @Test
  void tensorRtWithoutADriverIsOneSentence() {
    assumeThat(Files.exists(Path.of("/dev/nvidia0"))).as("this machine has a GPU").isFalse();

    Said said =
        run("detect", "--source", "synthetic:?frames=1", "--model", MODEL, "--engine", "tensorrt");

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).startsWith("fovea: engine = tensorrt needs");
  }

  @Test
  void evaluationGivesPycocotoolsFiguresByTheirNames() throws Exception {
    Path golden = Path.of("../trainer/src/test/resources/golden/coco-eval-hard");
    Path curves = folder.resolve("curves");

    Said said =
        run(
            "evaluate",
            "--ground-truth",
            golden.resolve("ground-truth.json"),
            "--detections",
            golden.resolve("detections.json"),
            "--json",
            "--curves",
            curves);

    assertThat(said.err()).isEmpty();
    JsonNode figures = new ObjectMapper().readTree(said.out());
    JsonNode expected = new ObjectMapper().readTree(golden.resolve("expected.json").toFile());
    expected
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isNumber() && !entry.getKey().equals("tolerance")) {
                assertThat(figures.get(entry.getKey()).asDouble())
                    .as(entry.getKey())
                    .isCloseTo(entry.getValue().asDouble(), within(1e-9));
              }
            });
    assertThat(figures.get("perClassAP").size()).isEqualTo(expected.get("perClassAP").size());
    assertThat(Files.readAllLines(curves.resolve("precision-recall.csv")))
        .first()
        .isEqualTo("class,iou,recall,precision");
    assertThat(curves.resolve("precision-recall.svg")).content().contains("polyline");
  }

  @Test
  void evaluationRunsAReleaseOverThePicturesFirst() throws Exception {
    assertThat(run("synthesize", "--out", folder, "--count", "8", "--seed", "77").status())
        .isZero();

    Said said =
        run(
            "evaluate",
            "--ground-truth",
            folder.resolve("annotations.json"),
            "--model",
            MODEL,
            "--images",
            folder.resolve("images"));

    assertThat(said.status()).as(said.err()).isZero();
    assertThat(said.out()).contains("8 pictures").contains("what AP50 is lost to");
    assertThat(
            run("evaluate", "--ground-truth", folder.resolve("annotations.json"), "--model", MODEL))
        .satisfies(
            slip -> {
              assertThat(slip.status()).isEqualTo(2);
              assertThat(slip.err()).contains("--images");
            });
  }

  /** A host that no resolver knows (RFC 2606): as on a machine without a network. */
  @Test
  void weightsThatCannotBeFetchedAreSaidWithTheirAddressAndWhatToDo() {
    String url = "http://weights.invalid/retinanet_resnet50_fpn_coco-eeacb38b.pth";

    Said said = run("models", "add", "coco", "--arch", "retinanet_resnet50_fpn", "--url", url);

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err())
        .startsWith("fovea: " + url + ": the server cannot be reached (")
        .contains("fovea import --torchvision FILE --out DIR");
  }

  @Test
  void weightsThatAreNoneAreNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("weights.pth"), "<html>Sign in</html>");

    Said said = run("import", "--torchvision", file, "--out", folder.resolve("out"));

    assertThat(said.status()).isEqualTo(1);
    assertThat(said.err()).contains(file + ": is neither a .pth of PyTorch nor a safetensors file");
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(run("import", "--torchvision", file, "--out", "x", "--arch", "yolo").err())
        .contains("--arch must be retinanet_resnet50_fpn or");
    assertThat(run("import", "--torchvision", file, "--out", "x", "--input", "640").err())
        .contains("--input must be WIDTHxHEIGHT");
    assertThat(run("import", "--torchvision", file, "--out", "x", "--input", "640x400").err())
        .contains("input.height = 400: must be a positive multiple of 32");
  }
}
