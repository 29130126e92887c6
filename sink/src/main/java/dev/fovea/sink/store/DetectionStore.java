package dev.fovea.sink.store;

import dev.fovea.schema.avro.Count;
import dev.fovea.schema.avro.Detections;
import java.util.List;
import java.util.Map;

/**
 * The writing side: rows, totals and Kafka positions in one transaction. One writer at a time; a
 * second one, in this process or another, is noticed and refused.
 */
public interface DetectionStore extends AutoCloseable {
  /**
   * Where a partition is to be read on.
   *
   * @param topicId Kafka's id of the topic: a topic deleted and made anew has another
   * @param nextOffset offset of the first record not yet written
   */
  record Position(String topic, int partition, String topicId, long nextOffset) {}

  /**
   * A partition's progress through a batch.
   *
   * @param fromOffset what {@link #positions} says now; -1 where it says nothing
   * @param toOffset what it says once the batch is written
   */
  record Advance(String topic, int partition, String topicId, long fromOffset, long toOffset) {}

  /**
   * What one transaction writes.
   *
   * @param answers in the order of their partitions
   * @param counts in the order of their partitions; the last of a window counts
   */
  record Batch(List<Detections> answers, List<Count> counts, List<Advance> advances) {
    public Batch {
      answers = List.copyOf(answers);
      counts = List.copyOf(counts);
      advances = List.copyOf(advances);
    }
  }

  /** Where every partition known to the store is to be read on. */
  List<Position> positions() throws StoreException;

  /** Every camera's totals. */
  Map<String, OutcomeTotals> totals() throws StoreException;

  /**
   * Writes all of {@code batch} or nothing. A frame answered again changes the totals (as repeated)
   * and not the rows: the first answer stays.
   *
   * @return the totals of the cameras in the batch, as written
   * @throws StoreException if nothing was written; {@link StoreException#isTransient} says whether
   *     the same batch may be tried again
   */
  Map<String, OutcomeTotals> write(Batch batch) throws StoreException;

  /**
   * Forgets the positions in a topic that was made anew.
   *
   * @param totals whether the cameras' totals begin again too
   */
  void startOver(String topic, boolean totals) throws StoreException;

  /**
   * Removes old rows; totals stay.
   *
   * @return rows of detections removed
   */
  long removeBefore(long captureTimeMicros, long countsBeforeMicros) throws StoreException;

  @Override
  void close();
}
