package dev.fovea.standalone.models;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.schema.TopicCreator;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.ModelRelease;
import dev.fovea.schema.avro.ReplacedRelease;
import dev.fovea.trainer.TrainerConfig;
import dev.fovea.trainer.round.RoundState;
import dev.fovea.trainer.store.LiveRelease;
import dev.fovea.trainer.store.ModelStores;
import dev.fovea.trainer.store.Promotion;
import dev.fovea.trainer.store.ReleaseTopic;
import dev.fovea.trainer.store.StoredRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;

/** One model's releases: those in the store, and what the models topic says of them. */
public final class ModelSite implements AutoCloseable {
  /** How a person calls the release that is live. */
  public static final String LIVE = "live";

  private final String model;
  private final ReleaseTopic topic;
  private final Promotion promotion;
  private final ModelStores stores;

  private ModelSite(String model, ReleaseTopic topic, Promotion promotion, ModelStores stores) {
    this.model = model;
    this.topic = topic;
    this.promotion = promotion;
    this.stores = stores;
  }

  /** Reaches what a trainer of this configuration does. */
  public static ModelSite open(TrainerConfig config)
      throws ModelLoadException, InterruptedException {
    Topics topics = new Topics(config.kafka());
    try (Admin admin = Admin.create(config.kafka().adminProperties("models", Map.of()))) {
      new TopicCreator(admin, config.kafka()).ensure(List.of(topics.models()));
    }
    String model = config.round().modelName();
    return new ModelSite(
        model,
        new ReleaseTopic(config.kafka(), topics.models(), "models"),
        Promotion.of(
            config.kafka(), topics.models(), model, config.round().startModel(), Clock.systemUTC()),
        ModelStores.open(config.storeUrl(), config.s3(), config.fetchedReleases()));
  }

  /** What a release is to the detectors. */
  public enum Stage {
    /** Detectors serve it. */
    LIVE,
    /** It was live and can be gone back to. */
    REPLACED,
    /** The gate held it back. */
    HELD,
    /** Neither; kept. */
    KEPT
  }

  /**
   * A release as the list has it.
   *
   * @param manifestSha256 of its {@code manifest.json}
   * @param place its folder or url
   * @param round empty where no round made it
   * @param keptAt empty where it is not in the store
   */
  public record Listed(
      ModelManifest manifest,
      String manifestSha256,
      String place,
      Stage stage,
      Optional<RoundState> round,
      Optional<Instant> keptAt) {}

  public String model() {
    return model;
  }

  /**
   * All releases of the model, oldest first. Only their small files are read: a store may be far.
   *
   * @throws IOException naming one whose manifest is damaged
   */
  public List<Listed> list() throws IOException {
    Optional<ModelRelease> said = topic.live(model);
    List<Listed> all = new ArrayList<>();
    for (StoredRelease stored : stores.store().list()) {
      if (stored.name().equals(model)) {
        all.add(listed(stored, said));
      }
    }
    return all;
  }

  private Listed listed(StoredRelease stored, Optional<ModelRelease> said) throws IOException {
    byte[] json =
        stores
            .store()
            .read(model, stored.version(), ReleaseFolder.MANIFEST)
            .orElseThrow(() -> new IOException(stored.uri() + " has lost its manifest"));
    ModelManifest manifest;
    try {
      manifest = ReleaseFolder.manifest(stored.uri(), json);
    } catch (ModelLoadException e) {
      throw new IOException(e.getMessage(), e);
    }
    Optional<RoundState> round =
        stores.store().read(model, stored.version(), RoundState.FILE).flatMap(ModelSite::round);
    return new Listed(
        manifest,
        ReleaseFolder.sha256(json),
        stored.uri(),
        stage(manifest.version(), said, round),
        round,
        Optional.of(stored.keptAt()));
  }

  /**
   * A release by its version, or the live one, whole and checked.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Listed find(String version) throws IOException, ModelLoadException {
    Optional<ModelRelease> said = topic.live(model);
    if (version.equals(LIVE)) {
      LiveRelease live =
          promotion
              .live()
              .orElseThrow(
                  () -> new IllegalArgumentException("no release of " + model + " is live"));
      Path folder = stores.finder().find(live.uri(), live.manifestSha256());
      return listed(ReleaseFolder.open(folder, live.manifestSha256()), live.uri(), said);
    }
    return listed(open(version), stored(version).uri(), said);
  }

  private StoredRelease stored(String version) throws IOException {
    return stores.store().list().stream()
        .filter(stored -> stored.name().equals(model) && stored.version().equals(version))
        .findFirst()
        .orElseThrow(() -> unknown(version));
  }

  private ReleaseFolder open(String version) throws IOException, ModelLoadException {
    return ReleaseFolder.open(
        stores.store().folder(model, version).orElseThrow(() -> unknown(version)));
  }

  private IllegalArgumentException unknown(String version) {
    return new IllegalArgumentException(
        "the store has no release %s of %s; `fovea models list` has them all"
            .formatted(version, model));
  }

  private Listed listed(ReleaseFolder release, String place, Optional<ModelRelease> said) {
    Optional<RoundState> round = round(release.folder());
    return new Listed(
        release.manifest(),
        release.manifestSha256(),
        place,
        stage(release.manifest().version(), said, round),
        round,
        Optional.empty());
  }

  private static Stage stage(
      String version, Optional<ModelRelease> said, Optional<RoundState> round) {
    if (promotionLive(said).equals(Optional.of(version))) {
      return Stage.LIVE;
    }
    if (said.stream()
        .flatMap(r -> r.getReplaced().stream())
        .map(ReplacedRelease::getVersion)
        .anyMatch(version::equals)) {
      return Stage.REPLACED;
    }
    boolean held =
        round.flatMap(RoundState::verdict).filter(verdict -> !verdict.promoted()).isPresent();
    return held ? Stage.HELD : Stage.KEPT;
  }

  private static Optional<String> promotionLive(Optional<ModelRelease> said) {
    return said.map(ModelRelease::getVersion);
  }

  private static Optional<RoundState> round(Path folder) {
    try {
      return Files.isRegularFile(folder.resolve(RoundState.FILE))
          ? Optional.of(RoundState.read(folder))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // A release is no worse for it.
    }
  }

  private static Optional<RoundState> round(byte[] json) {
    try {
      return Optional.of(RoundState.parse(json));
    } catch (IOException e) {
      return Optional.empty(); // The same.
    }
  }

  /** Makes a release of the store live. */
  public void promote(Listed listed) throws IOException, ModelLoadException, InterruptedException {
    String version = listed.manifest().version();
    promotion.promote(open(version), stored(version).uri());
  }

  /** Makes the release live that the live one replaced. */
  public LiveRelease rollBack() throws ModelLoadException, InterruptedException {
    return promotion.rollBack(stores.finder());
  }

  @Override
  public void close() {
    stores.close();
  }
}
