package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_free;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;

import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.jspecify.annotations.Nullable;

/** Decodes single JPEG or PNG images with libav; one thread, contexts reused. */
public final class StillDecoder implements AutoCloseable {
  private final VideoDecoder decoder;
  private final AVPacket packet = av_packet_alloc();

  private StillDecoder(int codec, long maxPixels) {
    Libav.load();
    AVCodecParameters parameters = avcodec_parameters_alloc();
    parameters.codec_type(AVMEDIA_TYPE_VIDEO).codec_id(codec);
    try (AVRational timeBase = new AVRational().num(1).den(1_000_000)) {
      VideoDecoder opened = VideoDecoder.open(parameters, timeBase, maxPixels);
      if (opened == null) {
        throw new IllegalStateException("libav was built without its JPEG or PNG decoder");
      }
      this.decoder = opened;
    } finally {
      avcodec_parameters_free(parameters);
    }
  }

  /** A decoder of JPEGs of at most {@code maxPixels}. */
  public static StillDecoder ofJpeg(long maxPixels) {
    return new StillDecoder(AV_CODEC_ID_MJPEG, maxPixels);
  }

  static StillDecoder ofPng(long maxPixels) {
    return new StillDecoder(AV_CODEC_ID_PNG, maxPixels);
  }

  /**
   * Decodes an image.
   *
   * @return the picture, valid until the next call; null where it is damaged or too large
   */
  public @Nullable AVFrame decode(byte[] image) {
    Libav.check(av_new_packet(packet, image.length), "packet");
    packet.data().put(image);
    int sent = decoder.send(packet);
    av_packet_unref(packet);
    return sent < 0 || decoder.receive() < 0 ? null : decoder.frame();
  }

  @Override
  public void close() {
    decoder.close();
    av_packet_free(packet);
  }
}
