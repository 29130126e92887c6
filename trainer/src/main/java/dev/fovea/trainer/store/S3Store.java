package dev.fovea.trainer.store;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.s3.ReleaseCache;
import dev.fovea.detector.s3.S3Objects;
import dev.fovea.detector.s3.S3Objects.Found;
import dev.fovea.detector.s3.S3Url;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store in a bucket: {@code s3://BUCKET/PREFIX/NAME/VERSION/} holds a release. Its manifest is
 * written last, and what has none is no release: files that a killed process left are seen by
 * nobody, and are written over by the next attempt. Nothing is ever deleted.
 */
public final class S3Store implements ModelStore {
  private static final Logger log = LoggerFactory.getLogger(S3Store.class);

  private static final int MAX_SMALL_BYTES = 16 << 20;

  private final S3Objects objects;
  private final S3Url root;
  private final ReleaseCache fetched;

  /**
   * @param objects used, not closed
   * @param fetched where releases are fetched into
   */
  public S3Store(S3Objects objects, S3Url root, ReleaseCache fetched) {
    this.objects = objects;
    this.root = root;
    this.fetched = fetched;
  }

  @Override
  public StoredRelease put(Path release) throws IOException {
    ReleaseFolder checked = ReleaseFiles.open(release);
    S3Url place = place(checked.manifest().name(), checked.manifest().version());
    Optional<byte[]> there = manifest(place);
    if (there.isPresent()) {
      ReleaseFiles.requireSame(checked, ReleaseFolder.sha256(there.get()), place);
      var unused = fetch(place, checked.manifestSha256()); // It is whole, too.
    } else {
      upload(release, checked, place);
    }
    return stored(place);
  }

  private void upload(Path release, ReleaseFolder checked, S3Url place) throws IOException {
    for (Path file : ReleaseFiles.of(release)) {
      String name = file.getFileName().toString();
      if (!name.equals(ReleaseFolder.MANIFEST)) {
        log.info("{} goes to {}", file, place);
        objects.upload(file, place.resolve(name));
      }
    }
    objects.upload(release.resolve(ReleaseFolder.MANIFEST), place.resolve(ReleaseFolder.MANIFEST));
    // The folder may have changed since it was checked, or another process been quicker.
    byte[] written =
        manifest(place)
            .orElseThrow(
                () -> new IOException(place + ": the store has taken a manifest and lost it"));
    ReleaseFiles.requireSame(checked, ReleaseFolder.sha256(written), place);
  }

  @Override
  public List<StoredRelease> list() throws IOException {
    List<StoredRelease> releases = new ArrayList<>();
    for (Found object : objects.list(root)) {
      stored(object).ifPresent(releases::add);
    }
    releases.sort(Comparator.comparing(StoredRelease::name).thenComparing(StoredRelease::keptAt));
    return releases;
  }

  private StoredRelease stored(S3Url place) throws IOException {
    for (Found object : objects.list(place)) {
      Optional<StoredRelease> release = stored(object);
      if (release.isPresent()) {
        return release.get();
      }
    }
    throw new IOException(place + ": the store does not list what it has taken");
  }

  /** The release whose manifest an object is. */
  private Optional<StoredRelease> stored(Found object) {
    String[] segments =
        object
            .url()
            .key()
            .substring(root.key().isEmpty() ? 0 : root.key().length() + 1)
            .split("/", -1);
    if (segments.length != 3
        || !segments[2].equals(ReleaseFolder.MANIFEST)
        || !ReleaseFiles.isPlain(segments[0])
        || !ReleaseFiles.isPlain(segments[1])) {
      return Optional.empty();
    }
    return Optional.of(
        new StoredRelease(
            segments[0],
            segments[1],
            place(segments[0], segments[1]).toString(),
            object.modified()));
  }

  @Override
  public Optional<Path> folder(String name, String version) throws IOException {
    S3Url place = place(name, version);
    Optional<byte[]> manifest = manifest(place);
    return manifest.isEmpty()
        ? Optional.empty()
        : Optional.of(fetch(place, ReleaseFolder.sha256(manifest.get())));
  }

  @Override
  public Optional<byte[]> read(String name, String version, String file) throws IOException {
    return objects.read(
        place(name, version).resolve(ReleaseFiles.plain("file", file)), MAX_SMALL_BYTES);
  }

  private Optional<byte[]> manifest(S3Url place) throws IOException {
    return objects.read(place.resolve(ReleaseFolder.MANIFEST), MAX_SMALL_BYTES);
  }

  private Path fetch(S3Url place, String manifestSha256) throws IOException {
    try {
      return fetched.folder(place, manifestSha256);
    } catch (ModelLoadException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private S3Url place(String name, String version) {
    return root.resolve(ReleaseFiles.plain("model name", name))
        .resolve(ReleaseFiles.plain("version", version));
  }

  @Override
  public void close() {}
}
