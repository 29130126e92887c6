package dev.fovea.trainer.torchvision;

import dev.fovea.trainer.model.NetworkGraph.ParameterSpec;
import dev.fovea.trainer.model.Operator;
import dev.fovea.trainer.weights.StateDict;
import dev.fovea.trainer.weights.WeightsException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Takes a graph's parameters out of a state dict and knows afterwards what it has not taken. */
final class ParameterReader {
  /** How often BatchNorm was trained; of no use afterwards. */
  private static final String COUNTER = ".num_batches_tracked";

  private static final int KEYS_SHOWN = 3;

  private final StateDict weights;
  private final Function<String, List<String>> keys;
  private final Set<String> taken = new HashSet<>();

  /**
   * @param keys from a parameter's name to the keys it may have, the likeliest first
   */
  ParameterReader(StateDict weights, Function<String, List<String>> keys) {
    this.weights = weights;
    this.keys = keys;
  }

  /**
   * Reads parameters.
   *
   * @return values by the parameters' names
   * @throws WeightsException naming the key that is missing or does not fit
   */
  Map<String, float[]> read(Collection<ParameterSpec> parameters) throws WeightsException {
    Map<String, float[]> values = new HashMap<>();
    for (ParameterSpec parameter : parameters) {
      values.put(parameter.name(), read(parameter.name(), parameter.shape()));
    }
    return values;
  }

  /** Reads one parameter, which must have the shape given. */
  float[] read(String parameter, List<Integer> shape) throws WeightsException {
    String key = key(parameter);
    taken.add(key);
    return weights.read(key, shape);
  }

  /** The key that a parameter has, or should have. */
  String key(String parameter) {
    List<String> possible = keys.apply(parameter);
    return possible.stream().filter(weights.keys()::contains).findFirst().orElse(possible.get(0));
  }

  /**
   * Makes sure that nothing was left over.
   *
   * @param ignored keys that may be left
   * @throws WeightsException naming keys that were not taken
   */
  void requireAllTaken(Predicate<String> ignored) throws WeightsException {
    List<String> left = new ArrayList<>();
    for (String key : weights.keys()) {
      if (!taken.contains(key) && !key.endsWith(COUNTER) && !ignored.test(key)) {
        left.add(key);
      }
    }
    if (!left.isEmpty()) {
      throw weights.refused(
          "has %s%s, which this network has no place for"
              .formatted(
                  String.join(", ", left.subList(0, Math.min(KEYS_SHOWN, left.size()))),
                  left.size() > KEYS_SHOWN
                      ? " and %d keys more".formatted(left.size() - KEYS_SHOWN)
                      : ""));
    }
  }

  /**
   * Brings BatchNorms that add {@code epsilon} to the variance to the trainer's, which adds its
   * own: γ / √(σ² + ε) stays what it is.
   *
   * @param values by the parameters' names; each {@code gamma} with a {@code variance} is changed
   * @throws WeightsException naming the key of a variance that is negative, or 0 where nothing is
   *     added to it
   */
  void adaptEpsilon(Map<String, float[]> values, double epsilon) throws WeightsException {
    for (String name : Set.copyOf(values.keySet())) {
      if (name.endsWith(".variance")) {
        float[] variance = values.getOrDefault(name, new float[0]);
        String gammaName = name.substring(0, name.length() - "variance".length()) + "gamma";
        float[] gamma = values.getOrDefault(gammaName, new float[0]);
        for (int i = 0; i < gamma.length; i++) {
          if (variance[i] < 0 || variance[i] + epsilon <= 0) {
            throw weights.refused(
                "%s holds the variance %s as value %d".formatted(key(name), variance[i], i));
          }
          gamma[i] *=
              (float)
                  Math.sqrt(
                      ((double) variance[i] + Operator.BatchNorm.EPSILON)
                          / ((double) variance[i] + epsilon));
        }
      }
    }
  }
}
