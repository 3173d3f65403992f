// Search over the contents of both sides: started, gone on with step by step, stopped; and going to what it found.
// @ts-check

/** @import { Page } from "../main.js" */
/** @import { SearchReport } from "../report.js" */
/** @import { Finding } from "../state.js" */
import { Cancelled, Trapped } from "../engine.js";
import { S } from "../strings.js";
import { sentence } from "./trouble.js";

/** Bytes searched between two answers: an entry can be opened meanwhile. An expression takes longer for each. */
const STEP = { text: 4 << 20, regex: 512 << 10 };
/** So often a search begins again after its worker was ended for something else. */
const AGAIN = 3;

/** The lines of the list: every entry, its matches, and how many more there are. @param {SearchReport} report */
function lines({ found }) {
  /** @type {Finding["lines"]} */
  const all = [];
  for (const [entry, { listed, matches }] of found.entries()) {
    const shown = (/** @type {"left" | "right"} */ side) => listed.filter((one) => one[side]).length;
    const more = matches.left - shown("left") + matches.right - shown("right");
    all.push({ entry, match: -1, more: 0 }, ...listed.map((_, match) => ({ entry, match, more: 0 })));
    if (more) all.push({ entry, match: -1, more });
  }
  return all;
}

/** @param {Page} page @param {ReturnType<typeof import("./entry.js").entryActions>} entry */
export function searchActions(page, entry) {
  const { store, views } = page;
  /** Counts searches, so that the steps of an old one end. */
  let turn = 0;

  /** @param {Partial<Finding>} change */
  function finding(change) {
    if (store.state.finding) store.set({ finding: { ...store.state.finding, ...change } });
  }

  /** @param {SearchReport} report */
  const show = (report) => finding({ progress: null, report, lines: lines(report), at: 0 });

  async function run() {
    const { finding: now } = store.state;
    const mine = page.judge;
    if (!now || !mine) return;
    const own = ++turn;
    const { text, regex, ignoreCase } = now;
    finding({ error: "", report: null, lines: [], at: 0, progress: null });
    if (!text) return;
    for (let lost = 0; ; lost++) {
      try {
        await mine.search(text, regex, ignoreCase);
        for (;;) {
          const progress = await mine.searchStep(regex ? STEP.regex : STEP.text);
          if (own !== turn) return;
          // Another question ended the worker, and the search with it.
          if (!progress) throw new Cancelled();
          finding({ progress });
          if (progress.finished) break;
        }
        const report = await mine.searchReport();
        if (own === turn) show(report);
        return;
      } catch (error) {
        if (own !== turn) return;
        if (error instanceof Cancelled && lost < AGAIN) continue;
        if (error instanceof Trapped) mine.revive();
        const words = error instanceof Trapped ? S.stopped.search(error.why) : sentence(error);
        finding({ progress: null, error: error instanceof Cancelled ? S.cancelled : words });
        return;
      }
    }
  }

  store.watch(({ overview, finding }) => {
    if (finding && !overview) queueMicrotask(() => store.set({ finding: null }));
  });

  const actions = {
    /** Opens the panel, or goes to its field. */
    search() {
      if (!store.state.finding) {
        const empty = { text: "", regex: false, ignoreCase: true, progress: null, report: null, lines: [], at: 0 };
        store.set({ finding: { ...empty, error: "" }, why: false });
      }
      // Where there is room for one of them, the entry makes way.
      if (!matchMedia("(min-width: 700px)").matches && store.state.shown) entry.close();
      views.search?.field();
    },
    run,
    /** @param {Partial<Finding>} change Of what is looked for. */
    look(change) {
      finding(change);
      if (change.text === undefined && store.state.finding?.text) run();
    },
    /** Ends it where it is; what was found until then is shown. */
    async stopSearch() {
      turn++;
      const report = await page.judge?.searchReport(S.search.stopped).catch(() => null);
      if (report) show(report);
      else finding({ progress: null });
    },
    closeSearch() {
      turn++;
      store.set({ finding: null });
      views.tree?.focus();
    },
    /** @param {number} at A line of the list. */
    found(at) {
      finding({ at });
    },
    /** @param {number} step */
    moveFound(step) {
      const { at, lines } = store.state.finding ?? { at: 0, lines: [] };
      finding({ at: Math.max(0, Math.min(lines.length - 1, at + step)) });
      views.tree?.focus();
    },
    /** Opens the entry where the match is. @param {number} [at] */
    openFound(at = store.state.finding?.at ?? 0) {
      const { finding: now, tree } = store.state;
      const line = now?.lines[at];
      const found = line && now?.report?.found[line.entry];
      if (!tree || !found) return;
      finding({ at });
      const one = found.listed[Math.max(0, line.match)];
      const node = tree.nodeOf(found.row);
      if (one?.place !== "content") {
        entry.open(node, "fields");
        return;
      }
      const side = one.right ? "right" : "left";
      entry.open(node, undefined, { side, offset: one[side]?.offset ?? 0 });
    },
  };
  return actions;
}
