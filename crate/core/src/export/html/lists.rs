//! Statements, findings, problems, and the ledger of what was ignored.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::entry::Severity;
use crate::finding;
use crate::report::view::ArchiveViews;
use crate::report::{FindingLine, LedgerLine, NoticeLine, ProblemLine, Report};
use crate::stabilize;

use super::super::escape::{self, Html};
use super::super::words;
use super::{MOST_NAME, name};

/// Lines of one list.
const MOST: usize = 500;
/// Lines of the ledger for one pass.
const MOST_LEDGER: usize = 50;

/// What to look at first; what comes after the first few is folded.
pub(super) fn notices(out: &mut String, report: &Report) {
    const FIRST: usize = 7;
    let line = |out: &mut String, notice: &NoticeLine| {
        let path = if notice.path.is_empty() { String::new() } else { format!("{}: ", name(&notice.path)) };
        let message = Html(&notice.message);
        let _ = writeln!(
            out,
            "<li><b>{}</b> <span>{path}{message}</span> <span class=\"badge open\">{}</span></li>",
            Html(&notice.title),
            Html(&notice.id)
        );
    };
    let (first, rest) = report.notices.split_at(report.notices.len().min(FIRST));
    if first.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>Look first</h2>\n<ol class=\"findings\">\n");
    first.iter().for_each(|notice| line(out, notice));
    out.push_str("</ol>\n");
    if !rest.is_empty() {
        let count = words::grouped(rest.len() as u64);
        let _ = write!(out, "<details>\n<summary>And more ({count})</summary>\n<ol class=\"findings\">\n");
        rest.iter().for_each(|notice| line(out, notice));
        out.push_str("</ol>\n</details>\n");
    }
    out.push_str("</section>\n");
}

/// What differs, one line for each cause.
pub(super) fn statements(out: &mut String, report: &Report) {
    out.push_str("<section>\n<h2>What differs</h2>\n");
    if report.statements.is_empty() {
        out.push_str("<p class=\"quiet\">Nothing differs.</p>\n");
    } else {
        out.push_str("<ul class=\"statements\">\n");
    }
    for statement in report.statements.iter().take(MOST) {
        let (glyph, class) = if statement.explained { ("≈", "badge") } else { ("≠", "badge open") };
        let _ = writeln!(
            out,
            "<li><span class=\"glyph\" aria-hidden=\"true\">{glyph}</span> <span>{}</span> <span class=\"{class}\">{}</span></li>",
            Html(&escape::cut(&statement.sentence, MOST_NAME)),
            Html(&statement.cause)
        );
    }
    more(out, report.statements.len(), MOST);
    if !report.statements.is_empty() {
        out.push_str("</ul>\n");
    }
    if !report.alignments.is_empty() {
        let _ = write!(
            out,
            "<details>\n<summary>Matched although named differently ({})</summary>\n<ul>\n",
            words::grouped(report.alignments.len() as u64)
        );
        for aligned in report.alignments.iter().take(MOST) {
            let top = |text: &str| if text.is_empty() { "(top)".to_owned() } else { name(text) };
            let _ = writeln!(
                out,
                "<li>{} ↔ {}, {} pairs</li>",
                top(&aligned.left),
                top(&aligned.right),
                words::grouped(aligned.entries)
            );
        }
        more(out, report.alignments.len(), MOST);
        out.push_str("</ul>\n</details>\n");
    }
    out.push_str("</section>\n");
}

/// Says how many of a list are not shown.
fn more(out: &mut String, length: usize, most: usize) {
    if length > most {
        let _ = writeln!(out, "<li class=\"more\">… and {} more</li>", words::grouped((length - most) as u64));
    }
}

