package dev.fovea.ingest.street;

import java.util.ArrayList;
import java.util.List;

/** What stands still in a street: its ground plan, houses, trees, lamps, weather and camera. */
final class StreetPlan {
  /** Metres along the road that houses and lamps reach. */
  static final double FAR = 190;

  record Building(
      int side, double near, double far, double height, int style, int wall, int trim, long seed) {}

  record Tree(double x, double z, double height, double crown, int leaves, long seed) {}

  record Lamp(double x, double z, double height, double arm) {}

  /** Where cars, cyclists or walkers go: along z, or across at a junction. */
  record Lane(
      boolean across, double offset, int direction, double spacing, double speed, long seed) {}

  final long seed;
  final Viewpoint view;

  /** +1 drives on the right, −1 on the left. */
  final int drivingSide;

  final int lanesPerSide;
  final double laneWidth;
  final double cycleLane;
  final boolean parkingLeft;
  final boolean parkingRight;
  final double roadHalf;
  final double verge;
  final double pavement;
  final double buildingLine;

  /** Middle of the zebra crossing, or NaN. */
  final double zebra;

  /** The crossing street's edges along z; NaN where there is none. */
  final double junctionNear;

  final double junctionFar;

  /** 0 clear sky, 1 overcast. */
  final double cloud;

  /** Metres at which the air hides about two thirds. */
  final double hazeDistance;

  final boolean wet;
  final double sunAzimuth;
  final int asphalt;
  final int paving;
  final int grass;
  final boolean slabs;
  final List<Building> buildings = new ArrayList<>();
  final List<Tree> trees = new ArrayList<>();
  final List<Lamp> lamps = new ArrayList<>();

  StreetPlan(long seed, int widthPx, int heightPx) {
    this.seed = seed;
    Dice dice = Dice.of(seed, 1);
    drivingSide = dice.chance(0.8) ? 1 : -1;
    lanesPerSide = dice.chance(0.3) ? 2 : 1;
    laneWidth = dice.between(2.9, 3.5);
    cycleLane = dice.chance(0.55) ? dice.between(1.4, 1.9) : 0;
    parkingLeft = dice.chance(0.45);
    parkingRight = dice.chance(0.45);
    roadHalf = lanesPerSide * laneWidth + cycleLane + (parkingLeft || parkingRight ? 2.2 : 0.3);
    verge = dice.chance(0.3) ? dice.between(0.8, 1.8) : 0;
    pavement = dice.between(2.6, 4.8);
    buildingLine = roadHalf + verge + pavement;
    view = placeCamera(dice, widthPx, heightPx);
    double nearest = nearestGround();
    boolean junction = dice.chance(0.45);
    boolean crossing = junction || dice.chance(0.6);
    zebra = crossing ? nearest + dice.between(2.5, 8) : Double.NaN;
    junctionNear = junction ? zebra + dice.between(3.6, 5) : Double.NaN;
    junctionFar = junction ? junctionNear + dice.between(6.4, 8.5) : Double.NaN;
    cloud = dice.chance(0.5) ? dice.between(0, 0.35) : dice.between(0.55, 1);
    hazeDistance = dice.chance(0.15) ? dice.between(60, 110) : dice.between(160, 420);
    wet = cloud > 0.5 && dice.chance(0.4);
    sunAzimuth = dice.between(0, 2 * Math.PI);
    int tone = (int) dice.between(78, 118);
    asphalt = Colours.rgb(tone, tone + dice.between(-1, 3), tone + dice.between(0, 8));
    paving = dice.pick(0x9C9890, 0xA79F92, 0x8F9092, 0xB0A797, 0x9A8C80);
    grass = dice.pick(0x5C7040, 0x66753F, 0x4F6A3A, 0x77794A);
    slabs = dice.chance(0.7);
    build(Dice.of(seed, 2));
    plant(Dice.of(seed, 3));
  }

  boolean hasZebra() {
    return !Double.isNaN(zebra);
  }

  boolean hasJunction() {
    return !Double.isNaN(junctionNear);
  }

