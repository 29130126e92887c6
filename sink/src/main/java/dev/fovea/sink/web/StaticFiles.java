package dev.fovea.sink.web;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The dashboard's own files at {@code /} and the few libraries it imports at {@code /webjars/…},
 * all from the class path. The browser asks each time whether a file has changed (an ETag of its
 * bytes), so that a new version is seen at once.
 */
final class StaticFiles {
  private static final String ROOT = "/dev/fovea/sink/web/static/";
  private static final Pattern SAFE_PATH =
      Pattern.compile("[A-Za-z0-9_@-][A-Za-z0-9._@-]*(/[A-Za-z0-9_@-][A-Za-z0-9._@-]*)*");

  /**
   * What may be asked for, by the name in the address; nothing else of the class path is served.
   */
  private static final Map<String, String> WEBJARS =
      Map.of(
          "lit", "lit",
          "lit-html", "lit-html",
          "lit-element", "lit-element",
          "@lit/reactive-element", "lit__reactive-element",
          "lit__reactive-element", "lit__reactive-element",
          "uplot", "uplot");

  /** An address may name a version; what is served is the version that was built in. */
  private static final Pattern VERSION = Pattern.compile("^[0-9]+\\.[0-9]+\\.[0-9]+/");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "json", "application/json",
          "svg", "image/svg+xml",
          "png", "image/png",
          "ico", "image/x-icon",
          "woff2", "font/woff2",
          "webmanifest", "application/manifest+json",
          "map", "application/json");

  private static final Pattern IMPORT_MAP =
      Pattern.compile("<script type=\"importmap\">(.*?)</script>", Pattern.DOTALL);

  /** A file as it is served; its bytes are not written to. */
  private static final class File {
    final byte[] bytes;
    final String type;
    final String etag;

    File(byte[] bytes, String type, String etag) {
      this.bytes = bytes;
      this.type = type;
      this.etag = etag;
    }
  }

  private final Map<String, File> cache = new ConcurrentHashMap<>();
  private final Map<String, String> webjarRoots = new ConcurrentHashMap<>();

  /**
   * The content security policy's word for the import map, the page's only inline script: {@code
   * 'sha256-…'}, or empty where the page has none.
   */
  Optional<String> importMapHash() {
    return load(ROOT + "index.html")
        .map(page -> IMPORT_MAP.matcher(new String(page.bytes, StandardCharsets.UTF_8)))
        .filter(Matcher::find)
        .map(found -> "'sha256-" + base64(sha256(utf8(found.group(1)))) + "'");
  }

  void dashboard(Context context) {
    String path = context.path().substring(1);
    serve(context, path.isEmpty() ? "index.html" : path, ROOT);
  }

  void webjar(Context context) {
    String path = context.path().substring("/webjars/".length());
    for (var webjar : WEBJARS.entrySet()) {
      String prefix = webjar.getKey() + "/";
      if (path.startsWith(prefix)) {
        String file = VERSION.matcher(path.substring(prefix.length())).replaceFirst("");
        serve(context, file, root(webjar.getValue()));
        return;
      }
    }
    notFound(context);
  }

  private void serve(Context context, String path, String root) {
    Optional<File> file = SAFE_PATH.matcher(path).matches() ? load(root + path) : Optional.empty();
    if (file.isEmpty()) {
      notFound(context);
      return;
    }
    File found = file.get();
    context.header("ETag", found.etag).header("Cache-Control", "no-cache");
    if (found.etag.equals(context.header("If-None-Match"))) {
      context.status(304);
    } else {
      context.contentType(found.type).result(found.bytes);
    }
  }

  private Optional<File> load(String resource) {
    File known = cache.get(resource);
    if (known != null) {
      return Optional.of(known);
    }
    String type = TYPES.get(resource.substring(resource.lastIndexOf('.') + 1));
    if (type == null) {
      return Optional.empty();
    }
    try (InputStream in = StaticFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] bytes = in.readAllBytes();
      File file = new File(bytes, type, "\"" + base64(sha256(bytes)).substring(0, 22) + "\"");
      cache.put(resource, file);
      return Optional.of(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A WebJar's folder on the class path; its version is in its Maven properties. */
  private String root(String artifact) {
    return webjarRoots.computeIfAbsent(
        artifact, name -> "/META-INF/resources/webjars/" + name + "/" + version(name) + "/");
  }

  private static String version(String artifact) {
    String resource = "/META-INF/maven/org.webjars.npm/" + artifact + "/pom.properties";
    try (InputStream in = StaticFiles.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("WebJar " + artifact + " is not on the class path");
      }
      Properties properties = new Properties();
      properties.load(in);
      return properties.getProperty("version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void notFound(Context context) {
    RestApi.error(context, 404, "nothing is served at " + context.path());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
