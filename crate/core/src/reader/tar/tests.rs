//! Archives that models must see alike, and for each model one that it sees otherwise than another.

use std::sync::Arc;

use super::READERS;
use crate::entry::Kind;
use crate::limits::Limits;
use crate::reader::{Archive, End};
use crate::store::{CACHE, Store};

/// A header of POSIX with a checksum; fields are set before it is summed.
fn header(name: &str, flag: u8, size: usize, fields: &[(usize, &[u8])]) -> Vec<u8> {
    let mut block = vec![0; 512];
    let size = format!("{size:011o}");
    let usual: [(usize, &[u8]); 8] = [
        (0, name.as_bytes()),
        (100, b"0000644"),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, size.as_bytes()),
        (136, b"00000000000"),
        (156, &[flag]),
        (257, b"ustar\x0000"),
    ];
    for (at, bytes) in usual.iter().chain(fields) {
        block[*at..*at + bytes.len()].copy_from_slice(bytes);
    }
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Bytes filled up to whole blocks.
fn body(bytes: &[u8]) -> Vec<u8> {
    let mut body = bytes.to_vec();
    body.resize(bytes.len().next_multiple_of(512), 0);
    body
}

fn member(name: &str, flag: u8, text: &str) -> Vec<u8> {
    [header(name, flag, text.len(), &[]), body(text.as_bytes())].concat()
}

fn file(name: &str, text: &str) -> Vec<u8> {
    member(name, b'0', text)
}

/// A record of an extension header.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let length = (1..).find(|length: &usize| length.to_string().len() + rest.len() == *length).unwrap();
    format!("{length}{rest}")
}

fn local(records: &str) -> Vec<u8> {
    member("records", b'x', records)
}

fn end() -> Vec<u8> {
    vec![0; 1024]
}

/// What a reader sees: `path=content` for files, `path>target` for links, `path/` for folders, `path?` for the rest;
/// then `!` if it reports an error.
fn seen(id: &str, archive: &[u8]) -> String {
    let store = Store::new(Arc::new(archive.to_vec()), &Limits::default(), CACHE);
    let reader = READERS.iter().find(|reader| reader.id == id).unwrap();
    let view = (reader.see)(&mut Archive::new(&store, 0).unwrap());
    let mut seen: Vec<String> = view
        .members
        .iter()
        .map(|member| {
            let path = String::from_utf8_lossy(&member.path);
            let target = String::from_utf8_lossy(member.target.as_deref().unwrap_or_default());
            match (member.kind, &member.content) {
                (Kind::File, Some(content)) => {
                    let (bytes, _) = store.read(content, 4096).unwrap();
                    format!("{path}={}", String::from_utf8_lossy(&bytes).replace('\0', "."))
                }
                (Kind::Symlink | Kind::Hardlink, _) => format!("{path}>{target}"),
                (Kind::Directory, _) => format!("{path}/"),
                _ => format!("{path}?"),
            }
        })
        .collect();
    if view.end != End::Whole {
        seen.push("!".into());
    }
    seen.join(" ")
}

/// Each line: readers, and what they see.
#[track_caller]
fn check(parts: &[Vec<u8>], expected: &[(&str, &str)]) {
    let archive = parts.concat();
    for (ids, view) in expected {
        for id in ids.split(' ') {
            assert_eq!(seen(id, &archive), *view, "{id}");
        }
    }
}

const ALL: &str = "gnu-tar py-tarfile bsdtar node-tar go-tar rust-tar busybox-tar 7zz-tar tar-stream";

