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
/** Panes at least so wide show both sides beside each other, in px. */
const SPLIT = 720;
/** Panes narrower than this never do. */
const LEAST_SPLIT = 500;
/** Rows of hex are 16 bytes in panes at least so wide, in px: side by side, and one after the other. */
const HEX = { two: 1180, one: 600 };

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

  /** @param {number} node @param {boolean} stabilized @param {Tab} [tab] Keep to this one, if it has anything. @param {string | null} [line] As in a link. */
  async function load(node, stabilized, tab, line) {
    const { tree, shown: before } = store.state;
    const mine = page.judge;
    if (!tree || !mine) return;
    const turn = ++opening;
    // Another entry is wanted: one that takes long is given up with its worker.
    if (waiting && performance.now() - waiting > GIVE_UP) mine.interrupt();
    const index = tree.row(node);
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
      textRows: null,
      hexRows: null,
      columns: null,
      width: 16,
      textOpen: new Map(),
      hexOpen: new Map(),
      line: -1,
      change: -1,
      jump: 0,
      came: 0,
    };
    store.set({ shown: again && before?.detail ? { ...before, stabilized, error: "", stopped: false } : empty });
    if (!tree.hasRow(node)) {
      shown({ error: S.noEntry });
      return;
    }
    try {
      const { row, detail } = await patiently(mine, mine.detail(index, stabilized), tree.path(node));
      if (turn !== opening) return;
      const came = () => {
        if (turn === opening) shown({ came: (store.state.shown?.came ?? 0) + 1 });
      };
      const { text, bytes } = detail;
      const next = {
        ...empty,
        row,
        detail,
        oneSided: tree.isRoot(node) ? false : !row.left || !row.right,
        lines: text && new Lines(text.lines, (...range) => mine.text(index, stabilized, ...range), came),
        bytes: bytes ? new Bytes((...range) => mine.bytes(index, stabilized, ...range), came) : null,
      };
      const has = { text: text !== null, hex: bytes, fields: detail.fields.length > 0 };
      const changed = (text?.added ?? 0) + (text?.removed ?? 0) > 0;
      const best =
        text && (changed || row.status === "identical")
          ? "text"
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
      if (store.state.tab === "hex") loadShape();
      if (line) goTo(line);
    } catch (error) {
      if (error instanceof Trapped) mine.revive();
      if (turn !== opening) return;
      failed(error, tree.path(node));
    }
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

  /** Folding, columns and width, whenever one of them changed. */
  function relayout() {
    const { shown: now, unified, room } = store.state;
    if (now?.detail) store.set({ shown: { ...layOut(now, unified, room), line: -1 } });
  }

  /** Shows a line, wherever it is folded. @param {string} line A line of B, or with an `a` in front one of A. */
  function goTo(line) {
    const side = line.startsWith("a") ? "left" : "right";
    const index = Number(line.replace("a", "")) - 1;
    const find = () => store.state.shown?.textRows?.holder(side, index);
    const folded = find();
    if (folded?.kind === FOLD) actions.unfold(folded.op, "all");
    const run = find();
    if (run) shown({ line: run.row + index - run[side], jump: (store.state.shown?.jump ?? 0) + 1 });
    else if (store.state.shown?.textRows) store.set({ trouble: S.link.noLine(index + 1) });
  }

  const actions = {
    /** @param {number} node @param {Tab} [tab] @param {string | null} [line] */
    open(node, tab, line) {
      clearTimeout(settling);
      store.set({ focus: node, why: false, noting: false });
      load(node, true, tab, line);
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
      const detail = store.state.shown?.detail;
      const has = { text: detail?.text, hex: detail?.bytes, fields: detail?.fields.length };
      if (detail && has[tab]) {
        shown({ change: -1 });
        store.set({ tab });
        if (tab === "hex") loadShape();
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
    /** @param {boolean} [on] */
    stabilized(on) {
      const { shown, tab } = store.state;
      if (shown?.detail?.stabilized) load(shown.node, on ?? !shown.stabilized, tab);
    },
    /** @param {number} [op] @param {"top" | "bottom" | "all"} [how] Everything, or folded again, without them. */
    unfold(op, how) {
      const { shown: now, tab } = store.state;
      if (!now) return;
      const name = tab === "hex" ? "hexOpen" : "textOpen";
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
      const rows = tab === "hex" ? now?.hexRows : tab === "text" ? now?.textRows : null;
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
      shown({ change, jump: now.jump + 1 });
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
    textRows: detail?.text ? new Layout(detail.text.ops, one, shown.textOpen) : null,
    hexRows: columns ? new Layout(columns.ops, one, shown.hexOpen) : null,
  };
}
