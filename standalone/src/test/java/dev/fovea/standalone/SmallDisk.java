package dev.fovea.standalone;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A fovea command whose data folder is a disk of a given size: a tmpfs in a mount name space of its
 * own, which is gone with the process.
 */
final class SmallDisk implements AutoCloseable {
  private final Path folder;
  private final Process process;

  private SmallDisk(Path folder, Process process) {
    this.folder = folder;
    this.process = process;
  }

  /** Whether this machine lets a process mount something in a name space. */
  static boolean isPossible() throws InterruptedException {
    try {
      return new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * @param size as mount takes it, such as {@code 400k}
   * @param arguments the fovea command's
   */
  static SmallDisk start(Path folder, String size, Path log, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=\"$1\" none \"$2\" && shift 2 && exec \"$@\"",
                "sh",
                size,
                folder.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dfovea.terminal=false",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    return new SmallDisk(
        folder,
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start());
  }

  boolean isRunning() {
    return process.isAlive();
  }

  /** A path of the process as this process sees it. */
  Path seenFromOutside(Path path) {
    return Path.of("/proc/" + process.pid() + "/root" + path.toAbsolutePath());
  }

  /** Makes the disk larger, as an operator would. */
  void resize(String size) throws IOException, InterruptedException {
    Process remount =
        new ProcessBuilder(
                "nsenter",
                "-t",
                Long.toString(process.pid()),
                "-U",
                "-m",
                "--preserve-credentials",
                "mount",
                "-o",
                "remount,size=" + size,
                folder.toString())
            .inheritIO()
            .start();
    if (remount.waitFor() != 0) {
      throw new IOException(folder + " cannot be made larger");
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
