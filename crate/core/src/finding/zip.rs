//! ZIP archives: two lists of entries, three places for each size, and readers that choose differently.

use super::twice::Firsts;
use super::{Found, Info, bytes, info, number, own, shown, text, zip64};
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::entry::{Kind, Value};
use crate::format;
use crate::reading::{Node, NodeId};

const STREAM: &str = "Streaming readers (Java's ZipInputStream, bsdtar from a pipe) go by the local headers; most others by the directory.";
const REBUILD: &str = "Do not install it; get the archive built again by an ordinary tool.";
const LOOK: &str = "Look at the bytes there; an ordinary tool leaves none.";

pub(super) const TABLE: &[Info] = &[
    info(
        "ZIP-01",
        Conflict,
        "Two names for one entry",
        "The local header and the directory name it differently.",
        STREAM,
        REBUILD,
    ),
    info(
        "ZIP-02",
        Conflict,
        "A name twice",
        "The directory has more than one entry of this name.",
        "Extractors keep the last, lookups by name give the first or the last, some refuse.",
        REBUILD,
    ),
    info(
        "ZIP-03",
        Conflict,
        "An entry outside the directory",
        "A local header is not in the directory.",
        STREAM,
        "Open the hidden entry and compare it too.",
    ),
    info(
        "ZIP-04",
        High,
        "An entry without data",
        "The directory points to no local header, or beyond the file.",
        "Readers skip it, stop, or give an empty file.",
        REBUILD,
    ),
    info(
        "ZIP-05",
        Conflict,
        "Several ends",
        "More than one end record leads to a directory.",
        "Readers take the last, the first, or the one whose comment ends with the file.",
        REBUILD,
    ),
    info(
        "ZIP-06",
        High,
        "Comment longer than the file",
        "The end record claims a longer comment than there is.",
        "Strict readers pass over this end record and may find another.",
        REBUILD,
    ),
    info(
        "ZIP-07",
        High,
        "Bytes in front",
        "Something stands before the first entry.",
        "Readers disagree on whether offsets count from it; programs that look at the first bytes see another type.",
        LOOK,
    ),
    info(
        "ZIP-08",
        High,
        "Bytes behind the end",
        "Something follows the end record.",
        "Some readers ignore it, some refuse, some no longer find the end.",
        LOOK,
    ),
    info(
        "ZIP-09",
        Conflict,
        "Wrong count",
        "The end record counts other entries than there are.",
        "Readers stop at the count, or at the end of the directory.",
        REBUILD,
    ),
    info(
        "ZIP-10",
        Conflict,
        "The directory is elsewhere",
        "Size and offset of the directory do not fit, or it is damaged.",
        "Readers go by the offset, or look right before the end record.",
        REBUILD,
    ),
    info(
        "ZIP-11",
        Conflict,
        "Two compression methods",
        "The local header and the directory name different methods.",
        STREAM,
        REBUILD,
    ),
    info(
        "ZIP-12",
        Conflict,
        "Two sizes",
        "Local header, directory and data descriptor disagree on a size.",
        STREAM,
        REBUILD,
    ),
    info(
        "ZIP-13",
        Conflict,
        "Wrong CRC",
        "CRCs of one entry differ, or none is that of the data.",
        "Readers check one of them, or none.",
        "Take the content as unproven.",
    ),
    info(
        "ZIP-14",
        Conflict,
        "Two sets of flags",
        "The local header and the directory disagree on encryption or encoding.",
        STREAM,
        REBUILD,
    ),
    info(
        "ZIP-15",
        High,
        "Data without a certain end",
        "The sizes follow the data, and where they do is not certain.",
        "Streaming readers search for the end and may cut early; others know it from the directory.",
        REBUILD,
    ),
    info(
        "ZIP-16",
        Conflict,
        "Odd 64-bit values",
        "Values for large archives are there twice, in the wrong place, or without need.",
        "Hardly two readers have the same rules for them.",
        REBUILD,
    ),
    info(
        "ZIP-17",
        Conflict,
        "Entries overlap",
        "The same bytes belong to two entries, or to the directory too.",
        "Some readers refuse; in others a small file becomes terabytes.",
        "Do not extract it.",
    ),
    info(
        "ZIP-18",
        Conflict,
        "Another name in Unicode",
        "An extra field gives the entry another name, or a doubtful one.",
        "Info-ZIP, 7-Zip and a few more use it; Python, Go and Java do not.",
        REBUILD,
    ),
    info(
        "ZIP-19",
        Medium,
        "Damaged extra field",
        "An extra field does not divide into blocks.",
        "Some readers refuse the archive, some drop the field.",
        LOOK,
    ),
    info(
        "ZIP-20",
        Conflict,
        "File and directory",
        "Name, attributes and data disagree on whether it is a file or a directory.",
        "Readers go by the slash, by the attributes, or by the data.",
        REBUILD,
    ),
    info(
        "ZIP-21",
        Note,
        "A symbolic link",
        "The entry is a link by its Unix mode alone.",
        "Info-ZIP and libarchive make a link; Python and Java a text file with the target in it.",
        "Check where it points.",
    ),
    info(
        "ZIP-22",
        High,
        "Unclaimed bytes",
        "No record accounts for these bytes between the entries.",
        "Ordinary readers never see them.",
        LOOK,
    ),
    info(
        "ZIP-23",
        Conflict,
        "The data have another size",
        "Decoding gives another size than stated, or fails.",
        "Readers cut, read on, or refuse.",
        REBUILD,
    ),
    info(
        "ZIP-24",
        High,
        "Bytes behind the compressed data",
        "The compressed stream ends before its stated size.",
        "Ordinary readers never see the rest.",
        LOOK,
    ),
    info(
        "ZIP-25",
        Medium,
        "A part of several",
        "It says it is a disk of a split archive.",
        "Most readers refuse or ignore it.",
        "Join the parts before comparing.",
    ),
    info(
        "ZIP-26",
        High,
        "Encrypted",
        "The content is encrypted, or says so; it was not inspected.",
        "Android ignores the flag and reads what stands there.",
        "Decrypt it before comparing.",
    ),
    info(
        "ZIP-27",
        Medium,
        "Unsupported method",
        "The content is compressed in a way that is not decoded here; it was not inspected.",
        "Android takes an unknown method for stored.",
        "Unpack it with a tool that knows the method.",
    ),
    info(
        "ZIP-28",
        Note,
        "Another order",
        "The data stand in another order than the directory lists them.",
        "Only the order of reading differs.",
        "Nothing.",
    ),
    info(
        "ZIP-29",
        High,
        "A record inside a comment or extra field",
        "Bytes that begin a record stand where only text belongs.",
        "Readers that search for signatures take it for a real one.",
        REBUILD,
    ),
    info("ZIP-30", Note, "Two times", "The local header and the directory give different times.", STREAM, "Nothing."),
    info(
        "ZIP-31",
        Medium,
        "A name in an unknown encoding",
        "The name is not ASCII and does not say that it is UTF-8.",
        "Readers take it for cp437, for UTF-8, or for the local code page.",
        "Compare the bytes of the name.",
    ),
    info(
        "ZIP-32",
        Conflict,
        "No proper name",
        "The name is empty, contains NUL, or looks like a record.",
        "Readers cut at the NUL, skip the entry, or refuse.",
        REBUILD,
    ),
];

