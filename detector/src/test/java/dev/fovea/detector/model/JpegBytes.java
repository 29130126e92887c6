package dev.fovea.detector.model;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Surgery on JPEG files, for tests of bad and unusual ones. */
final class JpegBytes {
  private static final int SOS = 0xDA;

  private JpegBytes() {}

  /** Offset of the first marker with this code among the segments before the first scan's data. */
  static int find(byte[] jpeg, int marker) {
    int at = 2;
    while (at + 4 <= jpeg.length) {
      int code = jpeg[at + 1] & 0xFF;
      if (code == marker) {
        return at;
      }
      if (code == SOS) {
        break;
      }
      at += 2 + length(jpeg, at);
    }
    throw new IllegalArgumentException("no marker " + Integer.toHexString(marker));
  }

  /** The frame header's offset, baseline or progressive. */
  static int frameHeader(byte[] jpeg) {
    try {
      return find(jpeg, 0xC0);
    } catch (IllegalArgumentException e) {
      return find(jpeg, 0xC2);
    }
  }

  static int length(byte[] jpeg, int marker) {
    return (jpeg[marker + 2] & 0xFF) << 8 | (jpeg[marker + 3] & 0xFF);
  }

  /** The same file saying that the picture is of another size. */
  static byte[] withSize(byte[] jpeg, int width, int height) {
    byte[] changed = jpeg.clone();
    int at = frameHeader(jpeg) + 5;
    changed[at] = (byte) (height >> 8);
    changed[at + 1] = (byte) height;
    changed[at + 2] = (byte) (width >> 8);
    changed[at + 3] = (byte) width;
    return changed;
  }

  /** The file without its segments of one kind before the first scan. */
  static byte[] without(byte[] jpeg, int marker) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    int at = 2;
    while ((jpeg[at + 1] & 0xFF) != SOS) {
      int end = at + 2 + length(jpeg, at);
      if ((jpeg[at + 1] & 0xFF) != marker) {
        out.write(jpeg, at, end - at);
      }
      at = end;
    }
    out.write(jpeg, at, jpeg.length - at);
    return out.toByteArray();
  }

  /** The file with a segment put in behind its start marker. */
  static byte[] with(byte[] jpeg, int marker, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.write(0xFF);
    out.write(marker);
    out.write((content.length + 2) >> 8);
    out.write(content.length + 2);
    out.writeBytes(content);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  /** The file with its last scan repeated until it has so many more. */
  static byte[] withMoreScans(byte[] jpeg, int more) {
    int end = jpeg.length - 2;
    int scan = end;
    while (!((jpeg[scan] & 0xFF) == 0xFF && (jpeg[scan + 1] & 0xFF) == SOS)) {
      scan--;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, end);
    for (int i = 0; i < more; i++) {
      out.write(jpeg, scan, end - scan);
    }
    out.write(jpeg, end, 2);
    return out.toByteArray();
  }

  /** The file's first part. */
  static byte[] cut(byte[] jpeg, double part) {
    return Arrays.copyOf(jpeg, (int) (jpeg.length * part));
  }

  /** The file's first part, ended properly. */
  static byte[] cutAndEnded(byte[] jpeg, double part) {
    byte[] cut = Arrays.copyOf(cut(jpeg, part), (int) (jpeg.length * part) + 2);
    cut[cut.length - 2] = (byte) 0xFF;
    cut[cut.length - 1] = (byte) 0xD9;
    return cut;
  }
}
