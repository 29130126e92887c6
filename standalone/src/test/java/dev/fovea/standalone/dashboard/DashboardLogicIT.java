package dev.fovea.standalone.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The dashboard's pure modules, imported as the page imports them and asked from outside. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set in @BeforeAll
class DashboardLogicIT {

  private Chromium chromium;
  private DashboardFiles files;
  private BrowserContext context;
  private Page page;

  @BeforeAll
  void open() throws IOException {
    chromium = Chromium.open();
    files = DashboardFiles.serve();
    context = chromium.context(new Browser.NewContextOptions().setTimezoneId("Asia/Seoul"));
    page = context.newPage();
    page.navigate(files.origin() + "/tokens.css");
  }

  @AfterAll
  void close() {
    if (chromium != null) {
      context.close();
      chromium.close();
      files.close();
    }
  }

  /** Evaluates an expression with a module's exports in scope as m. */
  private Object in(String module, String expression) {
    return page.evaluate(
        "async () => { const m = await import('/" + module + "'); return " + expression + "; }");
  }

  @Test
  void numbersAreGroupedByThinSpacesThatDoNotBreak() {
    assertThat(in("format.js", "[0, 999, 1000, 8412921, -1310, -0.2].map(m.count)"))
        .isEqualTo(
            List.of("0", "999", "1\u202f000", "8\u202f412\u202f921", "\u22121\u202f310", "0"));
    assertThat(in("format.js", "[0, 31.44, 99.94, 99.96, 1234.5].map(m.rate)"))
        .isEqualTo(List.of("0.0", "31.4", "99.9", "100", "1\u202f235"));
  }

  @Test
  void scoresHaveTwoDigitsAndNoLeadingZero() {
    assertThat(in("format.js", "[0, .056, .7, .949, .994, .996, 1].map(m.score)"))
        .isEqualTo(List.of(".00", ".06", ".70", ".95", ".99", "1.0", "1.0"));
  }

  @Test
  void timesAreInTheViewersZoneAndDatedWhenNotOfToday() {
    long micros = 1_795_500_166_000_000L; // 2026-11-24T06:02:46Z
    assertThat(in("format.js", "m.dateAndClock(" + micros + ")")).isEqualTo("Tue 24 Nov 15:02:46");
    assertThat(in("format.js", "m.moment(" + micros + ", " + micros + " + 60e6)"))
        .isEqualTo("15:02:46");
    assertThat(in("format.js", "m.moment(" + micros + ", " + micros + " + 86400e6)"))
        .isEqualTo("24 Nov 15:02:46");
  }

  @Test
  void durationsTakeTheLargestSensibleUnit() {
    assertThat(in("format.js", "[-3, 35, 119, 240, 7200, 12000, 518400].map(m.duration)"))
        .isEqualTo(List.of("0 s", "35 s", "119 s", "4 min", "2 h", "3 h 20 min", "6 days"));
  }

  @Test
  void percentilesAreMeasuredValuesByNearestRank() {
    assertThat(
            in(
                "latency.js",
                "[m.percentile([], 50), m.percentile([7], 99), m.percentile([1,2,3,4], 50), m.percentile([1,2,3,4], 99)]"))
        .isEqualTo(Arrays.asList(null, 7, 2, 4));
  }

  @Test
  void latencyNeedsEnoughFramesAndForgetsThemAfterAMinute() {
    String filled =
        "(() => { const h = new m.LatencyHistory(); for (let i = 1; i <= N; i++) h.add(i * 1e5, i); return h.lastMinute(T); })()";
    assertThat(in("latency.js", filled.replace("N", "99").replace("T", "99e5")))
        .isEqualTo(map("p50", null, "p99", null, "frames", 99));
    assertThat(in("latency.js", filled.replace("N", "200").replace("T", "200e5")))
        .isEqualTo(map("p50", 100, "p99", 198, "frames", 200));
    assertThat(in("latency.js", filled.replace("N", "200").replace("T", "90e6")))
        .isEqualTo(map("p50", null, "p99", null, "frames", 0));
  }

  @Test
  void aSpanWithoutPaintedFramesIsAGapAndSpansAreNeverAveraged() {
    assertThat(
            in(
                "latency.js",
                "(() => { const h = new m.LatencyHistory(); for (let i = 0; i < 98; i++) h.add(1e6, 100); h.add(11e6, 900); h.add(12e6, 900);"
                    + " return h.series([0, 20e6], 20e6); })()"))
        .isEqualTo(Map.of("p50", Arrays.asList(100, null), "p99", Arrays.asList(900, null)));
  }

