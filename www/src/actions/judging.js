// Both sides read: judge, judge again under other rules, and ask for the rest of the report.
// @ts-check

/** @import { Judgement, Read } from "../engine.js" */
/** @import { LedgerPart } from "../boundary.js" */
/** @import { Page } from "../main.js" */
/** @import { Filter } from "../state.js" */
import { Cancelled, Trapped } from "../engine.js";
import { firstStatuses } from "../state.js";
import { S } from "../strings.js";
import { Tree } from "../tree.js";
import { sentence } from "./trouble.js";

/** Names that custom rules get by their place. */
const RULE = /-custom\d+$/;

/**
 * @param {Page} page
 * @param {ReturnType<typeof import("./entry.js").entryActions>} entry
 * @param {ReturnType<typeof import("./list.js").listActions>} list
 * @param {ReturnType<typeof import("./archives.js").archiveActions>} archives
 */
export function judgingActions(page, entry, list, archives) {
  const { store } = page;

  const options = () => archives.options();

  /** Judges again, in place. */
  async function rejudge() {
    const mine = page.judge;
    if (!mine || !store.state.overview) return;
    store.set({ judging: performance.now(), trouble: "" });
    const asked = JSON.stringify(options());
    try {
      const judgement = await mine.judge(options());
      if (page.judge === mine && asked === JSON.stringify(options())) show(judgement, true);
    } catch (error) {
      if (page.judge !== mine || error instanceof Cancelled) return;
      store.set({ judging: 0, trouble: error instanceof Trapped ? S.judgeStopped(error.message) : sentence(error) });
    }
  }

  /**
   * @param {Judgement} judgement
   * @param {boolean} again
   * @param {boolean} [named] Only names of causes came: what is open stays as it is.
   */
  function show({ overview, columns }, again, named = false) {
    const tree = new Tree(columns);
    const { state } = store;
    const same = again && state.overview?.verdict === overview.verdict;
    /** @type {Filter} */
    const filter = same
      ? { ...state.filter, only: null }
      : { statuses: firstStatuses(overview), text: again ? state.filter.text : "", only: null };
    const collapsed = again ? state.collapsed : tree.uniform();
    const visible = tree.visible(filter, collapsed);
    const explained = new Set(
      overview.statements.filter((statement) => statement.explained).map((statement) => statement.cause),
    );
    const first = visible.nodes.find(
      (node) => tree.hasRow(node) && !tree.isRoot(node) && filter.statuses.has(tree.status(node)),
    );
    store.set({
      overview,
      tree,
      filter,
      collapsed,
      list: visible,
      explained,
      judging: 0,
      why: again && state.why,
      focus: again && state.focus >= 0 ? state.focus : (first ?? 0),
    });
    if (named) return;
    archives.make();
    if (state.shown && again) entry.open(state.shown.node, state.tab);
    // Two plain files: there is nothing else to choose.
    else if (tree.length === 1 && overview.verdict !== "identical") entry.open(0);
    if (!again) list.begin();
  }

  return {
    options,
    /** Forgets the result; what was read stays. */
    reopen() {
      page.judge?.end();
      page.judge = null;
      entry.forget();
      archives.drop();
      store.set({ overview: null, tree: null, shown: null, judging: 0, focus: -1, dialog: null });
    },
    /** Ends judging without a verdict. */
    stop() {
      page.judge?.end();
      page.judge = null;
      store.set({ judging: 0, trouble: S.cancelled });
    },
    /** Judges for the first time. @param {{ left: Read, right: Read }} sides @param {number} since When reading began. */
    async judge(sides, since) {
      const engine = await page.booting;
      if (page.judge) return;
      const mine = engine.judge(sides, options());
      page.judge = mine;
      store.set({ judging: performance.now(), trouble: "" });
      try {
        const [judgement, passes] = await Promise.all([mine.judge(options()), engine.passes]);
        if (page.judge !== mine) return;
        store.set({ passes, took: performance.now() - since });
        show(judgement, false);
        // What is on screen stays; the causes of unexplained rows get their names in place.
        const asked = JSON.stringify(options());
        const explained = await mine.explain();
        if (page.judge === mine && asked === JSON.stringify(options())) show(explained, true, true);
      } catch (error) {
        if (page.judge !== mine) return;
        page.judge = null;
        if (!(error instanceof Cancelled))
          store.set({ trouble: error instanceof Trapped ? S.judgeStopped(error.message) : sentence(error) });
        store.set({ judging: 0 });
      }
    },
    /** @param {string} profile */
    profile(profile) {
      if (profile === store.state.profile) return;
      store.set({ profile });
      rejudge();
    },
    /** @param {string} ecosystem An id; empty as detected. */
    ecosystem(ecosystem) {
      if (ecosystem === store.state.ecosystem) return;
      store.set({ ecosystem });
      rejudge();
    },
    /** Rules as they are understood; fails with a sentence. @param {string} text */
    async checkRules(text) {
      return (await page.booting).checkRules(text);
    },
    /** Puts rules in force, unless they cannot be used: then it fails with a sentence. @param {string} text */
    async rules(text) {
      const found = await (await page.booting).checkRules(text);
      // What was switched off were other rules, by their place.
      const disabled = store.state.disabled.filter((id) => !RULE.test(id));
      store.set({ rules: found.length ? text : "", disabled });
      rejudge();
    },
    /** @param {string} id */
    pass(id) {
      const { disabled } = store.state;
      store.set({ disabled: disabled.includes(id) ? disabled.filter((other) => other !== id) : [...disabled, id] });
      rejudge();
    },
    /** @param {string} pass @param {number} first @param {number} count @returns {Promise<LedgerPart[]>} */
    async ledger(pass, first, count) {
      return (await page.judge?.ledger(pass, first, count).catch(() => [])) ?? [];
    },
  };
}
