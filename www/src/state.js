// What the page knows, in one place. Views read it and draw; only actions/ change it.
// @ts-check

/** @import { Bytes, Lines } from "./content.js" */
/** @import { Columns, Layout, Unfolded } from "./diff.js" */
/** @import { Limit, Overview, Pass, Progress, SearchProgress, Stabilized } from "./boundary.js" */
/** @import { Loss } from "./engine.js" */
/** @import { Attestation, BytesShape, Detail, Row, SearchReport, Sides, Status, TextShape } from "./report.js" */
/** @import { Tree } from "./tree.js" */

/**
 * One of the two slots.
 * @typedef {object} Slot
 * @property {File} file
 * @property {"reading" | "read" | "failed" | "cancelled"} phase
 * @property {Progress | null} progress
 * @property {number} since When reading began, in ms of the page's clock.
 * @property {number} took How long reading took, in ms.
 * @property {string} error A sentence, when it failed.
 * @property {LeftOut[]} leftOut Entries that are not opened, because the engine stopped at them.
 * @property {Record<string, number>} limits The limits that were raised for it.
 * @property {Reader | null} reader Who it is opened as; null for our own reading.
 */

/**
 * An entry at which the engine stopped: the side was read again without it.
 * @typedef {{ node: number, path: string, why: Loss }} LeftOut
 */

/**
 * What a side should be.
 * @typedef {object} Expected
 * @property {string} text As it was entered.
 * @property {string} digest SHA-256 in hex; empty while there is none.
 * @property {string} trouble A sentence, when the text is no digest.
 * @property {boolean | null} holds Whether the side has that digest; null while that is not known.
 */

/** A named reader, of which the engine has a model. @typedef {{ id: string, title: string }} Reader */

/**
 * Work that stopped, and what does it again.
 * @typedef {{ id: string, words: string, does: string, again: () => void }} Stop
 */

/**
 * Work that takes long.
 * @typedef {{ id: string, words: () => string, stop: () => void }} Question
 */

/**
 * What the tree shows.
 * @typedef {object} Filter
 * @property {Set<Status>} statuses
 * @property {string} text
 * @property {{ label: string, rows: Set<number> } | null} only Rows of one statement or cause, whatever their status.
 */

/**
 * The entry in the pane.
 * @typedef {object} Shown
 * @property {number} node
 * @property {number | undefined} index The report's row; undefined is the root.
 * @property {boolean} stabilized
 * @property {Row | null} row
 * @property {Detail | null} detail
 * @property {boolean} oneSided Only one side has it: nothing stands beside anything.
 * @property {string} error
 * @property {boolean} stopped Whether the engine stopped while opening it: it can be opened again.
 * @property {Lines | null} lines
 * @property {Sides<string | null>} images The types of images.
 * @property {Sides<Picture | null> | null} pictures Those images; asked for when their tab is.
 * @property {boolean} hasStructure Whether there is something to show in that tab.
 * @property {TextShape | null} structure Asked for when its tab is.
 * @property {Lines | null} structureLines
 * @property {BytesShape | null} shape How the bytes line up; asked for when Hex is.
 * @property {Bytes | null} bytes
 * @property {Layout | null} textRows
 * @property {Layout | null} hexRows
 * @property {Layout | null} structureRows
 * @property {Columns | null} columns How the bytes line up in rows of `width`.
 * @property {8 | 16} width
 * @property {Unfolded | "all"} textOpen
 * @property {Unfolded | "all"} hexOpen
 * @property {Unfolded | "all"} structureOpen
 * @property {number} change The change that was gone to last, -1 for none.
 * @property {number} goal The row that a search or a link went to, -1 for none.
 * @property {number} jump Counts every going to a change or to that row.
 * @property {number} came Counts every arrival of lines or bytes.
 */

/**
 * A document or a key beside the two artifacts.
 * @typedef {object} Paper
 * @property {File} file
 * @property {"attestation" | "key"} kind
 */

/**
 * The stabilized archive of one side: being made, made, or why there is none.
 * @typedef {Stabilized & { working: boolean, error: string }} Archive
 */

/** An image of a type; nothing of it where it is too large. @typedef {{ type: string, blob: Blob | null, large: boolean }} Picture */

/**
 * The search over all contents.
 * @typedef {object} Finding
 * @property {string} text
 * @property {boolean} regex
 * @property {boolean} ignoreCase
 * @property {SearchProgress | null} progress While it goes on.
 * @property {SearchReport | null} report
 * @property {string} error A sentence.
 * @property {{ entry: number, match: number, more: number }[]} lines Of the list: an entry (`match` is -1), a match, or
 *   how many more an entry has.
 * @property {number} at The line that the keyboard is at.
 */

/** @typedef {"text" | "hex" | "fields" | "image" | "structure"} Tab */
/** What stands in the pane while no entry is open. */
/** @typedef {"why" | "attestations"} Panel */
/** @typedef {"ignored" | "rules" | "report" | "proof" | "keys" | "palette" | null} Dialog */

