//! Directories read, and times.

use std::sync::Arc;

use super::modified::Modified;
use super::*;
use crate::limits::Limits;
use crate::store::Store;

/// One stored member with this content.
fn local(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21\0".to_vec();
    bytes.extend(crc32fast::hash(content).to_le_bytes());
    for _ in 0..2 {
        bytes.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    }
    bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(name.as_bytes());
    bytes.extend(content);
    bytes
}

/// Its directory record.
fn record(name: &str, content: &[u8], offset: u32) -> Vec<u8> {
    let mut bytes = b"PK\x01\x02\x14\x03".to_vec();
    bytes.extend(&local(name, content)[4..26]);
    bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend([0; 12]);
    bytes.extend(offset.to_le_bytes());
    bytes.extend(name.as_bytes());
    bytes
}

fn end(count: u16, size: usize, offset: usize, comment: &[u8]) -> Vec<u8> {
    let mut bytes = b"PK\x05\x06\0\0\0\0".to_vec();
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    for value in [size, offset] {
        bytes.extend(u32::try_from(value).unwrap().to_le_bytes());
    }
    bytes.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
    bytes.extend(comment);
    bytes
}

/// An archive of one member, behind `stub` bytes that its offsets may count.
fn archive(stub: usize, counted: bool, comment: &[u8]) -> Vec<u8> {
    let (member, shift) = (local("a", b"x"), if counted { stub } else { 0 });
    let record = record("a", b"x", u32::try_from(shift).unwrap());
    let end = end(1, record.len(), member.len() + shift, comment);
    [vec![b'#'; stub], member, record, end].concat()
}

/// Name and content of each member, then the comment, or the reason why not.
#[track_caller]
fn check(bytes: Vec<u8>, expected: &str) {
    let store = Store::new(Arc::new(bytes), &Limits::default(), 1 << 20);
    let mut bytes = Bytes::plain(&store, 0);
    let found = read(&store, &mut bytes).and_then(|directory| {
        let mut text = String::new();
        for entry in &directory.entries {
            text += &shown(&entry.header.name);
            if let Some((content, _)) = entry.content(&mut bytes)? {
                text += &format!("={}", store.read(&content, 100).unwrap().0.escape_ascii());
            }
            text += " ";
        }
        Ok(text + &directory.comment.escape_ascii().to_string())
    });
    let found = match found {
        Ok(text) => text,
        Err(Stop::Refused(reason)) => format!("! {reason}"),
        Err(Stop::Fault(fault)) => panic!("{fault}"),
    };
    assert_eq!(found, expected);
}

#[test]
fn the_directory_is_found_behind_a_stub_and_before_a_comment() {
    check(archive(0, false, b""), "a=x ");
    check(archive(0, false, b"comment"), "a=x comment");
    check(archive(5, false, b""), "a=x ");
    check(archive(5, true, b""), "a=x ");
    check([archive(0, false, b""), b"trailing".to_vec()].concat(), "a=x ");
    check([archive(0, false, b""), vec![0; 70_000]].concat(), "! there is no zip end record where Go looks for it");
    let cut = archive(0, false, b"comment");
    check(cut[..cut.len() - 1].to_vec(), "! there is no zip end record where Go looks for it");
    check(b"".to_vec(), "! there is no zip end record where Go looks for it");
    check(end(0, 0, 0, b""), "");
}

#[test]
fn records_are_counted_and_folders_told_by_their_names() {
    let with = |name: &str, content: &[u8], count| {
        let (member, record) = (local(name, content), record(name, content, 0));
        let end = end(count, record.len(), member.len(), b"");
        [member, record, end].concat()
    };
    check(with("a/", b"", 1), "a/ ");
    check(with("a/", b"x", 1), "! the folder a/ has data");
    check(with("a", b"x", 2), "! the zip directory has 1 records that can be read, its end says 2");
    let mut bytes = archive(0, false, b"");
    bytes[0] = b'Q';
    check(bytes, "! there is no local header of a");
    let mut bytes = archive(0, false, b"");
    bytes[32 + 10] = 12;
    check(bytes, "! a is compressed by a method that OSS Rebuild does not know");
}

#[test]
fn a_descriptor_is_looked_at_where_the_directory_says_that_there_is_one() {
    let with = |descriptor: &[u8]| {
        let (member, mut record) = (local("a", b"x"), record("a", b"x", 0));
        record[8] = 8;
        let end = end(1, record.len(), member.len() + descriptor.len(), b"");
        [member, descriptor.to_vec(), record, end].concat()
    };
    let crc = crc32fast::hash(b"x").to_le_bytes();
    check(with(&[&b"PK\x07\x08"[..], &crc, &[0; 8]].concat()), "a=x ");
    check(with(&[&crc[..], &[0; 8]].concat()), "a=x ");
    check(with(&[&[0; 4][..], &[0; 8]].concat()), "! the data descriptor of a contradicts the directory");
}

#[test]
fn times_come_from_extra_blocks_with_the_zone_that_dos_time_shows() {
    // 2023-11-14 22:13:20 UTC, and the same day at 23:13:20 by DOS.
    let (unix, dos) = (1_700_000_000_u32, (0xb9aa, 0x576e));
    let check = |dos, extra: &[u8], expected: ((u16, u16), i64)| {
        let (written, block) = Modified::new(dos, extra).write();
        let seconds = u32::from_le_bytes(*block.last_chunk::<4>().unwrap());
        assert_eq!((written, i64::from(seconds)), expected, "{}", extra.escape_ascii());
    };
    let timestamp = [&b"UT\x05\0\x01"[..], &unix.to_le_bytes()].concat();
    check(dos, b"", (dos, 1_700_003_600));
    check(dos, &timestamp, (dos, 1_700_000_000));
    // Without DOS time there is no zone; one that is too far away is none.
    check((0, 0), &timestamp, ((0xb1aa, 0x576e), 1_700_000_000));
    check((0, 0x21), &timestamp, ((0xb1aa, 0x576e), 1_700_000_000));
    // A flag that says there is none, and a block that is cut.
    check(dos, &[&b"UT\x05\0\x02"[..], &unix.to_le_bytes()].concat(), (dos, 1_700_003_600));
    check(dos, b"UT\xff\0\x01", (dos, 1_700_003_600));
    let ticks = (11_644_473_600 + 1_700_000_000_u64) * 10_000_000;
    let ntfs = [&b"\x0a\0\x20\0\0\0\0\0\x01\0\x18\0"[..], &ticks.to_le_bytes(), &[0; 16]].concat();
    check(dos, &ntfs, (dos, 1_700_000_000));
    check(dos, &[&b"UX\x08\0\x05\0\0\0"[..], &unix.to_le_bytes()].concat(), (dos, 1_700_000_000));
    // Months and days that do not exist.
    check((0, 0), b"", ((0, 0xff7e), 312_768_000));
    assert_eq!(Modified::EPOCH.write().0, (0, 0xec21));
}
