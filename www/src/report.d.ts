// Generated from crate/core/src/report.rs and report/ by tests/types.rs. Do not edit.

/** Which of the two artifacts; on screen **A** (reference) and **B** (candidate). */
export type Side = 'left' | 'right';

/** One value for each side. */
export interface Sides<T> {
  /** A, the reference. */
  left: T;
  /** B, the candidate. */
  right: T;
}

/** What kind of thing an entry is. */
export type Kind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character-device' | 'block-device' | 'fifo' | 'other';

/** How bad a finding is; the worst first. */
export type Severity = 'conflict' | 'high' | 'medium' | 'info';

/** The answer. */
export type Verdict = 'identical' | 'equivalent' | 'different' | 'incomplete';

/** The status of one pair of entries. */
export type Status = 'identical' | 'equivalent' | 'different' | 'only-left' | 'only-right' | 'unread';

/** The whole result of a comparison, without diffs. */
export interface Report {
  /** Always [`SCHEMA`]. */
  schema: string;
  /** The answer. */
  verdict: Verdict;
  /** What was withheld before this was written: `contents` (texts, values and messages), `paths` (that, and the paths of entries) or `names` (that, and the names of the files); absent when nothing was. */
  redacted?: string;
  /** The set of stabilizers in force: `none`, `oss-rebuild`, `standard`, or `custom` when passes are switched off. */
  profile: string;
  /** Ids of the passes switched off by hand. */
  disabled: string[];
  /** The custom rules in force. */
  rules?: RuleLine[];
  /** The two artifacts. */
  sides: Sides<SideInfo>;
  /** Counts over `rows`. */
  summary: Summary;
  /** What differs and why, one statement for each cause however many rows it touches; unexplained ones first. */
  statements: Statement[];
  /** Folders and names that were matched although they differ, e.g. `foo-1.0/` with `foo-1.1/`. */
  alignments: Alignment[];
  /** The pair of artifacts themselves: differences of the outermost container, which belong to no member. */
  root: Row;
  /** Every member of both artifacts at every level, in the order of B, with what only A has near its neighbours. */
  rows: Row[];
  /** What could not be read, or is damaged. */
  problems: ProblemLine[];
  /** What makes readers disagree about either artifact, what is hidden in it, and what contradicts itself: the worst first, A before B. `twinspect findings` prints what each id means. */
  findings: FindingLine[];
  /** What B adds or changes that is worth looking at first, the most surprising first; `twinspect notices` prints what each kind means. Empty until the unexplained differences were looked into. */
  notices: NoticeLine[];
  /** What named readers make of an archive that they do not all read alike, A before B. */
  views?: ArchiveViews[];
  /** What the stabilizers ignored: every difference that a pass accounts for, equal ones grouped. */
  ledger: LedgerLine[];
  /** What OSS Rebuild itself would say, where it was asked for: under the profile `oss-rebuild`. */
  upstream?: Upstream;
}

/** What OSS Rebuild itself would say of two artifacts. */
export interface Upstream {
  /** `equivalent` if the stabilized archives are the same bytes, else `different`; `null` where it has no verdict. */
  verdict: Verdict | null;
  /** The two stabilized archives. */
  sides: Sides<StabilizedArchive>;
}

/** An artifact written again without what OSS Rebuild's passes ignore. */
export interface StabilizedArchive {
  /** Which passes it has for the artifact: `wheel`, `jar`, `tar`, `tar-gzip`, `crate`, `gem`, `raw`; `null` if none. */
  passes: string | null;
  /** SHA-256 of the stabilized archive, hex; `null` where there is none. */
  sha256: string | null;
  /** Why OSS Rebuild has no such archive, as a sentence: the digest, if there is one, is then our own. */
  refusal: string | null;
  /** Why its bytes may be others, a sentence each. */
  notes: string[];
}

