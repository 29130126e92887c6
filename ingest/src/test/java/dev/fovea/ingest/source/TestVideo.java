package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_rescale_ts;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_from_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avformat.AVFMT_GLOBALHEADER;
import static org.bytedeco.ffmpeg.global.avformat.AVIO_FLAG_WRITE;
import static org.bytedeco.ffmpeg.global.avformat.av_interleaved_write_frame;
import static org.bytedeco.ffmpeg.global.avformat.av_write_trailer;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_output_context2;
import static org.bytedeco.ffmpeg.global.avformat.avformat_free_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_new_stream;
import static org.bytedeco.ffmpeg.global.avformat.avformat_write_header;
import static org.bytedeco.ffmpeg.global.avformat.avio_closep;
import static org.bytedeco.ffmpeg.global.avformat.avio_open;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU601;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_getContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale_frame;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;

/**
 * Writes small videos with libav's own encoders. Each frame carries its number as a strip of black
 * and white blocks along the top, which survives lossy coding; the rest is one colour.
 */
public final class TestVideo {
  private static final int BITS = 16;

  private String codec = "mpeg4";
  private int width = 320;
  private int height = 192;
  private int framesPerSecond = 25;
  private int bFrames;
  private boolean bt709;
  private Color colour = new Color(60, 120, 180);

  /** MPEG-4 part 2 (or MJPEG), 320x192, 25 fps. */
  public static TestVideo of(String codec) {
    TestVideo video = new TestVideo();
    video.codec = codec;
    return video;
  }

  public TestVideo size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  public TestVideo rate(int framesPerSecond) {
    this.framesPerSecond = framesPerSecond;
    return this;
  }

  public TestVideo withBFrames() {
    this.bFrames = 2;
    return this;
  }

  public TestVideo bt709() {
    this.bt709 = true;
    return this;
  }

  public TestVideo colour(Color colour) {
    this.colour = colour;
    return this;
  }

  /** The number in a picture made here, also after scaling. */
  public static int numberIn(BufferedImage picture) {
    int number = 0;
    int block = picture.getWidth() / BITS;
    for (int bit = 0; bit < BITS; bit++) {
      Color pixel = new Color(picture.getRGB(bit * block + block / 2, block / 2));
      if (pixel.getGreen() > 127) {
        number |= 1 << bit;
      }
    }
    return number;
  }

  /** One of the pictures, as it is before it is encoded. */
  public BufferedImage picture(int number) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D g = image.createGraphics();
    g.setColor(colour);
    g.fillRect(0, 0, width, height);
    int block = width / BITS;
    for (int bit = 0; bit < BITS; bit++) {
      g.setColor((number >> bit & 1) == 1 ? Color.WHITE : Color.BLACK);
      g.fillRect(bit * block, 0, block, block);
    }
    g.dispose();
    return image;
  }

  /** Writes {@code frames} frames; the container follows from the file's name. */
  public Path write(Path file, int frames) {
    Libav.load();
    AVFormatContext muxer = new AVFormatContext(null);
    Libav.check(
        avformat_alloc_output_context2(muxer, null, (String) null, file.toString()), "muxer");
    AVCodecContext encoder = openEncoder(muxer);
    AVStream stream = avformat_new_stream(muxer, null);
    Libav.check(avcodec_parameters_from_context(stream.codecpar(), encoder), "parameters");
    stream.time_base(encoder.time_base());
    stream.avg_frame_rate(encoder.framerate());
    AVIOContext io = new AVIOContext(null);
    Libav.check(avio_open(io, file.toString(), AVIO_FLAG_WRITE), file.toString());
    muxer.pb(io);
    Libav.check(avformat_write_header(muxer, (AVDictionary) null), "header");
    AVPacket packet = av_packet_alloc();
    try (Converter converter = new Converter()) {
      for (int i = 0; i < frames; i++) {
        AVFrame frame = converter.convert(picture(i)).pts(i);
        frame.quality(encoder.global_quality());
        Libav.check(avcodec_send_frame(encoder, frame), "encode");
        drain(encoder, packet, stream, muxer);
      }
      Libav.check(avcodec_send_frame(encoder, null), "encode");
      drain(encoder, packet, stream, muxer);
    }
    Libav.check(av_write_trailer(muxer), "trailer");
    av_packet_free(packet);
    avio_closep(muxer.pb());
    avcodec_free_context(encoder);
    avformat_free_context(muxer);
    return file;
  }

  private AVCodecContext openEncoder(AVFormatContext muxer) {
    AVCodec found = avcodec_find_encoder_by_name(codec);
    AVCodecContext encoder = avcodec_alloc_context3(found);
    encoder.width(width).height(height).pix_fmt(AV_PIX_FMT_YUV420P);
    encoder.time_base().num(1).den(framesPerSecond);
    encoder.framerate().num(framesPerSecond).den(1);
    encoder.color_range(isMjpeg() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
    encoder.colorspace(bt709 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M);
    encoder.flags(encoder.flags() | AV_CODEC_FLAG_QSCALE);
    encoder.global_quality(2 * FF_QP2LAMBDA).gop_size(12).max_b_frames(bFrames).thread_count(1);
    if ((muxer.oformat().flags() & AVFMT_GLOBALHEADER) != 0) {
      encoder.flags(encoder.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    Libav.check(avcodec_open2(encoder, found, (AVDictionary) null), codec);
    return encoder;
  }

  private boolean isMjpeg() {
    return codec.equals("mjpeg");
  }

  private static void drain(
      AVCodecContext encoder, AVPacket packet, AVStream stream, AVFormatContext muxer) {
    while (avcodec_receive_packet(encoder, packet) >= 0) {
      av_packet_rescale_ts(packet, encoder.time_base(), stream.time_base());
      packet.stream_index(0);
      Libav.check(av_interleaved_write_frame(muxer, packet), "write");
    }
  }

  /** RGB to the encoder's YUV, by the matrix and range the stream will name. */
  private final class Converter implements AutoCloseable {
    private final AVFrame rgb = frame(AV_PIX_FMT_BGR24);
    private final AVFrame yuv = frame(AV_PIX_FMT_YUV420P);
    private final SwsContext scaler =
        sws_getContext(
            width,
            height,
            AV_PIX_FMT_BGR24,
            width,
            height,
            AV_PIX_FMT_YUV420P,
            SWS_BILINEAR,
            null,
            null,
            (DoublePointer) null);

    Converter() {
      sws_setColorspaceDetails(
          scaler,
          sws_getCoefficients(SWS_CS_ITU601),
          1,
          sws_getCoefficients(bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601),
          isMjpeg() ? 1 : 0,
          0,
          1 << 16,
          1 << 16);
    }

    private AVFrame frame(int format) {
      AVFrame frame = av_frame_alloc();
      frame.format(format).width(width).height(height);
      Libav.check(av_frame_get_buffer(frame, 0), "buffer");
      return frame;
    }

    AVFrame convert(BufferedImage image) {
      byte[] pixels = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
      for (int y = 0; y < height; y++) {
        rgb.data(0).position((long) y * rgb.linesize(0)).put(pixels, y * width * 3, width * 3);
      }
      Libav.check(av_frame_make_writable(yuv), "buffer");
      Libav.check(sws_scale_frame(scaler, yuv, rgb), "convert");
      return yuv;
    }

    @Override
    public void close() {
      sws_freeContext(scaler);
      av_frame_free(rgb);
      av_frame_free(yuv);
    }
  }
}
