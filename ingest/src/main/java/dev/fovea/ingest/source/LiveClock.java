package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_DATA_PRFT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_get_side_data;

import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avcodec.AVProducerReferenceTime;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * When a live camera's pictures were taken: by the camera's own clock where it says so (RTCP sender
 * reports, which libav turns into a wall-clock time of each packet) and that is believable, else by
 * their arrival.
 */
final class LiveClock implements AutoCloseable {
  /**
   * A picture that claims to be older than this on arrival comes from a camera whose clock is wrong
   * rather than from a network that slow.
   */
  private static final long OLDEST_BELIEVABLE_MICROS = 10_000_000;

  /** A camera's clock may be this far ahead of ours; what it says is then cut to now. */
  private static final long AHEAD_BELIEVABLE_MICROS = 2_000_000;

  private final SourceOptions options;
  private final SizeTPointer size = new SizeTPointer(1);

  /** The camera's wall clock minus presentation time, microseconds; UNKNOWN before a report. */
  private long senderOffsetMicros = MediaTimeline.UNKNOWN;

  private long arrivalMicros;

  LiveClock(SourceOptions options) {
    this.options = options;
  }

  /** A packet has come in. */
  void observe(AVPacket packet, long ptsMicros) {
    arrivalMicros = options.nowMicros();
    if (packet.side_data_elems() == 0 || ptsMicros == MediaTimeline.UNKNOWN) {
      return;
    }
    BytePointer data = av_packet_get_side_data(packet, AV_PKT_DATA_PRFT, size);
    if (data != null && !data.isNull()) {
      senderOffsetMicros = new AVProducerReferenceTime(data).wallclock() - ptsMicros;
    }
  }

  /**
   * Capture time of the picture with presentation time {@code ptsMicros}. The offset rather than
   * the packet's own time is used, since with B-frames pictures come out in another order than
   * packets.
   */
  long captureTime(long ptsMicros) {
    if (senderOffsetMicros == MediaTimeline.UNKNOWN || ptsMicros == MediaTimeline.UNKNOWN) {
      return arrivalMicros;
    }
    long sent = senderOffsetMicros + ptsMicros;
    boolean believable =
        sent >= arrivalMicros - OLDEST_BELIEVABLE_MICROS
            && sent <= arrivalMicros + AHEAD_BELIEVABLE_MICROS;
    return believable ? Math.min(sent, arrivalMicros) : arrivalMicros;
  }

  @Override
  public void close() {
    size.close();
  }
}
