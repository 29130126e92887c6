package dev.fovea.ingest.street;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** All of a street that stands still, in one light: drawn once, copied under every frame. */
final class Backdrop {
  final Canvas canvas;
  final Light light;
  final List<Prop> props = new ArrayList<>();

  private final StreetPlan plan;
  private final Viewpoint.Projector projector;
  private final byte[] mask;

  Backdrop(StreetPlan plan, Light light) {
    this.plan = plan;
    this.light = light;
    this.projector = plan.view.projector();
    this.canvas = new Canvas(plan.view.widthPx(), plan.view.heightPx());
    this.mask = new byte[canvas.pixels.length];
    new GroundPainter(plan, light, canvas).paint();
    skyline();
    houses();
    plants();
    lampPosts();
  }

  /** The far end of the street: roofs in the haze, so that the road does not run off the world. */
  private void skyline() {
    Dice dice = Dice.of(plan.seed, 5);
    double z = StreetPlan.FAR + 20;
    for (double x = -170; x < 170; ) {
      double wide = dice.between(8, 26);
      double high = dice.between(6, 19);
      int wall = Colours.mix(0x7A7F86, dice.pick(0x8A6A58, 0x9A9284, 0x6A7078), 0.5);
      int lit = light.shade(wall, 0, 0, -1, x, 3, z, 1);
      fill(quad(x, 0, z, x + wide, 0, z, x + wide, high, z, x, high, z), lit, lit, 1);
      x += wide * 0.96;
    }
  }

  private void houses() {
    FacadePainter facades = new FacadePainter(plan, light, canvas, projector);
    List<StreetPlan.Building> farFirst = new ArrayList<>(plan.buildings);
    farFirst.sort(Comparator.comparingDouble(building -> -building.near()));
    for (StreetPlan.Building building : farFirst) {
      boolean corner = plan.hasJunction() && building.far() <= plan.junctionNear;
      canvas.recordMask(corner ? mask : null);
      facades.paint(building);
      canvas.recordMask(null);
      if (corner) {
        double corner1 = building.side() * plan.buildingLine;
        keep(projector.depth(corner1, 0, building.far()));
      }
    }
  }

  private void keep(double depth) {
    Prop prop = Prop.cut(depth, mask, canvas.width, canvas.height);
    if (prop != null) {
      props.add(prop);
    }
  }

  private void plants() {
    List<StreetPlan.Tree> farFirst = new ArrayList<>(plan.trees);
    farFirst.sort(Comparator.comparingDouble(tree -> -tree.z()));
    for (StreetPlan.Tree tree : farFirst) {
      double depth = projector.depth(tree.x(), 0, tree.z());
      if (depth > 2) {
        shadowOf(tree);
        canvas.recordMask(mask);
        tree(tree, depth);
        canvas.recordMask(null);
        keep(depth);
      }
    }
  }

  private void shadowOf(StreetPlan.Tree tree) {
    Pose pose = new Pose(tree.x(), tree.z(), 0);
    fill(PersonModel.ellipse(pose, 0.5, 0.5), 0x101214, 0x101214, 0.25f);
    double strength = light.sun * (1 - light.shadowAt(tree.x(), tree.height(), tree.z()));
    if (strength < 0.05) {
      return;
    }
    double r = tree.crown();
    Dice dice = Dice.of(tree.seed(), 2);
    for (int i = 0; i < 9; i++) {
      double y = tree.height() * dice.between(0.5, 0.95);
      double reach = Math.min(1.8, 1 / light.sunY) * y;
      Pose at =
          new Pose(
              tree.x() - light.sunX * reach + dice.between(-0.6, 0.6) * r,
              tree.z() - light.sunZ * reach + dice.between(-0.6, 0.6) * r,
              0);
      double size = r * dice.between(0.35, 0.7);
      fill(PersonModel.ellipse(at, size, size), 0x0C1012, 0x0C1012, (float) (0.17 * strength));
    }
  }

  private void tree(StreetPlan.Tree tree, double depth) {
    Dice dice = Dice.of(tree.seed(), 1);
    double fork = tree.height() * 0.45;
    int bark = light.shade(0x5A4A3C, -0.4, 0, -0.6, tree.x(), 1.5, tree.z(), 0.4);
    int barkDark = Colours.scale(bark, 0.6);
    double w = tree.height() * 0.022;
    double top = tree.height() * 0.7;
    fill(
        quad(
            tree.x() - w * 1.3,
            0,
            tree.z(),
            tree.x() + w * 1.3,
            0,
            tree.z(),
            tree.x() + w * 0.6,
            top,
            tree.z(),
            tree.x() - w * 0.6,
            top,
            tree.z()),
        barkDark,
        bark,
        1);
    int leaves = (int) Math.min(150, 40 + 1500 / depth);
    double r = tree.crown();
    double centre = fork + (tree.height() - fork) * 0.52;
    double tall = (tree.height() - fork) * 0.55;
    for (int layer = 0; layer < 3; layer++) {
      for (int i = 0; i < leaves; i++) {
        leaf(tree, dice, layer, r, centre, tall);
      }
    }
  }

