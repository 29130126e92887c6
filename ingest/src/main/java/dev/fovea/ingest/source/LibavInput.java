package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_ALL;
import static org.bytedeco.ffmpeg.global.avformat.AV_DISPOSITION_ATTACHED_PIC;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EXIT;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import java.time.Duration;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/**
 * An open container or connection: libav's demuxer, its allow-lists, and the video stream in it.
 *
 * <p>What a sender may make libav do is fixed here: which protocols it may use, which containers
 * and codecs it may read (no playlists: they name further addresses), how far it may probe. Users
 * give addresses, never options.
 */
final class LibavInput implements AutoCloseable {
  private static final String FORMATS =
      "mov,avi,matroska,mpegts,mpeg,mjpeg,mpjpeg,h264,hevc,m4v,flv,ivf,rtsp,rtp,sdp,v4l2";
  private static final String CODECS =
      "h264,hevc,mjpeg,mpeg4,mpeg2video,mpeg1video,msmpeg4,msmpeg4v2,h263,vp8,vp9,libdav1d,av1,"
          + "rawvideo,ffv1,prores,dnxhd,png";
  private static final Map<SourceSpec.Kind, String> PROTOCOLS =
      Map.of(
          SourceSpec.Kind.FILE, "file",
          SourceSpec.Kind.RTSP, "rtsp,rtsps,rtp,tcp,tls",
          SourceSpec.Kind.HTTP, "http,https,tcp,tls",
          SourceSpec.Kind.V4L2, "file");
  private static final String PROBE_BYTES = "5000000";

  /** Long enough to find the first pictures' size, short enough not to hold a live picture back. */
  private static final String LIVE_ANALYSIS_MICROS = "1000000";

  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(1);

  private final AVFormatContext context;
  private final AVStream video;
  private final ReadGuard guard;

  private LibavInput(AVFormatContext context, AVStream video, ReadGuard guard) {
    this.context = context;
    this.video = video;
    this.guard = guard;
  }

  /** Opens {@code spec} and finds its video stream, within the guard's deadline. */
  static LibavInput open(SourceSpec spec, SourceOptions options, ReadGuard guard)
      throws SourceFailedException, InterruptedException {
    Libav.load();
    AVFormatContext context = avformat_alloc_context();
    guard.attach(context);
    guard.arm(options.openDeadline());
    try {
      openDemuxer(context, spec, options, guard);
      try {
        return new LibavInput(context, findVideo(context, spec, options, guard), guard);
      } catch (SourceFailedException | InterruptedException | RuntimeException e) {
        avformat_close_input(context);
        throw e;
      }
    } finally {
      guard.disarm();
    }
  }

  private static void openDemuxer(
      AVFormatContext context, SourceSpec spec, SourceOptions options, ReadGuard guard)
      throws SourceFailedException, InterruptedException {
    AVDictionary settings = demuxerSettings(spec, options);
    @Nullable AVInputFormat format =
        spec.kind() == SourceSpec.Kind.V4L2 ? av_find_input_format("v4l2") : null;
    String address =
        spec.kind() == SourceSpec.Kind.FILE ? "file:" + spec.address() : spec.address();
    int result = avformat_open_input(context, address, format, settings);
    if (!settings.isNull()) {
      av_dict_free(settings);
    }
    if (result < 0) {
      throw openFailure(spec, options, guard, result);
    }
  }

  private static AVDictionary demuxerSettings(SourceSpec spec, SourceOptions options) {
    AVDictionary settings = new AVDictionary(null);
    av_dict_set(settings, "protocol_whitelist", PROTOCOLS.get(spec.kind()), 0);
    av_dict_set(settings, "format_whitelist", FORMATS, 0);
    av_dict_set(settings, "codec_whitelist", CODECS, 0);
    av_dict_set(settings, "probesize", PROBE_BYTES, 0);
    String deadlineMicros = Long.toString(options.openDeadline().toNanos() / 1_000);
    switch (spec.kind()) {
      case RTSP -> {
        av_dict_set(settings, "rtsp_transport", "tcp", 0);
        av_dict_set(settings, "allowed_media_types", "video", 0);
        av_dict_set(settings, "timeout", deadlineMicros, 0);
        av_dict_set(settings, "analyzeduration", LIVE_ANALYSIS_MICROS, 0);
      }
      case HTTP -> {
        av_dict_set(settings, "rw_timeout", deadlineMicros, 0);
        av_dict_set(settings, "analyzeduration", LIVE_ANALYSIS_MICROS, 0);
      }
      default -> {}
    }
    return settings;
  }

