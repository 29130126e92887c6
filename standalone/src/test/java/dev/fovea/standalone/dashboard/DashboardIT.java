package dev.fovea.standalone.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

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
import dev.fovea.ingest.street.Daylight;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import dev.fovea.schema.avro.LabelledBox;
import dev.fovea.sink.Main;
import dev.fovea.sink.SinkConfig;
import dev.fovea.standalone.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One journey: no camera yet, pictures and boxes, a camera that goes, a server that goes and comes
 * back. Broker, sink and browser are real.
 */
class DashboardIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final LocatorAssertions.HasAttributeOptions PATIENTLY =
      new LocatorAssertions.HasAttributeOptions().setTimeout(30_000);
  private static final Pattern TIME = Pattern.compile("\\d\\d:\\d\\d:\\d\\d");

  /** Camera → the hour at which its street is drawn. */
  private static final Map<String, Double> CAMERAS =
      new TreeMap<>(
          Map.of(
              "crossing-east",
              12.0,
              "crossing-night",
              23.0,
              "dock-road",
              16.5,
              "gate-north",
              8.0,
              "market-street",
              14.0,
              "yard-west",
              9.0));

  @TempDir Path folder;

  @Test
  void aDayInTheControlRoom() throws Exception {
    try (Chromium chromium = Chromium.open();
        EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"));
        HandMadeSite site = new HandMadeSite(kafka(broker))) {
      Main sink = Main.start(config(broker, 0));
      try {
        BrowserContext context =
            chromium.context(
                new Browser.NewContextOptions()
                    .setViewportSize(1440, 900)
                    .setColorScheme(ColorScheme.DARK));
        Page page = context.newPage();
        page.setDefaultTimeout(60_000);
        Complaints complaints = Complaints.of(page);
        int port = sink.port();
        page.navigate("http://127.0.0.1:" + port);

        saysHowToAddACamera(page);
        showsPicturesWithBoxesOnTheirObjects(page, site);
        theChartMoves(page);
        theLedgerCloses(page);
        keepPictures(page, chromium, port);
        saysAtOnceThatACameraIsGone(page, site);
        assertThat(complaints.all()).as("the page's console").isEmpty();

        sink.close();
        saysThatTheServerIsGone(page);
        sink = Main.start(config(broker, port));
        recoversByItself(page);
        // Chromium itself writes a line for each try while nobody listens.
        assertThat(
                complaints.except(
                    line -> line.contains("WebSocket connection to") && line.contains("failed")))
            .as("the page's console")
            .isEmpty();
        context.close();
      } finally {
        sink.close();
      }
    }
  }

  private void saysHowToAddACamera(Page page) {
    assertThat(page.locator("h1")).hasText("Add your first camera");
    picture(page, "empty-dark");
  }

  private void showsPicturesWithBoxesOnTheirObjects(Page page, HandMadeSite site)
      throws IOException {
    CAMERAS.forEach((camera, hour) -> site.start(camera, seed(camera), Daylight.fixed(hour)));
    for (String camera : CAMERAS.keySet()) {
      assertThat(tile(page, camera)).hasAttribute("data-state", "live", PATIENTLY);
    }
    int boxes = 0;
    for (int sample = 0; sample < 6; sample++) {
      page.waitForTimeout(150);
      boxes +=
          holdAgainstTheTruth(
              tile(page, sample % 2 == 0 ? "crossing-east" : "crossing-night"), site);
    }
    assertThat(boxes).as("boxes held against the truth").isGreaterThan(10);
  }

  /** Each camera has a street of its own, the same in every run. */
  private static long seed(String camera) {
    return camera.chars().asLongStream().reduce(7, (sum, c) -> sum * 31 + c);
  }

  /**
   * What one canvas shows at this moment: the picture is no flat colour, each box lies on an object
   * of the frame that is on the canvas, and its line has the class's colour where the box says it
   * is.
   */
  private int holdAgainstTheTruth(Locator tile, HandMadeSite site) throws IOException {
    JsonNode seen = JSON.readTree((String) tile.evaluate(PAINTED));
    assertThat(seen.get("shades").asInt())
        .as("different colours in the picture")
        .isGreaterThan(200);
    List<LabelledBox> truth =
        site.truth(seen.get("camera").asText(), seen.get("captureTimeMicros").asLong());
    assertThat(truth).as("the frame on the canvas").isNotNull();
    for (JsonNode box : seen.get("boxes")) {
      assertThat(Overlap.best(box, truth)).as("IoU of %s with the truth", box).isGreaterThan(0.5);
      if (box.get("style").asText().equals("certain") && !box.get("covered").asBoolean()) {
        assertThat(box.get("onLine").asDouble())
            .as("share of the left line in the class's colour, %s", box)
            .isGreaterThan(0.5);
      }
    }
    return seen.get("boxes").size();
  }

  /**
   * Reads what was painted and the canvas in one task, so that no paint comes between. Boxes are
   * turned back into pixels of the frame.
   */
  private static final String PAINTED =
      """
      (tile) => {
        const {frame, laid, view} = tile.painted;
        const canvas = tile.renderRoot.querySelector('canvas');
        const {data, width} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const ratio = canvas.width / canvas.clientWidth;
        const colour = (slot) => getComputedStyle(tile).getPropertyValue('--class-' + slot).trim().slice(1).match(/../g).map((h) => parseInt(h, 16));
        const shades = new Set();
        for (let i = 0; i < data.length; i += 4 * 97) shades.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
        // A chip's border lies half outside it, and so over half of the pixel before it too.
        const inside = (x, y, r) => x >= r.x - 1 && y >= r.y - 1 && x <= r.x + r.width && y <= r.y + r.height;
        const boxes = laid.map(({label, style, slot, rect}, k) => {
          const wanted = colour(slot);
          let hit = 0;
          let all = 0;
          let covered = 0;
          for (let y = rect.y1 + 2; y < rect.y2 - 2; y++, all++) {
            const i = (Math.round(y * ratio) * width + Math.round(rect.x1 * ratio)) * 4;
            if (wanted.every((c, j) => Math.abs(c - data[i + j]) < 12)) hit++;
            // A chip, or the line of a box that is drawn later, may lie over it.
            else if (laid.some((other, o) => (other.chip && inside(rect.x1, y, other.chip)) ||
                (o > k && rect.x1 >= other.rect.x1 - 3 && rect.x1 <= other.rect.x2 + 3 && y >= other.rect.y1 - 3 && y <= other.rect.y2 + 3))) covered++;
          }
          const back = (value, offset) => (value - offset) / view.scale;
          return {label, style, onLine: hit / all, covered: covered > all / 4,
            x1: back(rect.x1, view.x), y1: back(rect.y1, view.y), x2: back(rect.x2, view.x), y2: back(rect.y2, view.y)};
        });
        return JSON.stringify({camera: frame.camera, captureTimeMicros: frame.captureTimeMicros, shades: shades.size, boxes});
      }
      """;

  private void theChartMoves(Page page) {
    Locator plot = page.locator("fovea-chart").first().locator(".plot canvas");
    plot.waitFor(new Locator.WaitForOptions().setTimeout(40_000));
    assertThat(page.locator("fovea-chart").first().locator(".plot"))
        .hasAttribute("aria-label", Pattern.compile("Objects in view, .*car [\\d.]+"));
    Object before = plot.evaluate("canvas => canvas.toDataURL()");
    page.waitForCondition(() -> !before.equals(plot.evaluate("canvas => canvas.toDataURL()")));
    page.locator("fovea-chart")
        .nth(1)
        .locator(".plot canvas")
        .waitFor(new Locator.WaitForOptions().setTimeout(40_000));
    assertThat(page.locator("fovea-strip .cell").nth(1))
        .containsText(Pattern.compile("[\\d\u202f]+ ms.*aim"));
  }

  private void theLedgerCloses(Page page) {
    Locator ledger = page.locator("fovea-strip .cells fovea-ledger");
    assertThat(ledger.locator("button.cell")).containsText(Pattern.compile("Balanced|Settling"));
    page.keyboard().press("l");
    assertThat(ledger.locator("tr.sum").first()).containsText("difference 0");
    assertThat(ledger.locator("tr.sum").last()).containsText("difference 0");
    page.waitForTimeout(200); // the sheet has faded in
    picture(page, "ledger-dark");
    page.keyboard().press("Escape");
  }

  private void keepPictures(Page page, Chromium chromium, int port) {
    picture(page, "wall-dark");
    page.locator("fovea-top-bar button[aria-label^=Theme]").click();
    page.waitForTimeout(300);
    picture(page, "wall-light");
    page.locator("fovea-top-bar button[aria-label^=Theme]").click();
    page.keyboard().press("ArrowRight");
    page.keyboard().press("Enter");
    assertThat(tile(page, "crossing-east")).hasAttribute("large", "");
    page.waitForTimeout(400);
    picture(page, "camera-large-dark");
    page.keyboard().press("Escape");
    BrowserContext phone =
        chromium.context(
            new Browser.NewContextOptions()
                .setViewportSize(390, 844)
                .setColorScheme(ColorScheme.DARK)
                .setIsMobile(true)
                .setHasTouch(true)
                .setDeviceScaleFactor(2));
    Page small = phone.newPage();
    Complaints complaints = Complaints.of(small);
    small.navigate("http://127.0.0.1:" + port);
    assertThat(tile(small, "crossing-east")).hasAttribute("data-state", "live", PATIENTLY);
    small.waitForTimeout(500);
    picture(small, "wall-phone");
    assertThat(complaints.all()).as("the phone's console").isEmpty();
    phone.close();
  }

  private void saysAtOnceThatACameraIsGone(Page page, HandMadeSite site) throws Exception {
    Locator yard = tile(page, "yard-west");
    assertThat(yard).hasAttribute("data-state", "live");
    site.fail("yard-west", "RTSP read timed out.");
    long before = System.nanoTime();
    assertThat(yard).hasAttribute("data-state", "no-picture");
    assertThat((System.nanoTime() - before) / 1_000_000)
        .as("milliseconds until it is said")
        .isLessThan(3_000);
    assertThat(yard.locator(".words strong")).hasText(Pattern.compile("No picture since " + TIME));
    assertThat(yard.locator(".words span"))
        .hasText(Pattern.compile("RTSP read timed out, retrying in \\d+ s"));
    assertThat(yard.locator("canvas")).hasCSS("filter", "grayscale(1) brightness(0.3) blur(2px)");
    page.waitForCondition(
        () -> Integer.valueOf(0).equals(yard.evaluate("tile => tile.painted.laid.length")));
    assertThat(tile(page, "crossing-east")).hasAttribute("data-state", "live");
    picture(page, "camera-gone-dark");
  }

  private void saysThatTheServerIsGone(Page page) {
    Locator banner = page.locator(".banner");
    assertThat(banner)
        .containsText(Pattern.compile("Connection to the server lost at " + TIME + "\\."));
    assertThat(page.locator("fovea-top-bar .status")).hasText("Disconnected");
    for (Locator tile : page.locator("fovea-tile").all()) {
      assertThat(tile).hasAttribute("data-state", "unknown");
      assertThat(tile.locator("canvas")).hasCSS("filter", Pattern.compile("grayscale.*"));
    }
    picture(page, "disconnected-dark");
  }

  private void recoversByItself(Page page) {
    assertThat(page.locator("fovea-top-bar .status"))
        .hasText("Connected", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
    assertThat(page.locator(".banner")).hasCount(0);
    assertThat(tile(page, "crossing-east")).hasAttribute("data-state", "live", PATIENTLY);
    assertThat(tile(page, "yard-west")).hasAttribute("data-state", "no-picture", PATIENTLY);
    picture(page, "recovered-dark");
  }

  private static Locator tile(Page page, String camera) {
    return page.locator("fovea-tile")
        .filter(
            new Locator.FilterOptions()
                .setHas(
                    page.locator(".open")
                        .getByText(camera, new Locator.GetByTextOptions().setExact(true))));
  }

  private static void picture(Page page, String name) {
    page.screenshot(new Page.ScreenshotOptions().setPath(Screenshots.path(name)));
  }

  private SinkConfig config(EmbeddedBroker broker, int port) {
    Config own =
        ConfigFactory.parseMap(
            Map.of(
                "http.port",
                port,
                "data-dir",
                folder.resolve("sink").toString(),
                "kafka.bootstrap.servers",
                broker.bootstrapServers(),
                "kafka.partitions",
                3));
    return SinkConfig.from(StrictConfig.load(SinkConfig.class, own));
  }

  private static KafkaSettings kafka(EmbeddedBroker broker) {
    return new KafkaSettings(
        "fovea.",
        3,
        (short) -1,
        Optional.empty(),
        Map.of("bootstrap.servers", broker.bootstrapServers()));
  }
}
