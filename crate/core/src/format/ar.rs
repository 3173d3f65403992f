//! ar: the archives of static libraries and of Debian packages (ar(5) of FreeBSD; GNU binutils, `include/aout/ar.h`;
//! System V ABI, chapter 7).
//!
//! A member's header is 60 bytes of text; members begin at even offsets. Three ways to write a long name are read: GNU
//! and System V (`/123`, an offset into the member `//`), BSD (`#1/20`, the name is the first 20 bytes of the content).

use std::borrow::Cow;

use super::scan::{self, Padding, Window};
use super::{Format, Opening, Shape};
use crate::display;
use crate::entry::{Entry, Kind, Value};
use crate::error::Fault;

/// A static library, or another archive of this kind.
pub const AR: Format = Format {
    id: "ar",
    title: "ar archive",
    shape: Shape::Archive,
    detect: |head, _| head.starts_with(MAGIC) || head.starts_with(THIN),
    open,
};

pub(super) const MAGIC: &[u8; 8] = b"!<arch>\n";
/// GNU: members are files beside the archive, only their headers are inside.
const THIN: &[u8; 8] = b"!<thin>\n";
/// Bytes of a member's header.
const HEADER: usize = 60;

/// Gives every member. The format of Debian packages is the same.
pub(super) fn open(opening: &mut dyn Opening) -> Result<(), Fault> {
    let mut walk = Walk {
        opening,
        at: MAGIC.len() as u64,
        window: Window::default(),
        thin: false,
        names: None,
        last: None,
        padding: Padding::default(),
    };
    let result = walk.run();
    let Walk { opening, at, padding, .. } = walk;
    padding.tell(opening, Some("DEB-05"));
    if let Err(fault) = &result {
        scan::tell_unread(opening, at, fault);
    }
    result
}

