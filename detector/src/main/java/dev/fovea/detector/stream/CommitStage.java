package dev.fovea.detector.stream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Commits answers with the offsets of what they answer, on the committing thread: one transaction
 * for all batches that became ready while the last was being committed. After an error nothing that
 * was polled before it counts any more (see {@link Assignment}); the poll thread reads it again.
 */
final class CommitStage {
  /** Where a partition's answers stand; shows that none is skipped within an epoch. */
  private record Progress(long epoch, long nextSequence) {}

  private final BlockingQueue<List<Answer>> answers;
  private final Assignment assignment;
  private final InFlight inFlight;
  private final AnswerWriter records;
  private final Optional<CandidateWriter> candidates;
  private final TransactionalWriter writer;
  private final DetectorMetrics metrics;
  private final BadInputLog badInputs = new BadInputLog(System::nanoTime);
  private final Map<TopicPartition, Progress> progress = new HashMap<>();

  CommitStage(
      BlockingQueue<List<Answer>> answers,
      Assignment assignment,
      InFlight inFlight,
      AnswerWriter records,
      Optional<CandidateWriter> candidates,
      TransactionalWriter writer,
      DetectorMetrics metrics) {
    this.answers = answers;
    this.assignment = assignment;
    this.inFlight = inFlight;
    this.records = records;
    this.candidates = candidates;
    this.writer = writer;
    this.metrics = metrics;
  }

  /** Until interrupted; an error that trying again does not mend ends it. */
  void run() throws InterruptedException {
    try (writer) {
      writer.open();
      while (true) {
        List<Answer> ready = takeReady();
        commit(ready);
        ready.forEach(answer -> inFlight.leave(answer.frame().partition()));
      }
    }
  }

  private List<Answer> takeReady() throws InterruptedException {
    List<Answer> ready = new ArrayList<>(answers.take());
    for (List<Answer> more = answers.poll(); more != null; more = answers.poll()) {
      ready.addAll(more);
    }
    return ready;
  }

  private void commit(List<Answer> ready) throws InterruptedException {
    Optional<Assignment.Committable> committable = assignment.committable(ready);
    if (committable.isPresent()) {
      commit(committable.get().answers(), committable.get().member());
    }
  }

  private void commit(List<Answer> counting, ConsumerGroupMetadata member)
      throws InterruptedException {
    counting.forEach(this::advance);
    long started = System.nanoTime();
    List<ProducerRecord<byte[], byte[]>> written = records.records(counting);
    List<ProducerRecord<byte[], byte[]>> mined =
        candidates.map(c -> c.records(counting)).orElse(List.of());
    written.addAll(mined);
    try {
      writer.write(written, AnswerWriter.offsets(counting), member);
    } catch (KafkaException e) {
      candidates.ifPresent(CandidateWriter::failed);
      metrics.abortedTransaction();
      assignment.suspend();
      writer.recover(e);
      assignment.requestRewind();
      return;
    }
    candidates.ifPresent(CandidateWriter::committed);
    metrics.mined(mined.size());
    counting.forEach(this::committed);
    metrics.committedTransaction((System.nanoTime() - started) / 1_000);
  }

  private void committed(Answer answer) {
    metrics.committed(answer);
    if (answer.error() != null) {
      badInputs.written(answer.error());
    }
  }

  private void advance(Answer answer) {
    PolledFrame frame = answer.frame();
    Progress last = progress.get(frame.partition());
    long expected = last == null || last.epoch() != frame.epoch() ? 0 : last.nextSequence();
    if (frame.sequence() != expected) {
      throw new IllegalStateException(
          "%s: frame %d of epoch %d would be committed before frame %d"
              .formatted(frame.position(), frame.sequence(), frame.epoch(), expected));
    }
    progress.put(frame.partition(), new Progress(frame.epoch(), expected + 1));
  }
}
