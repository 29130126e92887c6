package dev.fovea.standalone.audit;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A set of numbers that come mostly one after the other: frame numbers, offsets. A bit a number
 * while a block of {@value #BLOCK} is being filled, and next to nothing once it is full; a number
 * far from all others costs one block, so that garbage cannot ask for much.
 */
final class NumberSet {
  static final int BLOCK = 4096;

  private static final int BLOCK_BITS = 12;

  private final Map<Long, Block> blocks = new HashMap<>();
  private long size;
  private long min = Long.MAX_VALUE;
  private long max = Long.MIN_VALUE;

  /** The block used last; the next number is nearly always in it. */
  private long lastKey;

  private Block last = new Block();

  NumberSet() {
    blocks.put(lastKey, last);
  }

  /** Adds a number; false where it is there already. */
  boolean add(long number) {
    if (!block(number >> BLOCK_BITS).add(place(number))) {
      return false;
    }
    size++;
    min = Math.min(min, number);
    max = Math.max(max, number);
    return true;
  }

  boolean contains(long number) {
    long key = number >> BLOCK_BITS;
    Block block = key == lastKey ? last : blocks.get(key);
    return block != null && block.contains(place(number));
  }

  long size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** The smallest number; only where there is one. */
  long min() {
    return min;
  }

  /** The largest number; only where there is one. */
  long max() {
    return max;
  }

  /** How many of its numbers are at least {@code from} and less than {@code to}. */
  long countBetween(long from, long to) {
    long count = 0;
    for (Map.Entry<Long, Block> entry : blocks.entrySet()) {
      long first = entry.getKey() << BLOCK_BITS;
      long low = Math.max(from, first) - first;
      long high = Math.min(to - first, BLOCK);
      if (low < high && low < BLOCK) {
        count += entry.getValue().countBetween((int) low, (int) high);
      }
    }
    return count;
  }

  /** Its smallest number that {@code other} has not; its largest where that has all. */
  long firstNotIn(NumberSet other) {
    for (long key : blocks.keySet().stream().sorted().toList()) {
      for (int place = 0; place < BLOCK; place++) {
        long number = (key << BLOCK_BITS) + place;
        if (contains(number) && !other.contains(number)) {
          return number;
        }
      }
    }
    return max;
  }

  private Block block(long key) {
    if (key != lastKey) {
      last = blocks.computeIfAbsent(key, k -> new Block());
      lastKey = key;
    }
    return last;
  }

  private static int place(long number) {
    return (int) (number & (BLOCK - 1));
  }

  private static final class Block {
    private static final long[] FULL = new long[BLOCK / Long.SIZE];

    static {
      Arrays.fill(FULL, -1L);
    }

    private long[] words = new long[BLOCK / Long.SIZE];
    private int count;

    boolean add(int place) {
      if (contains(place)) {
        return false;
      }
      words[place / Long.SIZE] |= 1L << place;
      count++;
      if (count == BLOCK) {
        words = FULL;
      }
      return true;
    }

    boolean contains(int place) {
      return (words[place / Long.SIZE] & 1L << place) != 0;
    }

    int countBetween(int low, int high) {
      int found = 0;
      for (int place = low; place < high; place++) {
        if (contains(place)) {
          found++;
        }
      }
      return found;
    }
  }
}
