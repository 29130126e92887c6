package dev.fovea.standalone.drift;

/** The story did not go as it should; the message is a sentence that says what was seen instead. */
public final class DriftException extends Exception {
  private static final long serialVersionUID = 1L;

  DriftException(String sentence) {
    super(sentence);
  }
}
