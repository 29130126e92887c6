package dev.fovea.ingest.publish;

import dev.fovea.schema.avro.CameraStatus;
import dev.fovea.schema.avro.Frame;
import dev.fovea.schema.avro.FrameLedger;
import org.jspecify.annotations.Nullable;

/**
 * What the topics know of a camera from before.
 *
 * @param ledger its ledger as last written
 * @param lastCaptureTimeMicros capture time of its last frame; null where there is none
 */
record CameraPast(FrameLedger ledger, @Nullable Long lastCaptureTimeMicros) {

  /** A camera that has never been. */
  static final CameraPast NONE = new CameraPast(CameraLedger.empty(), null);

  /**
   * The later of what the two topics say. The last frame is exact for what was published; the last
   * status may also know of frames sampled out or dropped after it, or be all that is left when the
   * frames have expired.
   */
  static CameraPast of(@Nullable Frame frame, @Nullable CameraStatus status) {
    if (status == null) {
      return frame == null ? NONE : new CameraPast(frame.getLedger(), frame.getCaptureTimeMicros());
    }
    if (frame == null) {
      return new CameraPast(status.getLedger(), status.getLastCaptureTimeMicros());
    }
    boolean statusIsLater = isLater(status.getLedger(), frame.getLedger());
    return new CameraPast(
        statusIsLater ? status.getLedger() : frame.getLedger(),
        later(status.getLastCaptureTimeMicros(), frame.getCaptureTimeMicros()));
  }

  long lastCaptureOr(long none) {
    return lastCaptureTimeMicros == null ? none : lastCaptureTimeMicros;
  }

  private static boolean isLater(FrameLedger a, FrameLedger b) {
    return a.getPublished() != b.getPublished()
        ? a.getPublished() > b.getPublished()
        : a.getDecoded() > b.getDecoded();
  }

  private static long later(@Nullable Long a, long b) {
    return a == null ? b : Math.max(a, b);
  }
}
