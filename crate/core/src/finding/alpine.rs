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
        datahash(found, description);
    } else if let Some(control) = control {
        found.raise_as(High, "ALPINE-02", control, format_args!("the second part has no .PKGINFO"));
    }
    if let Some(archive) = found.reading.layers(data).last().copied() {
        sums(found, archive);
    }
}

/// Whether the description states one digest of the data; the parser has compared it.
fn datahash(found: &mut Found<'_>, description: NodeId) {
    let Some(text) = found.read(description) else { return };
    let stated = text.split(|byte| *byte == b'\n').filter(|line| {
        let mut parts = line.splitn(2, |byte| *byte == b'=');
        parts.next().is_some_and(|key| key.trim_ascii() == b"datahash") && parts.next().is_some()
    });
    match stated.count() {
        1 => {}
        0 => found.raise("ALPINE-01", description, format_args!("no datahash is stated")),
        count => {
            found.raise_as(Conflict, "ALPINE-01", description, format_args!("the datahash is stated {count} times"));
        }
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