/// The way through the archive.
struct Walk<'a> {
    opening: &'a mut (dyn Opening + 'a),
    /// Where the next header begins.
    at: u64,
    window: Window,
    thin: bool,
    /// First byte and length of the table of long names.
    names: Option<(u64, u64)>,
    /// Path of the last member.
    last: Option<Vec<u8>>,
    padding: Padding,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        self.thin = self.window.peek(self.opening, 0, MAGIC.len())? == THIN;
        if self.thin {
            self.opening.say("form", Value::text("thin"));
        }
        loop {
            let head = self.window.peek(self.opening, self.at, HEADER)?;
            let length = head.len() as u64;
            if length == 0 {
                return Ok(());
            }
            let Some(header) = head.first_chunk::<HEADER>().copied() else {
                return Err(self.fault(self.at + length, "the archive ends inside a member's header").raises("DEB-08"));
            };
            if !header.ends_with(b"`\n") {
                return Err(self.fault(self.at, "this is no member's header").raises("DEB-08"));
            }
            self.member(&header)?;
        }
    }

    fn fault(&self, offset: u64, what: &str) -> Fault {
        scan::fault(offset, what, self.last.as_deref())
    }

    fn member(&mut self, header: &[u8; HEADER]) -> Result<(), Fault> {
        let header = Header::new(header);
        // A number of ten digits: sums do not overflow.
        let Some(size) = header.size else {
            return Err(self.fault(self.at, "a member's size is no number").raises("DEB-05"));
        };
        let start = self.at + HEADER as u64;
        let mut member = Member { path: header.name.to_vec(), kind: Kind::File, entry_type: None, form: None, skip: 0 };
        self.name(&mut member, start, size)?;
        let inside = !self.thin || matches!(header.name, b"/" | b"//" | b"/SYM64/");
        if member.entry_type == Some(LONG_NAMES) {
            self.names = Some((start, size));
        }
        let mut entry = Entry::new(member.path, member.kind, None);
        if inside {
            entry.content = Some(self.opening.slice(start + member.skip, size - member.skip));
        } else {
            entry.field("size", Value::Number(size.into()));
            entry.unread = Some("it is stored beside this thin archive".into());
        }
        if let Some(name) = member.entry_type {
            entry.field("type", Value::text(name));
        }
        header.fields(&mut entry);
        if let Some(form) = member.form {
            entry.field("name-form", Value::Text(form));
        }
        self.last = Some(entry.path.clone());
        let stored = if inside { size } else { 0 };
        self.at = start;
        self.opening.entry(entry)?;
        self.at = self.past_padding(start, stored)?;
        Ok(())
    }

    /// Finds the member's path, and what kind of member it makes it.
    fn name(&mut self, member: &mut Member, start: u64, size: u64) -> Result<(), Fault> {
        let name = std::mem::take(&mut member.path);
        let special = match name.as_slice() {
            b"/" | b"/SYM64/" | b"__.SYMDEF" | b"__.SYMDEF SORTED" | b"__.SYMDEF_64" | b"__.SYMDEF_64 SORTED" => {
                Some(SYMBOLS)
            }
            b"//" | b"ARFILENAMES/" => Some(LONG_NAMES),
            _ => None,
        };
        if special.is_some() {
            (member.path, member.kind, member.entry_type) = (name, Kind::Other, special);
            return Ok(());
        }
        if let Some(length) = name.strip_prefix(b"#1/").and_then(decimal) {
            let most = self.opening.limits().get("header-bytes");
            if length > size || length > most {
                return Err(self.fault(self.at, &format!("a member's name claims {length} bytes")).raises("DEB-05"));
            }
            member.path = self.opening.exact(start, length, "a member's name")?;
            while member.path.last() == Some(&0) {
                member.path.pop();
            }
            if member.path.starts_with(b"__.SYMDEF") {
                (member.kind, member.entry_type) = (Kind::Other, Some(SYMBOLS));
            }
            member.skip = length;
            member.form = Some(format!("before the content, {length} bytes{}", written(&name, "#1/", length)).into());
        } else if let Some(offset) = name.strip_prefix(b"/").and_then(decimal) {
            match self.long_name(offset)? {
                Some(path) => member.path = path,
                None => {
                    member.path.clone_from(&name);
                    let message = format!("the name {} is not in the table of long names", scan::shown(&name));
                    self.opening.problem(Fault::at(self.at, message).raises("DEB-05"));
                }
            }
            let written = written(&name, "/", offset);
            member.form = Some(format!("in the table of long names at {offset}{written}").into());
        } else if let Some((b'/', path)) = name.split_last() {
            member.path = path.to_vec();
            member.form = Some("ended by a slash".into());
        } else {
            member.path = name;
        }
        Ok(())
    }

    /// A name in the table: up to its end by slash and newline, newline, or NUL.
    fn long_name(&mut self, offset: u64) -> Result<Option<Vec<u8>>, Fault> {
        let Some((start, size)) = self.names.filter(|(_, size)| offset < *size) else { return Ok(None) };
        let most = self.opening.limits().get("header-bytes").min(size - offset);
        let mut wanted = most.min(256);
        loop {
            let bytes = self.opening.up_to(start + offset, wanted)?;
            if let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | 0)) {
                let name = bytes.get(..end).unwrap_or_default();
                return Ok(Some(name.strip_suffix(b"/").unwrap_or(name).to_vec()));
            }
            if wanted == most {
                return Ok(None);
            }
            wanted = most.min(wanted * 8);
        }
    }

    /// Checks that content is all there, and looks at the byte that makes its end even.
    fn past_padding(&mut self, start: u64, length: u64) -> Result<u64, Fault> {
        let end = start + length;
        let odd = length % 2 == 1;
        if length == 0 {
            return Ok(end);
        }
        match *self.window.peek(self.opening, end - 1, 2)? {
            [] => {
                let there = self.opening.length()?;
                let missing = end.saturating_sub(there);
                let what = format!("the archive ends inside a content, {missing} of {length} bytes are missing");
                Err(self.fault(there, &what))
            }
            [_, padding, ..] if odd => {
                if padding != b'\n' {
                    let last = self.last.as_deref().unwrap_or_default();
                    self.padding.keep(self.opening, end, &[padding], last);
                }
                Ok(end + 1)
            }
            [_] if odd => {
                self.opening.say("end-padding", Value::text("missing"));
                Ok(end)
            }
            _ => Ok(end),
        }
    }
}

