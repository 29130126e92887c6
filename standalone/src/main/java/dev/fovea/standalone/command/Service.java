package dev.fovea.standalone.command;

import com.typesafe.config.Config;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.ingest.IngestConfig;
import dev.fovea.schema.Metrics;
import dev.fovea.schema.StrictConfig;
import dev.fovea.sink.SinkConfig;
import dev.fovea.trainer.TrainerConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** The services that run alone, each with its documented reference configuration. */
enum Service {
  INGEST(IngestConfig.class) {
    @Override
    Running start(Config user) throws Exception {
      var main = dev.fovea.ingest.Main.start(ingest(user));
      return new Running(main::awaitTermination, main::trouble, main);
    }

    @Override
    void check(Config user) {
      ingest(user);
    }

    private IngestConfig ingest(Config user) {
      return IngestConfig.from(StrictConfig.load(IngestConfig.class, user));
    }
  },
  DETECTOR(DetectorConfig.class) {
    @Override
    Running start(Config user) throws Exception {
      var main = dev.fovea.detector.Main.start(detector(user));
      return new Running(main::awaitTermination, main::trouble, main);
    }

    @Override
    void check(Config user) {
      detector(user);
    }

    private DetectorConfig detector(Config user) {
      return DetectorConfig.from(StrictConfig.load(DetectorConfig.class, user));
    }
  },
  SINK(SinkConfig.class) {
    @Override
    Running start(Config user) throws Exception {
      var main = dev.fovea.sink.Main.start(sink(user));
      return new Running(main::awaitTermination, main::trouble, main);
    }

    @Override
    void check(Config user) {
      sink(user);
    }

    private SinkConfig sink(Config user) {
      return SinkConfig.from(StrictConfig.load(SinkConfig.class, user));
    }
  },
  TRAINER(TrainerConfig.class) {
    @Override
    Running start(Config user) throws Exception {
      var main = dev.fovea.trainer.Main.start(trainer(user));
      return new Running(main::awaitTermination, main::trouble, Optional.of(main.metrics()), main);
    }

    @Override
    void check(Config user) {
      trainer(user);
    }

    private TrainerConfig trainer(Config user) {
      return TrainerConfig.from(StrictConfig.load(TrainerConfig.class, user));
    }
  };

  private final Class<?> config;

  Service(Class<?> config) {
    this.config = config;
  }

  /** Starts the service with {@code user} on top of its reference configuration. */
  abstract Running start(Config user) throws Exception;

  /** Reads {@code user} as the service would; throws what is wrong with it. */
  abstract void check(Config user);

  /** As a person writes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  Class<?> config() {
    return config;
  }

  /**
   * A started service.
   *
   * @param ended waits for its end
   * @param trouble what is wrong with it, in words; empty while it works
   * @param metrics its figures; empty where it has none, or an address of its own for them
   * @param service to close
   */
  record Running(
      Wait ended,
      Supplier<Optional<String>> trouble,
      Optional<Metrics> metrics,
      AutoCloseable service) {

    Running(Wait ended, Supplier<Optional<String>> trouble, AutoCloseable service) {
      this(ended, trouble, Optional.empty(), service);
    }
  }

  /** Waits until a service has stopped; throws what stopped it. */
  interface Wait {
    void awaitTermination() throws InterruptedException;
  }
}
