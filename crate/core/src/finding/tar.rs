//! tar: headers that extend, repeat and contradict each other.

use std::collections::BTreeSet;

use super::path::canonical;
use super::twice::Firsts;
use super::{Found, Info, bytes, info, number, own, shown, text};
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::entry::{Coding, Kind, Value};
use crate::reading::{Node, NodeId};

const PAX: &str = "Readers that know PAX headers go by them, others by the plain header.";
const ORDER: &str = "Readers merge the extension headers, or let one replace the other.";
const REBUILD: &str = "Get the archive built again by an ordinary tool.";
const LOOK: &str = "Look at the bytes there.";

pub(super) const TABLE: &[Info] = &[
    info(
        "TAR-01",
        Conflict,
        "Two sizes",
        "The PAX record and the header give the content different sizes.",
        "Where they skip different distances, readers find different entries (CVE-2025-62518).",
        REBUILD,
    ),
    info(
        "TAR-02",
        Medium,
        "Records that override",
        "PAX records repeat, are empty, or override a header that needs no help.",
        PAX,
        REBUILD,
    ),
    info(
        "TAR-03",
        Conflict,
        "GNU and PAX names",
        "A GNU long name stands beside a PAX path, or where none is needed.",
        ORDER,
        REBUILD,
    ),
    info(
        "TAR-04",
        Conflict,
        "A global name or size",
        "A global header sets what belongs to a single entry, or parts an entry from its header.",
        "Some readers apply it to all entries, some ignore it.",
        REBUILD,
    ),
    info(
        "TAR-05",
        Conflict,
        "A path twice",
        "Two entries have this path.",
        "The last wins on disk, the first in many lists.",
        "Compare both contents.",
    ),
    info(
        "TAR-06",
        High,
        "An impossible size",
        "A size is negative or beyond all bounds.",
        "Readers stop, or skip backwards.",
        REBUILD,
    ),
    info(
        "TAR-07",
        High,
        "A sparse entry",
        "The content is stored with holes.",
        "Readers that do not know this form see the raw data, under another name.",
        "Expand it before comparing.",
    ),
    info(
        "TAR-08",
        Conflict,
        "A body where none can be",
        "A link, directory or device claims a body.",
        "Some readers skip it, some read it as the next header.",
        REBUILD,
    ),
    info(
        "TAR-09",
        High,
        "Bytes behind the end",
        "Something follows the end of the archive.",
        "Readers that go on after the end marker find more entries.",
        LOOK,
    ),
    info("TAR-10", Note, "An unusual end", "The end marker is missing or short.", "Some readers warn.", "Nothing."),
    info(
        "TAR-11",
        High,
        "A wrong checksum",
        "A header's checksum does not hold, or is over signed bytes.",
        "Readers stop, or search for the next good header.",
        REBUILD,
    ),
    info(
        "TAR-12",
        Conflict,
        "A malformed PAX record",
        "A record breaks the grammar, repeats a key, or makes no sense.",
        "Readers skip the record, skip the header, or stop.",
        REBUILD,
    ),
    info(
        "TAR-13",
        Conflict,
        "Several extension headers",
        "An entry has two of one kind, or no entry follows.",
        ORDER,
        REBUILD,
    ),
    info(
        "TAR-14",
        Conflict,
        "A doubtful number",
        "A number is written in a way that readers take differently.",
        "Readers disagree on the size, and find different entries.",
        REBUILD,
    ),
    info(
        "TAR-15",
        Medium,
        "An unusual type",
        "The type of the entry is unknown, obsolete, or contradicts its name.",
        "Taken for a file, or skipped.",
        REBUILD,
    ),
    info(
        "TAR-16",
        Conflict,
        "A doubtful prefix",
        "The prefix of the header is used in a way that readers take differently.",
        "Some readers put it before the name, some do not.",
        REBUILD,
    ),
    info(
        "TAR-17",
        Medium,
        "A character set",
        "A record says that names are not in UTF-8.",
        "Most readers ignore it.",
        "Compare the bytes of the names.",
    ),
    info(
        "TAR-18",
        High,
        "Cut, or a header too long",
        "The archive ends early, or a header claims more than any needs.",
        "Some readers show the rest as if it were all, some run out of memory.",
        "Get the file again.",
    ),
    info(
        "TAR-19",
        Conflict,
        "A hard link to a path that changes",
        "The target of a hard link is there more than once.",
        "The link has the content of whichever came before it.",
        "Compare all contents.",
    ),
    info(
        "TAR-20",
        Note,
        "An odd time",
        "A time is before 1970 or far in the future.",
        "Readers clamp or refuse it.",
        "Nothing.",
    ),
    info(
        "TAR-21",
        High,
        "Bytes in the padding",
        "The rest of an entry's last block is not empty.",
        "No reader shows it.",
        LOOK,
    ),
    info(
        "TAR-22",
        Medium,
        "A part or a list",
        "It is a volume label, a continued file, or a list of a directory.",
        "Only GNU tar knows these; others make files of them.",
        REBUILD,
    ),
];

/// Bytes that a name has room for in a header without extension.
const ROOM: usize = 100;

