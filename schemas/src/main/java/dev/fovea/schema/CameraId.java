package dev.fovea.schema;

import java.util.regex.Pattern;

/**
 * A camera's name: the key of its records, safe as a file name and in a URL. Checked here and
 * nowhere else.
 *
 * @param value 1 to 64 characters of {@code A-Z a-z 0-9 . _ -}, not starting with a dot
 */
public record CameraId(String value) {
  private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");

  public CameraId {
    if (!ALLOWED.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "camera id \""
              + value
              + "\": must be 1 to 64 characters of A-Z a-z 0-9 . _ - and not start with a dot");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
