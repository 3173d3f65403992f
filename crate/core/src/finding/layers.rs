//! Compression around one stream: several streams in a row, and what stands beside the data.

use super::{Found, Info, info, name, own, shown};
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::entry::Value;
use crate::reading::{Node, NodeId};

const FIRST: &str = "Some readers stop after the first, some go on.";
const LENIENT: &str = "Some readers stop with an error, some give what they have.";
const AGAIN: &str = "Get the file again.";
const LOOK: &str = "Look at the bytes there.";

pub(super) const TABLE: &[Info] = &[
    info(
        "GZ-01",
        Note,
        "Several gzip members",
        "The file is several gzip members in a row.",
        FIRST,
        "Make sure that all of them were compared.",
    ),
    info(
        "GZ-02",
        High,
        "Bytes behind gzip data",
        "Something follows the last member.",
        "Ignored with or without a warning, or refused.",
        LOOK,
    ),
    info(
        "GZ-03",
        Medium,
        "An odd gzip header",
        "The header has a comment, an unknown extra field, or a long name.",
        "Only tools that print headers show it.",
        LOOK,
    ),
    info("GZ-04", High, "Damaged gzip data", "The data, their CRC or their length are wrong.", LENIENT, AGAIN),
    info(
        "GZ-05",
        High,
        "An invalid gzip header",
        "Reserved flags, a wrong header CRC, or an unknown method.",
        LENIENT,
        AGAIN,
    ),
    info("GZ-06", High, "Cut gzip data", "The data end early.", LENIENT, AGAIN),
    info(
        "GZ-07",
        Note,
        "Zeros behind gzip data",
        "The file is filled up with zeros.",
        "Tape blocks do this; nothing is hidden.",
        "Nothing.",
    ),
    info(
        "GZ-08",
        Medium,
        "Very many gzip members",
        "There are more than a thousand members.",
        "Readers become slow or stop.",
        LOOK,
    ),
    info(
        "BZ-01",
        Note,
        "Several bzip2 streams",
        "The file is several streams in a row, as parallel compressors write.",
        FIRST,
        "Make sure that all of them were compared.",
    ),
    info("BZ-02", High, "Bytes behind bzip2 data", "Something follows the last stream.", "Ignored, or refused.", LOOK),
    info("BZ-03", High, "Damaged bzip2 data", "The data or their CRC are wrong, or they end early.", LENIENT, AGAIN),
    info(
        "XZ-01",
        Medium,
        "Several xz streams",
        "The file is several streams in a row.",
        FIRST,
        "Make sure that all of them were compared.",
    ),
    info(
        "XZ-02",
        Note,
        "Padding behind xz data",
        "Zeros follow a stream.",
        "Refused where they are not a multiple of four.",
        "Nothing.",
    ),
    info(
        "XZ-03",
        Note,
        "xz data without a known check",
        "The stream has no integrity check, or an unknown one.",
        "Nobody notices damage.",
        "Compare digests of the content.",
    ),
    info(
        "XZ-04",
        High,
        "Damaged xz data",
        "Index, footer or data are wrong, or something follows them.",
        LENIENT,
        AGAIN,
    ),
    info(
        "XZ-05",
        Medium,
        "A huge dictionary",
        "The stream asks for more than 64 MiB of memory.",
        "Small systems cannot read it.",
        "Read it where there is memory.",
    ),
    info("XZ-06", High, "Damaged LZMA data", "The data are wrong, or have another size than stated.", LENIENT, AGAIN),
    info(
        "ZST-01",
        Note,
        "Skippable zstd frames",
        "The file holds bytes that no decoder gives.",
        "Only tools that list frames show them.",
        LOOK,
    ),
    info(
        "ZST-02",
        Note,
        "Several zstd frames",
        "The file is several frames in a row.",
        FIRST,
        "Make sure that all of them were compared.",
    ),
    info(
        "ZST-03",
        Medium,
        "A huge window",
        "The frame asks for more than 128 MiB of memory.",
        "The reference decoder refuses it by default.",
        "Read it where there is memory.",
    ),
    info(
        "ZST-04",
        High,
        "Damaged zstd data",
        "Size, checksum, header or data are wrong, or something follows them.",
        LENIENT,
        AGAIN,
    ),
];

/// Ids of one format: several streams, zero padding.
fn ids(format: &str) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match format {
        "gzip" => ("members", "GZ-01", "GZ-07"),
        "bzip2" => ("streams", "BZ-01", "BZ-02"),
        "xz" => ("streams", "XZ-01", "XZ-02"),
        "zstd" => ("frames", "ZST-02", "ZST-04"),
        _ => return None,
    })
}

