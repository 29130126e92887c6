// The summary strip: five figures with their units (six where a camera knows what is in its pictures), and what the site as a whole is doing. On a phone it shrinks to cameras and ledger, and links to problems.
import {LitElement, html, css, nothing} from 'lit';
import {shared} from './shared.js';
import {glyph} from './glyphs.js';
import {sparkline} from './sparkline.js';
import {clock, count, duration, millis, rate, score, NONE} from './format.js';
import {ENOUGH} from './latency.js';
import {liveCount} from './camera-state.js';
import './ledger.js';

/** The aim for capture to screen at p99, milliseconds. */
export const AIM_MS = 1000;

/** States that a phone's strip names cameras for, the worst first. */
const PROBLEMS = ['no-picture', 'behind'];
/** So many are named there, or one more in place of "and 1 more"; the wall below has all of them. */
const PHONE_PROBLEMS = 3;

export class Strip extends LitElement {
  static properties = {
    /** The last summary message, or null. */
    summary: {attribute: false},
    /** {p50, p99, frames} of the last minute, measured here. */
    latency: {attribute: false},
    /** {detections: [], latency: [], lag: [], accuracy: []} for the sparklines. */
    history: {attribute: false},
    cameras: {attribute: false},
    /** Camera id → state. */
    states: {attribute: false},
    lostAtMicros: {attribute: false},
    nowMicros: {attribute: false},
  };

  static styles = [
    shared,
    css`
      :host {
        display: block;
        background: var(--s1);
        border-bottom: 1px solid var(--line);
      }
      .cells {
        display: grid;
        grid-template-columns: repeat(5, minmax(0, 1fr));
      }
      .cells.six {
        grid-template-columns: repeat(5, minmax(0, 1fr)) minmax(0, 1.3fr);
      }
      .cell {
        position: relative;
        height: 57px;
        padding: 8px 16px 0;
        min-width: 0;
        border-inline-end: 1px solid var(--line);
        overflow: hidden;
      }
      .cell:last-child {
        border: 0;
        padding: 0;
        overflow: visible;
      }
      .label {
        font: 400 12px/16px var(--font);
        color: var(--tx3);
        white-space: nowrap;
      }
      .value {
        display: flex;
        align-items: baseline;
        gap: 6px;
        white-space: nowrap;
        color: var(--tx2);
        font-size: 12px;
      }
      .value strong {
        font: 600 18px/24px var(--font);
        color: var(--tx);
      }
      .value .rest {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .tone-warn .value strong,
      .tone-warn .glyph {
        color: var(--warn);
      }
      .known .value strong {
        color: var(--tx3);
      }
      .spark {
        position: absolute;
        top: 7px;
        right: 14px;
        color: var(--tx3);
      }
      .tone-warn .spark {
        color: var(--warn);
      }
      .phone {
        display: none;
      }
      @media (max-width: 1100px) {
        .spark {
          display: none;
        }
      }
      @media (max-width: 900px) {
        .cells,
        .cells.six {
          grid-template-columns: repeat(6, minmax(0, 1fr));
        }
        .cell {
          grid-column: span 2;
        }
        .cell:nth-child(n + 4) {
          border-top: 1px solid var(--line);
        }
        .five .cell:nth-child(n + 4) {
          grid-column: span 3;
        }
      }
      @media (max-width: 640px) {
        .cells {
          display: none;
        }
        .phone {
          display: block;
        }
        .row {
          display: flex;
          align-items: center;
          justify-content: space-between;
          min-height: 44px;
          padding: 0 12px;
          gap: 12px;
        }
        .row + .row {
          border-top: 1px solid var(--line);
          flex-wrap: wrap;
        }
        .problems {
          justify-content: flex-start;
          gap: 0 18px;
        }
        .row strong {
          font-weight: 600;
        }
        .problem {
          display: inline-flex;
          align-items: center;
          gap: 6px;
          min-height: 44px;
          font-weight: 500;
          text-decoration: none;
        }
        .more {
          color: var(--tx2);
        }
      }
    `,
  ];

  render() {
    const measured = this.summary?.accuracy;
    return html`<div class="cells ${measured ? 'six' : 'five'}">
        ${this.#detections()} ${this.#latency()} ${this.#lag()} ${this.#model()} ${measured ? this.#accuracy(measured) : nothing} ${this.#ledger()}
      </div>
      <div class="phone">${this.#phone()}</div>`;
  }

