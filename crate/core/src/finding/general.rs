//! What any artifact can be: two formats at once, another than its name says, a bomb, a fragment.

use super::{Found, Info, info};
use crate::entry::Severity::{Conflict, High, Medium};
use crate::format::zip::ends_like_zip;

pub(super) const TABLE: &[Info] = &[
    info(
        "GEN-01",
        Conflict,
        "Two formats at once",
        "The same bytes are valid as two formats.",
        "Programs that look at the start and programs that look at the end open different things.",
        "Do not trust either view alone.",
    ),
    info(
        "GEN-02",
        Medium,
        "Not what the name says",
        "The bytes are of another format than the name promises.",
        "Some programs go by the name, some by the bytes.",
        "Find out where the file comes from.",
    ),
    info(
        "GEN-03",
        Medium,
        "Nested too deep",
        "Containers lie in containers beyond the limit.",
        "Scanners stop at different depths.",
        "Raise the limit, or unpack a level by hand.",
    ),
    info(
        "GEN-04",
        High,
        "A bomb",
        "The content is very much larger than the file.",
        "Whoever unpacks it runs out of space or time.",
        "Raise the limit only if you expect such a size.",
    ),
    info(
        "GEN-05",
        Medium,
        "Very many entries",
        "There are more entries than any ordinary artifact has.",
        "Scanners stop early.",
        "Raise the limit only if you expect them.",
    ),
    info(
        "GEN-06",
        High,
        "Cut off, damaged or empty",
        "The artifact could not be read to its end.",
        "Lenient readers show what is there as if it were all.",
        "Get the file again.",
    ),
];

/// More entries than this are said.
const MANY: usize = 100_000;
/// A content this much larger than stored, and this large, is said.
const RATIO: u64 = 50;
const LARGE: u64 = 64 << 20;

/// Checks the artifact as a whole.
pub(super) fn check(found: &mut Found<'_>) {
    let entries = found.reading.nodes.len();
    if entries > MANY {
        found.raise_at(Medium, "GEN-05", 0, None, format_args!("there are {entries} entries"));
    }
    for (node, id) in found.reading.nodes.iter().zip(0..) {
        let Some(content) = &node.content else { continue };
        let stored = if content.stored == u64::MAX { found.reading.size } else { content.stored };
        let size = node.size;
        if size > LARGE && size / stored.max(1) > RATIO {
            found.raise("GEN-04", id, format_args!("{stored} bytes become {size}"));
        }
    }
    end(found);
}

/// An archive at the end of something else: whoever searches from the end finds it.
fn end(found: &mut Found<'_>) {
    let size = found.reading.size;
    let opened = found.node(0).and_then(|node| node.opened.as_ref()).map(|opened| opened.format.as_str());
    let mut tail = [0; 22];
    let (Some(format), Some(start)) = (opened, size.checked_sub(22)) else { return };
    if format != "zip" && matches!(found.store.read_at(0, start, &mut tail), Ok(22)) && ends_like_zip(&tail) {
        let message = format_args!("the same bytes are a {format} file from the start and a ZIP archive from the end");
        found.raise_at(Conflict, "GEN-01", 0, Some(start), message);
    }
}
