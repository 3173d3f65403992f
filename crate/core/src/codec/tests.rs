//! Every coding: whole, cut, flipped, repeated, followed by something, and behind a failing layer.

use std::io::{self, BufRead, Read, Write as _};

use super::*;
use crate::entry::Value;

const TEXT: &[u8] = b"A small content, a small content.\n";
// `xz --check=crc32`, `bzip2`, `zstd --check` and `lzma` of TEXT.
const XZ: &str = "fd377a585a0000016922de360200210116000000742fe5a3e00021001a5d0020880a66d32a91c8127661d27a7627eb35cc7f\
                  ecef4732a2d0000000006e032e4400013222bea096189042990d010000000001595a";
const BZIP2: &str = "425a6839314159265359006142d400000455800010400520002a078c00200031000004a87a9881ea25a225935c2e224819d1\
                     9e2861f177245385090006142d40";
const ZSTD: &str = "28b52ffd2422d50000a04120736d616c6c20636f6e74656e742c20612e0a0100489e617888cbf6";
const LZMA: &str = "5d00008000ffffffffffffffff0020880a66d32a91c8127661d27a7627eb35cc7fecef473566c69ffffeb3c400";
/// The LZMA stream of TEXT without an end marker, taken out of XZ.
const LZMA_BARE: &str = "0020880a66d32a91c8127661d27a7627eb35cc7fecef4732a2d000";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut body = flate2::write::DeflateEncoder::new(&mut bytes, flate2::Compression::default());
    body.write_all(content).unwrap();
    body.finish().unwrap();
    bytes.extend(crc32fast::hash(content).to_le_bytes());
    bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    bytes
}

/// Every stream coding with TEXT in it.
fn every() -> Vec<(Coding, Vec<u8>)> {
    vec![
        (Coding::Gzip, gzip(TEXT)),
        (Coding::Bzip2, hex(BZIP2)),
        (Coding::Xz, hex(XZ)),
        (Coding::Zstd, hex(ZSTD)),
        (Coding::LzmaAlone, hex(LZMA)),
    ]
}

