package dev.fovea.standalone.audit;

/** What an audit can find that must not be. */
public enum Fault {
  MISSING("missing", "frame without an answer", "frames without an answer"),
  REPEATED(
      "repeated",
      "answer to a frame that had one already",
      "answers to frames that had one already"),
  OUT_OF_ORDER("outOfOrder", "answer out of the frames' order", "answers out of the frames' order"),
  NO_FRAME("answersToNoFrame", "answer to no frame", "answers to no frame"),
  DEAD_LETTERED(
      "deadLettered",
      "frame with a dead letter and no answer",
      "frames with a dead letter and no answer"),
  DELETED_UNANSWERED(
      "deletedUnanswered",
      "frame that retention deleted before it was answered",
      "frames that retention deleted before they were answered"),
  LOST_FRAME(
      "lostFrames",
      "frame that has a number and is not on the topic",
      "frames that have a number and are not on the topic"),
  FRAME_NUMBER(
      "frameNumbersOutOfStep",
      "frame whose number does not go on from the last",
      "frames whose number does not go on from the last"),
  CAPTURE_TIME(
      "captureTimesNotRising",
      "frame taken no later than the one before it",
      "frames taken no later than the one before them"),
  LEDGER(
      "ledgersThatDoNotBalance",
      "frame whose ledger does not balance",
      "frames whose ledger does not balance"),
  STATUS_LEDGER(
      "statusLedgersThatDoNotBalance",
      "camera status whose ledger does not balance",
      "camera statuses whose ledger does not balance"),
  STATUS_AHEAD(
      "publishedNotOnTopic",
      "frame that the camera's status calls published and is not on the topic",
      "frames that the camera's status calls published and are not on the topic"),
  LETTER_MISSING(
      "deadLettersMissing",
      "record that should have a dead letter and has none",
      "records that should have a dead letter and have none"),
  LETTER_REPEATED(
      "deadLettersRepeated",
      "dead letter of a record that had one already",
      "dead letters of records that had one already"),
  LETTER_UNEXPLAINED(
      "deadLettersUnexplained",
      "dead letter of a frame that was answered as if nothing were wrong",
      "dead letters of frames that were answered as if nothing were wrong"),
  BAD_ANSWER(
      "unreadableAnswers",
      "record on the detections topic that is no answer",
      "records on the detections topic that are no answers");

  private final String key;
  private final String one;
  private final String many;

  Fault(String key, String one, String many) {
    this.key = key;
    this.one = one;
    this.many = many;
  }

  /** Its name in JSON. */
  public String key() {
    return key;
  }

  /** What {@code count} of them are, in words without the number. */
  String words(long count) {
    return count == 1 ? one : many;
  }
}