/**
 * @typedef {object} State
 * @property {boolean} ready The engine is compiled and the page is sealed.
 * @property {boolean} offline The page starts without a network, too: every file of it is kept.
 * @property {(() => void) | null} update Takes the newer version that waits; `null` while there is none.
 * @property {string} trouble A sentence about the page itself, e.g. why the last drop was not taken.
 * @property {string} note A sentence about what was decided for the user, e.g. which file became A.
 * @property {{ left: Slot | null, right: Slot | null }} slots
 * @property {Sides<Expected>} expected
 * @property {import("./link.js").Link | null} link Where to go once its two artifacts are here.
 * @property {Stop[]} stops The last one is the one that a key does again.
 * @property {Question[]} asking
 * @property {number} judging When judging began, in ms of the page's clock; 0 when it is not going on.
 * @property {number} took How long it took from the last file to the verdict, in ms.
 * @property {string} profile
 * @property {string} ecosystem An id; empty as detected.
 * @property {string[]} disabled
 * @property {string} rules The custom rules in force, as text.
 * @property {Sides<Archive | null>} archives The stabilized archives; null where OSS Rebuild has no passes.
 * @property {number} sorting Drops that are looked at: what in them is an artifact is not known yet.
 * @property {Paper[]} papers
 * @property {Attestation[] | null} attested What the papers come to; null before.
 * @property {boolean} attesting
 * @property {string} attestTrouble A sentence, when they could not be examined.
 * @property {Panel} panel
 * @property {Pass[]} passes
 * @property {Limit[]} limits
 * @property {Overview | null} overview
 * @property {Tree | null} tree
 * @property {Set<string>} explained Causes that are rules.
 * @property {Filter} filter
 * @property {{ nodes: Int32Array, matches: number }} list The nodes that pass the filter.
 * @property {Set<number>} collapsed Nodes whose members are not shown.
 * @property {number} focus The node that the keyboard is at.
 * @property {Shown | null} shown
 * @property {Finding | null} finding In place of the list while it is open.
 * @property {Tab} tab
 * @property {"auto" | "split" | "unified"} layout
 * @property {number} room Width of the pane in px.
 * @property {boolean} unified What `layout` comes to.
 * @property {boolean} wrap
 * @property {boolean} spaces Whether spaces, tabs and line ends are shown.
 * @property {string} said The change that is read aloud.
 * @property {boolean} reformat Whether long lines are broken for reading, in texts where that helps.
 * @property {boolean} why On narrow screens, where there is room for one of them: the reasons instead of the list.
 * @property {Set<string>} viewed Entries that the reader has marked, by `Tree.key`.
 * @property {Map<string, string>} notes What the reader wrote on entries.
 * @property {boolean} noting Whether the note of the entry in the pane is being written.
 * @property {Dialog} dialog
 * @property {{ format: string, redaction: string }} report What was chosen last in the sheet of that name.
 * @property {boolean} letters Whether single letters are keys.
 */

/** Characters of a note. */
export const MOST_NOTE = 500;

/** Nothing is expected. @type {Expected} */
export const NOTHING = { text: "", digest: "", trouble: "", holds: null };

/** @returns {State} */
export function initial() {
  return {
    ready: false,
    offline: false,
    update: null,
    trouble: "",
    note: "",
    slots: { left: null, right: null },
    expected: { left: NOTHING, right: NOTHING },
    link: null,
    stops: [],
    asking: [],
    judging: 0,
    took: 0,
    profile: "standard",
    ecosystem: "",
    disabled: [],
    rules: "",
    archives: { left: null, right: null },
    sorting: 0,
    papers: [],
    attested: null,
    attesting: false,
    attestTrouble: "",
    panel: "why",
    passes: [],
    limits: [],
    overview: null,
    tree: null,
    explained: new Set(),
    filter: { statuses: new Set(), text: "", only: null },
    list: { nodes: new Int32Array(0), matches: 0 },
    collapsed: new Set(),
    focus: -1,
    shown: null,
    finding: null,
    tab: "text",
    layout: "auto",
    room: 900,
    unified: false,
    wrap: true,
    spaces: false,
    said: "",
    reformat: false,
    why: false,
    viewed: new Set(),
    notes: new Map(),
    noting: false,
    dialog: null,
    report: { format: "html", redaction: "none" },
    letters: true,
  };
}

/** The state, and who wants to know. */
export class Store {
  /** @type {State} */
  state = initial();
  /** @type {((state: State, before: State) => void)[]} */
  #views = [];

  /** @param {(state: State, before: State) => void} view */
  watch(view) {
    this.#views.push(view);
    view(this.state, this.state);
  }

  /** @param {Partial<State>} change */
  set(change) {
    const before = this.state;
    this.state = { ...before, ...change };
    for (const view of this.#views) view(this.state, before);
  }
}

/** A and B. */
export const SIDES = /** @type {const} */ (["left", "right"]);

/** @type {Status[]} In the order of their codes in the tree's columns. */
export const STATUSES = ["identical", "equivalent", "different", "only-left", "only-right", "unread"];

/**
 * What the tree shows first: what is not explained, if there is any; else what is explained; else everything.
 * @param {Overview} overview @returns {Set<Status>}
 */
export function firstStatuses(overview) {
  const count = overview.summary.by_status;
  /** @type {Status[]} */
  const open = ["different", "only-left", "only-right", "unread"];
  if (open.some((status) => count[status] > 0)) return new Set(open);
  return new Set(count.equivalent > 0 ? ["equivalent"] : ["identical"]);
}
