//! Cases of compression layers.

use flate2::GzBuilder;

use super::build::{Tar, bzip2, gzip, gzipped};
use super::{Case, File, case};

// `xz --check=crc32`, `xz --check=none`, `zstd` and `lzma` of `text`.
const TEXT: &[u8] = b"text";
const XZ: &str = "fd377a585a0000016922de360200210116000000742fe5a30100037465787400c7a78b3b000118046be9f0a59042990d0100\
                  00000001595a";
const XZ_NONE: &str = "fd377a585a000000ff12d9410200210116000000742fe5a301000374657874000001140467a6450906729e7a01000000\
                       0000595a";
const LZMA: &str = "5d00008000ffffffffffffffff003a194b781968b2bffffb39c000";

fn file(bytes: &[u8]) -> File {
    ("a.gz", bytes.to_vec())
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// A zstd frame of one stored block: descriptor, then what it asks for, then the content.
fn zstd(descriptor: u8, rest: &[u8]) -> Vec<u8> {
    let block = u32::try_from(TEXT.len()).unwrap() << 3 | 1;
    [b"\x28\xb5\x2f\xfd", &[descriptor][..], rest, &block.to_le_bytes()[..3], TEXT].concat()
}

pub(super) fn cases() -> Vec<Case> {
    let plain = gzip(TEXT);
    let followed = |after: &[u8]| file(&[&plain, after].concat());
    let flagged = |at: usize, mask: u8| {
        let mut bytes = plain.clone();
        bytes[at] ^= mask;
        file(&bytes)
    };
    let tars = [gzip(&Tar::default().file("a", b"").end()), gzip(&Tar::default().file("b", b"").end())].concat();
    let bz = bzip2(TEXT);
    let bz_file = |bytes: Vec<u8>| ("a.bz2", bytes);
    let xz = hex(XZ);
    let none = hex(XZ_NONE);
    let xz_file = |bytes: Vec<u8>| ("a.xz", bytes);
    let single = zstd(0x20, &[4]);
    let zst_file = |bytes: Vec<u8>| ("a.zst", bytes);
    let lzma = |dictionary: u32, size: u64| {
        let mut bytes = hex(LZMA);
        bytes[1..5].copy_from_slice(&dictionary.to_le_bytes());
        bytes[5..13].copy_from_slice(&size.to_le_bytes());
        ("a.lzma", bytes)
    };
    let cut = |bytes: &[u8]| bytes[..bytes.len() - 3].to_vec();
    vec![
        case("GZ-01", followed(&plain), file(&plain)),
        case("GZ-01", ("a.tgz", tars), file(&plain)),
        case("GEN-01", followed(&super::build::zip(&[])), followed(b"PK\x05\x06")),
        case("GZ-02", followed(b"more"), followed(&[0; 4])),
        case(
            "GZ-03",
            file(&gzipped(GzBuilder::new().comment("hi"), TEXT)),
            file(&gzipped(GzBuilder::new().filename("hi"), TEXT)),
        ),
        case(
            "GZ-03",
            file(&gzipped(GzBuilder::new().extra(b"xx".to_vec()), TEXT)),
            file(&gzipped(GzBuilder::new().extra(b"BC\x02\0\x10\0".to_vec()), TEXT)),
        ),
        case("GZ-04", flagged(plain.len() - 8, 1), file(&plain)),
        case("GZ-05", flagged(3, 0x80), flagged(9, 1)),
        case("GZ-06", file(&cut(&plain)), file(&plain)),
        case("GZ-07", followed(&[0; 4]), file(&plain)),
        case("GZ-08", file(&plain.repeat(1001)), file(&plain.repeat(3))),
        case("BZ-01", bz_file(bz.repeat(2)), bz_file(bz.clone())),
        case("BZ-02", bz_file([bz.as_slice(), b"more"].concat()), bz_file(bz.clone())),
        case("BZ-03", bz_file(cut(&bz)), bz_file(bz.clone())),
        case("XZ-01", xz_file(xz.repeat(2)), xz_file(xz.clone())),
        case("XZ-02", xz_file([xz.as_slice(), &[0; 4]].concat()), xz_file(xz.clone())),
        case("XZ-03", xz_file(none), xz_file(xz.clone())),
        case("XZ-04", xz_file(cut(&xz)), xz_file(xz)),
        case("XZ-05", lzma(128 << 20, u64::MAX), lzma(64 << 20, u64::MAX)),
        case("XZ-06", lzma(1 << 20, 999), lzma(1 << 20, u64::MAX)),
        case(
            "ZST-01",
            zst_file([b"\x50\x2a\x4d\x18\x02\0\0\0hi", single.as_slice()].concat()),
            zst_file(single.clone()),
        ),
        case("ZST-02", zst_file(single.repeat(2)), zst_file(single.clone())),
        case("ZST-03", zst_file(zstd(0, &[0x89])), zst_file(zstd(0, &[0x80]))),
        case("ZST-04", zst_file(zstd(0x28, &[4])), zst_file(single.clone())),
        case("ZST-04", zst_file(zstd(0x20, &[5])), zst_file(single)),
    ]
}
