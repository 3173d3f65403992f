// The two slots: what is in them, reading it, and cancelling that.
// @ts-check

/** @import { Page } from "../main.js" */
/** @import { Slot } from "../state.js" */
import { Cancelled, Trapped } from "../engine.js";
import { SAMPLES } from "../samples.js";
import { S } from "../strings.js";
import { pick } from "../views/files.js";
import { sentence } from "./trouble.js";

/** @typedef {"left" | "right"} Side */
/** What is at work for one side. */
/** @typedef {{ cancel: () => void, manifest: Uint8Array | null }} Job */

const SIDES = /** @type {const} */ (["left", "right"]);

/**
 * @param {Page} page
 * @param {ReturnType<typeof import("./judging.js").judgingActions>} judging
 * @param {ReturnType<typeof import("./papers.js").paperActions>} papers
 */
export function sideActions(page, judging, papers) {
  const { store } = page;
  /** @type {Record<Side, Job | null>} */
  const jobs = { left: null, right: null };
  /** What was dropped is taken in the order of the drops. @type {Promise<unknown>} */
  let taking = Promise.resolve();

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

  /** @param {Side} side @param {File} file */
  async function read(side, file) {
    jobs[side]?.cancel();
    judging.reopen();
    const since = performance.now();
    store.set({
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
      const engine = await page.booting;
      if (ended) throw new Cancelled();
      const { manifest, cancel } = engine.read(file, judging.options(), (progress) => {
        const at = own();
        if (at) slot(at, { progress });
      });
      job.cancel = cancel;
      job.manifest = await manifest;
      const at = own();
      if (!at) return;
      slot(at, { phase: "read", took: performance.now() - since });
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
     * @param {File[]} files @param {Side | null} [side] Where a single artifact goes.
     */
    take(files, side = null) {
      if (files.length === 0) return;
      store.set({ sorting: store.state.sorting + 1 });
      taking = taking.then(async () => {
        const artifacts = await papers.sort(files);
        store.set({ sorting: store.state.sorting - 1 });
        fill(artifacts, side);
      });
    },
    /** One file becomes that side, whatever it is; of several, attestations are set aside. @param {Side} side */
    choose(side) {
      pick((files) => (files.length > 1 ? actions.take(files, side) : fill(files, side)));
    },
    /** @param {string} id */
    sample(id) {
      const files = SAMPLES.find((sample) => sample.id === id)?.make() ?? [];
      empty();
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
    /** @param {Side} side */
    retry(side) {
      const slot = store.state.slots[side];
      if (slot) read(side, slot.file);
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
      papers.clear();
    },
    swap() {
      const { slots, overview } = store.state;
      if (!slots.left && !slots.right) return;
      [jobs.left, jobs.right] = [jobs.right, jobs.left];
      const compared = overview !== null || store.state.judging > 0;
      judging.reopen();
      store.set({ slots: { left: slots.right, right: slots.left }, note: "" });
      if (compared) compare();
    },
  };
  return actions;
}
