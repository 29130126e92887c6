package dev.fovea.detector.model;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A model release on disk: {@code manifest.json} and {@code model.onnx}, verified when opened and
 * kept in memory, so that what was verified is what is run.
 */
public final class ReleaseFolder {
  /** The manifest's file name. */
  public static final String MANIFEST = "manifest.json";

  /** The graph's file name. */
  public static final String MODEL = "model.onnx";

  private static final long MAX_MANIFEST_BYTES = 1 << 20;
  private static final long MAX_MODEL_BYTES = 1 << 30;

  private final Path folder;
  private final ModelManifest manifest;
  private final String manifestSha256;
  private final OnnxGraph graph;

  private ReleaseFolder(
      Path folder, ModelManifest manifest, String manifestSha256, OnnxGraph graph) {
    this.folder = folder;
    this.manifest = manifest;
    this.manifestSha256 = manifestSha256;
    this.graph = graph;
  }

  /**
   * Opens a release. The graph's bytes are compared with the manifest's sum before they are parsed.
   *
   * @throws ModelLoadException in one sentence naming release, file and rule
   */
  public static ReleaseFolder open(Path folder) throws ModelLoadException {
    return openAs(folder.toString(), folder);
  }

  private static ReleaseFolder openAs(String called, Path folder) throws ModelLoadException {
    if (!Files.isDirectory(folder)) {
      throw new ModelLoadException("release " + called + ": no such folder");
    }
    byte[] manifestBytes = read(called, folder.resolve(MANIFEST), MAX_MANIFEST_BYTES);
    ModelManifest manifest = manifest(called, manifestBytes);
    byte[] model = read(called, folder.resolve(MODEL), MAX_MODEL_BYTES);
    String sum = sha256(model);
    if (!sum.equals(manifest.sha256())) {
      throw new ModelLoadException(
          "release %s: %s has the SHA-256 %s, but %s says %s"
              .formatted(called, MODEL, sum, MANIFEST, manifest.sha256()));
    }
    try {
      return new ReleaseFolder(
          folder, manifest, sha256(manifestBytes), OnnxGraph.parse(model, manifest));
    } catch (IllegalArgumentException e) {
      throw refused(called, MODEL, e);
    }
  }

  /**
   * A manifest by itself.
   *
   * @param called the release, for the error
   * @throws ModelLoadException in one sentence naming release, field and rule
   */
  public static ModelManifest manifest(String called, byte[] json) throws ModelLoadException {
    try {
      return ManifestJson.parse(json);
    } catch (IllegalArgumentException e) {
      throw refused(called, MANIFEST, e);
    }
  }

  /**
   * Opens a release whose manifest must be a given one, as a record of the models topic names it.
   *
   * @param manifestSha256 of {@code manifest.json}, lower-case hexadecimal
   */
  public static ReleaseFolder open(Path folder, String manifestSha256) throws ModelLoadException {
    return open(folder, manifestSha256, folder.toString());
  }

  /**
   * The same of a folder that holds what came from somewhere else.
   *
   * @param called what errors call the release
   */
  public static ReleaseFolder open(Path folder, String manifestSha256, String called)
      throws ModelLoadException {
    ReleaseFolder release = openAs(called, folder);
    if (!release.manifestSha256.equals(manifestSha256)) {
      throw new ModelLoadException(
          "release %s: %s has the SHA-256 %s, but %s was announced"
              .formatted(called, MANIFEST, release.manifestSha256, manifestSha256));
    }
    return release;
  }

  /**
   * Writes a release; each file is complete before it takes its name, the manifest last.
   *
   * @param onnx the graph, whose sum the manifest must hold
   */
  public static void write(Path folder, ModelManifest manifest, byte[] onnx) throws IOException {
    if (!sha256(onnx).equals(manifest.sha256())) {
      throw new IllegalArgumentException("the manifest's sha256 is not that of the model");
    }
    Files.createDirectories(folder);
    write(folder.resolve(MODEL), onnx);
    write(folder.resolve(MANIFEST), ManifestJson.format(manifest).getBytes(StandardCharsets.UTF_8));
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(part, bytes);
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The sum of some bytes, lower-case hexadecimal. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] read(String called, Path file, long maxBytes) throws ModelLoadException {
    Path name = file.getFileName();
    try {
      if (!Files.isRegularFile(file)) {
        throw new ModelLoadException("release %s: %s is missing".formatted(called, name));
      }
      if (Files.size(file) > maxBytes) {
        throw new ModelLoadException(
            "release %s: %s has %d bytes, more than the %d allowed"
                .formatted(called, name, Files.size(file), maxBytes));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new ModelLoadException(
          "release %s: %s cannot be read: %s".formatted(called, name, e), e);
    }
  }

  private static ModelLoadException refused(String called, String name, Exception rule) {
    return new ModelLoadException(
        "release %s: %s: %s".formatted(called, name, rule.getMessage()), rule);
  }

  public Path folder() {
    return folder;
  }

  public ModelManifest manifest() {
    return manifest;
  }

  /** Sum of {@code manifest.json}, lower-case hexadecimal. */
  public String manifestSha256() {
    return manifestSha256;
  }

  public OnnxGraph graph() {
    return graph;
  }
}
