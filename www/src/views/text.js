// Two texts, side by side or one after the other: numbers, gutters, marks of what differs, equal lines folded.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { TextLine } from "../report.js" */
/** @import { Shown, Store } from "../state.js" */
import { ADDED, EQUAL, FOLD, REMOVED } from "../diff.js";
import { S } from "../strings.js";
import { h } from "./dom.js";
import { colours, paint, unpaint } from "./marks.js";
import { Rows } from "./rows.js";
import { ruler as makeRuler } from "./ruler.js";
import { strip as makeStrip } from "./strip.js";

/** Least height of a line in px, as in the style sheets. */
const LINE = 20;
/** Lines fetched beyond what is drawn. */
const AHEAD = 200;

/** The structure, which is a text too. @param {Store} store @param {Actions} actions */
export const structure = (store, actions) => text(store, actions, "structure");

/** @param {Store} store @param {Actions} actions @param {"text" | "structure"} [tab] */
export function text(store, actions, tab = "text") {
  const rowsName = /** @type {const} */ (`${tab}Rows`);
  const linesOf = (/** @type {Shown | null} */ now) => (tab === "text" ? now?.lines : now?.structureLines);
  const shapeOf = (/** @type {Shown} */ now) => (tab === "text" ? now.detail?.text : now.structure);
  const body = h("div", { class: "rows", tabindex: "0" });
  const wide = h("div", { class: "wide" }, h("div", null));
  const strip = makeStrip();
  const ruler = makeRuler(body, (row) => rows.reveal(row, "third"));
  const element = h("div", { class: "text" }, h("div", { class: "beside" }, body, ruler), wide, strip);
  const shown = () => store.state.shown;
  /** Rows drawn before their lines had come. @type {Set<number>} */
  let bare = new Set();
  /** @type {HTMLElement[]} */
  let drawnRows = [];
  let longest = 0;

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
      const layout = shown()?.[rowsName];
      if (!layout) return;
      /** @type {{ left: number[], right: number[] }} */
      const want = { left: [], right: [] };
      const ask = (/** @type {number} */ row) => {
        const at = layout.lines(row);
        if (!at || at.run.kind === FOLD) return;
        if (at.left >= 0) want.left.push(at.left);
        if (at.right >= 0) want.right.push(at.right);
      };
      for (let row = first; row < end; row++) ask(row);
      for (let row = end; row < Math.min(layout.length, end + AHEAD); row++) ask(row);
      for (let row = first - 1; row >= Math.max(0, first - AHEAD); row--) ask(row);
      linesOf(shown())?.want(want);
      widen();
    },
  });

  /** @param {number} row */
  function line(row) {
    const { state } = store;
    const at = shown()?.[rowsName]?.lines(row);
    const lines = linesOf(shown());
    if (!at || !lines) return h("div", { class: "line" });
    if (at.run.kind === FOLD)
      return fold(at.run, shown()?.[rowsName], S.fold(at.run.lefts), (how) => actions.unfold(at.run.op, how));
    const left = at.left < 0 ? null : (lines.line("left", at.left) ?? undefined);
    const right = at.right < 0 ? null : (lines.line("right", at.right) ?? undefined);
    if (left === undefined || right === undefined) bare.add(row);
    const kind = at.run.kind;
    const ends = left && right && left.end !== right.end;
    const name = ["equal", "removed", "added", "changed"][kind] ?? "";
    const current = shown()?.change ?? -1;
    const changes = shown()?.[rowsName]?.changes ?? [];
    const here =
      (current < 0 && row === shown()?.goal) ||
      (current >= 0 &&
        kind !== EQUAL &&
        row >= (changes[current] ?? Infinity) &&
        row < (changes[current + 1] ?? Infinity));
    const element = h("div", { class: `line ${name}${here ? " here" : ""}` });
    if (state.unified || shown()?.oneSided) {
      const of = kind === REMOVED ? left : right;
      const side = kind === REMOVED ? "left" : "right";
      const numbers = shown()?.oneSided
        ? [number(of)]
        : [number(kind === ADDED ? null : left), number(kind === REMOVED ? null : right)];
      element.append(...numbers, gutter(kind), content(of, kind === EQUAL ? null : side, lastEnd(of, kind), element));
    } else {
      for (const [side, of] of /** @type {const} */ ([
        ["left", left],
        ["right", right],
      ])) {
        const changed = kind !== EQUAL && of !== null;
        const glyph = changed ? (side === "left" ? REMOVED : ADDED) : EQUAL;
        const end = ends && of && !(of.end === "none" && inPieces()) ? S.ends[of.end] : lastEnd(of, kind);
        element.append(
          number(of, changed ? side : of === null ? "void" : ""),
          gutter(glyph, changed ? side : of === null ? "void" : ""),
          content(of, changed ? side : null, end, element, of === null ? "void" : side),
        );
      }
    }
    return element;
  }

  /** @param {TextLine | null | undefined} of @param {number} kind */
  const lastEnd = (of, kind) => (of?.end === "none" && kind !== EQUAL && !inPieces() ? S.ends.none : "");

  /** Whether lines are pieces of lines: then most of them end with nothing. */
  const inPieces = () => shown()?.detail?.text?.reflowed || shown()?.detail?.text?.reformatted;

  /** @param {TextLine | null | undefined} of @param {string} [name] */
  const number = (of, name = "") => h("span", { class: `no ${name}` }, of && of.number > 0 ? String(of.number) : "");

  /** @param {number} kind @param {string} [name] */
  const gutter = (kind, name = "") =>
    kind === REMOVED
      ? h("span", { class: `sign ${name || "left"}`, role: "img", "aria-label": S.removedLine }, "−")
      : kind === ADDED
        ? h("span", { class: `sign ${name || "right"}`, role: "img", "aria-label": S.addedLine }, "+")
        : h("span", { class: `sign ${name}` });

  /** @param {TextLine | null | undefined} of @param {"left" | "right" | null} side @param {string} end @param {HTMLElement} owner @param {string} [name] */
  function content(of, side, end, owner, name = "") {
    const element = h("span", { class: `code ${side ? `${side} on` : name}`, translate: "no" });
    if (!of) return element;
    longest = Math.max(longest, of.text.length + 2 * of.depth);
    if (of.depth > 0) element.style.setProperty("--depth", String(Math.min(of.depth, 24)));
    const inner = h("bdi", null);
    paint(
      inner,
      // One for one, so that marks keep their places.
      store.state.spaces ? of.text.replaceAll(" ", "·").replaceAll("\t", "→") : of.text,
      [
        ...colours(of.tokens),
        ...(side ? [{ mark: /** @type {const} */ (`mark-${side}`), pairs: of.marks }] : []),
        { mark: "escape", pairs: of.escapes },
      ],
      owner,
    );
    element.append(inner);
    if (of.cut > 0) element.append(h("span", { class: "end" }, S.cut(of.cut)));
    if (store.state.spaces && !end && !inPieces()) end = S.ends[of.end] ?? "";
    if (end) element.append(h("span", { class: "end" }, end));
    return element;
  }

  /** How far an unwrapped view goes to the right. */
  function widen() {
    const on = !store.state.wrap;
    wide.hidden = !on;
    if (on)
      /** @type {HTMLElement} */ (wide.firstChild).style.width =
        `calc(${longest + 4}ch + ${body.clientWidth / (store.state.unified ? 1 : 2)}px)`;
  }
  wide.addEventListener("scroll", () => body.style.setProperty("--shift", `${-wide.scrollLeft}px`), { passive: true });
  body.addEventListener(
    "wheel",
    (event) => {
      const x = event.deltaX || (event.shiftKey ? event.deltaY : 0);
      if (!x || store.state.wrap) return;
      wide.scrollLeft += x;
      event.preventDefault();
    },
    { passive: false },
  );
  // A selection stays on the side where it began.
  body.addEventListener("pointerdown", (event) => {
    const cell = event.target instanceof Element ? event.target.closest(".code") : null;
    body.dataset.select = cell?.classList.contains("left") ? "left" : cell?.classList.contains("right") ? "right" : "";
  });
  for (const gesture of ["wheel", "pointerdown", "keydown"]) {
    body.addEventListener(gesture, () => actions.scrolled(), { passive: true });
  }

  store.watch((state, before) => {
    const now = state.shown;
    if (!now?.[rowsName] || state.tab !== tab) return;
    body.classList.toggle("split", !state.unified && !now.oneSided);
    body.classList.toggle("single", now.oneSided);
    body.classList.toggle("nowrap", !state.wrap);
    const digits = Math.max(3, String(Math.max(shapeOf(now)?.lines.left ?? 0, shapeOf(now)?.lines.right ?? 0)).length);
    body.style.setProperty("--digits", String(digits));
    if (state.spaces !== before.spaces) rows.refresh();
    if (now[rowsName] !== before.shown?.[rowsName] || state.wrap !== before.wrap || state.tab !== before.tab) {
      const same = now.detail === before.shown?.detail && state.tab === before.tab;
      if (!same) {
        longest = 0;
        wide.scrollLeft = 0;
      }
      bare = new Set();
      rows.reset(now[rowsName].length, { measured: state.wrap, keep: same });
      ruler.draw(now[rowsName]);
    } else if (now.came !== before.shown?.came && bare.size > 0) {
      bare = new Set();
      rows.refresh();
    }
    // Between one above the other there is nothing to add.
    const change = state.unified || now.oneSided ? undefined : now[rowsName].changes[now.change];
    if (now !== before.shown || state.unified !== before.unified)
      strip.about(now[rowsName], linesOf(now) ?? null, change ?? -1);
    const goal = now.goal >= 0 ? now.goal : now[rowsName].changes[now.change];
    if (now.jump !== before.shown?.jump && goal !== undefined) {
      rows.refresh();
      rows.reveal(goal, "third");
    }
  });
  return Object.assign(element, { first: () => rows.first });
}

/**
 * A row in place of equal ones.
 * @param {import("../diff.js").Run} run @param {import("../diff.js").Layout | null | undefined} layout @param {string} label
 * @param {(how: "top" | "bottom" | "all") => void} unfold
 */
export function fold(run, layout, label, unfold) {
  const above = run.row > 0;
  const below = run.row + 1 < (layout?.length ?? 0);
  return h(
    "div",
    { class: "line fold" },
    h(
      "span",
      { class: "arrows" },
      above && h("button", { "aria-label": S.unfoldUp, title: S.unfoldUp, onclick: () => unfold("top") }, "↓"),
      below && h("button", { "aria-label": S.unfoldDown, title: S.unfoldDown, onclick: () => unfold("bottom") }, "↑"),
    ),
    h("button", { class: "all", title: S.unfoldAll, onclick: () => unfold("all") }, label),
  );
}
