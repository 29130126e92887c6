package dev.fovea.standalone.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The demo's data folder, held by one process at a time. The lock goes with the process, however it
 * ends.
 */
final class DataFolder implements AutoCloseable {
  private final Path lockFile;
  private final FileChannel channel;

  private DataFolder(Path lockFile, FileChannel channel) {
    this.lockFile = lockFile;
    this.channel = channel;
  }

  static DataFolder lock(Path folder) {
    try {
      Files.createDirectories(folder);
      Path lockFile = folder.resolve("lock");
      FileChannel channel =
          FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new IllegalStateException(
            "another demo runs in " + folder + ": stop it, or give this one a folder with --data");
      }
      return new DataFolder(lockFile, channel);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "data folder " + folder + " cannot be used (" + e + "): give another with --data", e);
    }
  }

  /** What is locked; it stays. */
  Path lockFile() {
    return lockFile;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
