//! CPython's zipfile (3.11), which pip reads wheels with.

use super::out::{self, Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::reader::{Archive, View};

/// Reads the archive as `zipfile.ZipFile` does: the last end record, the directory by its size, offsets moved by what
/// stands in front, names from the directory, and equal in both headers.
pub(super) fn see(archive: &mut Archive<'_>) -> View {
    let Some((end, sixty_four)) = end(archive) else { return Out::refused("no end record") };
    let end = match end {
        Ok(end) => end,
        Err(reason) => return Out::refused(reason),
    };
    // Signed, as there: too large a directory makes it negative.
    let shift = i128::from(end.at) - i128::from(end.size) - i128::from(end.offset) - if sixty_four { 76 } else { 0 };
    let Ok(start) = u64::try_from(i128::from(end.offset) + shift) else { return Out::refused("bad directory offset") };
    let records = match directory(archive, start, end.size) {
        Ok(records) => records,
        Err(reason) => return Out::refused(reason),
    };
    let mut out = Out::new(archive);
    for (record, name) in records {
        match member(&mut out, &record, &name, shift) {
            Ok(()) => {}
            Err(reason) => out.note(reason),
        }
    }
    out.end()
}

/// The end record, if there is one, and whether a zip64 one replaces it.
fn end(archive: &Archive<'_>) -> Option<(Result<End, String>, bool)> {
    let last = archive.length().checked_sub(raw::END)?;
    let plain = raw::signature(archive, last) == mark::END
        && raw::exact(archive, last + 20, 2).is_some_and(|comment| comment == [0, 0]);
    let at = if plain { last } else { raw::backwards(archive, mark::END, 4, raw::END + (1 << 16)).next()? };
    let end = End::read(archive, at)?;
    let Some(locator) = Locator::before(archive, at) else { return Some((Ok(end), false)) };
    if locator.disk != 0 || locator.disks > 1 {
        return Some((Err("zip files that span several disks are not supported".into()), false));
    }
    let real = at.checked_sub(raw::LOCATOR + raw::END64).and_then(|at| End::read64(archive, at));
    Some(match real {
        Some(real) => (Ok(End { at, comment: end.comment, ..real }), true),
        None => (Ok(end), false),
    })
}

fn directory(archive: &Archive<'_>, start: u64, size: u64) -> Result<Vec<(Central, Vec<u8>)>, String> {
    let stop = start.saturating_add(size).min(archive.length());
    let (mut at, mut records) = (start, Vec::new());
    while at < start.saturating_add(size) {
        if at + raw::CENTRAL > stop {
            return Err("truncated central directory".into());
        }
        let mut record = Central::read(archive, at).ok_or("bad magic number for central directory")?;
        // What it reads ends with the directory, wherever the lengths lead.
        let left = |from: u64| usize::try_from(stop.saturating_sub(from)).unwrap_or(usize::MAX);
        record.name.truncate(left(at + raw::CENTRAL));
        record.extra.truncate(left(at + raw::CENTRAL + record.name.len() as u64));
        let name = decode(&record.name, record.flags)?;
        if record.needed & 0xff > 63 {
            return Err("a version that is too new".into());
        }
        widen(&mut record)?;
        at = record.next;
        records.push((record, name));
        if archive.stopped().is_some() {
            break;
        }
    }
    Ok(records)
}

fn decode(name: &[u8], flags: u16) -> Result<Vec<u8>, String> {
    if flags & flag::UTF8 == 0 {
        return Ok(text::cp437(name));
    }
    if text::is_utf8(name) { Ok(name.to_vec()) } else { Err("a name that is not UTF-8".into()) }
}

fn widen(record: &mut Central) -> Result<(), String> {
    let extra = record.extra.clone();
    let mut rest = extra.as_slice();
    while rest.len() >= 4 {
        let (id, length) = (Bytes(rest).u16(0), usize::from(Bytes(rest).u16(2)));
        let body = rest.get(4..4 + length).ok_or("a corrupt extra field")?;
        let fits = id != raw::ZIP64 || raw::widen(body, [&mut record.size, &mut record.packed, &mut record.offset]);
        if !fits {
            return Err("a corrupt zip64 extra field".into());
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    Ok(())
}

fn member(out: &mut Out<'_, '_>, record: &Central, name: &[u8], shift: i128) -> Result<(), String> {
    let short = name.split(|byte| *byte == 0).next().unwrap_or_default();
    match short.last() {
        None => return Err("an empty name".into()),
        Some(b'/') => {
            out.folder(short, record.at);
            return Ok(());
        }
        Some(_) => {}
    }
    let at = u64::try_from(i128::from(record.offset) + shift).map_err(|_| "a negative offset")?;
    let local = Local::read(out.archive, at).ok_or("bad magic number for file header")?;
    if record.has(flag::PATCHED) || record.has(flag::STRONG) {
        return Err("patched data or strong encryption".into());
    }
    if decode(&local.name, local.flags)? != name {
        return Err("the name in the directory and in the header differ".into());
    }
    if out::encrypted(record) {
        return Err(out::ENCRYPTED.into());
    }
    let coding = coding(record.method, record.flags, &[0, 8, 12, 14]).ok_or("an unknown compression method")?;
    let content = out.archive.content(local.data, record.packed, coding, Some(record.size));
    let decoded = out.archive.decode(&content, record.size);
    // Where the stated range ends, it takes what it has for the whole; where the file ends, it does not.
    let missing = local.data.saturating_add(record.packed) > out.archive.length();
    if decoded.size < record.size && (missing || decoded.fault.is_some() && !decoded.cut) {
        return Err("damaged or missing data".into());
    }
    if decoded.crc32 != record.crc {
        return Err("bad CRC-32".into());
    }
    out.cut(short, &content, decoded.size, at);
    Ok(())
}
