package dev.fovea.ingest;

import dev.fovea.ingest.publish.Cameras;
import dev.fovea.schema.KafkaRight;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.admin.Admin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The ingest service: its parts made and put together, started and stopped. */
public final class Main implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  /** Beyond the longest that a watchdog's look may rightly take. */
  private static final Duration LOOK_PATIENCE = Duration.ofSeconds(10);

  private final Cameras cameras;
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean closing;

  private Main(Cameras cameras) {
    this.cameras = cameras;
  }

  /** Starts to read the cameras and returns; what becomes of each is said in {@code cameras}. */
  public static Main start(IngestConfig config) throws InterruptedException {
    createTopics(config.kafka());
    Cameras cameras = Cameras.start(config.kafka(), config.publish(), config.cameras());
    config.cameras().forEach(camera -> log.info("Camera {}: {}", camera.id(), camera.source()));
    return new Main(cameras);
  }

  private static void createTopics(KafkaSettings kafka) throws InterruptedException {
    Topics topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("ingest", Map.of()))) {
      new TopicCreator(admin, kafka)
          .ensure(
              List.of(topics.frames(), topics.cameras()),
              // Read too: a start goes on from what the topics have.
              List.of(
                  KafkaRight.write(topics.frames()),
                  KafkaRight.read(topics.frames()),
                  KafkaRight.write(topics.cameras()),
                  KafkaRight.read(topics.cameras())));
    }
  }

  /** Whether every camera is a file or folder that has been read to its end. */
  public boolean allEnded() {
    return cameras.allEnded();
  }

  /**
   * What is wrong with it, in words; empty while it works. A camera that is gone is the camera's
   * trouble, and said in {@code cameras}.
   */
  public Optional<String> trouble() {
    Duration sinceLook = cameras.sinceLook();
    return sinceLook.compareTo(LOOK_PATIENCE) <= 0
        ? Optional.empty()
        : Optional.of("the cameras have not been looked at for " + sinceLook.toSeconds() + " s");
  }

  /** Waits until {@link #close} has been called: cameras that end or fail do not stop ingest. */
  public void awaitTermination() throws InterruptedException {
    closed.await();
  }

  /**
   * Stops the cameras, writes what is under way and says that they are stopped; seconds at most. A
   * second call waits for the first.
   */
  @Override
  public synchronized void close() {
    if (closing) {
      return;
    }
    closing = true;
    cameras.close();
    closed.countDown();
  }
}
