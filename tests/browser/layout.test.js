// How rows are laid out: plain logic, without a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADDED, CHANGED, Columns, EQUAL, FOLD, Layout, REMOVED } from "../../www/src/diff.js";
import { Tree } from "../../www/src/tree.js";

/** Rows as `sign left right`. @param {Layout} layout */
const rows = (layout) =>
  Array.from({ length: layout.length }, (_, row) => {
    const { run, left, right } = layout.lines(row) ?? assert.fail("a row without lines");
    return `${"=-+~…"[run.kind]} ${left} ${right}`;
  });

// Lines 0–1 equal; line 2 of A changed into 2 of B; 3 of A removed; 3–4 of B added; then one equal line.
const OPS = [EQUAL, 0, 2, 0, 2, CHANGED, 2, 1, 2, 1, REMOVED, 3, 1, 3, 0, ADDED, 4, 0, 3, 2, EQUAL, 4, 1, 5, 1];

test("unified: a run of changes shows all removals first, then all additions", () => {
  const layout = new Layout(OPS, true, new Map());
  assert.deepEqual(rows(layout), ["= 0 0", "= 1 1", "- 2 -1", "- 3 -1", "+ -1 2", "+ -1 3", "+ -1 4", "= 4 5"]);
  assert.deepEqual(layout.changes, [2]);
});

test("split: what belongs together stands side by side", () => {
  const layout = new Layout(OPS, false, new Map());
  assert.deepEqual(rows(layout), ["= 0 0", "= 1 1", "~ 2 2", "- 3 -1", "+ -1 3", "+ -1 4", "= 4 5"]);
  assert.deepEqual(layout.changes, [2]);
});

test("every line is in one row, whatever the layout", () => {
  for (const unified of [true, false]) {
    const layout = new Layout(OPS, unified, "all");
    for (const [side, count] of /** @type {const} */ ([
      ["left", 5],
      ["right", 6],
    ])) {
      const lines = Array.from({ length: layout.length }, (_, row) => layout.lines(row)?.[side]).filter(
        (at) => at !== -1,
      );
      assert.deepEqual(
        lines,
        Array.from({ length: count }, (_, at) => at),
      );
    }
  }
});

const LONG = [EQUAL, 0, 50, 0, 50, ADDED, 50, 0, 50, 1, EQUAL, 50, 50, 51, 50];

test("equal lines are folded around a change, and the fold says how many", () => {
  const layout = new Layout(LONG, true, new Map());
  assert.equal(layout.length, 1 + 3 + 1 + 3 + 1);
  const fold = layout.at(0);
  assert.equal(fold?.kind, FOLD);
  assert.equal(fold?.lefts, 47);
  assert.deepEqual(layout.changes, [4]);
});

test("unfolding moves nothing but the fold", () => {
  const layout = new Layout(LONG, true, new Map([[0, { top: 0, bottom: 20 }]]));
  assert.equal(layout.at(0)?.lefts, 27);
  assert.equal(layout.lines(1)?.left, 27);
  const open = new Layout(LONG, true, "all");
  assert.equal(open.length, 101);
  assert.deepEqual(open.changes, [50]);
});

test("identical contents are not folded away", () => {
  const layout = new Layout([EQUAL, 0, 1000, 0, 1000], true, new Map());
  assert.equal(layout.length, 1000);
});

test("one inserted byte moves nothing that follows in hex", () => {
  const columns = new Columns([EQUAL, 0, 20, 0, 20, ADDED, 20, 0, 20, 1, EQUAL, 20, 30, 21, 30], 8);
  assert.deepEqual(columns.ops, [EQUAL, 0, 2, 0, 2, CHANGED, 2, 1, 2, 1, EQUAL, 3, 4, 3, 4]);
  const left = columns.cells(2, false);
  const right = columns.cells(2, true);
  assert.deepEqual(left.offsets, [16, 17, 18, 19, -1, 20, 21, 22]);
  assert.deepEqual(right.offsets, [16, 17, 18, 19, 20, 21, 22, 23]);
  assert.deepEqual(left.differs.indexOf(true), 4);
});

/** root, p/ (folder without an entry), p/a.js different, p/B.js identical. */
const tree = () =>
  new Tree({
    names: new TextEncoder().encode("pa.jsB.js"),
    name_starts: Uint32Array.of(0, 0, 1, 5, 9),
    parents: Int32Array.of(-1, -1, 1, 1),
    ends: Uint32Array.of(1, 4, 3, 4),
    depths: Uint16Array.of(0, 0, 1, 1),
    rows: Int32Array.of(-2, -1, 0, 1),
    kinds: Uint8Array.of(4, 0, 1, 1),
    statuses: Uint8Array.of(2, 2, 2, 0),
    overall: Uint8Array.of(2, 2, 2, 0),
    sizes: Float64Array.of(9, 9, -1, -1, 4, 5, 4, 4),
    counts: new Uint32Array(24),
    cause_starts: Uint32Array.of(0, 0, 0, 1, 1),
    causes: Uint32Array.of(0),
    cause_ids: ["unexplained"],
  });

test("the list shows what passes the filter, and the folders it is in", () => {
  const all = tree();
  const filter = { statuses: new Set(/** @type {const} */ (["different"])), text: "", only: null };
  assert.deepEqual([...all.visible(filter, new Set()).nodes], [0, 1, 2]);
  assert.equal(all.visible(filter, new Set()).matches, 1);
  assert.deepEqual([...all.visible(filter, new Set([1])).nodes], [0, 1]);
  assert.equal(all.path(2), "p/a.js");
});

test("a search ignores case and opens what is closed", () => {
  const all = tree();
  const filter = { statuses: new Set(/** @type {const} */ (["identical"])), text: "b.JS", only: null };
  assert.deepEqual([...all.visible(filter, new Set([1])).nodes], [1, 3]);
});

test("the verdict counts rows that have a cause of their own", () => {
  assert.deepEqual(tree().tally(), { changed: 1, removed: 0, added: 0, explained: 0, unread: 0, root: false });
});
