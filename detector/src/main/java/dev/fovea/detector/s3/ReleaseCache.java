package dev.fovea.detector.s3;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ReleaseFolder;
import dev.fovea.detector.model.ReleaseOutOfReachException;
import dev.fovea.detector.s3.S3Objects.Found;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of releases fetched out of buckets, {@code ROOT/SHA256-OF-MANIFEST/}. A release is
 * fetched beside its place, checked, and renamed into it, so that what stands there is whole. What
 * is there needs no store. Several processes may share a folder.
 */
public final class ReleaseCache {
  /** Releases that stay, those used last. */
  private static final int KEPT = 5;

  private static final Duration ABANDONED = Duration.ofDays(1);
  private static final int MAX_MANIFEST_BYTES = 1 << 20;
  private static final long MAX_FILE_BYTES = 1L << 30;
  private static final int MAX_FILES = 100;
  private static final String INCOMING = ".incoming-";
  private static final Pattern SUM = Pattern.compile("[0-9a-f]{64}");

  /** Which of a release's files are fetched. */
  public enum Contents {
    /** Manifest and graph, which is what a detector serves. */
    SERVED,
    /** All of them: what the next round starts from is among the others. */
    WHOLE
  }

  private final S3Objects objects;
  private final Path root;
  private final Contents contents;

  /**
   * @param objects used, not closed
   * @param root made when it is needed
   */
  public ReleaseCache(S3Objects objects, Path root, Contents contents) {
    this.objects = objects;
    this.root = root.toAbsolutePath();
    this.contents = contents;
  }

  /**
   * The release's folder on this machine, fetched unless it is there.
   *
   * @param manifestSha256 of the release that is meant, lower-case hexadecimal
   * @throws ReleaseOutOfReachException if the store, or the folder on this machine, cannot be used
   *     now
   * @throws ModelLoadException if the store does not have that release, or not as it was announced
   */
  public Path folder(S3Url release, String manifestSha256) throws ModelLoadException {
    if (!SUM.matcher(manifestSha256).matches()) {
      throw new ModelLoadException(
          "%s: the manifest's SHA-256 \"%s\" must match %s"
              .formatted(release, manifestSha256, SUM));
    }
    Path place = root.resolve(manifestSha256);
    try {
      if (!isWhole(place, manifestSha256)) {
        fetch(release, manifestSha256, place);
        prune();
      }
      Files.setLastModifiedTime(place, FileTime.from(Instant.now()));
      return place;
    } catch (ObjectStoreException e) {
      throw e.reason() == ObjectStoreException.Reason.OUT_OF_REACH
          ? new ReleaseOutOfReachException(e.getMessage(), e)
          : new ModelLoadException(e.getMessage(), e);
    } catch (IOException | UncheckedIOException e) {
      throw new ReleaseOutOfReachException(
          "%s cannot be fetched into %s: %s; is the disk full, or the folder another user's?"
              .formatted(release, root, e.getMessage()),
          e);
    }
  }

  private static boolean isWhole(Path place, String manifestSha256) throws IOException {
    if (!Files.isDirectory(place)) {
      return false;
    }
    try {
      var unused = ReleaseFolder.open(place, manifestSha256);
      return true;
    } catch (ModelLoadException e) {
      delete(place); // A disk that lost what it had been given; it is fetched again.
      return false;
    }
  }

  private void fetch(S3Url release, String manifestSha256, Path place)
      throws IOException, ModelLoadException {
    Files.createDirectories(root);
    clearAbandoned();
    Path incoming = Files.createTempDirectory(root, INCOMING);
    try {
      fetchManifest(release, manifestSha256, incoming);
      for (S3Url file : others(release)) {
        objects.download(file, incoming.resolve(file.name()), MAX_FILE_BYTES);
      }
      var unused = ReleaseFolder.open(incoming, manifestSha256, release.toString());
      moveInto(place, incoming, manifestSha256);
    } finally {
      delete(incoming);
    }
  }

  /** First, so that nothing large is fetched of a release that is not the one meant. */
  private void fetchManifest(S3Url release, String manifestSha256, Path incoming)
      throws IOException, ModelLoadException {
    S3Url manifest = release.resolve(ReleaseFolder.MANIFEST);
    Path file = incoming.resolve(ReleaseFolder.MANIFEST);
    objects.download(manifest, file, MAX_MANIFEST_BYTES);
    String sum = ReleaseFolder.sha256(Files.readAllBytes(file));
    if (!sum.equals(manifestSha256)) {
      throw new ModelLoadException(
          "%s must have the SHA-256 %s, but has %s".formatted(manifest, manifestSha256, sum));
    }
  }

  private List<S3Url> others(S3Url release) throws ObjectStoreException, ModelLoadException {
    if (contents == Contents.SERVED) {
      return List.of(release.resolve(ReleaseFolder.MODEL));
    }
    List<S3Url> files =
        objects.list(release).stream()
            .map(Found::url)
            .filter(url -> release.resolve(url.name()).equals(url))
            .filter(url -> !url.name().equals(ReleaseFolder.MANIFEST))
            .toList();
    if (files.size() > MAX_FILES) {
      throw new ModelLoadException(
          "release %s: it has %d files, more than the %d allowed"
              .formatted(release, files.size(), MAX_FILES));
    }
    return files;
  }

  private static void moveInto(Path place, Path incoming, String manifestSha256)
      throws IOException {
    try {
      Files.move(incoming, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!isWhole(place, manifestSha256)) { // of another process, which was quicker
        throw e;
      }
    }
  }

  private void prune() throws IOException {
    List<Path> releases = entries(name -> SUM.matcher(name).matches());
    for (Path old : releases.stream().skip(KEPT).toList()) {
      delete(old);
    }
  }

  private void clearAbandoned() throws IOException {
    Instant before = Instant.now().minus(ABANDONED);
    for (Path left : entries(name -> name.startsWith(INCOMING))) {
      if (Files.getLastModifiedTime(left).toInstant().isBefore(before)) {
        delete(left);
      }
    }
  }

  /** Newest first. */
  private List<Path> entries(Predicate<String> names) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .filter(entry -> names.test(entry.getFileName().toString()))
          .sorted(Comparator.comparing(ReleaseCache::usedAt).reversed())
          .toList();
    }
  }

  private static FileTime usedAt(Path folder) {
    try {
      return Files.getLastModifiedTime(folder);
    } catch (IOException e) {
      return FileTime.fromMillis(0); // Another process has just removed it.
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }
}
