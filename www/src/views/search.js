// Search over the contents of both sides: what to look for, how far it is, and what was found, entry by entry.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { SearchEntry, SearchMatch } from "../report.js" */
/** @import { Store } from "../state.js" */
import { SIDES } from "../state.js";
import { count, S } from "../strings.js";
import { attribute, ends, foreign, h, say } from "./dom.js";
import { Rows } from "./rows.js";

/** Height of a row in px, as in the style sheets. */
const ROW = 24;

/** @param {Store} store @param {Actions} actions */
export function search(store, actions) {
  const field = h("input", {
    type: "search",
    class: "query",
    placeholder: S.search.hint,
    "aria-label": S.search.hint,
    spellcheck: "false",
    autocomplete: "off",
    oninput: () => actions.look({ text: field.value }),
  });
  const box = (/** @type {string} */ label, /** @type {"regex" | "ignoreCase"} */ name) => {
    const input = h("input", { type: "checkbox", onchange: () => actions.look({ [name]: input.checked }) });
    return { input, label: h("label", null, input, label) };
  };
  const boxes = { ignoreCase: box(S.search.ignoreCase, "ignoreCase"), regex: box(S.search.regex, "regex") };
  const go = h("button", { type: "submit" }, S.search.go);
  const stop = h("button", { type: "button", onclick: () => actions.stopSearch() }, S.cancel);
  const close = h(
    "button",
    {
      type: "button",
      class: "square",
      "aria-label": S.close,
      title: `${S.close} (Esc)`,
      onclick: () => actions.closeSearch(),
    },
    "×",
  );
  const form = h(
    "form",
    { class: "bar", role: "search" },
    field,
    go,
    stop,
    close,
    boxes.ignoreCase.label,
    boxes.regex.label,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    actions.run();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || !store.state.finding?.lines.length) return;
    event.preventDefault();
    layer.focus();
  });
  const sum = h("p", { class: "sum", role: "status" });
  const body = h("div", { class: "rows" });
  const layer = h("div", { role: "listbox", tabindex: "0", "aria-label": S.search.found });
  const untold = h("div");
  const element = h("section", { class: "tree find", "aria-label": S.search.title }, form, sum, body, untold);

  const rows = new Rows(body, {
    height: ROW,
    layer,
    pinned: () => store.state.finding?.at ?? -1,
    draw: (at) => row(store, at),
  });
  const mark = (/** @type {number} */ at, /** @type {boolean} */ on) =>
    rows.element(at)?.setAttribute("aria-selected", String(on));

  layer.addEventListener("click", (event) => {
    const line = event.target instanceof Element ? event.target.closest("[role=option]") : null;
    if (line instanceof HTMLElement) actions.openFound(Number(line.dataset.at));
  });

  store.watch((state, before) => {
    const now = state.finding;
    element.hidden = !now;
    if (!now || now === before.finding) return;
    const { progress, report } = now;
    if (field.value !== now.text) field.value = now.text;
    for (const name of /** @type {const} */ (["regex", "ignoreCase"])) boxes[name].input.checked = now[name];
    stop.hidden = !progress;
    go.hidden = !stop.hidden;
    say(sum, now.error || (report ? S.search.sum(report) : progress ? S.search.progress(progress) : S.search.about));
    sum.classList.toggle("failed", now.error !== "");
    if (now.lines !== before.finding?.lines) {
      rows.reset(now.lines.length);
      layer.hidden = now.lines.length === 0;
      untold.replaceChildren(...(report ? rest(report) : []));
    } else if (now.at !== before.finding?.at) {
      mark(before.finding?.at ?? -1, false);
      rows.reveal(now.at);
      mark(now.at, true);
    }
    attribute(layer, "aria-activedescendant", now.lines.length ? `found-${now.at}` : null);
  });
  return {
    element,
    focus: () => (store.state.finding?.lines.length ? layer : field).focus({ preventScroll: true }),
    field() {
      field.focus();
      field.select();
    },
    page: () => rows.page,
  };
}

