// Where two long lines first differ, one above the other: in their columns they are many lines high, or cut.
// @ts-check

/** @import { Layout } from "../diff.js" */
/** @import { Lines } from "../content.js" */
/** @import { TextLine } from "../report.js" */
import { S } from "../strings.js";
import { h } from "./dom.js";
import { paint, unpaint } from "./marks.js";

/** Characters from which on a line is long. */
const LONG = 160;
/** Characters that are shown before the first difference, and in all. */
const BEFORE = 30;
const SHOWN = 400;

export function strip() {
  const rows = { left: h("div", { class: "strip-line" }), right: h("div", { class: "strip-line" }) };
  const element = h("div", { class: "strip", "aria-label": S.reading.strip, role: "group" }, rows.left, rows.right);
  element.hidden = true;

  /** @param {"left" | "right"} side @param {TextLine} line */
  function show(side, line) {
    const from = Math.max(0, (line.marks[0] ?? 0) - BEFORE);
    const text = line.text.slice(from, from + SHOWN);
    const pairs = line.marks.map((at) => Math.max(0, Math.min(text.length, at - from)));
    const inner = h("bdi", null);
    unpaint(rows[side]);
    paint(inner, text, [{ mark: /** @type {const} */ (`mark-${side}`), pairs }], rows[side]);
    const more = (/** @type {boolean} */ is) => h("span", { class: "quiet" }, is ? "…" : "");
    rows[side].replaceChildren(
      h("b", { class: side }, `${S.sides[side]} `),
      more(from > 0),
      inner,
      more(from + SHOWN < line.text.length || line.cut > 0),
    );
  }

  return Object.assign(element, {
    /** @param {Layout | null} layout @param {Lines | null} lines @param {number} row The first of a change; -1 for none. */
    about(layout, lines, row) {
      const at = row < 0 ? null : layout?.lines(row);
      const left = at && at.left >= 0 ? lines?.line("left", at.left) : null;
      const right = at && at.right >= 0 ? lines?.line("right", at.right) : null;
      const long = left && right && Math.max(left.text.length, right.text.length) >= LONG;
      element.hidden = !long;
      if (!long) return;
      show("left", left);
      show("right", right);
    },
  });
}
