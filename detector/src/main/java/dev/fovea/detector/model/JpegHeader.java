package dev.fovea.detector.model;

import java.nio.charset.StandardCharsets;

/**
 * What a JPEG's markers say, read before anything is decoded, so that a small file cannot demand
 * gigabytes or minutes (ITU-T T.81, annex B). Walks all markers to the end of the picture; the
 * coded data between them is only skipped.
 *
 * @param widthPx samples a line
 * @param heightPx lines
 * @param scans scans in the picture
 * @param usesDefaultTables whether a scan uses a Huffman table that the picture does not define, as
 *     the pictures of motion-JPEG cameras may
 */
public record JpegHeader(int widthPx, int heightPx, int scans, boolean usesDefaultTables) {

  /**
   * Reads and checks a JPEG's markers.
   *
   * @throws UndecodableImageException naming the rule that is broken
   */
  public static JpegHeader parse(byte[] jpeg, PictureLimits limits)
      throws UndecodableImageException {
    return new Parser(jpeg, limits).parse();
  }

  /** Marker codes (the byte after 0xFF). */
  private static final class Marker {
    static final int SOF0_BASELINE = 0xC0;
    static final int SOF2_PROGRESSIVE = 0xC2;
    static final int DHT = 0xC4;
    static final int JPG = 0xC8;
    static final int DAC = 0xCC;
    static final int SOF15 = 0xCF;
    static final int RST0 = 0xD0;
    static final int RST7 = 0xD7;
    static final int SOI = 0xD8;
    static final int EOI = 0xD9;
    static final int SOS = 0xDA;
    static final int DQT = 0xDB;
    static final int TEM = 0x01;

    private Marker() {}

    static boolean isFrameHeader(int marker) {
      return marker >= SOF0_BASELINE
          && marker <= SOF15
          && marker != DHT
          && marker != JPG
          && marker != DAC;
    }

    static boolean standsAlone(int marker) {
      return (marker >= RST0 && marker <= RST7) || marker == TEM;
    }
  }

  private static final class Parser {
    private final byte[] jpeg;
    private final PictureLimits limits;
    private int at;
    private int frameMarker;
    private int widthPx;
    private int heightPx;
    private int scans;
    private boolean usesDefaultTables;

    /** Tables defined so far, a bit each; Huffman: class · 4 + destination. */
    private int huffmanTables;

    private int quantisationTables;
    private int quantisationTablesUsed;

    Parser(byte[] jpeg, PictureLimits limits) {
      this.jpeg = jpeg;
      this.limits = limits;
    }

    JpegHeader parse() throws UndecodableImageException {
      require(jpeg.length > 0, "the picture is empty");
      require(
          jpeg.length <= limits.maxBytes(),
          "the picture has %d bytes, more than the %d allowed",
          jpeg.length,
          limits.maxBytes());
      requireJpeg();
      at = 2;
      for (int marker = nextMarker(); marker != Marker.EOI; marker = nextMarker()) {
        segment(marker);
      }
      require(frameMarker != 0, "the JPEG has no frame header (SOF)");
      require(scans > 0, "the JPEG has no scan (SOS)");
      return new JpegHeader(widthPx, heightPx, scans, usesDefaultTables);
    }

    private void requireJpeg() throws UndecodableImageException {
      if (jpeg.length >= 2 && unsigned(0) == 0xFF && unsigned(1) == Marker.SOI) {
        return;
      }
      throw new UndecodableImageException(
          "the picture is not a JPEG: "
              + (startsWith("\u0089PNG")
                  ? "it is a PNG"
                  : startsWith("GIF8")
                      ? "it is a GIF"
                      : startsWith("BM")
                          ? "it is a BMP"
                          : "it does not begin with the bytes FF D8"));
    }

    private boolean startsWith(String latin1) {
      byte[] start = latin1.getBytes(StandardCharsets.ISO_8859_1);
      return jpeg.length >= start.length
          && java.util.Arrays.equals(jpeg, 0, start.length, start, 0, start.length);
    }

    private int nextMarker() throws UndecodableImageException {
      require(at < jpeg.length, "the JPEG is truncated: it ends before its end marker (EOI)");
      require(unsigned(at) == 0xFF, "the JPEG has no marker at byte %d, where one must be", at);
      while (at < jpeg.length && unsigned(at) == 0xFF) {
        at++;
      }
      require(at < jpeg.length, "the JPEG is truncated: it ends before its end marker (EOI)");
      return unsigned(at++);
    }

    private void segment(int marker) throws UndecodableImageException {
      if (Marker.standsAlone(marker)) {
        return;
      }
      require(marker != Marker.SOI, "the JPEG has a second start marker at byte %d", at - 2);
      require(at + 2 <= jpeg.length, "the JPEG is truncated inside a marker segment");
      int end = at + unsignedShort(at);
      require(end >= at + 2, "the JPEG has a marker segment without length at byte %d", at);
      require(end <= jpeg.length, "the JPEG is truncated inside a marker segment");
      int start = at + 2;
      at = end;
      if (Marker.isFrameHeader(marker)) {
        frameHeader(marker, start, end);
      } else if (marker == Marker.DHT) {
        huffmanTables(start, end);
      } else if (marker == Marker.DQT) {
        quantisationTables(start, end);
      } else if (marker == Marker.SOS) {
        scan(start, end);
      }
    }

