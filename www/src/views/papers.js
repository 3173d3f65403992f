// Attestations and keys beside the artifacts: what each is, who signed it, which of its claims hold, what it says.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Attestation, AttestationPart, Check, ClaimedDigest } from "../report.js" */
/** @import { Paper, Store } from "../state.js" */
import { plain, S, size } from "../strings.js";
import { digest } from "./copy.js";
import { foreign, h } from "./dom.js";
import { recipe } from "./recipe.js";

/** @typedef {Check["result"]} Result */

const RESULTS = /** @type {const} */ (["fails", "holds", "not-checked"]);
/** Claims, and lines of other tables, drawn at once: a list of checksums has thousands. */
const PART = 50;

/** How many checks came out how. @param {Attestation[]} attested */
export function tally(attested) {
  /** @type {Record<Result, number>} */
  const counts = { fails: 0, holds: 0, "not-checked": 0 };
  for (const { checks } of attested) for (const { result } of checks) counts[result]++;
  return counts;
}

/** Whether B is what was published, by its digest, and A is not. @param {Attestation[]} attested */
function areTurned(attested) {
  const published = (/** @type {string} */ side) =>
    attested.some(({ checks }) =>
      checks.some((check) => check.id === "subject" && check.side === side && check.result === "holds"),
    );
  return published("right") && !published("left");
}

/** A glyph and a word. @param {Result} result */
const mark = (result) =>
  h(
    "span",
    { class: `result-mark ${result}` },
    h("i", { "aria-hidden": "true" }, S.results[result].glyph),
    S.results[result].word,
  );

/** Counts by result, those that are not zero; `fails` first. @param {Record<Result, number>} counts */
export const counts = (counts) =>
  RESULTS.filter((result) => counts[result] > 0).map((result) =>
    h(
      "span",
      { class: `result-mark ${result}` },
      h("i", { "aria-hidden": "true" }, S.results[result].glyph),
      S.resultCount(result, counts[result]),
    ),
  );

/**
 * As many as fit, the rest by a press.
 * @template T
 * @param {HTMLElement} into @param {T[]} items @param {(item: T) => HTMLElement} draw @param {(button: HTMLElement) => HTMLElement} wrap
 */
function grow(into, items, draw, wrap) {
  const more = (/** @type {number} */ from) => {
    into.append(...items.slice(from, from + PART).map(draw));
    const rest = items.length - from - PART;
    if (rest <= 0) return;
    /** @type {HTMLElement} */
    let line;
    const press = () => {
      line.remove();
      more(from + PART);
    };
    line = wrap(h("button", { class: "link", onclick: press }, S.more(rest)));
    into.append(line);
  };
  more(0);
  return into;
}

/** Digests, and commits, in a sentence. */
const HEX = /\b([0-9a-f]{40,128})\b/;

/** A sentence with its digests cut short, each to be copied. @param {string} text */
const sentence = (text) =>
  h("span", null, ...text.split(HEX).map((part, at) => (at % 2 ? digest(part) : foreign(part))));

/** @param {Check[]} checks @param {AttestationPart[]} parts */
function table(checks, parts) {
  /** Which statement a check is about, where there are several. @param {Check} check */
  const about = ({ part }) => {
    const found = part === null || parts.length < 2 ? undefined : parts[part];
    return found ? h("span", { class: "quiet" }, " ", foreign(found.title), `, ${S.line(found.line)}`) : null;
  };
  if (checks.length === 0) return h("p", { class: "quiet" }, S.checksNone);
  // What fails must not be looked for.
  const sorted = RESULTS.flatMap((result) => checks.filter((check) => check.result === result));
  const body = grow(
    h("tbody", null),
    sorted,
    (check) =>
      h(
        "tr",
        { class: check.result },
        h("td", null, mark(check.result)),
        h(
          "th",
          { scope: "row" },
          check.side && h("b", { class: "letter" }, S.sides[check.side]),
          h("span", null, foreign(check.what), about(check)),
        ),
        h("td", null, sentence(check.reason)),
      ),
    (button) => h("tr", null, h("td", { colspan: 3 }, button)),
  );
  const { result, what, reason } = S.checkColumns;
  return h(
    "table",
    { class: "facts checks" },
    h("thead", null, h("tr", null, ...[result, what, reason].map((text) => h("th", { scope: "col" }, text)))),
    body,
  );
}

/** @param {ClaimedDigest} claimed */
const stated = ({ name, algorithm, value }) =>
  h(
    "li",
    null,
    foreign(name, "path"),
    h("span", { class: "quiet" }, foreign(algorithm)),
    /^[0-9a-f]+$/.test(value) ? digest(value, 16) : foreign(value),
  );

/** Names and values. @param {[string, string][]} fields */
export const pairs = (fields) =>
  h(
    "table",
    { class: "facts" },
    grow(
      h("tbody", null),
      fields,
      ([name, value]) => h("tr", null, h("th", { scope: "row" }, foreign(name)), h("td", null, foreign(value))),
      (button) => h("tr", null, h("td", { colspan: 2 }, button)),
    ),
  );

