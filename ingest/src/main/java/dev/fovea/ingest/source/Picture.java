package dev.fovea.ingest.source;

import org.bytedeco.ffmpeg.avutil.AVFrame;

/** What a source delivers for one frame. */
public sealed interface Picture {

  /** A picture that the camera or file already holds as a JPEG, passed through untouched. */
  final class Jpeg implements Picture {
    private final byte[] bytes;
    private final JpegHeader header;

    /**
     * Wraps a JPEG.
     *
     * @param bytes a complete JPEG, from SOI to EOI, with its Huffman tables; shared, not copied
     * @param header what {@link JpegHeader#parse} found in it
     */
    public Jpeg(byte[] bytes, JpegHeader header) {
      this.bytes = bytes;
      this.header = header;
    }

    /** The JPEG; not to be changed. */
    public byte[] bytes() {
      return bytes;
    }

    public JpegHeader header() {
      return header;
    }
  }

  /** A decoded picture in libav's memory, owned by the source that delivered it. */
  final class Decoded implements Picture {
    private final AVFrame frame;

    Decoded(AVFrame frame) {
      this.frame = frame;
    }

    /** Pixels, format, colour space and range; read only, valid until the source goes on. */
    public AVFrame frame() {
      return frame;
    }
  }

  /**
   * The source delivered something that is no picture; it counts as delivered and is dropped with a
   * line in the ledger.
   *
   * @param reason why, as a sentence without a full stop
   */
  record Unreadable(String reason) implements Picture {}
}
