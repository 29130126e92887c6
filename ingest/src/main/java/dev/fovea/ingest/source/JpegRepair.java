package dev.fovea.ingest.source;

import dev.fovea.ingest.source.JpegHeader.MalformedJpegException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import javax.imageio.plugins.jpeg.JPEGHuffmanTable;

/**
 * Makes of a camera's MJPEG packet a JPEG that any decoder reads, without touching the picture:
 * padding behind the end goes, tables that were left out are put in.
 */
final class JpegRepair {
  /** The Huffman tables of ITU-T T.81, annex K.3, which MJPEG without tables means. */
  private static final byte[] STANDARD_TABLES = standardTables();

  private JpegRepair() {}

  /**
   * The picture in a packet.
   *
   * @param corrupt set where the packet's end is missing; it is closed, the rest stays grey
   */
  record Repaired(Picture picture, boolean corrupt) {}

  static Repaired repair(byte[] packet, long maxPixels) {
    try {
      JpegHeader header = JpegHeader.parse(packet);
      String tooLarge = header.whyTooLarge(maxPixels);
      if (tooLarge != null) {
        return new Repaired(new Picture.Unreadable(tooLarge), true);
      }
      if (header.hasHuffmanTables() && header.end() == packet.length) {
        return new Repaired(new Picture.Jpeg(packet, header), false);
      }
      byte[] whole = rewrite(packet, header);
      return new Repaired(
          new Picture.Jpeg(whole, JpegHeader.parse(whole)), /* corrupt= */ header.end() < 0);
    } catch (MalformedJpegException e) {
      return new Repaired(new Picture.Unreadable("picture " + e.getMessage()), true);
    }
  }

  private static byte[] rewrite(byte[] packet, JpegHeader header) {
    int end = header.end() < 0 ? packet.length : header.end();
    byte[] tables = header.hasHuffmanTables() ? new byte[0] : STANDARD_TABLES;
    int closing = header.end() < 0 ? 2 : 0;
    byte[] whole = Arrays.copyOf(packet, end + tables.length + closing);
    int scan = header.firstScan();
    System.arraycopy(tables, 0, whole, scan, tables.length);
    System.arraycopy(packet, scan, whole, scan + tables.length, end - scan);
    if (closing > 0) {
      whole[whole.length - 2] = (byte) 0xFF;
      whole[whole.length - 1] = (byte) 0xD9;
    }
    return whole;
  }

  private static byte[] standardTables() {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    putTable(payload, 0x00, JPEGHuffmanTable.StdDCLuminance);
    putTable(payload, 0x10, JPEGHuffmanTable.StdACLuminance);
    putTable(payload, 0x01, JPEGHuffmanTable.StdDCChrominance);
    putTable(payload, 0x11, JPEGHuffmanTable.StdACChrominance);
    int length = payload.size() + 2;
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    segment.write(0xFF);
    segment.write(0xC4);
    segment.write(length >> 8);
    segment.write(length);
    segment.writeBytes(payload.toByteArray());
    return segment.toByteArray();
  }

  private static void putTable(ByteArrayOutputStream out, int id, JPEGHuffmanTable table) {
    out.write(id);
    short[] lengths = table.getLengths();
    for (int i = 0; i < 16; i++) {
      out.write(i < lengths.length ? lengths[i] : 0);
    }
    for (short value : table.getValues()) {
      out.write(value);
    }
  }
}
