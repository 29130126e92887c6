package dev.fovea.ingest.street;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A car: a body and a cabin, each lofted along its length, with windows, lights and wheels laid on
 * their faces. One class because all of it is one table of measures and the walk over it.
 */
final class CarModel {
  enum Kind {
    HATCH,
    SALOON,
    ESTATE,
    SUV,
    VAN
  }

  private static final int[] PAINTS = {
    0xF2F2EF, 0xC9CCCE, 0x8D9194, 0x3A3D42, 0x1E2024, 0xB3201F, 0x8E1B22, 0x1F4E8C, 0x3E78B5,
    0x2F5D46, 0xD8B13A, 0xC9622B, 0x6B5138, 0xD9D4C5, 0x7FA6C9
  };
  private static final int TYRE = 0x1A1A1C;

  private final Kind kind;
  private final int paint;
  private final boolean cargo;
  private final int rim;
  final double length;
  private final double half;
  private final double roof;
  private final double belt;
  private final double bonnet;
  private final double[] cabin;
  private final double wheelRadius;

  CarModel(Dice dice) {
    double throwKind = dice.unit();
    kind =
        throwKind < 0.36
            ? Kind.HATCH
            : throwKind < 0.58
                ? Kind.SALOON
                : throwKind < 0.70 ? Kind.ESTATE : throwKind < 0.87 ? Kind.SUV : Kind.VAN;
    int base = kind == Kind.VAN && dice.chance(0.55) ? 0xEDEDEA : dice.pick(PAINTS);
    paint = Colours.mix(base, dice.pick(0xFFFFFF, 0x000000, 0x808890), dice.between(0, 0.12));
    cargo = kind == Kind.VAN && dice.chance(0.6);
    rim = dice.pick(0xB8BABD, 0x9A9DA1, 0x5A5C60, 0xCFCFCF);
    double grow = dice.between(0.96, 1.05);
    double[] size =
        switch (kind) {
          case HATCH -> new double[] {4.05, 0.88, 1.48, 0.93, 0.80};
          case SALOON -> new double[] {4.65, 0.90, 1.44, 0.92, 0.80};
          case ESTATE -> new double[] {4.65, 0.90, 1.50, 0.93, 0.81};
          case SUV -> new double[] {4.5, 0.94, 1.70, 1.05, 0.96};
          case VAN -> new double[] {5.0, 0.98, 2.15, 1.12, 1.00};
        };
    length = size[0] * grow;
    half = size[1] * dice.between(0.98, 1.03);
    roof = size[2] * grow;
    belt = size[3] * grow;
    bonnet = size[4] * grow;
    double end = length / 2;
    cabin =
        switch (kind) {
          case HATCH -> new double[] {-end + 0.10, -end + 0.50, 0.22, 0.98};
          case SALOON -> new double[] {-end + 0.72, -end + 1.42, 0.15, 0.98};
          case ESTATE -> new double[] {-end + 0.08, -end + 0.42, 0.15, 0.98};
          case SUV -> new double[] {-end + 0.08, -end + 0.36, 0.30, 1.02};
          case VAN -> new double[] {-end + 0.04, -end + 0.10, 1.28, 1.90};
        };
    wheelRadius = kind == Kind.SUV || kind == Kind.VAN ? 0.36 : 0.32;
  }

  /** One flat face: four corners, its middle and its outward unit normal. */
  private static final class Face {
    final double[][] corners;
    final String part;
    final double[] middle;
    final double[] normal;

    Face(double[][] corners, String part, double[] middle, double[] normal) {
      this.corners = corners;
      this.part = part;
      this.middle = middle;
      this.normal = normal;
    }
  }

  void sketch(Sketch sketch, Pose pose, Light light, double shade, boolean lit, boolean braking) {
    castShadow(sketch, pose, light, shade);
    underside(sketch, pose);
    List<Face> body = seen(sketch, bodyFaces(pose));
    for (Face face : body) {
      paintFace(sketch, face, light, shade, lit, braking);
    }
    wheels(sketch, pose, light, shade);
    for (Face face : seen(sketch, cabinFaces(pose))) {
      paintFace(sketch, face, light, shade, lit, braking);
    }
    if (lit) {
      glows(sketch, pose, light, braking);
    }
  }