const SYMBOLS: &str = "symbol table";
const LONG_NAMES: &str = "table of long names";

/// A member while its name is found.
struct Member {
    path: Vec<u8>,
    kind: Kind,
    entry_type: Option<&'static str>,
    form: Option<Cow<'static, str>>,
    /// Bytes of the content that are its name.
    skip: u64,
}

/// A member's header, split.
struct Header<'a> {
    all: &'a [u8; HEADER],
    name: &'a [u8],
    mtime: Option<u64>,
    uid: Option<u64>,
    gid: Option<u64>,
    mode: Option<u64>,
    size: Option<u64>,
}

impl<'a> Header<'a> {
    fn new(all: &'a [u8; HEADER]) -> Self {
        let field = |start: usize, end: usize| trimmed(all.get(start..end).unwrap_or_default());
        let number = |start, end| decimal(field(start, end));
        Self {
            all,
            name: field(0, 16),
            mtime: number(16, 28),
            uid: number(28, 34),
            gid: number(34, 40),
            mode: digits(field(40, 48), 8),
            size: number(48, 58),
        }
    }

    /// A field for every number that is there, and the bytes that say something else.
    fn fields(&self, entry: &mut Entry) {
        if let Some(mtime) = self.mtime.and_then(|mtime| i64::try_from(mtime).ok()) {
            entry.field("mtime", Value::Time(mtime, 0));
        }
        for (name, value) in [("uid", self.uid), ("gid", self.gid)] {
            if let Some(value) = value {
                entry.field(name, Value::Number(value.into()));
            }
        }
        if let Some(mode) = self.mode {
            entry.field("mode", Value::Mode(u32::try_from(mode & 0o7777).unwrap_or_default()));
            // At most eight octal digits.
            match u32::try_from(mode & !0o7777) {
                Ok(0) | Err(_) => {}
                Ok(extra) => entry.field("mode-extra", Value::Mode(extra)),
            }
        }
        // Written again from what was read: digits at the left, spaces behind.
        let text = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
        let mode = self.mode.map(|mode| format!("{mode:o}")).unwrap_or_default();
        let (mtime, uid, gid, size) = (text(self.mtime), text(self.uid), text(self.gid), text(self.size));
        let again = format!("{mtime:<12}{uid:<6}{gid:<6}{mode:<8}{size:<10}`\n");
        let stored = self.all.get(16..).unwrap_or_default();
        if again.as_bytes() != stored {
            entry.field("header-form", Value::Text(format!("\"{}\"", stored.escape_ascii()).into()));
        }
    }
}

/// How a name that is a number is written, where that is not the usual way.
fn written(name: &[u8], mark: &str, number: u64) -> String {
    if format!("{mark}{number}").as_bytes() == name {
        String::new()
    } else {
        format!(", written {}", display::bytes(name))
    }
}

/// A field without the spaces behind it.
fn trimmed(field: &[u8]) -> &[u8] {
    let length = field.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
    field.get(..length).unwrap_or_default()
}

/// Digits and nothing else.
fn digits(text: &[u8], radix: u64) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    text.iter().try_fold(0_u64, |number, byte| {
        let digit = u64::from(byte.checked_sub(b'0')?);
        if digit < radix { number.checked_mul(radix)?.checked_add(digit) } else { None }
    })
}

