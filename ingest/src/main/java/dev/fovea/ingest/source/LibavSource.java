package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_FIELD_PROGRESSIVE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_FIELD_UNKNOWN;
import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_rescale;

import dev.fovea.ingest.source.SourceFailedException.Kind;
import java.time.Duration;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.jspecify.annotations.Nullable;

/**
 * A video file, RTSP or HTTP camera, or V4L2 device, through libav. MJPEG packets pass through as
 * they are; all else is decoded.
 */
final class LibavSource implements FrameSource {
  /**
   * Packets that never make a picture (a stream joined between two key frames that are never sent)
   * are as bad as silence; key frames are seldom further apart than 10 s.
   */
  private static final int PICTURELESS_DEADLINES = 10;

  private static final long DEFAULT_INTERVAL_MICROS = 40_000;

  private final SourceSpec spec;
  private final SourceOptions options;
  private final ReadGuard guard;
  private final AVPacket packet = av_packet_alloc();
  private final MediaTimeline timeline;
  private final Pacer pacer;
  private final LiveClock liveClock;

  private LibavInput input;

  /** Null where packets are pictures already. */
  private @Nullable VideoDecoder decoder;

  private long framesDelivered;
  private long passFrames;
  private long passPackets;
  private boolean drained;
  private long lastPictureNanos = System.nanoTime();

  /** Why reading ended before its time; thrown once the decoder has given all it has. */
  private @Nullable SourceFailedException failure;

  private LibavSource(
      SourceSpec spec,
      SourceOptions options,
      ReadGuard guard,
      LibavInput input,
      @Nullable VideoDecoder decoder) {
    this.spec = spec;
    this.options = options;
    this.guard = guard;
    this.input = input;
    this.decoder = decoder;
    this.timeline = new MediaTimeline(intervalMicros(input));
    this.pacer = new Pacer(options);
    this.liveClock = new LiveClock(options);
  }

  static LibavSource open(SourceSpec spec, SourceOptions options, ReadGuard guard)
      throws SourceFailedException, InterruptedException {
    LibavInput input = LibavInput.open(spec, options, guard);
    try {
      return new LibavSource(spec, options, guard, input, openDecoder(spec, options, input));
    } catch (SourceFailedException | RuntimeException e) {
      input.close();
      throw e;
    }
  }

  private static @Nullable VideoDecoder openDecoder(
      SourceSpec spec, SourceOptions options, LibavInput input) throws SourceFailedException {
    AVCodecParameters parameters = input.video().codecpar();
    LibavInput.requireDecodable(spec, parameters, options);
    if (isWholePictures(parameters)) {
      return null;
    }
    VideoDecoder decoder =
        VideoDecoder.open(parameters, input.video().time_base(), options.maxPixels());
    if (decoder == null) {
      throw new SourceFailedException(
          Kind.UNUSABLE,
          spec.toString(),
          "uses a video codec that is not among those Fovea decodes",
          0);
    }
    return decoder;
  }

  /** Interlaced MJPEG has two JPEGs, one a field, in a packet: that needs the decoder. */
  private static boolean isWholePictures(AVCodecParameters parameters) {
    return parameters.codec_id() == AV_CODEC_ID_MJPEG
        && (parameters.field_order() == AV_FIELD_UNKNOWN
            || parameters.field_order() == AV_FIELD_PROGRESSIVE);
  }

  private static long intervalMicros(LibavInput input) {
    AVRational rate = input.video().avg_frame_rate();
    return rate.num() > 0 && rate.den() > 0
        ? Math.max(1, 1_000_000L * rate.den() / rate.num())
        : DEFAULT_INTERVAL_MICROS;
  }

  @Override
  public @Nullable CapturedFrame next() throws SourceFailedException, InterruptedException {
    guard.arm(options.readDeadline());
    try {
      while (true) {
        CapturedFrame frame = decoder == null ? nextPacketPicture() : nextDecodedPicture(decoder);
        if (frame != null) {
          framesDelivered++;
          passFrames++;
          return frame;
        }
        requireCleanEnd();
        if (!options.loop() || passFrames == 0) {
          return null;
        }
        startAgain();
      }
    } finally {
      guard.disarm();
    }
  }

  /** Null at the end, clean or not. */
  private @Nullable CapturedFrame nextPacketPicture() throws InterruptedException {
    if (!readPacket()) {
      return null;
    }
    long pts = ptsMicros(packet.pts() == AV_NOPTS_VALUE ? packet.dts() : packet.pts());
    boolean corrupt = (packet.flags() & AV_PKT_FLAG_CORRUPT) != 0;
    byte[] bytes = new byte[packet.size()];
    packet.data().get(bytes);
    av_packet_unref(packet);
    JpegRepair.Repaired repaired = JpegRepair.repair(bytes, options.maxPixels());
    return captured(pts, repaired.picture(), corrupt || repaired.corrupt());
  }