  /** One tuft; the layers go from the crown's dark inside to its lit outside. */
  private void leaf(
      StreetPlan.Tree tree, Dice dice, int layer, double r, double centre, double tall) {
    double angle = dice.between(0, 2 * Math.PI);
    double out = Math.sqrt(dice.unit()) * (layer == 0 ? 0.95 : 0.88);
    double dx = Math.cos(angle) * out * r;
    double dy = Math.sin(angle) * out * tall;
    double towards = light.sunX >= 0 ? 1 : -1;
    if (layer > 0) {
      dx += towards * r * 0.10 * layer;
      dy += tall * 0.12 * layer;
    }
    double lit = 0.45 * dy / tall + 0.25 * towards * dx / r;
    double tone = 0.62 + 0.16 * layer + 0.22 * lit + dice.between(-0.10, 0.10);
    int albedo = Colours.scale(Colours.mix(tree.leaves(), 0xA8B060, 0.08 * layer), tone);
    double x = tree.x() + dx;
    double y = centre + dy;
    int colour = light.shade(albedo, 0, 0.8, -0.4, x, y, tree.z(), 0.35);
    double depth = projector.point(x, y, tree.z());
    if (depth < 0) {
      return;
    }
    double size =
        r * dice.between(0.08, 0.19) * projector.scaleAt(depth) * (layer == 0 ? 1.25 : 0.8);
    float px = projector.outX[0];
    float py = projector.outY[0];
    float[] xs = new float[7];
    float[] ys = new float[7];
    double turn = dice.between(0, 1);
    for (int i = 0; i < 7; i++) {
      double bump = size * (0.75 + 0.5 * dice.unit());
      xs[i] = (float) (px + Math.cos(turn + i * 0.8976) * bump);
      ys[i] = (float) (py + Math.sin(turn + i * 0.8976) * bump * 0.85);
    }
    canvas.fill(xs, ys, 7, colour, Colours.scale(colour, 0.86), 0.96f);
  }

  private void lampPosts() {
    List<StreetPlan.Lamp> farFirst = new ArrayList<>(plan.lamps);
    farFirst.sort(Comparator.comparingDouble(lamp -> -lamp.z()));
    for (StreetPlan.Lamp lamp : farFirst) {
      double depth = projector.depth(lamp.x(), 0, lamp.z());
      if (depth < 1.5) {
        continue;
      }
      canvas.recordMask(mask);
      post(lamp);
      canvas.recordMask(null);
      keep(depth);
      if (light.lampsOn()) {
        shine(lamp);
      }
    }
  }

  private void post(StreetPlan.Lamp lamp) {
    int metal = light.shade(0x55595E, 0, 0.2, -0.9, lamp.x(), 3, lamp.z(), 0.3);
    double h = lamp.height();
    bar(lamp.x(), 0, lamp.z(), lamp.x(), h * 0.93, lamp.z(), 0.07, metal);
    bar(lamp.x(), h * 0.92, lamp.z(), lamp.x() + lamp.arm() * 0.45, h, lamp.z(), 0.05, metal);
    double end = lamp.x() + lamp.arm();
    bar(lamp.x() + lamp.arm() * 0.42, h, lamp.z(), end, h, lamp.z(), 0.05, metal);
    int head = light.lampsOn() ? 0xFFE9B8 : light.shade(0x9A9EA2, 0, 0, -1, end, h, lamp.z(), 0);
    bar(end - lamp.arm() * 0.25, h - 0.06, lamp.z(), end, h - 0.06, lamp.z(), 0.09, head);
  }

  private void shine(StreetPlan.Lamp lamp) {
    double depth = projector.point(lamp.x() + lamp.arm(), lamp.height() - 0.1, lamp.z());
    if (depth < 0) {
      return;
    }
    float x = projector.outX[0];
    float y = projector.outY[0];
    double scale = projector.scaleAt(depth);
    float far = (float) Math.exp(-depth / (plan.hazeDistance * 0.6));
    float night = (float) Light.smooth(0.25, 0.9, light.night);
    canvas.glow(
        x,
        y,
        (float) Math.max(7, Math.min(canvas.height * 0.16, scale * 1.7)),
        1,
        0xFFC878,
        0.40f * far * night);
    canvas.glow(
        x,
        y,
        (float) Math.max(3, Math.min(canvas.height * 0.06, scale * 0.5)),
        1,
        0xFFE8B0,
        0.75f * far * night);
  }

  private void bar(
      double x0, double y0, double z0, double x1, double y1, double z1, double half, int rgb) {
    double depthA = projector.point(x0, y0, z0);
    float ax = projector.outX[0];
    float ay = projector.outY[0];
    double depthB = projector.point(x1, y1, z1);
    float bx = projector.outX[0];
    float by = projector.outY[0];
    if (depthA < 0 || depthB < 0) {
      return;
    }
    double dx = bx - ax;
    double dy = by - ay;
    double length = Math.max(1e-3, Math.sqrt(dx * dx + dy * dy));
    float wa = (float) Math.max(0.4, half * projector.scaleAt(depthA));
    float wb = (float) Math.max(0.4, half * projector.scaleAt(depthB));
    float nx = (float) (-dy / length);
    float ny = (float) (dx / length);
    float[] xs = {ax + nx * wa, bx + nx * wb, bx - nx * wb, ax - nx * wa};
    float[] ys = {ay + ny * wa, by + ny * wb, by - ny * wb, ay - ny * wa};
    canvas.fill(xs, ys, 4, rgb, Colours.scale(rgb, 0.8), 1);
  }

  private void fill(double[] xyz, int upper, int lower, float alpha) {
    int count = projector.polygon(xyz);
    canvas.fill(projector.outX, projector.outY, count, upper, lower, alpha);
  }

  static double[] quad(double... xyz) {
    return xyz;
  }
}
