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
    open: |opening| wrap(opening, Coding::Bzip2, &[b".bz2", b".tbz2", b".tbz", b".tb2"]),
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
            || (matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) && name.to_ascii_lowercase().ends_with(b"zst"))
    },
    open: |opening| wrap(opening, Coding::Zstd, &[b".zst", b".tzst"]),
};

/// `.lzma`: no magic, so properties, a usual dictionary size, a sane length *and* the name must agree.
pub const LZMA: Format = Format {
    id: "lzma",
    title: "LZMA stream",
    shape: Shape::Wrapper,
    detect: |head, name| {
        let name = name.to_ascii_lowercase();
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
        if lower.len() > suffix.len() && lower.ends_with(suffix) {
            let mut stem = name.get(..name.len() - suffix.len()).unwrap_or_default().to_vec();
            if suffix.starts_with(b".t") {
                stem.extend_from_slice(b".tar");
            }
            return stem;
        }
    }
    name.to_vec()
}

#[cfg(test)]
mod tests {
    use crate::format::detect;
    use crate::format::testing::open;

    #[test]
    fn layers_are_recognised_by_their_bytes() {
        let check = |head: &[u8], name: &str, id: Option<&str>| {
            let found = detect(head, name.as_bytes()).map(|format| format.id);
            assert_eq!(found, id, "{} as {name}", head.escape_ascii());
        };
        check(b"\x1f\x8b\x08\0", "any", Some("gzip"));
        check(b"\x1f\x8b\x09\0", "x.gz", None);
        check(b"BZh91AY&SY", "any", Some("bzip2"));
        check(b"BZh9\x17\x72\x45\x38\x50\x90", "any", Some("bzip2"));
        check(b"BZhello, a text", "x.bz2", None);
        check(b"\xfd7zXZ\0\0\x04", "any", Some("xz"));
        check(b"\xfd7zXZ", "x.xz", None);
        check(b"\x28\xb5\x2f\xfd", "any", Some("zstd"));
        check(b"\x53\x2a\x4d\x18", "x.ZST", Some("zstd"));
        check(b"\x53\x2a\x4d\x18", "x.bin", None);
        let lzma = [0x5d, 0, 0, 0x80, 0, 255, 255, 255, 255, 255, 255, 255, 255, 0];
        check(&lzma, "x.tar.LZMA", Some("lzma"));
        check(&lzma, "x.bin", None);
        check(&[b"]", &[b' '; 20][..]].concat(), "x.lzma", None);
        check(b"", "x.gz", None);
    }

    #[test]
    fn the_inner_name_is_the_outer_one_without_the_suffix() {
        let check = |id: &str, name: &str, inner: &str| {
            let opened = open(crate::format::by_id(id).unwrap(), name, Vec::new());
            assert_eq!(String::from_utf8_lossy(&opened.entries[0].path), inner);
        };
        check("gzip", "a.tar.gz", "a.tar");
        check("gzip", "a.TGZ", "a.tar");
        check("gzip", "lodash.crate", "lodash.crate");
        check("gzip", ".gz", ".gz");
        check("bzip2", "a.tbz", "a.tar");
        check("xz", "data.tar.xz", "data.tar");
        check("zstd", "a.tzst", "a.tar");
        check("lzma", "a.tlz", "a.tar");
    }
}
