package dev.fovea.schema;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the name that a person who mistyped one most likely meant. */
final class NearestName {
  private NearestName() {}

  /**
   * The known path nearest to {@code typed}: a slip or two in the last element ({@code
   * sink.web.prot}), or the right element in the wrong block ({@code partitions} for {@code
   * kafka.partitions}).
   */
  static Optional<String> of(String typed, Collection<String> known) {
    String name = last(typed);
    int slips = name.length() <= 3 ? 1 : name.length() <= 7 ? 2 : 3;
    return known.stream()
        .filter(k -> editDistance(last(k), name) <= slips)
        .min(
            Comparator.comparingInt((String k) -> editDistance(last(k), name))
                .thenComparingInt(k -> editDistance(k, typed))
                .thenComparing(Comparator.naturalOrder()));
  }

  /** Insertions, deletions, replacements and swaps of neighbours, letter case aside. */
  static int editDistance(String a, String b) {
    String from = a.toLowerCase(Locale.ROOT);
    String to = b.toLowerCase(Locale.ROOT);
    // distance[i][j]: from the first i characters of one to the first j of the other.
    int[][] distance = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          distance[i][j] = i + j;
          continue;
        }
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int least = distance[i - 1][j - 1] + (same ? 0 : 1);
        least = Math.min(least, 1 + Math.min(distance[i - 1][j], distance[i][j - 1]));
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          least = Math.min(least, 1 + distance[i - 2][j - 2]);
        }
        distance[i][j] = least;
      }
    }
    return distance[from.length()][to.length()];
  }

  private static String last(String path) {
    return path.substring(path.lastIndexOf('.') + 1);
  }
}
