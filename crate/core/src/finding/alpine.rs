//! Alpine packages: three gzip members that belong together (apk-package(5)).

use std::collections::BTreeMap;

use sha1::{Digest as _, Sha1};

use super::{Found, Info, info, own, shown};
use crate::display;
use crate::entry::Severity::{Conflict, High, Info as Note};
use crate::entry::{Kind, Value};
use crate::reading::NodeId;

const REBUILD: &str = "Get the package built again.";

pub(super) const TABLE: &[Info] = &[
    info(
        "ALPINE-01",
        High,
        "The data are not those described",
        "The digest that `.PKGINFO` states is not that of the third part, or a file's is not the file's.",
        "apk refuses it; tar and other readers check nothing.",
        "Get the file again; if it stays, do not trust it.",
    ),
    info(
        "ALPINE-02",
        Conflict,
        "Not three parts",
        "There are more gzip members than a signature, a description and the data, or fewer.",
        "apk takes each member for a part of its own; tar reads all of them as one archive.",
        REBUILD,
    ),
    info(
        "ALPINE-03",
        Note,
        "Not signed",
        "No part holds a signature.",
        "apk installs it only when told to.",
        "Compare it with a signed one.",
    ),
];

/// SHA-1 of a file, in a PAX record.
const SUM: &str = "pax:APK-TOOLS.checksum.SHA1";

/// Checks one package.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let part = |name: &[u8]| found.members(id).find(|(_, node)| node.path == name).map(|(id, _)| id);
    let (signature, control, data) = (part(b"signature.tar.gz"), part(b"control.tar.gz"), part(b"data.tar.gz"));
    if signature.is_none() {
        found.raise_at(Note, "ALPINE-03", id, None, format_args!("the package is not signed"));
    }
    for (part, name) in [(control, "description"), (data, "data")] {
        if part.is_none() {
            found.raise_as(High, "ALPINE-02", id, format_args!("there is no part with the {name}"));
        }
    }
    let Some(data) = data else { return };
    if let Some(Value::Number(count)) = found.node(data).and_then(|node| own(node, "members")) {
        found.raise("ALPINE-02", data, format_args!("the data come in {count} gzip members"));
    }
    let described = control.and_then(|control| {
        let archive = found.reading.layers(control).last().copied()?;
        found.member(archive, b".PKGINFO")
    });
    if let Some(description) = described {
        datahash(found, description, data);
    } else if let Some(control) = control {
        found.raise_as(High, "ALPINE-02", control, format_args!("the second part has no .PKGINFO"));
    }
    if let Some(archive) = found.reading.layers(data).last().copied() {
        sums(found, archive);
    }
}

/// The digest in the description against the third part as stored.
fn datahash(found: &mut Found<'_>, description: NodeId, data: NodeId) {
    let Some(text) = found.read(description) else { return };
    let Some(actual) = found.node(data).and_then(|node| node.sha256) else { return };
    let actual = display::hex(&actual);
    let mut stated = text.split(|byte| *byte == b'\n').filter_map(|line| {
        let at = line.iter().position(|byte| *byte == b'=')?;
        let (key, value) = line.split_at_checked(at)?;
        (key.trim_ascii() == b"datahash").then(|| value.get(1..).unwrap_or_default().trim_ascii())
    });
    match stated.next() {
        Some(stated) if stated == actual.as_bytes() => {}
        Some(stated) => {
            let stated = shown(stated);
            found.raise("ALPINE-01", description, format_args!("the datahash is {stated}, the data's is {actual}"));
        }
        None => found.raise("ALPINE-01", description, format_args!("no datahash is stated")),
    }
    if stated.next().is_some() {
        found.raise_as(Conflict, "ALPINE-01", description, format_args!("the datahash is stated twice"));
    }
}

/// The SHA-1 of each file, where it is stated.
fn sums(found: &mut Found<'_>, archive: NodeId) {
    let mut wrong: BTreeMap<NodeId, (Vec<u8>, String)> = BTreeMap::new();
    for (id, node) in found.members(archive).filter(|(_, node)| node.kind == Kind::File) {
        let Some(Value::Bytes(stated)) = node.value(SUM) else { continue };
        let mut hash = Sha1::new();
        if found.stream(id, |bytes| hash.update(bytes)) {
            let actual = display::hex(&hash.finalize());
            if !stated.eq_ignore_ascii_case(actual.as_bytes()) {
                wrong.insert(id, (stated.clone(), actual));
            }
        }
    }
    for (id, (stated, actual)) in wrong {
        let path = found.node(id).map(|node| shown(&node.path)).unwrap_or_default();
        let stated = shown(&stated);
        found.raise("ALPINE-01", id, format_args!("the SHA-1 of {path} is stated as {stated}, it is {actual}"));
    }
}
