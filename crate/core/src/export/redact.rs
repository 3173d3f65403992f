//! What is withheld, before anything is written.
//!
//! Each level withholds what the one before does. A text of a report may quote a content, a name or a value, so all of
//! them go at once: they are said again from tables and counts. What is left in the end are digests, sizes, counts and
//! causes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::finding;
use crate::report::view::ArchiveViews;
use crate::report::{FindingLine, Inspection, LedgerLine, ProblemLine, Report, Row, Statement};

use super::words;

/// How much is withheld.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Redaction {
    /// Nothing.
    #[default]
    None,
    /// Contents: texts, the values of fields, and every message that may quote one.
    Contents,
    /// That, and the paths of entries: they become numbers.
    Paths,
    /// That, and the names of the two files: they become A and B.
    Names,
}

/// What stands where something was withheld.
const WITHHELD: &str = "(withheld)";

impl Redaction {
    /// Every level.
    pub const ALL: [Self; 4] = [Self::None, Self::Contents, Self::Paths, Self::Names];

    /// Its name.
    pub fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Contents => "contents",
            Self::Paths => "paths",
            Self::Names => "names",
        }
    }

    /// The level of this name.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.id() == id)
    }

    fn stated(self) -> Option<String> {
        (self != Self::None).then(|| self.id().to_owned())
    }
}

/// Names of fields that are ours. Others may be an artifact's own words, such as the key of a PAX record.
const KNOWN_FIELDS: &[&str] = &[
    "bytes",
    "comment",
    "compressed-size",
    "compression",
    "content",
    "content-sha256",
    "content-size",
    "crc32",
    "data-descriptor",
    "encoding",
    "encryption",
    "entry",
    "flags",
    "format",
    "gid",
    "gname",
    "header-form",
    "kind",
    "level",
    "made-by",
    "members",
    "method",
    "mode",
    "mode-extra",
    "mtime",
    "names",
    "order",
    "os",
    "path",
    "size",
    "sparse",
    "stored-sha256",
    "target",
    "trailing-bytes",
    "trailing-sha256",
    "type",
    "uid",
    "uname",
    "utf8-name",
    "zip64",
];

/// The name of a field where it is one of ours; else only that it is a field.
fn field(name: &str) -> String {
    // A container's own field has its format's id in front, which is ours too.
    let (format, own) = match name.split_once(':') {
        Some((format, own)) if crate::format::by_id(format).is_some() => (Some(format), own),
        _ => (None, name),
    };
    match (KNOWN_FIELDS.contains(&own), format) {
        (true, _) => name.to_owned(),
        (false, Some(format)) => format!("{format}:field"),
        (false, None) => "field".to_owned(),
    }
}

/// A report without what is withheld.
pub(super) fn report(report: &Report, level: Redaction) -> Report {
    let mut out = report.clone();
    out.redacted = level.stated();
    if level >= Redaction::Contents {
        withhold_contents(&mut out);
    }
    if level >= Redaction::Paths {
        let numbers = Numbers::new(report.rows.iter().map(|row| row.path.as_str()));
        withhold_paths(&mut out, &numbers);
    }
    if level >= Redaction::Names {
        "A".clone_into(&mut out.sides.left.name);
        "B".clone_into(&mut out.sides.right.name);
    }
    out
}

/// An inspection without what is withheld.
pub(super) fn inspection(inspection: &Inspection, level: Redaction) -> Cow<'_, Inspection> {
    if level == Redaction::None {
        // Hundreds of thousands of entries are not copied for nothing.
        return Cow::Borrowed(inspection);
    }
    let mut out = inspection.clone();
    out.redacted = level.stated();
    if level >= Redaction::Contents {
        for entry in &mut out.entries {
            entry.fields.clear();
        }
        out.problems.iter_mut().for_each(withhold_problem);
        out.findings.iter_mut().for_each(withhold_finding);
        out.views.iter_mut().for_each(withhold_reasons);
    }
    if level >= Redaction::Paths {
        let paths = inspection.entries.iter().map(|entry| entry.path.as_str());
        let numbers = Numbers::new(paths.filter(|path| !path.is_empty()));
        for entry in &mut out.entries {
            entry.path = numbers.name(&entry.path);
        }
        out.problems.iter_mut().for_each(|problem| problem.path = numbers.name(&problem.path));
        out.findings.iter_mut().for_each(|finding| finding.path = numbers.name(&finding.path));
        out.views.iter_mut().for_each(|views| withhold_view_paths(views, &numbers));
    }
    if level >= Redaction::Names {
        "the artifact".clone_into(&mut out.artifact.name);
    }
    Cow::Owned(out)
}

fn withhold_contents(report: &mut Report) {
    let rules: Vec<String> = report.rules.iter().map(|rule| rule.id.clone()).collect();
    for statement in &mut report.statements {
        statement.sentence = said_again(statement, rules.contains(&statement.cause));
    }
    for row in report.rows.iter_mut().chain([&mut report.root]) {
        withhold_fields(row);
    }
    report.problems.iter_mut().for_each(withhold_problem);
    report.findings.iter_mut().for_each(withhold_finding);
    report.notices.iter_mut().for_each(|notice| WITHHELD.clone_into(&mut notice.message));
    report.views.iter_mut().for_each(withhold_reasons);
    report.ledger = withheld_ledger(std::mem::take(&mut report.ledger));
    for rule in &mut report.rules {
        WITHHELD.clone_into(&mut rule.reason);
        for text in rule.pattern.iter_mut().chain(&mut rule.replace) {
            WITHHELD.clone_into(text);
        }
    }
    if let Some(upstream) = &mut report.upstream {
        for archive in [&mut upstream.sides.left, &mut upstream.sides.right] {
            for text in archive.refusal.iter_mut().chain(&mut archive.notes) {
                WITHHELD.clone_into(text);
            }
        }
    }
}

