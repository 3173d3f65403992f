//! The readers of the JavaScript world: yauzl, fflate, adm-zip, JSZip, and unzipper's stream.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::out::{self, Out, coding};
use super::raw::{self, Bytes, Central, End, Local, Locator, flag, mark};
use super::text;
use crate::entry::Coding;
use crate::reader::{Archive, View};

/// A position computed as those readers do, which may lie outside: none then.
fn place(number: i128) -> Option<u64> {
    u64::try_from(number).ok()
}

/// yauzl 3: the last end record, whose comment must fill the file; the directory by its count, offsets as they are.
pub(super) fn yauzl(archive: &mut Archive<'_>) -> View {
    const WINDOW: u64 = 20 + 22 + 0xffff;
    let Some(at) = raw::backwards(archive, mark::END, raw::END, WINDOW).next() else {
        return Out::refused("end record not found");
    };
    let Some(mut end) = End::read(archive, at).filter(|end| end.fills(archive)) else {
        return Out::refused("invalid comment length");
    };
    if let Some(locator) = Locator::before(archive, at) {
        match End::read64(archive, locator.offset) {
            Some(real) => end = real,
            None => return Out::refused("invalid zip64 end record"),
        }
    }
    if end.disk != 0 {
        return Out::refused("multi-disk zip files are not supported");
    }
    let mut out = Out::new(archive);
    let mut cursor = end.offset;
    let mut read = 0;
    while read < end.total {
        let Some(mut record) = Central::read(out.archive, cursor).filter(|record| record.whole) else {
            return out.stop("invalid directory record");
        };
        cursor = record.next;
        read += 1;
        match yauzl_name(&mut record) {
            Ok(name) => {
                if name.ends_with(b"/") {
                    out.folder(name, record.at);
                } else if let Err(reason) = yauzl_member(&mut out, &record, name) {
                    out.note(reason);
                }
            }
            // From here on nothing more comes.
            Err(reason) => return out.stop(reason),
        }
    }
    out.end()
}

fn yauzl_name(record: &mut Central) -> Result<Vec<u8>, String> {
    if record.has(flag::STRONG) {
        return Err("strong encryption is not supported".into());
    }
    let extra = record.extra.clone();
    let (blocks, _) = raw::blocks(&extra);
    // Fewer than four bytes at the end are left alone, more must fit.
    let covered: usize = blocks.iter().map(|(_, body)| body.len() + 4).sum();
    if extra.len() - covered >= 4 {
        return Err("extra field length exceeds extra field buffer size".into());
    }
    let unicode = blocks.iter().filter(|(id, body)| *id == raw::UNICODE && body.len() >= 6);
    let unicode = unicode.filter_map(|(_, body)| text::unicode_path(body, &record.name)).next().map(text::lossy);
    let utf8 = record.has(flag::UTF8);
    let decoded = || if utf8 { text::lossy(&record.name) } else { text::cp437_pictures(&record.name) };
    let name: Vec<u8> = unicode.unwrap_or_else(decoded);
    let name: Vec<u8> = name.into_iter().map(|byte| if byte == b'\\' { b'/' } else { byte }).collect();
    let drive = name.first().is_some_and(u8::is_ascii_alphabetic) && name.get(1) == Some(&b':');
    if drive || name.starts_with(b"/") {
        return Err("absolute path".into());
    }
    if name.split(|byte| *byte == b'/').any(|part| part == b"..") {
        return Err("invalid relative path".into());
    }
    if let Some(body) = raw::block(&extra, raw::ZIP64)
        && !raw::widen(body, [&mut record.size, &mut record.packed, &mut record.offset])
    {
        return Err("a zip64 field that lacks a number".into());
    }
    let expected = record.size + if out::encrypted(record) { 12 } else { 0 };
    if record.method == 0 && record.packed != expected {
        return Err("compressed/uncompressed size mismatch for stored file".into());
    }
    Ok(name)
}

