package dev.fovea.ingest.street;

/** Convex hull in the plane (Andrew's monotone chain). */
final class ConvexHull {
  private ConvexHull() {}

  /** Replaces the first {@code count} points by their hull's corners and returns how many. */
  static int of(float[] x, float[] y, int count) {
    sort(x, y, count);
    float[] hullX = new float[2 * count + 1];
    float[] hullY = new float[2 * count + 1];
    int size = 0;
    for (int i = 0; i < count; i++) {
      while (size >= 2 && turnsRight(hullX, hullY, size, x[i], y[i])) {
        size--;
      }
      hullX[size] = x[i];
      hullY[size++] = y[i];
    }
    int lower = size + 1;
    for (int i = count - 2; i >= 0; i--) {
      while (size >= lower && turnsRight(hullX, hullY, size, x[i], y[i])) {
        size--;
      }
      hullX[size] = x[i];
      hullY[size++] = y[i];
    }
    int corners = Math.max(0, Math.min(size - 1, count));
    System.arraycopy(hullX, 0, x, 0, corners);
    System.arraycopy(hullY, 0, y, 0, corners);
    return corners;
  }

  private static boolean turnsRight(float[] hullX, float[] hullY, int size, float x, float y) {
    float ax = hullX[size - 1] - hullX[size - 2];
    float ay = hullY[size - 1] - hullY[size - 2];
    return ax * (y - hullY[size - 2]) - ay * (x - hullX[size - 2]) <= 0;
  }

  /** By x, then y; insertion, for the points are few. */
  private static void sort(float[] x, float[] y, int count) {
    for (int i = 1; i < count; i++) {
      float atX = x[i];
      float atY = y[i];
      int j = i - 1;
      while (j >= 0 && (x[j] > atX || (x[j] == atX && y[j] > atY))) {
        x[j + 1] = x[j];
        y[j + 1] = y[j];
        j--;
      }
      x[j + 1] = atX;
      y[j + 1] = atY;
    }
  }
}
