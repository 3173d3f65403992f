//! What leaves the core: the whole result ([`Report`]) and one pair's comparison ([`Detail`] and its windows).
//!
//! Plain data, documented field by field: this file is the documentation of `twinspect-report/1`, the JSON that the
//! command prints and the page exports. Names and contents of artifacts are escaped for display: bytes that are not
//! UTF-8 appear as `\xNN`, control, bidi and invisible characters as `\u{N}`, and a backslash as `\\` (but see
//! [`TextLine::text`]).

pub mod attestation;
pub mod search;
pub mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::artifact::{Side, Sides};
use crate::entry::{Kind, Severity};
use view::ArchiveViews;

/// The value of [`Report::schema`].
pub const SCHEMA: &str = "twinspect-report/1";

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The same bytes.
    Identical,
    /// Bytes differ, and every difference is accounted for by a named stabilizer of the profile.
    Equivalent,
    /// At least one difference is not accounted for.
    Different,
    /// Something could not be read, and no difference was found in the rest: no claim is made.
    Incomplete,
}

/// The status of one pair of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The same content and fields.
    Identical,
    /// Every difference is accounted for by a named stabilizer.
    Equivalent,
    /// At least one difference is not accounted for. A container is different when something in it is.
    Different,
    /// Only A has it.
    OnlyLeft,
    /// Only B has it.
    OnlyRight,
    /// It could not be read on one side or both, and no difference was found.
    Unread,
}

/// The whole result of a comparison, without diffs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The answer.
    pub verdict: Verdict,
    /// What was withheld before this was written: `contents` (texts, values and messages), `paths` (that, and the paths of
    /// entries) or `names` (that, and the names of the files); absent when nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<String>,
    /// The set of stabilizers in force: `none`, `oss-rebuild`, `standard`, or `custom` when passes are switched off.
    pub profile: String,
    /// Ids of the passes switched off by hand.
    pub disabled: Vec<String>,
    /// The custom rules in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleLine>,
    /// The two artifacts.
    pub sides: Sides<SideInfo>,
    /// Counts over `rows`.
    pub summary: Summary,
    /// What differs and why, one statement for each cause however many rows it touches; unexplained ones first.
    pub statements: Vec<Statement>,
    /// Folders and names that were matched although they differ, e.g. `foo-1.0/` with `foo-1.1/`.
    pub alignments: Vec<Alignment>,
    /// The pair of artifacts themselves: differences of the outermost container, which belong to no member.
    pub root: Row,
    /// Every member of both artifacts at every level, in the order of B, with what only A has near its neighbours.
    pub rows: Vec<Row>,
    /// What could not be read, or is damaged.
    pub problems: Vec<ProblemLine>,
    /// What makes readers disagree about either artifact, what is hidden in it, and what contradicts itself: the worst
    /// first, A before B. `twinspect findings` prints what each id means.
    pub findings: Vec<FindingLine>,
    /// What B adds or changes that is worth looking at first, the most surprising first; `twinspect notices` prints what
    /// each kind means. Empty until the unexplained differences were looked into.
    pub notices: Vec<NoticeLine>,
    /// What named readers make of an archive that they do not all read alike, A before B.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<ArchiveViews>,
    /// What the stabilizers ignored: every difference that a pass accounts for, equal ones grouped.
    pub ledger: Vec<LedgerLine>,
    /// What OSS Rebuild itself would say, where it was asked for: under the profile `oss-rebuild`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
}

/// What OSS Rebuild itself would say of two artifacts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// `equivalent` if the stabilized archives are the same bytes, else `different`; `null` where it has no verdict.
    pub verdict: Option<Verdict>,
    /// The two stabilized archives.
    pub sides: Sides<StabilizedArchive>,
}

/// An artifact written again without what OSS Rebuild's passes ignore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StabilizedArchive {
    /// Which passes it has for the artifact: `wheel`, `jar`, `tar`, `tar-gzip`, `crate`, `gem`, `raw`; `null` if none.
    pub passes: Option<String>,
    /// SHA-256 of the stabilized archive, hex; `null` where there is none.
    pub sha256: Option<String>,
    /// Why OSS Rebuild has no such archive, as a sentence: the digest, if there is one, is then our own.
    pub refusal: Option<String>,
    /// Why its bytes may be others, a sentence each.
    pub notes: Vec<String>,
}

/// One side of the comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideInfo {
    /// The file's name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// What it is, inner format first, e.g. `zip`, `tar+gzip`; `null` if it is none of the formats we open.
    pub format: Option<String>,
    /// The kind of package in it: `npm`, `wheel`, `sdist`, `crate`, `gem`, `jar`, `apk`, `deb`, `rpm`, `alpine`, `oci`.
    pub ecosystem: Option<String>,
    /// Entries in it, at every level.
    pub entries: u64,
    /// Bytes read out of it, at every level.
    pub decoded_bytes: u64,
    /// The reader that its outermost archive was read as, by id, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
    /// The limits that were not at their default while it was read, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, u64>,
}

