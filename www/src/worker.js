// The text of every worker, after the wasm-bindgen glue (`wasm_bindgen` is its global). A classic script: boot.js joins
// both into a blob, so that the worker inherits the page's policy. Here wasm runs, and nowhere else.
//
// In: {module}, then {id, call, args}. Out: {id, value} or {id, error, fatal}, and {id, progress} on the way. `fatal` says
// why this instance must not be used again and where it was; it is null for an error that is a sentence of the engine.
// {id, blind} asks for the same again with bytes for files.

/* global wasm_bindgen */
{
  /** @type {any} */
  const scope = self;
  /** @type {any} */
  let judge = null;
  /** How often progress is posted at most, in ms. */
  const EVERY = 50;
  /**
   * The entry at work, for whoever asks after a trap: then the engine cannot be asked any more.
   * @type {{ phase?: string, node?: number, path?: string, side?: string, base?: number, offset?: number }}
   */
  let at = {};
  const opened = (/** @type {string} */ side, /** @type {number} */ base, /** @type {number} */ offset) => {
    at = { side, base, offset };
  };

  /** Stands for a file that cannot be read here: the page has read it. */
  class Held {
    /** @param {Uint8Array} bytes @param {string} [name] */
    constructor(bytes, name) {
      this.bytes = bytes;
      this.size = bytes.length;
      this.name = name;
    }
    /** @param {number} start @param {number} end */
    slice(start, end) {
      return new Held(this.bytes.subarray(start, end));
    }
  }
  /** WebKit's workers read no file, not even their own, when the page was opened from disk. */
  let blind = false;
  try {
    new scope.FileReaderSync().readAsArrayBuffer(new Blob([" "]));
  } catch {
    blind = true;
    scope.FileReaderSync = class {
      readAsArrayBuffer(/** @type {Held} */ { bytes }) {
        return bytes.slice().buffer;
      }
    };
  }
  const files = (/** @type {any} */ value) => value instanceof Blob || (Array.isArray(value) && value.some(files));
  /** @type {(value: any) => any} */
  const unheld = (value) =>
    value?.held ? new Held(new Uint8Array(value.held), value.name) : Array.isArray(value) ? value.map(unheld) : value;

  /** @param {Blob} file */
  const bytesOf = (file) => new Uint8Array(new scope.FileReaderSync().readAsArrayBuffer(file));

  /**
   * What browsers decode as an image, by parts of its first bytes; as nothing else is it shown.
   * @type {[string, ...[number, string][]][]}
   */
  const IMAGES = [
    ["image/png", [0, "\x89PNG\r\n"]],
    ["image/jpeg", [0, "\xff\xd8\xff"]],
    ["image/gif", [0, "GIF8"], [5, "a"]],
    ["image/webp", [0, "RIFF"], [8, "WEBP"]],
    ["image/bmp", [0, "BM"], [15, "\0\0\0"]],
    ["image/x-icon", [0, "\0\0\x01\0"], [5, "\0"]],
    ["image/avif", [4, "ftypavif"]],
    ["image/avif", [4, "ftypavis"]],
  ];
  const SVG = /^(\xef\xbb\xbf)?\s*<(svg[\s>]|(\?xml|!--|!DOCTYPE svg)[\s\S]*<svg[\s>])/;
  const imageOf = (
    /** @type {number | undefined} */ row,
    /** @type {boolean} */ stabilized,
    /** @type {boolean} */ right,
  ) => {
    const head = String.fromCharCode(...judge.bytes_window(row, stabilized, right, 0, 1024));
    const found = IMAGES.find(([, ...parts]) => parts.every(([at, part]) => head.startsWith(part, at)));
    return found?.[0] ?? (SVG.test(head) ? "image/svg+xml" : null);
  };

  /** @type {Record<string, (id: number, ...args: any[]) => any>} */
  const calls = {
    passes: () => JSON.parse(wasm_bindgen.passes()),
    limits: () => JSON.parse(wasm_bindgen.limits()),
    entryAt: (_id, manifest, name, file, base, offset) =>
      JSON.parse(new wasm_bindgen.Package(manifest, name, file).entry_at(base, offset)),
    read(id, /** @type {Blob} */ blob, /** @type {string} */ name, /** @type {string} */ options) {
      let last = -EVERY;
      return wasm_bindgen.read_artifact(blob, name, options, (/** @type {unknown[]} */ ...values) => {
        const [phase, bytes, total, decoded, entries, levels, node, path] = /** @type {any[]} */ (values);
        at = { phase, node, path };
        const now = performance.now();
        if (now - last < EVERY) return;
        last = now;
        scope.postMessage({ id, progress: { phase, bytes, total, decoded, entries, levels, node, path } });
      });
    },
    judge(_id, left, leftName, leftBlob, right, rightName, rightBlob, options) {
      judge = new wasm_bindgen.Judge(left, leftName, leftBlob, right, rightName, rightBlob, options);
      return calls.judgement(0);
    },
    options(_id, options) {
      judge.set_options(options);
      return calls.judgement(0);
    },
    explain() {
      judge.explain();
      return calls.judgement(0);
    },
    judgement: () => ({ overview: JSON.parse(judge.overview()), columns: judge.tree() }),
    outputs: () => JSON.parse(wasm_bindgen.outputs()),
    export: (_id, format, redaction) => judge.export(format, redaction),
    checkRules: (_id, text) => JSON.parse(wasm_bindgen.check_rules(text)),
    digest: (_id, manifest) => wasm_bindgen.digest(manifest),
    recognise: (_id, name, file) =>
      wasm_bindgen.recognise(name, bytesOf(file.slice(0, wasm_bindgen.head_bytes()))) ?? null,
    stabilized(_id, manifest, name, file, options) {
      return JSON.parse(new wasm_bindgen.Package(manifest, name, file).stabilized(options));
    },
    archive(_id, manifest, name, file, options) {
      // Every part is handed to the browser as it comes, which may keep it on disk.
      /** @type {Blob[]} */
      const parts = [];
      new wasm_bindgen.Package(manifest, name, file).stabilized_archive(options, (/** @type {Uint8Array} */ chunk) => {
        parts.push(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (chunk)]));
      });
      return new Blob(parts, { type: "application/octet-stream" });
    },
    attest(_id, documents, keys, left, right) {
      const named = (/** @type {File[]} */ files) =>
        files.map((file) => [file.name, bytesOf(file.slice(0, wasm_bindgen.document_bytes()))]);
      const side = (/** @type {any[] | null} */ read) => (read ? new wasm_bindgen.Package(...read) : undefined);
      return JSON.parse(wasm_bindgen.attest(named(documents), named(keys), side(left), side(right)));
    },
    statementRows: (_id, statement) => judge.statement_rows(statement),
    ledger: (_id, pass, first, count) => judge.ledger(pass, first, count),
    detail(_id, row, form) {
      const stabilized = (form & 1) === 1;
      return {
        row: judge.row(row),
        detail: judge.detail(row, form),
        images: { left: imageOf(row, stabilized, false), right: imageOf(row, stabilized, true) },
        hasStructure: judge.has_structure(row, stabilized),
      };
    },
    structure: (_id, row, stabilized) => judge.structure(row, stabilized),
    structureText: (_id, ...range) => judge.structure_window(...range),
    text: (_id, row, form, left, leftCount, right, rightCount) =>
      judge.text_window(row, form, left, leftCount, right, rightCount),
    search: (_id, text, regex, ignoreCase) => judge.search(text, regex, ignoreCase),
    searchStep: (_id, bytes) => JSON.parse(judge.search_step(bytes)),
    searchReport: (_id, why) => JSON.parse(judge.search_report(why)),
    lineAt: (_id, row, right, offset) => judge.line_at(row, right, offset),
    shape: (_id, row, stabilized) => judge.bytes(row, stabilized),
    bytes: (_id, row, stabilized, right, offset, count) => judge.bytes_window(row, stabilized, right, offset, count),
  };

  /** Buffers of an answer that can be handed over instead of copied. */
  const buffers = (/** @type {any} */ value) => {
    /** @type {Set<ArrayBuffer>} */
    const found = new Set();
    for (const part of [value, ...Object.values(value?.columns ?? {})]) {
      if (ArrayBuffer.isView(part)) found.add(/** @type {ArrayBuffer} */ (part.buffer));
    }
    return [...found];
  };

  /**
   * Why the instance is lost: `memory`, `stack` or `defect`; null if it is not.
   * @param {any} error
   */
  const loss = (error) => {
    if (error instanceof RangeError || error?.name === "InternalError") {
      return /stack|recursion/i.test(error.message) ? "stack" : "memory";
    }
    if (!(error instanceof WebAssembly.RuntimeError)) return null;
    // The engine has no unsafe code: only a stack that ran into its end touches memory that is not there.
    if (/out of bounds/i.test(error.message)) return "stack";
    // A panic leaves its words; what ends without words is a request for memory that was refused.
    return scope.lastPanic === undefined ? "memory" : "defect";
  };

  const serve = (/** @type {MessageEvent} */ { data: { id, call, args } }) => {
    at = {};
    if (blind && files(args)) {
      scope.postMessage({ id, blind });
      return;
    }
    try {
      const value = calls[call]?.(id, ...(blind ? unheld(args) : args));
      scope.postMessage({ id, value }, buffers(value));
    } catch (error) {
      const why = loss(error);
      const message = why ? (scope.lastPanic ?? String(error)) : error instanceof Error ? error.message : String(error);
      scope.postMessage({ id, error: message, fatal: why && { why, at } });
    }
  };

  // Messages sent before the engine has started wait in the queue: nothing here runs between the two handlers.
  /** @type {MessageEvent[]} */
  const early = [];
  scope.onmessage = async (/** @type {MessageEvent} */ event) => {
    if (!event.data.module) {
      early.push(event);
      return;
    }
    try {
      await wasm_bindgen({ module_or_path: event.data.module });
      // What only reads opens nothing by itself.
      wasm_bindgen.watch?.(opened);
      scope.onmessage = serve;
      for (const event of early) serve(event);
    } catch (error) {
      scope.postMessage({ id: 0, error: String(error), fatal: { why: loss(error) ?? "defect", at } });
    }
  };
}
