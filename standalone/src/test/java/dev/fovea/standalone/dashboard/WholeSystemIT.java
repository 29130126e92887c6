package dev.fovea.standalone.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.DetectorConfig;
import dev.fovea.ingest.IngestConfig;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.sink.SinkConfig;
import dev.fovea.standalone.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing made by hand: synthetic cameras through ingest, Kafka, the bundled model and the sink,
 * seen in the browser and held against the drawn truth.
 */
class WholeSystemIT {

  private static final Path MODEL = Path.of("..", "models", "street-synthetic-int8");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final LocatorAssertions.HasAttributeOptions PATIENTLY =
      new LocatorAssertions.HasAttributeOptions().setTimeout(60_000);

  @TempDir Path folder;

  @Test
  void boxesOnTheScreenLieOnTheObjectsOfTheStreet() throws Exception {
    assumeTrue(
        Files.isRegularFile(MODEL.resolve("model.onnx")),
        "There is no model in " + MODEL + ": the bundled model is missing");
    try (Chromium chromium = Chromium.open();
        EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"));
        dev.fovea.sink.Main sink = dev.fovea.sink.Main.start(sink(broker));
        dev.fovea.detector.Main detector = dev.fovea.detector.Main.start(detector(broker))) {
      BrowserContext context =
          chromium.context(
              new Browser.NewContextOptions()
                  .setViewportSize(1440, 900)
                  .setColorScheme(ColorScheme.DARK));
      Page page = context.newPage();
      page.setDefaultTimeout(60_000);
      Complaints complaints = Complaints.of(page);
      page.navigate("http://127.0.0.1:" + sink.port());
      assertThat(detector.metrics()).isNotNull();
      try (dev.fovea.ingest.Main ingest = dev.fovea.ingest.Main.start(ingest(broker))) {
        assertThat(ingest.allEnded()).isFalse();
        for (String camera : List.of("crossing-east", "crossing-north")) {
          assertThat(tile(page, camera))
              .hasAttribute("data-state", Pattern.compile("live|behind"), PATIENTLY);
        }
        assertThat(page.locator("fovea-strip .cell").nth(3)).containsText("street-synthetic");
        holdAgainstTheTruth(page, broker);
        page.locator("fovea-chart").first().locator(".plot canvas").waitFor();
        page.screenshot(
            new Page.ScreenshotOptions().setPath(Screenshots.path("whole-system-dark")));
      }
      assertThat(tile(page, "crossing-east")).hasAttribute("data-state", "stopped", PATIENTLY);
      assertThat(tile(page, "crossing-east").locator("canvas"))
          .hasCSS("filter", Pattern.compile("grayscale.*"));
      assertThat(complaints.all()).as("the page's console").isEmpty();
      context.close();
    }
  }

  /**
   * Boxes that the page draws as certain are true ones nearly always, and there are enough of them
   * to say so.
   */
  private static void holdAgainstTheTruth(Page page, EmbeddedBroker broker) throws IOException {
    Map<String, JsonNode> seen = new HashMap<>();
    for (int sample = 0; sample < 24; sample++) {
      page.waitForTimeout(250);
      String painted =
          (String)
              tile(page, sample % 2 == 0 ? "crossing-east" : "crossing-north").evaluate(PAINTED);
      JsonNode frame = JSON.readTree(painted);
      seen.put(
          identity(frame.get("camera").asText(), frame.get("captureTimeMicros").asLong()), frame);
    }
    Map<String, List<LabelledBox>> truths = truths(broker);
    int certain = 0;
    int right = 0;
    for (Map.Entry<String, JsonNode> frame : seen.entrySet()) {
      List<LabelledBox> truth = truths.get(frame.getKey());
      assertThat(truth).as("frame %s in Kafka", frame.getKey()).isNotNull();
      for (JsonNode box : frame.getValue().get("boxes")) {
        certain++;
        right += Overlap.best(box, truth) >= 0.5 ? 1 : 0;
      }
    }
    assertThat(certain)
        .as("boxes drawn as certain in %s frames", seen.size())
        .isGreaterThanOrEqualTo(seen.size());
    assertThat(right)
        .as("of %s certain boxes, those with an IoU of .5 or more", certain)
        .isGreaterThanOrEqualTo((int) Math.ceil(0.9 * certain));
  }

