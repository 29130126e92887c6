package dev.fovea.standalone.drift;

import dev.fovea.standalone.drift.Dashboard.View;
import dev.fovea.standalone.drift.Proposals.Proposal;
import dev.fovea.trainer.labels.LabelVersion;
import dev.fovea.trainer.round.RoundState;
import dev.fovea.trainer.round.RoundState.Phase;
import dev.fovea.trainer.round.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The story, act by act; each waits for what it tells of and fails if that does not come. One
 * thread.
 */
public final class DriftStory {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  /** A round that the gate holds back may want more labels; after so many the story has failed. */
  private static final int MOST_ROUNDS = 3;

  /** The trainer's pause after a round for which too little was held out. */
  private static final Duration TRAINER_LOOKS_AGAIN = Duration.ofSeconds(30);

  private static final long SHUFFLE_SEED = 1;

  private final DriftSite site;
  private final DriftPlan plan;
  private final Dashboard dashboard;
  private final Rounds rounds;
  private final Teller teller;
  private final Pause pause;
  private final long startedNanos = System.nanoTime();

  private Optional<View> view = Optional.empty();
  private final List<Proposal> labelledFrames = new ArrayList<>();
  private Instant moreLabelsAt = Instant.EPOCH;
  private String act = "";

  /** Told to stop before its end. */
  public static final class BrokenOff extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenOff() {
      super("stopped before the story had been told to its end");
    }
  }

  public DriftStory(DriftSite site, Teller teller, Pause pause) {
    this.site = site;
    this.plan = site.settings().plan();
    this.dashboard = new Dashboard(site.settings().httpPort());
    this.rounds = new Rounds(site.settings().trainerFolder());
    this.teller = teller;
    this.pause = pause;
  }

  /**
   * Tells it.
   *
   * @throws DriftException saying what did not come out as it should
   * @throws BrokenOff if it was told to stop
   */
  public DriftOutcome tell() throws DriftException, BrokenOff, InterruptedException {
    double byDay = day();
    nightfall(byDay);
    Learned learned = learn(byDay);
    double recovered = recovery(byDay, learned);
    String refusal = badRound(learned);
    return new DriftOutcome(
        byDay,
        learned.before,
        recovered,
        learned.labels,
        learned.round,
        learned.version,
        refusal,
        rounds.report(learned.round),
        rounds.report(learned.round + 1));
  }

  // The acts.

  private double day() throws DriftException, BrokenOff, InterruptedException {
    act = "day";
    await("frames whose accuracy is measured", () -> view);
    Instant dusk = Instant.now().plus(plan.day());
    tell("%d cameras, by day", plan.cameras());
    await("the end of the day", () -> after(dusk.minusSeconds(1)));
    View last = await("accuracy by day", () -> view);
    tell("day        AP50 %s with model %s", score(last.ap50()), last.model());
    return last.ap50();
  }

  private void nightfall(double byDay) throws DriftException, BrokenOff, InterruptedException {
    act = "night falls";
    tell("dusk       night falls; the model has never seen one");
    Instant night = Instant.now().plusSeconds(1).plus(plan.dusk());
    await("night", () -> after(night));
    site.proposals().from(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()));
    View dark =
        await(
            "AP50 falling %s below the day's".formatted(score(DriftPlan.LEAST_DROP)),
            () -> view.filter(v -> v.ap50() < byDay - DriftPlan.LEAST_DROP));
    tell(
        "night      AP50 has dropped to %s and falls; the frames the detector asks about are labelled",
        score(dark.ap50()));
  }

  /**
   * What the round that went live made of the labels.
   *
   * @param before AP50 at night with the model before it
   */
  private record Learned(int round, int labels, String version, double before) {}

  private Learned learn(double byDay) throws DriftException, BrokenOff, InterruptedException {
    for (int number = 1; number <= MOST_ROUNDS; number++) {
      int round = number;
      act = "labels arrive";
      RoundState begun = await("a round of training", () -> labelFor(round));
      tellBegun(begun);
      RoundState over = awaitEnd(round);
      View before = await("accuracy at night", () -> view);
      tellVerdict(over);
      if (over.phase() == Phase.PROMOTED) {
        if (before.ap50() >= byDay - DriftPlan.LEAST_DROP) {
          throw new DriftException(
              "at night AP50 was %s, by day %s: that is no drift to learn from"
                  .formatted(score(before.ap50()), score(byDay)));
        }
        return new Learned(
            round, (int) over.annotations(), over.candidateVersion().orElse(""), before.ap50());
      }
    }
    throw new DriftException(
        "no model was good enough to go live after %d rounds".formatted(MOST_ROUNDS));
  }

  /**
   * Labels what is proposed: as much as a round is to begin with, and a quarter more each time that
   * too little of it has come to the hold-out.
   */
  private Optional<RoundState> labelFor(int round) throws InterruptedException {
    Optional<RoundState> begun = rounds.round(round);
    if (begun.isPresent()) {
      return begun;
    }
    int left = plan.labelsPerRound() * round - labelledFrames.size();
    if (left > 0) {
      site.annotator().label(taken(left));
    } else if (rounds.holdOutIsTooSmall(plan.minHoldOut())
        && !Instant.now().isBefore(moreLabelsAt)) {
      site.annotator().label(taken(plan.labelsPerRound() / 4));
      moreLabelsAt = Instant.now().plus(TRAINER_LOOKS_AGAIN);
    }
    return begun;
  }

  private double recovery(double byDay, Learned learned)
      throws DriftException, BrokenOff, InterruptedException {
    act = "the detector swaps";
    await(
        "the detector answering with " + learned.version,
        () -> view.filter(v -> v.model().equals(learned.version)));
    tell(
        "swap       the detector answers with %s, between two batches; ledger %s",
        learned.version, view.map(View::ledger).orElse("unknown"));
    act = "accuracy recovers";
    Instant measured = Instant.now().plus(plan.accuracyWindow()).plusSeconds(1);
    await("accuracy over a whole window", () -> after(measured));
    double recovered = await("accuracy at night", () -> view).ap50();
    double share = (recovered - learned.before) / (byDay - learned.before);
    tell(
        "recovery   AP50 %s at night, from %s (%s by day): %s of the loss is made good, with %d labelled frames",
        score(recovered), score(learned.before), score(byDay), percent(share), learned.labels);
    if (share < plan.leastRecovery()) {
      throw new DriftException(
          "only %s of the loss was made good, less than %s"
              .formatted(percent(share), percent(plan.leastRecovery())));
    }
    return recovered;
  }

  private String badRound(Learned learned) throws DriftException, BrokenOff, InterruptedException {
    act = "a bad batch of labels is made";
    List<Proposal> bad = new ArrayList<>(trainingPictures());
    int more = Math.max(0, plan.labelsPerRound() - bad.size());
    await(
        more + " more frames proposed for labelling",
        () -> Optional.of(more).filter(any -> site.proposals().waiting() >= any));
    bad.addAll(taken(more));
    site.annotator().labelShuffled(bad, SHUFFLE_SEED);
    tell(
        "bad labels %d frames, all that were trained on and %d more, get boxes of others and wrong classes",
        bad.size(), more);
    int round = learned.round + 1;
    RoundState begun = await("a round of training", () -> rounds.round(round));
    tellBegun(begun);
    RoundState over = awaitEnd(round);
    tellVerdict(over);
    String refusal =
        over.verdict()
            .filter(v -> !v.promoted())
            .map(v -> String.join(" ", v.reasons()))
            .orElse("");
    if (over.phase() != Phase.REFUSED || refusal.isEmpty()) {
      throw new DriftException(
          "the round of shuffled labels should have been refused by the gate, and was not: "
              + over.outcome().orElse("it did not end"));
    }
    View still = await("the detector's answers", () -> view);
    if (!still.model().equals(learned.version)) {
      throw new DriftException(
          "the detector answers with %s, not with %s".formatted(still.model(), learned.version));
    }
    tell(
        "unharmed   %s is still live: AP50 %s, ledger %s",
        still.model(), score(still.ap50()), still.ledger());
    return refusal;
  }

  /** Of the labelled frames, those that are not held out. */
  private List<Proposal> trainingPictures() {
    Set<String> training = rounds.trainingPictures();
    return labelledFrames.stream()
        .filter(frame -> training.contains(Annotator.sha256(frame.frame().getImage())))
        .toList();
  }

  // Rounds.

  private RoundState awaitEnd(int round) throws DriftException, BrokenOff, InterruptedException {
    act = "";
    return await("the end of round " + round, () -> rounds.round(round).filter(RoundState::isOver));
  }

  private void tellBegun(RoundState round) {
    String made =
        rounds
            .labels()
            .filter(labels -> labels.id().equals(round.labelVersion()))
            .map(DriftStory::makeUp)
            .orElse(round.annotations() + " labels");
    tell("training   round %d begins: %s", round.number(), made);
  }

  private static String makeUp(LabelVersion labels) {
    return "%d labelled frames, %d of them held out to judge by"
        .formatted(labels.trainPictures() + labels.valPictures(), labels.valPictures());
  }

  private void tellVerdict(RoundState round) {
    boolean promoted = round.phase() == Phase.PROMOTED;
    String said =
        promoted
            ? round.verdict().flatMap(Verdict::gain).map(Verdict.Finding::sentence).orElse("")
            : why(round);
    tell("%s round %d: %s", promoted ? "gate opens" : "gate shut ", round.number(), said);
  }

  /** The first reason; where there are more, the report has them. */
  private static String why(RoundState round) {
    List<String> reasons = round.verdict().map(Verdict::reasons).orElse(List.of());
    if (reasons.isEmpty()) {
      return round.outcome().orElse("");
    }
    String more =
        reasons.size() == 1 ? "" : " (" + (reasons.size() - 1) + " more reasons in its report)";
    return reasons.get(0) + more;
  }

  private List<Proposal> taken(int atMost) {
    List<Proposal> taken = site.proposals().take(atMost);
    labelledFrames.addAll(taken);
    return taken;
  }

  // Waiting and telling.

  private interface Look<T> {
    Optional<T> look() throws InterruptedException;
  }

  /** Looks twice a second until there is something, and meanwhile says how things stand. */
  private <T> T await(String what, Look<T> look)
      throws DriftException, BrokenOff, InterruptedException {
    long deadline = System.nanoTime() + plan.patience().toNanos();
    while (true) {
      if (pause.brokenOff(LOOK_EVERY)) {
        throw new BrokenOff();
      }
      view = dashboard.now();
      site.proposals().read();
      Optional<T> found = look.look();
      if (found.isPresent()) {
        return found.get();
      }
      requireTrainer();
      if (System.nanoTime() > deadline) {
        throw new DriftException(
            what + ": not within " + plan.patience().toSeconds() + " s; now " + standing());
      }
      teller.status(clock() + "  " + standing());
    }
  }

  private static Optional<Instant> after(Instant time) {
    return Optional.of(Instant.now()).filter(now -> !now.isBefore(time));
  }

  private void requireTrainer() throws DriftException {
    OptionalInt status = site.trainer().ended();
    if (status.isPresent()) {
      throw new DriftException(
          "the trainer has ended with status %d, the cameras go on; why is in %s"
              .formatted(status.getAsInt(), site.settings().trainerLog()));
    }
  }

  private String standing() {
    String accuracy = view.map(v -> "AP50 " + score(v.ap50())).orElse("AP50 not measured yet");
    String doing =
        act.isEmpty() ? rounds.last().map(rounds::doing).orElse("waiting for a round") : act;
    return accuracy + " · " + labelledFrames.size() + " frames labelled · " + doing;
  }

  private void tell(String format, Object... figures) {
    teller.event(clock() + "  " + String.format(Locale.ROOT, format, figures));
  }

  private String clock() {
    long seconds = (System.nanoTime() - startedNanos) / 1_000_000_000;
    return String.format(Locale.ROOT, "%2d:%02d", seconds / 60, seconds % 60);
  }

  /** As the dashboard writes it: .61. */
  private static String score(double ap50) {
    return String.format(Locale.ROOT, "%.2f", ap50).replaceFirst("^0", "");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.0f %%", 100 * share);
  }
}
