package dev.fovea.ingest.street;

/** Draws houses: walls lit storey by storey, windows, shops, doors and cornices. */
final class FacadePainter {
  private static final double STOREY = 3.2;

  private final StreetPlan plan;
  private final Light light;
  private final Canvas canvas;
  private final Viewpoint.Projector projector;

  FacadePainter(StreetPlan plan, Light light, Canvas canvas, Viewpoint.Projector projector) {
    this.plan = plan;
    this.light = light;
    this.canvas = canvas;
    this.projector = projector;
  }

  /** A wall: its lower left corner, which way it runs along, and its outward normal. */
  private record Wall(
      double x, double z, double alongX, double alongZ, double nx, double nz, double length) {}

  void paint(StreetPlan.Building building) {
    double x = building.side() * plan.buildingLine;
    double deep = 13;
    Wall end = new Wall(x, building.near(), building.side(), 0, 0, -1, deep);
    Wall street =
        new Wall(x, building.near(), 0, 1, -building.side(), 0, building.far() - building.near());
    Dice dice = Dice.of(building.seed(), 1);
    wall(building, end, dice);
    if (building.style() != 1) {
      windows(building, end, Dice.of(building.seed(), 2), false);
    }
    wall(building, street, dice);
    boolean shops = building.style() != 3 && dice.chance(0.6);
    windows(building, street, Dice.of(building.seed(), 3), shops);
    ground(building, street, Dice.of(building.seed(), 4), shops);
    roof(building, end, street);
  }

  private void wall(StreetPlan.Building building, Wall wall, Dice dice) {
    int cells = Math.max(1, (int) Math.round(wall.length / 3.5));
    double step = wall.length / cells;
    int storeys = (int) Math.ceil(building.height() / STOREY);
    int base = lit(building.wall(), wall, wall.length / 2, building.height() / 2);
    face(wall, 0, 0, wall.length, building.height(), base, base, 1);
    for (int storey = storeys - 1; storey >= 0; storey--) {
      double low = storey * STOREY;
      double high = Math.min(building.height(), low + STOREY);
      for (int i = 0; i < cells; i++) {
        int albedo = Colours.scale(building.wall(), 1 + 0.035 * dice.normal());
        double u = (i + 0.5) * step;
        int upper = lit(albedo, wall, u, high - 0.3);
        int lower = lit(Colours.scale(albedo, storey == 0 ? 0.88 : 0.98), wall, u, low + 0.3);
        face(wall, i * step, low, (i + 1) * step + 0.03, high + 0.03, upper, lower, 1);
      }
    }
    if (building.style() == 0) {
      courses(building, wall);
    }
  }

  /** Rows of bricks, as far as they can be told apart. */
  private void courses(StreetPlan.Building building, Wall wall) {
    double depth =
        projector.depth(wall.x + wall.alongX * 4, 3, Math.max(6, wall.z + wall.alongZ * 4));
    if (depth > 45) {
      return;
    }
    int dark = lit(Colours.scale(building.wall(), 0.62), wall, wall.length / 2, 3);
    double gap = depth < 18 ? 0.4 : 0.8;
    for (double v = gap; v < building.height(); v += gap) {
      face(wall, 0, v, wall.length, v + 0.05, dark, dark, 0.32f);
    }
  }

  private void windows(StreetPlan.Building building, Wall wall, Dice dice, boolean shops) {
    double bay = building.style() == 2 ? 2.2 : dice.between(2.3, 3.1);
    int bays = (int) Math.max(1, Math.floor((wall.length - 0.8) / bay));
    double margin = (wall.length - bays * bay) / 2;
    double wide = building.style() == 2 ? bay * 0.86 : dice.between(0.95, 1.35);
    double tall = building.style() == 2 ? 1.9 : dice.between(1.5, 1.95);
    int storeys = (int) Math.floor((building.height() - 0.5) / STOREY);
    boolean balconies = building.style() == 3 && dice.chance(0.6);
    double litShare = dice.between(0.12, 0.45);
    for (int storey = shops ? 1 : 0; storey < storeys; storey++) {
      double sill = storey * STOREY + 0.95;
      for (int i = 0; i < bays; i++) {
        double u = margin + (i + 0.5) * bay;
        boolean lamp = dice.chance(litShare);
        int glowing =
            Colours.scale(dice.pick(0xFFD890, 0xFFC66A, 0xFFE7B8, 0xE8D8B0), dice.between(0.6, 1));
        int curtain = dice.pick(0, 0, 1, 2);
        if (!shops && storey == 0 && i == bays / 2 && wall.alongZ > 0) {
          continue;
        }
        window(building, wall, u - wide / 2, sill, wide, tall, lamp, glowing, curtain);
        if (balconies && storey > 0 && wall.alongZ > 0) {
          int rail = lit(0x4A4C50, wall, u, sill);
          face(wall, u - wide * 0.8, sill - 0.3, u + wide * 0.8, sill + 0.65, rail, rail, 0.65f);
        }
      }
    }
  }

