// The engine as the page sees it: calls to workers. Cancel is to end the worker; a trap is treated the same.
// @ts-check

/** @import { Columns, LedgerPart, Outputs, Overview, Pass, Progress, Stabilized } from "./boundary.js" */
/** @import { Attestation, BytesShape, Detail, Row, RuleLine, Sides, TextWindow } from "./report.js" */

/** Thrown when the work was ended on request. */
export class Cancelled extends Error {}

/** Thrown when a worker died: what it was asked is lost, and it must be replaced. */
export class Trapped extends Error {}

/** @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void, progress?: (value: Progress) => void }} Pending */

/** One worker with its instance of the engine. */
class Instance {
  #worker;
  #next = 1;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  alive = true;

  /** @param {() => Worker} makeWorker @param {WebAssembly.Module} module */
  constructor(makeWorker, module) {
    this.#worker = makeWorker();
    this.#worker.onmessage = ({ data }) => this.#receive(data);
    this.#worker.onerror = (event) => this.#end(new Trapped(event.message || "The worker stopped."));
    this.#worker.postMessage({ module });
  }

  /**
   * @param {string} call
   * @param {unknown[]} args
   * @param {(value: Progress) => void} [progress]
   * @returns {Promise<any>}
   */
  call(call, args, progress) {
    return new Promise((resolve, reject) => {
      if (!this.alive) {
        reject(new Cancelled());
        return;
      }
      const id = this.#next++;
      this.#pending.set(id, { resolve, reject, progress });
      this.#worker.postMessage({ id, call, args });
    });
  }

  /** @param {any} data */
  #receive({ id, value, error, fatal, progress }) {
    const pending = this.#pending.get(id);
    if (progress) {
      pending?.progress?.(progress);
      return;
    }
    this.#pending.delete(id);
    if (error === undefined) {
      pending?.resolve(value);
    } else if (fatal) {
      pending?.reject(new Trapped(error));
      this.#end(new Trapped(error));
    } else {
      pending?.reject(new Error(error));
    }
  }

  /** @param {Error} reason */
  #end(reason) {
    this.alive = false;
    this.#worker.terminate();
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
  }

  end() {
    if (this.alive) this.#end(new Cancelled());
  }
}

/** What a judge is made of: kept, so that it can be made again after a trap. */
/** @typedef {{ manifest: Uint8Array, file: File }} Read */
/**
 * @typedef {{ profile: string, ecosystem?: string | null, disabled: string[], rules?: string,
 *   limits?: Record<string, number> }} Options
 */
/** Work that can be ended. @template T @typedef {{ answer: Promise<T>, cancel: () => void }} Work */
/** @typedef {{ overview: Overview, columns: Columns }} Judgement */

/** Both sides, judged: answers questions about them. */
export class Judge {
  #make;
  #sides;
  #options;
  /** @type {Instance | null} */
  #instance = null;

  /** @param {() => Instance} make @param {{ left: Read, right: Read }} sides @param {Options} options */
  constructor(make, sides, options) {
    this.#make = make;
    this.#sides = sides;
    this.#options = options;
  }

  /** @returns {Promise<Judgement>} */
  #start() {
    const { left, right } = this.#sides;
    this.#instance = this.#make();
    // The manifests are copied, not handed over: one side may be replaced, the other needs no second reading.
    return this.#instance.call("judge", [
      left.manifest,
      left.file.name,
      left.file,
      right.manifest,
      right.file.name,
      right.file,
      JSON.stringify(this.#options),
    ]);
  }

  /** @param {string} call @param {unknown[]} args */
  async #ask(call, ...args) {
    if (!this.#instance?.alive) await this.#start();
    return this.#instance?.call(call, args);
  }

  /** @param {Options} options @returns {Promise<Judgement>} */
  judge(options) {
    this.#options = options;
    return this.#instance?.alive ? this.#ask("options", JSON.stringify(options)) : this.#start();
  }

  /** The same judgement with the kinds of differences said. @returns {Promise<Judgement>} */
  explain() {
    return this.#ask("explain");
  }

  /** The bytes of one file to hand on. @param {string} format @param {string} redaction @returns {Promise<Uint8Array>} */
  export(format, redaction) {
    return this.#ask("export", format, redaction);
  }

  /** @param {number} statement @returns {Promise<Uint32Array>} */
  statementRows(statement) {
    return this.#ask("statementRows", statement);
  }

  /** @param {string} pass @param {number} first @param {number} count @returns {Promise<LedgerPart[]>} */
  ledger(pass, first, count) {
    return this.#ask("ledger", pass, first, count);
  }

  /** @param {number | undefined} row @param {boolean} stabilized @returns {Promise<{ row: Row, detail: Detail }>} */
  detail(row, stabilized) {
    return this.#ask("detail", row, stabilized);
  }

  /**
   * @param {number | undefined} row @param {boolean} stabilized
   * @param {number} left @param {number} leftCount @param {number} right @param {number} rightCount
   * @returns {Promise<TextWindow>}
   */
  text(row, stabilized, left, leftCount, right, rightCount) {
    return this.#ask("text", row, stabilized, left, leftCount, right, rightCount);
  }

  /** How the contents line up as bytes. @param {number | undefined} row @param {boolean} stabilized @returns {Promise<BytesShape>} */
  shape(row, stabilized) {
    return this.#ask("shape", row, stabilized);
  }

  /**
   * @param {number | undefined} row @param {boolean} stabilized @param {boolean} right
   * @param {number} offset @param {number} count @returns {Promise<Uint8Array>}
   */
  bytes(row, stabilized, right, offset, count) {
    return this.#ask("bytes", row, stabilized, right, offset, count);
  }

  end() {
    this.#instance?.end();
  }
}

