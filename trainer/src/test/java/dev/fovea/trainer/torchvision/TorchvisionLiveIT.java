package dev.fovea.trainer.torchvision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fovea.trainer.TinyRun;
import dev.fovea.trainer.torchvision.RetinaNetImport.Options;
import dev.fovea.trainer.weights.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that torchvision itself saves, and what it answers in the same run. Needs Debian's
 * python3-torchvision; safetensors is read where that module is there too. What it proves is held
 * by RetinaNetImportTest's golden file as well.
 */
class TorchvisionLiveIT {
  private static final String PYTHON = "/usr/bin/python3";
  private static final Path SCRIPT = Path.of("src/test/python/torchvision_golden.py");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2"})
  void whatTorchvisionSavesIsReadAndAnswersAsItDoes(String name) throws Exception {
    TinyRun.quietEngine();
    assumeThat(python("-c", "import torchvision"))
        .as("skipped: %s has no torchvision (Debian: python3-torchvision)", PYTHON)
        .isZero();
    assertThat(python(SCRIPT.toString(), "save", folder.toString(), name)).isZero();
    JsonNode answers = new ObjectMapper().readTree(folder.resolve("answers.json").toFile());
    JsonNode answer = answers.get("cases").get(name);
    int width = answers.get("width").asInt();
    int height = answers.get("height").asInt();
    int outputs = answer.get("outputs").asInt();
    List<String> classes =
        outputs == 91
            ? List.of()
            : IntStream.range(1, outputs).mapToObj(label -> "label " + label).toList();

    checkValues(folder.resolve(name + ".pth"), answer);
    if (Files.exists(folder.resolve(name + ".safetensors"))) {
      checkValues(folder.resolve(name + ".safetensors"), answer);
    }
    Options options =
        new Options(
            Optional.empty(),
            classes,
            width,
            height,
            Optional.empty(),
            OptionalDouble.empty(),
            0.05);
    Path release = folder.resolve("release");
    new RetinaNetImport(options, step -> {}).run(folder.resolve(name + ".pth"), "live", release);
    new Parity(answer, ClassNames.of(classes, outputs), width, height).check(release);
  }

  /** Every value of every key is the formula's. */
  private static void checkValues(Path file, JsonNode answer) throws IOException {
    try (StateDict weights = StateDict.open(file)) {
      Map<String, List<Integer>> shapes = FormulaWeights.shapes(answer.get("state"));
      assertThat(weights.keys()).containsAll(shapes.keySet());
      for (Map.Entry<String, List<Integer>> each : shapes.entrySet()) {
        assertThat(weights.read(each.getKey(), each.getValue()))
            .as(each.getKey())
            .isEqualTo(FormulaWeights.values(each.getKey(), each.getValue(), answer.get("scales")));
      }
    }
  }

  private static int python(String... arguments) throws Exception {
    if (!Files.isExecutable(Path.of(PYTHON))) {
      return 127;
    }
    String[] command = new String[arguments.length + 1];
    command[0] = PYTHON;
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(3, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("torchvision has not answered within 3 minutes");
    }
    return process.exitValue();
  }
}
