// The last few minutes of one figure, as a line without axes. Plain SVG.
import {svg, html, nothing} from 'lit';

const WIDTH = 72;
const HEIGHT = 20;

/** values: numbers or null, oldest first; a null breaks the line. The lowest value is the bottom: it shows change, the figure beside it the level. */
export function path(values) {
  const known = values.filter((v) => v !== null);
  if (known.length < 2) return '';
  const low = Math.min(...known);
  const range = Math.max(...known) - low || 1;
  let d = '';
  let pen = 'M';
  values.forEach((value, i) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    const x = (i / (values.length - 1)) * WIDTH;
    const y = HEIGHT - 2 - ((value - low) / range) * (HEIGHT - 4);
    d += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return d;
}

export function sparkline(values) {
  const d = path(values);
  if (!d) return nothing;
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" width=${WIDTH} height=${HEIGHT} aria-hidden="true">
    ${svg`<path d=${d} fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round"/>`}
  </svg>`;
}
