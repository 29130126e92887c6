package dev.fovea.ingest.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which source is meant: a path, {@code rtsp://…}, {@code http://…}, {@code v4l2:/dev/video0} or
 * {@code synthetic:?seed=7}. Its {@code toString} is safe to show: no user name, password or query.
 */
public final class SourceSpec {

  /** What sort of source it is, and what it is called in sentences. */
  public enum Kind {
    FILE("File"),
    FOLDER("Folder"),
    RTSP("RTSP"),
    HTTP("HTTP"),
    V4L2("V4L2"),
    SYNTHETIC("Synthetic street");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    /** The kind as a word that can begin a sentence. */
    public String word() {
      return word;
    }

    /** Whether pictures come at the source's own pace and are gone when nobody reads them. */
    public boolean isLive() {
      return this == RTSP || this == HTTP || this == V4L2;
    }
  }

  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):(//)?(.*)");
  private static final Pattern DEVICE = Pattern.compile("/dev/[A-Za-z0-9/_-]+");

  private final Kind kind;
  private final String address;
  private final String display;

  private SourceSpec(Kind kind, String address, String display) {
    this.kind = kind;
    this.address = address;
    this.display = display;
  }

  /**
   * Reads a source as a user writes it.
   *
   * @throws IllegalArgumentException if it is none of the known kinds; the message has no
   *     credentials in it
   */
  public static SourceSpec parse(String text) {
    if (text.isBlank() || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("source is empty");
    }
    var scheme = SCHEME.matcher(text);
    if (!scheme.matches()) {
      return ofPath(Path.of(text));
    }
    String name = scheme.group(1).toLowerCase(Locale.ROOT);
    String rest = scheme.group(3);
    return switch (name) {
      case "rtsp", "rtsps" -> new SourceSpec(Kind.RTSP, text, withoutSecrets(name, rest));
      case "http", "https" -> new SourceSpec(Kind.HTTP, text, withoutSecrets(name, rest));
      case "v4l2" -> device(rest);
      case "synthetic" -> synthetic(rest);
      case "file" -> ofPath(Path.of(rest));
      default ->
          throw new IllegalArgumentException(
              "source begins with "
                  + name
                  + ": which is not known; use a path, rtsp://, rtsps://, http://, https://,"
                  + " v4l2:/dev/video0 or synthetic:");
    };
  }

  private static SourceSpec ofPath(Path path) {
    return new SourceSpec(
        Files.isDirectory(path) ? Kind.FOLDER : Kind.FILE, path.toString(), path.toString());
  }

  private static SourceSpec device(String path) {
    if (!DEVICE.matcher(path).matches()) {
      throw new IllegalArgumentException(
          "source v4l2:" + path + " must name a device, such as v4l2:/dev/video0");
    }
    return new SourceSpec(Kind.V4L2, path, "v4l2:" + path);
  }

  private static SourceSpec synthetic(String query) {
    SyntheticQuery.parse(query); // A slip shows at once; and there are no secrets in what passes.
    return new SourceSpec(Kind.SYNTHETIC, query, "synthetic:" + query);
  }

  /**
   * Everything up to the last {@code @} goes, wherever it stands: passwords with {@code / ? @} in
   * them are common and must not show, even if an odd path is cut short by that.
   */
  private static String withoutSecrets(String scheme, String rest) {
    String shown = rest.substring(rest.lastIndexOf('@') + 1);
    int end = 0;
    while (end < shown.length() && shown.charAt(end) != '?' && shown.charAt(end) != '#') {
      end++;
    }
    return scheme + "://" + shown.substring(0, end);
  }

  public Kind kind() {
    return kind;
  }

  /** What libav or the file system is given; may hold credentials, never to be shown. */
  String address() {
    return address;
  }

  @Override
  public String toString() {
    return display;
  }
}