    private void frameHeader(int marker, int start, int end) throws UndecodableImageException {
      require(frameMarker == 0, "the JPEG has two frame headers (SOF)");
      require(
          marker <= Marker.SOF2_PROGRESSIVE,
          "the JPEG's coding (SOF%d) is neither baseline nor progressive",
          marker - Marker.SOF0_BASELINE);
      require(end - start >= 6, "the JPEG's frame header (SOF) is too short");
      require(unsigned(start) == 8, "the JPEG has %d bits a sample, not 8", unsigned(start));
      frameMarker = marker;
      heightPx = unsignedShort(start + 1);
      widthPx = unsignedShort(start + 3);
      int components = unsigned(start + 5);
      require(widthPx > 0 && heightPx > 0, "the JPEG's size is %dx%d pixels", widthPx, heightPx);
      require(
          (long) widthPx * heightPx <= limits.maxPixels(),
          "the JPEG says %dx%d pixels, more than the %d allowed",
          widthPx,
          heightPx,
          limits.maxPixels());
      // Every block of 8x8 takes at least one bit, the code of its DC coefficient.
      require(
          (long) widthPx * heightPx / 64 / 8 <= jpeg.length,
          "the JPEG says %dx%d pixels, which its %d bytes cannot hold",
          widthPx,
          heightPx,
          jpeg.length);
      require(
          components == 1 || components == 3,
          "the JPEG has %d colour components, not 1 or 3",
          components);
      require(end - start >= 6 + 3 * components, "the JPEG's frame header (SOF) is too short");
      for (int i = 0; i < components; i++) {
        int sampling = unsigned(start + 7 + 3 * i);
        require(
            isFactor(sampling >> 4) && isFactor(sampling & 15),
            "the JPEG has a sampling factor of %dx%d",
            sampling >> 4,
            sampling & 15);
        quantisationTablesUsed |= 1 << (unsigned(start + 8 + 3 * i) & 15);
      }
    }

    private static boolean isFactor(int sampling) {
      return sampling >= 1 && sampling <= 4;
    }

    private void huffmanTables(int start, int end) throws UndecodableImageException {
      int table = start;
      while (table < end) {
        require(table + 17 <= end, "the JPEG has a Huffman table (DHT) that is too short");
        int codes = 0;
        for (int length = 1; length <= 16; length++) {
          codes += unsigned(table + length);
        }
        int id = unsigned(table);
        huffmanTables |= 1 << ((id >> 4 & 1) * 4 + (id & 3));
        table += 17 + codes;
      }
      require(table == end, "the JPEG has a Huffman table (DHT) that is too short");
    }

    private void quantisationTables(int start, int end) throws UndecodableImageException {
      int table = start;
      while (table < end) {
        quantisationTables |= 1 << (unsigned(table) & 15);
        table += unsigned(table) >> 4 == 0 ? 65 : 129;
      }
      require(table == end, "the JPEG has a quantisation table (DQT) that is too short");
    }

    private void scan(int start, int end) throws UndecodableImageException {
      require(frameMarker != 0, "the JPEG has a scan (SOS) before its frame header (SOF)");
      require(
          (quantisationTablesUsed & ~quantisationTables) == 0,
          "the JPEG uses a quantisation table that it does not define");
      scans++;
      require(scans <= limits.maxScans(), "the JPEG has more than %d scans", limits.maxScans());
      require(end > start, "the JPEG's scan header (SOS) is too short");
      int components = unsigned(start);
      require(
          end - start >= 4 + 2 * components && components >= 1,
          "the JPEG's scan header (SOS) is too short");
      for (int i = 0; i < components; i++) {
        noteTables(unsigned(start + 2 + 2 * i), start + 1 + 2 * components);
      }
      skipCodedData();
    }

    /** Notes a scan component's tables; {@code spectral} is where its spectral selection stands. */
    private void noteTables(int tables, int spectral) {
      boolean progressive = frameMarker == Marker.SOF2_PROGRESSIVE;
      boolean dc = !progressive || unsigned(spectral) == 0;
      boolean ac = !progressive || unsigned(spectral + 1) > 0;
      boolean dcIsRefined = progressive && unsigned(spectral + 2) >> 4 > 0;
      int needed = 0;
      if (dc && !dcIsRefined) {
        needed |= 1 << (tables >> 4 & 3);
      }
      if (ac) {
        needed |= 1 << (4 + (tables & 3));
      }
      usesDefaultTables |= (needed & ~huffmanTables) != 0;
    }

    /** Moves to the next marker that is not part of coded data. */
    private void skipCodedData() {
      while (at < jpeg.length) {
        if (jpeg[at] == (byte) 0xFF && at + 1 < jpeg.length) {
          int next = unsigned(at + 1);
          if (next != 0 && !(next >= Marker.RST0 && next <= Marker.RST7)) {
            return;
          }
          at++;
        }
        at++;
      }
    }

    private int unsigned(int index) {
      return jpeg[index] & 0xFF;
    }

    private int unsignedShort(int index) {
      return unsigned(index) << 8 | unsigned(index + 1);
    }

    private static void require(boolean holds, String rule) throws UndecodableImageException {
      if (!holds) {
        throw new UndecodableImageException(rule);
      }
    }

    private static void require(boolean holds, String rule, long value)
        throws UndecodableImageException {
      if (!holds) {
        throw new UndecodableImageException(rule.formatted(value));
      }
    }

    private static void require(boolean holds, String rule, long first, long second)
        throws UndecodableImageException {
      if (!holds) {
        throw new UndecodableImageException(rule.formatted(first, second));
      }
    }

    private static void require(boolean holds, String rule, long first, long second, long third)
        throws UndecodableImageException {
      if (!holds) {
        throw new UndecodableImageException(rule.formatted(first, second, third));
      }
    }
  }
}