/** One side of the comparison. */
export interface SideInfo {
  /** The file's name. */
  name: string;
  /** Its size in bytes. */
  size: number;
  /** SHA-256 of its bytes, hex. */
  sha256: string;
  /** What it is, inner format first, e.g. `zip`, `tar+gzip`; `null` if it is none of the formats we open. */
  format: string | null;
  /** The kind of package in it: `npm`, `wheel`, `sdist`, `crate`, `gem`, `jar`, `apk`, `deb`, `rpm`, `alpine`, `oci`. */
  ecosystem: string | null;
  /** Entries in it, at every level. */
  entries: number;
  /** Bytes read out of it, at every level. */
  decoded_bytes: number;
  /** The reader that its outermost archive was read as, by id, where one was chosen. */
  reader?: string;
  /** The limits that were not at their default while it was read, by name. */
  limits?: Record<string, number>;
}

/** Counts over the rows. */
export interface Summary {
  /** Rows by status; every status is present. */
  by_status: Record<Status, number>;
  /** Rows by cause (a row counts once for each of its causes), the root included. */
  by_cause: Record<string, number>;
  /** Whether two readers can get different content out of a side: then its content is not one thing, and a verdict about it is about what is read here. */
  ambiguous: Sides<boolean>;
}

/** A custom rule. */
export interface RuleLine {
  /** Its name, as a cause: `exclude-path-custom00`, `replace-pattern-custom01` … */
  id: string;
  /** Why it is there, in the words of whoever wrote it. */
  reason: string;
  /** Patterns of the paths it is about. */
  paths: string[];
  /** The expression it replaces; `null` if it leaves the paths out. */
  pattern: string | null;
  /** What takes the place of a match. */
  replace: string | null;
}

/** One cause, and all its effects. */
export interface Statement {
  /** The cause: a stabilizer id, a signal id, or `unexplained`. */
  cause: string;
  /** Whether a stabilizer accounts for it. */
  explained: boolean;
  /** The statement in words, e.g. `mtime differs in 212 entries`. */
  sentence: string;
  /** The rows it is about: indices into `rows`, ascending; the root is not among them. */
  rows: number[];
}

/** Names that differ and were matched all the same. */
export interface Alignment {
  /** Where: the path of the container (levels joined by `!/`), empty for the artifact. */
  container: string;
  /** The part of the path in A. */
  left: string;
  /** The part of the path in B. */
  right: string;
  /** How many pairs it matched. */
  entries: number;
}

/** One pair of entries, or one entry that the other side lacks. */
export interface Row {
  /** Path in B (in A for `only-left`), levels of nesting joined by `!/`; empty for the root. A second entry of the same path is followed by ` [2]`, and so on. */
  path: string;
  /** What was found. */
  status: Status;
  /** Why it differs: `unexplained` first, then signal ids, then stabilizer ids; empty when identical. A container's own causes only, not those of its members. */
  causes: string[];
  /** What differs and is not accounted for: `content`, or names of fields; `members` for a container. */
  differs?: string[];
  /** Path in A, when the entry was found under another name that no alignment accounts for. */
  moved_from?: string;
  /** How alike the two contents are, in percent, when the pair was made by similarity. */
  similarity?: number;
  /** Index of the row that contains this one; `null` for members of the artifact itself. */
  parent: number | null;
  /** The entry in A. */
  left?: EntryInfo;
  /** The entry in B. */
  right?: EntryInfo;
}

/** One side of a row. */
export interface EntryInfo {
  /** Size of the content in bytes. */
  size: number;
  /** SHA-256 of the content, hex; `null` if there is none or it could not be read. */
  sha256: string | null;
  /** What it is. */
  kind: Kind;
  /** What was opened, as in [`SideInfo::format`]. */
  format?: string;
  /** SHA-256 of the stabilized content, where stabilizing changed it. */
  stabilized_sha256?: string;
}

/** Something that could not be read, or is damaged. */
export interface ProblemLine {
  /** In which artifact. */
  side: Side;
  /** The entry's path in that artifact, levels joined by `!/`; empty for the artifact itself. */
  path: string;
  /** Byte offset in the bytes being parsed, where one helps. */
  offset?: number;
  /** A sentence. */
  message: string;
  /** Whether something was not read because of it. If so the verdict can at best be `incomplete`. */
  unread: boolean;
  /** The limit that stopped the work, if it was one: it can be raised. */
  limit?: string;
  /** Id of the finding that says the same, if one does. */
  finding?: string;
}