  /** Null at the end, clean or not. */
  private @Nullable CapturedFrame nextDecodedPicture(VideoDecoder decoder)
      throws InterruptedException {
    while (true) {
      int received = decoder.receive();
      if (received == 0) {
        boolean corrupt = decoder.takeCorrupt();
        long pts = ptsMicros(decoder.frame().best_effort_timestamp());
        return captured(pts, new Picture.Decoded(decoder.frame()), corrupt);
      }
      if (received == AVERROR_EOF) {
        return null;
      }
      if (received == Libav.EAGAIN) {
        if (drained) {
          return null;
        }
        feed(decoder);
      }
      // Any other error is one picture that could not be decoded; the decoder goes on after it.
    }
  }

  private void feed(VideoDecoder decoder) throws InterruptedException {
    if (readPacket()) {
      decoder.send(packet);
      av_packet_unref(packet);
    } else {
      decoder.send(null);
      drained = true;
    }
  }

  /**
   * Reads a packet of the video; false at the end, with {@link #failure} set if it is not clean.
   */
  private boolean readPacket() throws InterruptedException {
    int result = input.read(packet);
    if (guard.isCancelled() || Thread.currentThread().isInterrupted()) {
      throw new InterruptedException(spec + ": cancelled while it was read");
    }
    if (result < 0) {
      failure = whyEnded(result);
      return false;
    }
    passPackets++;
    if (spec.kind().isLive()) {
      liveClock.observe(packet, ptsMicros(packet.pts()));
      if (isPictureless()) {
        failure = failed(Kind.SILENT, "packets come, but none makes a picture");
        av_packet_unref(packet);
        return false;
      }
    }
    guard.arm(options.readDeadline());
    return true;
  }

  private boolean isPictureless() {
    return System.nanoTime() - lastPictureNanos
        > options.readDeadline().toNanos() * PICTURELESS_DEADLINES;
  }

  private @Nullable SourceFailedException whyEnded(int error) {
    if (guard.isExpired()) {
      Duration limit = options.readDeadline();
      return failed(
          Kind.SILENT, spec.kind().word() + " read timed out after " + Durations.inWords(limit));
    }
    if (spec.kind().isLive()) {
      return failed(
          Kind.BROKE_OFF,
          error == AVERROR_EOF || input.isAtEnd()
              ? spec.kind().word() + " connection was closed by the camera"
              : spec.kind().word() + " connection failed: " + Libav.message(error));
    }
    return error == AVERROR_EOF ? null : damaged(Libav.message(error));
  }

  private void requireCleanEnd() throws SourceFailedException {
    if (failure != null) {
      throw failure;
    }
    if (spec.kind() != SourceSpec.Kind.FILE) {
      return;
    }
    var io = input.context().pb();
    if (io != null && io.error() < 0 && io.error() != AVERROR_EOF) {
      throw damaged(Libav.message(io.error()));
    }
    if (passPackets < input.video().nb_frames()) {
      throw damaged("its index names more");
    }
    if (passFrames == 0) {
      throw failed(
          Kind.UNUSABLE,
          "holds no picture that can be decoded, or only larger ones than max-pixels = "
              + options.maxPixels());
    }
  }

  private SourceFailedException damaged(String why) {
    long declared = input.video().nb_frames();
    String of = declared > passFrames ? " of " + declared : "";
    return failed(
        Kind.DAMAGED, "is damaged or cut off at frame " + passFrames + of + " (" + why + ")");
  }

  private SourceFailedException failed(Kind kind, String reason) {
    return new SourceFailedException(kind, spec.toString(), reason, framesDelivered);
  }

  /** Opens the file afresh: seeking back is not exact in every container. */
  private void startAgain() throws SourceFailedException, InterruptedException {
    closeInput();
    input = LibavInput.open(spec, options, guard);
    decoder = openDecoder(spec, options, input);
    guard.arm(options.readDeadline());
    timeline.newPass();
    passFrames = 0;
    passPackets = 0;
    drained = false;
  }

  private CapturedFrame captured(long ptsMicros, Picture picture, boolean corrupt)
      throws InterruptedException {
    guard.disarm();
    lastPictureNanos = System.nanoTime();
    long mediaTime = timeline.advance(ptsMicros);
    long captureTime =
        spec.kind().isLive() ? liveClock.captureTime(ptsMicros) : pacer.awaitDue(mediaTime);
    return new CapturedFrame(framesDelivered, null, mediaTime, captureTime, picture, corrupt, null);
  }

  private long ptsMicros(long pts) {
    if (pts == AV_NOPTS_VALUE) {
      return MediaTimeline.UNKNOWN;
    }
    AVRational timeBase = input.video().time_base();
    return av_rescale(pts, timeBase.num() * 1_000_000L, timeBase.den());
  }

  private void closeInput() {
    if (decoder != null) {
      decoder.close();
      decoder = null;
    }
    input.close();
  }

  @Override
  public void close() {
    closeInput();
    av_packet_free(packet);
    liveClock.close();
  }
}
