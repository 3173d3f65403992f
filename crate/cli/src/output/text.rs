//! Text: verdict first, then causes with counts, then what differs.

use std::fmt::Write as _;

use twinspect::artifact::Side;
use twinspect::comparison::{Comparison, Form};
use twinspect::error::Error;
use twinspect::export::{self, Redaction, visible};
use twinspect::report::{EntryInfo, Inspection, ProblemLine, Report, Row, SideInfo, Status, Upstream, Verdict};
use twinspect::stabilize::{STABILIZERS, describe};

use super::{finding, notice, view};
use crate::arguments::Format;

/// Text with colours, or without.
pub(super) struct Page {
    pub(super) text: String,
    color: bool,
}

/// SGR codes; names of what they mean here.
pub(super) const BOLD: &str = "1";
pub(super) const FAINT: &str = "2";
pub(super) const RED: &str = "31";
pub(super) const GREEN: &str = "32";
pub(super) const YELLOW: &str = "33";
pub(super) const CYAN: &str = "36";
const OWN: [&str; 7] = ["0", BOLD, FAINT, RED, GREEN, YELLOW, CYAN];

impl Page {
    pub(super) fn new(color: bool) -> Self {
        Self { text: String::new(), color }
    }

    pub(super) fn paint(&self, style: &str, text: &str) -> String {
        if self.color && !text.is_empty() { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    /// The text. Nothing in it steers a terminal but our own colours: what comes from outside was escaped where it
    /// was read, and is here once more.
    pub(super) fn finish(self) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut rest = self.text.as_str();
        while let Some(start) = rest.find('\x1b') {
            let (before, from) = rest.split_at(start);
            out.push_str(&visible(before));
            let own = OWN.iter().find_map(|code| Some((code, from.strip_prefix(&format!("\x1b[{code}m"))?)));
            match own.filter(|_| self.color) {
                Some((code, after)) => {
                    let _ = write!(out, "\x1b[{code}m");
                    rest = after;
                }
                None => {
                    out.push_str("\\u{1b}");
                    rest = from.get(1..).unwrap_or_default();
                }
            }
        }
        out + &visible(rest)
    }

    pub(super) fn heading(&mut self, text: &str) {
        let heading = self.paint(BOLD, text);
        let _ = writeln!(self.text, "\n{heading}");
    }
}

/// A size with thin digits groups: `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(number)) }
}

/// The verdict as one sentence.
fn verdict(report: &Report) -> String {
    let by = |status: Status| report.summary.by_status.get(&status).copied().unwrap_or(0);
    let remaining = by(Status::Different) + by(Status::OnlyLeft) + by(Status::OnlyRight);
    match report.verdict {
        Verdict::Identical => "= Identical: the same bytes.".to_owned(),
        Verdict::Equivalent => {
            format!("≈ Equivalent: every difference is explained ({}).", count(by(Status::Equivalent), "entry", "entries"))
        }
        Verdict::Different if remaining == 0 => "≠ Different: in the artifact itself, not in an entry.".to_owned(),
        Verdict::Different => format!(
            "≠ Different: {} not explained, {} explained, {} identical.",
            count(remaining, "entry", "entries"),
            grouped(by(Status::Equivalent)),
            grouped(by(Status::Identical))
        ),
        Verdict::Incomplete => {
            "? Incomplete: something could not be read. No difference was found in the rest, and no claim of equality is made."
                .to_owned()
        }
    }
}

fn side(page: &mut Page, letter: char, info: &SideInfo) {
    let mut facts = vec![format!("{} bytes", grouped(info.size))];
    facts.extend(info.reader.iter().map(|reader| format!("as {reader} sees it")));
    facts.extend(info.ecosystem.iter().cloned());
    facts.extend(info.format.iter().filter(|format| info.ecosystem.as_ref() != Some(*format)).cloned());
    if info.entries > 0 {
        facts.push(count(info.entries, "entry", "entries"));
    }
    let line = format!("  {}  {}  {}", page.paint(BOLD, &letter.to_string()), info.name, facts.join(", "));
    page.line(&line);
    let digest = page.paint(FAINT, &format!("     sha256 {}", info.sha256));
    page.line(&digest);
}

