package dev.fovea.sink.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The dashboard has no build step, so nothing else would notice a module that is not where its
 * importer looks.
 */
class DashboardFilesTest {

  private static final String STATIC = "/dev/fovea/sink/web/static/";
  private static final Pattern IMPORT =
      Pattern.compile("(?:^|\\n|\\})\\s*(?:import|from)\\s[^;]*?'([^']+)'");
  private static final Pattern INLINE_SCRIPT =
      Pattern.compile("<script(?![^>]*\\ssrc=)([^>]*)>(.*?)</script>", Pattern.DOTALL);

  @Test
  void everyPathOfTheImportMapIsInAWebJar() throws IOException {
    for (Map.Entry<String, JsonNode> entry : imports().properties()) {
      String path = entry.getValue().asText();
      // A folder is there if its package.json is; the jars have no entries for folders.
      String file = path.endsWith("/") ? path + "package.json" : path;
      assertThat(DashboardFilesTest.class.getResource("/META-INF/resources" + file))
          .as("'%s' of the import map, %s", entry.getKey(), file)
          .isNotNull();
    }
  }

  @Test
  void everyImportOfEveryModuleResolves() throws IOException {
    Set<String> bare = new LinkedHashSet<>();
    imports().fieldNames().forEachRemaining(bare::add);
    Deque<String> open = new ArrayDeque<>(List.of("app.js"));
    Set<String> seen = new LinkedHashSet<>();
    while (!open.isEmpty()) {
      String module = open.pop();
      if (!seen.add(module)) {
        continue;
      }
      for (String wanted : importsOf(read(module))) {
        if (wanted.startsWith("./")) {
          open.push(wanted.substring(2));
        } else {
          assertThat(bare)
              .as("'%s', imported by %s", wanted, module)
              .anyMatch(name -> matches(name, wanted));
        }
      }
    }
    assertThat(seen).contains("live.js", "tile.js", "boxes.js", "chart.js");
  }

  @Test
  void nothingIsInlineButTheImportMapAsTheContentSecurityPolicyWantsIt() throws IOException {
    String page = read("index.html");
    List<String> inline =
        INLINE_SCRIPT.matcher(page).results().map(result -> result.group(1).trim()).toList();
    assertThat(inline).containsExactly("type=\"importmap\"");
    assertThat(page).doesNotContain("<style", " style=", "onclick=", "onload=");
    assertThat(page.replaceAll("(?s)<!--.*?-->", "")).doesNotContain("//");
  }

  private static boolean matches(String name, String wanted) {
    return name.endsWith("/") ? wanted.startsWith(name) : name.equals(wanted);
  }

  private static List<String> importsOf(String source) {
    return Stream.of(IMPORT)
        .flatMap(pattern -> pattern.matcher(source).results())
        .map((MatchResult result) -> result.group(1))
        .toList();
  }

  private static JsonNode imports() throws IOException {
    String map =
        INLINE_SCRIPT.matcher(read("index.html")).results().findFirst().orElseThrow().group(2);
    return new ObjectMapper().readTree(map).get("imports");
  }

  private static String read(String file) {
    try (InputStream in = DashboardFilesTest.class.getResourceAsStream(STATIC + file)) {
      assertThat(in).as(file).isNotNull();
      return new String(in.readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
