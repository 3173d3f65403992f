// The bar between list and pane.
// @ts-check

import { S } from "../strings.js";
import { h } from "./dom.js";

/** @param {HTMLElement} work */
export function splitter(work) {
  const bar = h("div", {
    class: "splitter",
    role: "separator",
    tabindex: "0",
    "aria-orientation": "vertical",
    "aria-label": S.splitter,
    "aria-valuemin": 15,
    "aria-valuemax": 75,
    "aria-valuenow": 36,
  });
  const move = (/** @type {number} */ percent) => {
    const value = Math.max(15, Math.min(75, percent));
    work.style.setProperty("--list", `${value}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(value)));
  };
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  bar.addEventListener("pointermove", (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const { left, width } = work.getBoundingClientRect();
    move((100 * (event.clientX - left)) / width);
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (!step) return;
    move(Number(bar.getAttribute("aria-valuenow")) + step);
    event.preventDefault();
  });
  return bar;
}
