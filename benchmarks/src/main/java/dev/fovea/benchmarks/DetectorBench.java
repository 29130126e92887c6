package dev.fovea.benchmarks;

import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.model.ImageBatch;
import dev.fovea.detector.model.Preprocessor;
import dev.fovea.detector.model.UndecodableImageException;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topics;
import dev.fovea.standalone.command.VersionProvider;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The detector service beside a bare loop around its engine. */
@Command(
    name = "detector",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = VersionProvider.class,
    header = "The detector service beside a bare loop around its engine.",
    description = {
      "The detector service, from frames in Kafka to committed answers in Kafka, beside the same engine in a bare loop "
          + "that does nothing but run it, and beside a loop from JPEG to boxes without Kafka. Same model, batch and threads; "
          + "the broker shares the machine."
    },
    footer = {
      "",
      "  fovea bench detector --model models/street-synthetic-int8",
      "  fovea bench detector --beside mining.enabled=true"
    })
final class DetectorBench implements Callable<Integer> {
  private static final int PICTURES = 32;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Release folder (default: ${DEFAULT-VALUE}).",
      defaultValue = "${sys:fovea.home:-.}/models/street-synthetic")
  private Path model;

  @Option(
      names = "--frames",
      defaultValue = "400",
      description = "Frames a run (default: ${DEFAULT-VALUE}).")
  private int frames;

  @Option(
      names = "--cameras",
      defaultValue = "4",
      description = "Cameras they come from (default: ${DEFAULT-VALUE}).")
  private int cameras;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "Rounds that count (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "A key of the detector's configuration, such as batch.max-frames=1; repeatable.")
  private Map<String, String> settings = Map.of();

  @Option(
      names = "--beside",
      paramLabel = "KEY=VALUE",
      description =
          "Run the service a second time each round, with this key set too, such as mining.enabled=true; repeatable.")
  private Map<String, String> besides = Map.of();

  private List<byte[]> pictures = List.of();

  @Override
  public Integer call() throws Exception {
    if (frames < 1 || cameras < 1) {
      throw new IllegalArgumentException("--frames and --cameras must be at least 1");
    }
    PrintWriter out = spec.commandLine().getOut();
    pictures = new ArrayList<>();
    for (int i = 0; i < PICTURES; i++) {
      pictures.add(StreetPictures.jpeg(StreetPictures.WIDTH_PX, StreetPictures.HEIGHT_PX, 50L * i));
    }
    try (BrokerFolder broker = new BrokerFolder();
        LoadedModel loaded =
            LoadedModel.load(model, config(broker.freshTopics(), settings).engine())) {
      out.printf(
          "%s%n%s %s on %s, batches of %d, %d frames of %dx%d a run%n%n",
          Machine.describe(),
          loaded.manifest().name(),
          loaded.manifest().version(),
          loaded.engineName(),
          loaded.maxBatch(),
          frames,
          StreetPictures.WIDTH_PX,
          StreetPictures.HEIGHT_PX);
      new Comparison(contenders(loaded, broker), rounds, out).run();
    }
    return 0;
  }

  private List<Contender> contenders(LoadedModel loaded, BrokerFolder broker)
      throws UndecodableImageException {
    List<Contender> contenders = new ArrayList<>();
    contenders.add(bareEngine(loaded));
    contenders.add(jpegToBoxes(loaded));
    contenders.add(service("detector service", broker, settings));
    if (!besides.isEmpty()) {
      Map<String, String> all = new HashMap<>(settings);
      all.putAll(besides);
      contenders.add(service("service, " + named(besides), broker, all));
    }
    return contenders;
  }

  private static String named(Map<String, String> settings) {
    return settings.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .collect(Collectors.joining(", "));
  }

  private DetectorConfig config(KafkaSettings kafka, Map<String, String> settings) {
    return DetectorConfig.from(
        StrictConfig.load(
            DetectorConfig.class,
            ConfigFactory.parseMap(settings)
                .withFallback(
                    ConfigFactory.parseMap(
                        Map.of(
                            "model.dir",
                            model.toString(),
                            "group",
                            kafka.topicPrefix() + "detector",
                            "kafka.topic-prefix",
                            kafka.topicPrefix(),
                            "kafka.bootstrap.servers",
                            kafka.bootstrapServers())))));
  }

  /** One prepared batch, again and again. */
  private Contender bareEngine(LoadedModel loaded) throws UndecodableImageException {
    ImageBatch batch = loaded.newBatch();
    try (Preprocessor preprocessor = loaded.newPreprocessor()) {
      for (int slot = 0; slot < batch.capacity(); slot++) {
        preprocessor.preprocess(pictures.get(slot % PICTURES), batch, slot);
      }
    }
    batch.setSize(batch.capacity());
    return new Contender(
        "bare engine",
        () ->
            Measurement.of(
                () -> {
                  long done = 0;
                  for (; done < frames; done += batch.size()) {
                    loaded.infer(batch);
                  }
                  return done;
                }));
  }

  /** Decode, infer and find boxes in one thread. */
  private Contender jpegToBoxes(LoadedModel loaded) {
    List<byte[]> jpegs = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      jpegs.add(pictures.get(i % PICTURES));
    }
    return new Contender(
        "JPEG to boxes, no Kafka", () -> Measurement.of(() -> loaded.detect(jpegs).size()));
  }

  /** The service itself; the frames lie in Kafka when it starts. */
  private Contender service(String name, BrokerFolder broker, Map<String, String> settings) {
    return new Contender(name, () -> runService(broker, settings));
  }

  @SuppressWarnings("try") // The service only has to run.
  private Measurement runService(BrokerFolder broker, Map<String, String> settings)
      throws Exception {
    KafkaSettings kafka = broker.freshTopics();
    Topics topics = new Topics(kafka);
    BrokerFolder.create(kafka, topics.frames(), topics.detections(), topics.labelCandidates());
    FramesInKafka.publish(kafka, topics.frames(), pictures, cameras, frames);
    try (AnswerClock answers = new AnswerClock(kafka, topics.detections().name());
        dev.fovea.detector.Main detector = dev.fovea.detector.Main.start(config(kafka, settings))) {
      return Measurement.of(answers, frames, "detector-");
    }
  }
}
