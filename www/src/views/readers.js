// What named readers make of an archive that they do not all read alike: side by side, each view to be opened or compared.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { ArchiveViews, ViewGroup, ViewSight } from "../report.js" */
import { count, S, size } from "../strings.js";
import { digest } from "./copy.js";
import { foreign, h, spoken } from "./dom.js";

/** Members drawn at first, and added by a press. */
const PART = 50;

/** Who a group is opened as: one that is satisfied, if there is one. @param {ViewGroup} group */
const speaker = ({ readers }) => readers.find(({ end }) => end === "whole") ?? readers[0];

/** What tells two sights apart. @param {ViewSight | null | undefined} sight */
const told = (sight) => (sight ? `${sight.kind} ${sight.size} ${sight.sha256}` : "");

/** @param {ViewSight | null | undefined} sight @param {boolean} differs Whether it is not what the first view has. */
const cell = (sight, differs) =>
  h(
    "td",
    { class: differs ? "differs" : "quiet" },
    sight
      ? [sight.kind === "file" ? "" : `${sight.kind}, `, size(sight.size), " "].join("")
      : h("span", null, h("span", { "aria-hidden": "true" }, "—"), spoken(S.readers.nothing)),
    sight?.sha256 ? digest(sight.sha256, 8) : null,
  );

/** @param {ArchiveViews} views @param {boolean} alone @param {Actions} actions */
function archive({ side, path, disagree, groups, members, more, skipped }, alone, actions) {
  const seeing = groups.slice(0, members[0]?.by.length ?? groups.length);
  const blind = groups.slice(seeing.length).flatMap(({ readers }) => readers);
  const first = seeing[0] && speaker(seeing[0]);
  const letter = S.sides[side];
  // Only the artifact itself can be opened as somebody else sees it.
  const opens = path === "";
  const heads = seeing.map((group, at) => {
    const reader = speaker(group);
    return h(
      "th",
      { scope: "col" },
      h(
        "ul",
        null,
        ...group.readers.map((reader) => {
          const words = S.readers.open(letter, reader.title);
          const open = {
            class: "link",
            "aria-label": words,
            title: words,
            onclick: () => actions.openAs(side, reader),
          };
          return h(
            "li",
            { title: reader.reason ?? null },
            opens ? h("button", open, reader.title) : reader.title,
            reader.end === "whole" ? null : h("i", null, ` ${S.readers.error}`),
          );
        }),
      ),
      h("p", { class: "quiet" }, S.readers.files(group.members)),
      opens && at > 0 && reader && first
        ? h(
            "button",
            {
              "aria-label": S.readers.compare(first.title, reader.title),
              onclick: () => actions.compareViews(side, first, reader),
            },
            S.readers.compareFirst,
          )
        : null,
    );
  });
  const body = h("tbody", null);
  const draw = (/** @type {number} */ from) => {
    body.append(
      ...members
        .slice(from, from + PART)
        .map(({ path, by }) =>
          h(
            "tr",
            null,
            h("th", { scope: "row" }, foreign(path, "path")),
            ...by.map((sight, at) => cell(sight, at > 0 && told(sight) !== told(by[0]))),
          ),
        ),
    );
    const rest = members.length - from - PART;
    if (rest <= 0) return;
    const press = () => {
      line.remove();
      draw(from + PART);
    };
    const line = h(
      "tr",
      null,
      h("td", { colspan: seeing.length + 1 }, h("button", { class: "link", onclick: press }, S.more(rest))),
    );
    body.append(line);
  };
  draw(0);
  const top = h("thead", null, h("tr", null, h("th", { scope: "col" }, S.readers.member), ...heads));
  return h(
    "section",
    { class: "reader-views" },
    h(
      "p",
      null,
      h("b", { class: "letter" }, letter),
      " ",
      path ? foreign(path, "path") : h("span", { class: "path" }, S.rootName(alone)),
    ),
    h(
      "p",
      { class: disagree === "contents" || disagree === "part" ? "open" : "quiet" },
      skipped ?? S.readers.disagree(disagree),
      opens && seeing.length ? ` ${S.readers.hint(letter)}` : null,
    ),
    seeing.length
      ? h(
          "div",
          { class: "scroll", tabindex: "0", role: "region", "aria-label": S.readers.title },
          h("table", { class: "facts" }, top, body),
        )
      : null,
    more ? h("p", { class: "quiet" }, S.readers.more(more)) : null,
    blind.length
      ? h(
          "p",
          { class: "quiet" },
          S.readers.blind,
          " ",
          blind.map(({ title, reason }) => (reason ? `${title} (${reason})` : title)).join("; "),
        )
      : null,
  );
}

/**
 * The views of both sides, those that disagree in contents first.
 * @param {ArchiveViews[]} views @param {boolean} alone @param {Actions} actions @returns {HTMLElement[]}
 */
export function readers(views, alone, actions) {
  if (views.length === 0) return [];
  const rank = (/** @type {ArchiveViews} */ { disagree }) =>
    ["contents", "part", "names"].indexOf(disagree ?? "") >>> 0;
  const sorted = [...views].sort((one, other) => rank(one) - rank(other));
  return [
    h("h2", { class: "readers-title", tabindex: "-1" }, S.readers.title, h("b", null, count(views.length))),
    ...sorted.map((view) => archive(view, alone, actions)),
  ];
}
