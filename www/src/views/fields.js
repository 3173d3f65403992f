// Names and values of both sides; equal ones dimmed, each difference with its cause.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { FieldRow } from "../report.js" */
/** @import { Store } from "../state.js" */
import { S } from "../strings.js";
import { badge, foreign, h } from "./dom.js";

/** Fields drawn at first, and added by a press: hostile headers have thousands. */
const PART = 200;

/** @param {Store} store @param {Actions} _actions */
export function fields(store, _actions) {
  const body = h("tbody", null);
  const table = h(
    "table",
    { class: "facts" },
    h(
      "thead",
      null,
      h(
        "tr",
        null,
        h("th", { scope: "col" }, S.fieldColumns.name),
        h("th", { scope: "col", class: "left" }, S.fieldColumns.left),
        h("th", { scope: "col", class: "right" }, S.fieldColumns.right),
        h("th", { scope: "col", class: "cause" }, S.fieldColumns.cause),
      ),
    ),
    body,
  );
  const element = h("div", { class: "fields" }, h("div", { class: "scroll", tabindex: "0" }, table));

  /** @param {FieldRow[]} all @param {number} from */
  function more(all, from) {
    body.append(...all.slice(from, from + PART).map((field) => row(field)));
    const rest = all.length - from - PART;
    if (rest > 0) {
      const line = h(
        "tr",
        null,
        h(
          "td",
          { colspan: 4 },
          h(
            "button",
            {
              class: "link",
              onclick: () => {
                line.remove();
                more(all, from + PART);
              },
            },
            S.more(rest),
          ),
        ),
      );
      body.append(line);
    }
  }

  /** @param {FieldRow} field */
  const row = (field) =>
    h(
      "tr",
      { class: field.equal ? "equal" : field.cause === "unexplained" ? "open" : "explained" },
      h("th", { scope: "row" }, foreign(field.name)),
      value(field.left, "left", field),
      value(field.right, "right", field),
      h(
        "td",
        { class: "cause" },
        field.cause ? h("span", { class: badge(field.cause, field.cause !== "unexplained") }, field.cause) : "",
      ),
    );

  /** @param {string | null} text @param {"left" | "right"} side @param {FieldRow} field */
  const value = (text, side, field) =>
    h(
      "td",
      { class: field.equal || text === null ? side : `${side} differs` },
      text === null ? h("span", { class: "quiet" }, S.nothing) : foreign(text),
    );

  store.watch((state, before) => {
    const detail = state.shown?.detail ?? null;
    if (!detail || detail === before.shown?.detail) return;
    body.replaceChildren();
    table.className = `facts${state.shown?.row?.left ? "" : " no-left"}${state.shown?.row?.right ? "" : " no-right"}`;
    // What differs first; among those, what is not explained.
    const rank = (/** @type {FieldRow} */ field) => (field.equal ? 2 : field.cause === "unexplained" ? 0 : 1);
    more(
      [...detail.fields].sort((a, b) => rank(a) - rank(b)),
      0,
    );
  });
  return element;
}
