//! What the records say about one entry, as an [`Entry`].

use std::borrow::Cow;

use crate::entry::{Coding, Entry, Field, Kind, Value};
use crate::error::Fault;

use super::extra;
use super::record::{Descriptor, Header, Record, flag};
use super::shown;

/// Method ids (APPNOTE 4.4.5) of the codings that can be read.
fn coding(header: &Header<'_>) -> Option<Coding> {
    Some(match header.method {
        0 => Coding::Stored,
        8 => Coding::Deflate,
        9 => Coding::Deflate64,
        12 => Coding::Bzip2,
        14 => Coding::LzmaZip(header.flags & flag::LZMA_MARKER != 0),
        20 | 93 => Coding::Zstd,
        95 => Coding::Xz,
        _ => return None,
    })
}

/// A method's name.
pub(super) fn method(id: u16) -> Cow<'static, str> {
    Cow::Borrowed(match id {
        0 => "stored",
        1 => "shrunk",
        2 => "reduced 1",
        3 => "reduced 2",
        4 => "reduced 3",
        5 => "reduced 4",
        6 => "imploded",
        8 => "deflate",
        9 => "deflate64",
        10 => "pkware-implode",
        12 => "bzip2",
        14 => "lzma",
        16 => "ibm-cmpsc",
        18 => "ibm-terse",
        19 => "ibm-lz77",
        20 => "zstd (method 20)",
        93 => "zstd",
        94 => "mp3",
        95 => "xz",
        96 => "jpeg",
        97 => "wavpack",
        98 => "ppmd",
        99 => "aes",
        id => return Cow::Owned(format!("method {id}")),
    })
}

/// The name of the system that made a record (APPNOTE 4.4.2).
fn host(id: u8) -> Cow<'static, str> {
    Cow::Borrowed(match id {
        0 => "dos",
        1 => "amiga",
        2 => "openvms",
        UNIX => "unix",
        4 => "vm-cms",
        5 => "atari",
        6 => "os2",
        7 => "macintosh",
        8 => "z-system",
        9 => "cp-m",
        10 => "ntfs",
        11 => "mvs",
        12 => "vse",
        13 => "acorn",
        14 => "vfat",
        15 => "alternate-mvs",
        16 => "beos",
        17 => "tandem",
        18 => "os400",
        DARWIN => "darwin",
        id => return Cow::Owned(format!("system {id}")),
    })
}

const UNIX: u8 = 3;
const DARWIN: u8 = 19;

/// A name that ends like a folder is one for every reader; else the mode decides, where its maker was Unix.
fn kind(name: &[u8], record: Option<&Record<'_>>) -> Kind {
    if name.ends_with(b"/") {
        return Kind::Directory;
    }
    match record {
        Some(record) if matches!(record.host(), UNIX | DARWIN) => match record.mode() & 0o170_000 {
            0o040_000 => Kind::Directory,
            0o120_000 => Kind::Symlink,
            0o020_000 => Kind::CharacterDevice,
            0o060_000 => Kind::BlockDevice,
            0o010_000 => Kind::Fifo,
            0o140_000 => Kind::Other,
            _ => Kind::File,
        },
        _ => Kind::File,
    }
}

/// Year, month, day, hour, minute and second, exactly as DOS packs them, valid or not.
fn local_time((time, date): (u16, u16)) -> Value {
    let part = |bits: u16, shift: u32, mask: u16| u8::try_from(bits >> shift & mask).unwrap_or(u8::MAX);
    Value::LocalTime(
        1980 + (date >> 9),
        part(date, 5, 15),
        part(date, 0, 31),
        part(time, 11, 31),
        part(time, 5, 63),
        part(time, 0, 31) * 2,
    )
}

