// The page: takes files, asks the engine, changes the state. Views are told; they never ask.
// @ts-check

/** @import { Engine, Judge } from "./engine.js" */
/** @import { LedgerPart } from "./boundary.js" */
/** @import { Status } from "./report.js" */
/** @import { Dialog, Filter, Shown, Slot, Tab } from "./state.js" */
import { Bytes, Lines } from "./content.js";
import { Columns, Layout, UNFOLD } from "./diff.js";
import { Cancelled, Trapped } from "./engine.js";
import { find } from "./keys.js";
import { SAMPLES } from "./samples.js";
import { firstStatuses, Store } from "./state.js";
import { S } from "./strings.js";
import { Tree } from "./tree.js";
import { dialogs } from "./views/dialogs.js";
import { h } from "./views/dom.js";
import { head } from "./views/head.js";
import { pane as makePane } from "./views/pane.js";
import { start as makeStart } from "./views/start.js";
import { tree as makeTree } from "./views/tree.js";
import { verdict } from "./views/verdict.js";

/** @typedef {"left" | "right"} Side */
/** @typedef {ReturnType<typeof makeActions>} Actions */

const SIDES = /** @type {const} */ (["left", "right"]);
/** Moving through the list opens an entry after so many ms: a held key opens only the last. */
const SETTLE = 90;
/** Panes at least so wide show both sides beside each other, in px. */
const SPLIT = 720;
/** Statuses that no rule explains. @type {Status[]} */
const OPEN = ["different", "only-left", "only-right", "unread"];

/** What is at work for one side. */
/** @typedef {{ cancel: () => void, manifest: Uint8Array | null }} Job */

