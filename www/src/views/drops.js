// Files dropped anywhere on the page, and where they will go.
// @ts-check

import { sentence } from "../actions/trouble.js";
import { MOST_FILES } from "../folder.js";
/** @import { Actions, Side } from "../main.js" */
/** @import { Store } from "../state.js" */
import { SIDES } from "../state.js";
import { S } from "../strings.js";
import { h } from "./dom.js";

/** @typedef {import("../folder.js").Member} Member */

/**
 * The files in a folder and below, no more than are taken and one.
 * @param {FileSystemDirectoryEntry} folder @param {(files: number) => void} progress @returns {Promise<Member[]>}
 */
async function membersOf(folder, progress) {
  /** @type {Member[]} */
  const members = [];
  const folders = [folder];
  for (let next = folders.pop(); next && members.length <= MOST_FILES; next = folders.pop()) {
    const reader = next.createReader();
    for (;;) {
      /** @type {FileSystemEntry[]} */
      const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (part.length === 0 || members.length > MOST_FILES) break;
      const files = /** @type {FileSystemFileEntry[]} */ (part.filter((entry) => entry.isFile));
      folders.push(.../** @type {FileSystemDirectoryEntry[]} */ (part.filter((entry) => entry.isDirectory)));
      const found = await Promise.all(
        files.map(async (entry) => {
          /** @type {File} */
          const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
          return { path: entry.fullPath.slice(folder.fullPath.length + 1), file };
        }),
      );
      members.push(...found);
      progress(members.length);
    }
  }
  return members;
}

/** What a drop or a paste holds, asked for at once: later it is gone. @param {DataTransfer} data */
function held(data) {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry?.isDirectory);
  const folders = /** @type {FileSystemDirectoryEntry[]} */ (entries);
  const names = new Set(folders.map(({ name }) => name));
  // A folder stands among the files, too, and cannot be read as one.
  return { folders, files: [...data.files].filter(({ name }) => !names.has(name)) };
}

/** @param {Store} store @param {Actions} actions */
export function watchDrops(store, actions) {
  const label = h("p", null);
  const zones = SIDES.map((side) =>
    h("div", { class: "zone", "data-side": side }, h("b", { class: "letter" }, S.sides[side]), S.dropOn[side]),
  );
  const over = h("div", { class: "drop", hidden: true }, label, ...zones);
  document.body.append(over);
  let depth = 0;
  /** @param {DragEvent} event @returns {Side | null} */
  const side = (event) => {
    const { slots } = store.state;
    if (slots.left && slots.right) return event.clientX < innerWidth / 2 ? "left" : "right";
    const target = event.target instanceof Element ? event.target.closest("[data-side]") : null;
    const named = target instanceof HTMLElement ? target.dataset.side : undefined;
    return named === "left" || named === "right" ? named : null;
  };
  const mark = (/** @type {DragEvent | null} */ event) => {
    const { slots } = store.state;
    over.hidden = event === null;
    over.classList.toggle("full", slots.left !== null && slots.right !== null);
    label.textContent = slots.left && slots.right ? "" : S.dropOver;
    const at = event ? side(event) : null;
    for (const zone of zones) zone.classList.toggle("over", zone.dataset.side === at);
    document.documentElement.dataset.over = event ? (at ?? (slots.left ? "right" : "left")) : "";
  };
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth++;
    mark(event);
  });
  addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    mark(event);
  });
  addEventListener("dragleave", (event) => {
    if (carries(event) && --depth <= 0) {
      depth = 0;
      mark(null);
    }
  });
  addEventListener("drop", (event) => {
    if (!event.dataTransfer) return;
    event.preventDefault();
    const at = side(event);
    depth = 0;
    mark(null);
    if (store.state.dialog) actions.dialog(null);
    take(event.dataTransfer, at);
  });
  addEventListener("paste", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input, textarea, [contenteditable]") || !event.clipboardData || store.state.dialog) return;
    const text = event.clipboardData.getData("text/plain");
    const { folders, files } = held(event.clipboardData);
    if (folders.length + files.length) take(event.clipboardData, null);
    else if (text) actions.take([new File([text], "pasted.txt", { type: "text/plain" })], null, S.pasted);
    else return;
    event.preventDefault();
  });

  /** Takes files as they are, and every folder as one artifact. @param {DataTransfer} data @param {Side | null} at */
  async function take(data, at) {
    const { folders, files } = held(data);
    if (!folders.length && !files.length) store.set({ trouble: S.noFile });
    /** @type {string[]} */
    const notes = [];
    for (const folder of folders) {
      try {
        const looking = (/** @type {number} */ n) => store.set({ note: S.folder.looking(folder.name, n), trouble: "" });
        const made = actions.pack(folder.name, await membersOf(folder, looking));
        if (!made) return;
        files.push(made.file);
        notes.push(made.note);
      } catch (error) {
        store.set({ note: "", trouble: S.folder.failed(folder.name, sentence(error)) });
        return;
      }
    }
    actions.take(files, at, notes.join(" "));
  }
}
