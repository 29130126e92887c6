package dev.fovea.benchmarks;

import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import dev.fovea.standalone.audit.Audit;
import dev.fovea.standalone.audit.AuditReport;
import dev.fovea.standalone.audit.AuditSettings;
import dev.fovea.standalone.audit.AuditWindow;
import dev.fovea.standalone.command.VersionProvider;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How long an audit of many answered frames takes, and what heap it holds. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = VersionProvider.class,
    header = "An audit of many frames and answers.",
    description = {
      "Writes small frames and their answers to a broker in this process, then audits them twice: once against the clock, "
          + "once to see how much of the heap is held on the way. Broker and audit share the machine and the heap."
    },
    footer = {"", "  fovea bench audit --frames 1000000"})
final class AuditBench implements Callable<Integer> {
  private static final int CAMERAS = 20;
  private static final int TRANSACTION = 5_000;
  private static final long FRAME_MICROS = 1_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--frames",
      defaultValue = "1000000",
      description = "Frames, each with its answer (default: ${DEFAULT-VALUE}).")
  private int frames;

  @Option(
      names = "--picture-bytes",
      defaultValue = "200",
      description = "Bytes of a frame's picture, which an audit skips (default: ${DEFAULT-VALUE}).")
  private int pictureBytes;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    try (BrokerFolder broker = new BrokerFolder()) {
      KafkaSettings kafka = broker.freshTopics();
      write(kafka);
      out.printf(
          Locale.ROOT,
          "%s%n%,d frames of %d cameras, pictures of %d bytes, one answer each%n%n",
          Machine.describe(),
          frames,
          CAMERAS,
          pictureBytes);
      out.flush();
      AuditSettings settings =
          new AuditSettings(
              kafka, AuditWindow.ALL, Set.of(), AuditSettings.DEFAULT_GRACE, Instant.now());
      long started = System.nanoTime();
      AuditReport report = Audit.run(settings, passed -> {});
      double seconds = (System.nanoTime() - started) / 1e9;
      HeldHeap heap = new HeldHeap();
      Audit.run(settings, heap);
      out.printf(
          Locale.ROOT,
          "%s: %.1f s, %,.0f frames a second with their answers; at most %.1f MB of heap held%n",
          report.verdict(),
          seconds,
          frames / seconds,
          heap.mostBytes() / 1e6);
      out.flush();
      return report.verdict().status();
    }
  }

  private void write(KafkaSettings kafka) throws Exception {
    Topics topics = new Topics(kafka);
    Topic<String, Frame> framesTopic = topics.frames();
    Topic<String, Detections> answers = topics.detections();
    BrokerFolder.create(
        kafka, topics.frames(), topics.detections(), topics.deadLetters(), topics.cameras());
    try (Producer<byte[], byte[]> producer =
            producer(kafka, Map.of("max.in.flight.requests.per.connection", 1, "linger.ms", 5));
        Producer<byte[], byte[]> transactional =
            producer(kafka, Map.of("transactional.id", "bench-audit", "linger.ms", 5))) {
      transactional.initTransactions();
      for (int first = 0; first < frames; first += TRANSACTION) {
        List<Frame> batch = new ArrayList<>();
        for (int i = first; i < Math.min(frames, first + TRANSACTION); i++) {
          batch.add(frame("camera-" + i % CAMERAS, i / CAMERAS + 1));
        }
        answer(answers, transactional, batch, publish(framesTopic, producer, batch));
      }
    }
  }

  private static Producer<byte[], byte[]> producer(KafkaSettings kafka, Map<String, Object> own) {
    return new KafkaProducer<>(
        kafka.producerProperties("bench-audit", own),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static List<RecordMetadata> publish(
      Topic<String, Frame> topic, Producer<byte[], byte[]> producer, List<Frame> frames)
      throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (Frame frame : frames) {
      sent.add(
          producer.send(
              record(
                  topic.name(),
                  frame.getCameraId(),
                  frame.getCaptureTimeMicros(),
                  topic.valueSerde().serializer().serialize(topic.name(), frame))));
    }
    List<RecordMetadata> places = new ArrayList<>();
    for (Future<RecordMetadata> each : sent) {
      places.add(each.get());
    }
    return places;
  }

  private static void answer(
      Topic<String, Detections> topic,
      Producer<byte[], byte[]> producer,
      List<Frame> frames,
      List<RecordMetadata> places) {
    producer.beginTransaction();
    for (int i = 0; i < frames.size(); i++) {
      Detections answer = answer(frames.get(i), places.get(i));
      var unused =
          producer.send(
              record(
                  topic.name(),
                  answer.getCameraId(),
                  answer.getCaptureTimeMicros(),
                  topic.valueSerde().serializer().serialize(topic.name(), answer)));
    }
    producer.commitTransaction();
  }

  private static ProducerRecord<byte[], byte[]> record(
      String topic, String camera, long captureTimeMicros, byte[] value) {
    return new ProducerRecord<>(
        topic, null, captureTimeMicros / 1_000, camera.getBytes(StandardCharsets.UTF_8), value);
  }

  private Frame frame(String camera, long number) {
    long micros = System.currentTimeMillis() * 1_000 + number * FRAME_MICROS / CAMERAS;
    return Frame.newBuilder()
        .setCameraId(camera)
        .setCaptureTimeMicros(micros)
        .setPublishTimeMicros(micros)
        .setWidthPx(StreetPictures.WIDTH_PX)
        .setHeightPx(StreetPictures.HEIGHT_PX)
        .setImage(ByteBuffer.wrap(new byte[pictureBytes]))
        .setLedger(new FrameLedger(2 * number, number, Map.of("backpressure", 0L), number))
        .build();
  }

  /** An answer with five objects, as a street has. */
  private static Detections answer(Frame frame, RecordMetadata place) {
    List<Detection> found = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      found.add(new Detection("car", 0.9f - 0.1f * i, 40f * i, 20f, 40f * i + 30f, 60f));
    }
    return new Detections(
        frame.getCameraId(),
        frame.getCaptureTimeMicros(),
        frame.getLedger().getPublished(),
        place.partition(),
        place.offset(),
        frame.getWidthPx(),
        frame.getHeightPx(),
        Outcome.DETECTED,
        found,
        "street",
        "1",
        "onnxruntime:cpu",
        new StageTimings(1L, 2L, 3L, 4L, 5L),
        null);
  }

  /** Looks at the live heap now and then, by collecting what is not held. */
  private final class HeldHeap implements LongConsumer {
    private static final int LOOKS = 20;

    private final long before = live();
    private long most;
    private long passed;
    private long next;

    @Override
    public void accept(long more) {
      passed += more;
      if (passed >= next) {
        next += 2L * frames / LOOKS;
        most = Math.max(most, live() - before);
      }
    }

    long mostBytes() {
      return most;
    }

    private static long live() {
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      return runtime.totalMemory() - runtime.freeMemory();
    }
  }
}
