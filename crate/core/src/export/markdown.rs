//! Markdown for an issue. Whatever comes from an artifact stands in a code span or a fenced block longer than any run of
//! backticks inside: there neither markup nor HTML, mentions, references nor links mean anything. There are no tables,
//! whose cells would need another escape.

use std::fmt::Write as _;

use crate::compare::Unified;
use crate::entry::Severity;
use crate::report::view::ArchiveViews;
use crate::report::{EntryInfo, FindingLine, Inspection, ProblemLine, Row, SideInfo, Status};

use super::escape::{self, code_span, longest_run};
use super::material::{Change, Contents, Material};
use super::redact::Redaction;
use super::words;

/// Paths of one archive that readers see differently, listed.
const MOST_PATHS: usize = 10;
/// Characters of a name or message that are shown.
const MOST_NAME: usize = 300;
/// Lines of each list.
const MOST_LISTED: usize = 100;
/// Characters from which on no further difference is shown: trackers take 65 536.
const MOST_TEXT: usize = 45_000;
/// Characters from which on a list ends, so that what counts the rest has room.
const MOST_LISTS: usize = 40_000;

/// A comparison.
pub(super) fn comparison(material: &Material) -> String {
    let report = &material.report;
    let mut out = String::new();
    let (glyph, word) = words::verdict(report.verdict);
    line(&mut out, &format!("## {glyph} {word}"));
    line(&mut out, "");
    line(&mut out, &words::sentence(report));
    for warning in [words::ambiguous(report), words::unread(report)].into_iter().flatten() {
        line(&mut out, "");
        line(&mut out, &format!("**{warning}**"));
    }
    line(&mut out, "");
    for (letter, side) in [("A", &report.sides.left), ("B", &report.sides.right)] {
        side_line(&mut out, letter, side);
    }
    let disabled =
        if report.disabled.is_empty() { String::new() } else { format!(" without {}", spans(&report.disabled)) };
    line(&mut out, &format!("- Rules: profile {}{disabled}", span(&report.profile)));
    let notices = report.notices.iter().map(|notice| {
        let path = if notice.path.is_empty() { String::new() } else { format!(" {}:", span(&notice.path)) };
        format!("{}:{path} {} ({})", notice.title, span(&notice.message), span(&notice.id))
    });
    list(&mut out, "Look first", notices);
    for (heading, explained) in [("What differs", false), ("What was ignored, and why", true)] {
        let of = report.statements.iter().filter(|statement| statement.explained == explained);
        list(
            &mut out,
            heading,
            of.map(|statement| format!("{} ({})", span(&statement.sentence), span(&statement.cause))),
        );
    }
    findings(&mut out, &report.findings, true);
    views(&mut out, &report.views, true);
    problems(&mut out, &report.problems, true);
    let rows = report.rows.iter().filter(|row| words::is_open(row));
    list(&mut out, "Entries that are not explained", rows.map(row_line));
    differences(&mut out, material);
    footer(&mut out, report.redacted.as_deref());
    out
}