fn yauzl_member(out: &mut Out<'_, '_>, record: &Central, name: Vec<u8>) -> Result<(), String> {
    if out::encrypted(record) {
        return Err(out::ENCRYPTED.into());
    }
    let local = Local::read(out.archive, record.offset).ok_or("invalid local file header signature")?;
    let coding = coding(record.method, record.flags, &[0, 8]).ok_or("unsupported compression method")?;
    if record.packed > 0 && local.data.saturating_add(record.packed) > out.archive.length() {
        return Err("file data overflows file bounds".into());
    }
    let content = out.archive.content(local.data, record.packed, coding, None);
    let decoded = out.decode(&content);
    if decoded.fault.is_some() {
        return Err("unexpected end of file".into());
    }
    if decoded.size != record.size {
        return Err("too many or not enough bytes in the stream".into());
    }
    out.cut(name, &content, decoded.size, local.at);
    Ok(())
}

/// fflate's `unzipSync`: the last end record, the directory by its count, no signature and no CRC checked.
pub(super) fn fflate(archive: &mut Archive<'_>) -> View {
    let Some(at) = raw::backwards(archive, mark::END, raw::END, 65_558).next() else {
        return Out::refused("invalid zip data");
    };
    let Some(end) = End::read(archive, at) else { return Out::refused("invalid zip data") };
    let (mut count, mut offset, mut wide) = (end.here, end.offset, false);
    let mut out = Out::new(archive);
    if count == 0 {
        return out.end();
    }
    if let Some(locator) = Locator::before(archive, at)
        && raw::signature(archive, locator.offset) == mark::END64
    {
        // Only the lower halves of its numbers are read.
        let number = |place| raw::number(archive, locator.offset.saturating_add(place)).map_or(0, u64::from);
        (count, offset, wide) = (number(32), number(48), true);
    }
    let mut at = offset;
    // Past the end it reads zeros, and goes on counting.
    while count > 0 && at < archive.length() {
        count -= 1;
        let mut record = Central::padded(archive, at);
        at = record.next;
        if wide && record.packed == raw::FULL {
            match raw::block(&record.extra, raw::ZIP64).map(Bytes) {
                Some(body) => {
                    (record.size, record.packed, record.offset) = (body.u64(0), body.u64(8), body.u64(16));
                }
                None => return out.stop("no zip64 field"),
            }
        }
        if let Err(reason) = fflate_member(&mut out, &record) {
            return out.stop(reason);
        }
    }
    out.end()
}

fn fflate_member(out: &mut Out<'_, '_>, record: &Central) -> Result<(), String> {
    let name = if record.has(flag::UTF8) { text::lossy(&record.name) } else { text::latin1(&record.name) };
    let lengths = raw::exact(out.archive, record.offset.saturating_add(26), 4).unwrap_or_else(|| vec![0; 4]);
    let data = record.offset + 30 + u64::from(Bytes(&lengths).u16(0)) + u64::from(Bytes(&lengths).u16(2));
    let coding = coding(record.method, 0, &[0, 8]).ok_or(format!("unknown compression type {}", record.method))?;
    let content = out.archive.content(data, record.packed, coding.clone(), None);
    if coding == Coding::Deflate && record.packed == 0 {
        // No data at all leave the prepared space as it was.
        let zeros = out.archive.padded(&content, 0, record.size).ok_or("too large")?;
        out.file(name, zeros, record.offset);
        return Ok(());
    }
    let most = if coding == Coding::Stored { u64::MAX } else { record.size };
    let decoded = out.archive.decode(&content, most);
    if decoded.fault.is_some() && coding == Coding::Deflate {
        return Err("damaged or short data".into());
    }
    if name.ends_with(b"/") && decoded.size == 0 {
        out.folder(name, record.at);
    } else {
        out.cut(name, &content, decoded.size, record.offset);
    }
    Ok(())
}

