package dev.fovea.ingest.street;

/** Value noise: smooth random numbers over the plane, the same for the same seed. */
final class Texture {
  private final int seed;

  Texture(long seed) {
    this.seed = (int) (seed ^ seed >>> 32);
  }

  /** About −1 to 1, changing over a distance of about 1. */
  double at(double u, double v) {
    int column = (int) Math.floor(u);
    int row = (int) Math.floor(v);
    double x = u - column;
    double y = v - row;
    x = x * x * (3 - 2 * x);
    y = y * y * (3 - 2 * y);
    double upper = lattice(column, row) + (lattice(column + 1, row) - lattice(column, row)) * x;
    double lower =
        lattice(column, row + 1) + (lattice(column + 1, row + 1) - lattice(column, row + 1)) * x;
    return upper + (lower - upper) * y;
  }

  /** −1 to 1, without relation between neighbours. */
  double lattice(int column, int row) {
    int h = seed + column * 0x27D4EB2D + row * 0x165667B1;
    h = (h ^ h >>> 15) * 0x85EBCA6B;
    h = (h ^ h >>> 13) * 0xC2B2AE35;
    return (h ^ h >>> 16) * 0x1p-31;
  }
}
