// Capture to screen, measured in this page: when a picture is painted, minus when it was taken.

/** Fewer frames than this make no p99: one outlier would be the figure. */
export const ENOUGH = 100;
const WINDOW_MICROS = 60e6;
const BIN_MICROS = 10e6;
const KEEP_MICROS = 3600e6;

/** The nearest-rank percentile of sorted values: always a value that was measured, never one between two. */
export function percentile(sorted, p) {
  if (sorted.length === 0) return null;
  const rank = Math.ceil((p / 100) * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1];
}

const ascending = (a, b) => a - b;

/** Every sample of the last hour, in bins of ten seconds, so that percentiles can be taken over any span and never averaged. */
export class LatencyHistory {
  /** Bin start in microseconds → milliseconds, unsorted. Insertion order is time order. */
  #bins = new Map();
  #recent = [];

  add(nowMicros, latencyMs) {
    const start = Math.floor(nowMicros / BIN_MICROS) * BIN_MICROS;
    let bin = this.#bins.get(start);
    if (!bin) {
      bin = [];
      this.#bins.set(start, bin);
      for (const old of this.#bins.keys()) {
        if (old >= start - KEEP_MICROS) break;
        this.#bins.delete(old);
      }
    }
    bin.push(latencyMs);
    this.#recent.push({at: nowMicros, latencyMs});
  }

  /** {p50, p99, frames} in milliseconds over the last minute; the figures are null until there are {@link ENOUGH} frames. */
  lastMinute(nowMicros) {
    const from = nowMicros - WINDOW_MICROS;
    let stale = 0;
    while (stale < this.#recent.length && this.#recent[stale].at < from) stale++;
    if (stale) this.#recent.splice(0, stale);
    const frames = this.#recent.length;
    if (frames < ENOUGH) return {p50: null, p99: null, frames};
    const sorted = this.#recent.map((s) => s.latencyMs).sort(ascending);
    return {p50: percentile(sorted, 50), p99: percentile(sorted, 99), frames};
  }

  /** When the first kept sample was taken, to within a bin; null before it. */
  get firstMicros() {
    return this.#bins.keys().next().value ?? null;
  }

  /** When the newest kept sample was taken, to within a bin; null before it. */
  get lastMicros() {
    let last = null;
    for (const start of this.#bins.keys()) last = start;
    return last;
  }

  /** p50 and p99 for each of the spans, null where no frame was painted: a gap, not a zero. */
  series(starts, spanMicros) {
    const p50 = [];
    const p99 = [];
    for (const start of starts) {
      const values = [];
      for (let t = start; t < start + spanMicros; t += BIN_MICROS) {
        const bin = this.#bins.get(t);
        if (bin) values.push(...bin);
      }
      values.sort(ascending);
      p50.push(percentile(values, 50));
      p99.push(percentile(values, 99));
    }
    return {p50, p99};
  }
}
