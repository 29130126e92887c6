package dev.fovea.ingest.street;

/** Lays the limbs and clothes of one figure into its sketch, lit at the place where it stands. */
final class Painter {
  private final Sketch sketch;
  private final Pose pose;
  private final Light light;
  private final double shade;
  private final double eyeX;
  private final double eyeZ;

  Painter(Sketch sketch, Pose pose, Light light, double shade) {
    this.sketch = sketch;
    this.pose = pose;
    this.light = light;
    this.shade = shade;
    double dx = sketch.projector.view.x() - pose.x();
    double dz = -pose.z();
    double distance = Math.sqrt(dx * dx + dz * dz);
    eyeX = dx / distance;
    eyeZ = dz / distance;
  }

  double[] at(double right, double up, double forward) {
    return pose.at(right, up, forward);
  }

  boolean facesCamera() {
    return Math.sin(pose.heading()) * eyeX + Math.cos(pose.heading()) * eyeZ > 0;
  }

  /** Whether the point {@code a} metres to the right is farther from the camera than {@code b}. */
  boolean isFarther(double a, double b) {
    double[] first = pose.at(a, 1, 0);
    double[] second = pose.at(b, 1, 0);
    return sketch.projector.depth(first[0], first[1], first[2])
        > sketch.projector.depth(second[0], second[1], second[2]);
  }

  void capsule(double[] a, double radiusA, double[] b, double radiusB, int albedo, double tone) {
    int colour = lit(Colours.scale(albedo, tone), a);
    sketch.capsule(a, radiusA, b, radiusB, colour, Colours.scale(colour, 0.86));
  }

  /** A body part with a lighter side towards the light. */
  void blob(double[] balls, int albedo, double tone) {
    double[] middle = {balls[0], balls[1], balls[2]};
    int colour = lit(Colours.scale(albedo, tone), middle);
    sketch.blob(balls, colour, Colours.scale(colour, 0.78), 1);
    double lightSide = light.sunX >= 0 ? 1 : -1;
    double[] bright = balls.clone();
    for (int i = 0; i < bright.length; i += 4) {
      bright[i] += lightSide * bright[i + 3] * 0.30;
      bright[i + 3] *= 0.62;
    }
    sketch.blob(bright, Colours.mix(colour, 0xFFFFFF, 0.10 + 0.1 * light.sun), colour, 0.55f);
  }

  /** Cloth is round: it is lit as a surface turned half up and half to the camera. */
  int lit(int albedo, double[] place) {
    return light.shade(albedo, eyeX * 0.8, 0.6, eyeZ * 0.8, place[0], place[1], place[2], shade);
  }
}
