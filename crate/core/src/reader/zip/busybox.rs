//! BusyBox unzip (1.35).

use super::out::{Out, coding};
use super::raw::{self, Central, Local, flag, mark};
use crate::entry::Coding;
use crate::reader::{Archive, View};

/// Reads the archive as BusyBox does: the last end record whose offset lies before it, records until an end record;
/// names, sizes and flags from the local headers; without an end record, local headers from the first byte.
pub(super) fn see(archive: &mut Archive<'_>) -> View {
    const WINDOW: u64 = 64 << 10;
    let found = raw::backwards(archive, mark::END, 20, WINDOW);
    let directory = found.into_iter().find_map(|at| {
        let offset = u64::from(super::raw::number(archive, at + 16)?);
        // It compares with the place of the signature's last byte.
        (offset < at + 3 && offset != raw::FULL).then_some(offset)
    });
    let mut out = Out::new(archive);
    let mut at = directory.unwrap_or(0);
    loop {
        let (local, record) = match directory {
            Some(_) => {
                if at + 4 > out.archive.length() {
                    return out.stop("short read");
                }
                if matches!(raw::signature(out.archive, at), mark::END | mark::END64) {
                    break;
                }
                let Some(record) = Central::unsigned(out.archive, at) else { return out.stop("short read") };
                at = record.next & 0xffff_ffff;
                let Some(local) = Local::unsigned(out.archive, record.offset) else { return out.stop("short read") };
                (local, Some(record))
            }
            None => {
                if at + 4 > out.archive.length() {
                    return out.stop("short read");
                }
                match raw::signature(out.archive, at) {
                    mark::CENTRAL => break,
                    mark::DESCRIPTOR => {
                        at += 16;
                        continue;
                    }
                    mark::LOCAL => {}
                    _ => return out.stop("invalid zip magic"),
                }
                let Some(local) = Local::read(out.archive, at) else { return out.stop("short read") };
                if local.has(flag::DESCRIPTOR) {
                    return out.stop("streaming is not supported");
                }
                (local, None)
            }
        };
        match member(&mut out, local, record.as_ref()) {
            Ok(next) if directory.is_none() => at = next,
            Ok(_) => {}
            Err(reason) => return out.stop(reason),
        }
    }
    out.end()
}

/// Extracts one member; where its data end.
fn member(out: &mut Out<'_, '_>, mut local: Local, record: Option<&Central>) -> Result<u64, String> {
    if let Some(record) = record.filter(|_| local.has(flag::DESCRIPTOR)) {
        (local.crc, local.packed, local.size) = (record.crc, record.packed, record.size);
    }
    if local.has(flag::ENCRYPTED) {
        return Err("encryption is not supported".into());
    }
    if local.name.len() > 0xfff {
        return Err("bad archive".into());
    }
    let name = local.name.split(|byte| *byte == 0).next().unwrap_or_default();
    let name = safe(name).to_vec();
    let skipped = local.data.saturating_add(local.packed);
    if name.is_empty() {
        return Ok(skipped);
    }
    if name.ends_with(b"/") {
        out.folder(name, local.at);
        return Ok(skipped);
    }
    if record.is_some_and(|record| record.host() == 3 && record.is_link()) {
        if local.method != 0 || local.size > 0xfff {
            return Err("compressed symlink is not supported".into());
        }
        let content = out.archive.content(local.data, local.size, Coding::Stored, None);
        let target = out.short(&content).ok_or("short read")?;
        out.link(name, target, local.at);
        return Ok(local.data + local.size);
    }
    if local.method == 0 {
        let content = out.archive.content(local.data, local.size, Coding::Stored, None);
        let decoded = out.decode(&content);
        out.cut(name, &content, decoded.size, local.at);
        if decoded.size < local.size {
            return Err("short read".into());
        }
        return Ok(local.data + local.size);
    }
    let Some(coding) = coding(local.method, local.flags, &[8, 12, 14, 95]) else {
        out.file(name, out.archive.content(local.data, 0, Coding::Stored, Some(0)), local.at);
        return Err(format!("unsupported method {}", local.method));
    };
    // It does not stop where the stated size ends.
    let content = out.archive.content(local.data, u64::MAX, coding, Some(local.size));
    let decoded = out.decode(&content);
    out.cut(name, &content, decoded.size, local.at);
    if decoded.fault.is_some() {
        return Err("inflate error".into());
    }
    if local.method == 8 && decoded.crc32 != local.crc {
        return Err("crc error".into());
    }
    Ok(local.data + decoded.consumed)
}

/// Leaves out slashes in front, and everything up to the last `..`.
fn safe(mut name: &[u8]) -> &[u8] {
    loop {
        if let Some(rest) = name.strip_prefix(b"/") {
            name = rest;
        } else if name.starts_with(b"../") {
            name = name.get(3..).unwrap_or_default();
        } else if let Some(at) = name.windows(4).position(|four| four == b"/../") {
            name = name.get(at + 4..).unwrap_or_default();
        } else {
            return name;
        }
    }
}