  @Test
  void theServersClockIsTakenFromTheQuickestAnswer() {
    assertThat(
            in(
                "clock.js",
                "(() => { const c = new m.ServerClock(); c.add(0, 100, 5050); c.add(200, 210, 7205); c.add(300, 900, 99); c.add(9, 3, 1); return c.offsetMicros; })()"))
        .isEqualTo(7000);
  }

  @Test
  void aBinaryMessageIsItsHeaderAndTheRest() {
    assertThat(
            in(
                "live.js",
                "(() => { const h = new TextEncoder().encode('{\"type\":\"frame\",\"camera\":\"é\"}'); const b = new Uint8Array(4 + h.length + 3);"
                    + " new DataView(b.buffer).setUint32(0, h.length); b.set(h, 4); b.set([1,2,3], 4 + h.length);"
                    + " const f = m.parseFrame(b.buffer); return [f.camera, [...f.jpeg].join()]; })()"))
        .isEqualTo(List.of("é", "1,2,3"));
  }

  @Test
  void chipsGoAboveThenBelowThenRightAlignedThenBesideElseNowhere() {
    // A stage of 200 x 100 and chips 50 wide.
    assertThat(chip("{x1:20,y1:40,x2:80,y2:80}")).isEqualTo("18,21");
    assertThat(chip("{x1:20,y1:5,x2:80,y2:60}")).isEqualTo("18,62");
    assertThat(chip("{x1:160,y1:40,x2:198,y2:80}")).isEqualTo("150,21");
    assertThat(chip("{x1:20,y1:2,x2:80,y2:98}")).isEqualTo("82,0");
    assertThat(chip("{x1:1,y1:1,x2:199,y2:99}")).isEqualTo("none");
    assertThat(chip("{x1:20,y1:40,x2:40,y2:60}")).as("under 500 square pixels").isEqualTo("none");
  }

  private Object chip(String box) {
    return in(
        "boxes.js",
        "(() => { const v = m.fit(200, 100, 200, 100, 1); const [b] = m.layOut([{label:'car', score:.9, ..."
            + box
            + "}], 'DETECTED', v, () => 40); return b.chip ? b.chip.x + ',' + b.chip.y : 'none'; })()");
  }

  @Test
  void chipsNeverCoverEachOtherWhateverTheBoxes() {
    assertThat(
            in(
                "boxes.js",
                """
                (() => {
                  let seed = 20261124;
                  const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
                  for (let round = 0; round < 300; round++) {
                    const v = m.fit(640, 360, 462, 260, 1);
                    const boxes = Array.from({length: 40}, () => {
                      const x1 = random() * 600, y1 = random() * 320;
                      return {label: 'person', score: random(), x1, y1, x2: x1 + 10 + random() * 200, y2: y1 + 10 + random() * 200};
                    });
                    const reserved = {x: 0, y: 232, width: 200, height: 28};
                    const chips = m.layOut(boxes, 'UNCHANGED', v, () => 70, reserved).map((b) => b.chip).filter(Boolean).concat(reserved);
                    for (const a of chips) {
                      if (a.x < 0 || a.y < 0 || a.x + a.width > 462 || a.y + a.height > 260) return 'outside in round ' + round;
                      for (const b of chips)
                        if (a !== b && a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height) return 'overlap in round ' + round;
                    }
                  }
                  return 'fine';
                })()
                """))
        .isEqualTo("fine");
  }

  @Test
  void linesSayCertaintyAndCarriedOverBoxesAreCorners() {
    assertThat(
            in(
                "boxes.js",
                "(() => { const v = m.fit(100, 100, 100, 100, 1); const b = (s, o) => { const [x] = m.layOut([{label:'cat', score:s, x1:20,y1:30,x2:80,y2:90}], o, v, () => 9);"
                    + " return x.style + ' ' + x.chip.text; }; return [b(.7,'DETECTED'), b(.69,'DETECTED'), b(.9,'UNCHANGED')]; })()"))
        .isEqualTo(List.of("certain cat .70", "uncertain cat .69 ?", "carried cat .90"));
  }

  @Test
  void boxesScaleWithTheirPictureIntoTheLetterboxOnWholeDevicePixels() {
    assertThat(
            in(
                "boxes.js",
                "(() => { const v = m.fit(640, 480, 320, 180, 1.5); const [b] = m.layOut([{label:'car', score:.9, x1:64,y1:48,x2:320,y2:240}], 'DETECTED', v, () => 9);"
                    + " const r = b.rect; return [v.x, v.y, v.width, v.height, ...[r.x1, r.y1, r.x2, r.y2].map(p => p * 1.5)]; })()"))
        .isEqualTo(List.of(40, 0, 240, 180, 96, 27, 240, 135));
  }

