package dev.fovea.standalone.dashboard;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.fovea.standalone.dashboard.ScriptedServer.camera;
import static dev.fovea.standalone.dashboard.ScriptedServer.now;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.fovea.standalone.dashboard.ScriptedServer.Box;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The page in each state that a server can put it into, against a scripted one. Every test also
 * demands a silent console.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set in @BeforeAll and @BeforeEach
class DashboardPageIT {

  private static final Box CAR = new Box("car", 0.97, 100, 120, 260, 240);
  private static final Pattern TIME = Pattern.compile("\\d\\d:\\d\\d:\\d\\d");

  private Chromium chromium;
  private DashboardFiles files;
  private BrowserContext context;
  private Page page;
  private Complaints complaints;
  private ScriptedServer server;

  @BeforeAll
  void start() throws IOException {
    chromium = Chromium.open();
    files = DashboardFiles.serve();
  }

  @AfterAll
  void stop() {
    if (chromium != null) {
      chromium.close();
      files.close();
    }
  }

  @BeforeEach
  void newPage() {
    open(
        new Browser.NewContextOptions()
            .setViewportSize(1440, 900)
            .setColorScheme(ColorScheme.DARK));
  }

  private void open(Browser.NewContextOptions options) {
    if (context != null) {
      context.close();
    }
    context = chromium.context(options);
    page = context.newPage();
    page.setDefaultTimeout(30_000);
    complaints = Complaints.of(page);
    server = ScriptedServer.of(page);
  }

  @AfterEach
  void theConsoleIsSilent() {
    context.close();
    assertThat(complaints.all()).isEmpty();
  }

  private void show() {
    page.navigate(files.origin());
  }

  private void show(String... ids) {
    server.greet(
        s ->
            s.cameras(
                List.of(ids).stream().map(ScriptedServer::camera).toArray(ObjectNode[]::new)));
    show();
    assertThat(tile(ids[0])).isVisible();
  }

  private Locator tile(String id) {
    return page.locator("fovea-tile")
        .filter(new Locator.FilterOptions().setHas(page.locator(".open").getByText(id, exactly())));
  }

  private static Locator.GetByTextOptions exactly() {
    return new Locator.GetByTextOptions().setExact(true);
  }

  private static void is(Locator tile, String state) {
    assertThat(tile).hasAttribute("data-state", state);
  }

  @Test
  void picturesAndBoxesOnTheCanvasAreOfTheSameFrame() {
    show("gate");
    // The white block moves with its box. If a box were ever on another frame's picture, block and
    // box would lie apart.
    for (int i = 0; i < 12; i++) {
      int x = 40 + 35 * i;
      long sent =
          server.frame("gate", "DETECTED", 100_000, new Box("car", 0.9, x, 120, x + 120, 200));
      @SuppressWarnings("unchecked")
      List<Number> seen =
          (List<Number>)
              tile("gate")
                  .evaluate(
                      """
                      async (tile, sent) => {
                        // The first is painted without boxes and, since a picture ends "Connecting", at once again with them.
                        const shown = () => tile.painted?.frame.frameNumber === sent && tile.painted.laid.length > 0;
                        for (const end = Date.now() + 20_000; !shown(); ) {
                          if (Date.now() > end) throw new Error(`frame ${sent} is not on the canvas`);
                          await new Promise(requestAnimationFrame);
                        }
                        const {laid: [{rect}]} = tile.painted;
                        const canvas = tile.renderRoot.querySelector('canvas');
                        const ratio = canvas.width / canvas.clientWidth;
                        const context = canvas.getContext('2d');
                        // One row through the middle of the box: where is the white block, and where the box's own colour?
                        const y = Math.round(((rect.y1 + rect.y2) / 2) * ratio);
                        const row = context.getImageData(0, y, canvas.width, 1).data;
                        const white = [];
                        const line = [];
                        for (let x = 0; x < canvas.width; x++) {
                          const [r, g, b] = row.slice(x * 4, x * 4 + 3);
                          if (r > 235 && g > 235 && b > 235) white.push(x / ratio);
                          if (Math.abs(r - 0x9f) < 6 && Math.abs(g - 0xca) < 6 && b > 245) line.push(x / ratio);
                        }
                        return [rect.x1, rect.x2, white[0], white.at(-1), line[0], line.at(-1)];
                      }
                      """,
                      (int) sent);
      double x1 = seen.get(0).doubleValue();
      double x2 = seen.get(1).doubleValue();
      assertThat(seen.get(4).doubleValue())
          .as("left line of frame %s", i)
          .isCloseTo(x1 - 1, within(1));
      assertThat(seen.get(5).doubleValue())
          .as("right line of frame %s", i)
          .isCloseTo(x2, within(1));
      // The casing covers two pixels inside the line.
      assertThat(seen.get(2).doubleValue())
          .as("left end of the block in frame %s", i)
          .isCloseTo(x1 + 2, within(2.5));
      assertThat(seen.get(3).doubleValue())
          .as("right end of the block in frame %s", i)
          .isCloseTo(x2 - 3, within(2.5));
    }
    assertThat(tile("gate").locator("ul li").count()).isEqualTo(1);
    is(tile("gate"), "live");
  }

