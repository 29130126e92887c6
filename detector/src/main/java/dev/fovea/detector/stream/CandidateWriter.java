package dev.fovea.detector.stream;

import dev.fovea.detector.mining.CandidateMiner;
import dev.fovea.detector.mining.CandidateMiner.Mined;
import dev.fovea.schema.Topic;
import dev.fovea.schema.Topics;
import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.LabelCandidate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The label candidates among the answers of a transaction, as records of that transaction. A frame
 * is read a second time for its picture: candidates are few, and the answers of all others need not
 * keep theirs. Committing thread only.
 */
final class CandidateWriter {
  private final CandidateMiner miner;
  private final Topic<String, Frame> frames;
  private final Topic<String, LabelCandidate> candidates;

  CandidateWriter(
      CandidateMiner miner, Topic<String, Frame> frames, Topic<String, LabelCandidate> candidates) {
    this.miner = miner;
    this.frames = frames;
    this.candidates = candidates;
  }

  /** The candidates among {@code answers}, in their order. */
  List<ProducerRecord<byte[], byte[]>> records(List<Answer> answers) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (Answer answer : answers) {
      Detections detections = answer.detections();
      if (detections != null) {
        Optional<Mined> mined = miner.look(detections, answer.uncertainty());
        mined
            .flatMap(why -> record(answer.frame().record(), detections, why))
            .ifPresent(records::add);
      }
    }
    return records;
  }

  /** The transaction is committed. */
  void committed() {
    miner.keep();
  }

  /** The transaction failed: its frames are read again. */
  void failed() {
    miner.forget();
  }

  /** Empty where the candidate would be larger than a record may be, which a frame just is not. */
  private Optional<ProducerRecord<byte[], byte[]>> record(
      ConsumerRecord<byte[], byte[]> record, Detections answer, Mined why) {
    Frame frame =
        frames
            .valueSerde()
            .deserializer()
            .deserialize(record.topic(), record.headers(), record.value());
    LabelCandidate candidate =
        LabelCandidate.newBuilder()
            .setCameraId(answer.getCameraId())
            .setCaptureTimeMicros(answer.getCaptureTimeMicros())
            .setReason(why.reason())
            .setScore(why.score())
            .setFramePartition(record.partition())
            .setFrameOffset(record.offset())
            .setImage(frame.getImage())
            .setWidthPx(answer.getWidthPx())
            .setHeightPx(answer.getHeightPx())
            .setDetections(answer.getDetections())
            .setModelName(answer.getModelName())
            .setModelVersion(answer.getModelVersion())
            .build();
    byte[] value = candidates.valueSerde().serializer().serialize(candidates.name(), candidate);
    if (value.length > Topics.MAX_RECORD_BYTES) {
      return Optional.empty();
    }
    byte[] key = answer.getCameraId().getBytes(StandardCharsets.UTF_8);
    long time = AnswerWriter.recordTime(record, answer);
    return Optional.of(new ProducerRecord<>(candidates.name(), null, time, key, value));
  }
}
