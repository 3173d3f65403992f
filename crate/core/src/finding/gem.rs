//! Gems: a tar of three parts, checksums of two of them, and a specification in YAML.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha512};

use super::path::canonical;
use super::{Found, Info, info, shown};
use crate::display;
use crate::entry::Kind;
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::reading::NodeId;
use crate::yaml;

pub(super) const TABLE: &[Info] = &[
    info(
        "GEM-01",
        High,
        "Checksums do not match",
        "`checksums.yaml.gz` and the parts disagree.",
        "RubyGems checks them only when installing.",
        "Get the gem again.",
    ),
    info(
        "GEM-02",
        Conflict,
        "Two specifications",
        "The specification is there twice, or in the old and the new form.",
        "Readers take the first or the last.",
        "Compare both.",
    ),
    info(
        "GEM-03",
        Medium,
        "Another part",
        "There is a member that is no part of a gem.",
        "RubyGems ignores it; tar unpacks it.",
        "Look at what it is.",
    ),
    info(
        "GEM-04",
        High,
        "A specification that does not fit",
        "Names, files or types in the specification are not what they should be.",
        "Unsafe YAML runs code in old versions of RubyGems.",
        "Read the specification.",
    ),
];

/// Checks one gem.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let mut specifications = 0_u64;
    for (member, node) in found.members(id) {
        let path = shown(&node.path);
        let name = node.path.strip_suffix(b".sig").unwrap_or(&node.path);
        match name {
            b"metadata" | b"metadata.gz" if name == node.path => specifications += 1,
            b"metadata.gz" | b"data.tar.gz" | b"checksums.yaml.gz" | b"checksums.yaml" => {}
            _ => found.raise("GEM-03", member, format_args!("{path} is no part of a gem")),
        }
    }
    if specifications > 1 {
        found.raise_at(Conflict, "GEM-02", id, None, format_args!("there are {specifications} specifications"));
    }
    checksums(found, id);
    specification(found, id);
}

/// The content inside a member's wrapper.
fn inner(found: &mut Found<'_>, id: NodeId, name: &[u8]) -> Option<(NodeId, Vec<u8>)> {
    let member = found.member(id, name)?;
    let leaf = found.reading.layers(member).last().copied()?;
    Some((leaf, found.read(leaf)?))
}

fn checksums(found: &mut Found<'_>, id: NodeId) {
    let Some((list, bytes)) = inner(found, id, b"checksums.yaml.gz") else {
        return found.raise_at(Note, "GEM-01", id, None, format_args!("there are no checksums"));
    };
    let root = match yaml::parse(&bytes) {
        Ok(root) => root,
        Err(error) => return found.raise("GEM-01", list, format_args!("checksums.yaml is no YAML: {error}")),
    };
    for (algorithm, files) in root.entries() {
        // A gem has two parts to check.
        for (name, stated) in files.entries().iter().take(16) {
            let (Some(name), Some(stated)) = (name.as_str(), stated.as_str()) else { continue };
            let Some(member) = found.member(id, name.as_bytes()) else {
                found.raise(
                    "GEM-01",
                    list,
                    format_args!("there is a checksum of {}, which is not there", shown(name.as_bytes())),
                );
                continue;
            };
            let actual = match algorithm.as_str() {
                Some("SHA256") => found.node(member).and_then(|node| node.sha256).map(|digest| display::hex(&digest)),
                Some("SHA512") => found.read(member).map(|bytes| display::hex(&Sha512::digest(&bytes))),
                _ => None,
            };
            if actual.as_ref().is_some_and(|actual| actual != stated) {
                let (name, stated) = (shown(name.as_bytes()), shown(stated.as_bytes()));
                let actual = actual.unwrap_or_default();
                found.raise("GEM-01", member, format_args!("the checksum of {name} is {stated}, it is {actual}"));
            }
        }
    }
}

fn specification(found: &mut Found<'_>, id: NodeId) {
    let Some((leaf, bytes)) = inner(found, id, b"metadata.gz") else { return };
    let root = match yaml::parse(&bytes) {
        Ok(root) => root,
        Err(error) => return found.raise("GEM-04", leaf, format_args!("the specification is no YAML: {error}")),
    };
    // Types that specifications have; anything else makes an object of the reader's choosing.
    const KNOWN: [&str; 6] = ["Gem::", "Set", "Date", "DateTime", "Time", "Symbol"];
    let mut left = vec![&root];
    while let Some(node) = left.pop() {
        let ruby = node.tag.as_deref().and_then(|tag| tag.strip_prefix("!ruby/"));
        let kind = ruby.map(|tag| tag.split_once(':').map_or(tag, |(_, name)| name));
        if let Some(kind) = kind
            && !KNOWN.iter().any(|known| kind.starts_with(known))
            && !matches!(kind, "sym" | "symbol" | "range" | "regexp")
        {
            found.raise(
                "GEM-04",
                leaf,
                format_args!("the specification makes an object of the type {}", shown(kind.as_bytes())),
            );
        }
        left.extend(node.items());
        left.extend(node.entries().iter().flat_map(|(key, value)| [key, value]));
    }
    let text = |key: &str| {
        root.get(key).and_then(|node| node.as_str().or_else(|| node.get("version")?.as_str())).map(str::to_owned)
    };
    let file = found.reading.name.clone();
    if let (Some(stem), Some(name), Some(version)) = (file.strip_suffix(".gem"), text("name"), text("version")) {
        let fits = stem
            .strip_prefix(name.as_str())
            .and_then(|rest| rest.strip_prefix('-'))
            .and_then(|rest| rest.strip_prefix(version.as_str()));
        if !fits.is_some_and(|rest| rest.is_empty() || rest.starts_with('-')) {
            let (name, version, stem) = (shown(name.as_bytes()), shown(version.as_bytes()), shown(stem.as_bytes()));
            found.raise(
                "GEM-04",
                leaf,
                format_args!("the specification says {name} {version}, the file's name {stem}"),
            );
        }
    }
    if root.get("extensions").is_some_and(|list| !list.items().is_empty()) {
        found.raise_as(Note, "GEM-04", leaf, format_args!("extensions are built at installation"));
    }
    files(found, id, &root);
}

/// Files of the gem against the list in its specification.
fn files(found: &mut Found<'_>, id: NodeId, root: &yaml::Node) {
    let Some(list) = root.get("files") else { return };
    let listed: BTreeSet<Vec<u8>> = list
        .items()
        .iter()
        .filter_map(|item| item.as_str())
        .map(|path| canonical(path.as_bytes()).join(&b'/'))
        .collect();
    let Some(data) = found.member(id, b"data.tar.gz") else { return };
    let Some(data) = found.reading.layers(data).last().copied() else { return };
    for (member, node) in found.members(data).filter(|(_, node)| node.kind == Kind::File) {
        if !listed.contains(&canonical(&node.path).join(&b'/')) {
            let message = format_args!("{} is not in the specification", shown(&node.path));
            found.raise_as(Medium, "GEM-04", member, message);
        }
    }
}
