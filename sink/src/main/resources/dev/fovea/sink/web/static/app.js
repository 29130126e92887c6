// The page: holds what is known, hands it to the parts, and obeys the keys. Messages come from live.js; pictures go from the feeds straight to the canvases.
import {LitElement, html, css, nothing} from 'lit';
import {shared} from './shared.js';
import {icon} from './glyphs.js';
import {clock, count} from './format.js';
import {localMicros} from './clock.js';
import {Live} from './live.js';
import {Feed} from './feed.js';
import {LatencyHistory} from './latency.js';
import {Counts, MOST_LINES, spanFor, starts} from './counts.js';
import {palette} from './classes.js';
import {tileState} from './camera-state.js';
import {AIM_MS} from './strip.js';
import './topbar.js';
import './wall.js';
import './empty.js';
import './chart.js';

/** How often states are worked out anew: a camera is behind or gone within this of the second it is. */
const TICK_MS = 250;
const SPARK_POINTS = 120;
/** How long after a connection a camera that the server does not list may still be one that it has yet to read of. */
const SETTLE_MICROS = 10e6;
const HISTORY_MICROS = 3600e6;
/** Pages of history read at most: many cameras with many classes, not without end. */
const MOST_PAGES = 50;
/** A chart ends at its newest point if that is not older than this; else at now, so that silence shows as a gap. */
const FRESH_MICROS = 25e6;

export class App extends LitElement {
  static properties = {
    status: {state: true},
    cameras: {state: true},
    states: {state: true},
    summary: {state: true},
    nowMicros: {state: true},
    large: {state: true},
    chartsOnly: {state: true},
    theme: {state: true},
    keysOn: {state: true},
    countsRead: {state: true},
    retryIn: {state: true},
  };

  static styles = [
    shared,
    css`
      :host {
        display: block;
      }
      .head {
        position: sticky;
        top: 0;
        z-index: 1;
      }
      .banner {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 40px;
        padding: 4px 16px;
        background: var(--bad-ground);
        border-bottom: 1px solid var(--bad);
        color: var(--tx2);
      }
      .banner strong {
        color: var(--tx);
        font-weight: 600;
      }
      .banner .icon {
        color: var(--tx);
      }
      .banner .when {
        margin-inline-start: auto;
        white-space: nowrap;
      }
      .charts {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 10px;
        padding: 10px 16px 16px;
      }
      .tabs {
        display: none;
      }
      @media (max-width: 900px) {
        .charts {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @media (max-width: 640px) {
        :host {
          padding-bottom: calc(60px + env(safe-area-inset-bottom));
        }
        .banner {
          flex-wrap: wrap;
          padding: 8px 12px;
        }
        .banner .when {
          margin: 0;
        }
        /* On a phone one thing at a time: pictures, or charts. */
        .charts,
        .on-charts fovea-wall,
        .on-charts fovea-empty {
          display: none;
        }
        .on-charts .charts {
          display: grid;
          gap: 0;
          padding: 0;
        }
        .tabs {
          position: fixed;
          inset: auto 0 0;
          z-index: 1;
          display: flex;
          height: calc(60px + env(safe-area-inset-bottom));
          padding-bottom: env(safe-area-inset-bottom);
          background: var(--s1);
          border-top: 1px solid var(--line);
        }
        .tabs a,
        .tabs button {
          flex: 1;
          display: flex;
          flex-direction: column;
          align-items: center;
          justify-content: center;
          gap: 4px;
          font: 500 12px/16px var(--font);
          color: var(--tx2);
          text-decoration: none;
          outline-offset: -2px;
        }
        .tabs [aria-current] {
          color: var(--ac);
        }
      }
    `,
  ];

  #live;
  #feeds = new Map();
  #order = [];
  /** The server's last list. */
  #listed = null;
  #latency = new LatencyHistory();
  #counts = new Counts();
  #history = {detections: [], latency: [], lag: [], accuracy: []};
  #figures = {p50: null, p99: null, frames: 0};
  #charts = {objects: null, latency: null};
  #ticks = 0;
  #paused = false;
  /** Server's time since when pictures have been coming without a break on this side. */
  #openedAtMicros = 0;
  #pendingGo = 0;
  #polite = '';
  #scheme = matchMedia('(prefers-color-scheme: light)');