/// The findings, and what each means; notes are folded.
pub(super) fn findings(out: &mut String, findings: &[FindingLine], sides: bool) {
    if findings.is_empty() {
        return;
    }
    let _ = write!(out, "<section>\n<h2>Findings <b>{}</b></h2>\n", words::grouped(findings.len() as u64));
    let (bad, notes): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.severity != Severity::Info);
    if !bad.is_empty() {
        finding_lines(out, &bad, sides);
    }
    if !notes.is_empty() {
        let _ = write!(out, "<details>\n<summary>Notes ({})</summary>\n", words::grouped(notes.len() as u64));
        finding_lines(out, &notes, sides);
        out.push_str("</details>\n");
    }
    let mut ids: Vec<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let _ = write!(out, "<details>\n<summary>What these findings mean ({})</summary>\n<dl>\n", ids.len());
    for (_, info) in ids.iter().filter_map(|id| finding::by_id(id)) {
        let _ = writeln!(
            out,
            "<dt><b>{}</b> {}</dt>\n<dd>{} <i>Who:</i> {} <i>Do:</i> {}</dd>",
            info.id,
            Html(info.title),
            Html(info.explanation),
            Html(info.diverges),
            Html(info.advice)
        );
    }
    out.push_str("</dl>\n</details>\n</section>\n");
}

/// What named readers see where they do not see the same.
pub(super) fn views(out: &mut String, views: &[ArchiveViews], sides: bool) {
    if views.is_empty() {
        return;
    }
    out.push_str("<section>\n<h2>What readers see</h2>\n");
    for archive in views.iter().take(MOST) {
        let side = if sides { format!("{}: ", archive.side.letter()) } else { String::new() };
        let path = if archive.path.is_empty() { "the archive".to_owned() } else { name(&archive.path) };
        let _ = write!(out, "<p>{side}{path}: {}</p>\n<ol class=\"findings\">\n", Html(words::disagreement(archive)));
        for group in &archive.groups {
            let files = words::count(group.members as usize, "file", "files");
            let _ = writeln!(out, "<li>{}: {files}</li>", Html(&words::readers(group)));
        }
        out.push_str("</ol>\n");
        if archive.members.is_empty() {
            continue;
        }
        let count = words::grouped(archive.members.len() as u64 + archive.more);
        let _ = write!(out, "<details>\n<summary>Paths that they see differently ({count})</summary>\n<dl>\n");
        for member in archive.members.iter().take(MOST) {
            let _ = writeln!(out, "<dt>{}</dt>", name(&member.path));
            for (at, sight) in member.by.iter().enumerate() {
                let _ = writeln!(out, "<dd>{}: {}</dd>", at + 1, words::sight(sight.as_ref()));
            }
        }
        let left = archive.more + archive.members.len().saturating_sub(MOST) as u64;
        if left > 0 {
            let _ = writeln!(out, "<dt>… and {} more</dt>", words::grouped(left));
        }
        out.push_str("</dl>\n</details>\n");
    }
    out.push_str("</section>\n");
}

fn finding_lines(out: &mut String, findings: &[&FindingLine], sides: bool) {
    out.push_str("<ul class=\"findings\">\n");
    for finding in findings.iter().take(MOST) {
        let severity = words::severity(finding.severity);
        let only = if sides { words::only_here(finding) } else { "" };
        let only = if only.is_empty() { String::new() } else { format!(" <span class=\"quiet\">{only}</span>") };
        let _ = writeln!(
            out,
            "<li class=\"{severity}\"><span class=\"severity\">{severity}</span> <b>{}</b> {}{}{}{only}</li>",
            Html(&finding.id),
            place(finding.side.letter(), &finding.path, sides),
            Html(&escape::cut(&finding.message, MOST_NAME)),
            offset(finding.offset)
        );
    }
    more(out, findings.len(), MOST);
    out.push_str("</ul>\n");
}

fn place(side: char, path: &str, sides: bool) -> String {
    let side = if sides { format!("{side} ") } else { String::new() };
    let path = if path.is_empty() { String::new() } else { format!("{}: ", name(path)) };
    side + &path
}

