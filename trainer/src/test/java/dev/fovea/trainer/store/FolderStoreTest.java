package dev.fovea.trainer.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.detector.model.ReleaseFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FolderStoreTest extends ModelStoreContract {
  @Override
  ModelStore store() {
    return new FolderStore(folder.resolve("store"));
  }

  @Override
  Path shelf(StoredRelease kept) {
    return Path.of(kept.uri());
  }

  @Test
  void whatAKilledProcessLeftIsNoReleaseAndIsCleared() throws Exception {
    String version = ReleaseFolder.open(MODEL).manifest().version();
    Path left = folder.resolve("store/street-synthetic/.incoming-" + version);
    Files.createDirectories(left);
    Files.writeString(left.resolve("model.onnx"), "half");

    assertThat(store().list()).isEmpty();
    store().put(MODEL);

    assertThat(left).doesNotExist();
    assertThat(store().list()).hasSize(1);
  }
}
