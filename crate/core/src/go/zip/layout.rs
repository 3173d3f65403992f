//! Writing: local headers, data descriptors, the directory and its end.

use super::super::{Stop, shown};
use super::{Header, STORED, utf8};

const FULL: u64 = 0xffff_ffff;
/// The version that Go writes for a plain member, and for one with 64-bit sizes.
const VERSION: u16 = 20;
const VERSION64: u16 = 45;

/// A member whose local header is written.
pub(crate) struct Written {
    header: Header,
    dos: (u16, u16),
    offset: u64,
}

/// A member that is written.
pub(crate) struct Closed {
    written: Written,
    version: u16,
    compressed: u64,
    size: u64,
}

fn u16_of(bytes: &mut Vec<u8>, value: u16) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn u32_of(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn u64_of(bytes: &mut Vec<u8>, value: u64) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

/// The low half, or all ones where it does not fit.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// The low 16 bits: Go lets lengths of extra fields wrap.
fn low(length: usize) -> u16 {
    u16::try_from(length & 0xffff).unwrap_or_default()
}

impl Written {
    /// Begins a member at an offset: its local header is added to `into`.
    ///
    /// # Errors
    /// Extra fields that become too long.
    pub(crate) fn begin(mut header: Header, offset: u64, into: &mut Vec<u8>) -> Result<Self, Stop> {
        match (utf8(&header.name), utf8(&header.comment)) {
            _ if header.not_utf8 => header.flags &= !0x800,
            (Some(name), Some(comment)) if name || comment => header.flags |= 0x800,
            _ => {}
        }
        header.made_by = header.made_by & 0xff00 | VERSION;
        let (dos, extra) = header.modified.write();
        header.extra.extend_from_slice(&extra);
        if header.is_folder() {
            header.method = STORED;
            header.flags &= !8;
        } else {
            header.flags |= 8;
        }
        if header.extra.len() > 0xffff {
            return Stop::refused(format!("the extra fields of {} become too long", shown(&header.name)));
        }
        into.extend_from_slice(b"PK\x03\x04");
        for value in [VERSION, header.flags, header.method, dos.0, dos.1] {
            u16_of(into, value);
        }
        into.extend_from_slice(&[0; 12]);
        u16_of(into, low(header.name.len()));
        u16_of(into, low(header.extra.len()));
        into.extend_from_slice(&header.name);
        into.extend_from_slice(&header.extra);
        Ok(Self { header, dos, offset })
    }

    /// Ends a member after its data: what follows them is added to `into`.
    pub(crate) fn close(mut self, crc32: u32, compressed: u64, size: u64, into: &mut Vec<u8>) -> Closed {
        if self.header.is_folder() {
            return Closed { written: self, version: VERSION, compressed: 0, size: 0 };
        }
        self.header.crc32 = crc32;
        let wide = compressed >= FULL || size >= FULL;
        into.extend_from_slice(b"PK\x07\x08");
        u32_of(into, crc32);
        for value in [compressed, size] {
            if wide {
                u64_of(into, value);
            } else {
                u32_of(into, narrow(value));
            }
        }
        Closed { written: self, version: if wide { VERSION64 } else { VERSION }, compressed, size }
    }
}

impl Closed {
    fn record(&self) -> Vec<u8> {
        let Self { written: Written { header, dos, offset }, version, compressed, size } = self;
        let mut extra = header.extra.clone();
        let wide = *compressed >= FULL || *size >= FULL || *offset >= FULL;
        let (mut narrow_compressed, mut narrow_size) = (narrow(*compressed), narrow(*size));
        if wide {
            (narrow_compressed, narrow_size) = (u32::MAX, u32::MAX);
            u16_of(&mut extra, 1);
            u16_of(&mut extra, 24);
            for value in [*size, *compressed, *offset] {
                u64_of(&mut extra, value);
            }
        }
        let mut bytes = b"PK\x01\x02".to_vec();
        for value in [header.made_by, *version, header.flags, header.method, dos.0, dos.1] {
            u16_of(&mut bytes, value);
        }
        for value in [header.crc32, narrow_compressed, narrow_size] {
            u32_of(&mut bytes, value);
        }
        for length in [header.name.len(), extra.len(), header.comment.len()] {
            u16_of(&mut bytes, low(length));
        }
        // First disk and internal attributes.
        bytes.extend_from_slice(&[0; 4]);
        u32_of(&mut bytes, header.attributes);
        u32_of(&mut bytes, narrow(*offset));
        for part in [&header.name, &extra, &header.comment] {
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// The directory and its end, for an archive that has `start` bytes so far.
pub(crate) fn end(entries: &[Closed], comment: &[u8], start: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        bytes.extend_from_slice(&entry.record());
    }
    let (count, size) = (entries.len() as u64, bytes.len() as u64);
    let (mut narrow_count, mut narrow_size, mut narrow_start) = (low(entries.len()), narrow(size), narrow(start));
    if count >= 0xffff || size >= FULL || start >= FULL {
        (narrow_count, narrow_size, narrow_start) = (u16::MAX, u32::MAX, u32::MAX);
        bytes.extend_from_slice(b"PK\x06\x06");
        u64_of(&mut bytes, 44);
        u16_of(&mut bytes, VERSION64);
        u16_of(&mut bytes, VERSION64);
        u64_of(&mut bytes, 0);
        for value in [count, count, size, start] {
            u64_of(&mut bytes, value);
        }
        bytes.extend_from_slice(b"PK\x06\x07");
        u32_of(&mut bytes, 0);
        u64_of(&mut bytes, start + size);
        u32_of(&mut bytes, 1);
    }
    bytes.extend_from_slice(b"PK\x05\x06");
    u32_of(&mut bytes, 0);
    u16_of(&mut bytes, narrow_count);
    u16_of(&mut bytes, narrow_count);
    u32_of(&mut bytes, narrow_size);
    u32_of(&mut bytes, narrow_start);
    u16_of(&mut bytes, low(comment.len()));
    bytes.extend_from_slice(comment);
    bytes
}
