package dev.fovea.trainer.round;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the gate found.
 *
 * @param promoted whether the candidate is to go live: no rule refused it
 * @param rules every rule that was looked at, in order
 */
public record Verdict(boolean promoted, List<Finding> rules) {
  public Verdict {
    rules = List.copyOf(rules);
  }

  static Verdict of(List<Finding> rules) {
    return new Verdict(rules.stream().noneMatch(r -> r.outcome() == Outcome.REFUSED), rules);
  }

  /** The sentences of the rules that refused the candidate. */
  public List<String> reasons() {
    return rules.stream()
        .filter(r -> r.outcome() == Outcome.REFUSED)
        .map(Finding::sentence)
        .toList();
  }

  /** The finding about the gain in AP; empty where the gate did not come to it. */
  public Optional<Finding> gain() {
    return rules.stream().filter(r -> r.rule().equals(Gate.GAIN)).findFirst();
  }

  /** What came of a rule. UNJUDGED: there was too little to go by, and that is let pass. */
  public enum Outcome {
    PASSED,
    REFUSED,
    UNJUDGED
  }

  /**
   * One rule's finding.
   *
   * @param rule its name, such as {@code gain} or {@code class}
   * @param subject the class or camera it is about; empty for the whole
   * @param figures what it was decided by, by name
   * @param sentence the same for a person
   */
  public record Finding(
      String rule, String subject, Outcome outcome, Map<String, Double> figures, String sentence) {
    public Finding {
      figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }
  }
}
