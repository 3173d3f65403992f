// The engine as the page sees it: calls to workers. Cancel is to end the worker; a trap is treated the same.
// @ts-check

/** @import { Columns, EntryAt, LedgerPart, Limit, Outputs, Overview, Pass, Progress, SearchProgress, Stabilized } from "./boundary.js" */
/** @import { Attestation, BytesShape, Detail, Row, RuleLine, SearchReport, Sides, TextShape, TextWindow } from "./report.js" */

/** Thrown when the work was ended on request. */
export class Cancelled extends Error {}

/**
 * Why a worker was lost: no memory, no stack, a defect of the engine, or no answer in the time there was.
 * @typedef {"memory" | "stack" | "defect" | "time"} Loss
 */
/**
 * Where it was: an entry by its number and path while a side is read, else by where its content begins.
 * @typedef {object} Place
 * @property {string} [phase]
 * @property {number} [node]
 * @property {string} [path]
 * @property {"left" | "right"} [side]
 * @property {number} [base]
 * @property {number} [offset]
 */

/** Thrown when a worker was lost: what it was asked is lost, and it is replaced. */
export class Trapped extends Error {
  /** @param {string} message @param {Loss} why @param {Place} at */
  constructor(message, why, at) {
    super(message);
    this.why = why;
    this.at = at;
  }
}

/**
 * @typedef {{ resolve: (value: any) => void, reject: (error: Error) => void, progress?: (value: Progress) => void,
 *   call: string, args: unknown[] }} Pending
 */

/** The same arguments with bytes for files, for a worker that cannot read files. @param {unknown} value @returns {Promise<any>} */
async function held(value) {
  if (value instanceof Blob) return { name: Reflect.get(value, "name"), held: await value.arrayBuffer() };
  return Array.isArray(value) ? Promise.all(value.map(held)) : value;
}

/** What workers are made of. @typedef {{ makeWorker: () => Worker, module: WebAssembly.Module }} Part */

/** One worker with its instance of the engine. */
class Instance {
  /** @type {Promise<Worker | null>} Null when it was ended before it began. */
  #worker;
  #next = 1;
  /** @type {Map<number, Pending>} */
  #pending = new Map();
  /** The last that was heard of it. @type {Place} */
  #at = {};
  alive = true;

  /** @param {Part | Promise<Part>} part */
  constructor(part) {
    this.#worker = this.#start(part);
    this.#worker.catch((error) => this.#end(error));
  }

  /** @param {Part | Promise<Part>} part */
  async #start(part) {
    const { makeWorker, module } = await part;
    if (!this.alive) return null;
    const worker = makeWorker();
    worker.onmessage = ({ data }) => this.#receive(data);
    const lost = (/** @type {string} */ message) => this.#end(new Trapped(message, "defect", this.#at));
    worker.onerror = (event) => lost(event.message || "The worker stopped.");
    worker.onmessageerror = () => lost("The worker's answer could not be received.");
    worker.postMessage({ module });
    return worker;
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
      this.#pending.set(id, { resolve, reject, progress, call, args });
      this.#post({ id, call, args });
    });
  }

  /** @param {unknown} message */
  #post(message) {
    this.#worker.then(
      (worker) => worker?.postMessage(message),
      () => {},
    );
  }

  /** @param {any} data */
  #receive({ id, value, error, fatal, progress, blind }) {
    const pending = this.#pending.get(id);
    if (blind && pending) {
      held(pending.args).then((args) => this.#post({ id, call: pending.call, args }), pending.reject);
      return;
    }
    if (progress) {
      this.#at = { phase: progress.phase, node: progress.node, path: progress.path };
      pending?.progress?.(progress);
      return;
    }
    this.#pending.delete(id);
    if (error === undefined) {
      pending?.resolve(value);
    } else if (fatal) {
      const trap = new Trapped(error, fatal.why, fatal.at);
      pending?.reject(trap);
      this.#end(trap);
    } else {
      pending?.reject(new Error(error));
    }
  }

  /** @param {Error} reason */
  #end(reason) {
    this.alive = false;
    this.#worker.then(
      (worker) => worker?.terminate(),
      () => {},
    );
    for (const pending of this.#pending.values()) pending.reject(reason);
    this.#pending.clear();
  }

  end() {
    if (this.alive) this.#end(new Cancelled());
  }

  /** Ends it because it took too long. */
  expire() {
    if (this.alive) this.#end(new Trapped("It did not answer.", "time", this.#at));
  }
}

