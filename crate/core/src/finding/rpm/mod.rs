//! RPM packages: what the lead and the headers say, against each other and against what follows them.

mod files;

use super::{Found, Info, info, own, shown};
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::entry::{Content, Value};
use crate::format::rpm::{Hash, Header, Lead, List, Package, algorithm};
use crate::reading::NodeId;

const REBUILD: &str = "Get the package built again.";

pub(super) const TABLE: &[Info] = &[
    info(
        "RPM-01",
        Conflict,
        "File list and payload disagree",
        "The list in the header and the archive do not have the same files, or say different things about one.",
        "`rpm -ql` and the checks after installing go by the list; rpm2cpio and bsdtar see the archive only.",
        REBUILD,
    ),
    info(
        "RPM-02",
        High,
        "A digest that does not match",
        "A digest that the package states of its header, its payload or a file is not theirs.",
        "rpm refuses it; rpm2cpio and bsdtar check nothing.",
        "Get the file again; if it stays, do not trust it.",
    ),
    info(
        "RPM-03",
        High,
        "The package says two things about itself",
        "The lead, which rpm no longer reads, or the kind of payload contradicts the header.",
        "file(1) and old tools go by the lead, rpm by the header, others by the bytes.",
        REBUILD,
    ),
    info(
        "RPM-04",
        High,
        "Bytes behind the payload",
        "Something follows the archive of files.",
        "rpm does not look at it where no digest covers it.",
        "Look at the bytes there.",
    ),
    info(
        "RPM-05",
        High,
        "A header that contradicts itself",
        "Counts, sizes or offsets lead out of the header or the file, repeat a tag, or leave bytes to no tag.",
        "rpm refuses most of it; other readers skip what they do not understand.",
        REBUILD,
    ),
];

// Tags of the signature header.
const SIGNED_SIZES: [u32; 2] = [1000, 270];
/// Bytes of the payload without compression.
const UNPACKED: [u32; 2] = [1007, 271];

// Tags of the main header.
const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const SOURCE: u32 = 1044;
const FORMAT: u32 = 1124;
const COMPRESSOR: u32 = 1125;
/// Digests of the payload without compression: tag and algorithm, where it is not stated.
const OF_UNPACKED: [(u32, Option<u64>); 2] = [(5097, None), (5122, Some(10))];
const UNPACKED_SIZE: u32 = 5113;
const PACKED_SIZE: u32 = 5112;

/// Checks one package.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let Some((payload, node)) = found.members(id).find(|(_, node)| node.path.starts_with(b"payload.")) else { return };
    let Some(Content { base, offset, .. }) = node.content else { return };
    let store = found.store;
    let package = Package::read(&mut |at, buffer| store.read_at(base, at, buffer), found.left);
    let (Some(signature), Some(header)) = (&package.signature, &package.header) else { return };
    let length = header.bytes.len() as u64;
    found.left = found.left.saturating_sub(length.saturating_mul(2));
    lead(found, id, &Lead::new(&package.lead), header);
    let inner = found.reading.layers(payload).last().copied().unwrap_or(payload);
    kinds(found, payload, inner, header);
    behind(found, payload, inner);
    whole(found, id, payload, signature, header, offset);
    digests(found, payload, inner, signature, header);
    if found.node(inner).and_then(|node| node.opened.as_ref()).is_some_and(|opened| opened.format == "cpio") {
        let list = List::new(header, crate::finding::MOST_FILES);
        files::check(found, inner, &list);
    }
}

/// The lead against the header. Some tools leave it empty or write the bare name.
fn lead(found: &mut Found<'_>, id: NodeId, lead: &Lead<'_>, header: &Header) {
    let part = |tag: u32| header.text(tag).unwrap_or_default();
    let release = [part(VERSION), b"-", part(RELEASE)].concat();
    let whole = [part(NAME), b"-", &release].concat();
    let epoch = header.number(EPOCH).map_or(String::new(), |epoch| format!("{epoch}:")).into_bytes();
    let with_epoch = [part(NAME), b"-", &epoch, &release].concat();
    let fits = [&whole, &with_epoch].iter().any(|whole| whole.starts_with(lead.name) || lead.name.starts_with(whole));
    if !lead.name.is_empty() && !fits {
        let message = format_args!("the lead says {}, the header {}", shown(lead.name), shown(&whole));
        found.raise_at(Medium, "RPM-03", id, Some(10), message);
    }
    // Only a package built from a source names that.
    let source = header.text(SOURCE).is_none();
    if lead.kind > 1 || (lead.kind == 1) != source {
        let kind = if source { "a source" } else { "a binary" };
        let message = format_args!("the lead says type {}, the header that it is {kind} package", lead.kind);
        found.raise_at(Medium, "RPM-03", id, Some(6), message);
    }
}

