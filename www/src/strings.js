// Every sentence and word of the page, in one table; words.js is a part of it.
// @ts-check

/** @import { Overview, Progress } from "./boundary.js" */
/** @import { Loss } from "./engine.js" */
/** @import { LeftOut } from "./state.js" */
/** @import { SideInfo, Status, Verdict } from "./report.js" */
import { W } from "./words.js";

const number = new Intl.NumberFormat("en", { useGrouping: true });

/** A whole number with thin spaces between thousands. @param {number} value */
export const count = (value) => number.format(value).replaceAll(",", "\u202f");

/** @param {number} value @param {string} one @param {string} [many] */
export const plural = (value, one, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`;

/** A size for reading: three digits. @param {number} bytes */
export function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const text = unit === 0 || value >= 99.95 ? count(Math.round(value)) : value.toFixed(value >= 9.995 ? 1 : 2);
  return `${text}\u202f${units[unit]}`;
}

/** What must not be shown as itself: controls, changes of direction, invisible characters. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The name of a file as the report shows it: escaped, never lossy. @param {string} name */
export const plain = (name) =>
  name.replaceAll("\\", "\\\\").replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0)?.toString(16)}}`);

/** @param {number} ms */
export const seconds = (ms) => `${(ms / 1000).toFixed(1)}\u202fs`;

/** @type {Record<Verdict, { glyph: string, word: string }>} */
const verdicts = {
  identical: { glyph: "=", word: "Identical" },
  equivalent: { glyph: "≈", word: "Equivalent" },
  different: { glyph: "≠", word: "Different" },
  incomplete: { glyph: "?", word: "Incomplete" },
};

/** @type {Record<Status, { glyph: string, word: string, chip: string }>} */
const statuses = {
  identical: { glyph: "=", word: "identical", chip: "Identical" },
  equivalent: { glyph: "≈", word: "equivalent", chip: "Explained" },
  different: { glyph: "≠", word: "different", chip: "Different" },
  "only-left": { glyph: "−", word: "only in A", chip: "Only A" },
  "only-right": { glyph: "+", word: "only in B", chip: "Only B" },
  unread: { glyph: "?", word: "not read", chip: "Not read" },
};

/** @type {Record<Loss, string>} */
const losses = {
  memory: "its memory of 1 GiB ran out",
  stack: "something is nested too deeply",
  defect: "it has a defect",
  time: "it did not answer in time",
};

/** A name in a sentence, its beginning left out when it is long. @param {string} name */
const quoted = (name) => `“${name.length > 120 ? `…${name.slice(-110)}` : name}”`;

/** @param {string} path */
const at = (path) => (path ? ` at ${quoted(path)}` : "");

/** A limit's value. @param {string} name @param {number} value */
function limit(name, value) {
  if (value >= Number.MAX_SAFE_INTEGER) return "off";
  if (name.endsWith("bytes")) return size(value);
  return name === "seconds" ? `${count(value)}\u202fs` : count(value);
}

/** @param {ReturnType<import("./tree.js").Tree["tally"]>} tally @param {boolean} open Whether the root is not explained. @param {boolean} alone Whether there are no members. */
function different(tally, open, alone) {
  const parts = [
    tally.changed ? `${count(tally.changed)} changed` : "",
    tally.removed ? `${count(tally.removed)} only in A` : "",
    tally.added ? `${count(tally.added)} only in B` : "",
    open ? (alone ? "the content" : "the archive itself") : "",
  ].filter(Boolean);
  const explained = tally.explained ? ` ${plural(tally.explained, "more is", "more are")} explained by rules.` : "";
  const unread = tally.unread ? ` ${plural(tally.unread, "entry", "entries")} could not be read.` : "";
  return `Not explained: ${parts.join(", ")}.${explained}${unread}`;
}

/** What could be misread shown as an escape; all else as it is, backslashes too. @param {string} text */
export const visible = (text) =>
  text.replace(HIDDEN, (hidden) => (/[\n\t]/.test(hidden) ? hidden : `\\u{${hidden.codePointAt(0)?.toString(16)}}`));