  private List<Face> bodyFaces(Pose pose) {
    double end = length / 2;
    double low = 0.30 * wheelRadius / 0.32;
    double sill = 0.21 * wheelRadius / 0.32;
    // z, half width, underside, topside
    double[][] stations = {
      {-end, half * 0.84, low, belt - 0.16},
      {-end + 0.20, half * 0.98, sill, belt - 0.02},
      {cabin[3] - 0.25, half, sill, belt},
      {end - 0.42, half * 0.96, sill, bonnet},
      {end - 0.06, half * 0.80, low, bonnet - 0.10},
      {end, half * 0.74, low + 0.05, bonnet - 0.2}
    };
    List<Face> faces = new ArrayList<>();
    double[] inside = pose.at(0, 0.5, 0);
    for (int i = 0; i + 1 < stations.length; i++) {
      double[] a = stations[i];
      double[] b = stations[i + 1];
      for (int side = -1; side <= 1; side += 2) {
        faces.add(
            face(
                "side" + i,
                inside,
                pose.at(side * a[1], a[3], a[0]),
                pose.at(side * b[1], b[3], b[0]),
                pose.at(side * b[1], b[2], b[0]),
                pose.at(side * a[1], a[2], a[0])));
      }
      faces.add(
          face(
              "top",
              inside,
              pose.at(-a[1], a[3], a[0]),
              pose.at(a[1], a[3], a[0]),
              pose.at(b[1], b[3], b[0]),
              pose.at(-b[1], b[3], b[0])));
    }
    faces.add(endFace("rear", inside, pose, stations[0], -1));
    faces.add(endFace("front", inside, pose, stations[5], 1));
    return faces;
  }

  /** Corners run from the upper left as seen by someone who looks at that end. */
  private static Face endFace(String part, double[] inside, Pose pose, double[] station, int side) {
    return face(
        part,
        inside,
        pose.at(side * station[1], station[3], station[0]),
        pose.at(-side * station[1], station[3], station[0]),
        pose.at(-side * station[1], station[2], station[0]),
        pose.at(side * station[1], station[2], station[0]));
  }

  private List<Face> cabinFaces(Pose pose) {
    double low = half * 0.93;
    double high = kind == Kind.VAN ? half * 0.84 : half * 0.70;
    double foot = belt - 0.03;
    double[] inside = pose.at(0, (belt + roof) / 2, (cabin[0] + cabin[3]) / 2);
    List<Face> faces = new ArrayList<>();
    for (int side = -1; side <= 1; side += 2) {
      faces.add(
          face(
              "glazing",
              inside,
              pose.at(side * high, roof - 0.04, cabin[1]),
              pose.at(side * high, roof - 0.04, cabin[2]),
              pose.at(side * low, foot, cabin[3]),
              pose.at(side * low, foot, cabin[0])));
    }
    faces.add(
        face(
            "windscreen",
            inside,
            pose.at(high, roof - 0.04, cabin[2]),
            pose.at(-high, roof - 0.04, cabin[2]),
            pose.at(-low, foot, cabin[3]),
            pose.at(low, foot, cabin[3])));
    faces.add(
        face(
            "rearWindow",
            inside,
            pose.at(-high, roof - 0.04, cabin[1]),
            pose.at(high, roof - 0.04, cabin[1]),
            pose.at(low, foot, cabin[0]),
            pose.at(-low, foot, cabin[0])));
    faces.add(
        face(
            "roof",
            inside,
            pose.at(-high, roof - 0.04, cabin[1]),
            pose.at(high, roof - 0.04, cabin[1]),
            pose.at(high, roof - 0.04, cabin[2]),
            pose.at(-high, roof - 0.04, cabin[2])));
    return faces;
  }

