package dev.fovea.trainer.round;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.Locale;

/**
 * A page under construction. Whatever is not written in this package goes through {@link #text}:
 * names of cameras and classes are anybody's.
 */
final class Markup {
  private final StringBuilder html = new StringBuilder();

  /** Markup as it is. */
  Markup raw(String markup) {
    html.append(markup);
    return this;
  }

  /** Markup with numbers in it; text must not be among the arguments. */
  @FormatMethod
  Markup format(@FormatString String markup, Object... numbers) {
    html.append(String.format(Locale.ROOT, markup, numbers));
    return this;
  }

  /** Any text, escaped for an element's content and for a quoted attribute. */
  Markup text(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        // What changes the direction of the text around it, and control characters, are shown.
        default -> {
          if (isMisleading(c)) {
            html.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            html.append(c);
          }
        }
      }
    }
    return this;
  }

  private static boolean isMisleading(char c) {
    return (Character.isISOControl(c) && c != '\n')
        || (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069');
  }

  /** An element with nothing but text in it. */
  Markup element(String tag, String text) {
    return raw("<" + tag + ">").text(text).raw("</" + tag.split(" ", 2)[0] + ">");
  }

  @Override
  public String toString() {
    return html.toString();
  }
}