  private Viewpoint placeCamera(Dice dice, int widthPx, int heightPx) {
    double halfAngle = Math.toRadians(dice.between(25, 35));
    double focal = widthPx * 0.5 / Math.tan(halfAngle);
    double horizon = dice.between(0.10, 0.36);
    double pitch = Math.atan((0.5 - horizon) * heightPx / focal);
    double x = dice.between(-1, 1) * (roadHalf + 1.2);
    double yaw = Math.atan2(dice.between(-3.5, 3.5) - x, dice.between(18, 40));
    return new Viewpoint(
        x,
        dice.between(3.0, 5.6),
        yaw,
        pitch,
        Math.toRadians(dice.between(-1.5, 1.5)),
        focal,
        widthPx,
        heightPx);
  }

  /** Metres along z to the ground at the picture's lower edge. */
  double nearestGround() {
    double[] ground = new double[2];
    view.projector().ground(view.widthPx() * 0.5, view.heightPx(), ground);
    return ground[1];
  }

  private void build(Dice dice) {
    int[] walls = {
      0x8A5A44, 0x9C6B4F, 0x7C4B3C, 0xB89C7A, 0xC9B79A, 0xA8A39A, 0x8D9299, 0xD2C8B4, 0x74685C,
      0xB48A6C, 0x6F7780, 0xC2A98F, 0x99846E, 0xD8D2C6
    };
    int[] trims = {0xD9D2C4, 0xB9B2A6, 0xE4E0D6, 0x9A948A, 0xC8BFAE};
    double usual = dice.between(8, 17);
    for (int side = -1; side <= 1; side += 2) {
      double z = dice.between(-14, -6);
      while (z < FAR) {
        double length = dice.between(8, 19);
        double far = z + length;
        if (hasJunction() && z < junctionFar + pavement && far > junctionNear - pavement) {
          if (junctionNear - pavement - z > 5) {
            far = junctionNear - pavement;
          } else {
            z = junctionFar + pavement;
            continue;
          }
        }
        double height = Math.max(5.5, usual + dice.normal() * 3);
        buildings.add(
            new Building(
                side,
                z,
                far,
                height,
                dice.below(4),
                dice.pick(walls),
                dice.pick(trims),
                dice.next()));
        z = far + (dice.chance(0.12) ? dice.between(2, 6) : 0);
      }
    }
  }

  private void plant(Dice dice) {
    double lampHeight = dice.between(5.5, 7.5);
    double lampGap = dice.between(16, 24);
    double lampStart = dice.between(4, 14);
    boolean bothSides = dice.chance(0.5);
    for (int side = -1; side <= 1; side += 2) {
      if (side < 0 && !bothSides) {
        continue;
      }
      double shift = side < 0 ? lampGap * 0.5 : 0;
      for (double z = lampStart + shift; z < 110; z += lampGap) {
        if (!atJunction(z, 1)) {
          lamps.add(new Lamp(side * (roadHalf + 0.45), z, lampHeight, -side * 1.3));
        }
      }
    }
    double gap = dice.between(7, 13);
    int[] greens = {0x4F6B38, 0x5B7A3E, 0x456034, 0x6F7F42, 0x7E7A3C, 0x8A6A34};
    int leaves = dice.pick(greens);
    for (int side = -1; side <= 1; side += 2) {
      if (!dice.chance(0.55)) {
        continue;
      }
      for (double z = dice.between(13, 20); z < 90; z += gap) {
        if (dice.chance(0.75) && !atJunction(z, 3) && !atZebra(z)) {
          double height = dice.between(4.2, 6.8);
          int tint = Colours.mix(leaves, dice.pick(greens), 0.3);
          double x = side * (roadHalf + Math.max(0.8, verge * 0.5));
          trees.add(new Tree(x, z, height, height * dice.between(0.24, 0.34), tint, dice.next()));
        }
      }
    }
  }

  boolean atJunction(double z, double margin) {
    return hasJunction() && z > junctionNear - margin && z < junctionFar + margin;
  }

  boolean atZebra(double z) {
    return hasZebra() && Math.abs(z - zebra) < 3.5;
  }

  /** Height of the house that stands at z on this side, 0 in a gap. */
  double roofAt(int side, double z) {
    for (Building building : buildings) {
      if (building.side == side && z >= building.near && z < building.far) {
        return building.height;
      }
    }
    return 0;
  }
}