  private static Face face(String part, double[] inside, double[]... corners) {
    double[] middle = new double[3];
    for (double[] corner : corners) {
      for (int i = 0; i < 3; i++) {
        middle[i] += corner[i] / corners.length;
      }
    }
    double[] a = minus(corners[2], corners[0]);
    double[] b = minus(corners[3], corners[1]);
    double[] normal = {
      a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    };
    double size = Math.sqrt(dot(normal, normal));
    if (dot(normal, minus(middle, inside)) < 0) {
      size = -size;
    }
    for (int i = 0; i < 3; i++) {
      normal[i] /= size;
    }
    return new Face(corners, part, middle, normal);
  }

  /** The faces turned to the camera, far ones first. */
  private static List<Face> seen(Sketch sketch, List<Face> faces) {
    Viewpoint view = sketch.projector.view;
    double[] eye = {view.x(), view.height(), 0};
    List<Face> seen = new ArrayList<>();
    for (Face face : faces) {
      if (dot(face.normal, minus(eye, face.middle)) > 0) {
        seen.add(face);
      }
    }
    seen.sort(
        Comparator.comparingDouble(
            face -> -sketch.projector.depth(face.middle[0], face.middle[1], face.middle[2])));
    return seen;
  }

  private void paintFace(
      Sketch sketch, Face face, Light light, double shade, boolean lit, boolean braking) {
    double[] n = face.normal;
    double[] m = face.middle;
    int albedo = face.part.equals("roof") || face.part.equals("top") ? gloss(paint, 0.10) : paint;
    int upper = light.shade(gloss(albedo, 0.06), n[0], n[1], n[2], m[0], m[1], m[2], shade);
    int lower = light.shade(Colours.scale(albedo, 0.72), n[0], n[1], n[2], m[0], m[1], m[2], shade);
    boolean flat = n[1] > 0.8;
    sketch.surface(patch(face, 0, 0, 1, 1), upper, flat ? upper : lower, 1);
    switch (face.part) {
      case "front" -> frontDetails(sketch, face, light, shade, lit);
      case "rear" -> rearDetails(sketch, face, light, shade, lit, braking);
      case "windscreen" -> glass(sketch, face, light, shade, 0.05, 0.06, 0.95, 0.95);
      case "rearWindow" -> {
        if (!cargo) {
          glass(sketch, face, light, shade, 0.08, 0.10, 0.92, kind == Kind.VAN ? 0.6 : 0.86);
        }
      }
      case "glazing" -> sideWindows(sketch, face, light, shade);
      case "side0", "side3", "side4" -> cornerDetails(sketch, face, light, shade, lit, braking);
      case "side1" -> doors(sketch, face, light, shade);
      default -> {}
    }
  }

  private void frontDetails(Sketch sketch, Face face, Light light, double shade, boolean lit) {
    int dark = lit(face, light, shade, 0x202226);
    int bumper = lit(face, light, shade, Colours.mix(paint, 0x303236, 0.55));
    sketch.surface(patch(face, 0, 0.72, 1, 1), bumper, dark, 1);
    sketch.surface(patch(face, 0.26, 0.14, 0.74, 0.52), dark);
    sketch.surface(patch(face, 0.30, 0.28, 0.70, 0.34), lit(face, light, shade, 0x85888C));
    sketch.surface(patch(face, 0.34, 0.62, 0.66, 0.82), lit(face, light, shade, 0xE8E8E2));
    int lamp = lit ? 0xFFF6DC : lit(face, light, shade, 0xDDE3E6);
    sketch.surface(patch(face, 0.01, 0.08, 0.23, 0.46), lamp);
    sketch.surface(patch(face, 0.77, 0.08, 0.99, 0.46), lamp);
  }