/** One case of a finding. */
export interface FindingLine {
  /** Its id, e.g. `ZIP-01`. */
  id: string;
  /** How bad this case is. */
  severity: Severity;
  /** In which artifact. */
  side: Side;
  /** The entry's path in that artifact, levels joined by `!/`; empty for the artifact itself. */
  path: string;
  /** Byte offset in the bytes being parsed, where one helps. */
  offset?: number;
  /** A sentence, with the values that disagree. */
  message: string;
  /** Whether the other side has no such finding at the entry it is compared with. */
  only_here?: boolean;
}

/** One fact about what B adds or changes. */
export interface NoticeLine {
  /** Its kind, e.g. `install-hook`. */
  id: string;
  /** What the kind says, in a few words. */
  title: string;
  /** Index into `rows`; -1 is the root. */
  row: number;
  /** The row's path. */
  path: string;
  /** What exactly, as a sentence without its end. */
  message: string;
}

/** A difference that a stabilizer accounts for, with all the rows that have the same one. */
export interface LedgerLine {
  /** Id of the stabilizer. */
  pass: string;
  /** What it changed: a field's name, `content`, `order`, `entry`, or `encoding`. */
  field: string;
  /** The value in A before stabilizing; `null` if A has none. */
  left: string | null;
  /** The value in B before stabilizing; `null` if B has none. */
  right: string | null;
  /** The value on both sides after stabilizing; `null` if it was dropped. */
  after: string | null;
  /** How many pairs. */
  count: number;
  /** Indices into `rows`; -1 is the root. */
  rows: number[];
}

/** One artifact alone: what `twinspect inspect` prints. */
export interface Inspection {
  /** Always `twinspect-inspection/1`. */
  schema: string;
  /** As in [`Report::redacted`]. */
  redacted?: string;
  /** The artifact. */
  artifact: SideInfo;
  /** The artifact itself, then every member at every level, in stored order. */
  entries: InspectedEntry[];
  /** What could not be read, or is damaged. */
  problems: ProblemLine[];
  /** As in [`Report::findings`]. */
  findings: FindingLine[];
  /** As in [`Report::views`]. */
  views?: ArchiveViews[];
}

/** One entry of an inspected artifact. */
export interface InspectedEntry {
  /** Path, levels joined by `!/`; empty for the artifact itself. */
  path: string;
  // and the fields of EntryInfo: Size, digest, kind, format.
  /** Its fields, in stored order; those of the container it was opened as have the format's id and a colon in front. */
  fields: [string, string][];
}

/** What is shown about one row before any window of its content is asked for. */
export interface Detail {
  /** Path as in [`Row::path`]. */
  path: string;
  /** Sentences about the pair, e.g. `Only the line endings differ: LF in A, CRLF in B.` */
  sentences: string[];
  /** Names and values of both sides. */
  fields: FieldRow[];
  /** The comparison as text; `null` if either content is not text. */
  text: TextShape | null;
  /** Whether there are bytes to compare: the pair's own content, or a container's as stored. */
  bytes: boolean;
  /** Whether stabilizing changed the content of either side, so that raw and stabilized views differ. */
  stabilized: boolean;
}

/** One line of the comparison of fields. */
export interface FieldRow {
  /** The field's name; fields of an opened container have its format's id and a colon in front. */
  name: string;
  /** Value in A. */
  left: string | null;
  /** Value in B. */
  right: string | null;
  /** Whether the raw values are equal. */
  equal: boolean;
  /** If not: the stabilizer that accounts for it, or `unexplained`. */
  cause: string | null;
}

