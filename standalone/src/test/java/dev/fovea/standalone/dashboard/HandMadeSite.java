package dev.fovea.standalone.dashboard;

import dev.fovea.ingest.street.Daylight;
import dev.fovea.ingest.street.StreetScene;
import dev.fovea.ingest.street.StreetSettings;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.CameraState;
import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Detection;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.schema.avro.Outcome;
import dev.fovea.schema.avro.StageTimings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What ingest and a detector that makes no mistake would write to Kafka for drawn streets: the sink
 * and the page are real, and what they show can be held against the truth to the pixel. (The path
 * from a camera's own bytes through a real model has its own tests.)
 */
final class HandMadeSite implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(HandMadeSite.class);
  private static final int FRAMES_PER_SECOND = 4;
  private static final int KEPT = 2_000;

  private final Topics topics;
  private final KafkaProducer<String, Frame> frames;
  private final KafkaProducer<String, Detections> detections;
  private final KafkaProducer<String, CameraStatus> statuses;
  private final ScheduledExecutorService clock;
  private final Map<String, Street> streets = new ConcurrentHashMap<>();

  HandMadeSite(KafkaSettings kafka) throws InterruptedException {
    topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.clientProperties(Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(List.of(topics.frames(), topics.detections(), topics.cameras()));
    }
    frames = producer(kafka, topics.frames());
    detections = producer(kafka, topics.detections());
    statuses = producer(kafka, topics.cameras());
    ScheduledThreadPoolExecutor threads = new ScheduledThreadPoolExecutor(1);
    threads.setRemoveOnCancelPolicy(true);
    clock = threads;
  }

  private static <V> KafkaProducer<String, V> producer(
      KafkaSettings kafka, Topic<String, V> topic) {
    return new KafkaProducer<>(
        kafka.producerProperties("hand-made", Map.of("linger.ms", 0)),
        topic.keySerde().serializer(),
        topic.valueSerde().serializer());
  }

  /** Starts a camera over a street of its own. */
  void start(String camera, long seed, Daylight daylight) {
    Street street =
        new Street(
            camera,
            new StreetScene(
                StreetSettings.of(seed)
                    .withFramesPerSecond(FRAMES_PER_SECOND)
                    .withDaylight(daylight)));
    streets.put(camera, street);
    street.every(this::step, 1_000 / FRAMES_PER_SECOND);
    street.every(this::report, 1_000);
  }

  /**
   * The camera falls silent, and ingest says why and when it will try again. Returns when that is
   * in Kafka.
   */
  void fail(String camera, String cause) throws InterruptedException, ExecutionException {
    Street street = street(camera);
    street.stop();
    clock
        .submit(
            () -> {
              street.gone = cause;
              street.sinceMicros = now();
              report(street);
              return camera;
            })
        .get();
    street.every(this::report, 1_000);
  }

  /** The boxes that the frame really holds; null if it is not one of the last. */
  @Nullable List<LabelledBox> truth(String camera, long captureTimeMicros) {
    return street(camera).truths.get(captureTimeMicros);
  }

  private Street street(String camera) {
    Street street = streets.get(camera);
    if (street == null) {
      throw new IllegalArgumentException("No such camera: " + camera);
    }
    return street;
  }

  private void step(Street street) throws IOException, InterruptedException, ExecutionException {
    long captured = now();
    long number = ++street.published;
    List<LabelledBox> truth = street.scene.truth(number);
    street.truths.put(captured, truth);
    if (street.truths.size() > KEPT) {
      street.truths.clear();
    }
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(street.scene.render(number), "jpg", jpeg);
    street.lastCaptureMicros = captured;
    int width = street.scene.settings().widthPx();
    int height = street.scene.settings().heightPx();
    Frame frame =
        Frame.newBuilder()
            .setCameraId(street.camera)
            .setCaptureTimeMicros(captured)
            .setPublishTimeMicros(now())
            .setWidthPx(width)
            .setHeightPx(height)
            .setImage(ByteBuffer.wrap(jpeg.toByteArray()))
            .setCorrupt(false)
            .setLedger(ledger(street))
            .setTruth(truth)
            .build();
    RecordMetadata written =
        frames
            .send(
                new ProducerRecord<>(
                    topics.frames().name(), null, captured / 1_000, street.camera, frame))
            .get();
    Detections answer =
        Detections.newBuilder()
            .setCameraId(street.camera)
            .setCaptureTimeMicros(captured)
            .setFrameNumber(number)
            .setFramePartition(written.partition())
            .setFrameOffset(written.offset())
            .setWidthPx(width)
            .setHeightPx(height)
            .setOutcome(Outcome.DETECTED)
            .setDetections(found(truth))
            .setModelName("street-synthetic")
            .setModelVersion("14")
            .setEngine("onnxruntime:cpu")
            .setTimings(new StageTimings(1_000L, 2_000L, 500L, 20_000L, 700L))
            .build();
    detections
        .send(
            new ProducerRecord<>(
                topics.detections().name(), null, captured / 1_000, street.camera, answer))
        .get();
  }

  /**
   * The nearest objects are the surest; the farthest come below the line between certain and not.
   */
  private static List<Detection> found(List<LabelledBox> truth) {
    List<Detection> found = new ArrayList<>();
    for (int i = 0; i < truth.size(); i++) {
      LabelledBox box = truth.get(i);
      float score = Math.max(0.55f, 0.98f - 0.03f * i);
      found.add(
          new Detection(box.getLabel(), score, box.getX1(), box.getY1(), box.getX2(), box.getY2()));
    }
    return found;
  }

  private void report(Street street) throws InterruptedException, ExecutionException {
    boolean live = street.gone == null;
    long now = now();
    CameraStatus status =
        CameraStatus.newBuilder()
            .setCameraId(street.camera)
            .setState(live ? CameraState.LIVE : CameraState.NO_PICTURE)
            .setCause(street.gone)
            .setSinceMicros(street.sinceMicros)
            .setReportedAtMicros(now)
            .setRetryAtMicros(live ? null : street.sinceMicros + 30_000_000L)
            .setAttempt(live ? 0 : 1)
            .setLastCaptureTimeMicros(
                street.lastCaptureMicros == 0 ? null : street.lastCaptureMicros)
            .setSource("rtsp://192.0.2.10/" + street.camera)
            .setWidthPx(street.scene.settings().widthPx())
            .setHeightPx(street.scene.settings().heightPx())
            .setFramesPerSecond(live ? FRAMES_PER_SECOND : 0)
            .setCorruptFrames(0)
            .setLedger(ledger(street))
            .build();
    statuses.send(new ProducerRecord<>(topics.cameras().name(), street.camera, status)).get();
  }

  /** As if every third frame had been left out and a few dropped. */
  private static FrameLedger ledger(Street street) {
    long sampledOut = street.published / 2;
    return new FrameLedger(
        street.published + sampledOut + 3,
        sampledOut,
        Map.of("backpressure", 3L),
        street.published);
  }

  private static long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  @Override
  public void close() {
    clock.shutdownNow();
    frames.close();
    detections.close();
    statuses.close();
  }

  private interface Step {
    void run(Street street) throws IOException, InterruptedException, ExecutionException;
  }

  /** Touched on the clock's thread, but for {@link #truths}. */
  private final class Street {
    final String camera;
    final StreetScene scene;
    final Map<Long, List<LabelledBox>> truths = new ConcurrentHashMap<>();
    private final List<Future<?>> tasks = new ArrayList<>();
    long published;
    long lastCaptureMicros;
    long sinceMicros = now();
    @Nullable String gone;

    Street(String camera, StreetScene scene) {
      this.camera = camera;
      this.scene = scene;
    }

    void every(Step step, long millis) {
      tasks.add(clock.scheduleWithFixedDelay(() -> safely(step), 0, millis, TimeUnit.MILLISECONDS));
    }

    void stop() {
      tasks.forEach(task -> task.cancel(false));
    }

    private void safely(Step step) {
      try {
        step.run(this);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException | ExecutionException | RuntimeException e) {
        if (clock.isShutdown()) {
          return; // interrupted in the middle of a send
        }
        log.error("Camera {} of the hand-made site failed", camera, e);
      }
    }
  }
}