/// Checks one archive.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let Some(node) = found.node(id) else { return };
    container(found, id, node);
    let mut firsts = Firsts::default();
    for (member, node) in found.members(id) {
        firsts.take(found, ("ZIP-02", Medium), (member, node));
        names(found, member, node);
        kinds(found, member, node);
        data(found, member, node);
        zip64::check(found, member, node);
    }
}

/// What belongs to the archive as a whole.
fn container(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let Some(opened) = &node.opened else { return };
    for field in &opened.fields {
        let count = match &field.value {
            Value::Number(count) => *count,
            _ => 0,
        };
        let offset = field.name.strip_prefix("gap@").and_then(|at| at.strip_suffix(":sha256")?.parse().ok());
        match field.name.as_ref() {
            "prefix-bytes" => prefix(found, id, count),
            // Behind the last entry of an archive without an end are the remains of its directory.
            "trailing-bytes" if !found.cut.contains(&id) => {
                found.raise_at(High, "ZIP-08", id, None, format_args!("{count} bytes follow the end of the archive"));
            }
            "data-order" => {
                found.raise_at(
                    Note,
                    "ZIP-28",
                    id,
                    None,
                    format_args!("the data stand in another order than the directory"),
                );
            }
            "more-gaps" => found.raise_at(High, "ZIP-22", id, None, format_args!("{count} more gaps between entries")),
            _ if offset.is_some() => {
                // A gap of zeros has no digest: that is padding.
                let length = own(node, field.name.trim_end_matches(":sha256"));
                let length = length.map(crate::display::value).unwrap_or_default();
                let message = format_args!("{length} bytes between the entries belong to none of them");
                found.raise_at(High, "ZIP-22", id, offset, message);
            }
            _ => {}
        }
    }
    if let Some(Value::Bytes(comment)) = own(node, "comment")
        && let Some(at) = record_in(comment)
    {
        let message = format_args!("a record signature stands in the archive comment, {at} bytes into it");
        found.raise_at(High, "ZIP-29", id, None, message);
    }
}

