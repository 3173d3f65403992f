// What can be done with the entry in the pane: open it, lay it out, go through its changes.
// @ts-check

/** @import { Page } from "../main.js" */
/** @import { Shown, Tab } from "../state.js" */
import { Bytes, Lines } from "../content.js";
import { Columns, FOLD, Layout, UNFOLD } from "../diff.js";
import { Cancelled, Trapped } from "../engine.js";
import { S } from "../strings.js";
import { sentence } from "./trouble.js";

/** Moving through the list opens an entry after so many ms: a held key opens only the last. */
const SETTLE = 90;
/** An entry that was asked for so many ms ago is given up for the next one. */
const GIVE_UP = 3000;
/** Bytes of an image that is shown. */
const MOST_IMAGE = 16 << 20;
/** Panes at least so wide show both sides beside each other, in px. */
const SPLIT = 720;
/** Panes narrower than this never do. */
const LEAST_SPLIT = 500;
/** Rows of hex are 16 bytes in panes at least so wide, in px: side by side, and one after the other. */
const HEX = { two: 1180, one: 600 };

/**
 * A byte of one side's content, or a line of what is shown of it, from 0.
 * @typedef {{ side: "left" | "right", offset?: number, line?: number }} Goal
 */

/** @param {Page} page */
export function entryActions(page) {
  const { store, views } = page;
  /** Counts openings, so that a late answer is not taken for a new one. */
  let opening = 0;
  let settling = 0;
  let scrolledSince = true;
  /** When the answer that is waited for was asked for; 0 for none. */
  let waiting = 0;

  /** @param {Partial<Shown>} change */
  function shown(change) {
    if (store.state.shown) store.set({ shown: { ...store.state.shown, ...change } });
  }

  /**
   * @param {number} node @param {boolean} stabilized @param {Tab} [tab] Keep to this one, if it has anything.
   * @param {Goal | null} [goal] Where to go.
   */
  async function load(node, stabilized, tab, goal) {
    // What is gone to is counted in the lines that the content has.
    if (goal) store.set({ reformat: false });
    const { tree, shown: before, reformat } = store.state;
    const mine = page.judge;
    if (!tree || !mine) return;
    const turn = ++opening;
    // Another entry is wanted: one that takes long is given up with its worker.
    if (waiting && performance.now() - waiting > GIVE_UP) mine.interrupt();
    const index = tree.row(node);
    const form = (stabilized ? 1 : 0) + (reformat ? 2 : 0);
    const again = before?.node === node;
    /** @type {Shown} */
    const empty = {
      node,
      index,
      stabilized,
      row: null,
      detail: null,
      oneSided: false,
      error: "",
      stopped: false,
      lines: null,
      shape: null,
      bytes: null,
      images: { left: null, right: null },
      pictures: null,
      hasStructure: false,
      structure: null,
      structureLines: null,
      textRows: null,
      hexRows: null,
      structureRows: null,
      columns: null,
      width: 16,
      textOpen: new Map(),
      hexOpen: new Map(),
      structureOpen: new Map(),
      change: -1,
      goal: -1,
      jump: 0,
      came: 0,
    };
    store.set({ shown: again && before?.detail ? { ...before, stabilized, error: "", stopped: false } : empty });
    if (!tree.hasRow(node)) {
      shown({ error: S.noEntry });
      return;
    }
    try {
      const { row, detail, hasStructure, images } = await patiently(mine, mine.detail(index, form), tree.path(node));
      if (turn !== opening) return;
      const came = () => {
        if (turn === opening) shown({ came: (store.state.shown?.came ?? 0) + 1 });
      };
      const { text, bytes } = detail;
      const next = {
        ...empty,
        row,
        detail,
        hasStructure,
        images,
        oneSided: tree.isRoot(node) ? false : !row.left || !row.right,
        lines: text && new Lines(text.lines, (...range) => mine.text(index, form, ...range), came),
        bytes: bytes ? new Bytes((...range) => mine.bytes(index, stabilized, ...range), came) : null,
      };
      const has = {
        text: text !== null,
        hex: bytes,
        fields: detail.fields.length > 0,
        image: Boolean(images.left ?? images.right),
        structure: hasStructure,
      };
      const changed = (text?.added ?? 0) + (text?.removed ?? 0) > 0;
      const best =
        text && (changed || row.status === "identical")
          ? "text"
          : has.image && !text
            ? "image"
            : bytes && !text && (contentDiffers(row) || !row.left || !row.right)
              ? "hex"
              : detail.fields.some((field) => !field.equal)
                ? "fields"
                : text
                  ? "text"
                  : bytes
                    ? "hex"
                    : "fields";
      store.set({ shown: layOut(next, store.state.unified, store.state.room), tab: tab && has[tab] ? tab : best });
      if (goal) await seek(goal);
      else loadTab();
    } catch (error) {
      if (error instanceof Trapped) mine.revive();
      if (turn !== opening) return;
      failed(error, tree.path(node));
    }
  }

  /** Goes to a line of the text, or to a byte: to its line where the entry is shown as text, else in hex. @param {Goal} goal */
  async function seek({ side, offset = -1, line: wanted }) {
    const { shown: now } = store.state;
    const mine = page.judge;
    if (!now?.detail || !mine) return;
    const turn = opening;
    const line = wanted ?? (now.detail.text ? await mine.lineAt(now.index, side === "right", offset) : undefined);
    if (turn !== opening) return;
    const tab = line === undefined ? "hex" : "text";
    if (tab === "hex" || now.detail.text) store.set({ tab });
    if (tab === "hex") await loadShape();
    if (turn !== opening) return;
    const find = () => {
      const { textRows, hexRows, columns } = store.state.shown ?? {};
      return line === undefined
        ? hexRows?.rowOf(columns?.rowOf(offset, side) ?? -1, side)
        : textRows?.rowOf(line, side);
    };
    const folded = find();
    if (folded?.run.kind === FOLD) actions.unfold(folded.run.op, "all");
    const found = find();
    if (found) shown({ goal: found.row, jump: (store.state.shown?.jump ?? 0) + 1 });
    else if (wanted !== undefined) store.set({ trouble: S.link.noLine(wanted + 1) });
  }

  /** The entry could not be opened: what was shown of it before stays. @param {unknown} error @param {string} path */
  function failed(error, path) {
    const stopped = error instanceof Trapped || error instanceof Cancelled;
    const words = error instanceof Trapped ? S.stopped.entry(path, error.why) : stopped ? S.cancelled : sentence(error);
    shown({ error: words, stopped });
  }

  /**
   * Waits for an answer about an entry; what takes too long is ended with its worker.
   * @template T
   * @param {import("../engine.js").Judge} judge @param {Promise<T>} answer @param {string} path
   */
  async function patiently(judge, answer, path) {
    waiting = performance.now();
    const stop = () => judge.interrupt();
    const work = { answer, cancel: stop, expire: () => judge.expire() };
    try {
      return await page.stops.patiently("entry", () => S.slow.entry(path), work);
    } finally {
      waiting = 0;
    }
  }

  /** How the bytes line up: only once Hex is looked at, for it costs a search. */
  async function loadShape() {
    const now = store.state.shown;
    const mine = page.judge;
    if (!now?.detail?.bytes || now.shape || !mine) return;
    const turn = opening;
    try {
      const path = store.state.tree?.path(now.node) ?? "";
      const shape = await patiently(mine, mine.shape(now.index, now.stabilized), path);
      if (turn !== opening) return;
      shown({ shape });
      relayout();
    } catch (error) {
      if (error instanceof Trapped) mine.revive();
      if (turn === opening) failed(error, store.state.tree?.path(now.node) ?? "");
    }
  }

  /** The structures, once they are looked at. */
  async function loadStructure() {
    const now = store.state.shown;
    const mine = page.judge;
    if (!now?.hasStructure || now.structure || !mine) return;
    const turn = opening;
    const path = store.state.tree?.path(now.node) ?? "";
    try {
      const structure = await patiently(mine, mine.structure(now.index, now.stabilized), path);
      if (turn !== opening || !structure) return;
      const came = () => {
        if (turn === opening) shown({ came: (store.state.shown?.came ?? 0) + 1 });
      };
      const load = (/** @type {[number, number, number, number]} */ ...range) =>
        mine.structureText(now.index, now.stabilized, ...range);
      shown({ structure, structureLines: new Lines(structure.lines, load, came) });
      relayout();
    } catch (error) {
      if (error instanceof Trapped) mine.revive();
      if (turn === opening) failed(error, path);
    }
  }

  /** The images, once they are looked at: bytes under a type that says image, and nothing else. */
  async function loadPictures() {
    const now = store.state.shown;
    const mine = page.judge;
    if (!now || now.pictures || !mine) return;
    const turn = opening;
    try {
      const load = async (/** @type {"left" | "right"} */ side) => {
        const type = now.images[side];
        if (!type) return null;
        const bytes = await mine.bytes(now.index, now.stabilized, side === "right", 0, MOST_IMAGE + 1);
        const large = bytes.length > MOST_IMAGE;
        const blob = large ? null : new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)], { type });
        return { type, large, blob };
      };
      const pictures = { left: await load("left"), right: await load("right") };
      if (turn === opening) shown({ pictures });
    } catch (error) {
      if (error instanceof Trapped) mine.revive();
      if (turn === opening) failed(error, store.state.tree?.path(now.node) ?? "");
    }
  }

  /** What the tab needs beyond the detail. */
  function loadTab() {
    if (store.state.tab === "hex") loadShape();
    if (store.state.tab === "image") loadPictures();
    if (store.state.tab === "structure") loadStructure();
  }

  /** Folding, columns and width, whenever one of them changed. */
  function relayout() {
    const { shown: now, unified, room } = store.state;
    if (now?.detail) store.set({ shown: { ...layOut(now, unified, room), goal: -1 } });
  }

  const actions = {
    /** @param {number} node @param {Tab} [tab] @param {Goal | null} [goal] */
    open(node, tab, goal) {
      clearTimeout(settling);
      store.set({ focus: node, why: false, noting: false });
      load(node, goal?.offset === undefined, tab, goal);
    },
    /** Opens what a key went to, unless the next key comes soon. @param {number} node */
    openLater(node) {
      clearTimeout(settling);
      settling = window.setTimeout(() => actions.open(node), SETTLE);
    },
    /** Opens nothing that was to be opened, and takes no answer that is still to come. */
    forget() {
      clearTimeout(settling);
      opening++;
    },
    /** Opens nothing that was to be opened. */
    stay() {
      clearTimeout(settling);
    },
    close() {
      actions.forget();
      store.set({ shown: null });
      views.tree?.focus();
    },
    overview() {
      actions.close();
    },
    /** Opens again what the engine stopped at. */
    reopenEntry() {
      const { shown: now, tab } = store.state;
      if (now) load(now.node, now.stabilized, tab);
    },

    /** @param {Tab} tab */
    tab(tab) {
      const { detail, images, hasStructure } = store.state.shown ?? {};
      const has = {
        text: detail?.text,
        hex: detail?.bytes,
        fields: detail?.fields.length,
        image: images?.left ?? images?.right,
        structure: hasStructure,
      };
      if (detail && has[tab]) {
        shown({ change: -1 });
        store.set({ tab });
        loadTab();
      }
    },
    /** @param {"split" | "unified"} [layout] The other one, without it. */
    layout(layout) {
      const wanted = layout ?? (store.state.unified ? "split" : "unified");
      store.set({ layout: wanted, unified: wanted === "unified" || store.state.room < LEAST_SPLIT });
      relayout();
    },
    /** The pane's width changed. @param {number} room */
    room(room) {
      const { layout, unified: before, room: last } = store.state;
      const unified = room < LEAST_SPLIT || (layout === "auto" ? room < SPLIT : layout === "unified");
      store.set({ room, unified });
      const bounds = [HEX.one, HEX.two];
      if (unified !== before || bounds.some((bound) => room < bound !== last < bound)) relayout();
    },
    wrap() {
      store.set({ wrap: !store.state.wrap });
    },
    /** Breaks long lines for reading, here and in what is opened next, or leaves them. */
    reformat() {
      const { shown, tab, reformat } = store.state;
      if (tab !== "text" || !shown?.detail?.text?.breakable) return;
      store.set({ reformat: !reformat });
      load(shown.node, shown.stabilized, tab);
    },
    /** @param {boolean} [on] */
    stabilized(on) {
      const { shown, tab } = store.state;
      if (shown?.detail?.stabilized) load(shown.node, on ?? !shown.stabilized, tab);
    },
    /** @param {number} [op] @param {"top" | "bottom" | "all"} [how] Everything, or folded again, without them. */
    unfold(op, how) {
      const { shown: now, tab } = store.state;
      if (!now) return;
      const name = /** @type {const} */ (`${tab === "fields" || tab === "image" ? "text" : tab}Open`);
      if (op === undefined || how === undefined) {
        shown({ [name]: now[name] === "all" ? new Map() : "all" });
      } else if (now[name] !== "all") {
        const open = new Map(now[name]);
        const { top, bottom } = open.get(op) ?? { top: 0, bottom: 0 };
        open.set(op, {
          top: how === "bottom" ? top : how === "all" ? Infinity : top + UNFOLD,
          bottom: how === "bottom" ? bottom + UNFOLD : bottom,
        });
        shown({ [name]: open });
      }
      relayout();
    },
    /** @param {number} step */
    change(step) {
      const { shown: now, tab } = store.state;
      const rows = tab === "fields" || tab === "image" ? null : now?.[/** @type {const} */ (`${tab}Rows`)];
      if (!now || !rows || rows.changes.length === 0) return;
      let next = now.change + step;
      if (scrolledSince || now.change < 0) {
        const first = views.first(tab);
        const below = rows.changes.findIndex((row) => row >= first);
        const at = below < 0 ? rows.changes.length : below;
        next = step > 0 ? at : at - 1;
      }
      scrolledSince = false;
      const change = Math.max(0, Math.min(rows.changes.length - 1, next));
      shown({ change, goal: -1, jump: now.jump + 1 });
    },
    scrolled() {
      scrolledSince = true;
    },
  };
  return actions;
}

/** @param {{ differs?: string[] }} row */
const contentDiffers = (row) => (row.differs ?? []).includes("content");

/** @param {Shown} shown @param {boolean} unified @param {number} room @returns {Shown} */
function layOut(shown, unified, room) {
  const { detail, shape } = shown;
  const one = unified || shown.oneSided;
  const width = room >= (one ? HEX.one : HEX.two) ? 16 : 8;
  const columns = !shape
    ? null
    : shown.columns && shown.width === width
      ? shown.columns
      : new Columns(shape.ops, width);
  return {
    ...shown,
    width,
    columns,
    goal: -1,
    textRows: detail?.text ? new Layout(detail.text.ops, one, shown.textOpen) : null,
    hexRows: columns ? new Layout(columns.ops, one, shown.hexOpen) : null,
    structureRows: shown.structure ? new Layout(shown.structure.ops, one, shown.structureOpen) : null,
  };
}