/** How two texts line up: enough to lay out the view, without the lines themselves. */
export interface TextShape {
  /** Encoding of each side: `UTF-8`, `UTF-16LE`, `UTF-16BE`, `Latin-1`; `null` for a missing side. */
  encoding: Sides<string | null>;
  /** Lines of each side. */
  lines: Sides<number>;
  /** Five numbers each: tag (0 equal, 1 removed, 2 added, 3 changed), first line in A, lines in A, first line in B, lines in B. In order, without gaps. Changed lines are as many in A as in B: the first became the first, and so on. */
  ops: number[];
  /** Lines added and removed, a changed line counting once for each. */
  added: number;
  /** See `added`. */
  removed: number;
  /** True if very long lines were cut at statement ends to make them readable: then "lines" are those pieces. */
  reflowed: boolean;
  /** Whether lines of scripts, styles or data are so long that breaking them helps. */
  breakable: boolean;
  /** True if they were broken, as was asked: then "lines" are those pieces. */
  reformatted: boolean;
  /** True if the language is known, but the text is too long for [`TextLine::tokens`]. */
  colourless: boolean;
  /** True if the deadline stopped the search for the smallest difference: the result is right, but longer. */
  approximate: boolean;
  /** True if only the first part of a very long content is shown. */
  truncated: boolean;
}

/** Some lines of both sides of a [`TextShape`]. */
export interface TextWindow {
  /** Lines of A from the first asked for. */
  left: TextLine[];
  /** Lines of B from the first asked for. */
  right: TextLine[];
}

/** One line of text. */
export interface TextLine {
  /** Line number in the file, from 1; 0 for the continuation of a line that was cut or broken. */
  number: number;
  /** The text without its end, escaped for display, with tabs and backslashes as themselves: `escapes` tells ours from those of the text. At most 10 000 UTF-16 units; then `cut` says how many more. */
  text: string;
  /** Pairs of UTF-16 offsets into `text`: what differs from the paired line of the other side; empty when the two lines share too little, or only their ends differ. */
  marks: number[];
  /** Pairs of UTF-16 offsets into `text`: escaped characters. */
  escapes: number[];
  /** Three numbers each, in order: a kind (0 comment, 1 string, 2 keyword, 3 number, 4 name, 5 heading) and two UTF-16 offsets into `text`. Empty where the language is not known; for reading only, nothing depends on them. */
  tokens: number[];
  /** UTF-16 units left out at the end. */
  cut: number;
  /** How the line ends: `lf`, `crlf`, `cr`, or `none` at the end of the file or inside a reflowed line. */
  end: string;
  /** In a reformatted text: how many blocks are open around it. Nothing of that is in `text`. */
  depth: number;
}

/** How two contents line up as bytes. */
export interface BytesShape {
  /** Bytes of each side. */
  size: Sides<number>;
  /** Five numbers each, as in [`TextShape::ops`], counted in bytes. Bytes that are equal by chance may be among the changed ones. */
  ops: number[];
  /** True if the deadline stopped the alignment: the result is right, but changes are longer than they need to be. */
  approximate: boolean;
  /** Bytes of each side that the alignment covers; the rest was beyond the limit `content-bytes`. */
  covered: Sides<number>;
}

/** Several documents, as `twinspect attest --format json` prints them. */
export interface AttestationReport {
  /** Always [`ATTESTATION_SCHEMA`]. */
  schema: string;
  /** The documents, in the order given; then the keys. */
  attestations: Attestation[];
}

/** One document: an attestation bundle, a list of checksums, or a key. */
export interface Attestation {
  /** The file's name. */
  name: string;
  /** `oss-rebuild`, `in-toto`, `sigstore`, `pep-740`, `checksums`, `key` or `unknown`. */
  kind: string;
  /** What it is, in words. */
  title: string;
  /** The statements in it, in order. */
  parts: AttestationPart[];
  /** What was checked, and what was not. */
  checks: Check[];
  /** How to build the artifact again, where the document says so. */
  recipe: Recipe | null;
  /** What in it is damaged, ambiguous or not understood. */
  problems: AttestationProblem[];
}

