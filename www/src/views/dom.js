// Elements from data. Text only ever becomes text nodes; there is no way to pass markup.
// @ts-check

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element. `on…` properties are listeners; `true` sets an empty attribute, `false` and null leave it out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string | number | boolean | null | undefined | ((event: any) => void)> | null} [properties]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Text that comes from an artifact: isolated, so that its direction changes nothing around it. @param {string} text @param {string} [name] */
export const foreign = (text, name) => h("bdi", { class: name ?? null, translate: "no" }, text);

/**
 * A name that may be cut in its middle, for its end says most.
 * @param {string} text @param {string} name
 */
export function ends(text, name) {
  let cut = Math.max(0, text.length - 12);
  // Not between the halves of one character.
  if (/[\udc00-\udfff]/.test(text[cut] ?? "")) cut++;
  return h(
    "bdi",
    { class: `${name} ends`, translate: "no" },
    cut > 8 && h("span", { class: "begin" }, text.slice(0, cut)),
    h("span", null, cut > 8 ? text.slice(cut) : text),
  );
}

/** The class of a cause's badge. @param {string} cause @param {boolean} explained */
export const badge = (cause, explained) =>
  `badge ${explained ? "explained" : "open"}${cause === "unexplained" ? " mute" : ""}`;

/** Our own prose, in which backticks set off names. @param {string} text @returns {Child[]} */
export const prose = (text) => text.split("`").map((part, at) => (at % 2 ? h("code", null, part) : part));

/** Words for screen readers only. @param {string} text */
export const spoken = (text) => h("span", { class: "spoken" }, text);

/** Sets an attribute, or removes it when null. @param {Element} element @param {string} name @param {string | number | null} value */
export function attribute(element, name, value) {
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, String(value));
}

/** Sets text only when it changed: live regions speak at every change. @param {Element} element @param {string} text */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
