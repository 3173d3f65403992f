//! What opening an archive shows, feature by feature.

mod properties;

use std::fmt::Write as _;

use super::header::{CHECKSUM, GID, GROUP, LINK, MAGIC, MAJOR, MODE, MTIME, NAME, OWNER, PREFIX, SIZE, Span, UID};
use super::*;
use crate::display;
use crate::entry::{Field, Value};
use crate::format::testing::{self, Opened, value};

/// An archive built block by block.
#[derive(Clone, Default)]
struct Build(Vec<u8>);

impl Build {
    /// A header as GNU tar would write it in ustar, changed, then given its checksum.
    fn header(mut self, name: &str, flag: u8, size: usize, change: impl Fn(&mut Block)) -> Self {
        let mut block = Block([0; 512]);
        block.put(NAME, name.as_bytes());
        for span in [MODE, UID, GID, MAJOR, header::MINOR] {
            block.put(span, b"0000000\0");
        }
        block.put(MODE, b"0000644\0");
        block.put(SIZE, format!("{size:011o}\0").as_bytes());
        block.put(MTIME, b"00000000012\0");
        block.put(TYPE, &[flag]);
        block.put(MAGIC, b"ustar\x0000");
        change(&mut block);
        seal(&mut block);
        self.0.extend(block.0);
        self
    }

