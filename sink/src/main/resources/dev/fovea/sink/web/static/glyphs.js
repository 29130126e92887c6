// Inline SVG for states and controls: Unicode's crosses and triangles differ from font to font. Always beside a word, so hidden from readers.
import {svg, html} from 'lit';

const SHAPES = {
  dot: svg`<circle cx="6" cy="6" r="4" fill="currentColor"/>`,
  ring: svg`<circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" stroke-width="1.75"/>`,
  triangle: svg`<path d="M6 1.2 11.4 10.8H.6z" fill="currentColor"/>`,
  cross: svg`<path d="M2.2 2.2 9.800 9.800M9.800 2.200 2.200 9.800" stroke="currentColor" stroke-width="2.600" fill="none"/>`,
  check: svg`<path d="M1.500 6.600 4.500 9.600 10.500 2.600" stroke="currentColor" stroke-width="1.500" fill="none"/>`,
  chevron: svg`<path d="M2 4.200 6 8.200 10 4.200" stroke="currentColor" stroke-width="1.500" fill="none"/>`,
};

/** A state's glyph, 12 px. */
export const glyph = (name) => html`<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">${SHAPES[name]}</svg>`;

const ICONS = {
  brand: svg`<path d="M1.500 12C4 7.300 7.700 5 12 5s8 2.300 10.500 7C20 16.700 16.300 19 12 19S4 16.700 1.500 12z"/><rect class="pupil" x="8.500" y="8.500" width="7" height="7" rx="1"/>`,
  theme: svg`<circle cx="12" cy="12" r="4"/><path d="M12 3v2.500M12 18.500V21M3 12h2.500M18.500 12H21M5.600 5.600l1.800 1.800M16.600 16.600l1.800 1.800M18.400 5.600l-1.800 1.800M7.400 16.600l-1.800 1.800"/>`,
  warning: svg`<path d="M12 3.500 22 20.500H2zM12 10v5M12 17v1.500"/>`,
  wall: svg`<rect x="3.500" y="3.500" width="7" height="7" rx="1.500"/><rect x="13.500" y="3.500" width="7" height="7" rx="1.500"/><rect x="3.500" y="13.500" width="7" height="7" rx="1.500"/><rect x="13.500" y="13.500" width="7" height="7" rx="1.500"/>`,
  charts: svg`<path d="M5 20v-7M10 20V7M15 20v-9M20 20V4"/>`,
  find: svg`<circle cx="10.500" cy="10.500" r="6.500"/><path d="m15.500 15.500 5.500 5.500"/>`,
};

/** A control's icon. */
export const icon = (name, size = 20) => html`<svg
  class="icon"
  viewBox="0 0 24 24"
  width=${size}
  height=${size}
  fill="none"
  stroke="currentColor"
  stroke-width="2"
  stroke-linejoin="round"
  stroke-linecap="round"
  aria-hidden="true"
>
  ${ICONS[name]}
</svg>`;