/// adm-zip: the end record in front of the last one, or the zip64 one; the directory by its count; contents as long as
/// the directory says.
pub(super) fn adm_zip(archive: &mut Archive<'_>) -> View {
    let end = match adm_end(archive) {
        Ok(end) => end,
        Err(reason) => return Out::refused(reason),
    };
    if u128::from(end.here) * u128::from(raw::CENTRAL) > u128::from(archive.length().saturating_sub(end.offset)) {
        return Out::refused("number of disk entries is too large");
    }
    let mut out = Out::new(archive);
    let mut at = end.offset;
    let mut records = Vec::new();
    for _ in 0..end.here {
        let Some(mut record) = Central::read(archive, at) else { return Out::refused("invalid directory record") };
        at = record.next;
        let extra = record.extra.clone();
        for (_, body) in raw::blocks(&extra).0.into_iter().filter(|(id, _)| *id == raw::ZIP64) {
            // Each number has a fixed place, whichever are missing.
            let numbers = [(&mut record.size, 8, 0), (&mut record.packed, 16, 8), (&mut record.offset, 24, 16)];
            for (number, needed, place) in numbers {
                if body.len() >= needed && *number == raw::FULL {
                    *number = Bytes(body).u64(place);
                }
            }
        }
        records.push(record);
    }
    let mut names = BTreeSet::new();
    for record in records {
        let name = text::lossy(&record.name);
        if !names.insert(name.clone()) {
            return Out::refused("duplicate entry name");
        }
        match adm_member(&mut out, &record, name) {
            Ok(()) => {}
            Err(reason) => out.note(reason),
        }
    }
    out.end()
}

fn adm_end(archive: &Archive<'_>) -> Result<End, String> {
    let top = archive.length().checked_sub(raw::END).ok_or("no END header found")?;
    let max = top.saturating_sub(0xffff);
    let mut places: Vec<(u64, u32)> = [mark::END, mark::LOCATOR, mark::END64]
        .into_iter()
        .flat_map(|mark| {
            let found = raw::backwards(archive, mark, raw::END, raw::END + 0xffff + 20);
            found.into_iter().map(move |at| (at, mark))
        })
        .collect();
    places.sort_unstable_by(|left, right| right.cmp(left));
    let (mut lowest, mut found) = (max, None);
    for (at, mark) in places {
        if at < lowest {
            break;
        }
        match mark {
            mark::END => {
                found = Some((at, mark));
                lowest = at.saturating_sub(20);
            }
            mark::LOCATOR => lowest = max,
            _ => {
                found = Some((at, mark));
                break;
            }
        }
    }
    match found {
        None => Err("no END header found".into()),
        Some((at, mark::END)) => End::read(archive, at).ok_or("invalid END header".into()),
        // The record ends where its own size says.
        Some((at, _)) => End::read64(archive, at)
            .filter(|_| raw::exact(archive, at, 12).is_some_and(|head| Bytes(&head).u64(4) >= 44))
            .ok_or("invalid END header".into()),
    }
}

fn adm_member(out: &mut Out<'_, '_>, record: &Central, name: Vec<u8>) -> Result<(), String> {
    if matches!(record.name.last(), Some(b'/' | b'\\')) {
        out.folder(name, record.at);
        return Ok(());
    }
    let local = Local::read(out.archive, record.offset).ok_or("invalid local header")?;
    if local.data.saturating_add(record.packed) > out.archive.length() {
        return Err("invalid local header".into());
    }
    if record.packed == 0 {
        out.file(name, out.archive.content(local.data, 0, Coding::Stored, Some(0)), local.at);
        return Ok(());
    }
    if out::encrypted(record) {
        return Err(out::ENCRYPTED.into());
    }
    let coding = coding(record.method, 0, &[0, 8]).ok_or("unsupported compression method")?;
    let content = out.archive.content(local.data, record.packed, coding.clone(), None);
    let most = if coding == Coding::Deflate { record.size.max(1) } else { u64::MAX };
    let decoded = out.archive.decode(&content, most);
    if decoded.more {
        return Err("more data than stated".into());
    }
    if coding == Coding::Deflate && decoded.fault.is_some() {
        return Err("unexpected end of file".into());
    }
    let described = record.has(flag::DESCRIPTOR) || local.has(flag::DESCRIPTOR);
    if decoded.crc32 != if described { record.crc } else { local.crc } {
        return Err("CRC32 checksum failed".into());
    }
    out.cut(name, &content, decoded.size, local.at);
    Ok(())
}

