package dev.fovea.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The network in PyTorch, in a Python process of its own that trains when asked to and waits
 * otherwise.
 */
final class PyTorchTrainer implements AutoCloseable {
  private static final String SCRIPT = "trainer_pytorch.py";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What to do where there is no PyTorch. */
  static final String HOW_TO_GET =
      "python3 -m venv /tmp/torch && /tmp/torch/bin/pip install numpy torch==2.13.0+cpu"
          + " --extra-index-url https://download.pytorch.org/whl/cpu, then --python"
          + " /tmp/torch/bin/python";

  private final Process process;
  private final BufferedReader answers;
  private final Writer commands;
  private final JsonNode introduction;

  /**
   * Starts it; it reads the plan's folder and computes the first loss.
   *
   * @param tuned channels last, the fused optimizer and glibc's settings of {@code fovea train},
   *     else as PyTorch has it by default
   * @throws IOException if it does not start
   */
  PyTorchTrainer(String python, Path plan, boolean tuned) throws IOException {
    Path script = plan.resolve(SCRIPT);
    try (InputStream in =
        Objects.requireNonNull(PyTorchTrainer.class.getResourceAsStream(SCRIPT), SCRIPT)) {
      Files.copy(in, script, StandardCopyOption.REPLACE_EXISTING);
    }
    ProcessBuilder builder =
        new ProcessBuilder(python, script.toString(), plan.toString(), tuned ? "tuned" : "default")
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    if (!tuned) {
      // What the fovea command sets for its own training; nobody has it who only installs PyTorch.
      builder.environment().keySet().removeIf(name -> name.startsWith("MALLOC_"));
    }
    process = builder.start();
    answers = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
    introduction = answer();
  }

  /** What stands in the way, in a sentence; empty if PyTorch is there. */
  static Optional<String> missing(String python) throws InterruptedException {
    try {
      Process probe =
          new ProcessBuilder(python, "-c", "import numpy, torch")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return probe.waitFor() == 0
          ? Optional.empty()
          : Optional.of(python + " has no PyTorch: " + HOW_TO_GET);
    } catch (IOException e) {
      return Optional.of("there is no " + python + ": " + HOW_TO_GET);
    }
  }

  String version() {
    return introduction.get("version").asText();
  }

  /** Learned parameters. */
  long parameters() {
    return introduction.get("parameters").asLong();
  }

  /** The batch's loss before the first step. */
  double firstLoss() {
    return introduction.get("loss").asDouble();
  }

  /** Trains; answers the seconds it took by its own clock. */
  double run(int steps) throws IOException {
    commands.write("run " + steps + "\n");
    commands.flush();
    return answer().get("seconds").asDouble();
  }

  private JsonNode answer() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the PyTorch process ended; what it said is above");
    }
    return MAPPER.readTree(line);
  }

  @Override
  public void close() throws IOException {
    try {
      commands.close(); // the end of its input ends it
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
