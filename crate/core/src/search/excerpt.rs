//! What stands around a match, for reading: a part of its line, escaped.

use crate::compare::encoding::{Encoding, decode};
use crate::display;

use super::pattern::Hit;

/// Bytes shown before a match, and after it.
pub(super) const BEFORE: usize = 48;
pub(super) const AFTER: usize = 96;
/// Bytes shown of a match itself.
const MOST: usize = 160;

/// A text around a match, and where the match is in it, in UTF-16 units.
pub(super) fn excerpt(bytes: &[u8], hit: Hit) -> (String, [u32; 2]) {
    let (width, line_end): (usize, fn(&[u8]) -> bool) = match hit.encoding {
        Encoding::Utf16Le => (2, |unit| matches!(unit, [b'\n' | b'\r' | 0, 0])),
        Encoding::Utf16Be => (2, |unit| matches!(unit, [0, b'\n' | b'\r' | 0])),
        // In binaries what is no text ends it, too; escapes of terminals stay, to be seen.
        _ => (1, |unit| matches!(unit, [0..=8 | 10..=26 | 28..=31 | 127])),
    };
    let start = hit.start.min(bytes.len());
    let end = hit.end.min(bytes.len()).max(start);
    let before = bytes.get(start.saturating_sub(BEFORE)..start).unwrap_or_default();
    let kept = before.rchunks_exact(width).take_while(|unit| !line_end(unit)).count() * width;
    let before = before.get(before.len().saturating_sub(kept)..).unwrap_or_default();
    let after = bytes.get(end..end.saturating_add(AFTER).min(bytes.len())).unwrap_or_default();
    let kept = after.chunks_exact(width).take_while(|unit| !line_end(unit)).count() * width;
    let after = after.get(..kept).unwrap_or_default();
    let shown = end.min(start.saturating_add(MOST));
    let mut text = show(whole(before, true, hit), hit.encoding);
    let from = units(&text);
    text.push_str(&show(bytes.get(start..shown).unwrap_or_default(), hit.encoding));
    let to = units(&text);
    if shown < end {
        text.push('…');
    } else {
        text.push_str(&show(whole(after, false, hit), hit.encoding));
    }
    (text, [from, to])
}

/// Without the halves of characters that the cut has left, where it is UTF-8.
fn whole(bytes: &[u8], front: bool, hit: Hit) -> &[u8] {
    let continuation = |byte: &&u8| **byte & 0xc0 == 0x80;
    if hit.encoding != Encoding::Utf8 || bytes.len() < BEFORE {
        return bytes;
    }
    if front {
        let cut = bytes.iter().take(3).take_while(continuation).count();
        return bytes.get(cut..).unwrap_or(bytes);
    }
    let back = bytes.iter().rev().take(3).take_while(continuation).count();
    let lead = bytes.len().saturating_sub(back + 1);
    match bytes.get(lead) {
        Some(0xc0..) => bytes.get(..lead).unwrap_or(bytes),
        _ => bytes,
    }
}

fn show(bytes: &[u8], encoding: Encoding) -> String {
    let (text, _) = match encoding {
        Encoding::Utf8 => display::text(bytes),
        _ => display::text(&decode(bytes, encoding)),
    };
    text.replace('\n', "\\u{a}")
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}
