package dev.fovea.standalone.demo;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.ingest.IngestConfig;
import dev.fovea.schema.CameraId;
import dev.fovea.schema.StrictConfig;
import dev.fovea.sink.SinkConfig;
import dev.fovea.standalone.EmbeddedBroker;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running demo. Closing it stops cameras first and the broker last, so that every published frame
 * gets its answer.
 */
public final class Demo implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Demo.class);

  private final DemoSettings settings;
  private final Parts parts = new Parts();
  private final CompletableFuture<Void> failed = new CompletableFuture<>();
  private String bootstrapServers = "";

  private Demo(DemoSettings settings) {
    this.settings = settings;
  }

  /**
   * Starts everything and returns when the dashboard answers.
   *
   * @param step is told what is being started, for a person who waits
   */
  public static Demo start(DemoSettings settings, Consumer<String> step) {
    Demo demo = new Demo(settings);
    try {
      demo.startAll(step);
      return demo;
    } catch (RuntimeException e) {
      demo.close();
      throw e;
    }
  }

  /** Address of the embedded broker. */
  public String bootstrapServers() {
    return bootstrapServers;
  }

  /** Completes, exceptionally, when a service has failed. */
  public CompletableFuture<Void> failed() {
    return failed;
  }

  private void startAll(Consumer<String> step) {
    parts.add(DataFolder.lock(settings.dataFolder()));
    step.accept("Kafka");
    EmbeddedBroker broker =
        EmbeddedBroker.start(settings.dataFolder().resolve("kafka"), settings.kafkaPort());
    parts.add(broker);
    bootstrapServers = broker.bootstrapServers();

    step.accept("sink, detector and cameras");
    // The three start side by side: each waits mostly for the broker, and together they keep both
    // cores busy.
    CompletableFuture<dev.fovea.sink.Main> sink = async(() -> dev.fovea.sink.Main.start(sink()));
    CompletableFuture<dev.fovea.detector.Main> detector =
        async(() -> dev.fovea.detector.Main.start(detector()));
    CompletableFuture<dev.fovea.ingest.Main> ingest =
        async(() -> dev.fovea.ingest.Main.start(ingest()));
    @Nullable RuntimeException failure = null;
    failure = register(sink, s -> watch(s::awaitTermination, "sink"), failure);
    failure = register(detector, d -> watch(d::awaitTermination, "detector"), failure);
    failure = register(ingest, i -> watch(i::awaitTermination, "ingest"), failure);
    if (failure != null) {
      throw failure;
    }
  }

  private IngestConfig ingest() {
    Map<String, Object> user = new HashMap<>();
    for (Map.Entry<CameraId, String> camera : settings.cameras().entrySet()) {
      String key = "cameras.\"" + camera.getKey() + "\".";
      user.put(key + "source", camera.getValue());
      user.put(key + "loop", true);
    }
    return IngestConfig.from(
        StrictConfig.load(IngestConfig.class, withKafka(user, ConfigFactory.empty())));
  }

  private DetectorConfig detector() {
    return DetectorConfig.from(
        StrictConfig.load(
            DetectorConfig.class,
            withKafka(
                Map.of(
                    "model.dir",
                    settings.model().toString(),
                    // A name, so that a demo started after a kill -9 takes the cameras up at once.
                    "instance-id",
                    "demo"),
                settings.detector())));
  }

  private SinkConfig sink() {
    return SinkConfig.from(
        StrictConfig.load(
            SinkConfig.class,
            withKafka(
                Map.of(
                    "http.port",
                    settings.httpPort(),
                    "data-dir",
                    settings.dataFolder().resolve("sink").toString()),
                settings.sink())));
  }

  private Config withKafka(Map<String, Object> demo, Config user) {
    return user.withFallback(ConfigFactory.parseMap(demo))
        .withFallback(ConfigFactory.parseMap(Map.of("kafka.bootstrap.servers", bootstrapServers)));
  }

  private static <T> CompletableFuture<T> async(Callable<T> start) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return start.call();
          } catch (Exception e) {
            throw new CompletionException(e);
          }
        });
  }

  /** Waits for a service's start; it is closed later even if another one's start fails. */
  private <T extends AutoCloseable> @Nullable RuntimeException register(
      CompletableFuture<T> starting, Consumer<T> watch, @Nullable RuntimeException earlier) {
    try {
      T service = starting.join();
      parts.add(service);
      watch.accept(service);
      return earlier;
    } catch (CompletionException e) {
      RuntimeException failure =
          e.getCause() instanceof RuntimeException cause
              ? cause
              : new IllegalStateException(message(e), e);
      return earlier == null ? failure : earlier;
    }
  }

  private static String message(CompletionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return String.valueOf(cause.getMessage());
  }

  private void watch(Wait service, String name) {
    Thread watcher =
        new Thread(
            () -> {
              try {
                service.awaitTermination();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                log.error("{} has failed", name, e);
                failed.completeExceptionally(
                    new IllegalStateException(name + " has failed: " + e.getMessage(), e));
              }
            },
            "watch-" + name);
    watcher.setDaemon(true);
    watcher.start();
  }

  @Override
  public void close() {
    parts.close();
  }

  private interface Wait {
    void awaitTermination() throws InterruptedException;
  }
}
