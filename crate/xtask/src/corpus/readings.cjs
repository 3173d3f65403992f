// What the wasm build makes of files, as digests: the counterpart of tests/readings.rs, line by line.
"use strict";

const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { basename } = require("node:path");

// The engine reads a Blob by slices, and a slice by FileReaderSync; Node has no such reader.
class Slices {
  constructor(bytes) {
    this.bytes = bytes;
  }
  get size() {
    return this.bytes.length;
  }
  slice(start, end) {
    return new Slices(this.bytes.subarray(start, end));
  }
}
globalThis.Blob = Slices;
globalThis.FileReaderSync = class {
  readAsArrayBuffer(slice) {
    return Uint8Array.from(slice.bytes).buffer;
  }
};

const [, , module_, list] = process.argv;
let engine = require(module_);
const digest = (data) => createHash("sha256").update(data).digest("hex");

let before;
for (const path of readFileSync(list, "utf8").split("\n").filter(Boolean)) {
  const side = { name: basename(path), blob: new Slices(readFileSync(path)) };
  try {
    side.manifest = engine.read_artifact(side.blob, side.name, "{}", () => {});
    console.log(`${path}\t${digest(side.manifest)}`);
    if (before) {
      const judge = new engine.Judge(
        before.manifest, before.name, before.blob, side.manifest, side.name, side.blob, "{}",
      );
      console.log(`${path}\t${digest(judge.export("json", "none"))} compared`);
      judge.free();
    }
    before = side;
  } catch (error) {
    console.log(`${path}\tstopped: ${globalThis.lastPanic ?? error}`);
    // After a trap nothing of this instance can be trusted.
    delete require.cache[require.resolve(module_)];
    engine = require(module_);
    before = undefined;
  }
}
