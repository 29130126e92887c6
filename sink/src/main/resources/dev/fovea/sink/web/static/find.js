// Find a camera by a part of its name.
import {LitElement, html, css, nothing} from 'lit';
import {shared} from './shared.js';
import {glyph} from './glyphs.js';

const MOST = 12;

export class Find extends LitElement {
  static properties = {
    cameras: {attribute: false},
    states: {attribute: false},
    text: {state: true},
    at: {state: true},
    opened: {state: true},
  };

  static styles = [
    shared,
    css`
      [popover] {
        inset: 50px 16px auto auto;
        width: 320px;
        padding: 12px;
      }
      input {
        width: 100%;
        min-height: 36px;
        padding: 0 12px;
        font: 400 14px/20px var(--font);
        color: var(--tx);
        background: var(--bg);
        border: 1px solid var(--edge);
        border-radius: 6px;
      }
      input::placeholder {
        color: var(--tx3);
      }
      ul {
        margin-top: 8px;
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        min-height: 32px;
        padding: 0 12px;
        border-radius: 6px;
        cursor: pointer;
      }
      li[aria-selected='true'] {
        background: var(--s3);
      }
      li span:first-child {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        font-size: 12px;
        white-space: nowrap;
      }
      p {
        padding: 8px 12px 0;
        color: var(--tx3);
      }
      @media (max-width: 640px) {
        [popover] {
          inset: 56px 12px auto 12px;
          width: auto;
        }
        li {
          min-height: 44px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.text = '';
    this.at = 0;
    this.opened = false;
  }

  open() {
    this.text = '';
    this.at = 0;
    this.opened = true;
    const popover = this.renderRoot.querySelector('[popover]');
    popover.showPopover();
    const input = popover.querySelector('input');
    input.value = '';
    input.focus();
  }

  get #found() {
    const wanted = this.text.trim().toLowerCase();
    return this.cameras.filter((camera) => camera.id.toLowerCase().includes(wanted)).slice(0, MOST);
  }

  render() {
    const found = this.opened ? this.#found : [];
    return html`<search popover aria-label="Find a camera" @toggle=${this.#toggled}>
      <input
        type="search"
        role="combobox"
        aria-label="Camera name"
        aria-expanded=${found.length ? 'true' : 'false'}
        aria-controls="found"
        aria-activedescendant=${found.length ? `found-${this.at}` : ''}
        placeholder="Camera name"
        autocomplete="off"
        spellcheck="false"
        @input=${this.#typed}
        @keydown=${this.#key}
      />
      <ul id="found" role="listbox" aria-label="Cameras found">
        ${found.map((camera, i) => this.#row(camera, i))}
      </ul>
      ${this.opened && found.length === 0 ? html`<p>${this.cameras.length ? 'No camera has that in its name.' : 'There is no camera yet.'}</p>` : nothing}
    </search>`;
  }

  #row(camera, i) {
    const state = this.states?.get(camera.id);
    return html`<li id="found-${i}" role="option" aria-selected=${i === this.at ? 'true' : 'false'} @click=${() => this.#choose(camera)}>
      <span>${camera.id}</span>
      ${state ? html`<span class="state tone-${state.tone}">${glyph(state.glyph)}${state.word}</span>` : nothing}
    </li>`;
  }

  #typed(event) {
    this.text = event.target.value;
    this.at = 0;
  }

  #key(event) {
    const found = this.#found;
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step) {
      event.preventDefault();
      this.at = Math.min(Math.max(this.at + step, 0), Math.max(0, found.length - 1));
    } else if (event.key === 'Enter' && found[this.at]) {
      event.preventDefault();
      this.#choose(found[this.at]);
    }
  }

  #choose(camera) {
    this.renderRoot.querySelector('[popover]').hidePopover();
    this.dispatchEvent(new CustomEvent('found', {detail: camera.id, bubbles: true, composed: true}));
  }

  #toggled(event) {
    this.opened = event.newState === 'open';
  }
}

customElements.define('fovea-find', Find);
