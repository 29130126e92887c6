package dev.fovea.trainer.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.detector.geometry.AnchorShapes;
import dev.fovea.detector.model.Fit;
import dev.fovea.detector.model.ModelManifest;
import dev.fovea.trainer.TrainSettings;
import dev.fovea.trainer.data.CocoDataset;
import dev.fovea.trainer.data.LabelledPicture;
import dev.fovea.trainer.data.LabelledPicture.Annotation;
import dev.fovea.trainer.evaluate.CocoEvaluator;
import dev.fovea.trainer.evaluate.ScoredBox;
import dev.fovea.trainer.labels.LabelVersion;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundReportTest {
  private static final String HOSTILE = "\"><script src=//evil.example/x.js></script>\u202ekcab";
  private static final List<String> CLASSES = List.of("car", HOSTILE);

  @TempDir Path folder;

  @Test
  void theReportIsOneFileThatAsksNobodyForAnything() throws Exception {
    String html = html();

    assertThat(html).startsWith("<!doctype html>");
    // The reports of a test run may be looked at: target/round-report.html.
    Files.writeString(Path.of("target", "round-report.html"), html);
    assertThat(html).doesNotContain("<script").doesNotContain("<link").doesNotContain("url(");
    assertThat(html.replaceAll("href=\"data:image/jpeg;base64,[A-Za-z0-9+/=]+\"", ""))
        .as("addresses that are not pictures within the page")
        .doesNotContain("href=")
        .doesNotContain("src=\"");
    assertThat(html).contains("default-src 'none'");
    assertThat(html.length()).as("bytes").isLessThan(4_000_000);
  }

  @Test
  void namesOfClassesAndCamerasAreText() throws Exception {
    String html = html();

    assertThat(html)
        .contains("&quot;&gt;&lt;script src=//evil.example/x.js&gt;&lt;/script&gt;")
        .contains("\\u202ekcab")
        .doesNotContain("\u202e");
  }

  @Test
  void whatDecidedIsThere() throws Exception {
    String html = html();

    assertThat(html)
        .contains("Held at the gate")
        .contains("No class forgotten, passed")
        .contains("Class car, passed")
        .contains("By camera")
        .contains("north")
        .contains("model.onnx, SHA-256")
        .contains("from the weights of release v14")
        .contains("Missed: ")
        .contains("Nothing there: ");
  }

  private String html() throws IOException {
    Random random = new Random(3);
    CocoDataset data = data(random);
    Map<Long, String> cameras = new HashMap<>();
    data.pictures().forEach(p -> cameras.put(p.id(), p.id() % 2 == 0 ? "north" : HOSTILE));
    HoldOut holdOut = new HoldOut(data, cameras, Map.of());
    Measured candidate = measured("r0015-3fa9c1d2", holdOut, random, 0.8, 18.6);
    Measured live = measured("v14", holdOut, random, 0.77, 18.4);
    Verdict verdict =
        new Gate(new GateSettings(0.005, 0.95, 200, 1, 0.03, 0.03, 20, false, 1.2, 20))
            .judge(holdOut, candidate.contender(), Optional.of(live.contender()));
    RoundState state = new RoundState(15, "9", 412, 15, Instant.parse("2026-11-24T14:02:46Z"));
    state.against("v14", "/releases/v14", "0".repeat(64));
    state.startedFrom("from the weights of release v14");
    state.candidate("r0015-3fa9c1d2");
    state.judged(verdict);
    return new RoundReport(
            state,
            TrainSettings.defaults(),
            labels(),
            holdOut,
            curves(),
            candidate,
            Optional.of(live),
            12)
        .html();
  }

  private LabelVersion labels() throws IOException {
    Path train = Files.writeString(folder.resolve("train.json"), "{}");
    Path val = Files.writeString(folder.resolve("val.json"), "{}");
    return new LabelVersion(
        "9",
        Optional.of("8"),
        train,
        val,
        folder,
        CLASSES,
        300,
        40,
        2,
        700,
        Map.of("car", 500, HOSTILE, 200),
        Map.of("north", 170, HOSTILE, 170),
        412,
        Map.of(),
        Instant.parse("2026-11-24T14:00:00Z"));
  }

  private static Progress.Curves curves() {
    int steps = TrainSettings.defaults().schedule().steps();
    List<Progress.Loss> losses =
        IntStream.rangeClosed(1, 100)
            .mapToObj(
                i -> new Progress.Loss(i * steps / 100, 0.2 + 1.0 / i, 0.15 + 0.6 / Math.sqrt(i)))
            .toList();
    List<Progress.Accuracy> accuracies =
        IntStream.rangeClosed(1, 5)
            .mapToObj(i -> new Progress.Accuracy(i * steps / 5, 0.6 - 0.3 / i, 0.9 - 0.4 / i))
            .toList();
    return new Progress.Curves(losses, accuracies);
  }

  private CocoDataset data(Random random) throws IOException {
    List<LabelledPicture> pictures = new ArrayList<>();
    long annotation = 1;
    for (long id = 1; id <= 40; id++) {
      BufferedImage image = new BufferedImage(640, 360, BufferedImage.TYPE_INT_RGB);
      Graphics2D g = image.createGraphics();
      g.setColor(new Color(70, 80, 90));
      g.fillRect(0, 0, 640, 360);
      List<Annotation> boxes = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int label = random.nextInt(2);
        int x = 200 * i + random.nextInt(80);
        int y = random.nextInt(250);
        g.setColor(label == 0 ? new Color(40, 90, 170) : new Color(170, 80, 40));
        g.fillRect(x, y, 110, 70);
        boxes.add(new Annotation(annotation++, label, x, y, 110, 70, 7_700, false));
      }
      g.dispose();
      Path file = folder.resolve(id + ".jpg");
      ImageIO.write(image, "jpg", file.toFile());
      pictures.add(new LabelledPicture(id, file, 640, 360, boxes, Set.of()));
    }
    return new CocoDataset(folder.resolve("val.json"), CLASSES, List.of(1L, 2L), pictures);
  }

  private static Measured measured(
      String version, HoldOut holdOut, Random random, double skill, double millis) {
    List<ScoredBox> found = new ArrayList<>();
    for (LabelledPicture picture : holdOut.data().pictures()) {
      for (Annotation a : picture.annotations()) {
        double draw = random.nextDouble();
        double score = 0.4 + 0.6 * random.nextDouble();
        int label = draw > 0.95 ? 1 - a.label() : a.label();
        if (draw < skill || draw > 0.9) {
          found.add(new ScoredBox(picture.id(), label, a.x() + 8 * draw, a.y(), 110, 70, score));
        }
        if (draw > 0.85) {
          found.add(new ScoredBox(picture.id(), label, a.x(), 290, 60, 60, score - 0.1));
        }
      }
    }
    return new Measured(
        manifest(version),
        new Contender(CLASSES, found, millis),
        new CocoEvaluator(holdOut.data()).measure(found));
  }

  private static ModelManifest manifest(String version) {
    return new ModelManifest(
        "street",
        version,
        640,
        384,
        Fit.STRETCH,
        List.of(0.5f, 0.5f, 0.5f),
        List.of(0.2f, 0.2f, 0.2f),
        CLASSES,
        new AnchorShapes(2, List.of(0.5, 1.0, 2.0), List.of(1.0, 1.26), false),
        0.5f,
        0.5f,
        1000,
        100,
        "ab".repeat(32),
        Map.of(),
        Map.of());
  }
}