/// The entry with everything that does not depend on where its data are. `record` is missing when only the local
/// header is left.
pub(super) fn describe(header: &Header<'_>, record: Option<&Record<'_>>) -> Entry {
    let mut entry = Entry::new(header.name, kind(header.name, record), None);
    entry.fields.reserve(12);
    entry.field("method", Value::Text(method(header.method)));
    if header.method != 0 || header.compressed != header.size {
        entry.field("compressed-size", Value::Number(header.compressed.into()));
    }
    if header.time != (0, 0) {
        entry.field("mtime", local_time(header.time));
    }
    if let Some(record) = record {
        if record.mode() != 0 {
            entry.field("mode", Value::Mode(record.mode()));
        }
        number(&mut entry, "dos-attributes", record.external & 0xffff);
        if record.made != 0 {
            entry.field("made-by", Value::Text(host(record.host())));
        }
        number(&mut entry, "version-made", record.made & 0xff);
    }
    number(&mut entry, "version-needed", header.needed);
    // A descriptor shows by itself; encryption and UTF-8 have their own fields.
    number(&mut entry, "flags", header.flags & !(flag::ENCRYPTED | flag::DESCRIPTOR | flag::UTF8));
    if header.flags & flag::UTF8 != 0 {
        entry.field("utf8-name", Value::text("yes"));
    }
    if header.flags & flag::ENCRYPTED != 0 || header.method == 99 {
        entry.field("encryption", Value::text(if header.method == 99 { "AES" } else { "yes" }));
    }
    extra::describe(header, &mut entry.fields);
    if let Some(record) = record {
        if !record.comment.is_empty() {
            entry.field("comment", Value::Bytes(record.comment.to_vec()));
        }
        number(&mut entry, "internal-attributes", record.internal);
    }
    number(&mut entry, "disk", header.disk);
    entry
}

fn number(entry: &mut Entry, name: &'static str, value: impl Into<i128>) {
    let value = value.into();
    if value != 0 {
        entry.field(name, Value::Number(value));
    }
}

/// How the content decodes, or why it cannot be read.
pub(super) fn readable(header: &Header<'_>) -> Result<Coding, String> {
    // 99 is WinZip's AES; the real method stands in its extra block.
    if header.flags & flag::ENCRYPTED != 0 || header.method == 99 {
        return Err("it is encrypted".into());
    }
    coding(header).ok_or_else(|| match method(header.method) {
        name if name.starts_with("method") => format!("its compression method {} is not supported", header.method),
        name => format!("its compression method {} ({name}) is not supported", header.method),
    })
}

/// How the content decodes if what makes it unreadable is not true: Android ignores the flag of encryption, and takes
/// what it does not know for stored.
pub(super) fn on_trial(header: &Header<'_>) -> Option<Coding> {
    if header.method == 99 {
        return None;
    }
    let coding = coding(header).unwrap_or(Coding::Stored);
    (coding != Coding::Stored || header.compressed == header.size).then_some(coding)
}

/// The CRC of the content, unless the encryption leaves it out (AE-2).
pub(super) fn crc(header: &Header<'_>) -> Option<u32> {
    (header.crc != 0 || header.method != 99 || extra::aes_version(header.extra) != Some(2)).then_some(header.crc)
}

