package dev.fovea.ingest.street;

/**
 * A pinhole camera above the street: world metres to pixels and, for the ground, back.
 *
 * @param x metres right of the road's middle
 * @param height metres above the road
 * @param yaw radians, positive looks right
 * @param pitch radians, positive looks down
 * @param roll radians, of the picture about its middle
 * @param focalPx focal length in pixels
 */
record Viewpoint(
    double x,
    double height,
    double yaw,
    double pitch,
    double roll,
    double focalPx,
    int widthPx,
    int heightPx) {

  /** Nothing nearer than this, in metres along the optical axis, is drawn. */
  static final double NEAR = 0.7;

  /** Metres along the optical axis. */
  double depth(double wx, double wy, double wz) {
    double along = (wx - x) * Math.sin(yaw) + wz * Math.cos(yaw);
    return along * Math.cos(pitch) - (wy - height) * Math.sin(pitch);
  }

  Projector projector() {
    return new Projector(this);
  }

  /** The same camera with its sines worked out, for many points. Not thread-safe. */
  static final class Projector {
    final Viewpoint view;
    private final double sinYaw;
    private final double cosYaw;
    private final double sinPitch;
    private final double cosPitch;
    private final double sinRoll;
    private final double cosRoll;
    private double cameraX;
    private double cameraY;
    private double cameraZ;
    private double[] clipped = new double[3 * 64];

    /** The projected polygon; valid until the next call. */
    float[] outX = new float[64];

    float[] outY = new float[64];

    private Projector(Viewpoint view) {
      this.view = view;
      sinYaw = Math.sin(view.yaw);
      cosYaw = Math.cos(view.yaw);
      sinPitch = Math.sin(view.pitch);
      cosPitch = Math.cos(view.pitch);
      sinRoll = Math.sin(view.roll);
      cosRoll = Math.cos(view.roll);
    }

    private void toCamera(double wx, double wy, double wz) {
      double dx = wx - view.x;
      double dy = wy - view.height;
      double along = dx * sinYaw + wz * cosYaw;
      cameraX = dx * cosYaw - wz * sinYaw;
      cameraY = dy * cosPitch + along * sinPitch;
      cameraZ = along * cosPitch - dy * sinPitch;
    }

    double depth(double wx, double wy, double wz) {
      toCamera(wx, wy, wz);
      return cameraZ;
    }

    /** Distance from the camera, metres. */
    double distance(double wx, double wy, double wz) {
      double dx = wx - view.x;
      double dy = wy - view.height;
      return Math.sqrt(dx * dx + dy * dy + wz * wz);
    }

    /** Pixels per metre at this depth. */
    double scaleAt(double depth) {
      return view.focalPx / depth;
    }

    /** Projects one point to index 0 of outX and outY; its depth, or −1 if it is too near. */
    double point(double wx, double wy, double wz) {
      toCamera(wx, wy, wz);
      if (cameraZ < NEAR) {
        return -1;
      }
      emit(0, cameraX, cameraY, cameraZ);
      return cameraZ;
    }

    /**
     * Projects a polygon, cut off at the near plane.
     *
     * @param xyz three numbers a corner
     * @return corners in outX and outY, 0 if nothing is in front of the camera
     */
    int polygon(double[] xyz) {
      int count = xyz.length / 3;
      if (outX.length < count * 2) {
        outX = new float[count * 2];
        outY = new float[count * 2];
        clipped = new double[count * 6];
      }
      int kept = 0;
      toCamera(xyz[3 * count - 3], xyz[3 * count - 2], xyz[3 * count - 1]);
      double lastX = cameraX;
      double lastY = cameraY;
      double lastZ = cameraZ;
      for (int i = 0; i < count; i++) {
        toCamera(xyz[3 * i], xyz[3 * i + 1], xyz[3 * i + 2]);
        if ((lastZ < NEAR) != (cameraZ < NEAR)) {
          double t = (NEAR - lastZ) / (cameraZ - lastZ);
          kept = keep(kept, lastX + t * (cameraX - lastX), lastY + t * (cameraY - lastY), NEAR);
        }
        if (cameraZ >= NEAR) {
          kept = keep(kept, cameraX, cameraY, cameraZ);
        }
        lastX = cameraX;
        lastY = cameraY;
        lastZ = cameraZ;
      }
      for (int i = 0; i < kept; i++) {
        emit(i, clipped[3 * i], clipped[3 * i + 1], clipped[3 * i + 2]);
      }
      return kept;
    }

    private int keep(int kept, double cx, double cy, double cz) {
      clipped[3 * kept] = cx;
      clipped[3 * kept + 1] = cy;
      clipped[3 * kept + 2] = cz;
      return kept + 1;
    }

    private void emit(int index, double cx, double cy, double cz) {
      double u = view.focalPx * cx / cz;
      double v = -view.focalPx * cy / cz;
      outX[index] = (float) (view.widthPx * 0.5 + u * cosRoll - v * sinRoll);
      outY[index] = (float) (view.heightPx * 0.5 + u * sinRoll + v * cosRoll);
    }

    /**
     * The place on the ground that a pixel shows.
     *
     * @param ground receives x and z in metres
     * @return metres to it along the optical axis, or −1 at and above the horizon
     */
    double ground(double px, double py, double[] ground) {
      double du = px - view.widthPx * 0.5;
      double dv = py - view.heightPx * 0.5;
      double a = (du * cosRoll + dv * sinRoll) / view.focalPx;
      double b = -(-du * sinRoll + dv * cosRoll) / view.focalPx;
      double down = sinPitch - cosPitch * b;
      if (down < 1e-4) {
        return -1;
      }
      double t = view.height / down;
      double along = (cosPitch + sinPitch * b) * t;
      double right = a * t;
      ground[0] = view.x + right * cosYaw + along * sinYaw;
      ground[1] = -right * sinYaw + along * cosYaw;
      return t;
    }
  }
}
