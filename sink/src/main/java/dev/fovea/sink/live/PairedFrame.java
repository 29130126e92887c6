package dev.fovea.sink.live;

import dev.fovea.schema.avro.Detections;
import dev.fovea.schema.avro.LabelledBox;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A picture and the detector's answer to that very picture. Immutable by agreement. */
public final class PairedFrame {
  private final Detections answer;
  private final byte[] jpeg;
  private final @Nullable List<LabelledBox> truth;

  /**
   * @param jpeg the picture; owned by this object from here on, nobody writes to it
   * @param truth what is in it, where the frame says so; likewise
   */
  public PairedFrame(Detections answer, byte[] jpeg, @Nullable List<LabelledBox> truth) {
    this.answer = answer;
    this.jpeg = jpeg;
    this.truth = truth;
  }

  public String cameraId() {
    return answer.getCameraId();
  }

  public long captureTimeMicros() {
    return answer.getCaptureTimeMicros();
  }

  public Detections answer() {
    return answer;
  }

  /** The JPEG as recorded; shared, not to be written to. */
  public byte[] jpeg() {
    return jpeg;
  }

  /** What is in the picture, in its pixels; empty where the frame does not know. */
  public Optional<List<LabelledBox>> truth() {
    return Optional.ofNullable(truth);
  }
}