  constructor() {
    super();
    this.status = 'connecting';
    this.cameras = null;
    this.states = new Map();
    this.summary = null;
    this.countsRead = false;
    this.retryIn = null;
    this.keysOn = stored('fovea.keys') !== 'off';
    this.theme = this.#effectiveTheme();
    this.#readAddress();
    const address = new URL('api/live', location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    address.hash = '';
    this.#live = new Live(address.href, {
      status: () => this.#onStatus(),
      cameras: (message) => this.#onCameras(message),
      summary: (message) => this.#onSummary(message),
      counts: (message) => this.#onCounts(message),
      frame: (frame) => this.#onFrame(frame),
    });
    this.nowMicros = this.#live.clock.now();
  }

  connectedCallback() {
    super.connectedCallback();
    setInterval(() => this.#tick(), TICK_MS);
    addEventListener('keydown', (event) => this.#key(event));
    addEventListener('hashchange', () => this.#readAddress());
    document.addEventListener('visibilitychange', () => this.#pauseOrResume());
    this.#scheme.addEventListener('change', () => (this.theme = this.#effectiveTheme()));
    this.addEventListener('toggle-large', (event) => this.#toggleLarge(event.detail));
    this.addEventListener('found', (event) => this.#goToTile(event.detail));
    this.addEventListener('toggle-theme', () => this.#toggleTheme());
    this.addEventListener('switch-keys', (event) => {
      this.keysOn = event.detail;
      store('fovea.keys', this.keysOn ? 'on' : 'off');
    });
    this.#live.connect();
  }

  // ---- what the server says

  #onStatus() {
    const before = this.status;
    this.status = this.#live.status;
    if (this.status === 'open' && before !== 'open') {
      // What came before the connection was lost is not the picture of now: tiles wait for their next.
      for (const feed of this.#feeds.values()) feed.captureTimeMicros = null;
      this.#openedAtMicros = this.#live.clock.now();
      this.#paused = false;
      this.#pauseOrResume();
      this.#readCounts();
    }
    if (this.status === 'lost') for (const feed of this.#feeds.values()) feed.interrupt();
    this.#updateStates(true);
    this.requestUpdate();
  }

  #onCameras({cameras: listed}) {
    this.#listed = listed;
    const cameras = [...listed, ...this.#notYetHeardOf(listed)];
    const known = new Set(cameras.map((camera) => camera.id));
    for (const [id, feed] of this.#feeds) {
      if (known.has(id)) continue;
      feed.close();
      this.#feeds.delete(id);
    }
    const fresh = cameras.filter((camera) => !this.#feeds.has(camera.id));
    for (const camera of fresh) {
      this.#feeds.set(camera.id, new Feed());
      if (this.#paused) this.#live.send({type: 'pause', camera: camera.id});
    }
    this.#order = this.#order.filter((id) => known.has(id)).concat(this.#firstOrder(fresh));
    const byId = new Map(cameras.map((camera) => [camera.id, camera]));
    this.cameras = this.#order.map((id) => byId.get(id));
    this.#updateStates(false);
  }

  /**
   * A server that has just started reads its topics anew and knows no camera for a moment: those that were here before keep their places until it has had
   * time to hear of them.
   */
  #notYetHeardOf(listed) {
    if (!this.cameras || this.#live.clock.now() - this.#openedAtMicros > SETTLE_MICROS) return [];
    const heardOf = new Set(listed.map((camera) => camera.id));
    return this.cameras.filter((camera) => !heardOf.has(camera.id));
  }

  /**
   * As the server lists them, those that have come to their end last; on a phone, where a wall is a column, problems first. Decided when a camera is first
   * heard of.
   */
  #firstOrder(cameras) {
    const phone = matchMedia('(max-width: 640px)').matches;
    const now = this.#live.clock.now();
    const rank = (camera) => {
      if (camera.state === 'STOPPED' || camera.state === 'ENDED') return 3;
      if (!phone) return 2;
      if (camera.state === 'NO_PICTURE') return 0;
      return camera.state === 'LIVE' && camera.lastCaptureTimeMicros && now - camera.lastCaptureTimeMicros > 5e6 ? 1 : 2;
    };
    return [...cameras].sort((a, b) => rank(a) - rank(b)).map((camera) => camera.id);
  }

  #onSummary(summary) {
    this.summary = summary;
    push(this.#history.detections, summary.framesPerSecond ?? null);
    push(this.#history.lag, summary.lag?.frames ?? null);
    push(this.#history.latency, this.#figures.p99);
    push(this.#history.accuracy, summary.accuracy?.ap50 ?? null);
  }

  #onCounts({windows}) {
    this.#counts.add(windows);
  }

  #onFrame(frame) {
    // A frame of a camera that the list does not have yet: the list comes first in a moment.
    if (this.#paused) return;
    this.#feeds.get(frame.camera)?.offer(frame, this.#live.clock.now());
  }

  async #readCounts() {
    const from = Math.round(this.#live.clock.now() - HISTORY_MICROS);
    try {
      let after = '';
      for (let page = 0; page < MOST_PAGES; page++) {
        const response = await fetch(`api/counts?from=${from}${after}`);
        if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
        const {windows, next} = await response.json();
        this.#counts.add(windows);
        if (!next) break;
        after = `&after=${encodeURIComponent(next)}`;
      }
    } catch (e) {
      // The chart then begins with what comes live.
      console.warn('The counts of the last hour could not be read.', e);
    }
    this.countsRead = true;
    this.#updateCharts();
  }

  // ---- time

  #tick() {
    const whole = ++this.#ticks % (1000 / TICK_MS) === 0;
    this.#updateStates(whole);
    if (this.status !== 'open') this.retryIn = this.#secondsToRetry();
    if (!whole) return;
    this.nowMicros = this.#live.clock.now();
    if (this.status === 'open' && this.#listed && this.#listed.length < this.cameras.length) this.#onCameras({cameras: this.#listed});
    if (this.status !== 'lost') this.#figures = this.#latency.lastMinute(localMicros());
    this.#updateCharts();
  }

  #secondsToRetry() {
    const at = this.#live.nextTryAtMicros;
    return at === null ? null : Math.max(1, Math.ceil((at - localMicros()) / 1e6));
  }

  /** renew: also where only an age has changed. Else a tile whose state is the same keeps the very object, and is not rendered. */
  #updateStates(renew) {
    if (!this.cameras) return;
    const nowMicros = this.#live.clock.now();
    const lostAtMicros = this.#live.lostAtMicros;
    const states = new Map();
    let changed = false;
    for (const camera of this.cameras) {
      const feed = this.#feeds.get(camera.id);
      const state = tileState({
        camera,
        captureTimeMicros: feed.captureTimeMicros,
        latencyMicros: feed.latencyMicros,
        unreadable: feed.unreadable,
        nowMicros,
        lostAtMicros,
        paused: this.#paused,
      });
      const before = this.states.get(camera.id);
      const same = before && before.key === state.key && before.title === state.title && before.detail === state.detail;
      if (before && before.key !== state.key) this.#announce(camera.id, state);
      states.set(camera.id, same && !renew ? before : state);
      changed ||= !(same && !renew);
    }
    if (changed || states.size !== this.states.size) this.states = states;
  }

  /** Changes of state, politely; never a figure. The disconnect is announced by the banner. */
  #announce(id, state) {
    if (['unknown', 'paused'].includes(state.key)) return;
    this.#polite = `${id}: ${state.title ?? state.word}${state.key === 'no-picture' ? `. ${state.detail}` : ''}`;
  }

  #updateCharts() {
    const now = this.#live.clock.now();
    this.#charts = {objects: this.#objectsChart(now), latency: this.#latencyChart(now)};
    this.requestUpdate();
  }

  #objectsChart(now) {
    if (this.#counts.empty) return null;
    const span = spanFor(this.#counts.firstMicros, now);
    const newest = this.#counts.lastMicros;
    const points = starts(span, this.#counts.firstMicros, now - newest < FRESH_MICROS ? newest : now);
    const series = [...this.#counts.series(points, span.stepMicros)];
    const lines = series
      .map(([label, values]) => ({label, values, weight: values.reduce((sum, v) => sum + (v ?? 0), 0)}))
      .sort((a, b) => b.weight - a.weight)
      .slice(0, MOST_LINES)
      // Their order is the palette's, not the figures': lines must not change places.
      .sort((a, b) => palette.of(a.label).slot - palette.of(b.label).slot)
      .map(({label, values}) => ({name: palette.text(label), token: `--line-${palette.of(label).slot}`, values}));
    return {span, data: {startsMicros: points, stepMicros: span.stepMicros, lines}};
  }

  #latencyChart(now) {
    const first = this.#latency.firstMicros;
    if (first === null) return null;
    const offset = this.#live.clock.offsetMicros;
    const local = now - offset;
    const span = spanFor(first, local);
    const newest = this.#latency.lastMicros;
    const points = starts(span, first, local - newest < FRESH_MICROS ? newest : local);
    const {p50, p99} = this.#latency.series(points, span.stepMicros);
    const lines = [
      {name: 'p99', token: '--tx', values: p99},
      {name: 'p50', token: '--tx3', values: p50},
    ];
    return {span, data: {startsMicros: points.map((t) => t + offset), stepMicros: span.stepMicros, lines}};
  }

  // ---- pictures

  /** Hidden, the page asks for no pictures; what is on the canvases is then old and says so. */
  #pauseOrResume() {
    const pause = document.hidden;
    if (pause === this.#paused) return;
    this.#paused = pause;
    this.#openedAtMicros = this.#live.clock.now();
    for (const [id, feed] of this.#feeds) {
      this.#live.send({type: pause ? 'pause' : 'resume', camera: id});
      feed.interrupt();
      if (!pause) feed.captureTimeMicros = null;
    }
    this.#updateStates(true);
  }

  /** Measures only pictures taken while this page was connected: one that had waited in the server says nothing of the way here. */
  #onPainted = ({captureTimeMicros, latencyMicros}) => {
    if (captureTimeMicros >= this.#openedAtMicros) this.#latency.add(localMicros(), latencyMicros / 1000);
  };
  #onRevived = () => this.#updateStates(false);
  #serverNow = () => this.#live.clock.now();

  // ---- what the person does

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.composedPath()[0];
    if (target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')) return;
    const handler = this.#handler(event.key);
    if (!handler) return;
    event.preventDefault();
    handler();
  }

  #handler(key) {
    if (key.startsWith('Arrow')) return this.#wall && this.large === null && !this.#popoverOpen ? () => this.#wall.moveFocus(key) : null;
    if (key === 'Escape') return this.large !== null && !this.#popoverOpen ? () => this.#toggleLarge(this.large) : null;
    if (!this.keysOn) return null;
    if (key === 'w' && performance.now() - this.#pendingGo < 1500) return () => this.#leaveLarge();
    return {
      '/': () => this.#bar.openFind(),
      '?': () => this.#bar.openKeys(),
      l: () => this.renderRoot.querySelector('fovea-strip')?.openLedger(),
      r: () => this.status !== 'open' && this.#live.connect(),
      f: () => this.#fullScreen(),
      g: () => (this.#pendingGo = performance.now()),
    }[key];
  }

  get #wall() {
    return this.renderRoot.querySelector('fovea-wall');
  }

  get #bar() {
    return this.renderRoot.querySelector('fovea-top-bar');
  }

  /** Escape and arrows belong to an open popover first. */
  get #popoverOpen() {
    const open = (root) => root.querySelector(':popover-open') !== null || [...root.querySelectorAll('*')].some((e) => e.shadowRoot && open(e.shadowRoot));
    return open(this.renderRoot);
  }

  #fullScreen() {
    if (document.fullscreenElement) {
      document.exitFullscreen();
      return;
    }
    const id = this.large ?? this.#wall?.focusedId ?? this.cameras?.[0]?.id;
    if (id) this.#wall?.tile(id)?.enterFullScreen().catch((e) => console.warn('The browser refused the full screen.', e));
  }

  #toggleLarge(id) {
    if (this.large === id) this.#leaveLarge();
    else location.hash = `camera=${encodeURIComponent(id)}`;
  }

  #leaveLarge() {
    const id = this.large;
    history.pushState(null, '', location.pathname + location.search);
    this.#readAddress();
    if (id) this.updateComplete.then(() => this.#wall?.updateComplete).then(() => this.#wall?.focusTile(id));
  }

  #goToTile(id) {
    if (this.large !== null) this.#toggleLarge(id);
    else this.#wall?.focusTile(id);
  }

  /** The address says what is shown, so that Back works and a link can be sent. */
  #readAddress() {
    const [name, value] = location.hash.slice(1).split('=');
    this.large = name === 'camera' && value ? decoded(value) : null;
    this.chartsOnly = name === 'charts';
    if (name === 'tile' && value) {
      history.replaceState(null, '', location.pathname + location.search);
      this.updateComplete.then(() => this.#wall?.focusTile(decoded(value)));
    }
  }

  #effectiveTheme() {
    return document.documentElement.dataset.theme ?? (this.#scheme.matches ? 'light' : 'dark');
  }

  #toggleTheme() {
    const theme = this.theme === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = theme;
    store('fovea.theme', theme);
    this.theme = theme;
  }

  // ---- the page

  render() {
    const lost = this.status === 'lost';
    const none = this.cameras !== null && this.cameras.length === 0;
    return html`
      <div class="head">
        <fovea-top-bar
          .status=${this.status}
          .nowMicros=${this.nowMicros}
          .cameras=${this.cameras}
          .states=${this.states}
          .keysOn=${this.keysOn}
          .theme=${this.theme}
        ></fovea-top-bar>
        ${this.#banner()}
        ${none
          ? nothing
          : html`<fovea-strip
              .summary=${this.summary}
              .latency=${this.#figures}
              .history=${this.#history}
              .cameras=${this.cameras}
              .states=${this.states}
              .lostAtMicros=${lost ? this.#live.lostAtMicros : null}
              .nowMicros=${this.nowMicros}
            ></fovea-strip>`}
      </div>
      <main class=${this.chartsOnly ? 'on-charts' : ''}>${none ? html`<fovea-empty .summary=${this.summary} .lost=${lost}></fovea-empty>` : this.#page()}</main>
      ${this.#tabs()}
      <div class="visually-hidden" aria-live="polite">${this.#polite}</div>
      <div class="visually-hidden" aria-live="assertive">${lost ? `Connection to the server lost at ${clock(this.#live.lostAtMicros)}.` : ''}</div>
    `;
  }

  #banner() {
    if (this.status === 'open' || (this.status === 'connecting' && this.retryIn === null)) return nothing;
    const lost = this.status === 'lost';
    const what = lost ? `Connection to the server lost at ${clock(this.#live.lostAtMicros)}.` : 'The server does not answer.';
    const then = lost
      ? 'Pictures and numbers below are from then and are no longer live. Cameras and detection run on without this page.'
      : 'Nothing has been read from it yet. Cameras and detection run on without this page.';
    return html`<div class="banner">
      ${icon('warning', 16)}<span><strong>${what}</strong> ${then}</span>
      <span class="when">${this.retryIn === null ? 'Trying now' : `Trying again in ${count(this.retryIn)} s`}</span>
      <button class="button" @click=${() => this.#live.connect()}>Try now <kbd>r</kbd></button>
    </div>`;
  }

  #page() {
    const {objects, latency} = this.#charts;
    return html`
      ${this.cameras === null
        ? nothing
        : html`<fovea-wall
            .cameras=${this.cameras}
            .feeds=${this.#feeds}
            .states=${this.states}
            .nowMicros=${this.nowMicros}
            .large=${this.large}
            .onPainted=${this.#onPainted}
            .onRevived=${this.#onRevived}
            .serverNow=${this.#serverNow}
          ></fovea-wall>`}
      <section class="charts" aria-label="Charts">
        <fovea-chart
          heading="Objects in view"
          .subheading=${objects ? `mean at once per ${objects.span.every}, last ${objects.span.name}, all cameras` : ''}
          .data=${objects?.data ?? null}
          waiting=${this.countsRead ? 'No objects have been counted in the last hour' : 'Reading the last hour'}
          .format=${formatObjects}
          .theme=${this.theme}
        ></fovea-chart>
        <fovea-chart
          heading="Capture to screen"
          .subheading=${latency ? `ms per ${latency.span.every}, last ${latency.span.name}, measured on this page` : ''}
          .data=${latency?.data ?? null}
          waiting="Measured on this page, from its first picture on"
          .limit=${AIM_MS}
          .format=${count}
          .theme=${this.theme}
        ></fovea-chart>
      </section>
    `;
  }

  /** The phone's bar holds what there is. */
  #tabs() {
    const current = (is) => (is ? 'page' : nothing);
    return html`<nav class="tabs" aria-label="Pages and tools">
      <a href="#" aria-current=${current(!this.chartsOnly)}>${icon('wall')}Wall</a>
      <a href="#charts" aria-current=${current(this.chartsOnly)}>${icon('charts')}Charts</a>
      <button @click=${() => this.#bar.openFind()}>${icon('find')}Find</button>
      <button @click=${() => this.#toggleTheme()}>${icon('theme')}Theme</button>
    </nav>`;
  }
}

/** Means in view: one decimal while they are small. */
function formatObjects(value) {
  return value !== 0 && value < 9.95 && !Number.isInteger(value) ? value.toFixed(1) : count(value);
}

function push(history, value) {
  history.push(value);
  if (history.length > SPARK_POINTS) history.shift();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function stored(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Refused: it lasts as long as the page.
  }
}

customElements.define('fovea-app', App);
