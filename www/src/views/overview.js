// What the pane shows while no entry is open: every cause as one statement, what could not be read, the two artifacts;
// or the attestations.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Panel, Store } from "../state.js" */
import { count, plural, S, size } from "../strings.js";
import { badge, foreign, h } from "./dom.js";
import { expected } from "./expected.js";
import { papers } from "./papers.js";
import { readers } from "./readers.js";

/** Lines of one list drawn at first, and added by a press. */
const PART = 100;

/**
 * A list that grows on request.
 * @template T
 * @param {string} name @param {T[]} items @param {(item: T, index: number) => HTMLElement} draw
 */
function list(name, items, draw) {
  const element = h("ul", { class: name });
  const more = (/** @type {number} */ from) => {
    element.append(...items.slice(from, from + PART).map((item, at) => draw(item, from + at)));
    const rest = items.length - from - PART;
    if (rest > 0) {
      const button = h(
        "button",
        {
          class: "link",
          onclick: () => {
            button.parentElement?.remove();
            more(from + PART);
          },
        },
        S.more(rest),
      );
      element.append(h("li", { class: "more" }, button));
    }
  };
  more(0);
  return element;
}

/** @type {import("../report.js").Severity[]} */
const SEVERITIES = ["conflict", "high", "medium", "info"];

/** @type {Panel[]} */
const PANELS = ["why", "attestations"];

/** @param {Store} store @param {Actions} actions */
export function overview(store, actions) {
  const reasons = why(store, actions);
  const beside = papers(store, actions, true);
  const number = h("b", null);
  const tabs = h("div", { class: "panels", role: "tablist", "aria-label": S.panelsLabel });
  const titles = { why: [S.why], attestations: [S.attestations, number] };
  const panels = { why: reasons, attestations: beside };
  const all = PANELS.map((name) => {
    const tab = h(
      "button",
      { role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => actions.panel(name) },
      ...(titles[name] ?? []),
    );
    tabs.append(tab);
    const panel = panels[name];
    panel.id = `panel-${name}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.tabIndex = 0;
    return { name, tab, panel };
  });
  tabs.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const next = all.find(({ name }) => name !== store.state.panel);
    actions.panel(next?.name ?? "why");
    next?.tab.focus();
    event.preventDefault();
  });
  const files = h("button", { class: "files", onclick: () => actions.open(0) }, S.rootName(true));
  const element = h(
    "div",
    { class: "overview", tabindex: "-1" },
    h("div", { class: "bar" }, tabs, files),
    reasons,
    beside,
  );

  store.watch((state) => {
    element.hidden = state.shown !== null;
    files.hidden = state.tree?.length !== 1;
    number.textContent = state.papers.length ? count(state.papers.length) : "";
    for (const { name, tab, panel } of all) {
      const on = state.panel === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
    }
  });
  return element;
}

/** @param {Store} store @param {Actions} actions */
function why(store, actions) {
  const element = h("div", { class: "reasons" });
  const fields = { left: expected("left", store, actions), right: expected("right", store, actions) };

  store.watch((state, before) => {
    if (!state.overview || (state !== before && state.overview === before.overview)) return;
    const { statements, alignments, findings, sides } = state.overview;
    // What a finding says too is said there.
    const problems = state.overview.problems.filter(({ finding, unread }) => unread || finding === undefined);
    element.replaceChildren(
      statements.length === 0
        ? h("p", { class: "quiet" }, S.whyEmpty)
        : list("statements", statements, (statement, index) =>
            h(
              "li",
              { class: statement.explained ? "explained" : "open" },
              h(
                "button",
                { onclick: () => actions.statement(index), disabled: statement.count === 0 },
                h("span", { class: "glyph", "aria-hidden": "true" }, statement.explained ? "≈" : "≠"),
                h("span", { class: "sentence" }, statement.sentence),
                h("span", { class: badge(statement.cause, statement.explained) }, statement.cause),
              ),
            ),
          ),
    );
    element.append(...readers(state.overview.views ?? [], state.tree?.length === 1, actions));
    if (problems.length > 0) {
      element.append(
        h("h2", null, S.problems, h("b", null, count(problems.length))),
        list("problems", problems, (problem) =>
          h(
            "li",
            null,
            h("b", { class: "letter" }, S.sides[problem.side]),
            h(
              "div",
              null,
              problem.path
                ? foreign(problem.path, "path")
                : h("span", { class: "path" }, S.rootName(state.tree?.length === 1)),
              h(
                "p",
                null,
                problem.message,
                problem.offset === undefined ? null : h("span", { class: "quiet" }, ` ${S.atByte(problem.offset)}`),
                problem.limit ? h("span", { class: "badge" }, S.limit(problem.limit)) : null,
              ),
            ),
          ),
        ),
      );
    }
    if (findings.length > 0) {
      // The worst first; the table's own order within a severity.
      const rank = (/** @type {typeof findings[number]} */ { severity }) => SEVERITIES.indexOf(severity);
      const sorted = [...findings].sort((one, other) => rank(one) - rank(other));
      element.append(
        h("h2", null, S.findings, h("b", null, count(findings.length))),
        list("problems", sorted, (finding) =>
          h(
            "li",
            null,
            h("b", { class: "letter" }, S.sides[finding.side]),
            h(
              "div",
              null,
              finding.path
                ? foreign(finding.path, "path")
                : h("span", { class: "path" }, S.rootName(state.tree?.length === 1)),
              h(
                "p",
                null,
                finding.message,
                finding.offset === undefined ? null : h("span", { class: "quiet" }, ` ${S.atByte(finding.offset)}`),
                h("span", { class: badge(finding.id, finding.severity === "info") }, finding.id),
                h("span", { class: "quiet" }, ` ${S.severities[finding.severity]}`),
                finding.only_here ? h("span", { class: "quiet" }, `, ${S.onlyHere[finding.side]}`) : null,
              ),
            ),
          ),
        ),
      );
    }
    if (alignments.length > 0) {
      element.append(
        h("h2", null, S.aligned),
        list("alignments", alignments, ({ container, left, right, entries }) =>
          h(
            "li",
            null,
            foreign(left || "(top)", "path"),
            h("span", { "aria-hidden": "true" }, "↔"),
            foreign(right || "(top)", "path"),
            h("span", { class: "quiet" }, plural(entries, "pair")),
            container ? foreign(container, "quiet") : null,
          ),
        ),
      );
    }
    element.append(h("h2", null, S.about), artifacts(sides, fields));
  });
  return element;
}

/** @param {import("../boundary.js").Overview["sides"]} sides @param {import("../report.js").Sides<HTMLElement>} fields */
function artifacts({ left, right }, fields) {
  /** @type {[string, (side: typeof left) => string | HTMLElement][]} */
  const facts = [
    [S.facts.file, (side) => foreign(side.name)],
    [S.facts.kind, S.kind],
    [S.facts.size, (side) => size(side.size)],
    [S.facts.entries, (side) => count(side.entries)],
    [S.facts.decoded, (side) => size(side.decoded_bytes)],
    [S.facts.sha256, (side) => h("code", null, side.sha256)],
    [S.expected.fact, (side) => (side === left ? fields.left : fields.right)],
  ];
  return h(
    "table",
    { class: "facts" },
    h(
      "thead",
      null,
      h("tr", null, h("td", null), h("th", { scope: "col" }, S.sides.left), h("th", { scope: "col" }, S.sides.right)),
    ),
    h(
      "tbody",
      null,
      ...facts.map(([name, of]) =>
        h("tr", null, h("th", { scope: "row" }, name), h("td", null, of(left)), h("td", null, of(right))),
      ),
    ),
  );
}