/// What stands in front of the archive.
fn prefix(found: &mut Found<'_>, id: NodeId, count: i128) {
    let Some(node) = found.node(id) else { return };
    let head = node.content.as_ref().and_then(|content| found.store.read(content, format::HEAD as u64).ok());
    let head = head.map(|(bytes, _)| bytes).unwrap_or_default();
    let severity = if head.starts_with(b"#!") { Note } else { High };
    found.raise_at(severity, "ZIP-07", id, Some(0), format_args!("{count} bytes stand before the first entry"));
    const OTHERS: [(&[u8], &str); 5] = [
        (b"%PDF-", "a PDF document"),
        (b"dex\n", "an Android program"),
        (b"\x89PNG", "a PNG picture"),
        (b"GIF8", "a GIF picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
    ];
    let picture = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what);
    let format = format::detect(&head, b"").filter(|format| format.id != "zip").map(|format| format.title);
    if let Some(what) = picture.or(format) {
        let message = format_args!("the same bytes are a ZIP archive from the end and {what} from the start");
        found.raise_at(Conflict, "GEN-01", id, Some(0), message);
    }
}

/// Where in some bytes a record of a zip seems to begin.
fn record_in(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| {
        matches!(window, [b'P', b'K', 1, 2] | [b'P', b'K', 3, 4] | [b'P', b'K', 5, 6] | [b'P', b'K', 6, 6 | 7])
    })
}

/// Names: encodings, extra names, records in them.
fn names(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let path = shown(&node.path);
    let utf8 = node.value("utf8-name").is_some();
    unicode_path(found, id, node, utf8);
    if !node.path.is_ascii() && !utf8 && node.value("unicode-path").is_none() {
        found.raise("ZIP-31", id, format_args!("{path} is not ASCII, and its encoding is not stated"));
    }
    let why = match node.path.as_slice() {
        [] => Some("an entry has an empty name"),
        path if path.contains(&0) => Some("a name contains NUL"),
        path if record_in(path) == Some(0) => Some("a name looks like a record"),
        _ => None,
    };
    if let Some(why) = why {
        found.raise("ZIP-32", id, format_args!("{why}: {path}"));
    }
    for field in &node.fields {
        let Value::Bytes(bytes) = &field.value else { continue };
        let name = field.name.strip_prefix("local:").unwrap_or(&field.name);
        if (name == "comment" || name.starts_with("extra")) && record_in(bytes).is_some() {
            found.raise("ZIP-29", id, format_args!("a record signature stands in the {} of {path}", field.name));
        }
        // Up to three bytes are what alignment to four leaves.
        if name == "extra-rest" && bytes.len() > 3 {
            let count = bytes.len();
            // Zeros are what older tools align Android packages with.
            let severity = if bytes.iter().all(|byte| *byte == 0) { Note } else { Medium };
            let message = format_args!("{count} bytes of the extra field of {path} form no block");
            found.raise_as(severity, "ZIP-19", id, message);
        }
    }
}

/// The name in the Unicode extra field beside the one in the record.
fn unicode_path(found: &mut Found<'_>, id: NodeId, node: &Node, utf8: bool) {
    let path = shown(&node.path);
    let named = |name: &str| node.fields.iter().filter(|field| field.name == name).count();
    let odd = named("extra:7075") + named("local:extra:7075");
    let local_only = node.value("unicode-path").is_none() && node.value("local:unicode-path").is_some();
    let differ = node.value("unicode-path").is_some() && node.value("local:unicode-path").is_some();
    if named("unicode-path") > 1 || odd > 0 {
        found.raise("ZIP-18", id, format_args!("{path} has several Unicode names, or one of an unknown version"));
    } else if differ || local_only {
        found.raise("ZIP-18", id, format_args!("local header and directory give {path} different Unicode names"));
    } else if let Some(name) = bytes(node, "unicode-path") {
        let (other, differs) = (shown(name), name != node.path);
        if node.value("unicode-path-crc32").is_some() {
            found.raise("ZIP-18", id, format_args!("the Unicode name {other} of {path} is for another name"));
        } else if differs && (utf8 || node.path.is_ascii()) {
            found.raise("ZIP-18", id, format_args!("{path} has another Unicode name: {other}"));
        } else if differs {
            found.raise_as(Note, "ZIP-18", id, format_args!("{path} is {other} in Unicode"));
        }
    }
}

