//! Each model beside one that sees something else, and an ordinary archive that all see alike.

use std::sync::Arc;

use super::super::{Archive, End, by_id, readers};
use crate::limits::Limits;
use crate::store::{CACHE, Store};

/// One stored member, and what its headers say.
#[derive(Clone)]
struct Entry {
    data: Vec<u8>,
    local: Vec<u8>,
    central: Vec<u8>,
    flags: u16,
    crc: u32,
    /// Written, but not in the directory.
    hidden: bool,
    /// Zeros in front of its local header.
    gap: usize,
}

fn entry(name: &str, data: &str) -> Entry {
    let crc = crc32fast::hash(data.as_bytes());
    let (local, central) = (name.as_bytes().to_vec(), name.as_bytes().to_vec());
    Entry { data: data.as_bytes().to_vec(), local, central, flags: 0, crc, hidden: false, gap: 0 }
}

fn common(entry: &Entry, name: &[u8]) -> Vec<u8> {
    let size = u32::try_from(entry.data.len()).unwrap();
    let mut bytes = vec![20, 0];
    bytes.extend(entry.flags.to_le_bytes());
    bytes.extend([0; 6]);
    bytes.extend(entry.crc.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(size.to_le_bytes());
    bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// An archive: what stands in front, members, a change of the numbers at the end (here, total, size, offset), the rest.
fn archive(front: &[u8], entries: &[Entry], change: impl Fn(&mut [u32; 4]), rest: &[u8]) -> Vec<u8> {
    let (mut bytes, mut directory, mut count) = (front.to_vec(), Vec::new(), 0);
    for entry in entries {
        bytes.resize(bytes.len() + entry.gap, 0);
        let at = u32::try_from(bytes.len() - front.len()).unwrap();
        bytes.extend(b"PK\x03\x04");
        bytes.extend(common(entry, &entry.local));
        bytes.extend(&entry.local);
        bytes.extend(&entry.data);
        if !entry.hidden {
            count += 1;
            directory.extend(b"PK\x01\x02\x14\x03");
            directory.extend(common(entry, &entry.central));
            directory.extend([0; 10]);
            directory.extend(at.to_le_bytes());
            directory.extend(&entry.central);
        }
    }
    let offset = u32::try_from(bytes.len() - front.len()).unwrap();
    let mut numbers = [count, count, u32::try_from(directory.len()).unwrap(), offset];
    change(&mut numbers);
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend(u16::try_from(numbers[0]).unwrap().to_le_bytes());
    bytes.extend(u16::try_from(numbers[1]).unwrap().to_le_bytes());
    bytes.extend(numbers[2].to_le_bytes());
    bytes.extend(numbers[3].to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(rest);
    bytes
}

fn plainly(entries: &[Entry]) -> Vec<u8> {
    archive(b"", entries, |_| {}, b"")
}

/// What a model sees: `name=content …`, with `error` in front where it reports one.
fn sees(id: &str, bytes: &[u8]) -> String {
    let store = Store::new(Arc::new(bytes.to_vec()), &Limits::default(), CACHE);
    let mut archive = Archive::new(&store, 0).unwrap();
    let view = (by_id(id).unwrap().1.see)(&mut archive);
    let mut words: Vec<String> = Vec::new();
    if view.end != End::Whole {
        words.push("error".to_owned());
    }
    for member in view.members {
        let path = String::from_utf8_lossy(&member.path).into_owned();
        let content = member.content.map(|content| store.read(&content, 100).unwrap().0);
        let content = content.or(member.target).unwrap_or_default();
        words.push(format!("{path}={}", String::from_utf8_lossy(&content)));
    }
    words.join(" ")
}

fn check(bytes: &[u8], expected: &[(&str, &str)]) {
    for (id, expected) in expected {
        assert_eq!(sees(id, bytes), *expected, "{id}");
    }
}

fn is_plain(bytes: &[u8]) -> bool {
    let store = Store::new(Arc::new(bytes.to_vec()), &Limits::default(), CACHE);
    super::plain(&Archive::new(&store, 0).unwrap())
}

#[test]
fn an_ordinary_archive_is_one_thing_for_all() {
    let bytes = plainly(&[entry("a", "one"), entry("d/b", "two")]);
    for reader in readers("zip") {
        check(&bytes, &[(reader.id, "a=one d/b=two")]);
    }
    assert!(is_plain(&bytes));
}

#[test]
fn whatever_is_read_in_more_than_one_way_is_not_plain() {
    let a = || entry("a", "one");
    let hidden = Entry { hidden: true, ..entry("b", "two") };
    let renamed = Entry { local: b"c".to_vec(), ..a() };
    let spaced = Entry { gap: 4, ..entry("b", "two") };
    let encrypted = Entry { flags: 1, ..a() };
    let folder = plainly(&[a(), entry("a/b", "two")]);
    for (what, bytes) in [
        ("hidden", plainly(&[a(), hidden])),
        ("renamed", plainly(&[renamed])),
        ("a gap", plainly(&[a(), spaced])),
        ("encrypted", plainly(&[encrypted])),
        ("twice", plainly(&[a(), a()])),
        ("a file and a folder", folder),
        ("backslash", plainly(&[entry("a\\b", "one")])),
        ("not ASCII", plainly(&[entry("ä", "one")])),
        ("above", plainly(&[entry("../a", "one")])),
        ("in front", archive(b"#!/bin/sh\n", &[a()], |_| {}, b"")),
        ("behind", archive(b"", &[a()], |_| {}, b"more")),
        ("counts", archive(b"", &[a()], |numbers| numbers[1] = 2, b"")),
        ("size", archive(b"", &[a()], |numbers| numbers[2] = 0, b"")),
    ] {
        assert!(!is_plain(&bytes), "{what}");
    }
}

#[test]
fn streams_find_what_the_directory_leaves_out() {
    let hidden = Entry { hidden: true, ..entry("b", "two") };
    let bytes = plainly(&[entry("a", "one"), hidden]);
    for id in ["bsdtar-zip-stream", "java-zipstream", "rust-zip-stream", "unzipper-stream"] {
        check(&bytes, &[(id, "a=one b=two")]);
    }
    for id in ["unzip", "py-zipfile", "bsdtar-zip", "java-zipfile", "go-zip", "rust-zip", "yauzl", "fflate", "adm-zip"]
    {
        check(&bytes, &[(id, "a=one")]);
    }
}

#[test]
fn a_name_is_the_directorys_or_the_headers_or_an_error() {
    let bytes = plainly(&[Entry { local: b"local".to_vec(), ..entry("central", "one") }]);
    check(
        &bytes,
        &[
            ("unzip", "error central=one"),
            ("py-zipfile", "error"),
            ("bsdtar-zip", "local=one"),
            ("java-zipfile", "central=one"),
            ("java-zipstream", "local=one"),
            ("go-zip", "central=one"),
            ("rust-zip", "central=one"),
            ("busybox-unzip", "local=one"),
            ("yauzl", "central=one"),
            ("fflate", "central=one"),
            ("adm-zip", "central=one"),
            ("jszip", "local=one"),
        ],
    );
}

#[test]
fn what_stands_in_front_moves_the_offsets_of_some() {
    let bytes = archive(b"#!/bin/sh\n", &[entry("a", "one")], |_| {}, b"");
    check(
        &bytes,
        &[
            ("unzip", "error a=one"),
            ("py-zipfile", "a=one"),
            ("bsdtar-zip", "a=one"),
            ("java-zipfile", "a=one"),
            ("go-zip", "a=one"),
            ("rust-zip", "a=one"),
            ("jszip", "a=one"),
            ("java-zipstream", ""),
            ("bsdtar-zip-stream", "error"),
            ("rust-zip-stream", "error"),
            ("7zz", "error"),
            ("yauzl", "error"),
            ("adm-zip", "error"),
            ("busybox-unzip", "error"),
        ],
    );
}

#[test]
fn a_count_that_is_too_high_is_an_error_for_some() {
    let bytes = archive(b"", &[entry("a", "one")], |numbers| (numbers[0], numbers[1]) = (2, 2), b"");
    check(
        &bytes,
        &[
            ("unzip", "error a=one"),
            ("py-zipfile", "a=one"),
            ("bsdtar-zip", "a=one"),
            ("java-zipfile", "a=one"),
            ("go-zip", "error"),
            ("rust-zip", "error"),
            ("7zz", "error a=one"),
            ("busybox-unzip", "a=one"),
            ("yauzl", "error a=one"),
            ("adm-zip", "error"),
            ("jszip", "a=one"),
        ],
    );
}

#[test]
fn a_wrong_crc_is_not_noticed_by_all() {
    let bytes = plainly(&[Entry { crc: 7, ..entry("a", "one") }]);
    check(
        &bytes,
        &[
            ("unzip", "error a=one"),
            ("py-zipfile", "error"),
            ("bsdtar-zip", "error a=one"),
            ("java-zipfile", "a=one"),
            ("java-zipstream", "error"),
            ("go-zip", "error"),
            ("rust-zip", "error"),
            ("7zz", "error a=one"),
            ("busybox-unzip", "a=one"),
            ("yauzl", "a=one"),
            ("fflate", "a=one"),
            ("adm-zip", "error"),
            ("jszip", "a=one"),
            ("unzipper-stream", "a=one"),
        ],
    );
}

#[test]
fn a_name_that_comes_twice_is_refused_by_some() {
    let bytes = plainly(&[entry("a", "one"), entry("a", "two")]);
    check(
        &bytes,
        &[
            ("py-zipfile", "a=one a=two"),
            ("rust-zip", "a=two"),
            ("rust-zip-stream", "a=one a=two"),
            ("adm-zip", "error"),
        ],
    );
}

#[test]
fn what_follows_the_end_record_is_an_error_for_some() {
    let bytes = archive(b"", &[entry("a", "one")], |_| {}, b"more");
    check(
        &bytes,
        &[
            ("unzip", "a=one"),
            ("py-zipfile", "a=one"),
            ("java-zipfile", "a=one"),
            ("go-zip", "a=one"),
            ("7zz", "a=one"),
            ("fflate", "a=one"),
            ("yauzl", "error"),
            ("unzipper-stream", "error a=one"),
        ],
    );
}

#[test]
fn a_descriptor_of_stored_data_is_an_error_for_some() {
    let bytes = plainly(&[Entry { flags: 8, ..entry("a", "one") }]);
    check(
        &bytes,
        &[
            ("unzip", "a=one"),
            ("busybox-unzip", "a=one"),
            ("java-zipfile", "a=one"),
            ("java-zipstream", "error"),
            ("rust-zip", "a=one"),
            ("rust-zip-stream", "error"),
        ],
    );
}

#[test]
fn a_gap_ends_some_streams_early() {
    let bytes = plainly(&[entry("a", "one"), Entry { gap: 4, ..entry("b", "two") }]);
    check(
        &bytes,
        &[
            ("unzip", "a=one b=two"),
            ("bsdtar-zip-stream", "a=one b=two"),
            ("java-zipstream", "a=one"),
            ("rust-zip-stream", "error a=one"),
            ("unzipper-stream", "error a=one"),
        ],
    );
}

#[test]
fn paths_that_lead_out_are_refused_stripped_or_kept() {
    let bytes = plainly(&[entry("../a", "one")]);
    check(
        &bytes,
        &[
            ("unzip", "a=one"),
            ("py-zipfile", "../a=one"),
            ("bsdtar-zip", "error"),
            ("busybox-unzip", "a=one"),
            ("7zz", "a=one"),
            ("yauzl", "error"),
            ("jszip", "a=one"),
        ],
    );
}

#[test]
fn names_without_a_flag_are_of_several_code_pages() {
    let name = vec![b'a', 0xcf];
    let bytes = plainly(&[Entry { local: name.clone(), central: name, ..entry("", "one") }]);
    check(
        &bytes,
        &[
            ("py-zipfile", "a╧=one"),
            ("yauzl", "a╧=one"),
            ("fflate", "aÏ=one"),
            ("jszip", "a\u{fffd}=one"),
            ("java-zipfile", "error"),
        ],
    );
}