  private void rearDetails(
      Sketch sketch, Face face, Light light, double shade, boolean lit, boolean braking) {
    int dark = lit(face, light, shade, 0x26282C);
    sketch.surface(
        patch(face, 0, 0.74, 1, 1), lit(face, light, shade, Colours.scale(paint, 0.6)), dark, 1);
    sketch.surface(patch(face, 0.34, 0.36, 0.66, 0.54), lit(face, light, shade, 0xE9E2C6));
    int lamp = tailLamp(face, light, shade, lit, braking);
    sketch.surface(patch(face, 0.01, 0.06, 0.20, 0.46), lamp);
    sketch.surface(patch(face, 0.80, 0.06, 0.99, 0.46), lamp);
    sketch.surface(patch(face, 0.10, 0.08, 0.18, 0.24), Colours.mix(lamp, 0xFFFFFF, 0.35));
    sketch.surface(patch(face, 0.82, 0.08, 0.90, 0.24), Colours.mix(lamp, 0xFFFFFF, 0.35));
  }

  private static int tailLamp(Face face, Light light, double shade, boolean lit, boolean braking) {
    return braking ? 0xFF4A3A : lit ? 0xD8281E : lit(face, light, shade, 0x9A1C1C);
  }

  private void cornerDetails(
      Sketch sketch, Face face, Light light, double shade, boolean lit, boolean braking) {
    if (face.part.equals("side4")) {
      int lamp = lit ? 0xFFF2CF : lit(face, light, shade, 0xD3D9DC);
      sketch.surface(patch(face, 0.1, 0.10, 1, 0.40), lamp);
    } else if (face.part.equals("side0")) {
      int lamp = tailLamp(face, light, shade, lit, braking);
      sketch.surface(patch(face, 0, 0.08, 0.9, 0.42), lamp);
    }
  }

  private void doors(Sketch sketch, Face face, Light light, double shade) {
    int line = lit(face, light, shade, Colours.scale(paint, 0.45));
    sketch.surface(patch(face, 0, 0.86, 1, 1), lit(face, light, shade, 0x2C2E32));
    sketch.surface(patch(face, 0.66, 0.02, 0.672, 0.86), line);
    sketch.surface(patch(face, 0.36, 0.02, 0.372, 0.86), line);
    int bright = lit(face, light, shade, gloss(paint, 0.3));
    sketch.surface(patch(face, 0, 0.16, 1, 0.21), bright, bright, 0.7f);
    sketch.surface(patch(face, 0.40, 0.22, 0.46, 0.27), line);
    sketch.surface(patch(face, 0.70, 0.22, 0.76, 0.27), line);
  }

  private void sideWindows(Sketch sketch, Face face, Light light, double shade) {
    double[] cuts =
        kind == Kind.SALOON || kind == Kind.HATCH
            ? new double[] {0.06, 0.50, 0.54, 0.94}
            : kind == Kind.VAN
                ? cargo
                    ? new double[] {0.70, 0.95}
                    : new double[] {0.05, 0.36, 0.4, 0.66, 0.7, 0.95}
                : new double[] {0.05, 0.26, 0.30, 0.59, 0.63, 0.95};
    double bottom = kind == Kind.VAN ? 0.74 : 0.90;
    for (int i = 0; i < cuts.length; i += 2) {
      glass(sketch, face, light, shade, cuts[i], 0.12, cuts[i + 1], bottom);
    }
  }

  private static void glass(
      Sketch sketch,
      Face face,
      Light light,
      double shade,
      double left,
      double top,
      double right,
      double bottom) {
    int mirrored = Colours.mix(0x2A3036, light.skyLow, 0.30 * (1 - light.night));
    int upper = lit(face, light, shade, mirrored);
    int lower = lit(face, light, shade, 0x191C20);
    sketch.surface(patch(face, left, top, right, bottom), upper, lower, 1);
    int streak = Colours.mix(upper, light.skyLow, 0.35);
    double width = right - left;
    sketch.surface(
        slanted(face, left + width * 0.58, left + width * 0.80, top + 0.04, bottom - 0.06),
        streak,
        streak,
        0.35f);
  }

  private static int lit(Face face, Light light, double shade, int albedo) {
    double[] n = face.normal;
    double[] m = face.middle;
    return light.shade(albedo, n[0], n[1], n[2], m[0], m[1], m[2], shade);
  }

  private static int gloss(int rgb, double share) {
    return Colours.mix(rgb, 0xFFFFFF, share);
  }

