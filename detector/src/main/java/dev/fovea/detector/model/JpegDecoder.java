package dev.fovea.detector.model;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/**
 * JPEG to RGB at a wanted size: the markers checked, then libav's decoder and one pass of swscale
 * (scaling with half-pixel-correct, area-aware interpolation; full range; BT.601, as JFIF has it).
 *
 * <p>Baseline and progressive, grey and colour, any chroma subsampling; EXIF orientation is
 * ignored, since boxes are in pixels of the frame as recorded. Codec, packet and scalers are kept:
 * an instance belongs to one thread at a time, which closes it.
 */
public final class JpegDecoder implements AutoCloseable {
  /** Different scalings kept ready: as many sizes of cameras as one thread may meet in turn. */
  private static final int KEPT_SCALERS = 8;

  private static final int PADDING = avcodec.AV_INPUT_BUFFER_PADDING_SIZE;

  static {
    // A bad picture is reported to the caller; libav need not write about it as well.
    avutil.av_log_set_level(avutil.AV_LOG_FATAL);
  }

  private final PictureLimits limits;
  private final Map<Scaler.Key, Scaler> scalers = new LinkedHashMap<>(16, 0.75f, true);
  private final AVPacket packet = avcodec.av_packet_alloc();
  private final AVFrame decoded = avutil.av_frame_alloc();
  private @Nullable AVCodecContext codec;
  private @Nullable ByteBuffer packetData;

  public JpegDecoder(PictureLimits limits) {
    this.limits = limits;
  }

  /**
   * Decodes to packed RGB bytes.
   *
   * @param rgb receives (height, width, 3)
   * @throws UndecodableImageException saying in one sentence why the picture cannot be used
   */
  public void decode(byte[] jpeg, int widthPx, int heightPx, byte[] rgb)
      throws UndecodableImageException {
    JpegHeader header = JpegHeader.parse(jpeg, limits);
    Scaler scaler = decodeAndScale(jpeg, header, widthPx, heightPx, avutil.AV_PIX_FMT_RGB24);
    for (int row = 0; row < heightPx; row++) {
      scaler.plane(0).get(row * scaler.stride(0), rgb, row * widthPx * 3, widthPx * 3);
    }
  }

  /**
   * Decodes to planes of red, green and blue bytes, kept until the next call.
   *
   * @param header of this picture, parsed with this decoder's limits
   */
  public RgbPlanes decode(byte[] jpeg, JpegHeader header, int widthPx, int heightPx)
      throws UndecodableImageException {
    return decodeAndScale(jpeg, header, widthPx, heightPx, avutil.AV_PIX_FMT_GBRP);
  }

  /** Red, green and blue bytes, a plane each. */
  public interface RgbPlanes {
    /** Plane of a channel, 0 to 2: R, G, B. */
    ByteBuffer channel(int channel);

    /** Bytes from a row to the next. */
    int channelStride(int channel);
  }

  private Scaler decodeAndScale(
      byte[] jpeg, JpegHeader header, int widthPx, int heightPx, int format)
      throws UndecodableImageException {
    AVCodecContext context = codecFor(header);
    fillPacket(jpeg);
    try {
      decodePacket(context, header);
      Scaler scaler =
          scaler(
              new Scaler.Key(
                  header.widthPx(),
                  header.heightPx(),
                  decoded.format(),
                  widthPx,
                  heightPx,
                  format));
      scaler.scale(decoded);
      return scaler;
    } finally {
      avutil.av_frame_unref(decoded);
    }
  }