/// One artifact.
pub(super) fn inspection(inspection: &Inspection) -> String {
    let mut out = String::new();
    line(&mut out, "## Inspected");
    line(&mut out, "");
    side_line(&mut out, "Artifact", &inspection.artifact);
    findings(&mut out, &inspection.findings, false);
    views(&mut out, &inspection.views, false);
    problems(&mut out, &inspection.problems, false);
    let entries = inspection.entries.iter().filter(|entry| !entry.path.is_empty());
    let shown = entries.map(|entry| {
        let digest = entry.info.sha256.as_ref().map_or(String::new(), |digest| format!(", sha256 {}", span(digest)));
        format!("{}: {}, {}{digest}", span(&entry.path), words::kind(entry.info.kind), bytes(entry.info.size))
    });
    list(&mut out, "Entries", shown);
    footer(&mut out, inspection.redacted.as_deref());
    out
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// Foreign text as a code span, cut where it is very long.
fn span(text: &str) -> String {
    code_span(&escape::cut(text, MOST_NAME))
}

fn spans(texts: &[String]) -> String {
    texts.iter().map(|text| span(text)).collect::<Vec<_>>().join(", ")
}

fn plain(number: u64) -> String {
    words::grouped(number)
}

fn bytes(number: u64) -> String {
    if number == 1 { "1 byte".to_owned() } else { format!("{} bytes", plain(number)) }
}

fn side_line(out: &mut String, letter: &str, side: &SideInfo) {
    let mut facts = vec![bytes(side.size)];
    facts.extend(side.ecosystem.iter().chain(&side.format).cloned());
    facts.push(words::count(usize::try_from(side.entries).unwrap_or(usize::MAX), "entry", "entries"));
    line(out, &format!("- **{letter}** {}: {}, sha256 {}", span(&side.name), facts.join(", "), span(&side.sha256)));
}

/// A list under a heading; what it leaves out is counted. Nothing at all for an empty one.
fn list(out: &mut String, heading: &str, items: impl Iterator<Item = String>) {
    let mut items = items.peekable();
    if items.peek().is_none() {
        return;
    }
    let _ = write!(out, "\n### {heading}\n\n");
    let (mut shown, mut left) = (0, 0);
    for item in items {
        if shown < MOST_LISTED && out.len() < MOST_LISTS {
            line(out, &format!("- {item}"));
            shown += 1;
        } else {
            left += 1;
        }
    }
    if left > 0 {
        line(out, &format!("- … and {} more", plain(left)));
    }
}

fn place(side: char, path: &str, sides: bool) -> String {
    let side = if sides { format!(" {side}") } else { String::new() };
    if path.is_empty() { side } else { format!("{side} {}", span(path)) }
}

fn findings(out: &mut String, findings: &[FindingLine], sides: bool) {
    let (bad, notes): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.severity != Severity::Info);
    let show = |finding: &&FindingLine| {
        let only = words::only_here(finding);
        let only = if sides && !only.is_empty() { format!(" ({only})") } else { String::new() };
        let place = place(finding.side.letter(), &finding.path, sides);
        format!("{} {}:{place} {}{only}", finding.id, words::severity(finding.severity), span(&finding.message))
    };
    list(out, "Findings", bad.iter().chain(&notes).map(show));
}

fn views(out: &mut String, views: &[ArchiveViews], sides: bool) {
    let show = |archive: &ArchiveViews| {
        let place = place(archive.side.letter(), &archive.path, sides);
        let groups = archive.groups.iter().enumerate().map(|(at, group)| {
            let files = words::count(group.members as usize, "file", "files");
            format!("({}) {files}: {}", at + 1, span(&words::readers(group)))
        });
        let paths = archive.members.iter().take(MOST_PATHS).map(|member| {
            let sights = member.by.iter().enumerate();
            let sights = sights.map(|(at, sight)| format!("({}) {}", at + 1, words::sight(sight.as_ref())));
            format!("{}: {}", span(&member.path), sights.collect::<Vec<_>>().join("; "))
        });
        let left = archive.more + archive.members.len().saturating_sub(MOST_PATHS) as u64;
        let more = (left > 0).then(|| format!("and {} more paths", plain(left)));
        let parts: Vec<String> = groups.chain(paths).chain(more).collect();
        format!("{}:{place} {}", span(words::disagreement(archive)), parts.join(" · "))
    };
    list(out, "What readers see", views.iter().map(show));
}

fn problems(out: &mut String, problems: &[ProblemLine], sides: bool) {
    let show = |problem: &ProblemLine| {
        let limit = problem.limit.as_ref().map_or(String::new(), |limit| format!(" (limit {})", span(limit)));
        let read = if problem.unread { "not read" } else { "read" };
        let place = place(problem.side.letter(), &problem.path, sides);
        format!("{read}:{place} {}{limit}", span(&problem.message))
    };
    list(out, "Not read, or damaged", problems.iter().map(show));
}

