// What is known of the one camera that is shown large: facts, and the objects of the picture beside it.
import {LitElement, html, css, nothing} from 'lit';
import {shared} from './shared.js';
import {count, moment, rate, score, NONE} from './format.js';
import {palette} from './classes.js';

export class Details extends LitElement {
  static properties = {
    camera: {attribute: false},
    state: {attribute: false},
    /** What the tile drew last. */
    painted: {attribute: false},
    nowMicros: {attribute: false},
  };

  static styles = [
    shared,
    css`
      :host {
        display: block;
        background: var(--s1);
        border: 1px solid var(--line);
        border-radius: 10px;
        padding: 12px 16px;
        overflow: auto;
      }
      h2 {
        font: 600 13px/22px var(--font);
      }
      h2 small {
        font: 400 12px/16px var(--font);
        color: var(--tx3);
        margin-inline-start: 6px;
      }
      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 6px 16px;
        margin-bottom: 16px;
      }
      dt {
        color: var(--tx3);
      }
      dd {
        color: var(--tx2);
        overflow-wrap: anywhere;
      }
      .objects {
        display: grid;
        gap: 2px;
        margin-top: 4px;
      }
      .objects li {
        display: grid;
        grid-template-columns: 10px 1fr auto;
        align-items: center;
        gap: 8px;
        padding: 3px 0;
        border-top: 1px solid var(--line);
        color: var(--tx2);
      }
      i {
        width: 10px;
        height: 10px;
        border-radius: 2px;
        background: currentColor;
      }
      .class-1 { color: var(--line-1); }
      .class-2 { color: var(--line-2); }
      .class-3 { color: var(--line-3); }
      .class-4 { color: var(--line-4); }
      .class-5 { color: var(--line-5); }
      .class-6 { color: var(--line-6); }
      .class-7 { color: var(--line-7); }
      .back {
        display: inline-flex;
        margin-bottom: 12px;
      }
      @media (max-width: 640px) {
        :host {
          border-width: 0 0 1px;
          border-radius: 0;
        }
      }
    `,
  ];

  render() {
    const {camera} = this;
    const boxes = !this.state.stale && this.painted ? this.painted.frame.boxes : [];
    return html`
      <button class="button back" @click=${this.#back}>Back to the wall <kbd>Esc</kbd></button>
      <h2>${camera.id}</h2>
      <dl>
        <dt>State</dt>
        <dd>${this.state.word} since ${moment(camera.sinceMicros, this.nowMicros)}</dd>
        <dt>Source</dt>
        <dd>${camera.source || NONE}</dd>
        <dt>Recorded</dt>
        <dd>${camera.widthPx ? html`${camera.widthPx} × ${camera.heightPx} px` : NONE}</dd>
        <dt>Published</dt>
        <dd>${rate(camera.framesPerSecond ?? 0)} frames/s</dd>
        <dt>Frame</dt>
        <dd>${this.painted ? count(this.painted.frame.frameNumber) : NONE}</dd>
        ${camera.accuracy ? html`<dt>Measured</dt><dd>AP50 ${score(camera.accuracy.ap50)} over its last ${count(camera.accuracy.frames)} frames</dd>` : nothing}
        ${this.painted?.frame.model ? html`<dt>Model</dt><dd>${modelText(this.painted.frame.model)}</dd>` : nothing}
      </dl>
      <h2>Objects in view<small>${this.state.stale ? 'not live' : count(boxes.length)}</small></h2>
      <ul class="objects">
        ${boxes.map(
          (box) => html`<li><i class="class-${palette.of(box.label).slot}"></i><span>${palette.text(box.label)}</span><span>${score(box.score)}</span></li>`,
        )}
      </ul>
    `;
  }

  #back() {
    this.dispatchEvent(new CustomEvent('toggle-large', {detail: this.camera.id, bubbles: true, composed: true}));
  }
}

/** The header's model may be a name, or name and version apart. */
function modelText(model) {
  return typeof model === 'string' ? model : [model.name, model.version].filter(Boolean).join(' ');
}

customElements.define('fovea-details', Details);