/// Counts over the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows by status; every status is present.
    pub by_status: BTreeMap<Status, u64>,
    /// Rows by cause (a row counts once for each of its causes), the root included.
    pub by_cause: BTreeMap<String, u64>,
    /// Whether two readers can get different content out of a side: then its content is not one thing, and a verdict
    /// about it is about what is read here.
    #[serde(default)]
    pub ambiguous: Sides<bool>,
}

/// A custom rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLine {
    /// Its name, as a cause: `exclude-path-custom00`, `replace-pattern-custom01` …
    pub id: String,
    /// Why it is there, in the words of whoever wrote it.
    pub reason: String,
    /// Patterns of the paths it is about.
    pub paths: Vec<String>,
    /// The expression it replaces; `null` if it leaves the paths out.
    pub pattern: Option<String>,
    /// What takes the place of a match.
    pub replace: Option<String>,
}

/// One cause, and all its effects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The cause: a stabilizer id, a signal id, or `unexplained`.
    pub cause: String,
    /// Whether a stabilizer accounts for it.
    pub explained: bool,
    /// The statement in words, e.g. `mtime differs in 212 entries`.
    pub sentence: String,
    /// The rows it is about: indices into `rows`, ascending; the root is not among them.
    pub rows: Vec<u32>,
}

/// Names that differ and were matched all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alignment {
    /// Where: the path of the container (levels joined by `!/`), empty for the artifact.
    pub container: String,
    /// The part of the path in A.
    pub left: String,
    /// The part of the path in B.
    pub right: String,
    /// How many pairs it matched.
    pub entries: u64,
}

/// One pair of entries, or one entry that the other side lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Path in B (in A for `only-left`), levels of nesting joined by `!/`; empty for the root. A second entry of the
    /// same path is followed by ` [2]`, and so on.
    pub path: String,
    /// What was found.
    pub status: Status,
    /// Why it differs: `unexplained` first, then signal ids, then stabilizer ids; empty when identical. A container's own
    /// causes only, not those of its members.
    pub causes: Vec<String>,
    /// What differs and is not accounted for: `content`, or names of fields; `members` for a container.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
    /// Path in A, when the entry was found under another name that no alignment accounts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// How alike the two contents are, in percent, when the pair was made by similarity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub similarity: Option<u8>,
    /// Index of the row that contains this one; `null` for members of the artifact itself.
    pub parent: Option<u32>,
    /// The entry in A.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<EntryInfo>,
    /// The entry in B.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<EntryInfo>,
}

/// One side of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryInfo {
    /// Size of the content in bytes.
    pub size: u64,
    /// SHA-256 of the content, hex; `null` if there is none or it could not be read.
    pub sha256: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// What was opened, as in [`SideInfo::format`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// SHA-256 of the stabilized content, where stabilizing changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stabilized_sha256: Option<String>,
}

/// Something that could not be read, or is damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemLine {
    /// In which artifact.
    pub side: Side,
    /// The entry's path in that artifact, levels joined by `!/`; empty for the artifact itself.
    pub path: String,
    /// Byte offset in the bytes being parsed, where one helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// A sentence.
    pub message: String,
    /// Whether something was not read because of it. If so the verdict can at best be `incomplete`.
    pub unread: bool,
    /// The limit that stopped the work, if it was one: it can be raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// Id of the finding that says the same, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
}

/// One case of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingLine {
    /// Its id, e.g. `ZIP-01`.
    pub id: String,
    /// How bad this case is.
    pub severity: Severity,
    /// In which artifact.
    pub side: Side,
    /// The entry's path in that artifact, levels joined by `!/`; empty for the artifact itself.
    pub path: String,
    /// Byte offset in the bytes being parsed, where one helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// A sentence, with the values that disagree.
    pub message: String,
    /// Whether the other side has no such finding at the entry it is compared with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_here: bool,
}

/// One fact about what B adds or changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Its kind, e.g. `install-hook`.
    pub id: String,
    /// What the kind says, in a few words.
    pub title: String,
    /// Index into `rows`; -1 is the root.
    pub row: i64,
    /// The row's path.
    pub path: String,
    /// What exactly, as a sentence without its end.
    pub message: String,
}

/// A difference that a stabilizer accounts for, with all the rows that have the same one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// Id of the stabilizer.
    pub pass: String,
    /// What it changed: a field's name, `content`, `order`, `entry`, or `encoding`.
    pub field: String,
    /// The value in A before stabilizing; `null` if A has none.
    pub left: Option<String>,
    /// The value in B before stabilizing; `null` if B has none.
    pub right: Option<String>,
    /// The value on both sides after stabilizing; `null` if it was dropped.
    pub after: Option<String>,
    /// How many pairs.
    pub count: u64,
    /// Indices into `rows`; -1 is the root.
    pub rows: Vec<i64>,
}