  @Test
  void classesKeepTheDesignsColoursAndBeyondSevenGetADigit() {
    assertThat(
            in(
                "classes.js",
                "(() => { const p = new m.ClassPalette(null); return ['bicycle','cat','car','dog','person','truck','bottle','bus','owl'].map(l => p.of(l).slot + p.text(l)); })()"))
        .isEqualTo(
            List.of(
                "3bicycle",
                "1cat",
                "2car",
                "4dog",
                "5person",
                "6truck",
                "7bottle",
                "1bus 2",
                "2owl 2"));
  }

  @Test
  void aLedgerThatClosesIsBalancedAndSumsOverCameras() {
    assertThat(ledger("m.verdict(c)", "{}", "{}"))
        .isEqualTo(
            Map.of("state", "balanced", "word", "Balanced", "detail", "4 in flight", "tone", "ok"));
    assertThat(
            ledger(
                "m.equations(m.addUp(c)).map(e => e.whole + ' ' + e.value + ' ' + e.difference)",
                "{}",
                "{}"))
        .isEqualTo(List.of("decoded 200 0", "published 160 0"));
    assertThat(ledger("m.conclusion(c, [{id: 'a', at: '14:02:11'}])", "{}", "{}"))
        .isEqualTo("Every frame is accounted for. a counts up to 14:02:11.");
  }

  @Test
  void missingFramesAreNamedWithTheirCamera() {
    String one = "{inFlight: -1, unaccounted: 3, state: 'unbalanced'}";
    assertThat(ledger("m.verdict(c)", "{}", one))
        .isEqualTo(
            Map.of(
                "state",
                "unbalanced",
                "word",
                "3 frames unaccounted for",
                "detail",
                "b",
                "tone",
                "bad"));
    assertThat(ledger("m.conclusion(c, [])", "{}", one))
        .isEqualTo("b: 3 frames without a line. No outcome was recorded for them.");
    assertThat(ledger("m.verdict(c).word", "{}", "{state: 'settling'}")).isEqualTo("Settling");
    assertThat(in("ledger-sums.js", "m.verdict([{id: 'a', ledger: null}])")).isNull();
  }

  private Object ledger(String expression, String first, String second) {
    String camera =
        "(id, o) => ({id, ledger: {decoded: 100, sampledOut: 15, dropped: {backpressure: 5}, published: 80, detected: 70, unchanged: 6, stale: 1, undecodable: 1, inFlight: 2,"
            + " unaccounted: 0, state: 'balanced', ...o}})";
    return in(
        "ledger-sums.js",
        "(() => { const f = "
            + camera
            + "; const c = [f('a', "
            + first
            + "), f('b', "
            + second
            + ")]; return "
            + expression
            + "; })()");
  }

  @Test
  void aTileSaysHowItsCameraIs() {
    assertThat(tile("{}", "captureTimeMicros: NOW - .2e6")).isEqualTo("live|null|null|false");
    assertThat(tile("{}", "captureTimeMicros: NOW - .2e6, latencyMicros: 1.24e6"))
        .isEqualTo("behind|null|null|false");
    assertThat(tile("{}", "captureTimeMicros: NOW - 1e6")).isEqualTo("behind|null|null|false");
    assertThat(tile("{framesPerSecond: .5}", "captureTimeMicros: NOW - 3.9e6"))
        .as("a slow camera is not behind between two pictures")
        .startsWith("live|");
    assertThat(tile("{}", "captureTimeMicros: NOW - 10e6"))
        .isEqualTo(
            "no-picture|No picture since 15:02:36|Ingest has published no frame since, and has not said why|true");
    assertThat(tile("{lastCaptureTimeMicros: NOW}", "captureTimeMicros: NOW - 10e6"))
        .isEqualTo(
            "no-picture|No picture since 15:02:36|Ingest sends frames, but the detector has not answered them|true");
    assertThat(tile("{}", "captureTimeMicros: NOW - 10e6, unreadable: true"))
        .endsWith("|Pictures come, but this browser cannot read them|true");
    assertThat(tile("{}", "captureTimeMicros: null"))
        .isEqualTo("connecting|Waiting for the first picture|connected 60 s ago|true");
    assertThat(
            tile(
                "{state: 'CONNECTING', attempt: 2, sinceMicros: NOW - 4e6}",
                "captureTimeMicros: null"))
        .isEqualTo("connecting|Connecting|try 2, for 4 s|true");
    assertThat(tile("{}", "captureTimeMicros: NOW - .2e6, paused: true"))
        .isEqualTo("paused|Paused|This page was in the background|true");
  }

