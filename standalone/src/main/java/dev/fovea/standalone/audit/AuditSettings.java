package dev.fovea.standalone.audit;

import dev.fovea.schema.KafkaSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * What is audited.
 *
 * @param kafka the brokers and the topics' prefix
 * @param window the stretch of capture time
 * @param cameras ids of the cameras that count; empty = all
 * @param grace how old a frame behind the last answer may be and still be called "not yet answered"
 * @param now the time of the audit
 */
public record AuditSettings(
    KafkaSettings kafka, AuditWindow window, Set<String> cameras, Duration grace, Instant now) {
  /** How long a frame is usually under way at most, detectors that restart included. */
  public static final Duration DEFAULT_GRACE = Duration.ofMinutes(1);

  public AuditSettings {
    cameras = Set.copyOf(cameras);
  }

  boolean isWanted(String camera) {
    return cameras.isEmpty() || cameras.contains(camera);
  }

  long recentFromMicros() {
    return now.minus(grace).toEpochMilli() * 1_000;
  }
}
