//! Info-ZIP's unzip 6.0, as Debian ships it.

use std::collections::BTreeMap;

use super::out::{self, Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::entry::Coding;
use crate::reader::{Archive, View};

/// Decoded bytes that are written at once: damage drops what is at hand.
const WINDOW: u64 = 64 << 10;

/// Where the directory is, and by how much every offset is moved.
struct Place {
    start: u64,
    shift: i128,
    end: End,
    wide: bool,
    /// Where the zip64 record is, or the plain one.
    real: u64,
    problem: Option<&'static str>,
}

/// Reads the archive as `unzip -o` does: the last end record, records while there are signatures, names from the
/// directory, sizes from the local headers, offsets moved by what stands in front.
pub(super) fn see(archive: &mut Archive<'_>) -> View {
    let place = match place(archive) {
        Ok(place) => place,
        Err(reason) => return Out::refused(reason),
    };
    let mut out = Out::new(archive);
    if let Some(problem) = place.problem {
        out.note(problem);
    }
    let mut at = place.start;
    let mut records = Vec::new();
    while let Some(record) = Central::read(archive, at) {
        if !record.whole {
            out.note("the directory ends early");
            break;
        }
        at = record.next;
        records.push(record);
    }
    let mask = if place.wide { u64::MAX } else { 0xffff };
    if (records.len() as u64) & mask != place.end.total {
        out.note("expected central file header signature not found");
    }
    if !matches!(raw::signature(archive, at), mark::END | mark::END64) {
        out.note("the directory is not followed by its end record");
    }
    let taken = match taken(&place) {
        Ok(taken) => taken,
        Err(reason) => return out.stop(reason),
    };
    let taken = taken.into_iter().collect();
    let mut walk = Walk { shift: place.shift, old: 0, first: true, taken };
    for mut record in records {
        match walk.member(&mut out, &mut record) {
            Ok(()) => {}
            Err(Trouble::Note(reason)) => out.note(reason),
            Err(Trouble::Stop(reason)) => return out.stop(reason),
        }
    }
    out.end()
}

fn place(archive: &Archive<'_>) -> Result<Place, &'static str> {
    let at = raw::backwards(archive, mark::END, raw::END, 66_000).next().ok_or("end record not found")?;
    let mut end = End::read(archive, at).ok_or("end record not found")?;
    let (mut real, mut wide) = (at, false);
    if let Some(locator) = Locator::before(archive, at) {
        let before = at - raw::LOCATOR;
        if end.disk == 0xffff || end.disk + 1 == u64::from(locator.disks) {
            if locator.offset > before {
                return Err("zip64 end record not found");
            }
            let guess = || Some(before.checked_sub(raw::END64)?);
            let found = End::read64(archive, locator.offset)
                .or_else(|| End::read64(archive, guess()?))
                .ok_or("zip64 end record not found")?;
            let fits = [
                (end.start_disk, found.start_disk, 0xffff),
                (end.here, found.here, 0xffff),
                (end.total, found.total, 0xffff),
                (end.size, found.size, raw::FULL),
                (end.offset, found.offset, raw::FULL),
            ];
            if found.disk == u64::from(locator.disk)
                && fits.iter().all(|(ours, theirs, full)| ours == full || ours == theirs)
            {
                (real, wide) = (found.at, true);
                let disk = if end.disk == 0xffff { found.disk } else { end.disk };
                end = End { at, comment: end.comment, disk, ..found };
            }
        }
    }
    let mut problem = None;
    if end.disk != 0 {
        problem = Some("zipfile claims to be the last disk of a multi-part archive");
    }
    let expected = i128::from(end.offset) + i128::from(end.size);
    let mut shift = i128::from(real) - expected;
    if shift < 0 && end.disk == 0 {
        problem = Some("missing bytes in zipfile");
    } else if shift > 0 && end.offset == 0 && end.size != 0 {
        problem = Some("no offset of the central directory");
        end.offset = u64::try_from(shift).unwrap_or_default();
        shift = 0;
    } else if shift > 0 {
        problem = Some("extra bytes at beginning or within zipfile");
    }
    if expected == 0 {
        return Err("zipfile is empty");
    }
    let start = i128::from(end.offset) + shift;
    let start = u64::try_from(start).map_err(|_| "start of central directory not found")?;
    if raw::signature(archive, start) == mark::CENTRAL {
        return Ok(Place { start, shift, end, wide, real, problem });
    }
    if raw::signature(archive, end.offset) == mark::CENTRAL {
        let problem = Some("central directory is too long");
        return Ok(Place { start: end.offset, shift: 0, end, wide, real, problem });
    }
    Err("start of central directory not found")
}

/// What is taken before any member is: the directory, the end records, what stands in front.
fn taken(place: &Place) -> Result<Vec<(u64, u64)>, &'static str> {
    let end = place.end.at + raw::END + place.end.comment;
    let front = u64::try_from(place.shift).map_err(|_| OVERLAP)?;
    let mut spans = vec![(place.start, place.start.saturating_add(place.end.size))];
    if place.end.size == 0 {
        return Err("not enough memory");
    }
    if front > 0 {
        spans.push((0, front));
    }
    if place.wide {
        spans.push((place.real, place.real + raw::END64));
    }
    spans.push((place.end.at, end));
    let mut sorted = spans.clone();
    sorted.sort_unstable();
    let overlaps = sorted.windows(2).any(|pair| matches!(pair, [left, right] if right.0 < left.1));
    if overlaps { Err(OVERLAP) } else { Ok(spans) }
}

const OVERLAP: &str = "overlapped components (possible zip bomb)";

enum Trouble {
    Note(String),
    Stop(String),
}

impl From<&str> for Trouble {
    fn from(reason: &str) -> Self {
        Self::Note(reason.into())
    }
}

struct Walk {
    shift: i128,
    old: i128,
    first: bool,
    /// Ranges that were taken from, by where they begin; none overlap.
    taken: BTreeMap<u64, u64>,
}

impl Walk {
    fn member(&mut self, out: &mut Out<'_, '_>, record: &mut Central) -> Result<(), Trouble> {
        let extra = record.extra.clone();
        for (_, body) in raw::blocks(&extra).0.into_iter().filter(|(id, _)| *id == raw::ZIP64) {
            if !raw::widen(body, [&mut record.size, &mut record.packed, &mut record.offset]) {
                out.note("a corrupt zip64 extra field");
            }
        }
        let name = name_of(record, &record.name, &record.extra, record.flags);
        if record.needed & 0xff > 46 {
            return Err("a version that is too new".into());
        }
        if !matches!(record.method, 0 | 1 | 6 | 8 | 9 | 12) {
            return Err("unsupported compression method".into());
        }
        // Where it first looked is what counts for overlaps.
        let asked = u64::try_from(i128::from(record.offset) + self.shift).unwrap_or(u64::MAX);
        let mut local = self.local(out, record)?;
        self.first = false;
        if !local.name.is_empty() && name_of(record, &local.name, &local.extra, local.flags) != name {
            out.note("mismatching local filename");
        }
        if (local.flags ^ record.flags) & flag::UTF8 != 0 {
            out.note("mismatch of the UTF-8 flag");
        }
        if local.has(flag::DESCRIPTOR) {
            (local.crc, local.packed, local.size) = (record.crc, record.packed, record.size);
        }
        for (_, body) in raw::blocks(&local.extra).0.into_iter().filter(|(id, _)| *id == raw::ZIP64) {
            raw::widen(body, [&mut local.size, &mut local.packed, &mut 0]);
        }
        // A count below zero is none at all.
        if i64::try_from(local.packed).is_err() {
            (local.packed, local.size) = (0, if local.size == local.packed { 0 } else { local.size });
        }
        if local.has(flag::ENCRYPTED) {
            return Err(out::ENCRYPTED.into());
        }
        let Some(path) = path(out, record, &name) else { return Ok(()) };
        if self.overlaps(asked, asked.saturating_add(1)) {
            return Err(Trouble::Stop(OVERLAP.into()));
        }
        let (result, end) = if path.ends_with(b"/") {
            out.folder(path, local.at);
            (Ok(()), local.data)
        } else {
            extract(out, record, &local, path)
        };
        if asked >= end {
            return Err(Trouble::Stop("not enough memory".into()));
        }
        if self.overlaps(asked, end) {
            return Err(Trouble::Stop(OVERLAP.into()));
        }
        self.taken.insert(asked, end);
        result
    }

    fn overlaps(&self, from: u64, to: u64) -> bool {
        self.taken.range(..to).next_back().is_some_and(|(_, end)| *end > from)
    }

    /// The local header, moved as the others were, or not.
    fn local(&mut self, out: &mut Out<'_, '_>, record: &Central) -> Result<Local, Trouble> {
        let read = |shift: i128| {
            let at = u64::try_from(i128::from(record.offset) + shift).ok()?;
            Local::read(out.archive, at)
        };
        if let Some(local) = read(self.shift) {
            return Ok(local);
        }
        out.note("bad zipfile offset (local header sig)");
        if self.shift != 0 && (self.first || self.old == 0) {
            self.old = std::mem::take(&mut self.shift);
            return read(0).ok_or_else(|| "bad zipfile offset (local header sig)".into());
        }
        Err("bad zipfile offset (local header sig)".into())
    }
}

/// Extracts a file; where it has read to.
fn extract(out: &mut Out<'_, '_>, record: &Central, local: &Local, path: Vec<u8>) -> (Result<(), Trouble>, u64) {
    let unix = matches!(record.host(), 2 | 3 | 5 | 13 | 16 | 17 | 30);
    let link = unix && record.is_link();
    if local.method == 0 && local.size != local.packed {
        out.note("ucsize differs from csize for a stored entry");
    }
    let empty = out.archive.content(local.data, 0, Coding::Stored, Some(0));
    let Some(coding) = coding(local.method, local.flags, &[0, 8, 9, 12]) else {
        out.file(path, empty, local.at);
        return (Err("unknown compression method".into()), local.data);
    };
    let content = out.archive.content(local.data, local.packed, coding, None);
    let decoded = out.decode(&content);
    let end = local.data.saturating_add(if local.method == 0 { decoded.size } else { decoded.consumed });
    let short = local.method == 0 && decoded.size < local.packed;
    if decoded.fault.is_some() && local.method != 0 {
        out.cut(path, &content, decoded.size / WINDOW * WINDOW, local.at);
        return (Err("invalid compressed data".into()), end);
    }
    let target = out.short(&out.archive.prefix(&content, decoded.size)).filter(|_| link && decoded.size > 0);
    match target {
        Some(target) => out.link(path, target, local.at),
        None => out.cut(path, &content, decoded.size, local.at),
    }
    (if short || decoded.crc32 != local.crc { Err("bad CRC".into()) } else { Ok(()) }, end)
}

/// The name as it is understood: translated from the maker's code page to Latin-1, even where it is flagged as UTF-8; or
/// what the Unicode path blocks say, up to the first one that does not fit.
fn name_of(record: &Central, name: &[u8], extra: &[u8], flags: u16) -> Vec<u8> {
    let plain: Vec<u8> = name.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    let mut name = plain.clone();
    let version = record.made & 0xff;
    if record.host() == 0 || record.host() == 6 || record.host() == 11 && version == 50 {
        text::cp850_to_latin1(&mut name);
    }
    if flags & flag::UTF8 != 0 {
        return name;
    }
    for (_, body) in raw::blocks(extra).0.into_iter().filter(|(id, _)| *id == raw::UNICODE) {
        let fits = body.len() >= 5 && body.first() <= Some(&1) && Bytes(body).u32(1) == crc32fast::hash(&plain);
        match body.get(5..).filter(|_| fits) {
            Some([]) => name.clone_from(&plain),
            Some(path) => name = path.to_vec(),
            None => break,
        }
    }
    name
}

/// The path that it extracts to; none if nothing is left of it, or for a volume label.
fn path(out: &mut Out<'_, '_>, record: &Central, name: &[u8]) -> Option<Vec<u8>> {
    if record.host() == 0 && record.external & 8 != 0 {
        return None;
    }
    let mut name = name.to_vec();
    if record.host() == 0 && !name.contains(&b'/') && name.contains(&b'\\') {
        out.note("appears to use backslashes as path separators");
        name.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    }
    if name.starts_with(b"/") {
        out.note("stripped absolute path spec");
    }
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let last = name.ends_with(b"/");
    for part in name.split(|byte| *byte == b'/') {
        match part {
            // Left out, without an error.
            b"" | b"." | b".." => {}
            part => {
                let kept = part.iter().copied().filter(|byte| (32..127).contains(byte) || (128..=254).contains(byte));
                parts.push(kept.collect());
            }
        }
    }
    if parts.iter().all(Vec::is_empty) {
        if !last {
            out.note("conversion of the name failed");
        }
        return None;
    }
    let mut path = parts.join(&b'/');
    if last {
        path.push(b'/');
    }
    Some(path)
}
