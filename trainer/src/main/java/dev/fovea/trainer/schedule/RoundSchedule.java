package dev.fovea.trainer.schedule;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * When a round is due: at the times of a cron expression, if there are new labels, and as soon as
 * so many have come. A time that passed while the trainer was down is made up for.
 */
public final class RoundSchedule {
  private final Optional<ExecutionTime> times;
  private final ZoneId zone;
  private final int afterLabels;

  /**
   * @param cron five fields, as crontab has them; empty = never by time
   * @param zone that the expression is meant in
   * @param afterLabels 0 = never by labels
   * @throws IllegalArgumentException if the expression is none
   */
  public RoundSchedule(String cron, ZoneId zone, int afterLabels) {
    this.times =
        cron.isEmpty()
            ? Optional.empty()
            : Optional.of(
                ExecutionTime.forCron(
                    new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
                        .parse(cron)));
    this.zone = zone;
    this.afterLabels = afterLabels;
  }

  /**
   * Why a round is due, in words; empty while none is.
   *
   * @param since when the last one was, or was looked at and had nothing to learn
   * @param newLabels annotations since the last round's
   */
  public Optional<String> due(Instant now, Instant since, long newLabels) {
    if (newLabels <= 0) {
      return Optional.empty();
    }
    if (afterLabels > 0 && newLabels >= afterLabels) {
      return Optional.of(newLabels + " new labels have come");
    }
    return next(since).filter(time -> !time.isAfter(now)).map(time -> "it was planned for " + time);
  }

  /** The next time after one; empty where none is planned. */
  public Optional<Instant> next(Instant after) {
    return times
        .flatMap(t -> t.nextExecution(ZonedDateTime.ofInstant(after, zone)))
        .map(ZonedDateTime::toInstant);
  }

  /** Whether the time has come, new labels or not. */
  boolean timeHasCome(Instant now, Instant since) {
    return next(since).filter(time -> !time.isAfter(now)).isPresent();
  }
}
