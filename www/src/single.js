// Starts the page that is one file: its parts lie in the document, so it never connects to anything.
// @ts-check

import { start } from "./main.js";
import { sealed } from "./seal.js";

/** A part of the document, unpacked. @param {string} id */
function part(id) {
  const text = atob(document.getElementById(id)?.textContent ?? "");
  const bytes = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

async function boot() {
  const [glue, shim, module] = await Promise.all([
    part("glue").text(),
    part("shim").text(),
    part("engine")
      .arrayBuffer()
      .then((bytes) => WebAssembly.compile(bytes)),
  ]);
  // All of it is here at once: the whole engine reads as well.
  const whole = { glue, module };
  return sealed({ shim, reading: whole, whole: Promise.resolve(whole) });
}

start(boot(), import("./views/result.js"));
