package dev.fovea.trainer.labels;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which side a new picture goes to. Pictures with a capture time are grouped by camera and minute,
 * since those of one minute show nearly the same; those without are grouped by their look. A
 * group's side is drawn by a hash of its name when its first picture comes, and then stays,
 * whatever the fraction is set to later.
 *
 * <p>A picture without capture time that resembles pictures of both sides is withheld: on either it
 * would have its like on the other. One thread.
 */
final class Split {
  /** Bits of {@link DifferenceHash} that near-duplicates differ in at most. */
  static final int ALIKE_BITS = 40;

  private static final long MINUTE_MICROS = 60_000_000;

  /** A group and its side. */
  record Place(String group, Side side) {}

  /** What a picture looks like, and where it is. */
  private static final class Look {
    final long[] bits;
    final Place place;

    Look(long[] bits, Place place) {
      this.bits = bits;
      this.place = place;
    }
  }

  private final double validationFraction;
  private final Map<String, Side> sides = new HashMap<>();
  private final List<Look> looks = new ArrayList<>();

  Split(double validationFraction) {
    this.validationFraction = validationFraction;
  }

  /** Takes in where an earlier version has a picture. */
  void remember(PictureEntry picture) {
    remember(
        new Place(picture.group(), picture.side()),
        picture.captureTimeMicros(),
        DifferenceHash.parse(picture.look()));
  }

  /** The place of a picture that is new; it is remembered. */
  Place place(LabelledFrame frame) {
    Place place = find(frame);
    remember(place, frame.captureTimeMicros(), frame.picture().look());
    return place;
  }

  private Place find(LabelledFrame frame) {
    Long time = frame.captureTimeMicros();
    return time == null
        ? byLook(frame)
        : ofGroup(frame.camera() + "/" + Math.floorDiv(time, MINUTE_MICROS));
  }

  private void remember(Place place, @Nullable Long captureTimeMicros, long[] look) {
    if (place.side() == Side.WITHHELD) {
      return;
    }
    sides.putIfAbsent(place.group(), place.side());
    if (captureTimeMicros == null) {
      looks.add(new Look(look, place));
    }
  }

  private Place byLook(LabelledFrame frame) {
    Place nearest = null;
    int fewest = ALIKE_BITS + 1;
    boolean bothSides = false;
    for (Look look : looks) {
      int bits = DifferenceHash.distance(look.bits, frame.picture().look());
      if (bits <= ALIKE_BITS) {
        bothSides |= nearest != null && nearest.side() != look.place.side();
        if (bits < fewest) {
          nearest = look.place;
          fewest = bits;
        }
      }
    }
    if (nearest == null) {
      return ofGroup("like/" + frame.sha256());
    }
    return bothSides ? new Place(nearest.group(), Side.WITHHELD) : nearest;
  }

  private Place ofGroup(String group) {
    Side known = sides.get(group);
    return new Place(group, known == null ? draw(group) : known);
  }

  private Side draw(String group) {
    byte[] hash = sha256(group.getBytes(StandardCharsets.UTF_8));
    // The first 53 bits, as a double in [0, 1).
    long bits = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      bits = bits << Byte.SIZE | (hash[i] & 255);
    }
    return (bits >>> 11) * 0x1p-53 < validationFraction ? Side.VAL : Side.TRAIN;
  }

  private static byte[] sha256(byte[] bytes) {
    MessageDigest digest = Sha256.digest();
    return digest.digest(bytes);
  }
}