  private static org.assertj.core.data.Offset<Double> within(double offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  @Test
  void aCameraThatIsGoneSaysSoAtOnceAndShowsNothingThatLooksLive() {
    show("gate", "yard");
    server.frame("gate", "DETECTED", 100_000, CAR);
    server.frame("yard", "DETECTED", 100_000, CAR);
    is(tile("yard"), "live");
    assertThat(boxesDrawn("yard")).isEqualTo(1);
    ObjectNode gone =
        camera("yard")
            .put("state", "NO_PICTURE")
            .put("cause", "RTSP read timed out.")
            .put("sinceMicros", now())
            .put("retryAtMicros", now() + 60_000_000L);
    long before = System.nanoTime();
    server.cameras(camera("gate"), gone);
    is(tile("yard"), "no-picture");
    assertThat((System.nanoTime() - before) / 1_000_000)
        .as("milliseconds until it is said")
        .isLessThan(1_500);
    assertThat(tile("yard").locator(".words strong"))
        .hasText(Pattern.compile("No picture since " + TIME));
    assertThat(tile("yard").locator(".words span"))
        .hasText(Pattern.compile("RTSP read timed out, retrying in (60|59|58) s"));
    assertThat(tile("yard").locator(".age"))
        .hasText(Pattern.compile("Last picture, \\d+ s old. Not live."));
    assertThat(tile("yard").locator("canvas"))
        .hasCSS("filter", "grayscale(1) brightness(0.3) blur(2px)");
    assertThat(tile("yard")).hasCSS("border-top-style", "dashed");
    assertThat(tile("yard").locator("ul")).hasCount(0);
    page.waitForCondition(() -> boxesDrawn("yard") == 0);
    assertThat(pixelsOfClass("yard")).as("pixels in the colour of a car").isZero();
    is(tile("gate"), "live");
    assertThat(page.locator("[aria-live=polite]")).containsText("yard: No picture since");

    // Back again: the next picture alone says so, before the status does.
    server.frame("yard", "DETECTED", 50_000, CAR);
    is(tile("yard"), "live");
    page.waitForCondition(() -> boxesDrawn("yard") == 1);
    assertThat(pixelsOfClass("yard")).isPositive();
  }

  private int boxesDrawn(String id) {
    return ((Number) tile(id).evaluate("tile => tile.painted?.laid.length ?? -1")).intValue();
  }

  private int pixelsOfClass(String id) {
    return ((Number)
            tile(id)
                .evaluate(
                    """
                    (tile) => {
                      const canvas = tile.renderRoot.querySelector('canvas');
                      const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                      let n = 0;
                      for (let i = 0; i < data.length; i += 4) if (data[i] === 0x9f && data[i + 1] === 0xca && data[i + 2] === 0xff) n++;
                      return n;
                    }
                    """))
        .intValue();
  }

  @Test
  void silenceIsBehindAfterASecondAndNoPictureAfterTen() {
    show("gate");
    server.frame("gate", "DETECTED", 200_000, CAR);
    is(tile("gate"), "live");
    is(tile("gate"), "behind");
    assertThat(tile("gate").locator(".latency")).hasCSS("font-weight", "600");
    server.frame("gate", "DETECTED", 9_300_000, CAR);
    is(tile("gate"), "no-picture");
    assertThat(tile("gate").locator(".words span"))
        .hasText("Ingest sends frames, but the detector has not answered them");
  }

  @Test
  void aLostServerIsSaidWithItsTimeAndThePageRecoversByItself() {
    show("gate", "yard");
    server.summary();
    server.frame("gate", "DETECTED", 100_000, CAR);
    is(tile("gate"), "live");
    page.waitForTimeout(300);
    server.drop();
    Locator banner = page.locator(".banner");
    assertThat(banner)
        .containsText(Pattern.compile("Connection to the server lost at " + TIME + "\\."));
    assertThat(banner)
        .containsText(
            "Pictures and numbers below are from then and are no longer live. Cameras and detection run on without this page.");
    assertThat(banner).containsText(Pattern.compile("Trying again in \\d+ s|Trying now"));
    assertThat(page.locator("[aria-live=assertive]"))
        .containsText("Connection to the server lost at");
    is(tile("gate"), "unknown");
    is(tile("yard"), "unknown");
    assertThat(tile("gate").locator(".words strong"))
        .hasText(Pattern.compile("Picture from " + TIME));
    assertThat(tile("gate").locator("canvas")).hasCSS("filter", Pattern.compile("grayscale.*"));
    page.waitForCondition(() -> boxesDrawn("gate") == 0);
    assertThat(page.locator("fovea-strip .cell").first())
        .containsText(Pattern.compile("Detections at " + TIME + "\\s*31.4"));
    assertThat(page.locator("fovea-top-bar .status")).hasText("Disconnected");
    page.screenshot(
        new Page.ScreenshotOptions().setPath(Screenshots.path("scripted-disconnected")));

    server.acceptAgain();
    assertThat(page.locator("fovea-top-bar .status")).hasText("Connected");
    assertThat(banner).hasCount(0);
    // The old picture is not passed off as a new one: the tile waits for its next.
    is(tile("gate"), "connecting");
    assertThat(tile("gate").locator("canvas")).hasCSS("filter", Pattern.compile("grayscale.*"));
    server.frame("gate", "DETECTED", 100_000, CAR);
    is(tile("gate"), "live");
  }

  @Test
  void aServerThatHasJustStartedAndKnowsNoCameraYetDoesNotEmptyTheWall() {
    show("gate", "yard");
    server.frame("gate", "DETECTED", 100_000, CAR);
    is(tile("gate"), "live");
    server.drop();
    is(tile("gate"), "unknown");
    server.greet(ScriptedServer::cameras);
    server.acceptAgain();
    assertThat(page.locator("fovea-top-bar .status")).hasText("Connected");
    is(tile("gate"), "connecting");
    is(tile("yard"), "connecting");
    server.cameras(camera("yard"));
    server.frame("yard", "DETECTED", 100_000, CAR);
    is(tile("yard"), "live");
    assertThat(page.locator("fovea-tile").first().locator(".open")).hasText("gate");
    // What it does not name for good is gone.
    assertThat(tile("gate"))
        .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(20_000));
  }

