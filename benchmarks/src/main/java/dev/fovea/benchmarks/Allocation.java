package dev.fovea.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/** Counts what threads allocate on the heap. */
final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  /** Bytes that the calling thread has allocated since its start. */
  static long ofThisThread() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  /** Follows the threads whose names start alike: one that has ended keeps what it was seen at. */
  static final class Watch {
    private final String prefix;
    private final Map<Long, Long> bytes = new HashMap<>();

    Watch(String prefix) {
      this.prefix = prefix;
    }

    /** Looks again. */
    void look() {
      for (Thread thread : Thread.getAllStackTraces().keySet()) {
        if (thread.getName().startsWith(prefix)) {
          bytes.merge(thread.getId(), THREADS.getThreadAllocatedBytes(thread.getId()), Math::max);
        }
      }
    }

    /** Looks again; bytes that the threads have allocated since their starts. */
    long total() {
      look();
      return bytes.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
