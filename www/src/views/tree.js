// The list of entries: filter, counts, and a treegrid of which only the visible part is in the document.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { State, Store } from "../state.js" */
/** @import { Tree } from "../tree.js" */
import { STATUSES } from "../state.js";
import { count, S, size } from "../strings.js";
import { badge, ends, h, say, spoken } from "./dom.js";
import { Rows } from "./rows.js";
import { progressLine } from "./status.js";

/** Height of a row in px, as in the style sheets. */
const ROW = 24;
/** Levels that are indented; deeper ones stay at that edge. */
const MOST_INDENT = 12;

/** Counts of what a folder holds, with the glyphs of their statuses. @param {Tree} tree @param {number} node */
function held(tree, node) {
  const counts = tree.counts(node);
  // What needs reading first.
  return [2, 3, 4, 5, 1, 0]
    .filter((status) => (counts[status] ?? 0) > 0)
    .map((status) => {
      const name = STATUSES[status] ?? "identical";
      return h(
        "span",
        { class: `held ${name}` },
        h("i", { "aria-hidden": "true" }, S.statuses[name].glyph),
        count(counts[status] ?? 0),
        spoken(` ${S.statuses[name].word}`),
      );
    });
}

/** @param {Store} store @param {Actions} actions */
export function tree(store, actions) {
  const search = h("input", {
    type: "search",
    class: "search",
    placeholder: `${S.filterHint}  /`,
    "aria-label": S.filterLabel,
    spellcheck: "false",
    autocomplete: "off",
    oninput: () => actions.filterText(search.value),
  });
  const chips = h("div", { class: "statuses", role: "group", "aria-label": S.statusesLabel });
  /** @type {Map<string, { button: HTMLElement, number: HTMLElement }>} */
  const buttons = new Map();
  for (const status of /** @type {const} */ ([
    "different",
    "only-left",
    "only-right",
    "unread",
    "equivalent",
    "identical",
  ])) {
    const number = h("b", null);
    const button = h(
      "button",
      { class: `chip ${status}`, title: S.statuses[status].word, onclick: () => actions.status(status) },
      h("i", { "aria-hidden": "true" }, S.statuses[status].glyph),
      h("span", null, S.statuses[status].chip),
      number,
    );
    buttons.set(status, { button, number });
    chips.append(button);
  }
  const only = h("div", { class: "only" });
  const body = h("div", { class: "rows" });
  const layer = h("div", { role: "rowgroup" });
  const grid = h(
    "div",
    { role: "treegrid", class: "grid", "aria-label": S.treeLabel, "aria-colcount": 5 },
    h(
      "div",
      { role: "row", class: "row header", "aria-rowindex": 1 },
      h("span", { role: "columnheader", class: "seen" }, spoken(S.marks.column)),
      h("span", { role: "columnheader", class: "name" }, S.columns.name),
      h("span", { role: "columnheader", class: "cause" }, S.columns.causes),
      h("span", { role: "columnheader", class: "size" }, S.columns.left),
      h("span", { role: "columnheader", class: "size" }, S.columns.right),
    ),
    body,
  );
  const empty = h("p", { class: "empty" });
  const all = h("button", { class: "link", onclick: () => actions.allStatuses() }, S.showAll);
  const shown = h("div", { class: "foot" }, h("span", null), progressLine(store), all);
  const element = h(
    "nav",
    { class: "tree", "aria-label": S.treeLabel },
    h("div", { class: "bar" }, chips, search),
    only,
    grid,
    empty,
    shown,
  );

  /** @type {Int32Array} */
  let nodes = new Int32Array(0);
  /** @type {Map<number, number>} */
  let places = new Map();
  const state = () => store.state;

  const rows = new Rows(body, {
    height: ROW,
    layer,
    pinned: () => places.get(state().focus) ?? -1,
    draw(place) {
      const node = nodes[place] ?? 0;
      return row(state(), node, place);
    },
  });

  /** Focus and selection, without drawing again. @param {number} node */
  const mark = (node) => {
    const place = places.get(node);
    const line = place === undefined ? undefined : rows.element(place);
    if (!line) return;
    line.tabIndex = state().focus === node ? 0 : -1;
    line.setAttribute("aria-selected", String(state().shown?.node === node));
  };

  store.watch((now, before) => {
    const { overview, tree, filter } = now;
    if (!overview || !tree) return;
    if (overview !== before.overview) {
      for (const status of STATUSES) {
        const parts = buttons.get(status);
        if (parts) parts.number.textContent = count(overview.summary.by_status[status] ?? 0);
        parts?.button.classList.toggle("none", !overview.summary.by_status[status]);
      }
    }
    for (const [status, { button }] of buttons) {
      button.setAttribute("aria-pressed", String(!filter.only && filter.statuses.has(/** @type {any} */ (status))));
    }
    if (search.value !== filter.text) search.value = filter.text;
    if (filter.only !== before.filter.only || now.tree !== before.tree) {
      only.replaceChildren();
      if (filter.only) {
        only.append(
          h(
            "button",
            { class: "chip token", title: S.showAll, onclick: () => actions.only(null) },
            S.onlyLabel(filter.only.label),
            h("b", { "aria-hidden": "true" }, "×"),
          ),
        );
      }
      only.hidden = filter.only === null;
    }
    const listed = now.list !== before.list || now.tree !== before.tree;
    if (listed) {
      const hadFocus = layer.contains(document.activeElement);
      nodes = now.list.nodes;
      places = new Map(Array.from(nodes, (node, place) => [node, place]));
      grid.setAttribute("aria-rowcount", String(nodes.length + 1));
      rows.reset(nodes.length, { keep: now.tree === before.tree });
      const total = Object.values(overview.summary.by_status).reduce((sum, value) => sum + value, 0);
      say(/** @type {Element} */ (shown.firstChild), S.showing(now.list.matches, total));
      all.hidden = now.list.matches === total;
      empty.textContent = now.list.matches === 0 && total > 0 ? S.nothingShown : "";
      empty.hidden = empty.textContent === "";
      if (hadFocus && !layer.contains(document.activeElement)) focus();
    }
    if (now.focus !== before.focus || now.shown?.node !== before.shown?.node || listed) {
      for (const node of [before.focus, before.shown?.node ?? -1, now.focus, now.shown?.node ?? -1]) mark(node);
    }
    if (!listed && (now.viewed !== before.viewed || now.notes !== before.notes)) rows.refresh();
    if (now.focus !== before.focus) {
      const place = places.get(now.focus);
      const hadFocus = layer.contains(document.activeElement) || document.activeElement === document.body;
      if (place !== undefined) rows.reveal(place);
      if (hadFocus) focus();
    }
  });

  const focus = () => {
    const place = places.get(state().focus);
    if (place === undefined) return;
    rows.reveal(place);
    rows.element(place)?.focus({ preventScroll: true });
  };

  layer.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const line = target?.closest("[role=row]");
    if (!(line instanceof HTMLElement)) return;
    const node = Number(line.dataset.node);
    line.focus({ preventScroll: true });
    if (target?.closest(".seen")) {
      // Drawn from the state, which says the same.
      event.preventDefault();
      actions.view(node);
    } else if (target?.closest(".twist") || !state().tree?.hasRow(node)) actions.toggle(node);
    else actions.open(node);
  });
  layer.addEventListener("dblclick", (event) => {
    const line = event.target instanceof Element ? event.target.closest("[role=row]") : null;
    if (line instanceof HTMLElement && !(event.target instanceof Element && event.target.closest(".twist"))) {
      const node = Number(line.dataset.node);
      if (state().tree?.hasRow(node) && state().tree?.hasMembers(node)) actions.toggle(node);
    }
  });

  return { element, focus, search, page: () => rows.page };
}

