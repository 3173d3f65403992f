// What crate/wasm adds to the report's own types: see crate/wasm/src/lib.rs and crate/core/src/tree.rs.

import type { Report, RuleLine, Sides, StabilizedArchive, Statement } from "./report.js";

/** `Judge.overview()`: the report without what grows with the number of rows. */
export type Overview = Omit<Report, "schema" | "rows" | "statements" | "ledger"> & {
  statements: (Omit<Statement, "rows"> & { count: number })[];
  /** For every pass: how many ledger lines it has, and how many pairs they are about. */
  ledger: { pass: string; lines: number; count: number }[];
  rules: RuleLine[];
  /** The passes that OSS Rebuild has for each side, as a set of its own; `null` where it has none. */
  sets: Sides<string | null>;
};

/** `Package.stabilized()`: the archive as OSS Rebuild's passes leave it. */
export type Stabilized = StabilizedArchive;

/** `Judge.ledger()`: a ledger line of one pass; `row` is the first entry that has it. */
export type LedgerPart = {
  field: string;
  left: string | null;
  right: string | null;
  after: string | null;
  count: number;
  row: number | null;
};

/** `passes()`: the table of stabilizers. */
export type Pass = {
  id: string;
  title: string;
  rationale: string;
  /** Whether OSS Rebuild has a pass of this name. */
  upstream: boolean;
  stage: number;
  /** Where it runs, in words. */
  scope: string;
};

/** `outputs()`: what can be handed on, and what can be withheld from it. */
export type Outputs = {
  formats: { id: string; title: string; about: string; file: string; media: string }[];
  redactions: string[];
};

/** `Judge.tree()`: the columns of `Tree` in crate/core/src/tree.rs. */
export type Columns = {
  names: Uint8Array;
  name_starts: Uint32Array;
  parents: Int32Array;
  depths: Uint32Array;
  ends: Uint32Array;
  rows: Int32Array;
  kinds: Uint8Array;
  statuses: Uint8Array;
  overall: Uint8Array;
  sizes: Float64Array;
  counts: Uint32Array;
  cause_starts: Uint32Array;
  causes: Uint32Array;
  cause_ids: string[];
};

/** What `read_artifact` reports while it works. */
export type Progress = {
  phase: "hashing" | "opening";
  bytes: number;
  total: number;
  decoded: number;
  entries: number;
  levels: number;
  /** The entry at work: its number in the reading, and its path as the report shows it. */
  node: number;
  path: string;
};

/** `Judge.search_step()`: how far a search is. */
export type SearchProgress = {
  /** Contents searched, and all of them. */
  done: number;
  total: number;
  bytes: number;
  matches: Sides<number>;
  finished: boolean;
};

/** `limits()`: the table of limits. */
export type Limit = { name: string; title: string; default: number };

/** `Package.entry_at()`: an entry by where its content begins. */
export type EntryAt = { node: number; path: string } | null;

declare global {
  /** The glue's global, in a worker. */
  const wasm_bindgen: {
    (init: { module_or_path: WebAssembly.Module }): Promise<unknown>;
    passes(): string;
    outputs(): string;
    limits(): string;
    watch(opened: (side: string, base: number, offset: number) => void): void;
    check_rules(text: string): string;
    head_bytes(): number;
    document_bytes(): number;
    digest(manifest: Uint8Array): string | undefined;
    recognise(name: string, bytes: Uint8Array): string | undefined;
    // biome-ignore lint/suspicious/noExplicitAny: instances of wasm-bindgen's classes
    attest(documents: any[], keys: any[], left: any, right: any): string;
    // biome-ignore lint/suspicious/noExplicitAny: wasm-bindgen's class
    Package: any;
    read_artifact(blob: Blob, name: string, options: string, progress: (...values: unknown[]) => void): Uint8Array;
    // biome-ignore lint/suspicious/noExplicitAny: wasm-bindgen's class; engine.js types what comes out of it
    Judge: any;
  };
}
