// Starts the page: shows it, compiles the engine once, seals the page, and only then makes workers. The only place
// that fetches.
// @ts-check

import { Engine } from "./engine.js";
import { start } from "./main.js";

const GLUE = "twinspect-wasm.js";
const WASM = "twinspect-wasm_bg.wasm";

/** From here on the browser refuses every connection of this page and its workers; policies only add up. */
function seal() {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "connect-src 'none'";
  document.head.append(policy);
  // WebRTC is not bound by a content security policy.
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCDataChannel"]) {
    Reflect.deleteProperty(globalThis, name);
  }
}

/** @param {string} url */
async function text(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

async function boot() {
  const [glue, shim, module] = await Promise.all([
    text(GLUE),
    text(new URL("worker.js", import.meta.url).href),
    // Some static hosts serve .wasm under another type, which compileStreaming refuses.
    fetch(WASM).then(async (response) =>
      response.headers.get("content-type") === "application/wasm"
        ? WebAssembly.compileStreaming(response)
        : WebAssembly.compile(await response.arrayBuffer()),
    ),
  ]);
  const url = URL.createObjectURL(new Blob([glue, "\n", shim], { type: "text/javascript" }));
  /** @type {any} */
  const types = Reflect.get(globalThis, "trustedTypes");
  // The one policy: it makes the one script URL there is.
  const trusted = types
    ? types
        .createPolicy("app", {
          createScriptURL: (/** @type {string} */ given) => {
            if (given !== url) throw new TypeError("not the worker");
            return given;
          },
        })
        .createScriptURL(url)
    : url;
  seal();
  return new Engine(() => new Worker(trusted), module);
}

start(boot());
