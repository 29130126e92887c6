// The keys that there are, and the switch that turns single keys off for those whom they hinder.
import {LitElement, html, css} from 'lit';
import {shared} from './shared.js';

const KEYS = [
  [['/'], 'Find a camera'],
  [['←', '→', '↑', '↓'], 'From tile to tile'],
  [['Enter'], 'Show the camera large, and back'],
  [['f'], 'Full screen, and back'],
  [['l'], 'Frame ledger'],
  [['r'], 'Reconnect now'],
  [['g', 'w'], 'Wall'],
  [['?'], 'These keys'],
  [['Esc'], 'Close, back'],
];

export class Keys extends LitElement {
  static properties = {on: {attribute: false}};

  static styles = [
    shared,
    css`
      [popover] {
        inset: 50px 16px auto auto;
        width: 320px;
      }
      h2 {
        font: 600 15px/22px var(--font);
        margin-bottom: 8px;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 8px 16px;
        align-items: baseline;
      }
      dt {
        display: flex;
        gap: 4px;
      }
      dt kbd {
        display: inline-block;
      }
      dd {
        color: var(--tx2);
      }
      label {
        display: flex;
        gap: 8px;
        align-items: center;
        margin-top: 12px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
        color: var(--tx2);
      }
      input {
        accent-color: var(--ac);
        min-height: 0;
        margin: 0;
        width: 16px;
        height: 16px;
      }
    `,
  ];

  toggle() {
    this.renderRoot.querySelector('[popover]').togglePopover();
  }

  render() {
    return html`<section popover aria-label="Keys">
      <h2>Keys</h2>
      <dl>${KEYS.map(([keys, what]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${what}</dd>`)}</dl>
      <label><input type="checkbox" .checked=${this.on} @change=${this.#switch} />Single keys work outside fields</label>
    </section>`;
  }

  #switch(event) {
    this.dispatchEvent(new CustomEvent('switch-keys', {detail: event.target.checked, bubbles: true, composed: true}));
  }
}

customElements.define('fovea-keys', Keys);
