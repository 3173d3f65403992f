//! What named readers see, as text.

use std::fmt::Write as _;

use twinspect::error::Error;
use twinspect::export::json;
use twinspect::reader::all;
use twinspect::report::view::{ArchiveViews, ViewGroup, ViewSight};

use super::text::{BOLD, FAINT, Page, RED, YELLOW, count, is_json};
use crate::arguments::Format;

/// Archives, and members of each, that are printed; JSON has more.
const MOST: usize = 20;

/// The section of views.
pub(super) fn section(page: &mut Page, views: &[ArchiveViews], sides: bool) {
    if views.is_empty() {
        return;
    }
    page.heading("What readers see");
    for archive in views.iter().take(MOST) {
        let side = if sides { format!("{}: ", archive.side.letter()) } else { String::new() };
        let path = if archive.path.is_empty() { "the archive" } else { &archive.path };
        let (style, what) = match archive.disagree.as_deref() {
            Some("contents") => (RED, "readers that report success get different contents"),
            Some("part") => (YELLOW, "some readers that report success get only a part"),
            Some(_) => (YELLOW, "readers that report success get different names"),
            None if archive.skipped.is_some() => (FAINT, archive.skipped.as_deref().unwrap_or_default()),
            None => (FAINT, "readers that report success get the same"),
        };
        let line = format!("  {side}{}: {}", page.paint(BOLD, path), page.paint(style, what));
        page.line(&line);
        for (at, group) in archive.groups.iter().enumerate() {
            let files =
                if group.members == 0 { "nothing".to_owned() } else { count(group.members.into(), "file", "files") };
            page.line(&format!("    [{}] {}: {files}", at + 1, who(group)));
        }
        for member in archive.members.iter().take(MOST) {
            let path = page.paint(BOLD, &member.path);
            page.line(&format!("    {path}"));
            for (at, sight) in member.by.iter().enumerate() {
                let line = format!("      [{}] {}", at + 1, seen(sight.as_ref()));
                let line = page.paint(FAINT, &line);
                page.line(&line);
            }
        }
        let more = archive.more + (archive.members.len().saturating_sub(MOST)) as u64;
        if more > 0 {
            page.line(&format!("    … and {} more", count(more, "path", "paths")));
        }
    }
    if views.len() > MOST {
        page.line(&format!("  … and {} more archives; --format json lists them all", views.len() - MOST));
    }
}

/// The readers of a group, with how those end that report an error.
fn who(group: &ViewGroup) -> String {
    let mut text = String::new();
    for (at, reader) in group.readers.iter().enumerate() {
        let _ = write!(text, "{}{}", if at > 0 { ", " } else { "" }, reader.title);
        if let Some(reason) = &reader.reason {
            let _ = write!(text, " (error: {reason})");
        }
    }
    text
}

fn seen(sight: Option<&ViewSight>) -> String {
    let Some(sight) = sight else { return "nothing".to_owned() };
    let digest = sight.sha256.as_ref().and_then(|digest| digest.get(..16)).map(|digest| format!("  sha256 {digest}…"));
    format!("{}{}", count(sight.size, "byte", "bytes"), digest.unwrap_or_default())
}

/// The table of readers.
///
/// # Errors
/// A format that it has not.
pub fn readers(format: Format) -> Result<String, Error> {
    if is_json(format, "readers")? {
        let list: Vec<serde_json::Value> = all()
            .map(|(format, reader)| serde_json::json!({"id": reader.id, "title": reader.title, "format": format}))
            .collect();
        return json(&list);
    }
    let mut text = String::new();
    for (format, reader) in all() {
        let _ = writeln!(text, "{:<20} {format:<4} {}", reader.id, reader.title);
    }
    Ok(text)
}