/** One line of the list. @param {Store} store @param {number} at */
function row({ state: { finding, tree } }, at) {
  const { entry: of, match, more } = finding?.lines[at] ?? { entry: 0, match: -1, more: 0 };
  const entry = finding?.report?.found[of];
  const line = h("div", {
    role: "option",
    id: `found-${at}`,
    "data-at": at,
    "aria-selected": String(at === finding?.at),
    class: `hit${match < 0 && !more ? " group" : ""}`,
  });
  if (!entry || !tree) return line;
  const one = entry.listed[match];
  if (more) line.append(S.search.more(more));
  else if (one) line.append(...places(entry, one), excerpt(one));
  else {
    const path = entry.paths.right ?? entry.paths.left ?? "";
    line.title = path;
    line.append(path ? ends(path, "label") : S.rootName(tree.length === 1), counts(entry));
  }
  return line;
}

/** Whether only this side has a match. @param {SearchEntry["matches"]} matches @param {"left" | "right"} side */
const onlyHere = (matches, side) => matches[side] > 0 && matches[side === "left" ? "right" : "left"] === 0;

/** How often on each side; a side without a match is marked. @param {SearchEntry} entry */
function counts({ matches, paths }) {
  const alone = paths.left === null ? S.statuses["only-right"] : paths.right === null ? S.statuses["only-left"] : null;
  return h(
    "span",
    { class: "counts" },
    alone && h("i", null, alone.word),
    ...SIDES.filter((side) => paths[side] !== null).map((side) =>
      h("b", { class: onlyHere(matches, side) ? side : "" }, `${S.sides[side]}\u202f${count(matches[side])}`),
    ),
  );
}

/** Where a match is: the line in each side, or what it is in. @param {SearchEntry} entry @param {SearchMatch} one */
function places({ paths }, one) {
  const both = paths.left !== null && paths.right !== null;
  const spots = SIDES.filter((side) => one[side]).map((side) => {
    const spot = one[side];
    const where =
      one.place !== "content" ? "" : spot?.line ? count(spot.line) : `0x${(spot?.offset ?? 0).toString(16)}`;
    return { side, where };
  });
  const [first, second] = spots;
  // In equal places of both one number says it.
  const same = first && second && first.where === second.where;
  const place =
    one.place === "content" ? null : h("i", null, one.place === "name" ? S.search.name : foreign(one.place));
  return [
    h(
      "span",
      { class: "where" },
      place,
      ...(same || !both
        ? [h("span", null, first?.where ?? "")]
        : spots.map(({ side, where }) =>
            h("span", { class: spots.length === 1 ? side : "" }, `${S.sides[side]}\u202f${where}`),
          )),
      one.encoding && h("i", null, one.encoding),
    ),
  ];
}

/** Characters shown before a match, so that it is in sight in a narrow list. */
const BEFORE = 24;

/** @param {SearchMatch} one */
function excerpt({ excerpt, mark: [from = 0, to = 0] }) {
  return h(
    "bdi",
    { class: "code", translate: "no", title: excerpt },
    from > BEFORE + 4 ? `…${excerpt.slice(from - BEFORE, from)}` : excerpt.slice(0, from),
    h("mark", null, excerpt.slice(from, to)),
    excerpt.slice(to),
  );
}

/** What was not searched, and what is not listed. @param {import("../report.js").SearchReport} report */
function rest({ not_searched: missing, more_not_searched: more, more: entries, stopped }) {
  const all = missing.length + more;
  return [
    stopped && h("p", { class: "note" }, stopped),
    entries > 0 && h("p", { class: "note" }, S.search.entries(entries)),
    all > 0 &&
      h(
        "details",
        null,
        h("summary", null, S.search.missing(all)),
        h(
          "ul",
          null,
          ...missing
            .slice(0, 100)
            .map(({ side, path, reason }) =>
              h("li", null, `${S.sides[side]} `, foreign(path || S.about, "path"), `: ${reason}`),
            ),
          all > 100 && h("li", null, S.lookMore(all - Math.min(100, missing.length))),
        ),
      ),
  ].filter((part) => part !== false && part !== null && part !== "");
}
