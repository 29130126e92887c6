package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_CORRUPT;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.jspecify.annotations.Nullable;

/**
 * libav's decoder of one stream, on one thread (cameras are the parallelism), with a limit on the
 * size of pictures. It remembers damage from the packet it was seen in to the next picture out.
 */
final class VideoDecoder implements AutoCloseable {
  /** libav's macro of this name, which the presets leave out. */
  private static final int AV_FRAME_FLAG_CORRUPT = 1;

  private final AVCodecContext context;
  private final AVFrame frame = av_frame_alloc();
  private boolean damageSeen;
  private boolean anyPicture;

  private VideoDecoder(AVCodecContext context) {
    this.context = context;
  }

  /** Opens a decoder; null where libav has none for the codec. */
  static @Nullable VideoDecoder open(
      AVCodecParameters parameters, AVRational timeBase, long maxPixels) {
    AVCodec codec = avcodec_find_decoder(parameters.codec_id());
    if (codec == null) {
      return null;
    }
    AVCodecContext context = avcodec_alloc_context3(codec);
    Libav.check(avcodec_parameters_to_context(context, parameters), "decoder parameters");
    context.pkt_timebase(timeBase);
    context.thread_count(1);
    context.max_pixels(maxPixels);
    if (avcodec_open2(context, codec, (AVDictionary) null) < 0) {
      avcodec_free_context(context);
      return null;
    }
    return new VideoDecoder(context);
  }

  /**
   * Gives the decoder a packet, or null for "no more will come". Damage is remembered; it fails the
   * stream no more than a camera's broken packet should.
   */
  int send(@Nullable AVPacket packet) {
    int result = avcodec_send_packet(context, packet);
    boolean flagged = packet != null && (packet.flags() & AV_PKT_FLAG_CORRUPT) != 0;
    // Before the first picture there is always something missing: one joins in mid-stream.
    if (flagged || (result < 0 && result != Libav.EAGAIN && anyPicture)) {
      damageSeen = true;
    }
    return result;
  }

  /**
   * The next picture in display order.
   *
   * @return 0 with the picture in {@link #frame}, {@link Libav#EAGAIN}, {@code AVERROR_EOF} or
   *     another error
   */
  int receive() {
    return avcodec_receive_frame(context, frame);
  }

  /** The picture of the last {@link #receive}; reused by the next. */
  AVFrame frame() {
    return frame;
  }

  /** Whether that picture, or a packet since the one before, was damaged. Resets the memory. */
  boolean takeCorrupt() {
    boolean corrupt =
        damageSeen
            || (frame.flags() & AV_FRAME_FLAG_CORRUPT) != 0
            || frame.decode_error_flags() != 0;
    damageSeen = false;
    anyPicture = true;
    return corrupt;
  }

  @Override
  public void close() {
    av_frame_free(frame);
    avcodec_free_context(context);
  }
}
