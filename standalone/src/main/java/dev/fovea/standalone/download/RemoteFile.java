package dev.fovea.standalone.download;

import java.net.URI;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A file to fetch.
 *
 * @param bytes its length, where it is known beforehand
 * @param sha256 its sum or the first digits of it, lower-case hexadecimal; empty where nobody
 *     published one
 */
public record RemoteFile(URI uri, OptionalLong bytes, String sha256) {
  private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{0,64}");

  public RemoteFile {
    if (!DIGITS.matcher(sha256).matches()) {
      throw new IllegalArgumentException("no SHA-256 in lower-case hexadecimal: " + sha256);
    }
  }
}
