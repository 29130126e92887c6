package dev.fovea.trainer.labels;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The data set that annotations make, on disk.
 *
 * <pre>
 * images/SHA256.jpg   pictures, named by their content
 * versions/N/…        see {@link VersionFolder}
 * progress.json       how far the topic was read without a change since the last version
 * </pre>
 *
 * Annotations are {@linkplain #stage staged} one by one and become a version {@linkplain #cut
 * together}, with the offsets up to which the topic was read. A version is there whole or not at
 * all, so a process that is killed at any point, or a disk that is full, leaves the last one, whose
 * offsets say where to read on: nothing is lost, and since annotations replace one another, nothing
 * is doubled. One process at a time; within it, one thread at a time.
 */
public final class LabelArchive implements AutoCloseable {
  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,9}");
  private static final String VERSIONS = "versions";
  private static final String IMAGES = "images";
  private static final String PROGRESS = "progress.json";
  private static final String LOCK = ".lock";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** {@code progress.json}: counts only as long as {@code version} is the last one; "" = none. */
  private record Progress(String version, Map<Integer, Long> offsets) {}

  private final Path root;
  private final LabelSettings settings;
  private final FileChannel lock;
  private LabelLedger ledger;
  private Optional<LabelVersion> latest;
  private Map<Integer, Long> offsets;
  private int staged;

  private LabelArchive(Path root, LabelSettings settings, FileChannel lock) {
    this.root = root;
    this.settings = settings;
    this.lock = lock;
    this.latest = latest(root);
    this.ledger = ledger(latest, settings);
    this.offsets = progress(root, latest);
  }

  /**
   * Opens the archive in a folder, which is made where it is missing, with the reference's
   * settings.
   *
   * @throws LabelArchiveException as {@link #open(Path, LabelSettings)}
   */
  public static LabelArchive open(Path root) {
    return open(root, LabelSettings.defaults());
  }

  /**
   * Opens the archive in a folder, which is made where it is missing.
   *
   * @throws LabelArchiveException if another process has it open, it cannot be read, or its last
   *     version is damaged
   */
  public static LabelArchive open(Path root, LabelSettings settings) {
    try {
      Files.createDirectories(root.resolve(IMAGES));
      Files.createDirectories(root.resolve(VERSIONS));
    } catch (IOException e) {
      throw new LabelArchiveException(root, "the folder cannot be made: " + e, e);
    }
    FileChannel lock = lock(root);
    try {
      for (Path folder : List.of(root, root.resolve(IMAGES), root.resolve(VERSIONS))) {
        DurableFiles.clear(folder);
      }
      return new LabelArchive(root, settings, lock);
    } catch (IOException e) {
      closeQuietly(lock);
      throw new LabelArchiveException(root, "cannot be read: " + e, e);
    } catch (RuntimeException e) {
      closeQuietly(lock);
      throw e;
    }
  }

  /** The last version in a folder, for those who only read: nothing is locked. */
  public static Optional<LabelVersion> latest(Path root) {
    return versionIds(root).stream()
        .max(Comparator.naturalOrder())
        .map(id -> VersionFolder.read(versionFolder(root, id), root.resolve(IMAGES)));
  }

  /** The last version; empty before the first. */
  public Optional<LabelVersion> latest() {
    return latest;
  }

  /** A version that is still there. */
  public Optional<LabelVersion> version(String id) {
    if (!VERSION.matcher(id).matches()) {
      return Optional.empty();
    }
    Path folder = root.resolve(VERSIONS).resolve(id);
    return Files.isDirectory(folder)
        ? Optional.of(VersionFolder.read(folder, root.resolve(IMAGES)))
        : Optional.empty();
  }

  /**
   * By partition of the annotations topic, where to read on; partitions never read are left out.
   */
  public Map<Integer, Long> offsets() {
    return Map.copyOf(offsets);
  }

  /** Staged annotations that change the data set and are in no version yet. */
  public int staged() {
    return staged;
  }

  /**
   * How many annotations have changed the data set since a version, those staged included; since
   * the beginning where there is no such version.
   */
  public long newSince(String version) {
    return ledger.annotations() - version(version).map(LabelVersion::annotations).orElse(0L);
  }

  /**
   * Takes an annotation in and writes its picture; it counts from the next {@link #cut} on.
   *
   * @return whether it changes the data set
   * @throws BadAnnotationException if the data set cannot take it
   * @throws LabelArchiveException if the picture cannot be written; what was staged is dropped
   */
  public boolean stage(LabelledFrame frame) throws BadAnnotationException {
    if (!ledger.apply(frame)) {
      return false;
    }
    staged++;
    if (!frame.withdraws()) {
      write(frame.picture());
    }
    return true;
  }

  /**
   * Makes a version of what was staged. Where that changes nothing, only the offsets are kept.
   *
   * @param offsets by partition, the offset after the last record that was staged or refused;
   *     partitions left out stay where they were
   * @return the last version; empty where there was never a change
   * @throws LabelArchiveException if it cannot be written; what was staged is dropped
   */
  public Optional<LabelVersion> cut(Map<Integer, Long> offsets) {
    Map<Integer, Long> all = new TreeMap<>(this.offsets);
    all.putAll(offsets);
    try {
      if (staged > 0) {
        writeVersion(all);
      } else if (!all.equals(this.offsets)) {
        writeProgress(all);
      }
    } catch (IOException e) {
      throw unwritten(root.resolve(VERSIONS), e);
    }
    this.offsets = all;
    return latest;
  }

  /**
   * Stages annotations and makes a version of them.
   *
   * @param offsets as {@link #cut}
   * @return the last version
   * @throws BadAnnotationException if the data set cannot take one; none counts then
   * @throws LabelArchiveException as {@link #cut}
   */
  public Optional<LabelVersion> add(List<LabelledFrame> frames, Map<Integer, Long> offsets)
      throws BadAnnotationException {
    try {
      for (LabelledFrame frame : frames) {
        stage(frame);
      }
    } catch (BadAnnotationException e) {
      drop();
      throw e;
    }
    return cut(offsets);
  }

  /** Forgets what was staged: the archive is as the last version and its offsets say. */
  public void drop() {
    if (staged > 0) {
      ledger = ledger(latest, settings);
      staged = 0;
    }
  }

  /**
   * Removes old versions, and pictures that no version left has.
   *
   * @param keep how many of the last versions stay; at least 1
   * @param pinned versions that stay besides
   * @return how many pictures were removed
   * @throws LabelArchiveException if something cannot be removed
   */
  public int prune(int keep, Set<String> pinned) {
    if (keep < 1) {
      throw new IllegalArgumentException("keep = " + keep + ": must be at least 1");
    }
    drop();
    List<Long> ids = versionIds(root).stream().sorted(Comparator.reverseOrder()).toList();
    Set<String> needed = new HashSet<>();
    try {
      for (int i = 0; i < ids.size(); i++) {
        Path folder = versionFolder(root, ids.get(i));
        if (i < keep || pinned.contains(Long.toString(ids.get(i)))) {
          VersionFolder.pictures(folder).stream()
              .filter(PictureEntry::counts)
              .forEach(picture -> needed.add(picture.file()));
        } else {
          remove(folder);
        }
      }
      return removeOthers(needed);
    } catch (IOException e) {
      throw new LabelArchiveException(root, "old versions cannot be removed: " + e, e);
    }
  }

  /** Lets another process open it. What is staged is dropped. */
  @Override
  public void close() {
    closeQuietly(lock);
  }

  private void write(CheckedPicture picture) {
    Path file = root.resolve(IMAGES).resolve(picture.file());
    try {
      if (!Files.exists(file)) {
        DurableFiles.write(file, picture.jpeg());
      }
    } catch (IOException e) {
      throw unwritten(file, e);
    }
  }

  private void writeVersion(Map<Integer, Long> offsets) throws IOException {
    long id = latest.map(version -> Long.parseLong(version.id())).orElse(0L) + 1;
    VersionFolder.write(
        root.resolve(VERSIONS),
        Long.toString(id),
        latest.map(LabelVersion::id),
        ledger,
        offsets,
        settings.validationFraction());
    latest = Optional.of(VersionFolder.read(versionFolder(root, id), root.resolve(IMAGES)));
    staged = 0;
  }

  private void writeProgress(Map<Integer, Long> offsets) throws IOException {
    Progress progress = new Progress(latest.map(LabelVersion::id).orElse(""), offsets);
    DurableFiles.write(root.resolve(PROGRESS), ByteBuffer.wrap(JSON.writeValueAsBytes(progress)));
  }

  private LabelArchiveException unwritten(Path file, IOException e) {
    drop();
    try {
      DurableFiles.clear(root.resolve(VERSIONS));
    } catch (IOException more) {
      e.addSuppressed(more); // The next start clears it away.
    }
    String last =
        latest
            .map(version -> "version " + version.id() + " is whole")
            .orElse("no version was made yet");
    return new LabelArchiveException(
        file,
        "cannot be written: "
            + e.getMessage()
            + "; "
            + last
            + ". Is the disk full? Make room: nothing is lost",
        e);
  }

  private void remove(Path version) throws IOException {
    // Renamed first: a version that is half removed must not be taken for one.
    Path going = version.resolveSibling(DurableFiles.UNFINISHED + version.getFileName());
    DurableFiles.move(version, going);
    DurableFiles.delete(going);
  }

  private int removeOthers(Set<String> needed) throws IOException {
    List<Path> others;
    try (Stream<Path> files = Files.list(root.resolve(IMAGES))) {
      others = files.filter(file -> !needed.contains(file.getFileName().toString())).toList();
    }
    for (Path file : others) {
      Files.delete(file);
    }
    return others.size();
  }

  private static LabelLedger ledger(Optional<LabelVersion> version, LabelSettings settings) {
    return version
        .map(
            v ->
                new LabelLedger(
                    settings, v.classes(), VersionFolder.pictures(v.folder()), v.annotations()))
        .orElseGet(() -> new LabelLedger(settings, List.of(), List.of(), 0));
  }

  private static Map<Integer, Long> progress(Path root, Optional<LabelVersion> latest) {
    Map<Integer, Long> offsets = latest.map(LabelVersion::offsets).orElse(Map.of());
    Path file = root.resolve(PROGRESS);
    if (!Files.exists(file)) {
      return offsets;
    }
    try {
      Progress progress = JSON.readValue(file.toFile(), Progress.class);
      return progress.version().equals(latest.map(LabelVersion::id).orElse(""))
          ? progress.offsets()
          : offsets;
    } catch (IOException e) {
      throw new LabelArchiveException(
          file,
          "cannot be read: " + e.getMessage() + "; remove it: records are only read again",
          e);
    }
  }

  private static Path versionFolder(Path root, long id) {
    return root.resolve(VERSIONS).resolve(Long.toString(id));
  }

  private static List<Long> versionIds(Path root) {
    Path versions = root.resolve(VERSIONS);
    if (!Files.isDirectory(versions)) {
      return List.of();
    }
    List<Long> ids = new ArrayList<>();
    try (Stream<Path> folders = Files.list(versions)) {
      for (Path folder : folders.toList()) {
        String name = folder.getFileName().toString();
        if (VERSION.matcher(name).matches()) {
          ids.add(Long.parseLong(name));
        }
      }
    } catch (IOException e) {
      throw new LabelArchiveException(versions, "cannot be read: " + e, e);
    }
    return ids;
  }

  private static FileChannel lock(Path root) {
    Path file = root.resolve(LOCK);
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        FileLock held = channel.tryLock();
        if (held != null) {
          return channel;
        }
      } catch (OverlappingFileLockException e) {
        // Open in this very process; said below.
      }
      closeQuietly(channel);
    } catch (IOException e) {
      throw new LabelArchiveException(file, "cannot be locked: " + e, e);
    }
    throw new LabelArchiveException(
        root, "another process has this archive open; stop it, or take another folder");
  }

  /** Closing a channel that was only locked loses nothing. */
  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
