// The report: choose what it is and what is withheld, read it first, then save it.
// @ts-check

/** @import { Outputs } from "../boundary.js" */
/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { S, visible } from "../strings.js";
import { copying } from "./copy.js";
import { foreign, h, say } from "./dom.js";

/** Bytes of a file that are shown: more than anyone reads in a preview. */
const SHOWN = 100_000;

/** On one line, with nothing hidden in it. @param {string} text */
const line = (text) => visible(text).replace(/\s/g, " ");

/** A code span of Markdown, in which nothing means anything: longer than any run of backticks inside. @param {string} text */
function codeSpan(text) {
  const runs = text.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(0, ...Array.from(runs, (run) => run.length)) + 1);
  const pad = /^[` ]|[` ]$/.test(text) && text.trim() ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** The reader's notes, to be copied. @param {Store} store */
function notes({ state: { notes, tree } }) {
  if (!notes.size || !tree) return [];
  const lines = [...notes].map(([key, note]) => {
    const [path, nth] = key.split("\n");
    return `- ${path ? codeSpan(line(path)) : S.rootName(tree.length === 1)}${nth ? ` (${nth})` : ""}: ${line(note)}\n`;
  });
  const label = S.marks.copy(notes.size);
  const about = h("span", { class: "quiet" }, S.marks.copyAbout);
  return [h("div", { class: "rules-bar" }, copying(lines.join(""), label, label), about)];
}

/** @param {Store} store @param {Actions} actions */
export function report(store, actions) {
  const formats = h("fieldset", { class: "formats" }, h("legend", null, S.reportFormat));
  const levels = h("select", { "aria-label": S.reportWithhold });
  const save = h("button", { class: "main" }, S.reportMaking);
  const copy = h("span", null);
  const said = h("p", { class: "said", role: "status" });
  const text = h("pre", { class: "preview", tabindex: "0", role: "region", "aria-label": S.reportPreview });
  const rest = h("p", { class: "quiet" });
  let turn = 0;
  /** @type {Outputs["formats"]} */
  let known = [];
  /** @type {Uint8Array | null} */
  let made = null;

  async function make() {
    const mine = ++turn;
    made = null;
    save.disabled = true;
    say(said, S.reportMaking);
    try {
      const bytes = await actions.exported();
      if (mine === turn && bytes) show(bytes);
    } catch (error) {
      if (mine !== turn) return;
      save.hidden = true;
      copy.replaceChildren();
      text.replaceChildren();
      say(rest, "");
      say(said, error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {Uint8Array} bytes */
  function show(bytes) {
    made = bytes;
    const head = new TextDecoder().decode(bytes.subarray(0, SHOWN));
    text.replaceChildren(foreign(visible(head)));
    text.scrollTop = 0;
    const more = bytes.length - SHOWN;
    say(rest, more > 0 ? S.reportCut(more) : "");
    save.hidden = save.disabled = false;
    save.textContent = S.reportSave(chosen()?.file ?? "", bytes.length);
    const markdown = store.state.report.format === "markdown" ? new TextDecoder().decode(bytes) : "";
    copy.replaceChildren(markdown && copying(markdown, S.reportCopy, S.reportCopy));
    say(said, "");
  }

  const chosen = () => known.find(({ id }) => id === store.state.report.format);

  save.addEventListener("click", () => {
    const output = chosen();
    if (made && output) actions.saveReport(made, output.media, output.file);
  });
  levels.addEventListener("change", () => {
    actions.chooseReport({ redaction: levels.value });
    make();
  });

  async function fill() {
    const { formats: outputs, redactions } = await actions.outputs();
    known = outputs;
    for (const { id, title, about } of outputs) {
      const radio = h("input", {
        type: "radio",
        name: "format",
        value: id,
        onchange: () => {
          actions.chooseReport({ format: id });
          make();
        },
      });
      radio.checked = id === store.state.report.format;
      formats.append(h("label", { title: about }, radio, h("b", null, title), h("span", { class: "quiet" }, about)));
    }
    levels.append(...redactions.map((id) => h("option", { value: id }, S.redactions[id] ?? id)));
    levels.value = store.state.report.redaction;
    await make();
  }
  fill();
  return [
    formats,
    h("label", { class: "withhold" }, S.reportWithhold, levels),
    h("div", { class: "rules-bar" }, save, copy, said),
    ...notes(store),
    h(
      "div",
      { class: "rules-bar" },
      copying(actions.link(), S.link.copy, S.link.copy),
      h("span", { class: "quiet" }, S.link.copyAbout),
    ),
    text,
    rest,
  ];
}