/** One row. @param {State} state @param {number} node @param {number} place */
function row(state, node, place) {
  const tree = /** @type {Tree} */ (state.tree);
  const members = tree.hasMembers(node);
  const kind = tree.kind(node);
  const status = kind === "folder" || kind === "container" ? tree.overall(node) : tree.status(node);
  const [left, right] = tree.sizes(node);
  const open = members && !(state.collapsed.has(node) && state.filter.text === "");
  const depth = Math.min(tree.depth(node), MOST_INDENT);
  const name = tree.name(node) + (kind === "folder" ? "/" : "");
  const causes = tree.causes(node);
  const cell = h("span", { role: "gridcell", class: "cause" });
  const key = tree.key(node);
  const viewed = state.viewed.has(key);
  const note = state.notes.get(key);
  const seen = tree.hasRow(node) && h("input", { type: "checkbox", tabindex: -1, "aria-label": S.marks.viewed });
  if (seen) seen.checked = viewed;
  // Two badges where both are short: the name of the entry needs the room more.
  const shown = (causes[0] ?? "").length + (causes[1] ?? "").length <= 26 ? 2 : 1;
  for (const cause of causes.slice(0, shown)) {
    cell.append(h("span", { class: badge(cause, state.explained.has(cause)), title: cause }, cause));
  }
  if (causes.length > shown)
    cell.append(h("span", { class: "badge", title: causes.join(", ") }, S.causesMore(causes.length - shown)));
  if (members) cell.append(...held(tree, node));
  const line = h(
    "div",
    {
      role: "row",
      class: `row ${status} ${kind}${viewed ? " viewed" : ""}`,
      "data-node": node,
      tabindex: state.focus === node ? 0 : -1,
      "aria-level": tree.depth(node) + 1,
      "aria-rowindex": place + 2,
      "aria-selected": String(state.shown?.node === node),
      "aria-expanded": members ? String(open) : null,
    },
    h("span", { role: "gridcell", class: "seen" }, seen),
    h(
      "span",
      { role: "gridcell", class: "name", title: tree.isRoot(node) ? null : tree.path(node) },
      h("span", { class: "twist", "aria-hidden": "true" }, members ? (open ? "▾" : "▸") : ""),
      h("span", { class: "glyph", "aria-hidden": "true" }, S.statuses[status].glyph),
      spoken(`${S.statuses[status].word}: `),
      tree.isRoot(node) ? h("span", { class: "label root" }, S.rootName(tree.length === 1)) : ends(name, "label"),
      note && h("span", { class: "noted", title: note, "aria-hidden": "true" }, "✎"),
      note && spoken(S.marks.noted(note)),
    ),
    cell,
    h("span", { role: "gridcell", class: "size" }, left < 0 ? "" : size(left)),
    h("span", { role: "gridcell", class: "size" }, right < 0 ? "" : size(right)),
  );
  line.style.setProperty("--depth", String(depth));
  return line;
}
