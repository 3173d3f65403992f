// Seals the page, and only then makes workers: one place for the hosted page and for the single file.
// @ts-check

import { Engine } from "./engine.js";

/** @typedef {{ glue: string, module: WebAssembly.Module }} Module A module of the engine and its glue. */
/** @typedef {{ shim: string, reading: Module, whole: Promise<Module> }} Parts What the engine is made of. */

/** From here on the browser refuses every connection of this page and its workers; policies only add up. */
function close() {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "connect-src 'none'";
  document.head.append(policy);
  // WebRTC is not bound by a content security policy.
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel"]) {
    Reflect.deleteProperty(globalThis, name);
  }
}

/** The scripts that may be started besides the page's own: its service worker, and what workers are made of. */
const scripts = new Set([new URL("sw.js", location.href).href]);
/** @type {any} The one policy of the page; `undefined` where the browser has none. */
const policy = Reflect.get(globalThis, "trustedTypes")?.createPolicy("app", {
  createScriptURL(/** @type {string} */ url) {
    if (!scripts.has(url)) throw new TypeError("not a script of this page");
    return url;
  },
});

/** An address that the browser takes for a script's. @param {string} url @returns {string} */
export const trusted = (url) => policy?.createScriptURL(url) ?? url;

/** The engine behind the seal. @param {Parts} parts */
export function sealed({ shim, reading, whole }) {
  const part = (/** @type {Module} */ { glue, module }) => {
    const url = URL.createObjectURL(new Blob([glue, "\n", shim], { type: "text/javascript" }));
    scripts.add(url);
    const script = trusted(url);
    return { makeWorker: () => new Worker(script), module };
  };
  close();
  return new Engine(part(reading), whole.then(part));
}
