// Two pictures: beside each other, one swiped over the other, or what differs of them. The browser decodes them as images
// and as nothing else: no script in an SVG runs there.
// @ts-check

/** @import { Actions } from "../main.js" */
/** @import { Store } from "../state.js" */
import { SIDES } from "../state.js";
import { count, S, size } from "../strings.js";
import { h, say } from "./dom.js";

/** Width and height of what is compared point by point, at most. */
const MOST = 4096;
/** @typedef {"side" | "swipe" | "difference"} Mode */

/** @param {Store} store @param {Actions} _actions */
export function image(store, _actions) {
  /** @type {Mode} */
  let mode = "side";
  /** @type {string[]} */
  let urls = [];
  /** What was decoded. @type {HTMLImageElement[]} */
  let decoded = [];
  const modes = /** @type {Mode[]} */ (["side", "swipe", "difference"]).map((name) => ({
    name,
    button: h("button", { onclick: () => choose(name) }, S.image[name]),
  }));
  const bar = h(
    "span",
    { class: "choice", role: "group", "aria-label": S.image.modes },
    ...modes.map((each) => each.button),
  );
  const slider = h("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": S.image.swipe });
  slider.addEventListener("input", () => stage.style.setProperty("--cut", `${slider.value}%`));
  const words = h("p", { class: "quiet", role: "status" });
  const stage = h("div", { class: "stage", tabindex: "0" });
  const element = h("div", { class: "image" }, h("div", { class: "bar" }, bar, slider, words), stage);

  /** @param {Mode} next */
  function choose(next) {
    mode = next;
    draw();
  }

  /** One picture and what it is. @param {"left" | "right"} side @param {boolean} both */
  function figure(side, both) {
    const picture = store.state.shown?.pictures?.[side];
    if (!picture) return h("figure", null, h("figcaption", null, both ? `${S.sides[side]} ` : "", S.image.none));
    const { blob, type, large } = picture;
    const name = type
      .slice(6)
      .replace(/^x-|\+xml$/g, "")
      .toUpperCase();
    const about = h("figcaption", null, `${both ? `${S.sides[side]}  ` : ""}${name}`);
    if (!blob) {
      about.append(`. ${large ? S.image.large : S.image.none}`);
      return h("figure", null, about);
    }
    const url = URL.createObjectURL(blob);
    urls.push(url);
    const img = h("img", { src: url, alt: S.image.alt(S.sides[side]) });
    const svg = type.includes("svg") ? `. ${S.image.svg}` : "";
    img.addEventListener("load", () => {
      const { naturalWidth: wide, naturalHeight: high } = img;
      about.append(`, ${count(wide)} × ${count(high)}, ${size(blob.size)}${svg}`);
      decoded.push(img);
      if (mode === "difference") difference();
    });
    img.addEventListener("error", () => {
      about.append(`, ${size(blob.size)}. ${S.image.broken}`);
      img.remove();
    });
    return h("figure", { class: side }, img, about);
  }

  /** Black where both have the same point. */
  function difference() {
    const [one, other] = decoded;
    if (!one || !other) return;
    const wide = Math.max(one.naturalWidth, other.naturalWidth);
    const high = Math.max(one.naturalHeight, other.naturalHeight);
    const scale = Math.min(1, MOST / Math.max(wide, high, 1));
    const canvas = h("canvas", {
      width: Math.max(1, Math.round(wide * scale)),
      height: Math.max(1, Math.round(high * scale)),
      role: "img",
      "aria-label": S.image.difference,
    });
    const on = canvas.getContext("2d", { willReadFrequently: true });
    if (!on) return;
    for (const img of [one, other]) {
      on.drawImage(img, 0, 0, img.naturalWidth * scale, img.naturalHeight * scale);
      on.globalCompositeOperation = "difference";
    }
    let points = -1;
    try {
      const { data } = on.getImageData(0, 0, canvas.width, canvas.height);
      points = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at] || data[at + 1] || data[at + 2]) points++;
    } catch {
      // A browser may refuse to say what it drew of an SVG.
    }
    say(words, points < 0 ? "" : S.image.points(points, scale < 1));
    stage.append(canvas);
  }

  function draw() {
    for (const url of urls) URL.revokeObjectURL(url);
    urls = [];
    decoded = [];
    say(words, "");
    const { pictures } = store.state.shown ?? {};
    const both = Boolean(pictures?.left?.blob && pictures.right?.blob);
    if (!both) mode = "side";
    bar.hidden = !both;
    slider.hidden = mode !== "swipe";
    for (const { name, button } of modes) button.setAttribute("aria-pressed", String(name === mode));
    stage.className = `stage ${mode}`;
    const sides = SIDES.filter((side) => pictures?.[side] || !store.state.shown?.oneSided);
    stage.replaceChildren(...(pictures ? sides.map((side) => figure(side, sides.length > 1)) : []));
  }

  store.watch((state, before) => {
    if (state.shown?.pictures !== before.shown?.pictures) draw();
  });
  return element;
}
