package dev.fovea.trainer.export;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.Normaliser;
import dev.fovea.trainer.evaluate.RawGraph;
import dev.fovea.trainer.fit.Checkpoint;
import dev.fovea.trainer.model.GraphBlock;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.RetinaNet;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a release folder of a checkpoint: {@code model.onnx} of the averaged weights, checked
 * against the training graph on the checkpoint's own pictures, and {@code manifest.json}.
 */
public final class Exporter {
  /**
   * A raw output may differ by this much between the training graph and the ONNX graph; by this
   * fraction where it is above 1.
   */
  public static final double LARGEST_DIFFERENCE = 1e-4;

  private static final String PRODUCER = "fovea";
  private static final int TIMED_RUNS = 15;

  /** A large network on a small machine takes seconds a picture: then fewer runs must do. */
  private static final long LONGEST_TIMING_NANOS = 5_000_000_000L;

  private final double largestDifference;
  private final int timedRuns;

  /**
   * An exporter with limits of its own.
   *
   * @param largestDifference how far a raw output may be off; relative where it is above 1
   * @param timedRuns runs whose median is the time of a picture; fewer if they take too long
   */
  public Exporter(double largestDifference, int timedRuns) {
    this.largestDifference = largestDifference;
    this.timedRuns = timedRuns;
  }

  /**
   * Makes a release of a checkpoint.
   *
   * @param name the model's name in the manifest
   * @param version the release's version; without it, the first 12 digits of the model's sha256
   * @param folder made if it is not there; {@code model.onnx} and {@code manifest.json} in it are
   *     replaced only by a release that passed its check
   * @throws ExportException if the two graphs differ by more than {@link #LARGEST_DIFFERENCE}
   * @throws IOException if the release can't be written
   */
  public static ReleaseSummary export(
      Checkpoint checkpoint, String name, Optional<String> version, Path folder)
      throws IOException {
    return new Exporter(LARGEST_DIFFERENCE, TIMED_RUNS)
        .release(checkpoint, name, version, folder, provenance(checkpoint));
  }

  /**
   * The same with this exporter's limits.
   *
   * @param provenance how the weights came to be; the settings are added
   */
  public ReleaseSummary release(
      Checkpoint checkpoint,
      String name,
      Optional<String> version,
      Path folder,
      Map<String, String> provenance)
      throws IOException {
    NetworkGraph graph = RetinaNet.graph(checkpoint.settings(), checkpoint.classes().size());
    byte[] model = OnnxWriter.write(graph, checkpoint.released(), PRODUCER).toByteArray();
    Check check = check(checkpoint, graph, model);
    String sha256 = ReleaseFolder.sha256(model);
    ModelManifest manifest =
        manifest(checkpoint, name, version.orElse(sha256.substring(0, 12)), sha256, provenance);
    ReleaseFolder.write(folder, manifest, model);
    return new ReleaseSummary(
        folder, manifest, check.largestDifference, model.length, check.millisPerPicture);
  }

  private record Check(double largestDifference, double millisPerPicture) {}

  private Check check(Checkpoint checkpoint, NetworkGraph graph, byte[] model)
      throws ExportException {
    if (checkpoint.probes().isEmpty()) {
      throw new ExportException("the checkpoint has no picture to check the export on");
    }
    // DJL insists on making ONNX Runtime's environment itself.
    Engine.getEngine("OnnxRuntime");
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      try (OrtSession session = environment.createSession(model, options)) {
        GraphBlock block = new GraphBlock(graph, manager, checkpoint.released());
        return compare(checkpoint, block, manager, environment, session);
      }
    } catch (OrtException e) {
      throw new ExportException("ONNX Runtime refuses the exported model: " + e.getMessage(), e);
    }
  }

  private Check compare(
      Checkpoint checkpoint,
      GraphBlock block,
      NDManager manager,
      OrtEnvironment environment,
      OrtSession session)
      throws OrtException, ExportException {
    TrainSettings settings = checkpoint.settings();
    RawGraph graph = new RawGraph(block, settings.input(), manager);
    Normaliser normaliser = new Normaliser(settings.input());
    double largest = 0;
    double millis = 0;
    List<byte[]> probes = checkpoint.probes();
    for (int i = 0; i < probes.size(); i++) {
      byte[] probe = probes.get(i);
      float[] image = new float[probe.length];
      normaliser.write(probe, image, 0);
      long[] shape = {1, 3, settings.input().heightPx(), settings.input().widthPx()};
      try (NDManager step = manager.newSubManager();
          OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(image), shape)) {
        NDList expected = graph.forward(step, image, 1);
        Map<String, OnnxTensor> inputs = Map.of("images", input);
        largest = Math.max(largest, difference(expected, block, session, inputs));
        if (i == probes.size() - 1) { // the session is warm by now
          millis = time(session, inputs);
        }
      }
    }
    if (!(largest <= largestDifference)) {
      throw new ExportException(
          "the exported graph differs from the training graph by %.3g, more than %.0e"
              .formatted(largest, largestDifference));
    }
    return new Check(largest, millis);
  }

  private static double difference(
      NDList expected, GraphBlock block, OrtSession session, Map<String, OnnxTensor> inputs)
      throws OrtException {
    List<String> names = List.copyOf(block.graph().outputs().keySet());
    double largest = 0;
    try (OrtSession.Result result = session.run(inputs)) {
      for (int i = 0; i < names.size(); i++) {
        float[] wanted = expected.get(i).toFloatArray();
        FloatBuffer got = ((OnnxTensor) result.get(names.get(i)).orElseThrow()).getFloatBuffer();
        for (int j = 0; j < wanted.length; j++) {
          double difference =
              Math.abs((double) wanted[j] - got.get(j)) / Math.max(1, Math.abs(wanted[j]));
          // Not-a-number must not pass for small.
          largest =
              Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(largest, difference);
        }
      }
    }
    return largest;
  }

  private double time(OrtSession session, Map<String, OnnxTensor> inputs) throws OrtException {
    double[] millis = new double[timedRuns];
    long first = System.nanoTime();
    int runs = 0;
    do {
      long start = System.nanoTime();
      session.run(inputs).close();
      millis[runs++] = (System.nanoTime() - start) / 1e6;
    } while (runs < timedRuns && System.nanoTime() - first < LONGEST_TIMING_NANOS);
    Arrays.sort(millis, 0, runs);
    return millis[runs / 2];
  }

  private static Map<String, String> provenance(Checkpoint checkpoint) {
    Map<String, String> provenance = new LinkedHashMap<>();
    provenance.put("trainedOn", checkpoint.data());
    provenance.put("steps", String.valueOf(checkpoint.step()));
    provenance.put("seed", String.valueOf(checkpoint.settings().schedule().seed()));
    return provenance;
  }

  private static ModelManifest manifest(
      Checkpoint checkpoint,
      String name,
      String version,
      String sha256,
      Map<String, String> provenance) {
    TrainSettings settings = checkpoint.settings();
    var decoding = settings.decoding();
    Map<String, String> all = new LinkedHashMap<>(provenance);
    all.put("settings", settings.render());
    return new ModelManifest(
        name,
        version,
        settings.input().widthPx(),
        settings.input().heightPx(),
        settings.input().fit(),
        settings.input().mean().stream().map(Double::floatValue).toList(),
        settings.input().scale().stream().map(Double::floatValue).toList(),
        checkpoint.classes(),
        settings.anchors().shapes(),
        (float) decoding.servingThreshold(),
        (float) decoding.nmsIou(),
        decoding.topKPerLevel(),
        decoding.maxDetections(),
        sha256,
        checkpoint.figures(),
        all);
  }
}
