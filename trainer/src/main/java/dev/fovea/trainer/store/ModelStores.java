package dev.fovea.trainer.store;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.detector.s3.ReleaseCache;
import dev.fovea.detector.s3.S3Objects;
import dev.fovea.detector.s3.S3Settings;
import dev.fovea.detector.s3.S3Url;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the store that a url names, and finds releases by theirs. */
public final class ModelStores implements AutoCloseable {
  private final S3Objects objects;
  private final ReleaseCache fetched;
  private final ModelStore store;

  private ModelStores(String url, S3Settings s3, Path fetchedInto) {
    this.objects = new S3Objects(s3);
    this.fetched = new ReleaseCache(objects, fetchedInto, ReleaseCache.Contents.WHOLE);
    this.store =
        isOfBucket(url)
            ? new S3Store(objects, S3Url.parse(url), fetched)
            : new FolderStore(folder(url));
  }

  /**
   * @param url a folder's path, a {@code file:} url of it, or {@code s3://BUCKET/PREFIX}
   * @param s3 how buckets are reached
   * @param fetchedInto folder of the releases fetched out of buckets
   * @throws IllegalArgumentException if no store has such urls
   */
  public static ModelStores open(String url, S3Settings s3, Path fetchedInto) {
    return new ModelStores(url, s3, fetchedInto);
  }

  public ModelStore store() {
    return store;
  }

  /** Finds releases wherever this machine sees or reaches them, in the store or not. */
  public ReleaseFinder finder() {
    return this::find;
  }

  private Path find(String uri, String manifestSha256) throws ModelLoadException {
    try {
      if (isOfBucket(uri)) {
        return fetched.folder(S3Url.parse(uri), manifestSha256);
      }
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

  private static boolean isOfBucket(String url) {
    return url.startsWith(S3Url.SCHEME);
  }

  private static Path folder(String url) {
    if (url.startsWith("file:")) {
      return Path.of(URI.create(url));
    }
    if (url.contains("://")) {
      throw new IllegalArgumentException(
          "must be a folder's path, a file: url, or s3://BUCKET/PREFIX");
    }
    return Path.of(url);
  }

  @Override
  public void close() {
    store.close();
    objects.close();
  }
}
