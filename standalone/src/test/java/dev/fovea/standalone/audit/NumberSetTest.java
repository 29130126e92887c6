package dev.fovea.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class NumberSetTest {
  @Test
  void isASet() {
    long seed = System.nanoTime();
    System.out.println("NumberSetTest.isASet seed " + seed);
    Random random = new Random(seed);
    NumberSet set = new NumberSet();
    TreeSet<Long> expected = new TreeSet<>();
    for (int i = 0; i < 30_000; i++) {
      // Mostly consecutive, as frame numbers are, with repeats, gaps and one far away.
      long number = random.nextInt(100) == 0 ? random.nextInt(1 << 24) : 1 + i - random.nextInt(9);
      assertThat(set.add(number)).isEqualTo(expected.add(number));
    }

    assertThat(set.size()).isEqualTo(expected.size());
    assertThat(set.min()).isEqualTo(expected.first());
    assertThat(set.max()).isEqualTo(expected.last());
    for (int i = 0; i < 30_000; i++) {
      long number = random.nextInt(1 << 24);
      assertThat(set.contains(number)).isEqualTo(expected.contains(number));
      assertThat(set.contains(i)).isEqualTo(expected.contains((long) i));
    }
    for (int i = 0; i < 200; i++) {
      long from = random.nextInt(40_000);
      long to = from + random.nextInt(20_000);
      assertThat(set.countBetween(from, to)).isEqualTo(expected.subSet(from, to).size());
    }
  }

  @Test
  void findsTheFirstThatAnotherHasNot() {
    NumberSet some = new NumberSet();
    NumberSet all = new NumberSet();
    for (long number = 1; number <= 3L * NumberSet.BLOCK; number++) {
      all.add(number);
      if (number != 9_000) {
        some.add(number);
      }
    }

    assertThat(all.firstNotIn(some)).isEqualTo(9_000);
  }

  @Test
  void fullBlocksShareTheirMemory() {
    NumberSet set = new NumberSet();
    long before = allocated();
    for (long number = 0; number < 4_000_000; number++) {
      set.add(number);
    }

    // A bit a number while they are added; nothing that grows with each of them.
    assertThat(allocated() - before).isLessThan(4_000_000 / 8 + 400_000);
    assertThat(set.size()).isEqualTo(4_000_000);
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }
}
