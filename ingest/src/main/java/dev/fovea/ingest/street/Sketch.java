package dev.fovea.ingest.street;

import java.util.Arrays;

/**
 * One object as the polygons and glows that draw it, in order, and the box they fill. Shadows and
 * glows belong to the drawing but not to the object.
 */
final class Sketch {
  private static final int RING = 10;

  final Viewpoint.Projector projector;

  private float[] xs = new float[1024];
  private float[] ys = new float[1024];
  private int points;
  private int[] starts = new int[128];
  private int[] tops = new int[128];
  private int[] bottoms = new int[128];
  private float[] alphas = new float[128];
  private boolean[] solid = new boolean[128];
  private int shapes;
  private float[] glows = new float[6 * 8];
  private int[] glowColours = new int[8];
  private boolean[] glowsUnder = new boolean[8];
  private int glowCount;
  private boolean behindCamera;

  float left = Float.MAX_VALUE;
  float top = Float.MAX_VALUE;
  float right = -Float.MAX_VALUE;
  float bottom = -Float.MAX_VALUE;

  Sketch(Viewpoint.Projector projector) {
    this.projector = projector;
  }

  /** True if part of the object is too near to be drawn. */
  boolean isBehindCamera() {
    return behindCamera;
  }

  boolean isEmpty() {
    return right < left;
  }

  void surface(double[] xyz, int upper, int lower, float alpha) {
    project(xyz, upper, lower, alpha, true);
  }

  void surface(double[] xyz, int rgb) {
    project(xyz, rgb, rgb, 1, true);
  }

  void shadow(double[] xyz, float alpha) {
    project(xyz, 0x0A0C10, 0x0A0C10, alpha, false);
  }

  private void project(double[] xyz, int upper, int lower, float alpha, boolean counts) {
    int count = projector.polygon(xyz);
    if (counts && count != xyz.length / 3) {
      behindCamera = true;
    }
    add(projector.outX, projector.outY, count, upper, lower, alpha, counts);
  }

  /** A polygon given in pixels. */
  void add(float[] x, float[] y, int count, int upper, int lower, float alpha, boolean counts) {
    if (count < 3) {
      return;
    }
    if (shapes + 1 >= starts.length) {
      int size = shapes * 2;
      starts = Arrays.copyOf(starts, size);
      tops = Arrays.copyOf(tops, size);
      bottoms = Arrays.copyOf(bottoms, size);
      alphas = Arrays.copyOf(alphas, size);
      solid = Arrays.copyOf(solid, size);
    }
    if (points + count > xs.length) {
      xs = Arrays.copyOf(xs, Math.max(points + count, points * 2));
      ys = Arrays.copyOf(ys, xs.length);
    }
    System.arraycopy(x, 0, xs, points, count);
    System.arraycopy(y, 0, ys, points, count);
    starts[shapes] = points;
    tops[shapes] = upper;
    bottoms[shapes] = lower;
    alphas[shapes] = alpha;
    solid[shapes++] = counts;
    points += count;
    starts[shapes] = points;
    if (counts) {
      for (int i = 0; i < count; i++) {
        left = Math.min(left, x[i]);
        right = Math.max(right, x[i]);
        top = Math.min(top, y[i]);
        bottom = Math.max(bottom, y[i]);
      }
    }
  }

  /** A limb: the hull of the spheres at two points. */
  void capsule(double[] a, double radiusA, double[] b, double radiusB, int upper, int lower) {
    float[] hullX = new float[2 * RING];
    float[] hullY = new float[2 * RING];
    int count = ball(a, radiusA, hullX, hullY, 0);
    count = ball(b, radiusB, hullX, hullY, count);
    hull(hullX, hullY, count, upper, lower, 1);
  }

