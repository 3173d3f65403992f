// What stopped, what takes long, and which limits were met or raised: a line each, with what can be done about it.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { State, Store } from "../state.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { h, say } from "./dom.js";

/** A limit is raised so many times over. */
const TIMES = 4;

/** @typedef {"left" | "right"} Side */
/** @typedef {{ key: string, words: () => string, buttons?: () => HTMLElement[] }} Line */

/** @param {string} label @param {() => void} press @param {string} [key] */
const button = (label, press, key) => h("button", { title: key ? `${label} (${key})` : null, onclick: press }, label);

/** Limits that stopped the work, with the places where they did. @param {State} state @param {Side} side */
function met({ overview, limits }, side) {
  /** @type {Map<string, number>} */
  const places = new Map();
  for (const problem of overview?.problems ?? []) {
    if (problem.side !== side || !problem.limit || !limits.some(({ name }) => name === problem.limit)) continue;
    places.set(problem.limit, (places.get(problem.limit) ?? 0) + 1);
  }
  return [...places];
}

/** @param {State} state @param {Actions} actions @returns {Line[]} */
function lines(state, actions) {
  /** @type {Line[]} */
  const lines = state.asking.map((question) => ({
    key: `asking ${question.id}`,
    words: question.words,
    buttons: () => [
      button(S.slow.goOn, () => actions.goOn(question.id), "y"),
      button(S.slow.stop, question.stop, "Esc"),
    ],
  }));
  const last = state.shown?.stopped ? null : state.stops.at(-1);
  for (const stop of state.stops) {
    lines.push({
      key: `stop ${stop.id} ${stop.words}`,
      words: () => stop.words,
      buttons: () => [button(stop.does, () => actions.mend(stop), stop === last ? "R" : "")],
    });
  }
  for (const side of SIDES) {
    const slot = state.slots[side];
    if (slot?.phase === "read" && slot.leftOut.length) {
      const words = S.stopped.leftOut(S.sides[side], slot.leftOut);
      const first = state.stops.length === 0 && !(side === "right" && state.slots.left?.leftOut.length);
      lines.push({
        key: `left out ${side} ${words}`,
        words: () => words,
        buttons: () => [button(S.again.whole, () => actions.retry(side), first ? "R" : "")],
      });
    }
    if (slot?.phase === "read" && slot.reader) {
      const words = S.readers.as(S.sides[side], slot.reader.title);
      lines.push({
        key: `reader ${side} ${words}`,
        words: () => words,
        buttons: () => [button(S.readers.back, () => actions.openAs(side, null))],
      });
    }
    for (const [name, places] of met(state, side)) lines.push(limit(state, actions, side, name, places));
    const changed = Object.entries(state.overview?.sides[side].limits ?? {});
    if (changed.length) {
      const words = S.limits.raised(S.sides[side], changed);
      lines.push({ key: `raised ${side} ${words}`, words: () => words });
    }
  }
  return lines;
}

/** @param {State} state @param {Actions} actions @param {Side} side @param {string} name @param {number} places @returns {Line} */
function limit({ slots, limits }, actions, side, name, places) {
  const info = limits.find((limit) => limit.name === name) ?? { name, title: "", default: 0 };
  const now = slots[side]?.limits[name] ?? info.default;
  const words = S.limits.stopped(S.sides[side], info, now, places);
  return {
    key: `limit ${side} ${name} ${now} ${places}`,
    words: () => words,
    buttons: () => {
      const raise = button(S.limits.raise(name, now * TIMES), () => actions.raise(side, name, TIMES));
      const none = button(S.limits.none, () => {
        const keep = button(S.limits.keep, () => {
          warning.replaceWith(raise, none);
          none.focus();
        });
        const without = button(S.limits.without, () => actions.raise(side, name));
        const warning = h("span", { class: "warning", role: "alert" }, S.limits.warning, " ", without, " ", keep);
        raise.remove();
        none.replaceWith(warning);
        without.focus();
      });
      return [raise, none];
    },
  };
}

/** @param {Store} store @param {Actions} actions */
export function stops(store, actions) {
  const element = h("ul", { class: "stops", role: "status" });
  /** @type {Map<string, { line: HTMLElement, words: HTMLElement, text: () => string }>} */
  let drawn = new Map();

  store.watch((state, before) => {
    const same =
      state !== before &&
      state.asking === before.asking &&
      state.stops === before.stops &&
      state.slots === before.slots &&
      state.limits === before.limits &&
      state.shown === before.shown &&
      state.overview === before.overview;
    if (same) return;
    const wanted = lines(state, actions);
    const keys = wanted.map(({ key }) => key);
    // Lines that stay are left alone: one of their buttons may have the focus.
    for (const [key, { line }] of drawn) if (!keys.includes(key)) line.remove();
    /** @type {typeof drawn} */
    const next = new Map();
    for (const { key, words, buttons } of wanted) {
      const known = drawn.get(key);
      if (known) {
        next.set(key, known);
        continue;
      }
      const text = h("span", null, words());
      const line = h("li", null, text);
      line.append(...(buttons?.() ?? []));
      next.set(key, { line, words: text, text: words });
    }
    drawn = next;
    let at = 0;
    for (const { line } of drawn.values()) {
      if (element.children[at] !== line) element.insertBefore(line, element.children[at] ?? null);
      at++;
    }
    element.hidden = drawn.size === 0;
  });
  setInterval(() => {
    if (store.state.asking.length) for (const { words, text } of drawn.values()) say(words, text());
  }, 1000);
  return element;
}