/// File, directory or link.
fn kinds(found: &mut Found<'_>, id: NodeId, node: &Node) {
    const TYPE: u32 = 0o170_000;
    let path = shown(&node.path);
    let mode = match node.value("mode") {
        Some(Value::Mode(mode)) => mode & TYPE,
        _ => 0,
    };
    let unix = matches!(text(node, "made-by"), Some("unix" | "darwin"));
    let slash = node.path.ends_with(b"/");
    let attribute = number(node, "dos-attributes").is_some_and(|attributes| attributes & 0x10 != 0);
    if slash && node.size > 0 {
        let size = node.size;
        found.raise("ZIP-20", id, format_args!("{path} is a directory by its name and has {size} bytes of data"));
    } else if !slash && (attribute || mode == 0o040_000) {
        found.raise("ZIP-20", id, format_args!("{path} is a directory by its attributes and a file by its name"));
    } else if slash && unix && !matches!(mode, 0 | 0o040_000) {
        let message = format_args!("{path} is a directory by its name and none by its mode {mode:o}");
        found.raise_as(if mode == 0o120_000 { Conflict } else { Medium }, "ZIP-20", id, message);
    }
    if mode == 0o120_000 && !unix && !slash {
        let message = format_args!("{path} is a link by its mode, but not by the system that made it");
        found.raise_as(Conflict, "ZIP-21", id, message);
    } else if node.kind == Kind::Symlink {
        match bytes(node, "target") {
            Some(target) => found.raise("ZIP-21", id, format_args!("{path} is a link to {}", shown(target))),
            None => found.raise_as(Medium, "ZIP-21", id, format_args!("{path} is a link without a usable target")),
        }
    }
}

/// Flags, times, and what stands around the data.
fn data(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let path = shown(&node.path);
    if let Some(local) = number(node, "local:flags") {
        let utf8 = (local & 0x800 != 0) != node.value("utf8-name").is_some();
        // How well deflate compressed, and whether a descriptor follows, may differ.
        let rest = local & !0x80f != number(node, "flags").unwrap_or_default() & !0x80f;
        if rest || (utf8 && !node.path.is_ascii()) {
            found.raise_as(
                Medium,
                "ZIP-14",
                id,
                format_args!("local header and directory give {path} different flags"),
            );
        }
    }
    if node.value("local:mtime").is_some() {
        found.raise("ZIP-30", id, format_args!("local header and directory give {path} different times"));
    }
    if node.value("encryption").is_some() && node.unread {
        found.raise("ZIP-26", id, format_args!("{path} is encrypted: not inspected"));
    } else if node.unread && node.value("stored-sha256").is_some() {
        let method = text(node, "method").unwrap_or_default();
        found.raise("ZIP-27", id, format_args!("{path} is compressed with {method}: not inspected"));
    }
    if number(node, "disk").is_some_and(|disk| disk != 0) {
        found.raise("ZIP-25", id, format_args!("{path} is on another disk of a split archive"));
    }
    descriptor(found, id, node);
}

/// Sizes that follow the data.
fn descriptor(found: &mut Found<'_>, id: NodeId, node: &Node) {
    let Some(form) = text(node, "data-descriptor") else { return };
    let path = shown(&node.path);
    if form == "missing" {
        let message = format_args!("the sizes of {path} should follow its data, and do not");
        return found.raise("ZIP-15", id, message);
    }
    let named = |name: &str| node.value(name).is_some();
    let local = named("local:zip64") || named("local:extra:0001");
    let both =
        (named("zip64") || named("extra:0001")) && !text(node, "local:without").is_some_and(|ids| ids.contains("0001"));
    if form.ends_with("32 bits") && (local || both) && node.size < u64::from(u32::MAX) && !named("local:extra:0001") {
        let message = format_args!("{path} has a 64-bit local header and a 32-bit data descriptor");
        found.raise_as(Medium, "ZIP-15", id, message);
    }
    if text(node, "method") != Some("stored") || node.size == 0 {
        return;
    }
    let early = found.read(id).and_then(|content| early_end(&content));
    match early {
        Some(at) => {
            let message =
                format_args!("the stored data of {path} contain what looks like their end, {at} bytes into them");
            found.raise_as(Conflict, "ZIP-15", id, message);
        }
        None => {
            let message = format_args!("{path} is stored, and only the bytes after it say how long it is");
            found.raise_as(Medium, "ZIP-15", id, message);
        }
    }
}

/// A signed data descriptor inside stored data that states the distance it stands at.
fn early_end(content: &[u8]) -> Option<usize> {
    content.windows(16).position(|window| window.starts_with(b"PK\x07\x08")).filter(|at| {
        let size = content.get(at + 8..at + 12).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
        size.map(u64::from) == Some(*at as u64)
    })
}