/** @param {Store} store @param {Promise<Engine>} booting */
function makeActions(store, booting) {
  /** @type {Record<Side, Job | null>} */
  const jobs = { left: null, right: null };
  /** @type {Judge | null} */
  let judge = null;
  let compared = 0;
  /** Counts openings, so that a late answer is not taken for a new one. */
  let opening = 0;
  let settling = 0;
  let scrolledSince = true;
  /** Whether the keyboard has been used in the list since the verdict. */
  let moved = false;
  const { set } = { set: (/** @type {Partial<import("./state.js").State>} */ change) => store.set(change) };

  const options = () => ({ profile: store.state.profile, disabled: store.state.disabled });

  /** @param {Side} side @param {Partial<Slot> | null} change */
  function slot(side, change) {
    const { slots } = store.state;
    const before = slots[side];
    set({ slots: { ...slots, [side]: change === null ? null : before ? { ...before, ...change } : null } });
  }

  /** Forgets the result; what was read stays. */
  function reopen() {
    judge?.end();
    judge = null;
    opening++;
    clearTimeout(settling);
    document.title = S.title;
    set({ overview: null, tree: null, shown: null, judging: 0, focus: -1, dialog: null });
  }

  /** @param {Side} side @param {File} file */
  async function read(side, file) {
    jobs[side]?.cancel();
    reopen();
    const since = performance.now();
    set({
      slots: { ...store.state.slots, [side]: { file, phase: "reading", progress: null, since, took: 0, error: "" } },
    });
    /** @type {Job} */
    const job = { cancel: () => {}, manifest: null };
    jobs[side] = job;
    const own = () => (jobs.left === job ? "left" : jobs.right === job ? "right" : null);
    try {
      let ended = false;
      job.cancel = () => {
        ended = true;
      };
      const engine = await booting;
      if (ended) throw new Cancelled();
      const { manifest, cancel } = engine.read(file, options(), (progress) => {
        const at = own();
        if (at) slot(at, { progress });
      });
      job.cancel = cancel;
      job.manifest = await manifest;
      const at = own();
      if (!at) return;
      slot(at, { phase: "read", took: performance.now() - since });
      compared = Math.min(since, store.state.slots[at === "left" ? "right" : "left"]?.since ?? since);
      await compare();
    } catch (error) {
      const at = own();
      if (!at) return;
      if (error instanceof Cancelled) slot(at, { phase: "cancelled" });
      else slot(at, { phase: "failed", error: error instanceof Trapped ? S.stopped(error.message) : sentence(error) });
    }
  }

  /** Judges, once both sides are read. */
  async function compare() {
    const { left, right } = store.state.slots;
    const manifests = { left: jobs.left?.manifest, right: jobs.right?.manifest };
    if (!left || !right || !manifests.left || !manifests.right || judge) return;
    const engine = await booting;
    const mine = engine.judge(
      {
        left: { manifest: manifests.left, file: left.file },
        right: { manifest: manifests.right, file: right.file },
      },
      options(),
    );
    judge = mine;
    set({ judging: performance.now(), trouble: "" });
    try {
      const [judgement, passes] = await Promise.all([mine.judge(options()), engine.passes]);
      if (judge !== mine) return;
      set({ passes, took: performance.now() - compared });
      show(judgement, false);
    } catch (error) {
      if (judge !== mine) return;
      judge = null;
      if (!(error instanceof Cancelled))
        set({ trouble: error instanceof Trapped ? S.judgeStopped(error.message) : sentence(error) });
      set({ judging: 0 });
    }
  }

  /** Judges again, in place. */
  async function rejudge() {
    const mine = judge;
    if (!mine || !store.state.overview) return;
    set({ judging: performance.now(), trouble: "" });
    const asked = JSON.stringify(options());
    try {
      const judgement = await mine.judge(options());
      if (judge === mine && asked === JSON.stringify(options())) show(judgement, true);
    } catch (error) {
      if (judge !== mine || error instanceof Cancelled) return;
      set({ judging: 0, trouble: error instanceof Trapped ? S.judgeStopped(error.message) : sentence(error) });
    }
  }

  /** @param {import("./engine.js").Judgement} judgement @param {boolean} again */
  function show({ overview, columns }, again) {
    const tree = new Tree(columns);
    const { state } = store;
    const same = again && state.overview?.verdict === overview.verdict;
    /** @type {Filter} */
    const filter = same
      ? { ...state.filter, only: null }
      : { statuses: firstStatuses(overview), text: again ? state.filter.text : "", only: null };
    const collapsed = again ? state.collapsed : tree.uniform();
    const list = tree.visible(filter, collapsed);
    const explained = new Set(
      overview.statements.filter((statement) => statement.explained).map((statement) => statement.cause),
    );
    const first = list.nodes.find(
      (node) => tree.hasRow(node) && !tree.isRoot(node) && filter.statuses.has(tree.status(node)),
    );
    set({
      overview,
      tree,
      filter,
      collapsed,
      list,
      explained,
      judging: 0,
      focus: again && state.focus >= 0 ? state.focus : (first ?? 0),
    });
    document.title = `${S.verdicts[overview.verdict].glyph} ${S.verdicts[overview.verdict].word} · ${overview.sides.right.name}`;
    if (state.shown && again) actions.open(state.shown.node, state.tab);
    // Two plain files: there is nothing else to choose.
    else if (tree.length === 1 && overview.verdict !== "identical") actions.open(0);
    if (!again) {
      moved = false;
      views.tree?.focus();
    }
  }

  /** @param {Partial<Filter>} change */
  function filter(change) {
    const { tree, collapsed } = store.state;
    const filter = { ...store.state.filter, ...change };
    if (tree) set({ filter, list: tree.visible(filter, collapsed), ...refocus(tree.visible(filter, collapsed).nodes) });
  }

  /** The keyboard's place, when it is not in the list any more. @param {Int32Array} nodes */
  function refocus(nodes) {
    const { focus } = store.state;
    if (nodes.includes(focus)) return {};
    return { focus: nodes.find((node) => node >= focus) ?? nodes[nodes.length - 1] ?? -1 };
  }

  /** @param {Set<number>} collapsed */
  function collapse(collapsed) {
    const { tree, filter } = store.state;
    if (!tree) return;
    const list = tree.visible(filter, collapsed);
    set({ collapsed, list, ...refocus(list.nodes) });
  }

  /** @param {Partial<Shown>} change */
  function shown(change) {
    if (store.state.shown) set({ shown: { ...store.state.shown, ...change } });
  }

  /** @param {number} node @param {boolean} stabilized @param {Tab} [tab] Keep to this one, if it has anything. */
  async function load(node, stabilized, tab) {
    const { tree, shown: before } = store.state;
    const mine = judge;
    if (!tree || !mine) return;
    const turn = ++opening;
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
      lines: null,
      shape: null,
      bytes: null,
      textRows: null,
      hexRows: null,
      columns: null,
      width: 16,
      textOpen: new Map(),
      hexOpen: new Map(),
      change: -1,
      jump: 0,
      came: 0,
    };
    set({ shown: again && before?.detail ? { ...before, stabilized } : empty });
    if (!tree.hasRow(node)) {
      shown({ error: S.noEntry });
      return;
    }
    try {
      const { row, detail } = await mine.detail(index, stabilized);
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
      set({ shown: layOut(next, store.state.unified, store.state.room), tab: tab && has[tab] ? tab : best });
      if (store.state.tab === "hex") loadShape();
    } catch (error) {
      if (turn !== opening || error instanceof Cancelled) return;
      shown({ error: error instanceof Trapped ? S.stopped(error.message) : sentence(error) });
    }
  }

  /** How the bytes line up: only once Hex is looked at, for it costs a search. */
  async function loadShape() {
    const now = store.state.shown;
    const mine = judge;
    if (!now?.detail?.bytes || now.shape || !mine) return;
    const turn = opening;
    try {
      const shape = await mine.shape(now.index, now.stabilized);
      if (turn !== opening) return;
      shown({ shape });
      relayout();
    } catch (error) {
      if (turn === opening && !(error instanceof Cancelled)) shown({ error: sentence(error) });
    }
  }

  /** Folding, columns and width, whenever one of them changed. */
  function relayout() {
    const { shown: now, unified, room } = store.state;
    if (now?.detail) set({ shown: layOut(now, unified, room) });
  }

  /** @param {number} node */
  function later(node) {
    clearTimeout(settling);
    settling = window.setTimeout(() => actions.open(node), SETTLE);
  }

  const actions = {
    /** @param {File[]} files @param {Side | null} [side] Where a single file goes. */
    take(files, side = null) {
      const { slots } = store.state;
      if (files.length === 0) return;
      if (files.length > 2) {
        set({ trouble: S.tooMany(files.length) });
        return;
      }
      const [first, second] = files;
      if (first && second) {
        const [left, right] = [first, second].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
        actions.clear();
        set({ note: S.ordered(left?.name ?? "") });
        if (left && right) {
          read("left", left);
          read("right", right);
        }
      } else if (first) {
        set({ trouble: "", note: "" });
        read(side ?? (slots.left === null ? "left" : "right"), first);
      }
    },
    /** @param {Side} side */
    choose(side) {
      const input = h("input", { type: "file", multiple: true });
      input.addEventListener("change", () => actions.take([...(input.files ?? [])], side));
      input.click();
    },
    /** @param {string} id */
    sample(id) {
      const files = SAMPLES.find((sample) => sample.id === id)?.make() ?? [];
      actions.clear();
      // What a pair is to show, it shows under the usual rules.
      set({ profile: "standard" });
      if (files[0]) read("left", files[0]);
      if (files[1]) read("right", files[1]);
    },
    /** @param {Side} [side] Both, and the judging, without one. */
    cancel(side) {
      for (const each of side ? [side] : SIDES) {
        if (store.state.slots[each]?.phase !== "reading") continue;
        jobs[each]?.cancel();
        slot(each, { phase: "cancelled" });
        jobs[each] = null;
      }
      if (store.state.judging && !store.state.overview) {
        judge?.end();
        judge = null;
        set({ judging: 0, trouble: S.cancelled });
      }
    },
    /** @param {Side} side */
    retry(side) {
      const slot = store.state.slots[side];
      if (slot) read(side, slot.file);
    },
    /** @param {Side} side */
    remove(side) {
      jobs[side]?.cancel();
      jobs[side] = null;
      reopen();
      slot(side, null);
      set({ trouble: "", note: "" });
    },
    clear() {
      for (const side of SIDES) {
        jobs[side]?.cancel();
        jobs[side] = null;
      }
      reopen();
      set({ slots: { left: null, right: null }, trouble: "", note: "", disabled: [] });
    },
    swap() {
      const { slots, overview } = store.state;
      if (!slots.left && !slots.right) return;
      [jobs.left, jobs.right] = [jobs.right, jobs.left];
      const compared = overview !== null || store.state.judging > 0;
      reopen();
      set({ slots: { left: slots.right, right: slots.left }, note: "" });
      if (compared) compare();
    },
    /** @param {string} profile */
    profile(profile) {
      if (profile === store.state.profile) return;
      set({ profile });
      rejudge();
    },
    /** @param {string} id */
    pass(id) {
      const { disabled } = store.state;
      set({ disabled: disabled.includes(id) ? disabled.filter((other) => other !== id) : [...disabled, id] });
      rejudge();
    },

    /** @param {Status} status */
    status(status) {
      const statuses = new Set(store.state.filter.only ? [] : store.state.filter.statuses);
      if (!statuses.delete(status)) statuses.add(status);
      filter({ statuses, only: null });
    },
    allStatuses() {
      filter({ statuses: new Set([...OPEN, "equivalent", "identical"]), only: null, text: "" });
    },
    explained() {
      actions.status("equivalent");
    },
    /** @param {string} text */
    filterText(text) {
      filter({ text });
    },
    filter() {
      views.tree?.search.focus();
      views.tree?.search.select();
    },
    /** @param {string | null} cause */
    only(cause) {
      const {
        tree,
        filter: { only },
      } = store.state;
      if (!tree) return;
      filter({ only: cause === null || only?.label === cause ? null : { label: cause, rows: tree.rowsOf(cause) } });
    },
    /** @param {number} index */
    async statement(index) {
      const mine = judge;
      const statement = store.state.overview?.statements[index];
      if (!mine || !statement) return;
      const rows = await mine.statementRows(index);
      if (judge === mine) filter({ only: { label: statement.sentence, rows: new Set(rows) } });
    },
    /** @param {string} pass @param {number} first @param {number} count @returns {Promise<LedgerPart[]>} */
    async ledger(pass, first, count) {
      return (await judge?.ledger(pass, first, count).catch(() => [])) ?? [];
    },
    /** Goes to the entry of a report's row. @param {number | null} row */
    entry(row) {
      const { tree, collapsed } = store.state;
      if (!tree) return;
      const node = tree.nodeOf(row);
      const open = new Set(collapsed);
      for (let at = tree.parent(node); at >= 0; at = tree.parent(at)) open.delete(at);
      const statuses = new Set(store.state.filter.statuses).add(tree.status(node));
      set({ dialog: null, collapsed: open });
      filter({ only: null, text: "", statuses });
      actions.open(node, "fields");
    },

    /** @param {number} node @param {Tab} [tab] */
    open(node, tab) {
      clearTimeout(settling);
      set({ focus: node });
      load(node, true, tab);
    },
    close() {
      clearTimeout(settling);
      opening++;
      set({ shown: null });
      views.tree?.focus();
    },
    overview() {
      actions.close();
    },
    /** @param {number} step */
    move(step) {
      const { list, focus, tree } = store.state;
      const at = list.nodes.indexOf(focus);
      // After the verdict the first entry has the focus and is not open yet: going on begins with it.
      if (step === 1 && !store.state.shown && !moved && tree?.hasRow(focus)) {
        moved = true;
        actions.open(focus);
        return;
      }
      moved = true;
      const place = Math.max(0, Math.min(list.nodes.length - 1, at + step));
      const node = list.nodes[step === -Infinity ? 0 : step === Infinity ? list.nodes.length - 1 : place];
      if (node === undefined || !tree) return;
      set({ focus: node });
      views.tree?.focus();
      if (tree.hasRow(node)) later(node);
      else clearTimeout(settling);
    },
    /** @param {number} step */
    page(step) {
      actions.move(step * (views.tree?.page() ?? 10));
    },
    /** @param {number} step */
    jump(step) {
      const {
        list: { nodes },
        focus,
        tree,
      } = store.state;
      if (!tree) return;
      for (let at = nodes.indexOf(focus) + step; at >= 0 && at < nodes.length; at += step) {
        const node = nodes[at] ?? 0;
        if (tree.hasRow(node) && OPEN.includes(tree.status(node)) && tree.causes(node).length > 0) {
          set({ focus: node });
          views.tree?.focus();
          later(node);
          return;
        }
      }
    },
    /** @param {number} node */
    toggle(node) {
      const collapsed = new Set(store.state.collapsed);
      if (!collapsed.delete(node)) collapsed.add(node);
      set({ focus: node });
      collapse(collapsed);
    },
    expand() {
      const { tree, focus, collapsed } = store.state;
      if (tree?.hasMembers(focus)) {
        if (collapsed.has(focus)) actions.toggle(focus);
        else actions.move(1);
      }
    },
    collapse() {
      const { tree, focus, collapsed } = store.state;
      if (!tree) return;
      if (tree.hasMembers(focus) && !collapsed.has(focus)) actions.toggle(focus);
      else if (tree.parent(focus) >= 0)
        actions.move(store.state.list.nodes.indexOf(tree.parent(focus)) - store.state.list.nodes.indexOf(focus));
    },
    enter() {
      const { tree, focus, shown } = store.state;
      if (!tree) return;
      if (!tree.hasRow(focus)) {
        actions.toggle(focus);
        return;
      }
      if (shown?.node !== focus) actions.open(focus);
      focusPane();
    },

    /** @param {Tab} tab */
    tab(tab) {
      const detail = store.state.shown?.detail;
      const has = { text: detail?.text, hex: detail?.bytes, fields: detail?.fields.length };
      if (detail && has[tab]) {
        shown({ change: -1 });
        set({ tab });
        if (tab === "hex") loadShape();
      }
    },
    /** @param {"split" | "unified"} [layout] The other one, without it. */
    layout(layout) {
      const wanted = layout ?? (store.state.unified ? "split" : "unified");
      set({ layout: wanted, unified: wanted === "unified" });
      relayout();
    },
    /** The pane's width changed. @param {number} room */
    room(room) {
      const { layout, unified: before, room: last } = store.state;
      const unified = layout === "auto" ? room < SPLIT : layout === "unified";
      set({ room, unified });
      const bounds = [HEX.one, HEX.two];
      if (unified !== before || bounds.some((bound) => room < bound !== last < bound)) relayout();
    },
    wrap() {
      set({ wrap: !store.state.wrap });
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

    /** @param {Dialog} dialog */
    dialog(dialog) {
      if (dialog !== store.state.dialog && (dialog !== "ignored" || store.state.overview)) set({ dialog });
    },
    letters() {
      set({ letters: !store.state.letters });
    },
    async save() {
      const mine = judge;
      if (!mine || !store.state.overview) return;
      try {
        const report = await mine.report();
        const url = URL.createObjectURL(new Blob([report], { type: "application/json" }));
        h("a", { href: url, download: "twinspect-report.json" }).click();
        setTimeout(() => URL.revokeObjectURL(url), 60_000);
      } catch (error) {
        set({ trouble: sentence(error) });
      }
    },
    cycle() {
      if (document.activeElement?.closest(".tree")) focusPane();
      else views.tree?.focus();
    },
    escape() {
      const { state } = store;
      if (state.dialog) set({ dialog: null });
      else if (SIDES.some((side) => state.slots[side]?.phase === "reading") || (state.judging && !state.overview))
        actions.cancel();
      else if (document.activeElement === views.tree?.search) {
        if (state.filter.text) filter({ text: "" });
        views.tree.focus();
      } else if (document.activeElement?.closest(".pane")) {
        if (!state.shown || matchMedia("(min-width: 700px)").matches) views.tree?.focus();
        else actions.close();
      } else if (state.filter.only) filter({ only: null });
      else if (state.shown) actions.close();
    },
  };

  /** Where views that have the focus are found. */
  const views = {
    /** @type {{ focus: () => void, search: HTMLInputElement, page: () => number } | null} */
    tree: null,
    /** @type {(tab: Tab) => number} */
    first: () => 0,
    /** @type {() => HTMLElement | null} */
    pane: () => null,
  };
  const focusPane = () => views.pane()?.focus();
  return Object.assign(actions, { views });
}