  @Test
  void withoutACameraThePageSaysHowToAddTheFirst() {
    context.grantPermissions(List.of("clipboard-read", "clipboard-write"));
    server.greet(ScriptedServer::cameras);
    show();
    assertThat(page.locator("h1")).hasText("Add your first camera");
    assertThat(page.locator("fovea-empty code").first())
        .hasText("./fovea demo --camera gate=rtsp://192.0.2.10/stream1");
    page.locator("fovea-empty .button").first().click();
    assertThat(page.locator("fovea-empty .button").first()).hasText("Copied");
    page.screenshot(new Page.ScreenshotOptions().setPath(Screenshots.path("scripted-empty")));
    server.cameras(camera("gate"));
    assertThat(tile("gate")).isVisible();
    assertThat(page.locator("h1")).hasCount(0);
  }

  @Test
  void beforeTheFirstPictureEachTileSaysWhatItWaitsFor() {
    server.greet(
        s ->
            s.cameras(
                camera("gate")
                    .put("state", "CONNECTING")
                    .put("attempt", 1)
                    .put("sinceMicros", now() - 2_000_000L),
                camera("yard").put("sinceMicros", now() - 1_000_000L)));
    show();
    is(tile("gate"), "connecting");
    assertThat(tile("gate").locator(".words"))
        .containsText(Pattern.compile("Connecting.*try 1, for \\d s"));
    assertThat(tile("yard").locator(".words")).containsText("Waiting for the first picture");
    assertThat(page.locator("fovea-strip .cell").nth(1)).containsText("needs 100 frames");
    page.screenshot(new Page.ScreenshotOptions().setPath(Screenshots.path("scripted-loading")));
  }

