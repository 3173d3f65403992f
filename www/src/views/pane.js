// One entry: what it is, and its text, bytes or fields beside each other.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { State, Store, Tab } from "../state.js" */
import { MOST_NOTE } from "../state.js";
import { count, S, size } from "../strings.js";
import { attribute, foreign, h, say } from "./dom.js";
import { fields } from "./fields.js";
import { hex } from "./hex.js";
import { image } from "./image.js";
import { overview } from "./overview.js";
import { structure, text } from "./text.js";

/** @typedef {HTMLElement & { first?: () => number }} View */
/** One view for each tab. @type {Record<Tab, (store: Store, actions: Actions) => View>} */
const VIEWS = { text, hex, fields, image, structure };

/** Whether a tab has something to show. @param {State} state @param {Tab} tab */
function has(state, tab) {
  const detail = state.shown?.detail;
  if (!detail) return false;
  if (tab === "image") return Boolean(state.shown?.images.left ?? state.shown?.images.right);
  if (tab === "structure") return state.shown?.hasStructure === true;
  return tab === "text" ? detail.text !== null : tab === "hex" ? detail.bytes : detail.fields.length > 0;
}

/** @param {Store} store @param {Actions} actions */
export function pane(store, actions) {
  const back = h(
    "button",
    { class: "back", onclick: () => actions.close() },
    h("span", { "aria-hidden": "true" }, "‹ "),
    h("span", { class: "wide-only" }, S.overview),
    h("span", { class: "narrow-only" }, S.back),
  );
  const title = h("h2", { class: "path" });
  const status = h("span", { class: "status" });
  const moved = h("span", { class: "moved" });
  const seen = h("button", { class: "toggle seen", title: `${S.marks.viewedAbout} (v)` }, S.marks.viewed);
  seen.addEventListener("click", () => store.state.shown && actions.view(store.state.shown.node));
  const write = h("button", { title: `${S.marks.noteKey} (m)`, onclick: () => actions.note() }, S.marks.note);
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": S.tabsLabel });
  /** @type {Map<Tab, HTMLButtonElement>} */
  const tabOf = new Map();
  /** @type {Partial<Record<Tab, View>>} */
  const views = {};
  const body = h("div", { class: "views" });
  for (const name of /** @type {Tab[]} */ (Object.keys(VIEWS))) {
    const tab = h(
      "button",
      { role: "tab", id: `tab-${name}`, "aria-controls": `view-${name}`, onclick: () => actions.tab(name) },
      S.tabs[name],
    );
    tabOf.set(name, tab);
    tabs.append(tab);
    const view = VIEWS[name](store, actions);
    views[name] = view;
    view.id = `view-${name}`;
    view.setAttribute("role", "tabpanel");
    view.setAttribute("aria-labelledby", tab.id);
    body.append(view);
  }
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = [...tabOf.keys()].filter((name) => has(store.state, name));
    const next = names[(names.indexOf(store.state.tab) + step + names.length) % names.length];
    if (next) {
      actions.tab(next);
      tabOf.get(next)?.focus();
    }
    event.preventDefault();
  });

  const sums = h("span", { class: "sums" }, h("span", { class: "minus" }), h("span", { class: "plus" }));
  const previous = h(
    "button",
    {
      class: "square",
      "aria-label": S.previousChange,
      title: `${S.previousChange} (p)`,
      onclick: () => actions.change(-1),
    },
    "↑",
  );
  const next = h(
    "button",
    { class: "square", "aria-label": S.nextChange, title: `${S.nextChange} (n)`, onclick: () => actions.change(1) },
    "↓",
  );
  const at = h("span", { class: "at", "aria-live": "polite" });
  const steps = h("span", { class: "steps" }, at, previous, next);
  const layout = choice(
    [
      ["split", S.split],
      ["unified", S.unified],
    ],
    (value) => actions.layout(value),
    "u",
  );
  const forms = choice(
    [
      ["raw", S.raw],
      ["stabilized", S.stabilized],
    ],
    (value) => actions.stabilized(value === "stabilized"),
    "t",
  );
  const wrap = h(
    "button",
    { title: `${S.wrap} (w)`, class: "toggle wide-only", onclick: () => actions.wrap() },
    S.wrap,
  );
  const reformat = h(
    "button",
    { title: `${S.reformatted} (z)`, class: "toggle", onclick: () => actions.reformat() },
    S.reformat,
  );
  const spaces = h(
    "button",
    { title: `${S.reading.spacesKey} (s)`, class: "toggle wide-only", onclick: () => actions.spaces() },
    S.reading.spaces,
  );
  const aloud = h("p", { class: "spoken", role: "status" });
  const sentences = h("div", { class: "sentences" });
  const encoding = h("span", { class: "quiet wide-only" });
  const message = h("p", { class: "message" });
  const again = h(
    "button",
    { class: "again", title: `${S.again.entry} (R)`, onclick: () => actions.reopenEntry() },
    S.again.entry,
  );
  const entry = h(
    "div",
    { class: "entry", tabindex: "-1" },
    h("div", { class: "top" }, back, status, title, moved, h("span", { class: "space" }), seen, write),
    h(
      "div",
      { class: "bar" },
      tabs,
      sums,
      steps,
      h("span", { class: "space" }),
      encoding,
      forms.element,
      reformat,
      spaces,
      wrap,
      layout.element,
    ),
    note(store, actions),
    aloud,
    sentences,
    message,
    again,
    body,
  );
  const element = h("section", { class: "pane", "aria-label": S.paneLabel }, overview(store, actions), entry);

  new ResizeObserver(([size]) => {
    const width = size?.contentRect.width ?? 0;
    if (width > 0 && width !== store.state.room) actions.room(width);
  }).observe(element);

  store.watch((state, before) => {
    const { shown } = state;
    entry.hidden = shown === null;
    if (!shown || !state.tree) return;
    const { tree } = state;
    if (shown.node !== before.shown?.node || shown.row !== before.shown?.row || state.tree !== before.tree) {
      title.replaceChildren(
        ...(tree.isRoot(shown.node)
          ? [S.rootName(tree.length === 1)]
          : crumbs(shown.row?.path ?? tree.path(shown.node))),
      );
      title.title = tree.isRoot(shown.node) ? "" : tree.path(shown.node);
      const word = tree.status(shown.node);
      status.className = `status ${word}`;
      status.replaceChildren(h("i", { "aria-hidden": "true" }, S.statuses[word].glyph), S.statuses[word].word);
      moved.replaceChildren(
        ...(shown.row?.moved_from ? [S.movedFrom(""), foreign(shown.row.moved_from)] : []),
        ...(shown.row?.similarity ? [` ${S.similar(shown.row.similarity)}`] : []),
      );
    }
    attribute(seen, "aria-pressed", String(state.viewed.has(tree.key(shown.node))));
    const { detail } = shown;
    again.hidden = !shown.stopped;
    for (const [name, tab] of tabOf) {
      const chosen = detail !== null && state.tab === name;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      tab.disabled = !has(state, name);
      // What few entries have is there only where it is.
      tab.hidden = tab.disabled && (name === "image" || name === "structure");
      const view = views[name];
      if (view) view.hidden = !chosen || !has(state, name);
    }
    const isText = state.tab === "text" && detail?.text;
    const lined = isText || (state.tab === "structure" && shown.structure);
    const isHex = state.tab === "hex" && shown.shape;
    const rows =
      state.tab === "fields" || state.tab === "image" ? null : shown[/** @type {const} */ (`${state.tab}Rows`)];
    steps.hidden = !rows;
    sums.hidden = wrap.hidden = spaces.hidden = !lined;
    if (state.said !== before.said) say(aloud, state.said);
    reformat.hidden = !(isText && detail?.text?.breakable);
    layout.element.hidden = !rows || shown.oneSided;
    forms.element.hidden = !detail?.stabilized;
    say(
      encoding,
      isText && detail?.text ? encodings(detail.text.encoding) : isHex && shown.shape ? sizes(shown.shape.size) : "",
    );
    if (lined) {
      say(/** @type {Element} */ (sums.children[0]), lined.removed ? S.minus(lined.removed) : "");
      say(/** @type {Element} */ (sums.children[1]), lined.added ? S.plus(lined.added) : "");
    }
    if (rows) {
      say(at, rows.changes.length ? S.changes(shown.change + 1, rows.changes.length) : S.noChanges);
      previous.disabled = next.disabled = rows.changes.length === 0;
    }
    attribute(wrap, "aria-pressed", String(state.wrap));
    attribute(spaces, "aria-pressed", String(state.spaces));
    attribute(reformat, "aria-pressed", String(state.reformat));
    layout.set(state.unified ? "unified" : "split");
    forms.set(shown.stabilized ? "stabilized" : "raw");
    const notes = [
      ...(detail?.sentences ?? []),
      ...(isText && detail?.text?.reformatted ? [S.reformatted] : []),
      ...(isText && detail?.text?.reflowed ? [S.reflowed] : []),
      ...(isText && detail?.text?.colourless ? [S.colourless] : []),
      ...(isText && detail?.text?.approximate ? [S.approximate] : []),
      ...(isText && detail?.text?.truncated ? [S.truncated] : []),
      ...(isHex && shown.shape?.approximate ? [S.approximate] : []),
      ...(isHex && shown.shape && covered(shown.shape) < 1 ? [S.covered(shown.shape.covered.left)] : []),
    ];
    if (shown !== before.shown || state.tab !== before.tab) {
      sentences.replaceChildren(...notes.map((note) => h("p", null, note)));
      sentences.hidden = notes.length === 0;
      const waiting =
        (state.tab === "hex" && detail?.bytes && !shown.shape) ||
        (state.tab === "structure" && shown.hasStructure && !shown.structure);
      const nothing = waiting
        ? S.opening
        : detail && !has(state, state.tab)
          ? { text: S.noText, hex: S.noBytes, fields: S.noFields, image: S.noImage, structure: S.noStructure }[
              state.tab
            ]
          : "";
      const failure =
        shown.error ||
        (isText
          ? shown.lines?.error
          : state.tab === "structure"
            ? shown.structureLines?.error
            : isHex
              ? shown.bytes?.error
              : "");
      message.classList.toggle("failed", shown.error !== "");
      message.classList.toggle("late", !detail && !shown.error);
      say(message, failure || (detail ? nothing : S.opening));
      message.hidden = message.textContent === "";
    }
  });
  return {
    element,
    /** What takes the keyboard. @returns {HTMLElement | null} */
    focus: () =>
      store.state.shown
        ? (views[store.state.tab]?.querySelector("[tabindex]") ?? entry)
        : element.querySelector(".overview"),
    /** The first visible row of a tab. @param {Tab} tab */
    first: (tab) => views[tab]?.first?.() ?? 0,
  };
}