export class Engine {
  #makeWorker;
  #module;
  /** Started while the user picks files, so that the first reading begins at once. @type {Instance} */
  #warm;
  /** For small questions without an artifact. @type {Instance | null} */
  #clerk = null;
  /** @type {Promise<Pass[]>} */
  passes;
  /** @type {Promise<Outputs>} */
  outputs;

  /** @param {() => Worker} makeWorker @param {WebAssembly.Module} module */
  constructor(makeWorker, module) {
    this.#makeWorker = makeWorker;
    this.#module = module;
    this.#warm = this.#make();
    this.passes = this.#warm.call("passes", []);
    this.outputs = this.#warm.call("outputs", []);
  }

  #make() {
    return new Instance(this.#makeWorker, this.#module);
  }

  #take() {
    const instance = this.#warm.alive ? this.#warm : this.#make();
    this.#warm = this.#make();
    return instance;
  }

  /**
   * Reads one side in a worker of its own, which ends with it: wasm memory never shrinks.
   * @param {File} file @param {Options} options @param {(value: Progress) => void} progress
   * @returns {{ manifest: Promise<Uint8Array>, cancel: () => void }}
   */
  read(file, options, progress) {
    const instance = this.#take();
    const manifest = instance.call("read", [file, file.name, JSON.stringify(options)], progress);
    const cancel = () => instance.end();
    manifest.then(cancel, cancel);
    return { manifest, cancel };
  }

  /** @param {string} call @param {unknown[]} args @returns {Promise<any>} */
  #small(call, ...args) {
    if (!this.#clerk?.alive) this.#clerk = this.#take();
    return this.#clerk.call(call, args);
  }

  /** Rules as they are understood; fails with a sentence. @param {string} text @returns {Promise<RuleLine[]>} */
  checkRules(text) {
    return this.#small("checkRules", text);
  }

  /** Whether a file is an attestation or a key. @param {File} file @returns {Promise<"attestation" | "key" | null>} */
  recognise(file) {
    return this.#small("recognise", file.name, file);
  }

  /** One question in a worker of its own, which ends with it. @param {string} call @param {unknown[]} args @returns {Work<any>} */
  #once(call, ...args) {
    const instance = this.#take();
    const answer = instance.call(call, args);
    const cancel = () => instance.end();
    answer.then(cancel, cancel);
    return { answer, cancel };
  }

  /** The digest of the stabilized archive. @param {Read} read @param {Options} options @returns {Work<Stabilized>} */
  stabilized({ manifest, file }, options) {
    return this.#once("stabilized", manifest, file.name, file, JSON.stringify(options));
  }

  /** The stabilized archive itself. @param {Read} read @param {Options} options @returns {Work<Blob>} */
  archive({ manifest, file }, options) {
    return this.#once("archive", manifest, file.name, file, JSON.stringify(options));
  }

  /**
   * Which claims of the documents hold, for whichever sides there are.
   * @param {File[]} documents @param {File[]} keys @param {Sides<Read | null>} sides @returns {Work<Attestation[]>}
   */
  attest(documents, keys, { left, right }) {
    const side = (/** @type {Read | null} */ read) => read && [read.manifest, read.file.name, read.file];
    return this.#once("attest", documents, keys, side(left), side(right));
  }

  /** @param {{ left: Read, right: Read }} sides @param {Options} options */
  judge(sides, options) {
    return new Judge(() => this.#take(), sides, options);
  }
}
