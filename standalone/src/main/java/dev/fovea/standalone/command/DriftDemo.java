package dev.fovea.standalone.command;

import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.standalone.drift.DriftException;
import dev.fovea.standalone.drift.DriftOutcome;
import dev.fovea.standalone.drift.DriftSettings;
import dev.fovea.standalone.drift.DriftSite;
import dev.fovea.standalone.drift.DriftStory;
import dev.fovea.standalone.drift.Teller;
import dev.fovea.standalone.experiment.LabelsPage;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** {@code fovea demo --drift} on the terminal. */
final class DriftDemo {
  private final DriftSettings settings;
  private final PrintWriter out;
  private final StopSignal stop;

  DriftDemo(DriftSettings settings, PrintWriter out, StopSignal stop) {
    this.settings = settings;
    this.out = out;
    this.stop = stop;
  }

  /**
   * Tells the story, and goes on running until it is stopped.
   *
   * @return 0 if everything came out as it should; else 1, whatever the reason
   */
  int run() throws IOException, ModelLoadException, InterruptedException {
    boolean right;
    try (DriftSite site = DriftSite.start(settings, this::starting)) {
      var unused = site.failed().whenComplete((done, failure) -> stop.request());
      welcome(site);
      right = tell(site);
      if (!stop.signalled() && !site.failed().isDone()) {
        line("");
        line("  The cameras go on by night; Ctrl-C stops them.");
        stop.await();
      }
      if (site.failed().isCompletedExceptionally()) {
        site.failed().join();
      }
      line("");
      line("  stopping …");
    }
    line("  stopped; the data stays in " + settings.dataFolder());
    return right ? 0 : 1;
  }

  private boolean tell(DriftSite site) throws IOException, InterruptedException {
    try {
      end(
          new DriftStory(
                  site, terminal(), time -> stop.await(time.toMillis(), TimeUnit.MILLISECONDS))
              .tell());
      return true;
    } catch (DriftStory.BrokenOff e) {
      line("");
      line("  " + e.getMessage());
    } catch (DriftException e) {
      line("");
      line("  The story did not come out right: " + e.getMessage());
    }
    return false;
  }

  private void starting(String step) {
    line("  starting " + step + " …");
  }

  private void welcome(DriftSite site) {
    line("");
    line("  Dashboard  http://localhost:" + settings.httpPort());
    line("  Kafka      " + site.bootstrapServers());
    line("  Model      " + settings.model() + ", trained by day");
    line("  Logs       " + settings.dataFolder() + "/fovea.log, trainer.log");
    line("");
  }

  private void end(DriftOutcome outcome) throws IOException {
    line("");
    line(
        String.format(
            Locale.ROOT,
            "  %d labelled frames, chosen by the detector, made good %.0f %% of what night had cost.",
            outcome.labels(),
            100 * outcome.share()));
    line("");
    line("  Mined against random, measured offline by `fovea experiment labels` (docs/drift.md):");
    line("  " + LabelsPage.finding(Home.folder().resolve("docs")).orElse("it has not been run."));
    line("");
    line("  Report of the round that went live   " + outcome.report());
    line("  Report of the round that was refused " + outcome.refusedReport());
  }

  /** On a terminal the status moves in place; into a file only events go. */
  private Teller terminal() {
    boolean moving = Terminal.isInteractive();
    return new Teller() {
      @Override
      public void event(String line) {
        line((moving ? "\r\033[K" : "") + "  " + line);
      }

      @Override
      public void status(String line) {
        if (moving) {
          out.print("\r\033[K  " + line);
          out.flush();
        }
      }
    };
  }

  private void line(String line) {
    out.println(line);
    out.flush();
  }
}
