package dev.fovea.sink.web;

import io.javalin.http.Context;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What every response says to browsers, and which requests are refused before anything is looked
 * up: those under a host name that is not ours (DNS rebinding), and WebSockets opened by another
 * site's page (OWASP ASVS 5.0, 4.4.2).
 */
final class Guards {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private final Map<String, String> headers;
  private final Set<String> allowedHosts;

  /**
   * @param boundTo the address we listen on
   * @param allowedHosts as configured; empty = by {@code boundTo}
   * @param importMapHash hash of the page's only inline script
   */
  Guards(String boundTo, Set<String> allowedHosts, Optional<String> importMapHash) {
    boolean loopbackOnly = LOOPBACK.contains(boundTo);
    this.allowedHosts = allowedHosts.isEmpty() && loopbackOnly ? LOOPBACK : allowedHosts;
    this.headers =
        Map.of(
            "Content-Security-Policy",
            contentSecurityPolicy(importMapHash),
            "X-Content-Type-Options",
            "nosniff",
            "Referrer-Policy",
            "no-referrer",
            "X-Frame-Options",
            "DENY",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Permissions-Policy",
            "camera=(), microphone=(), geolocation=()");
  }

  /** Pictures arrive as bytes and become blob: images; everything else is ours. */
  private static String contentSecurityPolicy(Optional<String> importMapHash) {
    return "default-src 'none'; script-src 'self'"
        + importMapHash.map(hash -> " " + hash).orElse("")
        + "; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self';"
        + " manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  void addHeaders(Context context) {
    headers.forEach(context::header);
  }

  /** Whether the request names a host that is ours. */
  boolean isOurHost(Context context) {
    return allowedHosts.isEmpty() || allowedHosts.contains(name(context.header("Host")));
  }

  /**
   * Whether a WebSocket is opened by our own page: browsers say where a page comes from, programs
   * say nothing.
   */
  boolean isOurPage(Context context) {
    String origin = context.header("Origin");
    if (origin == null) {
      return true;
    }
    String host = String.valueOf(context.header("Host"));
    return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
  }

  /** A Host header without its port. */
  private static String name(@org.jspecify.annotations.Nullable String host) {
    return host == null ? "" : host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
  }
}
