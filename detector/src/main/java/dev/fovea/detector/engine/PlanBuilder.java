package dev.fovea.detector.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fovea.detector.model.ReleaseFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Builds TensorRT plans of releases and keeps them in a {@link PlanCache}.
 *
 * <p>The building is done by a process of its own (module plan-builder): native code that ends its
 * process over a graph, a GPU or its memory ends that one, and what is left of it here is a
 * sentence.
 */
public final class PlanBuilder {
  /** Most memory of the GPU that a layer may use; a detector may be at work on the same GPU. */
  private static final long WORKSPACE_BYTES = 1L << 30;

  private static final String MAIN = "dev.fovea.plan.Main";
  private static final String STEP = "step: ";
  private static final String ERROR = "error: ";
  private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";

  /**
   * How far a build is; {@code what} is the step that begins. Called by a thread of the builder's.
   */
  public interface Progress {
    void step(String what);
  }

  /**
   * A plan that is there.
   *
   * @param isNew whether it was built now
   */
  public record Plan(Path file, boolean isNew) {}

  private final PlanCache cache;
  private final Gpu gpu;
  private final List<String> process;
  private final Optional<Path> libraries;

  /**
   * @param gpu what plans are built for
   * @param process starts the builder; ONNX file, plan, precision and workspace are put behind it
   * @param libraries NVIDIA's; empty where the dynamic linker finds them
   */
  PlanBuilder(PlanCache cache, Gpu gpu, List<String> process, Optional<Path> libraries) {
    this.cache = cache;
    this.gpu = gpu;
    this.process = List.copyOf(process);
    this.libraries = libraries;
  }

  /**
   * A builder for this machine's first GPU.
   *
   * @param program folder of module plan-builder's jar and its libraries
   * @param libraries NVIDIA's; empty where the dynamic linker finds them
   * @throws EngineUnavailableException in one sentence if this machine cannot run TensorRT
   */
  public static PlanBuilder onThisMachine(PlanCache cache, Path program, Optional<Path> libraries)
      throws EngineUnavailableException {
    Gpu gpu = new NvidiaLibraries().gpu();
    if (!Files.isDirectory(program)) {
      throw new IllegalStateException(
          "the program that builds plans is not at " + program + ": start fovea by its launcher");
    }
    List<String> process = new ArrayList<>();
    process.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    process.add("-Xmx256m");
    process.add("-XX:-CreateCoredumpOnCrash");
    // What TensorRT's Java classes unpack; and where they look before a CUDA of the system's.
    process.add("-Dorg.bytedeco.javacpp.cachedir=" + cache.folder().resolve("natives"));
    libraries.ifPresent(
        folder -> process.add("-Dorg.bytedeco.javacpp.platform.preloadpath=" + folder));
    process.addAll(List.of("-cp", program + "/*", MAIN));
    return new PlanBuilder(cache, gpu, process, libraries);
  }

  /** What plans are built for. */
  public Gpu gpu() {
    return gpu;
  }

  /**
   * The plan of a release, built if it is not there; for minutes, if the model is large.
   *
   * @param batch frames of a run, {@code batch.max-frames} of the detector that is to use it
   * @throws PlanBuildException in one sentence
   */
  public Plan build(ReleaseFolder release, boolean fp16, int batch, Progress progress)
      throws IOException, InterruptedException {
    PlanKey key = new PlanKey(gpu, release.manifest().sha256(), fp16, batch);
    Optional<Path> there = cache.find(key);
    if (there.isPresent()) {
      return new Plan(there.get(), false);
    }
    Path plan = cache.scratch(key);
    Path scratch = plan.resolveSibling("");
    try {
      Path onnx = scratch.resolve(ReleaseFolder.MODEL);
      Files.write(onnx, release.graph().withBatch(batch));
      run(release, key, List.of(onnx.toString(), plan.toString()), progress);
      return new Plan(cache.add(key, plan), true);
    } finally {
      delete(scratch);
    }
  }

  private void run(ReleaseFolder release, PlanKey key, List<String> files, Progress progress)
      throws IOException, InterruptedException {
    Path log = cache.folder().resolve(key.fileName() + ".log");
    List<String> command = new ArrayList<>(process);
    command.addAll(files);
    command.add(key.precision());
    command.add(Long.toString(WORKSPACE_BYTES));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // A crash report of the JVM's, if there is one, is written where it runs.
    builder.directory(cache.folder().toFile());
    libraries.ifPresent(folder -> putFirst(builder, folder));
    Process child = builder.start();
    Thread end = new Thread(child::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(end);
    Listener listener = new Listener(child, log, progress);
    Thread listening = new Thread(listener, "plan-builder");
    listening.setDaemon(true);
    listening.start();
    try {
      int status = child.waitFor();
      listening.join();
      Optional<String> why = listener.error();
      if (status != 0 || why.isPresent()) {
        throw new PlanBuildException(
            "release %s: no plan for batches of %d, %s: %s (all it said: %s)"
                .formatted(
                    release.folder(),
                    key.batch(),
                    key.precision(),
                    why.orElse(
                        "the process that built it ended with status "
                            + status
                            + ", as native code does that gives up"),
                    log));
      }
    } finally {
      child.destroyForcibly();
      forget(end);
    }
  }

  /** Writes down all that the process says, on a thread of its own, and picks out what counts. */
  private static final class Listener implements Runnable {
    private final Process child;
    private final Path log;
    private final Progress progress;
    private volatile String error = "";

    Listener(Process child, Path log, Progress progress) {
      this.child = child;
      this.log = log;
      this.progress = progress;
    }

    @Override
    public void run() {
      try (BufferedReader lines =
              new BufferedReader(new InputStreamReader(child.getInputStream(), UTF_8));
          PrintWriter out = new PrintWriter(Files.newBufferedWriter(log))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          out.println(line);
          out.flush();
          if (line.startsWith(STEP)) {
            progress.step(line.substring(STEP.length()));
          } else if (line.startsWith(ERROR)) {
            error = line.substring(ERROR.length());
          }
        }
      } catch (IOException e) {
        error = log + " cannot be written: " + e.getMessage();
        child.destroyForcibly();
      }
    }

    /** What the process named as the reason, if it did. */
    Optional<String> error() {
      return error.isEmpty() ? Optional.empty() : Optional.of(error);
    }
  }

  private static void putFirst(ProcessBuilder builder, Path folder) {
    builder
        .environment()
        .merge(LIBRARY_PATH, folder.toString(), (before, first) -> first + ":" + before);
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook has its use.
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