/// Checks one archive.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let Some(archive) = found.node(id) else { return };
    // In an Alpine package only the last part has an end.
    let above = found.node(archive.parent).filter(|node| node.path != b"data.tar.gz");
    let part = above.and_then(|node| found.node(node.parent)?.opened.as_ref()).is_some_and(|it| it.format == "alpine");
    if let Some(Value::Text(marker)) = own(archive, "end-marker").filter(|_| !part) {
        found.raise_at(Note, "TAR-10", id, None, format_args!("end marker: {marker}"));
    }
    let mut firsts = Firsts::default();
    let mut twice: BTreeSet<Vec<u8>> = BTreeSet::new();
    for (member, node) in found.members(id) {
        // As `tar -r` leaves it, the same content is harmless.
        if firsts.take(found, ("TAR-05", Note), (member, node)) {
            twice.insert(canonical(&node.path).join(&b'/'));
        }
        records(found, member, node);
        form(found, member, node);
    }
    for (member, node) in found.members(id).filter(|(_, node)| node.kind == Kind::Hardlink) {
        let target = bytes(node, "target").unwrap_or_default();
        if twice.contains(&canonical(target).join(&b'/')) {
            let (path, target) = (shown(&node.path), shown(target));
            found.raise(
                "TAR-19",
                member,
                format_args!("the target {target} of the hard link {path} is there more than once"),
            );
        }
    }
}

/// Extension headers and their records.
fn records(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let path = shown(&node.path);
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    for field in &node.fields {
        let Some(key) = field.name.strip_prefix("pax:") else { continue };
        // Parts of a sparse map take turns.
        if !keys.insert(key) && !key.starts_with("GNU.sparse.") {
            found.raise("TAR-02", id, format_args!("the PAX record {key} of {path} is there twice"));
        }
        if key.contains("\\u{0}") {
            found.raise("TAR-12", id, format_args!("the key {key} of a PAX record of {path} contains NUL"));
        }
        match (&field.value, key) {
            (Value::Bytes(value), "path" | "linkpath" | "size") if value.is_empty() => {
                found.raise("TAR-02", id, format_args!("the PAX record {key} of {path} is empty"));
            }
            (Value::Bytes(value), "hdrcharset") if value.as_slice() != b"ISO-IR 10646 2000 UTF-8" => {
                found.raise("TAR-17", id, format_args!("the character set of {path} is {}", shown(value)));
            }
            _ => {}
        }
    }
    for (name, what) in [("header:path", "path"), ("header:target", "link target")] {
        if let Some(header) = bytes(node, name).filter(|header| !header.is_empty()) {
            let message = format_args!("{path} has another {what} in its header: {}", shown(header));
            found.raise_as(Note, "TAR-02", id, message);
        }
    }
    let extension = text(node, "extension-header").unwrap_or_default();
    let target = bytes(node, "target").unwrap_or_default();
    for (flag, value, what) in [("L ", node.path.as_slice(), "name"), ("K ", target, "link target")] {
        let there = extension.starts_with(flag) || extension.contains(&format!("; {flag}"));
        if there && text(node, "format") == Some("pax") {
            let message = format_args!("{path} has a GNU long {what} and PAX records");
            found.raise_as(Medium, "TAR-03", id, message);
        } else if there && value.len() < ROOM {
            let message =
                format_args!("the {what} of {path} is in a GNU header, though {} bytes fit without one", value.len());
            found.raise_as(Medium, "TAR-03", id, message);
        }
    }
}

/// Types, prefixes, holes, times.
fn form(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let path = shown(&node.path);
    if let Some(kind) = text(node, "type") {
        let part = ["D,", "M,", "N,", "V,"].iter().any(|flag| kind.starts_with(flag));
        // Solaris writes A and E for attributes, V7 NUL for files.
        let known = kind.starts_with("A,") || kind.starts_with("E,") || (kind == "NUL" && node.kind == Kind::File);
        if part {
            found.raise("TAR-22", id, format_args!("{path} has the type {kind}"));
        } else if !known {
            found.raise("TAR-15", id, format_args!("{path} has the type {kind}"));
        }
    }
    if let Some(length) = number(node, "prefix-length") {
        let size = node.path.len();
        if i128::try_from(size).unwrap_or_default() == length + 1 {
            found.raise("TAR-16", id, format_args!("{path} is a prefix without a name"));
        } else if size < ROOM && text(node, "format") != Some("pax") {
            found.raise_as(
                Medium,
                "TAR-16",
                id,
                format_args!("{path} has a prefix, though {size} bytes fit without one"),
            );
        }
    }
    if text(node, "header-form").is_some_and(|form| form.contains("over signed bytes")) {
        found.raise_as(Medium, "TAR-11", id, format_args!("the checksum of {path} is over signed bytes"));
    }
    if let Some(content) = &node.content
        && let Coding::Sparse(_) = content.coding
    {
        let (stored, size) = (content.stored, node.size);
        let severity = if size > 1 << 30 && size / stored.max(1) > 1000 { High } else { Medium };
        found.raise_as(severity, "TAR-07", id, format_args!("{path} has {size} bytes, of which {stored} are stored"));
    }
    if let Some(Value::Time(seconds, _)) = node.value("mtime")
        && !(0..1 << 33).contains(seconds)
    {
        found.raise("TAR-20", id, format_args!("the time of {path} is {seconds} s from 1970"));
    }
}