/// A statement from its cause and its count alone.
fn said_again(statement: &Statement, is_rule: bool) -> String {
    let entries = words::count(statement.rows.len(), "entry", "entries").replace('\u{202f}', "");
    let are = if statement.rows.len() == 1 { "is" } else { "are" };
    // These say nothing but a count.
    let counted = [
        format!("{entries} {are} only in A"),
        format!("{entries} {are} only in B"),
        format!("Content differs in {entries}"),
        "Content differs in the artifact itself".to_owned(),
        format!("The bytes differ, but nothing format-specific was found in {entries}"),
    ];
    if counted.contains(&statement.sentence) {
        return statement.sentence.clone();
    }
    let title = match (is_rule, statement.cause.as_str()) {
        (true, _) => "Custom rule",
        (false, crate::summarize::UNEXPLAINED) => "Something else differs",
        (false, cause) => words::cause_title(cause),
    };
    match statement.rows.len() {
        0 => format!("{title} in the artifact itself"),
        _ => format!("{title} in {entries}"),
    }
}

fn withhold_fields(row: &mut Row) {
    let mut differs: Vec<String> = Vec::new();
    for name in row.differs.iter().map(|name| field(name)) {
        if !differs.contains(&name) {
            differs.push(name);
        }
    }
    row.differs = differs;
}

fn withhold_problem(problem: &mut ProblemLine) {
    problem.message = match (&problem.limit, problem.unread) {
        (Some(limit), _) => format!("stopped at the limit {limit}"),
        (None, true) => "could not be read".to_owned(),
        (None, false) => "damaged, or unusual".to_owned(),
    };
}

fn withhold_finding(line: &mut FindingLine) {
    finding::by_id(&line.id).map_or(WITHHELD, |(_, info)| info.title).clone_into(&mut line.message);
}

/// What readers report can quote the archive.
fn withhold_reasons(views: &mut ArchiveViews) {
    let readers = views.groups.iter_mut().flat_map(|group| &mut group.readers);
    for text in readers.filter_map(|reader| reader.reason.as_mut()).chain(&mut views.skipped) {
        WITHHELD.clone_into(text);
    }
}

fn withhold_view_paths(views: &mut ArchiveViews, numbers: &Numbers) {
    views.path = numbers.name(&views.path);
    for member in &mut views.members {
        member.path = numbers.name(&member.path);
    }
}

/// Values withheld, and lines that are then equal joined.
fn withheld_ledger(lines: Vec<LedgerLine>) -> Vec<LedgerLine> {
    let mut out: Vec<LedgerLine> = Vec::new();
    let mut places: BTreeMap<(String, String, [bool; 3]), usize> = BTreeMap::new();
    for mut line in lines {
        line.field = field(&line.field);
        let present = [line.left.is_some(), line.right.is_some(), line.after.is_some()];
        for value in [&mut line.left, &mut line.right, &mut line.after].into_iter().flatten() {
            WITHHELD.clone_into(value);
        }
        let place = *places.entry((line.pass.clone(), line.field.clone(), present)).or_insert(out.len());
        match out.get_mut(place) {
            Some(known) => {
                known.count = known.count.saturating_add(line.count);
                known.rows.extend(line.rows);
                known.rows.sort_unstable();
            }
            None => out.push(line),
        }
    }
    out
}

fn withhold_paths(report: &mut Report, numbers: &Numbers) {
    for row in &mut report.rows {
        row.path = numbers.name(&row.path);
        if let Some(from) = &mut row.moved_from {
            WITHHELD.clone_into(from);
        }
    }
    for aligned in &mut report.alignments {
        aligned.container = numbers.name(&aligned.container);
        WITHHELD.clone_into(&mut aligned.left);
        WITHHELD.clone_into(&mut aligned.right);
    }
    report.problems.iter_mut().for_each(|problem| problem.path = numbers.name(&problem.path));
    report.findings.iter_mut().for_each(|finding| finding.path = numbers.name(&finding.path));
    report.notices.iter_mut().for_each(|notice| notice.path = numbers.name(&notice.path));
    report.views.iter_mut().for_each(|views| withhold_view_paths(views, numbers));
    for path in report.rules.iter_mut().flat_map(|rule| &mut rule.paths) {
        WITHHELD.clone_into(path);
    }
}

/// Paths by number.
pub(super) struct Numbers(BTreeMap<String, usize>);

impl Numbers {
    fn new<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut numbers = BTreeMap::new();
        for (at, path) in paths.enumerate() {
            numbers.entry(path.to_owned()).or_insert(at + 1);
        }
        Self(numbers)
    }

    /// What stands for a path; the artifact itself has none. A path that only one side has, for an entry that is listed
    /// under another, has no number.
    fn name(&self, path: &str) -> String {
        if path.is_empty() {
            return String::new();
        }
        self.0.get(path).map_or_else(|| "an entry".to_owned(), |number| format!("entry {number}"))
    }
}
