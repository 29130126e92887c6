package dev.fovea.ingest.street;

import org.jspecify.annotations.Nullable;

/**
 * A picture of packed 0xRRGGBB pixels and the few things the street is drawn with: polygons with
 * exact-area antialiasing, filled with a vertical gradient, and additive glows.
 *
 * <p>Why not {@code Graphics2D}: hundreds of polygons of some dozen pixels make a frame, and for
 * those the set-up of a fill costs many times the fill. Coverage is accumulated as signed area per
 * pixel and summed along the row, so a ring is drawn as one outline whose hole runs the other way.
 *
 * <p>Not safe for use by several threads.
 */
final class Canvas {
  private static final int MAX_POINTS = 256;

  final int width;
  final int height;
  final int[] pixels;

  private final float[] area;
  private float[] clipX = new float[MAX_POINTS];
  private float[] clipY = new float[MAX_POINTS];
  private float[] spareX = new float[MAX_POINTS];
  private float[] spareY = new float[MAX_POINTS];
  private byte @Nullable [] mask;

  Canvas(int width, int height) {
    this.width = width;
    this.height = height;
    this.pixels = new int[width * height];
    this.area = new float[(width + 3) * (height + 1)];
  }

  /** From now on every fill also raises the coverage in {@code target} (one byte a pixel). */
  void recordMask(byte @Nullable [] target) {
    mask = target;
  }

  void fill(float[] x, float[] y, int count, int rgb, float alpha) {
    fill(x, y, count, rgb, rgb, alpha);
  }

  /**
   * Fills a polygon.
   *
   * @param top colour at the polygon's upper end
   * @param bottom colour at its lower end
   * @param alpha opacity, 0 to 1
   */
  void fill(float[] x, float[] y, int count, int top, int bottom, float alpha) {
    float low = Float.MAX_VALUE;
    float high = -Float.MAX_VALUE;
    for (int i = 0; i < count; i++) {
      low = Math.min(low, y[i]);
      high = Math.max(high, y[i]);
    }
    int points = clip(x, y, count);
    if (points < 3) {
      return;
    }
    float minX = clipX[0];
    float maxX = minX;
    float minY = clipY[0];
    float maxY = minY;
    for (int i = 1; i < points; i++) {
      minX = Math.min(minX, clipX[i]);
      maxX = Math.max(maxX, clipX[i]);
      minY = Math.min(minY, clipY[i]);
      maxY = Math.max(maxY, clipY[i]);
    }
    int left = (int) minX;
    int upper = (int) minY;
    int columns = Math.min(width, (int) Math.ceil(maxX)) - left;
    int rows = Math.min(height, (int) Math.ceil(maxY)) - upper;
    if (columns <= 0 || rows <= 0) {
      return;
    }
    int stride = columns + 2;
    for (int i = 0, j = points - 1; i < points; j = i++) {
      accumulate(
          clipX[j] - left, clipY[j] - upper, clipX[i] - left, clipY[i] - upper, stride, rows);
    }
    float span = Math.max(1e-3f, high - low);
    for (int row = 0; row < rows; row++) {
      float share = Math.min(1, Math.max(0, (upper + row + 0.5f - low) / span));
      int colour = top == bottom ? top : lerp(top, bottom, share);
      blendRow(row * stride, (upper + row) * width + left, columns, colour, alpha);
    }
  }

  private void blendRow(int from, int to, int columns, int rgb, float alpha) {
    int red = rgb >> 16 & 255;
    int green = rgb >> 8 & 255;
    int blue = rgb & 255;
    float sum = 0;
    for (int i = 0; i < columns; i++) {
      sum += area[from + i];
      area[from + i] = 0;
      float cover = sum < 0 ? -sum : sum;
      int share = (int) ((cover > 1 ? 1 : cover) * alpha * 256 + 0.5f);
      if (share == 0) {
        continue;
      }
      if (mask != null) {
        mask[to + i] = (byte) Math.max(mask[to + i] & 255, Math.min(255, share));
      }
      int old = pixels[to + i];
      if (share >= 256) {
        pixels[to + i] = rgb;
      } else {
        int r = (old >> 16 & 255) + (((red - (old >> 16 & 255)) * share) >> 8);
        int g = (old >> 8 & 255) + (((green - (old >> 8 & 255)) * share) >> 8);
        int b = (old & 255) + (((blue - (old & 255)) * share) >> 8);
        pixels[to + i] = r << 16 | g << 8 | b;
      }
    }
    area[from + columns] = 0;
    area[from + columns + 1] = 0;
  }

  /** Adds one edge's signed area, and the carry for the pixels right of it, to its rows. */
  private void accumulate(float x0, float y0, float x1, float y1, int stride, int rows) {
    if (y0 == y1) {
      return;
    }
    float sign = 1;
    if (y0 > y1) {
      float swap = y0;
      y0 = y1;
      y1 = swap;
      swap = x0;
      x0 = x1;
      x1 = swap;
      sign = -1;
    }
    float slope = (x1 - x0) / (y1 - y0);
    int last = Math.min(rows, (int) Math.ceil(y1));
    for (int row = (int) y0; row < last; row++) {
      float from = Math.max(row, y0);
      float to = Math.min(row + 1, y1);
      float a = x0 + (from - y0) * slope;
      float b = x0 + (to - y0) * slope;
      crossRow(row * stride, Math.min(a, b), Math.max(a, b), (to - from) * sign, stride);
    }
  }

