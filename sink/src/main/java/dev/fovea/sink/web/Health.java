package dev.fovea.sink.web;

import java.util.LinkedHashMap;
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
