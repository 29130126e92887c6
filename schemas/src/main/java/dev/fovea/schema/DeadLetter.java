package dev.fovea.schema;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * A record that could not be worked on, with its key, bytes, time and headers, and headers that say
 * where it is from and why: {@code topic}, {@code partition}, {@code offset}, {@code stage}, {@code
 * error-class}, {@code error-message}.
 */
public final class DeadLetter {
  /** {@link Topics#MAX_DEAD_LETTER_BYTES} has room for this much beside the largest record. */
  private static final int MAX_MESSAGE_CHARS = 4_000;

  private DeadLetter() {}

  /**
   * The record to write.
   *
   * @param stage where in the service it failed
   * @param message what is wrong with it, in one sentence
   */
  public static ProducerRecord<byte[], byte[]> of(
      Topic<byte[], byte[]> deadLetters,
      ConsumerRecord<byte[], byte[]> record,
      String stage,
      Exception error,
      String message) {
    Long time = record.timestamp() < 0 ? null : record.timestamp();
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            deadLetters.name(), null, time, record.key(), record.value(), record.headers());
    Headers headers = letter.headers();
    put(headers, "topic", record.topic());
    put(headers, "partition", Integer.toString(record.partition()));
    put(headers, "offset", Long.toString(record.offset()));
    put(headers, "stage", stage);
    put(headers, "error-class", error.getClass().getName());
    put(headers, "error-message", limited(message));
    return letter;
  }

  private static void put(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  private static String limited(String message) {
    return message.substring(0, Math.min(message.length(), MAX_MESSAGE_CHARS));
  }
}
