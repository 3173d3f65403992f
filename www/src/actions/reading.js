// What helps reading an entry beside going through it: visible spaces, copies, and a change read as text.
// @ts-check

import { ADDED, EQUAL, FOLD, REMOVED } from "../diff.js";
/** @import { Page } from "../main.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { copied } from "../views/copy.js";

/** Lines of a change that are read at most: then it is said that there are more. */
const MOST = 12;
/** Lines may still be on their way: how often they are looked for, and how long the pauses are, in ms. */
const TRIES = 40;
const PAUSE = 50;

/** @param {Page} page @param {ReturnType<typeof import("./entry.js").entryActions>} entry */
export function readingActions(page, entry) {
  const { store } = page;

  /** The lines of the change that was gone to, as sentences; null while some are on their way. */
  function words() {
    const { shown, tab } = store.state;
    const rows = tab === "text" ? shown?.textRows : tab === "structure" ? shown?.structureRows : null;
    const lines = tab === "text" ? shown?.lines : shown?.structureLines;
    if (!shown || !rows || !lines || shown.change < 0) return "";
    const first = rows.changes[shown.change] ?? 0;
    const last = rows.changes[shown.change + 1] ?? rows.length;
    /** @type {Record<"left" | "right", string[]>} */
    const said = { left: [], right: [] };
    let more = 0;
    for (let row = first; row < last; row++) {
      const at = rows.lines(row);
      if (!at || at.run.kind === EQUAL || at.run.kind === FOLD) break;
      for (const side of SIDES) {
        if (at[side] < 0 || at.run.kind === (side === "left" ? ADDED : REMOVED)) continue;
        if (said.left.length + said.right.length >= MOST) more++;
        else {
          const line = lines.line(side, at[side]);
          if (!line) return null;
          said[side].push(S.reading[side](at[side] + 1, line.text));
        }
      }
    }
    return S.reading.change(shown.change + 1, rows.changes.length, [...said.left, ...said.right], more);
  }

  return {
    /** Shows spaces, tabs and how lines end, or does not. */
    spaces() {
      store.set({ spaces: !store.state.spaces });
    },
    /** The digests of the entry, as `sha256sum` would list them. */
    async copyDigest() {
      const { shown, tree, overview } = store.state;
      if (!tree || !overview) return;
      const path = shown && !tree.isRoot(shown.node) ? tree.key(shown.node) : null;
      const sums = SIDES.map((side) => {
        const sum = path === null ? overview.sides[side].sha256 : shown?.row?.[side]?.sha256;
        return sum ? `${sum}  ${path ?? overview.sides[side].name}` : "";
      });
      const text = [...new Set(sums.filter(Boolean))].join("\n");
      if (text) store.set({ note: (await copied(text)) ? S.reading.digests : S.notCopied });
    },
    async copyPath() {
      const { shown, tree } = store.state;
      if (shown && tree) store.set({ note: (await copied(tree.key(shown.node))) ? S.reading.path : S.notCopied });
    },
    /** Goes to a change and has it read aloud. @param {number} step */
    async readChange(step) {
      entry.change(step);
      const { shown } = store.state;
      for (let tries = 0; tries < TRIES; tries++) {
        const text = words();
        if (store.state.shown?.change !== shown?.change) return;
        if (text !== null) {
          store.set({ said: text });
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
    },
  };
}
