//! The Rust crate zip (9.4): by its directory, and as a stream.

use super::out::{self, Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::entry::Coding;
use crate::reader::{Archive, Decoded, View};

/// Methods that its default features decode.
const METHODS: &[u16] = &[0, 8, 9, 12, 14, 93, 95];

/// Where a directory is.
struct Place {
    start: u64,
    shift: u64,
    count: u64,
    /// It ends where its end record begins: if it is damaged, no other one is tried.
    abuts: bool,
}

/// Reads the archive as `ZipArchive` does: end records from the last one on until the records that one leads to can be
/// read, as many as it counts.
pub(super) fn archive(archive: &mut Archive<'_>) -> View {
    let mut problem = "could not find EOCD".to_owned();
    for at in raw::backwards(archive, mark::END, raw::END, raw::END + (1 << 16)) {
        let place = match place(archive, at) {
            Ok(place) => place,
            Err(reason) => {
                reason.clone_into(&mut problem);
                continue;
            }
        };
        match directory(archive, &place) {
            Ok(records) => return members(archive, records, place.shift),
            Err(reason) if place.abuts => return Out::refused(reason),
            Err(reason) => problem = reason,
        }
    }
    Out::refused(problem)
}

fn place(archive: &Archive<'_>, at: u64) -> Result<Place, &'static str> {
    let end = End::read(archive, at).ok_or("could not find EOCD")?;
    if at + raw::END + end.comment > archive.length() {
        return Err("invalid EOCD comment length");
    }
    let full = end.total == 0xffff || end.size == raw::FULL || end.offset == raw::FULL;
    if let Some(locator) = Locator::before(archive, at).filter(|_| full) {
        return wide(archive, at - raw::LOCATOR, locator);
    }
    if end.disk != 0 || end.start_disk != 0 || end.here != end.total {
        return Err("multi-disk ZIP files are not supported");
    }
    if end.total == 0 {
        let fits = end.offset <= at;
        return if fits {
            Ok(Place { start: at, shift: 0, count: 0, abuts: true })
        } else {
            Err("invalid CDFH offset")
        };
    }
    if end.offset >= at {
        return Err("invalid CDFH offset in EOCD");
    }
    // Where the directory is by its size, if a record stands there; else the first record from where it should be.
    let adjacent = at.checked_sub(end.size).filter(|start| *start >= end.offset);
    let adjacent = adjacent.filter(|start| *start < at && raw::signature(archive, *start) == mark::CENTRAL);
    let start = adjacent.or_else(|| raw::forwards(archive, mark::CENTRAL, end.offset).filter(|start| *start < at));
    let start = start.ok_or("no CDFH found")?;
    Ok(Place { start, shift: start - end.offset, count: end.total, abuts: start + end.size == at })
}

fn wide(archive: &Archive<'_>, before: u64, locator: Locator) -> Result<Place, &'static str> {
    if locator.offset >= before {
        return Err("invalid EOCD64 locator CD offset");
    }
    if locator.disks > 1 {
        return Err("multi-disk ZIP files are not supported");
    }
    let mut at = Some(locator.offset);
    let mut tried = 0;
    while let Some(found) = at.and_then(|at| raw::forwards(archive, mark::END64, at)).filter(|found| *found < before) {
        tried += 1;
        if tried > 100 {
            break;
        }
        if let Some(end) = End::read64(archive, found) {
            let size = raw::exact(archive, found, 12).map_or(0, |bytes| Bytes(&bytes).u64(4));
            let fits = end.start_disk == u64::from(locator.disk)
                && end.disk == 0
                && end.here == end.total
                && size.checked_add(12) == Some(before - found)
                && end.total.saturating_mul(46).saturating_add(end.offset) <= found;
            if fits {
                let shift = found - locator.offset;
                let start = end.offset.saturating_add(shift);
                let abuts = start.saturating_add(end.size) == found;
                return Ok(Place { start, shift, count: end.total, abuts });
            }
        }
        at = found.checked_add(1);
    }
    Err("could not find EOCD64")
}

fn directory(archive: &Archive<'_>, place: &Place) -> Result<Vec<Central>, String> {
    let mut by_name = std::collections::BTreeMap::new();
    let mut records: Vec<Central> = Vec::new();
    let (mut at, mut count) = (place.start, 0);
    while count < place.count {
        let mut record = Central::read(archive, at).filter(|record| record.whole).ok_or("invalid directory record")?;
        let extra = record.extra.clone();
        extra_fields(&extra, false, &mut record.size, &mut record.packed, &mut record.offset)?;
        at = record.next;
        count += 1;
        // A name that comes again takes the place of the first.
        let slot = *by_name.entry(record.name.clone()).or_insert(records.len());
        match records.get_mut(slot) {
            Some(first) => *first = record,
            None => records.push(record),
        }
    }
    Ok(records)
}

/// Reads the blocks it knows, as strictly as it does.
fn extra_fields(extra: &[u8], local: bool, size: &mut u64, packed: &mut u64, offset: &mut u64) -> Result<(), String> {
    let stated = (*size, *packed, *offset);
    let mut rest = extra;
    while rest.len() >= 4 {
        let (id, length) = (Bytes(rest).u16(0), usize::from(Bytes(rest).u16(2)));
        let body = rest.get(4..4 + length).ok_or("extra field content truncated")?;
        let fits = match id {
            raw::ZIP64 => {
                // Each block starts from what the header states, so that the last one stays.
                (*size, *packed, *offset) = stated;
                raw::widen(body, [&mut *size, &mut *packed, &mut *offset])
            }
            // The modification time alone is in the directory.
            0x5455 if !local => body.len() == 1 || body.len() >= 5,
            0x5455 => {
                let times = body.first().map_or(0, |flags| (flags & 7).count_ones());
                body.len() == 1 + 4 * usize::try_from(times).unwrap_or_default()
            }
            raw::UNICODE | 0x6375 => body.len() >= 5,
            _ => true,
        };
        if !fits {
            return Err(format!("a malformed extra field {id:04x}"));
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    Ok(())
}

/// The name as `name_raw` gives it, shown as text: the last Unicode path that belongs to it takes its place, whatever its
/// version.
fn name(stored: &[u8], extra: &[u8]) -> Vec<u8> {
    let (blocks, _) = raw::blocks(extra);
    let fits = |body: &[u8]| body.len() >= 5 && Bytes(body).u32(1) == crc32fast::hash(stored);
    let unicode = blocks.into_iter().rev().filter(|(id, body)| *id == raw::UNICODE && fits(body));
    let path = unicode.filter_map(|(_, body)| body.get(5..)).find(|path| text::is_utf8(path));
    text::lossy(path.unwrap_or(stored))
}

fn members(archive: &Archive<'_>, records: Vec<Central>, shift: u64) -> View {
    let mut out = Out::new(archive);
    for record in records {
        let name = name(&record.name, &record.extra);
        if matches!(name.last(), Some(b'/' | b'\\')) {
            out.folder(name, record.at);
            continue;
        }
        if out::encrypted(&record) || record.method == 99 {
            return out.stop(out::ENCRYPTED);
        }
        let at = record.offset.saturating_add(shift);
        let Some(local) = Local::read(out.archive, at) else { return out.stop("invalid local file header") };
        let Some(coding) = coding(record.method, record.flags, METHODS) else {
            return out.stop("compression method not supported");
        };
        if local.data.checked_add(record.packed).is_none() {
            return out.stop("file data end offset overflows");
        }
        let content = out.archive.content(local.data, record.packed, coding, Some(record.size));
        let decoded = out.archive.decode(&content, record.size);
        match check(&decoded, record.method, record.crc) {
            Ok(()) => out.cut(name, &content, decoded.size, at),
            Err(reason) => return out.stop(reason),
        }
    }
    out.end()
}

/// What is checked of every content: not longer than stated, and its CRC.
fn check(decoded: &Decoded, method: u16, crc: u32) -> Result<(), &'static str> {
    if decoded.more {
        return Err("file is larger than its declared uncompressed size");
    }
    if decoded.fault.is_some() && method != 0 {
        return Err("incomplete or damaged data");
    }
    if decoded.crc32 == crc { Ok(()) } else { Err("invalid checksum") }
}

/// Reads the archive as `read_zipfile_from_stream` does, one local header after another.
pub(super) fn stream(archive: &mut Archive<'_>) -> View {
    let mut out = Out::new(archive);
    let mut at = 0;
    loop {
        match raw::signature(out.archive, at) {
            mark::LOCAL => {}
            mark::CENTRAL | mark::END => return out.end(),
            _ => return out.stop("invalid local file header"),
        }
        let Some(mut local) = Local::read(out.archive, at).filter(|local| local.data <= out.archive.length()) else {
            return out.stop("the header extends beyond the file");
        };
        let extra = local.extra.clone();
        if let Err(reason) = extra_fields(&extra, true, &mut local.size, &mut local.packed, &mut 0) {
            return out.stop(reason);
        }
        if local.has(flag::DESCRIPTOR) {
            return out.stop("the file length is not available in the local header");
        }
        if local.has(flag::ENCRYPTED) || local.method == 99 {
            return out.stop(out::ENCRYPTED);
        }
        let Some(coding) = coding(local.method, local.flags, METHODS) else {
            return out.stop("compression method not supported");
        };
        let name = name(&local.name, &local.extra);
        let content = out.archive.content(local.data, local.packed, coding.clone(), Some(local.size));
        let folder = matches!(name.last(), Some(b'/' | b'\\'));
        if folder {
            out.folder(name, at);
        } else {
            let decoded = out.archive.decode(&content, local.size);
            if let Err(reason) = check(&decoded, local.method, local.crc) {
                return out.stop(reason);
            }
            let coding = content.coding == Coding::Stored;
            out.cut(name, &content, if coding { decoded.size.min(local.packed) } else { decoded.size }, at);
        }
        at = local.data.saturating_add(local.packed);
    }
}