  /** The certain boxes on the canvas, turned back into pixels of the frame. */
  private static final String PAINTED =
      """
      (tile) => {
        const {frame, laid, view} = tile.painted;
        const back = (value, offset) => (value - offset) / view.scale;
        const boxes = laid.filter((box) => box.certain).map(({label, rect}) => ({label,
          x1: back(rect.x1, view.x), y1: back(rect.y1, view.y), x2: back(rect.x2, view.x), y2: back(rect.y2, view.y)}));
        return JSON.stringify({camera: frame.camera, captureTimeMicros: frame.captureTimeMicros, boxes});
      }
      """;

  private static Map<String, List<LabelledBox>> truths(EmbeddedBroker broker) {
    KafkaSettings kafka =
        new KafkaSettings(
            "fovea.",
            3,
            (short) -1,
            Optional.empty(),
            Map.of("bootstrap.servers", broker.bootstrapServers()));
    var topic = new Topics(kafka).frames();
    Map<String, List<LabelledBox>> truths = new HashMap<>();
    Map<String, Object> settings =
        kafka.consumerProperties("truth", Map.of("enable.auto.commit", "false"));
    try (KafkaConsumer<String, Frame> consumer =
        new KafkaConsumer<>(
            settings, topic.keySerde().deserializer(), topic.valueSerde().deserializer())) {
      var partitions =
          consumer.partitionsFor(topic.name()).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream()
          .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
        consumer
            .poll(Duration.ofMillis(500))
            .forEach(
                record -> {
                  Frame frame = record.value();
                  List<LabelledBox> truth = frame.getTruth();
                  truths.put(
                      identity(frame.getCameraId(), frame.getCaptureTimeMicros()),
                      truth == null ? List.of() : truth);
                });
      }
    }
    return truths;
  }

  private static String identity(String camera, long captureTimeMicros) {
    return camera + "@" + captureTimeMicros;
  }

  private SinkConfig sink(EmbeddedBroker broker) {
    return SinkConfig.from(
        load(
            SinkConfig.class,
            broker,
            Map.of("http.port", 0, "data-dir", folder.resolve("sink").toString())));
  }

  private static DetectorConfig detector(EmbeddedBroker broker) {
    return DetectorConfig.from(
        load(
            DetectorConfig.class,
            broker,
            Map.of("model.dir", MODEL.toString(), "engine-threads", 1)));
  }

  private static IngestConfig ingest(EmbeddedBroker broker) {
    return IngestConfig.from(
        load(
            IngestConfig.class,
            broker,
            Map.of(
                "cameras.crossing-east.source",
                "synthetic:?seed=7",
                "cameras.crossing-east.fps",
                5,
                "cameras.crossing-north.source",
                "synthetic:?seed=23",
                "cameras.crossing-north.fps",
                5)));
  }

  private static Config load(Class<?> owner, EmbeddedBroker broker, Map<String, Object> own) {
    Config kafka =
        ConfigFactory.parseMap(
            Map.of("kafka.bootstrap.servers", broker.bootstrapServers(), "kafka.partitions", 3));
    return StrictConfig.load(owner, ConfigFactory.parseMap(own).withFallback(kafka));
  }

  private static Locator tile(Page page, String camera) {
    return page.locator("fovea-tile")
        .filter(
            new Locator.FilterOptions()
                .setHas(
                    page.locator(".open")
                        .getByText(camera, new Locator.GetByTextOptions().setExact(true))));
  }
}
