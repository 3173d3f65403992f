//! ZIP entries whose sizes stand in the 64-bit block: hardly two readers have the same rules for it.

use super::{Found, bytes, number, shown, text};
use crate::entry::Severity::Medium;
use crate::reading::{Node, NodeId};

/// Checks one entry.
pub(super) fn check(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let path = shown(&node.path);
    let named = |name: &str| node.fields.iter().filter(|field| field.name == name).count();
    let taken = text(node, "zip64");
    if named("zip64") + named("extra:0001") > 1 || named("local:zip64") + named("local:extra:0001") > 1 {
        return found.raise("ZIP-16", id, format_args!("{path} has more than one 64-bit block"));
    }
    let size =
        node.content.as_ref().and_then(|content| content.size).map_or(number(node, "size"), |size| Some(size.into()));
    let size = size.unwrap_or_default();
    let compressed = number(node, "compressed-size").unwrap_or(size);
    for name in ["extra:0001", "local:extra:0001"] {
        if let Some(block) = bytes(node, name)
            && !agrees(block, size, compressed)
        {
            return found.raise(
                "ZIP-16",
                id,
                format_args!("the 64-bit block of {path} says other sizes than its header"),
            );
        }
    }
    let full = i128::from(u32::MAX);
    if (size == full && !taken.is_some_and(|taken| lists(taken, "size")))
        || (compressed == full && !taken.is_some_and(|taken| lists(taken, "compressed-size")))
    {
        return found.raise("ZIP-16", id, format_args!("{path} refers to a 64-bit block that it does not have"));
    }
    let Some(taken) = taken else { return };
    // The local header has no offset.
    let of = |taken: &str| (lists(taken, "size"), lists(taken, "compressed-size"));
    let needless = (lists(taken, "size") && size < full) || (lists(taken, "compressed-size") && compressed < full);
    let local = text(node, "local:zip64");
    let missing = text(node, "local:without").is_some_and(|ids| ids.contains("0001"));
    if needless && (missing || local.is_some_and(|local| of(local) != of(taken))) {
        let message =
            format_args!("local header and directory of {path} keep different values in 64 bits, without need");
        found.raise_as(Medium, "ZIP-16", id, message);
    }
}

fn lists(taken: &str, value: &str) -> bool {
    taken.split(", ").any(|name| name == value)
}

/// Whether the numbers of a block that no header asked for repeat those of the header.
fn agrees(block: &[u8], size: i128, compressed: i128) -> bool {
    let (numbers, _) = block.as_chunks::<8>();
    let numbers: Vec<i128> = numbers.iter().map(|number| u64::from_le_bytes(*number).into()).collect();
    match numbers.as_slice() {
        [] => true,
        [one] => *one == size || *one == compressed,
        // A streaming writer leaves zeros here.
        [0, 0, ..] => true,
        [first, second, ..] => (*first, *second) == (size, compressed),
    }
}
