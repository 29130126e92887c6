package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.standalone.drift.DriftOutcome;
import dev.fovea.standalone.drift.DriftPlan;
import dev.fovea.standalone.drift.DriftSettings;
import dev.fovea.standalone.drift.DriftSite;
import dev.fovea.standalone.drift.DriftStory;
import dev.fovea.standalone.drift.Teller;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code fovea demo --drift} in small, by the classes that the demo uses: about two minutes, most
 * of them waiting for cameras.
 */
class DriftIT {
  /** Less than the demo asks for: some twenty pictures are learned from, for some seconds. */
  private static final double LEAST_RECOVERY = 0.25;

  private static final DriftPlan SMALL =
      new DriftPlan(
          4,
          1,
          Duration.ofSeconds(12),
          Duration.ofSeconds(3),
          Duration.ofSeconds(12),
          60,
          40,
          0.35,
          6,
          70,
          4,
          LEAST_RECOVERY,
          Duration.ofMinutes(6));

  private static final Path MODEL = Path.of("../models/street-day").toAbsolutePath().normalize();

  @TempDir Path folder;

  @Test
  void nightFallsTheModelIsRetrainedAndABadRoundIsRefused() throws Exception {
    List<String> story = new ArrayList<>();
    try (DriftSite site = DriftSite.start(settings(), step -> {})) {
      CountDownLatch never = new CountDownLatch(1);
      DriftOutcome outcome =
          new DriftStory(
                  site,
                  listener(story),
                  time -> never.await(time.toMillis(), TimeUnit.MILLISECONDS))
              .tell();

      assertThat(outcome.atNight()).as("%s", story).isLessThan(outcome.byDay() - 0.1);
      assertThat(outcome.share()).as("%s", story).isGreaterThanOrEqualTo(LEAST_RECOVERY);
      assertThat(outcome.labels()).isLessThan(100);
      assertThat(outcome.liveVersion()).matches("r000[1-3]-[0-9a-f]{8}");
      assertThat(outcome.refusal()).contains("AP");
      assertThat(Files.readString(outcome.report())).contains(outcome.liveVersion());
      assertThat(outcome.refusedReport()).isNotEmptyFile();
      assertThat(audit(site)).contains("\"clean\"");
    }
  }

  private DriftSettings settings() throws IOException {
    return new DriftSettings(
        SMALL,
        MODEL,
        folder.resolve("site"),
        freePort(),
        0,
        System.getProperty("java.class.path") + ":target/dist/lib-training/*");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Teller listener(List<String> story) {
    return new Teller() {
      @Override
      public void event(String line) {
        story.add(line);
      }

      @Override
      public void status(String line) {}
    };
  }

  /** No frame was lost or answered twice, whatever model answered. */
  private static String audit(DriftSite site) {
    StringWriter out = new StringWriter();
    int status =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .execute("audit", "--json", "--kafka", site.bootstrapServers());
    assertThat(status).as("%s", out).isZero();
    return out.toString();
  }
}
