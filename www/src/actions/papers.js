// What lies beside the two artifacts: attestations and keys, and what they come to.
// @ts-check

/** @import { Work } from "../engine.js" */
/** @import { Page } from "../main.js" */
/** @import { Attestation, RuleLine } from "../report.js" */
/** @import { Panel, Paper } from "../state.js" */
import { Cancelled, Trapped } from "../engine.js";
import { written } from "../rules.js";
import { plain, S } from "../strings.js";
import { pick } from "../views/files.js";
import { sentence } from "./trouble.js";

/** Bytes that are looked at first: packages are never text, and need not be loaded to know it. */
const HEAD = 4096;

/** @param {File} file */
async function isText(file) {
  try {
    return !new Uint8Array(await file.slice(0, HEAD).arrayBuffer()).some((byte) => byte < 9);
  } catch {
    // Reading it as an artifact will say what is wrong with it.
    return false;
  }
}

/** What stands for a paper that could not be examined. @param {File} file @param {string} message @returns {Attestation} */
const unexamined = ({ name }, message) => ({
  name: plain(name),
  kind: "unknown",
  title: S.paperUnexamined,
  parts: [],
  checks: [],
  recipe: null,
  problems: [{ line: 1, offset: null, decoded: false, message, unread: true }],
});

/** @param {Page} page */
export function paperActions(page) {
  const { store } = page;
  /** @type {Work<unknown> | null} */
  let work = null;
  let turn = 0;
  /** What was examined last. @type {unknown[]} */
  let examined = [];

  /** Examines all papers against the sides that are read, whenever one of these changed. */
  async function examine() {
    const { papers } = store.state;
    const sides = page.reads();
    const now = [papers, sides.left?.manifest, sides.right?.manifest];
    if (now.every((part, at) => part === examined[at])) return;
    examined = now;
    work?.cancel();
    const mine = ++turn;
    if (papers.length === 0) {
      store.set({ attested: null, attesting: false, attestTrouble: "" });
      return;
    }
    store.set({ attesting: true, attestTrouble: "" });
    try {
      const files = (/** @type {Paper["kind"]} */ kind) =>
        papers.filter((paper) => paper.kind === kind).map(({ file }) => file);
      const engine = await page.booting;
      if (mine !== turn) return;
      const asked = engine.attest(files("attestation"), files("key"), sides);
      work = asked;
      const attested = await page.stops.patiently("attest", () => S.slow.attest, asked);
      if (mine !== turn) return;
      page.stops.mended("attest");
      store.set({ attested, attesting: false });
    } catch (error) {
      if (mine !== turn) return;
      if (error instanceof Trapped) await oneByOne(mine, error);
      else {
        const attestTrouble = error instanceof Cancelled ? S.cancelled : sentence(error);
        store.set({ attested: null, attesting: false, attestTrouble });
      }
    }
  }

  /**
   * The engine stopped: every paper by itself, so that the others are examined and this one is named.
   * @param {number} mine @param {Trapped} trap
   */
  async function oneByOne(mine, trap) {
    const { papers } = store.state;
    const sides = page.reads();
    const engine = await page.booting;
    const keys = papers.filter(({ kind }) => kind === "key").map(({ file }) => file);
    /** @type {Attestation[]} */
    const attested = [];
    /** @type {File[]} */
    const lost = [];
    for (const { file, kind } of papers) {
      if (mine !== turn) return;
      const claims = kind === "attestation";
      try {
        const asked = engine.attest(claims ? [file] : [], claims ? keys : [file], sides);
        work = asked;
        const [answer] = await page.stops.patiently("attest", () => S.slow.attest, asked);
        if (answer) attested.push(answer);
      } catch (error) {
        if (!(error instanceof Trapped)) {
          if (mine === turn) store.set({ attesting: false, attestTrouble: S.cancelled });
          return;
        }
        lost.push(file);
        attested.push(unexamined(file, S.stopped.attest([file.name], error.why)));
      }
    }
    if (mine !== turn) return;
    const words = S.stopped.attest(
      lost.map(({ name }) => name),
      trap.why,
    );
    const again = () => {
      examined = [];
      examine();
    };
    page.stops.stopped({ id: "attest", words, does: S.again.attest, again });
    store.set({ attested, attesting: false });
  }

  store.watch((state, before) => {
    if (state.papers !== before.papers || state.slots !== before.slots) queueMicrotask(examine);
  });

  /** @param {Paper[]} added */
  function add(added) {
    const { papers } = store.state;
    const same = (/** @type {File} */ a, /** @type {File} */ b) =>
      a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
    const fresh = added.filter(({ file }) => !papers.some((paper) => same(paper.file, file)));
    // Keys last, as they are listed.
    const all = [...papers, ...fresh];
    const of = (/** @type {Paper["kind"]} */ kind) => all.filter((paper) => paper.kind === kind);
    if (fresh.length) store.set({ papers: [...of("attestation"), ...of("key")], trouble: "" });
    // There is nothing else to look at yet, or this is what was asked for.
    if (fresh.length && store.state.overview === null) store.set({ panel: "attestations" });
  }

  return {
    /** Takes attestations and keys out of what was dropped; the rest is given back. @param {File[]} files */
    async sort(files) {
      /** @type {Paper[]} */
      const found = [];
      /** @type {File[]} */
      const rest = [];
      for (const file of files) {
        let kind = null;
        try {
          if (await isText(file)) kind = await (await page.booting).recognise(file);
        } catch {
          // Then it is no document that could be read.
        }
        if (kind) found.push({ file, kind });
        else rest.push(file);
      }
      add(found);
      return rest;
    },
    /** Chooses attestations and keys by the browser's dialog. */
    choosePapers() {
      pick(async (files) => {
        const engine = await page.booting;
        const kinds = await Promise.all(files.map((file) => engine.recognise(file).catch(() => null)));
        // Asked for as one: what is none is shown as what it is.
        add(files.map((file, at) => ({ file, kind: kinds[at] ?? "attestation" })));
      });
    },
    /** @param {number} index Among the papers. */
    removePaper(index) {
      store.set({ papers: store.state.papers.toSpliced(index, 1) });
    },
    clear() {
      store.set({ papers: [], panel: "why" });
    },
    /** Shows the reasons, or the attestations. @param {Panel} panel */
    panel(panel) {
      store.set({ panel, shown: null, why: true });
    },
    /** Custom rules with those of a bundle added, as text. @param {RuleLine[]} more */
    withRules(more) {
      const content = (/** @type {RuleLine} */ rule) => JSON.stringify({ ...rule, id: "" });
      const rules = store.state.overview?.rules ?? [];
      const there = new Set(rules.map(content));
      return written([...rules, ...more.filter((rule) => !there.has(content(rule)))]);
    },
  };
}