/// JSZip 3: the last end record in the whole file; records while there are signatures; names from the local headers.
pub(super) fn jszip(archive: &mut Archive<'_>) -> View {
    let end = match jszip_end(archive) {
        Ok(found) => found,
        Err(reason) => return Out::refused(reason),
    };
    let (end, zero) = end;
    let Some(start) = place(i128::from(end.offset) + zero) else { return Out::refused("end of data reached") };
    if start > archive.length() {
        return Out::refused("end of data reached");
    }
    let (mut at, mut records) = (start, Vec::new());
    loop {
        if at + 4 > archive.length() {
            return Out::refused("end of data reached");
        }
        if raw::signature(archive, at) != mark::CENTRAL {
            break;
        }
        let Some(mut record) = Central::read(archive, at).filter(|record| record.whole) else {
            return Out::refused("end of data reached");
        };
        if out::encrypted(&record) {
            return Out::refused("encrypted zip are not supported");
        }
        let Some(blocks) = jszip_extra(archive, &record) else { return Out::refused("end of data reached") };
        if let Some(body) = blocks.get(&raw::ZIP64)
            && !raw::widen(body, [&mut record.size, &mut record.packed, &mut record.offset])
        {
            return Out::refused("end of data reached");
        }
        at = record.next;
        records.push(record);
    }
    if records.is_empty() && end.total != 0 {
        return Out::refused("corrupted zip: no records in the directory");
    }
    let mut out = Out::new(archive);
    for record in &records {
        if let Err(reason) = jszip_member(&mut out, record, zero) {
            out.note(reason);
        }
    }
    out.end()
}

/// The blocks of an extra area, the last of each id; the last one may reach beyond the area, not beyond the file.
fn jszip_extra(archive: &Archive<'_>, record: &Central) -> Option<BTreeMap<u16, Vec<u8>>> {
    let mut at = record.at + raw::CENTRAL + record.name.len() as u64;
    let end = at + record.extra.len() as u64;
    let mut blocks = BTreeMap::new();
    while at + 4 < end {
        let head = raw::exact(archive, at, 4)?;
        let length = u64::from(Bytes(&head).u16(2));
        blocks.insert(Bytes(&head).u16(0), raw::exact(archive, at + 4, length)?);
        at += 4 + length;
    }
    Some(blocks)
}

fn jszip_end(archive: &Archive<'_>) -> Result<(End, i128), String> {
    let last = |mark, room| raw::backwards(archive, mark, room, u64::MAX).next();
    let at = last(mark::END, 4).ok_or("can't find end of central directory")?;
    let mut end = End::read(archive, at).ok_or("end of data reached")?;
    if at + raw::END + end.comment > archive.length() {
        return Err("end of data reached".into());
    }
    let full = [end.disk, end.start_disk, end.here, end.total].contains(&0xffff)
        || [end.size, end.offset].contains(&raw::FULL);
    let mut expected = i128::from(end.offset) + i128::from(end.size);
    if full {
        let locator = last(mark::LOCATOR, 4).ok_or("can't find the zip64 locator")?;
        let bytes = raw::exact(archive, locator, raw::LOCATOR).ok_or("end of data reached")?;
        if Bytes(&bytes).u32(16) > 1 {
            return Err("multi-volumes zip are not supported".into());
        }
        let mut real = Bytes(&bytes).u64(8);
        if raw::signature(archive, real) != mark::END64 {
            real = last(mark::END64, 4).ok_or("can't find the zip64 end record")?;
        }
        let size = raw::exact(archive, real, 12).map_or(0, |bytes| Bytes(&bytes).u64(4));
        end = End::read64(archive, real).ok_or("end of data reached")?;
        if size > 44 {
            // It never gets past extensible data.
            return Err("end of data reached".into());
        }
        expected = i128::from(end.offset) + i128::from(end.size) + 20 + 12 + i128::from(size);
    }
    let extra = i128::from(at) - expected;
    if extra < 0 { Err("corrupted zip: missing bytes".into()) } else { Ok((end, extra)) }
}

