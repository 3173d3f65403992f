//! Small archives of every format and dialect, each with what is odd and valid in it: what the tests of hostile input
//! damage, and what the fuzzer begins with.

use std::path::Path;

use crate::image::{image, package};
use crate::{Tag, apk, ar, cpio, file, gzip, gzip_with, link, rpm, tar, zip};

/// A name and the bytes under it.
pub type Fixture = (String, Vec<u8>);

// `xz --check=crc32`, `bzip2`, `zstd --check` and `lzma` of "A small content, a small content.\n".
const XZ: &str = "fd377a585a0000016922de360200210116000000742fe5a3e00021001a5d0020880a66d32a91c8127661d27a7627eb35cc7f\
                  ecef4732a2d0000000006e032e4400013222bea096189042990d010000000001595a";
const BZIP2: &str = "425a6839314159265359006142d400000455800010400520002a078c00200031000004a87a9881ea25a225935c2e224819d1\
                     9e2861f177245385090006142d40";
const ZSTD: &str = "28b52ffd2422d50000a04120736d616c6c20636f6e74656e742c20612e0a0100489e617888cbf6";
const LZMA: &str = "5d00008000ffffffffffffffff0020880a66d32a91c8127661d27a7627eb35cc7fecef473566c69ffffeb3c400";

/// Archives of every format, built here.
pub fn built() -> Vec<Fixture> {
    let members = [
        file("package/index.js", b"module.exports = 1;\n").mtime(1_700_000_000),
        file("package/bin/run", b"#!/bin/sh\n").mode(0o755),
        link("package/link", "index.js"),
    ];
    let inner = tar(&members);
    let packed = gzip_with(&inner, 9, 6, Some("package.tar"));
    let zipped = zip(&members[..2]);
    let control = gzip_with(&tar(&[file("./control", b"Package: demo\n")]), 0, 6, None);
    let deb = ar(&[("debian-binary", b"2.0\n"), ("control.tar.gz", &control), ("data.tar", &inner[..2048])]);
    let initial = [cpio(&[file("micro", b"code\n")], 1), vec![0; 8], cpio(&members, 0xabc), vec![0; 20]].concat();
    let nested = tar(&[file("a/inner.zip", &zipped), file("a/text", b"hello\n")]);
    let two = [gzip_with(b"one\n", 7, 9, Some("one.txt")), gzip_with(b"two\n", 0, 1, None)].concat();
    let zipped_members = [file("AndroidManifest.xml", b"m"), file("classes.dex", b"dex\n")];
    let files = [file("/usr/bin/demo", b"#!/bin/sh\n").mode(0o755), link("/usr/bin/d", "demo")];
    let tags = [(1006, Tag::Numbers(vec![1_700_000_000])), (1024, Tag::Text("echo installed\n"))];
    let named = |list: Vec<(&str, Vec<u8>)>| list.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    named(vec![
        ("plain.txt", b"one\ntwo\n".to_vec()),
        ("members.tar", inner),
        ("package.tgz", packed),
        ("package.zip", zipped),
        ("demo.deb", deb),
        ("nested.tar", nested),
        ("initial.cpio", initial),
        ("demo-1-1.noarch.rpm", rpm(&files, &tags, gzip)),
        ("demo-1-r0.apk", apk("pkgname = demo\n", &[file("usr/bin/demo", b"#!/bin/sh\n")])),
        ("image.tar", image(&[tar(&[file("a", b"1")])], "2026")),
        ("app.apk", package(&zipped_members, &[(0x7109_871a, b"v2"), (0x99, b"odd"), (0x4272_6577, &[0; 5])])),
        ("two.gz", two),
        ("text.xz", hex(XZ)),
        ("text.bz2", hex(BZIP2)),
        ("text.zst", hex(ZSTD)),
        ("text.lzma", hex(LZMA)),
        ("pax.tar", pax_tar()),
        ("gnu.tar", gnu_tar()),
        ("sparse.tar", sparse_tar()),
        ("streamed.zip", streamed_zip()),
        ("wide.zip", wide_zip()),
        ("portable.cpio", portable_cpio()),
        ("old.cpio", old_cpio()),
    ])
}

