package dev.fovea.ingest.publish;

import dev.fovea.ingest.source.CapturedFrame;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.MissingRights;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes frames to Kafka so that each camera's ledger stays exact.
 *
 * <p>A frame is dropped before it is stamped, or it is written: the producer is idempotent, waits
 * for all replicas, and never gives up on a stamped frame while this process lives. How much may
 * wait is bounded per camera, so Kafka's absence costs frames (counted), not memory. Where the
 * producer fails for good, it is made anew, and the ledgers go on from what the topic really has.
 */
final class FramePublisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FramePublisher.class);

  /** Key, ledger, truth and framing of a record, beside its picture; measured below 4 KB. */
  private static final int RECORD_OVERHEAD_BYTES = 16 * 1024;

  private static final Duration ROOM_POLL = Duration.ofMillis(50);
  private static final Duration TOPIC_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final KafkaSettings kafka;
  private final Topic<String, Frame> topic;
  private final PublishSettings settings;
  private final List<CameraChannel> channels;
  private final PastReader past;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final BackOff recoveryBackOff;

  /** Null while a failed producer is being replaced: frames are dropped as backpressure. */
  private volatile @Nullable Session session;

  /** Why frames cannot be written, as it was last logged; null while they can. */
  private volatile @Nullable String trouble;

  private FramePublisher(
      KafkaSettings kafka,
      PublishSettings settings,
      List<CameraChannel> channels,
      PastReader past) {
    this.kafka = kafka;
    this.topic = new Topics(kafka).frames();
    this.settings = settings;
    this.channels = channels;
    this.past = past;
    this.recoveryBackOff =
        new BackOff(settings.firstRetry(), settings.longestRetry(), RandomGenerator.getDefault());
  }

  /** Connects to Kafka; the topic must exist. */
  static FramePublisher start(
      KafkaSettings kafka,
      PublishSettings settings,
      List<CameraChannel> channels,
      PastReader past) {
    FramePublisher publisher = new FramePublisher(kafka, settings, channels, past);
    publisher.session = publisher.new Session();
    return publisher;
  }

  /** Whether one more frame has a chance, asked before the work of encoding it. */
  boolean hasRoom(CameraChannel channel) {
    return session != null && channel.hasRoom();
  }

  /**
   * Waits until Kafka is there and has acknowledged enough for one more frame: for sources that
   * lose nothing by waiting.
   */
  void awaitRoom(CameraChannel channel) throws InterruptedException {
    while (!hasRoom(channel)) {
      if (session == null) {
        TimeUnit.MILLISECONDS.sleep(ROOM_POLL.toMillis());
      } else {
        channel.awaitRoom(ROOM_POLL);
      }
    }
  }

  /**
   * Publishes the frame in hand of {@code channel}, or drops it and says why in the ledger.
   *
   * @return whether it was handed to Kafka
   */
  boolean publish(CameraChannel channel, CapturedFrame frame, EncodedPicture picture) {
    int bytes = picture.jpeg().length + RECORD_OVERHEAD_BYTES;
    if (bytes > settings.maxRecordBytes()) {
      channel.ledger().drop(DropCause.TOO_LARGE);
      return false;
    }
    synchronized (channel) {
      Session current = session;
      if (current == null || !channel.hasRoom()) {
        channel.ledger().drop(DropCause.BACKPRESSURE);
        return false;
      }
      return current.send(channel, frame, picture, bytes);
    }
  }

  private Frame record(CameraChannel channel, CapturedFrame captured, EncodedPicture picture) {
    long captureTime = channel.captureClock().next(captured.captureTimeMicros());
    FrameLedger ledger = channel.ledger().stamp();
    Frame frame = new Frame();
    frame.setCameraId(channel.id());
    frame.setCaptureTimeMicros(captureTime);
    frame.setPublishTimeMicros(channel.nowMicros());
    frame.setWidthPx(picture.widthPx());
    frame.setHeightPx(picture.heightPx());
    frame.setImage(ByteBuffer.wrap(picture.jpeg()));
    frame.setCorrupt(captured.corrupt());
    frame.setLedger(ledger);
    frame.setTruth(TruthScale.toRecorded(captured.truth(), picture));
    return frame;
  }

  /** A stamped frame could not be written, ever: all that this producer has is in doubt. */
  private void failed(Session failed, Exception why) {
    synchronized (this) {
      if (session != failed) {
        return;
      }
      session = null;
    }
    say(MissingRights.explain(why, "WRITE", ""));
    // Called by the producer's own thread: closing it here keeps it from sending what is behind
    // the frame that was lost.
    failed.producer.close(Duration.ZERO);
    Thread recovery = new Thread(() -> recover(failed), "fovea-ingest-recovery");
    recovery.setDaemon(true);
    recovery.start();
  }

  /** Logs what keeps frames from being written once, however often it is met. */
  private void say(Throwable why) {
    String sentence = why instanceof KafkaException ? why.toString() : why.getMessage();
    if (sentence == null || sentence.equals(trouble)) {
      log.debug("Frames still cannot be written", why);
      return;
    }
    trouble = sentence;
    log.error(
        "Frames cannot be written; the cameras are read on, and frames counted as lost until it"
            + " works again: {}",
        sentence);
  }

  private void recover(Session failed) {
    failed.producer.close(Duration.ZERO);
    if (failed.works) {
      recoveryBackOff.reset();
    }
    try {
      while (!closing.await(recoveryBackOff.next().toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          Map<String, CameraPast> found =
              past.read(channels.stream().map(CameraChannel::id).toList());
          Session fresh = new Session();
          channels.forEach(channel -> reconcile(channel, found));
          session = fresh;
          return;
        } catch (KafkaException | IllegalStateException e) {
          say(MissingRights.explain(e, "READ", ""));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reconcile(CameraChannel channel, Map<String, CameraPast> found) {
    synchronized (channel) {
      CameraPast past = found.getOrDefault(channel.id(), CameraPast.NONE);
      long lost = channel.ledger().reconcile(past.ledger().getPublished());
      channel.forgetInFlight();
      if (lost != 0) {
        log.warn("Camera {}: {} frames were lost with the producer", channel.id(), lost);
      }
    }
  }

  /** Writes what is in flight, for a while, and lets go. */
  @Override
  public void close() {
    closing.countDown();
    Session last = session;
    if (last != null) {
      last.producer.close(CLOSE_TIMEOUT);
    }
  }

  /** One producer's life. */
  private final class Session {
    private final Producer<String, Frame> producer;

    /** Kafka has taken a frame of it: only that shows that frames can be written. */
    private volatile boolean works;

    Session() {
      producer =
          new KafkaProducer<>(
              producerProperties(), topic.keySerde().serializer(), topic.valueSerde().serializer());
      learnTopic();
    }

    /** Sending must not have to wait for this: a camera's thread has no time for it. */
    private void learnTopic() {
      long deadline = System.nanoTime() + TOPIC_TIMEOUT.toNanos();
      while (true) {
        try {
          if (!producer.partitionsFor(topic.name()).isEmpty()) {
            return;
          }
        } catch (TimeoutException e) {
          if (System.nanoTime() - deadline > 0) {
            producer.close(Duration.ZERO);
            throw e;
          }
        }
      }
    }

    private Map<String, Object> producerProperties() {
      long buffer =
          settings.inFlightBytes() * 2 * Math.max(1, channels.size()) + settings.maxRecordBytes();
      return kafka.producerProperties(
          "ingest-frames",
          Map.of(
              ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
              true,
              ProducerConfig.ACKS_CONFIG,
              "all",
              ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
              Integer.MAX_VALUE,
              // One at a time, so that nothing can be written behind a frame that was refused.
              ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
              1,
              ProducerConfig.LINGER_MS_CONFIG,
              0,
              ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
              settings.maxRecordBytes(),
              ProducerConfig.BUFFER_MEMORY_CONFIG,
              buffer,
              // What a camera's thread may be held up by a producer that knows no broker.
              ProducerConfig.MAX_BLOCK_MS_CONFIG,
              250));
    }

    /** Kafka has taken a frame; on the producer's own thread. */
    void worked() {
      if (!works) {
        works = true;
        if (trouble != null) {
          trouble = null;
          log.info("Frames are written again");
        }
      }
    }

    /** Under the channel's lock. */
    boolean send(CameraChannel channel, CapturedFrame captured, EncodedPicture picture, int bytes) {
      channel.takeRoom(bytes);
      Frame frame = record(channel, captured, picture);
      Delivery delivery = new Delivery(this, channel, bytes, frame);
      try {
        // What becomes of it is told to the callback.
        var unused =
            producer.send(
                new ProducerRecord<>(
                    topic.name(),
                    null,
                    Math.floorDiv(frame.getCaptureTimeMicros(), 1_000L),
                    channel.id(),
                    frame),
                (metadata, error) -> delivery.completed(error));
      } catch (KafkaException | IllegalStateException e) {
        // Closed meanwhile, interrupted while waiting for room, or not serialisable.
        delivery.refused(e);
      }
      return delivery.sent();
    }
  }

  /** One frame on its way. */
  private final class Delivery {
    private final Session session;
    private final CameraChannel channel;
    private final int bytes;
    private final long captureTimeMicros;
    private final int widthPx;
    private final int heightPx;
    private final boolean corrupt;

    /** The camera's thread while it is inside send; an error told there means "never taken". */
    private volatile @Nullable Thread sending = Thread.currentThread();

    private boolean refused;

    Delivery(Session session, CameraChannel channel, int bytes, Frame frame) {
      this.session = session;
      this.channel = channel;
      this.bytes = bytes;
      this.captureTimeMicros = frame.getCaptureTimeMicros();
      this.widthPx = frame.getWidthPx();
      this.heightPx = frame.getHeightPx();
      this.corrupt = frame.getCorrupt();
    }

    void completed(@Nullable Exception error) {
      if (error == null) {
        channel.ledger().acknowledge();
        channel.giveRoomBack(bytes);
        session.worked();
        channel.published(captureTimeMicros, widthPx, heightPx, corrupt);
      } else if (Thread.currentThread() == sending) {
        refused(error);
      } else {
        failed(session, error);
      }
    }

    /** The producer did not take it: nothing has left this process. */
    void refused(Exception why) {
      if (!refused) {
        refused = true;
        channel.ledger().unstamp(DropCause.BACKPRESSURE);
        channel.giveRoomBack(bytes);
        log.debug("Camera {}: a frame was not taken: {}", channel.id(), why.toString());
      }
    }

    boolean sent() {
      sending = null;
      return !refused;
    }
  }
}
