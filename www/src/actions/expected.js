// What a side should be: a digest that somebody published, held against the file.
// @ts-check

/** @import { Page, Side } from "../main.js" */
/** @import { Expected } from "../state.js" */
import { NOTHING, SIDES } from "../state.js";
import { S } from "../strings.js";

/** A digest alone, or the line of a checksum list that states it. */
const FORMS = [/^\s*sha-?256\s*\([\s\S]*\)\s*=\s*([0-9a-f]{64})\s*$/i, /^\s*\\?([0-9a-f]{64})\s+\S[\s\S]*$/i];

/** The SHA-256 that a text states. @param {string} text @returns {{ digest: string, trouble: string }} */
export function digestOf(text) {
  const alone = /^(?:sha-?256[:=])?([0-9a-f]{64})$/i.exec(text.replace(/\s+/g, ""));
  const found = alone ?? FORMS.map((form) => form.exec(text)).find(Boolean);
  const digest = found?.[1]?.toLowerCase() ?? "";
  // A field joins the lines of a list: which file is meant cannot be told any more.
  const several = new Set(text.toLowerCase().match(/[0-9a-f]{64}/g)).size > 1;
  if (several) return { digest: "", trouble: S.expected.several };
  return { digest, trouble: digest || !text.trim() ? "" : S.expected.invalid };
}

/** @param {Page} page */
export function expectedActions(page) {
  const { store } = page;
  /** What was asked about last: a digest, and the reading or the digest it is held against. @type {Record<Side, unknown[]>} */
  const asked = { left: [], right: [] };

  /** @param {Side} side @param {Partial<Expected>} change */
  function put(side, change) {
    const { expected } = store.state;
    store.set({ expected: { ...expected, [side]: { ...expected[side], ...change } } });
  }

  /** @param {Side} side */
  function check(side) {
    const { expected, overview } = store.state;
    const { digest, holds } = expected[side];
    const known = overview?.sides[side].sha256;
    const read = page.reads()[side];
    const now = [digest, known ?? read?.manifest];
    if (now.every((part, at) => part === asked[side][at])) return;
    asked[side] = now;
    if (!digest || !read) {
      if (holds !== null) put(side, { holds: null });
    } else if (known) put(side, { holds: known === digest });
    else ask(side, digest, read, now);
  }

  /** Before the verdict the engine has the digest. @param {Side} side @param {string} digest @param {import("../engine.js").Read} read @param {unknown[]} now */
  async function ask(side, digest, read, now) {
    try {
      const found = await (await page.booting).digest(read);
      if (found && asked[side] === now) put(side, { holds: found === digest });
    } catch {
      // The verdict brings the digest.
    }
  }

  store.watch((state, before) => {
    if (state.slots !== before.slots || state.overview !== before.overview || state.expected !== before.expected)
      SIDES.forEach(check);
  });

  return {
    /** @param {Side} side @param {string} text A digest, or a line that states it. */
    expect(side, text) {
      asked[side] = [];
      put(side, { ...NOTHING, text, ...digestOf(text) });
    },
    /** Expects nothing any more, nor what a link says. */
    unexpect() {
      store.set({ expected: { left: NOTHING, right: NOTHING }, link: null });
      if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    },
  };
}