  /** One row of one edge, which enters at {@code left} and leaves at {@code right}. */
  private void crossRow(int base, float left, float right, float signedHeight, int stride) {
    left = Math.max(0, left);
    right = Math.min(stride - 2, Math.max(left, right));
    int first = (int) left;
    int last = (int) right;
    if (first == last) {
      float covered = 1 - ((left + right) * 0.5f - first);
      area[base + first] += signedHeight * covered;
      area[base + first + 1] += signedHeight * (1 - covered);
      return;
    }
    // Between two columns the share of the edge left of column c's right border grows linearly;
    // the accumulated cover of a column is the integral of that share over the column.
    float perPixel = 1 / (right - left);
    float before = 0;
    for (int column = first; column <= last + 1; column++) {
      float cover =
          integral(column + 1, left, right, perPixel) - integral(column, left, right, perPixel);
      area[base + column] += signedHeight * (cover - before);
      before = cover;
    }
  }

  /**
   * Integral from minus infinity to {@code at} of the ramp that rises from 0 to 1 in [left, right].
   */
  private static float integral(float at, float left, float right, float perPixel) {
    if (at <= left) {
      return 0;
    }
    if (at >= right) {
      return at - (left + right) * 0.5f;
    }
    float inside = at - left;
    return inside * inside * perPixel * 0.5f;
  }

  /**
   * Adds light that falls off as (1 − r²)² towards {@code radius}, wider than high by {@code
   * aspect}.
   */
  void glow(float centreX, float centreY, float radius, float aspect, int rgb, float strength) {
    float across = radius * aspect;
    int left = Math.max(0, (int) (centreX - across));
    int right = Math.min(width - 1, (int) (centreX + across));
    int upper = Math.max(0, (int) (centreY - radius));
    int lower = Math.min(height - 1, (int) (centreY + radius));
    int red = (int) ((rgb >> 16 & 255) * strength);
    int green = (int) ((rgb >> 8 & 255) * strength);
    int blue = (int) ((rgb & 255) * strength);
    for (int row = upper; row <= lower; row++) {
      float dy = (row + 0.5f - centreY) / radius;
      for (int column = left; column <= right; column++) {
        float dx = (column + 0.5f - centreX) / across;
        float rest = 1 - dx * dx - dy * dy;
        if (rest > 0) {
          int share = (int) (rest * rest * 256);
          int old = pixels[row * width + column];
          int r = Math.min(255, (old >> 16 & 255) + ((red * share) >> 8));
          int g = Math.min(255, (old >> 8 & 255) + ((green * share) >> 8));
          int b = Math.min(255, (old & 255) + ((blue * share) >> 8));
          pixels[row * width + column] = r << 16 | g << 8 | b;
        }
      }
    }
  }

  /** Clips to the canvas, side by side (Sutherland and Hodgman), into clipX and clipY. */
  private int clip(float[] x, float[] y, int count) {
    if (count * 2 + 8 > clipX.length) {
      clipX = new float[count * 4];
      clipY = new float[count * 4];
      spareX = new float[count * 4];
      spareY = new float[count * 4];
    }
    System.arraycopy(x, 0, clipX, 0, count);
    System.arraycopy(y, 0, clipY, 0, count);
    boolean inside = true;
    for (int i = 0; i < count && inside; i++) {
      inside = x[i] >= 0 && x[i] <= width && y[i] >= 0 && y[i] <= height;
    }
    if (inside) {
      return count;
    }
    int points = clipSide(count, true, 1, 0);
    points = clipSide(points, true, -1, -width);
    points = clipSide(points, false, 1, 0);
    return clipSide(points, false, -1, -height);
  }

  private int clipSide(int count, boolean horizontal, float sign, float limit) {
    int kept = 0;
    for (int i = 0, j = count - 1; i < count; j = i++) {
      float a = sign * (horizontal ? clipX[j] : clipY[j]) - limit;
      float b = sign * (horizontal ? clipX[i] : clipY[i]) - limit;
      if ((a < 0) != (b < 0)) {
        float t = a / (a - b);
        float crossX = clipX[j] + t * (clipX[i] - clipX[j]);
        float crossY = clipY[j] + t * (clipY[i] - clipY[j]);
        // Exactly on the border: rounding must not put a point outside the accumulation buffer.
        spareX[kept] = horizontal ? limit * sign : crossX;
        spareY[kept++] = horizontal ? crossY : limit * sign;
      }
      if (b >= 0) {
        spareX[kept] = clipX[i];
        spareY[kept++] = clipY[i];
      }
    }
    float[] swap = clipX;
    clipX = spareX;
    spareX = swap;
    swap = clipY;
    clipY = spareY;
    spareY = swap;
    return kept;
  }

  private static int lerp(int from, int to, float share) {
    int weight = (int) (share * 256);
    int r = (from >> 16 & 255) + ((((to >> 16 & 255) - (from >> 16 & 255)) * weight) >> 8);
    int g = (from >> 8 & 255) + ((((to >> 8 & 255) - (from >> 8 & 255)) * weight) >> 8);
    int b = (from & 255) + ((((to & 255) - (from & 255)) * weight) >> 8);
    return r << 16 | g << 8 | b;
  }
}
