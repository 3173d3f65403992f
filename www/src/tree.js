// The tree's columns as the tree view needs them: names, paths, and which nodes are visible. Pure.
// @ts-check

/** @import { Columns } from "./boundary.js" */
/** @import { Status } from "./report.js" */
/** @import { Filter } from "./state.js" */
import { STATUSES } from "./state.js";

/** In `rows`: the pair of artifacts, and a folder without an entry of its own. */
const ROOT = -2;
const IMPLIED = -1;

export class Tree {
  #columns;
  #names;
  /** @type {string[] | null} */
  #paths = null;
  /** @type {string[] | null} */
  #keys = null;
  /** @type {Map<number, number> | null} */
  #nodes = null;
  /** @type {number[] | null} */
  #due = null;
  /** The number of nodes. */
  length;

  /** @param {Columns} columns */
  constructor(columns) {
    this.#columns = columns;
    this.#names = new TextDecoder().decode(columns.names);
    this.length = columns.rows.length;
  }

  /** The last part of the path. @param {number} node */
  name(node) {
    const starts = this.#columns.name_starts;
    return this.#names.slice(starts[node], starts[node + 1]);
  }

  /** @param {number} node */
  parent(node) {
    return this.#columns.parents[node] ?? -1;
  }

  /** @param {number} node */
  depth(node) {
    return this.#columns.depths[node] ?? 0;
  }

  /** The node after its last descendant. @param {number} node */
  end(node) {
    return this.#columns.ends[node] ?? node + 1;
  }

  /** @param {number} node */
  hasMembers(node) {
    return this.end(node) > node + 1;
  }

  /** @param {number} node */
  isRoot(node) {
    return this.#columns.rows[node] === ROOT;
  }

  /** Whether there is an entry to show. @param {number} node */
  hasRow(node) {
    return this.#columns.rows[node] !== IMPLIED;
  }

  /** The report's row; undefined for the root and for implied folders. @param {number} node */
  row(node) {
    const row = this.#columns.rows[node] ?? IMPLIED;
    return row >= 0 ? row : undefined;
  }

  /** The node of a report's row; 0 for the root. @param {number | null | undefined} row */
  nodeOf(row) {
    if (row === undefined || row === null || row < 0) return 0;
    this.#nodes ??= new Map(Array.from(this.#columns.rows, (row, node) => [row, node]));
    return this.#nodes.get(row) ?? 0;
  }

