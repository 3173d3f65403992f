//! libarchive (3.6), as bsdtar extracts with it: a seeking reader where there is a directory, and a streaming one.

use super::out::{Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::entry::Coding;
use crate::reader::{Archive, View};

/// Decoded bytes that are handed over at once: an error drops what is at hand.
const BLOCK: u64 = 256 << 10;

/// Reads a file: with the directory if the last end record in 16 KiB holds together, else as a stream.
pub(super) fn seeking(archive: &mut Archive<'_>) -> View {
    match start(archive) {
        Some((start, stated)) => directory(archive, start, stated),
        None => stream(archive),
    }
}

/// Where to look for the directory, and where it is said to be.
fn start(archive: &Archive<'_>) -> Option<(u64, u64)> {
    const WINDOW: u64 = 16 << 10;
    // The very first byte of the window is not looked at.
    let first = archive.length().saturating_sub(WINDOW);
    let at = raw::backwards(archive, mark::END, raw::END, WINDOW).next().filter(|at| *at > first)?;
    let end = End::read(archive, at)?;
    // Added up in 32 bits; a start before the archive is met later.
    let fits = (end.offset + end.size) & 0xffff_ffff <= at;
    let plain = end.disk == 0 && end.start_disk == 0 && end.here == end.total && fits;
    let plain = plain.then(|| (at.checked_sub(end.size).unwrap_or(u64::MAX), end.offset));
    let real = || {
        let locator = Locator::before(archive, at).filter(|locator| locator.disk == 0 && locator.disks == 1)?;
        let real = End::read64(archive, locator.offset)?;
        let size = Bytes(&raw::exact(archive, locator.offset, 12)?).u64(4).checked_add(12)?;
        let whole = (56..=16_384).contains(&size) && locator.offset + size <= archive.length();
        (whole && real.disk == 0 && real.start_disk == 0 && real.here == real.total)
            .then_some((real.offset, real.offset))
    };
    // Both are read, and the numbers of the zip64 record stay.
    real().or(plain)
}

fn directory(archive: &Archive<'_>, start: u64, stated: u64) -> View {
    let next = raw::next_of(archive, &[mark::CENTRAL, mark::END, mark::END64], start);
    let Some((mut at, _)) = next else { return Out::refused("no directory") };
    let shift = i128::from(at) - i128::from(stated);
    let mut records = Vec::new();
    loop {
        match raw::signature(archive, at) {
            mark::END | mark::END64 => break,
            mark::CENTRAL => {}
            _ => return Out::refused("invalid central directory signature"),
        }
        let Some(mut record) = Central::read(archive, at) else { return Out::refused("the directory ends early") };
        if record.next - record.comment > archive.length() {
            return Out::refused("truncated ZIP file header");
        }
        let extra = record.extra.clone();
        if !widen(&extra, &mut record.size, &mut record.packed, &mut record.offset) {
            return Out::refused("an invalid extra field");
        }
        at = record.next;
        records.push(record);
    }
    // In the order of the headers; of two with one header, the first.
    let mut by_offset = std::collections::BTreeMap::new();
    for record in records {
        by_offset.entry(record.offset).or_insert(record);
    }
    let mut out = Out::new(archive);
    for record in by_offset.into_values() {
        let at = u64::try_from(i128::from(record.offset) + shift).ok();
        let Some(local) = at.and_then(|at| Local::read(archive, at)).filter(|local| local.data <= archive.length())
        else {
            return out.stop("damaged zip archive");
        };
        if let Err(reason) = member(&mut out, local, Some(&record)) {
            return out.stop(reason);
        }
    }
    out.end()
}

/// Takes the zip64 numbers; false for an extra area that is not accepted.
fn widen(extra: &[u8], size: &mut u64, packed: &mut u64, offset: &mut u64) -> bool {
    let (blocks, whole) = raw::blocks(extra);
    let covered: usize = blocks.iter().map(|(_, body)| body.len() + 4).sum();
    let rest = extra.get(covered..).unwrap_or_default();
    if !whole && (rest.len() >= 4 || covered == 0 && rest.iter().any(|byte| *byte != 0)) {
        return false;
    }
    blocks.into_iter().filter(|(id, _)| *id == raw::ZIP64).all(|(_, body)| {
        raw::widen(body, [&mut *size, &mut *packed, &mut *offset])
            && [*size, *packed, *offset].iter().all(|number| i64::try_from(*number).is_ok())
    })
}

/// Reads a pipe: from local header to local header, until a directory record comes.
pub(super) fn stream(archive: &Archive<'_>) -> View {
    let head = raw::signature(archive, 0);
    let known = [mark::LOCAL, mark::CENTRAL, mark::END, mark::END64, mark::DESCRIPTOR, 0x3030_4b50];
    if !known.contains(&head) {
        return Out::refused("unrecognized archive format");
    }
    let mut out = Out::new(archive);
    let mut at = 0;
    loop {
        let next = raw::next_of(archive, &[mark::LOCAL, mark::CENTRAL, mark::END, mark::END64], at);
        let Some((found, mark)) = next else { return out.stop("the archive ends early") };
        if mark != mark::LOCAL {
            return out.end();
        }
        let Some(local) = Local::read(archive, found).filter(|local| local.data <= archive.length()) else {
            return out.stop("truncated ZIP file header");
        };
        match member(&mut out, local, None) {
            Ok(next) => at = next,
            Err(reason) => return out.stop(reason),
        }
    }
}

/// What a header says, with the directory's record for what it leaves out.
struct Facts {
    known: bool,
    crc: u32,
    packed: u64,
    size: u64,
    method: u16,
    /// A zip64 block was there, so that a descriptor is wide.
    wide: bool,
}

/// Extracts one member; where its data end. An error that ends the walk is returned, others are noted.
fn member(out: &mut Out<'_, '_>, local: Local, record: Option<&Central>) -> Result<u64, String> {
    let mut facts = Facts {
        known: record.is_some() || !local.has(flag::DESCRIPTOR),
        crc: local.crc,
        packed: local.packed,
        size: local.size,
        method: local.method & 0xff,
        wide: raw::block(&local.extra, raw::ZIP64).is_some(),
    };
    if !widen(&local.extra, &mut facts.size, &mut facts.packed, &mut 0) {
        // The header is given up, its data are skipped as far as they were stated.
        out.note("an invalid extra field");
        return Ok(local.data.saturating_add(if facts.known { local.packed } else { 0 }));
    }
    if let Some(record) = record {
        for (ours, theirs) in [(&mut facts.packed, record.packed), (&mut facts.size, record.size)] {
            if *ours == 0 || *ours == raw::FULL {
                *ours = theirs;
            } else if *ours != theirs {
                out.note("the headers state different sizes");
            }
        }
        if facts.crc == 0 {
            facts.crc = record.crc;
        } else if facts.crc != record.crc {
            out.note("inconsistent CRC32 values");
        }
    }
    let name = path(&local);
    let (host, external) = attributes(&local, record);
    let mode = match host {
        3 => external >> 16 & 0o170_000,
        0 if record.is_some() => {
            if external & 0x10 != 0 {
                0o040_000
            } else {
                0o100_000
            }
        }
        _ => 0,
    };
    let end = local.data.saturating_add(facts.packed);
    if mode == 0o120_000 {
        return link(out, &local, &facts, name, end);
    }
    if mode == 0o040_000 || name.ends_with(b"/") {
        if let Some(name) = safe(out, &name) {
            out.folder(name, local.at);
        }
        return skip(out, &local, &facts, end);
    }
    let Some(name) = safe(out, &name) else { return skip(out, &local, &facts, end) };
    let stated = (facts.known || facts.size > 0).then_some(facts.size);
    if facts.known && facts.packed == 0 {
        // No data: what was stated is filled with zeros, and nothing is checked.
        let empty = out.archive.content(local.data, 0, Coding::Stored, Some(0));
        keep(out, name, &empty, 0, stated, local.at);
        return Ok(end);
    }
    if stated == Some(0) {
        out.file(name, out.archive.content(local.data, 0, Coding::Stored, Some(0)), local.at);
        return skip(out, &local, &facts, end);
    }
    data(out, &local, facts, name, stated)
}

/// The name: in the Unicode path block if that belongs to it, else in the header.
fn path(local: &Local) -> Vec<u8> {
    let (blocks, _) = raw::blocks(&local.extra);
    let mut name = local.name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    for (_, body) in blocks.iter().filter(|(id, body)| *id == raw::UNICODE && body.len() >= 5) {
        if Bytes(body).u32(1) == crc32fast::hash(&name) {
            name = body.get(5..).unwrap_or_default().to_vec();
        }
    }
    // What DOS made may have its own slashes.
    if local.needed >> 8 == 0 && text::is_utf8(&name) && !name.contains(&b'/') {
        name.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    }
    name
}

/// The system and the attributes: in the directory, or in a block that libarchive writes for streams.
fn attributes(local: &Local, record: Option<&Central>) -> (u16, u32) {
    let ours = record.map_or((local.needed >> 8, 0), |record| (record.host(), record.external));
    let Some(body) = raw::block(&local.extra, 0x6c78).filter(|body| body.first().is_some_and(|bits| bits & 0x84 == 4))
    else {
        return ours;
    };
    let bits = body.first().copied().unwrap_or_default();
    let (mut at, mut host) = (1, ours.0);
    if bits & 1 != 0 {
        host = Bytes(body).u16(at) >> 8;
        at += 2;
    }
    if bits & 2 != 0 {
        at += 2;
    }
    (host, Bytes(body).u32(at))
}

/// The path that bsdtar makes of a name; none where it refuses.
fn safe(out: &mut Out<'_, '_>, name: &[u8]) -> Option<Vec<u8>> {
    let mut rest = name;
    while let Some(more) = rest.strip_prefix(b"/") {
        rest = more;
    }
    if rest.is_empty() {
        out.note("an empty name");
        return None;
    }
    if rest.split(|byte| *byte == b'/').any(|part| part == b"..") {
        out.note("the path contains `..`");
        return None;
    }
    Some(rest.to_vec())
}

fn link(out: &mut Out<'_, '_>, local: &Local, facts: &Facts, name: Vec<u8>, end: u64) -> Result<u64, String> {
    if facts.packed > 64 << 10 {
        return Err("an oversized link".into());
    }
    let Some(coding) = coding(facts.method, local.flags, &[0, 8, 14]) else {
        out.note("unsupported compression of a link");
        return Ok(end);
    };
    let content = out.archive.content(local.data, facts.packed, coding, Some(facts.size));
    let target = out.short(&content).ok_or("truncated zip file")?;
    if let Some(name) = safe(out, &name) {
        out.link(name, target, local.at);
    }
    Ok(end)
}

/// Leaves the data alone; where the next header is searched from.
fn skip(out: &Out<'_, '_>, local: &Local, facts: &Facts, end: u64) -> Result<u64, String> {
    if facts.known || facts.packed > 0 {
        return if end <= out.archive.length() { Ok(end) } else { Err("truncated zip file".into()) };
    }
    if facts.method == 8 {
        let decoded = out.decode(&out.archive.content(local.data, u64::MAX, Coding::Deflate, None));
        return if decoded.fault.is_none() {
            Ok(local.data + decoded.consumed)
        } else {
            Err("damaged compressed data".into())
        };
    }
    let found = raw::forwards(out.archive, mark::DESCRIPTOR, local.data).ok_or("truncated ZIP file data")?;
    Ok(found + if facts.wide { 24 } else { 16 })
}

/// Extracts the data of a regular file.
fn data(
    out: &mut Out<'_, '_>,
    local: &Local,
    mut facts: Facts,
    name: Vec<u8>,
    stated: Option<u64>,
) -> Result<u64, String> {
    let end = local.data.saturating_add(facts.packed);
    let empty = out.archive.content(local.data, 0, Coding::Stored, Some(0));
    let known = coding(facts.method, local.flags, &[0, 8, 12, 14, 93, 95]);
    let Some(coding) = known.filter(|_| !local.has(flag::ENCRYPTED)) else {
        keep(out, name, &empty, 0, stated, local.at);
        out.note("an unsupported compression method, or encrypted data");
        return skip(out, local, &facts, end);
    };
    let stored = coding == Coding::Stored;
    let length = match (facts.known, stored) {
        (true, _) => facts.packed,
        (false, true) => found(out, local)?,
        (false, false) => u64::MAX,
    };
    let content = out.archive.content(local.data, length, coding, Some(facts.size));
    let decoded = out.decode(&content);
    let fault = decoded.fault.is_some() || decoded.size < length && stored;
    if fault && stated.is_none_or(|stated| decoded.size < stated || stored) {
        keep(out, name, &content, if stored { decoded.size } else { decoded.size / BLOCK * BLOCK }, stated, local.at);
        return Err("damaged or truncated data".into());
    }
    let mut next = local.data + if stored { decoded.size } else { decoded.consumed };
    if !facts.known {
        next = descriptor(out, &mut facts, next)?;
    }
    let lost = if stored { decoded.size } else { decoded.size.saturating_sub(1) / BLOCK * BLOCK };
    // More than stated is not written, and is an error of the disk.
    if stated.is_some_and(|stated| decoded.size > stated) {
        // The block that is too long is dropped where it is the last one.
        let kept = if stored || decoded.size > BLOCK { stated.unwrap_or_default() } else { 0 };
        keep(out, name, &content, kept, stated, local.at);
        out.note("more data than stated");
        return Ok(if facts.known { end } else { next });
    }
    let consumed = if stored { decoded.size } else { decoded.consumed };
    let wrong = if facts.packed != consumed {
        Some("compressed data has the wrong size")
    } else if facts.size & 0xffff_ffff != decoded.size & 0xffff_ffff {
        Some("uncompressed data has the wrong size")
    } else if facts.crc != decoded.crc32 {
        Some("bad CRC")
    } else {
        None
    };
    // The block that shows the error is not written.
    keep(out, name, &content, if wrong.is_some() { lost } else { decoded.size }, stated, local.at);
    if let Some(reason) = wrong {
        out.note(reason);
    }
    Ok(if facts.known && wrong.is_none() { end } else { next })
}

/// Length of stored data whose size is not stated: up to a descriptor whose CRC is theirs.
fn found(out: &Out<'_, '_>, local: &Local) -> Result<u64, String> {
    let mut at = local.data;
    for _ in 0..1000 {
        let found = raw::forwards(out.archive, mark::DESCRIPTOR, at).ok_or("truncated ZIP file data")?;
        let length = found - local.data;
        let content = out.archive.content(local.data, length, Coding::Stored, None);
        if raw::number(out.archive, found + 4) == Some(out.decode(&content).crc32) {
            return Ok(length);
        }
        at = found + 1;
    }
    Err("truncated ZIP file data".into())
}

/// Reads the descriptor behind data; where it ends.
fn descriptor(out: &Out<'_, '_>, facts: &mut Facts, at: u64) -> Result<u64, String> {
    let bytes = raw::exact(out.archive, at, 24).ok_or("truncated ZIP end-of-file record")?;
    let bytes = Bytes(&bytes);
    let from = if bytes.u32(0) == mark::DESCRIPTOR { 4 } else { 0 };
    facts.crc = bytes.u32(from);
    if facts.wide {
        (facts.packed, facts.size) = (bytes.u64(from + 4), bytes.u64(from + 12));
        Ok(at + 20 + from as u64)
    } else {
        (facts.packed, facts.size) = (bytes.u32(from + 4).into(), bytes.u32(from + 8).into());
        Ok(at + 12 + from as u64)
    }
}

/// Writes a file: what there is, cut or filled up with zeros to the stated size.
fn keep(
    out: &mut Out<'_, '_>,
    name: Vec<u8>,
    content: &crate::entry::Content,
    size: u64,
    stated: Option<u64>,
    at: u64,
) {
    let content = match stated {
        Some(stated) if stated > size => out.archive.padded(content, size, stated),
        _ => None,
    }
    .unwrap_or_else(|| out.archive.prefix(content, size));
    out.file(name, content, at);
}
