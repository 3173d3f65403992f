//! What a search found, as text: for every entry how often on each side, then the places.

use std::fmt::Write as _;

use twinspect::report::search::{SearchEntry, SearchMatch, SearchReport, SearchSpot};

use super::text::{BOLD, FAINT, Page, YELLOW, count};

/// Entries printed that were not searched; JSON has more.
const MOST: usize = 20;

/// The report; with `sides` it is about two artifacts.
pub fn search(report: &SearchReport, sides: bool, color: bool) -> String {
    let mut page = Page::new(color);
    for entry in &report.found {
        show(&mut page, entry, sides);
    }
    if report.more > 0 {
        page.line(&format!("… and {} with matches", count(report.more, "more entry", "more entries")));
    }
    let matches = &report.matches;
    let sum = if sides {
        format!(
            "A {} in {}, B {} in {}",
            matches.left,
            entries(report.entries.left),
            matches.right,
            entries(report.entries.right)
        )
    } else {
        format!("{} in {}", count(matches.left, "match", "matches"), entries(report.entries.left))
    };
    let searched = count(report.contents, "content", "contents");
    let line = page.paint(BOLD, &format!("{sum}; searched {searched} of {} bytes, and all names.", report.bytes));
    page.line(&line);
    if let Some(why) = &report.stopped {
        let line = page.paint(YELLOW, &format!("? {why}"));
        page.line(&line);
    }
    let more = report.more_not_searched.saturating_add(report.not_searched.len().saturating_sub(MOST) as u64);
    for trouble in report.not_searched.iter().take(MOST) {
        let side = if sides { format!("{}: ", trouble.side.letter()) } else { String::new() };
        let path = if trouble.path.is_empty() { "the artifact" } else { &trouble.path };
        let line = page.paint(YELLOW, &format!("? Not searched whole: {side}{path}: {}", trouble.reason));
        page.line(&line);
    }
    if more > 0 {
        page.line(&format!("… and {} not searched whole", count(more, "more entry", "more entries")));
    }
    page.finish()
}

fn entries(number: u64) -> String {
    count(number, "entry", "entries")
}

fn show(page: &mut Page, entry: &SearchEntry, sides: bool) {
    let (left, right) = (entry.paths.left.as_deref(), entry.paths.right.as_deref());
    let path = right.or(left).filter(|path| !path.is_empty()).unwrap_or("(the artifact)");
    let matches = entry.matches;
    let counts = match sides {
        false => matches.left.to_string(),
        true if left.is_none() => format!("B {} (the entry is only in B)", matches.right),
        true if right.is_none() => format!("A {} (the entry is only in A)", matches.left),
        true => format!("A {} · B {}", matches.left, matches.right),
    };
    let line = format!("{}  {}", page.paint(BOLD, path), page.paint(FAINT, &counts));
    page.line(&line);
    for one in &entry.listed {
        let line = format!("  {}  {}", page.paint(FAINT, &place(one, sides)), marked(page, one));
        page.line(&line);
    }
    let listed = |spot: fn(&SearchMatch) -> Option<SearchSpot>| entry.listed.iter().filter_map(spot).count() as u64;
    let hidden =
        matches.left.saturating_sub(listed(|one| one.left)) + matches.right.saturating_sub(listed(|one| one.right));
    if hidden > 0 {
        let line = page.paint(FAINT, &format!("  … and {}", count(hidden, "more match", "more matches")));
        page.line(&line);
    }
}

/// Where: `A:12 B:14` by lines, or by bytes.
fn place(one: &SearchMatch, sides: bool) -> String {
    let mut text = String::new();
    if one.place != "content" {
        let _ = write!(text, "{} ", one.place);
    }
    for (letter, spot) in [('A', one.left), ('B', one.right)] {
        let Some(spot) = spot else { continue };
        if sides {
            let _ = write!(text, "{letter}:");
        }
        let _ = match spot.line {
            Some(line) => write!(text, "{line} "),
            None => write!(text, "byte {} ", spot.offset),
        };
    }
    if let Some(encoding) = &one.encoding {
        text.push_str(encoding);
    }
    text.trim_end().to_owned()
}

fn marked(page: &Page, one: &SearchMatch) -> String {
    let units: Vec<u16> = one.excerpt.encode_utf16().collect();
    let at = |index: usize| one.mark.get(index).map_or(0, |at| (*at as usize).min(units.len()));
    let part = |from: usize, to: usize| String::from_utf16_lossy(units.get(from..to).unwrap_or_default());
    format!("{}{}{}", part(0, at(0)), page.paint(BOLD, &part(at(0), at(1))), part(at(1), units.len()))
}
