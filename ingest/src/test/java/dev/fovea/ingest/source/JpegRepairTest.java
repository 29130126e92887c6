package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class JpegRepairTest {
  private static final long MAX_PIXELS = 1 << 24;

  @Test
  void aSoundPictureIsNotTouched() throws Exception {
    byte[] jpeg = MjpegServer.jpeg(77);
    JpegRepair.Repaired repaired = JpegRepair.repair(jpeg, MAX_PIXELS);
    assertThat(((Picture.Jpeg) repaired.picture()).bytes()).isSameAs(jpeg);
    assertThat(repaired.corrupt()).isFalse();
  }

  @Test
  void paddingBehindTheEndGoes() throws Exception {
    byte[] jpeg = MjpegServer.jpeg(77);
    byte[] padded = Arrays.copyOf(jpeg, jpeg.length + 100);
    JpegRepair.Repaired repaired = JpegRepair.repair(padded, MAX_PIXELS);
    assertThat(((Picture.Jpeg) repaired.picture()).bytes()).isEqualTo(jpeg);
    assertThat(repaired.corrupt()).isFalse();
  }

  @Test
  void tablesThatWereLeftOutAreThoseOfTheStandard() throws Exception {
    // ImageIO writes the standard's tables, so without them the picture must come out the same.
    byte[] jpeg = MjpegServer.jpeg(77);
    byte[] bare = withoutTables(jpeg);
    assertThat(bare.length).isLessThan(jpeg.length);

    JpegRepair.Repaired repaired = JpegRepair.repair(bare, MAX_PIXELS);

    byte[] whole = ((Picture.Jpeg) repaired.picture()).bytes();
    BufferedImage picture = ImageIO.read(new ByteArrayInputStream(whole));
    BufferedImage original = ImageIO.read(new ByteArrayInputStream(jpeg));
    for (int y = 0; y < picture.getHeight(); y += 3) {
      for (int x = 0; x < picture.getWidth(); x += 3) {
        assertThat(picture.getRGB(x, y)).isEqualTo(original.getRGB(x, y));
      }
    }
    assertThat(repaired.corrupt()).isFalse();
  }

  @Test
  void aPictureThatIsCutOffIsClosedAndFlagged() throws Exception {
    byte[] jpeg = MjpegServer.jpeg(77);
    JpegRepair.Repaired repaired =
        JpegRepair.repair(Arrays.copyOf(jpeg, jpeg.length * 2 / 3), MAX_PIXELS);
    assertThat(repaired.corrupt()).isTrue();
    byte[] whole = ((Picture.Jpeg) repaired.picture()).bytes();
    assertThat(ImageIO.read(new ByteArrayInputStream(whole)).getWidth()).isEqualTo(320);
  }

  @Test
  void whatIsNoPictureSaysWhy() throws Exception {
    assertThat(reason(new byte[] {1, 2, 3, 4, 5})).contains("does not begin");
    assertThat(reason(Arrays.copyOf(MjpegServer.jpeg(1), 50))).contains("ends before");
    assertThat(JpegRepair.repair(MjpegServer.jpeg(1), 1000).picture())
        .isEqualTo(new Picture.Unreadable("is a picture of 320x192, more than max-pixels = 1000"));
  }

  @Test
  void aPictureOfAThousandScansIsRefused() throws Exception {
    byte[] jpeg = MjpegServer.jpeg(1);
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(jpeg, 0, jpeg.length - 2);
    for (int i = 0; i < 1_000; i++) {
      bomb.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xDA, 0, 2});
    }
    bomb.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xD9});
    assertThat(reason(bomb.toByteArray())).contains("more than 64 scans");
  }

  private static String reason(byte[] bytes) {
    return ((Picture.Unreadable) JpegRepair.repair(bytes, MAX_PIXELS).picture()).reason();
  }

  private static byte[] withoutTables(byte[] jpeg) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    int at = 2;
    while ((jpeg[at + 1] & 0xFF) != 0xDA) {
      int length = 2 + (((jpeg[at + 2] & 0xFF) << 8) | (jpeg[at + 3] & 0xFF));
      if ((jpeg[at + 1] & 0xFF) != 0xC4) {
        out.write(jpeg, at, length);
      }
      at += length;
    }
    out.write(jpeg, at, jpeg.length - at);
    return out.toByteArray();
  }
}
