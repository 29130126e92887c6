package dev.fovea.detector.s3;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names an object or a folder of objects: {@code s3://BUCKET/KEY}.
 *
 * @param key segments of letters, digits, dots, hyphens and underscores, joined by single slashes;
 *     "" = the whole bucket
 */
public record S3Url(String bucket, String key) {
  /** How such urls begin. */
  public static final String SCHEME = "s3://";

  private static final Pattern URL = Pattern.compile("s3://([^/]*)(?:/(.*?))?/?");
  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final Pattern KEY = Pattern.compile("([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?");
  private static final int LONGEST_KEY = 1_024;

  public S3Url {
    if (!BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException("bucket \"%s\": must match %s".formatted(bucket, BUCKET));
    }
    if (key.length() > LONGEST_KEY || !KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "prefix \"%s\": must match %s, with at most %d characters"
              .formatted(key, KEY, LONGEST_KEY));
    }
    for (String segment : key.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        throw new IllegalArgumentException(
            "prefix \"%s\": must not have the segment %s".formatted(key, segment));
      }
    }
  }

  /**
   * Reads a url; a slash at its end counts for nothing.
   *
   * @throws IllegalArgumentException naming the url and the rule
   */
  public static S3Url parse(String url) {
    Matcher matcher = URL.matcher(url);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("\"" + url + "\": must be s3://BUCKET/PREFIX");
    }
    try {
      return new S3Url(matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + url + "\": " + e.getMessage(), e);
    }
  }

  /** What is in this folder under a name. */
  public S3Url resolve(String name) {
    return new S3Url(bucket, key.isEmpty() ? name : key + "/" + name);
  }

  /** The last segment. */
  public String name() {
    return key.substring(key.lastIndexOf('/') + 1);
  }

  @Override
  public String toString() {
    return SCHEME + bucket + "/" + key;
  }
}