/// What OSS Rebuild itself would say.
fn upstream(page: &mut Page, said: &Upstream) {
    let word = match said.verdict {
        Some(Verdict::Identical | Verdict::Equivalent) => "equivalent",
        Some(_) => "different",
        None => "no verdict",
    };
    page.line(&format!("  OSS Rebuild: {word}"));
    for (letter, archive) in [('A', &said.sides.left), ('B', &said.sides.right)] {
        let digest = archive.sha256.as_deref().unwrap_or("none");
        let line = page.paint(FAINT, &format!("     stabilized {letter} {digest}"));
        page.line(&line);
        for reason in archive.refusal.iter().chain(&archive.notes) {
            page.line(&format!("     {reason}"));
        }
    }
}

/// A comparison: verdict, causes, problems, and what differs with its differences.
///
/// # Errors
/// None that a report made by the core can cause.
pub fn comparison(
    comparison: &mut Comparison,
    redaction: Redaction,
    color: bool,
    lines: usize,
) -> Result<String, Error> {
    let mut page = Page::new(color);
    let report = export::redacted(comparison.report(), redaction);
    let style = match report.verdict {
        Verdict::Identical | Verdict::Equivalent => BOLD,
        Verdict::Different => RED,
        Verdict::Incomplete => YELLOW,
    };
    let line = page.paint(style, &verdict(&report));
    page.line(&line);
    if let Some(sentence) = finding::ambiguous(&report) {
        let line = page.paint(RED, &sentence);
        page.line(&line);
    }
    let disabled =
        if report.disabled.is_empty() { String::new() } else { format!(", without {}", report.disabled.join(", ")) };
    let rules = page.paint(FAINT, &format!("  profile {}{disabled}", report.profile));
    page.line(&rules);
    side(&mut page, 'A', &report.sides.left);
    side(&mut page, 'B', &report.sides.right);
    if let Some(said) = &report.upstream {
        upstream(&mut page, said);
    }
    notice::section(&mut page, &report.notices);
    for (heading, explained) in [("What differs", false), ("What was ignored, and why", true)] {
        let statements: Vec<_> =
            report.statements.iter().filter(|statement| statement.explained == explained).collect();
        if !statements.is_empty() {
            page.heading(heading);
        }
        for statement in statements {
            let cause = page.paint(FAINT, &format!("[{}]", statement.cause));
            page.line(&format!("  {}  {cause}", statement.sentence));
        }
    }
    finding::section(&mut page, &report.findings, true);
    view::section(&mut page, &report.views, true);
    problems(&mut page, &report.problems, true);
    let rows: Vec<(usize, &Row)> = report
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| !matches!(row.status, Status::Identical | Status::Equivalent))
        .collect();
    if report.root.differs.iter().any(|what| what != "members") || !rows.is_empty() {
        page.heading("Entries");
    }
    if !report.root.causes.is_empty() && report.root.status == Status::Different {
        entry(&mut page, comparison, None, &report.root, (redaction, lines))?;
    }
    for (at, row) in rows {
        entry(&mut page, comparison, u32::try_from(at).ok(), row, (redaction, lines))?;
    }
    if let Some(level) = &report.redacted {
        page.line(&format!("\nWithheld: {level}."));
    }
    Ok(page.finish())
}

fn problems(page: &mut Page, problems: &[ProblemLine], sides: bool) {
    // What is a finding was said among them, unless it is why something was not read.
    let problems: Vec<&ProblemLine> =
        problems.iter().filter(|problem| problem.unread || problem.finding.is_none()).collect();
    if problems.is_empty() {
        return;
    }
    page.heading("Problems");
    const MOST: usize = 50;
    for problem in problems.iter().take(MOST) {
        let mark = if problem.unread { "?" } else { "!" };
        let side = if sides { format!("{}: ", problem.side.letter()) } else { String::new() };
        let path = if problem.path.is_empty() { String::new() } else { format!("{}: ", problem.path) };
        let offset = problem.offset.map_or(String::new(), |offset| format!(" (byte {offset})"));
        let raise =
            problem.limit.as_ref().map_or(String::new(), |limit| format!(" — raise it with --limit {limit}=NUMBER"));
        let mark = page.paint(YELLOW, mark);
        page.line(&format!("  {mark} {side}{path}{}{offset}{raise}", problem.message));
    }
    if problems.len() > MOST {
        page.line(&format!("  … and {} more; --format json lists them all", problems.len() - MOST));
    }
}