/** One statement. @param {AttestationPart} part */
const statement = ({ title, line, signers, claims, fields }) =>
  h(
    "section",
    { class: "part" },
    h("h4", null, foreign(title), line > 0 && h("span", { class: "quiet" }, S.line(line))),
    h(
      "div",
      { class: "signers" },
      ...(signers.length
        ? signers.map(({ name, fields }) =>
            h(
              "div",
              null,
              h("p", null, h("span", { class: "term" }, S.signedBy), " ", foreign(name, "path")),
              fields.length ? pairs(fields) : null,
            ),
          )
        : [h("p", { class: "quiet" }, S.unsigned)]),
    ),
    grow(
      h("ul", { class: "claims" }),
      claims,
      ({ sentence, digests }) =>
        h("li", null, foreign(sentence), digests.length ? h("ul", null, ...digests.map(stated)) : null),
      (button) => h("li", null, button),
    ),
    fields.length ? h("details", null, h("summary", null, S.claimsMore), pairs(fields)) : null,
  );

/** @param {Attestation} attestation */
const problems = ({ problems }) =>
  problems.length === 0
    ? null
    : h(
        "section",
        { class: "part" },
        h("h4", null, S.paperProblems),
        grow(
          h("ul", { class: "problems" }),
          problems,
          ({ line, offset, decoded, message, unread }) =>
            h(
              "li",
              null,
              h("span", { class: "glyph", "aria-hidden": "true" }, unread ? "?" : "!"),
              h("p", null, foreign(message), h("span", { class: "quiet" }, ` ${S.paperAt(line, offset, decoded)}`)),
            ),
          (button) => h("li", null, button),
        ),
      );

/** @param {Attestation} attestation @param {HTMLElement} remove @param {Store} store @param {Actions} actions */
const paper = (attestation, remove, store, actions) =>
  h(
    "section",
    { class: "paper", "data-kind": attestation.kind },
    h(
      "header",
      null,
      h("h3", null, foreign(attestation.title)),
      foreign(attestation.name, "path"),
      remove,
      h("span", { class: "counts" }, ...counts(tally([attestation]))),
    ),
    attestation.checks.length || attestation.kind !== "key" ? table(attestation.checks, attestation.parts) : null,
    problems(attestation),
    ...attestation.parts.map(statement),
    attestation.recipe ? recipe(attestation.recipe, store, actions) : null,
  );

/**
 * One of two places: beside the result, or below the slots before there is one.
 * @param {Store} store @param {Actions} actions @param {boolean} judged Which of the two.
 */
export function papers(store, actions, judged) {
  const body = h("div", { class: "papers-body" });
  const busy = h("p", { class: "quiet", role: "status" });
  const trouble = h("p", { class: "stopped", role: "alert" });
  const turned = h(
    "p",
    { class: "turned" },
    h("span", null, S.turned),
    h("button", { onclick: () => actions.swap() }, S.swap),
  );
  const element = h(
    "div",
    { class: "papers" },
    judged && h("h2", { class: "spoken" }, S.attestations),
    h(
      "div",
      { class: "papers-bar" },
      h("button", { onclick: () => actions.choosePapers() }, S.addPaper),
      h("span", { class: "quiet" }, S.addPaperHint),
    ),
    busy,
    trouble,
    turned,
    body,
  );

  /** @param {Paper} paper @param {number} index */
  const removal = ({ file }, index) =>
    h(
      "button",
      { class: "remove", "aria-label": S.paperRemove(file.name), onclick: () => actions.removePaper(index) },
      S.remove,
    );

  store.watch((state, before) => {
    if (
      state !== before &&
      state.papers === before.papers &&
      state.attested === before.attested &&
      state.attesting === before.attesting &&
      state.attestTrouble === before.attestTrouble &&
      state.overview === before.overview
    )
      return;
    if ((state.overview !== null) !== judged) {
      body.replaceChildren();
      return;
    }
    busy.textContent = state.attesting ? S.attesting : "";
    busy.hidden = !state.attesting;
    trouble.textContent = state.attestTrouble;
    turned.hidden = state.overview === null || state.attesting || !areTurned(state.attested ?? []);
    if (state.papers.length === 0) {
      body.replaceChildren(h("p", { class: "quiet empty" }, S.papersEmpty));
      return;
    }
    // While a new answer is on its way, the last one is not shown as if it were about what is there now.
    const answers = state.attesting || state.attested?.length !== state.papers.length ? null : state.attested;
    body.replaceChildren(
      ...state.papers.map((one, index) => {
        const answer = answers?.[index];
        const remove = removal(one, index);
        return answer
          ? paper(answer, remove, store, actions)
          : h(
              "section",
              { class: "paper" },
              h(
                "header",
                null,
                foreign(plain(one.file.name), "path"),
                h("span", { class: "quiet" }, size(one.file.size)),
                remove,
              ),
            );
      }),
    );
  });
  return element;
}
