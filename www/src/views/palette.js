// Everything that can be done now, and every entry by its path: typed, not searched for.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { applies, cap, KEYS } from "../keys.js";
import { S } from "../strings.js";
import { ends, h, say } from "./dom.js";

/** Entries listed; more are a number. */
const MOST = 50;

/** @param {Store} store @param {Actions} actions */
export function palette({ state }, actions) {
  const commands = KEYS.filter((key) => applies(key, state) && key.action !== "escape" && key.value !== "palette");
  const list = h("ul", { id: "palette-list", role: "listbox", "aria-label": S.palette.title, class: "options" });
  const said = h("p", { class: "quiet", role: "status" });
  const input = h("input", {
    type: "text",
    role: "combobox",
    "aria-label": S.palette.label,
    "aria-controls": list.id,
    "aria-expanded": "true",
    "aria-autocomplete": "list",
    placeholder: S.palette.label,
    autocomplete: "off",
    spellcheck: "false",
    autofocus: true,
    oninput: draw,
  });
  /** What the options do. @type {(() => void)[]} */
  let runs = [];
  let chosen = 0;

  /** @param {number} at */
  function choose(at) {
    chosen = Math.max(0, Math.min(runs.length - 1, at));
    for (const [index, option] of [...list.children].entries())
      option.setAttribute("aria-selected", String(index === chosen));
    const option = list.children[chosen];
    input.setAttribute("aria-activedescendant", option?.id ?? "");
    option?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} at */
  function run(at) {
    const action = runs[at];
    if (!action) return;
    // Closed first: the focus is then where the action expects it.
    actions.dialog(null);
    action();
  }

  function draw() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { tree } = state;
    const has = (/** @type {string} */ text) => {
      const lower = text.toLowerCase();
      return words.every((word) => lower.includes(word));
    };
    /** @type {[HTMLElement, () => void][]} */
    const found = commands
      .filter(({ label }) => has(label))
      .map(({ keys, label, action, value }) => [
        h("li", null, h("span", null, label), h("kbd", null, cap(keys[0] ?? ""))),
        () => /** @type {Record<string, any>} */ (actions)[action](value),
      ]);
    let matches = 0;
    if (tree && words.length) {
      for (let node = 0; node < tree.length; node++) {
        if (tree.isRoot(node) || !tree.hasRow(node) || !has(tree.path(node))) continue;
        if (++matches > MOST) continue;
        const { glyph, word } = S.statuses[tree.status(node)];
        found.push([
          h(
            "li",
            null,
            h("span", { role: "img", "aria-label": word, class: "glyph" }, glyph),
            ends(tree.path(node), "path"),
          ),
          () => actions.go(node),
        ]);
      }
    }
    runs = found.map(([, action]) => action);
    list.replaceChildren(
      ...found.map(([option], at) => {
        option.id = `option-${at}`;
        option.setAttribute("role", "option");
        option.addEventListener("click", () => run(at));
        return option;
      }),
    );
    say(
      said,
      !words.length && tree ? S.palette.hint : S.palette.found(found.length - Math.min(matches, MOST), matches, MOST),
    );
    choose(0);
  }

  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) choose(chosen + step);
    else if (event.key === "Enter") run(chosen);
    else return;
    event.preventDefault();
  });
  draw();
  return [input, list, said];
}
