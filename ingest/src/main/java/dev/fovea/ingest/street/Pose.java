package dev.fovea.ingest.street;

/**
 * Where an object stands and which way it faces: local metres (right, up, forward) to the world.
 *
 * @param heading radians, 0 faces along +z (away from the camera), positive turns right
 */
record Pose(double x, double z, double heading) {

  double[] at(double right, double up, double forward) {
    double sin = Math.sin(heading);
    double cos = Math.cos(heading);
    return new double[] {x + right * cos + forward * sin, up, z - right * sin + forward * cos};
  }
}
