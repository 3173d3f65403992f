// What was ignored, and why: every pass and rule with what it accounts for, to be switched off one by one.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Pass } from "../boundary.js" */
/** @import { RuleLine } from "../report.js" */
/** @import { Store } from "../state.js" */
import { count, S } from "../strings.js";
import { foreign, h, prose } from "./dom.js";
import { ruleWords } from "./rules.js";

/** Ledger lines fetched at once. */
const PART = 20;

/** A pass or a rule, as it is listed. */
/** @typedef {{ id: string, title: import("./dom.js").Child, about: HTMLElement, origin: "upstream" | "ours" | "rule" }} Listed */

/** @param {Pass} pass @returns {Listed} */
const pass = ({ id, title, rationale, upstream, scope }) => ({
  id,
  title,
  origin: upstream ? "upstream" : "ours",
  about: h(
    "div",
    { class: "about quiet" },
    h("p", null, ...prose(rationale)),
    h("p", null, h("span", { class: "term" }, S.scope), " ", scope),
  ),
});

/** @param {RuleLine} rule @returns {Listed} */
const rule = (rule) => ({
  id: rule.id,
  title: foreign(rule.reason),
  origin: "rule",
  about: h("div", { class: "about quiet" }, ruleWords(rule)),
});

/** @param {Store} store @param {Actions} actions */
export function ignored({ state }, actions) {
  const { overview, passes, disabled } = state;
  const ledger = new Map(overview?.ledger.map((line) => [line.pass, line]));
  const all = [...(overview?.rules ?? []).map(rule), ...passes.map(pass)];
  // A rule is there because someone wanted it: it is never folded away.
  const used = all.filter(({ id, origin }) => origin === "rule" || ledger.get(id)?.count || disabled.includes(id));
  const idle = all.filter((each) => !used.includes(each));
  /** @param {Listed} listed */
  const heading = ({ id, title, origin }) => {
    const box = h("input", { type: "checkbox", "data-pass": id, onchange: () => actions.pass(id) });
    box.checked = !disabled.includes(id);
    const total = ledger.get(id)?.count ?? 0;
    return h(
      "label",
      null,
      box,
      h("span", { class: "title" }, title),
      h("code", null, id),
      h("span", { class: `origin ${origin}` }, S.origins[origin]),
      h(
        "span",
        { class: "count" },
        disabled.includes(id) ? S.ignoredOff : total || origin === "rule" ? S.ignoredCount(total) : "",
      ),
    );
  };
  const some = used.some(({ id }) => ledger.get(id)?.count);
  return [
    h(
      "p",
      null,
      some ? S.ignoredIntro(state.profile, S.custom(overview?.rules.length ?? 0, disabled.length)) : S.ignoredNone,
    ),
    ...used.map((listed) =>
      h(
        "section",
        { class: "pass" },
        heading(listed),
        listed.about,
        lines(listed.id, ledger.get(listed.id)?.lines ?? 0, actions),
      ),
    ),
    idle.length
      ? h(
          "details",
          { class: "idle" },
          h("summary", null, `${S.ignoredIdle} (${count(idle.length)})`),
          ...idle.map((listed) => h("section", { class: "pass" }, heading(listed), listed.about)),
        )
      : null,
  ].filter((part) => part !== null);
}

/** What one pass ignored, in parts. @param {string} pass @param {number} total @param {Actions} actions */
function lines(pass, total, actions) {
  if (total === 0) return null;
  const body = h("tbody", null);
  const foot = h("p", null);
  const cell = (/** @type {string | null} */ text, /** @type {string} */ none) =>
    h("td", null, text === null ? h("span", { class: "quiet" }, none) : foreign(text));
  const load = async () => {
    const first = body.children.length;
    foot.replaceChildren();
    const part = await actions.ledger(pass, first, PART);
    body.append(
      ...part.map((line) =>
        h(
          "tr",
          null,
          h("th", { scope: "row" }, line.field),
          cell(line.left, S.nothing),
          cell(line.right, S.nothing),
          cell(line.after, S.dropped),
          h(
            "td",
            { class: "count" },
            h("button", { class: "link", onclick: () => actions.entry(line.row) }, S.entriesOf(line.count)),
          ),
        ),
      ),
    );
    const rest = total - body.children.length;
    if (rest > 0 && part.length > 0) foot.append(h("button", { class: "link", onclick: load }, S.more(rest)));
  };
  load();
  return h(
    "div",
    { class: "lines" },
    h(
      "table",
      { class: "facts" },
      h(
        "thead",
        null,
        h(
          "tr",
          null,
          h("td", null),
          ...[S.before.left, S.before.right, S.after].map((text) => h("th", { scope: "col" }, text)),
          h("td", null),
        ),
      ),
      body,
    ),
    foot,
  );
}
