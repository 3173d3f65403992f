//! Every kind listed, what only begins like one, and damage in every place.

use super::*;

/// Bytes from numbers of four bytes, low byte first.
fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A module with an import, an export and a custom section whose name would steer a terminal.
fn wasm() -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    bytes.extend_from_slice(b"\x02\x0b\x01\x03env\x03log\x00\x00");
    bytes.extend_from_slice(b"\x07\x07\x01\x03run\x00\x01");
    bytes.extend_from_slice(b"\x00\x05\x03\x1b[m!");
    bytes.extend_from_slice(b"\x00\x18\x09producers\x01\x03sdk\x01\x03abc\x03def");
    bytes
}

/// A class with one field and its source.
fn class() -> Vec<u8> {
    let mut bytes = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61, 0, 8];
    for text in ["A", "java/lang/Object", "f", "I", "SourceFile"] {
        bytes.push(1);
        bytes.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&[7, 0, 1, 7, 0, 2]);
    bytes.extend_from_slice(&[
        0, 0x21, 0, 6, 0, 7, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 0, 0, 0, 0, 1, 0, 5, 0, 0, 0, 2, 0, 1,
    ]);
    bytes
}

/// A library for one architecture with an identity and a library that it needs.
fn macho() -> Vec<u8> {
    let mut bytes = words(&[0xfeed_facf, 0x0100_000c, 0, 6, 2, 24 + 40, 0x85, 0]);
    bytes.extend_from_slice(&words(&[27, 24, 1, 2, 3, 4]));
    bytes.extend_from_slice(&words(&[12, 40, 24, 0, 0x1_0203, 0x1_0000]));
    bytes.extend_from_slice(b"/usr/lib/a.dylib");
    bytes
}

/// A program that has a build ID and needs a library, without sections.
fn elf() -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0".to_vec();
    let mut put = |numbers: &[u64]| bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    // Entry, segments, sections; flags and sizes of the header.
    put(&[0x1000, 64, 0, 64 << 32 | 56 << 48, 3]);
    // Everything is loaded at 0; a table at 232, a note at 296.
    put(&[1 | 4 << 32, 0, 0, 0, 400, 400, 4096]);
    put(&[2 | 6 << 32, 232, 232, 0, 64, 64, 8]);
    put(&[4 | 4 << 32, 296, 296, 0, 20, 20, 4]);
    put(&[1, 1, 5, 320, 29, 9, 0, 0]);
    put(&[4 | 4 << 32, 3 | 0x0055_4e47 << 32, 0xefbe_adde]);
    bytes.extend_from_slice(b"\0libc.so\0$ORIGIN\0");
    bytes.resize(400, 0);
    bytes
}

#[test]
fn each_kind_is_listed() {
    for (bytes, wanted) in [
        (wasm(), &["WebAssembly, version 1", "env.log  func", "run  func", "\\u{1b}[m", "sdk: abc def"][..]),
        (class(), &["version 61.0 (Java 17)", "this: A", "super: java/lang/Object", "f I  private", "SourceFile A"]),
        (
            macho(),
            &[
                "AArch64",
                "dynamic library",
                "UUID: 01000000",
                "needs /usr/lib/a.dylib, version 1.2.3",
                "signature: none",
            ],
        ),
        (elf(), &["x86-64", "needs: libc.so", "runpath: $ORIGIN", "build ID: deadbeef", "LOAD  read  400 bytes"]),
    ] {
        let text = listing(&bytes).unwrap();
        for part in wanted {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
        assert!(!text.contains('\u{1b}') && !text.contains("could not be read"), "{text}");
    }
}

#[test]
fn what_only_begins_like_one_is_none() {
    for bytes in [
        &b"MZ is a text"[..],
        b"\x7fELF",
        b"\0asm",
        b"\xca\xfe\xba\xbe",
        b"\xca\xfe\xba\xbe\0\0\0\0",
        b"\xfe\xed\xfa",
        b"asm",
        b"",
    ] {
        assert_eq!(listing(bytes), None, "{bytes:?}");
        assert!(!is_known(bytes));
    }
}

#[test]
fn every_truncation_and_every_large_number_ends() {
    for whole in [wasm(), class(), macho(), elf()] {
        for end in 0..whole.len() {
            let _ = listing(&whole[..end]);
        }
        for at in 4..whole.len() {
            for value in [0, 0x7f, 0x80, 0xff] {
                let mut bytes = whole.clone();
                for byte in bytes.iter_mut().skip(at).take(4) {
                    *byte = value;
                }
                assert!(listing(&bytes).is_none_or(|text| text.len() < 64 << 20));
            }
        }
    }
}

#[test]
fn a_long_list_says_how_much_more_there_is() {
    let mut exports = vec![0x07];
    let count = MOST + 10;
    let mut content = leb(count);
    for at in 0..count {
        content.push(4);
        content.extend_from_slice(format!("{at:04x}").as_bytes());
        content.extend_from_slice(&[0, 0]);
    }
    exports.extend(leb(content.len()));
    exports.extend(content);
    let text = listing(&[b"\0asm\x01\0\0\0".as_slice(), &exports].concat()).unwrap();
    assert!(text.contains("Exports (10010)") && text.contains("… and 10 more"), "{}", text.len());
}

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(value & 0x7f).unwrap();
        value >>= 7;
        bytes.push(if value == 0 { byte } else { byte | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}
