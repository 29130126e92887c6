package dev.fovea.standalone.command;

import dev.fovea.standalone.audit.Audit;
import dev.fovea.standalone.audit.AuditReport;
import dev.fovea.standalone.audit.AuditSettings;
import dev.fovea.standalone.audit.AuditWindow;
import dev.fovea.standalone.audit.ReportJson;
import dev.fovea.standalone.audit.ReportText;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Holds the answers on a Kafka against its frames. */
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeOnExecutionException = 2,
    description = {
      "Check that every frame on Kafka has exactly one answer, in order, and that the frame ledger"
          + " holds.",
      "",
      "It only reads, in no group, up to where the topics ended when it began: it may run beside"
          + " everything else."
    },
    footer = {
      "",
      "  fovea audit --config detector.conf",
      "  fovea audit --kafka localhost:9092 --from 1h --to 10m",
      "  fovea audit --from 2026-11-24T20:00:00Z --json",
      "",
      "T is a time with its zone (2026-11-24T20:00:00Z) or how long ago (90s, 10m, 2h, 3d).",
      "Exit status: 0 clean, 1 not clean, 2 cannot tell or wrong usage."
    })
public final class AuditCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--from",
      paramLabel = "T",
      description = "Frames taken at T or later (default: from the oldest kept).")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "T",
      description =
          "Frames taken before T (default: to the newest). Answers that came later count.")
  private @Nullable String to;

  @Option(
      names = "--camera",
      paramLabel = "NAME",
      description = "Only this camera; may be repeated.")
  private Set<String> cameras = new LinkedHashSet<>();

  @Option(
      names = "--grace",
      paramLabel = "TIME",
      defaultValue = "1m",
      description =
          "Frames behind the last answer that were published less than TIME ago are not yet"
              + " answered; with older ones it cannot tell (default: ${DEFAULT-VALUE}).")
  private String grace;

  @Option(names = "--json", description = "Print JSON (docs/audit.md).")
  private boolean json;

  @Mixin private KafkaOptions kafka = new KafkaOptions();

  @Override
  public Integer call() {
    AuditReport report = Audit.run(settings(Instant.now()), passed -> {});
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(ReportJson.of(report));
    } else {
      out.print(ReportText.of(report));
    }
    out.flush();
    return report.verdict().status();
  }

  private AuditSettings settings(Instant now) {
    return new AuditSettings(
        kafka.settings(), window(now), cameras, duration("--grace", grace), now);
  }

  private AuditWindow window(Instant now) {
    long first = from == null ? AuditWindow.ALL.fromMicros() : micros("--from", from, now);
    long end = to == null ? AuditWindow.ALL.toMicros() : micros("--to", to, now);
    try {
      return new AuditWindow(first, end);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--from must be before --to", e);
    }
  }

  private long micros(String option, String text, Instant now) {
    Instant time;
    try {
      time = PastTime.parse(text, now);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
  }

  private Duration duration(String option, String text) {
    try {
      return PastTime.duration(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
  }
}