/// Checks one wrapper.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let Some((node, opened)) = found.node(id).and_then(|node| Some((node, node.opened.as_ref()?))) else { return };
    let many = |node: &Node, name: &str| match own(node, name) {
        Some(Value::Number(count)) => Some(*count),
        _ => None,
    };
    if let Some((parts, several, padding)) = ids(&opened.format) {
        if let Some(count) = many(node, parts) {
            found.raise_at(severity(several), several, id, None, format_args!("there are {count} {parts}"));
            if several == "GZ-01" {
                members(found, id, count);
            }
        }
        if let Some(count) = many(node, "zero-padding") {
            found.raise_at(Note, padding, id, None, format_args!("{count} zeros follow the data"));
        }
    }
    match opened.format.as_str() {
        "gzip" => gzip(found, id, node),
        "xz" => {
            if let Some(Value::Text(check)) = own(node, "check")
                && matches!(check.as_ref(), "none" | "unknown")
            {
                found.raise_at(Note, "XZ-03", id, None, format_args!("the integrity check is {check}"));
            }
        }
        "lzma" => {
            if let Some(size) = many(node, "dictionary").filter(|size| *size > 64 << 20) {
                found.raise_at(Medium, "XZ-05", id, None, format_args!("the dictionary has {size} bytes"));
            }
        }
        "zstd" => zstd(found, id, node),
        _ => {}
    }
}

fn severity(id: &str) -> crate::entry::Severity {
    super::by_id(id).map_or(Note, |(_, info)| info.severity)
}

/// Several members: a conflict where one ends together with an archive, and another archive begins.
fn members(found: &mut Found<'_>, id: NodeId, count: i128) {
    if count > 1000 {
        found.raise_at(Medium, "GZ-08", id, None, format_args!("there are {count} gzip members"));
    }
    let inner = found.members(id).next().map(|(_, inner)| inner);
    if inner.is_some_and(|inner| own(inner, "trailing-bytes").is_some()) {
        let message = format_args!("the archive ends within {count} gzip members, and more follows");
        found.raise_at(Conflict, "GZ-01", id, None, message);
    }
}

fn gzip(found: &mut Found<'_>, id: NodeId, node: &Node) {
    // Block gzip, dictzip and seekable images keep an index here.
    const KNOWN: [&[u8]; 3] = [b"BC", b"RA", b"SG"];
    match own(node, "flags") {
        Some(Value::Number(flags)) if flags & 0xe0 != 0 => {
            found.raise_at(High, "GZ-05", id, Some(3), format_args!("reserved flags are set: {flags:#04x}"));
        }
        _ => {}
    }
    if let Some(Value::Bytes(extra)) = own(node, "extra")
        && !KNOWN.iter().any(|known| extra.starts_with(known))
    {
        let count = extra.len();
        found.raise_at(
            Medium,
            "GZ-03",
            id,
            Some(10),
            format_args!("the header has {count} bytes of an unknown extra field"),
        );
    }
    if let Some(Value::Bytes(comment)) = own(node, "comment") {
        found.raise_at(Medium, "GZ-03", id, Some(10), format_args!("the header has a comment: {}", shown(comment)));
    }
    if let Some(Value::Bytes(path)) = own(node, "name") {
        if path.len() > 255 {
            found.raise_at(
                Medium,
                "GZ-03",
                id,
                Some(10),
                format_args!("the name in the header has {} bytes", path.len()),
            );
        }
        // Some writers put the path they were called with here; gzip itself uses its last part only.
        if path.split(|byte| *byte == b'/').any(|part| part == b"..") || path.contains(&b'\n') {
            name::dangerous(found, id, path);
        }
    }
}

fn zstd(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let Some(opened) = &node.opened else { return };
    for field in &opened.fields {
        let Value::Number(value) = field.value else { continue };
        match field.name.rsplit(": ").next().unwrap_or_default() {
            "skippable-bytes" => {
                found.raise_at(Note, "ZST-01", id, None, format_args!("{value} bytes stand in a skippable frame"));
            }
            "window" if value > 128 << 20 => {
                found.raise_at(Medium, "ZST-03", id, None, format_args!("the window has {value} bytes"));
            }
            "descriptor" if value & 8 != 0 => {
                found.raise_at(
                    High,
                    "ZST-04",
                    id,
                    Some(4),
                    format_args!("the reserved bit of the frame header is set"),
                );
            }
            _ => {}
        }
    }
}
