// A strip beside a text that shows where its changes are, as a whole: a press goes there. For the eye only; keys go from
// change to change.
// @ts-check

/** @import { Layout } from "../diff.js" */
import { ADDED, EQUAL, FOLD, REMOVED } from "../diff.js";
import { h } from "./dom.js";

/** Into how many parts a text is divided: more could not be told apart. */
const CELLS = 240;

/** @param {HTMLElement} scroller @param {(row: number) => void} go */
export function ruler(scroller, go) {
  let length = 0;
  const element = h("div", { class: "ruler", "aria-hidden": "true" });
  element.addEventListener("pointerdown", (event) => {
    const { top, height } = element.getBoundingClientRect();
    go(Math.min(length - 1, Math.floor(((event.clientY - top) / height) * length)));
    event.preventDefault();
  });
  return Object.assign(element, {
    /** @param {Layout} layout */
    draw(layout) {
      length = layout.length;
      const strips = [REMOVED, ADDED].map((kind) => strip(marked(layout, kind === REMOVED ? ADDED : REMOVED)));
      element.style.setProperty("--removed-at", strips[0] ?? "");
      element.style.setProperty("--added-at", strips[1] ?? "");
      element.style.insetInlineEnd = `${scroller.offsetWidth - scroller.clientWidth}px`;
    },
  });
}

/** The parts that have a change of another kind than one. @param {Layout} layout @param {number} other */
function marked(layout, other) {
  const cells = new Uint8Array(CELLS);
  for (const [at, run] of layout.runs.entries()) {
    if (run.kind === EQUAL || run.kind === FOLD || run.kind === other) continue;
    const end = layout.runs[at + 1]?.row ?? layout.length;
    const scale = CELLS / Math.max(1, layout.length);
    cells.fill(1, Math.floor(run.row * scale), Math.max(Math.floor(run.row * scale) + 1, Math.ceil(end * scale)));
  }
  return cells;
}

/** The stops of a gradient. @param {Uint8Array} cells */
function strip(cells) {
  const stops = [];
  for (let from = 0; from < CELLS; ) {
    let to = from;
    while (to < CELLS && cells[to] === cells[from]) to++;
    const percent = (/** @type {number} */ cell) => `${((100 * cell) / CELLS).toFixed(2)}%`;
    stops.push(`${cells[from] ? "currentcolor" : "transparent"} ${percent(from)} ${percent(to)}`);
    from = to;
  }
  return stops.join(", ");
}
