// A line chart as the design wants it, on uPlot: names at the line ends, zero at the bottom, gaps hatched and never bridged, and the same as a table.
import {LitElement, html, css, nothing} from 'lit';
import uPlot from 'uplot';
import {shared} from './shared.js';
import {clock, hourMinute, NONE} from './format.js';
import {spread} from './counts.js';

const HEIGHT = 138;
const LABEL_GAP = 15;
const SWATCH = 9;

export class Chart extends LitElement {
  static properties = {
    heading: {type: String},
    /** What is measured, in which unit, over how long. */
    subheading: {attribute: false},
    /**
     * {startsMicros: [], stepMicros, lines: [{name, token, values: [number | null]}]}; token is the CSS variable of its colour. null: nothing has been read
     * yet.
     */
    data: {attribute: false},
    /** What to say instead of a chart without a single point. */
    waiting: {type: String},
    /** A value not to be exceeded, or null. */
    limit: {attribute: false},
    /** Writes a value. */
    format: {attribute: false},
    /** Any value that changes with the theme: colours are read anew. */
    theme: {attribute: false},
    table: {state: true},
  };

  static styles = [
    shared,
    css`
      :host {
        display: block;
        min-width: 0;
        background: var(--s1);
        border: 1px solid var(--line);
        border-radius: 10px;
        padding: 8px 12px 4px;
      }
      header {
        display: flex;
        align-items: baseline;
        gap: 8px;
        min-height: 22px;
      }
      h2 {
        font: 600 13px/22px var(--font);
        white-space: nowrap;
      }
      header span {
        font: 400 12px/16px var(--font);
        color: var(--tx3);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .switch {
        margin-inline-start: auto;
        font-size: 12px;
        color: var(--tx3);
        padding: 0 6px;
        border-radius: 3px;
      }
      .switch:hover {
        color: var(--tx);
        background: var(--s3);
      }
      .body {
        position: relative;
        height: 138px;
      }
      .plot {
        position: absolute;
        inset: 0;
        overflow: hidden;
      }
      .waiting {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        color: var(--tx2);
        background: var(--s1);
      }
      .rows {
        position: absolute;
        inset: 0;
        overflow: auto;
        background: var(--s1);
      }
      .rows[hidden] {
        display: none;
      }
      table {
        border-collapse: collapse;
        min-width: 100%;
        font-size: 12px;
      }
      th,
      td {
        padding: 1px 12px 1px 0;
        text-align: end;
        font-weight: 400;
        color: var(--tx2);
        white-space: nowrap;
      }
      thead th {
        position: sticky;
        top: 0;
        background: var(--s1);
        color: var(--tx);
        font-weight: 500;
      }
      th:first-child {
        text-align: start;
      }
      .u-over {
        cursor: crosshair;
      }
      .u-cursor-x {
        border-color: var(--edge) !important;
      }
      @media (max-width: 640px) {
        :host {
          border-radius: 0;
          border-width: 0 0 1px;
        }
        .switch {
          min-height: 44px;
          min-width: 44px;
          text-align: center;
        }
      }
    `,
  ];

  #plot = null;
  #drawn = '';
  #resizes = null;
  #colours = {};

  constructor() {
    super();
    this.limit = null;
    this.data = null;
    this.table = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#resizes = new ResizeObserver(([entry]) => this.#resized(entry.contentRect.width));
    if (this.hasUpdated) this.#resizes.observe(this.renderRoot.querySelector('.body'));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#resizes.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  firstUpdated() {
    this.#resizes.observe(this.renderRoot.querySelector('.body'));
  }

