package dev.fovea.trainer.store;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What every store asks of a release folder, and of the names that it keeps one under. */
final class ReleaseFiles {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private ReleaseFiles() {}

  /**
   * Opens a release.
   *
   * @throws IOException in one sentence, if it is none
   */
  static ReleaseFolder open(Path folder) throws IOException {
    try {
      return ReleaseFolder.open(folder);
    } catch (ModelLoadException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Its files, without those that are still being written. */
  static List<Path> of(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isRegularFile)
          .filter(file -> !file.getFileName().toString().endsWith(".part"))
          .sorted()
          .toList();
    }
  }

  /**
   * Checks that what stands at a place is the release that is wanted there.
   *
   * @param foundSha256 of the manifest that stands there
   * @throws IOException if it is another
   */
  static void requireSame(ReleaseFolder wanted, String foundSha256, Object place)
      throws IOException {
    if (!wanted.manifestSha256().equals(foundSha256)) {
      throw new IOException(
          "%s already holds another release: its %s has the SHA-256 %s, not %s"
              .formatted(place, ReleaseFolder.MANIFEST, foundSha256, wanted.manifestSha256()));
    }
  }

  static boolean isPlain(String name) {
    return IDENTIFIER.matcher(name).matches() && !name.startsWith(".");
  }

  /**
   * Names come from records and command lines: nothing but a plain name reaches a path.
   *
   * @throws IllegalArgumentException naming it and the rule
   */
  static String plain(String what, String name) {
    if (!isPlain(name)) {
      throw new IllegalArgumentException(
          "%s \"%s\": must match %s and not begin with a dot".formatted(what, name, IDENTIFIER));
    }
    return name;
  }
}
