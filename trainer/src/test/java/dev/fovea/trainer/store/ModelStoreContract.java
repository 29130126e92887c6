package dev.fovea.trainer.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store of releases does. */
abstract class ModelStoreContract {
  static final Path MODEL = Path.of("../models/street-synthetic-int8");

  @TempDir Path folder;

  /** An empty one, the same at each call. */
  abstract ModelStore store() throws Exception;

  /** Where a kept release's files can be laid hands on. */
  abstract Path shelf(StoredRelease kept) throws IOException;

  @Test
  void aReleaseIsKeptWholeAndFound() throws Exception {
    Path release = copy("release");
    Files.writeString(release.resolve("round.json"), "{}");
    Files.writeString(release.resolve("checkpoint.bin.part"), "half");

    StoredRelease kept = store().put(release);

    assertThat(kept.name()).isEqualTo("street-synthetic");
    assertThat(kept.version()).isEqualTo(ReleaseFolder.open(MODEL).manifest().version());
    Path found = store().folder(kept.name(), kept.version()).orElseThrow();
    assertThat(ReleaseFolder.open(found).manifestSha256())
        .isEqualTo(ReleaseFolder.open(MODEL).manifestSha256());
    assertThat(found.resolve("round.json")).hasContent("{}");
    assertThat(found.resolve("checkpoint.bin.part")).doesNotExist();
    assertThat(store().read(kept.name(), kept.version(), "round.json"))
        .contains("{}".getBytes(UTF_8));
    assertThat(store().list()).containsExactly(kept);
    assertThat(store().put(MODEL)).as("again").isEqualTo(kept);
    assertThat(store().list()).as("after that").containsExactly(kept);
  }

  @Test
  void whatIsNotThereIsEmpty() throws Exception {
    assertThat(store().list()).isEmpty();
    assertThat(store().folder("street", "1")).isEmpty();
    assertThat(store().read("street", "1", ReleaseFolder.MANIFEST)).isEqualTo(Optional.empty());
  }

  @Test
  void releasesAreListedByNameAndThenByAge() throws Exception {
    store().put(variant("b", "2"));
    store().put(variant("b", "1"));
    store().put(variant("a", "9"));

    assertThat(store().list())
        .extracting(kept -> kept.name() + " " + kept.version())
        .startsWith("a 9")
        .containsExactlyInAnyOrder("a 9", "b 2", "b 1");
  }

  @Test
  void anotherReleaseOfTheSameVersionIsRefused() throws Exception {
    StoredRelease kept = store().put(MODEL);
    Path other = copy("other");
    rewrite(other, "\"nmsIou\" : 0.", "\"nmsIou\" : 0.1");

    assertThatThrownBy(() -> store().put(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("already holds another release");

    Path still = store().folder(kept.name(), kept.version()).orElseThrow();
    assertThat(ReleaseFolder.open(still).manifestSha256())
        .isEqualTo(ReleaseFolder.open(MODEL).manifestSha256());
  }

  @Test
  void aDamagedReleaseIsNotTaken() throws Exception {
    Path damaged = copy("damaged");
    Files.write(damaged.resolve(ReleaseFolder.MODEL), new byte[] {1, 2, 3});

    assertThatThrownBy(() -> store().put(damaged)).hasMessageContaining("SHA-256");

    assertThat(store().list()).isEmpty();
  }

  @Test
  void filesWithoutAManifestAreNoReleaseAndCanBePutAgain() throws Exception {
    StoredRelease kept = store().put(variant("half", "1"));
    Path shelf = shelf(kept);
    Files.delete(shelf.resolve(ReleaseFolder.MANIFEST));

    assertThat(store().list()).isEmpty();
    assertThat(store().read("half", "1", ReleaseFolder.MANIFEST)).isEqualTo(Optional.empty());
  }

  @Test
  void wrongBytesUnderTheManifestsSumAreFoundWhenTheyAreOpenedOrPutAgain() throws Exception {
    StoredRelease kept = store().put(MODEL);
    byte[] model = Files.readAllBytes(MODEL.resolve(ReleaseFolder.MODEL));
    model[model.length / 2] ^= 1;
    Files.write(shelf(kept).resolve(ReleaseFolder.MODEL), model);

    assertThatThrownBy(
            () -> ReleaseFolder.open(store().folder(kept.name(), kept.version()).orElseThrow()))
        .hasMessageContaining(kept.uri())
        .hasMessageContaining("has the SHA-256");
    assertThatThrownBy(() -> store().put(MODEL))
        .hasMessageContaining(kept.uri())
        .hasMessageContaining("has the SHA-256");
  }

  @Test
  void aMissingFileIsFoundWhenTheReleaseIsOpenedOrPutAgain() throws Exception {
    StoredRelease kept = store().put(MODEL);
    Files.delete(shelf(kept).resolve(ReleaseFolder.MODEL));

    assertThatThrownBy(
            () -> ReleaseFolder.open(store().folder(kept.name(), kept.version()).orElseThrow()))
        .hasMessageContaining(kept.uri())
        .hasMessageContaining("model.onnx is missing");
    assertThatThrownBy(() -> store().put(MODEL)).hasMessageContaining("model.onnx is missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "../../etc", "a/b", "", ".hidden", "a\0b"})
  void aNameThatIsNoNameReachesNoPath(String name) throws Exception {
    ModelStore store = store();
    for (List<String> names :
        List.of(List.of(name, "1", "f"), List.of("s", name, "f"), List.of("s", "1", name))) {
      assertThatThrownBy(() -> store.read(names.get(0), names.get(1), names.get(2)))
          .hasMessageContaining("must match");
    }
    assertThatThrownBy(() -> store.folder(name, "1")).hasMessageContaining("must match");
    assertThatThrownBy(() -> store.folder("street", name)).hasMessageContaining("must match");
  }

  /** The model under another name and version. */
  final Path variant(String name, String version) throws IOException {
    Path release = copy(name + "-" + version);
    rewrite(release, "\"street-synthetic\"", "\"" + name + "\"");
    rewrite(
        release,
        "\"version\" : \"" + readVersion(release) + "\"",
        "\"version\" : \"" + version + "\"");
    return release;
  }

  private static String readVersion(Path release) throws IOException {
    String manifest = Files.readString(release.resolve(ReleaseFolder.MANIFEST));
    return manifest.replaceFirst("(?s).*?\"version\" : \"([^\"]*)\".*", "$1");
  }

  private static void rewrite(Path release, String before, String after) throws IOException {
    Path manifest = release.resolve(ReleaseFolder.MANIFEST);
    String text = Files.readString(manifest);
    assertThat(text).contains(before);
    Files.writeString(manifest, text.replace(before, after));
  }

  final Path copy(String name) throws IOException {
    Path to = Files.createDirectories(folder.resolve("releases").resolve(name));
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }
}
