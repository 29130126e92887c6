// One camera: its picture with its boxes, drawn in one paint from one message, and a caption that says how the camera is.
import {LitElement, html, css, nothing} from 'lit';
import {shared} from './shared.js';
import {glyph} from './glyphs.js';
import {count, duration, millis, rate, score, NONE} from './format.js';
import {fit, layOut, draw} from './boxes.js';
import {palette} from './classes.js';

const NOTES = {
  UNCHANGED: 'Unchanged: boxes carried over',
  STALE: 'Not analysed: skipped to keep up',
  UNDECODABLE: 'Not analysed: the detector could not read it',
};

/** The corner that a note takes, which chips leave free. */
const NOTE_WIDTH = 260;
const NOTE_HEIGHT = 28;

export class Tile extends LitElement {
  static properties = {
    /** As the server describes it. */
    camera: {attribute: false},
    /** The camera's {@link Feed}. */
    feed: {attribute: false},
    /** From tileState(). */
    state: {attribute: false},
    /** Server time of the figures in the caption: they are renewed with it, once a second, and not with every picture. */
    nowMicros: {attribute: false},
    large: {type: Boolean, reflect: true},
  };

  static styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-width: 0;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--s1);
        position: relative;
      }
      :host([data-state='no-picture']) {
        border: 1px dashed var(--bad);
      }
      :host([data-state='unknown']),
      :host([data-state='paused']),
      :host([data-state='ended']),
      :host([data-state='stopped']) {
        border: 1px dashed color-mix(in srgb, var(--edge) 45%, transparent);
      }
      /* The focus is on the name, the ring is around the tile. */
      .open:focus-visible::after {
        content: '';
        position: absolute;
        inset: -5px;
        border: 2px solid var(--ac);
        border-radius: 10px;
        pointer-events: none;
        z-index: 1;
      }
      .stage {
        position: relative;
        aspect-ratio: 16 / 9;
        background: var(--stage);
        border-radius: 5px 5px 0 0;
        overflow: hidden;
        cursor: zoom-in;
      }
      :host([large]) .stage {
        cursor: zoom-out;
        aspect-ratio: auto;
        flex: 1 1 0;
        min-height: 0;
      }
      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      /* Nothing old looks live. */
      .stale canvas {
        filter: grayscale(1) brightness(0.3) blur(2px);
      }
      .hatch {
        position: absolute;
        inset: 0;
        background: repeating-linear-gradient(135deg, var(--hatch) 0 1px, transparent 1px 9px);
      }
      .words {
        position: absolute;
        inset: 0;
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        gap: 4px;
        padding: 12px;
        text-align: center;
        text-wrap: balance;
        color: var(--stage-tx2);
        overflow-wrap: anywhere;
      }
      .words strong {
        font: 600 15px/22px var(--font);
        color: var(--stage-tx);
      }
      .age,
      .note {
        position: absolute;
        left: 8px;
        bottom: 6px;
        font: 400 12px/18px var(--font);
        color: var(--stage-tx2);
      }
      .note {
        padding: 0 6px;
        border-radius: 3px;
        background: rgb(7 8 10 / 82%);
        color: var(--stage-tx);
      }
      .caption {
        display: flex;
        align-items: center;
        height: 32px;
        flex: none;
        padding: 0 10px;
        gap: 12px;
      }
      .open {
        flex: 1 1 0;
        min-width: 0;
        font: 600 14px/20px var(--font);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        outline: none;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        font-weight: 500;
        white-space: nowrap;
      }
      .state.tone-ok .word {
        color: var(--tx2);
        font-weight: 400;
      }
      .figure {
        text-align: end;
        color: var(--tx2);
        white-space: nowrap;
      }
      .latency {
        width: 62px;
      }
      .fps {
        width: 54px;
      }
      .figure.tone-warn {
        color: var(--warn);
        font-weight: 600;
      }
      @media (max-width: 640px) {
        :host {
          border-width: 0 0 1px;
          border-radius: 0;
        }
        :host([data-state]) {
          border-width: 0 0 1px;
        }
        .stage {
          border-radius: 0;
        }
        .open:focus-visible::after {
          inset: 0;
          border-radius: 0;
        }
        .caption {
          height: 44px;
          padding: 0 12px;
        }
        .open {
          height: 44px;
        }
      }
    `,
  ];

  #context = null;
  #view = null;
  #paintDue = 0;
  #resizes = null;
  #sight = null;
  #colours = null;
  /** What the last paint drew: {frame, laid, view}; for the list of boxes, for details, and for tests. */
  painted = null;

  constructor() {
    super();
    this.nowMicros = 0;
    this.large = false;
  }

  connectedCallback() {
    super.connectedCallback();
    // What scrolls by in a moment is decoded before it is there.
    this.#sight = new IntersectionObserver(([entry]) => (this.feed.visible = entry.isIntersecting), {rootMargin: '200px'});
    this.#sight.observe(this);
    this.feed.onReady = () => this.#schedule();
    if (this.hasUpdated) this.#observeSize();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#sight.disconnect();
    this.#resizes?.disconnect();
    cancelAnimationFrame(this.#paintDue);
    this.feed.visible = false;
    this.feed.onReady = null;
  }

  focus(options) {
    this.renderRoot.querySelector('.open')?.focus(options);
  }

  enterFullScreen() {
    return this.renderRoot.querySelector('.stage').requestFullscreen();
  }

  firstUpdated() {
    this.#context = this.renderRoot.querySelector('canvas').getContext('2d', {alpha: false});
    this.#colours = classColours(this);
    this.#observeSize();
  }

  updated(changed) {
    this.dataset.state = this.state.key;
    if (changed.has('state') && changed.get('state')?.stale !== this.state.stale) this.#schedule();
  }

  #observeSize() {
    this.#resizes = new ResizeObserver(([entry]) => this.#resized(entry));
    const canvas = this.renderRoot.querySelector('canvas');
    try {
      this.#resizes.observe(canvas, {box: 'device-pixel-content-box'});
    } catch {
      this.#resizes.observe(canvas); // Safari knows no device pixels here.
    }
  }

  #resized(entry) {
    const canvas = entry.target;
    const width = entry.contentRect.width;
    const height = entry.contentRect.height;
    if (width === 0 || height === 0) return;
    const device = entry.devicePixelContentBoxSize?.[0];
    canvas.width = device ? device.inlineSize : Math.round(width * devicePixelRatio);
    canvas.height = device ? device.blockSize : Math.round(height * devicePixelRatio);
    this.#view = {width, height, ratio: canvas.width / width};
    // A canvas is blank after a change of its size: paint in the same frame, or it flickers.
    this.#paint(false);
  }

  #schedule() {
    if (this.#paintDue) return;
    this.#paintDue = requestAnimationFrame(() => {
      this.#paintDue = 0;
      this.#paint(true);
    });
  }

  #paint(count) {
    const {frame, bitmap} = this.feed;
    if (!frame || !bitmap || !this.#view || !this.#context) return;
    const fresh = this.painted?.frame !== frame;
    const {width, height, ratio} = this.#view;
    const view = fit(bitmap.width, bitmap.height, width, height, ratio);
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = '#050608';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, view.x, view.y, view.width, view.height);
    const laid = this.#layOut(frame, bitmap, view);
    if (fresh) {
      this.feed.painted(this.serverNow());
      if (count) this.onPainted?.(this.feed);
      // A newer picture may end a state ("no picture" and the like) at once.
      if (this.state.stale) this.onRevived?.();
    }
    const stale = this.state.stale;
    if (!stale) draw(context, laid, this.#colours, this.#chipFont);
    this.painted = {frame, laid: stale ? [] : laid, view};
  }

  #layOut(frame, bitmap, view) {
    // Boxes are in pixels of the frame as recorded; should the JPEG differ from what the header says, they scale with it.
    const sx = bitmap.width / (frame.widthPx || bitmap.width);
    const sy = bitmap.height / (frame.heightPx || bitmap.height);
    const boxes = sx === 1 && sy === 1 ? frame.boxes : frame.boxes.map((b) => ({...b, x1: b.x1 * sx, x2: b.x2 * sx, y1: b.y1 * sy, y2: b.y2 * sy}));
    this.#context.font = this.#chipFont;
    const reserved = NOTES[frame.outcome] ? {x: 0, y: view.stageHeight - NOTE_HEIGHT, width: NOTE_WIDTH, height: NOTE_HEIGHT} : null;
    return layOut(boxes, frame.outcome, view, (text) => this.#width(text), reserved);
  }

  get #chipFont() {
    return (this.#font ??= `600 12px ${getComputedStyle(this).fontFamily}`);
  }
  #font = null;

  /** Chip texts repeat ("car .97"), measuring is slow. */
  #width(text) {
    let width = this.#widths.get(text);
    if (width === undefined) {
      if (this.#widths.size > 2000) this.#widths.clear();
      width = this.#context.measureText(text).width;
      this.#widths.set(text, width);
    }
    return width;
  }
  #widths = new Map();

  render() {
    const {camera, state} = this;
    return html`
      <div class="stage ${state.stale ? 'stale' : ''}" @click=${this.#toggle}>
        <canvas role="img" aria-label=${this.#alternative()}></canvas>
        ${state.stale && this.feed.frame ? html`<div class="hatch"></div>` : nothing} ${this.#words()}
      </div>
      <div class="caption">
        <button class="open" title=${camera.source ?? ''} @click=${this.#toggle} aria-expanded=${this.large ? 'true' : 'false'}>${camera.id}</button>
        <span class="state tone-${state.tone}">${glyph(state.glyph)}<span class="word">${state.word}</span></span>
        ${this.#latency()}
        <span class="figure fps" title="Pictures a second here, over the last 5 s">${this.#framesPerSecond()}</span>
      </div>
      ${this.#list()}
    `;
  }

  #words() {
    const {state} = this;
    if (state.title) {
      const old = state.stale && state.key === 'no-picture' && this.feed.frame && state.ageMicros !== null;
      return html`<div class="words"><strong>${state.title}</strong><span>${state.detail}</span></div>
        ${old ? html`<div class="age">Last picture, ${duration(state.ageMicros / 1e6)} old. Not live.</div>` : nothing}`;
    }
    const note = NOTES[this.feed.frame?.outcome];
    return note ? html`<div class="note">${note}</div>` : nothing;
  }

  #latency() {
    const {state} = this;
    if (state.stale || this.feed.captureTimeMicros === null) return html`<span class="figure latency">${NONE}</span>`;
    const ms = this.#shownLatency();
    const tone = state.key === 'behind' ? 'tone-warn' : '';
    return html`<span class="figure latency ${tone}" title="From the capture of the newest picture to this screen">${millis(ms)}</span>`;
  }

  #shownLatency() {
    // Behind by silence has no new latency: then the age is the figure.
    const {state, feed} = this;
    return (state.key === 'behind' ? Math.max(feed.latencyMicros, state.ageMicros) : feed.latencyMicros) / 1000;
  }

  #framesPerSecond() {
    if (this.state.stale && this.state.key !== 'no-picture') return NONE;
    if (this.state.key === 'no-picture') return '0 fps';
    const fps = this.feed.framesPerSecond(this.nowMicros);
    return fps === null ? NONE : `${rate(fps)} fps`;
  }

  /** In words, what the canvas shows. */
  #alternative() {
    const {camera, state, painted} = this;
    if (state.stale) return `${camera.id}: ${state.title}. ${state.detail}`;
    return `${camera.id}, ${state.word}: ${countsInWords(painted?.laid ?? [])}`;
  }

  /** The boxes once more, for those who do not see the canvas. */
  #list() {
    const {painted, state} = this;
    if (!painted || state.stale) return nothing;
    const {frame} = painted;
    return html`<ul
      class="visually-hidden"
      aria-label="Objects in ${this.camera.id}"
      data-capture-time=${frame.captureTimeMicros}
      data-frame-number=${frame.frameNumber}
    >
      ${frame.boxes.map(
        (b) => html`<li>${b.label} ${score(b.score)}, ${count(b.x1)} to ${count(b.x2)} across, ${count(b.y1)} to ${count(b.y2)} down</li>`,
      )}
    </ul>`;
  }

  #toggle() {
    this.dispatchEvent(new CustomEvent('toggle-large', {detail: this.camera.id, bubbles: true, composed: true}));
  }
}

/** "2 car, 1 person": class names come from the model, so they are not put into the plural. */
export function countsInWords(laid) {
  if (laid.length === 0) return 'no objects';
  const counts = new Map();
  for (const {label} of laid) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, n]) => `${n} ${palette.text(label)}`).join(', ');
}

function classColours(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((slot) => [slot, style.getPropertyValue(`--class-${slot}`).trim()]));
}

customElements.define('fovea-tile', Tile);
