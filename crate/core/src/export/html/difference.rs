//! The differences themselves: fields, and texts as unified hunks with their words marked.

use std::fmt::Write as _;

use crate::compare::{HunkLine, Unified};
use crate::report::{FieldRow, Status};

use super::super::escape::{self, Html};
use super::super::material::{Change, Contents, Material};
use super::super::redact::Redaction;
use super::super::words;
use super::{MOST_NAME, badges, name};

/// Entries that are open from the start; a long report begins folded.
const MOST_OPEN: usize = 20;

/// Every entry that is not explained.
pub(super) fn all(out: &mut String, material: &Material) {
    if material.changes.is_empty() && material.left_out == 0 {
        return;
    }
    let _ = write!(
        out,
        "<section>\n<h2>Differences that are not explained <b>{}</b></h2>\n",
        words::grouped((material.changes.len() + material.left_out) as u64)
    );
    for (at, change) in material.changes.iter().enumerate() {
        entry(out, material, change, at < MOST_OPEN);
    }
    if material.left_out > 0 {
        let entries = words::count(material.left_out, "entry is", "entries are");
        let why = if material.redaction >= Redaction::Contents { "withheld" } else { "not shown here" };
        let _ = writeln!(out, "<p class=\"more\">The differences of {entries} {why}.</p>");
    }
    out.push_str("</section>\n");
}

fn entry(out: &mut String, material: &Material, change: &Change, open: bool) {
    let row = material.row(change);
    let (glyph, word) = words::status(row.status);
    let id = change.row.map_or("entry-root".to_owned(), |row| format!("entry-{row}"));
    let path = if row.path.is_empty() { "The artifact itself".to_owned() } else { name(&row.path) };
    let open = if open { " open" } else { "" };
    let causes = words::open_causes(&material.report, row);
    let _ = write!(
        out,
        "<details id=\"{id}\" class=\"entry {}\"{open}>\n<summary><i aria-hidden=\"true\">{glyph}</i> {path} \
         <span class=\"quiet\">{word}{}</span> {}</summary>\n",
        words::status_id(row.status),
        counts(&change.content),
        badges(&row.causes, &causes)
    );
    for sentence in &change.sentences {
        let _ = writeln!(out, "<p>{}</p>", Html(&escape::cut(sentence, MOST_NAME)));
    }
    if !change.fields.is_empty() {
        fields(out, &change.fields);
    }
    match &change.content {
        Contents::Text(unified) => text(out, unified),
        Contents::Binary if row.status == Status::Different => {
            out.push_str("<p class=\"quiet\">The bytes differ; this is not text on both sides.</p>\n");
        }
        Contents::Binary => out.push_str("<p class=\"quiet\">This is not text.</p>\n"),
        Contents::NotShown(reason) => {
            let _ = writeln!(out, "<p class=\"quiet\">{reason}</p>");
        }
        Contents::Same => {}
    }
    out.push_str("</details>\n");
}

/// Lines that came and went, for the fold.
fn counts(content: &Contents) -> String {
    let Contents::Text(unified) = content else { return String::new() };
    let of = |tag| unified.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.tag == tag).count() as u64;
    let more = if unified.left_out > 0 { ", more not shown" } else { "" };
    format!(", +{} −{}{more}", words::grouped(of('+')), words::grouped(of('-')))
}

fn fields(out: &mut String, fields: &[FieldRow]) {
    const MOST: usize = 200;
    out.push_str(
        "<table>\n<thead><tr><th scope=\"col\">Field</th><th scope=\"col\">A</th><th scope=\"col\">B</th></tr></thead>\n<tbody>\n",
    );
    for field in fields.iter().take(MOST) {
        let value = |value: &Option<String>| match value {
            Some(value) => format!("<code>{}</code>", Html(&escape::cut(value, MOST_NAME))),
            None => "<span class=\"quiet\">none</span>".to_owned(),
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            Html(&escape::cut(&field.name, MOST_NAME)),
            value(&field.left),
            value(&field.right)
        );
    }
    if fields.len() > MOST {
        let rest = words::count(fields.len() - MOST, "more field", "more fields");
        let _ = writeln!(out, "<tr><td colspan=\"3\" class=\"more\">… and {rest}</td></tr>");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn text(out: &mut String, unified: &Unified) {
    if unified.hunks.is_empty() {
        return;
    }
    out.push_str("<div class=\"diff\">\n");
    for hunk in &unified.hunks {
        let _ = write!(
            out,
            "<p class=\"hunk\">@@ -{},{} +{},{} @@</p>\n<pre translate=\"no\">",
            hunk.left_start, hunk.left_count, hunk.right_start, hunk.right_count
        );
        for each in &hunk.lines {
            line(out, each);
        }
        out.push_str("</pre>\n");
    }
    if unified.left_out > 0 {
        let _ = writeln!(out, "<p class=\"more\">… {} more changed lines</p>", words::grouped(unified.left_out));
    }
    out.push_str("</div>\n");
}

fn line(out: &mut String, line: &HunkLine) {
    let (open, close) = match line.tag {
        '+' => ("<ins>", "</ins>"),
        '-' => ("<del>", "</del>"),
        '\\' => ("<i>", "</i>"),
        _ => ("<span>", "</span>"),
    };
    out.push_str(open);
    out.push(line.tag);
    marked(out, line);
    // A block of its own, and a line feed for whoever copies: it takes no room there.
    out.push_str(close);
}

/// The line's text with what differs and what is escaped set off.
fn marked(out: &mut String, line: &HunkLine) {
    let inside = |pairs: &[u32], unit: u32| {
        pairs.chunks_exact(2).any(|pair| matches!(pair, [start, end] if (*start..*end).contains(&unit)))
    };
    let mut unit = 0u32;
    let mut state = (false, false);
    let mut piece = String::new();
    for character in line.text.chars() {
        let now = (inside(&line.marks, unit), inside(&line.escapes, unit));
        if now != state {
            flush(out, &piece, state);
            piece.clear();
            state = now;
        }
        piece.push(character);
        unit = unit.saturating_add(if u32::from(character) > 0xffff { 2 } else { 1 });
    }
    flush(out, &piece, state);
}

fn flush(out: &mut String, piece: &str, (mark, escape): (bool, bool)) {
    if piece.is_empty() {
        return;
    }
    let text = Html(piece);
    let _ = match (mark, escape) {
        (false, false) => write!(out, "{text}"),
        (true, false) => write!(out, "<b>{text}</b>"),
        (false, true) => write!(out, "<s>{text}</s>"),
        (true, true) => write!(out, "<b><s>{text}</s></b>"),
    };
}
