//! GNU tar 1.34, extracting as an ordinary user.
//!
//! It looks for the next header behind a bad one, ends at the first zero block, reads bodies only of files, believes
//! global records like local ones, and refuses members whose name has `..` in it.

use super::block::{
    BLOCK, Block, CHECKSUM, GID, GNU, GNU_MAP, GNU_MORE, GNU_REAL, LINK, MODE, MORE_MAP, MORE_MORE, MTIME, NAME, Next,
    PREFIX, SIZE, Span, Tape, UID, joined, padded, until_nul,
};
use super::number::{base_256_marked, decimal, digits};
use super::pax::{self, Grammar, Record};
use super::sparse::{self, EXTENTS, Extents, Packing};
use super::tree::{Item, Tree, parts};
use super::trouble::Trouble;
use crate::entry::{Content, Kind};
use crate::error::Fault;
use crate::reader::End;

const GRAMMAR: Grammar = Grammar { blanks: true, nul_key: false, least: 1 };

/// Extension headers read since the last member.
#[derive(Default)]
struct Pending {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    records: Option<Vec<u8>>,
}

/// A member with everything that extension headers say.
struct Found {
    name: Vec<u8>,
    slash: bool,
    link: Vec<u8>,
    /// Bytes in the archive.
    stored: u64,
    /// Bytes that it says to have.
    size: u64,
    map: Option<Extents>,
    map_in_data: bool,
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let mut trouble = Trouble::default();
    let (mut pending, mut globals) = (Pending::default(), Vec::new());
    let mut first = true;
    loop {
        let block = match tape.next()? {
            Next::Block(block) => block,
            Next::End if first => return Ok(trouble.stop("it is empty")),
            Next::End => return Ok(trouble.end()),
            Next::Cut if first => return Ok(trouble.stop("the first block is cut")),
            Next::Cut => return Ok(trouble.end()),
        };
        first = false;
        if block.is_zero() {
            return Ok(trouble.end());
        }
        let Some(size) = header(&block) else {
            trouble.note(format!("there is no header at byte {}", block.at));
            pending = Pending::default();
            continue;
        };
        let flag = block.flag();
        if !matches!(flag, b'L' | b'K' | b'x' | b'X' | b'g') {
            tape.work(pax::length(&globals))?;
            let found = resolve(&block, size, std::mem::take(&mut pending), &globals, &mut trouble);
            if !extract(tape, tree, &block, found, &mut trouble)? {
                return Ok(trouble.stop("it ends within a member"));
            }
            continue;
        }
        let there = tape.there(tape.at, size) == size;
        let Some(body) = tape.body(size)?.filter(|_| there) else {
            return Ok(trouble.stop("it ends within an extension header"));
        };
        match flag {
            b'L' => pending.name = Some(until_nul(&body).to_vec()),
            b'K' => pending.link = Some(until_nul(&body).to_vec()),
            b'g' => {
                let (records, wrong) = records(&body);
                globals.extend(records);
                if let Some(wrong) = wrong {
                    trouble.note(wrong);
                }
            }
            _ => pending.records = Some(body),
        }
    }
}

/// Records, and what is wrong with the first that is none; NULs end them without a word.
fn records(bytes: &[u8]) -> (Vec<Record>, Option<&'static str>) {
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    pax::records(bytes.get(..length).unwrap_or_default(), GRAMMAR)
}

/// The size that a valid header states.
fn header(block: &Block) -> Option<u64> {
    let sum = number(block.field(CHECKSUM), true)?;
    if sum != block.sum() && sum != block.signed_sum() {
        return None;
    }
    if block.flag() == b'1' {
        return Some(0);
    }
    field(block, SIZE)
}

fn field(block: &Block, span: Span) -> Option<u64> {
    offset(block.field(span))
}

fn offset(field: &[u8]) -> Option<u64> {
    number(field, false).and_then(|value| u64::try_from(value).ok()).filter(|value| i64::try_from(*value).is_ok())
}

/// A number field: one NUL, blanks, then octal digits or base 256; `None` where it reports an error.
fn number(field: &[u8], octal_only: bool) -> Option<i128> {
    let field = field.strip_prefix(&[0]).unwrap_or(field);
    let start = field.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b)?;
    let rest = field.get(start..).unwrap_or_default();
    let (value, length) = digits(rest, 8);
    if length == 0 && !octal_only && rest.len() > 1 && matches!(rest.first(), Some(0x80 | 0xff)) {
        return base_256_marked(rest);
    }
    match rest.get(length) {
        None | Some(0) => value.map(i128::from),
        Some(byte) if byte.is_ascii_whitespace() || *byte == 0x0b => value.map(i128::from),
        Some(_) => None,
    }
}

