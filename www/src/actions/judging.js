// Both sides read: judge, judge again under other rules, and ask for the rest of the report.
// @ts-check

/** @import { Judge, Judgement, Options, Read } from "../engine.js" */
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
 * @param {ReturnType<typeof import("./marks.js").markActions>} marks
 */
export function judgingActions(page, entry, list, archives, marks) {
  const { store } = page;

  const options = () => archives.options();

  /** What the judgement on screen was made under. @type {Options | null} */
  let shownUnder = null;

  /** @param {Judge} judge @param {Promise<Judgement>} answer */
  function patiently(judge, answer) {
    const work = { answer, cancel: () => judge.interrupt(), expire: () => judge.expire() };
    return page.stops.patiently("judge", () => S.slow.judge, work);
  }

  /** The path of the entry that a lost judge was at. @param {Trapped} trap */
  async function placeOf({ at }) {
    const read = at.side && page.reads()[at.side];
    const entry = read ? await (await page.booting).entryAt(read, at) : null;
    return entry && at.side ? { side: at.side, ...entry } : null;
  }

  /** Judges again, in place. What is on screen stays, with its options, if that fails. */
  async function rejudge() {
    const mine = page.judge;
    if (!mine || !store.state.overview) return;
    store.set({ judging: performance.now(), trouble: "" });
    page.stops.mended("judge");
    const wanted = options();
    const asked = JSON.stringify(wanted);
    try {
      const judgement = await patiently(mine, mine.judge(wanted));
      if (page.judge === mine && asked === JSON.stringify(options())) show(judgement, true);
    } catch (error) {
      if (page.judge !== mine) return;
      if (!(error instanceof Trapped || error instanceof Cancelled)) {
        store.set({ judging: 0, trouble: sentence(error) });
        return;
      }
      if (asked !== JSON.stringify(options())) return;
      // Cancelled by the next question about an entry, or by the user: either way the former judgement stands.
      const { profile, ecosystem, disabled, rules } = shownUnder ?? wanted;
      mine.revert(shownUnder ?? wanted);
      mine.revive();
      store.set({ judging: 0, profile, ecosystem: ecosystem ?? "", disabled, rules: rules ?? "" });
      if (error instanceof Cancelled) return;
      const place = await placeOf(error);
      const again = () => {
        if (page.judge !== mine) return;
        const { profile, ecosystem, disabled, rules } = wanted;
        store.set({ profile, ecosystem: ecosystem ?? "", disabled, rules: rules ?? "" });
        rejudge();
      };
      page.stops.stopped({
        id: "judge",
        words: S.stopped.rejudge(place?.path ?? "", error.why),
        does: S.again.judge,
        again,
      });
    }
  }

  /** Says what kinds of differences there are. What is on screen stays as it is; causes get their names in place. */
  async function explain() {
    const mine = page.judge;
    if (!mine) return;
    const asked = JSON.stringify(options());
    try {
      const explained = await mine.explain();
      if (page.judge === mine && asked === JSON.stringify(options())) show(explained, true, true);
    } catch (error) {
      if (page.judge !== mine) return;
      mine.revive();
      const trap = error instanceof Trapped ? error : null;
      const path = trap ? ((await placeOf(trap))?.path ?? "") : "";
      const words = trap ? S.stopped.explain(path, trap.why) : S.explainCancelled;
      page.stops.stopped({ id: "explain", words, does: S.again.explain, again: explain });
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
      ...marks.marksOf(overview),
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
    shownUnder = options();
    archives.make();
    if (state.shown && again) entry.open(state.shown.node, state.tab);
    // Two plain files: there is nothing else to choose.
    else if (tree.length === 1 && overview.verdict !== "identical") entry.open(0);
    if (!again) list.begin();
  }

  /**
   * The judge was lost before there was a verdict: the entry is left out where it is known, else the user decides.
   * @param {Trapped} trap @param {{ side: "left" | "right", node: number, path: string } | null} place
   * @param {{ left: Read, right: Read }} sides @param {number} since
   */
  function lost(trap, place, sides, since) {
    const { left, right } = page.reads();
    if (page.judge || left?.manifest !== sides.left.manifest || right?.manifest !== sides.right.manifest) return;
    if (place && trap.why !== "time" && page.leaveOut(place.side, { ...place, why: trap.why })) return;
    const words = S.stopped.judge(place?.path ?? "", trap.why);
    page.stops.stopped({ id: "judge", words, does: S.again.judge, again: () => actions.judge(sides, since) });
  }

  const actions = {
    options,
    /** Forgets the result; what was read stays. */
    reopen() {
      page.judge?.end();
      page.judge = null;
      entry.forget();
      archives.drop();
      page.stops.mended();
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
      page.stops.mended("judge");
      try {
        const judged = patiently(mine, mine.judge(options()));
        const [judgement, passes, limits] = await Promise.all([judged, engine.passes, engine.limits]);
        if (page.judge !== mine) return;
        store.set({ passes, limits, took: performance.now() - since });
        show(judgement, false);
        page.arrived();
      } catch (error) {
        if (page.judge !== mine) return;
        page.judge = null;
        store.set({ judging: 0 });
        if (error instanceof Cancelled) store.set({ trouble: S.cancelled });
        else if (error instanceof Trapped) lost(error, await placeOf(error), sides, since);
        else store.set({ trouble: sentence(error) });
        return;
      }
      await explain();
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
  return actions;
}