/** Folders whose beginning is left out when they are many: the whole path is the title. @param {string} folders */
const short = (folders) => (folders.length > 90 ? `…${folders.slice(-80)}` : folders);

/** The levels of a path. @param {string} path */
function crumbs(path) {
  return path.split("!/").flatMap((level, at) => {
    const slash = level.replace(/\/$/, "").lastIndexOf("/") + 1;
    return [
      at > 0 ? h("span", { class: "level", "aria-label": "in" }, "›") : null,
      slash > 0 ? foreign(short(level.slice(0, slash)), "folder") : null,
      foreign(level.slice(slash), "file"),
    ].filter((part) => part !== null);
  });
}

/** The note on the entry, which is written where it is read. @param {Store} store @param {Actions} actions */
function note(store, actions) {
  const field = h("input", { type: "text", maxlength: MOST_NOTE, "aria-label": S.marks.noteFor, autocomplete: "off" });
  const element = h("label", { class: "noting" }, h("span", null, S.marks.note), field);
  /** Whose note is in the field. */
  let node = -1;
  field.addEventListener("input", () => actions.write(node, field.value));
  field.addEventListener("blur", () => actions.noted());
  field.addEventListener("keydown", (event) => {
    if ((event.key !== "Enter" && event.key !== "Escape") || event.isComposing) return;
    event.stopPropagation();
    event.preventDefault();
    field.blur();
    actions.cycle();
  });
  store.watch((state, before) => {
    const { shown, tree, noting, notes } = state;
    if (!shown || !tree) return;
    const text = notes.get(tree.key(shown.node)) ?? "";
    if (node !== shown.node || document.activeElement !== field) field.value = text;
    node = shown.node;
    element.hidden = !noting && text === "" && document.activeElement !== field;
    if (noting && !before.noting) field.focus();
  });
  return element;
}

