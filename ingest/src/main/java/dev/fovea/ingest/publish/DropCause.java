package dev.fovea.ingest.publish;

/** Why a frame that a source delivered, and that was wanted, is not in the topic. */
enum DropCause {
  /** As many frames as allowed wait for Kafka already, or Kafka is away. */
  BACKPRESSURE("backpressure"),
  /** The record would be larger than the topic takes. */
  TOO_LARGE("too-large"),
  /** The source delivered something that is no picture, or that could not be encoded. */
  ENCODE_FAILED("encode-failed"),
  /** It was handed to a Kafka producer that failed for good before writing it. */
  PRODUCER_FAILED("producer-failed");

  private final String key;

  DropCause(String key) {
    this.key = key;
  }

  /** The cause's name in the ledger. */
  String key() {
    return key;
  }
}
