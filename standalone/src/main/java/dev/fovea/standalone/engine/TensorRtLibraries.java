package dev.fovea.standalone.engine;

import dev.fovea.standalone.download.Download;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * NVIDIA's libraries for TensorRT 8.6.1 on CUDA 12.1, which DJL's TensorRT engine links against,
 * fetched from a Maven repository into a folder of their own. The folder is there whole or not at
 * all; a download that was stopped is gone on with.
 */
public final class TensorRtLibraries {
  /** The folder's name within the cache; the {@code fovea} launcher knows it too. */
  public static final String FOLDER = "tensorrt-8.6.1-cuda-12.1";

  private static final List<RepositoryFile> FILES =
      List.of(
          new RepositoryFile(
              "org/bytedeco/tensorrt/8.6-1.5.9/tensorrt-8.6-1.5.9-linux-x86_64-redist.jar",
              824_742_078L,
              "cc424ba5c971f545941d901037e7d4a7575f389074d6b68ca4eb81f16e6dc0c6"),
          new RepositoryFile(
              "org/bytedeco/cuda/12.1-8.9-1.5.9/cuda-12.1-8.9-1.5.9-linux-x86_64-redist.jar",
              2_054_701_023L,
              "c20ec5411872efcb8a68e4dd18f0743eb48bafecd67f2315ad3ca6f018c268d9"));

  /** What is used of them, unpacked, with some room. */
  private static final long UNPACKED_BYTES = 3_500_000_000L;

  /**
   * What runs a plan or builds one from ONNX; the rest of CUDA stays in the archive. NVRTC and
   * cuDNN's parts for training are there because TensorRT's Java classes link against them.
   */
  private static final Pattern WANTED =
      Pattern.compile(
          "lib(nvinfer|nvinfer_plugin|nvinfer_builder_resource|nvonnxparser|nvparsers|cudart|cublas|cublasLt"
              + "|nvrtc|nvrtc-builtins|cudnn|cudnn_(ops|cnn|adv)_(infer|train))\\.so\\.[0-9.]+");

  private static final String RUNTIME = "libcudart.so.12";
  private static final String RUNTIME_LINK = "libcudart.so";
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final Path folder;
  private final URI repository;
  private final List<RepositoryFile> files;
  private final long unpackedBytes;
  private final Duration pause;

  /**
   * @param engines the cache's folder of engines
   * @param repository address of a Maven repository
   */
  public TensorRtLibraries(Path engines, URI repository) {
    this(engines, repository, FILES, UNPACKED_BYTES, PAUSE);
  }

  TensorRtLibraries(
      Path engines,
      URI repository,
      List<RepositoryFile> files,
      long unpackedBytes,
      Duration pause) {
    this.folder = engines.resolve(FOLDER);
    this.repository = repository;
    this.files = List.copyOf(files);
    this.unpackedBytes = unpackedBytes;
    this.pause = pause;
  }

  public Path folder() {
    return folder;
  }

  public boolean isInstalled() {
    return Files.isDirectory(folder);
  }

  /** Bytes that are still to be fetched. */
  public long bytesToFetch() throws IOException {
    long bytes = 0;
    for (RepositoryFile file : files) {
      Path part = Download.part(archive(file));
      if (!Files.exists(archive(file))) {
        bytes += file.bytes() - (Files.exists(part) ? Files.size(part) : 0);
      }
    }
    return bytes;
  }

  /**
   * Makes sure that there is room for what is still to be fetched and unpacked.
   *
   * @throws InstallException saying how much is needed, where, and how much there is
   */
  public void requireRoom() throws IOException {
    Files.createDirectories(folder.getParent());
    long needed = bytesToFetch() + unpackedBytes;
    long free = Files.getFileStore(folder.getParent()).getUsableSpace();
    if (free < needed) {
      throw new InstallException(
          "%s has %.1f GB free, and needs %.1f GB (FOVEA_HOME_CACHE names another folder)"
              .formatted(folder.getParent(), free / 1e9, needed / 1e9));
    }
  }

  /** How far an installation is. */
  public interface Progress {
    /** A file is being fetched; {@code done} of {@code total} bytes are there. */
    void fetched(String file, long done, long total);

    /** The next step, in words. */
    void step(String what);
  }

  /**
   * Fetches, checks and unpacks them.
   *
   * @throws InstallException in one sentence; what was fetched stays for the next try
   */
  public void install(Progress progress) throws IOException, InterruptedException {
    requireRoom();
    Path unpacked = folder.resolveSibling(FOLDER + ".tmp");
    delete(unpacked);
    Files.createDirectories(unpacked);
    for (RepositoryFile file : files) {
      fetch(file, progress);
      progress.step("unpacking " + file.name());
      unpack(archive(file), unpacked);
    }
    requireComplete(unpacked);
    // DJL looks for this name first, and would take a newer CUDA of the system for it otherwise.
    Files.createSymbolicLink(unpacked.resolve(RUNTIME_LINK), Path.of(RUNTIME));
    Files.move(unpacked, folder, StandardCopyOption.ATOMIC_MOVE);
    for (RepositoryFile file : files) {
      Files.delete(archive(file));
    }
  }

  private Path archive(RepositoryFile file) {
    return folder.resolveSibling(file.name());
  }

  private void fetch(RepositoryFile file, Progress progress)
      throws IOException, InterruptedException {
    if (!Files.exists(archive(file))) {
      new Download(
              pause,
              SILENCE,
              "--repository names another repository",
              (done, total) -> progress.fetched(file.name(), done, file.bytes()))
          .fetch(file.in(repository), archive(file));
    }
  }

  private static void unpack(Path archive, Path into) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        if (!entry.isDirectory() && WANTED.matcher(name).matches()) {
          try (InputStream in = zip.getInputStream(entry)) {
            Files.copy(in, into.resolve(name), StandardCopyOption.REPLACE_EXISTING);
          }
        }
      }
    } catch (IOException e) {
      throw new InstallException("%s cannot be unpacked: %s".formatted(archive, e.getMessage()), e);
    }
  }

  private static void requireComplete(Path unpacked) throws IOException {
    List<String> missing = new ArrayList<>();
    for (String library :
        List.of("libnvinfer.so.8", "libnvinfer_plugin.so.8", "libnvonnxparser.so.8", RUNTIME)) {
      if (!Files.exists(unpacked.resolve(library))) {
        missing.add(library);
      }
    }
    if (!missing.isEmpty()) {
      throw new InstallException("the archives lack " + String.join(", ", missing));
    }
  }

  /** Removes the folder and what is in it; nothing where it is not there. */
  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
