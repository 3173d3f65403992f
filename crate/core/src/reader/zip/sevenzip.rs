//! 7-Zip (26): the directory if its first record is the first local header, else both walked from the start.

use super::out::{self, Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::entry::Coding;
use crate::reader::{Archive, View};

/// Methods it decodes, of those that are decoded here.
const METHODS: &[u16] = &[0, 8, 9, 12, 14, 93, 95];

/// One member, from either header.
#[derive(Clone)]
struct Item {
    /// Place of the local header.
    at: u64,
    /// The disk it is on.
    disk: u64,
    /// Where the data begin, where the local header was read.
    data: Option<u64>,
    made: u16,
    external: u32,
    central: bool,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    name: Vec<u8>,
    extra: Vec<u8>,
}

/// What opening found.
struct Opened {
    items: Vec<Item>,
    shift: i128,
    problem: Option<&'static str>,
    /// The disk that the archive says it is.
    disk: u64,
}

/// Reads the archive as `7zz x` does.
pub(super) fn see(archive: &mut Archive<'_>) -> View {
    // What a self-extracting archive has in front is not searched through here.
    let Some(first) = marker(archive) else { return Out::refused("cannot open the file as archive") };
    let name = Local::read(archive, first).map(|local| trimmed(local.name)).unwrap_or_default();
    if name.contains(&0) {
        return Out::refused("cannot open the file as archive");
    }
    let opened = match by_directory(archive, first) {
        Some(opened) => Some(opened),
        None => by_headers(archive, first),
    };
    let Some(opened) = opened else { return Out::refused("cannot open the file as archive") };
    let mut out = Out::new(archive);
    if let Some(problem) = opened.problem {
        out.note(problem);
    }
    for item in &opened.items {
        extract(&mut out, item, opened.shift, opened.disk);
    }
    out.end()
}

/// Where the first record is: at the start, or behind the mark of a split archive.
fn marker(archive: &Archive<'_>) -> Option<u64> {
    const SPLIT: [u32; 2] = [0x3030_4b50, mark::DESCRIPTOR];
    let first = if SPLIT.contains(&raw::signature(archive, 0)) { 4 } else { 0 };
    matches!(raw::signature(archive, first), mark::LOCAL | mark::END | mark::END64).then_some(first)
}

/// The directory that the last end record leads to, if it holds the first local header.
fn by_directory(archive: &Archive<'_>, first: u64) -> Option<Opened> {
    const WINDOW: u64 = 1 << 17;
    if raw::signature(archive, first) != mark::LOCAL {
        let end = End::read(archive, first)?;
        return (end.total == 0).then(|| Opened { items: Vec::new(), shift: 0, problem: None, disk: 0 });
    }
    let (end, mut shift) =
        raw::backwards(archive, mark::END, raw::END, WINDOW).find_map(|at| found(archive, at, first))?;
    let start = u64::try_from(i128::from(end.offset) + shift).ok();
    let mut items = start.and_then(|start| records(archive, start, end.size));
    if items.is_none() && shift != i128::from(first) {
        items = records(archive, first.checked_add(end.offset)?, end.size);
        shift = first.into();
    }
    let items = items.filter(|items| !items.is_empty() && i128::from(first) >= shift)?;
    let local = Local::read(archive, first)?;
    let item = items.iter().find(|item| i128::from(item.at) == i128::from(first) - shift)?;
    if !equal(&local, item) {
        return None;
    }
    let after = u64::try_from(i128::from(end.offset) + shift).ok()? + end.size;
    let (problem, disk) = ending(archive, after, end.size, items.len());
    Some(Opened { items, shift, problem, disk })
}

/// The end record at a place, with the numbers of the zip64 one if that is believed, and by how much offsets are moved.
fn found(archive: &Archive<'_>, at: u64, first: u64) -> Option<(End, i128)> {
    let end = End::read(archive, at)?;
    if let Some(locator) = Locator::before(archive, at) {
        let disks = locator.disks.max(1);
        let disk = end.disk == 0xffff || end.disk == u64::from(disks - 1);
        if disk && locator.disk < disks {
            let adjacent = at.checked_sub(raw::LOCATOR + raw::END64);
            let size = |at| raw::exact(archive, at, 12).map_or(0, |bytes| Bytes(&bytes).u64(4));
            if let Some(place) = adjacent
                && let Some(real) = End::read64(archive, place).filter(|_| size(place) == 44)
            {
                return Some((real, i128::from(place) - i128::from(locator.offset)));
            }
            let usual = |at| (44..=1 << 40).contains(&size(at));
            if adjacent != Some(locator.offset)
                && let Some(real) = End::read64(archive, locator.offset).filter(|_| usual(locator.offset))
            {
                return Some((real, 0));
            }
            let moved = first.saturating_add(locator.offset);
            if first != 0
                && adjacent != Some(moved)
                && let Some(real) = End::read64(archive, moved).filter(|_| usual(moved))
            {
                return Some((real, first.into()));
            }
        }
    }
    (end.start_disk <= end.disk).then(|| {
        let shift = i128::from(at) - i128::from(end.size) - i128::from(end.offset);
        (end, shift)
    })
}

/// The records of a directory of that size; none if they do not fill it exactly.
fn records(archive: &Archive<'_>, start: u64, size: u64) -> Option<Vec<Item>> {
    let stop = start.checked_add(size)?;
    let (mut at, mut items) = (start, Vec::new());
    while at < stop {
        let record = Central::read(archive, at).filter(|record| record.whole)?;
        at = record.next;
        items.push(item(record));
    }
    (at == stop).then_some(items)
}

fn item(mut record: Central) -> Item {
    if let Some(body) = raw::block(&record.extra, raw::ZIP64) {
        raw::widen(body, [&mut record.size, &mut record.packed, &mut record.offset]);
    }
    Item {
        at: record.offset,
        disk: record.disk.into(),
        data: None,
        made: record.made,
        external: record.external,
        central: true,
        flags: record.flags,
        method: record.method,
        crc: record.crc,
        packed: record.packed,
        size: record.size,
        name: trimmed(record.name),
        extra: record.extra,
    }
}

/// A name without zeros at its end.
fn trimmed(mut name: Vec<u8>) -> Vec<u8> {
    while name.last() == Some(&0) {
        name.pop();
    }
    name
}

/// What stands behind the directory, and whether it fits what was read; and which disk it says this is.
fn ending(archive: &Archive<'_>, after: u64, size: u64, count: usize) -> (Option<&'static str>, u64) {
    const HEADERS: (Option<&str>, u64) = (Some("headers error"), 0);
    let mut at = after;
    let mut real = None;
    if raw::signature(archive, at) == mark::END64 {
        let length = raw::exact(archive, at, 12).map_or(0, |bytes| Bytes(&bytes).u64(4));
        real = End::read64(archive, at);
        let start = after.saturating_sub(size);
        let fits = real.as_ref().is_some_and(|real| {
            let place = i128::from(start) - i128::from(real.offset);
            let locator = Locator::before(archive, at.saturating_add(12).saturating_add(length) + raw::LOCATOR);
            let there = locator.map(|locator| i128::from(locator.offset) + place);
            real.total == count as u64 && real.size == size && there == Some(at.into())
        });
        if !fits {
            return HEADERS;
        }
        at = at.saturating_add(12).saturating_add(length);
        if raw::signature(archive, at) != mark::LOCATOR {
            return HEADERS;
        }
        at += raw::LOCATOR;
    }
    if raw::signature(archive, at) != mark::END {
        return HEADERS;
    }
    let Some(end) = End::read(archive, at) else { return HEADERS };
    let count = count as u64;
    let narrow = |ours: u64, full: u64, wide: u64| if real.is_some() && ours == full { wide } else { ours };
    let total = narrow(end.total, 0xffff, real.as_ref().map_or(0, |real| real.total));
    let stated = narrow(end.size, raw::FULL, real.as_ref().map_or(0, |real| real.size));
    let wrong = total & 0xffff != count & 0xffff
        || stated & 0xffff_ffff != size & 0xffff_ffff
        || end.disk == 0 && end.here != end.total
        || end.total > count && real.is_none();
    let disk = narrow(end.disk, 0xffff, real.as_ref().map_or(0, |real| real.disk));
    if wrong {
        return (HEADERS.0, disk);
    }
    let problem = match (at + raw::END + end.comment).cmp(&archive.length()) {
        std::cmp::Ordering::Greater => Some("unexpected end of archive"),
        // That more follows is a warning.
        std::cmp::Ordering::Equal | std::cmp::Ordering::Less => None,
    };
    (problem, disk)
}

/// Whether a local header is that of a record.
fn equal(local: &Local, item: &Item) -> bool {
    let flags = same_flags(local.method, local.flags, item, &local.name);
    let mut local = local.clone();
    if let Some(body) = raw::block(&local.extra, raw::ZIP64) {
        raw::widen(body, [&mut local.size, &mut local.packed, &mut 0]);
    }
    let sizes = local.has(flag::DESCRIPTOR)
        || local.packed == item.packed && local.size == item.size && (local.crc == item.crc || item.crc == 0);
    let slashes = |name: &[u8]| name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect::<Vec<u8>>();
    let (host, version) = (item.made >> 8, item.made & 0xff);
    let names = !matches!(host, 0 | 11)
        || slashes(&trimmed(local.name.clone())) == slashes(&item.name)
        || host == 0 && (25..=40).contains(&version);
    flags && sizes && names
}

fn same_flags(method: u16, flags: u16, item: &Item, name: &[u8]) -> bool {
    let mut mask = flags ^ item.flags;
    mask &= if method == 8 {
        0x7ff9
    } else if method <= 6 {
        0x7fff
    } else {
        0xffff
    };
    if name.is_ascii() && item.name.is_ascii() || item.flags & flag::UTF8 != 0 {
        mask &= !flag::UTF8;
    }
    method == item.method && mask & !flag::DESCRIPTOR == 0
}

/// Local headers from the first one, then the directory, matched by place.
fn by_headers(archive: &Archive<'_>, first: u64) -> Option<Opened> {
    let (mut at, mut items) = (first, Vec::new());
    let mut problem = None;
    while let Some(mut local) = Local::read(archive, at) {
        if let Some(body) = raw::block(&local.extra, raw::ZIP64) {
            raw::widen(body, [&mut local.size, &mut local.packed, &mut 0]);
        }
        let mut next = local.data.saturating_add(local.packed);
        if local.has(flag::DESCRIPTOR) {
            match described(archive, &mut local) {
                Some(end) => next = end,
                None => {
                    local.packed = archive.length().saturating_sub(local.data);
                    next = u64::MAX;
                }
            }
        }
        let strange = local.name.len() > 1 << 14 || local.method > 1 << 8;
        items.push(header(local));
        if next > archive.length() {
            problem = Some("unexpected end of archive");
            if items.len() == 1 && strange {
                return None;
            }
            return Some(Opened { items, shift: 0, problem, disk: 0 });
        }
        at = next;
    }
    if items.is_empty() {
        return None;
    }
    if raw::signature(archive, at) != mark::CENTRAL {
        return Some(Opened { items, shift: 0, problem: Some("headers error"), disk: 0 });
    }
    let start = at;
    let mut records = Vec::new();
    while let Some(record) = Central::read(archive, at).filter(|record| record.whole) {
        at = record.next;
        records.push(item(record));
    }
    let (mut wrong, disk) = ending(archive, at, at - start, records.len());
    items.iter_mut().for_each(|item| item.disk = disk);
    // Offsets may be moved by what stands in front of the first header.
    let end = End::read(archive, at).filter(|_| raw::signature(archive, at) == mark::END);
    let shift = end.map_or(0, |end| i128::from(start) - i128::from(end.offset));
    let shift = if shift <= i128::from(first) { shift } else { 0 };
    for record in records {
        let place = i128::from(record.at) + shift;
        match items.iter_mut().find(|item| i128::from(item.at) == place && item.disk == record.disk) {
            Some(item) => {
                let same = item.name == record.name
                    && (item.packed, item.size, item.crc) == (record.packed, record.size, record.crc)
                    && same_flags(item.method, item.flags, &record, &item.name);
                if same {
                    (item.made, item.external, item.central) = (record.made, record.external, true);
                    item.flags |= record.flags & flag::UTF8;
                } else {
                    wrong = Some("headers error");
                }
            }
            None => {
                wrong = Some("headers error");
                if let Ok(at) = u64::try_from(place) {
                    items.push(Item { at, ..record });
                }
            }
        }
    }
    Some(Opened { items, shift: 0, problem: problem.or(wrong), disk })
}

fn header(local: Local) -> Item {
    Item {
        at: local.at,
        disk: 0,
        data: Some(local.data),
        made: local.needed,
        external: 0,
        central: false,
        flags: local.flags,
        method: local.method,
        crc: local.crc,
        packed: local.packed,
        size: local.size,
        name: trimmed(local.name),
        extra: local.extra,
    }
}

/// Searches the descriptor that states the length up to it, and is followed by another header; where it ends.
fn described(archive: &Archive<'_>, local: &mut Local) -> Option<u64> {
    let wide = raw::block(&local.extra, raw::ZIP64).is_some();
    let length = if wide { 24 } else { 16 };
    let mut at = local.data;
    for _ in 0..10_000 {
        let found = raw::forwards(archive, mark::DESCRIPTOR, at)?;
        let bytes = raw::exact(archive, found, length)?;
        let bytes = Bytes(&bytes);
        let packed = if wide { bytes.u64(8) } else { bytes.u32(8).into() };
        if matches!(raw::signature(archive, found + length), mark::LOCAL | mark::CENTRAL)
            && packed == found - local.data
        {
            local.crc = bytes.u32(4);
            local.packed = packed;
            local.size = if wide { bytes.u64(16) } else { bytes.u32(12).into() };
            return Some(found + length);
        }
        at = found + 1;
    }
    None
}

fn extract(out: &mut Out<'_, '_>, item: &Item, shift: i128, disk: u64) {
    let at = u64::try_from(i128::from(item.at) + shift).unwrap_or(u64::MAX);
    let name = unicode(item).unwrap_or_else(|| item.name.clone());
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let host = item.made >> 8;
    let mode = item.external >> 16;
    let folder = name.ends_with(b"/")
        || item.size == 0 && item.packed == 0 && name.ends_with(b"\\") && matches!(host, 0 | 6 | 11 | 14)
        || item.central && host == 3 && mode & 0o170_000 == 0o040_000
        || item.central && matches!(host, 0 | 6 | 11 | 14) && item.external & 0x10 != 0;
    let Some(path) = path(out, &name) else { return };
    if folder {
        out.folder(path, at);
        return;
    }
    let empty = out.archive.content(0, 0, Coding::Stored, Some(0));
    let local = Local::read(out.archive, at).filter(|local| item.data.is_some() || equal(local, item));
    let Some(local) = local.filter(|_| item.disk == disk) else {
        out.note("headers error, or unavailable data");
        out.file(path, empty, at);
        return;
    };
    if item.flags & flag::ENCRYPTED != 0 {
        out.note(out::ENCRYPTED);
        out.file(path, empty, at);
        return;
    }
    let Some(coding) = coding(item.method, item.flags, METHODS) else {
        out.note("unsupported method");
        out.file(path, empty, at);
        return;
    };
    let stored = coding == Coding::Stored;
    let data = local.data;
    let described = local.has(flag::DESCRIPTOR);
    if item.data.is_none() {
        let flags = (local.flags ^ item.flags) & flag::DESCRIPTOR != 0;
        if flags || !described && local.crc != item.crc {
            out.note("headers error");
        }
    }
    let content = out.archive.content(data, item.packed, coding, Some(item.size));
    let decoded = out.archive.decode(&content, item.size);
    let wrong = if decoded.fault.is_some() || decoded.size < item.size {
        Some("unexpected end of data, or a data error")
    } else if decoded.more || !stored && decoded.consumed < item.packed || stored && item.packed > item.size {
        Some("there are some data after the end of the payload data")
    } else if decoded.crc32 != item.crc {
        Some("CRC failed")
    } else {
        None
    };
    if let Some(reason) = wrong {
        out.note(reason);
    }
    if item.central && host == 3 && mode & 0o170_000 == 0o120_000 && wrong.is_none() {
        if let Some(target) = out.short(&content) {
            out.link(path, target, at);
            return;
        }
    }
    out.cut(path, &content, decoded.size, at);
}

/// The name in a Unicode path block, where the name is not flagged as UTF-8.
fn unicode(item: &Item) -> Option<Vec<u8>> {
    let (blocks, _) = raw::blocks(&item.extra);
    let fits = |body: &[u8]| {
        let current = body.len() >= 5 && body.first() <= Some(&1);
        current && Bytes(body).u32(1) == crc32fast::hash(&item.name)
    };
    let found = blocks.into_iter().find(|(id, body)| *id == raw::UNICODE && fits(body));
    let path = found?.1.get(5..).filter(|path| text::is_utf8(path) && !path.contains(&0))?;
    (item.flags & flag::UTF8 == 0).then(|| path.to_vec())
}

/// The path it extracts to.
fn path(out: &mut Out<'_, '_>, name: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." | b".." => {}
            part => parts.push(part),
        }
    }
    if parts.is_empty() {
        out.note("an empty name");
        return None;
    }
    Some(parts.join(&b'/'))
}