  @Test
  void namesAndCausesAreTextAndNeverMarkup() {
    String evil = "<img src=x onerror=alert(1)>";
    server.greet(
        s ->
            s.cameras(
                camera(evil)
                    .put("state", "NO_PICTURE")
                    .put("cause", "<b>bold</b>")
                    .put("source", "\"><script>alert(2)</script>"),
                camera("gate")));
    page.onDialog(
        dialog -> {
          throw new AssertionError("A camera's name ran as script: " + dialog.message());
        });
    show();
    assertThat(tile(evil)).isVisible();
    assertThat(tile(evil).locator(".words span")).hasText("<b>bold</b>");
    assertThat(page.locator("img, b")).hasCount(0);
    server.frame("gate", "DETECTED", 100_000, new Box("<i>car</i>", 0.9, 10, 100, 200, 200));
    assertThat(tile("gate").locator("ul li")).containsText("<i>car</i>");
  }

  @Test
  void aPictureThatCannotBeReadDoesNotDisturbTheOthers() {
    show("gate", "yard");
    server.frame("yard", "DETECTED", 100_000, CAR);
    server.frame("gate", "DETECTED", 100_000, "not a JPEG".getBytes(UTF_8), CAR);
    is(tile("yard"), "live");
    is(tile("gate"), "connecting");
    server.frame("gate", "UNDECODABLE", 100_000);
    is(tile("gate"), "live");
    assertThat(tile("gate").locator(".note"))
        .hasText("Not analysed: the detector could not read it");
  }

  @Test
  void carriedOverBoxesAreCornersAndSaidInWords() {
    show("gate");
    server.frame("gate", "UNCHANGED", 100_000, CAR);
    assertThat(tile("gate").locator(".note")).hasText("Unchanged: boxes carried over");
    assertThat(tile("gate").evaluate("tile => tile.painted.laid[0].style")).isEqualTo("carried");
  }

  @Test
  void theLedgerOpensOnAClickAndNamesTheCameraWhoseBooksDoNotClose() {
    ObjectNode wrong = camera("yard");
    ((ObjectNode) wrong.get("ledger"))
        .put("inFlight", 0)
        .put("unaccounted", 2)
        .put("state", "unbalanced");
    server.greet(s -> s.cameras(camera("gate"), wrong));
    show();
    Locator cell = page.locator("fovea-strip .cells fovea-ledger button.cell");
    assertThat(cell).containsText("2 frames unaccounted for");
    assertThat(cell).containsText("yard");
    cell.click();
    Locator sheet = page.locator("fovea-strip .cells fovea-ledger #sheet");
    assertThat(sheet).isVisible();
    assertThat(sheet.locator("tr.whole").first()).containsText("6\u202f000");
    assertThat(sheet).containsText("dropped, queue full");
    assertThat(sheet.locator("tr.sum").last()).containsText("difference 2");
    assertThat(sheet).containsText("yard: 2 frames without a line");
    sheet.getByText("By camera").click();
    assertThat(sheet.locator(".camera h3")).hasText(new String[] {"gate", "yard"});
    page.keyboard().press("Escape");
    assertThat(sheet).isHidden();
    server.cameras(camera("gate"), camera("yard"));
    assertThat(cell).containsText("Balanced");
    page.keyboard().press("l");
    assertThat(sheet).isVisible();
    assertThat(sheet).containsText("Every frame is accounted for.");
  }