/// One artifact alone: what `twinspect inspect` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Always `twinspect-inspection/1`.
    pub schema: String,
    /// As in [`Report::redacted`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<String>,
    /// The artifact.
    pub artifact: SideInfo,
    /// The artifact itself, then every member at every level, in stored order.
    pub entries: Vec<InspectedEntry>,
    /// What could not be read, or is damaged.
    pub problems: Vec<ProblemLine>,
    /// As in [`Report::findings`].
    pub findings: Vec<FindingLine>,
    /// As in [`Report::views`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<ArchiveViews>,
}

/// One entry of an inspected artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectedEntry {
    /// Path, levels joined by `!/`; empty for the artifact itself.
    pub path: String,
    /// Size, digest, kind, format.
    #[serde(flatten)]
    pub info: EntryInfo,
    /// Its fields, in stored order; those of the container it was opened as have the format's id and a colon in front.
    pub fields: Vec<(String, String)>,
}

/// What is shown about one row before any window of its content is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Path as in [`Row::path`].
    pub path: String,
    /// Sentences about the pair, e.g. `Only the line endings differ: LF in A, CRLF in B.`
    pub sentences: Vec<String>,
    /// Names and values of both sides.
    pub fields: Vec<FieldRow>,
    /// The comparison as text; `null` if either content is not text.
    pub text: Option<TextShape>,
    /// Whether there are bytes to compare: the pair's own content, or a container's as stored.
    pub bytes: bool,
    /// Whether stabilizing changed the content of either side, so that raw and stabilized views differ.
    pub stabilized: bool,
}

/// One line of the comparison of fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldRow {
    /// The field's name; fields of an opened container have its format's id and a colon in front.
    pub name: String,
    /// Value in A.
    pub left: Option<String>,
    /// Value in B.
    pub right: Option<String>,
    /// Whether the raw values are equal.
    pub equal: bool,
    /// If not: the stabilizer that accounts for it, or `unexplained`.
    pub cause: Option<String>,
}

/// How two texts line up: enough to lay out the view, without the lines themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextShape {
    /// Encoding of each side: `UTF-8`, `UTF-16LE`, `UTF-16BE`, `Latin-1`; `null` for a missing side.
    pub encoding: Sides<Option<String>>,
    /// Lines of each side.
    pub lines: Sides<u32>,
    /// Five numbers each: tag (0 equal, 1 removed, 2 added, 3 changed), first line in A, lines in A, first line in B,
    /// lines in B. In order, without gaps. Changed lines are as many in A as in B: the first became the first, and so on.
    pub ops: Vec<u32>,
    /// Lines added and removed, a changed line counting once for each.
    pub added: u32,
    /// See `added`.
    pub removed: u32,
    /// True if very long lines were cut at statement ends to make them readable: then "lines" are those pieces.
    pub reflowed: bool,
    /// Whether lines of scripts, styles or data are so long that breaking them helps.
    pub breakable: bool,
    /// True if they were broken, as was asked: then "lines" are those pieces.
    pub reformatted: bool,
    /// True if the language is known, but the text is too long for [`TextLine::tokens`].
    pub colourless: bool,
    /// True if the deadline stopped the search for the smallest difference: the result is right, but longer.
    pub approximate: bool,
    /// True if only the first part of a very long content is shown.
    pub truncated: bool,
}

/// Some lines of both sides of a [`TextShape`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextWindow {
    /// Lines of A from the first asked for.
    pub left: Vec<TextLine>,
    /// Lines of B from the first asked for.
    pub right: Vec<TextLine>,
}

/// One line of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLine {
    /// Line number in the file, from 1; 0 for the continuation of a line that was cut or broken.
    pub number: u32,
    /// The text without its end, escaped for display, with tabs and backslashes as themselves: `escapes` tells ours from
    /// those of the text. At most 10 000 UTF-16 units; then `cut` says how many more.
    pub text: String,
    /// Pairs of UTF-16 offsets into `text`: what differs from the paired line of the other side; empty when the two
    /// lines share too little, or only their ends differ.
    pub marks: Vec<u32>,
    /// Pairs of UTF-16 offsets into `text`: escaped characters.
    pub escapes: Vec<u32>,
    /// Three numbers each, in order: a kind (0 comment, 1 string, 2 keyword, 3 number, 4 name, 5 heading) and two UTF-16
    /// offsets into `text`. Empty where the language is not known; for reading only, nothing depends on them.
    pub tokens: Vec<u32>,
    /// UTF-16 units left out at the end.
    pub cut: u32,
    /// How the line ends: `lf`, `crlf`, `cr`, or `none` at the end of the file or inside a reflowed line.
    pub end: String,
    /// In a reformatted text: how many blocks are open around it. Nothing of that is in `text`.
    pub depth: u32,
}

/// How two contents line up as bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BytesShape {
    /// Bytes of each side.
    pub size: Sides<u64>,
    /// Five numbers each, as in [`TextShape::ops`], counted in bytes. Bytes that are equal by chance may be among the
    /// changed ones.
    pub ops: Vec<u64>,
    /// True if the deadline stopped the alignment: the result is right, but changes are longer than they need to be.
    pub approximate: bool,
    /// Bytes of each side that the alignment covers; the rest was beyond the limit `content-bytes`.
    pub covered: Sides<u64>,
}