fn entry(
    page: &mut Page,
    comparison: &mut Comparison,
    index: Option<u32>,
    row: &Row,
    (redaction, lines): (Redaction, usize),
) -> Result<(), Error> {
    let (mark, style) = match row.status {
        Status::OnlyLeft => ("−", RED),
        Status::OnlyRight => ("+", GREEN),
        Status::Unread => ("?", YELLOW),
        _ => ("≠", CYAN),
    };
    let path = if row.path.is_empty() { "(the artifact itself)" } else { &row.path };
    let size = |info: &Option<EntryInfo>| info.as_ref().map(|info| info.size);
    let sizes = match (size(&row.left), size(&row.right)) {
        (Some(left), Some(right)) if left != right => format!("{} → {} bytes", grouped(left), grouped(right)),
        (Some(size), _) | (_, Some(size)) => format!("{} bytes", grouped(size)),
        (None, None) => String::new(),
    };
    let mut facts = vec![sizes];
    if let Some(from) = &row.moved_from {
        facts.push(match row.similarity {
            Some(percent) => format!("renamed from {from}, {percent} % alike"),
            None => format!("moved from {from}"),
        });
    }
    if row.status == Status::Different {
        facts.push(row.differs.join(", "));
    }
    facts.extend((!row.causes.is_empty()).then(|| format!("[{}]", row.causes.join(", "))));
    facts.retain(|fact| !fact.is_empty());
    let line =
        format!("{} {}  {}", page.paint(style, mark), page.paint(BOLD, path), page.paint(FAINT, &facts.join("  ")));
    page.line(&line);
    if redaction >= Redaction::Contents {
        return Ok(());
    }
    // The members of a container follow as entries of their own.
    let opened = |info: &Option<EntryInfo>| info.as_ref().is_some_and(|info| info.format.is_some());
    let detail = comparison.detail(index, Form::default())?;
    for sentence in &detail.sentences {
        page.line(&format!("    {sentence}"));
    }
    if row.status == Status::Different {
        for field in detail.fields.iter().filter(|field| !field.equal && field.cause.as_deref() == Some("unexplained"))
        {
            let measured =
                matches!(field.name.as_str(), "size" | "sha256" | "stored-sha256" | "content-size" | "content-sha256");
            if measured || field.name == "path" {
                continue;
            }
            let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
            page.line(&format!("    {}: {} → {}", field.name, show(&field.left), show(&field.right)));
        }
    }
    let content = match row.status {
        Status::OnlyLeft | Status::OnlyRight => true,
        Status::Different => row.differs.iter().any(|what| what == "content" || what == "bytes"),
        Status::Identical | Status::Equivalent | Status::Unread => false,
    };
    if !content || lines == 0 {
        return Ok(());
    }
    match comparison.hunks(index, 3, lines)? {
        Some(unified) => {
            for hunk in &unified.hunks {
                let range = format!(
                    "@@ -{},{} +{},{} @@",
                    hunk.left_start, hunk.left_count, hunk.right_start, hunk.right_count
                );
                let range = page.paint(CYAN, &range);
                page.line(&format!("    {range}"));
                for line in &hunk.lines {
                    let text = format!("{}{}", line.tag, line.text);
                    let text = match line.tag {
                        '+' => page.paint(GREEN, &text),
                        '-' => page.paint(RED, &text),
                        _ => text,
                    };
                    page.line(&format!("    {text}"));
                }
            }
            if unified.left_out > 0 {
                let more = count(unified.left_out, "more changed line", "more changed lines");
                let rest = page.paint(FAINT, &format!("… {more}; --lines N shows more"));
                page.line(&format!("    {rest}"));
            }
        }
        None if opened(&row.left) || opened(&row.right) => {}
        None if detail.bytes && row.status == Status::Different => bytes(page, comparison, index)?,
        None => {}
    }
    Ok(())
}

