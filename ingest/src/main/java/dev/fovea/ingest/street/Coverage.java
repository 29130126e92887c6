package dev.fovea.ingest.street;

import java.util.Arrays;

/**
 * Which cells of the picture are taken by what stands in front. Objects are offered from near to
 * far; each learns how much of it is left to see, and if it stays it takes its cells.
 */
final class Coverage {
  /** Pixels a cell is wide and high. */
  static final int CELL = 2;

  final int columns;
  final int rows;
  private final byte[] taken;
  private final byte[] marked;
  private int firstRow;
  private int lastRow;
  private int firstColumn;
  private int lastColumn;

  /** Of the object marked last: its cells in the picture, those to be seen, and their box. */
  int cells;

  int visible;
  int fullLeft;
  int fullTop;
  int fullRight;
  int fullBottom;
  int seenLeft;
  int seenTop;
  int seenRight;
  int seenBottom;

  Coverage(int widthPx, int heightPx) {
    columns = widthPx / CELL;
    rows = heightPx / CELL;
    taken = new byte[columns * rows];
    marked = new byte[columns * rows];
  }

  void clear() {
    Arrays.fill(taken, (byte) 0);
  }

  /** Takes the cells of something that stands still. */
  void take(byte[] cellMask) {
    for (int i = 0; i < taken.length; i++) {
      taken[i] |= cellMask[i];
    }
  }

  void begin() {
    firstRow = rows;
    lastRow = -1;
    firstColumn = columns;
    lastColumn = -1;
  }

  /** Marks a polygon (even-odd at cell middles); its corners are in pixels. */
  void mark(float[] x, float[] y, int from, int to) {
    float low = Float.MAX_VALUE;
    float high = -Float.MAX_VALUE;
    for (int i = from; i < to; i++) {
      low = Math.min(low, y[i]);
      high = Math.max(high, y[i]);
    }
    int first = Math.max(0, (int) Math.ceil(low / CELL - 0.5f));
    int last = Math.min(rows - 1, (int) Math.floor(high / CELL - 0.5f));
    float[] crossings = new float[to - from + 1];
    for (int row = first; row <= last; row++) {
      float middle = (row + 0.5f) * CELL;
      int count = 0;
      for (int i = from, j = to - 1; i < to; j = i++) {
        if ((y[i] <= middle) != (y[j] <= middle)) {
          crossings[count++] = x[j] + (middle - y[j]) / (y[i] - y[j]) * (x[i] - x[j]);
        }
      }
      Arrays.sort(crossings, 0, count);
      for (int i = 0; i + 1 < count; i += 2) {
        markRow(row, crossings[i], crossings[i + 1]);
      }
    }
  }

  private void markRow(int row, float from, float to) {
    int first = Math.max(0, (int) Math.ceil(from / CELL - 0.5f));
    int last = Math.min(columns - 1, (int) Math.floor(to / CELL - 0.5f));
    if (first > last) {
      return;
    }
    Arrays.fill(marked, row * columns + first, row * columns + last + 1, (byte) 1);
    firstRow = Math.min(firstRow, row);
    lastRow = Math.max(lastRow, row);
    firstColumn = Math.min(firstColumn, first);
    lastColumn = Math.max(lastColumn, last);
  }

  /** Counts what was marked since {@link #begin()}. */
  void measure() {
    cells = 0;
    visible = 0;
    fullLeft = seenLeft = columns;
    fullTop = seenTop = rows;
    fullRight = seenRight = fullBottom = seenBottom = 0;
    for (int row = firstRow; row <= lastRow; row++) {
      for (int column = firstColumn; column <= lastColumn; column++) {
        int at = row * columns + column;
        if (marked[at] == 0) {
          continue;
        }
        cells++;
        fullLeft = Math.min(fullLeft, column);
        fullRight = Math.max(fullRight, column + 1);
        fullTop = Math.min(fullTop, row);
        fullBottom = Math.max(fullBottom, row + 1);
        if (taken[at] == 0) {
          visible++;
          seenLeft = Math.min(seenLeft, column);
          seenRight = Math.max(seenRight, column + 1);
          seenTop = Math.min(seenTop, row);
          seenBottom = Math.max(seenBottom, row + 1);
        }
      }
    }
  }

  /** Ends the object: its cells are taken if it stays, forgotten otherwise. */
  void end(boolean stays) {
    for (int row = firstRow; row <= lastRow; row++) {
      for (int column = firstColumn; column <= lastColumn; column++) {
        int at = row * columns + column;
        if (stays && marked[at] != 0) {
          taken[at] = 1;
        }
        marked[at] = 0;
      }
    }
  }
}