#[test]
fn ordinary_archives_are_seen_alike() {
    let folder = header("d/", b'5', 0, &[]);
    let symlink = header("d/s", b'2', 0, &[(157, b"a")]);
    let hardlink = header("h", b'1', 0, &[(157, b"d/a")]);
    check(&[folder, file("d/a", "one"), symlink, hardlink, end()], &[(ALL, "d/ d/a=one d/s>a h=one")]);
    // Long names of GNU, of POSIX with a prefix, and of records.
    let (long, deep) = ("n".repeat(120), "p".repeat(60));
    let gnu = [(257, &b"ustar  \0"[..])];
    let name = [header("././@LongLink", b'L', 121, &gnu), body(format!("{long}\0").as_bytes())].concat();
    let cut = [header(&long[..100], b'0', 1, &gnu), body(b"1")].concat();
    check(&[name, cut, end()], &[(ALL, &format!("{long}=1"))]);
    let prefixed = [header("n", b'0', 1, &[(345, deep.as_bytes())]), body(b"2")].concat();
    check(&[prefixed, end()], &[(ALL, &format!("{deep}/n=2"))]);
    let records = [record("mtime", "1.5"), record("path", "näme"), record("size", "3")].concat();
    check(&[local(&records), file("n", "abc"), file("o", "d"), end()], &[(ALL, "näme=abc o=d")]);
    // What follows the end.
    check(&[file("a", "1"), end(), end()], &[(ALL, "a=1")]);
    // Of one path the last.
    check(&[file("a", "1"), file("./a", "2"), end()], &[(ALL, "a=2")]);
}

#[test]
fn sparse_files_are_whole_for_readers_that_know_them() {
    let extents = [(386, &b"00000000512\0"[..]), (398, &b"00000000003\0"[..]), (483, &b"00000001003\0"[..])];
    let octal = [(386, &b"00000001000\0"[..]), extents[1], extents[2], (257, &b"ustar  \0"[..])];
    let old = [header("s", b'S', 3, &octal), body(b"abc")].concat();
    let content = format!("s={}abc", ".".repeat(512));
    let know = "gnu-tar py-tarfile bsdtar go-tar rust-tar 7zz-tar";
    check(&[old, end()], &[(know, &content), ("node-tar", ""), ("busybox-tar", "!"), ("tar-stream", "s?")]);
    let records = [
        record("GNU.sparse.major", "1"),
        record("GNU.sparse.minor", "0"),
        record("GNU.sparse.name", "s"),
        record("GNU.sparse.realsize", "515"),
    ]
    .concat();
    let data = [body(b"1\n512\n3\n"), b"abc".to_vec()].concat();
    let raw = format!("s.0=1\n512\n3\n{}abc", ".".repeat(504));
    let new = [header("s.0", b'0', data.len(), &[]), body(&data)].concat();
    check(
        &[local(&records), new, end()],
        &[("gnu-tar py-tarfile bsdtar go-tar", &content), ("node-tar rust-tar busybox-tar 7zz-tar tar-stream", &raw)],
    );
}

#[test]
fn a_bad_header_ends_some_and_is_passed_over_by_others() {
    let mut bad = header("bad", b'0', 0, &[]);
    bad[148..156].copy_from_slice(b"000001\0 ");
    check(
        &[file("a", "1"), bad, file("b", "2"), end()],
        &[
            ("gnu-tar", "a=1 b=2 !"),
            ("bsdtar node-tar", "a=1 b=2"),
            ("py-tarfile", "a=1"),
            ("go-tar rust-tar busybox-tar 7zz-tar", "a=1 !"),
            ("tar-stream", "!"),
        ],
    );
}

#[test]
fn one_zero_block_is_an_end_or_none() {
    check(
        &[file("a", "1"), vec![0; 512], file("b", "2"), end()],
        &[
            ("gnu-tar py-tarfile bsdtar rust-tar 7zz-tar", "a=1"),
            ("go-tar", "a=1 !"),
            ("node-tar busybox-tar tar-stream", "a=1 b=2"),
        ],
    );
    check(
        &[file("a", "1"), end(), file("b", "2"), end()],
        &[("tar-stream", "a=1 b=2"), ("gnu-tar py-tarfile bsdtar node-tar go-tar rust-tar busybox-tar 7zz-tar", "a=1")],
    );
}