/// Bytes that come in small chunks, and an error after them if one is given.
struct Chunks {
    bytes: Vec<u8>,
    at: usize,
    size: usize,
    error: Option<Fault>,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match &self.error {
            Some(fault) if self.at == self.bytes.len() => Err(fault.clone().into()),
            _ => Ok(&self.bytes[self.at..self.bytes.len().min(self.at - self.at % self.size + self.size)]),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

/// Content, notes, and the fault that ended it.
struct Decoded {
    content: Vec<u8>,
    notes: Vec<Note>,
    fault: Option<Fault>,
    consumed: u64,
}

impl Decoded {
    fn field(&self, name: &str) -> Option<&Value> {
        self.notes.iter().find_map(|note| match note {
            Note::Field(field) if field.name == name => Some(&field.value),
            _ => None,
        })
    }

    fn problems(&self) -> Vec<String> {
        let problems = self.notes.iter().filter_map(|note| match note {
            Note::Problem(fault) => Some(fault.to_string()),
            Note::Field(_) => None,
        });
        problems.collect()
    }
}

fn decode_from(coding: &Coding, input: Chunks, size: Option<u64>) -> Decoded {
    let input = Input::new(Box::new(input), &crate::limits::Limits::default());
    let consumed = input.consumed();
    let mut decoded = Decoded { content: Vec::new(), notes: Vec::new(), fault: None, consumed: 0 };
    match decoder(coding, input, size) {
        Err(fault) => decoded.fault = Some(fault),
        Ok(mut decoder) => {
            decoded.fault = decoder.read_to_end(&mut decoded.content).err().map(Fault::from);
            // Asked again after its end or after damage, a decoder says the same again.
            let again = decoder.read(&mut [0]);
            assert_eq!(again.map_err(Fault::from).err(), decoded.fault);
            decoded.notes = decoder.notes();
        }
    }
    decoded.consumed = consumed.load(std::sync::atomic::Ordering::Relaxed);
    decoded
}

fn decode(coding: &Coding, bytes: &[u8]) -> Decoded {
    decode_from(coding, Chunks { bytes: bytes.to_vec(), at: 0, size: 1 << 16, error: None }, None)
}

#[test]
fn every_coding_gives_its_content_whatever_the_chunks() {
    for (coding, bytes) in every() {
        for size in [1, 2, 3, 7, 1 << 16] {
            let decoded = decode_from(&coding, Chunks { bytes: bytes.clone(), at: 0, size, error: None }, None);
            assert_eq!((decoded.fault.as_ref(), decoded.problems()), (None, vec![]), "{coding:?} by {size}");
            assert_eq!(decoded.content, TEXT, "{coding:?} by {size}");
            assert_eq!(decoded.consumed, bytes.len() as u64, "{coding:?} by {size}");
        }
    }
}

#[test]
fn a_cut_stream_is_never_complete() {
    for (coding, bytes) in every() {
        for length in 0..bytes.len() {
            let decoded = decode(&coding, &bytes[..length]);
            assert!(decoded.fault.is_some(), "{coding:?} cut to {length}");
            assert!(TEXT.starts_with(&decoded.content), "{coding:?} cut to {length}");
        }
    }
}

#[test]
fn every_flipped_byte_shows_or_changes_only_the_compression() {
    for (coding, bytes) in every() {
        let (right, mut silent) = (decode(&coding, &bytes), Vec::new());
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0xff;
            let decoded = decode(&coding, &flipped);
            if decoded.fault.is_none() && decoded.notes == right.notes && decoded.content == right.content {
                silent.push(at);
            }
        }
        // Nothing checks the unused bits after the last block of bzip2, nor the last bytes of a range coder.
        let allowed = if coding == Coding::LzmaAlone { 4 } else { 0 };
        assert!(silent.len() <= allowed, "{coding:?} flipped at {silent:?}");
    }
}

#[test]
fn streams_back_to_back_are_one_content_at_any_chunk_boundary() {
    for (coding, bytes) in every() {
        if coding == Coding::LzmaAlone {
            continue;
        }
        let (twice, name) = ([bytes.clone(), bytes].concat(), ["members", "streams", "frames"]);
        for size in 1..90 {
            let decoded = decode_from(&coding, Chunks { bytes: twice.clone(), at: 0, size, error: None }, None);
            assert_eq!(decoded.fault, None, "{coding:?} by {size}");
            assert_eq!(decoded.content, [TEXT, TEXT].concat(), "{coding:?} by {size}");
            assert!(name.iter().any(|name| decoded.field(name) == Some(&Value::Number(2))), "{:?}", decoded.notes);
            assert_eq!(decoded.problems(), Vec::<String>::new());
        }
    }
}

#[test]
fn bytes_after_the_end_are_counted_and_hashed() {
    for (coding, bytes) in every() {
        let decoded = decode(&coding, &[&bytes[..], b"hidden"].concat());
        assert_eq!((decoded.fault.as_ref(), &decoded.content[..]), (None, TEXT), "{coding:?}");
        assert_eq!(decoded.field("trailing-bytes"), Some(&Value::Number(6)), "{coding:?}");
        assert!(decoded.field("trailing-sha256").is_some());
        let end = bytes.len();
        assert_eq!(decoded.problems(), [format!("6 bytes follow the end of the compressed data (byte {end})")]);

        let decoded = decode(&coding, &[&bytes[..], &[0; 512]].concat());
        assert_eq!((decoded.fault.as_ref(), &decoded.content[..]), (None, TEXT), "{coding:?}");
        assert_eq!(decoded.field("zero-padding"), Some(&Value::Number(512)), "{coding:?}");
        assert_eq!(decoded.problems(), Vec::<String>::new());
    }
}

#[test]
fn a_fault_of_an_outer_layer_is_not_called_damage_of_this_one() {
    let fault = Fault::limit("total-bytes", "stopped at the limit total-bytes");
    for (coding, bytes) in every() {
        for length in [1, 5, bytes.len() / 2, bytes.len() - 1] {
            let bytes = bytes[..length].to_vec();
            let decoded = decode_from(&coding, Chunks { bytes, at: 0, size: 9, error: Some(fault.clone()) }, None);
            assert_eq!(decoded.fault.as_ref(), Some(&fault), "{coding:?} after {length}");
        }
    }
}

#[test]
fn gzip_headers_become_fields() {
    let plain = gzip(TEXT);
    let mut bytes = vec![0x1f, 0x8b, 8, 1 | 2 | 4 | 8 | 16, 0x78, 0x56, 0x34, 0x12, 2, 3];
    bytes.extend(b"\x03\0xyz");
    bytes.extend(b"a.txt\0said\0");
    bytes.extend(&crc32fast::hash(&bytes).to_le_bytes()[..2]);
    bytes.extend(&plain[10..]);
    let decoded = decode(&Coding::Gzip, &bytes);
    let field = |name, value| Note::Field(Field::new(name, value));
    assert_eq!(
        decoded.notes,
        [
            field("mtime", Value::Time(0x1234_5678, 0)),
            field("extra-flags", Value::Number(2)),
            field("os", Value::Number(3)),
            field("flags", Value::Number(1)),
            field("extra", Value::Bytes(b"xyz".into())),
            field("name", Value::Bytes(b"a.txt".into())),
            field("comment", Value::Bytes(b"said".into())),
            field("header-crc", Value::text("present")),
        ]
    );
    assert_eq!((decoded.fault, &decoded.content[..]), (None, TEXT));
    bytes[24] ^= 1;
    assert_eq!(decode(&Coding::Gzip, &bytes).problems(), ["the gzip header CRC is wrong (byte 0)"]);
}

#[test]
fn wrong_gzip_checks_are_problems_and_the_content_stays() {
    let mut bytes = gzip(TEXT);
    let crc = bytes.len() - 8;
    bytes[crc] ^= 1;
    let decoded = decode(&Coding::Gzip, &bytes);
    assert_eq!((decoded.fault.as_ref(), &decoded.content[..]), (None, TEXT));
    assert_eq!(decoded.problems().len(), 1);
    assert!(decoded.field("wrong-crc32").is_some());
    bytes[crc] ^= 1;
    bytes[crc + 4] ^= 1;
    let decoded = decode(&Coding::Gzip, &bytes);
    assert_eq!(decoded.problems(), [format!("the gzip size is 35, the content's is 34 (byte {})", crc + 4)]);
}

#[test]
fn thousands_of_members_are_described_within_bounds_and_still_told_apart() {
    let mut bytes: Vec<u8> = gzip(b"").repeat(3000);
    let first = decode(&Coding::Gzip, &bytes);
    assert_eq!(first.field("members"), Some(&Value::Number(3000)));
    assert!(first.notes.len() < 2200, "{}", first.notes.len());
    let last = bytes.len() - 20 + 9;
    bytes[last] = 3;
    let second = decode(&Coding::Gzip, &bytes);
    assert_ne!(first.field("further-sha256"), second.field("further-sha256"));
}

#[test]
fn xz_streams_may_have_padding_between_them() {
    let one = hex(XZ);
    let decoded = decode(&Coding::Xz, &[&one[..], &[0; 8], &one].concat());
    assert_eq!((decoded.fault.as_ref(), decoded.content.len()), (None, 2 * TEXT.len()));
    assert_eq!(decoded.field("stream 2: padding-before"), Some(&Value::Number(8)));
    assert_eq!(decoded.problems(), Vec::<String>::new());
    let decoded = decode(&Coding::Xz, &[&one[..], &[0; 3], &one].concat());
    assert_eq!(decoded.problems().len(), 1);
    assert_eq!(decoded.content.len(), 2 * TEXT.len());
    // gzip has no such padding: what follows zeros is not content.
    let decoded = decode(&Coding::Gzip, &[gzip(TEXT), vec![0; 8], gzip(TEXT)].concat());
    assert_eq!((&decoded.content[..], decoded.problems().len()), (TEXT, 1));
}

#[test]
fn skippable_zstd_frames_are_noted_with_their_digest() {
    let skippable = b"\x53\x2a\x4d\x18\x05\0\0\0extra";
    let bytes = [&hex(ZSTD)[..], skippable, &hex(ZSTD)].concat();
    let decoded = decode(&Coding::Zstd, &bytes);
    assert_eq!((decoded.fault.as_ref(), decoded.content.len()), (None, 2 * TEXT.len()));
    assert_eq!(decoded.field("frames"), Some(&Value::Number(3)));
    assert_eq!(decoded.field("frame 2: skippable-bytes"), Some(&Value::Number(5)));
    assert_eq!(decoded.field("checksum"), Some(&Value::text("present")));
    let mut wrong = hex(ZSTD);
    *wrong.last_mut().unwrap() ^= 1;
    let decoded = decode(&Coding::Zstd, &wrong);
    assert_eq!((decoded.fault.as_ref(), &decoded.content[..]), (None, TEXT));
    assert_eq!(decoded.problems().len(), 1);
}

#[test]
fn a_zstd_size_that_lies_is_a_problem() {
    let mut bytes = hex(ZSTD);
    bytes[5] = 0x23;
    let decoded = decode(&Coding::Zstd, &bytes);
    assert!(decoded.fault.is_some() || decoded.problems().len() == 1, "{:?}", decoded.notes);
}

#[test]
fn lzma_in_a_zip_ends_by_its_marker_or_by_its_size() {
    let head = [9, 20, 5, 0, 0x5d, 0, 0, 0x80, 0];
    let (marked, bare) = ([&head[..], &hex(LZMA)[13..]].concat(), [&head[..], &hex(LZMA_BARE)].concat());
    let size = Some(TEXT.len() as u64);
    let run = |marker, bytes: &[u8], size| {
        let input = Chunks { bytes: bytes.to_vec(), at: 0, size: 8, error: None };
        decode_from(&Coding::LzmaZip(marker), input, size)
    };
    for decoded in [run(true, &marked, size), run(true, &marked, None), run(false, &bare, size)] {
        assert_eq!((decoded.fault.as_ref(), &decoded.content[..]), (None, TEXT));
        assert_eq!(decoded.problems(), Vec::<String>::new());
    }
    assert!(run(false, &bare, Some(40)).fault.is_some());
    assert!(run(false, &bare, Some(30)).fault.is_some());
    assert!(run(true, &bare, size).fault.is_some());
    let huge = [9, 20, 5, 0, 0x5d, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(run(true, &huge, size).fault.and_then(|fault| fault.limit), Some("window-bytes"));
}

#[test]
fn deflate_and_deflate64_notice_a_missing_end() {
    // One fixed block: three literals and the end of the block; the same in both.
    let bytes = [0x4b, 0x4c, 0x4a, 0x06, 0x00];
    for coding in [Coding::Deflate, Coding::Deflate64] {
        let decoded = decode(&coding, &bytes);
        assert_eq!((decoded.fault, &decoded.content[..]), (None, &b"abc"[..]), "{coding:?}");
        for length in 0..bytes.len() {
            assert!(decode(&coding, &bytes[..length]).fault.is_some(), "{coding:?} cut to {length}");
        }
        let decoded = decode(&coding, &[&bytes[..], b"after"].concat());
        assert_eq!(decoded.problems().len(), 1, "{coding:?}");
    }
}

#[test]
fn huge_windows_are_refused_before_they_are_allocated() {
    // A zstd frame that asks for 2 GiB, an .lzma file that asks for 4 GiB.
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 1, 0, 0];
    assert!(decode(&Coding::Zstd, &zstd).fault.is_some());
    let lzma = [&[0x5d, 0xff, 0xff, 0xff, 0xfe][..], &hex(LZMA)[5..]].concat();
    assert!(decode(&Coding::LzmaAlone, &lzma).fault.is_some());
}

#[test]
fn stored_content_shorter_than_its_size_is_a_fault() {
    let run = |size| {
        decode_from(&Coding::Stored, Chunks { bytes: TEXT.to_vec(), at: 0, size: 8, error: None }, Some(size)).fault
    };
    assert_eq!(run(TEXT.len() as u64), None);
    assert_eq!(run(40).unwrap().to_string(), "the content ends after 34 of its 40 bytes (byte 34)");
}
