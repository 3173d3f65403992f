//! Whiteouts: entries of a layer that hide files of the layers below it (OCI image specification, layer.md).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::path::canonical;
use super::{Found, shown};
use crate::entry::Kind;
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::image::Layout;
use crate::reading::{Node, NodeId};

const MARK: &[u8] = b".wh.";
/// Hides everything below its folder.
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Paths kept of the layers below, at most: beyond, what a whiteout hides is not looked up.
const MOST_PATHS: usize = 2_000_000;

/// Checks the layers of all images of an archive, each layer once.
pub(super) fn check(found: &mut Found<'_>, layout: &Layout) {
    let mut checked: BTreeSet<NodeId> = BTreeSet::new();
    let mut kept = 0;
    for image in layout.images.iter().chain(&layout.docker).filter(|image| image.is_file_system) {
        // What is below is known only if every layer is.
        let mut below: Option<BTreeSet<Vec<u8>>> = Some(BTreeSet::new());
        for (place, (_, layer)) in image.layers.iter().enumerate() {
            let root = layer.and_then(|layer| found.reading.layers(layer).last().copied());
            let is_tar = |root: NodeId| found.node(root)?.opened.as_ref().map(|opened| opened.format == "tar");
            let Some(root) = root.filter(|root| is_tar(*root) == Some(true)) else {
                below = None;
                continue;
            };
            if checked.insert(root) {
                one(found, root, place == 0, below.as_ref());
            }
            kept += found.members(root).count();
            if kept > MOST_PATHS {
                below = None;
            }
            if let Some(below) = &mut below {
                apply(found, root, below);
            }
        }
    }
}

/// Folder and name of an entry that is a whiteout.
fn whiteout(node: &Node) -> Option<(Vec<u8>, Vec<u8>)> {
    let parts: Vec<&[u8]> = node.path.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    let (name, folder) = parts.split_last()?;
    name.starts_with(MARK).then(|| (folder.join(&b'/'), name.to_vec()))
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

/// The whiteouts of one layer by themselves.
fn one(found: &mut Found<'_>, root: NodeId, is_first: bool, below: Option<&BTreeSet<Vec<u8>>>) {
    let mut here: BTreeMap<Vec<u8>, NodeId> = BTreeMap::new();
    let mut hidden: Vec<(NodeId, Vec<u8>)> = Vec::new();
    for (id, node) in found.members(root) {
        let path = shown(&node.path);
        let parts = canonical(&node.path);
        if parts.iter().rev().skip(1).any(|part| part.starts_with(MARK)) {
            found.raise_as(High, "OCI-03", id, format_args!("{path} lies in a folder with the name of a whiteout"));
            continue;
        }
        let Some((folder, name)) = whiteout(node) else {
            here.insert(parts.join(&b'/'), id);
            continue;
        };
        if node.kind != Kind::File || node.size > 0 {
            let what = if node.kind == Kind::File { "has content" } else { "is no file" };
            found.raise("OCI-03", id, format_args!("the whiteout {path} {what}"));
        }
        let target = name.get(MARK.len()..).unwrap_or_default();
        match target {
            b"" | b"." | b".." => {
                found.raise_as(High, "OCI-03", id, format_args!("the whiteout {path} names no file"));
            }
            _ if name == OPAQUE => {
                if folder.is_empty() && !is_first {
                    found.raise("OCI-03", id, format_args!("{path} hides the whole of every layer below"));
                }
            }
            // What an older file system of docker's left in its layers.
            _ if target.starts_with(MARK) => {
                found.raise_as(Note, "OCI-03", id, format_args!("{path} is about a whiteout, not a file"));
            }
            _ => hidden.push((id, joined(&folder, target))),
        }
    }
    for (id, target) in hidden {
        let path = found.node(id).map(|node| shown(&node.path)).unwrap_or_default();
        if here.contains_key(&target) {
            let message = format_args!("{path} hides a file that the same layer has: readers keep it or delete it");
            found.raise_as(Conflict, "OCI-03", id, message);
        } else if begins(&here, &target) {
            let message = format_args!("{path} hides a folder that the same layer has files in");
            found.raise_as(Medium, "OCI-03", id, message);
        } else if let Some(below) = below
            && !below.contains(&target)
        {
            found.raise_as(Note, "OCI-03", id, format_args!("{path} hides nothing: no layer below has that file"));
        }
    }
}

/// Whether any path lies in a folder.
fn begins(paths: &BTreeMap<Vec<u8>, NodeId>, folder: &[u8]) -> bool {
    let start = [folder, b"/"].concat();
    let next = paths.range((Bound::Included(start.clone()), Bound::Unbounded)).next();
    next.is_some_and(|(path, _)| path.starts_with(&start))
}

/// Puts a layer on top of what is below it.
fn apply(found: &Found<'_>, root: NodeId, below: &mut BTreeSet<Vec<u8>>) {
    for (_, node) in found.members(root) {
        let Some((folder, name)) = whiteout(node) else { continue };
        let target = name.get(MARK.len()..).unwrap_or_default();
        let gone = if name == OPAQUE { folder } else { joined(&folder, target) };
        if name != OPAQUE {
            below.remove(&gone);
        }
        let start = if gone.is_empty() { Vec::new() } else { [gone.as_slice(), b"/"].concat() };
        let inside = below.range((Bound::Included(start.clone()), Bound::Unbounded));
        let inside: Vec<Vec<u8>> = inside.take_while(|path| path.starts_with(&start)).cloned().collect();
        for path in inside {
            below.remove(&path);
        }
    }
    for (_, node) in found.members(root).filter(|(_, node)| whiteout(node).is_none()) {
        let parts = canonical(&node.path);
        let mut key = Vec::new();
        for part in parts {
            key = joined(&key, part);
            below.insert(key.clone());
        }
    }
}
