package dev.fovea.sink.live;

import dev.fovea.schema.avro.Detections;

/** A picture and the detector's answer to that very picture. Immutable by agreement. */
public final class PairedFrame {
  private final Detections answer;
  private final byte[] jpeg;

  /**
   * @param jpeg the picture; owned by this object from here on, nobody writes to it
   */
  public PairedFrame(Detections answer, byte[] jpeg) {
    this.answer = answer;
    this.jpeg = jpeg;
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
}
