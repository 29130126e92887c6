package dev.fovea.ingest.street;

/**
 * What a street is drawn from. Everything not said here (camera, road, houses, weather, traffic)
 * follows from the seed.
 *
 * @param seed which street
 * @param widthPx 160 to 3840
 * @param heightPx 120 to 2160
 * @param framesPerSecond frame i shows the street i / framesPerSecond seconds on; over 0, at most
 *     240
 * @param daylight the street's clock
 * @param density how busy it is: 0 empty, 1 usual, at most 2
 */
public record StreetSettings(
    long seed,
    int widthPx,
    int heightPx,
    double framesPerSecond,
    Daylight daylight,
    double density) {

  public StreetSettings {
    require(widthPx >= 160 && widthPx <= 3840, "widthPx", widthPx, "160 to 3840");
    require(heightPx >= 120 && heightPx <= 2160, "heightPx", heightPx, "120 to 2160");
    require(
        framesPerSecond > 0 && framesPerSecond <= 240,
        "framesPerSecond",
        framesPerSecond,
        "over 0 and at most 240");
    require(density >= 0 && density <= 2, "density", density, "0 to 2");
  }

  /** A busy 640x360 street at 15 frames a second, at an hour that the seed chooses. */
  public static StreetSettings of(long seed) {
    return new StreetSettings(seed, 640, 360, 15, Daylight.fixed(hourOf(seed)), 1);
  }

  public StreetSettings withDaylight(Daylight newDaylight) {
    return new StreetSettings(seed, widthPx, heightPx, framesPerSecond, newDaylight, density);
  }

  public StreetSettings withSize(int newWidthPx, int newHeightPx) {
    return new StreetSettings(seed, newWidthPx, newHeightPx, framesPerSecond, daylight, density);
  }

  public StreetSettings withFramesPerSecond(double newFramesPerSecond) {
    return new StreetSettings(seed, widthPx, heightPx, newFramesPerSecond, daylight, density);
  }

  public StreetSettings withDensity(double newDensity) {
    return new StreetSettings(seed, widthPx, heightPx, framesPerSecond, daylight, newDensity);
  }

  /** Half of all seeds by day, a fifth at dawn or dusk, the rest by night. */
  private static double hourOf(long seed) {
    Dice dice = Dice.of(seed, 24);
    double kind = dice.unit();
    if (kind < 0.5) {
      return dayHour(dice);
    }
    if (kind < 0.7) {
      return dice.chance(0.5) ? dice.between(5.6, 7.2) : dice.between(17.8, 19.6);
    }
    return nightHour(dice);
  }

  static double dayHour(Dice dice) {
    return dice.between(8, 17);
  }

  static double nightHour(Dice dice) {
    return dice.between(20.5, 28.5) % 24;
  }

  private static void require(boolean holds, String name, double value, String rule) {
    if (!holds) {
      throw new IllegalArgumentException(name + " " + value + ": must be " + rule);
    }
  }
}
