package dev.fovea.standalone.experiment;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * All that came out.
 *
 * @param settings what the runs have in common, by key
 * @param runs in the variants' order
 * @param concentration of the loss of one trained network, once there is one
 */
public record Results(
    Map<String, String> settings, List<RunResult> runs, Optional<Concentration> concentration) {
  public Results {
    settings = new TreeMap<>(settings);
    runs = List.copyOf(runs);
  }

  /** The runs of a variant, by seed. */
  List<RunResult> of(Variant variant) {
    return runs.stream().filter(run -> run.variant().equals(variant.id())).toList();
  }
}
