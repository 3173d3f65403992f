//! Compression around one stream: gzip, bzip2, xz, zstd and `.lzma`.
//!
//! Each is opened as a wrapper with a single entry. What the headers say beside the content is noted by the decoders
//! (see `codec`) while the content is read, so nothing is decoded twice.

use crate::entry::{Coding, Content, Entry, Kind};
use crate::error::Fault;
use crate::format::{Format, Opening, Shape};

/// gzip, RFC 1952: all members.
pub const GZIP: Format = Format {
    id: "gzip",
    title: "gzip stream",
    shape: Shape::Wrapper,
    // Method 8 is the only one ever defined; two bytes of magic alone are too weak.
    detect: |head, _| head.starts_with(&[0x1f, 0x8b, 8]),
    open: |opening| wrap(opening, Coding::Gzip, &[b".gz", b".tgz", b".dz"]),
};

/// bzip2: all streams.
pub const BZIP2: Format = Format {
    id: "bzip2",
    title: "bzip2 stream",
    shape: Shape::Wrapper,
    detect: |head, _| {
        // The level, then the magic of a block or of the end of an empty stream.
        matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..])
            || matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, ..])
    },
    open: |opening| wrap(opening, Coding::Bzip2, &[b".bz2", b".tbz2", b".tbz"]),
};

/// xz: all streams.
pub const XZ: Format = Format {
    id: "xz",
    title: "xz stream",
    shape: Shape::Wrapper,
    detect: |head, _| head.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0]),
    open: |opening| wrap(opening, Coding::Xz, &[b".xz", b".txz"]),
};

/// zstd, RFC 8878: all frames, skippable ones too.
pub const ZSTD: Format = Format {
    id: "zstd",
    title: "zstd stream",
    shape: Shape::Wrapper,
    detect: |head, name| {
        head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
            || (matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) && name.ends_with(b"zst"))
    },
    open: |opening| wrap(opening, Coding::Zstd, &[b".zst", b".tzst"]),
};

/// `.lzma`: no magic, so properties, a usual dictionary size, a sane length *and* the name must agree.
pub const LZMA: Format = Format {
    id: "lzma",
    title: "LZMA stream",
    shape: Shape::Wrapper,
    detect: |head, name| {
        let Some((&[properties, a, b, c, d, ref size @ ..], _)) = head.split_first_chunk::<13>() else { return false };
        let dictionary = u32::from_le_bytes([a, b, c, d]);
        let size = u64::from_le_bytes(*size);
        let usual = dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two() || dictionary == u32::MAX;
        properties < 225
            && usual
            && (size == u64::MAX || size < 1 << 40)
            && (name.ends_with(b"lzma") || name.ends_with(b".tlz"))
    },
    open: |opening| wrap(opening, Coding::LzmaAlone, &[b".lzma", b".tlz"]),
};

fn wrap(opening: &mut dyn Opening, coding: Coding, suffixes: &[&[u8]]) -> Result<(), Fault> {
    let content = Content { base: opening.base(), offset: 0, stored: u64::MAX, coding, size: None };
    let name = inner_name(opening.name(), suffixes);
    opening.entry(Entry::new(name, Kind::File, Some(content)))
}

/// The name without the suffix of the compression; `.tgz` and its kin become `.tar`.
fn inner_name(name: &[u8], suffixes: &[&[u8]]) -> Vec<u8> {
    let lower = name.to_ascii_lowercase();
    for suffix in suffixes {
        if lower.ends_with(suffix) {
            let mut stem = name.get(..name.len() - suffix.len()).unwrap_or_default().to_vec();
            if suffix.starts_with(b".t") {
                stem.extend_from_slice(b".tar");
            }
            return stem;
        }
    }
    name.to_vec()
}
