package dev.fovea.trainer.store;

import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A store in a folder: {@code ROOT/NAME/VERSION/} holds a release. Detectors must see it under the
 * same path. A release is copied beside its place, forced to disk, checked, and renamed into it, so
 * that what stands there is whole, whenever the machine stops.
 */
public final class FolderStore implements ModelStore {
  private static final String INCOMING = ".incoming-";

  private final Path root;

  /**
   * @param root made if it is not there
   */
  public FolderStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public StoredRelease put(Path release) throws IOException {
    ReleaseFolder checked = ReleaseFiles.open(release);
    String name = checked.manifest().name();
    String version = checked.manifest().version();
    Path place = place(name, version);
    if (Files.exists(place)) {
      return sameAs(checked, place);
    }
    Path shelf = Files.createDirectories(root.resolve(name));
    Path incoming = shelf.resolve(INCOMING + version);
    deleteAll(incoming); // of a process that was killed
    try {
      copy(release, incoming);
      // What was read back is what was meant, before anybody can see it.
      ReleaseFiles.requireSame(checked, ReleaseFiles.open(incoming).manifestSha256(), incoming);
      Files.move(incoming, place, StandardCopyOption.ATOMIC_MOVE);
      force(shelf);
    } catch (AtomicMoveNotSupportedException e) {
      deleteAll(incoming);
      throw new IOException(root + ": its file system cannot rename a folder in one step", e);
    } catch (IOException | RuntimeException e) {
      deleteAll(incoming);
      throw e;
    }
    return stored(name, version, place);
  }

  private static StoredRelease sameAs(ReleaseFolder release, Path place) throws IOException {
    ReleaseFiles.requireSame(release, ReleaseFiles.open(place).manifestSha256(), place);
    return stored(release.manifest().name(), release.manifest().version(), place);
  }

  private static void copy(Path release, Path to) throws IOException {
    Files.createDirectory(to);
    for (Path file : ReleaseFiles.of(release)) {
      Path copy = to.resolve(file.getFileName().toString());
      Files.copy(file, copy);
      force(copy);
    }
    force(to);
  }

  /** Has the file, or a folder's entries, on disk; some file systems know no such for folders. */
  private static void force(Path path) throws IOException {
    boolean folder = Files.isDirectory(path);
    try (FileChannel channel =
        FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      if (!folder) {
        throw e;
      }
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }

  @Override
  public List<StoredRelease> list() throws IOException {
    List<StoredRelease> releases = new ArrayList<>();
    if (!Files.isDirectory(root)) {
      return releases;
    }
    for (Path shelf : folders(root)) {
      for (Path place : folders(shelf)) {
        if (Files.isRegularFile(place.resolve(ReleaseFolder.MANIFEST))) {
          releases.add(
              stored(shelf.getFileName().toString(), place.getFileName().toString(), place));
        }
      }
    }
    releases.sort(Comparator.comparing(StoredRelease::name).thenComparing(StoredRelease::keptAt));
    return releases;
  }

  private static List<Path> folders(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isDirectory)
          .filter(f -> ReleaseFiles.isPlain(f.getFileName().toString()))
          .toList();
    }
  }

  @Override
  public Optional<Path> folder(String name, String version) {
    Path place = place(name, version);
    return Files.isDirectory(place) ? Optional.of(place) : Optional.empty();
  }

  @Override
  public Optional<byte[]> read(String name, String version, String file) throws IOException {
    Path path = place(name, version).resolve(ReleaseFiles.plain("file", file));
    return Files.isRegularFile(path) ? Optional.of(Files.readAllBytes(path)) : Optional.empty();
  }

  private Path place(String name, String version) {
    return root.resolve(ReleaseFiles.plain("model name", name))
        .resolve(ReleaseFiles.plain("version", version));
  }

  private static StoredRelease stored(String name, String version, Path place) throws IOException {
    return new StoredRelease(
        name, version, place.toString(), Files.getLastModifiedTime(place).toInstant());
  }

  @Override
  public void close() {}
}