  private void decodePacket(AVCodecContext context, JpegHeader header)
      throws UndecodableImageException {
    int result = avcodec.avcodec_send_packet(context, packet);
    if (result >= 0) {
      result = avcodec.avcodec_receive_frame(context, decoded);
    }
    if (result < 0) {
      // Whatever was half done must not meet the next picture.
      closeCodec();
      throw new UndecodableImageException("the JPEG's picture data is damaged: " + message(result));
    }
    if ((decoded.flags() & AVFrame.AV_FRAME_FLAG_CORRUPT) != 0
        || decoded.decode_error_flags() != 0) {
      throw new UndecodableImageException("the JPEG's picture data is damaged");
    }
    if (decoded.width() != header.widthPx() || decoded.height() != header.heightPx()) {
      throw new UndecodableImageException(
          "the JPEG says %dx%d pixels and decodes to %dx%d"
              .formatted(header.widthPx(), header.heightPx(), decoded.width(), decoded.height()));
    }
  }

  /**
   * The kept codec, or a new one for a picture that leaves out Huffman tables: it must get the
   * standard's, not those of the picture before it, which may be another camera's.
   */
  private AVCodecContext codecFor(JpegHeader header) {
    if (header.usesDefaultTables()) {
      closeCodec();
    }
    AVCodecContext context = codec;
    if (context == null) {
      context = openCodec();
      codec = context;
    }
    return context;
  }

  private AVCodecContext openCodec() {
    AVCodec mjpeg = avcodec.avcodec_find_decoder(avcodec.AV_CODEC_ID_MJPEG);
    if (mjpeg == null || mjpeg.isNull()) {
      throw new IllegalStateException("this build of libav has no JPEG decoder");
    }
    AVCodecContext context = avcodec.avcodec_alloc_context3(mjpeg);
    context.thread_count(1);
    context.max_pixels(limits.maxPixels());
    context.err_recognition(avcodec.AV_EF_EXPLODE | avcodec.AV_EF_BITSTREAM | avcodec.AV_EF_BUFFER);
    int result = avcodec.avcodec_open2(context, mjpeg, (AVDictionary) null);
    if (result < 0) {
      avcodec.avcodec_free_context(context);
      throw new IllegalStateException("libav's JPEG decoder does not open: " + message(result));
    }
    return context;
  }

  private void closeCodec() {
    AVCodecContext context = codec;
    if (context != null) {
      avcodec.avcodec_free_context(context);
      codec = null;
    }
  }

  /** Copies the picture to the kept packet, whose memory is libav's and padded as it demands. */
  private void fillPacket(byte[] jpeg) {
    ByteBuffer data = packetData;
    if (data == null
        || data.capacity() < jpeg.length + PADDING
        || avutil.av_buffer_is_writable(packet.buf()) == 0) {
      avcodec.av_packet_unref(packet);
      int capacity = Math.max(64 << 10, Integer.highestOneBit(jpeg.length) * 2);
      if (avcodec.av_new_packet(packet, capacity) < 0) {
        throw new OutOfMemoryError("libav: no memory for a packet of " + capacity + " bytes");
      }
      data = packet.data().capacity(capacity + (long) PADDING).asByteBuffer();
      packetData = data;
    }
    data.put(0, jpeg, 0, jpeg.length);
    for (int i = 0; i < PADDING; i++) {
      data.put(jpeg.length + i, (byte) 0);
    }
    packet.size(jpeg.length);
  }

  private Scaler scaler(Scaler.Key key) {
    Scaler kept = scalers.get(key);
    if (kept != null) {
      return kept;
    }
    if (scalers.size() == KEPT_SCALERS) {
      Iterator<Scaler> leastRecentlyUsed = scalers.values().iterator();
      leastRecentlyUsed.next().close();
      leastRecentlyUsed.remove();
    }
    Scaler made = new Scaler(key);
    scalers.put(key, made);
    return made;
  }

  @Override
  public void close() {
    scalers.values().forEach(Scaler::close);
    scalers.clear();
    closeCodec();
    avcodec.av_packet_free(packet);
    avutil.av_frame_free(decoded);
    packetData = null;
  }

  static String message(int error) {
    byte[] text = new byte[avutil.AV_ERROR_MAX_STRING_SIZE];
    avutil.av_strerror(error, text, text.length);
    try (BytePointer pointer = new BytePointer(text)) {
      return pointer.getString();
    }
  }
}
