// The page: puts state, actions and views together.
// @ts-check

/** @import { Engine, Judge, Read } from "./engine.js" */
/** @import { Sides } from "./report.js" */
/** @import { Dialog, LeftOut, Tab } from "./state.js" */
import { archiveActions } from "./actions/archives.js";
import { entryActions } from "./actions/entry.js";
import { expectedActions } from "./actions/expected.js";
import { judgingActions } from "./actions/judging.js";
import { linkActions } from "./actions/link.js";
import { listActions } from "./actions/list.js";
import { markActions } from "./actions/marks.js";
import { paperActions } from "./actions/papers.js";
import { readingActions } from "./actions/reading.js";
import { reportActions } from "./actions/reports.js";
import { searchActions } from "./actions/search.js";
import { sideActions } from "./actions/sides.js";
import { stopActions } from "./actions/stops.js";
import { sentence } from "./actions/trouble.js";
import { applies, find } from "./keys.js";
import { Store } from "./state.js";
import { S } from "./strings.js";
import { h } from "./views/dom.js";
import { watchDrops } from "./views/drops.js";
import { head } from "./views/head.js";
import { start as makeStart } from "./views/start.js";

/** @typedef {"left" | "right"} Side */
/** @typedef {ReturnType<typeof makeActions>} Actions */

/**
 * What all actions work on.
 * @typedef {object} Page
 * @property {Store} store
 * @property {Promise<Engine>} booting
 * @property {Judge | null} judge Both sides, judged; null before.
 * @property {() => Sides<Read | null>} reads What is read.
 * @property {import("./actions/stops.js").Stops} stops
 * @property {(side: Side, place: LeftOut) => boolean} leaveOut Reads a side again without an entry, if that can help.
 * @property {() => void} reopenEntry
 * @property {() => void} arrived There is a first verdict: goes where a link leads.
 * @property {Views} views
 */

/**
 * Views that can have the focus.
 * @typedef {object} Views
 * @property {{ focus: () => void, search: HTMLInputElement, page: () => number } | null} tree
 * @property {{ field: () => void, page: () => number } | null} search
 * @property {() => void} readers Goes to the views of readers.
 * @property {(tab: Tab) => number} first The first visible row of a tab.
 * @property {() => HTMLElement | null} pane What takes the keyboard in the pane.
 */

/** @param {Page} page */
function makeActions(page) {
  const { store, views } = page;
  const entry = entryActions(page);
  page.reopenEntry = entry.reopenEntry;
  const list = listActions(page, entry);
  const archives = archiveActions(page);
  const marks = markActions(page, entry);
  const judging = judgingActions(page, entry, list, archives, marks);
  const papers = paperActions(page);
  const reports = reportActions(page);
  const expected = expectedActions(page);
  const sides = sideActions(page, judging, papers, expected);
  const link = linkActions(page, entry, list, judging, expected, sides);
  const search = searchActions(page, entry);
  return {
    /** Does again a piece of work that stopped. @param {import("./state.js").Stop} stop */
    mend: (stop) => page.stops.again(stop),
    goOn: page.stops.goOn,
    ...entry,
    ...readingActions(page, entry),
    ...archives,
    ...papers,
    ...reports,
    ...list,
    ...marks,
    ...judging,
    ...expected,
    ...link,
    ...sides,
    ...search,
    // The keys of the list act on what was found, while that stands in its place.
    move: (/** @type {number} */ step) => (store.state.finding ? search.moveFound : list.move)(step),
    page: (/** @type {number} */ step) =>
      store.state.finding ? search.moveFound(step * (views.search?.page() ?? 10)) : list.page(step),
    enter: () => (store.state.finding ? search.openFound() : list.enter()),
    /** @param {Dialog} dialog */
    dialog(dialog) {
      const about = dialog === "ignored" || dialog === "rules" || dialog === "report";
      if (dialog !== store.state.dialog && (!about || store.state.overview)) store.set({ dialog });
    },
    /** On narrow screens: reasons, or list. */
    why() {
      store.set({ why: !store.state.why });
    },
    letters() {
      store.set({ letters: !store.state.letters });
    },
    /** Goes to what readers see, if they do not all see the same. */
    readers() {
      if (!store.state.overview?.views?.length) return;
      store.set({ shown: null, panel: "why", why: true });
      views.readers();
    },
    /** From the list to the entry, and back. */
    cycle() {
      if (document.activeElement?.closest(".tree")) views.pane()?.focus();
      else views.tree?.focus();
    },
    escape() {
      const { state } = store;
      if (state.dialog) store.set({ dialog: null });
      else if (state.asking[0] && state.overview) state.asking[0].stop();
      else if (sides.reading() || (state.judging && !state.overview)) sides.cancel();
      else if (document.activeElement === views.tree?.search) {
        if (state.filter.text) list.filterBy({ text: "" });
        views.tree.focus();
      } else if (document.activeElement?.closest(".pane")) {
        if (!state.shown || matchMedia("(min-width: 700px)").matches) views.tree?.focus();
        else entry.close();
      } else if (state.finding?.progress) search.stopSearch();
      else if (state.finding) search.closeSearch();
      else if (state.filter.only) list.filterBy({ only: null });
      else if (state.shown) entry.close();
      else if (state.why) store.set({ why: false });
    },
  };
}