fn row_line(row: &Row) -> String {
    let (glyph, word) = words::status(row.status);
    let size = |info: &Option<EntryInfo>| info.as_ref().map(|info| info.size);
    let sizes = match (size(&row.left), size(&row.right)) {
        (Some(left), Some(right)) if left != right => format!(", {} → {}", plain(left), bytes(right)),
        (Some(size), _) | (_, Some(size)) => format!(", {}", bytes(size)),
        (None, None) => String::new(),
    };
    let moved = row.moved_from.as_ref().map_or(String::new(), |from| format!(", moved from {}", span(from)));
    let differs = if row.differs.is_empty() { String::new() } else { format!(" in {}", spans(&row.differs)) };
    let causes = if row.causes.is_empty() { String::new() } else { format!(" ({})", spans(&row.causes)) };
    format!("{glyph} {}: {word}{differs}{moved}{sizes}{causes}", span(&row.path))
}

fn differences(out: &mut String, material: &Material) {
    if material.redaction >= Redaction::Contents || material.changes.is_empty() {
        return;
    }
    let mut left = material.left_out;
    let _ = write!(out, "\n### Differences\n");
    for change in &material.changes {
        let text = difference(material, change);
        if text.is_empty() {
            continue;
        }
        if out.len() + text.len() > MOST_TEXT + MOST_LISTS / 4 {
            left += 1;
            continue;
        }
        out.push_str(&text);
    }
    if left > 0 {
        line(out, "");
        line(out, &format!("The differences of {} more entries are not shown.", plain(left as u64)));
    }
}

fn difference(material: &Material, change: &Change) -> String {
    let row = material.row(change);
    let mut body = String::new();
    for sentence in change.sentences.iter().take(MOST_LISTED) {
        line(&mut body, &format!("- {}", span(sentence)));
    }
    for field in change.fields.iter().take(MOST_LISTED) {
        let value = |value: &Option<String>| value.as_deref().map_or("none".to_owned(), span);
        line(&mut body, &format!("- {}: {} → {}", span(&field.name), value(&field.left), value(&field.right)));
    }
    if change.fields.len() > MOST_LISTED {
        line(&mut body, &format!("- … and {} more fields", change.fields.len() - MOST_LISTED));
    }
    match &change.content {
        Contents::Text(unified) => body.push_str(&fenced(unified)),
        Contents::Binary if row.status == Status::Different => {
            line(&mut body, "\nThe bytes differ; this is not text on both sides.")
        }
        Contents::NotShown(reason) => line(&mut body, &format!("\n{reason}")),
        Contents::Binary | Contents::Same => {}
    }
    if body.is_empty() {
        return String::new();
    }
    let path = if row.path.is_empty() { "The artifact itself".to_owned() } else { span(&row.path) };
    format!("\n#### {path}\n\n{}", body.trim_start_matches('\n'))
}

fn fenced(unified: &Unified) -> String {
    let mut text = String::new();
    for hunk in &unified.hunks {
        let _ =
            writeln!(text, "@@ -{},{} +{},{} @@", hunk.left_start, hunk.left_count, hunk.right_start, hunk.right_count);
        for each in &hunk.lines {
            line(&mut text, &format!("{}{}", each.tag, escape::visible(&each.text)));
        }
    }
    let mut out = String::new();
    if !text.is_empty() {
        let fence = "`".repeat((longest_run(&text) + 1).max(3));
        let _ = write!(out, "\n{fence}diff\n{text}{fence}\n");
    }
    if unified.left_out > 0 {
        let _ = writeln!(out, "\n… {} more changed lines", plain(unified.left_out));
    }
    out
}

fn footer(out: &mut String, redacted: Option<&str>) {
    let withheld = redacted.map_or(String::new(), |level| format!(" Withheld: {level}."));
    let _ = write!(out, "\n---\nMade by Twinspect {}.{withheld}\n", words::VERSION);
}
