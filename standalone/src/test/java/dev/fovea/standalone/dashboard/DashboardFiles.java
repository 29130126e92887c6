package dev.fovea.standalone.dashboard;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the dashboard's files to one page out of the class path, under the policy that the server
 * has: no port, no server.
 */
final class DashboardFiles {

  /** An address that is nowhere: only the routes answer. */
  static final String ORIGIN = "http://fovea.test";

  private static final Map<String, String> TYPES =
      Map.of(
          "html",
          "text/html; charset=utf-8",
          "js",
          "text/javascript; charset=utf-8",
          "css",
          "text/css; charset=utf-8",
          "svg",
          "image/svg+xml");

  private DashboardFiles() {}

  static void serve(Page page) {
    page.route(ORIGIN + "/**", DashboardFiles::answer);
  }

  private static void answer(Route route) {
    String path = URI.create(route.request().url()).getPath();
    byte @Nullable [] body = read(path.equals("/") ? "/index.html" : path);
    if (body == null) {
      route.fulfill(new Route.FulfillOptions().setStatus(404).setBody("There is no " + path));
      return;
    }
    String type =
        TYPES.getOrDefault(
            path.equals("/") ? "html" : path.substring(path.lastIndexOf('.') + 1),
            "application/octet-stream");
    route.fulfill(
        new Route.FulfillOptions()
            .setBodyBytes(body)
            .setHeaders(Map.of("Content-Type", type, "Content-Security-Policy", policy())));
  }

  private static byte @Nullable [] read(String path) {
    String resource =
        path.startsWith("/webjars/")
            ? "/META-INF/resources" + path
            : "/dev/fovea/sink/web/static" + path;
    try (InputStream in = DashboardFiles.class.getResourceAsStream(resource)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String policy() {
    byte @Nullable [] index = read("/index.html");
    if (index == null) {
      throw new IllegalStateException("index.html is not on the class path");
    }
    Matcher map =
        Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL)
            .matcher(new String(index, UTF_8));
    if (!map.find()) {
      throw new IllegalStateException("index.html has no import map");
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(map.group(1).getBytes(UTF_8));
      return "default-src 'self'; connect-src 'self' ws://fovea.test; object-src 'none'; base-uri 'none'; script-src 'self' 'sha256-"
          + Base64.getEncoder().encodeToString(hash)
          + "'";
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
