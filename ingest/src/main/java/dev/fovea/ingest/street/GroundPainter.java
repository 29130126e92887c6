package dev.fovea.ingest.street;

/**
 * Draws sky and ground pixel by pixel: each pixel of the ground looks up what lies at its place on
 * the road plan, edges softened over the width of road that the pixel covers.
 */
final class GroundPainter {
  private final StreetPlan plan;
  private final Light light;
  private final Canvas canvas;
  private final Texture coarse;
  private final Texture fine;
  private final Viewpoint.Projector projector;
  private final int laneMark = 0xD9D8CF;
  private final double wear;
  private final double stripe;

  GroundPainter(StreetPlan plan, Light light, Canvas canvas) {
    this.plan = plan;
    this.light = light;
    this.canvas = canvas;
    this.coarse = new Texture(plan.seed * 31 + 7);
    this.fine = new Texture(plan.seed * 17 + 3);
    this.projector = plan.view.projector();
    Dice dice = Dice.of(plan.seed, 6);
    wear = dice.between(0.62, 0.95);
    stripe = dice.between(0.85, 1.15);
  }

  void paint() {
    double[] here = new double[2];
    double[] right = new double[2];
    double[] below = new double[2];
    for (int y = 0; y < canvas.height; y++) {
      for (int x = 0; x < canvas.width; x++) {
        double depth = projector.ground(x + 0.5, y + 0.5, here);
        int at = y * canvas.width + x;
        if (depth < 0 || here[1] > 900) {
          canvas.pixels[at] = sky(x, y);
          continue;
        }
        projector.ground(x + 1.5, y + 0.5, right);
        projector.ground(x + 0.5, y + 1.5, below);
        double spreadX = Math.abs(right[0] - here[0]) + Math.abs(below[0] - here[0]);
        double spreadZ = Math.abs(right[1] - here[1]) + Math.abs(below[1] - here[1]);
        canvas.pixels[at] = ground(here[0], here[1], spreadX, spreadZ);
      }
    }
  }

  private int sky(int px, int py) {
    double v = (py + 0.5 - canvas.height * 0.5) / plan.view.focalPx();
    double up = Math.max(0, Math.sin(Math.atan(-v) - plan.view.pitch()));
    int colour = Colours.mix(light.skyLow, light.skyTop, Math.min(1, Math.pow(up * 2.6, 0.65)));
    double side = (px - canvas.width * 0.5) / plan.view.focalPx() + plan.view.yaw();
    double far = 1 / (up + 0.12);
    double u = side * far * 1.5;
    double n =
        coarse.at(u, far) * 0.55
            + fine.at(u * 2.2, far * 2.2) * 0.3
            + coarse.at(u * 5, far * 5) * 0.15;
    double cover = Light.smooth(0.35 - 0.7 * plan.cloud, 0.75 - 0.5 * plan.cloud, n);
    int cloud =
        Colours.mix(
            light.skyLow, light.night > 0.5 ? 0x2A2D36 : 0xF4F2EE, 0.55 * (1 - 0.6 * plan.cloud));
    return Colours.mix(colour, cloud, cover * 0.75 * Light.smooth(0, 0.12, up));
  }

  private int ground(double x, double z, double sx, double sz) {
    int albedo = road(x, z, sx, sz);
    double side = Math.abs(x);
    double offRoad = step(side - plan.roadHalf, sx);
    if (plan.hasJunction()) {
      double outside = 1 - step(z - plan.junctionNear, sz) * (1 - step(z - plan.junctionFar, sz));
      offRoad *= outside;
    }
    if (offRoad > 0) {
      albedo = Colours.mix(albedo, beside(x, z, sx, sz), offRoad);
    }
    double shadow = light.shadowAt(x, 0, z);
    int colour = light.shade(albedo, 0, 1, 0, x, 0, z, shadow);
    if (plan.wet && offRoad < 0.5) {
      double sheen = 0.22 * Light.smooth(8, 60, z) + 0.06;
      colour = Colours.mix(colour, light.skyLow, sheen * (0.7 + 0.3 * coarse.at(x * 0.4, z * 0.1)));
    }
    return colour;
  }

  private int road(double x, double z, double sx, double sz) {
    double grain = fade(sx, 0.05) * 0.035 * fine.at(x * 14, z * 14);
    double cloudy = 0.05 * coarse.at(x * 0.35, z * 0.12) + 0.04 * fine.at(x * 1.7, z * 0.9);
    double tone = 1 + grain + cloudy + tracks(x, z);
    if (plan.wet) {
      tone *= 0.78;
    }
    int colour = Colours.scale(plan.asphalt, tone);
    colour = patches(colour, x, z, sx, sz);
    double worn = wear * (0.86 + 0.22 * fine.at(x * 2.3, z * 2.3) + 0.1 * coarse.at(x * 0.7, z));
    double paint = markings(x, z, sx, sz);
    return paint <= 0 ? colour : Colours.mix(colour, laneMark, Math.min(1, paint * worn));
  }

  /** Asphalt lighter or darker where wheels run. */
  private double tracks(double x, double z) {
    if (plan.atJunction(z, 0)) {
      return 0;
    }
    double inLane = Math.abs(x) % plan.laneWidth / plan.laneWidth;
    double rut = Math.cos(2 * Math.PI * (inLane - 0.25) * 2);
    return Math.abs(x) < plan.lanesPerSide * plan.laneWidth ? 0.025 * rut : -0.03;
  }

