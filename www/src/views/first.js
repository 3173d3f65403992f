// What to look at first: a few facts about what B adds or changes, each a way to its entry.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { S } from "../strings.js";
import { foreign, h } from "./dom.js";

/** Facts shown; more are a number, and all are in the report. */
const MOST = 7;

/** @param {Store} store @param {Actions} actions */
export function first(store, actions) {
  const list = h("ol", null);
  const element = h("section", { class: "first", "aria-label": S.lookFirst }, h("h2", null, S.lookFirst), list);

  store.watch((state, before) => {
    if (state !== before && state.overview === before.overview) return;
    const notices = state.overview?.notices ?? [];
    element.hidden = notices.length === 0;
    const more = notices.length - MOST;
    list.replaceChildren(
      ...notices.slice(0, MOST).map(({ id, title, row, path, message }) =>
        h(
          "li",
          null,
          h(
            "button",
            {
              "data-notice": id,
              title: `${title}\n${path}: ${message}`,
              onclick: () => actions.open(store.state.tree?.nodeOf(row) ?? 0),
            },
            h("b", null, title),
            foreign(path.split("/").pop() ?? "", "name"),
            foreign(message, "what"),
          ),
        ),
      ),
      ...(more > 0 ? [h("li", { class: "quiet" }, S.lookMore(more))] : []),
    );
  });
  return element;
}