/// Puts together what the header, the extension headers and the global records say.
fn resolve(block: &Block, size: u64, pending: Pending, globals: &[Record], trouble: &mut Trouble) -> Found {
    let posix = block.magic(b"ustar\0");
    if [MODE, UID, GID, MTIME].into_iter().any(|span| number(block.field(span), false).is_none()) {
        trouble.note("a number in a header is none");
    }
    let name = pending.name.unwrap_or_else(|| {
        let prefix = block.text(PREFIX);
        if posix && !prefix.is_empty() { joined(prefix, block.text(NAME)) } else { block.text(NAME).to_vec() }
    });
    let mut found = Found {
        slash: name.ends_with(b"/"),
        name,
        link: pending.link.unwrap_or_else(|| block.text(LINK).to_vec()),
        stored: size,
        size,
        map: None,
        map_in_data: false,
    };
    let (local, wrong) = records(pending.records.as_deref().unwrap_or_default());
    if let Some(wrong) = wrong {
        trouble.note(wrong);
    }
    let mut said = Said::default();
    // Of two global records of one key the earlier one comes last.
    for (key, value) in globals.iter().rev().chain(&local) {
        said.record(key, until_nul(value), &mut found, trouble);
    }
    found.size = said.real.unwrap_or(found.stored);
    if posix && pending.records.is_some() && (!said.map.is_empty() || said.major > 0) {
        found.map_in_data = said.major > 0;
        found.map = Some(said.map);
    }
    if block.magic(GNU) && block.flag() == b'S' {
        found.size = field(block, GNU_REAL).unwrap_or_default();
        found.map = Some(Extents::new());
    }
    found
}

/// What records say about a sparse file.
#[derive(Default)]
struct Said {
    real: Option<u64>,
    named: bool,
    count: usize,
    offset: u64,
    map: Extents,
    major: i64,
}

impl Said {
    fn record(&mut self, key: &[u8], value: &[u8], found: &mut Found, trouble: &mut Trouble) {
        let mut number = || {
            let number = decimal(value).and_then(|number| u64::try_from(number).ok());
            if number.is_none() {
                trouble.note(format!("{} is no number in a record", value.escape_ascii()));
            }
            number
        };
        match key {
            b"path" if self.named => {}
            b"path" | b"GNU.sparse.name" => {
                self.named |= key != b"path";
                found.name = value.to_vec();
                found.slash = value.ends_with(b"/");
            }
            b"linkpath" => found.link = value.to_vec(),
            b"size" => found.stored = number().unwrap_or(found.stored),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.real = number().or(self.real),
            b"GNU.sparse.major" => self.major = decimal(value).unwrap_or_default(),
            b"GNU.sparse.numblocks" => {
                self.count = number().and_then(|count| usize::try_from(count).ok()).unwrap_or_default().min(EXTENTS);
                self.map.clear();
            }
            b"GNU.sparse.offset" if self.map.len() < self.count => self.offset = number().unwrap_or_default(),
            b"GNU.sparse.offset" => trouble.note("the sparse map has more extents than it says"),
            b"uid" | b"gid" if decimal(value).is_none() => trouble.note("a user or group in a record is no number"),
            b"atime" | b"ctime" | b"mtime" if !is_time(value) => trouble.note("a time in a record is none"),
            b"GNU.sparse.numbytes" => match number() {
                Some(length) if self.map.len() < self.count => self.map.push((self.offset, length)),
                _ => trouble.note("the sparse map has more extents than it says"),
            },
            b"GNU.sparse.map" => match sparse::list(value) {
                Some(map) if map.len() <= self.count => self.map = map,
                _ => trouble.note("the sparse map is malformed"),
            },
            _ => {}
        }
    }
}

/// Digits with a sign, and anything behind a point.
fn is_time(text: &[u8]) -> bool {
    let whole = text.split(|byte| *byte == b'.').next().unwrap_or_default();
    let whole = whole.strip_prefix(b"-").unwrap_or(whole);
    !whole.is_empty() && whole.iter().all(u8::is_ascii_digit)
}

