package dev.fovea.trainer.schedule;

import dev.fovea.schema.Metrics;
import dev.fovea.schema.Metrics.Kind;
import dev.fovea.trainer.fit.ProgressListener.Step;
import dev.fovea.trainer.round.RoundMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Which figures the trainer gives to Prometheus. */
public final class TrainerMetrics {
  private static final List<String> PHASES = List.of("waiting", "training", "measuring", "storing");
  private static final double MILLIS = 1_000;

  private TrainerMetrics() {}

  public static Metrics of(
      RoundMetrics rounds, LabelFeed labels, RoundSchedule schedule, Clock clock) {
    Metrics metrics = new Metrics();
    addRounds(metrics, rounds, schedule, clock);
    addTraining(metrics, rounds);
    addLabels(metrics, labels);
    return metrics;
  }

  private static void addRounds(
      Metrics metrics, RoundMetrics rounds, RoundSchedule schedule, Clock clock) {
    metrics
        .addByLabels(
            "fovea_trainer_rounds_total",
            Kind.COUNTER,
            "Rounds that are over, by outcome, those of earlier processes too.",
            () -> byLabel("outcome", rounds.over()))
        .add(
            "fovea_trainer_failed_attempts_total",
            Kind.COUNTER,
            "Attempts at a round that failed.",
            rounds::failedAttempts)
        .addByLabels(
            "fovea_trainer_phase",
            Kind.GAUGE,
            "1 for what the trainer is at, else 0.",
            () -> phases(rounds.phase().orElse("waiting")))
        .addByLabels(
            "fovea_trainer_round",
            Kind.GAUGE,
            "Number of the last round.",
            () -> one(rounds.last(), last -> (double) last.number()))
        .addByLabels(
            "fovea_trainer_round_duration_seconds",
            Kind.GAUGE,
            "How long the last round has taken, its pauses included; until now while it is not over.",
            () -> one(rounds.last(), last -> seconds(last.duration(clock.instant()))))
        .addByLabels(
            "fovea_trainer_ap",
            Kind.GAUGE,
            "AP on the hold-out in the last round that was measured, of its candidate and of the live model.",
            () -> rounds.last().map(l -> byLabel("model", l.accuracies())).orElse(Map.of()))
        .addByLabels(
            "fovea_trainer_last_promotion_timestamp_seconds",
            Kind.GAUGE,
            "When a round last made its model live, Unix time.",
            () -> one(rounds.promotedAt(), at -> at.toEpochMilli() / MILLIS))
        .addByLabels(
            "fovea_trainer_next_round_seconds",
            Kind.GAUGE,
            "Until the next round that is planned by time.",
            () -> one(schedule.next(clock.instant()), at -> until(at, clock)));
  }

  private static void addTraining(Metrics metrics, RoundMetrics rounds) {
    training(metrics, rounds, "step", "Steps done of the training that runs.", Step::step);
    training(metrics, rounds, "steps", "Steps of the training that runs.", Step::steps);
    training(
        metrics, rounds, "pictures_per_second", "Speed of the training.", Step::picturesPerSecond);
    metrics.addByLabels(
        "fovea_trainer_training_loss",
        Kind.GAUGE,
        "Loss at the last step, per foreground anchor, of the classes and of the boxes.",
        () ->
            rounds
                .step()
                .map(s -> byLabel("part", Map.of("class", s.classLoss(), "box", s.boxLoss())))
                .orElse(Map.of()));
  }

  private static void training(
      Metrics metrics,
      RoundMetrics rounds,
      String name,
      String help,
      ToDoubleFunction<Step> value) {
    metrics.addByLabels(
        "fovea_trainer_training_" + name,
        Kind.GAUGE,
        help,
        () -> one(rounds.step(), value::applyAsDouble));
  }

  private static void addLabels(Metrics metrics, LabelFeed labels) {
    metrics
        .addByLabels(
            "fovea_trainer_annotations_total",
            Kind.COUNTER,
            "Annotations read, by what became of them.",
            () -> byLabel("outcome", labels.taken()))
        .addByLabels(
            "fovea_trainer_dataset_pictures",
            Kind.GAUGE,
            "Pictures of the data set's last version, by side of the split.",
            () -> byLabel("side", labels.pictures()))
        .addByLabels(
            "fovea_trainer_dataset_new_labels",
            Kind.GAUGE,
            "Labels that are in no version of the data set yet.",
            () -> Map.of("", (double) labels.waiting()))
        .add(
            "fovea_trainer_label_feed_up",
            Kind.GAUGE,
            "1 while annotations are taken in, 0 while they cannot be.",
            () -> labels.trouble().isEmpty() ? 1 : 0)
        .addByLabels(
            "fovea_trainer_label_feed_age_seconds",
            Kind.GAUGE,
            "Since the annotations topic was last read to its end.",
            () -> one(labels.sinceRead(), TrainerMetrics::seconds));
  }

  private static Map<String, Double> phases(String now) {
    Map<String, Double> phases = new LinkedHashMap<>();
    for (String phase : PHASES) {
      phases.put(Metrics.label("phase", phase), phase.equals(now) ? 1.0 : 0.0);
    }
    return phases;
  }

  /** A figure without labels that may not be there. */
  private static <T> Map<String, Double> one(Optional<T> of, Function<T, Double> value) {
    return of.map(t -> Map.of("", value.apply(t))).orElse(Map.of());
  }

  private static Map<String, Double> byLabel(String label, Map<String, ? extends Number> values) {
    Map<String, Double> figures = new LinkedHashMap<>();
    values.forEach(
        (value, figure) -> figures.put(Metrics.label(label, value), figure.doubleValue()));
    return figures;
  }

  private static double until(Instant at, Clock clock) {
    return seconds(Duration.between(clock.instant(), at));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS;
  }
}
