package dev.fovea.ingest.street;

/** The shadow that points of an object throw on the road when the sun shines. */
final class GroundShadow {
  private GroundShadow() {}

  /** The hull of the points' shadows; {@code outline} is in the pose's right, up, forward. */
  static double[] of(double[][] outline, Pose pose, Light light) {
    float[] x = new float[outline.length];
    float[] z = new float[outline.length];
    double reach = Math.min(1.8, 1 / light.sunY);
    for (int i = 0; i < outline.length; i++) {
      double[] point = pose.at(outline[i][0], outline[i][1], outline[i][2]);
      x[i] = (float) (point[0] - light.sunX * point[1] * reach);
      z[i] = (float) (point[2] - light.sunZ * point[1] * reach);
    }
    int corners = ConvexHull.of(x, z, outline.length);
    double[] xyz = new double[3 * corners];
    for (int i = 0; i < corners; i++) {
      xyz[3 * i] = x[i];
      xyz[3 * i + 1] = 0.01;
      xyz[3 * i + 2] = z[i];
    }
    return xyz;
  }
}