/// Extracts a member, and goes on behind what it reads of it; false at the end of the bytes.
fn extract(
    tape: &mut Tape<'_, '_>,
    tree: &mut Tree,
    block: &Block,
    found: Found,
    trouble: &mut Trouble,
) -> Result<bool, Fault> {
    let flag = block.flag();
    let body = tape.at;
    let mut item = Item { path: found.name, kind: Kind::File, content: None, target: found.link, offset: block.at };
    let up = parts(&item.path).any(|part| part == b"..");
    let kind = match flag {
        0 | b'0' | b'7' if found.slash => Some(Kind::Directory),
        b'1' => Some(Kind::Hardlink),
        b'2' => Some(Kind::Symlink),
        b'3' => Some(Kind::CharacterDevice),
        b'4' => Some(Kind::BlockDevice),
        b'5' | b'D' => Some(Kind::Directory),
        b'6' => Some(Kind::Fifo),
        b'V' | b'M' => None,
        _ => Some(Kind::File),
    };
    let skipped = up || kind.is_none() || flag == b'D';
    item.kind = kind.unwrap_or(Kind::Other);
    let mut whole = true;
    if skipped || item.kind == Kind::File {
        let content = match found.map {
            Some(map) if !skipped || found.stored > 0 => {
                let real = found.size;
                let map = if found.map_in_data { None } else { Some(map) };
                let content = spread(tape, block, found.stored, real, map, trouble)?;
                whole = tape.at <= padded(tape.length());
                content
            }
            _ => {
                tape.skip(found.size);
                let there = tape.there(body, found.size);
                whole = there == found.size;
                // The last bytes are lost where they are no whole block.
                tape.content(body, if whole { there } else { there - there % BLOCK })
            }
        };
        item.content = (item.kind == Kind::File).then_some(content);
    }
    if up {
        trouble.note("the name of a member has .. in it");
    } else if matches!(item.kind, Kind::CharacterDevice | Kind::BlockDevice) && !block.is_whiteout() {
        trouble.note("an ordinary user makes no devices");
    } else if flag == b'M' {
        trouble.note("a member begins in another volume");
    } else if item.kind == Kind::Symlink && item.target.is_empty() {
        trouble.note("a symbolic link leads nowhere");
    } else if kind.is_some() {
        trouble.check(tree.put(item));
    }
    Ok(whole)
}

/// The content of a sparse member: each extent from a block of its own on, and nothing behind the last extent.
fn spread(
    tape: &mut Tape<'_, '_>,
    block: &Block,
    stored: u64,
    real: u64,
    map: Option<Extents>,
    trouble: &mut Trouble,
) -> Result<Content, Fault> {
    let old = block.flag() == b'S' && block.magic(GNU);
    let mut map = map;
    let start = tape.at;
    let mut data = start;
    if old {
        map = old_map(tape, block, real)?;
        data = tape.at;
    } else if map.is_none()
        && let Some((extents, used)) = sparse::in_data(tape, start, stored)?
    {
        map = Some(extents);
        data = start.saturating_add(used);
    }
    let Some(extents) = map else {
        trouble.note("the sparse map is malformed");
        tape.skip(stored);
        return Ok(tape.content(data, 0));
    };
    let size = extents.iter().map(|(offset, length)| offset.saturating_add(*length)).max().unwrap_or_default();
    let read = extents.iter().fold(0, |sum: u64, (_, length)| sum.saturating_add(padded(*length)));
    let content = sparse::content(tape, data, &extents, size, Packing::Blocks)?;
    let end = if old { data } else { start }.saturating_add(padded(stored));
    tape.at = data.saturating_add(read).max(end);
    Ok(content)
}

/// The map in an old header and the blocks behind it; `None` if it is malformed.
fn old_map(tape: &mut Tape<'_, '_>, block: &Block, real: u64) -> Result<Option<Extents>, Fault> {
    let mut map = Extents::new();
    let mut more = add(&mut map, block, GNU_MAP, real).map(|_| block.byte(GNU_MORE) != 0);
    while more == Some(true) && map.len() < EXTENTS {
        let Next::Block(block) = tape.peek()? else { return Ok(None) };
        tape.at += BLOCK;
        more = add(&mut map, &block, MORE_MAP, real).map(|_| block.byte(MORE_MORE) != 0);
    }
    Ok(more.map(|_| map))
}

fn add(map: &mut Extents, block: &Block, place: (usize, usize), real: u64) -> Option<()> {
    for (start, length) in block.extents(place) {
        if length.first() == Some(&0) {
            break;
        }
        let (start, length) = (offset(start)?, offset(length)?);
        if start.checked_add(length)? > real {
            return None;
        }
        map.push((start, length));
    }
    Some(())
}