#[test]
fn bodies_of_links_and_folders_are_read_as_headers_or_not() {
    let hidden = file("hidden", "2");
    let text = String::from_utf8(hidden.clone()).unwrap();
    let symlink = [header("s", b'2', text.len(), &[(157, b"t")]), hidden.clone()].concat();
    check(
        &[symlink, end()],
        &[
            ("gnu-tar py-tarfile bsdtar go-tar busybox-tar", "s>t hidden=2"),
            ("node-tar rust-tar tar-stream", "s>t"),
            ("7zz-tar", "s>hidden"),
        ],
    );
    check(
        &[member("d", b'5', &text), end()],
        &[
            ("gnu-tar py-tarfile bsdtar node-tar go-tar busybox-tar 7zz-tar tar-stream", "d/ hidden=2"),
            ("rust-tar", "d/"),
        ],
    );
    // A file that only its name makes a folder.
    check(
        &[member("d/", b'0', &text), end()],
        &[
            ("gnu-tar bsdtar node-tar", "d/ hidden=2"),
            ("7zz-tar", "d/"),
            ("py-tarfile go-tar rust-tar busybox-tar tar-stream", &format!("d={}", text.replace('\0', "."))),
        ],
    );
}

#[test]
fn global_records_name_members_for_two_readers() {
    let global = member("records", b'g', &record("path", "global"));
    check(
        &[global, file("own", "1"), end()],
        &[
            ("gnu-tar py-tarfile", "global=1"),
            ("bsdtar node-tar go-tar rust-tar busybox-tar 7zz-tar tar-stream", "own=1"),
        ],
    );
}

#[test]
fn the_first_or_the_last_record_of_a_key_counts() {
    let records = [record("path", "first"), record("path", "last")].concat();
    let last = "gnu-tar py-tarfile bsdtar node-tar go-tar busybox-tar 7zz-tar tar-stream";
    check(&[local(&records), file("own", "1"), end()], &[(last, "last=1"), ("rust-tar", "first=1")]);
}

#[test]
fn a_size_in_a_record_moves_the_next_header_for_all_but_one() {
    let inner = file("hidden", "2");
    let records = record("size", &inner.len().to_string());
    let whole = format!("a={}", String::from_utf8_lossy(&inner).replace('\0', "."));
    check(
        &[local(&records), header("a", b'0', 0, &[]), inner, end()],
        &[
            ("busybox-tar", "a= hidden=2"),
            ("gnu-tar py-tarfile bsdtar node-tar go-tar rust-tar 7zz-tar tar-stream", &whole),
        ],
    );
}

#[test]
fn two_extension_headers_of_one_member() {
    let (one, two) = (local(&record("path", "one")), local(&record("mtime", "2")));
    check(
        &[one, two, file("own", "1"), end()],
        &[
            ("py-tarfile node-tar busybox-tar", "one=1"),
            ("gnu-tar go-tar 7zz-tar tar-stream", "own=1"),
            ("bsdtar", "own=1 !"),
            ("rust-tar", "!"),
        ],
    );
}

#[test]
fn a_long_name_and_a_record_both_name_the_member() {
    let long = member("././@LongLink", b'L', "long\0");
    check(
        &[long, local(&record("path", "record")), file("own", "1"), end()],
        &[
            ("gnu-tar node-tar busybox-tar 7zz-tar tar-stream", "record=1"),
            ("py-tarfile bsdtar go-tar rust-tar", "long=1"),
        ],
    );
}

#[test]
fn a_malformed_record_is_passed_over_or_fails() {
    check(&[local("9 path=x\n"), file("own", "1"), end()], &[(ALL, "x=1")]);
    check(
        &[local("8 path=x\n"), file("own", "1"), end()],
        &[("gnu-tar bsdtar", "own=1 !"), ("py-tarfile", ""), ("node-tar rust-tar", "own=1"), ("go-tar", "!")],
    );
}

