package dev.fovea.standalone.engine;

import java.net.URI;

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

  URI in(URI repository) {
    String base = repository.toString();
    return URI.create((base.endsWith("/") ? base : base + "/") + path);
  }
}
