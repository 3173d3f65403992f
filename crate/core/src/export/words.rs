//! Words that several outputs share: verdicts, statuses, severities, causes, counts.

use crate::artifact::Side;
use crate::entry::{Kind, Severity};
use crate::explain;
use crate::report::view::{ArchiveViews, ViewGroup, ViewSight};
use crate::report::{FindingLine, Report, Row, Status, Verdict};
use crate::stabilize;
use crate::summarize::UNEXPLAINED;

/// The engine's version.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Glyph and word of a verdict.
pub(super) fn verdict(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Identical => ("=", "Identical"),
        Verdict::Equivalent => ("≈", "Equivalent"),
        Verdict::Different => ("≠", "Different"),
        Verdict::Incomplete => ("?", "Incomplete"),
    }
}

/// Glyph and word of a status.
pub(super) fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Identical => ("=", "identical"),
        Status::Equivalent => ("≈", "explained"),
        Status::Different => ("≠", "different"),
        Status::OnlyLeft => ("−", "only in A"),
        Status::OnlyRight => ("+", "only in B"),
        Status::Unread => ("?", "not read"),
    }
}

/// The word of a status as the report has it.
pub(super) fn status_id(status: Status) -> &'static str {
    match status {
        Status::Identical => "identical",
        Status::Equivalent => "equivalent",
        Status::Different => "different",
        Status::OnlyLeft => "only-left",
        Status::OnlyRight => "only-right",
        Status::Unread => "unread",
    }
}

/// The word of a kind as the report has it.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::File => "file",
        Kind::Directory => "directory",
        Kind::Symlink => "symlink",
        Kind::Hardlink => "hardlink",
        Kind::CharacterDevice => "character-device",
        Kind::BlockDevice => "block-device",
        Kind::Fifo => "fifo",
        Kind::Other => "other",
    }
}

/// The word of a severity.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Conflict => "conflict",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Info => "info",
    }
}

/// A number with thin gaps between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A number and what it counts.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number as u64)) }
}

/// Rows of a status.
pub(super) fn by_status(report: &Report, status: Status) -> usize {
    let count = report.summary.by_status.get(&status).copied().unwrap_or(0);
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The verdict as one sentence.
pub(super) fn sentence(report: &Report) -> String {
    let by = |status| by_status(report, status);
    let entries = |number| count(number, "entry", "entries");
    match report.verdict {
        Verdict::Identical => "The same bytes.".to_owned(),
        Verdict::Equivalent if by(Status::Equivalent) == 0 => {
            "Bytes differ in the artifact itself; rules account for every difference.".to_owned()
        }
        Verdict::Equivalent => {
            format!("Bytes differ in {}; rules account for every difference.", entries(by(Status::Equivalent)))
        }
        Verdict::Different => {
            let parts =
                [(Status::Different, "changed"), (Status::OnlyLeft, "only in A"), (Status::OnlyRight, "only in B")];
            let mut parts: Vec<String> = parts
                .into_iter()
                .filter(|(status, _)| by(*status) > 0)
                .map(|(status, word)| format!("{} {word}", grouped(by(status) as u64)))
                .collect();
            if !own_causes(report).is_empty() {
                parts.push("the artifact itself".to_owned());
            }
            let explained = match by(Status::Equivalent) {
                0 => String::new(),
                1 => " 1 more is explained by rules.".to_owned(),
                more => format!(" {} more are explained by rules.", grouped(more as u64)),
            };
            format!("Not explained: {}.{explained}", parts.join(", "))
        }
        Verdict::Incomplete => format!(
            "{} could not be read, and no difference was found in the rest. No claim of equality is made.",
            count(report.problems.iter().filter(|problem| problem.unread).count(), "part", "parts")
        ),
    }
}

/// What must stand beside the verdict where a side is not one thing for all readers.
pub(super) fn ambiguous(report: &Report) -> Option<String> {
    let sides: Vec<String> = Side::BOTH
        .into_iter()
        .filter(|side| *report.summary.ambiguous.get(*side))
        .map(|side| side.letter().to_string())
        .collect();
    (!sides.is_empty())
        .then(|| format!("Ambiguous: readers can get different contents out of {}. See Findings.", sides.join(" and ")))
}

/// What was not inspected; `None` if everything was.
pub(super) fn unread(report: &Report) -> Option<String> {
    let parts = report.problems.iter().filter(|problem| problem.unread).count();
    let entries = by_status(report, Status::Unread);
    let limits = report.problems.iter().filter(|problem| problem.limit.is_some()).count();
    (parts + entries > 0).then(|| {
        let stopped = if limits > 0 { format!(", {} by a limit", grouped(limits as u64)) } else { String::new() };
        format!(
            "Not inspected: {}{stopped}; {} not judged.",
            count(parts, "part could not be read", "parts could not be read"),
            count(entries, "entry", "entries")
        )
    })
}

/// Causes of the artifact itself that no pass accounts for.
pub(super) fn own_causes(report: &Report) -> Vec<&str> {
    open_causes(report, &report.root)
}

/// The causes of a row that no pass accounts for.
pub(super) fn open_causes<'a>(report: &Report, row: &'a Row) -> Vec<&'a str> {
    let explained = |id: &str| stabilize::by_id(id).is_some() || report.rules.iter().any(|rule| rule.id == id);
    row.causes.iter().map(String::as_str).filter(|id| !explained(id)).collect()
}

/// Whether a row is one that a reader has to look at.
pub(super) fn is_open(row: &Row) -> bool {
    matches!(row.status, Status::Different | Status::OnlyLeft | Status::OnlyRight)
}

/// What a cause is, in a few words.
pub(super) fn cause_title(id: &str) -> &'static str {
    if id == UNEXPLAINED {
        return "A difference that no pass and no signal accounts for";
    }
    let signal = explain::by_id(id).map(|signal| signal.title);
    signal.or_else(|| stabilize::by_id(id).map(|pass| pass.title)).unwrap_or("A rule of the user's own")
}

/// What to do about a cause.
pub(super) fn cause_advice(id: &str) -> &'static str {
    if id == UNEXPLAINED {
        return "Compare the two contents: nothing is known that makes this difference harmless.";
    }
    let signal = explain::by_id(id).map(|signal| signal.advice);
    signal.or_else(|| stabilize::by_id(id).map(|pass| pass.rationale)).unwrap_or("Its author gave the reason.")
}

/// Where only one side has a finding, in words.
pub(super) fn only_here(finding: &FindingLine) -> &'static str {
    match (finding.only_here, finding.side) {
        (false, _) => "",
        (true, Side::Left) => "only in A",
        (true, Side::Right) => "only in B",
    }
}

/// In what readers of an archive disagree.
pub(super) fn disagreement(views: &ArchiveViews) -> &str {
    match (views.disagree.as_deref(), views.skipped.as_deref()) {
        (Some("contents"), _) => "readers that report success get different contents",
        (Some(_), _) => "readers that report success get different names",
        (None, Some(reason)) => reason,
        (None, None) => "readers that report success get the same",
    }
}

/// The readers of a group, with the errors of those that report one.
pub(super) fn readers(group: &ViewGroup) -> String {
    let names = group.readers.iter().map(|reader| match &reader.reason {
        Some(reason) => format!("{} (error: {reason})", reader.title),
        None => reader.title.clone(),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// What readers have at a path.
pub(super) fn sight(sight: Option<&ViewSight>) -> String {
    let Some(sight) = sight else { return "nothing".to_owned() };
    let digest = sight.sha256.as_ref().map_or(String::new(), |digest| format!(", sha256 {digest}"));
    format!("{} bytes{digest}", grouped(sight.size))
}