fn decimal(text: &[u8]) -> Option<u64> {
    digits(text, 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Field;
    use crate::format::testing::{self, Opened, value};

    fn member(name: &str, content: &[u8]) -> Vec<u8> {
        let size = content.len();
        let mut bytes = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 10, 1, 2, "100644").into_bytes();
        bytes.extend(content);
        if size % 2 == 1 {
            bytes.push(b'\n');
        }
        bytes
    }

    fn archive(members: &[Vec<u8>]) -> Vec<u8> {
        [MAGIC.to_vec(), members.concat()].concat()
    }

    fn open(bytes: &[u8]) -> Opened {
        testing::open(&AR, "a.a", bytes.to_vec())
    }

    fn show(bytes: &[u8]) -> String {
        let opened = open(bytes);
        let line = |field: &Field| format!("  {} = {}\n", field.name, display::value(&field.value));
        let mut text = String::new();
        for entry in &opened.entries {
            let content = entry.content.as_ref().map(|content| opened.store.read(content, 1000));
            let content = match content {
                None => entry.unread.clone().unwrap_or_default(),
                Some(Ok((bytes, _))) => format!("\"{}\"", bytes.escape_ascii()),
                Some(Err(fault)) => fault.to_string(),
            };
            text += &format!("{} {:?} {content}\n", display::bytes(&entry.path), entry.kind);
            text.extend(entry.fields.iter().map(line));
        }
        text += "--\n";
        text.extend(opened.fields.iter().map(line));
        text.extend(opened.problems.iter().map(|problem| format!("  ! {problem}\n")));
        text
    }

    #[test]
    fn members_say_what_they_say() {
        let bytes = archive(&[member("debian-binary", b"2.0\n"), member("a.o/", b"odd")]);
        assert_eq!(
            show(&bytes),
            "\
debian-binary File \"2.0\\n\"
  mtime = 1970-01-01T00:00:10Z
  uid = 1
  gid = 2
  mode = 0644
  mode-extra = 100000
a.o File \"odd\"
  mtime = 1970-01-01T00:00:10Z
  uid = 1
  gid = 2
  mode = 0644
  mode-extra = 100000
  name-form = ended by a slash
--
"
        );
        assert_eq!(show(MAGIC), "--\n");
    }

    #[test]
    fn long_names_are_found_in_both_ways() {
        let table = member("//", b"a long name of one.o/\nanother\n");
        let opened = open(&archive(&[table, member("/0", b"x"), member("/22", b"y"), member("/99", b"z")]));
        let paths: Vec<_> = opened.entries.iter().map(|entry| display::bytes(&entry.path)).collect();
        assert_eq!(paths, ["//", "a long name of one.o", "another", "/99"]);
        assert_eq!(value(&opened.entries[0], "type"), Some(&Value::text("table of long names")));
        assert_eq!(opened.problems.len(), 1);
        assert_eq!(opened.problems[0].message, "the name /99 is not in the table of long names");

        let opened = open(&archive(&[member("#1/8", b"bsd.o\0\0\0content"), member("#1/9", b"__.SYMDEFx")]));
        assert_eq!((opened.entries[0].path.as_slice(), opened.content(0)), (&b"bsd.o"[..], b"content".to_vec()));
        assert_eq!((opened.entries[1].kind, opened.content(1)), (Kind::Other, b"x".to_vec()));
        assert_eq!(opened.problems, []);
        let opened = open(&archive(&[member("#1/9", b"short")]));
        assert_eq!(opened.problems[0].message, "a member's name claims 9 bytes; it has no entry before that");
        // No table at all.
        assert_eq!(open(&archive(&[member("/0", b"x")])).problems.len(), 1);
    }

    #[test]
    fn the_symbol_table_is_no_file() {
        let opened = open(&archive(&[member("/", b"\0\0\0\0"), member("a/", b"")]));
        assert_eq!((opened.entries[0].kind, opened.entries[1].kind), (Kind::Other, Kind::File));
        assert_eq!(value(&opened.entries[0], "type"), Some(&Value::text("symbol table")));
        assert_eq!(opened.entries[1].path, b"a");
    }

    #[test]
    fn a_thin_archive_names_what_it_does_not_hold() {
        let mut bytes = [THIN.to_vec(), member("//", b"sub/a.o/\n")].concat();
        bytes.extend(&member("/0", &[0; 100])[..HEADER]);
        bytes.extend(&member("b/", &[0; 7])[..HEADER]);
        let opened = open(&bytes);
        assert_eq!(
            opened.entries.iter().map(|entry| entry.content.is_some()).collect::<Vec<_>>(),
            [true, false, false]
        );
        assert_eq!(opened.entries[1].path, b"sub/a.o");
        assert!(opened.entries[1].unread.is_some());
        assert_eq!((opened.value("form"), opened.problems.len()), (Some(&Value::text("thin")), 0));
    }

    #[test]
    fn odd_headers_and_paddings_show() {
        let plain = archive(&[member("a", b"odd"), member("b", b"")]);
        let mut odd = plain.clone();
        let padding = 8 + HEADER + 3;
        odd[padding] = 0;
        let text = show(&odd);
        assert!(text.contains("padding-bytes = \\u{0}\n"), "{text}");
        assert!(
            text.contains("! bytes that belong to no entry stand in 1 place, the first after a (byte 71)"),
            "{text}"
        );
        let mut odd = plain.clone();
        odd[8 + 16..8 + 28].copy_from_slice(b"0000000010  ");
        assert!(show(&odd).contains("header-form = \"0000000010  1     2     100644  3         `\\n\""));
        let mut odd = plain;
        odd[8 + 28..8 + 40].copy_from_slice(b"            ");
        let opened = open(&odd);
        assert_eq!(value(&opened.entries[0], "uid"), None, "blank is no number");
        assert_eq!(value(&opened.entries[0], "header-form"), None);
        let cut = archive(&[member("a", b"odd")]);
        assert!(show(&cut[..cut.len() - 1]).contains("end-padding = missing"));
    }

    #[test]
    fn damage_stops_with_the_offset_and_the_rest_can_be_told_apart() {
        let bytes = archive(&[member("a", b"content!"), member("b", b"more")]);
        let message = |bytes: &[u8]| open(bytes).problems.last().map(ToString::to_string).unwrap_or_default();
        assert_eq!(
            message(&[&bytes[..], b"hidden bytes"].concat()),
            "the archive ends inside a member's header; the last good entry is b (byte 152)"
        );
        assert_eq!(
            message(&[&bytes[..], &[b'!'; 99]].concat()),
            "this is no member's header; the last good entry is b (byte 140)"
        );
        assert_eq!(
            message(&bytes[..70]),
            "the archive ends inside a content, 6 of 8 bytes are missing; the last good entry is a (byte 70)"
        );
        let opened = open(&[&bytes[..], &[b'!'; 99]].concat());
        assert_eq!(opened.value("unread-bytes"), Some(&Value::Number(99)));
        let mut wrong = bytes;
        wrong[8 + 48..8 + 58].copy_from_slice(b"-1        ");
        assert_eq!(message(&wrong), "a member's size is no number; it has no entry before that (byte 8)");
    }

    #[test]
    fn every_flipped_byte_and_every_cut_shows() {
        let bytes =
            archive(&[member("//", b"long/\n"), member("/0", b"odd"), member("#1/2", b"b\0c"), member("c/", b"")]);
        let (before, whole) = (show(&bytes), open(&bytes).entries);
        let mut seen = std::collections::BTreeSet::new();
        for at in MAGIC.len()..bytes.len() {
            for bit in [1, 0x10, 0x80] {
                let mut flipped = bytes.clone();
                flipped[at] ^= bit;
                assert_ne!(show(&flipped), before, "byte {at} with {bit:x}");
            }
            assert!(whole.starts_with(&open(&bytes[..at]).entries), "cut to {at}");
            assert!(seen.insert(show(&bytes[..at])), "cut to {at} looks like another");
        }
    }
}