  private void window(
      StreetPlan.Building building,
      Wall wall,
      double u,
      double v,
      double wide,
      double tall,
      boolean occupied,
      int glowing,
      int curtain) {
    double px = wall.x + wall.alongX * u;
    double pz = wall.z + wall.alongZ * u;
    double depth = projector.depth(px, v, pz);
    if (depth < 0.5) {
      return;
    }
    boolean detailed = depth < 60;
    if (detailed) {
      int frame = lit(building.trim(), wall, u, v);
      face(wall, u - 0.1, v - 0.08, u + wide + 0.1, v + tall + 0.1, frame, frame, 1);
      int sill = Colours.scale(frame, 1.12);
      face(wall, u - 0.18, v - 0.16, u + wide + 0.18, v - 0.04, sill, sill, 1);
    }
    boolean on = occupied && light.lampsOn();
    int glass = Colours.mix(0x2C343D, light.skyLow, 0.28 * (1 - light.night));
    int upper = on ? light.hazed(glowing, px, pz) : lit(Colours.scale(glass, 0.72), wall, u, v);
    int lower = on ? Colours.scale(upper, 0.86) : lit(Colours.scale(glass, 1.25), wall, u, v);
    face(wall, u, v, u + wide, v + tall, upper, lower, 1);
    if (detailed && curtain > 0) {
      int cloth = on ? Colours.scale(upper, 0.72) : lit(0xB9B4A8, wall, u, v);
      double drop = curtain == 1 ? tall * 0.45 : tall;
      double side = curtain == 1 ? wide : wide * 0.26;
      face(wall, u, v + tall - drop, u + side, v + tall, cloth, cloth, 0.8f);
      if (curtain == 2) {
        face(wall, u + wide - side, v, u + wide, v + tall, cloth, cloth, 0.8f);
      }
    }
    if (depth < 35) {
      int bar = lit(building.trim(), wall, u, v);
      face(wall, u + wide / 2 - 0.04, v, u + wide / 2 + 0.04, v + tall, bar, bar, 0.9f);
      face(wall, u, v + tall * 0.62, u + wide, v + tall * 0.62 + 0.07, bar, bar, 0.9f);
    }
  }

  /** Shop windows with awning and sign, or a plain door. */
  private void ground(StreetPlan.Building building, Wall wall, Dice dice, boolean shops) {
    if (!shops) {
      double u = wall.length / 2;
      int stone = lit(building.trim(), wall, u, 1);
      int wood = lit(dice.pick(0x5A3A28, 0x2F4A3A, 0x2C3A55, 0x6A2A2A, 0x3A3C40), wall, u, 1);
      face(wall, u - 0.75, 0, u + 0.75, 2.6, stone, stone, 1);
      face(wall, u - 0.55, 0, u + 0.55, 2.35, wood, Colours.scale(wood, 0.85), 1);
      return;
    }
    int units = Math.max(1, (int) Math.round(wall.length / dice.between(5, 8)));
    double each = wall.length / units;
    for (int i = 0; i < units; i++) {
      shop(wall, dice, i * each + 0.35, (i + 1) * each - 0.35);
    }
  }

