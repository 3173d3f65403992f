// What the reader leaves on entries: that they were viewed, and notes. Kept in this browser, under the digests of the pair.
// @ts-check

/** @import { Overview } from "../boundary.js" */
/** @import { Page } from "../main.js" */
import { MOST_NOTE } from "../state.js";
import { S } from "../strings.js";

/** What the names of our keys in the browser's storage begin with. */
const OURS = "twinspect ";
/** Writing waits so many ms for the next letter. */
const PAUSE = 300;

/** @typedef {{ viewed: Set<string>, notes: Map<string, string> }} Marks By the keys of entries: see `Tree.key`. */

/** What is stored under a name: whatever it is, marks come out. @param {string} name @returns {Marks} */
function stored(name) {
  /** @type {Marks} */
  const marks = { viewed: new Set(), notes: new Map() };
  try {
    const { viewed, notes } = JSON.parse(localStorage.getItem(name) ?? "{}");
    for (const key of viewed ?? []) if (typeof key === "string") marks.viewed.add(key);
    for (const [key, note] of notes ?? [])
      if (typeof key === "string" && typeof note === "string") marks.notes.set(key, note.slice(0, MOST_NOTE));
  } catch {
    // Refused, or not ours: as if there were nothing.
  }
  return marks;
}

/**
 * @param {Page} page
 * @param {ReturnType<typeof import("./entry.js").entryActions>} entry
 */
export function markActions(page, entry) {
  const { store, views } = page;
  /** Under which name the marks on screen are kept; empty before a verdict. */
  let name = "";
  let writing = 0;
  let said = false;

  function write() {
    if (!writing) return;
    clearTimeout(writing);
    writing = 0;
    const { viewed, notes } = store.state;
    try {
      if (viewed.size + notes.size === 0) localStorage.removeItem(name);
      else localStorage.setItem(name, JSON.stringify({ viewed: [...viewed], notes: [...notes] }));
    } catch {
      if (!said) store.set({ trouble: S.marks.unkept });
      said = true;
    }
  }
  addEventListener("pagehide", write);

  /** @param {Partial<Marks>} marks */
  function put(marks) {
    store.set(marks);
    clearTimeout(writing);
    writing = window.setTimeout(write, PAUSE);
  }

  const actions = {
    /** The marks of a pair that is judged; nothing new, if they are on screen. @param {Overview} overview @returns {Partial<Marks>} */
    marksOf({ sides: { left, right } }) {
      const { slots } = store.state;
      // Another reader is another list of entries.
      const sides = [left.sha256 + (slots.left?.reader?.id ?? ""), right.sha256 + (slots.right?.reader?.id ?? "")];
      const next = OURS + sides.sort().join(" ");
      if (next === name) return {};
      write();
      name = next;
      return stored(name);
    },
    /** Marks an entry, or takes the mark away. @param {number} node */
    view(node) {
      const { tree } = store.state;
      if (!tree?.hasRow(node)) return;
      const viewed = new Set(store.state.viewed);
      if (!viewed.delete(tree.key(node))) viewed.add(tree.key(node));
      put({ viewed });
    },
    /** Marks the entry that the keyboard is at, and goes to the next one that is not viewed. */
    viewed() {
      const { tree, focus, list } = store.state;
      actions.view(focus);
      if (!tree || !store.state.viewed.has(tree.key(focus))) return;
      const due = new Set(tree.due());
      const after = list.nodes.indexOf(focus) + 1;
      const next = [...list.nodes.subarray(after), ...list.nodes.subarray(0, after)].find(
        (node) => due.has(node) && !store.state.viewed.has(tree.key(node)),
      );
      if (next === undefined) return;
      store.set({ focus: next });
      views.tree?.focus();
      entry.openLater(next);
    },
    /** Opens the field for the note of the entry that the keyboard is at. */
    note() {
      const { tree, focus, shown } = store.state;
      if (!tree?.hasRow(focus)) return;
      if (shown?.node !== focus) entry.open(focus);
      store.set({ noting: true });
    },
    /** @param {number} node @param {string} text Nothing takes the note away. */
    write(node, text) {
      const { tree } = store.state;
      if (!tree) return;
      const notes = new Map(store.state.notes);
      notes.delete(tree.key(node));
      if (text.trim()) notes.set(tree.key(node), text.slice(0, MOST_NOTE));
      put({ notes });
    },
    /** The note is written. */
    noted() {
      store.set({ noting: false });
    },
    /** Forgets all marks and notes, of every pair; fails with a sentence. */
    forgetMarks() {
      clearTimeout(writing);
      writing = 0;
      store.set({ viewed: new Set(), notes: new Map() });
      for (const key of Object.keys(localStorage)) if (key.startsWith(OURS)) localStorage.removeItem(key);
    },
  };
  return actions;
}
