// In the verdict: the digests of the stabilized archives, whether they are equal, and a way to save them.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Archive, Store } from "../state.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { digest } from "./copy.js";
import { h } from "./dom.js";

/** @param {Store} store @param {Actions} actions */
export function archives(store, actions) {
  const line = h("p", { class: "line" });
  const notes = h("ul", { class: "notes quiet" });
  const element = h("div", { class: "archives" }, line, notes);

  /** @param {"left" | "right"} side @param {Archive | null} archive */
  const one = (side, archive) =>
    h(
      "span",
      { class: "one" },
      h("b", { class: "letter" }, S.sides[side]),
      archive?.sha256
        ? digest(archive.sha256)
        : h("span", { class: "quiet" }, archive?.working ? S.archiveWorking : archive ? "—" : S.archiveNone),
      archive?.sha256
        ? h(
            "button",
            {
              class: "square",
              "aria-label": S.saveArchive[side],
              title: S.saveArchive[side],
              disabled: archive.working,
              onclick: () => actions.saveArchive(side),
            },
            "↓",
          )
        : null,
    );

  store.watch((state, before) => {
    if (state !== before && state.archives === before.archives) return;
    const { left, right } = state.archives;
    element.hidden = left === null && right === null;
    if (element.hidden) return;
    const equal = left?.sha256 === right?.sha256;
    const both = Boolean(left?.sha256 && right?.sha256);
    const changed = state.disabled.length > 0 || state.rules !== "";
    const focused = document.activeElement?.closest(".archives") ? document.activeElement.getAttribute("title") : null;
    line.replaceChildren(
      h(
        "span",
        { class: "label" },
        S.archives,
        h("span", { class: "wide-only" }, ` ${S.archivesBy}`),
        changed ? ` ${S.archivesChanged}` : "",
      ),
      one("left", left),
      h("span", { class: "relation", "aria-hidden": "true" }, both ? (equal ? "=" : "≠") : ""),
      one("right", right),
      both ? h("span", { class: equal ? "word" : "word open" }, equal ? S.archivesEqual : S.archivesDiffer) : "",
    );
    for (const button of line.querySelectorAll("button")) if (focused && button.title === focused) button.focus();
    notes.replaceChildren(
      ...SIDES.flatMap((side) => {
        const archive = state.archives[side];
        const own = archive?.sha256 && (archive.refusal || archive.notes.length) ? ` (${S.archiveOwn})` : "";
        return [archive?.error, archive?.refusal, ...(archive?.notes ?? [])]
          .filter(Boolean)
          .map((text, at) =>
            h("li", null, h("b", { class: "letter" }, S.sides[side]), h("span", null, `${text}${at === 0 ? own : ""}`)),
          );
      }),
    );
    notes.hidden = notes.childElementCount === 0;
  });
  return element;
}
