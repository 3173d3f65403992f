//! CSV: one line for each entry, after RFC 4180. Every cell is in quotes; none is a formula.

use crate::report::{EntryInfo, Inspection, Report, Row};

use super::escape::cell;
use super::words;

const COMPARED: &[&str] = &[
    "row",
    "status",
    "path",
    "moved_from",
    "similarity",
    "causes",
    "differs",
    "kind_a",
    "kind_b",
    "format_a",
    "format_b",
    "size_a",
    "size_b",
    "sha256_a",
    "sha256_b",
    "stabilized_sha256_a",
    "stabilized_sha256_b",
];

/// The entries of both artifacts; the artifacts themselves are the first line, with an empty path.
pub(super) fn comparison(report: &Report) -> String {
    let mut out = line(COMPARED.iter().map(|name| (*name).to_owned()));
    out.push_str(&row("", &report.root));
    for (at, entry) in report.rows.iter().enumerate() {
        out.push_str(&row(&at.to_string(), entry));
    }
    out
}

fn row(number: &str, row: &Row) -> String {
    let both = |value: fn(&EntryInfo) -> String| {
        [&row.left, &row.right].map(|info| info.as_ref().map_or_else(String::new, value))
    };
    let mut cells = vec![
        number.to_owned(),
        words::status_id(row.status).to_owned(),
        row.path.clone(),
        row.moved_from.clone().unwrap_or_default(),
        row.similarity.map_or_else(String::new, |percent| percent.to_string()),
        row.causes.join(" "),
        row.differs.join(" "),
    ];
    cells.extend(both(|info| words::kind(info.kind).to_owned()));
    cells.extend(both(|info| info.format.clone().unwrap_or_default()));
    cells.extend(both(|info| info.size.to_string()));
    cells.extend(both(|info| info.sha256.clone().unwrap_or_default()));
    cells.extend(both(|info| info.stabilized_sha256.clone().unwrap_or_default()));
    line(cells.into_iter())
}

/// The entries of one artifact, itself first.
pub(super) fn inspection(inspection: &Inspection) -> String {
    let mut out = line(["path", "kind", "format", "size", "sha256"].into_iter().map(str::to_owned));
    for entry in &inspection.entries {
        let cells = [
            entry.path.clone(),
            words::kind(entry.info.kind).to_owned(),
            entry.info.format.clone().unwrap_or_default(),
            entry.info.size.to_string(),
            entry.info.sha256.clone().unwrap_or_default(),
        ];
        out.push_str(&line(cells.into_iter()));
    }
    out
}

fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|text| cell(&text)).collect();
    format!("{}\r\n", cells.join(","))
}
