// Starts the hosted page: shows it, compiles the engine once, seals the page, and only then makes workers. The only
// place that fetches.
// @ts-check

import { start } from "./main.js";
import { Copies, shared } from "./offline.js";
import { sealed } from "./seal.js";

const GLUE = "twinspect-wasm.js";
const WASM = "twinspect-wasm_bg.wasm";
const SHIM = new URL("worker.js", import.meta.url).href;

/** What the page consists of besides, as its document names it. */
const named = () => [
  "./",
  import.meta.url,
  ...[...document.querySelectorAll("link[href]")].map((link) => link.getAttribute("href") ?? ""),
];

/** @param {Copies} copies */
async function parts(copies) {
  const get = async (/** @type {string} */ url, /** @type {RequestCache} */ cache = "default") => {
    const response = await fetch(url, { cache });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    copies.keep(url, response.clone());
    return response;
  };
  const [glue, shim, module] = await Promise.all([
    get(GLUE).then((response) => response.text()),
    get(SHIM).then((response) => response.text()),
    // Some static hosts serve .wasm under another type, which compileStreaming refuses.
    get(WASM).then(async (response) =>
      response.headers.get("content-type") === "application/wasm"
        ? WebAssembly.compileStreaming(response)
        : WebAssembly.compile(await response.arrayBuffer()),
    ),
    // What the browser has just loaded, once more and from its memory: after the seal nothing can be asked for.
    copies.wanted ? Promise.allSettled(named().map((url) => !url.startsWith("data:") && get(url, "force-cache"))) : [],
  ]);
  return { glue, shim, module };
}

async function boot() {
  const copies = await Copies.open();
  const got = await parts(copies);
  const registration = await copies.register();
  const engine = sealed(got);
  return { engine, registration };
}

const booting = boot();
const { store, actions } = start(booting.then(({ engine }) => engine));
booting.then(({ registration }) => registration?.watch(store)).catch(() => {});
// Files that the system opens with the installed page, or that were shared with it.
Reflect.get(globalThis, "launchQueue")?.setConsumer(async (/** @type {any} */ { files }) => {
  const handles = /** @type {FileSystemFileHandle[]} */ (files ?? []);
  if (handles.length > 0) actions.take(await Promise.all(handles.map((handle) => handle.getFile())));
});
shared().then((files) => files.length > 0 && actions.take(files));
