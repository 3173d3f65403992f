// A link to what is on screen, and going where such a link leads once its two artifacts are here.
// @ts-check

/** @import { Page } from "../main.js" */
import { parsed, written } from "../link.js";
import { S } from "../strings.js";
import { copied } from "../views/copy.js";

/**
 * @param {Page} page
 * @param {ReturnType<typeof import("./entry.js").entryActions>} entry
 * @param {ReturnType<typeof import("./list.js").listActions>} list
 * @param {ReturnType<typeof import("./judging.js").judgingActions>} judging
 * @param {ReturnType<typeof import("./expected.js").expectedActions>} expected
 * @param {ReturnType<typeof import("./sides.js").sideActions>} sides
 */
export function linkActions(page, entry, list, judging, expected, sides) {
  const { store, views } = page;
  /** Whether the sides were swapped to be as in the link. */
  let turned = false;

  /** @param {import("../link.js").Link} link */
  function expect({ a, b }) {
    expected.expect("left", a);
    expected.expect("right", b);
  }

  /** @param {import("../link.js").Link} link */
  function restore({ path, line, statuses, text }) {
    const { tree } = store.state;
    if (!tree) return;
    list.filterBy({ text, only: null, ...(statuses ? { statuses: new Set(statuses) } : {}) });
    if (path === null) return;
    const node = tree.find(path);
    if (node < 0 || !tree.hasRow(node)) {
      store.set({ trouble: S.link.gone(path) });
      return;
    }
    const tab = line === null ? undefined : "text";
    const goal = line === null ? null : goalOf(line);
    if (store.state.list.nodes.includes(node)) entry.open(node, tab, goal);
    else list.go(node, tab, goal);
  }

  /** There is a verdict: if it is about what the link is about, its view is shown. */
  page.arrived = () => {
    const { link, overview } = store.state;
    if (!link || !overview) return;
    const [left, right] = [overview.sides.left.sha256, overview.sides.right.sha256];
    if (left === link.b && right === link.a && left !== right) {
      turned = true;
      sides.swap();
      expect(link);
      return;
    }
    const same = left === link.a && right === link.b;
    store.set({ link: null, note: same ? (turned ? S.link.turned : S.link.same) : "" });
    turned = false;
    if (!same) {
      store.set({ trouble: S.link.other });
      return;
    }
    if (link.profile) judging.profile(link.profile);
    restore(link);
  };

  const actions = {
    /** @param {string} hash The part of the address after `#`. */
    follow(hash) {
      if (!hash) return;
      const link = parsed(hash);
      if (!link) {
        store.set({ trouble: S.link.nonsense });
        return;
      }
      const { overview, profile } = store.state;
      store.set({ link, trouble: "", profile: overview ? profile : (link.profile ?? profile) });
      expect(link);
      page.arrived();
    },
    /** The address of what is on screen; empty without a verdict. */
    link() {
      const { overview, tree, shown, tab, filter, profile } = store.state;
      if (!overview || !tree) return "";
      const gone = shown?.textRows?.changes[shown.change] ?? shown?.goal ?? -1;
      const row = gone >= 0 ? gone : views.first("text");
      const at = shown && tab === "text" && row > 0 ? shown.textRows?.lines(row) : null;
      const line = !at ? null : at.right >= 0 ? `${at.right + 1}` : at.left >= 0 ? `a${at.left + 1}` : null;
      const hash = written({
        a: overview.sides.left.sha256,
        b: overview.sides.right.sha256,
        path: shown ? tree.key(shown.node) : null,
        line,
        statuses: [...filter.statuses],
        text: filter.text,
        profile,
      });
      // Where a page lies on a disk is nobody's business.
      return `${location.protocol === "file:" ? "" : location.origin + location.pathname}#${hash}`;
    },
    async copyLink() {
      const text = actions.link();
      if (!text) return;
      const more = store.state.disabled.length || store.state.rules ? ` ${S.link.without}` : "";
      store.set({ note: (await copied(text)) ? S.link.copied + more : S.notCopied });
    },
  };
  return actions;
}

/** @param {string} line A line of B, or with an `a` in front one of A; from 1. @returns {import("./entry.js").Goal} */
const goalOf = (line) => ({ side: line.startsWith("a") ? "left" : "right", line: Number(line.replace("a", "")) - 1 });
