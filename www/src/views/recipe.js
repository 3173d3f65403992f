// How to build the artifact again, as a document says: texts to read and to copy, and nothing that acts.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { CustomPass, Recipe, RecipeText, RuleLine } from "../report.js" */
/** @import { Store } from "../state.js" */
import { S } from "../strings.js";
import { copying, digest } from "./copy.js";
import { foreign, h, say } from "./dom.js";
import { pairs } from "./papers.js";
import { ruleList } from "./rules.js";

/** The text that a bundle's rules come from. */
const DEFINITION = "build.fix.json";

/** @param {RecipeText} text */
const block = ({ name, text, escaped, cut }) =>
  h(
    "details",
    { class: "text-block" },
    h(
      "summary",
      null,
      foreign(name, "path"),
      h("span", { class: "quiet" }, S.lines(text.split("\n").length - Number(text.endsWith("\n")))),
    ),
    h("div", { class: "block-bar" }, copying(text, `${S.copy} ${name}`, S.copy)),
    h("pre", { tabindex: "0" }, foreign(text)),
    escaped || cut
      ? h("p", { class: "quiet" }, [escaped ? S.recipeEscaped : "", cut ? S.recipeCut(cut) : ""].join(" ").trim())
      : null,
  );

/** @param {Recipe} recipe @param {Store} store @param {Actions} actions */
export function recipe({ package: facts, sources, images, texts, custom_passes, advice }, store, actions) {
  return h(
    "section",
    { class: "part recipe" },
    custom_passes.length ? custom(custom_passes, texts, store, actions) : null,
    h("h4", null, S.rebuild),
    h("p", { class: "quiet" }, S.rebuildIntro),
    facts.length ? pairs(facts) : null,
    h(
      "ul",
      { class: "origins" },
      ...sources.map(({ repository, commit, role }) =>
        h(
          "li",
          null,
          h("span", { class: "term" }, role === "build definition" ? S.recipe["build definition"] : S.recipe.source),
          h(
            "div",
            null,
            copying(repository, `${S.copy} ${repository}`, foreign(repository, "path")),
            commit
              ? h("span", null, `${S.recipe.commit} `, copying(commit, `${S.copy} ${commit}`, foreign(commit, "path")))
              : h("span", { class: "quiet" }, S.noCommit),
          ),
        ),
      ),
      ...images.map(({ name, value }) =>
        h(
          "li",
          null,
          h("span", { class: "term" }, S.recipe.image),
          h("div", null, foreign(name, "path"), digest(value, 16)),
        ),
      ),
    ),
    ...advice.map((text) => h("p", null, foreign(text))),
    ...texts.map(block),
  );
}

/** @param {CustomPass[]} passes @param {RecipeText[]} texts @param {Store} store @param {Actions} actions */
function custom(passes, texts, store, actions) {
  const result = store.state.overview !== null;
  const said = h("span", { class: "said", role: "status" });
  // The texts of the answer are escaped for reading; rules are taken from the definition itself.
  const definition = texts.find(({ name, escaped, cut }) => name === DEFINITION && !escaped && cut === 0);
  const apply = h(
    "button",
    {
      disabled: !result,
      async onclick() {
        try {
          await actions.rules(actions.withRules(await actions.checkRules(definition?.text ?? "")));
          say(said, S.bundleApplied);
        } catch (error) {
          say(said, error instanceof Error ? error.message : String(error));
        }
      },
    },
    S.bundleApply,
  );
  const there = new Set(store.state.overview?.rules.map(content));
  const applied = result && passes.every((pass) => there.has(content(line(pass))));
  if (applied) apply.disabled = true;
  say(said, applied ? S.bundleApplied : result ? (definition ? "" : S.recipeEscaped) : S.bundleNoResult);
  return h(
    "div",
    { class: "bundle-rules" },
    h("h4", null, S.bundleRules),
    h("p", { class: "quiet" }, S.bundleRulesAbout),
    ruleList(passes.map(line)),
    h("div", { class: "rules-bar" }, definition ? apply : null, said),
  );
}

/** @param {CustomPass} pass @returns {RuleLine} */
const line = ({ name, reason, paths, pattern, replace }) => ({ id: name, reason, paths, pattern, replace });

/** A rule without its name, which follows from its place. @param {RuleLine} rule */
const content = ({ reason, paths, pattern, replace }) => JSON.stringify([reason, paths, pattern, replace]);
