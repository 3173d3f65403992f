//! Built archives: the five forms, links, several archives, damage.

use super::*;
use crate::format::testing::{self, Opened};

/// What a member's header says, in the order of a newc header, without the lengths.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    ino: u32,
    mode: u32,
    links: u32,
    mtime: u32,
    rdev: [u32; 2],
    sum: u32,
}

const FILE: Numbers = Numbers { ino: 0xabc, mode: 0o100_644, links: 1, mtime: 10, rdev: [0, 0], sum: 0 };
const END: Numbers = Numbers { ino: 0, mode: 0, mtime: 0, ..FILE };

fn mode(mode: u32) -> Numbers {
    Numbers { mode, ..FILE }
}

fn member(form: Form, numbers: Numbers, name: &str, content: &[u8]) -> Vec<u8> {
    let Numbers { ino, mode, links, mtime, rdev: [high, low], sum } = numbers;
    let (uid, gid, dev) = if name == "TRAILER!!!" { (0, 0, 0) } else { (1, 2, 8) };
    let (size, length) = (u32::try_from(content.len()).unwrap(), u32::try_from(name.len()).unwrap() + 1);
    let mut bytes = match form {
        Form::Newc | Form::Crc => {
            let magic = if form == Form::Newc { "070701" } else { "070702" };
            let words = [ino, mode, uid, gid, links, mtime, size, 0, dev, high, low, length, sum];
            words.iter().fold(magic.to_owned(), |text, word| text + &format!("{word:08X}")).into_bytes()
        }
        Form::Odc => {
            let words = [dev, ino, mode, uid, gid, links, low];
            let text = words.iter().fold("070707".to_owned(), |text, word| text + &format!("{word:06o}"));
            (text + &format!("{mtime:011o}{length:06o}{size:011o}")).into_bytes()
        }
        Form::BinaryLittle | Form::BinaryBig => {
            let words = [0o070_707, dev, ino, mode, uid, gid, links, low, mtime >> 16, mtime, length, size >> 16, size];
            let word = |word: &u32| {
                let word = u16::try_from(word & 0xffff).unwrap();
                if form == Form::BinaryBig { word.to_be_bytes() } else { word.to_le_bytes() }
            };
            words.iter().flat_map(word).collect()
        }
    };
    let align = usize::try_from(form.alignment()).unwrap();
    let fill = |bytes: &mut Vec<u8>| bytes.resize(bytes.len().next_multiple_of(align), 0);
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(0);
    fill(&mut bytes);
    bytes.extend_from_slice(content);
    fill(&mut bytes);
    bytes
}

fn end(form: Form) -> Vec<u8> {
    member(form, END, "TRAILER!!!", b"")
}

const FORMS: [Form; 5] = [Form::Newc, Form::Crc, Form::Odc, Form::BinaryLittle, Form::BinaryBig];

fn open(bytes: &[u8]) -> Opened {
    testing::open(&CPIO, "a.cpio", bytes.to_vec())
}

/// Everything an opening gave, as text.
fn show(bytes: &[u8]) -> String {
    let opened = open(bytes);
    let mut text = String::new();
    let mut line = |prefix: &str, field: &crate::entry::Field| {
        text.push_str(&format!("{prefix}{} = {}\n", field.name, crate::display::value(&field.value)));
    };
    for field in &opened.fields {
        line("", field);
    }
    for (index, entry) in opened.entries.iter().enumerate() {
        let content = entry.content.as_ref().map(|content| opened.store.read(content, u64::MAX));
        let shown = content.map(|content| content.map(|(bytes, _)| bytes.escape_ascii().to_string()).ok());
        line(
            &format!("{index} {:?} ", entry.kind),
            &crate::entry::Field::new("path", Value::Bytes(entry.path.clone())),
        );
        entry.fields.iter().for_each(|field| line("  ", field));
        line("  ", &crate::entry::Field::new("content", Value::text(format!("{:?}", shown.flatten()))));
    }
    for problem in &opened.problems {
        text.push_str(&format!("! {problem}\n"));
    }
    text
}

fn files(form: Form) -> Vec<u8> {
    let sum = if form == Form::Crc { u32::from(b'1') + u32::from(b'2') + u32::from(b'3') } else { 0 };
    [
        member(form, mode(0o040_755), "d", b""),
        member(form, Numbers { sum, ..FILE }, "d/file", b"123"),
        member(form, mode(0o120_777), "link", b"d/file"),
        end(form),
    ]
    .concat()
}