fn offset(offset: Option<u64>) -> String {
    offset.map_or(String::new(), |offset| format!(" <span class=\"quiet\">at byte {}</span>", words::grouped(offset)))
}

/// What was not read, or is damaged.
pub(super) fn problems(out: &mut String, problems: &[ProblemLine], sides: bool) {
    // What a finding says too is said there, unless it is why something was not read.
    let problems: Vec<&ProblemLine> =
        problems.iter().filter(|problem| problem.unread || problem.finding.is_none()).collect();
    if problems.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<section>\n<h2>Not read, or damaged <b>{}</b></h2>\n<ul>\n",
        words::grouped(problems.len() as u64)
    );
    for problem in problems.iter().take(MOST) {
        let read = if problem.unread { "<b>not read</b> " } else { "" };
        let limit = problem.limit.as_ref().map_or(String::new(), |limit| format!(" (limit {})", Html(limit)));
        let _ = writeln!(
            out,
            "<li>{read}{}{}{}{limit}</li>",
            place(problem.side.letter(), &problem.path, sides),
            Html(&escape::cut(&problem.message, MOST_NAME)),
            offset(problem.offset)
        );
    }
    more(out, problems.len(), MOST);
    out.push_str("</ul>\n</section>\n");
}

/// What was ignored, and why: every pass that accounts for something, with its reason and its cases.
pub(super) fn ledger(out: &mut String, report: &Report) {
    if report.ledger.is_empty() {
        return;
    }
    let mut passes: BTreeMap<&str, Vec<&LedgerLine>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for line in &report.ledger {
        let lines = passes.entry(&line.pass).or_default();
        if lines.is_empty() {
            order.push(&line.pass);
        }
        lines.push(line);
    }
    let all: u64 = report.ledger.iter().map(|line| line.count).sum();
    let _ = write!(out, "<section>\n<h2>What was ignored, and why <b>{}</b></h2>\n", words::grouped(all));
    for id in order {
        let Some(lines) = passes.get(id) else { continue };
        let count: u64 = lines.iter().map(|line| line.count).sum();
        let rule = report.rules.iter().find(|rule| rule.id == id);
        let (title, reason) = match (stabilize::by_id(id), rule) {
            (Some(pass), _) => (pass.title, pass.rationale),
            (None, Some(rule)) => ("Custom rule", rule.reason.as_str()),
            (None, None) => ("A rule", ""),
        };
        let _ = write!(
            out,
            "<details>\n<summary><span class=\"badge\">{}</span> {} <b>{}</b></summary>\n<p>{}</p>\n\
             <table>\n<thead><tr><th scope=\"col\">Field</th><th scope=\"col\">A before</th><th scope=\"col\">B before</th>\
             <th scope=\"col\">After</th><th scope=\"col\">Pairs</th></tr></thead>\n<tbody>\n",
            Html(id),
            Html(title),
            words::grouped(count),
            Html(&escape::cut(reason, 4 * MOST_NAME))
        );
        for line in lines.iter().take(MOST_LEDGER) {
            let value = |value: &Option<String>, none: &str| match value {
                Some(value) => format!("<code>{}</code>", Html(&escape::cut(value, 200))),
                None => format!("<span class=\"quiet\">{none}</span>"),
            };
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td class=\"number\">{}</td></tr>",
                Html(&escape::cut(&line.field, 200)),
                value(&line.left, "none"),
                value(&line.right, "none"),
                value(&line.after, "left out"),
                words::grouped(line.count)
            );
        }
        if lines.len() > MOST_LEDGER {
            let rest = words::count(lines.len() - MOST_LEDGER, "more line", "more lines");
            let _ = writeln!(out, "<tr><td colspan=\"5\" class=\"more\">… and {rest}</td></tr>");
        }
        out.push_str("</tbody>\n</table>\n</details>\n");
    }
    out.push_str("</section>\n");
}