  @Test
  void everythingCanBeDoneFromTheKeyboard() {
    show("a-1", "a-2", "b-1", "b-2");
    page.keyboard().press("ArrowRight");
    page.keyboard().press("ArrowDown");
    assertThat(focused()).isEqualTo("b-1");
    page.keyboard().press("ArrowUp");
    page.keyboard().press("ArrowRight");
    assertThat(focused()).isEqualTo("a-2");
    page.keyboard().press("Enter");
    assertThat(page).hasURL(Pattern.compile("#camera=a-2$"));
    assertThat(tile("a-2")).hasAttribute("large", "");
    assertThat(tile("a-1")).isHidden();
    assertThat(page.locator("fovea-details")).containsText("rtsp://192.0.2.10/a-2");
    page.keyboard().press("Escape");
    assertThat(tile("a-1")).isVisible();
    page.waitForCondition(() -> "a-2".equals(focused()));
    page.keyboard().press("/");
    page.keyboard().type("b-2");
    assertThat(page.locator("fovea-find li")).hasCount(1);
    page.keyboard().press("Enter");
    page.waitForCondition(() -> "b-2".equals(focused()));
    page.keyboard().press("?");
    assertThat(page.locator("fovea-keys h2")).isVisible();
    page.locator("fovea-keys input").uncheck();
    page.keyboard().press("Escape");
    assertThat(page.locator("fovea-keys h2")).isHidden();
    page.keyboard().press("/");
    assertThat(page.locator("fovea-find input")).isHidden();
  }

  private String focused() {
    return (String) page.locator("fovea-wall").evaluate("wall => wall.focusedId ?? ''");
  }

  @Test
  void aHiddenPageAsksForNoPicturesAndShowsNoneAsLiveWhenItIsBack() {
    show("gate");
    server.frame("gate", "DETECTED", 100_000, CAR);
    is(tile("gate"), "live");
    hide(true);
    is(tile("gate"), "paused");
    page.waitForCondition(
        () ->
            server.heard().stream()
                .anyMatch(
                    m ->
                        m.path("type").asText().equals("pause")
                            && m.path("camera").asText().equals("gate")));
    hide(false);
    is(tile("gate"), "connecting");
    page.waitForCondition(
        () -> server.heard().stream().anyMatch(m -> m.path("type").asText().equals("resume")));
    server.frame("gate", "DETECTED", 100_000, CAR);
    is(tile("gate"), "live");
  }