  #cell(label, value, rest, {tone = '', spark = [], title = ''} = {}) {
    const lost = this.lostAtMicros !== null;
    const dated = lost && value !== null ? ` at ${clock(this.lostAtMicros)}` : '';
    const known = lost ? 'known' : tone ? `tone-${tone}` : '';
    return html`<div class="cell ${known}" title=${title}>
      <div class="label">${label}<span>${dated}</span></div>
      <div class="value">
        ${!lost && tone === 'warn' ? glyph('triangle') : nothing}<strong>${value ?? NONE}</strong><span class="rest">${rest}</span>
      </div>
      ${lost ? nothing : sparkline(spark)}
    </div>`;
  }

  #detections() {
    const {summary} = this;
    const known = summary && summary.framesPerSecond !== null && summary.framesPerSecond !== undefined;
    if (!known) return this.#cell('Detections', null, summary ? 'no frame answered yet' : 'reading');
    return this.#cell('Detections', rate(summary.framesPerSecond), `frames/s · ${count(summary.boxesPerSecond ?? 0)} boxes/s`, {
      spark: this.history.detections,
    });
  }

  #latency() {
    const {p50, p99, frames} = this.latency;
    const label = 'Capture to screen, p99';
    if (p99 === null) return this.#cell(label, null, `needs ${ENOUGH} frames, has ${count(frames)}`);
    return this.#cell(label, millis(p99), `aim ${count(AIM_MS)} · p50 ${count(p50)}`, {
      tone: p99 > AIM_MS ? 'warn' : '',
      spark: this.history.latency,
      title: `Measured on this page over the last minute, ${count(frames)} frames`,
    });
  }

  #lag() {
    const lag = this.summary?.lag;
    if (!lag || lag.frames === null || lag.frames === undefined) return this.#cell('Consumer lag', null, this.summary ? 'no detector seen yet' : 'reading');
    const parts = ['frames'];
    if (lag.seconds !== null && lag.seconds !== undefined) parts.push(`${lag.seconds < 10 ? lag.seconds.toFixed(1) : count(lag.seconds)} s`);
    if (lag.workers) parts.push(`${count(lag.workers)} ${lag.workers === 1 ? 'worker' : 'workers'}`);
    return this.#cell('Consumer lag', count(lag.frames), parts.join(' · '), {spark: this.history.lag});
  }

  #model() {
    const model = this.summary?.model;
    if (!model?.version) return this.#cell('Model', null, this.summary ? 'no detector has answered yet' : 'reading');
    const parts = [model.name];
    if (model.sinceMicros) parts.unshift(`live ${duration((this.nowMicros - model.sinceMicros) / 1e6)}`);
    if (model.engine) parts.push(model.engine);
    return this.#cell('Model', version(model.version), parts.filter(Boolean).join(' · '), {title: parts.join(' · ')});
  }

  #accuracy({ap50, frames, cameras}) {
    const over = `${count(frames)} frames of ${cameras === 1 ? 'one camera' : `${count(cameras)} cameras`}`;
    return this.#cell('Measured AP50', score(ap50), `last ${count(frames)} frames`, {
      spark: this.history.accuracy,
      title: `Boxes shown, held against what is known to be in the last ${over}: average precision at IoU .50, mean over classes`,
    });
  }

  #ledger() {
    return html`<div class="cell">
      <fovea-ledger .cameras=${this.cameras ?? []} .states=${this.states} .lostAtMicros=${this.lostAtMicros} .nowMicros=${this.nowMicros}></fovea-ledger>
    </div>`;
  }

  openLedger() {
    const ledgers = [...this.renderRoot.querySelectorAll('fovea-ledger')];
    ledgers.find((ledger) => ledger.offsetParent !== null)?.toggle();
  }

  #phone() {
    const {cameras, states} = this;
    if (!cameras || cameras.length === 0) return nothing;
    const problems = this.#problems(cameras);
    const more = problems.length > PHONE_PROBLEMS + 1 ? problems.splice(PHONE_PROBLEMS) : [];
    return html`<div class="row">
        <strong>${liveCount([...states.values()])}</strong>
        <fovea-ledger short .cameras=${cameras} .states=${states} .lostAtMicros=${this.lostAtMicros} .nowMicros=${this.nowMicros}></fovea-ledger>
      </div>
      ${problems.length
        ? html`<div class="row problems">
            ${problems.map((camera) => {
              const state = states.get(camera.id);
              const age = state.key === 'behind' ? millis(state.ageMicros / 1000) : state.ageMicros === null ? state.word : duration(state.ageMicros / 1e6);
              return html`<a class="problem tone-${state.tone}" href="#tile=${camera.id}">${glyph(state.glyph)}${camera.id}, ${age}</a>`;
            })}
            ${more.length ? html`<a class="problem more" href="#tile=${more[0].id}">and ${more.length} more</a>` : nothing}
          </div>`
        : nothing}`;
  }

  /** Cameras that need a look, the worst first. */
  #problems(cameras) {
    const severity = (camera) => PROBLEMS.indexOf(this.states.get(camera.id)?.key);
    return cameras.filter((camera) => severity(camera) >= 0).sort((a, b) => severity(a) - severity(b));
  }
}

/** Releases may call themselves "14" or "v14"; dates and sums are left as they are. */
function version(text) {
  return /^\d{1,5}$/.test(text) ? `v${text}` : text;
}

customElements.define('fovea-strip', Strip);
