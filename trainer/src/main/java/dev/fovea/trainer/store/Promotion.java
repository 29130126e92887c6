package dev.fovea.trainer.store;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.Topic;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.ReleaseStage;
import dev.fovea.schema.avro.ReplacedRelease;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes releases of one model live on the models topic, and takes that back. Each LIVE record
 * carries the releases it has replaced, newest first, so that the way back needs nothing but the
 * topic: promoting puts one on, rolling back takes one off.
 */
public final class Promotion implements Releases {
  /** How many steps back are kept. */
  private static final int MOST_REPLACED = 20;

  private final ReleaseTopic topic;
  private final String model;
  private final Optional<LiveRelease> start;
  private final Clock clock;

  /**
   * @param model the model's name
   * @param start what detectors serve while nothing is announced
   */
  public Promotion(ReleaseTopic topic, String model, Optional<LiveRelease> start, Clock clock) {
    this.topic = topic;
    this.model = model;
    this.start = start;
    this.clock = clock;
  }

  /**
   * Of a model whose start release, where there is one, is in a folder.
   *
   * @param topic the models topic; exists
   * @throws ModelLoadException if the folder is no release of that model
   */
  public static Promotion of(
      KafkaSettings kafka,
      Topic<String, ModelRelease> topic,
      String model,
      Optional<Path> startFolder,
      Clock clock)
      throws ModelLoadException {
    Optional<LiveRelease> start = Optional.empty();
    if (startFolder.isPresent()) {
      ReleaseFolder release = ReleaseFolder.open(startFolder.get());
      requireModel(release, model);
      start =
          Optional.of(
              new LiveRelease(
                  release.manifest().version(),
                  startFolder.get().toString(),
                  release.manifestSha256()));
    }
    return new Promotion(new ReleaseTopic(kafka, topic, "trainer"), model, start, clock);
  }

  @Override
  public Optional<LiveRelease> live() {
    return topic.live(model).map(Promotion::live).or(() -> start);
  }

  private static LiveRelease live(ModelRelease said) {
    return new LiveRelease(said.getVersion(), said.getUri(), said.getManifestSha256());
  }

  @Override
  public void promote(ReleaseFolder release, String uri) throws InterruptedException {
    requireModel(release, model);
    LiveRelease next = new LiveRelease(release.manifest().version(), uri, release.manifestSha256());
    Optional<ModelRelease> said = topic.live(model);
    if (said.map(Promotion::live).equals(Optional.of(next))) {
      return;
    }
    List<ReplacedRelease> replaced = new ArrayList<>();
    live(said)
        .ifPresent(
            before ->
                replaced.add(
                    new ReplacedRelease(before.version(), before.uri(), before.manifestSha256())));
    said.ifPresent(before -> replaced.addAll(before.getReplaced()));
    topic.say(record(release, uri, replaced.subList(0, Math.min(MOST_REPLACED, replaced.size()))));
  }

  private Optional<LiveRelease> live(Optional<ModelRelease> said) {
    return said.map(Promotion::live).or(() -> start);
  }

  /**
   * Announces the release that the live one replaced.
   *
   * @return what is live now
   * @throws IllegalStateException if none is announced, or it has replaced none
   * @throws ModelLoadException if the release to go back to is not there any more, or not what it
   *     was
   */
  public LiveRelease rollBack(ReleaseFinder folders)
      throws ModelLoadException, InterruptedException {
    ModelRelease live =
        topic
            .live(model)
            .orElseThrow(
                () -> new IllegalStateException("no release of " + model + " is announced"));
    if (live.getReplaced().isEmpty()) {
      throw new IllegalStateException(
          "%s %s has replaced no release, so there is none to go back to"
              .formatted(model, live.getVersion()));
    }
    ReplacedRelease back = live.getReplaced().get(0);
    ReleaseFolder release =
        ReleaseFolder.open(
            folders.find(back.getUri(), back.getManifestSha256()), back.getManifestSha256());
    requireModel(release, model);
    topic.say(
        record(release, back.getUri(), live.getReplaced().subList(1, live.getReplaced().size())));
    return new LiveRelease(back.getVersion(), back.getUri(), back.getManifestSha256());
  }

  private static void requireModel(ReleaseFolder release, String model) {
    if (!release.manifest().name().equals(model)) {
      throw new IllegalArgumentException(
          "release %s is of model %s, not of %s"
              .formatted(release.folder(), release.manifest().name(), model));
    }
  }

  private ModelRelease record(ReleaseFolder release, String uri, List<ReplacedRelease> replaced) {
    ModelManifest manifest = release.manifest();
    return ModelRelease.newBuilder()
        .setName(manifest.name())
        .setVersion(manifest.version())
        .setUri(uri)
        .setManifestSha256(release.manifestSha256())
        .setClasses(manifest.classes())
        .setInputWidthPx(manifest.inputWidthPx())
        .setInputHeightPx(manifest.inputHeightPx())
        .setMetrics(manifest.metrics())
        .setStage(ReleaseStage.LIVE)
        .setCreatedAtMicros(ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()))
        .setReplaced(List.copyOf(replaced))
        .build();
  }
}
