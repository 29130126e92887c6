package dev.fovea.ingest.publish;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_CL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT2020_NCL;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_FCC;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE240M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ411P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ440P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_BT2020;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_FCC;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU601;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_SMPTE240M;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import dev.fovea.ingest.source.Libav;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;

/**
 * One pass from pictures of one size, format and colour space to JPEG's: 4:2:0, full range, BT.601
 * (JFIF). libav's own defaults would take every picture for BT.601 with limited range.
 */
final class Scaler implements AutoCloseable {
  /** 1.0 in swscale's fixed point: contrast and saturation as they are. */
  private static final int UNITY = 1 << 16;

  /** HD and above is BT.709 where the stream does not say. */
  private static final int HD_HEIGHT_PX = 720;

  /** What a scaler was made for; another picture needs another. */
  record Key(int width, int height, int format, int matrix, boolean fullRange) {
    static Key of(AVFrame frame) {
      return new Key(
          frame.width(), frame.height(), frame.format(), matrixOf(frame), isFullRange(frame));
    }
  }

  private final Key key;
  private final SwsContext context;
  private final AVFrame scaled;

  Scaler(Key key, int width, int height) {
    this.key = key;
    this.context =
        sws_getContext(
            key.width(),
            key.height(),
            key.format(),
            width,
            height,
            AV_PIX_FMT_YUV420P,
            SWS_BILINEAR,
            null,
            null,
            (DoublePointer) null);
    if (context == null || context.isNull()) {
      throw new IllegalStateException(
          "swscale cannot turn " + key + " into a " + width + "x" + height + " JPEG picture");
    }
    sws_setColorspaceDetails(
        context,
        sws_getCoefficients(key.matrix()),
        key.fullRange() ? 1 : 0,
        sws_getCoefficients(SWS_CS_ITU601),
        1,
        0,
        UNITY,
        UNITY);
    scaled = av_frame_alloc();
    scaled.format(AV_PIX_FMT_YUV420P).width(width).height(height).color_range(AVCOL_RANGE_JPEG);
    Libav.check(av_frame_get_buffer(scaled, 0), "picture buffer");
  }

  Key key() {
    return key;
  }

  /** Scales {@code picture}; the result is valid until the next call. */
  AVFrame scale(AVFrame picture) {
    Libav.check(sws_scale_frame(context, scaled, picture), "swscale");
    return scaled;
  }

  private static int matrixOf(AVFrame frame) {
    int colorspace = frame.colorspace();
    if (colorspace == AVCOL_SPC_BT709
        || (colorspace == AVCOL_SPC_UNSPECIFIED
            && frame.height() >= HD_HEIGHT_PX
            && !isJpeg(frame.format()))) {
      return SWS_CS_ITU709;
    }
    if (colorspace == AVCOL_SPC_BT2020_NCL || colorspace == AVCOL_SPC_BT2020_CL) {
      return SWS_CS_BT2020;
    }
    if (colorspace == AVCOL_SPC_SMPTE240M) {
      return SWS_CS_SMPTE240M;
    }
    return colorspace == AVCOL_SPC_FCC ? SWS_CS_FCC : SWS_CS_ITU601;
  }

  private static boolean isFullRange(AVFrame frame) {
    return frame.color_range() == AVCOL_RANGE_JPEG || isJpeg(frame.format());
  }

  /** Formats that say "full range" by their name. */
  private static boolean isJpeg(int format) {
    return format == AV_PIX_FMT_YUVJ420P
        || format == AV_PIX_FMT_YUVJ422P
        || format == AV_PIX_FMT_YUVJ444P
        || format == AV_PIX_FMT_YUVJ440P
        || format == AV_PIX_FMT_YUVJ411P;
  }

  @Override
  public void close() {
    sws_freeContext(context);
    av_frame_free(scaled);
  }
}
