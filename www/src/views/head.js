// The top line: which two artifacts, and what holds for the whole page.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { SIDES } from "../state.js";
import { S, size } from "../strings.js";
import { ends, h, spoken } from "./dom.js";

/** @param {Store} store @param {Actions} actions */
export function head(store, actions) {
  const sides = h("div", { class: "sides" });
  const seal = h("button", { class: "seal", onclick: () => actions.dialog("proof") }, S.notSealed);
  const update = h("button", { title: S.updateAbout, onclick: () => store.state.update?.() }, S.update);
  const report = h("button", { title: `${S.reportAbout} (r)`, onclick: () => actions.dialog("report") }, S.reportOpen);
  const search = h("button", { title: `${S.search.key} (f)`, onclick: () => actions.search() }, S.search.open);
  const clear = h("button", { onclick: () => actions.clear() }, S.clear);
  const help = h(
    "button",
    { class: "square", "aria-label": S.help, title: `${S.help} (?)`, onclick: () => actions.dialog("keys") },
    "?",
  );
  const element = h(
    "header",
    { class: "head" },
    h("h1", { class: "brand" }, S.title),
    sides,
    h("div", { class: "tools" }, update, clear, search, report, seal, help),
  );

  /** Beside a digest: whether it is the expected one. */
  const signs = { left: h("b", { class: "sign" }), right: h("b", { class: "sign" }) };
  store.watch((state, before) => {
    for (const side of SIDES) {
      const { holds } = state.expected[side];
      const said = holds === null ? null : holds ? S.expected.holds : S.expected.fails;
      signs[side].replaceChildren(
        ...(said ? [h("span", { "aria-hidden": "true" }, said.glyph), spoken(said.words)] : []),
      );
      signs[side].title = said?.words ?? "";
    }
    const result = state.overview !== null;
    clear.hidden = report.hidden = search.hidden = !result;
    update.hidden = state.update === null;
    if (state === before || state.ready !== before.ready) {
      seal.textContent = state.ready ? S.sealed : S.notSealed;
      seal.classList.toggle("on", state.ready);
    }
    if (state !== before && state.overview === before.overview) return;
    sides.replaceChildren();
    if (!state.overview) return;
    for (const side of SIDES) {
      const info = state.overview.sides[side];
      sides.append(
        h(
          "button",
          { class: `side ${side}`, title: `${info.name}\n${S.replace}`, onclick: () => actions.choose(side) },
          h("b", { class: "letter" }, S.sides[side]),
          ends(info.name, "name"),
          h("span", { class: "fact" }, size(info.size)),
          h("code", { class: "fact digest", title: `${S.facts.sha256} ${info.sha256}` }, info.sha256.slice(0, 8)),
          signs[side],
        ),
      );
      if (side === "left") {
        sides.append(
          h(
            "button",
            { class: "square swap", "aria-label": S.swap, title: `${S.swap} (x)`, onclick: () => actions.swap() },
            "⇄",
          ),
        );
      }
    }
  });
  return element;
}