fn jszip_member(out: &mut Out<'_, '_>, record: &Central, zero: i128) -> Result<(), String> {
    let at = place(i128::from(record.offset) + zero).ok_or("end of data reached")?;
    let local = Local::read(out.archive, at).ok_or("unexpected signature")?;
    let coding = coding(record.method, 0, &[0, 8]).ok_or("unknown compression")?;
    if local.data.saturating_add(record.packed) > out.archive.length() {
        return Err("end of data reached".into());
    }
    let name = if record.has(flag::UTF8) {
        text::lossy(&local.name)
    } else {
        let blocks = jszip_extra(out.archive, record).unwrap_or_default();
        let unicode = blocks.get(&raw::UNICODE).and_then(|body| text::unicode_path(body, &local.name));
        text::lossy(unicode.unwrap_or(&local.name))
    };
    let name = jszip_path(&name);
    let folder = record.external & 0x10 != 0 || name.ends_with(b"/");
    let unix_folder = record.host() == 3 && record.mode() & 0x4000 != 0;
    if unix_folder && !folder {
        return Err("a folder by its mode alone".into());
    }
    if folder {
        out.folder(name, record.at);
        return Ok(());
    }
    if record.size == 0 {
        out.file(name, out.archive.content(local.data, 0, Coding::Stored, Some(0)), local.at);
        return Ok(());
    }
    let content = out.archive.content(local.data, record.packed, coding, None);
    let decoded = out.decode(&content);
    if decoded.size != record.size {
        return Err("uncompressed data size mismatch".into());
    }
    out.cut(name, &content, decoded.size, local.at);
    Ok(())
}

/// Its own resolution of `.` and `..`.
fn jszip_path(name: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = name.split(|byte| *byte == b'/').collect();
    let last = parts.len() - 1;
    let mut kept: Vec<&[u8]> = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            b"." => {}
            b"" if index != 0 && index != last => {}
            b".." => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    kept.join(&b'/')
}

/// unzipper's `Parse` stream: records from the first byte; with a descriptor and no size it looks for the descriptor's
/// signature.
pub(super) fn unzipper(archive: &mut Archive<'_>) -> View {
    let mut out = Out::new(archive);
    let (mut at, mut directory) = (0, false);
    loop {
        if at >= out.archive.length() {
            return out.end();
        }
        match raw::signature(out.archive, at) {
            mark::LOCAL => match unzipper_member(&mut out, at) {
                Ok(next) => at = next,
                Err(reason) => return out.stop(reason),
            },
            mark::CENTRAL => {
                directory = true;
                match Central::read(out.archive, at).filter(|record| record.whole) {
                    Some(record) => at = record.next,
                    None => return out.stop("FILE_ENDED"),
                }
            }
            mark::END => {
                let Some(end) = End::read(out.archive, at) else { return out.stop("FILE_ENDED") };
                return match (at + raw::END + end.comment).cmp(&out.archive.length()) {
                    Ordering::Equal => out.end(),
                    Ordering::Greater => out.stop("FILE_ENDED"),
                    Ordering::Less => out.stop("it never ends: bytes follow the end record"),
                };
            }
            _ if directory => match raw::forwards(out.archive, mark::END, at + 4) {
                Some(found) => at = found,
                None => return out.stop("FILE_ENDED"),
            },
            _ => return out.stop("invalid signature"),
        }
    }
}

fn unzipper_member(out: &mut Out<'_, '_>, at: u64) -> Result<u64, String> {
    let mut local = Local::read(out.archive, at).ok_or("FILE_ENDED")?;
    if local.data > out.archive.length() {
        return Err("FILE_ENDED".into());
    }
    let name = text::lossy(&local.name);
    if let Some(body) = raw::block(&local.extra, raw::ZIP64) {
        raw::widen(body, [&mut local.size, &mut local.packed, &mut 0]);
    }
    let known = !local.has(flag::DESCRIPTOR) || local.packed > 0;
    let end = if known {
        local.data.saturating_add(local.packed)
    } else {
        raw::forwards(out.archive, mark::DESCRIPTOR, local.data).ok_or("FILE_ENDED")?
    };
    if end > out.archive.length() {
        return Err("FILE_ENDED".into());
    }
    // Any method but stored is taken for deflate.
    let coding = if local.method == 0 { Coding::Stored } else { Coding::Deflate };
    let content = out.archive.content(local.data, end - local.data, coding, None);
    let decoded = out.decode(&content);
    if decoded.fault.is_some() {
        return Err("damaged compressed data".into());
    }
    if local.size == 0 && matches!(local.name.last(), Some(b'/' | b'\\')) {
        out.folder(name, at);
    } else {
        out.cut(name, &content, decoded.size, at);
    }
    Ok(end + if known { 0 } else { 16 })
}
