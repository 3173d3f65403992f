//! Java's `ZipFile` and `ZipInputStream` (17).

use super::out::{Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::reader::{Archive, View};

/// Reads the archive as `java.util.zip.ZipFile` does: the last end record whose comment fits or whose offsets lead to
/// records, the directory by its size, no CRC check.
pub(super) fn file(archive: &mut Archive<'_>) -> View {
    let Some(end) = end(archive) else { return Out::refused("zip END header not found") };
    if end.at + raw::END + end.comment > archive.length() {
        return Out::refused("the comment ends early");
    }
    if end.at == 0 {
        return Out::new(archive).end();
    }
    let Some(start) = end.at.checked_sub(end.size) else { return Out::refused("bad central directory size") };
    let Some(shift) = start.checked_sub(end.offset) else { return Out::refused("bad central directory offset") };
    let mut records = Vec::new();
    let mut at = start;
    while at + raw::CENTRAL <= end.at {
        let Some(mut record) = Central::read(archive, at) else {
            return Out::refused("bad signature in the directory");
        };
        let name_end = at + raw::CENTRAL + record.name.len() as u64;
        if record.has(flag::ENCRYPTED) {
            return Out::refused("encrypted entry");
        }
        if !matches!(record.method, 0 | 8) {
            return Out::refused(format!("bad compression method {}", record.method));
        }
        if name_end > end.at || record.next > end.at {
            return Out::refused("bad header size in the directory");
        }
        if !text::is_utf8(&record.name) {
            return Out::refused("a name that is not UTF-8");
        }
        let comment = raw::exact(archive, record.next - record.comment, record.comment).unwrap_or_default();
        if !text::is_utf8(&comment) {
            return Out::refused("a comment that is not UTF-8");
        }
        if let Err(reason) = extra(&mut record) {
            return Out::refused(reason);
        }
        at = record.next;
        records.push(record);
    }
    if at != end.at {
        return Out::refused("bad header size in the directory");
    }
    let mut out = Out::new(archive);
    for record in records {
        if record.name.ends_with(b"/") {
            out.folder(record.name, record.at);
            continue;
        }
        let offset = record.offset.saturating_add(shift);
        let Some(local) = Local::read(out.archive, offset) else {
            out.note("bad signature in a local header");
            continue;
        };
        let coding = coding(record.method, record.flags, &[0, 8]).unwrap_or(crate::entry::Coding::Stored);
        let content = out.archive.content(local.data, record.packed, coding, None);
        let decoded = out.decode(&content);
        match decoded.fault {
            Some(_) if record.method == 8 => out.note("unexpected end of the compressed data"),
            _ => out.cut(record.name, &content, decoded.size, offset),
        }
    }
    out.end()
}

/// The end record, its place moved to the zip64 one where that is believed.
fn end(archive: &Archive<'_>) -> Option<End> {
    const WINDOW: u64 = 65_557;
    let found = raw::backwards(archive, mark::END, raw::END, WINDOW).find_map(|at| {
        let end = End::read(archive, at)?;
        let leads = || {
            let start = at.checked_sub(end.size)?;
            let first = start.checked_sub(end.offset)?;
            let signed =
                raw::signature(archive, start) == mark::CENTRAL && raw::signature(archive, first) == mark::LOCAL;
            signed.then_some(())
        };
        (end.fills(archive) || leads().is_some()).then_some(end)
    })?;
    let real = Locator::before(archive, found.at).and_then(|locator| End::read64(archive, locator.offset));
    let real = real.filter(|real| {
        (real.size == found.size || found.size == raw::FULL)
            && (real.offset == found.offset || found.offset == raw::FULL)
            && (real.total == found.total || found.total == 0xffff)
    });
    Some(match real {
        // Its comment is that of the plain record.
        Some(real) => real,
        None => found,
    })
}

/// Checks the extra area as recent updates of 17 do, and takes the zip64 numbers.
fn extra(record: &mut Central) -> Result<(), String> {
    let extra = record.extra.clone();
    let mut at = 0;
    while at + 4 <= extra.len() {
        let (id, length) = (Bytes(&extra).u16(at), usize::from(Bytes(&extra).u16(at + 2)));
        at += 4;
        let Some(body) = extra.get(at..at + length) else { return Err("an extra field that is too long".into()) };
        if id == raw::ZIP64 {
            // A block that is too short leaves the numbers as they are.
            raw::widen(body, [&mut record.size, &mut record.packed, &mut record.offset]);
            if [record.size, record.packed, record.offset].iter().any(|number| i64::try_from(*number).is_err()) {
                return Err("an invalid zip64 extra field".into());
            }
        }
        at += length;
    }
    Ok(())
}

/// Reads the archive as `java.util.zip.ZipInputStream` does: local headers from the first byte, until something else
/// comes.
pub(super) fn stream(archive: &mut Archive<'_>) -> View {
    let mut out = Out::new(archive);
    let mut at = 0;
    while let Some(local) = Local::read(out.archive, at) {
        if local.data > out.archive.length() {
            return out.stop("the header ends early");
        }
        if !text::is_utf8(&local.name) {
            return out.stop("a name that is not UTF-8");
        }
        if local.has(flag::ENCRYPTED) {
            return out.stop("encrypted entry");
        }
        match next(&mut out, local) {
            Ok(next) => at = next,
            Err(reason) => return out.stop(reason),
        }
    }
    out.end()
}

/// Reads one entry; where the next header would be.
fn next(out: &mut Out<'_, '_>, mut local: Local) -> Result<u64, String> {
    let described = local.has(flag::DESCRIPTOR);
    if described && local.method != 8 {
        return Err("only deflated entries can have a data descriptor".into());
    }
    let full = local.size == raw::FULL || local.packed == raw::FULL;
    let wide = |id: u16, body: &[u8]| full && id == raw::ZIP64 && body.len() >= 16;
    for (_, body) in raw::blocks(&local.extra).0.into_iter().filter(|(id, body)| wide(*id, body)) {
        // Both numbers, where the header lacks one.
        (local.size, local.packed) = (Bytes(body).u64(0), Bytes(body).u64(8));
    }
    if i64::try_from(local.size).is_err() {
        local.size = 0;
    }
    let (content, decoded) = match local.method {
        0 => {
            let content = out.archive.content(local.data, local.size, crate::entry::Coding::Stored, None);
            let decoded = out.decode(&content);
            if decoded.size < local.size {
                return Err("unexpected end of the data".into());
            }
            if local.size > 0 && decoded.crc32 != local.crc {
                return Err("invalid entry CRC".into());
            }
            (content, decoded)
        }
        8 => {
            let content = out.archive.content(local.data, u64::MAX, crate::entry::Coding::Deflate, None);
            let decoded = out.decode(&content);
            if decoded.fault.is_some() {
                return Err("damaged compressed data".into());
            }
            (content, decoded)
        }
        method => return Err(format!("invalid compression method {method}")),
    };
    let mut next = local.data + if local.method == 8 { decoded.consumed } else { decoded.size };
    if local.method == 8 {
        let (mut crc, mut packed, mut size) = (local.crc, local.packed, local.size);
        if described {
            let bytes = raw::exact(out.archive, next, 16).ok_or("the data descriptor ends early")?;
            let signed = usize::from(Bytes(&bytes).u32(0) == mark::DESCRIPTOR) * 4;
            crc = Bytes(&bytes).u32(signed);
            packed = Bytes(&bytes).u32(signed + 4).into();
            size = Bytes(&bytes).u32(signed + 8).into();
            next += 12 + signed as u64;
        }
        if size != decoded.size {
            return Err("invalid entry size".into());
        }
        if packed != decoded.consumed {
            return Err("invalid entry compressed size".into());
        }
        if crc != decoded.crc32 {
            return Err("invalid entry CRC".into());
        }
    }
    if local.name.ends_with(b"/") {
        out.folder(local.name, local.at);
    } else if local.method == 8 {
        // The range is bounded now, so that the same content is the same handle.
        let content = out.archive.bounded(&content, &decoded);
        out.file(local.name, content, local.at);
    } else {
        out.file(local.name, content, local.at);
    }
    Ok(next)
}
