package dev.fovea.ingest.street;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fovea.schema.avro.LabelledBox;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreetSceneTest {
  @Test
  void sameSeedAndIndexGiveTheSameBytes() {
    assertThat(bytes(new StreetScene(StreetSettings.of(3)).render(7)))
        .isEqualTo(bytes(new StreetScene(StreetSettings.of(3)).render(7)));
  }

  @Test
  void randomAccessEqualsSequence() {
    StreetScene sequential = new StreetScene(StreetSettings.of(5));
    for (int i = 0; i < 6; i++) {
      sequential.render(i);
    }
    byte[] sixth = bytes(sequential.render(6));
    StreetScene direct = new StreetScene(StreetSettings.of(5));
    direct.render(900);
    assertThat(bytes(direct.render(6))).isEqualTo(sixth);
    assertThat(direct.truth(6)).isEqualTo(sequential.truth(6));
  }

  @Test
  void aLongRunKeepsFewLooksAndDrawsTheSame() {
    StreetScene street = new StreetScene(StreetSettings.of(5));
    byte[] atFirst = bytes(street.render(0));
    for (int minute = 1; minute <= 240; minute++) {
      street.truth(minute * 900L);
    }
    assertThat(street.looksKept()).isEqualTo(StreetScene.MAX_LOOKS);
    assertThat(bytes(street.render(0))).isEqualTo(atFirst);
  }

  @Test
  void differentSeedsGiveDifferentStreets() {
    assertThat(bytes(new StreetScene(StreetSettings.of(1)).render(0)))
        .isNotEqualTo(bytes(new StreetScene(StreetSettings.of(2)).render(0)));
  }

  @Test
  void boxesLieInsideTheFrameAndAreLargeEnough() {
    for (long seed = 0; seed < 20; seed++) {
      List<LabelledBox> truth = new StreetScene(StreetSettings.of(seed)).truth(seed * 10);
      for (LabelledBox box : truth) {
        assertThat(box.getX1()).as("seed %d %s", seed, box).isGreaterThanOrEqualTo(0);
        assertThat(box.getY1()).as("seed %d %s", seed, box).isGreaterThanOrEqualTo(0);
        assertThat(box.getX2()).as("seed %d %s", seed, box).isBetween(box.getX1(), 640f);
        assertThat(box.getY2())
            .as("seed %d %s", seed, box)
            .isBetween(box.getY1() + (float) StreetScene.MIN_HEIGHT_PX - 2, 360f);
      }
    }
  }

  @Test
  void nightIsDarkerThanDay() {
    for (long seed = 0; seed < 4; seed++) {
      StreetSettings street = StreetSettings.of(seed);
      double day = luminance(new StreetScene(street.withDaylight(Daylight.NOON)).render(0));
      double night = luminance(new StreetScene(street.withDaylight(Daylight.NIGHT)).render(0));
      assertThat(night).as("seed %d", seed).isLessThan(day * 0.6);
    }
  }

  @Test
  void nightFallsOnceAndByTheFrameAlone() {
    StreetSettings street =
        StreetSettings.of(3)
            .withFramesPerSecond(1)
            .withDaylight(Daylight.nightfall(Duration.ofSeconds(10), Duration.ofSeconds(20)));
    StreetScene scene = new StreetScene(street);
    byte[] night = bytes(scene.render(30));
    double[] levels = new double[4];
    for (int i = 0; i < 4; i++) {
      levels[i] = luminance(scene.render(9 + 7 * i));
    }
    assertThat(levels[3]).isLessThan(levels[0] * 0.6);
    assertThat(levels).isSortedAccordingTo(Comparator.<Double>naturalOrder().reversed());
    assertThat(bytes(new StreetScene(street.withDaylight(Daylight.NOON)).render(9)))
        .isEqualTo(bytes(scene.render(9)));
    assertThat(bytes(new StreetScene(street.withDaylight(Daylight.NIGHT)).render(30)))
        .isEqualTo(night);
    assertThat(new StreetScene(street).truth(30)).isEqualTo(scene.truth(30));
  }

  static byte[] bytes(BufferedImage picture) {
    return ((DataBufferByte) picture.getRaster().getDataBuffer()).getData();
  }

  static double luminance(BufferedImage picture) {
    long sum = 0;
    byte[] bytes = bytes(picture);
    for (byte level : bytes) {
      sum += level & 255;
    }
    return (double) sum / bytes.length;
  }
}