#[test]
fn names_that_lead_out_are_refused_cut_or_kept() {
    check(
        &[file("a/../../b", "1"), file("/c", "2"), end()],
        &[
            ("gnu-tar bsdtar", "c=2 !"),
            ("busybox-tar", "b=1 c=2"),
            ("7zz-tar", "a/b=1 c=2"),
            ("py-tarfile node-tar go-tar rust-tar tar-stream", "a/../../b=1 c=2"),
        ],
    );
}

#[test]
fn a_hard_link_to_a_later_member_is_one_only_for_some() {
    let link = header("h", b'1', 0, &[(157, b"a")]);
    check(
        &[link, file("a", "1"), end()],
        &[
            ("gnu-tar bsdtar 7zz-tar", "a=1 !"),
            ("busybox-tar", "a=1 h=1"),
            ("py-tarfile node-tar go-tar rust-tar tar-stream", "h>a a=1"),
        ],
    );
    let link = header("h", b'1', 0, &[(157, b"a")]);
    check(&[file("a", "1"), link, file("a", "2"), end()], &[("gnu-tar py-tarfile go-tar", "h=1 a=2")]);
    let link = header("h", b'1', 0, &[(157, b"a")]);
    check(&[file("a", "1"), link, file("a", "2"), end()], &[("busybox-tar", "a=2 h=2")]);
}

#[test]
fn unknown_types_and_magics() {
    check(
        &[member("a", b'Z', "1"), end()],
        &[
            ("gnu-tar bsdtar 7zz-tar", "a=1"),
            ("py-tarfile go-tar rust-tar tar-stream", "a?"),
            ("node-tar", ""),
            ("busybox-tar", "!"),
        ],
    );
    let old = [header("a", b'0', 1, &[(257, &[0; 8])]), body(b"1")].concat();
    let read = "gnu-tar py-tarfile bsdtar node-tar go-tar rust-tar 7zz-tar";
    check(&[old, end()], &[(read, "a=1"), ("busybox-tar tar-stream", "!")]);
    // A prefix under another magic.
    let prefixed = [header("n", b'0', 1, &[(257, b"ustar  \0"), (345, b"p")]), body(b"1")].concat();
    check(
        &[prefixed, end()],
        &[("gnu-tar bsdtar node-tar rust-tar tar-stream", "n=1"), ("py-tarfile go-tar busybox-tar 7zz-tar", "p/n=1")],
    );
}

#[test]
fn numbers_that_are_none_stop_strict_readers() {
    let size = |bytes: &[u8]| [header("a", b'0', 0, &[(124, bytes)]), body(b"1234567")].concat();
    check(
        &[size(b"0000000007x\0"), end()],
        &[("bsdtar", "!"), ("node-tar tar-stream", "a=1234567"), ("go-tar rust-tar busybox-tar 7zz-tar", "!")],
    );
    check(&[size(b"\x80\0\0\0\0\0\0\0\0\0\0\x07"), end()], &[(ALL, "a=1234567")]);
    let negative = size(&[0xff; 12]);
    check(&[negative, end()], &[("gnu-tar", "!"), ("bsdtar go-tar rust-tar busybox-tar 7zz-tar tar-stream", "!")]);
}

#[test]
fn cut_archives_are_not_whole() {
    let cut = [header("a", b'0', 600, &[]), vec![b'x'; 512]].concat();
    for reader in READERS.iter().filter(|reader| reader.id != "node-tar") {
        assert!(seen(reader.id, &cut).ends_with('!'), "{}", reader.id);
    }
    check(&[vec![0; 100]], &[("gnu-tar py-tarfile bsdtar go-tar rust-tar busybox-tar 7zz-tar tar-stream", "!")]);
    check(
        &[vec![]],
        &[("gnu-tar py-tarfile busybox-tar 7zz-tar", "!"), ("bsdtar node-tar go-tar rust-tar tar-stream", "")],
    );
    // Without zero blocks.
    check(&[file("a", "1")], &[("gnu-tar py-tarfile bsdtar node-tar go-tar rust-tar busybox-tar tar-stream", "a=1")]);
}
