// Files from the browser's own dialog, and files for it.
// @ts-check

import { h } from "./dom.js";

/** @param {(files: File[]) => void} take */
export function pick(take) {
  const input = h("input", { type: "file", multiple: true });
  input.addEventListener("change", () => take([...(input.files ?? [])]));
  input.click();
}

/** @param {string} text @param {string} type @param {string} name */
export function save(text, type, name) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
