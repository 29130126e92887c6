package dev.fovea.standalone.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Fetches a large file over HTTP into a {@code .part} file beside its place; goes on from there
 * after a broken connection or a stop, and moves it to its place once its sum is right.
 */
final class Download {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final int TRIES_WITHOUT_PROGRESS = 5;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int SERVER_ERRORS = 500;

  private final HttpClient http;
  private final Duration pause;
  private final LongConsumer progress;

  /**
   * @param pause before another try
   * @param progress is told how many bytes of the file are there
   */
  Download(Duration pause, LongConsumer progress) {
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    this.pause = pause;
    this.progress = progress;
  }

  /** Where a download stands until it is whole. */
  static Path part(Path target) {
    return target.resolveSibling(target.getFileName() + ".part");
  }

  /**
   * Fetches {@code file} to {@code target}.
   *
   * @throws InstallException if the server refuses, breaks off again and again, or sends another
   *     file; if it cannot be written
   */
  void fetch(RepositoryFile file, URI repository, Path target)
      throws IOException, InterruptedException {
    URI uri = file.in(repository);
    Path part = part(target);
    int tries = 0;
    while (size(part) < file.bytes()) {
      long before = size(part);
      try {
        fetchSome(uri, part, before);
      } catch (InstallException e) {
        throw e;
      } catch (IOException e) {
        tries = size(part) > before ? 0 : tries + 1;
        if (tries >= TRIES_WITHOUT_PROGRESS) {
          throw new InstallException(
              "%s: broken off at %,d of %,d bytes (%s); the same command goes on from there"
                  .formatted(uri, size(part), file.bytes(), reason(e)),
              e);
        }
        TimeUnit.MILLISECONDS.sleep(pause.toMillis());
      }
    }
    requireSum(file, uri, part);
    Files.move(part, target);
  }

  private void fetchSome(URI uri, Path part, long from) throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(CONNECT_TIMEOUT);
    if (from > 0) {
      request.header("Range", "bytes=" + from + "-");
    }
    HttpResponse<InputStream> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      int status = response.statusCode();
      if (status >= SERVER_ERRORS) {
        throw new IOException("the server answered " + status);
      }
      if (status != OK && status != PARTIAL) {
        throw new InstallException(
            "%s: the server answered %d; --repository names another repository"
                .formatted(uri, status));
      }
      // A server that knows no ranges sends the whole file: then from its start.
      boolean goesOn = status == PARTIAL && startsAt(response, from);
      append(body, part, goesOn ? from : 0);
    }
  }

  private static boolean startsAt(HttpResponse<?> response, long from) {
    return response
        .headers()
        .firstValue("Content-Range")
        .filter(range -> range.startsWith("bytes " + from + "-"))
        .isPresent();
  }

  private void append(InputStream body, Path part, long from) throws IOException {
    StandardOpenOption how =
        from > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
    try (OutputStream out =
        Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      long there = from;
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        write(out, buffer, read, part);
        there += read;
        progress.accept(there);
      }
    }
  }

  /** A disk that is full is no reason to ask the server again. */
  private static void write(OutputStream out, byte[] buffer, int length, Path part)
      throws InstallException {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      throw new InstallException(
          "%s cannot be written: %s; the same command goes on from there once there is room"
              .formatted(part, reason(e)),
          e);
    }
  }

  private static void requireSum(RepositoryFile file, URI uri, Path part) throws IOException {
    String sum = sha256(part);
    if (size(part) != file.bytes() || !sum.equals(file.sha256())) {
      Files.delete(part);
      throw new InstallException(
          "%s: what came has the SHA-256 %s, and must have %s; it was deleted"
              .formatted(uri, sum, file.sha256()));
    }
  }

  private static String sha256(Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      byte[] buffer = new byte[BUFFER_BYTES];
      while (in.read(buffer) >= 0) {
        // The digest takes what is read.
      }
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