  /** Tyres seen under the bumpers, and the dark beneath the car. */
  private void underside(Sketch sketch, Pose pose) {
    double end = length / 2 - 0.5;
    double inner = half * 0.9;
    sketch.surface(
        quad(
            pose.at(-inner, 0.34, end),
            pose.at(inner, 0.34, end),
            pose.at(inner, 0.12, end),
            pose.at(-inner, 0.12, end)),
        0x0C0D0F);
    sketch.surface(
        quad(
            pose.at(-inner, 0.34, -end),
            pose.at(inner, 0.34, -end),
            pose.at(inner, 0.12, -end),
            pose.at(-inner, 0.12, -end)),
        0x0C0D0F);
    for (double z : axles()) {
      for (int side = -1; side <= 1; side += 2) {
        for (int face = -1; face <= 1; face += 2) {
          double at = z + face * wheelRadius * 0.75;
          sketch.surface(
              quad(
                  pose.at(side * half * 0.98, wheelRadius * 1.4, at),
                  pose.at(side * (half - 0.22), wheelRadius * 1.4, at),
                  pose.at(side * (half - 0.22), 0.02, z + face * wheelRadius * 0.35),
                  pose.at(side * half * 0.98, 0.02, z + face * wheelRadius * 0.35)),
              0x151517);
        }
      }
    }
  }

  private double[] axles() {
    return new double[] {-length / 2 + 0.80, length / 2 - 0.82};
  }

  private void wheels(Sketch sketch, Pose pose, Light light, double shade) {
    Viewpoint view = sketch.projector.view;
    for (int side = -1; side <= 1; side += 2) {
      double[] outward = minus(pose.at(side, 0, 0), pose.at(0, 0, 0));
      double[] flank = pose.at(side * half, 0.3, 0);
      if (dot(outward, minus(new double[] {view.x(), view.height(), 0}, flank)) <= 0) {
        continue;
      }
      int arch = light.shade(0x141416, outward[0], 0, outward[2], flank[0], 0.4, flank[2], shade);
      int tyre = light.shade(TYRE, outward[0], 0.2, outward[2], flank[0], 0.4, flank[2], shade);
      int metal = light.shade(rim, outward[0], 0.1, outward[2], flank[0], 0.4, flank[2], shade);
      for (double z : axles()) {
        double at = half * 1.005 * side;
        sketch.surface(disc(pose, at, wheelRadius + 0.02, z, wheelRadius * 1.16, 0, 14), arch);
        sketch.surface(disc(pose, at, wheelRadius, z, wheelRadius, -1, 14), tyre);
        sketch.surface(
            disc(pose, at, wheelRadius, z, wheelRadius * 0.64, -1, 10),
            metal,
            Colours.scale(metal, 0.7),
            1);
        sketch.surface(
            disc(pose, at, wheelRadius, z, wheelRadius * 0.22, -1, 6), Colours.scale(metal, 0.5));
      }
    }
  }

  /** A disc on the car's flank; nothing of it lies below {@code floor} (radii below the hub). */
  private static double[] disc(
      Pose pose, double right, double up, double forward, double radius, int floor, int steps) {
    double[] xyz = new double[3 * steps];
    for (int i = 0; i < steps; i++) {
      double angle = 2 * Math.PI * i / steps;
      double rise = Math.sin(angle) * radius;
      double[] point =
          pose.at(
              right,
              up + (floor == 0 ? Math.max(-0.1, rise) : rise),
              forward + Math.cos(angle) * radius);
      System.arraycopy(point, 0, xyz, 3 * i, 3);
    }
    return xyz;
  }

  private void castShadow(Sketch sketch, Pose pose, Light light, double shade) {
    double wide = half + 0.14;
    double end = length / 2 + 0.12;
    for (int ring = 0; ring < 3; ring++) {
      double inset = ring * 0.12;
      sketch.shadow(rounded(pose, wide - inset, end - inset), 0.26f);
    }
    double strength = light.sun * (1 - shade);
    if (strength > 0.05) {
      sunShadow(sketch, pose, light, (float) (0.42 * strength));
    }
  }

