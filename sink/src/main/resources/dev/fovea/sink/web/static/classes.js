// Which colour a class has, everywhere: boxes, chips, chart lines.

/** The palette's order is the design's; classes it names keep their colour on every site. */
const NAMED = ['car', 'person', 'bicycle', 'truck', 'bottle', 'bus', 'motorcycle'];
const COLOURS = NAMED.length;
const STORE = 'fovea.classes';

/**
 * Hands out slots. A class gets the design's own slot if it has one and no other class is shown in it, else the first free one, and keeps it, also
 * over reloads.
 */
export class ClassPalette {
  /** Label → slot from 0, of every class that was ever shown. */
  #slots = new Map();
  #storage;

  /** storage: as localStorage, or null to remember nothing. */
  constructor(storage) {
    this.#storage = storage;
    try {
      for (const [label, slot] of Object.entries(JSON.parse(storage?.getItem(STORE) ?? '{}'))) {
        if (Number.isInteger(slot) && slot >= 0) this.#slots.set(label, slot);
      }
    } catch {
      // Unreadable or refused: colours are handed out anew.
    }
  }

  /** {slot: 1…7, digit: 0, or 2, 3, … where a colour is used again and the digit tells the classes apart}. */
  of(label) {
    const slot = this.#slots.get(label) ?? this.#assign(label);
    const round = Math.floor(slot / COLOURS);
    return {slot: (slot % COLOURS) + 1, digit: round === 0 ? 0 : round + 1};
  }

  /** The class as written on chips and lines: its name, with a digit where the colour is shared. */
  text(label) {
    const {digit} = this.of(label);
    return digit ? `${label} ${digit}` : label;
  }

  #assign(label) {
    const taken = new Set(this.#slots.values());
    let slot = NAMED.indexOf(label);
    if (slot < 0 || taken.has(slot)) {
      slot = 0;
      while (taken.has(slot)) slot++;
    }
    this.#slots.set(label, slot);
    try {
      this.#storage?.setItem(STORE, JSON.stringify(Object.fromEntries(this.#slots)));
    } catch {
      // Full or refused: they last as long as the page.
    }
    return slot;
  }
}

function localStore() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

export const palette = new ClassPalette(localStore());
