//! What the outputs for people are made of: the report, and the differences of what is not explained, within bounds.

use crate::artifact::Side;
use crate::compare::{TextComparison, Unified};
use crate::comparison::Comparison;
use crate::error::Error;
use crate::reading::{NodeId, Reading};
use crate::report::{FieldRow, Report, Row, Status};
use crate::summarize::UNEXPLAINED;

use super::redact::Redaction;
use super::words;

/// How much an output shows. What lies beyond is counted.
pub(super) struct Bounds {
    /// Entries whose differences are shown.
    entries: usize,
    /// Lines of difference of one entry.
    lines: usize,
    /// Lines of difference in all.
    all_lines: usize,
}

impl Bounds {
    /// A page: what a browser opens at once.
    pub(super) const PAGE: Self = Self { entries: 1000, lines: 400, all_lines: 20_000 };
    /// An issue: what a tracker takes.
    pub(super) const ISSUE: Self = Self { entries: 100, lines: 40, all_lines: 600 };
}

/// Bytes of a content that is compared for an export; longer ones are named.
const MOST_COMPARED: u64 = 16 << 20;
/// Equal lines around a difference.
const CONTEXT: usize = 3;

/// A report with its differences.
pub(super) struct Material {
    /// The report, without what is withheld.
    pub(super) report: Report,
    /// What was withheld.
    pub(super) redaction: Redaction,
    /// The entries that are not explained, the artifact itself first.
    pub(super) changes: Vec<Change>,
    /// Entries that are not explained and not among them.
    pub(super) left_out: usize,
}

/// One entry that is not explained.
pub(super) struct Change {
    /// Its row; `None` is the artifact itself.
    pub(super) row: Option<u32>,
    /// Fields that differ unexplained, but for those that only measure the content.
    pub(super) fields: Vec<FieldRow>,
    /// What could not be read of it, and what kind of difference it is.
    pub(super) sentences: Vec<String>,
    /// Its content.
    pub(super) content: Contents,
}

/// The difference of two contents.
pub(super) enum Contents {
    /// None, or it is said by the members.
    Same,
    /// Of texts.
    Text(Unified),
    /// Not of texts.
    Binary,
    /// Not compared, and why.
    NotShown(&'static str),
}

impl Material {
    /// Opens what is not explained.
    pub(super) fn gather(
        comparison: &mut Comparison,
        report: Report,
        redaction: Redaction,
        bounds: &Bounds,
    ) -> Result<Self, Error> {
        let mut changes = Vec::new();
        let (mut left_out, mut lines) = (0, 0usize);
        // The verdict on the artifact itself is said already where only its members differ.
        let is_own = !words::own_causes(&report).is_empty();
        let own = (is_own && report.root.status == Status::Different).then_some((None, &report.root));
        let rows = (0..)
            .zip(&report.rows)
            .map(|(at, row)| (Some(at), row))
            .filter(|(_, row)| words::is_open(row) && row.differs != ["members"]);
        for (at, row) in own.into_iter().chain(rows) {
            if redaction >= Redaction::Contents || changes.len() >= bounds.entries {
                left_out += 1;
                continue;
            }
            let most = bounds.lines.min(bounds.all_lines.saturating_sub(lines));
            let change = change(comparison, at, row, most)?;
            if let Contents::Text(unified) = &change.content {
                lines += unified.hunks.iter().map(|hunk| hunk.lines.len()).sum::<usize>();
            }
            changes.push(change);
        }
        Ok(Self { report, redaction, changes, left_out })
    }

    /// The row of a change.
    pub(super) fn row(&self, change: &Change) -> &Row {
        let row = change.row.and_then(|row| self.report.rows.get(usize::try_from(row).ok()?));
        row.unwrap_or(&self.report.root)
    }
}

/// Fields that only measure a content, whose difference is shown itself, and the path, which is a heading.
const MEASURES: &[&str] = &["size", "sha256", "stored-sha256", "content-size", "content-sha256", "path"];

fn change(comparison: &mut Comparison, at: Option<u32>, row: &Row, most: usize) -> Result<Change, Error> {
    let described = comparison.described(at)?;
    let fields = if row.status == Status::Different {
        let open = |field: &FieldRow| {
            let measure = MEASURES.contains(&field.name.as_str());
            !field.equal && !measure && field.cause.as_deref() == Some(UNEXPLAINED)
        };
        described.fields.into_iter().filter(open).collect()
    } else {
        Vec::new()
    };
    let mut sentences = described.sentences;
    let content = match contents(comparison, at, row, most)? {
        (content, Some(more)) => {
            sentences.extend(more);
            content
        }
        (content, None) => content,
    };
    Ok(Change { row: at, fields, sentences, content })
}

/// Whether an entry was opened and has members; a plain content in a wrapper is none.
pub(super) fn is_archive(reading: &Reading, id: NodeId) -> bool {
    let leaf = reading.layers(id).last().copied().unwrap_or(id);
    reading.node(leaf).is_some_and(|node| node.opened.is_some())
}

fn contents(
    comparison: &mut Comparison,
    at: Option<u32>,
    row: &Row,
    most: usize,
) -> Result<(Contents, Option<Vec<String>>), Error> {
    let sides = [&row.left, &row.right].into_iter().flatten();
    let has_content = sides.clone().any(|info| info.sha256.is_some());
    let differs =
        row.status != Status::Different || row.differs.iter().any(|what| what == "content" || what == "bytes");
    if !differs || !has_content {
        return Ok((Contents::Same, None));
    }
    let nodes = comparison.nodes(at)?;
    let there = Side::BOTH.into_iter().filter_map(|side| Some((side, (*nodes.get(side))?)));
    let archives = there.clone().filter(|(side, id)| is_archive(comparison.side(*side).0, *id)).count();
    if archives > 0 {
        // The members of an archive follow as entries of their own.
        return Ok((if archives == there.count() { Contents::Same } else { Contents::Binary }, None));
    }
    if sides.clone().any(|info| info.size > MOST_COMPARED) {
        return Ok((Contents::NotShown("The content is too long to be compared in a report."), None));
    }
    if most == 0 {
        return Ok((Contents::NotShown("Not shown: the report has as many lines as it takes."), None));
    }
    let Some(contents) = comparison.contents(at)? else {
        return Ok((Contents::NotShown("The content could not be read."), None));
    };
    Ok(match TextComparison::steady(contents.left, contents.right) {
        Some(text) => (Contents::Text(text.unified(CONTEXT, most)), Some(text.sentences())),
        None => (Contents::Binary, None),
    })
}