/** What a judge is made of: kept, so that it can be made again after a trap. */
/** @typedef {{ manifest: Uint8Array, file: File }} Read */
/**
 * @typedef {{ profile: string, ecosystem?: string | null, disabled: string[], rules?: string,
 *   limits?: Record<string, number>, leave_out?: number[], reader?: string | undefined }} Options
 */
/**
 * Work that can be ended: by whoever asked for it, or because it took too long.
 * @template T @typedef {{ answer: Promise<T>, cancel: () => void, expire: () => void }} Work
 */
/** @typedef {{ overview: Overview, columns: Columns }} Judgement */

/** Both sides, judged: answers questions about them. */
export class Judge {
  #make;
  #sides;
  #options;
  /** @type {Instance | null} */
  #instance = null;
  /** The judging that questions wait for. @type {Promise<Judgement> | null} */
  #judging = null;
  /** Whether the kinds of differences were said: questions count statements as they are then. */
  #explained = false;

  /** @param {() => Instance} make @param {{ left: Read, right: Read }} sides @param {Options} options */
  constructor(make, sides, options) {
    this.#make = make;
    this.#sides = sides;
    this.#options = options;
  }

  /** @returns {Promise<Judgement>} */
  #start() {
    const { left, right } = this.#sides;
    const instance = this.#make();
    this.#instance = instance;
    // The manifests are copied, not handed over: one side may be replaced, the other needs no second reading.
    const judged = instance.call("judge", [
      left.manifest,
      left.file.name,
      left.file,
      right.manifest,
      right.file.name,
      right.file,
      JSON.stringify(this.#options),
    ]);
    this.#judging = this.#explained ? judged.then(() => instance.call("explain", [])) : judged;
    return this.#judging;
  }

  /** @param {string} call @param {unknown[]} args */
  async #ask(call, ...args) {
    if (!this.#instance?.alive) this.#start();
    await this.#judging;
    return this.#instance?.call(call, args);
  }

