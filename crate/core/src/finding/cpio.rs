//! cpio archives: names that do not end where they say, files that are there twice, and what follows the end.

use std::collections::BTreeMap;

use super::twice::Firsts;
use super::{Found, Info, bytes, info, own, shown};
use crate::entry::Severity::{Conflict, High, Info as Note};
use crate::entry::{Kind, Value};
use crate::reading::NodeId;

pub(super) const TABLE: &[Info] = &[
    info(
        "CPIO-01",
        High,
        "Something behind the end",
        "Bytes or a further archive follow the mark of the end.",
        "cpio, bsdtar and rpm stop at the mark; the boot loader of Linux goes on.",
        "Look at what is there.",
    ),
    info(
        "CPIO-02",
        Conflict,
        "A file twice",
        "A path is there twice, or the names of one file come with different contents.",
        "Whichever comes last is on the disk; lists show both.",
        "Compare both contents.",
    ),
    info(
        "CPIO-03",
        Conflict,
        "A name that ends early or never",
        "The stated length of a name is not where its NUL is.",
        "Readers cut the name at the NUL, or take all of it.",
        "Get the archive built again by an ordinary tool.",
    ),
];

/// Checks one archive, or several in a row.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let Some(archive) = found.node(id) else { return };
    if own(archive, "archive 1").is_some() {
        // Initial file systems are made so.
        found.raise_at(Note, "CPIO-01", id, None, format_args!("several archives follow one another"));
    }
    let mut firsts = Firsts::default();
    // What a file with several names holds, by its first name.
    let mut held: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    for (member, node) in found.members(id) {
        let path = shown(&node.path);
        if node.path == b"(behind the end)" && node.kind == Kind::Other {
            found.raise_as(Note, "CPIO-01", member, format_args!("compressed data follow the end"));
            continue;
        }
        firsts.take(found, ("CPIO-02", Note), (member, node));
        if matches!(node.kind, Kind::File | Kind::Hardlink) && node.size > 0 {
            let target = if node.kind == Kind::Hardlink { bytes(node, "target") } else { Some(node.path.as_slice()) };
            let target = target.unwrap_or_default();
            match held.get(target).and_then(|id| found.node(*id)) {
                Some(other) if node.kind == Kind::Hardlink && other.sha256 != node.sha256 => {
                    let other = shown(&other.path);
                    let message = format_args!("{path} and {other} are one file, and come with different contents");
                    found.raise("CPIO-02", member, message);
                }
                _ => {
                    held.insert(target, member);
                }
            }
        }
        match node.value("name-form") {
            // To align contents, names are filled up.
            Some(Value::Bytes(rest)) if rest.iter().all(|byte| *byte == 0) => {
                let count = rest.len();
                found.raise_as(Note, "CPIO-03", member, format_args!("the name {path} ends in {count} NULs"));
            }
            Some(Value::Bytes(rest)) => {
                found.raise(
                    "CPIO-03",
                    member,
                    format_args!("behind the NUL of the name {path} stands {}", shown(rest)),
                );
            }
            Some(_) => found.raise("CPIO-03", member, format_args!("the name {path} has no NUL")),
            None => {}
        }
    }
}
