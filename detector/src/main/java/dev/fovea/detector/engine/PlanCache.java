package dev.fovea.detector.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of TensorRT plans. Each is a {@code .trt} file beside a {@code .properties} file that
 * says what it is of and for, and its sum: TensorRT may end the JVM over a plan that is damaged or
 * another's, so one whose properties and bytes do not agree is as good as none. Processes may share
 * the folder; a plan is there whole or not at all.
 */
public final class PlanCache {
  private static final Logger log = LoggerFactory.getLogger(PlanCache.class);

  /** DJL takes any ending but {@code .onnx} and {@code .uff} for a plan. */
  private static final String PLAN = ".trt";

  private static final String PROPERTIES = ".properties";
  private static final String SHA_256 = "sha256";
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path folder;

  public PlanCache(Path folder) {
    this.folder = folder;
  }

  /** Where plans are kept unless a configuration says otherwise. */
  public static Path usualFolder() {
    return HomeCache.folder().resolve("plans");
  }

  public Path folder() {
    return folder;
  }

  /** The plan for exactly this, if it is there and undamaged. */
  Optional<Path> find(PlanKey key) {
    Path plan = plan(key);
    Path about = about(key);
    if (!Files.exists(plan) || !Files.exists(about)) {
      return Optional.empty();
    }
    try {
      Properties found = read(about);
      String sum = found.getProperty(SHA_256, "");
      found.remove(SHA_256);
      if (!found.equals(key.properties())) {
        log.warn("Plan {} is not used: {} says that it is another's", plan, about);
        return Optional.empty();
      }
      if (!sum.equals(sha256(plan))) {
        log.warn("Plan {} is not used: it is damaged, its SHA-256 is not {}", plan, sum);
        return Optional.empty();
      }
      return Optional.of(plan);
    } catch (IOException | IllegalArgumentException e) {
      log.warn("Plan {} is not used: {}", plan, e.toString());
      return Optional.empty();
    }
  }

  /** Where a plan is to be written that {@link #add} then takes. */
  Path scratch(PlanKey key) throws IOException {
    Files.createDirectories(folder);
    Path scratch = Files.createTempDirectory(folder, key.fileName() + ".");
    return scratch.resolve(key.fileName() + PLAN);
  }

  /** Takes a plan that was written whole to {@link #scratch}; returns where it is now. */
  Path add(PlanKey key, Path built) throws IOException {
    Properties properties = key.properties();
    properties.setProperty(SHA_256, sha256(built));
    Path about = built.resolveSibling(key.fileName() + PROPERTIES);
    try (OutputStream out = Files.newOutputStream(about)) {
      properties.store(out, "A TensorRT plan made by fovea engine build");
    }
    // Between the two moves the sum beside a plan may be another's: then it is as good as none.
    Files.move(built, plan(key), StandardCopyOption.ATOMIC_MOVE);
    Files.move(about, about(key), StandardCopyOption.ATOMIC_MOVE);
    return plan(key);
  }

  private Path plan(PlanKey key) {
    return folder.resolve(key.fileName() + PLAN);
  }

  private Path about(PlanKey key) {
    return folder.resolve(key.fileName() + PROPERTIES);
  }

  private static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    }
    return properties;
  }

  private static String sha256(Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      byte[] buffer = new byte[BUFFER_BYTES];
      while (in.read(buffer) >= 0) {
        // The digest takes what is read.
      }
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