/// Packages with the files that passes and findings read.
pub fn packages() -> Vec<Fixture> {
    let jar = zip(&[
        file("META-INF/MANIFEST.MF", b"Manifest-Version: 1.0\r\nBuilt-By: me\r\nCreated-By: 17\r\n\r\n"),
        file("META-INF/maven/g/a/pom.properties", b"#Mon Jan 01 00:00:00 UTC 2024\nversion=1\n"),
        file("git.properties", b"git.build.time=2024-01-01\n"),
    ]);
    let wheel = zip(&[
        file("a/__init__.py", b"x = 1\n"),
        file("a-1.dist-info/METADATA", b"Metadata-Version: 2.1\nName: a\nVersion: 1\n"),
        file("a-1.dist-info/WHEEL", b"Wheel-Version: 1.0\nGenerator: x (1)\n"),
        file("a-1.dist-info/RECORD", b"a/__init__.py,sha256=abc,6\na-1.dist-info/RECORD,,\n"),
    ]);
    let metadata =
        gzip(b"--- !ruby/object:Gem::Specification\nname: a\nversion: !ruby/object:Gem::Version\n  version: '1'\n");
    let data = gzip(&tar(&[file("lib/a.rb", b"puts 1\n")]));
    let sums = gzip(b"---\nSHA256:\n  metadata.gz: 00\n  data.tar.gz: 00\n");
    let gem = tar(&[file("metadata.gz", &metadata), file("data.tar.gz", &data), file("checksums.yaml.gz", &sums)]);
    let krate = gzip(&tar(&[
        file("a-1.0.0/Cargo.toml", b"[package]\nname = \"a\"\nversion = \"1.0.0\"\n"),
        file(
            "a-1.0.0/.cargo_vcs_info.json",
            b"{\n  \"git\": {\n    \"sha1\": \"00\"\n  },\n  \"path_in_vcs\": \"\"\n}",
        ),
    ]));
    let npm = gzip(&tar(&[
        file("package/package.json", b"{\"name\":\"a\",\"version\":\"1.0.0\",\"scripts\":{\"install\":\"x\"}}"),
        file("package/index.js", b"1\n"),
    ]));
    let named = [
        ("a.jar", jar),
        ("a-1-py3-none-any.whl", wheel),
        ("a-1.gem", gem),
        ("a-1.0.0.crate", krate),
        ("a-1.0.0.tgz", npm),
    ];
    named.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

/// Files of tests/samples of at most so many bytes, in order of their paths.
pub fn samples(most: u64) -> Vec<Fixture> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let data = entry.metadata().unwrap();
            if data.is_dir() {
                folders.push(entry.path());
            } else if data.len() <= most {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Makes the checksum of a tar header right.
pub fn seal(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// A tar header and its data, padded.
fn tar_part(name: &[u8], flag: u8, data: &[u8], gnu: bool, change: &dyn Fn(&mut [u8])) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len().min(100)].copy_from_slice(&name[..name.len().min(100)]);
    for (at, text) in [(100, "0000644\0"), (108, "0000000\0"), (116, "0000000\0"), (136, "00000000001\0")] {
        block[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    block[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
    block[156] = flag;
    block[257..265].copy_from_slice(if gnu { b"ustar  \0" } else { b"ustar\x0000" });
    change(&mut block);
    seal(&mut block);
    block.extend_from_slice(data);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

/// One pax record, its length counting itself.
fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let length = (rest + 1..).find(|length| length.to_string().len() + rest == *length).unwrap();
    format!("{length} {key}={value}\n")
}

const TAR_END: [u8; 1024] = [0; 1024];

fn pax_tar() -> Vec<u8> {
    let records = [record("mtime", "10.25"), record("path", "long/p"), record("SCHILY.xattr.user.a", "b")].concat();
    [
        tar_part(b"pax_global_header", b'g', record("comment", "c").as_bytes(), false, &|_| {}),
        tar_part(b"PaxHeaders/p", b'x', records.as_bytes(), false, &|_| {}),
        tar_part(b"p", b'0', b"hi", false, &|_| {}),
        tar_part(b"hard", b'1', b"", false, &|block| block[157..163].copy_from_slice(b"long/p")),
        TAR_END.to_vec(),
    ]
    .concat()
}

fn gnu_tar() -> Vec<u8> {
    let long = [&b"n".repeat(120)[..], b"\0"].concat();
    [
        tar_part(b"././@LongLink", b'L', &long, true, &|_| {}),
        tar_part(&b"n".repeat(100), b'0', b"x", true, &|_| {}),
        // A size as a number of eight bits to the byte.
        tar_part(b"big", b'0', b"123", true, &|block| {
            block[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3])
        }),
        TAR_END.to_vec(),
    ]
    .concat()
}

fn sparse_tar() -> Vec<u8> {
    let old = tar_part(b"old", b'S', b"abc", true, &|block| {
        for (at, number) in [(386, 1000), (398, 3), (410, 2000), (422, 0), (483, 2000)] {
            block[at..at + 12].copy_from_slice(format!("{number:011o}\0").as_bytes());
        }
    });
    let map = [record("GNU.sparse.major", "1"), record("GNU.sparse.minor", "0"), record("GNU.sparse.name", "new")];
    let size = record("GNU.sparse.realsize", "4096");
    let mut data = b"1\n512\n3\n".to_vec();
    data.resize(512, 0);
    data.extend_from_slice(b"xyz");
    [
        old,
        tar_part(b"x", b'x', [map.concat(), size].concat().as_bytes(), false, &|_| {}),
        tar_part(b"GNUSparseFile.0/new", b'0', &data, false, &|_| {}),
        TAR_END.to_vec(),
    ]
    .concat()
}

/// One member of a zip whose every record is written out.
fn zip_records(name: &str, data: &[u8], flags: u16, extra: (&[u8], &[u8]), after: &[u8], end: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(data);
    let sizes = |streamed: bool| {
        let (crc, size) = if streamed { (0, 0) } else { (crc.sum(), u32::try_from(data.len()).unwrap()) };
        [crc.to_le_bytes(), size.to_le_bytes(), size.to_le_bytes()].concat()
    };
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_le_bytes();
    let head = |streamed| [&20_u16.to_le_bytes()[..], &flags.to_le_bytes(), &[0; 6], &sizes(streamed)].concat();
    let lengths = |extra: &[u8]| [length(name.as_bytes()), length(extra)].concat();
    let streamed = flags & 8 != 0;
    let mut bytes = [&b"PK\x03\x04"[..], &head(streamed), &lengths(extra.0), name.as_bytes(), extra.0, data].concat();
    if streamed {
        bytes.extend([&b"PK\x07\x08"[..], &sizes(false)].concat());
    }
    let start = bytes.len();
    let central = [&b"PK\x01\x02"[..], &[20, 3], &head(false), &lengths(extra.1), &length(b"note"), &[0; 4]].concat();
    bytes.extend(
        [&central[..], &(0o100_644_u32 << 16).to_le_bytes(), &[0; 4], name.as_bytes(), extra.1, b"note"].concat(),
    );
    let size = u32::try_from(bytes.len() - start).unwrap();
    bytes.extend_from_slice(after);
    bytes.extend([&b"PK\x05\x06\0\0\0\0\x01\0\x01\0"[..], &size.to_le_bytes()].concat());
    bytes.extend([&u32::try_from(start).unwrap().to_le_bytes()[..], &length(end), end].concat());
    bytes
}

fn streamed_zip() -> Vec<u8> {
    let time = b"UT\x05\0\x01\x01\0\0\0";
    zip_records("a/\u{e9}.txt", b"hello\n", 0x808, (time, time), b"", b"a comment")
}

fn wide_zip() -> Vec<u8> {
    // Sizes are in the headers, too: the extra block is one too many, and valid readers differ over it.
    let wide = [&[1_u8, 0, 16, 0][..], &6_u64.to_le_bytes(), &6_u64.to_le_bytes()].concat();
    let without = zip_records("a.txt", b"hello\n", 0, (&wide, b""), b"", b"");
    let end = without.len() - 22;
    let (size, start) = (&without[end + 12..end + 16], &without[end + 16..end + 20]);
    let zeros = [0; 4];
    let record =
        [&b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0"[..], &[0; 8], &1_u64.to_le_bytes(), &1_u64.to_le_bytes()];
    let record = [&record.concat()[..], size, &zeros, start, &zeros].concat();
    let locator = [&b"PK\x06\x07\0\0\0\0"[..], &(end as u64).to_le_bytes(), &1_u32.to_le_bytes()].concat();
    [&without[..end], &record, &locator, &without[end..]].concat()
}

/// The octal dialect of cpio.
fn portable_cpio() -> Vec<u8> {
    let part = |name: &str, mode: u32, data: &str| {
        let numbers = format!("070707{:06o}{:06o}{mode:06o}{:06o}{:06o}{:06o}{:06o}", 1, 2, 0, 0, 1, 0);
        format!("{numbers}{:011o}{:06o}{:011o}{name}\0{data}", 1, name.len() + 1, data.len())
    };
    [part("a.txt", 0o100_644, "hello\n"), part("l", 0o120_777, "a.txt"), part("TRAILER!!!", 0, "")]
        .concat()
        .into_bytes()
}

/// The dialect of cpio with numbers of two bytes.
fn old_cpio() -> Vec<u8> {
    let part = |name: &str, mode: u16, data: &[u8]| {
        let (length, size) = (u16::try_from(name.len() + 1).unwrap(), u16::try_from(data.len()).unwrap());
        let words = [0o070_707, 1, 2, mode, 0, 0, 1, 0, 0, 1, length, 0, size];
        let mut bytes: Vec<u8> = words.iter().flat_map(|word: &u16| word.to_le_bytes()).collect();
        for part in [&[name.as_bytes(), b"\0"].concat()[..], data] {
            bytes.extend_from_slice(part);
            bytes.resize(bytes.len().next_multiple_of(2), 0);
        }
        bytes
    };
    [part("a.txt", 0o100_644, b"hello\n"), part("TRAILER!!!", 0, b"")].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixture_opens_without_a_problem() {
        for (name, bytes) in [built(), packages()].concat() {
            let reading = crate::read(&name, &bytes);
            assert!(name == "plain.txt" || reading.nodes.len() > 1, "{name} is not opened");
            let said: Vec<_> = reading.problems.iter().map(|problem| &problem.message).collect();
            // The deb's data are cut short on purpose, and a zip64 block without need is told.
            assert!(said.is_empty() || matches!(name.as_str(), "demo.deb" | "wide.zip"), "{name}: {said:?}");
        }
    }
}
