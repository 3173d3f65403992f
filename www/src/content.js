// Lines and bytes of the entry in the pane, fetched in parts around what is on screen and kept while it is shown.
// @ts-check

import { SIDES } from "./state.js";

/** @import { Sides, TextLine, TextWindow } from "./report.js" */

/** Lines in one part. */
const LINES = 256;
/** Bytes in one part. */
const BYTES = 4096;
/** Parts kept for each side; the oldest go first. */
const MOST = 160;

/**
 * Parts of one side, by number.
 * @template T
 */
class Parts {
  /** @type {Map<number, T>} */
  #parts = new Map();

  /** @param {number} part */
  get(part) {
    return this.#parts.get(part);
  }

  /** @param {number} part @param {T} value */
  set(part, value) {
    this.#parts.set(part, value);
    const oldest = this.#parts.keys().next().value;
    if (this.#parts.size > MOST && oldest !== undefined) this.#parts.delete(oldest);
  }

  /** The first of some that is missing, -1 for none. @param {number[]} wanted */
  missing(wanted) {
    return wanted.find((part) => !this.#parts.has(part)) ?? -1;
  }
}

/**
 * Asks for one missing part of each side at a time, always for what is wanted last: a fast scroll leaves no queue.
 * @template T
 */
class Windowed {
  /** @type {Sides<Parts<T>>} */
  parts = { left: new Parts(), right: new Parts() };
  #load;
  #changed;
  #size;
  /** @type {Sides<number[]>} */
  #wanted = { left: [], right: [] };
  #busy = false;
  /** A sentence, when the last loading failed. */
  error = "";

  /**
   * @param {number} size Of one part.
   * @param {(left: number, right: number) => Promise<Partial<Sides<T>>>} load Parts by number, -1 for none.
   * @param {() => void} changed
   */
  constructor(size, load, changed) {
    this.#size = size;
    this.#load = load;
    this.#changed = changed;
  }

  /** What is on screen and a bit around it, the most urgent first. @param {Sides<number[]>} places Lines or offsets. */
  want(places) {
    for (const side of SIDES) {
      this.#wanted[side] = [...new Set(places[side].map((place) => Math.floor(place / this.#size)))];
    }
    if (!this.#busy && !this.error) this.#pump();
  }

  async #pump() {
    this.#busy = true;
    try {
      for (;;) {
        const left = this.parts.left.missing(this.#wanted.left);
        const right = this.parts.right.missing(this.#wanted.right);
        if (left < 0 && right < 0) break;
        const found = await this.#load(left, right);
        if (found.left !== undefined) this.parts.left.set(left, found.left);
        if (found.right !== undefined) this.parts.right.set(right, found.right);
        this.#changed();
      }
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      this.#changed();
    } finally {
      this.#busy = false;
    }
  }
}

export class Lines {
  #windowed;

  /**
   * @param {Sides<number>} lines
   * @param {(left: number, leftCount: number, right: number, rightCount: number) => Promise<TextWindow>} load
   * @param {() => void} changed
   */
  constructor(lines, load, changed) {
    /** @type {Windowed<TextLine[]>} */
    this.#windowed = new Windowed(
      LINES,
      async (left, right) => {
        const count = (/** @type {number} */ part, /** @type {number} */ all) =>
          part < 0 ? 0 : Math.max(0, Math.min(LINES, all - part * LINES));
        const found = await load(
          Math.max(0, left) * LINES,
          count(left, lines.left),
          Math.max(0, right) * LINES,
          count(right, lines.right),
        );
        return { left: left < 0 ? undefined : found.left, right: right < 0 ? undefined : found.right };
      },
      changed,
    );
  }

  get error() {
    return this.#windowed.error;
  }

  /** @param {"left" | "right"} side @param {number} index @returns {TextLine | undefined} */
  line(side, index) {
    return this.#windowed.parts[side].get(Math.floor(index / LINES))?.[index % LINES];
  }

  /** @param {Sides<number[]>} places */
  want(places) {
    this.#windowed.want(places);
  }
}

export class Bytes {
  #windowed;

  /**
   * @param {(right: boolean, offset: number, count: number) => Promise<Uint8Array>} load
   * @param {() => void} changed
   */
  constructor(load, changed) {
    /** @type {Windowed<Uint8Array>} */
    this.#windowed = new Windowed(
      BYTES,
      async (left, right) => ({
        left: left < 0 ? undefined : await load(false, left * BYTES, BYTES),
        right: right < 0 ? undefined : await load(true, right * BYTES, BYTES),
      }),
      changed,
    );
  }

  get error() {
    return this.#windowed.error;
  }

  /** @param {"left" | "right"} side @param {number} offset @returns {number | undefined} */
  byte(side, offset) {
    return this.#windowed.parts[side].get(Math.floor(offset / BYTES))?.[offset % BYTES];
  }

  /** @param {Sides<number[]>} places */
  want(places) {
    this.#windowed.want(places);
  }
}
