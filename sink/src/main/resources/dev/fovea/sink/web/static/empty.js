// No camera yet: what to do, as commands that can be copied as they are.
import {LitElement, html, css} from 'lit';
import {shared} from './shared.js';
import {glyph} from './glyphs.js';
import {copy} from './clipboard.js';

const DEMO = './fovea demo';
const OWN = './fovea demo --camera gate=rtsp://192.0.2.10/stream1';
const INGEST = './fovea ingest --config cameras.conf';

export class Empty extends LitElement {
  static properties = {
    summary: {attribute: false},
    lost: {attribute: false},
    copied: {state: true},
  };

  static styles = [
    shared,
    css`
      :host {
        display: grid;
        position: relative;
        padding: 24px;
        min-height: calc(100dvh - 120px);
        align-items: center;
        justify-items: center;
      }
      .slots {
        position: absolute;
        inset: 24px;
        display: grid;
        grid-template: 1fr 1fr / 1fr 1fr 1fr;
        gap: 10px;
        overflow: hidden;
      }
      .slots i {
        border: 1px dashed var(--line);
        border-radius: 6px;
      }
      section {
        position: relative;
        width: min(600px, 100%);
        padding: 32px 36px 20px;
        background: var(--s1);
        border: 1px solid var(--line);
        border-radius: 10px;
        box-shadow: var(--shadow);
      }
      h1 {
        font: 600 20px/28px var(--font);
        margin-bottom: 4px;
      }
      p {
        font-size: 14px;
        line-height: 20px;
        color: var(--tx2);
      }
      h2 {
        font: 400 12px/16px var(--font);
        color: var(--tx3);
        margin: 20px 0 6px;
      }
      .command {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 4px 4px 4px 12px;
        border: 1px solid var(--edge);
        border-radius: 6px;
        background: var(--bg);
      }
      code {
        flex: 1;
        min-width: 0;
        font: 400 13px/20px var(--mono);
        color: var(--tx);
        overflow-x: auto;
        white-space: nowrap;
      }
      small {
        display: block;
        margin-top: 6px;
        font-size: 12px;
        line-height: 16px;
        color: var(--tx3);
      }
      small code {
        font-size: 12px;
        color: var(--tx2);
      }
      .checks {
        display: flex;
        flex-wrap: wrap;
        gap: 8px 24px;
        margin-top: 24px;
        padding-top: 14px;
        border-top: 1px solid var(--line);
        font-size: 12px;
        color: var(--tx2);
      }
      .checks span {
        display: inline-flex;
        align-items: center;
        gap: 6px;
      }
      @media (max-width: 640px) {
        :host {
          padding: 12px;
        }
        section {
          padding: 20px 16px 16px;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.copied = '';
  }

  render() {
    return html`
      <div class="slots" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i><i></i></div>
      <section>
        <h1>Add your first camera</h1>
        <p>Its picture appears here with boxes, a few seconds after the first frame arrives.</p>
        <h2>Your own camera, all in one process</h2>
        ${this.#command(OWN, true)}
        <small>NAME=FILE_OR_URL, as often as you have cameras: RTSP, HTTP MJPEG, v4l2:/dev/video0, a video file, or a folder of pictures.</small>
        <h2>More cameras for this server</h2>
        ${this.#command(INGEST)}
        <small><code>./fovea config ingest</code> prints every setting with its meaning: start the file from it.</small>
        <h2>No camera at hand? Synthetic street cameras</h2>
        ${this.#command(DEMO)}
        <div class="checks">${this.#checks()}</div>
      </section>
    `;
  }

  #command(text, first = false) {
    return html`<div class="command">
      <code tabindex="0">${text}</code>
      <button class="button ${first ? 'primary' : 'plain'}" aria-label="Copy: ${text}" @click=${() => this.#copy(text)}>${this.copied === text ? 'Copied' : 'Copy'}</button>
    </div>`;
  }

  async #copy(text) {
    if (await copy(text)) this.copied = text;
  }

  #checks() {
    const model = this.summary?.model;
    const server = this.lost ? html`<span class="tone-bad">${glyph('cross')}Server not reached</span>` : html`<span>${glyph('check')}Server reached</span>`;
    const detector = model?.version
      ? html`<span>${glyph('check')}Detector ready, ${model.name} ${model.version}${model.engine ? ` on ${model.engine}` : ''}</span>`
      : html`<span>${glyph('ring')}No detector has answered yet: it has had no frames</span>`;
    return html`${server} ${detector}`;
  }
}

customElements.define('fovea-empty', Empty);
