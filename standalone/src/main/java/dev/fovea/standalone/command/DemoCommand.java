package dev.fovea.standalone.command;

import dev.fovea.detector.engine.EngineKind;
import dev.fovea.ingest.source.SourceSpec;
import dev.fovea.schema.CameraId;
import dev.fovea.standalone.demo.Demo;
import dev.fovea.standalone.demo.DemoSettings;
import dev.fovea.standalone.demo.FreshFolder;
import dev.fovea.standalone.demo.StatusLine;
import dev.fovea.standalone.drift.DriftPlan;
import dev.fovea.standalone.drift.DriftSettings;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Broker, cameras, detector and dashboard in one process. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Run everything in one process: an embedded Kafka broker, cameras, a detector and the dashboard.",
      "",
      "Without --camera, two drawn streets are the cameras.",
      "",
      "With --drift, the learning loop is shown in about ten minutes: night falls on drawn streets, accuracy drops, "
          + "the frames that the detector asks about are labelled, the trainer makes a better model, and the detector "
          + "swaps to it. Exit status 0 says that all of it came out right."
    },
    footer = {
      "",
      "  fovea demo",
      "  fovea demo --camera lot=clip.mp4 --camera gate=rtsp://10.0.0.7/stream1",
      "  fovea demo --drift",
      "",
      "Ctrl-C stops it in order, a second Ctrl-C at once."
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int SECONDS_BETWEEN_LINES = 5;

  @Spec private CommandSpec spec;

  @Option(
      names = "--camera",
      paramLabel = "NAME=SOURCE",
      description = {
        "A camera of yours; may be repeated. SOURCE is a video file (MP4, AVI, MKV, TS), an rtsp:// url, "
            + "the http:// url of an MJPEG stream, a folder of images, v4l2:/dev/video0 or synthetic:."
      })
  private Map<String, String> cameras = new LinkedHashMap<>();

  @Option(
      names = "--model",
      paramLabel = "DIR_OR_NAME",
      description =
          "Release folder of the model, or a bundled model's name (default: street-synthetic for drawn streets, "
              + "street for cameras; in 8 bits).")
  private @Nullable String model;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "Port of the dashboard (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "0",
      description = "Port of the embedded broker (default: any free one).")
  private int kafkaPort;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Folder for broker, store and log (default: .fovea/demo beside the fovea command). "
              + "A later demo goes on from it; delete it to start anew.")
  private @Nullable Path data;

  @Option(
      names = "--drift",
      description =
          "Show how a model is retrained when night falls; begins anew each time (in .fovea/drift).")
  private boolean drift;

  @Override
  public Integer call() throws Exception {
    return drift ? drift() : demo();
  }

  private int drift() throws Exception {
    if (!cameras.isEmpty() || model != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--drift brings cameras and model of its own: leave out --camera and --model");
    }
    if (data != null) {
      FreshFolder.require(data.toAbsolutePath());
    }
    requireFree(port, "--port");
    if (kafkaPort != 0) {
      requireFree(kafkaPort, "--kafka-port");
    }
    Path folder =
        data == null
            ? FreshFolder.empty(Home.folder().resolve(".fovea/drift"))
            : data.toAbsolutePath();
    System.setProperty("fovea.log.file", folder.resolve("fovea.log").toString());
    DriftSettings settings =
        new DriftSettings(
            DriftPlan.SHOWN,
            BundledModel.ofTheDay(),
            folder,
            port,
            kafkaPort,
            System.getProperty("java.class.path")
                + java.io.File.pathSeparator
                + System.getProperty("fovea.training", "")
                + "/*");
    return new DriftDemo(settings, spec.commandLine().getOut(), StopSignal.install()).run();
  }

  private int demo() throws Exception {
    DemoSettings settings = settings();
    System.setProperty("fovea.log.file", settings.dataFolder().resolve("fovea.log").toString());
    requireFree(settings.httpPort(), "--port");
    if (settings.kafkaPort() != 0) {
      requireFree(settings.kafkaPort(), "--kafka-port");
    }
    StopSignal stop = StopSignal.install();
    PrintWriter out = spec.commandLine().getOut();
    long started = System.nanoTime();
    try (Demo demo =
        Demo.start(
            settings,
            step -> {
              out.println("  starting " + step + " …");
              out.flush();
            })) {
      var unused = demo.failed().whenComplete((done, failure) -> stop.request());
      welcome(out, settings, demo, (System.nanoTime() - started) / 1e9);
      report(out, new StatusLine(settings.httpPort()), stop);
      if (demo.failed().isCompletedExceptionally()) {
        demo.failed().join();
      }
      out.println();
      out.println("  stopping …");
      out.flush();
    } catch (CompletionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
    out.println("  stopped; the data stays in " + settings.dataFolder());
    out.flush();
    return 0;
  }

  private DemoSettings settings() {
    Path home = Home.folder();
    Map<CameraId, String> shown =
        cameras.isEmpty() ? DemoSettings.SYNTHETIC_CAMERAS : named(cameras);
    return new DemoSettings(
        shown,
        model == null
            ? BundledModel.forSources(shown.values(), EngineKind.ONNXRUNTIME)
            : namedModel(model),
        (data == null ? home.resolve(".fovea/demo") : data).toAbsolutePath(),
        port,
        kafkaPort);
  }

  private Map<CameraId, String> named(Map<String, String> given) {
    Map<CameraId, String> byId = new LinkedHashMap<>();
    given.forEach(
        (name, source) -> {
          try {
            // Read here already: a slip is told before anything is started.
            SourceSpec.parse(source);
            byId.put(new CameraId(name), source);
          } catch (IllegalArgumentException e) {
            throw new ParameterException(
                spec.commandLine(), "--camera " + name + ": " + e.getMessage(), e);
          }
        });
    return byId;
  }

  private Path namedModel(String folderOrName) {
    try {
      return BundledModel.named(folderOrName, EngineKind.ONNXRUNTIME);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--model " + e.getMessage(), e);
    }
  }

  /** Asked before anything is started, so that the answer is one sentence and comes at once. */
  private static void requireFree(int port, String option) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (java.io.IOException e) {
      throw new IllegalStateException(
          "port " + port + " is taken by another program; choose one with " + option + " PORT", e);
    }
  }

  private static void welcome(PrintWriter out, DemoSettings settings, Demo demo, double seconds) {
    out.printf("%n  Fovea is running (started in %.1f s)%n%n", seconds);
    out.printf("  Dashboard  http://localhost:%d%n", settings.httpPort());
    out.printf("  Kafka      %s%n", demo.bootstrapServers());
    out.printf("  Model      %s%n", settings.model());
    out.printf("  Log        %s%n", settings.dataFolder().resolve("fovea.log"));
    String label = "  Cameras    ";
    for (Map.Entry<CameraId, String> camera : settings.cameras().entrySet()) {
      out.printf("%s%s%n", label, camera.getKey());
      label = "             ";
    }
    out.printf("%n  Ctrl-C stops it.%n%n");
    out.flush();
  }

  /** On a terminal the line moves in place; into a file a line is added each time. */
  private static void report(PrintWriter out, StatusLine status, StopSignal stop)
      throws InterruptedException {
    boolean terminal = Terminal.isInteractive();
    while (!stop.await(SECONDS_BETWEEN_LINES, TimeUnit.SECONDS)) {
      String line = "  " + status.now();
      if (terminal) {
        out.print("\r\033[K" + line);
      } else {
        out.println(line);
      }
      out.flush();
    }
  }
}