  private void shop(Wall wall, Dice dice, double from, double to) {
    double middle = (from + to) / 2;
    int sign =
        dice.pick(0x7A2C2C, 0x2E4F6E, 0x35593F, 0x40424A, 0xB08A3A, 0x5A3A5E, 0xC9C2B2, 0x1F6A6A);
    int frame = lit(Colours.scale(sign, 0.7), wall, middle, 1);
    boolean open = light.lampsOn() && dice.chance(0.55);
    double px = wall.x + wall.alongX * middle;
    double pz = wall.z + wall.alongZ * middle;
    int glass = Colours.mix(0x30363C, light.skyLow, 0.22 * (1 - light.night));
    int inside = open ? light.hazed(0xFFE3AC, px, pz) : lit(glass, wall, middle, 1.5);
    face(wall, from, 0, to, 3.0, frame, Colours.scale(frame, 0.8), 1);
    double pane = (to - from - 0.2) / 3;
    int door = dice.below(3);
    for (int i = 0; i < 3; i++) {
      double u = from + 0.1 + i * pane;
      int lower = Colours.scale(inside, open ? 0.72 : 0.8);
      face(wall, u + 0.08, i == door ? 0.1 : 0.55, u + pane - 0.08, 2.35, inside, lower, 1);
    }
    int board =
        open
            ? light.hazed(Colours.mix(sign, 0xFFFFFF, 0.25), px, pz)
            : lit(sign, wall, middle, 2.7);
    face(wall, from, 2.45, to, 3.0, board, board, 1);
    int letters = Colours.mix(board, 0xFFFFFF, 0.6);
    double room = (to - from) * dice.between(0.35, 0.6);
    for (double u = middle - room / 2; u < middle + room / 2; u += dice.between(0.28, 0.5)) {
      face(wall, u, 2.6, u + 0.2, 2.86, letters, letters, 0.85f);
    }
    if (dice.chance(0.4)) {
      awning(wall, dice, from, to);
    }
  }

  /** A striped slope of cloth that stands out over the pavement. */
  private void awning(Wall wall, Dice dice, double from, double to) {
    int cloth = dice.pick(0xA83A34, 0x3F6E54, 0x3A5578, 0xC9A24A, 0x8A8A86);
    int stripes = 8;
    double step = (to - from) / stripes;
    for (int i = 0; i < stripes; i++) {
      int albedo = i % 2 == 0 ? cloth : 0xE6E1D6;
      double u = from + (i + 0.5) * step;
      double px = wall.x + wall.alongX * u;
      double pz = wall.z + wall.alongZ * u;
      double shadow = light.shadowAt(px + wall.nx * 0.5, 2.6, pz);
      int colour = light.shade(albedo, wall.nx * 0.7, 0.7, 0, px, 2.5, pz, shadow);
      double a = from + i * step;
      double b = a + step + 0.02;
      double out = 1.1;
      double[] slope = {
        wall.x,
        2.75,
        wall.z + a,
        wall.x,
        2.75,
        wall.z + b,
        wall.x + wall.nx * out,
        2.25,
        wall.z + b,
        wall.x + wall.nx * out,
        2.25,
        wall.z + a
      };
      double[] hem = {
        wall.x + wall.nx * out, 2.25, wall.z + a,
        wall.x + wall.nx * out, 2.25, wall.z + b,
        wall.x + wall.nx * out, 2.05, wall.z + b,
        wall.x + wall.nx * out, 2.05, wall.z + a
      };
      fill(slope, colour, colour, 1);
      fill(hem, Colours.scale(colour, 0.8), Colours.scale(colour, 0.8), 1);
    }
  }

  private void roof(StreetPlan.Building building, Wall end, Wall street) {
    double h = building.height();
    for (Wall wall : new Wall[] {end, street}) {
      int cornice = lit(building.trim(), wall, wall.length / 2, h);
      face(wall, 0, h - 0.45, wall.length, h + 0.08, cornice, Colours.scale(cornice, 0.75), 1);
      int shadow = Colours.scale(lit(building.wall(), wall, wall.length / 2, h - 1), 0.7);
      face(wall, 0, h - 0.62, wall.length, h - 0.45, shadow, shadow, 0.8f);
      if (building.style() == 0 || building.style() == 3) {
        int band = lit(building.trim(), wall, wall.length / 2, STOREY);
        face(wall, 0, STOREY - 0.12, wall.length, STOREY + 0.12, band, band, 0.85f);
      }
    }
  }

  private int lit(int albedo, Wall wall, double u, double v) {
    double x = wall.x + wall.alongX * u;
    double z = wall.z + wall.alongZ * u;
    double shadow = light.shadowAt(x + wall.nx * 0.4, v, z + wall.nz * 0.4);
    return light.shade(albedo, wall.nx, 0, wall.nz, x, v, z, shadow);
  }

  private void face(
      Wall wall, double u0, double v0, double u1, double v1, int upper, int lower, float alpha) {
    double x0 = wall.x + wall.alongX * u0;
    double z0 = wall.z + wall.alongZ * u0;
    double x1 = wall.x + wall.alongX * u1;
    double z1 = wall.z + wall.alongZ * u1;
    fill(new double[] {x0, v0, z0, x1, v0, z1, x1, v1, z1, x0, v1, z0}, upper, lower, alpha);
  }

  private void fill(double[] xyz, int upper, int lower, float alpha) {
    int count = projector.polygon(xyz);
    canvas.fill(projector.outX, projector.outY, count, upper, lower, alpha);
  }
}
