//! The entries that are not identical, as the tree that the page shows.

use std::fmt::Write as _;

use crate::report::{EntryInfo, Inspection, Row};
use crate::tree;

use super::super::escape::{self, Html};
use super::super::material::Material;
use super::super::words;
use super::{MOST_NAME, badges, name};

/// Lines of the tree.
const MOST: usize = 5000;
/// Levels that are indented; deeper ones stand below each other.
const MOST_DEPTH: u32 = 24;

/// The tree of a comparison.
pub(super) fn entries(out: &mut String, material: &Material) {
    let report = &material.report;
    let tree = tree::tree(report);
    let names: Vec<u16> = String::from_utf8_lossy(&tree.names).encode_utf16().collect();
    let shown: Vec<usize> = (0..tree.overall.len())
        .filter(|at| tree.overall.get(*at) != Some(&0) && tree.rows.get(*at) != Some(&tree::ROOT))
        .collect();
    let rows = shown.iter().filter(|at| tree.rows.get(**at).is_some_and(|row| *row >= 0)).count();
    let identical = words::by_status(report, crate::report::Status::Identical);
    if shown.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<section>\n<h2>Entries that differ <b>{}</b></h2>\n<p class=\"quiet\">{} not listed.</p>\n\
         <table class=\"tree\">\n<thead><tr><th scope=\"col\">Entry</th><th scope=\"col\">Status</th>\
         <th scope=\"col\">Cause</th><th scope=\"col\" class=\"number\">A</th><th scope=\"col\" class=\"number\">B</th></tr></thead>\n<tbody>\n",
        words::grouped(rows as u64),
        words::count(identical, "identical entry is", "identical entries are")
    );
    for at in shown.iter().take(MOST).copied() {
        let text = |place: usize| tree.name_starts.get(place).and_then(|start| usize::try_from(*start).ok());
        let range = text(at).zip(text(at.saturating_add(1)));
        let label =
            range.and_then(|(start, end)| names.get(start..end)).map(String::from_utf16_lossy).unwrap_or_default();
        let depth = tree.depths.get(at).copied().unwrap_or(0).min(MOST_DEPTH);
        let index = tree.rows.get(at).and_then(|row| u32::try_from(*row).ok());
        let row = index.and_then(|index| report.rows.get(usize::try_from(index).ok()?));
        line(out, material, depth, &label, index.zip(row));
    }
    if shown.len() > MOST {
        let rest = words::count(shown.len() - MOST, "more line", "more lines");
        let _ = writeln!(
            out,
            "<tr><td colspan=\"5\" class=\"more\">… and {rest}: the JSON report lists them all</td></tr>"
        );
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}

fn line(out: &mut String, material: &Material, depth: u32, label: &str, row: Option<(u32, &Row)>) {
    let label = name(label);
    let Some((index, row)) = row else {
        // A folder that is only implied by paths.
        let _ = writeln!(
            out,
            "<tr class=\"folder\"><th scope=\"row\" class=\"d{depth}\">{label}/</th><td colspan=\"4\"></td></tr>"
        );
        return;
    };
    let (glyph, word) = words::status(row.status);
    let has_difference = material.changes.iter().any(|change| change.row == Some(index));
    let link = if has_difference { format!("<a href=\"#entry-{index}\">{label}</a>") } else { label };
    let moved = match (&row.moved_from, row.similarity) {
        (Some(from), Some(percent)) => {
            format!(" <span class=\"quiet\">renamed from {}, {percent} % alike</span>", name(from))
        }
        (Some(from), None) => format!(" <span class=\"quiet\">moved from {}</span>", name(from)),
        (None, _) => String::new(),
    };
    let differs = if row.differs.is_empty() {
        String::new()
    } else {
        format!(" <span class=\"quiet\">{}</span>", Html(&escape::cut(&row.differs.join(", "), MOST_NAME)))
    };
    let open = words::open_causes(&material.report, row);
    let _ = writeln!(
        out,
        "<tr class=\"{}\"><th scope=\"row\" class=\"d{depth}\"><i aria-hidden=\"true\">{glyph}</i> {link}{moved}</th>\
         <td>{word}{differs}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
        words::status_id(row.status),
        badges(&row.causes, &open),
        size(&row.left),
        size(&row.right)
    );
}

fn size(info: &Option<EntryInfo>) -> String {
    info.as_ref().map_or_else(|| "<span class=\"quiet\">none</span>".to_owned(), |info| words::grouped(info.size))
}

/// The entries of one artifact.
pub(super) fn inspected(out: &mut String, inspection: &Inspection) {
    let entries: Vec<_> = inspection.entries.iter().filter(|entry| !entry.path.is_empty()).collect();
    if entries.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<section>\n<h2>Entries <b>{}</b></h2>\n<table class=\"tree\">\n<thead><tr><th scope=\"col\">Entry</th>\
         <th scope=\"col\">Kind</th><th scope=\"col\">SHA-256</th><th scope=\"col\" class=\"number\">Size</th></tr></thead>\n<tbody>\n",
        words::grouped(entries.len() as u64)
    );
    for entry in entries.iter().take(MOST) {
        let kind = [words::kind(entry.info.kind)].into_iter().chain(entry.info.format.as_deref());
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td><code>{}</code></td><td class=\"number\">{}</td></tr>",
            name(&entry.path),
            Html(&kind.collect::<Vec<_>>().join(", ")),
            Html(entry.info.sha256.as_deref().unwrap_or("none")),
            words::grouped(entry.info.size)
        );
    }
    if entries.len() > MOST {
        let rest = words::count(entries.len() - MOST, "more entry", "more entries");
        let _ = writeln!(
            out,
            "<tr><td colspan=\"4\" class=\"more\">… and {rest}: the JSON report lists them all</td></tr>"
        );
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}
