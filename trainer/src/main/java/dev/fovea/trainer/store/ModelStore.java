package dev.fovea.trainer.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where releases are kept, by model name and version. */
public interface ModelStore extends AutoCloseable {

  /**
   * Keeps a release folder: all of its files, or none. The same release again is no error.
   *
   * @return the release as it is kept
   * @throws IOException if it is no release, another one of that version is there, or it cannot be
   *     written; it is in no list then, and can be put again
   */
  StoredRelease put(Path release) throws IOException;

  /** All releases, by name and then by the time they were kept. */
  List<StoredRelease> list() throws IOException;

  /** A release's folder on this machine; empty where the store does not have it. */
  Optional<Path> folder(String name, String version) throws IOException;

  /** A small file of a release, such as its manifest; empty where the store has no such file. */
  Optional<byte[]> read(String name, String version, String file) throws IOException;

  @Override
  void close();
}
