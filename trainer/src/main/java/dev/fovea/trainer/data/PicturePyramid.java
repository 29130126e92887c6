package dev.fovea.trainer.data;

import java.util.List;

/**
 * A picture at several sizes, so that showing it larger loses no pixel it has, and showing it
 * smaller is not aliased. Coordinates are those of the picture where the network's input has it
 * when nothing is changed. Immutable.
 *
 * @param levels the largest first, each at most twice the next
 */
record PicturePyramid(List<Level> levels) {
  PicturePyramid {
    levels = List.copyOf(levels);
  }

  /** The picture at one size. Immutable; whoever is handed the planes must not change them. */
  static final class Level {
    private final double zoomX;
    private final double zoomY;
    private final int widthPx;
    private final int heightPx;
    private final byte[] planes;

    /**
     * @param zoomX pixels for a pixel of the network's input, across
     * @param zoomY the same, down
     * @param planes (3, height, width) red, green, blue
     */
    Level(double zoomX, double zoomY, int widthPx, int heightPx, byte[] planes) {
      this.zoomX = zoomX;
      this.zoomY = zoomY;
      this.widthPx = widthPx;
      this.heightPx = heightPx;
      this.planes = planes;
    }

    double zoomX() {
      return zoomX;
    }

    double zoomY() {
      return zoomY;
    }

    int widthPx() {
      return widthPx;
    }

    int heightPx() {
      return heightPx;
    }

    /** (3, height, width). */
    byte[] planes() {
      return planes;
    }

    /** Half the size, each pixel the mean of four; a last odd row or column stands for two. */
    Level half() {
      int width = (widthPx + 1) / 2;
      int height = (heightPx + 1) / 2;
      byte[] halved = new byte[3 * width * height];
      for (int c = 0; c < 3; c++) {
        for (int row = 0; row < height; row++) {
          int upper = (c * heightPx + 2 * row) * widthPx;
          int lower = 2 * row + 1 < heightPx ? upper + widthPx : upper;
          for (int column = 0; column < width; column++) {
            int left = 2 * column;
            int right = Math.min(left + 1, widthPx - 1);
            int sum =
                (planes[upper + left] & 0xff)
                    + (planes[upper + right] & 0xff)
                    + (planes[lower + left] & 0xff)
                    + (planes[lower + right] & 0xff);
            halved[(c * height + row) * width + column] = (byte) ((sum + 2) / 4);
          }
        }
      }
      return new Level(zoomX / 2, zoomY / 2, width, height, halved);
    }
  }

  /**
   * The level to interpolate from: the smallest with a pixel at least for every pixel shown, which
   * is then less than two; the largest where the picture has no more.
   *
   * @param scale pixels shown for a pixel of the network's input
   */
  Level forScale(double scale) {
    Level best = levels.get(0);
    for (Level level : levels) {
      if (Math.min(level.zoomX, level.zoomY) >= scale - 1e-9) {
        best = level;
      }
    }
    return best;
  }

  /** Memory that the pixels take. */
  long bytes() {
    return levels.stream().mapToLong(level -> level.planes.length).sum();
  }
}
