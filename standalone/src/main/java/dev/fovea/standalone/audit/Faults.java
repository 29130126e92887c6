package dev.fovea.standalone.audit;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/** Faults counted, each kind with its first case in words. */
final class Faults {
  /**
   * One kind of fault.
   *
   * @param count how many
   * @param first the first one, for a person
   */
  record Found(long count, String first) {}

  private final Map<Fault, Found> found = new EnumMap<>(Fault.class);

  void add(Fault fault, Supplier<String> words) {
    add(fault, 1, words);
  }

  void add(Fault fault, long count, Supplier<String> words) {
    if (count == 0) {
      return;
    }
    Found before = found.get(fault);
    found.put(
        fault,
        before == null
            ? new Found(count, words.get())
            : new Found(before.count() + count, before.first()));
  }

  /** One fewer of a kind: what had been taken for it has turned up. */
  void takeBack(Fault fault) {
    found.computeIfPresent(
        fault,
        (kind, before) ->
            before.count() == 1 ? null : new Found(before.count() - 1, before.first()));
  }

  Map<Fault, Found> found() {
    return Map.copyOf(found);
  }
}
