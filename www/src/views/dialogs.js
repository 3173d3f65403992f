// The sheets: what was ignored and why, custom rules, the report, what "files stay in this tab" means, and the keys.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { cap, KEYS } from "../keys.js";
import { count, S } from "../strings.js";
import { h } from "./dom.js";
import { ignored } from "./ignored.js";
import { palette } from "./palette.js";
import { report } from "./report.js";
import { rules } from "./rules.js";

/** @param {Store} store @param {Actions} actions */
export function dialogs(store, actions) {
  const makers = { ignored, rules, report, proof, keys, palette };
  const titles = {
    ignored: S.ignored,
    rules: S.rules,
    report: S.report,
    proof: S.proofTitle,
    keys: S.help,
    palette: S.palette.title,
  };
  const title = h("h2", { id: "sheet-title" });
  const body = h("div", { class: "sheet" });
  const close = h(
    "button",
    { class: "square", "aria-label": S.close, title: `${S.close} (Esc)`, onclick: () => actions.dialog(null) },
    "×",
  );
  const element = h("dialog", { "aria-labelledby": "sheet-title" }, h("header", null, title, close), body);
  // The event comes a moment after closing: by then another sheet may be open in it.
  element.addEventListener("close", () => {
    if (!element.open) actions.dialog(null);
  });
  element.addEventListener("click", (event) => {
    if (event.target === element) actions.dialog(null);
  });

  store.watch((state, before) => {
    const { dialog } = state;
    if (dialog === null) {
      if (element.open) element.close();
      return;
    }
    // A sheet may have been asked for before there was one.
    const opened = dialog !== before.dialog || !element.open;
    const judged = dialog === "ignored" && (state.overview !== before.overview || state.disabled !== before.disabled);
    if (opened || judged) {
      const top = body.scrollTop;
      const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.pass : undefined;
      title.textContent = titles[dialog];
      element.dataset.sheet = dialog;
      body.replaceChildren(...makers[dialog](store, actions));
      if (!opened) {
        body.scrollTop = top;
        for (const box of body.querySelectorAll("input")) if (box.dataset.pass === focused && focused) box.focus();
      }
    }
    if (!element.open) element.showModal();
  });
  return element;
}

/** What the browser enforces now, and what it does not. @param {Store} store @param {Actions} actions */
function proof({ state }, actions) {
  const forgot = h("span", { role: "status" });
  const forget = h("button", { class: "link" }, S.marks.forget);
  forget.addEventListener("click", () => {
    actions.forgetMarks();
    forgot.textContent = ` ${S.marks.forgot}`;
  });
  const policies = [...document.querySelectorAll("meta[http-equiv=Content-Security-Policy]")].map(
    (meta) => meta.getAttribute("content") ?? "",
  );
  const version = document.querySelector("meta[name=version]")?.getAttribute("content");
  const hosted = document.querySelector("link[rel=manifest]") !== null;
  const requests = performance.getEntriesByType("resource").map((entry) => entry.name);
  return [
    ...S.proof.map((text) => h("p", null, text)),
    ...(version
      ? [
          h(
            "p",
            null,
            `${S.proofVersion} `,
            h("code", null, version),
            `. ${state.offline ? S.proofOffline : S.proofOnline}`,
          ),
        ]
      : []),
    h("p", null, `${S.marks.kept} `, forget, forgot),
    h("h3", null, S.proofPolicy),
    h(
      "ul",
      { class: "mono" },
      ...policies.reverse().map((policy) => h("li", null, policy)),
      state.ready ? null : h("li", null, S.starting),
    ),
    h("h3", null, S.proofRequests, h("b", null, count(requests.length))),
    requests.length
      ? h("ul", { class: "mono" }, ...requests.slice(0, 60).map((name) => h("li", null, name)))
      : h("p", null, S.proofNone),
    h("h3", null, S.proofRemains),
    h("ul", null, ...S.proofRemaining.map((text) => h("li", null, text))),
    ...(hosted
      ? [
          h("h3", null, S.proofTake),
          h(
            "ul",
            null,
            ...S.proofDownloads.map(({ href, title }) => h("li", null, h("a", { href, download: "" }, title))),
          ),
        ]
      : []),
  ];
}

/** @param {Store} store @param {Actions} actions */
function keys({ state }, actions) {
  const box = h("input", { type: "checkbox", onchange: () => actions.letters() });
  box.checked = state.letters;
  return [
    ...KEYS.map(({ keys, label }) =>
      h("div", { class: "key" }, h("span", null, ...keys.map((key) => h("kbd", null, cap(key)))), label),
    ),
    h("label", { class: "letters" }, box, S.letters),
  ];
}
