package dev.fovea.ingest.publish;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;

import dev.fovea.ingest.source.Libav;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** libav's JPEG encoder for pictures of one size; 4:2:0, full range. */
final class JpegEncoder implements AutoCloseable {
  private static final int MAX_QSCALE = 31;

  private final int widthPx;
  private final int heightPx;
  private final int lambda;
  private final AVCodecContext context;
  private final AVPacket packet = av_packet_alloc();
  private long pts;

  JpegEncoder(int widthPx, int heightPx, int quality) {
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.lambda = qscale(quality) * FF_QP2LAMBDA;
    AVCodec codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    this.context = avcodec_alloc_context3(codec);
    context.width(widthPx).height(heightPx).pix_fmt(AV_PIX_FMT_YUV420P);
    context.color_range(AVCOL_RANGE_JPEG);
    context.time_base().num(1).den(1_000_000);
    context.flags(context.flags() | AV_CODEC_FLAG_QSCALE);
    context.global_quality(lambda).qmin(1).thread_count(1);
    AVDictionary options = new AVDictionary(null);
    // Optimal tables need a second pass over the coefficients for a few per cent of size.
    av_dict_set(options, "huffman", "default", 0);
    int result = avcodec_open2(context, codec, options);
    if (!options.isNull()) {
      av_dict_free(options);
    }
    Libav.check(result, "JPEG encoder for " + widthPx + "x" + heightPx);
  }

  /**
   * libav's quantiser for a quality on libjpeg's scale: libjpeg scales its tables by 50/q (below
   * 50) or 2 − q/50, and libav's tables at qscale 10 are about libjpeg's own at quality 50.
   */
  static int qscale(int quality) {
    double tableScale = quality < 50 ? 50.0 / quality : 2 - quality / 50.0;
    return (int) Math.min(MAX_QSCALE, Math.max(1, Math.round(10 * tableScale)));
  }

  boolean fits(int width, int height) {
    return width == widthPx && height == heightPx;
  }

  /** Encodes a picture of this encoder's size. */
  byte[] encode(AVFrame picture) {
    picture.quality(lambda).pts(pts++);
    Libav.check(avcodec_send_frame(context, picture), "JPEG encoder");
    Libav.check(avcodec_receive_packet(context, packet), "JPEG encoder");
    byte[] jpeg = new byte[packet.size()];
    packet.data().get(jpeg);
    av_packet_unref(packet);
    return jpeg;
  }

  @Override
  public void close() {
    av_packet_free(packet);
    avcodec_free_context(context);
  }
}