/// Where two binaries differ: the first changes with their bytes.
fn bytes(page: &mut Page, comparison: &mut Comparison, index: Option<u32>) -> Result<(), Error> {
    const MOST: usize = 4;
    const WIDTH: u64 = 16;
    let shape = comparison.bytes(index, false)?;
    let changes: Vec<[u64; 5]> =
        shape.ops.chunks_exact(5).filter_map(|op| <[u64; 5]>::try_from(op).ok()).filter(|op| op[0] != 0).collect();
    let sum = |at: usize| changes.iter().map(|op| op.get(at).copied().unwrap_or(0)).sum::<u64>();
    page.line(&format!(
        "    {}: {} bytes of A, {} bytes of B",
        count(changes.len() as u64, "change", "changes"),
        grouped(sum(2)),
        grouped(sum(4))
    ));
    for [_, left, left_count, right, right_count] in changes.iter().take(MOST).copied() {
        for (tag, style, side, offset, length) in
            [('-', RED, Side::Left, left, left_count), ('+', GREEN, Side::Right, right, right_count)]
        {
            if length == 0 {
                continue;
            }
            let window = comparison.bytes_window(index, false, side, offset, length.min(WIDTH))?;
            let hex: Vec<String> = window.iter().map(|byte| format!("{byte:02x}")).collect();
            let ascii: String =
                window.iter().map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' }).collect();
            let more = if length > WIDTH { format!(" … {} more", grouped(length - WIDTH)) } else { String::new() };
            let line = page.paint(style, &format!("{tag}{offset:08x}  {:<47}  {ascii}{more}", hex.join(" ")));
            page.line(&format!("    {line}"));
        }
    }
    if changes.len() > MOST {
        let rest = page.paint(FAINT, &format!("… {} more changes", changes.len() - MOST));
        page.line(&format!("    {rest}"));
    }
    Ok(())
}

/// One artifact: the tree with sizes, digests, fields and problems.
pub fn inspection(inspection: &Inspection, color: bool) -> String {
    let mut page = Page::new(color);
    side(&mut page, ' ', &inspection.artifact);
    finding::section(&mut page, &inspection.findings, false);
    view::section(&mut page, &inspection.views, false);
    problems(&mut page, &inspection.problems, false);
    page.heading("Entries");
    for entry in &inspection.entries {
        let kind = serde_json::to_value(entry.info.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
        let path = if entry.path.is_empty() { "(the artifact itself)" } else { &entry.path };
        let format = entry.info.format.as_ref().map_or(String::new(), |format| format!("  {format}"));
        let facts = format!("{}{format}  {} bytes", kind.unwrap_or_default(), grouped(entry.info.size));
        let line = format!("  {}  {}", page.paint(BOLD, path), page.paint(FAINT, &facts));
        page.line(&line);
        if let Some(digest) = &entry.info.sha256 {
            let line = page.paint(FAINT, &format!("      sha256 {digest}"));
            page.line(&line);
        }
        for (name, value) in &entry.fields {
            let line = page.paint(FAINT, &format!("      {name}: {value}"));
            page.line(&line);
        }
    }
    if let Some(level) = &inspection.redacted {
        page.line(&format!("\nWithheld: {level}."));
    }
    page.finish()
}

/// Whether a table is wanted as JSON.
pub(super) fn is_json(format: Format, table: &str) -> Result<bool, Error> {
    match format {
        Format::Text => Ok(false),
        Format::Export(export::Format::Json) => Ok(true),
        Format::Export(_) => Err(Error::new(format!("{table} prints text or json."))),
    }
}

/// The table of passes.
///
/// # Errors
/// A format that it has not.
pub fn passes(format: Format) -> Result<String, Error> {
    if is_json(format, "passes")? {
        let list: Vec<serde_json::Value> = STABILIZERS
            .iter()
            .map(|pass| {
                serde_json::json!({
                    "id": pass.id,
                    "title": pass.title,
                    "rationale": pass.rationale,
                    "scope": describe(pass),
                    "upstream": pass.upstream,
                    "stage": pass.stage,
                })
            })
            .collect();
        return export::json(&list);
    }
    let mut page = Page::new(false);
    for pass in STABILIZERS {
        let origin = if pass.upstream { "OSS Rebuild" } else { "Twinspect" };
        page.line(&format!(
            "{}  ({origin})\n  {}.\n  Runs on {}.\n  {}\n",
            pass.id,
            pass.title,
            describe(pass),
            pass.rationale
        ));
    }
    Ok(page.finish())
}
