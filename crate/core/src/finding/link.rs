//! Links: where they lead.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::path::{Place, canonical};
use super::{Found, bytes, shown};
use crate::entry::Kind;
use crate::reading::NodeId;

/// Links followed for one path; Linux gives up after as many.
const MOST_HOPS: u32 = 40;

/// Parts of paths walked for the links of one archive: a chain of long targets is followed as far as that.
const MOST_PARTS: u64 = 20_000_000;

/// Checks all links of an archive, in stored order.
pub(super) fn check(found: &mut Found<'_>, all: &[(NodeId, Cow<'_, [u8]>)], place: Place) {
    let mut first: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    let kind = |id: NodeId| found.node(id).map(|node| node.kind);
    // Only hard links ask where a path was first.
    if all.iter().any(|(id, _)| kind(*id) == Some(Kind::Hardlink)) {
        for (id, key) in all {
            first.entry(key).or_insert(*id);
        }
    }
    let mut work = MOST_PARTS;
    let mut links: BTreeMap<&[u8], &[u8]> = BTreeMap::new();
    for (id, key) in all {
        let Some(node) = found.node(*id) else { continue };
        let path = shown(&node.path);
        for name in ["target", "header:target"] {
            let Some(target) = bytes(node, name) else { continue };
            let to = shown(target);
            match node.kind {
                // In a Debian package the root is that of the system: links lead anywhere in it.
                Kind::Symlink if place != Place::Deb => {
                    if outside(target) {
                        found.raise("PATH-11", *id, format_args!("the link {path} leads to the absolute path {to}"));
                    } else if leaves(key, target, &links, &mut work) {
                        found.raise("PATH-11", *id, format_args!("the link {path} leads out of the archive: {to}"));
                    }
                }
                Kind::Hardlink if name == "target" => {
                    let wanted = canonical(target).join(&b'/');
                    let why = match first.get(wanted.as_slice()) {
                        _ if outside(target) || wanted.starts_with(b"..") => "lies outside the archive",
                        None => "is not in the archive",
                        Some(_) if wanted == **key => "is itself",
                        Some(target) if target > id => "comes after it",
                        Some(_) => continue,
                    };
                    found.raise("PATH-13", *id, format_args!("the target of the hard link {path} {why}: {to}"));
                }
                _ => {}
            }
        }
        if node.kind == Kind::Symlink
            && let Some(target) = bytes(node, "target")
        {
            links.insert(key, target);
        }
    }
}

/// Whether a path does not begin where the archive is unpacked: at the root, a drive or a server.
pub(super) fn outside(path: &[u8]) -> bool {
    matches!(path, [b'/' | b'\\', ..]) || matches!(path, [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic())
}

/// Whether a link at `key` leads above the root, following the links before it.
fn leaves(key: &[u8], target: &[u8], links: &BTreeMap<&[u8], &[u8]>, work: &mut u64) -> bool {
    // Parts still to be walked, the next one last.
    let walk = |path: &[u8]| path.split(|byte| *byte == b'/').rev().map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut at = key.to_vec();
    up(&mut at);
    let mut left = walk(target);
    let mut hops = 0;
    while let Some(part) = left.pop() {
        *work = work.saturating_sub(1);
        match part.as_slice() {
            b"" | b"." => continue,
            b".." => {
                if at.is_empty() {
                    return true;
                }
                up(&mut at);
                continue;
            }
            part => {
                if !at.is_empty() {
                    at.push(b'/');
                }
                at.extend(part);
            }
        }
        let Some(target) = links.get(at.as_slice()) else { continue };
        hops += 1;
        if hops > MOST_HOPS || *work == 0 {
            return false;
        }
        if outside(target) {
            return true;
        }
        up(&mut at);
        left.extend(walk(target));
    }
    false
}

/// Takes the last part off a path.
fn up(path: &mut Vec<u8>) {
    path.truncate(path.iter().rposition(|byte| *byte == b'/').unwrap_or(0));
}
