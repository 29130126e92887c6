package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_GLOBAL_HEADER;
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
import static org.bytedeco.ffmpeg.global.avutil.AV_SAMPLE_FMT_FLTP;
import static org.bytedeco.ffmpeg.global.avutil.av_channel_layout_default;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;

import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVIOContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** Writes files that hold a second of AAC and no picture, as a recorder with a dead lens does. */
final class TestSound {
  private static final int SAMPLES_PER_SECOND = 44_100;
  private static final int SAMPLES_PER_FRAME = 1_024;

  private TestSound() {}

  /** The container follows from the file's name. */
  static Path write(Path file) {
    Libav.load();
    AVFormatContext muxer = new AVFormatContext(null);
    Libav.check(
        avformat_alloc_output_context2(muxer, null, (String) null, file.toString()), "muxer");
    AVCodecContext encoder = openEncoder(muxer);
    AVStream stream = avformat_new_stream(muxer, null);
    Libav.check(avcodec_parameters_from_context(stream.codecpar(), encoder), "parameters");
    AVIOContext io = new AVIOContext(null);
    Libav.check(avio_open(io, file.toString(), AVIO_FLAG_WRITE), file.toString());
    muxer.pb(io);
    Libav.check(avformat_write_header(muxer, (AVDictionary) null), "header");
    AVFrame silence = silence();
    AVPacket packet = av_packet_alloc();
    for (int samples = 0; samples < SAMPLES_PER_SECOND; samples += SAMPLES_PER_FRAME) {
      Libav.check(av_frame_make_writable(silence), "buffer");
      Libav.check(avcodec_send_frame(encoder, silence.pts(samples)), "encode");
      drain(encoder, packet, stream, muxer);
    }
    Libav.check(avcodec_send_frame(encoder, null), "encode");
    drain(encoder, packet, stream, muxer);
    Libav.check(av_write_trailer(muxer), "trailer");
    av_packet_free(packet);
    av_frame_free(silence);
    avio_closep(muxer.pb());
    avcodec_free_context(encoder);
    avformat_free_context(muxer);
    return file;
  }

  private static AVCodecContext openEncoder(AVFormatContext muxer) {
    AVCodec aac = avcodec_find_encoder_by_name("aac");
    AVCodecContext encoder = avcodec_alloc_context3(aac);
    encoder.sample_rate(SAMPLES_PER_SECOND).sample_fmt(AV_SAMPLE_FMT_FLTP);
    av_channel_layout_default(encoder.ch_layout(), 1);
    encoder.time_base().num(1).den(SAMPLES_PER_SECOND);
    if ((muxer.oformat().flags() & AVFMT_GLOBALHEADER) != 0) {
      encoder.flags(encoder.flags() | AV_CODEC_FLAG_GLOBAL_HEADER);
    }
    Libav.check(avcodec_open2(encoder, aac, (AVDictionary) null), "aac");
    return encoder;
  }

  private static AVFrame silence() {
    AVFrame frame = av_frame_alloc();
    frame.format(AV_SAMPLE_FMT_FLTP).nb_samples(SAMPLES_PER_FRAME);
    frame.sample_rate(SAMPLES_PER_SECOND);
    av_channel_layout_default(frame.ch_layout(), 1);
    Libav.check(av_frame_get_buffer(frame, 0), "buffer");
    frame.data(0).put(new byte[SAMPLES_PER_FRAME * Float.BYTES]);
    return frame;
  }

  private static void drain(
      AVCodecContext encoder, AVPacket packet, AVStream stream, AVFormatContext muxer) {
    while (avcodec_receive_packet(encoder, packet) >= 0) {
      av_packet_rescale_ts(packet, encoder.time_base(), stream.time_base());
      packet.stream_index(0);
      Libav.check(av_interleaved_write_frame(muxer, packet), "write");
    }
  }
}
