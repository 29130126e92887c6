package dev.fovea.trainer.labels;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Files that are there whole or not at all, whenever the process is killed or the power fails:
 * written under another name, forced to the disk, renamed, and the rename forced too.
 */
final class DurableFiles {
  /** What unfinished files and folders are called: a start clears them away. */
  static final String UNFINISHED = ".tmp-";

  private DurableFiles() {}

  /** Writes a file, in place of the one that is there. */
  static void write(Path file, ByteBuffer bytes) throws IOException {
    Path unfinished = file.resolveSibling(UNFINISHED + file.getFileName());
    try (FileChannel out =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer left = bytes.duplicate();
      while (left.hasRemaining()) {
        out.write(left);
      }
      out.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(unfinished);
      throw e;
    }
    move(unfinished, file);
  }

  /** Forces a finished file's bytes to the disk. */
  static void force(Path file) throws IOException {
    try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
      open.force(true);
    }
  }

  /** Renames a file or folder whose contents are on the disk, at once. */
  static void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = to.toAbsolutePath().getParent();
    if (folder != null) { // only the root has none
      forceFolder(folder);
    }
  }

  /** Forces a folder's list of names to the disk. */
  static void forceFolder(Path folder) throws IOException {
    try (FileChannel open = FileChannel.open(folder, StandardOpenOption.READ)) {
      open.force(true);
    }
  }

  /** Removes what a killed process left unfinished in a folder. */
  static void clear(Path folder) throws IOException {
    List<Path> unfinished;
    try (Stream<Path> files = Files.list(folder)) {
      unfinished = files.filter(f -> f.getFileName().toString().startsWith(UNFINISHED)).toList();
    }
    for (Path path : unfinished) {
      delete(path);
    }
  }

  /** Removes a file, or a folder with all that is in it. */
  static void delete(Path path) throws IOException {
    List<Path> inside;
    try (Stream<Path> files = Files.walk(path)) {
      inside = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : inside) {
      Files.delete(file);
    }
  }
}
