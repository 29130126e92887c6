// The frame ledger: a verdict in the strip, and on a click the two equations it stands on.
import {LitElement, html, css, nothing} from 'lit';
import {shared} from './shared.js';
import {glyph} from './glyphs.js';
import {clock, count, NONE} from './format.js';
import {addUp, asText, conclusion, equations, verdict} from './ledger-sums.js';
import {copy} from './clipboard.js';

export class Ledger extends LitElement {
  static properties = {
    cameras: {attribute: false},
    states: {attribute: false},
    lostAtMicros: {attribute: false},
    nowMicros: {attribute: false},
    /** The phone's one line. */
    short: {type: Boolean, reflect: true},
    byCamera: {state: true},
    copied: {state: true},
    open: {state: true},
  };

  static styles = [
    shared,
    css`
      :host {
        display: block;
        height: 100%;
      }
      .cell {
        display: flex;
        flex-direction: column;
        width: 100%;
        height: 100%;
        padding: 8px 16px 0;
        position: relative;
        outline-offset: -2px;
      }
      .cell:hover {
        background: var(--s2);
      }
      .cell[aria-expanded='true'] {
        background: var(--s3);
      }
      .label {
        font: 400 12px/16px var(--font);
        color: var(--tx3);
      }
      .value {
        display: flex;
        align-items: center;
        gap: 8px;
        padding-inline-end: 44px;
        font-size: 12px;
        color: var(--tx2);
        white-space: nowrap;
      }
      .value strong {
        font: 600 18px/24px var(--font);
        color: var(--tx);
      }
      .rest {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .bad .value strong {
        font-size: 15px;
        color: var(--bad);
      }
      .bad .glyph {
        color: var(--bad);
      }
      .known .value strong {
        color: var(--tx3);
      }
      .keys {
        position: absolute;
        right: 14px;
        bottom: 11px;
        display: flex;
        align-items: center;
        gap: 8px;
        color: var(--tx2);
      }
      .line {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 44px;
        color: var(--tx2);
        font-weight: 500;
      }
      .line.bad {
        color: var(--bad);
      }
      #sheet {
        width: min(624px, calc(100vw - 32px));
      }
      header {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
        gap: 12px;
        flex-wrap: wrap;
        margin-bottom: 8px;
        color: var(--tx3);
        font-size: 12px;
      }
      h2 {
        font: 600 13px/22px var(--font);
        color: var(--tx);
      }
      .sums {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 24px;
        align-items: end;
      }
      table {
        width: 100%;
        border-collapse: collapse;
      }
      .sums {
        align-items: start;
      }
      td,
      th {
        padding: 4px 6px;
        text-align: start;
        font-weight: 400;
        color: var(--tx2);
      }
      td {
        text-align: end;
        white-space: nowrap;
      }
      tr.whole > * {
        color: var(--tx);
      }
      tr.whole td,
      tr.sum > * {
        font-weight: 600;
        color: var(--tx);
      }
      tr.sum > * {
        border-top: 1px solid var(--edge);
      }
      tr.wrong > * {
        color: var(--bad);
      }
      .camera + .camera {
        margin-top: 16px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
      }
      h3 {
        font: 600 13px/20px var(--font);
      }
      .conclusion {
        display: flex;
        gap: 10px;
        margin: 12px 0 16px;
        font-size: 12px;
        color: var(--tx2);
      }
      .conclusion svg {
        margin-top: 3px;
      }
      footer {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      footer .close {
        margin-inline-start: auto;
        color: var(--tx3);
        font-size: 12px;
        min-height: 28px;
      }
      .pressed {
        background: var(--s3);
      }
      @media (max-width: 640px) {
        .sums {
          grid-template-columns: 1fr;
          gap: 12px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.cameras = [];
    this.byCamera = false;
    this.copied = '';
    this.open = false;
    this.short = false;
  }

  toggle() {
    this.renderRoot.querySelector('#sheet')?.togglePopover();
  }

  render() {
    const now = verdict(this.cameras);
    const tone = this.lostAtMicros !== null ? 'known' : now?.tone === 'bad' ? 'bad' : '';
    return html`${this.short ? this.#line(now, tone) : this.#cell(now, tone)} ${now ? this.#sheet() : nothing}`;
  }

  #cell(now, tone) {
    const lost = this.lostAtMicros !== null;
    if (!now) {
      const reason = this.cameras.length ? 'not read yet' : 'no camera yet';
      return html`<div class="cell"><div class="label">Ledger</div><div class="value"><strong>${NONE}</strong>${reason}</div></div>`;
    }
    return html`<button class="cell ${tone}" popovertarget="sheet" aria-expanded=${this.open ? 'true' : 'false'}>
      <div class="label">Ledger${lost ? ` at ${clock(this.lostAtMicros)}` : ''}</div>
      <div class="value">
        ${lost ? nothing : verdictGlyph(now)}<strong>${now.word}</strong><span class="rest">${now.detail}</span>
      </div>
      <span class="keys"><kbd>l</kbd>${glyph('chevron')}</span>
    </button>`;
  }