/** @param {{ differs?: string[] }} row */
const contentDiffers = (row) => (row.differs ?? []).includes("content");

/** @param {unknown} error */
const sentence = (error) => (error instanceof Error ? error.message : String(error));

/** Rows of hex are 16 bytes in panes at least so wide, in px: side by side, and one after the other. */
const HEX = { two: 1180, one: 600 };

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

/** What the page is at: for styles, and for whoever waits. @param {import("./state.js").State} state */
function stage({ ready, overview, judging, slots }) {
  if (overview) return "done";
  if (judging) return "judging";
  if (SIDES.some((side) => slots[side]?.phase === "reading")) return "reading";
  return ready ? "ready" : "starting";
}

/** Files of a drop; a sentence instead, when it holds none. @param {DataTransfer} data */
function dropped(data) {
  for (const item of data.items) {
    const entry = item.webkitGetAsEntry?.();
    if (entry?.isDirectory) return S.folder(entry.name);
  }
  return data.files.length > 0 ? [...data.files] : S.noFile;
}

/** @param {Store} store @param {Actions} actions */
function watchDrops(store, actions) {
  const label = h("p", null);
  const zones = SIDES.map((side) =>
    h("div", { class: "zone", "data-side": side }, h("b", { class: "letter" }, S.sides[side]), S.dropOn[side]),
  );
  const over = h("div", { class: "drop", hidden: true }, label, ...zones);
  document.body.append(over);
  let depth = 0;
  /** @param {DragEvent} event @returns {Side | null} */
  const side = (event) => {
    const { slots } = store.state;
    if (slots.left && slots.right) return event.clientX < innerWidth / 2 ? "left" : "right";
    const target = event.target instanceof Element ? event.target.closest("[data-side]") : null;
    const named = target instanceof HTMLElement ? target.dataset.side : undefined;
    return named === "left" || named === "right" ? named : null;
  };
  const mark = (/** @type {DragEvent | null} */ event) => {
    const { slots } = store.state;
    over.hidden = event === null;
    over.classList.toggle("full", slots.left !== null && slots.right !== null);
    label.textContent = slots.left && slots.right ? "" : S.dropOver;
    const at = event ? side(event) : null;
    for (const zone of zones) zone.classList.toggle("over", zone.dataset.side === at);
    document.documentElement.dataset.over = event ? (at ?? (slots.left ? "right" : "left")) : "";
  };
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth++;
    mark(event);
  });
  addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    mark(event);
  });
  addEventListener("dragleave", (event) => {
    if (carries(event) && --depth <= 0) {
      depth = 0;
      mark(null);
    }
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer) return;
    event.preventDefault();
    const at = side(event);
    depth = 0;
    mark(null);
    if (store.state.dialog) actions.dialog(null);
    const files = dropped(event.dataTransfer);
    if (typeof files === "string") store.set({ trouble: files });
    else actions.take(files, at);
  });
}

