package dev.fovea.standalone.engine;

import dev.fovea.standalone.download.RemoteFile;
import java.net.URI;
import java.util.OptionalLong;

/**
 * A file of a Maven repository, as its publisher left it.
 *
 * @param path below the repository's address
 * @param bytes its length
 * @param sha256 its sum, lower-case hexadecimal, of the file whose SHA-1 is the one that Maven
 *     Central publishes; pinned here, so that no mirror can say another
 */
record RepositoryFile(String path, long bytes, String sha256) {
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  RemoteFile in(URI repository) {
    String base = repository.toString();
    URI uri = URI.create((base.endsWith("/") ? base : base + "/") + path);
    return new RemoteFile(uri, OptionalLong.of(bytes), sha256);
  }
}
