// A window over very many rows: only what is on screen is in the document.
// @ts-check

import { h } from "./dom.js";

/** Browsers clip elements at about 33.5 million px; beyond this height the scroll position is scaled. */
const MOST_PX = 16_000_000;
/** Rows drawn beyond each edge. */
const OVERSCAN = 8;
/** Up to so many rows, heights may differ. */
const MOST_MEASURED = 400_000;

/** Heights of rows that may be taller than one line: sums in logarithmic time (a Fenwick tree). */
class Extras {
  #sums;
  #values;

  /** @param {number} length */
  constructor(length) {
    this.#sums = new Float64Array(length + 1);
    this.#values = new Float32Array(length);
  }

  /** @param {number} row @param {number} extra */
  set(row, extra) {
    const change = extra - (this.#values[row] ?? 0);
    if (change === 0) return 0;
    this.#values[row] = extra;
    for (let at = row + 1; at < this.#sums.length; at += at & -at) this.#sums[at] = (this.#sums[at] ?? 0) + change;
    return change;
  }

  /** The sum over all rows before `row`. @param {number} row */
  before(row) {
    let sum = 0;
    for (let at = Math.min(row, this.#values.length); at > 0; at -= at & -at) sum += this.#sums[at] ?? 0;
    return sum;
  }

  /** The row at a height, each row being `base` px and its extra. @param {number} y @param {number} base */
  find(y, base) {
    let at = 0;
    let rest = y;
    for (let step = 1 << Math.floor(Math.log2(this.#sums.length)); step > 0; step >>= 1) {
      const next = at + step;
      if (next >= this.#sums.length) continue;
      const height = step * base + (this.#sums[next] ?? 0);
      if (height <= rest) {
        at = next;
        rest -= height;
      }
    }
    return at;
  }
}

export class Rows {
  #scroller;
  #spacer = h("div", { class: "spacer", "aria-hidden": "true" });
  #layer;
  #height;
  #draw;
  #drawn;
  #pinned;
  /** @type {Map<number, HTMLElement>} */
  #elements = new Map();
  /** @type {Extras | null} */
  #extras = null;
  #length = 0;
  /** Position in unscaled px, and the scroller's when it was last seen. */
  #top = 0;
  #seen = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {object} options
   * @param {number} options.height Of one row in px, the least where they are measured.
   * @param {(row: number) => HTMLElement} options.draw Makes a row.
   * @param {(first: number, end: number) => void} [options.drawn] What is in the document now.
   * @param {() => number} [options.pinned] A row that is never removed, for it has the focus; -1 for none.
   * @param {HTMLElement} [options.layer] Where rows go.
   */
  constructor(scroller, { height, draw, drawn, pinned, layer }) {
    this.#scroller = scroller;
    this.#height = height;
    this.#draw = draw;
    this.#drawn = drawn;
    this.#pinned = pinned;
    this.#layer = layer ?? h("div");
    this.#layer.classList.add("layer");
    scroller.append(this.#spacer, this.#layer);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.refresh(this.#extras !== null)).observe(scroller);
  }

  /** Shows other rows. @param {number} length @param {{ measured?: boolean, keep?: boolean }} [options] `keep` stays where it is. */
  reset(length, { measured = false, keep = false } = {}) {
    const anchor = this.#anchor();
    this.#length = length;
    this.#extras = measured && length <= MOST_MEASURED ? new Extras(length) : null;
    this.#clear();
    this.#resize();
    this.#move(keep ? this.#offset(Math.min(anchor.row, length)) + anchor.into : 0);
    this.#update();
  }

  /** Draws the same rows again. @param {boolean} [measure] Forget their heights, too. */
  refresh(measure = false) {
    if (measure) this.reset(this.#length, { measured: this.#extras !== null, keep: true });
    else {
      this.#clear();
      this.#update();
    }
  }

  /** @param {number} row */
  element(row) {
    return this.#elements.get(row);
  }

  /** Rows that fit. */
  get page() {
    return Math.max(1, Math.floor(this.#scroller.clientHeight / this.#height) - 1);
  }

  /** The first visible row. */
  get first() {
    return this.#anchor().row;
  }

  /** Brings a row into view. @param {number} row @param {"nearest" | "third"} [where] */
  reveal(row, where = "nearest") {
    const view = this.#scroller.clientHeight;
    const top = this.#offset(row);
    const bottom = this.#offset(row + 1);
    if (where === "third") this.#move(top - view / 3);
    else if (top < this.#top) this.#move(top);
    else if (bottom > this.#top + view) this.#move(bottom - view);
    else return;
    this.#update();
  }

  #anchor() {
    const row = this.#find(this.#top);
    return { row, into: this.#top - this.#offset(row) };
  }

  /** @param {number} row */
  #offset(row) {
    return row * this.#height + (this.#extras?.before(row) ?? 0);
  }

  /** @param {number} y */
  #find(y) {
    if (this.#extras) return this.#extras.find(y, this.#height);
    return Math.min(this.#length, Math.max(0, Math.floor(y / this.#height)));
  }

  #total() {
    return this.#offset(this.#length);
  }

  #resize() {
    this.#spacer.style.height = `${Math.min(this.#total(), MOST_PX)}px`;
  }

  /** Unscaled px for each px of the scroller. */
  #scale() {
    const view = this.#scroller.clientHeight;
    return Math.max(1, (this.#total() - view) / Math.max(1, Math.min(this.#total(), MOST_PX) - view));
  }

  /** @param {number} top */
  #move(top) {
    this.#top = Math.max(0, Math.min(top, this.#total() - this.#scroller.clientHeight));
    this.#scroller.scrollTop = this.#top / this.#scale();
    this.#seen = this.#scroller.scrollTop;
  }

  #scrolled() {
    const { scrollTop, clientHeight, scrollHeight } = this.#scroller;
    const step = scrollTop - this.#seen;
    this.#seen = scrollTop;
    const scale = this.#scale();
    if (scale === 1) this.#top = scrollTop;
    else if (scrollTop <= 0) this.#top = 0;
    else if (scrollTop + clientHeight >= scrollHeight - 1) this.#top = this.#total() - clientHeight;
    // A small step is the wheel: px for px. A large one is the scroll bar: to its place in the whole.
    else this.#top = Math.abs(step) < 2 * clientHeight ? this.#top + step : scrollTop * scale;
    this.#update();
  }

  #clear() {
    const pinned = this.#pinned?.() ?? -1;
    const kept = this.#elements.get(pinned);
    const focused = kept?.contains(document.activeElement);
    this.#elements.clear();
    this.#layer.replaceChildren();
    if (focused) {
      this.#place(pinned, 0);
      this.#elements.get(pinned)?.focus({ preventScroll: true });
    }
  }

  /** @param {number} row @param {number} at Among the children. */
  #place(row, at) {
    let element = this.#elements.get(row);
    if (!element) {
      element = this.#draw(row);
      this.#elements.set(row, element);
    }
    if (this.#layer.children[at] !== element) this.#layer.insertBefore(element, this.#layer.children[at] ?? null);
  }

  #update() {
    const view = this.#scroller.clientHeight;
    if (view === 0) {
      // Another view may show it in a moment: hidden and shown within one frame, it has no new size to be told of.
      queueMicrotask(() => {
        if (this.#scroller.clientHeight === 0) return;
        this.#move(this.#top);
        this.#update();
      });
      return;
    }
    const visible = this.#find(this.#top);
    const first = Math.max(0, visible - OVERSCAN);
    const end = Math.min(this.#length, this.#find(this.#top + view) + 1 + OVERSCAN);
    const pinned = this.#pinned?.() ?? -1;
    for (const [row, element] of this.#elements) {
      if ((row < first || row >= end) && row !== pinned) {
        element.remove();
        this.#elements.delete(row);
      }
    }
    let at = 0;
    const held = this.#elements.get(pinned);
    if (held && (pinned < first || pinned >= end)) {
      // Out of sight, but still in the document: the focus must not be lost.
      held.classList.add("away");
      if (this.#layer.firstChild !== held) this.#layer.prepend(held);
      at = 1;
    } else held?.classList.remove("away");
    for (let row = first; row < end; row++) this.#place(row, at++);
    this.#shift(first);
    if (this.#extras) this.#measure(first, end, visible);
    this.#drawn?.(first, end);
  }

  /** @param {number} first */
  #shift(first) {
    const y = this.#offset(first) + this.#scroller.scrollTop - this.#top;
    this.#layer.style.transform = `translateY(${y}px)`;
  }

  /** Takes the heights of what was drawn; what is being read stays where it is. @param {number} first @param {number} end @param {number} visible */
  #measure(first, end, visible) {
    let above = 0;
    let changed = false;
    const atEnd = first > 0 && end === this.#length && this.#top + this.#scroller.clientHeight >= this.#total() - 1;
    for (let row = first; row < end; row++) {
      const height = this.#elements.get(row)?.offsetHeight ?? this.#height;
      const change = this.#extras?.set(row, Math.max(0, height - this.#height)) ?? 0;
      if (change !== 0) changed = true;
      if (row < visible) above += change;
    }
    if (!changed) return;
    this.#resize();
    if (atEnd) this.#move(Infinity);
    else if (above !== 0) this.#move(this.#top + above);
    this.#shift(first);
  }
}
