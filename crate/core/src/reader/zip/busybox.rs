//! BusyBox unzip (1.35).

use super::out::{Out, coding};
use super::raw::{self, Central, Local, flag, mark};
use crate::entry::Coding;
use crate::reader::{Archive, View};

/// Reads the archive as BusyBox does: the last end record whose offset lies before it, then records until an end
/// record; names, sizes and flags from the local headers.
pub(super) fn see(archive: &mut Archive<'_>) -> View {
    const WINDOW: u64 = 64 << 10;
    let found = raw::backwards(archive, mark::END, 20, WINDOW);
    let directory = found.into_iter().find_map(|at| {
        let offset = u64::from(raw::number(archive, at + 16)?);
        // It compares with the place of the signature's last byte.
        (offset < at + 3 && offset != raw::FULL).then_some(offset)
    });
    // Without one it would read from the first byte, but the search has left it at the last.
    let Some(mut at) = directory else { return Out::refused("short read") };
    let mut out = Out::new(archive);
    loop {
        if at + 4 > out.archive.length() {
            return out.stop("short read");
        }
        if matches!(raw::signature(out.archive, at), mark::END | mark::END64) {
            return out.end();
        }
        let Some(record) = Central::unsigned(out.archive, at) else { return out.stop("short read") };
        at = record.next & 0xffff_ffff;
        let Some(local) = Local::unsigned(out.archive, record.offset) else { return out.stop("short read") };
        if let Err(reason) = member(&mut out, local, &record) {
            return out.stop(reason);
        }
    }
}

/// Extracts one member.
fn member(out: &mut Out<'_, '_>, mut local: Local, record: &Central) -> Result<(), String> {
    if local.has(flag::DESCRIPTOR) {
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
    if name.is_empty() {
        return Ok(());
    }
    if name.ends_with(b"/") {
        out.folder(name, local.at);
        return Ok(());
    }
    if record.host() == 3 && record.is_link() {
        if local.method != 0 || local.size > 0xfff {
            return Err("compressed symlink is not supported".into());
        }
        let content = out.archive.content(local.data, local.size, Coding::Stored, None);
        let target = out.short(&content).ok_or("short read")?;
        out.link(name, target, local.at);
        return Ok(());
    }
    if local.method == 0 {
        let content = out.archive.content(local.data, local.size, Coding::Stored, None);
        let decoded = out.decode(&content);
        out.cut(name, &content, decoded.size, local.at);
        if decoded.size < local.size {
            return Err("short read".into());
        }
        return Ok(());
    }
    let Some(coding) = coding(local.method, local.flags, &[8, 12, 14, 95]) else {
        out.file(name, out.archive.content(local.data, 0, Coding::Stored, Some(0)), local.at);
        return Err(format!("unsupported method {}", local.method));
    };
    let content = out.archive.content(local.data, local.packed, coding, Some(local.size));
    let decoded = out.decode(&content);
    // It does not know the header that LZMA has in a zip.
    if decoded.fault.is_some() || local.method == 14 {
        // What it has decoded is written window by window.
        let written = if local.method == 8 { decoded.size & !0x7fff } else { 0 };
        out.cut(name, &content, written, local.at);
        return Err("inflate error".into());
    }
    out.cut(name, &content, decoded.size, local.at);
    if local.method == 8 && decoded.crc32 != local.crc { Err("crc error".into()) } else { Ok(()) }
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