/** One statement: who says what. */
export interface AttestationPart {
  /** What it is, e.g. `SLSA provenance 1`. */
  title: string;
  /** The line of the document it begins in, from 1. */
  line: number;
  /** Who signed it, as far as it says so; what of that is proven stands in the checks. */
  signers: Signer[];
  /** What it claims, one sentence each. */
  claims: Claim[];
  /** Everything else it says, name and value. */
  fields: [string, string][];
}

/** A key or certificate that a statement names. */
export interface Signer {
  /** The identity: a certificate's subject alternative name, or a key id. */
  name: string;
  /** What else is known of it, name and value. */
  fields: [string, string][];
}

/** One claim. */
export interface Claim {
  /** The claim in words. */
  sentence: string;
  /** The digests it is about. */
  digests: ClaimedDigest[];
}

/** A digest that a document states. */
export interface ClaimedDigest {
  /** Of what: a file's name, as the document gives it. */
  name: string;
  /** By which algorithm, e.g. `sha256`. */
  algorithm: string;
  /** The digest, hex. */
  value: string;
}

/** The outcome of one check. */
export type CheckResult = 'holds' | 'fails' | 'not-checked';

/** One line of the table of checks. */
export interface Check {
  /** What kind of check: kebab-case, stable. */
  id: string;
  /** What would hold, in words. */
  what: string;
  /** Whether it does. */
  result: CheckResult;
  /** Why, in a sentence. */
  reason: string;
  /** The artifact it is about, if it is about one. */
  side: Side | null;
  /** The statement it is about: an index into `parts`; `null` if it is about the whole document. */
  part: number | null;
}

/** Something in a document that is damaged, ambiguous or not understood. */
export interface AttestationProblem {
  /** The line of the document, from 1. */
  line: number;
  /** Byte offset in the document; in the decoded payload, if `decoded`. `null` where no byte is to blame. */
  offset: number | null;
  /** Whether `offset` counts in the decoded payload of the envelope on this line. */
  decoded: boolean;
  /** A sentence. */
  message: string;
  /** Whether something was not read because of it. */
  unread: boolean;
}

/** How an artifact was built, so that someone else can build it again. Nothing of this was run. */
export interface Recipe {
  /** The package: ecosystem, name, version, artifact, as far as stated; name and value. */
  package: [string, string][];
  /** Where the source is. */
  sources: RecipeSource[];
  /** Container images that the build ran in. */
  images: ClaimedDigest[];
  /** Whole texts: `Dockerfile`, `build.json` (the strategy), `steps.json`, `build.fix.json`. */
  texts: RecipeText[];
  /** Passes of this package alone, which stabilizing applies beside the ordinary ones. */
  custom_passes: CustomPass[];
  /** What to do with it, in sentences. */
  advice: string[];
}

/** A source repository. */
export interface RecipeSource {
  /** Its address. */
  repository: string;
  /** The commit; `null` if none is stated. */
  commit: string | null;
  /** What it was used for: `source`, or `build definition`. */
  role: string;
}

/** A text of a recipe. */
export interface RecipeText {
  /** Its name. */
  name: string;
  /** The text; hidden characters escaped as `\u{N}`, bytes that are not UTF-8 as `\xNN`. */
  text: string;
  /** Whether anything was escaped: then a copy is not the original. */
  escaped: boolean;
  /** Bytes left out at the end. */
  cut: number;
}

/** A pass that a bundle's `build.fix.json` adds. */
export interface CustomPass {
  /** Its name, as OSS Rebuild makes it: `exclude-path-custom00`. */
  name: string;
  /** What it does, in words. */
  sentence: string;
  /** Patterns of the paths it is about. */
  paths: string[];
  /** For a replacement: the regular expression. */
  pattern: string | null;
  /** For a replacement: what is put in its place. */
  replace: string | null;
  /** Why, as the author of the definition says. */
  reason: string;
}

