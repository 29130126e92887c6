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
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.standalone.command.VersionProvider;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
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
                  new DecodeAndEncode(config(broker.freshTopics()).cameras().get(0)),
                  new Decode(),
                  new Service(broker, frames)),
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

  private long decode() throws Exception {
    long frames = 0;
    try (FrameSource frameSource = FrameSources.open(source, SourceOptions.offline())) {
      while (frameSource.next() != null) {
        frames++;
      }
    }
    return frames;
  }

  /** Decodes only. */
  private final class Decode implements Contender {
    @Override
    public String name() {
      return "decode only";
    }

    @Override
    public Measurement run() throws Exception {
      long allocated = Allocation.ofThisThread();
      long started = System.nanoTime();
      long frames = decode();
      return Measurement.of(
          frames, System.nanoTime() - started, Allocation.ofThisThread() - allocated);
    }
  }

  /** What ingest does to a frame, without Kafka. */
  private final class DecodeAndEncode implements Contender {
    private final CameraSettings settings;

    DecodeAndEncode(CameraSettings settings) {
      this.settings = settings;
    }

    @Override
    public String name() {
      return "decode and encode, no Kafka";
    }

    @Override
    public Measurement run() throws Exception {
      long allocated = Allocation.ofThisThread();
      long started = System.nanoTime();
      long frames = 0;
      try (FrameSource frameSource = FrameSources.open(source, SourceOptions.offline());
          FrameEncoder encoder =
              new FrameEncoder(
                  settings.size(), settings.quality(), SourceOptions.DEFAULT_MAX_PIXELS)) {
        for (CapturedFrame frame = frameSource.next(); frame != null; frame = frameSource.next()) {
          encoder.encode(frame.picture());
          frames++;
        }
      }
      return Measurement.of(
          frames, System.nanoTime() - started, Allocation.ofThisThread() - allocated);
    }
  }

  /** The service itself: from its start to the last frame that a consumer sees. */
  private final class Service implements Contender {
    private final BrokerFolder broker;
    private final long frames;

    Service(BrokerFolder broker, long frames) {
      this.broker = broker;
      this.frames = frames;
    }

    @Override
    public String name() {
      return "ingest service";
    }

    @Override
    @SuppressWarnings("try") // The service only has to run.
    public Measurement run() throws Exception {
      KafkaSettings kafka = broker.freshTopics();
      Topics topics = new Topics(kafka);
      try (Admin admin = Admin.create(kafka.clientProperties(Map.of()))) {
        new TopicCreator(admin, kafka).ensure(List.of(topics.frames(), topics.cameras()));
      }
      try (AnswerClock published = new AnswerClock(kafka, topics.frames().name());
          dev.fovea.ingest.Main ingest = dev.fovea.ingest.Main.start(config(kafka))) {
        long started = published.await(1);
        long before = published.seen();
        Allocation.Watch heap = new Allocation.Watch("fovea-camera-");
        long allocated = heap.total();
        long ended = published.await(frames, heap::look);
        return Measurement.of(published.seen() - before, ended - started, heap.total() - allocated);
      }
    }
  }
}
