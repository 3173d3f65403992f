// How a comparison of lines or bytes is laid out in rows: paired, folded, found again. Pure; used by Text and Hex.
// @ts-check

/** Kinds of row. The first four are the tags of `ops`. */
export const EQUAL = 0;
export const REMOVED = 1;
export const ADDED = 2;
export const CHANGED = 3;
export const FOLD = 4;

/** Equal lines kept on each side of a change. */
const CONTEXT = 3;
/** A fold hides at least so many: fewer are shorter than the fold itself. */
const LEAST_FOLD = 4;
/** Lines that one press unfolds. */
export const UNFOLD = 20;

/**
 * A run of rows of one kind.
 * @typedef {object} Run
 * @property {number} kind
 * @property {number} row First row.
 * @property {number} rows Rows; 1 for a fold.
 * @property {number} left First line in A.
 * @property {number} lefts Lines in A.
 * @property {number} right First line in B.
 * @property {number} rights Lines in B.
 * @property {number} op Which op it belongs to.
 */

/** How much of the equal lines of an op was unfolded, from its top and from its bottom. */
/** @typedef {Map<number, { top: number, bottom: number }>} Unfolded */

/** @param {ArrayLike<number>} ops @param {number} op @returns {[number, number, number, number, number]} */
function five(ops, op) {
  const at = 5 * op;
  return [ops[at] ?? 0, ops[at + 1] ?? 0, ops[at + 2] ?? 0, ops[at + 3] ?? 0, ops[at + 4] ?? 0];
}

/**
 * The rows of a comparison.
 *
 * `unified` gives a change first all lines of A, then all of B; otherwise they stand side by side.
 */
export class Layout {
  /** @type {Run[]} */
  runs = [];
  /** The number of rows. */
  length = 0;
  /** First row of every change. @type {number[]} */
  changes = [];

  /** @param {ArrayLike<number>} ops @param {boolean} unified @param {Unfolded | "all"} unfolded */
  constructor(ops, unified, unfolded) {
    const last = ops.length / 5 - 1;
    for (let op = 0; op <= last; op++) {
      const [kind, left, lefts, right] = five(ops, op);
      if (kind === EQUAL) {
        this.#equal(op, left, right, lefts, last, unfolded);
        continue;
      }
      // What stands between two equal parts is one change.
      const first = op;
      while (op < last && five(ops, op + 1)[0] !== EQUAL) op++;
      this.changes.push(this.length);
      if (unified) this.#unified(ops, first, op);
      else {
        for (let at = first; at <= op; at++) {
          const [kind, left, lefts, right, rights] = five(ops, at);
          this.#add(kind, at, Math.max(lefts, rights), left, lefts, right, rights);
        }
      }
    }
  }

  /** All that was removed, then all that was added. @param {ArrayLike<number>} ops @param {number} first @param {number} last */
  #unified(ops, first, last) {
    for (let op = first; op <= last; op++) {
      const [, left, lefts, right] = five(ops, op);
      if (lefts) this.#add(REMOVED, op, lefts, left, lefts, right, 0);
    }
    for (let op = first; op <= last; op++) {
      const [, left, lefts, right, rights] = five(ops, op);
      if (rights) this.#add(ADDED, op, rights, left + lefts, 0, right, rights);
    }
  }

  /** @param {number} op @param {number} left @param {number} right @param {number} count @param {number} last @param {Unfolded | "all"} unfolded */
  #equal(op, left, right, count, last, unfolded) {
    const open = unfolded === "all" ? { top: count, bottom: 0 } : unfolded.get(op);
    let top = (op === 0 ? 0 : CONTEXT) + (open?.top ?? 0);
    let bottom = (op === last ? 0 : CONTEXT) + (open?.bottom ?? 0);
    if (last === 0 || top + bottom + LEAST_FOLD > count) [top, bottom] = [count, 0];
    const hidden = count - top - bottom;
    if (top) this.#add(EQUAL, op, top, left, top, right, top);
    if (hidden) this.#add(FOLD, op, 1, left + top, hidden, right + top, hidden);
    if (bottom) this.#add(EQUAL, op, bottom, left + count - bottom, bottom, right + count - bottom, bottom);
  }

  /** @param {number} kind @param {number} op @param {number} rows @param {number} left @param {number} lefts @param {number} right @param {number} rights */
  #add(kind, op, rows, left, lefts, right, rights) {
    this.runs.push({ kind, row: this.length, rows, left, lefts, right, rights, op });
    this.length += rows;
  }

  /** The run that holds a row. @param {number} row @returns {Run | undefined} */
  at(row) {
    let low = 0;
    let high = this.runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.runs[middle]?.row ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return this.runs[low];
  }

  /** The run that has a line of a side, folded or not. @param {"left" | "right"} side @param {number} line */
  holder(side, line) {
    return this.runs.find((run) => line >= run[side] && line < run[side] + run[`${side}s`]);
  }

  /**
   * Which lines a row shows: indices into each side, -1 for none.
   * @param {number} row @returns {{ run: Run, left: number, right: number } | null}
   */
  lines(row) {
    const run = this.at(row);
    if (!run) return null;
    const at = row - run.row;
    return { run, left: at < run.lefts ? run.left + at : -1, right: at < run.rights ? run.right + at : -1 };
  }
}

