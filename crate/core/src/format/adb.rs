//! ADB, the database format of apk-tools 3: packages and indexes of Alpine and OpenWrt since version 3 (apk-v3(5)).
//!
//! The blocks are members: the database itself, its signatures, and in a package the contents of the files, in the order
//! in which the database lists them. The database is not decoded, so contents stand under the numbers that a block
//! gives: the folder's and the file's. Compressed ones hold the same as one member.

use flate2::{Decompress, FlushDecompress};

use super::{Format, Opening, Shape};
use crate::entry::{Coding, Content, Entry, Kind, Value};
use crate::error::Fault;

/// An ADB file: plain, deflated, or compressed as it says.
pub const ADB: Format = Format { id: "adb", title: "apk database", shape: Shape::Archive, detect, open };

const PLAIN: &[u8] = b"ADB.";
const DEFLATED: &[u8] = b"ADBd";
const STATED: &[u8] = b"ADBc";
/// Blocks begin at a multiple of this.
const ALIGNMENT: u64 = 8;
/// Bytes before the contents of a file: the numbers of its folder and of itself.
const NUMBERS: u64 = 8;

fn detect(head: &[u8], _: &[u8]) -> bool {
    if let Some(rest) = head.strip_prefix(DEFLATED) {
        let mut begin = [0; 4];
        let mut inflate = Decompress::new(false);
        return inflate.decompress(rest, &mut begin, FlushDecompress::None).is_ok() && begin == *PLAIN;
    }
    let is_lower = |byte: &u8| byte.is_ascii_lowercase();
    let plain = head.strip_prefix(PLAIN).and_then(<[u8]>::first_chunk::<4>).is_some_and(|it| it.iter().all(is_lower));
    // The algorithm, and a level that zstd has.
    plain || matches!(head.strip_prefix(STATED), Some([0..=2, 0..=22, ..]))
}

fn open(opening: &mut dyn Opening) -> Result<(), Fault> {
    let head = opening.up_to(0, 8)?;
    if head.starts_with(PLAIN) {
        let schema = head.get(4..).unwrap_or_default().to_vec();
        opening.say("schema", Value::Bytes(schema));
        return blocks(opening);
    }
    let (start, coding) = match head.get(4..6) {
        Some([algorithm, level]) if head.starts_with(STATED) => {
            opening.say("algorithm", Value::Number((*algorithm).into()));
            opening.say("level", Value::Number((*level).into()));
            (
                6,
                match algorithm {
                    0 => Coding::Stored,
                    1 => Coding::Deflate,
                    _ => Coding::Zstd,
                },
            )
        }
        _ => (4, Coding::Deflate),
    };
    let content = Content { base: opening.base(), offset: start, stored: u64::MAX, coding, size: None };
    opening.entry(Entry::new(*b"database", Kind::File, Some(content)))
}

