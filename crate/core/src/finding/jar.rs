//! Java archives: the manifest, signatures, and classes for other versions of Java.

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, Info, info, same, shown};
use crate::base64;
use crate::entry::Kind;
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::reading::{Node, NodeId};

pub(super) const TABLE: &[Info] = &[
    info(
        "JAR-01",
        Conflict,
        "An odd manifest",
        "The manifest is not first, is there twice, or does not have the digests of the files.",
        "JarInputStream sees only a manifest that comes first; JarFile finds it anywhere.",
        "Get the archive built again.",
    ),
    info(
        "JAR-02",
        Conflict,
        "A class twice",
        "Two entries are the same class.",
        "Class loaders take the first or the last.",
        "Compare both contents.",
    ),
    info(
        "JAR-03",
        Note,
        "Classes for other versions of Java",
        "Classes below `META-INF/versions` replace others, or are ignored.",
        "Java 9 and later use them if the manifest says `Multi-Release`.",
        "Compare them too.",
    ),
    info(
        "JAR-04",
        High,
        "Unsigned files in a signed archive",
        "The archive is signed, and a file in it is not.",
        "Java loads it without complaint.",
        "Find out who added the file.",
    ),
    info(
        "JAR-05",
        Note,
        "Archives in the archive",
        "The archive contains other Java archives.",
        "Loaded by a launcher of its own.",
        "Compare them too.",
    ),
    info(
        "JAR-06",
        Note,
        "An agent or a class path",
        "The manifest names an agent, or other archives to load.",
        "Java loads them without an import.",
        "Check what they are.",
    ),
];

/// Checks one archive.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let mut manifests: Vec<(usize, NodeId)> = Vec::new();
    let mut signatures = 0_u64;
    let (mut versions, mut nested) = (0_u64, 0_u64);
    let mut classes: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    for (place, (member, node)) in found.members(id).enumerate() {
        let upper = node.path.to_ascii_uppercase();
        if upper == b"META-INF/MANIFEST.MF" {
            manifests.push((place, member));
        }
        signatures += u64::from(upper.starts_with(b"META-INF/") && upper.ends_with(b".SF"));
        versions += u64::from(node.path.starts_with(b"META-INF/versions/") && node.path.ends_with(b".class"));
        nested += u64::from(node.path.ends_with(b".jar"));
        if !node.path.ends_with(b".class") {
            continue;
        }
        if let Some(first) = classes.insert(&node.path, member)
            && let Some(other) = found.node(first)
        {
            let severity = if same(node, other) { Medium } else { Conflict };
            found.raise_as(severity, "JAR-02", member, format_args!("{} is there twice", shown(&node.path)));
        }
    }
    if manifests.len() > 1 {
        let names: Vec<String> =
            manifests.iter().filter_map(|(_, id)| found.node(*id)).map(|node| shown(&node.path).to_string()).collect();
        let message = format_args!("there are several manifests: {}", names.join(", "));
        found.raise_at(Conflict, "JAR-01", id, None, message);
    }
    let Some((place, manifest)) = manifests.first().copied() else { return };
    // Behind its own folder it still counts as first.
    if place > 1 {
        found.raise_as(Note, "JAR-01", manifest, format_args!("the manifest is entry {}", place + 1));
    }
    let Some(bytes) = found.read(manifest) else { return };
    let sections = sections(&bytes);
    let main = sections.first().cloned().unwrap_or_default();
    let value =
        |name: &str| main.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone());
    if versions > 0 {
        let used = value("Multi-Release").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let used = if used { "used" } else { "ignored" };
        found.raise_at(
            Note,
            "JAR-03",
            id,
            None,
            format_args!("{versions} classes for other versions of Java are {used}"),
        );
    }
    if nested > 0 {
        found.raise_at(Note, "JAR-05", id, None, format_args!("{nested} Java archives are inside"));
    }
    for name in ["Premain-Class", "Agent-Class", "Launcher-Agent-Class", "Class-Path"] {
        if let Some(value) = value(name) {
            found.raise("JAR-06", manifest, format_args!("the manifest says {name}: {}", shown(value.as_bytes())));
        }
    }
    if signatures > 0 {
        signed(found, id, &sections);
    }
}

/// Files against the digests in the manifest.
fn signed(found: &mut Found<'_>, id: NodeId, sections: &[Vec<(String, String)>]) {
    let mut digests: BTreeMap<String, Option<String>> = BTreeMap::new();
    for section in sections.iter().skip(1) {
        let get = |wanted: &str| {
            section.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.clone())
        };
        let any = section.iter().any(|(key, _)| key.to_ascii_lowercase().contains("-digest"));
        if let (Some(name), true) = (get("Name"), any) {
            digests.insert(name, get("SHA-256-Digest"));
        }
    }
    let mut unsigned: BTreeSet<NodeId> = BTreeSet::new();
    for (member, node) in found.members(id).filter(|(_, node)| node.kind == Kind::File && !about_signing(node)) {
        let path = shown(&node.path);
        match digests.get(String::from_utf8_lossy(&node.path).as_ref()) {
            None => {
                unsigned.insert(member);
            }
            Some(Some(stated)) => {
                let actual = node.sha256.map(|digest| base64::encode(&digest));
                if actual.as_ref().is_some_and(|actual| actual != stated) {
                    let (stated, actual) = (shown(stated.as_bytes()), actual.unwrap_or_default());
                    let message = format_args!("the manifest says {stated} of {path}, it is {actual}");
                    found.raise_as(High, "JAR-01", member, message);
                }
            }
            Some(None) => {}
        }
    }
    for member in unsigned {
        let path = found.node(member).map(|node| shown(&node.path)).unwrap_or_default();
        found.raise("JAR-04", member, format_args!("{path} is not among the signed files"));
    }
}

/// What signing itself adds.
fn about_signing(node: &Node) -> bool {
    let upper = node.path.to_ascii_uppercase();
    let Some(name) = upper.strip_prefix(b"META-INF/") else { return false };
    let kinds: [&[u8]; 4] = [b".SF", b".RSA", b".DSA", b".EC"];
    !name.contains(&b'/')
        && (name == b"MANIFEST.MF" || name.starts_with(b"SIG-") || kinds.iter().any(|kind| name.ends_with(kind)))
}

/// A manifest as sections of names and values; a line that begins with a space continues the one before.
fn sections(bytes: &[u8]) -> Vec<Vec<(String, String)>> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n").replace("\n ", "");
    let mut sections = vec![Vec::new()];
    for line in text.lines() {
        match line.split_once(':') {
            Some((name, value)) => {
                if let Some(section) = sections.last_mut() {
                    section.push((name.to_owned(), value.trim().to_owned()));
                }
            }
            None if sections.last().is_some_and(|section| !section.is_empty()) => sections.push(Vec::new()),
            None => {}
        }
    }
    sections
}