/**
 * Byte ops as ops of whole hex rows. Both sides are laid out in common columns, a gap where one has nothing, and the
 * columns are cut into rows of `width`: a row is equal when all of it is. One inserted byte moves nothing else.
 */
export class Columns {
  /** First column of each op, and the end. */
  #starts;
  #ops;
  #width;
  /** Five numbers each, counted in rows, the same on both sides. @type {number[]} */
  ops = [];
  /** The number of rows. */
  rows;

  /** @param {ArrayLike<number>} ops @param {number} width */
  constructor(ops, width) {
    this.#ops = ops;
    this.#width = width;
    const count = ops.length / 5;
    this.#starts = new Float64Array(count + 1);
    for (let op = 0; op < count; op++) {
      const wide = Math.max(ops[5 * op + 2] ?? 0, ops[5 * op + 4] ?? 0);
      this.#starts[op + 1] = (this.#starts[op] ?? 0) + wide;
    }
    const end = this.#starts[count] ?? 0;
    this.rows = Math.ceil(end / width);
    let row = 0;
    for (let op = 0; op < count; op++) {
      if (ops[5 * op] !== EQUAL) continue;
      const first = Math.ceil((this.#starts[op] ?? 0) / width);
      const stop = this.#starts[op + 1] === end ? this.rows : Math.floor((this.#starts[op + 1] ?? 0) / width);
      if (stop <= first) continue;
      if (first > row) this.ops.push(CHANGED, row, first - row, row, first - row);
      this.ops.push(EQUAL, first, stop - first, first, stop - first);
      row = stop;
    }
    if (row < this.rows) this.ops.push(CHANGED, row, this.rows - row, row, this.rows - row);
  }

  /**
   * The offset of each byte in one row of one side, -1 for a gap, and whether it differs.
   * @param {number} row @param {boolean} right @returns {{ offsets: number[], differs: boolean[] }}
   */
  cells(row, right) {
    /** @type {number[]} */
    const offsets = [];
    /** @type {boolean[]} */
    const differs = [];
    const end = this.#starts[this.#starts.length - 1] ?? 0;
    let op = this.#opAt(row * this.#width);
    for (let column = row * this.#width; column < (row + 1) * this.#width && column < end; column++) {
      while (column >= (this.#starts[op + 1] ?? Infinity)) op++;
      const at = column - (this.#starts[op] ?? 0);
      const [first, count] = right
        ? [this.#ops[5 * op + 3], this.#ops[5 * op + 4]]
        : [this.#ops[5 * op + 1], this.#ops[5 * op + 2]];
      offsets.push(at < (count ?? 0) ? (first ?? 0) + at : -1);
      differs.push(this.#ops[5 * op] !== EQUAL);
    }
    return { offsets, differs };
  }

  /** @param {number} column */
  #opAt(column) {
    let low = 0;
    let high = this.#starts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= column) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