  #line(now, tone) {
    if (!now) return nothing;
    const word = now.state === 'unbalanced' ? `${now.word}: ${now.detail}` : `Ledger ${now.word.toLowerCase()}`;
    return html`<button class="line ${tone}" popovertarget="sheet">${verdictGlyph(now)}${word}</button>`;
  }

  #sheet() {
    return html`<section id="sheet" popover aria-label="Frame ledger" @toggle=${this.#toggled}>${this.open ? this.#equations() : nothing}</section>`;
  }

  /** Under the strip's right end, wherever the strip is: a banner may be above it. */
  #toggled(event) {
    this.open = event.newState === 'open';
    if (!this.open) return;
    const sheet = event.target;
    const below = this.getBoundingClientRect().bottom + 4;
    sheet.style.inset = `${below}px 16px auto auto`;
    sheet.style.maxHeight = `calc(100dvh - ${below + 16}px)`;
    this.copied = '';
  }

  #equations() {
    const readAt = clock(this.lostAtMicros ?? this.nowMicros);
    const read = this.cameras.filter((camera) => camera.ledger);
    const gone = read
      .filter((camera) => ['no-picture', 'ended', 'stopped'].includes(this.states?.get(camera.id)?.key) && camera.lastCaptureTimeMicros)
      .map((camera) => ({id: camera.id, at: clock(camera.lastCaptureTimeMicros)}));
    const now = verdict(this.cameras);
    return html`
      <header>
        <h2>${this.byCamera ? 'Frame ledger, by camera' : 'Frame ledger, all cameras'}</h2>
        <span>since each camera’s first frame · read at ${readAt}</span>
      </header>
      ${this.byCamera
        ? read.map((camera) => html`<div class="camera"><h3>${camera.id}</h3>${sums(camera.ledger)}</div>`)
        : sums(addUp(this.cameras))}
      <p class="conclusion ${now.tone === 'bad' ? 'tone-bad' : ''}">${verdictGlyph(now)}<span>${conclusion(this.cameras, gone)}</span></p>
      <footer>
        <button class="button ${this.byCamera ? 'pressed' : ''}" aria-pressed=${this.byCamera ? 'true' : 'false'} @click=${() => (this.byCamera = !this.byCamera)}>
          By camera
        </button>
        <button class="button plain" @click=${this.#copy}>Copy</button>
        <span class="quiet" role="status">${this.copied}</span>
        <button class="close" popovertarget="sheet" popovertargetaction="hide">close <kbd>Esc</kbd></button>
      </footer>
    `;
  }

  async #copy() {
    const done = await copy(asText(`Frame ledger, read at ${new Date(this.nowMicros / 1000).toISOString()}`, this.cameras));
    this.copied = done ? 'Copied' : 'The browser refused the clipboard';
  }
}

const verdictGlyph = (now) => glyph(now.state === 'balanced' ? 'check' : now.state === 'settling' ? 'ring' : 'cross');

function sums(ledger) {
  return html`<div class="sums">${equations(ledger).map(equationTable)}</div>`;
}

function equationTable({whole, value, parts, difference}) {
  return html`<table>
    <tbody>
      <tr class="whole"><th scope="row">${whole}</th><td>${count(value)}</td></tr>
      ${parts.map((part, i) => html`<tr><th scope="row">${i === 0 ? '=' : '+'} ${part.label}</th><td>${count(part.value)}</td></tr>`)}
      <tr class="sum ${difference === 0 ? '' : 'wrong'}">
        <th scope="row">${difference === 0 ? `Sum equals ${whole}` : `Sum differs from ${whole}`}</th>
        <td>difference ${count(difference)}</td>
      </tr>
    </tbody>
  </table>`;
}

customElements.define('fovea-ledger', Ledger);
