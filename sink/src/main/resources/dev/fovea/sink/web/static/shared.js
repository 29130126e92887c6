// Styles that more than one component needs.
import {css} from 'lit';

export const shared = css`
  :host {
    box-sizing: border-box;
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  :focus-visible {
    outline: 2px solid var(--ac);
    outline-offset: 2px;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  dl,
  dd,
  table {
    margin: 0;
    padding: 0;
  }
  ul {
    list-style: none;
  }
  svg {
    flex: none;
    display: block;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    margin: 0;
    cursor: pointer;
    text-align: start;
  }
  .button {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    min-height: 28px;
    padding: 0 12px;
    font-weight: 500;
    border: 1px solid var(--edge);
    border-radius: 6px;
    white-space: nowrap;
  }
  .button:hover {
    background: var(--s3);
  }
  .button:active {
    background: var(--s1);
  }
  .primary {
    background: var(--ac);
    border-color: var(--ac);
    color: var(--on-ac);
  }
  .primary:hover {
    background: color-mix(in srgb, var(--ac) 85%, var(--tx));
  }
  .plain {
    border-color: transparent;
  }
  .quiet {
    color: var(--tx2);
  }
  .tone-ok {
    color: var(--ok);
  }
  .tone-warn {
    color: var(--warn);
  }
  .tone-bad {
    color: var(--bad);
  }
  .tone-quiet {
    color: var(--tx2);
  }
  kbd {
    display: inline-block;
    min-width: 18px;
    padding: 0 5px;
    border: 1px solid var(--edge);
    border-radius: 3px;
    font: 500 11px/16px var(--font);
    color: var(--tx2);
    text-align: center;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  [popover] {
    color: var(--tx);
    background: var(--s2);
    border: 1px solid var(--edge);
    border-radius: 10px;
    box-shadow: var(--shadow);
    padding: 16px;
    margin: 0;
    max-width: calc(100vw - 32px);
    max-height: calc(100dvh - 64px);
    overflow: auto;
  }
  @media (prefers-reduced-motion: no-preference) {
    [popover]:popover-open {
      animation: appear 120ms ease-out;
    }
  }
  @keyframes appear {
    from {
      opacity: 0;
      transform: translateY(-4px);
    }
  }
  @media (max-width: 640px), (pointer: coarse) {
    .button,
    input {
      min-height: 44px;
    }
    kbd {
      display: none;
    }
  }
`;