    /// Content, filled up to a whole block.
    fn data(mut self, data: &[u8]) -> Self {
        self.0.extend(data);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    fn file(self, name: &str, data: &[u8]) -> Self {
        self.header(name, b'0', data.len(), |_| {}).data(data)
    }

    fn pax(self, flag: u8, records: &str) -> Self {
        self.header("pax", flag, records.len(), |_| {}).data(records.as_bytes())
    }

    fn end(mut self) -> Vec<u8> {
        self.0.extend([0; 1024]);
        self.0
    }
}

fn seal(block: &mut Block) {
    block.put(CHECKSUM, b"        ");
    let sum: u32 = block.0.iter().map(|byte| u32::from(*byte)).sum();
    block.put(CHECKSUM, format!("{sum:06o}\0 ").as_bytes());
}

fn gnu(block: &mut Block) {
    block.put(MAGIC, b"ustar  \0");
    block.put(MAJOR, &[0; 8]);
    block.put(header::MINOR, &[0; 8]);
}

/// A PAX record with its length.
fn record(key: &str, value: &str) -> String {
    let body = key.len() + value.len() + 3;
    let length = (1..9).map(|digits| digits + body).find(|length| length.to_string().len() + body == *length);
    format!("{} {key}={value}\n", length.unwrap())
}

fn open(bytes: &[u8]) -> Opened {
    testing::open(&TAR, "a.tar", bytes.to_vec())
}

/// Everything that opening shows, as text.
fn show(bytes: &[u8]) -> String {
    let opened = open(bytes);
    let mut text = String::new();
    let line = |text: &mut String, field: &Field| {
        let _ = write!(text, "  {} = {}", field.name, display::value(&field.value));
        match &field.stored {
            Some(stored) => writeln!(text, " stored {}", stored.escape_ascii()).unwrap(),
            None => text.push('\n'),
        }
    };
    for (index, entry) in opened.entries.iter().enumerate() {
        let content = entry.content.as_ref().map(|content| opened.store.read(content, 1 << 20));
        let content = match content {
            None => "no content".into(),
            Some(Ok((bytes, _))) => format!("\"{}\"", bytes.escape_ascii()),
            Some(Err(fault)) => fault.to_string(),
        };
        let _ = writeln!(text, "{} {:?} {content}", display::bytes(&opened.entries[index].path), entry.kind);
        entry.fields.iter().for_each(|field| line(&mut text, field));
    }
    text.push_str("--\n");
    opened.fields.iter().for_each(|field| line(&mut text, field));
    opened.problems.iter().for_each(|problem| writeln!(text, "  ! {problem}").unwrap());
    text
}

/// The fields that differ from those of a plain ustar file, and problems.
fn unusual(bytes: &[u8]) -> String {
    let usual = ["  mtime = 1970-01-01T00:00:10Z", "  mode = 0644", "  uid = 0", "  gid = 0", "  format = ustar", "--"];
    let text = show(bytes);
    text.lines().filter(|line| !usual.contains(line)).map(|line| format!("{line}\n")).collect()
}

fn problems(bytes: &[u8]) -> Vec<String> {
    open(bytes).problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_plain_archive_says_what_it_says_and_no_more() {
    let bytes = Build::default()
        .file("a.txt", b"hello\n")
        .header("d/", b'5', 0, |block| block.put(MODE, b"0000755\0"))
        .header("l", b'2', 0, |block| {
            block.put(LINK, b"a.txt");
            block.put(OWNER, b"root");
            block.put(GROUP, b"wheel");
        })
        .header("h", b'1', 0, |block| block.put(LINK, b"a.txt"))
        .header("c", b'3', 0, |block| block.put(MAJOR, b"0000005\0"))
        .header("p", b'6', 0, |_| {})
        .end();
    assert_eq!(
        show(&bytes),
        "\
a.txt File \"hello\\n\"
  mtime = 1970-01-01T00:00:10Z
  mode = 0644
  uid = 0
  gid = 0
  format = ustar
d/ Directory no content
  mtime = 1970-01-01T00:00:10Z
  mode = 0755
  uid = 0
  gid = 0
  format = ustar
l Symlink no content
  mtime = 1970-01-01T00:00:10Z
  target = a.txt
  mode = 0644
  uid = 0
  gid = 0
  owner = root
  group = wheel
  format = ustar
h Hardlink no content
  mtime = 1970-01-01T00:00:10Z
  target = a.txt
  mode = 0644
  uid = 0
  gid = 0
  format = ustar
c CharacterDevice no content
  mtime = 1970-01-01T00:00:10Z
  mode = 0644
  uid = 0
  gid = 0
  device-major = 5
  device-minor = 0
  format = ustar
p Fifo no content
  mtime = 1970-01-01T00:00:10Z
  mode = 0644
  uid = 0
  gid = 0
  format = ustar
--
"
    );
}

#[test]
fn detection_tells_tars_from_what_is_none() {
    let detect = |bytes: &[u8], name: &str| (TAR.detect)(bytes, name.as_bytes());
    let plain = Build::default().file("a", b"x").end();
    assert!(detect(&plain, "any"));
    let v7 = Build::default().header("a", b'0', 0, |block| block.0[257..].fill(0)).end();
    assert!(detect(&v7, "any"));
    let mut damaged = plain.clone();
    damaged[0] ^= 1;
    assert!(detect(&damaged, "any"), "a magic and sensible numbers");
    assert!(detect(&plain[..300], "any"));
    assert!(detect(&[0; 1024], "x.tar") && !detect(&[0; 1024], "x.img") && !detect(&[0; 512], "x.tar"));
    for other in [&b"PK\x03\x04"[..], b"", &[b'7'; 600], b"a text\n".repeat(99).as_slice(), &[0xff; 512]] {
        assert!(!detect(other, "x.tar"), "{}", other.escape_ascii());
    }
}

#[test]
fn an_empty_archive_is_one() {
    assert_eq!(show(&[0; 1024]), "--\n");
    assert_eq!(show(&[0; 10240]), "--\n  zero-padding = 9216\n");
}

#[test]
fn prefixes_are_joined_only_where_the_dialect_has_them() {
    let long = |block: &mut Block| block.put(PREFIX, b"usr/share");
    assert_eq!(
        unusual(&Build::default().header("a", b'0', 0, long).end()),
        "usr/share/a File \"\"\n  prefix-length = 9\n"
    );
    let both = |block: &mut Block| {
        long(block);
        gnu(block);
    };
    let text = unusual(&Build::default().header("a", b'0', 0, both).end());
    assert!(text.starts_with("a File"), "{text}");
    assert!(text.contains("header-form = 345:\"usr/share"), "{text}");
    assert!(text.contains("! a: its GNU header has a prefix"), "{text}");
}

#[test]
fn gnu_long_names_and_links_of_any_length() {
    let long = "d/".repeat(120) + "f";
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(2);
    header.set_mode(0o600);
    builder.append_data(&mut header, &long, &b"hi"[..]).unwrap();
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder.append_link(&mut header, "l", &long).unwrap();
    let opened = open(&builder.into_inner().unwrap());
    assert_eq!(opened.problems, []);
    assert_eq!((opened.entries.len(), opened.content(0)), (2, b"hi".to_vec()));
    assert_eq!(opened.entries[0].path, long.as_bytes());
    assert_eq!(value(&opened.entries[0], "format"), Some(&Value::text("gnu")));
    assert_eq!(value(&opened.entries[0], "header:path"), None, "cut at 100 bytes is the usual way");
    assert_eq!(value(&opened.entries[1], "target"), Some(&Value::Bytes(long.into())));
    // Another name in the header is kept.
    let bytes = Build::default().header("././@LongLink", b'L', 4, gnu).data(b"abc\0").header("x", b'0', 0, gnu).end();
    let text = unusual(&bytes);
    assert!(text.contains("abc File") && text.contains("header:path = x"), "{text}");
    assert!(text.contains("extension-header = L ././@LongLink 644 0/0 @10 gnu\n"), "{text}");
    let bytes = Build::default().header("L", b'L', 5, gnu).data(b"abc\0d").header("abc", b'0', 0, gnu).end();
    assert!(unusual(&bytes).contains("after the NUL \"d\""));
    let bytes = Build::default().header("L", b'L', 3, gnu).data(b"abc").header("abc", b'0', 0, gnu).end();
    assert!(unusual(&bytes).contains("; no NUL"));
}

#[test]
fn pax_records_replace_and_add() {
    let records = [
        record("path", "päth"),
        record("mtime", "10.5"),
        record("atime", "1.50"),
        record("uid", "3000000"),
        record("uname", "me"),
        record("SCHILY.xattr.user.x", "\0y"),
        record("comment", "c"),
    ]
    .concat();
    let bytes = Build::default().pax(b'x', &records).header("p?th", b'0', 1, |_| {}).data(b"x").end();
    assert_eq!(
        show(&bytes),
        "\
päth File \"x\"
  mtime = 1970-01-01T00:00:10.500000000Z
  atime = 1970-01-01T00:00:01.500000000Z stored 1.50
  mode = 0644
  uid = 3000000
  gid = 0
  owner = me
  format = pax
  extension-header = x pax 644 0/0 @10: path,mtime,atime,uid,uname,SCHILY.xattr.user.x,comment
  pax:SCHILY.xattr.user.x = \\u{0}y
  pax:comment = c
  header:path = p?th
  header:owner = 
--
"
    );
}

#[test]
fn a_pax_size_wins_and_the_contradiction_is_told() {
    let bytes = Build::default().pax(b'x', &record("size", "3")).header("a", b'0', 700, |_| {}).data(b"abc").end();
    let opened = open(&bytes);
    assert_eq!(opened.content(0), b"abc");
    assert_eq!(value(&opened.entries[0], "header:size"), Some(&Value::Number(700)));
    assert_eq!(opened.problems.len(), 1);
    let same = Build::default().pax(b'x', &record("size", "3")).file("a", b"abc").end();
    assert_eq!(problems(&same), Vec::<String>::new());
    // The way to write 8 GiB and more: nothing is wrong with it.
    let large = Build::default().pax(b'x', &record("size", "8589934592")).header("a", b'0', 0, |_| {}).end();
    assert!(problems(&large)[0].starts_with("the archive ends inside a content"), "{:?}", problems(&large));
    assert_eq!(open(&large).entries.len(), 1);
    let odd = Build::default().pax(b'x', &record("size", "0x3")).file("a", b"abc").end();
    assert_eq!(problems(&odd), ["a: the PAX record size makes no sense (byte 1024)"]);
    assert_eq!(open(&odd).content(0), b"abc");
}

#[test]
fn repeated_records_and_headers_are_told() {
    let bytes = Build::default().pax(b'x', &[record("path", "b"), record("path", "c")].concat()).file("a", b"").end();
    let text = unusual(&bytes);
    assert!(text.starts_with("c File") && text.contains("pax:path = b"), "{text}");
    assert!(text.contains("! c: the PAX record path is there twice"), "{text}");
    let bytes = Build::default().pax(b'x', &record("path", "b")).pax(b'x', &record("gid", "1")).file("a", b"").end();
    assert!(unusual(&bytes).contains("two PAX headers come before it"));
    let bytes =
        Build::default().pax(b'x', &record("path", "b")).header("L", b'L', 2, gnu).data(b"c\0").file("a", b"").end();
    let text = unusual(&bytes);
    assert!(text.starts_with("b File") && text.contains("gnu:path = c"), "{text}");
    assert!(text.contains("its PAX path and its GNU long one differ"), "{text}");
}

#[test]
fn malformed_records_are_kept_raw() {
    let bytes = Build::default().pax(b'x', "6 a=b\n99 path=evil\n").file("a", b"").end();
    let text = unusual(&bytes);
    assert!(text.starts_with("a File"), "{text}");
    assert!(text.contains("pax-malformed = 99 path=evil"), "{text}");
    assert!(text.contains("! a: a PAX record before it is malformed"), "{text}");
}

#[test]
fn global_headers_are_fields_of_the_archive_and_defaults_for_entries() {
    let bytes = Build::default()
        .pax(b'g', &[record("comment", "0123abc"), record("gid", "7")].concat())
        .file("a", b"")
        .pax(b'x', &record("gid", "8"))
        .file("b", b"")
        .pax(b'g', &record("gid", ""))
        .file("c", b"")
        .end();
    let opened = open(&bytes);
    let gids: Vec<_> = opened.entries.iter().map(|entry| value(entry, "gid")).collect();
    assert_eq!(
        gids,
        [7, 8, 0].map(|gid| Some(&Value::Number(gid)).cloned()).iter().map(Option::as_ref).collect::<Vec<_>>()
    );
    let names: Vec<_> = opened.fields.iter().map(|field| field.name.as_ref()).collect();
    assert_eq!(names, ["global-header", "global-pax:comment", "global-pax:gid", "global-header 2", "global-pax 2:gid"]);
    assert_eq!(opened.value("global-header"), Some(&Value::text("before entry 1: g pax 644 0/0 @10: comment,gid")));
    assert_eq!(opened.problems, []);
    let bytes = Build::default().pax(b'g', &record("path", "evil")).file("a", b"").end();
    assert_eq!(open(&bytes).entries[0].path, b"evil");
    assert_eq!(problems(&bytes).len(), 1);
}

#[test]
fn every_type_flag_is_something() {
    let check = |flag: u8, kind, name: Option<&str>| {
        let opened = open(&Build::default().header("a", flag, 0, |_| {}).end());
        assert_eq!(opened.entries[0].kind, kind, "{}", flag.escape_ascii());
        assert_eq!(value(&opened.entries[0], "type"), name.map(|name| Value::text(name.to_owned())).as_ref());
    };
    check(b'0', Kind::File, None);
    check(0, Kind::File, Some("NUL"));
    check(b'7', Kind::File, Some("7, contiguous file"));
    check(b'4', Kind::BlockDevice, None);
    check(b'V', Kind::Other, Some("V, volume label"));
    check(b'M', Kind::Other, Some("M, continued from another volume"));
    check(b'D', Kind::Other, Some("D, GNU directory listing"));
    check(b'Z', Kind::Other, Some("Z"));
    check(0xe9, Kind::Other, Some("\\xe9"));
    // Version 7 had no type for directories, and NUL for files.
    let old = |flag: u8, name: &str| {
        let bytes = Build::default().header(name, flag, 0, |block| block.0[257..].fill(0)).end();
        let opened = open(&bytes);
        (
            opened.entries[0].kind,
            value(&opened.entries[0], "type").cloned(),
            value(&opened.entries[0], "format").cloned(),
        )
    };
    let v7 = Some(Value::text("v7"));
    assert_eq!(old(0, "d/"), (Kind::Directory, None, v7.clone()));
    assert_eq!(old(0, "d"), (Kind::File, None, v7.clone()));
    assert_eq!(old(b'0', "d"), (Kind::File, Some(Value::text("0")), v7));
}

#[test]
fn the_manner_of_writing_shows_and_a_usual_one_does_not() {
    let form = |change: &dyn Fn(&mut Block)| {
        let opened = open(&Build::default().header("a", b'0', 0, change).end());
        value(&opened.entries[0], "header-form").map(display::value)
    };
    assert_eq!(form(&|_| {}), None);
    assert_eq!(form(&gnu), None);
    assert_eq!(form(&|block| block.0[257..].fill(0)), None);
    // libarchive, and node-tar but for its checksum.
    assert_eq!(
        form(&|block| {
            for span in [MODE, UID, GID, MAJOR, header::MINOR] {
                block.put(span, b"000000 \0");
            }
            block.put(SIZE, b"00000000000 ");
            block.put(MTIME, b"00000000012 ");
        }),
        Some("numbers end in space NUL and space".into())
    );
    let no_devices = |block: &mut Block| {
        block.put(MAJOR, &[0; 8]);
        block.put(header::MINOR, &[0; 8]);
    };
    assert_eq!(form(&no_devices), Some("device numbers absent".into()));
    assert_eq!(form(&|block| block.put(UID, b"0000000 ")), Some("115:\" \"".into()));
    assert_eq!(form(&|block| block.put(NAME, b"a\0hidden")), Some("2:\"hidden\"".into()));
    assert_eq!(form(&|block| block.put(Span(500, 3), b"xyz")), Some("500:\"xyz\"".into()));
    assert_eq!(
        form(&|block| block.put(MODE, b"   644 \0")).as_deref().map(|text| &text[..44]),
        Some("numbers end in space NUL and NUL; filled wit")
    );
    assert_eq!(
        form(&|block| block.put(MTIME, b"\x80\0\0\0\0\0\0\0\0\0\0\x0a")).as_deref(),
        Some("136:\"\\x80\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\n\"")
    );
}

#[test]
fn numbers_out_of_the_ordinary() {
    let change = |block: &mut Block| {
        block.put(UID, b"\x80\0\0\0\x01\0\0\0");
        block.put(MTIME, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
        block.put(MODE, b"0104755\0");
    };
    let opened = open(&Build::default().header("a", b'0', 0, change).end());
    let entry = &opened.entries[0];
    assert_eq!(value(entry, "uid"), Some(&Value::Number(1 << 24)));
    assert_eq!(value(entry, "mtime"), Some(&Value::Time(-1, 0)));
    assert_eq!(value(entry, "mode"), Some(&Value::Mode(0o4755)));
    assert_eq!(value(entry, "mode-extra"), Some(&Value::Mode(0o100_000)));
    assert_eq!(value(entry, "header-form"), None, "base 256 where octal is too short is the usual way");
    let negative = |block: &mut Block| block.put(SIZE, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    let text = problems(&Build::default().file("a", b"").header("b", b'0', 0, negative).end());
    assert_eq!(text, ["a header claims -1 bytes; the last good entry is a (byte 512)"]);
    let doubtful = |block: &mut Block| block.put(SIZE, b"\x0000000000003");
    let text = problems(&Build::default().header("b", b'0', 0, doubtful).data(b"abc").end());
    assert_eq!(text, ["b: readers disagree on the number in its size (byte 0)"]);
}

#[test]
fn a_claimed_terabyte_is_not_allocated() {
    let huge = |block: &mut Block| block.put(SIZE, b"\x80\0\0\0\0\0\x01\0\0\0\0\0");
    for flag in *b"LKxg" {
        let opened = open(&Build::default().header("a", flag, 0, huge).end());
        assert_eq!(opened.problems[0].limit, Some("header-bytes"));
    }
    let opened = open(&Build::default().header("a", b'0', 0, huge).data(b"x").end());
    assert_eq!(opened.entries.len(), 1);
    let message = opened.problems[0].to_string();
    assert!(message.starts_with("the archive ends inside a content, 1099511626240 of 1099511627776"), "{message}");
}

#[test]
fn extension_headers_without_end_stop_at_the_limit() {
    let mut build = Build::default();
    for _ in 0..2100 {
        build = build.header("L", b'L', 0, gnu);
    }
    let opened = open(&build.end());
    assert_eq!(opened.problems.last().unwrap().limit, Some("header-bytes"));
}

#[test]
fn bodies_where_none_can_be_are_told() {
    // A body that is there, and one that is only claimed.
    let there = Build::default().header("l", b'2', 3, |_| {}).data(b"abc").file("a", b"x").end();
    let opened = open(&there);
    assert_eq!((opened.entries.len(), opened.content(0), opened.problems.len()), (2, b"abc".to_vec(), 1));
    let claimed = Build::default().header("l", b'2', 3, |_| {}).file("a", b"x").end();
    let opened = open(&claimed);
    assert_eq!((opened.entries.len(), &opened.entries[0].content, opened.problems.len()), (2, &None, 1));
    assert_eq!(value(&opened.entries[0], "size"), Some(&Value::Number(3)));
}

#[test]
fn old_gnu_sparse_members_have_their_holes() {
    let sparse = |extended: bool| {
        move |block: &mut Block| {
            gnu(block);
            block.put(Span(386, 24), b"00000000002\x0000000000003\0");
            block.put(Span(410, 24), b"00000000007\x0000000000001\0");
            block.put(Span(482, 1), &[u8::from(extended)]);
            block.put(GNU_REAL_SIZE, b"00000000012\0");
        }
    };
    let opened = open(&Build::default().header("s", b'S', 4, sparse(false)).data(b"abcd").file("a", b"x").end());
    assert_eq!(opened.problems, []);
    assert_eq!(opened.content(0), b"\0\0abc\0\0d\0\0");
    assert_eq!(value(&opened.entries[0], "sparse"), Some(&Value::text("gnu")));
    assert_eq!(opened.content(1), b"x");
    let more = b"00000000011\x0000000000001\0";
    let opened = open(&Build::default().header("s", b'S', 5, sparse(true)).data(more).data(b"abcde").end());
    assert_eq!((opened.content(0), &opened.problems[..]), (b"\0\0abc\0\0d\0e".to_vec(), &[][..]));
    let opened = open(&Build::default().header("s", b'S', 9, sparse(false)).data(b"abcdefghi").end());
    assert_eq!(opened.content(0), b"abcdefghi", "an impossible map: what is stored");
    assert_eq!(opened.problems.len(), 1);
}

#[test]
fn pax_sparse_members_have_their_holes() {
    let key = |key: &str, value: &str| record(&format!("GNU.sparse.{key}"), value);
    let zero = [key("size", "6"), key("numblocks", "1"), key("offset", "2"), key("numbytes", "3")].concat();
    let one = [key("name", "real"), key("size", "6"), key("numblocks", "1"), key("map", "2,3")].concat();
    for (records, kind) in [(zero, "pax 0.0"), (one, "pax 0.1")] {
        let opened = open(&Build::default().pax(b'x', &records).file("GNUSparseFile.1/real", b"abc").end());
        assert_eq!((opened.content(0), &opened.problems[..]), (b"\0\0abc\0".to_vec(), &[][..]), "{kind}");
        assert_eq!(value(&opened.entries[0], "sparse"), Some(&Value::text(kind)));
    }
    let records = [key("major", "1"), key("minor", "0"), key("name", "real"), key("realsize", "6")].concat();
    let data = [&b"1\n2\n3\n"[..], &[0; 506], b"abc"].concat();
    let opened = open(&Build::default().pax(b'x', &records).file("GNUSparseFile.1/real", &data).file("b", b"").end());
    assert_eq!((opened.content(0), &opened.problems[..]), (b"\0\0abc\0".to_vec(), &[][..]));
    assert_eq!(opened.entries[0].path, b"real");
    assert_eq!(value(&opened.entries[0], "header:path"), Some(&Value::Bytes(b"GNUSparseFile.1/real".into())));
    assert_eq!(opened.entries.len(), 2);
    let opened = open(&Build::default().pax(b'x', &records).file("x", b"no map").end());
    assert_eq!((opened.content(0), opened.problems.len()), (b"no map".to_vec(), 1));
    assert_eq!(value(&opened.entries[0], "pax:GNU.sparse.name"), Some(&Value::Bytes(b"real".into())));
}

#[test]
fn nothing_hides_in_padding_or_behind_the_end() {
    let plain = Build::default().file("a", b"abc");
    let mut padded = plain.clone().end();
    padded[1000] = b'!';
    let opened = open(&padded);
    assert!(matches!(opened.value("padding-bytes"), Some(Value::Bytes(bytes)) if bytes.len() == 509));
    let told = opened.problems[0].to_string();
    assert_eq!(told, "bytes that belong to no entry stand in 1 place, the first after a (byte 515)");
    let end = |tail: &[u8]| {
        let text = unusual(&[&plain.0[..], tail].concat());
        let lines: Vec<_> = text.lines().skip(1).filter(|line| !line.contains("sha256")).collect();
        lines.join("\n")
    };
    assert_eq!(end(&[0; 1024]), "");
    assert_eq!(end(&[0; 9216]), "  zero-padding = 8192");
    assert_eq!(end(&[0; 1030]), "  zero-padding = 6");
    assert_eq!(end(&[]), "  end-marker = missing");
    assert_eq!(end(&[0; 512]), "  end-marker = one block");
    assert_eq!(end(&[0; 600]), "  end-marker = one block\n  zero-padding = 88");
    assert_eq!(end(&[0; 100]), "  end-marker = cut\n  zero-padding = 100");
    let tail = [&[0; 2048][..], b"hidden"].concat();
    assert_eq!(
        end(&tail),
        "  zero-padding = 1024\n  trailing-bytes = 6\n  ! 6 bytes follow the end of the archive (byte 3072)"
    );
    let again = [&[0; 1024][..], &plain.0].concat();
    let told = "  ! 1024 bytes follow the end of the archive; another tar archive begins there (byte 2048)";
    assert_eq!(end(&again), format!("  trailing-bytes = 1024\n{told}"));
    let again = [&[0; 512][..], &plain.0].concat();
    assert!(end(&again).contains("end-marker = one block"));
}

#[test]
fn an_extension_header_before_nothing_is_told() {
    let bytes = Build::default().file("a", b"").pax(b'x', &record("path", "b")).end();
    let opened = open(&bytes);
    assert_eq!(opened.value("dangling-pax:path"), Some(&Value::Bytes(b"b".into())));
    assert_eq!(problems(&bytes), ["no entry follows the last extension header (byte 512)"]);
}

#[test]
fn a_wrong_checksum_stops_there_and_the_rest_can_be_told_apart() {
    let mut bytes = Build::default().file("a", b"abc").file("b", b"x").end();
    bytes[1024] = b'c';
    let opened = open(&bytes);
    assert_eq!(opened.entries.len(), 1);
    assert_eq!(problems(&bytes), ["the header's checksum is wrong; the last good entry is a (byte 1024)"]);
    assert_eq!(opened.value("unread-bytes"), Some(&Value::Number(2048)));
    let before = show(&bytes);
    bytes[2000] ^= 1;
    assert_ne!(show(&bytes), before);
}

#[test]
fn a_signed_checksum_holds_and_shows() {
    let mut bytes = Build::default().header("\u{e9}", b'0', 0, |_| {}).end();
    let sum: i32 = bytes[..512]
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { i32::from(byte.cast_signed()) })
        .sum();
    bytes[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    let opened = open(&bytes);
    assert_eq!(value(&opened.entries[0], "header-form"), Some(&Value::text("the checksum is over signed bytes")));
}
