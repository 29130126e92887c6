package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avutil.AVERROR_DECODER_NOT_FOUND;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_FORBIDDEN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_NOT_FOUND;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_SERVER_ERROR;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_HTTP_UNAUTHORIZED;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_INVALIDDATA;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_PROTOCOL_NOT_FOUND;

/** Says in words why libav could not open a source, and what to do about it. */
final class OpenFailures {
  private static final int EINVAL = -22;

  private OpenFailures() {}

  static String explain(SourceSpec.Kind kind, int error) {
    if (error == AVERROR_HTTP_UNAUTHORIZED || error == AVERROR_HTTP_FORBIDDEN) {
      return kind.word() + " refused the user name or password";
    }
    if (error == AVERROR_HTTP_NOT_FOUND) {
      return kind.word() + " server knows no such stream; check the path in the address";
    }
    if (error == AVERROR_HTTP_SERVER_ERROR) {
      return kind.word() + " server answered with an error of its own";
    }
    if (error == AVERROR_DECODER_NOT_FOUND) {
      return "uses a video codec that is not among those Fovea decodes";
    }
    if (error == AVERROR_PROTOCOL_NOT_FOUND) {
      return "leads to another protocol, which is not allowed";
    }
    if (error == AVERROR_INVALIDDATA || error == EINVAL || error == AVERROR_EOF) {
      return kind == SourceSpec.Kind.FILE
          ? "cannot be read as a video: it is damaged, was cut off before its index was written,"
              + " or is no video that Fovea reads (MP4, MOV, AVI, MKV, WebM, MPEG-TS, FLV, MJPEG)"
          : kind.word() + " did not answer with a video stream that Fovea reads";
    }
    return kind == SourceSpec.Kind.FILE
        ? "cannot be opened: " + Libav.message(error)
        : kind.word() + " could not be opened: " + Libav.message(error);
  }
}
