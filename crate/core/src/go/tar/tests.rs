//! Headers read and written, each beside what Go's archive/tar makes of it.

use std::sync::Arc;

use super::*;
use crate::go::{Bytes, Stop};
use crate::limits::Limits;
use crate::store::Store;

/// A header block of these fields, sealed.
fn block(edit: &[(usize, &[u8])]) -> Vec<u8> {
    let mut block = block::Block([0; 512]);
    let usual: [(usize, &[u8]); 9] = [
        (0, b"name"),
        (100, b"0000644\0"),
        (108, b"0000001\0"),
        (116, b"0000002\0"),
        (124, b"00000000000\0"),
        (136, b"00000000007\0"),
        (156, b"0"),
        (257, b"ustar\x0000"),
        (329, b"0000000\x000000000\0"),
    ];
    for (at, bytes) in usual.iter().chain(edit) {
        block.put((*at, bytes.len()), bytes);
    }
    block.seal();
    block.0.to_vec()
}

/// A member with this body.
fn member(edit: &[(usize, &[u8])], body: &[u8]) -> Vec<u8> {
    let size = format!("{:011o}\0", body.len());
    let mut bytes = block(&[&[(124, size.as_bytes())], edit].concat());
    bytes.extend_from_slice(body);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A PAX header of these records.
fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, value) in records {
        records::write(key.as_bytes(), value.as_bytes(), &mut body);
    }
    member(&[(156, b"x")], &body)
}

fn read_all(bytes: &[u8]) -> Result<Vec<Entry>, Stop> {
    let store = Store::new(Arc::new(bytes.to_vec()), &Limits::default(), 1 << 20);
    read(&store, &mut Bytes::plain(&store, 0))
}

/// The names read, or the reason why not.
#[track_caller]
fn check(parts: &[&[u8]], expected: &str) {
    let found = match read_all(&parts.concat()) {
        Ok(entries) => {
            entries.iter().map(|entry| String::from_utf8_lossy(&entry.header.name).into_owned() + " ").collect()
        }
        Err(Stop::Refused(reason)) => format!("! {reason}"),
        Err(Stop::Fault(fault)) => panic!("{fault}"),
    };
    assert_eq!(found.trim_end(), expected);
}

const ZERO: &[u8] = &[0; 512];

#[test]
fn reading_ends_at_two_blocks_of_zeros_or_with_the_bytes() {
    let a = &*member(&[], b"x");
    check(&[], "");
    check(&[ZERO], "");
    check(&[ZERO, ZERO, b"hidden"], "");
    check(&[a], "name");
    check(&[a, ZERO], "name");
    check(&[a, ZERO, ZERO, a], "name");
    check(&[a, ZERO, a], "! one block of zeros stands between two headers of the tar archive");
    check(&[a, b"cut"], "! the tar archive ends inside a header");
    check(&[a, &[7; 512]], "! the tar header at byte 1024 is damaged");
    // Without its padding the last content is the end, and without its last byte an error.
    check(&[a.get(..513).unwrap()], "name");
    check(&[a.get(..512).unwrap()], "! the tar archive ends inside a content");
}

#[test]
fn long_names_and_records_speak_for_the_next_member_only() {
    let (a, long) =
        (&*member(&[], b""), &*member(&[(0, b"././@LongLink"), (156, b"L"), (257, b"ustar  \0")], b"long\0x"));
    check(&[long, a, a], "long name");
    check(&[&pax(&[("path", "p"), ("path", "q")]), a, a], "q name");
    check(&[&pax(&[("path", "")]), a], "name");
    check(&[&pax(&[("path", "p")]), long, a], "long");
    check(&[&pax(&[("path", "p")]), &pax(&[("a", "b")]), a], "name");
    check(&[&pax(&[("size", "x")]), a], "! the PAX record size is no number");
    check(&[&pax(&[("path", "a\0b")]), a], "! a PAX record is malformed");
    check(&[&member(&[(156, b"x")], b"6 a=bx"), a], "! a PAX record is malformed");
    check(&[&pax(&[])], "");
}

#[test]
fn a_prefix_is_ustars_or_stars_and_sometimes_gnus() {
    check(&[&block(&[(345, b"prefix")])], "prefix/name");
    check(&[&block(&[(345, b"prefix"), (508, b"tar\0")])], "prefix/name");
    check(&[&block(&[(345, b"prefix"), (257, b"ustar  \0")])], "prefix/name");
    check(&[&block(&[(345, b"00000000007\0"), (257, b"ustar  \0")])], "name");
    check(&[&block(&[(345, b"prefix"), (257, b"\0\0\0\0\0\0\0\0")])], "name");
}

