// Custom rules: written as text, understood at once, put in force in place.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { RuleLine } from "../report.js" */
/** @import { Store } from "../state.js" */
import { S, visible } from "../strings.js";
import { foreign, h, prose, say } from "./dom.js";

/** Typing is followed by reading after so many ms. */
const SETTLE = 120;

/** What a rule does, in words. @param {RuleLine} rule */
export function ruleWords({ paths, pattern, replace }) {
  const code = (/** @type {string} */ text) => h("code", null, foreign(visible(text)));
  const where = paths.flatMap((path, at) => [at ? ", " : "", code(path)]);
  if (pattern === null) return h("p", null, `${S.ruleLeavesOut} `, ...where);
  const by = replace ? code(replace) : S.ruleNothing;
  return h("p", null, `${S.ruleReplaces} `, code(pattern), ` ${S.ruleBy} `, by, ` ${S.ruleIn} `, ...where);
}

/** @param {RuleLine[]} rules */
export const ruleList = (rules) =>
  h(
    "ol",
    { class: "rule-list" },
    ...rules.map((rule) => h("li", null, h("p", { class: "title" }, foreign(visible(rule.reason))), ruleWords(rule))),
  );

/** @param {Store} store @param {Actions} actions */
export function rules(store, actions) {
  const area = h("textarea", {
    class: "rules-text",
    "aria-label": S.rulesText,
    "aria-describedby": "rules-said",
    spellcheck: "false",
    autocapitalize: "off",
    rows: 12,
    placeholder: S.rulesExample,
  });
  area.value = store.state.rules;
  const said = h("p", { id: "rules-said", class: "said", role: "status" });
  const understood = h("div", null);
  const apply = h("button", { class: "main", onclick: () => put(area.value) }, S.rulesApply);
  const remove = h("button", { onclick: () => put("") }, S.rulesRemove);
  const begin = h(
    "button",
    {
      class: "link",
      onclick: () => {
        area.value = S.rulesExample;
        area.focus();
        check();
      },
    },
    S.rulesStart,
  );
  let turn = 0;
  let settling = 0;

  /** @param {string} text */
  async function put(text) {
    clearTimeout(settling);
    try {
      area.value = text;
      await actions.rules(text);
      await check();
    } catch (error) {
      refuse(error);
    }
  }

  /** @param {unknown} error */
  function refuse(error) {
    understood.replaceChildren();
    area.setAttribute("aria-invalid", "true");
    apply.disabled = true;
    say(said, error instanceof Error ? error.message : String(error));
  }

  async function check() {
    const mine = ++turn;
    const text = area.value;
    try {
      const found = text.trim() ? await actions.checkRules(text) : [];
      if (mine !== turn) return;
      const inForce = text === store.state.rules || (found.length === 0 && store.state.rules === "");
      area.removeAttribute("aria-invalid");
      understood.replaceChildren(found.length ? ruleList(found) : "");
      apply.disabled = inForce;
      remove.hidden = store.state.rules === "";
      begin.hidden = text.trim() !== "";
      const { length } = found;
      say(said, length === 0 ? S.rulesEmpty : inForce ? S.rulesInForce(length) : S.rulesGood(length));
    } catch (error) {
      if (mine === turn) refuse(error);
    }
  }

  area.addEventListener("input", () => {
    clearTimeout(settling);
    begin.hidden = area.value.trim() !== "";
    settling = window.setTimeout(check, SETTLE);
  });
  check();
  return [
    h("p", null, ...prose(S.rulesIntro)),
    store.state.profile === "none" ? h("p", { class: "trouble" }, S.rulesNone) : h("span", null),
    area,
    h("div", { class: "rules-bar" }, apply, remove, begin, said),
    understood,
  ];
}