/** The bar between list and pane. @param {HTMLElement} work */
function splitter(work) {
  const bar = h("div", {
    class: "splitter",
    role: "separator",
    tabindex: "0",
    "aria-orientation": "vertical",
    "aria-label": S.splitter,
    "aria-valuemin": 15,
    "aria-valuemax": 75,
    "aria-valuenow": 36,
  });
  const move = (/** @type {number} */ percent) => {
    const value = Math.max(15, Math.min(75, percent));
    work.style.setProperty("--list", `${value}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(value)));
  };
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  bar.addEventListener("pointermove", (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const { left, width } = work.getBoundingClientRect();
    move((100 * (event.clientX - left)) / width);
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (!step) return;
    move(Number(bar.getAttribute("aria-valuenow")) + step);
    event.preventDefault();
  });
  return bar;
}

/** Shows the page. @param {Promise<Engine>} booting */
export function start(booting) {
  const store = new Store();
  const actions = makeActions(store, booting);
  const result = h("div", { class: "result" });
  // First of all views: rows are laid out by the room there is.
  store.watch((state) => {
    result.hidden = state.overview === null;
    document.body.dataset.state = stage(state);
    result.classList.toggle("reading", state.shown !== null);
    // Two plain files: there is nothing to list.
    result.classList.toggle("alone", state.tree?.length === 1);
  });
  const top = head(store, actions);
  const begin = makeStart(store, actions);
  const answer = verdict(store, actions);
  const tree = makeTree(store, actions);
  const pane = makePane(store, actions);
  const foot = h("footer", { class: "status" });
  const work = h("div", { class: "work" });
  work.append(tree.element, splitter(work), pane.element);
  result.append(answer, work, foot);
  document.body.replaceChildren(top, begin, result, dialogs(store, actions));
  actions.views.tree = tree;
  actions.views.first = pane.first;
  actions.views.pane = pane.focus;
  store.watch((state, before) => {
    if (!state.overview || (state !== before && state.took === before.took && state.overview === before.overview))
      return;
    const { left, right } = state.overview.sides;
    foot.textContent = S.status(
      left.entries + right.entries,
      left.size + right.size,
      `${(state.took / 1000).toFixed(2)}\u202fs`,
    );
  });
  watchDrops(store, actions);
  addEventListener("keydown", (event) => {
    const key = find(event, store.state.letters);
    if (!key || (store.state.dialog && key.keys[0] !== "Escape" && key.keys[0] !== "?")) return;
    if (key.where !== "page" && !store.state.overview) return;
    event.preventDefault();
    /** @type {Record<string, any>} */ (actions)[key.action](key.value);
  });
  booting.then(
    () => store.set({ ready: true }),
    (error) => store.set({ trouble: S.noEngine(sentence(error)) }),
  );
  return { store, actions };
}