#[test]
fn every_form_gives_the_same_tree() {
    for form in FORMS {
        assert!((CPIO.detect)(&files(form), b""), "{form:?}");
        let opened = open(&files(form));
        assert_eq!(opened.problems, [], "{form:?}");
        let kinds: Vec<_> = opened.entries.iter().map(|entry| (entry.kind, entry.path.as_slice())).collect();
        assert_eq!(kinds, [(Kind::Directory, &b"d"[..]), (Kind::File, b"d/file"), (Kind::Symlink, b"link")]);
        assert_eq!(opened.content(1), b"123");
        assert_eq!(opened.value("end-marker"), Some(&Value::text(form.name())));
        let target = testing::value(&opened.entries[2], "target");
        assert_eq!(target, Some(&Value::Bytes(b"d/file".to_vec())));
    }
    let text = show(&files(Form::Newc));
    let file = "1 File path = d/file\n  format = newc\n  mode = 0644\n  mtime = 1970-01-01T00:00:10Z\n  uid = 1\n  gid = 2\n  \
                ino = 2748\n  dev-minor = 8\n  content = Some(\"123\")\n";
    assert!(text.contains(file), "{text}");
}

#[test]
fn further_names_of_a_file_are_hard_links_to_the_first() {
    let linked = Numbers { links: 2, ..FILE };
    let other = Numbers { ino: 7, ..linked };
    let archive = |form| {
        [
            member(form, linked, "a", b""),
            member(form, other, "c", b""),
            member(form, linked, "b", b"content"),
            member(form, Numbers { mode: 0o020_644, ..linked }, "dev", b""),
            end(form),
            member(form, linked, "again", b"x"),
            end(form),
        ]
        .concat()
    };
    let opened = open(&archive(Form::Newc));
    let kinds: Vec<_> = opened.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Kind::File, Kind::File, Kind::Hardlink, Kind::CharacterDevice, Kind::File]);
    assert_eq!(testing::value(&opened.entries[2], "target"), Some(&Value::Bytes(b"a".to_vec())));
    assert_eq!(opened.content(2), b"content");
    // Directories count their subdirectories, and are no links.
    let folders = [member(Form::Odc, mode(0o040_755), "a", b""), member(Form::Odc, mode(0o040_755), "b", b"")].concat();
    let opened = open(&folders);
    assert!(
        opened.entries.iter().all(|entry| entry.kind == Kind::Directory && testing::value(entry, "target").is_none())
    );
}

