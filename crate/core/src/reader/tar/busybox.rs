//! BusyBox tar 1.35, extracting as an ordinary user.
//!
//! Anything unexpected ends the work at once: another magic, a wrong checksum, an unknown type. A header without a name
//! counts as a zero block; only files have bodies; `..` is cut off together with everything before it.

use super::block::{
    Block, CHECKSUM, GID, LINK, MAJOR, MINOR, MODE, MTIME, NAME, Next, PREFIX, SIZE, Tape, UID, padded, until_nul,
};
use super::number::{base_256, digits};
use super::tree::{Item, Tree};
use crate::entry::Kind;
use crate::error::Fault;
use crate::reader::End;

/// Most bytes of a header with records, and of a long name.
const RECORDS: u64 = 0xf_ffff;
const NAMES: u64 = 0xfff;

fn stop(what: &str) -> Result<End, Fault> {
    Ok(End::Stopped(what.into()))
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    // Hard links, and symbolic ones that lead out, are made last.
    let mut links = Vec::new();
    let end = members(tape, tree, &mut links)?;
    if end == End::Whole {
        for item in links {
            if item.kind == Kind::Hardlink && item.target.starts_with(b"/") {
                return stop("a hard link leads to a place outside");
            }
            if let Err(what) = tree.put(item) {
                return Ok(End::Stopped(what));
            }
        }
    }
    Ok(end)
}

fn members(tape: &mut Tape<'_, '_>, tree: &mut Tree, links: &mut Vec<Item>) -> Result<End, Fault> {
    let (mut name, mut link): (Option<Vec<u8>>, Option<Vec<u8>>) = (None, None);
    let mut empty = false;
    loop {
        let block = match tape.next()? {
            Next::Block(block) => block,
            Next::End => return if tape.at == 0 { stop("it is empty") } else { Ok(End::Whole) },
            Next::Cut => return stop("the last block is cut"),
        };
        if block.byte(NAME.0) == 0 && block.byte(PREFIX.0) == 0 && name.is_none() {
            if empty {
                return Ok(End::Whole);
            }
            empty = true;
            continue;
        }
        empty = false;
        let size = match header(&block) {
            Ok(size) => size,
            Err(what) => return stop(what),
        };
        let flag = if block.flag() == 0 { b'0' } else { block.flag() };
        let start = tape.at;
        match flag {
            b'g' | b'x' if size <= RECORDS => {
                if tape.there(start, padded(size)) < padded(size) {
                    return stop("it ends within an extension header");
                }
                let body = tape.body(size)?.unwrap_or_default();
                if flag == b'x' {
                    records(&body, &mut name, &mut link);
                }
            }
            b'L' | b'K' => {
                if size > NAMES || tape.there(start, size) < size {
                    return stop("a long name is too long or cut");
                }
                let body = tape.body(size)?.unwrap_or_default();
                let slot = if flag == b'L' { &mut name } else { &mut link };
                *slot = Some(until_nul(&body).to_vec());
            }
            b'g' | b'x' | b'V' => {
                if tape.there(start, padded(size)) < padded(size) {
                    return stop("it ends within a member");
                }
                tape.skip(size);
            }
            b'0'..=b'7' => {
                let own = own_name(&block);
                let target = link.take().unwrap_or_else(|| block.text(LINK).to_vec());
                let path = cleaned(&name.take().unwrap_or(own));
                let size = if matches!(flag, b'0' | b'7') { size } else { 0 };
                let kind = match flag {
                    // So it marks hard links, and takes empty files with a target for some.
                    b'0' | b'1' | b'7' if size == 0 && !target.is_empty() => Kind::Hardlink,
                    b'2' => Kind::Symlink,
                    b'3' => Kind::CharacterDevice,
                    b'4' => Kind::BlockDevice,
                    b'5' => Kind::Directory,
                    b'6' => Kind::Fifo,
                    _ => Kind::File,
                };
                let content = (kind == Kind::File).then(|| tape.content(start, size));
                let item = Item { path, kind, content, target, offset: block.at };
                let leaves = item.target.starts_with(b"/") || item.target.windows(2).any(|pair| pair == b"..");
                match kind {
                    // It says that an ordinary user makes no devices, and goes on.
                    Kind::CharacterDevice | Kind::BlockDevice if !block.is_whiteout() => {}
                    Kind::Hardlink => links.push(item),
                    Kind::Symlink if leaves => links.push(item),
                    Kind::Directory if item.path.is_empty() => {}
                    _ => {
                        if let Err(what) = tree.put(item) {
                            return Ok(End::Stopped(what));
                        }
                    }
                }
                if tape.there(start, size) < size {
                    return stop("it ends within a member");
                }
                tape.skip(size);
            }
            _ => return stop("it does not know a type"),
        }
    }
}

/// The size that a valid header states.
fn header(block: &Block) -> Result<u64, &'static str> {
    if !block.magic(b"ustar") {
        return Err("it does not know the magic of a header");
    }
    let number = |span| number(block.field(span)).ok_or("a number in a header is none");
    if number(CHECKSUM)? != block.sum() {
        return Err("the checksum of a header is wrong");
    }
    if block.byte(MAJOR.0) != 0 {
        number(MINOR)?;
        number(MAJOR)?;
    }
    for span in [MTIME, GID, UID, MODE] {
        number(span)?;
    }
    u64::try_from(number(SIZE)?).map_err(|_| "a size is negative")
}

/// Octal digits after blanks and a sign, ended by a blank, NUL or the field; else base 256.
fn number(field: &[u8]) -> Option<i128> {
    let text = until_nul(field);
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == 0x0b).count();
    let rest = text.get(blanks..).unwrap_or_default();
    let (sign, rest) = match rest {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, rest),
    };
    let (value, length) = digits(rest, 8);
    let end = if length == 0 { text.first() } else { rest.get(length) };
    match end {
        None | Some(b' ') => Some(value.map_or(i128::from(u64::MAX), i128::from) * sign),
        Some(_) if field.first().is_some_and(|first| first & 0x80 != 0) => Some(base_256(field)),
        Some(_) => None,
    }
}

fn own_name(block: &Block) -> Vec<u8> {
    let (prefix, name) = (block.text(PREFIX), block.text(NAME));
    if prefix.is_empty() {
        return name.to_vec();
    }
    let start = name.iter().take_while(|byte| **byte == b'/').count();
    [prefix, b"/", name.get(start..).unwrap_or_default()].concat()
}

/// Takes over path and target from records; the last byte of one, whatever it is, does not belong to the value.
fn records(mut bytes: &[u8], name: &mut Option<Vec<u8>>, link: &mut Option<Vec<u8>>) {
    while !bytes.is_empty() {
        let (length, count) = digits(bytes, 10);
        let length = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length > 0);
        let split = length.and_then(|length| bytes.split_at_checked(length)).filter(|_| count > 0);
        let (Some((record, rest)), Some(b' ')) = (split, bytes.get(count)) else { return };
        let text = until_nul(record.get(count + 1..record.len().saturating_sub(1)).unwrap_or_default());
        if let Some(value) = text.strip_prefix(b"path=") {
            *name = Some(value.to_vec());
        } else if let Some(value) = text.strip_prefix(b"linkpath=") {
            *link = Some(value.to_vec());
        }
        bytes = rest;
    }
}

/// A name without slashes at its start and without everything up to the last `..`.
fn cleaned(path: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let start = parts.iter().rposition(|part| *part == b"..").map_or(0, |index| index + 1);
    parts.get(start..).unwrap_or_default().join(&b'/')
}
