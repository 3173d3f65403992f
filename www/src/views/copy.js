// Buttons that copy a text.
// @ts-check

import { S } from "../strings.js";
import { h, spoken } from "./dom.js";

/** How long a button says that it copied, in ms. */
const SAID = 1500;

/** Copies a text, if the browser lets us. @param {string} text */
export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page opened from disk has no clipboard of its own.
    const area = h("textarea", { class: "spoken", "aria-hidden": "true" });
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/**
 * A button that shows something and copies a text.
 * @param {string} text @param {string} label Its name; empty where what it shows is one. @param {import("./dom.js").Child[]} children What it shows.
 */
export function copying(text, label, ...children) {
  const said = h("span", { class: "said", role: "status" });
  let timer = 0;
  const button = h(
    "button",
    {
      class: "copying",
      "aria-label": label || null,
      title: label || S.copyDigest(text),
      async onclick() {
        said.replaceChildren((await copied(text)) ? S.copied : S.notCopied);
        button.focus();
        clearTimeout(timer);
        timer = window.setTimeout(() => said.replaceChildren(), SAID);
      },
    },
    ...children,
  );
  return h("span", { class: "copy" }, button, said);
}

/** A digest: its beginning on screen, all of it for the clipboard. @param {string} hex @param {number} [letters] */
export const digest = (hex, letters = 12) =>
  copying(
    hex,
    "",
    spoken(`${S.copySha} `),
    h("code", null, hex.slice(0, letters)),
    spoken(hex.slice(letters)),
    h("span", { "aria-hidden": "true" }, "…"),
  );
