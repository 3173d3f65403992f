// The answer: glyph, word, one sentence, and the causes with their counts.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { SIDES } from "../state.js";
import { count, S } from "../strings.js";
import { archives } from "./archives.js";
import { h, say } from "./dom.js";
import { outcomes } from "./expected.js";
import { counts, tally } from "./papers.js";
import { stops } from "./stops.js";

/** Causes shown before the rest is one chip. */
const MOST_CHIPS = 12;

/** @param {Store} store @param {Actions} actions */
export function verdict(store, actions) {
  const glyph = h("span", { class: "glyph", "aria-hidden": "true" });
  const word = h("strong", null);
  const sentence = h("span", { class: "sentence" });
  const note = h("span", { class: "note", role: "status" });
  const trouble = h("span", { class: "trouble", role: "alert" });
  // Not what was expected: before anything else that is said about these files.
  const mismatch = h("span", { class: "trouble mismatch", role: "alert" });
  const match = h("span", { class: "match", role: "status" });
  const ambiguous = h("span", { class: "trouble", role: "status" });
  const chips = h("ul", { class: "causes" });
  const rules = h("div", { class: "choice", role: "radiogroup", "aria-label": S.profileLabel });
  const off = h("span", { class: "off" });
  // Where there is no room for the rules themselves, it must still be seen that they are not the usual ones.
  const offHere = h("span", { class: "off narrow-only" });
  const busy = h("span", { class: "busy" }, `${S.judging}…`);
  /** @type {Map<string, HTMLElement>} */
  const choices = new Map();
  for (const [id, { title, about }] of Object.entries(S.profiles)) {
    const choice = h("button", { role: "radio", title: about, onclick: () => actions.profile(id) }, title);
    choices.set(id, choice);
    rules.append(choice);
  }
  const ignored = h(
    "button",
    { class: "link", title: `${S.ignored} (i)`, onclick: () => actions.dialog("ignored") },
    S.ignored,
  );
  const edit = h(
    "button",
    { class: "link", title: `${S.rules} (g)`, onclick: () => actions.dialog("rules") },
    S.rulesEdit,
  );
  const detected = h("option", { value: "" });
  const ecosystem = h(
    "select",
    {
      "aria-label": S.ecosystem,
      title: S.ecosystemAbout,
      onchange: () => actions.ecosystem(ecosystem.value),
    },
    detected,
    ...Object.entries(S.ecosystems).map(([id, name]) => h("option", { value: id }, name)),
  );
  const holding = h("span", { class: "holding", role: "status" });
  const attested = h(
    "button",
    { class: "attested", title: `${S.attestations} (a)`, onclick: () => actions.panel("attestations") },
    h("span", { class: "label" }, S.attestations),
    holding,
  );
  const why = h("button", { class: "why narrow-only", onclick: () => actions.why() }, S.why);
  const element = h(
    "section",
    { class: "verdict", "aria-label": S.verdict },
    glyph,
    h(
      "div",
      { class: "words" },
      h("p", { role: "status", class: "answer" }, word, " ", sentence),
      offHere,
      mismatch,
      match,
      note,
      ambiguous,
      trouble,
    ),
    why,
    h(
      "div",
      { class: "rules" },
      busy,
      h("span", { class: "label" }, S.profileLabel),
      rules,
      ecosystem,
      h("span", { class: "links" }, off, edit, ignored),
    ),
    h("div", { class: "proven" }, archives(store, actions), attested),
    stops(store, actions),
    chips,
  );

  store.watch((state, before) => {
    why.setAttribute("aria-expanded", String(state.why));
    busy.hidden = state.judging === 0;
    say(mismatch, outcomes(state, false));
    say(match, outcomes(state, true));
    say(note, state.note);
    say(trouble, state.trouble);
    for (const [id, choice] of choices) {
      choice.setAttribute("aria-checked", String(state.profile === id));
      choice.tabIndex = state.profile === id ? 0 : -1;
    }
    const changes = S.custom(state.overview?.rules.length ?? 0, state.disabled.length);
    for (const each of [off, offHere]) say(each, changes && S.customName(changes));
    ecosystem.value = state.ecosystem;
    attested.hidden = state.papers.length === 0;
    if (state === before || state.attested !== before.attested || state.attesting !== before.attesting) {
      const tallied = tally(state.attested ?? []);
      attested.classList.toggle("failing", !state.attesting && tallied.fails > 0);
      holding.replaceChildren(
        ...(state.attesting || !state.attested ? [state.attesting ? S.attesting : "—"] : counts(tallied)),
      );
    }
    const only = state.filter.only?.label;
    for (const chip of chips.querySelectorAll("button"))
      chip.setAttribute("aria-pressed", String(chip.dataset.cause === only));
    if (!state.overview || !state.tree || state.overview === before.overview) return;
    const { overview } = state;
    element.dataset.verdict = overview.verdict;
    const { left, right } = overview.sides;
    detected.textContent = S.detected([...new Set([left.ecosystem, right.ecosystem].filter((kind) => kind !== null))]);
    glyph.textContent = S.verdicts[overview.verdict].glyph;
    say(word, `${S.verdicts[overview.verdict].word}.`);
    say(sentence, S.sentence(overview, state.tree));
    const unclear = SIDES.filter((side) => overview.summary.ambiguous[side]);
    say(ambiguous, unclear.length ? S.ambiguous(unclear.map((side) => S.sides[side]).join(" and ")) : "");
    const explained = new Map(overview.statements.map((statement) => [statement.cause, statement.explained]));
    const causes = Object.entries(overview.summary.by_cause).sort(
      ([a, n], [b, m]) =>
        Number(explained.get(a) ?? false) - Number(explained.get(b) ?? false) || m - n || (a < b ? -1 : 1),
    );
    const title = new Map(state.passes.map((pass) => [pass.id, pass.title]));
    chips.replaceChildren(
      ...causes.slice(0, MOST_CHIPS).map(([cause, rows]) =>
        h(
          "li",
          null,
          h(
            "button",
            {
              class: `chip ${explained.get(cause) ? "explained" : "open"}`,
              "data-cause": cause,
              "aria-pressed": String(cause === only),
              title: title.get(cause) ?? cause,
              onclick: () => actions.only(cause),
            },
            cause,
            h("b", null, count(rows)),
          ),
        ),
      ),
    );
    if (causes.length > MOST_CHIPS) {
      chips.append(
        h(
          "li",
          null,
          h("button", { class: "chip", onclick: () => actions.overview() }, S.causesMore(causes.length - MOST_CHIPS)),
        ),
      );
    }
  });
  rules.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const ids = [...choices.keys()];
    const next = ids[(ids.indexOf(store.state.profile) + step + ids.length) % ids.length] ?? "standard";
    actions.profile(next);
    choices.get(next)?.focus();
    event.preventDefault();
  });
  return element;
}
