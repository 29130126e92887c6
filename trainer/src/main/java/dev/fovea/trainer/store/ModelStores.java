package dev.fovea.trainer.store;

import dev.fovea.detector.model.ModelLoadException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the store that a url names, and finds releases by theirs. */
public final class ModelStores implements AutoCloseable {
  private final ModelStore store;

  private ModelStores(ModelStore store) {
    this.store = store;
  }

  /**
   * @param url a folder's path, or a {@code file:} url of it
   * @throws IllegalArgumentException if no store has such urls
   */
  public static ModelStores open(String url) {
    return new ModelStores(new FolderStore(folder(url)));
  }

  public ModelStore store() {
    return store;
  }

  /** Finds releases wherever this machine sees them, in the store or not. */
  public ReleaseFinder finder() {
    return ModelStores::find;
  }

  private static Path find(String uri, String manifestSha256) throws ModelLoadException {
    try {
      Path folder = folder(uri);
      if (Files.isDirectory(folder)) {
        return folder;
      }
    } catch (IllegalArgumentException e) {
      throw new ModelLoadException("uri \"" + uri + "\": " + e.getMessage(), e);
    }
    throw new ModelLoadException(
        "uri \"%s\": this machine sees no such folder, where manifest %s should be"
            .formatted(uri, manifestSha256));
  }

  private static Path folder(String url) {
    if (url.startsWith("file:")) {
      return Path.of(URI.create(url));
    }
    if (url.contains("://")) {
      throw new IllegalArgumentException("must be a folder's path or a file: url");
    }
    return Path.of(url);
  }

  @Override
  public void close() {
    store.close();
  }
}