/** What the page is at: for styles, and for whoever waits. @param {import("./state.js").State} state */
function stage({ ready, sorting, overview, judging, slots }) {
  if (sorting) return ready ? "sorting" : "starting";
  if (overview) return "done";
  if (judging) return "judging";
  if (slots.left?.phase === "reading" || slots.right?.phase === "reading") return "reading";
  return ready ? "ready" : "starting";
}

/**
 * Shows the page: at once what takes files, then, in parts that a visit loads later, what shows a result.
 * @param {Promise<Engine>} booting @param {Promise<typeof import("./views/result.js")>} viewing
 */
export function start(booting, viewing) {
  const store = new Store();
  /** @type {Page} */
  const page = {
    store,
    booting,
    judge: null,
    reads: () => ({ left: null, right: null }),
    stops: stopActions(store),
    leaveOut: () => false,
    reopenEntry() {},
    arrived() {},
    views: { tree: null, search: null, readers() {}, first: () => 0, pane: () => null },
  };
  const actions = makeActions(page);
  const result = h("main", { class: "result" });
  // First of all views: rows are laid out by the room there is.
  store.watch((state) => {
    result.hidden = state.overview === null;
    document.body.dataset.state = stage(state);
    document.body.classList.toggle("judged", state.overview !== null);
    result.classList.toggle("reading", state.shown !== null);
    result.classList.toggle("finding", state.finding !== null);
    result.classList.toggle("why", state.why);
    result.classList.toggle("proofs", state.panel === "attestations");
    // Two plain files: there is nothing to list.
    result.classList.toggle("alone", state.tree?.length === 1);
  });
  store.watch(({ overview }) => {
    const { glyph, word } = S.verdicts[overview?.verdict ?? "identical"];
    document.title = overview ? `${glyph} ${word} · ${overview.sides.right.name}` : S.title;
  });
  document.body.replaceChildren(head(store, actions), makeStart(store, actions), result);
  watchDrops(store, actions);
  addEventListener("keydown", (event) => {
    const key = find(event, store.state.letters);
    if (!key || !applies(key, store.state)) return;
    if (store.state.dialog && !["Escape", "?", "Mod+k"].includes(key.keys[0] ?? "")) return;
    event.preventDefault();
    /** @type {Record<string, any>} */ (actions)[key.action](key.value);
  });
  actions.follow(location.hash.slice(1));
  addEventListener("hashchange", () => actions.follow(location.hash.slice(1)));
  page.booting = viewing.then(({ fill }) => fill(result, page, actions)).then(() => booting);
  page.booting.then(
    () => store.set({ ready: true }),
    (error) => store.set({ trouble: S.noEngine(sentence(error)) }),
  );
  return { store, actions };
}
