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
import { reportActions } from "./actions/reports.js";
import { sideActions } from "./actions/sides.js";
import { stopActions } from "./actions/stops.js";
import { sentence } from "./actions/trouble.js";
import { applies, find } from "./keys.js";
import { Store } from "./state.js";
import { S } from "./strings.js";
import { dialogs } from "./views/dialogs.js";
import { h } from "./views/dom.js";
import { watchDrops } from "./views/drops.js";
import { first } from "./views/first.js";
import { head } from "./views/head.js";
import { pane as makePane } from "./views/pane.js";
import { splitter } from "./views/splitter.js";
import { start as makeStart } from "./views/start.js";
import { status } from "./views/status.js";
import { tree as makeTree } from "./views/tree.js";
import { verdict } from "./views/verdict.js";

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
  return {
    /** Does again a piece of work that stopped. @param {import("./state.js").Stop} stop */
    mend: (stop) => page.stops.again(stop),
    goOn: page.stops.goOn,
    ...entry,
    ...archives,
    ...papers,
    ...reports,
    ...list,
    ...marks,
    ...judging,
    ...expected,
    ...link,
    ...sides,
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
      } else if (state.filter.only) list.filterBy({ only: null });
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

/** Shows the page. @param {Promise<Engine>} booting */
export function start(booting) {
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
    views: { tree: null, readers() {}, first: () => 0, pane: () => null },
  };
  const actions = makeActions(page);
  const result = h("main", { class: "result" });
  // First of all views: rows are laid out by the room there is.
  store.watch((state) => {
    result.hidden = state.overview === null;
    document.body.dataset.state = stage(state);
    document.body.classList.toggle("judged", state.overview !== null);
    result.classList.toggle("reading", state.shown !== null);
    result.classList.toggle("why", state.why);
    result.classList.toggle("proofs", state.panel === "attestations");
    // Two plain files: there is nothing to list.
    result.classList.toggle("alone", state.tree?.length === 1);
  });
  store.watch(({ overview }) => {
    const { glyph, word } = S.verdicts[overview?.verdict ?? "identical"];
    document.title = overview ? `${glyph} ${word} · ${overview.sides.right.name}` : S.title;
  });
  const top = head(store, actions);
  const begin = makeStart(store, actions);
  const answer = verdict(store, actions);
  const tree = makeTree(store, actions);
  const pane = makePane(store, actions);
  const work = h("div", { class: "work" });
  work.append(tree.element, splitter(work), pane.element);
  result.append(answer, first(store, actions), work, status(store));
  document.body.replaceChildren(top, begin, result, dialogs(store, actions));
  page.views.tree = tree;
  page.views.first = pane.first;
  page.views.readers = () => {
    /** @type {HTMLElement | null} */
    const title = pane.element.querySelector(".readers-title");
    title?.scrollIntoView();
    title?.focus();
  };
  page.views.pane = pane.focus;
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
  booting.then(
    () => store.set({ ready: true }),
    (error) => store.set({ trouble: S.noEngine(sentence(error)) }),
  );
  return { store, actions };
}
