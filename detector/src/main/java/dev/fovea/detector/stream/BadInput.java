package dev.fovea.detector.stream;

import java.util.Locale;

/**
 * Why a record could not be worked on. It becomes a dead letter and the rest goes on.
 *
 * @param cause the kind of error, for counters
 * @param message one sentence for a person, naming record and rule
 * @param error the error itself
 */
record BadInput(Cause cause, String message, Exception error) {

  /** Kinds of bad input, and the stage that finds each. */
  enum Cause {
    /** The record has no value: a tombstone. */
    NO_VALUE("read"),
    /** The value is no {@code Frame} in Avro. */
    NOT_A_FRAME("read"),
    /** It is a {@code Frame}, but breaks a rule of the contract. */
    INVALID_FRAME("read"),
    /** The picture in the frame cannot be read. */
    UNREADABLE_PICTURE("decode");

    private final String stage;

    Cause(String stage) {
      this.stage = stage;
    }

    /** The stage's name, as dead letters give it. */
    String stage() {
      return stage;
    }

    /** The name for counters and logs, such as {@code not-a-frame}. */
    String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
