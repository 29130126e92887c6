package dev.fovea.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fovea.ingest.street.StreetDataset;
import dev.fovea.standalone.command.VersionProvider;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.Batch;
import dev.fovea.trainer.data.BatchLoader;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.PictureStore;
import dev.fovea.trainer.fit.TrainingStep;
import dev.fovea.trainer.loss.Targets;
import dev.fovea.trainer.model.NetworkGraph;
import dev.fovea.trainer.model.RetinaNet;
import dev.fovea.trainer.settings.LossSettings;
import dev.fovea.trainer.settings.NetworkSettings;
import dev.fovea.trainer.settings.OptimizerSettings;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A step of training beside the same network in PyTorch. */
@Command(
    name = "trainer",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = VersionProvider.class,
    header = "Training beside the same network in PyTorch.",
    description = {
      "Forward, backward, update and weight average on one prepared batch: the trainer's own step,"
          + " and the same network, weights, batch and threads in PyTorch, once as PyTorch has it"
          + " by default and once with channels last, its fused optimizer and the allocator settings that"
          + " fovea train runs with. Parameters and first loss are checked to be the same. Reading pictures is not measured."
    })
final class TrainerBench implements Callable<Integer> {
  private static final double LEARNING_RATE = 1e-4;
  private static final double SAME_LOSS = 1e-4;

