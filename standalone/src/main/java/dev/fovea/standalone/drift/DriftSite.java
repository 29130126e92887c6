package dev.fovea.standalone.drift;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.schema.CameraId;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.standalone.demo.Demo;
import dev.fovea.standalone.demo.DemoSettings;
import dev.fovea.standalone.demo.Parts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;

/**
 * All that takes part: the demo's broker, cameras, detector and dashboard, with the detector asking
 * for labels and following releases; the trainer beside them; and who labels. Closed in the reverse
 * order.
 */
public final class DriftSite implements AutoCloseable {
  static final int MAX_CAMERAS = 8;

  private static final List<String> STREETS =
      List.of("bridge", "harbour", "market", "mill", "school", "stadium", "station", "theatre");

  /** Seed of the first street; the model was trained on others. */
  private static final long FIRST_STREET = 301;

  private final DriftSettings settings;
  private final Parts parts;
  private final Demo demo;
  private final TrainerProcess trainer;
  private final Proposals proposals;
  private final Annotator annotator;

  private DriftSite(
      DriftSettings settings,
      Parts parts,
      Demo demo,
      TrainerProcess trainer,
      Proposals proposals,
      Annotator annotator) {
    this.settings = settings;
    this.parts = parts;
    this.demo = demo;
    this.trainer = trainer;
    this.proposals = proposals;
    this.annotator = annotator;
  }

  /**
   * Starts everything and returns when the dashboard answers.
   *
   * @param step is told what is being started
   * @throws ModelLoadException if the model is no release
   * @throws IOException if the trainer cannot be started
   */
  public static DriftSite start(DriftSettings settings, Consumer<String> step)
      throws IOException, ModelLoadException, InterruptedException {
    ModelManifest model = ReleaseFolder.open(settings.model()).manifest();
    Parts parts = new Parts();
    try {
      Demo demo = parts.add(Demo.start(demoSettings(settings, model), step));
      step.accept("trainer");
      KafkaSettings kafka =
          KafkaSettings.from(
              ConfigFactory.parseMap(Map.of("bootstrap.servers", demo.bootstrapServers())));
      createTopics(kafka);
      Path config = settings.dataFolder().resolve("trainer.conf");
      Files.writeString(config, trainerConfig(settings, model, demo.bootstrapServers()));
      TrainerProcess trainer =
          parts.add(
              TrainerProcess.start(settings.trainerClassPath(), config, settings.trainerLog()));
      Proposals proposals = parts.add(new Proposals(kafka));
      Annotator annotator = parts.add(new Annotator(kafka, model.classes()));
      return new DriftSite(settings, parts, demo, trainer, proposals, annotator);
    } catch (IOException | InterruptedException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  /** The trainer would make it too; whoever labels must not wait for that. */
  private static void createTopics(KafkaSettings kafka) throws InterruptedException {
    Topics topics = new Topics(kafka);
    try (Admin admin = Admin.create(kafka.adminProperties("drift", Map.of()))) {
      new TopicCreator(admin, kafka).ensure(List.of(topics.annotations()));
    }
  }

  /** Completes, exceptionally, when camera, detector or sink has failed. */
  public CompletableFuture<Void> failed() {
    return demo.failed();
  }

  /** Address of the broker. */
  public String bootstrapServers() {
    return demo.bootstrapServers();
  }

  DriftSettings settings() {
    return settings;
  }

  TrainerProcess trainer() {
    return trainer;
  }

  Proposals proposals() {
    return proposals;
  }

  Annotator annotator() {
    return annotator;
  }

  /** The drawn streets, over each of which night falls at the same time. */
  static Map<CameraId, String> cameras(DriftPlan plan) {
    Map<CameraId, String> cameras = new LinkedHashMap<>();
    for (int i = 0; i < plan.cameras(); i++) {
      cameras.put(
          new CameraId(STREETS.get(i)),
          String.format(
              Locale.ROOT,
              "synthetic:?seed=%d&fps=%s&dusk-after=%ds&dusk-for=%ds",
              FIRST_STREET + i,
              plan.framesPerSecond(),
              plan.day().toSeconds(),
              plan.dusk().toSeconds()));
    }
    return cameras;
  }

  private static DemoSettings demoSettings(DriftSettings settings, ModelManifest model) {
    DriftPlan plan = settings.plan();
    Config detector =
        ConfigFactory.parseMap(
            Map.of(
                "model.follow",
                model.name(),
                // The other processor is the trainer's.
                "engine-threads",
                1,
                "mining.enabled",
                true,
                "mining.per-camera-per-minute",
                plan.candidatesPerMinute()));
    Config sink =
        ConfigFactory.parseMap(
            Map.of("live.accuracy-window", plan.accuracyWindow().toSeconds() + " s"));
    return new DemoSettings(
        cameras(plan),
        settings.model(),
        settings.dataFolder(),
        settings.httpPort(),
        settings.kafkaPort(),
        detector,
        sink);
  }

  /** As a file of the user's would be; docs/drift.md says why the values are what they are. */
  private static String trainerConfig(
      DriftSettings settings, ModelManifest model, String bootstrapServers) throws IOException {
    DriftPlan plan = settings.plan();
    Path recipe = settings.dataFolder().resolve("recipe.conf");
    Files.writeString(recipe, RoundRecipe.of(model, plan.batch()).render());
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("model.name", model.name());
    config.put("model.start", settings.model().toAbsolutePath().toString());
    config.put("data-dir", settings.trainerFolder().toString());
    config.put("store.url", settings.dataFolder().resolve("releases").toString());
    config.put("labels.validation-fraction", plan.holdOutShare());
    config.put("labels.classes", model.classes());
    config.put("schedule.cron", "");
    config.put("schedule.after-labels", plan.labelsPerRound());
    config.put("training.recipe", recipe.toString());
    config.put("training.steps", plan.steps());
    config.put("training.learning-rate", RoundRecipe.LEARNING_RATE);
    // One is left to the cameras.
    config.put("training.threads", Math.max(1, Runtime.getRuntime().availableProcessors() - 1));
    config.put("gate.min-images", plan.minHoldOut());
    // Both models are the same network; on a machine that is busy the stop-watch says otherwise.
    config.put("gate.max-latency-ratio", 3);
    config.put("retry.attempts", 2);
    config.put("retry.first-pause", "5 s");
    config.put("report.mistakes", 12);
    config.put("kafka.bootstrap.servers", bootstrapServers);
    return ConfigFactory.parseMap(config)
        .root()
        .render(ConfigRenderOptions.defaults().setOriginComments(false).setJson(false));
  }

  @Override
  public void close() {
    parts.close();
  }
}
