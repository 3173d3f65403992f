// The last line: how far the reader is, and what was compared.
// @ts-check

/** @import { State, Store } from "../state.js" */
import { S } from "../strings.js";
import { h, say } from "./dom.js";

/** How much of what wants reading was viewed, and the notes. @param {State} state */
function progress({ tree, viewed, notes, overview }) {
  if (!tree || !overview) return "";
  const due = tree.due();
  const seen = due.reduce((sum, node) => sum + Number(viewed.has(tree.key(node))), 0);
  return S.marks.progress(seen, due.length, notes.size);
}

/** Whether it may have changed. @param {State} state @param {State} before */
const isOther = (state, before) =>
  state.viewed !== before.viewed || state.notes !== before.notes || state.tree !== before.tree;

/** @param {Store} store */
export function status(store) {
  const marks = h("span", { role: "status" });
  const facts = h("span", null);
  const element = h("footer", { class: "status" }, marks, facts);
  store.watch((state, before) => {
    if (!state.overview) return;
    if (isOther(state, before)) say(marks, progress(state));
    if (state.took === before.took && state.overview === before.overview) return;
    const { left, right } = state.overview.sides;
    const took = `${(state.took / 1000).toFixed(2)}\u202fs`;
    say(facts, S.status(left.entries + right.entries, left.size + right.size, took));
  });
  return element;
}

/** The same for narrow screens, at the end of the list. @param {Store} store */
export function progressLine(store) {
  const element = h("span", { class: "narrow-only" });
  store.watch((state, before) => {
    if (isOther(state, before)) say(element, progress(state));
  });
  return element;
}
