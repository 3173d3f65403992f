// What can be done in the list of entries: filter it, move in it, open and close folders.
// @ts-check

/** @import { Page } from "../main.js" */
/** @import { Status } from "../report.js" */
/** @import { Filter } from "../state.js" */

/** Statuses that no rule explains. @type {Status[]} */
const OPEN = ["different", "only-left", "only-right", "unread"];

/** @param {Page} page @param {ReturnType<typeof import("./entry.js").entryActions>} entry */
export function listActions(page, entry) {
  const { store, views } = page;
  /** Whether the keyboard has been used in the list since the verdict. */
  let moved = false;

  /** @param {Partial<Filter>} change */
  function filter(change) {
    const { tree, collapsed } = store.state;
    const filter = { ...store.state.filter, ...change };
    if (!tree) return;
    const list = tree.visible(filter, collapsed);
    store.set({ filter, list, why: false, ...refocus(list.nodes) });
  }

  /** The keyboard's place, when it is not in the list any more. @param {Int32Array} nodes */
  function refocus(nodes) {
    const { focus } = store.state;
    if (nodes.includes(focus)) return {};
    return { focus: nodes.find((node) => node >= focus) ?? nodes[nodes.length - 1] ?? -1 };
  }

  /** @param {Set<number>} collapsed */
  function collapse(collapsed) {
    const { tree, filter } = store.state;
    if (!tree) return;
    const list = tree.visible(filter, collapsed);
    store.set({ collapsed, list, ...refocus(list.nodes) });
  }

  const actions = {
    /** A new verdict: the keyboard begins at the first entry. */
    begin() {
      moved = false;
      views.tree?.focus();
    },
    /** @param {Status} status */
    status(status) {
      const statuses = new Set(store.state.filter.only ? [] : store.state.filter.statuses);
      if (!statuses.delete(status)) statuses.add(status);
      filter({ statuses, only: null });
    },
    allStatuses() {
      filter({ statuses: new Set([...OPEN, "equivalent", "identical"]), only: null, text: "" });
    },
    explained() {
      actions.status("equivalent");
    },
    filterBy: filter,
    /** @param {string} text */
    filterText(text) {
      filter({ text });
    },
    filter() {
      views.tree?.search.focus();
      views.tree?.search.select();
    },
    /** @param {string | null} cause */
    only(cause) {
      const {
        tree,
        filter: { only },
      } = store.state;
      if (!tree) return;
      filter({ only: cause === null || only?.label === cause ? null : { label: cause, rows: tree.rowsOf(cause) } });
    },
    /** @param {number} index */
    async statement(index) {
      const mine = page.judge;
      const statement = store.state.overview?.statements[index];
      if (!mine || !statement) return;
      const rows = await mine.statementRows(index);
      if (page.judge === mine) filter({ only: { label: statement.sentence, rows: new Set(rows) } });
    },
    /** Goes to the entry of a report's row. @param {number | null} row */
    entry(row) {
      const { tree } = store.state;
      if (tree) actions.go(tree.nodeOf(row), "fields");
    },
    /** Goes to a node, whatever hides it. @param {number} node @param {import("../state.js").Tab} [tab] @param {import("./entry.js").Goal | null} [goal] */
    go(node, tab, goal) {
      const { tree, collapsed } = store.state;
      if (!tree) return;
      const open = new Set(collapsed);
      for (let at = tree.parent(node); at >= 0; at = tree.parent(at)) open.delete(at);
      const statuses = new Set(store.state.filter.statuses).add(tree.status(node));
      store.set({ dialog: null, collapsed: open });
      filter({ only: null, text: "", statuses });
      entry.open(node, tab, goal);
    },

    /** @param {number} step */
    move(step) {
      const { list, focus, tree } = store.state;
      const at = list.nodes.indexOf(focus);
      // After the verdict the first entry has the focus and is not open yet: going on begins with it.
      if (step === 1 && !store.state.shown && !moved && tree?.hasRow(focus)) {
        moved = true;
        entry.open(focus);
        return;
      }
      moved = true;
      const place = Math.max(0, Math.min(list.nodes.length - 1, at + step));
      const node = list.nodes[step === -Infinity ? 0 : step === Infinity ? list.nodes.length - 1 : place];
      if (node === undefined || !tree) return;
      store.set({ focus: node });
      views.tree?.focus();
      if (tree.hasRow(node)) entry.openLater(node);
      else entry.stay();
    },
    /** @param {number} step */
    page(step) {
      actions.move(step * (views.tree?.page() ?? 10));
    },
    /** @param {number} step */
    jump(step) {
      const {
        list: { nodes },
        focus,
        tree,
      } = store.state;
      if (!tree) return;
      for (let at = nodes.indexOf(focus) + step; at >= 0 && at < nodes.length; at += step) {
        const node = nodes[at] ?? 0;
        if (tree.hasRow(node) && OPEN.includes(tree.status(node)) && tree.causes(node).length > 0) {
          store.set({ focus: node });
          views.tree?.focus();
          entry.openLater(node);
          return;
        }
      }
    },
    /** @param {number} node */
    toggle(node) {
      const collapsed = new Set(store.state.collapsed);
      if (!collapsed.delete(node)) collapsed.add(node);
      store.set({ focus: node });
      collapse(collapsed);
    },
    expand() {
      const { tree, focus, collapsed } = store.state;
      if (tree?.hasMembers(focus)) {
        if (collapsed.has(focus)) actions.toggle(focus);
        else actions.move(1);
      }
    },
    collapse() {
      const { tree, focus, collapsed } = store.state;
      if (!tree) return;
      if (tree.hasMembers(focus) && !collapsed.has(focus)) actions.toggle(focus);
      else if (tree.parent(focus) >= 0)
        actions.move(store.state.list.nodes.indexOf(tree.parent(focus)) - store.state.list.nodes.indexOf(focus));
    },
    enter() {
      const { tree, focus, shown } = store.state;
      if (!tree) return;
      if (!tree.hasRow(focus)) {
        actions.toggle(focus);
        return;
      }
      if (shown?.node !== focus) entry.open(focus);
      views.pane()?.focus();
    },
  };
  return actions;
}
