// Files from the browser's own dialog, and files for it.
// @ts-check

import { h } from "./dom.js";

/** Whether whole folders can be chosen. */
export const folders = "webkitdirectory" in HTMLInputElement.prototype;

/** @param {(files: File[]) => void} take @param {boolean} [folder] All files of one folder. */
export function pick(take, folder = false) {
  const input = h("input", { type: "file", multiple: true, webkitdirectory: folder });
  input.addEventListener("change", () => take([...(input.files ?? [])]));
  input.click();
}

/** @param {string | Blob} content @param {string} type @param {string} name */
export function save(content, type, name) {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
