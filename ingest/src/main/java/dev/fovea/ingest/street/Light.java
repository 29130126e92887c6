package dev.fovea.ingest.street;

import java.util.List;

/** How bright and what colour a surface looks at one hour, in one weather, at one place. */
final class Light {
  private static final double LAMP_REACH = 14;

  /** 0 by day, 1 by night. */
  final double night;

  final double sunX;
  final double sunY;
  final double sunZ;

  /** 0 where the sun is down or hidden, 1 for full sun. */
  final double sun;

  final int skyTop;
  final int skyLow;
  final int haze;

  private final StreetPlan plan;
  private final List<StreetPlan.Lamp> lamps;
  private final double ambientRed;
  private final double ambientGreen;
  private final double ambientBlue;
  private final double sunRed;
  private final double sunGreen;
  private final double sunBlue;

  Light(StreetPlan plan, double hour) {
    this.plan = plan;
    this.lamps = plan.lamps;
    double elevation = Math.sin((hour - 6.3) / 12.4 * Math.PI);
    if (hour < 4 || hour > 21.5) {
      elevation = -0.6;
    }
    night = 1 - smooth(-0.22, 0.12, elevation);
    double low = 1 - smooth(0.05, 0.55, elevation);
    double height = Math.max(0.12, elevation * 0.85);
    double flat = Math.sqrt(1 - height * height);
    sunX = Math.sin(plan.sunAzimuth) * flat;
    sunY = height;
    sunZ = Math.cos(plan.sunAzimuth) * flat;
    sun = smooth(0, 0.18, elevation) * (1 - smooth(0.3, 0.7, plan.cloud));
    double day = 1 - night;
    double grey = plan.cloud;
    double dim = 0.62 + 0.16 * grey + 0.14 * smooth(0.1, 0.6, elevation);
    double dusk = low * day * (1 - 0.6 * grey);
    ambientRed = mix(0.235, dim * (0.95 - 0.10 * dusk), day);
    ambientGreen = mix(0.245, dim * (0.99 - 0.18 * dusk), day);
    ambientBlue = mix(0.300, dim * (1.06 - 0.10 * dusk), day);
    double strength = 0.62 * sun;
    sunRed = strength * 1.05;
    sunGreen = strength * (0.97 - 0.28 * low);
    sunBlue = strength * (0.84 - 0.50 * low);
    int dayTop = Colours.mix(0x5F8FC4, 0x9AA3AC, grey);
    int dayLow = Colours.mix(0xC3D6E6, 0xC9CED2, grey);
    int duskLow = Colours.mix(0xE8A878, 0xA9A0A4, grey);
    int duskTop = Colours.mix(0x56688F, 0x6D7380, grey);
    double glow = low * (1 - smooth(0.6, 1, night));
    int top = Colours.mix(dayTop, duskTop, glow);
    int horizon = Colours.mix(dayLow, duskLow, glow);
    skyTop = Colours.mix(top, Colours.mix(0x070C18, 0x15161C, grey), smooth(0.2, 1, night));
    skyLow = Colours.mix(horizon, Colours.mix(0x1B2232, 0x2C2A2E, grey), smooth(0.35, 1, night));
    haze = Colours.mix(skyLow, skyTop, 0.15);
  }

  /** True once street lamps, windows and the lights of cars are on. */
  boolean lampsOn() {
    return night > 0.25;
  }

  /** A surface with outward unit normal n at a place; {@code shadow} 1 keeps all sun away. */
  int shade(
      int albedo, double nx, double ny, double nz, double x, double y, double z, double shadow) {
    double facing = nx * sunX + ny * sunY + nz * sunZ;
    double direct = facing > 0 ? facing * (1 - shadow) : 0;
    double sky = 0.74 + 0.26 * ny;
    double lamp = lampAt(x, y, z);
    return hazed(
        Colours.rgb(
            Colours.red(albedo) * (ambientRed * sky + sunRed * direct + lamp),
            Colours.green(albedo) * (ambientGreen * sky + sunGreen * direct + lamp * 0.80),
            Colours.blue(albedo) * (ambientBlue * sky + sunBlue * direct + lamp * 0.48)),
        x,
        z);
  }

  int hazed(int rgb, double x, double z) {
    double dx = x - plan.view.x();
    double distance = Math.sqrt(dx * dx + z * z);
    return Colours.mix(rgb, haze, 1 - Math.exp(-distance / plan.hazeDistance));
  }

  /** Light from the street lamps, as a share of full daylight. */
  double lampAt(double x, double y, double z) {
    if (!lampsOn()) {
      return 0;
    }
    double sum = 0;
    for (StreetPlan.Lamp lamp : lamps) {
      double dz = z - lamp.z();
      if (dz > LAMP_REACH || dz < -LAMP_REACH) {
        continue;
      }
      double dx = x - lamp.x() - lamp.arm();
      double dy = Math.min(0, y - lamp.height()) + 1;
      double near = 1 / (1 + (dx * dx + dz * dz + 0.25 * dy * dy) / 22);
      sum += near * near;
    }
    return 0.85 * sum * smooth(0.25, 0.8, night);
  }

  /** How much of the sun the houses keep from a point: 0 none, 1 all. */
  double shadowAt(double x, double y, double z) {
    if (sun <= 0 || Math.abs(sunX) < 1e-3) {
      return 0;
    }
    int side = sunX > 0 ? 1 : -1;
    double t = (side * plan.buildingLine - x) / sunX;
    if (t <= 0) {
      return 0;
    }
    double roof = plan.roofAt(side, z + sunZ * t);
    return smooth(-0.12, 0.12, roof - y - sunY * t);
  }

  static double smooth(double low, double high, double value) {
    double t = Math.max(0, Math.min(1, (value - low) / (high - low)));
    return t * t * (3 - 2 * t);
  }

  private static double mix(double from, double to, double share) {
    return from + (to - from) * share;
  }
}
