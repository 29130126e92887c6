package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_QUIET;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.global.avdevice;
import org.bytedeco.ffmpeg.global.avformat;

/** What all users of libav share: its start-up and its error numbers. */
public final class Libav {
  /** "Give me more input first": differs between operating systems. */
  public static final int EAGAIN;

  private static final int MESSAGE_BYTES = 128;

  static {
    // libav writes its own lines, addresses with passwords among them, straight to standard error.
    av_log_set_level(AV_LOG_QUIET);
    // Only now is there a native library to ask.
    EAGAIN = org.bytedeco.ffmpeg.presets.avutil.AVERROR_EAGAIN();
    avformat.avformat_network_init();
    avdevice.avdevice_register_all();
  }

  private Libav() {}

  /** Loads the native libraries; the first call takes some tenths of a second. */
  public static void load() {
    // The static initialiser has done it.
  }

  /** libav's own words for an error number. */
  public static String message(int error) {
    byte[] text = new byte[MESSAGE_BYTES];
    av_strerror(error, text, MESSAGE_BYTES);
    int length = 0;
    while (length < text.length && text[length] != 0) {
      length++;
    }
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }

  /** Turns a failed allocation or set-up call, which no input can cause, into an exception. */
  public static int check(int result, String what) {
    if (result < 0) {
      throw new IllegalStateException(what + ": " + message(result));
    }
    return result;
  }
}
