//! Findings as text: the worst first, notes counted.

use std::collections::BTreeMap;

use twinspect::artifact::Side;
use twinspect::entry::Severity;
use twinspect::error::Error;
use twinspect::export::json;
use twinspect::finding::{all, by_id};
use twinspect::report::{FindingLine, Report, Verdict};

use super::text::{BOLD, FAINT, Page, RED, YELLOW, count, is_json};
use crate::arguments::Format;

/// Lines printed; JSON has them all.
const MOST: usize = 50;

fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Conflict => "conflict",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Info => "info",
    }
}

/// What must stand beside the verdict when a side is not one thing for all readers.
pub(super) fn ambiguous(report: &Report) -> Option<String> {
    let of = |side: Side| {
        let cases =
            report.findings.iter().filter(|finding| finding.side == side && finding.severity == Severity::Conflict);
        let text = count(cases.count() as u64, "conflict", "conflicts");
        report.summary.ambiguous.get(side).then(|| format!("{} ({text})", side.letter()))
    };
    let sides: Vec<String> = Side::BOTH.into_iter().filter_map(of).collect();
    let what = match report.verdict {
        Verdict::Identical => "The bytes are the same, and yet other readers can get other content out of",
        _ => "This is about what is read here. Other readers can get other content out of",
    };
    (!sides.is_empty()).then(|| format!("! Ambiguous: {what} {}.", sides.join(" and ")))
}

/// The section of findings.
pub(super) fn section(page: &mut Page, findings: &[FindingLine], sides: bool) {
    if findings.is_empty() {
        return;
    }
    page.heading("Findings");
    let mut notes: BTreeMap<(&str, Option<Side>), u64> = BTreeMap::new();
    let (bad, info): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| finding.severity != Severity::Info);
    for finding in bad.iter().take(MOST) {
        let style = if finding.severity == Severity::Medium { YELLOW } else { RED };
        let severity = page.paint(style, &format!("{:<8}", name(finding.severity)));
        let side = if sides { format!("{}: ", finding.side.letter()) } else { String::new() };
        let path = if finding.path.is_empty() { String::new() } else { format!("{}: ", finding.path) };
        let offset = finding.offset.map_or(String::new(), |offset| format!(" (byte {offset})"));
        let only = match (sides && finding.only_here, finding.side) {
            (true, Side::Left) => " [only in A]",
            (true, Side::Right) => " [only in B]",
            (false, _) => "",
        };
        let id = page.paint(BOLD, &finding.id);
        page.line(&format!("  {severity} {id}  {side}{path}{}{offset}{only}", finding.message));
    }
    if bad.len() > MOST {
        page.line(&format!("  … and {} more; --format json lists them all", bad.len() - MOST));
    }
    for finding in info {
        *notes.entry((&finding.id, sides.then_some(finding.side))).or_default() += 1;
    }
    for ((id, side), cases) in notes {
        let title = by_id(id).map_or("", |(_, info)| info.title);
        let side = side.map_or(String::new(), |side| format!("{}: ", side.letter()));
        let line = format!("  info     {id}  {side}{title}, {}", count(cases, "case", "cases"));
        let line = page.paint(FAINT, &line);
        page.line(&line);
    }
}

/// The table of findings.
///
/// # Errors
/// A format that it has not.
pub fn findings(format: Format) -> Result<String, Error> {
    if is_json(format, "findings")? {
        let list: Vec<serde_json::Value> = all()
            .map(|info| {
                serde_json::json!({
                    "id": info.id,
                    "severity": name(info.severity),
                    "title": info.title,
                    "explanation": info.explanation,
                    "diverges": info.diverges,
                    "advice": info.advice,
                })
            })
            .collect();
        return json(&list);
    }
    let mut page = Page::new(false);
    for info in all() {
        page.line(&format!(
            "{}  {} ({})\n  {}\n  Who: {}\n  Do: {}\n",
            info.id,
            info.title,
            name(info.severity),
            info.explanation,
            info.diverges,
            info.advice
        ));
    }
    Ok(page.finish())
}