  /** Starts the next worker after one was lost, so that the next question need not wait for it. */
  revive() {
    if (!this.#instance?.alive) this.#start().catch(() => {});
  }

  /** Ends what is at work; the next question starts another worker. */
  interrupt() {
    this.#instance?.end();
  }

  /** Ends the worker because it took too long; the next question starts another one. */
  expire() {
    this.#instance?.expire();
  }

  /** @param {Options} options @returns {Promise<Judgement>} */
  judge(options) {
    this.#options = options;
    return this.#instance?.alive ? this.#ask("options", JSON.stringify(options)) : this.#start();
  }

  /** Goes back to other options after judging under the last ones failed: the next worker judges under these. @param {Options} options */
  revert(options) {
    this.#options = options;
  }

  /** The same judgement with the kinds of differences said. @returns {Promise<Judgement>} */
  async explain() {
    const judgement = await this.#ask("explain");
    this.#explained = true;
    return judgement;
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

  /**
   * @param {number | undefined} row @param {number} form 1 for stabilized contents, plus 2 for reformatted ones.
   * @returns {Promise<{ row: Row, detail: Detail, hasStructure: boolean, images: Sides<string | null> }>}
   */
  detail(row, form) {
    return this.#ask("detail", row, form);
  }

  /**
   * @param {number | undefined} row @param {number} form As in `detail`.
   * @param {number} left @param {number} leftCount @param {number} right @param {number} rightCount
   * @returns {Promise<TextWindow>}
   */
  text(row, form, left, leftCount, right, rightCount) {
    return this.#ask("text", row, form, left, leftCount, right, rightCount);
  }

  /** The structures of both sides, as texts. @param {number | undefined} row @param {boolean} stabilized @returns {Promise<TextShape | null>} */
  structure(row, stabilized) {
    return this.#ask("structure", row, stabilized);
  }

  /**
   * Lines of them, as of a text.
   * @param {number | undefined} row @param {boolean} stabilized
   * @param {number} left @param {number} leftCount @param {number} right @param {number} rightCount
   * @returns {Promise<TextWindow>}
   */
  structureText(row, stabilized, left, leftCount, right, rightCount) {
    return this.#ask("structureText", row, stabilized, left, leftCount, right, rightCount);
  }

  /** Starts a search. @param {string} text @param {boolean} regex @param {boolean} ignoreCase @returns {Promise<void>} */
  search(text, regex, ignoreCase) {
    return this.#ask("search", text, regex, ignoreCase);
  }

  /** Goes on with it for so many bytes; null if it is lost. @param {number} bytes @returns {Promise<SearchProgress | null>} */
  searchStep(bytes) {
    return this.#ask("searchStep", bytes);
  }

  /** What was found so far. @param {string} [why] Ends it. @returns {Promise<SearchReport>} */
  searchReport(why) {
    return this.#ask("searchReport", why);
  }

  /**
   * The line of the raw text that a byte of a content is in, from 0.
   * @param {number | undefined} row @param {boolean} right @param {number} offset @returns {Promise<number | undefined>}
   */
  lineAt(row, right, offset) {
    return this.#ask("lineAt", row, right, offset);
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

/** Whom a question is for: what reads is there first, the whole engine comes later and can do everything. */
/** @typedef {"reading" | "whole"} Which */

export class Engine {
  #parts;
  /** Started while the user picks files, so that the first reading begins at once. @type {Record<Which, Instance>} */
  #warm;
  /** For small questions without an artifact. @type {Partial<Record<Which, Instance>>} */
  #clerks = {};
  /** @type {Promise<Pass[]>} */
  passes;
  /** @type {Promise<Outputs>} */
  outputs;
  /** @type {Promise<Limit[]>} */
  limits;

  /** @param {Part} reading @param {Promise<Part>} whole */
  constructor(reading, whole) {
    this.#parts = { reading, whole };
    this.#warm = { reading: new Instance(reading), whole: new Instance(whole) };
    this.limits = this.#warm.reading.call("limits", []);
    this.passes = this.#warm.whole.call("passes", []);
    this.outputs = this.#warm.whole.call("outputs", []);
    // Whoever needs them is told why there are none.
    for (const table of [this.passes, this.outputs]) table.catch(() => {});
  }

  /** @param {Which} which */
  #take(which) {
    const warm = this.#warm[which];
    const instance = warm.alive ? warm : new Instance(this.#parts[which]);
    this.#warm[which] = new Instance(this.#parts[which]);
    return instance;
  }

  /**
   * Reads one side in a worker of its own, which ends with it: wasm memory never shrinks.
   * @param {File} file @param {Options} options @param {(value: Progress) => void} progress
   * @returns {Work<Uint8Array>}
   */
  read(file, options, progress) {
    return this.#alone("reading", "read", [file, file.name, JSON.stringify(options)], progress);
  }

  /** @param {Which} which @param {string} call @param {unknown[]} args @returns {Promise<any>} */
  async #small(which, call, ...args) {
    const ask = () => {
      const known = this.#clerks[which];
      const clerk = known?.alive ? known : this.#take(which);
      this.#clerks[which] = clerk;
      return clerk.call(call, args);
    };
    try {
      return await ask();
    } catch (error) {
      // A question this small is not what the worker died of.
      if (error instanceof Trapped) return ask();
      throw error;
    }
  }

  /** Rules as they are understood; fails with a sentence. @param {string} text @returns {Promise<RuleLine[]>} */
  checkRules(text) {
    return this.#small("whole", "checkRules", text);
  }

  /** The SHA-256 of what was read. @param {Read} read @returns {Promise<string | undefined>} */
  digest({ manifest }) {
    return this.#small("reading", "digest", manifest);
  }

  /** Whether a file is an attestation or a key. @param {File} file @returns {Promise<"attestation" | "key" | null>} */
  recognise(file) {
    return this.#small("reading", "recognise", file.name, file);
  }

  /**
   * One question in a worker of its own, which ends with it.
   * @param {Which} which @param {string} call @param {unknown[]} args
   * @param {(value: Progress) => void} [progress] @returns {Work<any>}
   */
  #alone(which, call, args, progress) {
    const instance = this.#take(which);
    const answer = instance.call(call, args, progress);
    const cancel = () => instance.end();
    answer.then(cancel, cancel);
    return { answer, cancel, expire: () => instance.expire() };
  }

  /** @param {string} call @param {unknown[]} args @returns {Work<any>} */
  #once(call, ...args) {
    return this.#alone("whole", call, args);
  }

  /** Which entry a lost worker was at, where that can be known. @param {Read} read @param {Place} at @returns {Promise<EntryAt>} */
  async entryAt({ manifest, file }, { base, offset }) {
    if (base === undefined) return null;
    return this.#once("entryAt", manifest, file.name, file, base, offset).answer.catch(() => null);
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
    return new Judge(() => this.#take("whole"), sides, options);
  }
}
