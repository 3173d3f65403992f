// The two slots: what is in them, reading it, and cancelling that.
// @ts-check

import { Cancelled, Trapped } from "../engine.js";
import { MOST_FILES, packed } from "../folder.js";
import { SAMPLES } from "../samples.js";
/** @import { Page } from "../main.js" */
/** @import { LeftOut, Reader, Slot } from "../state.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { pick } from "../views/files.js";
import { MOST, pathOf } from "./stops.js";
import { sentence } from "./trouble.js";

/** @typedef {"left" | "right"} Side */
/** What is at work for one side. */
/** @typedef {{ cancel: () => void, manifest: Uint8Array | null }} Job */

/** How a file is read. */
/** @typedef {{ leftOut: LeftOut[], limits: Record<string, number>, reader: Reader | null }} How */

/** So many entries are left out one by one before nothing of an artifact is opened any more. */
const MOST_LEFT_OUT = 3;
/** What a reading may take beyond its own limit before it is ended from here, in ms. */
const GRACE = 10_000;
/** The value of a limit that is none. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * What is left out next after the engine stopped at an entry; null if there is nothing.
 * @param {LeftOut[]} leftOut @param {LeftOut} at
 */
function without(leftOut, at) {
  if (leftOut.some(({ node }) => node === 0)) return null;
  const again = leftOut.some(({ node }) => node === at.node);
  return [...leftOut, again || leftOut.length >= MOST_LEFT_OUT ? { ...at, node: 0 } : at];
}

/**
 * @param {Page} page
 * @param {ReturnType<typeof import("./judging.js").judgingActions>} judging
 * @param {ReturnType<typeof import("./papers.js").paperActions>} papers
 * @param {ReturnType<typeof import("./expected.js").expectedActions>} expected
 */