/** Where a text occurs in names, metadata and contents of both artifacts, at every level. */
export interface SearchReport {
  /** `twinspect-search/1`. */
  schema: string;
  /** What was looked for. */
  query: string;
  /** Whether that is a regular expression; else it is found as it is, in UTF-8 and in UTF-16. */
  regex: boolean;
  /** Whether `a` and `A` are the same; only ASCII letters are. */
  ignore_case: boolean;
  /** Matches on each side: all of them, listed or not. */
  matches: Sides<number>;
  /** Entries with a match on each side. */
  entries: Sides<number>;
  /** Contents that were searched; equal ones count once. */
  contents: number;
  /** Bytes of them. */
  bytes: number;
  /** The entries with a match, in the order of the rows; at most 10 000. */
  found: SearchEntry[];
  /** Entries with a match that are not listed. */
  more: number;
  /** What could not be searched, or only in part; at most 1000. */
  not_searched: NotSearched[];
  /** How many more of them there are. */
  more_not_searched: number;
  /** Why the search ended before all contents were searched, if it did. */
  stopped: string | null;
}

/** One entry with a match. */
export interface SearchEntry {
  /** The row; `null` for the artifacts themselves. Without a comparison the number of the entry. */
  row: number | null;
  /** Its path on each side, levels joined by `!/`; `null` where it does not exist. */
  paths: Sides<string | null>;
  /** Matches on each side: all of them. */
  matches: Sides<number>;
  /** The first of them. */
  listed: SearchMatch[];
}

/** One match: on both sides where the same stands around it there. */
export interface SearchMatch {
  /** `content`, `name`, or the name of a field. */
  place: string;
  /** Where it is in A. */
  left: SearchSpot | null;
  /** Where it is in B. */
  right: SearchSpot | null;
  /** What stands there, escaped for display: a part of the line. */
  excerpt: string;
  /** Two UTF-16 offsets into `excerpt`: the match. */
  mark: number[];
  /** `UTF-16LE` or `UTF-16BE` where it is stored so. */
  encoding?: string;
}

/** Where in a content a match is. */
export interface SearchSpot {
  /** Byte offset in the decoded content. */
  offset: number;
  /** Number of the line, from 1, in a text. */
  line: number | null;
}

/** An entry that could not be searched, or only in part. */
export interface NotSearched {
  /** In which artifact. */
  side: Side;
  /** Its path there. */
  path: string;
  /** Why. */
  reason: string;
}

/** What readers make of one archive, where they do not all make the same of it. */
export interface ArchiveViews {
  /** In which artifact. */
  side: Side;
  /** The archive's path in that artifact, levels joined by `!/`; empty for the artifact itself. */
  path: string;
  /** In what readers that report success disagree: `contents`; `part`, where some see only a part of what others see; `names` alone; `null` for nothing. */
  disagree: string | null;
  /** Readers that see the same, each in one group. Those that see nothing and report an error are the last one. */
  groups: ViewGroup[];
  /** The members that the groups see differently, by path. */
  members: ViewMember[];
  /** How many more of them there are. */
  more: number;
  /** Why no reader was asked, if none was. */
  skipped?: string;
}

/** Readers that see the same. */
export interface ViewGroup {
  /** Who: `twinspect readers` prints what each id means. */
  readers: ViewReader[];
  /** How many files they see. */
  members: number;
}

/** One reader of a group. */
export interface ViewReader {
  /** Its id, e.g. `java-zipstream`: what `--reader` takes. */
  id: string;
  /** Its name, with the version that the model follows. */
  title: string;
  /** `whole`: it reports success; `stopped`: it reports an error after what it sees; `refused`: it refuses the archive. */
  end: string;
  /** The error, if it reports one. */
  reason?: string;
}

/** One path that the groups see differently. */
export interface ViewMember {
  /** The path, without slashes or a dot in front. */
  path: string;
  /** What each group that sees members has there, in their order; `null` for nothing. */
  by: (ViewSight | null)[];
}

/** What readers have at a path. */
export interface ViewSight {
  /** What they make. */
  kind: Kind;
  /** Bytes of its content, or of a link's target. */
  size: number;
  /** SHA-256 of them, hex. */
  sha256: string | null;
}
