package dev.fovea.standalone.command;

import dev.fovea.detector.engine.EngineKind;
import dev.fovea.ingest.source.SourceSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The releases that come with Fovea, in {@code models/} beside the launcher, by their names. */
final class BundledModel {
  /** Has seen drawn streets only. */
  private static final String FOR_DRAWN_STREETS = "street-synthetic";

  /** Has seen cameras over real streets. */
  private static final String FOR_CAMERAS = "street";

  /** Has seen drawn streets by day only. */
  private static final String OF_THE_DAY = "street-day";

  /** What the name of a release ends with that was made for CPUs of one without. */
  private static final String EIGHT_BIT = "-int8";

  private BundledModel() {}

  /** The release for these sources, in the form that is fastest on the engine. */
  static Path forSources(Collection<String> sources, EngineKind engine) {
    boolean drawn =
        sources.stream()
            .allMatch(source -> SourceSpec.parse(source).kind() == SourceSpec.Kind.SYNTHETIC);
    return fastest(drawn ? FOR_DRAWN_STREETS : FOR_CAMERAS, engine);
  }

  /** The release that has never seen a night; of floats, so that it can be trained on. */
  static Path ofTheDay() {
    Path folder = models().resolve(OF_THE_DAY);
    if (!isRelease(folder)) {
      throw new IllegalStateException(
          "the bundled model is not at " + folder + ": the checkout is not whole");
    }
    return folder;
  }

  /**
   * What a person has named: a release folder or a bundled release.
   *
   * @throws IllegalArgumentException telling what may be named, if it is neither
   */
  static Path named(String folderOrName, EngineKind engine) {
    Path folder = Path.of(folderOrName).toAbsolutePath();
    if (isRelease(folder)) {
      return folder;
    }
    if (names().contains(folderOrName)) {
      return fastest(folderOrName, engine);
    }
    throw new IllegalArgumentException(
        "%s: no manifest.json there, and no bundled model of that name; a release folder is wanted, or one of %s"
            .formatted(folderOrName, String.join(", ", names())));
  }

  private static Path fastest(String name, EngineKind engine) {
    Path eightBit = models().resolve(name + EIGHT_BIT);
    Path folder =
        engine == EngineKind.ONNXRUNTIME && isRelease(eightBit) ? eightBit : models().resolve(name);
    if (!isRelease(folder)) {
      throw new IllegalStateException(
          "the bundled model is not at " + folder + ": name a release folder with --model");
    }
    return folder;
  }

  private static List<String> names() {
    if (!Files.isDirectory(models())) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(models())) {
      return folders
          .filter(BundledModel::isRelease)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .collect(Collectors.toList());
    } catch (IOException e) {
      throw new IllegalStateException(models() + " can't be read: " + e.getMessage(), e);
    }
  }

  private static boolean isRelease(Path folder) {
    return Files.isRegularFile(folder.resolve("manifest.json"));
  }

  private static Path models() {
    return Home.folder().resolve("models");
  }
}
