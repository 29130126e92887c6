package dev.fovea.schema;

import java.util.Locale;
import java.util.regex.Pattern;

/** Keeps passwords out of messages and logs. */
final class Secrets {
  private static final Pattern SECRET_KEY =
      Pattern.compile("password|passwd|secret|token|credential|jaas|user\\.info|keystore\\.key");
  private static final Pattern URL_USER = Pattern.compile("(?<=://)[^/@\\s]*@");

  private Secrets() {}

  /** {@code value} as it may be shown: dots where the key names a secret, no user in a URL. */
  static String masked(String key, String value) {
    if (value.isEmpty()) {
      return value;
    }
    return SECRET_KEY.matcher(key.toLowerCase(Locale.ROOT)).find()
        ? "•••"
        : URL_USER.matcher(value).replaceAll("•••@");
  }
}