/** The aligned share of both contents. @param {import("../report.js").BytesShape} shape */
const covered = ({ size, covered }) => (covered.left + covered.right) / Math.max(1, size.left + size.right);

/** @param {{ left: string | null, right: string | null }} encoding */
function encodings({ left, right }) {
  return S.encodings(left ?? right ?? "", right ?? left ?? "");
}

/** @param {{ left: number, right: number }} sizes */
function sizes({ left, right }) {
  // Rounding would hide a byte more.
  if (left !== right && size(left) === size(right)) return S.encodings(count(left), S.bytes(right));
  return S.encodings(size(left), size(right));
}

/**
 * A few exclusive choices in a row.
 * @template {string} T
 * @param {[T, string][]} options @param {(value: T) => void} choose @param {string} key
 */
function choice(options, choose, key) {
  const buttons = options.map(([value, label]) =>
    h("button", { title: `${label} (${key})`, "aria-pressed": "false", onclick: () => choose(value) }, label),
  );
  return {
    element: h("span", { class: `choice ${key === "u" ? "wide-only" : ""}`, role: "group" }, ...buttons),
    /** @param {T} value */
    set(value) {
      for (const [at, [option]] of options.entries())
        attribute(/** @type {Element} */ (buttons[at]), "aria-pressed", String(option === value));
    },
  };
}
