//! Java archives: the manifest, signatures, and classes for other versions of Java.

use std::collections::BTreeMap;

use super::{Found, Info, info, same, shown, signed};
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::reading::NodeId;

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
    let mut signatures: Vec<NodeId> = Vec::new();
    let (mut versions, mut nested) = (0_u64, 0_u64);
    let mut classes: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    for (place, (member, node)) in found.members(id).enumerate() {
        let upper = node.path.to_ascii_uppercase();
        if upper == b"META-INF/MANIFEST.MF" {
            manifests.push((place, member));
        }
        if upper.strip_prefix(b"META-INF/").is_some_and(|name| name.ends_with(b".SF") && !name.contains(&b'/')) {
            signatures.push(member);
        }
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
    let sections = signed::sections(&bytes);
    let value = |name: &str| sections.first().and_then(|main| main.value(name));
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
    if !signatures.is_empty() {
        signed::check(found, id, &bytes, &signatures);
    }
}