  /** One point makes no line: until there are two, words. */
  get #blank() {
    return !this.data || !this.data.lines.some((line) => line.values.filter((value) => value !== null).length > 1);
  }

  render() {
    return html`<link rel="stylesheet" href="/webjars/uplot/1.6.30/dist/uPlot.min.css" />
      <header>
        <h2>${this.heading}</h2>
        <span>${this.#blank ? '' : this.subheading}</span>
        ${this.#blank
          ? nothing
          : html`<button class="switch" aria-pressed=${this.table ? 'true' : 'false'} @click=${() => (this.table = !this.table)}>
              ${this.table ? 'Chart' : 'Table'}
            </button>`}
      </header>
      <div class="body">
        <div class="plot" role="img" aria-label="${this.heading}, ${this.subheading}. ${this.#lastInWords()}"></div>
        ${this.#blank ? html`<div class="waiting">${this.waiting}</div>` : nothing}
        <div class="rows" tabindex=${this.table ? 0 : -1} ?hidden=${!this.table}>${this.table && !this.#blank ? this.#rows() : nothing}</div>
      </div>`;
  }

  #lastInWords() {
    if (this.#blank) return this.waiting;
    return this.data.lines.map((line) => `${line.name} ${this.#written(lastOf(line.values))}`).join(', ');
  }

  #rows() {
    const {startsMicros, lines} = this.data;
    const newestFirst = startsMicros.map((_, i) => i).reverse();
    return html`<table>
      <thead><tr><th scope="col">from</th>${lines.map((line) => html`<th scope="col">${line.name}</th>`)}</tr></thead>
      <tbody>
        ${newestFirst.map((i) => html`<tr><th scope="row">${clock(startsMicros[i])}</th>${lines.map((line) => html`<td>${this.#written(line.values[i])}</td>`)}</tr>`)}
      </tbody>
    </table>`;
  }

  #written(value) {
    return value === null || value === undefined ? NONE : this.format(value);
  }

  updated(changed) {
    if (!changed.has('data') && !changed.has('theme')) return;
    if (this.#blank) return;
    // uPlot takes its series and colours once: another set of lines or another theme is another plot.
    const wanted = JSON.stringify([this.theme, this.data.lines.map(({name, token}) => [name, token])]);
    if (wanted === this.#drawn && this.#plot) {
      this.#plot.setData(this.#columns());
      return;
    }
    this.#drawn = wanted;
    this.#build();
  }

  #columns() {
    return [this.data.startsMicros.map((t) => t / 1e6), ...this.data.lines.map((line) => line.values)];
  }

  #resized(width) {
    if (width > 0) this.#plot?.setSize({width, height: HEIGHT});
  }

  #build() {
    this.#plot?.destroy();
    this.#readColours();
    const target = this.renderRoot.querySelector('.plot');
    this.#plot = new uPlot(this.#options(target.clientWidth || 400), this.#columns(), target);
  }

  #readColours() {
    const style = getComputedStyle(this);
    const read = (token) => style.getPropertyValue(token).trim();
    this.#colours = {
      tick: read('--tx3'),
      text: read('--tx'),
      grid: read('--line'),
      hatch: read('--edge'),
      limit: read('--warn'),
      font: style.fontFamily,
      lines: this.data.lines.map((line) => read(line.token)),
    };
  }

  #options(width) {
    const {tick, grid, lines, font} = this.#colours;
    const axis = {stroke: tick, font: `12px ${font}`, ticks: {show: false}};
    return {
      width,
      height: HEIGHT,
      padding: [8, (u) => this.#labelWidth(u), 0, 0],
      legend: {show: false},
      cursor: {y: false, points: {show: false}, drag: {x: false, y: false}, sync: {key: 'fovea'}},
      scales: {
        x: {time: true},
        y: {range: (u, low, high) => this.#range(high)},
      },
      axes: [
        {...axis, grid: {show: false}, size: 24, gap: 6, space: 70, values: (u, splits) => splits.map((s) => this.#time(s))},
        {...axis, grid: {stroke: grid, width: 1}, size: (u, values) => axisWidth(values), gap: 8, space: 30, values: (u, splits) => splits.map((v) => this.format(v))},
      ],
      series: [
        {},
        ...this.data.lines.map((line, i) => ({
          label: line.name,
          stroke: lines[i],
          width: 1.5,
          points: {show: false},
          spanGaps: false,
        })),
      ],
      hooks: {
        drawClear: [(u) => this.#hatchGaps(u)],
        draw: [(u) => this.#drawLimit(u), (u) => this.#drawLabels(u)],
        setCursor: [(u) => u.redraw(false, false)],
      },
    };
  }

  /** From zero, with air above, and a limit in sight only when it is near. */
  #range(high) {
    const top = Math.max(high ?? 0, this.limit !== null && high > this.limit / 2 ? this.limit * 1.1 : 0);
    return [0, top > 0 ? top * 1.1 : 1];
  }

  #time(seconds) {
    return this.data.stepMicros < 60e6 && this.data.startsMicros.length * this.data.stepMicros <= 300e6 ? clock(seconds * 1e6) : hourMinute(seconds * 1e6);
  }

  /** Spans in which no line has a value. */
  #gaps() {
    const {startsMicros, stepMicros, lines} = this.data;
    const gaps = [];
    // What lies before the first point is not a gap: nobody had begun to look.
    const begun = startsMicros.findIndex((_, i) => lines.some((line) => line.values[i] !== null));
    startsMicros.forEach((start, i) => {
      if (i < begun || lines.some((line) => line.values[i] !== null)) return;
      const last = gaps[gaps.length - 1];
      // Points stand at the starts of their steps, so a gap reaches from the last point before it to the next after it.
      if (last && last.until >= start - stepMicros) last.until = start + stepMicros;
      else gaps.push({from: start - stepMicros, until: start + stepMicros});
    });
    return gaps;
  }

  #hatchGaps(u) {
    const context = u.ctx;
    const {left, top, width, height} = u.bbox;
    const ratio = devicePixelRatio;
    context.save();
    context.lineWidth = ratio;
    context.strokeStyle = this.#colours.hatch;
    context.globalAlpha = 0.22;
    for (const gap of this.#gaps()) {
      const from = Math.max(left, u.valToPos(gap.from / 1e6, 'x', true));
      const until = Math.min(left + width, u.valToPos(gap.until / 1e6, 'x', true));
      if (until <= from) continue;
      context.save();
      context.beginPath();
      context.rect(from, top, until - from, height);
      context.clip();
      context.beginPath();
      for (let x = left - height; x < until; x += 7 * ratio) {
        context.moveTo(x, top + height);
        context.lineTo(x + height, top);
      }
      context.stroke();
      context.restore();
    }
    context.restore();
  }

  #drawLimit(u) {
    if (this.limit === null) return;
    const y = Math.round(u.valToPos(this.limit, 'y', true));
    const {left, top, width} = u.bbox;
    if (y < top) return;
    const context = u.ctx;
    const ratio = devicePixelRatio;
    context.save();
    context.setLineDash([4 * ratio, 3 * ratio]);
    context.lineWidth = 1.5 * ratio;
    context.strokeStyle = this.#colours.limit;
    context.beginPath();
    context.moveTo(left, y);
    context.lineTo(left + width, y);
    context.stroke();
    context.restore();
  }

  /** The value a label shows: under the cursor, else the last. */
  #valueAt(u, i) {
    const values = this.data.lines[i].values;
    const at = u.cursor?.idx;
    return at !== null && at !== undefined ? values[at] : lastOf(values);
  }

  #labelWidth(u) {
    const context = u.ctx;
    if (!context) return 100;
    context.save();
    context.font = `12px ${this.#colours.font}`;
    // The widest that a line's values make, so that the plot keeps its width from second to second.
    const widest = Math.max(
      ...this.data.lines.map((line) => context.measureText(`${line.name} ${this.format(Math.max(99, ...line.values.filter((v) => v !== null)))}`).width),
    );
    context.restore();
    return Math.ceil(Math.max(90, widest + SWATCH + 22) / 10) * 10;
  }

  #drawLabels(u) {
    const {lines} = this.data;
    const ratio = devicePixelRatio;
    const context = u.ctx;
    const {left, top, width, height} = u.bbox;
    const shown = lines.map((line, i) => ({line, i, end: lastOf(line.values)})).filter(({end}) => end !== null);
    if (shown.length === 0) return;
    const middles = shown.map(({end}) => u.valToPos(end, 'y', true));
    const ys = spread(middles, LABEL_GAP * ratio, top + 4 * ratio, top + height - 2 * ratio);
    const x = left + width + 10 * ratio;
    context.save();
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    shown.forEach(({line, i}, k) => {
      const y = Math.round(ys[k]);
      context.fillStyle = this.#colours.lines[i];
      context.fillRect(x, y - (SWATCH / 2) * ratio, SWATCH * ratio, SWATCH * ratio);
      context.font = `${12 * ratio}px ${this.#colours.font}`;
      context.fillStyle = this.#colours.text;
      const name = `${line.name} `;
      context.fillText(name, x + (SWATCH + 5) * ratio, y);
      const after = context.measureText(name).width;
      context.fillStyle = this.#colours.tick;
      context.fillText(this.#written(this.#valueAt(u, i)), x + (SWATCH + 5) * ratio + after, y);
    });
    context.restore();
  }
}

/** Room for the longest tick, about 7 px a digit, in steps that keep the plot from jumping. */
function axisWidth(values) {
  const longest = Math.max(2, ...(values ?? []).map((text) => text?.length ?? 0));
  return 16 + longest * 7;
}

function lastOf(values) {
  for (let i = values.length - 1; i >= 0; i--) if (values[i] !== null) return values[i];
  return null;
}

customElements.define('fovea-chart', Chart);
