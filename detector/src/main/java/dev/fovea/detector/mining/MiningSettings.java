package dev.fovea.detector.mining;

/**
 * How label candidates are chosen; {@code reference.conf} says what each means.
 *
 * @param enabled whether any are
 * @param perCameraPerMinute most candidates a minute of a camera's capture time, of those drawn at
 *     random and of the others each
 * @param uncertainMargin scores nearer to the serving threshold than this are uncertain; above 0
 * @param randomShare share of the frames that is drawn at random, 0 to 1
 */
public record MiningSettings(
    boolean enabled, double perCameraPerMinute, float uncertainMargin, double randomShare) {

  /** No candidates. */
  public static final MiningSettings OFF = new MiningSettings(false, 1, 0.1f, 0);

  public MiningSettings {
    if (!(perCameraPerMinute > 0) || !(uncertainMargin > 0) || !(randomShare >= 0)) {
      throw new IllegalArgumentException(
          "mining needs a rate and a margin above 0 and a share of at least 0, not %s, %s, %s"
              .formatted(perCameraPerMinute, uncertainMargin, randomShare));
    }
  }
}