#[test]
fn a_folder_by_its_slash_and_bodies_of_what_has_none() {
    let flag = |edit: &[(usize, &[u8])]| read_all(&block(edit)).unwrap()[0].header.flag;
    assert_eq!(flag(&[(156, b"\0")]), b'0');
    assert_eq!(flag(&[(0, b"name/"), (156, b"\0")]), b'5');
    assert_eq!(flag(&[(0, b"name/")]), b'0');
    // A link that claims a body has none.
    let link = block(&[(156, b"2"), (124, b"00000000005\0")]);
    let entries = read_all(&[link.clone(), link].concat()).unwrap();
    assert_eq!((entries.len(), entries[0].header.size, entries[0].content.size), (2, 5, Some(0)));
    check(
        &[&block(&[(124, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")])],
        "! a tar header states a negative size",
    );
}

#[test]
fn numbers_are_octal_or_base_256_and_nothing_else() {
    let check = |field: &[u8], expected| assert_eq!(number::numeric(field), expected, "{}", field.escape_ascii());
    check(b"0000644\0", Some(0o644));
    check(b" 644 \0\0", Some(0o644));
    check(b"644\x007\0\0", Some(0o644));
    check(b"\0\0\0\0", Some(0));
    check(b"64 4\0", None);
    check(b"-644\0", None);
    check(b"0x1f\0", None);
    check(b"8\0", None);
    check(b"\x80\0\0\0\0\0\x01\x02", Some(0x102));
    check(b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2));
    check(b"\x80\x01\0\0\0\0\0\0\0\0\0\0", None);
    check(b"\x80\0\0\0\x80\0\0\0\0\0\0\0", None);
    let check = |text: &str, expected: Option<(i64, u32)>| {
        assert_eq!(number::time(text.as_bytes()).map(|time| (time.seconds, time.nanos)), expected, "{text}");
    };
    check("1.5", Some((1, 500_000_000)));
    check("-1.25", Some((-2, 750_000_000)));
    check("-0.5", Some((-1, 500_000_000)));
    check("1.", Some((1, 0)));
    check("+1", Some((1, 0)));
    check("1.0000000019", Some((1, 1)));
    check(".5", None);
    check("1.5e3", None);
}

#[test]
fn holes_are_known_by_records() {
    let body = b"1\n4\n2\n\0";
    let with = |records: &[(&str, &str)], body: &[u8]| {
        let entries = read_all(&[pax(records), member(&[], body)].concat())?;
        Ok::<_, Stop>((entries[0].header.name.clone(), entries[0].header.size, entries[0].content.clone()))
    };
    let mut data = body.to_vec();
    data.resize(512, 0);
    data.extend(b"xy");
    let one =
        [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "n"), ("GNU.sparse.realsize", "9")];
    let (name, size, content) = with(&one, &data).unwrap();
    assert_eq!((&*name, size, content.size, content.stored), (&b"n"[..], 9, Some(9), 2));
    assert!(with(&one, &data[..513]).is_err(), "a byte too few");
    let zero = |map| [("GNU.sparse.map", map), ("GNU.sparse.numblocks", "1"), ("GNU.sparse.size", "9")];
    assert_eq!(with(&zero("4,2"), b"xy").unwrap().1, 9);
    for wrong in ["4,2,5", "4,3", "8,2", "-1,2", "x,2"] {
        assert!(with(&zero(wrong), b"xy").is_err(), "{wrong}");
    }
    // Of a version that Go does not know.
    assert_eq!(with(&[("GNU.sparse.major", "2"), ("GNU.sparse.minor", "0")], b"xy").unwrap().1, 2);
}

/// How a header is written: flags of its blocks, records, and the name and mode in the last.
#[track_caller]
fn writes(edit: impl FnOnce(&mut Header), expected: &str) {
    let mut header = Header { flag: b'0', name: b"name".to_vec(), mode: 0o644, mtime: Time::new(7), ..Header::empty() };
    edit(&mut header);
    let found = match layout(&header) {
        Err(Stop::Refused(reason)) => format!("! {reason}"),
        Err(Stop::Fault(fault)) => panic!("{fault}"),
        Ok(bytes) => describe(&bytes),
    };
    assert_eq!(found, expected);
}

fn describe(bytes: &[u8]) -> String {
    let (mut text, mut rest) = (String::new(), bytes);
    loop {
        let head = rest.first_chunk::<512>().unwrap();
        let field = |(start, length): block::Span| {
            head[start..start + length].split(|byte| *byte == 0).next().unwrap().escape_ascii().to_string()
        };
        let kind = if field(block::MAGIC).ends_with(' ') { "gnu" } else { "ustar" };
        text += &format!("{kind} {} {}", field(block::TYPE), field(block::NAME));
        rest = &rest[512..];
        if rest.is_empty() {
            return text + &format!(" {} {} {}", field(block::UID), field(block::MTIME), field(block::PREFIX));
        }
        let size = usize::try_from(number::octal(&head[124..136]).unwrap()).unwrap();
        text += &format!(" [{}] ", rest[..size].escape_ascii());
        rest = &rest[size.next_multiple_of(512)..];
    }
}

#[test]
fn the_plainest_dialect_that_can_say_it_is_written() {
    writes(|_| {}, "ustar 0 name 0000000 00000000007 ");
    writes(|header| header.mtime = Time { seconds: 7, nanos: 500_000_000 }, "ustar 0 name 0000000 00000000010 ");
    writes(
        |header| header.uid = 0o10_000_000,
        "ustar x PaxHeaders.0/name [15 uid=2097152\\n] ustar 0 name 0000000 00000000007 ",
    );
    writes(|header| (header.dialects, header.uid) = (Dialects::GNU, 0o10_000_000), "gnu 0 name \\x80 00000000007 ");
    writes(
        |header| (header.dialects, header.atime) = (Dialects::PAX, Time::EPOCH),
        "ustar x PaxHeaders.0/name [11 atime=0\\n] ustar 0 name 0000000 00000000007 ",
    );
    writes(|header| header.dialects = Dialects::PAX, "ustar 0 name 0000000 00000000007 ");
    writes(
        |header| header.name = "é/ü".into(),
        "ustar x /PaxHeaders.0 [14 path=\\xc3\\xa9/\\xc3\\xbc\\n] ustar 0 / 0000000 00000000007 ",
    );
    let long = format!("{}/{}", "d".repeat(90), "f".repeat(20));
    writes(
        |header| header.name.clone_from(&long.clone().into_bytes()),
        &format!("ustar 0 {} 0000000 00000000007 {}", "f".repeat(20), "d".repeat(90)),
    );
    writes(
        |header| (header.name, header.dialects) = (long.clone().into_bytes(), Dialects::GNU),
        &format!("gnu L ././@LongLink [{long}\\x00] gnu 0 {} 0000000 00000000007 ", &long[..100]),
    );
    // A name cut at a slash.
    let cut = format!("{}/{}", "d".repeat(99), "f".repeat(120));
    writes(
        |header| header.name = cut.clone().into_bytes(),
        &format!("ustar x {}/ [230 path={cut}\\n] ustar 0 {} 0000000 00000000007 ", &cut[..99], &cut[..99])
            .replace("/ [", " ["),
    );
}

#[test]
fn records_are_kept_unless_the_header_says_them() {
    let records = |list: &[(&str, &str)]| {
        list.iter().map(|(key, value)| (key.as_bytes().to_vec(), value.as_bytes().to_vec())).collect::<Records>()
    };
    writes(
        |header| header.records = records(&[("comment", "c"), ("mtime", "7"), ("uid", "9"), ("GNU.sparse.x", "1")]),
        "ustar x PaxHeaders.0/name [13 comment=c\\n11 mtime=7\\n] ustar 0 name 0000000 00000000007 ",
    );
    writes(
        |header| header.xattrs = records(&[("user.a", "v")]),
        "ustar x PaxHeaders.0/name [25 SCHILY.xattr.user.a=v\\n] ustar 0 name 0000000 00000000007 ",
    );
}

#[test]
fn what_go_does_not_write_has_a_reason_and_a_nearest_form() {
    writes(|header| header.name = b"a/".into(), "! the path of a/, which is no folder, ends with a slash");
    writes(|header| (header.name, header.flag) = (b"a/".into(), b'5'), "ustar 5 a/ 0000000 00000000007 ");
    writes(|header| header.name = b"a\0b".into(), "! the path of a\\u{0}b has a NUL in it");
    writes(
        |header| (header.mode, header.dialects) = (1 << 40, Dialects::PAX),
        "! no tar header of the wanted kind can say what name says",
    );
    writes(|header| header.flag = GLOBAL, "! it cannot write the global PAX header name again");
    let header = Header { flag: b'0', name: b"a\0b/".to_vec(), mode: 1 << 40, ..Header::empty() };
    assert_eq!(describe(&forced(&header)), "ustar 0 ab/ 0000000 00000000000 ");
}

#[test]
fn a_global_header_that_nothing_touched_is_written_again() {
    let mut records = Records::new();
    records.insert(b"comment".to_vec(), b"c".to_vec());
    let header = Header { flag: GLOBAL, name: b"g".to_vec(), records, dialects: Dialects::PAX, ..Header::empty() };
    let bytes = layout(&header).unwrap();
    assert_eq!(&bytes[..2], b"g\0");
    assert_eq!((bytes.len(), &bytes[512..525]), (1024, &b"13 comment=c\n"[..]));
}