#[test]
fn devices_and_odd_kinds_say_what_they_are() {
    let console = Numbers { rdev: [5, 1], ..mode(0o020_600) };
    let text = show(
        &[
            member(Form::Newc, console, "console", b""),
            member(Form::Newc, mode(0o140_755), "socket", b""),
            member(Form::Newc, mode(0o644), "odd", b""),
            member(Form::Newc, mode(0x10_0000 | 0o100_644), "wide", b""),
            member(Form::Newc, mode(0o010_644), "pipe", b"body"),
            end(Form::Newc),
        ]
        .concat(),
    );
    for part in [
        "0 CharacterDevice path = console",
        "  device-major = 5\n  device-minor = 1\n",
        "1 Other path = socket\n  format = newc\n  mode = 0755\n  type = socket\n",
        "2 Other path = odd\n  format = newc\n  mode = 0644\n  mode-extra = 0000\n",
        "3 File path = wide\n  format = newc\n  mode = 0644\n  mode-extra = 4000000\n",
        "4 Fifo path = pipe\n",
        "  size = 4\n  content = Some(\"body\")\n",
        "! pipe: it claims a body of 4 bytes, which its kind cannot have",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn archives_may_follow_one_another() {
    let first = [member(Form::Newc, FILE, "a", b"1"), end(Form::Newc)].concat();
    let second = [member(Form::Odc, FILE, "b", b"2"), end(Form::Odc)].concat();
    let both = [&first[..], &[0; 7], &second, &[0; 20]].concat();
    let opened = open(&both);
    assert_eq!(opened.problems, []);
    assert_eq!(opened.entries.len(), 2);
    assert_eq!(opened.value("archive 1"), Some(&Value::text("1 members; ends in newc; then 7 zeros")));
    assert_eq!(opened.value("end-marker"), Some(&Value::text("odc")));
    assert_eq!(opened.value("zero-padding"), Some(&Value::Number(20)));
    // More of them than anybody needs: all but the first hundred are told apart by one digest.
    let many = |names: &[&str]| {
        let archives = names.iter().map(|name| [member(Form::Newc, FILE, name, b""), end(Form::Newc)].concat());
        [end(Form::Newc).repeat(150), archives.collect::<Vec<_>>().concat()].concat()
    };
    let opened = open(&many(&["a"]));
    assert_eq!(opened.fields.iter().filter(|field| field.name.starts_with("archive ")).count(), 100);
    assert_ne!(opened.value("archives-sha256"), open(&many(&["a", "b"])).value("archives-sha256"));
}

#[test]
fn what_follows_is_an_entry_if_it_is_compressed_and_a_problem_if_not() {
    let archive = [member(Form::Newc, FILE, "a", b"1"), end(Form::Newc), vec![0; 100]].concat();
    let opened = open(&[&archive[..], b"\x1f\x8b\x08\0rest"].concat());
    assert_eq!((opened.problems.len(), opened.entries.len()), (0, 2));
    assert_eq!((opened.entries[1].kind, opened.content(1)), (Kind::Other, b"\x1f\x8b\x08\0rest".to_vec()));
    let text = show(&[&archive[..], b"hidden"].concat());
    assert!(text.contains("trailing-bytes = 6\n") && text.contains("! 6 bytes follow the end"), "{text}");
}

#[test]
fn oddities_show() {
    let newc = member(Form::Newc, FILE, "ab", b"1");
    let trailer = end(Form::Newc);
    let whole = |member: &[u8]| show(&[member, &trailer].concat());
    let plain = whole(&newc);
    assert!(!plain.contains('!') && !plain.contains("-form"), "{plain}");
    assert!(whole(&newc.to_ascii_lowercase()).contains("header-form = digits in lower case"));
    let mut mixed = newc.clone();
    mixed[11..14].copy_from_slice(b"aBC");
    assert!(whole(&mixed).contains("header-form = \"0707"), "{}", whole(&mixed));
    let mut signed = newc.clone();
    signed[22] = b'+';
    assert!(whole(&signed).contains("header-form = \"0707") && !whole(&signed).contains("uid"));
    let mut padded = newc.clone();
    *padded.last_mut().unwrap() = 1;
    assert!(whole(&padded).contains("padding-bytes = \\u{0}\\u{0}\\u{1}"), "{}", whole(&padded));
    assert!(whole(&member(Form::Newc, FILE, "ab\0cd", b"1")).contains("name-form = \\u{0}cd\\u{0}"));
    let mut open_ended = newc.clone();
    open_ended[112] = b'c';
    assert!(whole(&open_ended).contains("name-form = without a NUL"));
    assert!(whole(&member(Form::Newc, Numbers { sum: 5, ..FILE }, "ab", b"1")).contains("sum = 5"));
    assert!(whole(&member(Form::Crc, Numbers { sum: 5, ..FILE }, "ab", b"1")).contains("wrong-sum = 5"));
    let dated = [newc.clone(), member(Form::Newc, Numbers { mtime: 7, ..END }, "TRAILER!!!", b"")].concat();
    assert!(show(&dated).contains("end-marker = newc; \"0707"), "{}", show(&dated));
    let named = [newc, member(Form::Newc, END, "TRAILER!!!\0x", b"")].concat();
    assert!(show(&named).contains("its name followed by \"\\x00x\\x00\""), "{}", show(&named));
}

#[test]
fn damage_stops_with_the_offset_and_the_rest_can_be_told_apart() {
    let bytes = [member(Form::Newc, FILE, "a", b"content!"), member(Form::Newc, FILE, "b", b"more")].concat();
    let message = |bytes: &[u8]| open(bytes).problems.last().map(ToString::to_string).unwrap_or_default();
    assert_eq!(message(&bytes), "the archive ends without the mark of its end; the last good entry is b (byte 236)");
    let garbage = [&bytes[..], &[b'!'; 99]].concat();
    assert_eq!(message(&garbage), "this is no member's header; the last good entry is b (byte 236)");
    assert_eq!(open(&garbage).value("unread-bytes"), Some(&Value::Number(99)));
    assert_eq!(
        message(&bytes[..115]),
        "the archive ends inside a content, 5 of 8 bytes are missing; the last good entry is a (byte 115)"
    );
    let mut endless = bytes.clone();
    endless[94..102].copy_from_slice(b"7FFFFFFF");
    assert!(message(&endless).contains("stopped at the limit header-bytes"), "{}", message(&endless));
    let mut sizeless = bytes;
    sizeless[54..62].copy_from_slice(b"        ");
    assert_eq!(message(&sizeless), "a member's header has no sizes; it has no entry before that (byte 0)");
}

#[test]
fn every_flipped_byte_and_every_cut_shows() {
    for form in FORMS {
        let bytes = [files(form), vec![0; 9]].concat();
        let (before, whole) = (show(&bytes), open(&bytes).entries);
        let mut seen = std::collections::BTreeSet::new();
        for at in 0..bytes.len() {
            for bit in [1, 0x10, 0x20, 0x80] {
                let mut flipped = bytes.clone();
                flipped[at] ^= bit;
                assert_ne!(show(&flipped), before, "{form:?}: byte {at} with {bit:x}");
            }
            let paths = |entries: &[Entry]| entries.iter().map(|entry| entry.path.clone()).collect::<Vec<_>>();
            assert!(paths(&whole).starts_with(&paths(&open(&bytes[..at]).entries)), "cut to {at}");
            assert!(seen.insert(show(&bytes[..at])), "{form:?}: cut to {at} looks like another");
        }
    }
}
