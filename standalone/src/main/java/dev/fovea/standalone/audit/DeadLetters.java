package dev.fovea.standalone.audit;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Holds the dead letters of frames against what calls for one: records of the frames topic that are
 * no frame, and pictures that could not be read.
 */
final class DeadLetters {
  /**
   * What was found, faults apart.
   *
   * @param badRecords records of the frames topic that are no frame
   * @param lettered those of them that have their dead letter
   * @param notYetLettered those that came a moment ago and have none yet
   * @param overdue those that wait for longer, behind the last answer
   * @param undecodable frames answered UNDECODABLE that are still on the topic
   * @param elsewhere dead letters of other topics or services, which are not judged
   */
  record Summary(
      long badRecords,
      long lettered,
      long notYetLettered,
      long overdue,
      long undecodable,
      long elsewhere) {}

  private final TopicExtent frames;
  private final AuditWindow window;
  private final Faults faults;
  private final Map<Integer, NumberSet> letters = new HashMap<>();
  private final Map<Integer, NumberSet> undecodables = new HashMap<>();
  private long badRecords;
  private long lettered;
  private long notYetLettered;
  private long overdue;
  private long undecodable;
  private long elsewhere;

  DeadLetters(TopicExtent frames, AuditWindow window, Faults faults) {
    this.frames = frames;
    this.window = window;
    this.faults = faults;
  }

  /** A frame was answered UNDECODABLE: its record has a dead letter. */
  void expect(int partition, long offset) {
    undecodables.computeIfAbsent(partition, p -> new NumberSet()).add(offset);
  }

  /** A record of the dead letters' topic. */
  void letter(ConsumerRecord<byte[], byte[]> letter) {
    OptionalLong partition = number(letter, "partition");
    OptionalLong offset = number(letter, "offset");
    if (!frames.topic().equals(text(letter, "topic"))
        || partition.isEmpty()
        || offset.isEmpty()
        || !frames.spans().containsKey((int) partition.getAsLong())) {
      elsewhere++;
      return;
    }
    int of = (int) partition.getAsLong();
    boolean isNew = letters.computeIfAbsent(of, p -> new NumberSet()).add(offset.getAsLong());
    // A letter has the time of what it is about.
    if (!isNew
        && frames.span(of).contains(offset.getAsLong())
        && window.containsMillis(letter.timestamp())) {
      faults.add(
          Fault.LETTER_REPEATED,
          () -> "of the record at partition %d, offset %d".formatted(of, offset.getAsLong()));
    }
  }

  boolean isLettered(int partition, long offset) {
    NumberSet known = letters.get(partition);
    return known != null && known.contains(offset);
  }

  private boolean isUndecodable(int partition, long offset) {
    NumberSet known = undecodables.get(partition);
    return known != null && known.contains(offset);
  }

  /**
   * A record of the frames topic, within the window, that is no frame.
   *
   * @param due a later record of the partition has been answered
   * @param recent it came a moment ago
   */
  void badRecord(int partition, long offset, boolean due, boolean recent, String why) {
    badRecords++;
    if (isLettered(partition, offset)) {
      lettered++;
    } else if (due) {
      faults.add(
          Fault.LETTER_MISSING,
          () -> "the record at partition %d, offset %d: %s".formatted(partition, offset, why));
    } else if (recent) {
      notYetLettered++;
    } else {
      overdue++;
    }
  }

  /** A frame, within the window, that was answered. */
  void answered(
      CameraTally camera, dev.fovea.schema.avro.FrameHead frame, CameraTally.Standing at) {
    if (isUndecodable(at.partition(), at.offset())) {
      undecodable++;
      if (!at.lettered()) {
        camera.fault(Fault.LETTER_MISSING, frame, at);
      }
    } else if (at.lettered()) {
      camera.fault(Fault.LETTER_UNEXPLAINED, frame, at);
    }
  }

  Summary summary() {
    return new Summary(badRecords, lettered, notYetLettered, overdue, undecodable, elsewhere);
  }

  private static OptionalLong number(ConsumerRecord<byte[], byte[]> letter, String header) {
    String text = text(letter, header);
    if (text == null || !text.matches("[0-9]{1,18}")) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(text));
  }

  private static @Nullable String text(ConsumerRecord<byte[], byte[]> letter, String header) {
    Header found = letter.headers().lastHeader(header);
    return found == null || found.value() == null
        ? null
        : new String(found.value(), StandardCharsets.UTF_8);
  }
}
