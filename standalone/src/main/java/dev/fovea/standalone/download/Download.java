package dev.fovea.standalone.download;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fetches a large file over HTTP into a {@code .part} file beside its place; goes on from there
 * after a broken or silent connection or a stop, and moves it to its place once its sum is right.
 */
public final class Download {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);
  private static final int TRIES_WITHOUT_PROGRESS = 5;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int BEYOND_THE_END = 416;
  private static final int SERVER_ERRORS = 500;
  private static final long UNKNOWN = -1;

  /** No file of a length nobody said beforehand is let grow beyond this. */
  private static final long MOST_BYTES = 4L << 30;

  private static final Pattern RANGE =
      Pattern.compile("bytes (?:([0-9]{1,18})-.*|\\*)/([0-9]{1,18}|\\*)");

  private final HttpClient http;
  private final Duration pause;
  private final Duration silence;
  private final String advice;
  private final Progress progress;

  /** Told how a download goes. */
  public interface Progress {
    /**
     * Some more is there.
     *
     * @param done bytes of the file that are there
     * @param total its length; 0 while nobody said
     */
    void fetched(long done, long total);
  }

  /**
   * @param pause before another try
   * @param silence how long a server may send nothing before the connection counts as broken
   * @param advice what to do where the server cannot be reached or has it not; ends the sentence
   */
  public Download(Duration pause, Duration silence, String advice, Progress progress) {
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT_TIMEOUT)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    this.pause = pause;
    this.silence = silence;
    this.advice = advice;
    this.progress = progress;
  }

  /** Where a download stands until it is whole. */
  public static Path part(Path target) {
    return target.resolveSibling(target.getFileName() + ".part");
  }

  /**
   * Fetches {@code file} to {@code target}.
   *
   * @throws DownloadException if the server cannot be reached, refuses, breaks off again and again,
   *     or sends another file; if it cannot be written
   */
  public void fetch(RemoteFile file, Path target) throws IOException, InterruptedException {
    Path part = part(target);
    long length = file.bytes().orElse(UNKNOWN);
    int tries = 0;
    while (length == UNKNOWN || size(part) < length) {
      long before = size(part);
      try {
        length = fetchSome(file, part, before, length);
      } catch (DownloadException e) {
        throw e;
      } catch (IOException e) {
        tries = size(part) > before ? 0 : tries + 1;
        boolean hopeless = size(part) == 0 && isUnreachable(e);
        if (hopeless || tries >= TRIES_WITHOUT_PROGRESS) {
          throw givenUp(file.uri(), size(part), length, e);
        }
        TimeUnit.MILLISECONDS.sleep(pause.toMillis());
      }
    }
    requireSum(file, length, part);
    Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
  }

  private DownloadException givenUp(URI uri, long done, long length, IOException e) {
    if (done == 0 && isUnreachable(e)) {
      return new DownloadException(
          "%s: the server cannot be reached (%s); %s".formatted(uri, reason(e), advice), e);
    }
    String of = length == UNKNOWN ? "" : String.format(Locale.ROOT, " of %,d", length);
    return new DownloadException(
        String.format(
            Locale.ROOT,
            "%s: broken off at %,d%s bytes (%s); the same command goes on from there",
            uri,
            done,
            of,
            reason(e)),
        e);
  }

  private static boolean isUnreachable(IOException e) {
    return e instanceof ConnectException
        || e instanceof UnknownHostException
        || e instanceof HttpConnectTimeoutException;
  }

  /**
   * Asks once and writes what comes.
   *
   * @return the file's length as far as it is known
   */
  private long fetchSome(RemoteFile file, Path part, long from, long known)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(file.uri()).timeout(CONNECT_TIMEOUT);
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
      if (status == BEYOND_THE_END && from > 0) {
        return whatIsThereIsAll(response, part, from);
      }
      if (status != OK && status != PARTIAL) {
        throw new DownloadException(
            "%s: the server answered %d; %s".formatted(file.uri(), status, advice));
      }
      // A server that knows no ranges sends the whole file: then from its start.
      Answer answer = Answer.of(response, from);
      long length = known == UNKNOWN ? answer.length : known;
      requireRoom(file.uri(), part, answer.from, length);
      long there = append(body, part, answer.from, length);
      return length == UNKNOWN ? there : length;
    }
  }

  /**
   * What a response holds.
   *
   * @param from the file's first byte in it
   * @param length of the whole file, or {@link #UNKNOWN}
   */
  private record Answer(long from, long length) {
    static Answer of(HttpResponse<?> response, long asked) {
      Matcher range = RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
      boolean goesOn =
          response.statusCode() == PARTIAL
              && range.matches()
              && range.group(1) != null
              && Long.parseLong(range.group(1)) == asked;
      if (goesOn) {
        return new Answer(
            asked, range.group(2).equals("*") ? UNKNOWN : Long.parseLong(range.group(2)));
      }
      return new Answer(0, response.headers().firstValueAsLong("Content-Length").orElse(UNKNOWN));
    }
  }

  /** Nothing is left to send, unless the file has become shorter: then once more from its start. */
  private static long whatIsThereIsAll(HttpResponse<?> response, Path part, long there)
      throws IOException {
    Matcher range = RANGE.matcher(response.headers().firstValue("Content-Range").orElse(""));
    if (range.matches() && range.group(2).equals(String.valueOf(there))) {
      return there;
    }
    Files.delete(part);
    throw new IOException("the server's file has become shorter");
  }

  private static void requireRoom(URI uri, Path part, long from, long length) throws IOException {
    long needed = length == UNKNOWN ? 0 : length - from;
    long free =
        Files.getFileStore(part.toAbsolutePath().normalize().getParent()).getUsableSpace()
            + (from == 0 ? size(part) : 0);
    if ((length > MOST_BYTES && from == 0) || free < needed) {
      throw new DownloadException(
          String.format(
              Locale.ROOT,
              "%s: has %.1f GB, and %s has room for %.1f GB",
              uri,
              length / 1e9,
              part.toAbsolutePath().getParent(),
              Math.min(free, MOST_BYTES) / 1e9));
    }
  }

  /**
   * Writes what comes.
   *
   * @return how long the file then is
   */
  private long append(InputStream body, Path part, long from, long length) throws IOException {
    StandardOpenOption how =
        from > 0 ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING;
    try (Deadline deadline = new Deadline(body, silence);
        OutputStream out =
            Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      long there = from;
      for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
        deadline.extend();
        there += read;
        if (length == UNKNOWN && there > MOST_BYTES) {
          throw new DownloadException(part + ": is larger than any model; it was given up");
        }
        write(out, buffer, read, part);
        progress.fetched(there, Math.max(length, 0));
      }
      deadline.requireKept();
      return there;
    }
  }

  /** A disk that is full is no reason to ask the server again. */
  private static void write(OutputStream out, byte[] buffer, int length, Path part)
      throws DownloadException {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      throw new DownloadException(
          "%s cannot be written: %s; the same command goes on from there once there is room"
              .formatted(part, reason(e)),
          e);
    }
  }

  private static void requireSum(RemoteFile file, long length, Path part) throws IOException {
    String sum = sha256(part);
    if (size(part) != length || !sum.startsWith(file.sha256())) {
      Files.delete(part);
      throw new DownloadException(
          "%s: what came has the SHA-256 %s, and must have %s; it was deleted"
              .formatted(
                  file.uri(),
                  sum,
                  file.sha256().length() < 64 ? file.sha256() + "…" : file.sha256()));
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

  /**
   * The message of the innermost exception that has one: those of the HTTP client often lack it.
   */
  private static String reason(Throwable e) {
    if (e.getCause() instanceof UnresolvedAddressException) {
      return "its name is not known here";
    }
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t.getMessage() != null) {
        return t.getMessage();
      }
    }
    return e.getClass().getSimpleName();
  }
}
