//! The list of files in the header against the members of the payload.

use std::collections::BTreeMap;

use crate::display;
use crate::entry::Severity::{High, Info as Note};
use crate::entry::{Kind, Value};
use crate::finding::path::canonical;
use crate::finding::{Found, bytes, shown};
use crate::format::rpm::{File, Hash, List, SHA256};
use crate::reading::{Node, NodeId};

/// Checks an archive by the list.
pub(super) fn check(found: &mut Found<'_>, archive: NodeId, list: &List<'_>) {
    // rpm goes by the last of two files of one path.
    let mut listed: BTreeMap<Vec<u8>, (usize, bool)> = BTreeMap::new();
    for (place, file) in list.files.iter().enumerate() {
        if listed.insert(key(&file.path()), (place, false)).is_some() {
            found.raise("RPM-01", archive, format_args!("the list has {} twice", shown(&file.path())));
        }
    }
    let last = last_names(list);
    let known = Hash::new(list.algorithm).is_some();
    if !known && !list.files.is_empty() {
        let number = list.algorithm;
        found.raise_as(Note, "RPM-02", archive, format_args!("file digests of the algorithm {number} are not checked"));
    }
    for (id, node) in found.members(archive) {
        if node.path == b"(behind the end)" {
            continue;
        }
        let Some((place, seen)) = listed.get_mut(&key(&node.path)) else {
            found.raise("RPM-01", id, format_args!("{} is in the payload and not in the list", shown(&node.path)));
            continue;
        };
        *seen = true;
        let Some(file) = list.files.get(*place) else { continue };
        if file.is_ghost() {
            let path = shown(&node.path);
            found.raise_as(Note, "RPM-01", id, format_args!("{path} is in the payload, and listed as not being there"));
            continue;
        }
        // Of a file with several names, the last has the content.
        let holds = file.identity().is_none_or(|identity| last.get(&identity) == Some(place)) || node.size > 0;
        member(found, id, node, file, holds);
        if known && holds {
            digest(found, id, node, file, list.algorithm);
        }
    }
    let cut = found.cut.contains(&archive) || found.node(archive).is_some_and(|node| node.unread);
    for (place, _) in listed.values().filter(|(_, seen)| !seen && !cut) {
        let Some(file) = list.files.get(*place).filter(|file| !file.is_ghost()) else { continue };
        let path = file.path();
        let message = format_args!("{} is in the list and not in the payload", shown(&path));
        found.raise_as(High, "RPM-01", archive, message);
    }
}

/// Of each file with several names, which is the last.
fn last_names(list: &List<'_>) -> BTreeMap<(u64, u64), usize> {
    let places = list.files.iter().enumerate();
    places.filter_map(|(place, file)| Some((file.identity()?, place))).collect()
}

fn key(path: &[u8]) -> Vec<u8> {
    canonical(path).join(&b'/')
}

/// What both say of one file.
fn member(found: &mut Found<'_>, id: NodeId, node: &Node, file: &File<'_>, holds: bool) {
    let path = shown(&node.path);
    let kind = if node.kind == Kind::Hardlink { Kind::File } else { node.kind };
    if kind != file.kind() {
        let (listed, is) = (file.mode, node.kind);
        found.raise("RPM-01", id, format_args!("{path} is listed with the mode {listed:06o}, and is a {is:?}"));
        return;
    }
    if let Some(Value::Mode(mode)) = node.value("mode")
        && u64::from(*mode) != file.mode & 0o7777
    {
        let listed = file.mode & 0o7777;
        found.raise("RPM-01", id, format_args!("{path} is listed with the mode {listed:04o}, and has {mode:04o}"));
    }
    if kind == Kind::File && holds && node.size != file.size {
        let (listed, size) = (file.size, node.size);
        found.raise("RPM-01", id, format_args!("{path} is listed with {listed} bytes, and has {size}"));
    }
    if kind == Kind::Symlink
        && let Some(target) = bytes(node, "target").filter(|target| *target != file.link)
    {
        let (listed, target) = (shown(file.link), shown(target));
        found.raise("RPM-01", id, format_args!("{path} is listed as a link to {listed}, and leads to {target}"));
    }
    if let Some(Value::Time(mtime, _)) = node.value("mtime")
        && u64::try_from(*mtime).ok() != Some(file.mtime)
    {
        let listed = file.mtime;
        let message = format_args!("{path} is listed with the time {listed}, and has {mtime}");
        found.raise_as(Note, "RPM-01", id, message);
    }
}

fn digest(found: &mut Found<'_>, id: NodeId, node: &Node, file: &File<'_>, algorithm: u64) {
    if file.kind() != Kind::File {
        return;
    }
    let path = shown(&node.path);
    if file.digest.is_empty() {
        if file.size > 0 {
            found.raise_as(Note, "RPM-02", id, format_args!("no digest is stated of {path}"));
        }
        return;
    }
    let actual = match node.sha256.filter(|_| algorithm == SHA256) {
        Some(digest) => display::hex(&digest),
        None => {
            let Some(mut hash) = Hash::new(algorithm) else { return };
            if !found.stream(id, |bytes| hash.update(bytes)) {
                return;
            }
            hash.end()
        }
    };
    if !file.digest.eq_ignore_ascii_case(actual.as_bytes()) {
        let stated = shown(file.digest);
        found.raise("RPM-02", id, format_args!("the list says {stated} of {path}, it is {actual}"));
    }
}
