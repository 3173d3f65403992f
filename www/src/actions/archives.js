// The stabilized archives of both sides: made beside the judging, in workers of their own, and saved.
// @ts-check

import { Cancelled, Trapped } from "../engine.js";
/** @import { Options, Read, Work } from "../engine.js" */
/** @import { Page } from "../main.js" */
/** @import { Archive } from "../state.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { save } from "../views/files.js";
import { sentence } from "./trouble.js";

/** @typedef {"left" | "right"} Side */

/** @type {Archive} */
const WORKING = { passes: null, sha256: null, refusal: null, notes: [], working: true, error: "" };

/** @param {Page} page */
export function archiveActions(page) {
  const { store } = page;
  /** What is at work now. @type {Work<unknown> | null} */
  let work = null;
  /** Counts beginnings, so that a late answer is not taken for a new one. */
  let turn = 0;
  /** What the archives shown were made of. */
  let made = "";
  /** @type {(Read | null)[]} */
  let of = [];

  /** @returns {Options} */
  const options = () => {
    const { profile, ecosystem, disabled, rules, slots } = store.state;
    /** @type {Record<string, number>} */
    const limits = {};
    for (const side of SIDES) {
      for (const [name, value] of Object.entries(slots[side]?.limits ?? {})) {
        limits[name] = Math.max(value, limits[name] ?? 0);
      }
    }
    return { profile, ecosystem: ecosystem || null, disabled, rules, limits };
  };

  /** @param {Side} side @param {Archive | null} archive */
  const set = (side, archive) => store.set({ archives: { ...store.state.archives, [side]: archive } });

  /** @param {unknown} error @param {Read} read */
  const words = async (error, read) =>
    error instanceof Trapped
      ? S.stopped.archive((await (await page.booting).entryAt(read, error.at))?.path ?? "", error.why)
      : sentence(error);

  /** One after the other: the judge has work to do, too. @param {Side[]} sides @param {number} mine */
  async function digests(sides, mine) {
    const engine = await page.booting;
    for (const side of sides) {
      const read = page.reads()[side];
      if (mine !== turn || !read) return;
      try {
        const asked = engine.stabilized(read, options());
        work = asked;
        const archive = await page.stops.patiently(`archive-${side}`, () => S.slow.archive(S.sides[side]), asked);
        if (mine === turn) set(side, { ...WORKING, .../** @type {any} */ (archive), working: false });
      } catch (error) {
        if (mine !== turn || error instanceof Cancelled) return;
        const why = await words(error, read);
        if (mine !== turn) return;
        set(side, { ...WORKING, working: false, error: why });
        const again = () => {
          if (mine !== turn) return;
          set(side, WORKING);
          digests([side], mine);
        };
        if (error instanceof Trapped)
          page.stops.stopped({ id: `archive-${side}`, words: why, does: S.again.archive, again });
      }
    }
  }

  return {
    options,
    /** Makes the digests of the comparison on screen, unless they are those shown. */
    make() {
      const { overview } = store.state;
      const { left, right } = page.reads();
      // The profile does not matter: the passes are OSS Rebuild's.
      const key = JSON.stringify({ ...options(), profile: "" });
      if (!overview || (key === made && of[0]?.manifest === left?.manifest && of[1]?.manifest === right?.manifest)) {
        return;
      }
      [made, of] = [key, [left, right]];
      work?.cancel();
      const sides = SIDES.filter((side) => overview.sets[side] !== null);
      const archive = (/** @type {Side} */ side) => (sides.includes(side) ? WORKING : null);
      store.set({ archives: { left: archive("left"), right: archive("right") } });
      digests(sides, ++turn);
    },
    /** Forgets them. */
    drop() {
      turn++;
      made = "";
      work?.cancel();
      work = null;
      store.set({ archives: { left: null, right: null } });
    },
    /** Saves the stabilized archive of a side. @param {Side} side */
    async saveArchive(side) {
      const read = page.reads()[side];
      const archive = store.state.archives[side];
      if (!read || !archive?.sha256) return;
      set(side, { ...archive, working: true });
      try {
        const asked = (await page.booting).archive(read, options());
        const blob = await page.stops.patiently(`save-${side}`, () => S.slow.archive(S.sides[side]), asked);
        save(blob, "application/octet-stream", `stabilized-${read.file.name}`);
      } catch (error) {
        if (!(error instanceof Cancelled)) store.set({ trouble: await words(error, read) });
      }
      if (store.state.archives[side]?.sha256 === archive.sha256) set(side, archive);
    },
  };
}
