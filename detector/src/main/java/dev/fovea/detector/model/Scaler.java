package dev.fovea.detector.model;

import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;

/** One swscale context from a decoded picture's size and format to RGB, with its result. */
final class Scaler implements AutoCloseable, JpegDecoder.RgbPlanes {
  /** Plane of GBRP that holds R, G and B. */
  private static final int[] PLANE_OF_CHANNEL = {2, 0, 1};

  private final SwsContext context;
  private final AVFrame result;
  private final ByteBuffer[] planes;
  private final int[] strides;

  /** From and to which size and pixel format. */
  record Key(
      int fromWidth, int fromHeight, int fromFormat, int toWidth, int toHeight, int toFormat) {}

  Scaler(Key key) {
    this.context = context(key);
    this.result = avutil.av_frame_alloc();
    result.width(key.toWidth);
    result.height(key.toHeight);
    result.format(key.toFormat);
    if (avutil.av_frame_get_buffer(result, 0) < 0) {
      throw new OutOfMemoryError(
          "libav: no memory for a picture of %dx%d".formatted(key.toWidth, key.toHeight));
    }
    int planeCount = avutil.av_pix_fmt_count_planes(key.toFormat);
    this.planes = new ByteBuffer[planeCount];
    this.strides = new int[planeCount];
    for (int plane = 0; plane < planeCount; plane++) {
      strides[plane] = result.linesize(plane);
      long length = (long) strides[plane] * key.toHeight;
      planes[plane] = result.data(plane).capacity(length).asByteBuffer();
    }
  }

  private static SwsContext context(Key key) {
    SwsContext context =
        swscale.sws_getContext(
            key.fromWidth,
            key.fromHeight,
            withoutRange(key.fromFormat),
            key.toWidth,
            key.toHeight,
            key.toFormat,
            swscale.SWS_BILINEAR | swscale.SWS_ACCURATE_RND | swscale.SWS_FULL_CHR_H_INT,
            (SwsFilter) null,
            null,
            (DoublePointer) null);
    if (context == null || context.isNull()) {
      throw new IllegalStateException("swscale does not convert " + key);
    }
    IntPointer bt601 = swscale.sws_getCoefficients(swscale.SWS_CS_ITU601);
    swscale.sws_setColorspaceDetails(context, bt601, 1, bt601, 1, 0, 1 << 16, 1 << 16);
    return context;
  }

  /** The format without libav's deprecated way of saying full range in it. */
  private static int withoutRange(int format) {
    if (format == avutil.AV_PIX_FMT_YUVJ420P) {
      return avutil.AV_PIX_FMT_YUV420P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ422P) {
      return avutil.AV_PIX_FMT_YUV422P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ444P) {
      return avutil.AV_PIX_FMT_YUV444P;
    }
    if (format == avutil.AV_PIX_FMT_YUVJ440P) {
      return avutil.AV_PIX_FMT_YUV440P;
    }
    return format == avutil.AV_PIX_FMT_YUVJ411P ? avutil.AV_PIX_FMT_YUV411P : format;
  }

  void scale(AVFrame picture) {
    int rows =
        swscale.sws_scale(
            context,
            picture.data(),
            picture.linesize(),
            0,
            picture.height(),
            result.data(),
            result.linesize());
    if (rows < 0) {
      throw new IllegalStateException("swscale: " + JpegDecoder.message(rows));
    }
  }

  ByteBuffer plane(int plane) {
    return planes[plane];
  }

  int stride(int plane) {
    return strides[plane];
  }

  @Override
  public ByteBuffer channel(int channel) {
    return planes[PLANE_OF_CHANNEL[channel]];
  }

  @Override
  public int channelStride(int channel) {
    return strides[PLANE_OF_CHANNEL[channel]];
  }

  @Override
  public void close() {
    swscale.sws_freeContext(context);
    avutil.av_frame_free(result);
  }
}
