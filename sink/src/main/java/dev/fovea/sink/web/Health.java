package dev.fovea.sink.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether each part of the sink works; asked anew at every request. */
public final class Health {
  /**
   * @param status {@code ok} or {@code failing}
   * @param checks by part, what is wrong with it, or {@code ok}
   */
  record Report(String status, Map<String, String> checks) {
    boolean isOk() {
      return status.equals("ok");
    }
  }

  private final Map<String, Supplier<Optional<String>>> checks;

  /**
   * @param checks by part, what is wrong with it, in words; empty where nothing is
   */
  public Health(Map<String, Supplier<Optional<String>>> checks) {
    this.checks = new LinkedHashMap<>(checks);
  }

  /** The parts that do not work and why, in one line; empty while all do. */
  public Optional<String> trouble() {
    List<String> failing = new ArrayList<>();
    checks.forEach(
        (part, trouble) -> trouble.get().ifPresent(why -> failing.add(part + ": " + why)));
    return failing.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", failing));
  }

  Report report() {
    Map<String, String> said = new LinkedHashMap<>();
    boolean ok = true;
    for (var check : checks.entrySet()) {
      Optional<String> trouble = check.getValue().get();
      ok &= trouble.isEmpty();
      said.put(check.getKey(), trouble.orElse("ok"));
    }
    return new Report(ok ? "ok" : "failing", said);
  }
}