export function sideActions(page, judging, papers, expected) {
  const { store } = page;
  /** @type {Record<Side, Job | null>} */
  const jobs = { left: null, right: null };
  /** What was dropped is taken in the order of the drops. @type {Promise<unknown>} */
  let taking = Promise.resolve();
  let questions = 0;

  page.reads = () => {
    const { slots } = store.state;
    const read = (/** @type {Side} */ side) => {
      const manifest = jobs[side]?.manifest;
      const file = slots[side]?.file;
      return manifest && file ? { manifest, file } : null;
    };
    return { left: read("left"), right: read("right") };
  };

  /** @param {Side} side @param {Partial<Slot> | null} change */
  function slot(side, change) {
    const { slots } = store.state;
    const before = slots[side];
    store.set({ slots: { ...slots, [side]: change === null ? null : before ? { ...before, ...change } : null } });
  }

  /** How long a reading may take, in ms: its own limit ends it first, and keeps what was found. @param {Record<string, number>} limits */
  function patience({ seconds }) {
    const limit = seconds ?? store.state.limits.find(({ name }) => name === "seconds")?.default;
    return limit === undefined ? MOST + GRACE : limit === NO_LIMIT ? Infinity : limit * 1000 + GRACE;
  }

  /**
   * Reads a file; an entry at which the engine stops is left out, and the rest is read again.
   * @param {Job} job @param {File} file @param {How} how
   */
  async function manifestOf(job, file, { leftOut, limits, reader }) {
    let ended = false;
    job.cancel = () => {
      ended = true;
    };
    const engine = await page.booting;
    if (!store.state.limits.length) store.set({ limits: await engine.limits });
    for (let omitted = leftOut; ; ) {
      if (ended) throw new Cancelled();
      const options = { ...judging.options(), limits, leave_out: omitted.map(({ node }) => node), reader: reader?.id };
      const work = engine.read(file, options, (progress) => {
        const at = sideOf(job);
        if (at) slot(at, { progress });
      });
      job.cancel = work.cancel;
      const where = () => {
        const at = sideOf(job) ?? "left";
        return S.slow.read(S.sides[at], store.state.slots[at]?.progress ?? null);
      };
      try {
        return await page.stops.patiently(`read-${file.name}-${++questions}`, where, work, patience(limits));
      } catch (error) {
        if (!(error instanceof Trapped)) throw error;
        const at = sideOf(job);
        const next = without(omitted, { node: error.at.node ?? 0, path: pathOf(error), why: error.why });
        if (!at || !next) throw error;
        slot(at, { leftOut: next, progress: null });
        // Another two minutes are for the user to spend.
        if (error.why === "time") throw error;
        omitted = next;
      }
    }
  }

  /** @param {Job} job */
  const sideOf = (job) => SIDES.find((side) => jobs[side] === job) ?? null;

  /** @param {Side} side @param {File} file @param {Partial<How>} [how] */
  async function read(side, file, { leftOut = [], limits = {}, reader = null } = {}) {
    jobs[side]?.cancel();
    judging.reopen();
    const since = performance.now();
    /** @type {Slot} */
    const reading = { file, phase: "reading", progress: null, since, took: 0, error: "", leftOut, limits, reader };
    store.set({ slots: { ...store.state.slots, [side]: reading } });
    /** @type {Job} */
    const job = { cancel: () => {}, manifest: null };
    jobs[side] = job;
    try {
      job.manifest = await manifestOf(job, file, { leftOut, limits, reader });
      const at = sideOf(job);
      if (!at) return;
      slot(at, { phase: "read", took: performance.now() - since });
      await compare();
    } catch (error) {
      const at = sideOf(job);
      if (!at) return;
      if (error instanceof Cancelled) slot(at, { phase: "cancelled" });
      else {
        const words = error instanceof Trapped ? S.stopped.read(pathOf(error), error.why) : sentence(error);
        slot(at, { phase: "failed", error: words });
      }
    }
  }

  /** Judges, once both sides are read. */
  async function compare() {
    const { slots } = store.state;
    const { left, right } = page.reads();
    if (!left || !right) return;
    await judging.judge({ left, right }, Math.min(slots.left?.since ?? 0, slots.right?.since ?? 0));
  }

  /** Empties both slots; what lies beside them stays. */
  function empty() {
    for (const side of SIDES) {
      jobs[side]?.cancel();
      jobs[side] = null;
    }
    judging.reopen();
    const slots = { left: null, right: null };
    store.set({ slots, trouble: "", note: "", disabled: [], rules: "", ecosystem: "" });
  }

  page.leaveOut = (side, place) => {
    const slot = store.state.slots[side];
    const next = slot && without(slot.leftOut, place);
    if (slot && next) read(side, slot.file, { ...slot, leftOut: next });
    return Boolean(next);
  };

  /** Artifacts only. @param {File[]} files @param {Side | null} side */
  function fill(files, side) {
    const { slots } = store.state;
    if (files.length > 2) {
      store.set({ trouble: S.tooMany(files.length) });
      return;
    }
    const [first, second] = files;
    if (first && second) {
      const [left, right] = [first, second].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
      empty();
      store.set({ note: first.name === second.name ? S.orderedAlike : S.ordered(left?.name ?? "") });
      if (left && right) {
        read("left", left);
        read("right", right);
      }
    } else if (first) {
      store.set({ trouble: "", note: "" });
      read(side ?? (slots.left === null ? "left" : "right"), first);
    }
  }

  const actions = {
    /** Whether a side is being read. */
    reading: () => SIDES.some((side) => store.state.slots[side]?.phase === "reading"),
    /**
     * Takes what was dropped: attestations and keys by their content, the rest as artifacts.
     * @param {File[]} files @param {Side | null} [side] Where a single artifact goes. @param {string} [note] What is said about them.
     */
    take(files, side = null, note = "") {
      if (files.length === 0) return;
      store.set({ sorting: store.state.sorting + 1 });
      taking = taking.then(async () => {
        const artifacts = await papers.sort(files);
        store.set({ sorting: store.state.sorting - 1 });
        fill(artifacts, side);
        if (note) store.set({ note: [store.state.note, note].filter(Boolean).join(" ") });
      });
    },
    /** One file becomes that side, whatever it is; of several, attestations are set aside. @param {Side} side */
    choose(side) {
      pick((files) => (files.length > 1 ? actions.take(files, side) : fill(files, side)));
    },
    /** Every file of a folder, as one artifact. @param {Side} side */
    chooseFolder(side) {
      pick((files) => {
        const [name = ""] = files[0]?.webkitRelativePath.split("/") ?? [];
        const members = files.map((file) => ({ path: file.webkitRelativePath.slice(name.length + 1), file }));
        const made = files.length ? actions.pack(name, members) : null;
        if (made) actions.take([made.file], side, made.note);
      }, true);
    },
    /** A folder as one file, and what is said about it; null with a sentence, if it cannot be one. @param {string} name @param {import("../folder.js").Member[]} members */
    pack(name, members) {
      if (members.length === 0 || members.length > MOST_FILES) {
        store.set({ note: "", trouble: members.length ? S.folder.many(name, MOST_FILES) : S.folder.none(name) });
        return null;
      }
      return { file: packed(name, members), note: S.folder.packed(name, members.length) };
    },
    /** Files for whichever sides are free. */
    files() {
      pick((files) => actions.take(files));
    },
    /** @param {string} id */
    sample(id) {
      const files = SAMPLES.find((sample) => sample.id === id)?.make() ?? [];
      empty();
      expected.unexpect();
      // What a pair is to show, it shows under the usual rules.
      store.set({ profile: "standard" });
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
      if (store.state.judging && !store.state.overview) judging.stop();
    },
    /** Reads a side again, whole. @param {Side} side */
    retry(side) {
      const slot = store.state.slots[side];
      if (slot) read(side, slot.file, { ...slot, leftOut: [] });
    },
    /** Reads a side again without what the engine stopped at. @param {Side} side */
    retryWithout(side) {
      const slot = store.state.slots[side];
      if (slot) read(side, slot.file, slot);
    },
    /** Reads a side again with a limit raised, for this once. @param {Side} side @param {string} name @param {number} [times] Without it, without that limit. */
    raise(side, name, times) {
      const slot = store.state.slots[side];
      const now = slot?.limits[name] ?? store.state.limits.find((limit) => limit.name === name)?.default;
      if (!slot || now === undefined) return;
      const value = times ? Math.min(now * times, NO_LIMIT) : NO_LIMIT;
      read(side, slot.file, { ...slot, limits: { ...slot.limits, [name]: value } });
    },
    /** Opens a side as a reader sees it; without one, as we read it. @param {Side} side @param {Reader | null} reader */
    openAs(side, reader) {
      const slot = store.state.slots[side];
      // Another reader counts entries in another way: what was left out is not what it was.
      if (slot) read(side, slot.file, { ...slot, leftOut: [], reader });
    },
    /** Makes A and B one file, opened as two readers see it. @param {Side} side @param {Reader} one @param {Reader} other */
    compareViews(side, one, other) {
      const slot = store.state.slots[side];
      if (!slot) return;
      const how = { ...slot, leftOut: [] };
      store.set({ note: S.readers.compared(slot.file.name) });
      read("left", slot.file, { ...how, reader: one });
      read("right", slot.file, { ...how, reader: other });
    },
    /** Does again what stopped last. */
    again() {
      const { shown, stops, slots } = store.state;
      if (shown?.stopped) page.reopenEntry();
      else if (stops.length) page.stops.again();
      else {
        const failed = SIDES.find((side) => slots[side]?.phase === "failed" || slots[side]?.phase === "cancelled");
        const side = failed ?? SIDES.find((side) => slots[side]?.phase === "read" && slots[side]?.leftOut.length);
        if (side) actions.retry(side);
      }
    },
    /** @param {Side} side */
    remove(side) {
      jobs[side]?.cancel();
      jobs[side] = null;
      judging.reopen();
      slot(side, null);
      store.set({ trouble: "", note: "" });
    },
    clear() {
      empty();
      expected.unexpect();
      papers.clear();
    },
    swap() {
      const { slots, overview, expected } = store.state;
      if (!slots.left && !slots.right) return;
      [jobs.left, jobs.right] = [jobs.right, jobs.left];
      const compared = overview !== null || store.state.judging > 0;
      judging.reopen();
      store.set({
        slots: { left: slots.right, right: slots.left },
        expected: { left: expected.right, right: expected.left },
        note: "",
      });
      if (compared) compare();
    },
  };
  return actions;
}
