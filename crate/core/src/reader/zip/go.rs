//! Go's archive/zip.

use super::out::{Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use crate::reader::{Archive, View};

/// How reading a directory record can end the walk.
enum Stop {
    /// Something else is there, or a zip64 field is missing: accepted if the count is right.
    Format,
    /// The bytes end there.
    Short,
    /// They end exactly before it.
    Eof,
}

/// Reads the archive as `zip.NewReader` does.
pub(super) fn see(archive: &mut Archive<'_>) -> View {
    let Some(end) = end(archive) else { return Out::refused("not a valid zip file") };
    let length = i128::from(archive.length());
    let mut base = i128::from(end.at) - i128::from(end.size) - i128::from(end.offset);
    let start = base + i128::from(end.offset);
    if start < 0 || start >= length {
        return Out::refused("not a valid zip file");
    }
    let mut records = Vec::new();
    let mut at = u64::try_from(base + i128::from(end.offset)).unwrap_or(u64::MAX);
    let stop = loop {
        match header(archive, at) {
            Ok(record) => {
                at = record.next;
                records.push(record);
            }
            Err(Stop::Format) if base != 0 && records.is_empty() => {
                base = 0;
                at = end.offset;
            }
            Err(stop) => break stop,
        }
    };
    let counted = (records.len() as u64) & 0xffff == end.total & 0xffff;
    match stop {
        Stop::Eof => return Out::refused("EOF"),
        Stop::Format if !counted => return Out::refused("not a valid zip file"),
        Stop::Short if !counted => return Out::refused("unexpected EOF"),
        _ => {}
    }
    let mut out = Out::new(archive);
    for record in records {
        if let Err(reason) = member(&mut out, &record, base) {
            return out.stop(reason);
        }
    }
    out.end()
}

fn end(archive: &Archive<'_>) -> Option<End> {
    // One whose comment is cut is passed over.
    let found = raw::backwards(archive, mark::END, raw::END, 65 * 1024)
        .filter_map(|at| End::read(archive, at))
        .find(|end| end.at + raw::END + end.comment <= archive.length())?;
    if found.total != 0xffff && found.size != 0xffff && found.offset != raw::FULL {
        return Some(found);
    }
    let locator = Locator::before(archive, found.at).filter(|locator| locator.disk == 0 && locator.disks == 1);
    match locator {
        Some(locator) if i64::try_from(locator.offset).is_ok() => End::read64(archive, locator.offset),
        _ => Some(found),
    }
}

fn header(archive: &Archive<'_>, at: u64) -> Result<Central, Stop> {
    if at >= archive.length() {
        return Err(Stop::Eof);
    }
    if at + raw::CENTRAL > archive.length() {
        return Err(Stop::Short);
    }
    let mut record = Central::read(archive, at).ok_or(Stop::Format)?;
    if !record.whole {
        return Err(Stop::Short);
    }
    let extra = record.extra.clone();
    let mut rest = extra.as_slice();
    let (mut size, mut packed, mut offset) =
        (record.size == raw::FULL, record.packed == raw::FULL, record.offset == raw::FULL);
    while rest.len() >= 4 {
        let (id, length) = (Bytes(rest).u16(0), usize::from(Bytes(rest).u16(2)));
        let Some(body) = rest.get(4..4 + length) else { break };
        if id == raw::ZIP64 {
            let mut at = 0;
            for (wanted, number) in
                [(&mut size, &mut record.size), (&mut packed, &mut record.packed), (&mut offset, &mut record.offset)]
            {
                if std::mem::take(wanted) {
                    if body.len() < at + 8 {
                        return Err(Stop::Format);
                    }
                    *number = Bytes(body).u64(at);
                    at += 8;
                }
            }
        }
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    if packed || offset { Err(Stop::Format) } else { Ok(record) }
}

fn member(out: &mut Out<'_, '_>, record: &Central, base: i128) -> Result<(), String> {
    if record.name.ends_with(b"/") {
        out.folder(record.name.clone(), record.at);
        return Ok(());
    }
    let at = u64::try_from(i128::from(record.offset) + base).map_err(|_| "not a valid zip file")?;
    let local = Local::read(out.archive, at).ok_or("not a valid zip file")?;
    let coding = coding(record.method, record.flags, &[0, 8]).ok_or("unsupported compression algorithm")?;
    let content = out.archive.content(local.data, record.packed, coding, None);
    let decoded = out.decode(&content);
    if decoded.size > record.size {
        return Err("not a valid zip file".into());
    }
    if decoded.size < record.size || decoded.fault.as_ref().is_some_and(|_| record.method == 8) {
        return Err("unexpected EOF".into());
    }
    if record.has(flag::DESCRIPTOR) {
        let at = local.data.saturating_add(record.packed);
        let signed = raw::signature(out.archive, at) == mark::DESCRIPTOR;
        let from = at + if signed { 4 } else { 0 };
        let bytes = raw::exact(out.archive, from, 12).ok_or("unexpected EOF")?;
        if Bytes(&bytes).u32(0) != record.crc || decoded.crc32 != record.crc {
            return Err("checksum error".into());
        }
    } else if record.crc != 0 && decoded.crc32 != record.crc {
        return Err("checksum error".into());
    }
    out.cut(record.name.clone(), &content, decoded.size, at);
    Ok(())
}
