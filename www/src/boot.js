// Starts the hosted page: shows it, compiles what reads, seals the page, and only then makes workers. The only place that
// fetches. The whole engine is asked for before the seal and arrives behind it: an answer that has begun still comes
// through, and nothing can be asked for any more.
// @ts-check

import { sentence } from "./actions/trouble.js";
import { start } from "./main.js";
import { Copies, shared } from "./offline.js";
import { sealed } from "./seal.js";
import { S } from "./strings.js";

/** The two modules of the engine, by the name of their files. */
const READING = "twinspect-reading";
const WHOLE = "twinspect-wasm";
const SHIM = new URL("worker.js", import.meta.url).href;

/** What the page consists of besides, as its document names it. */
const named = () => [
  "./",
  import.meta.url,
  ...[...document.querySelectorAll("link[href]")].map((link) => link.getAttribute("href") ?? ""),
];

/** What shows a result: loaded beside the engine. */
const viewing = import("./views/result.js");

/** @param {Copies} copies */
async function parts(copies) {
  const get = async (/** @type {string} */ url, /** @type {RequestInit} */ how = {}) => {
    const response = await fetch(url, how);
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    copies.keep(url, response.clone());
    return response;
  };
  /** Begins to load a module and its glue; what comes with the answers of the host. @param {string} name */
  const begin = async (name) => {
    const [glue, wasm] = await Promise.all([get(`${name}.js`), get(`${name}_bg.wasm`)]);
    return async () => {
      // Some static hosts serve .wasm under another type, which compileStreaming refuses.
      const typed = wasm.headers.get("content-type") === "application/wasm";
      const module = typed ? WebAssembly.compileStreaming(wasm) : WebAssembly.compile(await wasm.arrayBuffer());
      return { glue: await glue.text(), module: await module };
    };
  };
  const [shim, reading] = await Promise.all([
    get(SHIM).then((response) => response.text()),
    begin(READING).then((finish) => finish()),
  ]);
  const [whole] = await Promise.all([
    begin(WHOLE),
    viewing,
    // What the browser has just loaded, once more and from its memory: after the seal nothing can be asked for.
    copies.wanted &&
      Promise.allSettled(named().map((url) => !url.startsWith("data:") && get(url, { cache: "force-cache" }))),
  ]);
  const late = whole().catch((error) => {
    throw new Error(S.noEngine(sentence(error)));
  });
  return { shim, reading, whole: late };
}

async function boot() {
  const copies = await Copies.open();
  const got = await parts(copies);
  // The service worker waits for the copies that are still being made.
  const registration = await copies.register();
  const engine = sealed(got);
  return { engine, registration };
}

const booting = boot();
const { store, actions } = start(
  booting.then(({ engine }) => engine),
  viewing,
);
booting.then(({ registration }) => registration?.watch(store)).catch(() => {});
// Files that the system opens with the installed page, or that were shared with it.
Reflect.get(globalThis, "launchQueue")?.setConsumer(async (/** @type {any} */ { files }) => {
  const handles = /** @type {FileSystemFileHandle[]} */ (files ?? []);
  if (handles.length > 0) actions.take(await Promise.all(handles.map((handle) => handle.getFile())));
});
shared().then((files) => files.length > 0 && actions.take(files));
