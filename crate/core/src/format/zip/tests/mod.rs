//! Archives built byte by byte, and everything the parser says about them.

mod ends;
mod entries;
mod layout;
mod local;
mod properties;

use std::fmt::Write as _;
use std::io::Write as _;

use super::*;
use crate::entry::Field;
use crate::format::testing::{Opened, open};

/// One entry to be built: what the local header says, what the directory says, and the bytes between.
#[derive(Clone)]
struct Member {
    local: Head,
    central: Head,
    made: u16,
    disk: u16,
    internal: u16,
    external: u32,
    comment: &'static [u8],
    data: Vec<u8>,
    /// Data descriptor, gap, or anything else that comes before the next record.
    after: Vec<u8>,
    /// Added to the true offset of the local header; or the stored offset itself, where that is all ones.
    offset: u32,
}

#[derive(Clone)]
struct Head {
    needed: u16,
    flags: u16,
    method: u16,
    time: u16,
    date: u16,
    crc: u32,
    compressed: u32,
    size: u32,
    name: Vec<u8>,
    extra: Vec<u8>,
}

impl Head {
    fn write(&self, out: &mut Vec<u8>) {
        for number in [self.needed, self.flags, self.method, self.time, self.date] {
            out.extend(number.to_le_bytes());
        }
        for number in [self.crc, self.compressed, self.size] {
            out.extend(number.to_le_bytes());
        }
        for length in [self.name.len(), self.extra.len()] {
            out.extend(u16::try_from(length).unwrap().to_le_bytes());
        }
    }
}

/// A stored file about which nothing else is said.
fn file(name: &str, text: &str) -> Member {
    let head = Head {
        needed: 0,
        flags: 0,
        method: 0,
        time: 0,
        date: 0,
        crc: crc32fast::hash(text.as_bytes()),
        compressed: u32::try_from(text.len()).unwrap(),
        size: u32::try_from(text.len()).unwrap(),
        name: name.into(),
        extra: Vec::new(),
    };
    Member {
        local: head.clone(),
        central: head,
        made: 0,
        disk: 0,
        internal: 0,
        external: 0,
        comment: b"",
        data: text.into(),
        after: Vec::new(),
        offset: 0,
    }
}

impl Member {
    /// Changes the local header and the record alike.
    fn both(mut self, change: impl Fn(&mut Head)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    fn local(mut self, change: impl Fn(&mut Head)) -> Self {
        change(&mut self.local);
        self
    }

    fn central(mut self, change: impl Fn(&mut Head)) -> Self {
        change(&mut self.central);
        self
    }

    fn with(mut self, change: impl Fn(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn deflated(mut self) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&self.data).unwrap();
        self.data = encoder.finish().unwrap();
        let compressed = u32::try_from(self.data.len()).unwrap();
        self.both(|head| (head.method, head.compressed) = (8, compressed))
    }

    fn unix(self, mode: u32) -> Self {
        self.with(|member| (member.made, member.external) = (0x0300, mode << 16))
    }

    /// As written to a pipe: zeros in the local header, the values after the data.
    fn streamed(self, signed: bool, wide: bool) -> Self {
        let mut after = if signed { record::DESCRIPTOR.to_vec() } else { Vec::new() };
        after.extend(self.central.crc.to_le_bytes());
        for number in [self.central.compressed, self.central.size] {
            after.extend(&u64::from(number).to_le_bytes()[..if wide { 8 } else { 4 }]);
        }
        self.both(|head| head.flags |= flag::DESCRIPTOR)
            .local(|head| (head.crc, head.compressed, head.size) = (0, 0, 0))
            .with(|member| member.after = after.clone())
    }
}

/// An extra block.
fn block(id: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap();
    [&id.to_le_bytes(), &length.to_le_bytes(), data].concat()
}

/// An end record.
fn end(entries: u16, size: u32, offset: u32, comment: &[u8]) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend([entries.to_le_bytes(), entries.to_le_bytes()].concat());
    out.extend([size.to_le_bytes(), offset.to_le_bytes()].concat());
    out.extend(u16::try_from(comment.len()).unwrap().to_le_bytes());
    out.extend(comment);
    out
}

