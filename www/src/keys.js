// Every key, in one table: it drives the bindings and prints the help.
// @ts-check

/** @import { State } from "./state.js" */
import { S } from "./strings.js";

/**
 * @typedef {object} Key
 * @property {string[]} keys As `KeyboardEvent.key`; `Mod+` stands for Ctrl or Command.
 * @property {"page" | "tree" | "pane"} where Where it acts: anywhere, or after a verdict on the list or on the entry.
 * @property {string} action One of the actions, by name.
 * @property {unknown} [value] Its argument.
 * @property {string} label
 * @property {(state: State) => unknown} [when] Whether there is anything to do.
 */

/** @param {State} state */
const result = ({ overview }) => overview;

/** @type {Key[]} */
export const KEYS = [
  { keys: ["j", "ArrowDown"], where: "tree", action: "move", value: 1, label: "next entry" },
  { keys: ["k", "ArrowUp"], where: "tree", action: "move", value: -1, label: "previous entry" },
  { keys: ["]"], where: "tree", action: "jump", value: 1, label: "next entry that is not explained" },
  { keys: ["["], where: "tree", action: "jump", value: -1, label: "previous entry that is not explained" },
  { keys: ["ArrowRight"], where: "tree", action: "expand", label: "open folder or archive" },
  { keys: ["ArrowLeft"], where: "tree", action: "collapse", label: "close it, or go to the one above" },
  { keys: ["Home"], where: "tree", action: "move", value: -Infinity, label: "first entry" },
  { keys: ["End"], where: "tree", action: "move", value: Infinity, label: "last entry" },
  { keys: ["PageDown"], where: "tree", action: "page", value: 1, label: "one page down" },
  { keys: ["PageUp"], where: "tree", action: "page", value: -1, label: "one page up" },
  { keys: ["Enter", "o"], where: "tree", action: "enter", label: "read the entry, or open and close a folder" },
  { keys: ["/"], where: "tree", action: "filter", label: "filter by path" },
  { keys: ["f"], where: "tree", action: "search", label: S.search.key },
  { keys: ["h"], where: "tree", action: "explained", label: "show or hide what is explained" },
  { keys: ["v"], where: "tree", action: "viewed", label: S.marks.key },
  { keys: ["m"], where: "tree", action: "note", label: S.marks.noteKey },
  { keys: ["1"], where: "pane", action: "tab", value: "text", label: S.tabs.text },
  { keys: ["2"], where: "pane", action: "tab", value: "hex", label: S.tabs.hex },
  { keys: ["3"], where: "pane", action: "tab", value: "fields", label: S.tabs.fields },
  { keys: ["4"], where: "pane", action: "tab", value: "image", label: S.tabs.image },
  { keys: ["5"], where: "pane", action: "tab", value: "structure", label: S.tabs.structure },
  { keys: ["n"], where: "pane", action: "change", value: 1, label: "next change" },
  { keys: ["p"], where: "pane", action: "change", value: -1, label: "previous change" },
  { keys: ["u"], where: "pane", action: "layout", label: "unified or split" },
  { keys: ["w"], where: "pane", action: "wrap", label: "wrap long lines" },
  { keys: ["s"], where: "pane", action: "spaces", label: S.reading.spacesKey },
  { keys: ["c"], where: "pane", action: "copyDigest", label: S.reading.digestKey },
  { keys: ["C"], where: "pane", action: "copyPath", label: S.reading.pathKey },
  { keys: ["F7"], where: "pane", action: "readChange", value: 1, label: S.reading.nextKey },
  { keys: ["Shift+F7"], where: "pane", action: "readChange", value: -1, label: S.reading.previousKey },
  { keys: ["z"], where: "pane", action: "reformat", label: S.reformatKey },
  { keys: ["e"], where: "pane", action: "unfold", label: "show or fold all equal lines" },
  { keys: ["t"], where: "pane", action: "stabilized", label: "raw or stabilized" },
  { keys: ["i"], where: "page", action: "dialog", value: "ignored", label: S.ignored, when: result },
  { keys: ["g"], where: "page", action: "dialog", value: "rules", label: S.rules, when: result },
  { keys: ["a"], where: "page", action: "panel", value: "attestations", label: S.attestations, when: result },
  { keys: ["x"], where: "page", action: "swap", label: S.swap, when: ({ slots }) => slots.left || slots.right },
  { keys: ["r"], where: "page", action: "dialog", value: "report", label: S.report, when: result },
  {
    keys: ["b"],
    where: "tree",
    action: "readers",
    label: S.readers.key,
    when: ({ overview }) => overview?.views?.length,
  },
  { keys: ["R"], where: "page", action: "again", label: S.again.key },
  { keys: ["y"], where: "page", action: "goOn", label: S.slow.key, when: ({ asking }) => asking.length },
  { keys: ["l"], where: "tree", action: "copyLink", label: S.link.key },
  { keys: ["Mod+k"], where: "page", action: "dialog", value: "palette", label: S.palette.key },
  { keys: ["Mod+o"], where: "page", action: "files", label: S.chooseKey },
  { keys: ["F6"], where: "page", action: "cycle", label: "list, entry, list" },
  { keys: ["Escape"], where: "page", action: "escape", label: "cancel work; back to the list; overview" },
  { keys: ["?"], where: "page", action: "dialog", value: "keys", label: S.help },
];

/** How a key is printed. @param {string} key */
export function cap(key) {
  /** @type {Record<string, string>} */
  const caps = {
    ArrowDown: "↓",
    ArrowUp: "↑",
    ArrowRight: "→",
    ArrowLeft: "←",
    Escape: "Esc",
    PageDown: "Page ↓",
    PageUp: "Page ↑",
  };
  if (key.startsWith("Mod+"))
    return key.replace("Mod+", /^(Mac|iP)/.test(navigator.platform) ? "⌘" : "Ctrl ").toUpperCase();
  return caps[key] ?? key;
}

/** Whether a key does anything now. @param {Key} key @param {State} state */
export const applies = ({ where, when }, state) =>
  (where === "page" || state.overview !== null) && (where !== "pane" || state.shown !== null) && (!when || when(state));

/**
 * The key that an event means.
 * @param {KeyboardEvent} event @param {boolean} letters Whether single letters count.
 * @returns {Key | undefined}
 */
export function find(event, letters) {
  if (event.altKey || event.isComposing) return undefined;
  if (event.ctrlKey || event.metaKey) {
    const mod = `Mod+${event.key.toLowerCase()}`;
    return event.shiftKey ? undefined : KEYS.find((key) => key.keys.includes(mod));
  }
  const target = event.target instanceof Element ? event.target : null;
  const typing = target?.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  const named = event.key.length > 1;
  if (typing && event.key !== "Escape" && event.key !== "F6") return undefined;
  if (!named && !letters) return undefined;
  // Enter and the arrows belong to what has the focus, unless that is the list.
  const inTree = target?.closest("[role=treegrid], [role=listbox]") !== null && target !== null;
  const own = ["Enter", "ArrowDown", "ArrowUp", "ArrowRight", "ArrowLeft", "Home", "End", "PageDown", "PageUp"];
  if (own.includes(event.key) && !inTree) return undefined;
  const shifted = event.shiftKey && named ? KEYS.find((key) => key.keys.includes(`Shift+${event.key}`)) : undefined;
  return shifted ?? KEYS.find((key) => key.keys.includes(event.key));
}
