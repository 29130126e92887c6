// The bar on top: where one is, whether the page is connected, what time it is, and the few commands.
import {LitElement, html, css} from 'lit';
import {shared} from './shared.js';
import {glyph, icon} from './glyphs.js';
import {dateAndClock} from './format.js';
import './find.js';
import './keys.js';

const STATUS = {
  connecting: {glyph: 'ring', word: 'Connecting', tone: 'quiet'},
  open: {glyph: 'dot', word: 'Connected', tone: 'ok'},
  lost: {glyph: 'cross', word: 'Disconnected', tone: 'bad'},
};

export class TopBar extends LitElement {
  static properties = {
    status: {attribute: false},
    nowMicros: {attribute: false},
    cameras: {attribute: false},
    states: {attribute: false},
    keysOn: {attribute: false},
    theme: {attribute: false},
  };

  static styles = [
    shared,
    css`
      :host {
        display: block;
        background: var(--s1);
        border-bottom: 1px solid var(--line);
      }
      header {
        display: flex;
        align-items: center;
        height: 43px;
        padding: 0 16px;
        gap: 12px;
      }
      .brand {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        font: 600 15px/22px var(--font);
        margin-inline-end: 8px;
      }
      .brand .icon {
        color: var(--tx);
      }
      .pupil {
        stroke: var(--ac);
      }
      nav a {
        display: inline-block;
        padding: 5px 10px;
        border-radius: 6px;
        font-weight: 500;
        color: var(--tx);
        text-decoration: none;
      }
      nav a[aria-current] {
        background: var(--s3);
      }
      .push {
        margin-inline-start: auto;
      }
      .status {
        display: inline-flex;
        align-items: center;
        gap: 5px;
        font-weight: 500;
      }
      .tone-ok .word {
        color: var(--tx2);
        font-weight: 400;
      }
      time {
        color: var(--tx2);
        white-space: nowrap;
        /* As wide as it ever gets, so that nothing moves at midnight. */
        min-width: 128px;
        text-align: end;
      }
      .tool {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        min-height: 28px;
        min-width: 28px;
        padding: 0 6px;
        justify-content: center;
        border-radius: 6px;
        color: var(--tx2);
      }
      .tool:hover {
        background: var(--s3);
        color: var(--tx);
      }
      @media (max-width: 640px) {
        header {
          height: 47px;
          padding: 0 12px;
        }
        nav,
        time,
        .tool {
          display: none;
        }
      }
      @media (pointer: coarse) {
        .tool {
          min-height: 44px;
          min-width: 44px;
        }
      }
    `,
  ];

  render() {
    const status = STATUS[this.status];
    return html`<header>
        <span class="brand">${icon('brand')}Fovea</span>
        <nav aria-label="Pages"><a href="#" aria-current="page">Wall</a></nav>
        <span class="push status tone-${status.tone}" role="status">${glyph(status.glyph)}<span class="word">${status.word}</span></span>
        <time>${dateAndClock(this.nowMicros)}</time>
        <button class="tool" @click=${this.openFind}>Find <kbd>/</kbd></button>
        <button class="tool" aria-label="Theme: ${this.theme}. Switch to ${this.theme === 'dark' ? 'light' : 'dark'}" @click=${this.#theme}>
          ${icon('theme', 18)}
        </button>
        <button class="tool" @click=${this.openKeys}>Keys <kbd>?</kbd></button>
      </header>
      <fovea-find .cameras=${this.cameras ?? []} .states=${this.states}></fovea-find>
      <fovea-keys .on=${this.keysOn}></fovea-keys>`;
  }

  openFind() {
    this.renderRoot.querySelector('fovea-find').open();
  }

  openKeys() {
    this.renderRoot.querySelector('fovea-keys').toggle();
  }

  #theme() {
    this.dispatchEvent(new CustomEvent('toggle-theme', {bubbles: true, composed: true}));
  }
}

customElements.define('fovea-top-bar', TopBar);