  private void hide(boolean hidden) {
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true}); document.dispatchEvent(new Event('visibilitychange')); }",
        hidden);
  }

  @Test
  void theChosenThemeIsRememberedAndBothHoldTheirContrast() {
    show("gate");
    contrastHolds(
        Map.of(
            "tx", 12.4, "tx2", 7.3, "tx3", 4.8, "edge", 3.1, "ac", 6.5, "ok", 7.1, "warn", 9.3,
            "bad", 6.1));
    page.locator("fovea-top-bar button[aria-label^=Theme]").click();
    assertThat(
            page.evaluate(
                "getComputedStyle(document.documentElement).getPropertyValue('--bg').trim()"))
        .isEqualTo("#f3f4f7");
    page.reload();
    assertThat(tile("gate")).isVisible();
    contrastHolds(
        Map.of(
            "tx", 14.4, "tx2", 7.0, "tx3", 4.7, "edge", 3.3, "ac", 5.3, "ok", 4.9, "warn", 5.1,
            "bad", 5.3));
  }

  /** The lowest contrast over the four surfaces, by WCAG's formula, is what the design says. */
  private void contrastHolds(Map<String, Double> expected) {
    for (Map.Entry<String, Double> token : expected.entrySet()) {
      double lowest =
          number(
              page.evaluate(
                  """
                  (token) => {
                    const style = getComputedStyle(document.documentElement);
                    const rgb = (name) => style.getPropertyValue('--' + name).trim().slice(1).match(/../g).map((h) => parseInt(h, 16) / 255);
                    const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                    const luminance = (name) => rgb(name).map(linear).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
                    const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                    return Math.min(...['bg', 's1', 's2', 's3'].map((surface) => ratio(luminance(token), luminance(surface))));
                  }
                  """,
                  token.getKey()));
      assertThat(lowest)
          .as("contrast of %s", token.getKey())
          .isGreaterThanOrEqualTo(token.getValue() - 0.06);
    }
  }

  @Test
  void camerasThatHaveStoppedComeLast() {
    open(new Browser.NewContextOptions().setViewportSize(1440, 900));
    server.greet(
        s ->
            s.cameras(
                camera("attic").put("state", "STOPPED").put("sinceMicros", now()),
                camera("barn").put("state", "ENDED").put("sinceMicros", now()),
                camera("dock"),
                camera("yard").put("state", "NO_PICTURE").put("sinceMicros", now())));
    show();
    assertThat(page.locator("fovea-tile .open"))
        .hasText(new String[] {"dock", "yard", "attic", "barn"});
  }

  @Test
  void onAPhoneProblemsComeFirstAndFingersHitTheirTargets() {
    open(
        new Browser.NewContextOptions()
            .setViewportSize(390, 844)
            .setColorScheme(ColorScheme.DARK)
            .setHasTouch(true)
            .setIsMobile(true)
            .setDeviceScaleFactor(2));
    server.greet(
        s ->
            s.cameras(
                camera("dock"),
                camera("gate"),
                camera("yard")
                    .put("state", "NO_PICTURE")
                    .put("cause", "RTSP read timed out")
                    .put("sinceMicros", now())));
    show();
    assertThat(page.locator("fovea-tile").first().locator(".open")).hasText("yard");
    assertThat(page.locator("fovea-strip .phone")).containsText("0 of 3 cameras live");
    assertThat(page.locator("fovea-strip .phone")).containsText("Ledger balanced");
    server.frame("dock", "DETECTED", 100_000, CAR);
    server.frame("gate", "DETECTED", 100_000, CAR);
    assertThat(page.locator("fovea-strip .phone")).containsText("2 of 3 cameras live");
    assertThat(page.evaluate("document.documentElement.scrollWidth"))
        .as("no sideways scrolling")
        .isEqualTo(390);
    for (Locator target :
        page.locator(
                ".tabs a, .tabs button, .problem, fovea-tile .open, fovea-ledger[short] button")
            .all()) {
      if (target.isVisible()) {
        assertThat(target.boundingBox().height).as(target.innerText()).isGreaterThanOrEqualTo(44);
      }
    }
    page.locator(".tabs").getByText("Charts").click();
    assertThat(page.locator("fovea-wall")).isHidden();
    assertThat(page.locator("fovea-chart").first()).isVisible();
    page.locator(".tabs").getByText("Wall").click();
    assertThat(page.locator("fovea-wall")).isVisible();
  }

  @Test
  void onAPhoneNoMoreThanThreeProblemsAreNamedTheWorstFirst() {
    open(new Browser.NewContextOptions().setViewportSize(390, 844).setIsMobile(true));
    ObjectNode[] cameras = new ObjectNode[8];
    for (int i = 0; i < cameras.length; i++) {
      cameras[i] = camera("lane-" + i).put("sinceMicros", now());
    }
    cameras[6].put("state", "NO_PICTURE").put("cause", "RTSP read timed out");
    server.greet(s -> s.cameras(cameras));
    show();
    for (int i = 0; i < cameras.length; i++) {
      if (i != 6) {
        server.frame("lane-" + i, "DETECTED", 4_000_000, CAR);
      }
    }
    Locator problems = page.locator("fovea-strip .problem");
    assertThat(problems).hasCount(4);
    assertThat(problems.first()).containsText("lane-6");
    assertThat(problems.nth(1)).containsText("lane-0");
    assertThat(problems.last()).hasText("and 5 more");
    assertThat(problems.last()).not().hasCSS("color", "rgb(0, 0, 238)");
  }

  @Test
  void theChartIsAlsoATable() {
    show("gate");
    long start = now() / 10_000_000L * 10_000_000L;
    server.counts("gate", "car", start - 20_000_000L, 100, 200);
    server.counts("gate", "car", start - 10_000_000L, 100, 300);
    Locator chart = page.locator("fovea-chart").first();
    assertThat(chart.locator(".plot"))
        .hasAttribute(
            "aria-label",
            Pattern.compile(
                "Objects in view, mean at once per 10 s, last 5 min, all cameras. car 3"));
    chart.getByText("Table").click();
    assertThat(chart.locator("tbody tr").first()).containsText("3");
    assertThat(chart.locator("tbody tr").nth(1)).containsText("2");
  }
}
