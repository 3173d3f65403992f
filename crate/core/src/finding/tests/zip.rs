//! Cases of ZIP archives.

use super::build::{Entry, block, body, end, ended, entry, zip};
use super::{Case, case};

fn file(entries: &[Entry]) -> super::File {
    ("a.zip", zip(entries))
}

/// Two entries of which the second lies in the first one's data.
fn overlapping(shift: u32) -> Vec<u8> {
    let second = entry("b", "hello").with(|entry| entry.shift = shift);
    zip(&[entry("b", "hello").both(|head| head.name = b"a".to_vec()), second])
}

/// A local header and its data, without a record.
fn hidden() -> Vec<u8> {
    let (bytes, directory) = body(&[entry("hidden", "x")]);
    bytes[..directory as usize].to_vec()
}

fn unicode(name: &str, of: &str) -> Vec<u8> {
    block(0x7075, &[&[1], crc32fast::hash(of.as_bytes()).to_le_bytes().as_slice(), name.as_bytes()].concat())
}

fn wide(values: &[u64]) -> Vec<u8> {
    block(1, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())
}

pub(super) fn cases() -> Vec<Case> {
    let plain = entry("a", "hello");
    let alone = [plain.clone()];
    let usual = || file(&alone);
    let changed = |change: fn(&mut Entry)| file(&[plain.clone().with(change)]);
    let ends = |change: fn(&mut [u32; 4])| ("a.zip", ended(&alone, change));
    let with_after = |after: Vec<u8>| file(&[plain.clone().with(move |entry| entry.after.clone_from(&after))]);
    let extra = |extra: Vec<u8>| file(&[plain.clone().both(|head| head.extra.clone_from(&extra))]);
    let framed = |before: &[u8], after: &[u8]| ("a.zip", [before, &zip(&alone), after].concat());
    let commented = |comment: &[u8]| {
        let (bytes, directory) = body(&alone);
        let size = u32::try_from(bytes.len()).unwrap() - directory;
        ("a.zip", [bytes, end([1, 1, size, directory], comment)].concat())
    };
    let inner = zip(&[entry("inner", "x")]);
    let long = "x".repeat(70_000);
    let descriptor_inside = [b"abcd".as_slice(), b"PK\x07\x08....\x04\0\0\0\x04\0\0\0", b"more"].concat();
    let mut list = vec![
        case("ZIP-01", changed(|entry| entry.local.name = b"b".to_vec()), usual()),
        case("ZIP-02", file(&[plain.clone(), entry("a", "other")]), file(&[plain.clone(), entry("b", "other")])),
        case("ZIP-03", with_after(hidden()), with_after(b"PK\x03\x04 no".to_vec())),
        case("ZIP-04", changed(|entry| entry.shift = 3), usual()),
        case("ZIP-05", commented(&inner), commented(b"PK\x05\x06")),
        case(
            "ZIP-06",
            ("a.zip", [commented(b"x").1, Vec::new()].concat()[..commented(b"x").1.len() - 1].to_vec()),
            commented(b"x"),
        ),
        case("ZIP-07", framed(b"MZ stub", b""), usual()),
        case("ZIP-08", framed(b"", b"more"), commented(b"more")),
        case("ZIP-09", ends(|values| values[1] = 2), usual()),
        case("ZIP-10", ends(|values| values[2] += 1), usual()),
        case("ZIP-11", changed(|entry| entry.local.method = 8), usual()),
        case("ZIP-12", changed(|entry| entry.local.size = 4), file(&[plain.clone().deflated().streamed()])),
        case("ZIP-13", changed(|entry| entry.local.crc ^= 1), file(&[plain.clone().deflated().streamed()])),
        case("ZIP-14", changed(|entry| entry.local.flags = 1), changed(|entry| entry.local.flags = 8)),
        case("ZIP-15", file(&[plain.clone().streamed()]), file(&[plain.clone().deflated().streamed()])),
        case("ZIP-15", file(&[entry("a", descriptor_inside).streamed()]), file(&[entry("a", "").streamed()])),
        case("ZIP-15", changed(|entry| entry.central.flags = 8), changed(|entry| entry.central.flags = 2)),
        case("ZIP-16", extra(wide(&[9, 9])), extra(wide(&[5, 5]))),
        case("ZIP-16", extra([wide(&[5, 5]), wide(&[5, 5])].concat()), extra(wide(&[]))),
        case(
            "ZIP-16",
            file(&[plain.clone().both(|head| head.size = u32::MAX)]),
            file(&[plain.clone().both(|head| (head.size, head.extra) = (u32::MAX, wide(&[5])))]),
        ),
        case("ZIP-17", ("a.zip", overlapping(36_u32.wrapping_neg())), ("a.zip", overlapping(0))),
        case("ZIP-18", extra(unicode("other", "a")), extra(unicode("a", "a"))),
        case("ZIP-18", extra([unicode("a", "a"), unicode("a", "a")].concat()), extra(unicode("a", "a"))),
        case("ZIP-19", extra(b"\x01\x02\xff\xff".to_vec()), extra(b"\0\0\0".to_vec())),
        case("ZIP-20", file(&[entry("a/", "data")]), file(&[entry("a/", "")])),
        case("ZIP-20", changed(|entry| entry.external = 0x10), changed(|entry| entry.external = 0x20)),
        case("ZIP-21", file(&[entry("a", "b").unix(0o120_777)]), file(&[entry("a", "b").unix(0o100_644)])),
        case("ZIP-22", with_after(b"gap".to_vec()), with_after(vec![0; 3])),
        case("ZIP-23", file(&[plain.clone().deflated().both(|head| head.size = 4)]), file(&[plain.clone().deflated()])),
        case(
            "ZIP-24",
            file(&[plain.clone().deflated().with(|entry| {
                entry.data.extend(b"more");
                (entry.local.compressed, entry.central.compressed) =
                    (entry.local.compressed + 4, entry.central.compressed + 4);
            })]),
            file(&[plain.clone().deflated()]),
        ),
        case("ZIP-25", changed(|entry| entry.disk = 1), usual()),
        case(
            "ZIP-26",
            file(&[plain.clone().both(|head| head.flags = 1)]),
            file(&[plain.clone().both(|head| head.flags = 0x800)]),
        ),
        case("ZIP-27", file(&[plain.clone().both(|head| head.method = 98)]), file(&[plain.clone().deflated()])),
        case(
            "ZIP-29",
            changed(|entry| entry.comment = b"PK\x03\x04".to_vec()),
            changed(|entry| entry.comment = b"PK".to_vec()),
        ),
        case("ZIP-30", changed(|entry| entry.local.time = 9), usual()),
        case("ZIP-31", file(&[entry(b"\x84", "")]), file(&[entry("\u{e4}", "").both(|head| head.flags = 0x800)])),
        case("ZIP-32", file(&[entry("a\0b", "")]), file(&[entry("a0b", "")])),
        case("GEN-01", ("a.zip", [b"%PDF-1.4\n".as_slice(), &zip(&alone)].concat()), framed(b"#!/bin/sh\n", b"")),
        case("GEN-02", ("a.zip", b"no zip".to_vec()), ("a.txt", b"no zip".to_vec())),
        case("GEN-04", ("a.gz", super::build::gzip(&vec![0; 65 << 20])), ("a.gz", super::build::gzip(long.as_bytes()))),
        case("GEN-06", ("a.zip", Vec::new()), ("a.zip", zip(&[]))),
    ];
    let swapped = {
        let (bytes, directory) = body(&[plain.clone(), entry("b", "hello")]);
        let (records, at) = (bytes[directory as usize..].to_vec(), directory as usize);
        let half = records.len() / 2;
        let directory_bytes = [&records[half..], &records[..half]].concat();
        let size = u32::try_from(records.len()).unwrap();
        [&bytes[..at], &directory_bytes, &end([2, 2, size, directory], b"")].concat()
    };
    list.push(case("ZIP-28", ("a.zip", swapped), file(&[plain.clone(), entry("b", "hello")])));
    list
}

#[test]
fn an_extra_field_of_zeros_is_padding() {
    let severity = |padding: Vec<u8>| {
        let entry = entry("a", "x").with(|entry| entry.local.extra.clone_from(&padding));
        super::of(&super::read(&("a.zip", zip(&[entry]))), "ZIP-19").first().map(|finding| finding.severity)
    };
    // Sixteen empty blocks, and what is left.
    assert_eq!(severity(vec![0; 100]), Some(crate::entry::Severity::Info));
    assert_eq!(severity([vec![0; 99], vec![1]].concat()), Some(crate::entry::Severity::Medium));
}
