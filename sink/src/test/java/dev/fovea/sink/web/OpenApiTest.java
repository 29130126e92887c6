package dev.fovea.sink.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.fovea.schema.Metrics;
import dev.fovea.sink.live.CameraBoard;
import dev.fovea.sink.live.DetectorLag;
import dev.fovea.sink.live.ModelInUse;
import dev.fovea.sink.live.Rates;
import dev.fovea.sink.store.DetectionQueries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class OpenApiTest {
  @Test
  void describesEveryRouteAndNoOther() throws JsonProcessingException {
    JsonNode document = Json.parse(WebServer.openApiDocument());
    List<String> described = new ArrayList<>();
    document.path("paths").fieldNames().forEachRemaining(described::add);
    assertThat(described).containsExactlyInAnyOrderElementsOf(server().paths());
  }

  /** A server that is not started. */
  private static WebServer server() {
    CameraBoard board = new CameraBoard(Duration.ofMinutes(1));
    // An admin client connects to nothing until it is asked.
    Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:1"));
    DetectorLag lag = new DetectorLag(admin, "g", "f", "d", Map::of);
    lag.close();
    Overview overview = new Overview(board, new Rates(), new ModelInUse(), lag, Map::of);
    return new WebServer(
        "127.0.0.1",
        0,
        Set.of(),
        overview,
        board,
        new NoRows(),
        new LiveHub(overview, board),
        new Health(Map.of()),
        new Metrics());
  }

  private static final class NoRows implements DetectionQueries {
    @Override
    public List<StoredAnswer> answers(AnswerQuery query) {
      return List.of();
    }

    @Override
    public List<CountedWindow> windows(WindowQuery query) {
      return List.of();
    }
  }

  @Test
  void everyReferenceLeadsSomewhere() throws JsonProcessingException {
    JsonNode document = Json.parse(WebServer.openApiDocument());
    List<String> references = document.findValuesAsText("$ref");
    assertThat(references).isNotEmpty();
    assertThat(references).allSatisfy(r -> assertThat(document.at(r.substring(1))).isNotEmpty());
  }
}
