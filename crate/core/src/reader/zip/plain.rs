//! Whether a zip is so ordinary that every reader reads it alike.

use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::reader::Archive;
use crate::reader::names::Names;

/// Flags that change nothing: how hard was compressed, a descriptor, UTF-8.
const USUAL: u16 = 6 | flag::DESCRIPTOR | flag::UTF8;

/// True only if every record is where it should be, the two headers of each member say the same, and nothing in them is
/// known to be read in more than one way. That the contents are what is stated is not asked here.
pub(in crate::reader) fn plain(archive: &Archive<'_>) -> bool {
    walk(archive).is_some()
}

fn walk(archive: &Archive<'_>) -> Option<()> {
    let mut ends = raw::backwards(archive, mark::END, raw::END, 66_000);
    let end = End::read(archive, ends.next()?)?;
    let single = ends.next().is_none() && Locator::before(archive, end.at).is_none();
    let fits = end.fills(archive) && end.offset + end.size == end.at;
    let counted = end.here == end.total && end.disk == 0 && end.start_disk == 0;
    (single && fits && counted).then_some(())?;
    let (mut at, mut next, mut count) = (end.offset, 0, 0_u64);
    let mut names = Names::default();
    while at < end.at {
        let record = Central::read(archive, at)?;
        (record.offset == next).then_some(())?;
        ordinary(archive, &record)?;
        names.add(&record.name)?;
        next = member(archive, &record)?;
        at = record.next;
        count += 1;
    }
    (next == end.offset && count == end.total && names.agree()).then_some(())
}

/// What the directory says of one member.
fn ordinary(archive: &Archive<'_>, record: &Central) -> Option<()> {
    let flags = record.flags & !USUAL == 0;
    let comment = raw::exact(archive, record.next - record.comment, record.comment)?;
    let folder = record.name.ends_with(b"/");
    let kind = match record.mode() & 0o170_000 {
        0o040_000 => folder,
        0o100_000 => !folder,
        0 => true,
        _ => false,
    };
    let attributes = (record.external & 0x10 == 0 || folder) && record.external & 8 == 0;
    let empty = !folder || record.size == 0 && record.packed <= 2;
    let sizes = record.method == 8 || record.packed == record.size;
    let right = flags
        && matches!(record.method, 0 | 8)
        && record.needed & 0xff <= 20
        && record.disk == 0
        && text::is_utf8(&comment)
        && !comment.windows(2).any(|two| two == b"PK")
        && quiet(&record.extra)
        && kind
        && attributes
        && empty
        && sizes
        && record.size < raw::FULL
        && name(record);
    right.then_some(())
}

/// Whether an extra area has nothing that changes a name or a number.
fn quiet(extra: &[u8]) -> bool {
    let (blocks, whole) = raw::blocks(extra);
    whole && !blocks.iter().any(|(id, _)| matches!(*id, raw::ZIP64 | raw::UNICODE | 0x6c78 | 0x9901))
}

/// Whether a name is one thing for everyone.
fn name(record: &Central) -> bool {
    let name = record.name.strip_suffix(b"/").unwrap_or(&record.name);
    // One reader translates the names of some systems even where they are flagged as UTF-8.
    let translated = matches!(record.host(), 0 | 6 | 11);
    let text = name.is_ascii() || record.has(flag::UTF8) && text::is_utf8(name) && !translated;
    let visible = name.iter().all(|byte| (32..127).contains(byte) && *byte != b'\\' || *byte >= 128);
    let drive = name.get(1) == Some(&b':');
    text && visible && !drive && !name.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b".."))
}

/// Checks the local header and what follows the data; where the next header must be.
fn member(archive: &Archive<'_>, record: &Central) -> Option<u64> {
    let local = Local::read(archive, record.offset)?;
    let described = record.has(flag::DESCRIPTOR);
    let same = local.name == record.name && local.flags == record.flags && local.method == record.method;
    let equal = (local.crc, local.packed, local.size) == (record.crc, record.packed, record.size);
    let zero = (local.crc, local.packed, local.size) == (0, 0, 0);
    (same && quiet(&local.extra) && if described { zero && record.method == 8 } else { equal }).then_some(())?;
    let end = local.data + record.packed;
    if !described {
        return Some(end);
    }
    let bytes = raw::exact(archive, end, 16)?;
    let bytes = Bytes(&bytes);
    let sizes = (u64::from(bytes.u32(8)), u64::from(bytes.u32(12)));
    let right = bytes.u32(0) == mark::DESCRIPTOR && bytes.u32(4) == record.crc && sizes == (record.packed, record.size);
    right.then_some(end + 16)
}
