package dev.fovea.detector.stream;

import dev.fovea.detector.engine.EngineSettings;
import dev.fovea.detector.engine.LoadedModel;
import dev.fovea.detector.mining.MiningSettings;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.s3.ReleaseCache;
import dev.fovea.detector.s3.S3Url;
import dev.fovea.schema.avro.ModelRelease;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Loads releases that lie in folders this machine sees, or in buckets it can reach. */
public final class ReleaseFolders implements ReleaseLoader {
  private static final String MANIFEST = "manifest.json";

  private final EngineSettings engine;
  private final MiningSettings mining;
  private final ReleaseCache fetched;

  /**
   * @param engine what they are to run on
   * @param mining whether and how label candidates are chosen
   * @param fetched where those go that lie in buckets
   */
  public ReleaseFolders(EngineSettings engine, MiningSettings mining, ReleaseCache fetched) {
    this.engine = engine;
    this.mining = mining;
    this.fetched = fetched;
  }

  /**
   * Loads the release in a folder.
   *
   * @throws ModelLoadException in one sentence naming folder, file and rule
   */
  public BatchModel load(Path folder) throws ModelLoadException {
    return load(folder, engine, mining);
  }

  /**
   * Loads the release in a folder, for one who follows no other.
   *
   * @throws ModelLoadException in one sentence naming folder, file and rule
   */
  public static BatchModel load(Path folder, EngineSettings engine, MiningSettings mining)
      throws ModelLoadException {
    return new LoadedBatchModel(
        LoadedModel.load(folder, engine), mining.enabled() ? mining.uncertainMargin() : 0);
  }

  /** A release is what it says: its manifest's sum is checked, which in turn has the graph's. */
  @Override
  public BatchModel load(ModelRelease release) throws ModelLoadException {
    Path folder = folder(release);
    String sum = sha256(folder.resolve(MANIFEST));
    if (!sum.equals(release.getManifestSha256())) {
      throw new ModelLoadException(
          "%s must have the SHA-256 %s, but has %s"
              .formatted(folder.resolve(MANIFEST), release.getManifestSha256(), sum));
    }
    BatchModel model = load(folder);
    if (!model.name().equals(release.getName()) || !model.version().equals(release.getVersion())) {
      String found = model.name() + " " + model.version();
      model.close();
      throw new ModelLoadException(folder + " holds " + found);
    }
    return model;
  }

  private Path folder(ModelRelease release) throws ModelLoadException {
    String uri = release.getUri();
    try {
      if (uri.startsWith(S3Url.SCHEME)) {
        return fetched.folder(S3Url.parse(uri), release.getManifestSha256());
      }
      Path folder = uri.startsWith("file:") ? Path.of(URI.create(uri)) : Path.of(uri);
      if (folder.isAbsolute()) {
        return folder;
      }
    } catch (IllegalArgumentException e) {
      throw new ModelLoadException("uri \"" + uri + "\": " + e.getMessage(), e);
    }
    throw new ModelLoadException(
        "uri \"" + uri + "\": must be an absolute path, or a file: or s3: uri");
  }

  private static String sha256(Path file) throws ModelLoadException {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
      return HexFormat.of().formatHex(sum);
    } catch (IOException e) {
      throw new ModelLoadException(file + " cannot be read: " + e, e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