  private static AVStream findVideo(
      AVFormatContext context, SourceSpec spec, SourceOptions options, ReadGuard guard)
      throws SourceFailedException, InterruptedException {
    for (int i = 0; i < context.nb_streams(); i++) {
      // Where the container says it: probing forgets the size of what it may not decode.
      requireDecodable(spec, context.streams(i).codecpar(), options);
    }
    int result = probeStreams(context, options);
    if (result < 0) {
      throw openFailure(spec, options, guard, result);
    }
    int index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, (AVCodec) null, 0);
    if (guard.isCancelled() || guard.isExpired()) {
      throw openFailure(spec, options, guard, AVERROR_EXIT);
    }
    if (index < 0 || isCoverArt(context.streams(index))) {
      throw unusable(
          spec,
          context.nb_streams() == 0
              ? "holds no video: damaged, or not a video at all"
              : "holds no video stream, only sound or data");
    }
    for (int i = 0; i < context.nb_streams(); i++) {
      if (i != index) {
        context.streams(i).discard(AVDISCARD_ALL);
      }
    }
    return context.streams(index);
  }

  /** Probing decodes pictures too, so the size limit must hold there already. */
  private static int probeStreams(AVFormatContext context, SourceOptions options) {
    int streams = context.nb_streams();
    if (streams == 0) {
      return avformat_find_stream_info(context, (PointerPointer<?>) null);
    }
    try (PointerPointer<AVDictionary> settings = new PointerPointer<>(streams)) {
      for (int i = 0; i < streams; i++) {
        AVDictionary setting = new AVDictionary(null);
        av_dict_set(setting, "max_pixels", Long.toString(options.maxPixels()), 0);
        av_dict_set(setting, "threads", "1", 0);
        settings.put(i, setting);
      }
      int result = avformat_find_stream_info(context, settings);
      for (int i = 0; i < streams; i++) {
        AVDictionary notUsed = settings.get(AVDictionary.class, i);
        if (notUsed != null && !notUsed.isNull()) {
          av_dict_free(notUsed);
        }
      }
      return result;
    }
  }

  /** Refuses a stream whose pictures are larger than allowed. */
  static void requireDecodable(SourceSpec spec, AVCodecParameters parameters, SourceOptions options)
      throws SourceFailedException {
    if ((long) parameters.width() * parameters.height() > options.maxPixels()) {
      throw unusable(
          spec,
          String.format(
              "is %dx%d, more than max-pixels = %d",
              parameters.width(), parameters.height(), options.maxPixels()));
    }
  }

  private static boolean isCoverArt(AVStream stream) {
    return (stream.disposition() & AV_DISPOSITION_ATTACHED_PIC) != 0;
  }

  private static SourceFailedException openFailure(
      SourceSpec spec, SourceOptions options, ReadGuard guard, int error)
      throws InterruptedException {
    if (guard.isCancelled()) {
      throw new InterruptedException(spec + ": cancelled while it was opened");
    }
    if (guard.isExpired()) {
      return unusable(
          spec,
          spec.kind().word()
              + " gave no answer within "
              + Durations.inWords(options.openDeadline())
              + "; check that the camera is on and the address is right");
    }
    return unusable(spec, OpenFailures.explain(spec.kind(), error));
  }

  private static SourceFailedException unusable(SourceSpec spec, String reason) {
    return new SourceFailedException(
        SourceFailedException.Kind.UNUSABLE, spec.toString(), reason, 0);
  }

  AVFormatContext context() {
    return context;
  }

  AVStream video() {
    return video;
  }

  /** Whether the connection or file has nothing more; demuxers may call that an I/O error. */
  boolean isAtEnd() {
    return context.pb() != null && context.pb().eof_reached() != 0;
  }

  /**
   * Reads the next packet of the video stream; packets of other streams neither return nor extend
   * the deadline.
   *
   * @return 0, or libav's error number; {@code AVERROR_EOF} at the end
   */
  int read(AVPacket packet) {
    while (true) {
      int result = av_read_frame(context, packet);
      if (result < 0 || packet.stream_index() == video.index()) {
        return result;
      }
      org.bytedeco.ffmpeg.global.avcodec.av_packet_unref(packet);
      if (guard.isCancelled() || guard.isExpired()) {
        return AVERROR_EXIT;
      }
    }
  }

  @Override
  public void close() {
    // RTSP says good-bye, which must not take for ever either.
    guard.arm(CLOSE_DEADLINE);
    avformat_close_input(context);
    guard.disarm();
  }
}
