// Files dropped anywhere on the page, and where they will go.
// @ts-check

/** @import { Actions, Side } from "../main.js" */
/** @import { Store } from "../state.js" */
import { S } from "../strings.js";
import { h } from "./dom.js";

const SIDES = /** @type {const} */ (["left", "right"]);

/** Files of a drop; a sentence instead, when it holds none. @param {DataTransfer} data */
function dropped(data) {
  for (const item of data.items) {
    const entry = item.webkitGetAsEntry?.();
    if (entry?.isDirectory) return S.folder(entry.name);
  }
  return data.files.length > 0 ? [...data.files] : S.noFile;
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
    const files = dropped(event.dataTransfer);
    if (typeof files === "string") store.set({ trouble: files });
    else actions.take(files, at);
  });
}
