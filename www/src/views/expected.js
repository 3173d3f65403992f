// The digest that a side should have: a field, and whether the file has it.
// @ts-check

/** @import { Actions, Side } from "../main.js" */
/** @import { State, Store } from "../state.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { attribute, h, say } from "./dom.js";

let fields = 0;

/** What came of it, in words; empty while nothing did. @param {State} state @param {Side} side */
export function outcome({ expected, overview }, side) {
  const { holds, trouble } = expected[side];
  if (trouble || holds === null) return trouble;
  const { glyph, words } = holds ? S.expected.holds : S.expected.fails;
  const other = side === "left" ? "right" : "left";
  const turned = !holds && overview?.sides[side].sha256 === expected[other].digest;
  return `${glyph} ${words}${turned ? S.expected.other(S.sides[other]) : ""}`;
}

/** Both outcomes in one line, those that hold or those that do not. @param {State} state @param {boolean} holds */
export const outcomes = (state, holds) =>
  SIDES.filter((side) => state.expected[side].holds === holds)
    .map((side) => `${S.sides[side]} ${outcome(state, side)}.`)
    .join(" ");

/** A small link that becomes a field. @param {Side} side @param {Store} store @param {Actions} actions */
export function expected(side, store, actions) {
  let open = false;
  const id = `expected-${++fields}`;
  const result = h("span", { class: "outcome", id, role: "status" });
  const input = h("input", {
    type: "text",
    class: "digest-field",
    "aria-label": S.expected.label[side],
    "aria-describedby": id,
    placeholder: S.expected.hint,
    spellcheck: "false",
    autocomplete: "off",
    oninput: (/** @type {InputEvent} */ event) => {
      // Who types is not told at every digit that there are not enough.
      if (event.inputType === "insertFromPaste" || input.value.trim() === "" || input.value.length >= 64) enter();
    },
    onchange: enter,
  });
  const add = h(
    "button",
    {
      class: "link",
      "aria-label": S.expected.addFor[side],
      onclick: () => {
        open = true;
        draw();
        input.focus();
      },
    },
    S.expected.add,
  );
  function enter() {
    if (input.value !== store.state.expected[side].text) actions.expect(side, input.value);
  }
  input.addEventListener("blur", () => {
    open = false;
    draw();
  });
  const element = h("div", { class: "expected" }, add, input, result);

  function draw() {
    const { text, trouble, holds } = store.state.expected[side];
    add.hidden = open || text !== "" || input.value !== "";
    input.hidden = !add.hidden;
    attribute(input, "aria-invalid", trouble ? "true" : null);
    result.classList.toggle("failing", trouble !== "" || holds === false);
    say(result, outcome(store.state, side));
  }
  store.watch((state, before) => {
    const { text } = state.expected[side];
    if (text !== before.expected[side].text) input.value = text;
    if (state === before || state.expected !== before.expected || state.overview !== before.overview) draw();
  });
  return element;
}