fn blocks(opening: &mut dyn Opening) -> Result<(), Fault> {
    let mut at = 8;
    let mut signatures = 0_u32;
    loop {
        let head = opening.up_to(at, 16)?;
        let Some(first) = head.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes)) else {
            return if head.is_empty() { Ok(()) } else { Err(Fault::at(at, "the file ends inside a block's header")) };
        };
        let (kind, short) = (first >> 30, first & 0x3fff_ffff);
        // Blocks that are too long for that have their length in eight bytes of its own, and their kind in its place.
        let long = head.get(8..).and_then(<[u8]>::first_chunk::<8>).map(|bytes| u64::from_le_bytes(*bytes));
        let (kind, header, size) = match (kind, long) {
            (3, Some(size)) => (short, 16, size),
            (3, None) => return Err(Fault::at(at, "the file ends inside a block's header")),
            (kind, _) => (kind, 4, u64::from(short)),
        };
        let Some(length) = size.checked_sub(header) else {
            return Err(Fault::at(at, format!("a block claims {size} bytes, less than its header has")));
        };
        let mut start = at + header;
        let mut left = length;
        let path = match kind {
            0 => "adb".to_owned(),
            1 => {
                signatures += 1;
                format!("signature-{signatures}")
            }
            2 if length >= NUMBERS => {
                let numbers = opening.exact(start, NUMBERS, "the numbers of a file")?;
                let number =
                    |at: usize| numbers.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |it| u32::from_le_bytes(*it));
                (start, left) = (start + NUMBERS, left - NUMBERS);
                format!("data/{}/{}", number(0), number(4))
            }
            _ => format!("block-{kind}"),
        };
        let mut entry = Entry::new(path, Kind::File, Some(opening.slice(start, left)));
        if header == 16 {
            entry.field("reserved", Value::Text(crate::display::hex(head.get(4..8).unwrap_or_default()).into()));
        }
        opening.entry(entry)?;
        let Some(end) = at.checked_add(size).filter(|end| *end < u64::MAX - ALIGNMENT) else {
            return Err(Fault::at(at, "a block claims more bytes than there can be"));
        };
        at = end.next_multiple_of(ALIGNMENT);
        let padding = opening.up_to(end, at - end)?;
        if (padding.len() as u64) < at - end {
            opening.say("end-padding", Value::Number(padding.len() as i128));
        }
        if padding.iter().any(|byte| *byte != 0) {
            opening.say(format!("padding at {end}"), Value::Text(crate::display::hex(&padding).into()));
            opening.problem(Fault::at(end, "what fills up a block is not zero"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::format::testing;

    fn block(kind: u32, content: &[u8]) -> Vec<u8> {
        let size = kind << 30 | u32::try_from(content.len() + 4).unwrap();
        let mut bytes = [&size.to_le_bytes(), content].concat();
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    fn package() -> Vec<u8> {
        let data = [&1_u32.to_le_bytes()[..], &2_u32.to_le_bytes(), b"content"].concat();
        [b"ADB.pckg".to_vec(), block(0, b"the database"), block(1, b"signed"), block(2, &data)].concat()
    }

    fn shown(bytes: &[u8]) -> String {
        let opened = testing::open(&ADB, "a.apk", bytes.to_vec());
        let members = opened.entries.iter().map(|entry| {
            let content = entry.content.as_ref().map(|content| opened.store.read(content, u64::MAX).map(|it| it.0));
            format!("{} {:?}", String::from_utf8_lossy(&entry.path), content)
        });
        let members = members.collect::<Vec<_>>().join("\n");
        format!("{members}\n{:?}\n{:?}", opened.fields, opened.problems)
    }

    #[test]
    fn blocks_are_members() {
        let opened = testing::open(&ADB, "a.apk", package());
        let found: Vec<_> = (0..3).map(|at| (opened.entries[at].path.clone(), opened.content(at))).collect();
        let expected = [("adb", &b"the database"[..]), ("signature-1", b"signed"), ("data/1/2", b"content")];
        assert_eq!(found, expected.map(|(path, content)| (path.into(), content.to_vec())));
        assert_eq!((opened.problems.len(), opened.value("schema")), (0, Some(&Value::Bytes(b"pckg".to_vec()))));
        let long = [&(3_u32 << 30 | 2).to_le_bytes()[..], &[0; 4], &31_u64.to_le_bytes(), &[0; 8], b"content"].concat();
        assert!(shown(&[b"ADB.pckg".to_vec(), long].concat()).starts_with("data/0/0 Some(Ok([99, 111"));
    }

    #[test]
    fn compressed_ones_hold_the_same() {
        let detected = |bytes: &[u8]| crate::format::detect(bytes, b"any").map(|format| format.id);
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        deflate.write_all(&package()).unwrap();
        let deflated = deflate.finish().unwrap();
        for head in [&b"ADBd"[..], b"ADBc\x01\x09"] {
            let bytes = [head, &deflated].concat();
            assert_eq!(detected(&bytes), Some("adb"));
            assert_eq!(testing::open(&ADB, "a.apk", bytes).content(0), package());
        }
        assert_eq!(detected(&package()), Some("adb"));
        assert_eq!(detected(b"ADBd is not deflated"), None);
        assert_eq!(detected(b"ADB. A text"), None);
        assert_eq!(detected(b"ADBc\x09\x09"), None);
    }

    #[test]
    fn every_flipped_byte_and_every_cut_shows() {
        let bytes = package();
        let before = shown(&bytes);
        for at in 4..bytes.len() {
            for bit in [1, 0x10, 0x80] {
                let mut flipped = bytes.clone();
                flipped[at] ^= bit;
                assert_ne!(shown(&flipped), before, "byte {at} with {bit:x}");
            }
        }
        for length in 8..bytes.len() {
            assert_ne!(shown(&bytes[..length]), before, "cut to {length}");
        }
    }
}