  /** @param {number} node @returns {"folder" | "file" | "link" | "other" | "container"} */
  kind(node) {
    return (
      /** @type {const} */ (["folder", "file", "link", "other", "container"])[this.#columns.kinds[node] ?? 1] ?? "file"
    );
  }

  /** @param {number} node @returns {Status} */
  status(node) {
    return STATUSES[this.#columns.statuses[node] ?? 0] ?? "identical";
  }

  /** Its own status and those of all it holds, in one. @param {number} node @returns {Status} */
  overall(node) {
    return STATUSES[this.#columns.overall[node] ?? 0] ?? "identical";
  }

  /** Sizes in A and B; -1 for none. @param {number} node @returns {[number, number]} */
  sizes(node) {
    return [this.#columns.sizes[2 * node] ?? -1, this.#columns.sizes[2 * node + 1] ?? -1];
  }

  /** Rows below it, by status. @param {number} node */
  counts(node) {
    return this.#columns.counts.subarray(6 * node, 6 * node + 6);
  }

  /** @param {number} node @returns {string[]} */
  causes(node) {
    const { cause_starts: starts, causes, cause_ids: ids } = this.#columns;
    return Array.from(causes.subarray(starts[node], starts[node + 1]), (cause) => ids[cause] ?? "");
  }

  /** The path as shown, with the levels of nesting as `!/`. @param {number} node */
  path(node) {
    if (this.#paths === null) {
      /** @type {string[]} */
      const paths = [];
      for (let at = 0; at < this.length; at++) {
        const parent = this.parent(at);
        const above = parent < 0 ? "" : `${paths[parent]}${this.kind(parent) === "container" ? "!/" : "/"}`;
        paths.push(above + this.name(at));
      }
      this.#paths = paths;
    }
    return this.#paths[node] ?? "";
  }

  /** What a node is called beyond this tree: its path, and which one of several it is; empty for the root. @param {number} node */
  key(node) {
    if (this.#keys === null) {
      /** @type {Map<string, number>} */
      const met = new Map();
      this.#keys = Array.from({ length: this.length }, (_, at) => {
        const path = this.isRoot(at) ? "" : this.path(at);
        const before = met.get(path) ?? 0;
        met.set(path, before + 1);
        // A path as shown has no control characters.
        return before ? `${path}\n${before + 1}` : path;
      });
    }
    return this.#keys[node] ?? "";
  }

  /** The node of a key; -1 if there is none. @param {string} key */
  find(key) {
    this.key(0);
    return this.#keys?.indexOf(key) ?? -1;
  }

  /** What wants reading: rows that are not explained, else those that are. */
  due() {
    /** @param {(status: Status) => boolean} wanted */
    const having = (wanted) =>
      Array.from({ length: this.length }, (_, node) => node).filter(
        (node) => this.hasRow(node) && wanted(this.status(node)) && this.causes(node).length > 0,
      );
    if (this.#due === null) {
      const open = having((status) => status !== "equivalent" && status !== "identical");
      this.#due = open.length ? open : having((status) => status === "equivalent");
    }
    return this.#due;
  }

  /** Rows that have a cause. @param {string} cause @returns {Set<number>} */
  rowsOf(cause) {
    const { cause_starts: starts, causes, cause_ids: ids, rows } = this.#columns;
    const id = ids.indexOf(cause);
    /** @type {Set<number>} */
    const found = new Set();
    for (let node = 0; node < this.length; node++) {
      for (let at = starts[node] ?? 0; at < (starts[node + 1] ?? 0); at++) {
        if (causes[at] === id) found.add(rows[node] ?? ROOT);
      }
    }
    return found;
  }

  /**
   * Rows by what the verdict says about them. A container that differs only by its members counts for them alone.
   * @returns {{ changed: number, removed: number, added: number, explained: number, unread: number, root: boolean }} The
   *   root is whether the artifacts themselves differ, apart from their members.
   */
  tally() {
    const { cause_starts: starts, rows } = this.#columns;
    const tally = { changed: 0, removed: 0, added: 0, explained: 0, unread: 0, root: false };
    for (let node = 0; node < this.length; node++) {
      if (rows[node] === IMPLIED) continue;
      const hasCause = (starts[node + 1] ?? 0) > (starts[node] ?? 0);
      if (rows[node] === ROOT) {
        tally.root = hasCause;
        continue;
      }
      switch (this.status(node)) {
        case "different":
          if (hasCause) tally.changed++;
          break;
        case "only-left":
          tally.removed++;
          break;
        case "only-right":
          tally.added++;
          break;
        case "equivalent":
          if (hasCause) tally.explained++;
          break;
        case "unread":
          tally.unread++;
          break;
      }
    }
    return tally;
  }

  /** Nodes that start out closed: large, and of one status throughout, so that their count says all. @returns {Set<number>} */
  uniform() {
    /** @type {Set<number>} */
    const closed = new Set();
    for (let node = 0; node < this.length; node++) {
      const held = this.end(node) - node - 1;
      if (held > 24 && this.depth(node) > 0 && this.counts(node).filter((count) => count > 0).length === 1)
        closed.add(node);
    }
    return closed;
  }

  /**
   * The nodes to show, in order: those that pass the filter, and what they are in.
   * @param {Filter} filter @param {Set<number>} collapsed @returns {{ nodes: Int32Array, matches: number }}
   */
  visible(filter, collapsed) {
    const { parents, ends, rows, statuses } = this.#columns;
    const wanted = STATUSES.map((status) => filter.statuses.has(status));
    const text = filter.text.toLowerCase();
    const keep = new Uint8Array(this.length);
    let matches = 0;
    for (let node = this.length - 1; node >= 0; node--) {
      const row = rows[node] ?? IMPLIED;
      if (row !== IMPLIED) {
        const passes = filter.only ? filter.only.rows.has(row) : wanted[statuses[node] ?? 0] || row === ROOT;
        if (passes && (text === "" || this.path(node).toLowerCase().includes(text))) {
          keep[node] = 1;
          if (row !== ROOT) matches++;
        }
      }
      const parent = parents[node] ?? -1;
      if (keep[node] && parent >= 0) keep[parent] = 1;
    }
    const nodes = new Int32Array(this.length);
    let count = 0;
    for (let node = 0; node < this.length; ) {
      const skip = ends[node] ?? node + 1;
      if (!keep[node]) {
        node = skip;
        continue;
      }
      nodes[count++] = node;
      // A search opens what it found.
      node = collapsed.has(node) && text === "" ? skip : node + 1;
    }
    return { nodes: nodes.slice(0, count), matches };
  }
}