/// What the header says the payload is, against what it is.
fn kinds(found: &mut Found<'_>, payload: NodeId, inner: NodeId, header: &Header) {
    let reading = found.reading;
    let format = |id: NodeId| reading.node(id)?.opened.as_ref().map(|opened| opened.format.as_str());
    let outer = if payload == inner { None } else { format(payload) };
    if let Some(stated) = header.text(COMPRESSOR)
        && stated != outer.unwrap_or("none").as_bytes()
    {
        let is = outer.unwrap_or("not compressed");
        let message = format_args!("the header says that the payload is {}, it is {is}", shown(stated));
        found.raise("RPM-03", payload, message);
    }
    if header.text(FORMAT).is_none_or(|stated| stated == b"cpio") && format(inner) != Some("cpio") {
        found.raise("RPM-03", payload, format_args!("the payload is no cpio archive"));
    }
}

/// What stands behind the compressed data, or behind the end of the archive in it.
fn behind(found: &mut Found<'_>, payload: NodeId, inner: NodeId) {
    for id in if payload == inner { vec![payload] } else { vec![payload, inner] } {
        let Some(node) = found.node(id) else { continue };
        for name in ["trailing-bytes", "zero-padding"] {
            if let Some(Value::Number(count)) = own(node, name) {
                let zeros = if name == "zero-padding" { "zero " } else { "" };
                let severity = if name == "zero-padding" { Medium } else { High };
                found.raise_as(severity, "RPM-04", id, format_args!("{count} {zeros}bytes follow the payload"));
            }
        }
        if own(node, "archive 1").is_some() {
            found.raise_as(Conflict, "RPM-04", id, format_args!("a second archive follows the files'"));
        }
    }
    let hidden = found.members(inner).find(|(_, node)| node.path == b"(behind the end)").map(|(id, _)| id);
    if let Some(id) = hidden {
        found.raise("RPM-04", id, format_args!("compressed data follow the files"));
    }
}

/// The size of everything from the main header on.
fn whole(found: &mut Found<'_>, id: NodeId, payload: NodeId, signature: &Header, header: &Header, start: u64) {
    let Some(payload_size) = found.node(payload).map(|node| node.size) else { return };
    let size = header.bytes.len() as u64 + payload_size;
    for tag in SIGNED_SIZES {
        let Some(stated) = signature.number(tag).filter(|stated| *stated != size) else { continue };
        let at = header.start.saturating_add(stated);
        if stated < size {
            let message = format_args!("header and payload have {size} bytes, {stated} are stated");
            found.raise_at(High, "RPM-04", payload, Some(at.max(start)), message);
        } else {
            let message = format_args!("header and payload have {size} bytes, {stated} are stated");
            found.raise_at(High, "RPM-05", id, None, message);
        }
    }
}

/// Digests and sizes of the payload without compression.
fn digests(found: &mut Found<'_>, payload: NodeId, inner: NodeId, signature: &Header, header: &Header) {
    let mut unpacked: Option<u64> = None;
    for (tag, known) in OF_UNPACKED {
        let Some(stated) = header.text(tag) else { continue };
        let (name, mut count) = (header.name(tag), 0);
        let Some(mut hash) = Hash::new(known.unwrap_or_else(|| algorithm(header))) else {
            unchecked(found, payload, &name);
            continue;
        };
        if !found.stream(inner, |bytes| {
            count += bytes.len() as u64;
            hash.update(bytes);
        }) {
            unchecked(found, payload, &name);
            continue;
        }
        unpacked = Some(count);
        let actual = hash.end();
        // Several may be stated, for payloads that are compressed in one way or another.
        if !header.texts(tag).any(|stated| stated.eq_ignore_ascii_case(actual.as_bytes())) {
            let stated = shown(stated);
            found.raise("RPM-02", payload, format_args!("{name} is stated as {stated}, it is {actual}"));
        }
    }
    let is_stated =
        UNPACKED.iter().any(|tag| signature.number(*tag).is_some()) || header.number(UNPACKED_SIZE).is_some();
    if is_stated && unpacked.is_none() {
        let mut count = 0;
        if found.stream(inner, |bytes| count += bytes.len() as u64) {
            unpacked = Some(count);
        } else {
            unchecked(found, payload, "the size of the archive");
        }
    }
    let sizes = UNPACKED.map(|tag| (signature, tag)).into_iter().chain([(header, UNPACKED_SIZE)]);
    for (stating, tag) in sizes {
        if let (Some(stated), Some(actual)) = (stating.number(tag), unpacked)
            && stated != actual
        {
            let name = stating.name(tag);
            found.raise_as(
                Note,
                "RPM-05",
                payload,
                format_args!("the {name} is {stated}, the archive has {actual} bytes"),
            );
        }
    }
    if let (Some(stated), Some(actual)) = (header.number(PACKED_SIZE), found.node(payload).map(|node| node.size))
        && stated != actual
    {
        let finding = if stated < actual { "RPM-04" } else { "RPM-05" };
        found.raise(finding, payload, format_args!("the payload-size is {stated}, the payload has {actual} bytes"));
    }
}

/// What was not looked at must not pass for right.
fn unchecked(found: &mut Found<'_>, id: NodeId, what: &str) {
    found.raise_at(Note, "RPM-02", id, None, format_args!("{what} was not checked"));
}
