package dev.fovea.standalone.command;

import dev.fovea.detector.engine.EngineKind;
import dev.fovea.detector.engine.EngineSupport;
import dev.fovea.detector.engine.HomeCache;
import dev.fovea.standalone.engine.TensorRtLibraries;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The engines that models run on: which this machine can run, and what one needs beyond Fovea. */
@Command(
    name = "engine",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = EngineBuildCommand.class,
    description =
        "Inference engines: which run here, NVIDIA's libraries for TensorRT, and plans for this"
            + " GPU.",
    footer = {
      "",
      "  fovea engine list",
      "  fovea engine install tensorrt",
      "  fovea engine build --model models/street-synthetic --fp16"
    })
public final class EngineCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "engine needs one of: list, install, build");
  }

  /** Says for each engine whether it runs here. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description =
          "Say for each engine whether this machine can run it, and if not, what is missing first.")
  int list() {
    PrintWriter out = spec.commandLine().getOut();
    for (EngineKind kind : EngineKind.values()) {
      Optional<String> missing = EngineSupport.missing(kind);
      out.printf("%-12s %s%n", kind.key(), missing.orElse("runs on this machine"));
    }
    if (new TensorRtLibraries(engines(), URI.create("")).isInstalled()) {
      out.printf("%nNVIDIA's libraries for tensorrt are in %s%n", engines());
    }
    out.flush();
    return 0;
  }

  /** Fetches what an engine needs. */
  @Command(
      name = "install",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = {
        "Fetch NVIDIA's libraries for TensorRT (8.6.1, on CUDA 12.1; NVIDIA's licences apply) from"
            + " a Maven repository: 2.9 GB, 3.1 GB unpacked. They go into $FOVEA_HOME_CACHE/engines"
            + " (default: ~/.cache/fovea/engines), where the fovea command finds them. After a stop"
            + " the same command goes on."
      })
  int install(
      @Parameters(paramLabel = "ENGINE", description = "tensorrt") String engine,
      @Option(
              names = "--repository",
              paramLabel = "URL",
              defaultValue = "https://repo.maven.apache.org/maven2",
              description = "Maven repository (default: Maven Central).")
          URI repository,
      @Option(names = "--yes", description = "Do not ask.") boolean yes)
      throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    if (!engine.equals(EngineKind.TENSORRT.key())) {
      throw new ParameterException(
          spec.commandLine(), "only tensorrt needs an installation, not \"" + engine + "\"");
    }
    TensorRtLibraries libraries = new TensorRtLibraries(engines(), repository);
    if (libraries.isInstalled()) {
      out.println("They are in " + libraries.folder() + " already.");
      out.flush();
      return 0;
    }
    libraries.requireRoom();
    out.printf(
        Locale.ROOT,
        "%.1f GB of NVIDIA's libraries, under NVIDIA's licences, will be fetched from %s%nand"
            + " unpacked in %s.%n",
        libraries.bytesToFetch() / 1e9,
        repository,
        libraries.folder());
    out.flush();
    if (!yes && !isWanted(out)) {
      return 1;
    }
    libraries.install(new InstallProgress(out));
    out.println("Installed. `fovea engine list` says whether TensorRT runs here.");
    out.flush();
    return 0;
  }

  private boolean isWanted(PrintWriter out) throws IOException {
    if (!Terminal.isInteractive()) {
      throw new ParameterException(
          spec.commandLine(), "nobody can be asked here: --yes says that it is wanted");
    }
    out.print("Go on? [y/N] ");
    out.flush();
    @Nullable String answer =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }

  private static Path engines() {
    return HomeCache.folder().resolve("engines");
  }

  /** Tells a person how far the installation is. */
  private static final class InstallProgress implements TensorRtLibraries.Progress {
    private final PrintWriter out;
    private final DownloadProgress download;

    InstallProgress(PrintWriter out) {
      this.out = out;
      this.download = new DownloadProgress(out);
    }

    @Override
    public void fetched(String name, long done, long total) {
      download.fetched(name, done, total);
    }

    @Override
    public void step(String what) {
      out.println("  " + what);
      out.flush();
    }
  }
}
