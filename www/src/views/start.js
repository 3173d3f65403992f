// Before the verdict: two slots, what they are doing, and pairs to try.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Slot, State, Store } from "../state.js" */
import { SAMPLES } from "../samples.js";
import { plain, S, seconds, size } from "../strings.js";
import { ends, foreign, h, say } from "./dom.js";
import { expected } from "./expected.js";
import { folders } from "./files.js";
import { papers } from "./papers.js";
import { stops } from "./stops.js";

/** @param {"left" | "right"} side @param {Store} store @param {Actions} actions */
function slot(side, store, actions) {
  const name = h("div", { class: "name" });
  const facts = h("div", { class: "facts" });
  const bar = h(
    "div",
    { class: "bar", role: "progressbar", "aria-label": S.sides[side], "aria-valuemin": 0, "aria-valuemax": 100 },
    h("i", null),
  );
  const fill = /** @type {HTMLElement} */ (bar.firstChild);
  const doing = h("div", { class: "doing" });
  const choose = h(
    "button",
    { class: "main", "aria-label": S.chooseFor[side], onclick: () => actions.choose(side) },
    S.choose,
  );
  const folder = h(
    "button",
    { class: "link", "aria-label": S.chooseFolderFor[side], onclick: () => actions.chooseFolder(side) },
    S.chooseFolder,
  );
  const cancel = h("button", { onclick: () => actions.cancel(side) }, S.cancel);
  const retry = h("button", { onclick: () => actions.retry(side) }, S.retry);
  const without = h("button", { onclick: () => actions.retryWithout(side) }, S.again.without);
  const remove = h("button", { onclick: () => actions.remove(side) }, S.remove);
  const at = h("div", { class: "at" });
  const hint = h("p", { class: "hint" }, S.examples[side]);
  const element = h(
    "section",
    { class: `slot ${side}`, "data-side": side, "aria-label": `${S.sides[side]}, ${S.roles[side]}` },
    h("h2", null, h("b", { class: "letter" }, S.sides[side]), h("span", null, S.roles[side])),
    hint,
    name,
    facts,
    bar,
    doing,
    at,
    h("div", { class: "buttons" }, choose, folder, cancel, without, retry, remove),
    expected(side, store, actions),
  );

  /** @param {Slot | null} slot */
  const draw = (slot) => {
    const phase = slot?.phase ?? "empty";
    element.dataset.phase = phase;
    name.replaceChildren(...(slot ? [foreign(plain(slot.file.name))] : []));
    name.title = slot ? plain(slot.file.name) : "";
    say(facts, slot ? size(slot.file.size) : "");
    choose.hidden = hint.hidden = slot !== null;
    folder.hidden = slot !== null || !folders;
    cancel.hidden = phase !== "reading";
    retry.hidden = phase !== "cancelled" && phase !== "failed";
    without.textContent = slot?.leftOut.some(({ node }) => node === 0) ? S.again.bytes : S.again.without;
    without.hidden = phase !== "failed" || !slot?.leftOut.length;
    remove.hidden = slot === null || phase === "reading";
    bar.hidden = phase !== "reading";
    tick(slot);
  };
  /** @param {Slot | null} slot */
  const tick = (slot) => {
    const path = slot?.phase === "reading" ? (slot.progress?.path ?? "") : "";
    if (at.textContent !== path) at.replaceChildren(...(path ? [ends(path, "path")] : []));
    if (!slot) {
      say(doing, "");
    } else if (slot.phase === "reading") {
      const { progress } = slot;
      const share = progress && progress.total > 0 ? progress.bytes / progress.total : 0;
      fill.style.transform = `scaleX(${share})`;
      bar.setAttribute("aria-valuenow", String(Math.round(100 * share)));
      say(doing, `${progress ? S.progress(progress) : S.opening} · ${seconds(performance.now() - slot.since)}`);
    } else {
      say(doing, { read: S.read(seconds(slot.took)), failed: slot.error, cancelled: S.cancelled }[slot.phase]);
    }
  };
  store.watch((state, before) => {
    if (state === before || state.slots[side] !== before.slots[side]) draw(state.slots[side]);
  });
  // Numbers from the worker come when they come; the clock goes on in between.
  setInterval(() => {
    const { overview, slots } = store.state;
    if (!overview && slots[side]?.phase === "reading") tick(slots[side]);
  }, 100);
  return element;
}

/** What a link in the address is about. @param {State["link"]} link @param {Actions} actions */
function about(link, actions) {
  if (!link) return [];
  const side = (/** @type {"left" | "right"} */ name, /** @type {string} */ digest) =>
    h(
      "span",
      null,
      h("b", { class: "letter" }, S.sides[name]),
      h("code", { title: digest }, `${digest.slice(0, 12)}…`),
    );
  return [
    h("span", null, S.link.about),
    side("left", link.a),
    S.link.and,
    side("right", link.b),
    h("span", null, S.link.drop),
    h("button", { class: "link", onclick: () => actions.unexpect() }, S.link.forget),
  ];
}

/** @param {Store} store @param {Actions} actions */
export function start(store, actions) {
  const note = h("p", { class: "note" });
  const trouble = h("p", { class: "trouble", role: "alert" });
  const judging = h("p", { class: "judging", role: "status" });
  const samples = h(
    "div",
    { class: "samples" },
    h("p", null, S.samples),
    h(
      "ul",
      null,
      ...SAMPLES.map(({ id }) =>
        h(
          "li",
          null,
          h("button", { class: "link", onclick: () => actions.sample(id) }, S.sampleTitles[id].title),
          h("span", null, S.sampleTitles[id].about),
        ),
      ),
    ),
  );
  const beside = h(
    "section",
    { class: "beside", "aria-label": S.attestations },
    h("h2", null, S.attestations),
    papers(store, actions, false),
  );
  const linked = h("p", { class: "linked", role: "status" });
  const add = h("button", { class: "link", onclick: () => actions.choosePapers() }, S.addPaper);
  const stop = h("button", { onclick: () => actions.cancel() }, S.cancel);
  const offline = h("span", null);
  const element = h(
    "main",
    { class: "start" },
    h("h2", { class: "question" }, S.question),
    linked,
    h(
      "div",
      { class: "slots" },
      slot("left", store, actions),
      h(
        "button",
        { class: "square swap", "aria-label": S.swap, title: `${S.swap} (x)`, onclick: () => actions.swap() },
        "⇄",
      ),
      slot("right", store, actions),
    ),
    h("div", { class: "below" }, judging, stop, trouble, note),
    stops(store, actions),
    h(
      "p",
      { class: "stays" },
      h("span", null, S.dropHint),
      " ",
      h("button", { class: "link", onclick: () => actions.dialog("proof") }, S.stays),
      `: ${S.staysMore}.`,
      offline,
    ),
    h("p", { class: "stays" }, add, " ", S.addPaperAbout),
    beside,
    samples,
  );

  store.watch((state, before) => {
    element.hidden = state.overview !== null;
    if (state === before || state.link !== before.link) linked.replaceChildren(...about(state.link, actions));
    say(trouble, state.trouble);
    say(note, state.note);
    say(offline, state.offline ? ` ${S.worksOffline}.` : "");
    stop.hidden = state.judging === 0;
    say(judging, state.judging ? `${S.judging}…` : "");
    beside.hidden = state.papers.length === 0;
    const more = add.parentElement;
    if (more) more.hidden = !beside.hidden;
    samples.hidden = !beside.hidden || state.slots.left !== null || state.slots.right !== null;
  });
  return element;
}