/// Adds a `local:` field for everything that the local header at `at` says otherwise than the directory, and a fault
/// for what changes which bytes a reader gets, or under which name.
pub(super) fn compare(entry: &mut Entry, record: &Header<'_>, local: &Header<'_>, at: u64, faults: &mut Vec<Fault>) {
    let name = || shown(record.name);
    if local.name != record.name {
        let message = format!("the local header of {} has another name: {}", name(), shown(local.name));
        faults.push(Fault::at(at, message).raises("ZIP-01"));
        entry.field("local:name", Value::Bytes(local.name.to_vec()));
    }
    if local.method != record.method {
        let (ours, theirs) = (method(record.method), method(local.method));
        let message = format!("the local header of {} says {theirs}, the directory {ours}", name());
        faults.push(Fault::at(at, message).raises("ZIP-11"));
        entry.field("local:method", Value::Text(theirs));
    }
    if local.needed != record.needed {
        entry.field("local:version-needed", Value::Number(local.needed.into()));
    }
    if local.flags != record.flags {
        if (local.flags ^ record.flags) & flag::ENCRYPTED != 0 {
            let message = format!("the local header of {} and the directory disagree on encryption", name());
            faults.push(Fault::at(at, message).raises("ZIP-14"));
        }
        entry.field("local:flags", Value::Number(local.flags.into()));
    }
    if local.time != record.time {
        entry.field("local:mtime", local_time(local.time));
    }
    // An entry written as a stream has zeros here: the values follow its data (APPNOTE 4.4.4).
    let streamed = local.flags & flag::DESCRIPTOR != 0;
    for (field, what, theirs, ours) in [
        ("local:crc32", "CRC", local.crc.into(), record.crc.into()),
        ("local:compressed-size", "compressed size", local.compressed, record.compressed),
        ("local:size", "size", local.size, record.size),
    ] {
        let usual = if streamed { theirs == 0 } else { theirs == ours };
        if usual {
            continue;
        }
        entry.field(field, Value::Number(theirs.into()));
        if theirs != ours {
            faults.push(disagreement("local header", at, record, what, theirs, ours));
        }
    }
    if local.extra != record.extra {
        compare_extra(entry, record, local);
    }
}

fn compare_extra(entry: &mut Entry, record: &Header<'_>, local: &Header<'_>) {
    if let (Some(ours), Some(theirs)) = (extra::time_flags(record.extra), extra::time_flags(local.extra)) {
        entry.fields.retain(|field| field.name != "unix-time-flags");
        if ours != theirs {
            entry.field("unix-time-flags", Value::Number(ours.into()));
        }
    }
    let before = entry.fields.len();
    let mut theirs = Vec::new();
    extra::describe(local, &mut theirs);
    for field in theirs {
        if !entry.fields.contains(&field) {
            entry.fields.push(Field { name: local_name(&field.name), ..field });
        }
    }
    if let Some(ids) = extra::without(record.extra, local.extra) {
        entry.field("local:without", Value::text(ids));
    }
    if entry.fields.len() == before {
        // The same blocks in another order or number.
        entry.field("local:extra", Value::Bytes(local.extra.to_vec()));
    }
}

/// The name of a local header's own value; the usual ones need no allocation.
fn local_name(name: &str) -> Cow<'static, str> {
    Cow::Borrowed(match name {
        "unix-atime" => "local:unix-atime",
        "unix-ctime" => "local:unix-ctime",
        "uid" => "local:uid",
        "gid" => "local:gid",
        "zip64" => "local:zip64",
        name => return Cow::Owned(format!("local:{name}")),
    })
}

/// Adds the form of the data descriptor at `at`, and what it says otherwise than the directory.
pub(super) fn compare_descriptor(
    entry: &mut Entry,
    header: &Header<'_>,
    descriptor: Option<Descriptor>,
    at: u64,
    faults: &mut Vec<Fault>,
) {
    let Some(descriptor) = descriptor else {
        entry.field("data-descriptor", Value::text("missing"));
        return;
    };
    entry.field("data-descriptor", Value::text(descriptor.form()));
    for (field, what, theirs, ours) in [
        ("descriptor:crc32", "CRC", descriptor.crc.into(), header.crc.into()),
        ("descriptor:compressed-size", "compressed size", descriptor.compressed, header.compressed),
        ("descriptor:size", "size", descriptor.size, header.size),
    ] {
        if theirs != ours {
            entry.field(field, Value::Number(theirs.into()));
            faults.push(disagreement("data descriptor", at, header, what, theirs, ours));
        }
    }
}

fn disagreement(record: &str, at: u64, header: &Header<'_>, what: &str, theirs: u64, ours: u64) -> Fault {
    let name = shown(header.name);
    if what == "CRC" {
        return Fault::at(at, format!("the {record} of {name} says CRC {theirs:08x}, the directory {ours:08x}"))
            .raises("ZIP-13");
    }
    Fault::at(at, format!("the {record} of {name} says {what} {theirs}, the directory {ours}")).raises("ZIP-12")
}
