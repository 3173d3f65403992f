// Parts of a text that are painted without elements of their own, with the CSS Custom Highlight API; spans where a
// browser lacks it.
// @ts-check

import { h } from "./dom.js";

/** Highlights as style/entry.css names them: the later ones lie above. The first six are the kinds of tokens. */
const NAMES = /** @type {const} */ ([
  "code-comment",
  "code-string",
  "code-keyword",
  "code-number",
  "code-name",
  "code-heading",
  "mark-left",
  "mark-right",
  "escape",
  "byte-left",
  "byte-right",
]);
/** @typedef {typeof NAMES[number]} Mark */

const registry = typeof Highlight === "function" && "highlights" in CSS ? CSS.highlights : null;
/** @type {Map<Mark, Highlight>} */
const highlights = new Map();
if (registry) {
  for (const name of NAMES) {
    const highlight = new Highlight();
    highlights.set(name, highlight);
    registry.set(name, highlight);
  }
}

/** The reader has colours of their own: then a browser paints every highlight like a selection. */
const forced = matchMedia("(forced-colors: active)");

/** Tokens of a line, three numbers each, as marks. @param {number[]} tokens */
export const colours = (tokens) =>
  NAMES.slice(0, forced.matches ? 0 : 6).map((mark, kind) => ({
    mark,
    pairs: tokens.filter((_, at) => at % 3 > 0 && tokens[at - (at % 3)] === kind),
  }));

/** Ranges of an element, to be taken away with it. @type {WeakMap<Element, [Mark, AbstractRange][]>} */
const painted = new WeakMap();

/**
 * Fills an element with text, parts of it marked.
 * @param {HTMLElement} element @param {string} text
 * @param {{ mark: Mark, pairs: ArrayLike<number> }[]} marks Pairs of UTF-16 offsets, ascending.
 * @param {Element} owner The row that is removed with it.
 */
export function paint(element, text, marks, owner) {
  if (!registry) {
    spans(element, text, marks);
    return;
  }
  const node = document.createTextNode(text);
  element.replaceChildren(node);
  const ranges = painted.get(owner) ?? [];
  for (const { mark, pairs } of marks) {
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const start = Math.min(pairs[at] ?? 0, text.length);
      const end = Math.min(pairs[at + 1] ?? 0, text.length);
      if (end <= start) continue;
      const range = new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end });
      highlights.get(mark)?.add(range);
      ranges.push([mark, range]);
    }
  }
  painted.set(owner, ranges);
}

/** Takes away what was painted in a row. @param {Element} owner */
export function unpaint(owner) {
  for (const [mark, range] of painted.get(owner) ?? []) highlights.get(mark)?.delete(range);
  painted.delete(owner);
}

/** @param {HTMLElement} element @param {string} text @param {{ mark: Mark, pairs: ArrayLike<number> }[]} marks */
function spans(element, text, marks) {
  const cuts = new Set([0, text.length]);
  for (const { pairs } of marks) for (const at of Array.from(pairs)) cuts.add(Math.min(at, text.length));
  const sorted = [...cuts].sort((a, b) => a - b);
  element.replaceChildren(
    ...sorted.slice(0, -1).map((start, at) => {
      const part = text.slice(start, sorted[at + 1]);
      const names = marks
        .filter(({ pairs }) => {
          for (let pair = 0; pair + 1 < pairs.length; pair += 2) {
            if ((pairs[pair] ?? 0) <= start && start < (pairs[pair + 1] ?? 0)) return true;
          }
          return false;
        })
        .map(({ mark }) => mark);
      return names.length ? h("span", { class: names.join(" ") }, part) : part;
    }),
  );
}
