// Objects in view over time, from the windows of the counts topic. Pure.

/** At most this many lines are read apart; what is beyond is in the table. */
export const MOST_LINES = 6;
const WINDOW_MICROS = 10e6;
const KEEP_MICROS = 3600e6;

/** The span of time a chart shows and the width of its points: the smallest that holds what there is. */
const SPANS = [
  {name: '5 min', spanMicros: 300e6, stepMicros: 10e6, every: '10 s'},
  {name: '15 min', spanMicros: 900e6, stepMicros: 30e6, every: '30 s'},
  {name: 'hour', spanMicros: 3600e6, stepMicros: 60e6, every: 'minute'},
];

export function spanFor(firstMicros, nowMicros) {
  const have = firstMicros === null ? 0 : nowMicros - firstMicros;
  return SPANS.find((span) => have <= span.spanMicros) ?? SPANS[SPANS.length - 1];
}

/** A chart of less than this many points looks like a fault. */
const FEWEST_POINTS = 7;

/**
 * The starts of a chart's points, oldest first; the last one holds endMicros. Before firstMicros there is nothing to show, and it is not a gap either: the
 * chart begins there and grows to its span.
 */
export function starts({spanMicros, stepMicros}, firstMicros, endMicros) {
  const last = Math.floor(endMicros / stepMicros) * stepMicros;
  const first = Math.floor(firstMicros / stepMicros) * stepMicros;
  const n = Math.min(Math.round(spanMicros / stepMicros), Math.max(FEWEST_POINTS, (last - first) / stepMicros + 1));
  return Array.from({length: n}, (_, i) => last - (n - 1 - i) * stepMicros);
}

/** The windows of the last hour. A later update of a window replaces the earlier one. */
export class Counts {
  /** Window start → camera → {frames, labels: Map label → objects}. */
  #windows = new Map();
  #labels = new Set();

  add(windows) {
    let newest = 0;
    for (const w of windows) {
      newest = Math.max(newest, w.startMicros);
      const cameras = getOr(this.#windows, w.startMicros, () => new Map());
      const camera = getOr(cameras, w.camera, () => ({frames: 0, labels: new Map()}));
      camera.frames = Math.max(camera.frames, w.frames);
      camera.labels.set(w.label, w.objects);
      this.#labels.add(w.label);
    }
    for (const start of this.#windows.keys()) if (start < newest - KEEP_MICROS) this.#windows.delete(start);
  }

  get empty() {
    return this.#windows.size === 0;
  }

  get firstMicros() {
    return this.empty ? null : Math.min(...this.#windows.keys());
  }

  get lastMicros() {
    return this.empty ? null : Math.max(...this.#windows.keys());
  }

  get labels() {
    return [...this.#labels].sort();
  }

  /**
   * For each label, the mean number in view at once over all cameras, a point a step: Σ over cameras of (objects / frames). null where no camera had a
   * window: nothing was seen by anybody is a 0, nobody was looking is a gap.
   */
  series(pointStarts, stepMicros) {
    const result = new Map(this.labels.map((label) => [label, []]));
    for (const start of pointStarts) {
      const cameras = this.#merge(start, stepMicros);
      for (const [label, values] of result) {
        if (cameras.size === 0) {
          values.push(null);
          continue;
        }
        let sum = 0;
        for (const {frames, labels} of cameras.values()) if (frames > 0) sum += (labels.get(label) ?? 0) / frames;
        values.push(sum);
      }
    }
    return result;
  }

  #merge(start, stepMicros) {
    const merged = new Map();
    for (let t = start; t < start + stepMicros; t += WINDOW_MICROS) {
      for (const [id, window] of this.#windows.get(t) ?? []) {
        const camera = getOr(merged, id, () => ({frames: 0, labels: new Map()}));
        camera.frames += window.frames;
        for (const [label, objects] of window.labels) camera.labels.set(label, (camera.labels.get(label) ?? 0) + objects);
      }
    }
    return merged;
  }
}

function getOr(map, key, make) {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Moves labels at line ends apart by at least gap, in their order, within [low, high]; returns their middles in the order given. */
export function spread(middles, gap, low, high) {
  const order = middles.map((y, i) => ({y, i})).sort((a, b) => a.y - b.y);
  order.forEach((item, k) => {
    item.y = Math.max(item.y, k === 0 ? low : order[k - 1].y + gap);
  });
  for (let k = order.length - 1; k >= 0; k--) {
    order[k].y = Math.min(order[k].y, k === order.length - 1 ? high : order[k + 1].y - gap);
  }
  const result = new Array(middles.length);
  for (const {y, i} of order) result[i] = y;
  return result;
}