/// Local headers and data, then the directory; and where that begins.
fn body(members: &[Member]) -> (Vec<u8>, u32) {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let offset = u32::try_from(out.len()).unwrap();
        out.extend(LOCAL);
        member.local.write(&mut out);
        for part in [&member.local.name, &member.local.extra, &member.data, &member.after] {
            out.extend(part);
        }
        directory.extend(record::CENTRAL);
        directory.extend(member.made.to_le_bytes());
        member.central.write(&mut directory);
        directory.extend(u16::try_from(member.comment.len()).unwrap().to_le_bytes());
        directory.extend(member.disk.to_le_bytes());
        directory.extend(member.internal.to_le_bytes());
        directory.extend(member.external.to_le_bytes());
        let offset = if member.offset == u32::MAX { u32::MAX } else { offset.wrapping_add(member.offset) };
        directory.extend(offset.to_le_bytes());
        directory.extend([&member.central.name, &member.central.extra, member.comment].concat());
    }
    let at = u32::try_from(out.len()).unwrap();
    out.extend(directory);
    (out, at)
}

fn zip(members: &[Member], comment: &[u8]) -> Vec<u8> {
    let (mut out, directory) = body(members);
    let size = u32::try_from(out.len()).unwrap() - directory;
    out.extend(end(u16::try_from(members.len()).unwrap(), size, directory, comment));
    out
}

/// An archive whose end record leaves its values to the zip64 one.
fn zip64(members: &[Member]) -> Vec<u8> {
    let (mut out, directory) = body(members);
    let at = out.len() as u64;
    out.extend(b"PK\x06\x06");
    out.extend(44_u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [members.len() as u64, members.len() as u64, at - u64::from(directory), directory.into()] {
        out.extend(number.to_le_bytes());
    }
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend(at.to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    out.extend(end(0xffff, u32::MAX, u32::MAX, b""));
    out
}

/// Everything that was said, one thing on a line: entries with their fields, `=` container fields, `!` problems.
fn text(opened: &Opened) -> String {
    let mut out = String::new();
    for entry in &opened.entries {
        write!(out, "{} {:?}", entry.path.escape_ascii(), entry.kind).unwrap();
        if let Some(content) = &entry.content {
            match opened.store.read(content, 1000) {
                Ok((bytes, _)) => {
                    write!(out, " \"{}\"", bytes.escape_ascii()).unwrap();
                    if entry.crc32.is_some_and(|crc| crc != crc32fast::hash(&bytes)) {
                        out.push_str(" but wrong CRC");
                    }
                    if content.size.is_some_and(|size| size != bytes.len() as u64) {
                        out.push_str(" but wrong size");
                    }
                }
                Err(fault) => write!(out, " but {fault}").unwrap(),
            }
        }
        if let Some(why) = &entry.unread {
            write!(out, " unread: {why}").unwrap();
        }
        out.push('\n');
        for field in &entry.fields {
            writeln!(out, "  {}", said(field)).unwrap();
        }
    }
    for field in &opened.fields {
        writeln!(out, "= {}", said(field)).unwrap();
    }
    for problem in &opened.problems {
        writeln!(out, "! {problem}").unwrap();
    }
    out
}

fn said(field: &Field) -> String {
    let value = match &field.value {
        Value::Text(text) => text.to_string(),
        Value::Bytes(bytes) => format!("\"{}\"", bytes.escape_ascii()),
        Value::Number(number) => number.to_string(),
        Value::Mode(mode) => format!("{mode:o}"),
        Value::Time(seconds, nanoseconds) => format!("@{seconds}.{nanoseconds}"),
        Value::LocalTime(year, month, day, hour, minute, second) => {
            format!("{year}-{month}-{day} {hour}:{minute}:{second}")
        }
        Value::Digest(_) => "SHA-256".into(),
    };
    let stored = if field.stored.is_some() { " (odd)" } else { "" };
    format!("{}: {value}{stored}", field.name)
}

/// Opens bytes and compares all that is said, whatever the indentation.
#[track_caller]
fn check(bytes: Vec<u8>, expected: &str) {
    let lines = |text: &str| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    let said = text(&open(&ZIP, "a.zip", bytes));
    assert_eq!(lines(&said), lines(expected), "\n{said}");
}
