package dev.fovea.trainer.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fovea.detector.model.ReleaseFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderStoreTest {
  private static final Path MODEL = Path.of("../models/street-synthetic-int8");

  @TempDir Path folder;

  @Test
  void aReleaseIsKeptWholeAndFound() throws Exception {
    FolderStore store = new FolderStore(folder.resolve("store"));

    StoredRelease kept = store.put(MODEL);

    assertThat(kept.name()).isEqualTo("street-synthetic");
    ReleaseFolder release = ReleaseFolder.open(Path.of(kept.uri()));
    assertThat(release.manifestSha256()).isEqualTo(ReleaseFolder.open(MODEL).manifestSha256());
    assertThat(store.folder("street-synthetic", kept.version())).contains(Path.of(kept.uri()));
    assertThat(store.list()).containsExactly(kept);
    assertThat(store.put(MODEL)).as("again").isEqualTo(kept);
  }

  @Test
  void anotherReleaseOfTheSameVersionIsRefused() throws Exception {
    FolderStore store = new FolderStore(folder.resolve("store"));
    StoredRelease kept = store.put(MODEL);
    Path other = copy(folder.resolve("other"));
    String manifest = Files.readString(other.resolve(ReleaseFolder.MANIFEST));
    Files.writeString(
        other.resolve(ReleaseFolder.MANIFEST),
        manifest.replace("\"nmsIou\" : 0.", "\"nmsIou\" : 0.1"));

    assertThatThrownBy(() -> store.put(other))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("already holds another release");

    assertThat(ReleaseFolder.open(Path.of(kept.uri())).manifestSha256())
        .isEqualTo(ReleaseFolder.open(MODEL).manifestSha256());
  }

  @Test
  void aDamagedReleaseLeavesNothing() throws Exception {
    Path damaged = copy(folder.resolve("damaged"));
    Files.write(damaged.resolve(ReleaseFolder.MODEL), new byte[] {1, 2, 3});
    FolderStore store = new FolderStore(folder.resolve("store"));

    assertThatThrownBy(() -> store.put(damaged)).hasMessageContaining("SHA-256");

    assertThat(store.list()).isEmpty();
    assertThat(folder.resolve("store")).doesNotExist();
  }

  @Test
  void whatAKilledProcessLeftIsNoReleaseAndIsCleared() throws Exception {
    FolderStore store = new FolderStore(folder.resolve("store"));
    String version = ReleaseFolder.open(MODEL).manifest().version();
    Path left = folder.resolve("store/street-synthetic/.incoming-" + version);
    Files.createDirectories(left);
    Files.writeString(left.resolve("model.onnx"), "half");

    assertThat(store.list()).isEmpty();
    store.put(MODEL);

    assertThat(left).doesNotExist();
    assertThat(store.list()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", ".", "../../etc", "a/b", "", ".hidden", "a\0b"})
  void aNameThatIsNoNameReachesNoPath(String name) {
    FolderStore store = new FolderStore(folder);
    assertThatThrownBy(() -> store.folder(name, "1")).hasMessageContaining("must match");
    assertThatThrownBy(() -> store.folder("street", name)).hasMessageContaining("must match");
  }

  private static Path copy(Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }
}