  @Test
  void aCameraThatIsGoneSaysSinceWhenAndWhatHappensNext() {
    String gone =
        "{state: 'NO_PICTURE', cause: 'RTSP read timed out.', sinceMicros: NOW - 30e6, retryAtMicros: NOW + 3.2e6}";
    assertThat(tile(gone, "captureTimeMicros: NOW - 35e6"))
        .isEqualTo(
            "no-picture|No picture since 15:02:11|RTSP read timed out, retrying in 4 s|true");
    assertThat(tile(gone.replace("NOW + 3.2e6", "NOW - 1"), "captureTimeMicros: NOW - 35e6"))
        .endsWith("|RTSP read timed out, retrying now|true");
    assertThat(tile(gone, "captureTimeMicros: NOW - .1e6"))
        .as("a picture taken after it was reported gone")
        .startsWith("live|");
    assertThat(tile(gone, "captureTimeMicros: NOW - 35e6, lostAtMicros: NOW - 5e6"))
        .isEqualTo(
            "unknown|No picture since 15:02:11|RTSP read timed out; state unknown since 15:02:41|true");
    assertThat(tile("{}", "captureTimeMicros: NOW - 5e6, lostAtMicros: NOW - 5e6"))
        .isEqualTo("unknown|Picture from 15:02:41|Not live: this page is disconnected|true");
    assertThat(
            tile(
                "{state: 'ENDED', cause: null, sinceMicros: NOW - 5e6}",
                "captureTimeMicros: NOW - 6e6"))
        .isEqualTo("ended|Ended at 15:02:41|The source was read to its end|true");
  }

  private String tile(String camera, String rest) {
    String expression =
        "(() => { const s = m.tileState({camera: {state: 'LIVE', cause: null, sinceMicros: NOW - 60e6, retryAtMicros: null, attempt: 0, lastCaptureTimeMicros: null,"
            + " framesPerSecond: 10, ..."
            + camera
            + "}, nowMicros: NOW, "
            + rest
            + "}); return [s.key, s.title, s.detail, s.stale].map(String).join('|'); })()";
    return (String) in("camera-state.js", expression.replace("NOW", "1795500166000000"));
  }

  @Test
  void objectsInViewAreMeansPerCameraSummedAndNobodyLookingIsAGap() {
    assertThat(
            in(
                "counts.js",
                """
                (() => {
                  const c = new m.Counts();
                  const w = (camera, label, start, frames, objects) => ({camera, label, startMicros: start * 1e6, frames, objects});
                  c.add([w('a', 'car', 0, 50, 100), w('b', 'car', 0, 100, 100), w('a', 'person', 10, 100, 250)]);
                  c.add([w('a', 'car', 0, 100, 300)]); // replaces the first
                  return [...c.series([0, 10e6, 20e6], 10e6)];
                })()
                """))
        .isEqualTo(
            List.of(
                List.of("car", Arrays.asList(4, 0, null)),
                List.of("person", Arrays.asList(0, 2.5, null))));
  }

  @Test
  void labelsAtLineEndsKeepTheirOrderAndTheirDistance() {
    assertThat(in("counts.js", "m.spread([50, 10, 51, 52, 99], 15, 0, 100)"))
        .isEqualTo(List.of(50, 10, 65, 80, 99));
    assertThat(in("counts.js", "m.spread([98, 99, 100], 15, 0, 100)"))
        .isEqualTo(List.of(70, 85, 100));
  }

  @Test
  void aChartGrowsToTheSmallestSpanThatHoldsWhatThereIs() {
    assertThat(in("counts.js", "[60, 301, 2000, 99999].map(s => m.spanFor(0, s * 1e6).name)"))
        .isEqualTo(List.of("5 min", "15 min", "hour", "hour"));
    assertThat(in("counts.js", "m.starts(m.spanFor(0, 100e6), 5e6, 101e6)"))
        .isEqualTo(
            List.of(
                0, 10000000, 20000000, 30000000, 40000000, 50000000, 60000000, 70000000, 80000000,
                90000000, 100000000));
  }

  private static Map<String, @Nullable Object> map(@Nullable Object... pairs) {
    Map<String, @Nullable Object> map = new HashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(String.valueOf(pairs[i]), pairs[i + 1]);
    }
    return map;
  }
}