  /** The hull of spheres: {@code balls} holds x, y, z, radius of each. */
  void blob(double[] balls, int upper, int lower, float alpha) {
    int spheres = balls.length / 4;
    float[] hullX = new float[spheres * RING];
    float[] hullY = new float[spheres * RING];
    int count = 0;
    for (int i = 0; i < spheres; i++) {
      double[] centre = {balls[4 * i], balls[4 * i + 1], balls[4 * i + 2]};
      count = ball(centre, balls[4 * i + 3], hullX, hullY, count);
    }
    hull(hullX, hullY, count, upper, lower, alpha);
  }

  private int ball(double[] centre, double radius, float[] x, float[] y, int count) {
    double depth = projector.point(centre[0], centre[1], centre[2]);
    if (depth < 0) {
      behindCamera = true;
      return count;
    }
    double size = radius * projector.scaleAt(depth);
    for (int i = 0; i < RING; i++) {
      x[count + i] = (float) (projector.outX[0] + size * COS[i]);
      y[count + i] = (float) (projector.outY[0] + size * SIN[i]);
    }
    return count + RING;
  }

  private void hull(float[] x, float[] y, int count, int upper, int lower, float alpha) {
    int corners = ConvexHull.of(x, y, count);
    add(x, y, corners, upper, lower, alpha, true);
  }

  /** An additive glow about a point; {@code radius} in metres. */
  void glow(double x, double y, double z, double radius, double aspect, int rgb, double strength) {
    double depth = projector.point(x, y, z);
    if (depth < 0 || glowCount == 8) {
      return;
    }
    int at = glowCount * 6;
    glows[at] = projector.outX[0];
    glows[at + 1] = projector.outY[0];
    glows[at + 2] = (float) (radius * projector.scaleAt(depth));
    glows[at + 3] = (float) aspect;
    glows[at + 4] = (float) strength;
    glowColours[glowCount++] = rgb;
  }

  /** Light on the ground under the object, as wide as a circle of {@code radius} metres looks. */
  void pool(double x, double z, double radius, int rgb, double strength) {
    double distance = projector.distance(x, 0, z);
    double flat = Math.max(0.08, projector.view.height() / distance);
    int before = glowCount;
    glow(x, 0, z, radius * flat, 1 / flat, rgb, strength);
    if (glowCount > before) {
      glowsUnder[before] = true;
    }
  }

  void paint(Canvas canvas) {
    paint(canvas, true);
  }

  /** Draws it; without {@code effects} only what the box is about. */
  void paint(Canvas canvas, boolean effects) {
    if (effects) {
      paintGlows(canvas, true);
    }
    float[] x = new float[64];
    float[] y = new float[64];
    for (int i = 0; i < shapes; i++) {
      if (!effects && !solid[i]) {
        continue;
      }
      int count = starts[i + 1] - starts[i];
      if (count > x.length) {
        x = new float[count];
        y = new float[count];
      }
      System.arraycopy(xs, starts[i], x, 0, count);
      System.arraycopy(ys, starts[i], y, 0, count);
      canvas.fill(x, y, count, tops[i], bottoms[i], alphas[i]);
    }
    if (effects) {
      paintGlows(canvas, false);
    }
  }

  private void paintGlows(Canvas canvas, boolean under) {
    for (int i = 0; i < glowCount; i++) {
      int at = i * 6;
      if (glowsUnder[i] == under) {
        canvas.glow(
            glows[at], glows[at + 1], glows[at + 2], glows[at + 3], glowColours[i], glows[at + 4]);
      }
    }
  }

  /** Marks the cells that the object covers. */
  void cover(Coverage coverage) {
    for (int i = 0; i < shapes; i++) {
      if (solid[i]) {
        coverage.mark(xs, ys, starts[i], starts[i + 1]);
      }
    }
  }

  private static final double[] COS = new double[RING];
  private static final double[] SIN = new double[RING];

  static {
    for (int i = 0; i < RING; i++) {
      COS[i] = Math.cos(2 * Math.PI * i / RING);
      SIN[i] = Math.sin(2 * Math.PI * i / RING);
    }
  }
}
