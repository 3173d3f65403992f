// The three sheets: what was ignored and why, what "files stay in this tab" means, and the keys.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { cap, KEYS } from "../keys.js";
import { count, S } from "../strings.js";
import { foreign, h, prose } from "./dom.js";

/** Ledger lines fetched at once. */
const PART = 20;

/** @param {Store} store @param {Actions} actions */
export function dialogs(store, actions) {
  const makers = { ignored, proof, keys };
  const titles = { ignored: S.ignored, proof: S.proofTitle, keys: S.help };
  const title = h("h2", { id: "sheet-title" });
  const body = h("div", { class: "sheet" });
  const close = h(
    "button",
    { class: "square", "aria-label": S.close, title: `${S.close} (Esc)`, onclick: () => actions.dialog(null) },
    "×",
  );
  const element = h("dialog", { "aria-labelledby": "sheet-title" }, h("header", null, title, close), body);
  element.addEventListener("close", () => actions.dialog(null));
  element.addEventListener("click", (event) => {
    if (event.target === element) actions.dialog(null);
  });

  store.watch((state, before) => {
    const { dialog } = state;
    if (dialog === null) {
      if (element.open) element.close();
      return;
    }
    const opened = dialog !== before.dialog;
    const judged = dialog === "ignored" && (state.overview !== before.overview || state.disabled !== before.disabled);
    if (opened || judged) {
      const top = body.scrollTop;
      const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.pass : undefined;
      title.textContent = titles[dialog];
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

/** @param {Store} store @param {Actions} actions */
function ignored({ state }, actions) {
  const { overview, passes, disabled, profile } = state;
  const ledger = new Map(overview?.ledger.map((line) => [line.pass, line]));
  const used = passes.filter(({ id }) => ledger.get(id)?.count || disabled.includes(id));
  const idle = passes.filter((pass) => !used.includes(pass));
  /** @param {typeof passes[number]} pass */
  const heading = ({ id, title }) => {
    const box = h("input", { type: "checkbox", "data-pass": id, onchange: () => actions.pass(id) });
    box.checked = !disabled.includes(id);
    const total = ledger.get(id)?.count ?? 0;
    return h(
      "label",
      null,
      box,
      h("span", { class: "title" }, title),
      h("code", null, id),
      h("span", { class: "count" }, disabled.includes(id) ? S.ignoredOff : total ? S.ignoredCount(total) : ""),
    );
  };
  return [
    h("p", null, used.some(({ id }) => ledger.get(id)?.count) ? S.ignoredIntro(profile) : S.ignoredNone),
    ...used.map((pass) =>
      h(
        "section",
        { class: "pass" },
        heading(pass),
        h("p", { class: "quiet" }, ...prose(pass.rationale)),
        lines(pass.id, ledger.get(pass.id)?.lines ?? 0, actions),
      ),
    ),
    ...(idle.length
      ? [
          h(
            "details",
            null,
            h("summary", null, `${S.ignoredIdle} (${count(idle.length)})`),
            ...idle.map((pass) =>
              h("section", { class: "pass" }, heading(pass), h("p", { class: "quiet" }, ...prose(pass.rationale))),
            ),
          ),
        ]
      : []),
  ];
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

/** What the browser enforces now, and what it does not. @param {Store} store */
function proof({ state }) {
  const policies = [...document.querySelectorAll("meta[http-equiv=Content-Security-Policy]")].map(
    (meta) => meta.getAttribute("content") ?? "",
  );
  const requests = performance.getEntriesByType("resource").map((entry) => entry.name);
  return [
    ...S.proof.map((text) => h("p", null, text)),
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
