// The tiles. Their order is decided once and never changes while the page is open: positions are what an operator remembers.
import {LitElement, html, css, nothing} from 'lit';
import {repeat} from 'lit/directives/repeat.js';
import {shared} from './shared.js';
import './tile.js';
import './details.js';

export class Wall extends LitElement {
  static properties = {
    /** In the order of the wall. */
    cameras: {attribute: false},
    feeds: {attribute: false},
    states: {attribute: false},
    nowMicros: {attribute: false},
    /** The id of the one camera shown large, or null. */
    large: {attribute: false},
  };

  static styles = [
    shared,
    css`
      :host {
        display: block;
        padding: 10px 16px 0;
      }
      ul {
        display: grid;
        gap: 10px;
        grid-template-columns: repeat(var(--columns, 1), minmax(0, 1fr));
      }
      ul[data-columns='2'] {
        --columns: 2;
      }
      ul[data-columns='3'] {
        --columns: 3;
      }
      ul[data-columns='4'] {
        --columns: 4;
      }
      li {
        display: grid;
        min-width: 0;
        scroll-margin: 112px;
      }
      li[hidden] {
        display: none;
      }
      /* One camera fills the width, but not beyond the window: the whole picture is to be seen at once. */
      ul[data-columns='1'] fovea-tile {
        max-height: calc(100dvh - 128px);
        min-height: 240px;
      }
      .solo {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 10px;
      }
      .solo ul {
        --columns: 1;
      }
      .solo fovea-tile {
        height: calc(100dvh - 122px);
        min-height: 320px;
        max-height: none;
      }
      @media (min-width: 1100px) {
        .solo {
          grid-template-columns: minmax(0, 1fr) 320px;
        }
      }
      @media (max-width: 1000px) {
        ul[data-columns] {
          --columns: 2;
        }
        ul[data-columns='1'],
        .solo ul[data-columns] {
          --columns: 1;
        }
      }
      @media (max-width: 640px) {
        :host {
          padding: 0;
        }
        ul[data-columns] {
          --columns: 1;
          gap: 0;
        }
        ul[data-columns='1'] fovea-tile {
          max-height: none;
          min-height: 0;
        }
        .solo {
          gap: 0;
        }
        .solo fovea-tile {
          height: auto;
          aspect-ratio: 1.28;
          min-height: 0;
        }
        li {
          scroll-margin: 56px;
        }
      }
    `,
  ];

  render() {
    const solo = this.large !== null && this.cameras.some((camera) => camera.id === this.large);
    return html`<div class=${solo ? 'solo' : ''}>
      <ul data-columns=${columns(this.cameras.length)} aria-label="Cameras">
        ${repeat(
          this.cameras,
          (camera) => camera.id,
          (camera) => html`<li ?hidden=${solo && camera.id !== this.large}>
            <fovea-tile
              .camera=${camera}
              .feed=${this.feeds.get(camera.id)}
              .state=${this.states.get(camera.id)}
              .nowMicros=${this.nowMicros}
              .serverNow=${this.serverNow}
              .onPainted=${this.onPainted}
              .onRevived=${this.onRevived}
              ?large=${solo && camera.id === this.large}
            ></fovea-tile>
          </li>`,
        )}
      </ul>
      ${solo ? this.#details() : nothing}
    </div>`;
  }

  #details() {
    const camera = this.cameras.find(({id}) => id === this.large);
    return html`<fovea-details
      .camera=${camera}
      .state=${this.states.get(camera.id)}
      .painted=${this.tile(camera.id)?.painted ?? null}
      .nowMicros=${this.nowMicros}
    ></fovea-details>`;
  }

  /** The tile of a camera, or null. */
  tile(id) {
    return [...this.renderRoot.querySelectorAll('fovea-tile')].find((tile) => tile.camera.id === id) ?? null;
  }

  /** The camera whose tile has the focus, or null. */
  get focusedId() {
    return this.renderRoot.activeElement?.camera?.id ?? null;
  }

  focusTile(id) {
    const tile = this.tile(id);
    tile?.scrollIntoView({block: 'nearest'});
    tile?.focus({preventScroll: true});
  }

  /** Moves the focus by an arrow key: along the row, or by a row. */
  moveFocus(key) {
    if (this.cameras.length === 0) return;
    const at = this.cameras.findIndex(({id}) => id === this.focusedId);
    const perRow = getComputedStyle(this.renderRoot.querySelector('ul')).gridTemplateColumns.split(' ').length;
    const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow}[key];
    const to = at < 0 ? 0 : at + step;
    if (to >= 0 && to < this.cameras.length) this.focusTile(this.cameras[to].id);
  }
}

/** 1, 2, 3, 4 columns for 1, 2–4, 5–9, 10 and more cameras. */
export function columns(cameras) {
  if (cameras <= 1) return 1;
  if (cameras <= 4) return 2;
  return cameras <= 9 ? 3 : 4;
}

customElements.define('fovea-wall', Wall);