export const S = {
  ...W,
  title: "Twinspect",
  question: "Are these two artifacts the same, and if not, why?",
  sides: { left: "A", right: "B" },
  roles: { left: "the reference", right: "the candidate" },
  examples: {
    left: "The published package, the previous version, the vendor's file",
    right: "Your rebuild, the new version, the file you were given",
  },
  choose: "Choose file…",
  chooseFor: { left: "Choose file… for A", right: "Choose file… for B" },
  dropHint: "Or drop files anywhere: two at once fill both sides.",
  dropOver: "Drop one file or two",
  dropOn: { left: "Drop on A", right: "Drop on B" },
  starting: "Starting the engine…",
  stays: "Files stay in this tab",
  staysMore: "nothing is sent; see how you can check that",
  samples: "No files at hand? Eight pairs made for looking around:",
  sampleTitles: {
    identical: { title: "Identical", about: "the same bytes under two names" },
    header: { title: "Gzip header", about: "one archive, packed by two machines" },
    times: { title: "Zip times", about: "one folder, zipped twice" },
    metadata: { title: "Rebuilt package", about: "same content, other times, owners, modes and order" },
    endings: { title: "Line endings", about: "checked out on another system" },
    install: { title: "Added install script", about: "one version later, something runs on install" },
    hidden: { title: "Hidden characters", about: "a line that reads otherwise than it runs" },
    binary: { title: "Changed binary", about: "a library in a wheel, patched and one byte longer" },
  },
  lookFirst: "Look first",
  lookMore: (/** @type {number} */ more) => `and ${count(more)} more`,
  swap: "Swap A and B",
  clear: "New comparison",
  remove: "Remove",
  replace: "Choose another file",
  cancel: "Cancel",
  retry: "Read again",
  cancelled: "Cancelled.",
  failed: "This file could not be read.",
  stopped: {
    read: (/** @type {string} */ path, /** @type {Loss} */ why) =>
      `The engine stopped${at(path)}: ${losses[why]}. Nothing of this file was kept.`,
    leftOut: (/** @type {string} */ side, /** @type {LeftOut[]} */ entries) =>
      entries.some(({ node }) => node === 0)
        ? `Nothing in ${side} was opened: the engine stopped${at(entries.at(-1)?.path ?? "")} (${losses[entries.at(-1)?.why ?? "defect"]}).`
        : `${side} was read without ${entries.map(({ path }) => quoted(path)).join(", ")}: the engine stopped there (${[...new Set(entries.map(({ why }) => losses[why]))].join("; ")}).`,
    judge: (/** @type {string} */ path, /** @type {Loss} */ why) =>
      `The engine stopped while judging${at(path)}: ${losses[why]}. No claim is made; both files are still read.`,
    rejudge: (/** @type {string} */ path, /** @type {Loss} */ why) =>
      `The engine stopped while judging again${at(path)}: ${losses[why]}. What is shown was judged before, under the rules shown.`,
    explain: (/** @type {string} */ path, /** @type {Loss} */ why) =>
      `The engine stopped while naming the kinds of differences${at(path)}: ${losses[why]}. The verdict and every status stand.`,
    entry: (/** @type {string} */ path, /** @type {Loss} */ why) =>
      `The engine stopped while opening ${path ? quoted(path) : "this"}: ${losses[why]}. Every other entry can be opened.`,
    archive: (/** @type {string} */ path, /** @type {Loss} */ why) =>
      `The engine stopped while writing the stabilized archive${at(path)}: ${losses[why]}.`,
    search: (/** @type {Loss} */ why) => `The engine stopped while searching: ${losses[why]}. Nothing found is kept.`,
    attest: (/** @type {string[]} */ names, /** @type {Loss} */ why) =>
      names.length
        ? `The engine stopped while checking ${names.map((name) => quoted(plain(name))).join(", ")}: ${losses[why]}. Nothing is claimed about that.`
        : `The engine stopped while checking all of them at once (${losses[why]}): each was checked by itself.`,
  },
  explainCancelled:
    "The kinds of differences are not named: that was given up for something else. Every status stands.",
  again: {
    key: "do again what stopped",
    whole: "Read all of it again",
    without: "Read without it",
    bytes: "Read only its bytes",
    judge: "Judge again",
    explain: "Name them",
    entry: "Open it again",
    archive: "Write again",
    attest: "Check again",
  },
  slow: {
    key: "go on with what takes long",
    goOn: "Go on",
    stop: "Cancel",
    entry: (/** @type {string} */ path) =>
      `Opening ${path ? quoted(path) : "the files"} takes more than half a minute.`,
    judge: "Judging takes more than half a minute.",
    attest: "Checking the attestations takes more than half a minute.",
    archive: (/** @type {string} */ side) => `Writing the stabilized archive of ${side} takes more than half a minute.`,
    /** @param {string} side @param {Progress | null} progress */
    read: (side, progress) =>
      `Reading ${side} takes more than half a minute${progress ? `. ${S.progress(progress)}${progress.path ? `, now at ${quoted(progress.path)}` : ""}` : ""}.`,
  },
  readers: {
    title: "What readers see",
    key: "what readers see",
    member: "Path",
    nothing: "nothing",
    error: "(then reports an error)",
    blind: "See nothing and report an error:",
    files: (/** @type {number} */ n) => plural(n, "file"),
    more: (/** @type {number} */ n) => `${plural(n, "more path is", "more paths are")} seen differently.`,
    /** @param {string | null} what */
    disagree: (what) =>
      what === "contents"
        ? "Readers that report success get different contents out of it."
        : what === "part"
          ? "Some readers that report success see only a part of what others see."
          : what === "names"
            ? "Readers that report success get the same contents under different names."
            : "Those that report success get the same; others get less, or report an error.",
    open: (/** @type {string} */ side, /** @type {string} */ reader) => `Open ${side} as ${reader} sees it`,
    compare: (/** @type {string} */ one, /** @type {string} */ other) => `Compare with the first: ${one} and ${other}`,
    compareFirst: "Compare with the first",
    hint: (/** @type {string} */ side) => `Press a name to open ${side} as that reader sees it.`,
    compared: (/** @type {string} */ name) => `A and B are ${plain(name)}, as two readers see it.`,
    as: (/** @type {string} */ side, /** @type {string} */ reader) => `${side} is opened as ${reader} sees it.`,
    back: "Read it our way",
  },
  limits: {
    /** @param {string} side @param {import("./boundary.js").Limit} info @param {number} now @param {number} places */
    stopped: (side, { name, title }, now, places) =>
      `${side} stopped at the limit ${name}${places > 1 ? ` in ${plural(places, "place")}` : ""}: ${limit(name, now)} is the most of ${title}.`,
    raised: (/** @type {string} */ side, /** @type {[string, number][]} */ limits) =>
      `${side} was read with changed limits: ${limits.map(([name, value]) => `${name} ${limit(name, value)}`).join(", ")}.`,
    raise: (/** @type {string} */ name, /** @type {number} */ value) => `Raise once to ${limit(name, value)}`,
    none: "No limit…",
    warning:
      "Without this limit a hostile file can keep this tab busy and fill its memory. You can cancel at any time, and the page recovers.",
    without: "Read without this limit",
    keep: "Keep it",
  },
  noEngine: (/** @type {string} */ why) =>
    `The engine could not be started: this browser may be too old (it needs WebAssembly with SIMD, as in browsers since 2023), or a file of the page is missing. (${why})`,
  tooMany: (/** @type {number} */ files) => `That were ${count(files)} files: drop one or two.`,
  noFile: "There was no file in that.",
  ordered: (/** @type {string} */ left) => `${plain(left)} became A because its name sorts first; x swaps.`,
  orderedAlike: "Both have one name: the first of the drop became A; x swaps.",
  waiting: { left: "Waiting for A", right: "Waiting for B" },
  judging: "Pairing and judging",
  /** @param {Progress} progress */
  progress(progress) {
    if (progress.phase === "hashing") {
      return `Hashing ${size(progress.bytes)} of ${size(progress.total)}`;
    }
    const levels = progress.levels > 1 ? `, ${plural(progress.levels, "level")}` : "";
    return `Opening: ${plural(progress.entries, "entry", "entries")}${levels}, ${size(progress.decoded)} decoded`;
  },
  read: (/** @type {string} */ took) => `Read in ${took}`,
  verdicts,
  statuses,
  /** @param {Overview} overview @param {import("./tree.js").Tree} tree */
  sentence(overview, tree) {
    const tally = tree.tally();
    switch (overview.verdict) {
      case "identical":
        return "The same bytes.";
      case "equivalent":
        return `Bytes differ in ${[
          tally.explained ? plural(tally.explained, "entry", "entries") : "",
          tally.root ? "the archive itself" : "",
        ]
          .filter(Boolean)
          .join(" and ")}; rules account for every difference.`;
      case "different":
        return different(
          tally,
          overview.root.causes.some(
            (cause) => !overview.statements.some((statement) => statement.explained && statement.cause === cause),
          ),
          tree.length === 1,
        );
      case "incomplete": {
        const unread = overview.problems.filter((problem) => problem.unread).length;
        return `${plural(unread, "part")} could not be read, and no difference was found in the rest. No claim of equality is made.`;
      }
    }
  },
  profileLabel: "Rules",
  profiles: {
    none: { title: "none", about: "Raw bytes: no rule applied" },
    "oss-rebuild": { title: "oss-rebuild", about: "Exactly the passes of OSS Rebuild, on the outer archive" },
    standard: {
      title: "standard",
      about: "Those passes at every level, except where they would hide what an installer acts on",
    },
  },
  /** @param {number} rules @param {number} off */
  custom: (rules, off) =>
    [rules ? `${plural(rules, "rule")} added` : "", off ? `${count(off)} off` : ""].filter(Boolean).join(", "),
  customName: (/** @type {string} */ changes) => `custom: ${changes}`,
  ecosystem: "Ecosystem",
  ecosystemAbout: "OSS Rebuild chooses its passes by ecosystem and file name; state it where detection is wrong",
  /** @param {string[]} kinds */
  detected: (kinds) => (kinds.length ? `detected: ${kinds.join(", ")}` : "detected"),
  ecosystems: {
    npm: "npm",
    pypi: "PyPI",
    cratesio: "crates.io",
    maven: "Maven",
    rubygems: "RubyGems",
    debian: "Debian",
    oci: "OCI image",
  },
  archives: "Stabilized",
  archivesBy: "by OSS Rebuild’s passes",
  archivesChanged: "with your changes",
  archiveWorking: "writing…",
  archiveNone: "no passes for this file",
  archivesEqual: "equal",
  archivesDiffer: "differ",
  archiveOwn: "not OSS Rebuild’s digest",
  saveArchive: { left: "Save stabilized A", right: "Save stabilized B" },
  copy: "Copy",
  copied: "Copied",
  notCopied: "The browser refused to copy.",
  copySha: "Copy SHA-256",
  copyDigest: (/** @type {string} */ digest) => `Copy SHA-256 ${digest}`,
  ignored: "What was ignored, and why",
  ignoredNone: "No pass was needed: nothing was ignored.",
  ignoredIntro: (/** @type {string} */ profile, /** @type {string} */ changes) =>
    `Every difference that a pass or rule accounts for, under “${profile}”${changes ? ` with changes (${changes})` : ""}. Switch one off to judge without it.`,
  origins: { upstream: "OSS Rebuild", ours: "Twinspect", rule: "custom rule" },
  scope: "Where",
  ruleScope: (/** @type {string} */ where) => `on ${where}`,
  ruleLeavesOut: "leaves out",
  ruleReplaces: "replaces",
  ruleBy: "by",
  ruleNothing: "nothing",
  ruleIn: "in",
  rules: "Custom rules",
  rulesEdit: "Custom rules…",
  rulesIntro:
    "Rules of your own, in the shape of OSS Rebuild’s `custom_stabilizers`: leave paths out, or replace a pattern. Each needs a reason. They run after the passes, in every archive that the profile’s passes enter.",
  rulesNone: "The profile “none” applies no rule: choose another one to see these at work.",
  rulesText: "Rules as YAML",
  rulesExample: `custom_stabilizers:
  - reason: "The build writes its own version into this file"
    replace_pattern:
      paths: ["*/_version.py"]
      pattern: "commit_id = .*"
      replace: "commit_id = None"
  - reason: "Logs of the build"
    exclude_path:
      paths: ["**/*.log"]
`,
  rulesStart: "Begin with an example",
  rulesApply: "Apply",
  rulesRemove: "Remove all",
  rulesEmpty: "No rules.",
  rulesGood: (/** @type {number} */ n) => `${plural(n, "rule")}, not yet applied.`,
  rulesInForce: (/** @type {number} */ n) => `${plural(n, "rule")} in force.`,
  ignoredIdle: "Passes that ignored nothing here",
  ignoredCount: (/** @type {number} */ n) => plural(n, "difference"),
  ignoredOff: "switched off",
  more: (/** @type {number} */ n) => `Show ${count(n)} more`,
  entriesOf: (/** @type {number} */ n) => plural(n, "entry", "entries"),
  nothing: "none",
  before: { left: "A before", right: "B before" },
  after: "after",
  dropped: "left out",
  verdict: "Verdict",
  why: "Why",
  whyEmpty: "Nothing differs.",
  unexplained: "unexplained",
  aligned: "Matched although named differently",
  alignment: (/** @type {string} */ left, /** @type {string} */ right, /** @type {number} */ entries) =>
    `${left || "(top)"} ↔ ${right || "(top)"}, ${plural(entries, "pair")}`,
  problems: "Not read, or damaged",
  findings: "Findings",
  severities: { conflict: "readers disagree", high: "hidden or dangerous", medium: "suspicious", info: "note" },
  onlyHere: { left: "only in A", right: "only in B" },
  ambiguous: (/** @type {string} */ which) => `Readers get different contents out of ${which}: see Findings.`,
  limit: (/** @type {string} */ name) => `limit ${name}`,
  atByte: (/** @type {number} */ offset) => `at byte ${count(offset)}`,
  about: "The two artifacts",
  /** @param {SideInfo} side */
  kind: (side) => [side.ecosystem, side.format ?? "not an archive"].filter(Boolean).join(", "),
  facts: { file: "File", size: "Size", sha256: "SHA-256", kind: "Kind", entries: "Entries", decoded: "Decoded" },
  filterLabel: "Filter by path",
  filterHint: "Filter paths",
  statusesLabel: "Statuses shown",
  onlyLabel: (/** @type {string} */ label) => `Only: ${label}`,
  showAll: "Show all",
  showing: (/** @type {number} */ shown, /** @type {number} */ all) =>
    `${count(shown)} of ${plural(all, "entry", "entries")} shown`,
  nothingShown: "No entry passes this filter.",
  search: {
    title: "Search",
    open: "Search…",
    key: "search all contents, both sides",
    hint: "Search names, fields and contents",
    go: "Search",
    ignoreCase: "Any case",
    regex: "Expression",
    found: "Matches",
    name: "name",
    about: "Every level of both sides, in UTF-8 and UTF-16.",
    stopped: "Cancelled: the rest was not searched.",
    /** @param {import("./boundary.js").SearchProgress} progress */
    progress: ({ done, total, bytes, matches }) =>
      `${count(done)} of ${plural(total, "content")}, ${size(bytes)} searched. A ${count(matches.left)} · B ${count(matches.right)}`,
    /** @param {import("./report.js").SearchReport} report */
    sum: ({ matches, entries, contents, bytes }) =>
      `A ${count(matches.left)} in ${plural(entries.left, "entry", "entries")} · B ${count(matches.right)} in ${plural(entries.right, "entry", "entries")}. Searched all names and ${plural(contents, "content")}, ${size(bytes)}.`,
    more: (/** @type {number} */ n) => `and ${plural(n, "more match", "more matches")}`,
    entries: (/** @type {number} */ n) => `${plural(n, "more entry has", "more entries have")} matches.`,
    missing: (/** @type {number} */ n) => `Not searched, or only in part: ${plural(n, "entry", "entries")}`,
  },
  treeLabel: "Entries",
  columns: { name: "Entry", causes: "Cause", left: "A", right: "B" },
  rootName: (/** @type {boolean} */ alone) => (alone ? "The files themselves" : "The archive itself"),
  causesMore: (/** @type {number} */ n) => `+${count(n)}`,
  overview: "Overview",
  back: "Entries",
  movedFrom: (/** @type {string} */ path) => `moved from ${path}`,
  similar: (/** @type {number} */ percent) => `${percent} % alike`,
  tabs: { text: "Text", hex: "Hex", fields: "Fields", image: "Image", structure: "Structure" },
  paneLabel: "Entry",
  tabsLabel: "Views of this entry",
  split: "Split",
  unified: "Unified",
  wrap: "Wrap",
  reformat: "Reformat",
  reformatKey: "break long lines of minified text for reading",
  raw: "Raw",
  stabilized: "Stabilized",
  rawAbout: "The bytes as they are",
  stabilizedAbout: "As the rules make it, which is what is judged",
  previousChange: "Previous change",
  nextChange: "Next change",
  changes: (/** @type {number} */ at, /** @type {number} */ all) =>
    at ? `${count(at)} of ${plural(all, "change")}` : plural(all, "change"),
  noChanges: "no changes",
  plus: (/** @type {number} */ n) => `+${count(n)}`,
  minus: (/** @type {number} */ n) => `−${count(n)}`,
  removedLine: "removed",
  addedLine: "added",
  fold: (/** @type {number} */ n) => plural(n, "equal line"),
  foldRows: (/** @type {number} */ n) => plural(n, "equal row"),
  unfoldUp: "Show 20 more from here down",
  unfoldDown: "Show 20 more from here up",
  unfoldAll: "Show all",
  ends: /** @type {Record<string, string>} */ ({ lf: "LF", crlf: "CRLF", cr: "CR", none: "no newline at end" }),
  cut: (/** @type {number} */ units) => `${count(units)} more characters in this line`,
  reflowed: "Very long lines were cut where statements end, for reading only.",
  reformatted: "Reformatted for reading: line breaks are added, nothing else changes.",
  colourless: "Without colours: this text is longer than 4 MiB.",
  approximate: "The search for the smallest difference was stopped by its deadline: right, but longer than need be.",
  truncated: "Only the first part of this very long content is shown.",
  covered: (/** @type {number} */ bytes) => `Aligned for the first ${size(bytes)} only.`,
  encodings: (/** @type {string} */ left, /** @type {string} */ right) =>
    left === right ? left : `${left} → ${right}`,
  noText: "This is not text on both sides. Hex shows its bytes.",
  noBytes: "There is no content to show.",
  noFields: "There are no fields.",
  noImage: "This is no image that browsers decode.",
  image: {
    modes: "How both are shown",
    side: "Side by side",
    swipe: "Swipe",
    difference: "Difference",
    alt: (/** @type {string} */ side) => `The image in ${side}`,
    none: "no image",
    large: "Larger than 16 MiB: not shown.",
    broken: "The browser cannot decode it.",
    svg: "Shown as an image: nothing in it runs or loads",
    points: (/** @type {number} */ n, /** @type {boolean} */ scaled) =>
      `${n ? `${plural(n, "point")} differ` : "Every point is the same"}${scaled ? ", scaled down" : ""}.`,
  },
  noStructure: "This is neither ELF, PE, Mach-O, a Java class nor WebAssembly.",
  noEntry: "This folder has no entry of its own.",
  opening: "Opening…",
  bytes: (/** @type {number} */ n) => `${count(n)}\u202fB`,
  fieldColumns: { name: "Field", left: "A", right: "B", cause: "Cause" },
  equalFields: (/** @type {number} */ n) => `${plural(n, "field")} equal`,
  status: (/** @type {number} */ entries, /** @type {number} */ bytes, /** @type {string} */ took) =>
    `${entries ? `${plural(entries, "entry", "entries")}, ` : ""}${size(bytes)} read and compared in ${took}`,
  report: "Report",
  reportOpen: "Report…",
  reportAbout: "Preview and save what you hand on",
  reportFormat: "Format",
  reportWithhold: "Withhold",
  redactions: /** @type {Record<string, string>} */ ({
    none: "nothing",
    contents: "contents: texts, values and messages",
    paths: "paths of entries, and contents",
    names: "all but digests, sizes, counts and causes",
  }),
  reportMaking: "Making it…",
  reportPreview: "Preview of the file as text",
  reportCut: (/** @type {number} */ bytes) => `The file goes on for another ${size(bytes)}.`,
  reportSave: (/** @type {string} */ name, /** @type {number} */ bytes) => `Save ${name} (${size(bytes)})`,
  reportCopy: "Copy Markdown",
  attestations: "Attestations",
  panelsLabel: "Result",
  addPaper: "Add attestation or key…",
  addPaperAbout: "to check what it claims, offline; or drop it with the artifacts.",
  addPaperHint: "Bundles, checksum lists, public keys: drop them anywhere, at any time.",
  papersEmpty:
    "Drop an attestation beside the artifacts to check what it claims, offline: an OSS Rebuild bundle, a Sigstore bundle (npm, GitHub), a PyPI provenance object, a DSSE envelope, or a list of checksums. A public key (PEM) is used for the signatures that need one.",
  paperRemove: (/** @type {string} */ name) => `Remove ${plain(name)}`,
  papersAtHand: "Beside them",
  attesting: "Checking…",
  turned: "By its digest B is the published artifact; as A it would be the reference.",
  results: {
    holds: { glyph: "✓", word: "holds", count: "hold" },
    fails: { glyph: "✗", word: "fails", count: "fail" },
    "not-checked": { glyph: "○", word: "not checked", count: "not checked" },
  },
  /** @param {"holds" | "fails" | "not-checked"} result @param {number} n */
  resultCount: (result, n) =>
    ({
      holds: `${count(n)} ${n === 1 ? "holds" : "hold"}`,
      fails: `${count(n)} ${n === 1 ? "fails" : "fail"}`,
      "not-checked": `${count(n)} not checked`,
    })[result],
  checks: "Checks",
  checkColumns: { result: "Result", what: "Check", reason: "Why" },
  checksNone: "There is nothing to check in it.",
  signedBy: "Signed by",
  unsigned: "No signature.",
  line: (/** @type {number} */ n) => `line ${count(n)}`,
  claims: "Claims",
  claimsMore: "Everything else it says",
  rebuild: "Rebuild it yourself",
  rebuildIntro: "As it is stated there; nothing of this was run. Read it before you do.",
  recipe: { source: "Source", "build definition": "Build definition", image: "Image", commit: "commit" },
  noCommit: "no commit stated",
  lines: (/** @type {number} */ n) => plural(n, "line"),
  recipeEscaped: "Hidden characters are shown escaped: a copy is not the original.",
  recipeCut: (/** @type {number} */ bytes) => `${size(bytes)} more are not shown.`,
  bundleRules: "Rules of this package alone",
  bundleRulesAbout:
    "Whoever defined the rebuild declared these differences harmless. Read the reasons; what the rules hide is listed once they are applied.",
  bundleApply: "Apply these rules",
  bundleApplied: "These rules are in force.",
  bundleNoResult: "They can be applied once two artifacts are compared.",
  paperUnexamined: "Not examined",
  paperProblems: "Damaged, or not understood",
  paperAt: (/** @type {number} */ line, /** @type {number | null} */ offset, /** @type {boolean} */ decoded) =>
    `line ${count(line)}${offset === null ? "" : `, byte ${count(offset)}${decoded ? " of the payload" : ""}`}`,
  because: "Because",
  help: "Keys",
  close: "Close",
  sealed: "Sealed",
  notSealed: "Starting",
  letters: "Single letters are keys",
  proofTitle: "Files stay in this tab",
  proof: [
    "The page has loaded its own parts and then told the browser to refuse every further connection, for itself and for the workers that open your files. The browser enforces this; it cannot be undone without loading the page again.",
    "Files are opened by WebAssembly inside workers. Their names and contents reach the page as plain text only.",
  ],
  proofOffline: "Every file of this version is kept by this browser: it starts without a network, too.",
  proofOnline: "This browser does not keep the page (yet, or not from this address): starting it needs its host.",
  proofVersion: "Version",
  proofTake: "Take it home",
  proofDownloads: [
    { href: "download/twinspect.html", title: "the page as one file that opens from disk" },
    { href: "download/twinspect-page.zip", title: "the page as an archive, to host it yourself" },
    { href: "download/SHA256SUMS", title: "their checksums" },
  ],
  update: "Update ready",
  updateAbout: "A newer version of the page is here. Taking it loads the page again: what is open is closed.",
  worksOffline: "Works offline",
  proofPolicy: "In force now",
  proofRequests: "Requests since the page was opened",
  proofNone: "none that the browser lists",
  proofRemains: "What this does not cover",
  proofRemaining: [
    "A content policy does not stop a page from navigating to another address. This page contains no such code and no foreign script can run in it.",
    "WebRTC is not bound by the policy; its entry points were removed from this page and do not exist in workers.",
    "Browser extensions and the browser itself are outside of what a page can promise. To be sure: disconnect now, then drop your files. It keeps working.",
  ],
  splitter: "Width of the list of entries",
};