  private int patches(int colour, double x, double z, double sx, double sz) {
    int cell = (int) Math.floor(z / 9);
    double luck = coarse.lattice(cell, 77);
    if (luck > 0.2 && Math.abs(x) < plan.roadHalf) {
      double px = coarse.lattice(cell, 78) * plan.roadHalf * 0.7;
      double pz = cell * 9 + 3 + 2 * coarse.lattice(cell, 79);
      double in = band(x, px - 0.9, px + 0.9, sx) * band(z, pz, pz + 2.5 + 2 * luck, sz);
      colour = Colours.mix(colour, Colours.scale(colour, 0.80), in);
      double hx = coarse.lattice(cell, 80) * plan.roadHalf * 0.6;
      double hz = cell * 9 + 6.5;
      double r = Math.sqrt((x - hx) * (x - hx) + (z - hz) * (z - hz));
      double lid = 1 - step(r - 0.36, (sx + sz) * 0.5);
      colour = Colours.mix(colour, 0x4A4A4A, lid * 0.75);
    }
    return colour;
  }

  private double markings(double x, double z, double sx, double sz) {
    double paint = 0;
    if (plan.hasZebra()) {
      double along = band(z, plan.zebra - 1.7, plan.zebra + 1.7, sz);
      if (along > 0 && Math.abs(x) < plan.roadHalf - 0.2) {
        double period = stripe;
        double at = x - Math.floor(x / period) * period;
        paint = Math.max(paint, along * band(at, period * 0.25, period * 0.75, sx));
      }
      double line = plan.drivingSide > 0 ? x : -x;
      if (line > 0.1 && line < plan.lanesPerSide * plan.laneWidth) {
        paint = Math.max(paint, band(z, plan.zebra - 3.1, plan.zebra - 2.7, sz));
      }
      double beyond = plan.hasJunction() ? plan.junctionFar + 0.6 : plan.zebra + 2.7;
      if (line < -0.1 && line > -plan.lanesPerSide * plan.laneWidth) {
        paint = Math.max(paint, band(z, beyond, beyond + 0.4, sz));
      }
    }
    if (plan.atJunction(z, 0.3) || plan.atZebra(z)) {
      return paint;
    }
    double dash = band(z - Math.floor(z / 6) * 6, 0, 3, sz);
    paint = Math.max(paint, band(x, -0.07, 0.07, sx) * (plan.lanesPerSide > 1 ? 1 : dash));
    for (int lane = 1; lane < plan.lanesPerSide; lane++) {
      double at = lane * plan.laneWidth;
      paint = Math.max(paint, band(Math.abs(x), at - 0.06, at + 0.06, sx) * dash);
    }
    double edge = plan.lanesPerSide * plan.laneWidth;
    if (plan.cycleLane > 0) {
      paint = Math.max(paint, band(Math.abs(x), edge - 0.07, edge + 0.07, sx));
    }
    return paint;
  }

  private int beside(double x, double z, double sx, double sz) {
    double side = Math.abs(x) - plan.roadHalf;
    double speck =
        1 + 0.05 * coarse.at(x * 0.5, z * 0.3) + fade(sx, 0.05) * 0.03 * fine.at(x * 12, z * 12);
    int pavement = Colours.scale(plan.paving, speck);
    if (plan.slabs) {
      double jointX = x - Math.floor(x / 0.9) * 0.9;
      double jointZ = z - Math.floor(z / 0.9) * 0.9;
      double joint =
          Math.max(
              band(jointX, 0, 0.05, sx) * fade(sx, 0.3), band(jointZ, 0, 0.05, sz) * fade(sz, 0.3));
      int slab =
          Colours.scale(
              pavement,
              1
                  + 0.03
                      * fade(sz, 0.4)
                      * fine.lattice((int) Math.floor(x / 0.9), (int) Math.floor(z / 0.9)));
      pavement = Colours.mix(slab, Colours.scale(pavement, 0.68), joint * 0.7);
    }
    double turf = plan.verge > 0 ? band(side, 0.2, plan.verge, sx) : 0;
    turf = Math.max(turf, step(side - plan.verge - plan.pavement, sx) * 0.8);
    if (turf > 0) {
      double blades = 1 + 0.12 * fine.at(x * 3, z * 3) + 0.10 * coarse.at(x * 0.8, z * 0.8);
      pavement = Colours.mix(pavement, Colours.scale(plan.grass, blades), turf);
    }
    double kerb = band(side, 0, 0.2, sx);
    pavement = Colours.mix(pavement, 0xBDB9B0, kerb);
    double gutter = band(side, -0.15, 0.02, sx) + band(side, 0.2, 0.26, sx) * 0.5;
    return Colours.mix(pavement, 0x3E3E3E, Math.min(1, gutter * 0.6));
  }

  /** 0 below zero, 1 above, softened over {@code spread}. */
  private static double step(double value, double spread) {
    return Math.max(0, Math.min(1, value / Math.max(1e-6, spread) + 0.5));
  }

  /** The share of a pixel that is {@code spread} wide and lies between two edges. */
  private static double band(double value, double low, double high, double spread) {
    double half = Math.max(1e-6, spread) * 0.5;
    double covered = Math.min(value + half, high) - Math.max(value - half, low);
    return covered <= 0 ? 0 : covered / (2 * half);
  }

  /** 1 while detail of this size can be seen, towards 0 as a pixel outgrows it. */
  private static double fade(double spread, double size) {
    return Math.max(0, Math.min(1, 1.6 - spread / size * 0.8));
  }
}
