package dev.fovea.detector.s3;

import dev.fovea.detector.s3.ObjectStoreException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects of S3-compatible stores, read and written. The client is made at the first call, so that
 * whoever needs none pays for none. A call that fails for a moment's reason is tried three times;
 * every call ends within the settings' times. Any thread.
 */
public final class S3Objects implements AutoCloseable {
  private static final String REGION_BEHIND_AN_ENDPOINT = "us-east-1";
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  private final S3Settings settings;
  private @Nullable AwsCredentialsProvider credentials;
  private @Nullable S3Client client;

  public S3Objects(S3Settings settings) {
    this.settings = settings;
  }

  /** An object in a listing. */
  public record Found(S3Url url, long bytes, Instant modified) {}

  /**
   * A small object; empty where the bucket has none of that name.
   *
   * @throws ObjectStoreException if it cannot be had
   */
  public Optional<byte[]> read(S3Url object, int maxBytes) throws ObjectStoreException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (InputStream in = open(object)) {
      copy(object, in, bytes, maxBytes);
      return Optional.of(bytes.toByteArray());
    } catch (ObjectStoreException e) {
      if (e.reason() == Reason.NO_OBJECT) {
        return Optional.empty();
      }
      throw e;
    } catch (IOException e) {
      throw brokenOff(object, e);
    }
  }

  /**
   * Writes an object to a new file, and the file to disk.
   *
   * @throws ObjectStoreException if the object cannot be had
   * @throws IOException if the file cannot be written
   */
  public void download(S3Url object, Path file, long maxBytes) throws IOException {
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ResponseInputStream<GetObjectResponse> in = open(object)) {
      try {
        copy(object, in, Channels.newOutputStream(channel), maxBytes);
      } catch (IOException | RuntimeException e) {
        in.abort(); // Closing it alone would read the rest.
        throw e;
      }
      channel.force(true);
    }
  }

  /**
   * Writes a file's bytes as an object, in the place of what was there; the store compares their
   * MD5 sum with the one sent along.
   *
   * @throws ObjectStoreException if the store does not take them
   * @throws IOException if the file cannot be read
   */
  public void upload(Path file, S3Url object) throws IOException {
    String sum = md5(file);
    call(
        object,
        s3 ->
            s3.putObject(
                request -> request.bucket(object.bucket()).key(object.key()).contentMD5(sum),
                RequestBody.fromFile(file)));
  }

  /**
   * All objects in a folder, those in its folders too.
   *
   * @throws ObjectStoreException if they cannot be listed
   */
  public List<Found> list(S3Url folder) throws ObjectStoreException {
    String prefix = folder.key().isEmpty() ? "" : folder.key() + "/";
    List<Found> found = new ArrayList<>();
    String next = null;
    do {
      ListObjectsV2Request request =
          ListObjectsV2Request.builder()
              .bucket(folder.bucket())
              .prefix(prefix)
              .continuationToken(next)
              .build();
      ListObjectsV2Response page = call(folder, s3 -> s3.listObjectsV2(request));
      for (S3Object object : page.contents()) {
        url(folder.bucket(), object.key())
            .ifPresent(url -> found.add(new Found(url, object.size(), object.lastModified())));
      }
      next = page.nextContinuationToken();
    } while (next != null);
    return found;
  }

  /** Empty for a key that no release can have. */
  private static Optional<S3Url> url(String bucket, String key) {
    try {
      return Optional.of(new S3Url(bucket, key));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private ResponseInputStream<GetObjectResponse> open(S3Url object) throws ObjectStoreException {
    return call(
        object, s3 -> s3.getObject(request -> request.bucket(object.bucket()).key(object.key())));
  }

  private void copy(S3Url object, InputStream in, OutputStream to, long maxBytes)
      throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long began = System.nanoTime();
    long done = 0;
    for (int n = read(object, in, buffer); n >= 0; n = read(object, in, buffer)) {
      done += n;
      if (done > maxBytes) {
        throw new ObjectStoreException(
            Reason.TOO_LARGE,
            "%s has more than the %d bytes allowed".formatted(object, maxBytes),
            null);
      }
      to.write(buffer, 0, n);
      if (System.nanoTime() - began > settings.longestTransfer().toNanos()) {
        throw outOfReach(
            object,
            "came no further than %d bytes in %d s; raise longest-transfer if the store is that slow"
                .formatted(done, settings.longestTransfer().toSeconds()),
            null);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw outOfReach(object, "was given up, since this process is stopping", null);
      }
    }
    requireWhole(object, in, done);
  }

  /** A connection that ends early looks like an end to Java's own client. */
  private static void requireWhole(S3Url object, InputStream in, long done)
      throws ObjectStoreException {
    if (in instanceof ResponseInputStream<?> stream
        && stream.response() instanceof GetObjectResponse response
        && response.contentLength() != null
        && done < response.contentLength()) {
      throw outOfReach(
          object,
          "ended after %d of %d bytes; it is tried again".formatted(done, response.contentLength()),
          null);
    }
  }

  private int read(S3Url object, InputStream in, byte[] buffer) throws ObjectStoreException {
    try {
      return in.read(buffer);
    } catch (IOException | SdkException e) {
      throw brokenOff(object, e);
    }
  }

  private <T> T call(S3Url url, Function<S3Client, T> operation) throws ObjectStoreException {
    requireCredentials(url);
    try {
      return operation.apply(client());
    } catch (NoSuchBucketException e) {
      throw noBucket(url, e);
    } catch (S3Exception e) {
      throw answered(url, e);
    } catch (AbortedException e) {
      Thread.currentThread().interrupt();
      throw outOfReach(url, "was given up, since this process is stopping", e);
    } catch (SdkException | UncheckedIOException e) {
      // The latter is how Java's own client has a connection that ends in the middle.
      throw unanswered(url, e);
    }
  }

  private void requireCredentials(S3Url url) throws ObjectStoreException {
    try {
      var unused = credentials().resolveCredentials();
    } catch (SdkClientException e) {
      throw outOfReach(
          url,
          "needs credentials, and there are none: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
              + " or a profile in ~/.aws/credentials",
          e);
    }
  }

  private ObjectStoreException answered(S3Url url, S3Exception e) {
    String code = code(e);
    if (code.equals("NoSuchBucket")) {
      return noBucket(url, e);
    }
    if (e.statusCode() == NOT_FOUND) {
      return new ObjectStoreException(
          Reason.NO_OBJECT,
          "%s: %s has no such object; put it there, or announce another release"
              .formatted(url, settings.where()),
          e);
    }
    if (e.statusCode() == UNAUTHORIZED || e.statusCode() == FORBIDDEN) {
      return outOfReach(
          url,
          ("is not allowed by %s (%s): check the credentials, and their rights to get, put and list"
                  + " objects there")
              .formatted(settings.where(), code),
          e);
    }
    return outOfReach(
        url,
        "%s answers %d %s; check region, endpoint and the store's own log"
            .formatted(settings.where(), e.statusCode(), code),
        e);
  }

  /** Such as {@code AccessDenied}; "" in an answer without a body. */
  private static String code(S3Exception e) {
    AwsErrorDetails details = e.awsErrorDetails();
    return details == null || details.errorCode() == null ? "" : details.errorCode();
  }

  private ObjectStoreException noBucket(S3Url url, S3Exception e) {
    return new ObjectStoreException(
        Reason.NO_BUCKET,
        "%s: %s has no bucket \"%s\"; make it, or correct the url"
            .formatted(url, settings.where(), url.bucket()),
        e);
  }

  private ObjectStoreException unanswered(S3Url url, RuntimeException e) {
    if (String.valueOf(e.getMessage()).contains("Unable to load region")) {
      return outOfReach(url, "needs a region, and there is none: set region or AWS_REGION", e);
    }
    return outOfReach(
        url,
        "%s does not answer: %s; check that the store is up and the endpoint right"
            .formatted(settings.where(), root(e)),
        e);
  }

  private ObjectStoreException brokenOff(S3Url object, Exception e) {
    return outOfReach(
        object,
        "%s broke off: %s; check that the store is up".formatted(settings.where(), root(e)),
        e);
  }

  private static ObjectStoreException outOfReach(S3Url url, String why, @Nullable Throwable e) {
    return new ObjectStoreException(Reason.OUT_OF_REACH, url + " " + why, e);
  }

  /** The SDK's own words bury the reason under attempts and suppressed copies. */
  private static String root(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  private synchronized AwsCredentialsProvider credentials() {
    AwsCredentialsProvider made = credentials;
    if (made == null) {
      made = DefaultCredentialsProvider.builder().build();
      credentials = made;
    }
    return made;
  }

  private synchronized S3Client client() {
    S3Client made = client;
    if (made == null) {
      made = build();
      client = made;
    }
    return made;
  }

  private S3Client build() {
    S3ClientBuilder builder =
        S3Client.builder()
            .credentialsProvider(credentials())
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(settings.timeout())
                    .socketTimeout(settings.timeout()))
            .forcePathStyle(settings.pathStyle())
            // Newer checksums and chunked bodies are AWS's own; other stores refuse them.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
            .overrideConfiguration(
                o ->
                    o.retryStrategy(RetryMode.STANDARD).apiCallTimeout(settings.longestTransfer()));
    settings.endpoint().ifPresent(builder::endpointOverride);
    settings
        .region()
        .or(() -> settings.endpoint().map(e -> REGION_BEHIND_AN_ENDPOINT))
        .ifPresent(region -> builder.region(Region.of(region)));
    return builder.build();
  }

  /** Content-MD5 (RFC 1864), which every S3 store checks. */
  private static String md5(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      try (InputStream in = Files.newInputStream(file)) {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          digest.update(buffer, 0, n);
        }
      }
      return Base64.getEncoder().encodeToString(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
    }
    if (credentials instanceof DefaultCredentialsProvider chain) {
      chain.close();
    }
  }
}
