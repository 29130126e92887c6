package dev.fovea.detector.model;

import java.util.Arrays;

/**
 * The best k of a level's logits above a cut, ties broken by the lower index. Memory is bounded by
 * 2k however many pass the cut: when it is full, the best k stay and the cut rises to the k-th.
 */
final class CandidateSelection {
  private final int k;
  private final float initialCut;

  /** Ordered best first: descending logit above, index below. */
  private final long[] keys;

  private int size;
  private float cut;

  CandidateSelection(int k, float cut) {
    this.k = k;
    this.initialCut = cut;
    this.keys = new long[Math.multiplyExact(2, k)];
    this.cut = cut;
  }

  void clear() {
    size = 0;
    cut = initialCut;
  }

  /** What a logit must reach to be worth offering; rises as better ones come in. */
  float cut() {
    return cut;
  }

  void offer(float logit, int index) {
    if (size == keys.length) {
      keepBest();
    }
    keys[size++] = (long) descending(logit) << 32 | index;
  }

  /** Ends the selection; candidates are then numbered from 0, best first. */
  int finish() {
    if (size > 0) {
      keepBest();
    }
    return size;
  }

  int index(int candidate) {
    return (int) keys[candidate];
  }

  float logit(int candidate) {
    int ascending = ~(int) (keys[candidate] >> 32);
    return Float.intBitsToFloat(ascending >= 0 ? ascending : ascending ^ Integer.MAX_VALUE);
  }

  private void keepBest() {
    Arrays.sort(keys, 0, size);
    if (size >= k) {
      size = k;
      cut = logit(k - 1);
    }
  }

  private static int descending(float logit) {
    int bits = Float.floatToIntBits(logit + 0f);
    int ascending = bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
    return ~ascending;
  }
}
