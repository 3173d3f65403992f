// Two contents as bytes: offsets, hex, ASCII; aligned, so that one inserted byte does not make all that follows differ.
// @ts-check

import { EQUAL, FOLD, REMOVED } from "../diff.js";
/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { h } from "./dom.js";
import { paint, unpaint } from "./marks.js";
import { Rows } from "./rows.js";
import { fold } from "./text.js";

/** Height of a row in px, as in the style sheets. */
const LINE = 20;

/** @param {Store} store @param {Actions} actions */
export function hex(store, actions) {
  const body = h("div", { class: "rows", tabindex: "0" });
  const element = h("div", { class: "hex" }, body);
  const shown = () => store.state.shown;
  /** @type {HTMLElement[]} */
  let drawnRows = [];
  let bare = false;

  const rows = new Rows(body, {
    height: LINE,
    draw(row) {
      const element = line(row);
      drawnRows.push(element);
      return element;
    },
    drawn(first, end) {
      for (const element of drawnRows) if (!element.isConnected) unpaint(element);
      drawnRows = drawnRows.filter((element) => element.isConnected);
      want(first, end);
    },
  });

  /** Asks for the bytes on screen. @param {number} first @param {number} end */
  function want(first, end) {
    const { hexRows: layout, columns, bytes } = shown() ?? {};
    if (!layout || !columns || !bytes) return;
    /** @type {{ left: number[], right: number[] }} */
    const places = { left: [], right: [] };
    for (let row = first; row < end; row++) {
      const at = layout.lines(row);
      if (!at || at.run.kind === FOLD) continue;
      for (const side of SIDES) {
        if (at[side] >= 0)
          places[side].push(...columns.cells(at[side], side === "right").offsets.filter((offset) => offset >= 0));
      }
    }
    bytes.want(places);
  }

  /** @param {number} row */
  function line(row) {
    const { hexRows: layout, width } = shown() ?? {};
    const at = layout?.lines(row);
    if (!at || !width) return h("div", { class: "line" });
    if (at.run.kind === FOLD)
      return fold(at.run, layout, S.foldRows(at.run.lefts), (how) => actions.unfold(at.run.op, how));
    const current = shown()?.change ?? -1;
    const changes = layout?.changes ?? [];
    const here =
      row === shown()?.goal ||
      (current >= 0 &&
        at.run.kind !== EQUAL &&
        row >= (changes[current] ?? Infinity) &&
        row < (changes[current + 1] ?? Infinity));
    const element = h("div", { class: `line ${at.run.kind === EQUAL ? "equal" : "changed"}${here ? " here" : ""}` });
    if (store.state.unified || shown()?.oneSided) {
      const only =
        at.run.kind === EQUAL
          ? shown()?.shape?.size.right
            ? "right"
            : "left"
          : at.run.kind === REMOVED
            ? "left"
            : "right";
      element.append(...cells(at[only], only, element, at.run.kind !== EQUAL));
    } else {
      element.append(
        ...cells(at.left, "left", element, at.run.kind !== EQUAL),
        ...cells(at.right, "right", element, at.run.kind !== EQUAL),
      );
    }
    return element;
  }

  /** @param {number} row @param {"left" | "right"} side @param {HTMLElement} owner @param {boolean} changed */
  function cells(row, side, owner, changed) {
    const { columns, bytes, width = 16 } = shown() ?? {};
    const sign = h("span", { class: "sign" });
    const offset = h("span", { class: "no" });
    const codes = h("span", { class: "bytes" });
    const ascii = h("span", { class: "ascii" });
    if (row < 0 || !columns || !bytes) return [sign, offset, codes, ascii];
    const { offsets, differs } = columns.cells(row, side === "right");
    const first = offsets.find((value) => value >= 0);
    offset.textContent = first === undefined ? "" : first.toString(16).padStart(8, "0");
    let hexText = "";
    let asciiText = "";
    /** @type {number[]} */
    const hexPairs = [];
    /** @type {number[]} */
    const asciiPairs = [];
    for (const [at, where] of offsets.entries()) {
      const byte = where < 0 ? undefined : bytes.byte(side, where);
      if (where >= 0 && byte === undefined) bare = true;
      if (at === width / 2) hexText += " ";
      if (where >= 0 && differs[at]) {
        hexPairs.push(hexText.length, hexText.length + 2);
        asciiPairs.push(asciiText.length, asciiText.length + 1);
      }
      hexText += `${byte === undefined ? "  " : byte.toString(16).padStart(2, "0")} `;
      asciiText += byte === undefined ? " " : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
    }
    const mark = /** @type {const} */ (`byte-${side}`);
    paint(codes, hexText, [{ mark, pairs: hexPairs }], owner);
    paint(ascii, asciiText, [{ mark, pairs: asciiPairs }], owner);
    if (changed && hexPairs.length > 0) {
      sign.textContent = side === "left" ? "−" : "+";
      sign.classList.add(side);
      sign.setAttribute("role", "img");
      sign.setAttribute("aria-label", side === "left" ? S.removedLine : S.addedLine);
    }
    return [sign, offset, codes, ascii];
  }

  for (const gesture of ["wheel", "pointerdown", "keydown"]) {
    body.addEventListener(gesture, () => actions.scrolled(), { passive: true });
  }
  body.addEventListener("pointerdown", (event) => {
    const cell = event.target instanceof Element ? event.target.closest(".bytes, .ascii") : null;
    body.dataset.select = cell?.classList.contains("ascii") ? "ascii" : "bytes";
  });

  store.watch((state, before) => {
    const now = state.shown;
    if (!now?.hexRows || state.tab !== "hex") return;
    body.classList.toggle("split", !state.unified && !now.oneSided);
    body.classList.toggle("half", now.width === 8);
    if (now.hexRows !== before.shown?.hexRows || state.tab !== before.tab) {
      const same = now.detail === before.shown?.detail && state.tab === before.tab;
      bare = false;
      rows.reset(now.hexRows.length, { keep: same });
    } else if (now.came !== before.shown?.came && bare) {
      bare = false;
      rows.refresh();
    }
    const goal = now.goal >= 0 ? now.goal : now.hexRows.changes[now.change];
    if (now.jump !== before.shown?.jump && goal !== undefined) {
      rows.refresh();
      rows.reveal(goal, "third");
    }
  });
  return Object.assign(element, { first: () => rows.first });
}