  private void sunShadow(Sketch sketch, Pose pose, Light light, float alpha) {
    double[][] outline = {
      {half, 0.2, length / 2},
      {-half, 0.2, length / 2},
      {half, 0.2, -length / 2},
      {-half, 0.2, -length / 2},
      {half, belt, length / 2},
      {-half, belt, length / 2},
      {half, belt, -length / 2},
      {-half, belt, -length / 2},
      {half * 0.7, roof, cabin[1]},
      {-half * 0.7, roof, cabin[1]},
      {half * 0.7, roof, cabin[2]},
      {-half * 0.7, roof, cabin[2]}
    };
    sketch.shadow(GroundShadow.of(outline, pose, light), alpha);
  }

  private static double[] rounded(Pose pose, double wide, double end) {
    double cut = 0.3;
    return quad(
        pose.at(-wide, 0.01, -end + cut),
        pose.at(-wide + cut, 0.01, -end),
        pose.at(wide - cut, 0.01, -end),
        pose.at(wide, 0.01, -end + cut),
        pose.at(wide, 0.01, end - cut),
        pose.at(wide - cut, 0.01, end),
        pose.at(-wide + cut, 0.01, end),
        pose.at(-wide, 0.01, end - cut));
  }

  private void glows(Sketch sketch, Pose pose, Light light, boolean braking) {
    Viewpoint view = sketch.projector.view;
    double[] forward = minus(pose.at(0, 0, 1), pose.at(0, 0, 0));
    double[] toEye = minus(new double[] {view.x(), 0, 0}, pose.at(0, 0, 0));
    double facing = dot(forward, toEye) / Math.sqrt(dot(toEye, toEye));
    double night = Light.smooth(0.25, 0.9, light.night);
    for (int i = 1; i <= 2; i++) {
      double[] lit = pose.at(0, 0, length / 2 + 1.6 * i);
      sketch.pool(lit[0], lit[2], 0.9 + 0.8 * i, 0xFFE2A8, 0.26 * night);
    }
    for (int side = -1; side <= 1; side += 2) {
      if (facing > 0.05) {
        double[] lamp = pose.at(side * half * 0.68, bonnet - 0.27, length / 2);
        sketch.glow(lamp[0], lamp[1], lamp[2], 0.55, 1.2, 0xFFEFC8, 0.6 * facing * night);
      } else if (facing < -0.05) {
        double[] lamp = pose.at(side * half * 0.74, belt - 0.35, -length / 2);
        double strength = (braking ? 0.6 : 0.4) * -facing * night;
        sketch.glow(lamp[0], lamp[1], lamp[2], braking ? 0.5 : 0.4, 1.2, 0xFF2A18, strength);
      }
    }
  }

  /** A rectangle on a face in shares of its width (u) and height (v), from the upper left. */
  private static double[] patch(Face face, double u0, double v0, double u1, double v1) {
    return quad(on(face, u0, v0), on(face, u1, v0), on(face, u1, v1), on(face, u0, v1));
  }

  private static double[] slanted(Face face, double u0, double u1, double v0, double v1) {
    double lean = (u1 - u0) * 0.8;
    return quad(
        on(face, u0, v0), on(face, u1, v0), on(face, u1 - lean, v1), on(face, u0 - lean, v1));
  }

  private static double[] on(Face face, double u, double v) {
    double[] point = new double[3];
    for (int i = 0; i < 3; i++) {
      double upper = face.corners[0][i] + (face.corners[1][i] - face.corners[0][i]) * u;
      double lower = face.corners[3][i] + (face.corners[2][i] - face.corners[3][i]) * u;
      point[i] = upper + (lower - upper) * v;
    }
    return point;
  }

  private static double[] quad(double[]... corners) {
    double[] xyz = new double[corners.length * 3];
    for (int i = 0; i < corners.length; i++) {
      System.arraycopy(corners[i], 0, xyz, 3 * i, 3);
    }
    return xyz;
  }

  private static double[] minus(double[] a, double[] b) {
    return new double[] {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
  }

  private static double dot(double[] a, double[] b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  }
}
