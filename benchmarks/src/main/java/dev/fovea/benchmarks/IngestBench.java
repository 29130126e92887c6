package dev.fovea.benchmarks;

import com.typesafe.config.ConfigFactory;
import dev.fovea.ingest.IngestConfig;
import dev.fovea.ingest.publish.CameraSettings;
import dev.fovea.ingest.publish.FrameEncoder;
import dev.fovea.ingest.source.CapturedFrame;
import dev.fovea.ingest.source.FrameSource;
import dev.fovea.ingest.source.FrameSources;
import dev.fovea.ingest.source.SourceOptions;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topics;
import dev.fovea.standalone.command.VersionProvider;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The ingest service beside a bare loop that decodes and encodes. */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = VersionProvider.class,
    header = "The ingest service beside a bare loop that decodes and encodes.",
    description = {
      "The ingest service, from a file to acknowledged frames in Kafka as fast as it goes, beside a loop that only decodes "
          + "the file, and one that decodes it and encodes each frame. One camera, one thread each; the broker shares the machine."
    },
    footer = {"", "  fovea bench ingest --source ../shared/data/clips/car-detection.mp4"})
final class IngestBench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--source", paramLabel = "FILE", required = true, description = "A video file.")
  private String source;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds that count (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (BrokerFolder broker = new BrokerFolder()) {
      long frames = decode();
      out.printf("%s%n%s, %d frames%n%n", Machine.describe(), source, frames);
      new Comparison(
              List.of(
                  decodeAndEncode(config(broker.freshTopics()).cameras().get(0)),
                  decodeOnly(),
                  service(broker, frames)),
              rounds,
              out)
          .run();
    }
    return 0;
  }

  private IngestConfig config(KafkaSettings kafka) {
    return IngestConfig.from(
        StrictConfig.load(
            IngestConfig.class,
            ConfigFactory.parseMap(
                Map.of(
                    "cameras.bench.source",
                    source,
                    "cameras.bench.pace",
                    "fast",
                    "kafka.topic-prefix",
                    kafka.topicPrefix(),
                    "kafka.bootstrap.servers",
                    kafka.bootstrapServers()))));
  }

  private Contender decodeOnly() {
    return new Contender("decode only", () -> Measurement.of(this::decode));
  }

  /** What ingest does to a frame, without Kafka. */
  private Contender decodeAndEncode(CameraSettings settings) {
    return new Contender(
        "decode and encode, no Kafka",
        () ->
            Measurement.of(
                () -> {
                  try (FrameEncoder encoder =
                      new FrameEncoder(
                          settings.size(), settings.quality(), SourceOptions.DEFAULT_MAX_PIXELS)) {
                    return decode(frame -> encoder.encode(frame.picture()));
                  }
                }));
  }

  /** The service itself, by the frames that a consumer sees. */
  private Contender service(BrokerFolder broker, long frames) {
    return new Contender("ingest service", () -> runService(broker, frames));
  }

  @SuppressWarnings("try") // The service only has to run.
  private Measurement runService(BrokerFolder broker, long frames) throws Exception {
    KafkaSettings kafka = broker.freshTopics();
    Topics topics = new Topics(kafka);
    BrokerFolder.create(kafka, topics.frames(), topics.cameras());
    try (AnswerClock published = new AnswerClock(kafka, topics.frames().name());
        dev.fovea.ingest.Main ingest = dev.fovea.ingest.Main.start(config(kafka))) {
      return Measurement.of(published, frames, "fovea-camera-");
    }
  }

  private interface FrameWork {
    void take(CapturedFrame frame) throws Exception;
  }

  private long decode() throws Exception {
    return decode(frame -> {});
  }

  private long decode(FrameWork work) throws Exception {
    long frames = 0;
    try (FrameSource frameSource = FrameSources.open(source, SourceOptions.offline())) {
      for (CapturedFrame frame = frameSource.next(); frame != null; frame = frameSource.next()) {
        work.take(frame);
        frames++;
      }
    }
    return frames;
  }
}