  @Spec private CommandSpec spec;

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "Threads of the arithmetic on each side (default: ${DEFAULT-VALUE}).")
  private int threads;

  @Option(
      names = "--steps",
      defaultValue = "5",
      description = "Steps a run (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds that count (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--python",
      paramLabel = "FILE",
      defaultValue = "python3",
      description = "A Python that has PyTorch (default: ${DEFAULT-VALUE}).")
  private String python;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting of the trainer, such as schedule.batch=16; repeatable.")
  private Map<String, String> overrides = Map.of();

  @Override
  public Integer call() throws Exception {
    if (threads < 1 || steps < 1) {
      throw new IllegalArgumentException("--threads and --steps must be at least 1");
    }
    Map<String, String> set = new LinkedHashMap<>(overrides);
    set.put("schedule.threads", String.valueOf(threads));
    TrainSettings settings = TrainSettings.with(set);
    requireInPython(settings);
    Optional<String> missing = PyTorchTrainer.missing(python);
    if (missing.isPresent()) {
      throw new IllegalStateException(missing.get());
    }
    try (TemporaryFolder folder = new TemporaryFolder("fovea-bench-trainer")) {
      compare(settings, folder.path());
    }
    return 0;
  }

  /** The script has these networks only. */
  private static void requireInPython(TrainSettings settings) {
    if (settings.network().depth() > 34
        || settings.network().headNorm() != NetworkSettings.HeadNorm.BATCH
        || settings.loss().classes() != LossSettings.ClassLossKind.FOCAL
        || settings.loss().box() != LossSettings.BoxLossKind.SMOOTH_L1
        || settings.optimizer().kind() != OptimizerSettings.Kind.ADAMW
        || settings.input().sizes().size() != 1) {
      throw new IllegalArgumentException(
          "the PyTorch side has depth 18 and 34, head-norm batch, one input size, focal loss,"
              + " smooth-l1 and AdamW only");
    }
  }

  private void compare(TrainSettings settings, Path folder) throws Exception {
    CocoDataset data = street(folder.resolve("street"), settings.schedule().batch());
    int classes = data.classes().size();
    Batch batch = batch(settings, data);
    try (TrainingStep ours = TrainingStep.drawn(settings, classes)) {
      compare(settings, folder, classes, batch, ours);
    }
  }

  private void compare(
      TrainSettings settings, Path folder, int classes, Batch batch, TrainingStep ours)
      throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    NetworkGraph graph = RetinaNet.graph(settings, classes);
    writePlan(folder, settings, graph, classes, batch, ours.weights());
    double ourLoss = loss(settings, ours.run(batch, 0, LEARNING_RATE));
    try (PyTorchTrainer byDefault = new PyTorchTrainer(python, folder, false);
        PyTorchTrainer tuned = new PyTorchTrainer(python, folder, true)) {
      out.printf(
          "%s%nRetinaNet of %,d parameters, %.2f GMAC a picture at %dx%d, batches of %d, %d"
              + " thread(s); PyTorch %s%n",
          Machine.describe(),
          graph.learnedSize(),
          graph.multiplyAccumulates() / 1e9,
          settings.input().widthPx(),
          settings.input().heightPx(),
          batch.pictures(),
          threads,
          byDefault.version());
      requireSame(graph, ourLoss, byDefault);
      requireSame(graph, ourLoss, tuned);
      out.printf(
          "first loss: ours %.6f, PyTorch %.6f, channels last %.6f%n%n",
          ourLoss, byDefault.firstLoss(), tuned.firstLoss());
      out.flush();
      new Comparison(
              List.of(
                  inPyTorch("PyTorch", byDefault, batch),
                  inPyTorch("PyTorch, channels last, fused", tuned, batch),
                  ours("fovea train", ours, batch)),
              rounds,
              out)
          .run();
    }
  }

  private static void requireSame(NetworkGraph graph, double ourLoss, PyTorchTrainer theirs) {
    if (graph.learnedSize() != theirs.parameters()) {
      throw new IllegalStateException(
          "the networks differ: %,d parameters here, %,d in PyTorch"
              .formatted(graph.learnedSize(), theirs.parameters()));
    }
    if (Math.abs(ourLoss - theirs.firstLoss()) > SAME_LOSS * Math.abs(ourLoss)) {
      throw new IllegalStateException(
          "the networks differ: first loss %.6f here, %.6f in PyTorch"
              .formatted(ourLoss, theirs.firstLoss()));
    }
  }

  private Contender ours(String name, TrainingStep step, Batch batch) {
    return new Contender(
        name,
        () ->
            Measurement.of(
                () -> {
                  for (int i = 0; i < steps; i++) {
                    step.run(batch, i, LEARNING_RATE);
                  }
                  return (long) steps * batch.pictures();
                }));
  }

  private Contender inPyTorch(String name, PyTorchTrainer trainer, Batch batch) {
    return new Contender(
        name, () -> new Measurement(steps * batch.pictures() / trainer.run(steps), 0));
  }

  private static double loss(TrainSettings settings, TrainingStep.Outcome outcome) {
    return outcome.classes() + settings.loss().boxWeight() * outcome.boxes();
  }

  private static CocoDataset street(Path folder, int pictures)
      throws IOException, InterruptedException {
    new StreetDataset(1, pictures, 1).write(folder, (done, total) -> {});
    return CocoDataset.read(
        folder.resolve("annotations.json"), folder.resolve(StreetDataset.IMAGES));
  }

  private static Batch batch(TrainSettings settings, CocoDataset data) throws InterruptedException {
    try (PictureStore store = new PictureStore(settings.input(), settings.augmentation(), 100);
        BatchLoader loader = new BatchLoader(data, settings, store, 0)) {
      return loader.next();
    }
  }

  /** What the script reads: the network in plan.json, the arrays one after another. */
  private void writePlan(
      Path folder,
      TrainSettings settings,
      NetworkGraph graph,
      int classes,
      Batch batch,
      Map<String, float[]> weights)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode plan = mapper.createObjectNode();
    plan.put("threads", threads);
    ArrayNode blocks = plan.putArray("blocks");
    ArrayNode channels = plan.putArray("channels");
    for (int stage = 2; stage <= 5; stage++) {
      blocks.add(blocks(graph, stage));
      channels.add(filters(graph, "stage" + stage + ".0.1.weight"));
    }
    plan.put("pyramidChannels", settings.network().pyramidChannels());
    plan.put("p6From", settings.network().p6From() == NetworkSettings.P6Source.C5 ? "c5" : "p5");
    plan.put("headConvolutions", settings.network().headConvolutions());
    plan.put("anchors", settings.anchors().shapes().perLocation());
    plan.put("classes", classes);
    plan.put("alpha", settings.loss().alpha());
    plan.put("gamma", settings.loss().gamma());
    plan.put("beta", settings.loss().beta());
    plan.put("boxWeight", settings.loss().boxWeight());
    plan.put("learningRate", LEARNING_RATE);
    plan.put("weightDecay", settings.optimizer().weightDecay());
    plan.put("gradientNorm", settings.optimizer().gradientNorm());
    plan.put("averageDecay", settings.optimizer().averageDecay());
    ArrayNode index = plan.putArray("tensors");
    try (DataOutputStream out =
        new DataOutputStream(Files.newOutputStream(folder.resolve("tensors.bin")))) {
      Targets targets = batch.targets();
      int n = batch.pictures();
      var input = settings.input();
      write(out, index, "images", batch.images(), n, 3, input.heightPx(), input.widthPx());
      write(out, index, "classTarget", targets.classTarget(), n, targets.classTarget().length / n);
      write(out, index, "classWeight", targets.classWeight(), n, targets.classWeight().length / n);
      float[] boxIndex = new float[targets.boxIndex().length];
      for (int i = 0; i < boxIndex.length; i++) {
        boxIndex[i] = targets.boxIndex()[i]; // exact below 2^24
      }
      write(out, index, "boxIndex", boxIndex, boxIndex.length);
      write(out, index, "deltas", targets.deltas(), targets.foreground(), 4);
      for (NetworkGraph.ParameterSpec spec : graph.parameters().values()) {
        float[] values = weights.get(spec.name());
        if (values == null) {
          throw new IllegalStateException("no weights of " + spec.name());
        }
        write(
            out,
            index,
            "weight:" + spec.name(),
            values,
            spec.shape().stream().mapToInt(Integer::intValue).toArray());
      }
    }
    Files.writeString(folder.resolve("plan.json"), mapper.writeValueAsString(plan));
  }

  private static int blocks(NetworkGraph graph, int stage) {
    int blocks = 0;
    while (graph.parameters().containsKey("stage" + stage + "." + blocks + ".1.weight")) {
      blocks++;
    }
    return blocks;
  }

  private static int filters(NetworkGraph graph, String weight) {
    NetworkGraph.ParameterSpec spec = graph.parameters().get(weight);
    if (spec == null) {
      throw new IllegalStateException("the graph has no " + weight);
    }
    return spec.shape().get(0);
  }

  private static void write(
      DataOutputStream out, ArrayNode index, String name, float[] values, int... shape)
      throws IOException {
    ArrayNode entry = index.addArray();
    entry.add(name);
    ArrayNode sizes = entry.addArray();
    for (int size : shape) {
      sizes.add(size);
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    out.write(bytes.array());
  }
}
