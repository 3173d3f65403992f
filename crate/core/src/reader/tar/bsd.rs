//! bsdtar with libarchive 3.6, extracting as an ordinary user.
//!
//! The first block must be a plausible header; behind that, a bad one is skipped and the next block tried. Of several
//! extension headers the outermost has the last word; global records say nothing; a long hard link has no body.

use unicode_normalization::UnicodeNormalization as _;

use super::block::{
    BLOCK, Block, CHECKSUM, GID, GNU, GNU_MAP, GNU_MORE, GNU_REAL, LINK, MAJOR, MINOR, MODE, MORE_MAP, MORE_MORE,
    MTIME, NAME, Next, PREFIX, SIZE, Span, Tape, UID, padded, until_nul,
};
use super::number::{base_256, digits};
use super::pax::{self, Grammar};
use super::sparse::{self, EXTENTS, Extents, Packing};
use super::tree::{Item, Tree, parts};
use super::trouble::Trouble;
use crate::entry::Kind;
use crate::error::Fault;
use crate::reader::End;

const GRAMMAR: Grammar = Grammar { blanks: false, nul_key: false, least: 1 };
/// Most bytes of an extension header, and most of these before one member.
const SPECIAL: u64 = 1 << 20;
const DEEP: usize = 32;

/// An extension header that waits for its member.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extension {
    Name,
    Link,
    Records,
    /// Solaris's access list, which says nothing here, and whether it is one.
    List(bool),
    Other,
}

/// What was last read, whatever it belongs to.
#[derive(Default)]
struct State {
    name: Vec<u8>,
    link: Vec<u8>,
    records: Vec<u8>,
    /// Whether an extension header of POSIX, or else a GNU or an old header came last.
    posix: bool,
    ustar: bool,
    sparse_allowed: bool,
    /// What was worth a warning among the headers of this member.
    warned: Option<&'static str>,
    trouble: Trouble,
}

impl State {
    fn warn(&mut self, what: &'static str) {
        self.warned.get_or_insert(what);
    }
}

/// A member while extension headers are applied to it.
struct Found {
    name: Vec<u8>,
    link: Vec<u8>,
    kind: Kind,
    /// Bytes in the archive, and bytes that it says to have.
    stored: u64,
    real: u64,
    real_said: bool,
    map: Option<Extents>,
    /// Version of a sparse map, once a record spoke of one.
    version: Option<(i64, i64)>,
    data: u64,
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    match tape.peek()? {
        Next::End => return Ok(End::Whole),
        Next::Block(block) if block.is_zero() || plausible(&block) => {}
        _ => return Ok(End::Refused("it does not begin with a header".into())),
    }
    let mut state = State::default();
    loop {
        let mut extensions = Vec::new();
        state.warned = None;
        let block = loop {
            let block = match tape.next()? {
                Next::Block(block) => block,
                Next::End if extensions.iter().all(|extension| *extension == Extension::Other) => {
                    return Ok(state.trouble.end());
                }
                Next::End => return Ok(state.trouble.stop("no member follows an extension header")),
                Next::Cut => return Ok(state.trouble.stop("the last header is cut")),
            };
            if block.is_zero() {
                if extensions.iter().any(|extension| *extension != Extension::Other) {
                    return Ok(state.trouble.stop("no member follows an extension header"));
                }
                return Ok(state.trouble.end());
            }
            if !checked(&block) {
                if extensions.is_empty() {
                    continue;
                }
                return Ok(state.trouble.stop("no member follows an extension header"));
            }
            let mut extension = match block.flag() {
                b'L' => Extension::Name,
                b'K' => Extension::Link,
                b'x' | b'X' => Extension::Records,
                b'g' => Extension::Other,
                b'A' => Extension::List(true),
                b'V' => {
                    // Its body, if it has one, is taken for headers.
                    extensions.push(Extension::Other);
                    continue;
                }
                _ => break block,
            };
            let size = u64::try_from(number(block.field(SIZE))).ok().filter(|size| *size <= SPECIAL);
            let there = size.is_some_and(|size| tape.there(tape.at, padded(size)) == padded(size));
            let Some(body) = tape.body(size.unwrap_or(u64::MAX))?.filter(|_| there) else {
                return Ok(state.trouble.stop("an extension header is too large or cut"));
            };
            match block.flag() {
                b'L' => state.name = until_nul(&body).to_vec(),
                b'K' => state.link = until_nul(&body).to_vec(),
                b'A' => extension = Extension::List(is_list(&body)),
                b'g' => {}
                _ => state.records = body,
            }
            if matches!(block.flag(), b'x' | b'X' | b'g' | b'A') {
                state.posix = true;
            }
            extensions.push(extension);
            if extensions.len() > DEEP {
                return Ok(state.trouble.stop("too many extension headers"));
            }
        };
        let Some(mut found) = header(tape, &block, &mut state)? else {
            return Ok(state.trouble.stop("a header is invalid"));
        };
        if let Err(what) = unwind(&mut found, &extensions, &mut state) {
            return Ok(state.trouble.stop(what));
        }
        if !extract(tape, tree, &block, found, &mut state)? {
            return Ok(state.trouble.stop("it ends within a member"));
        }
    }
}

/// Whether a Solaris access list begins with a type that there is.
fn is_list(body: &[u8]) -> bool {
    let text = until_nul(body);
    matches!(digits(text, 8), (Some(kind), length) if length == text.len() && matches!(kind >> 18, 1 | 3))
}

/// Whether the first block looks like a header.
fn plausible(block: &Block) -> bool {
    let flag = block.flag();
    let fields: [Span; 7] = [MODE, UID, GID, MTIME, SIZE, MAJOR, MINOR];
    checked(block)
        && (flag == 0 || flag.is_ascii_alphanumeric())
        && fields.into_iter().all(|span| {
            let field = block.field(span);
            if matches!(field.first(), Some(0 | 0x80 | 0xff)) {
                return true;
            }
            let blanks = field.iter().take_while(|byte| **byte == b' ').count();
            let rest = field.get(blanks..).unwrap_or_default();
            let octal = digits(rest, 8).1;
            rest.iter().skip(octal).all(|byte| matches!(byte, b' ' | 0))
        })
}

fn checked(block: &Block) -> bool {
    let field = block.field(CHECKSUM);
    let sum = i128::from(number(field));
    field.iter().all(|byte| matches!(byte, b' ' | 0 | b'0'..=b'7')) && (sum == block.sum() || sum == block.signed_sum())
}

/// A number field: blanks, a sign, digits up to anything else; base 256 where the first bit is set.
fn number(field: &[u8]) -> i64 {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        let value = base_256(field);
        return i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX });
    }
    signed(field, 8)
}

fn signed(text: &[u8], radix: u64) -> i64 {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let text = text.get(blanks..).unwrap_or_default();
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let value = digits(text, radix).0.and_then(|value| i64::try_from(value).ok());
    match (negative, value) {
        (false, value) => value.unwrap_or(i64::MAX),
        (true, value) => value.map_or(i64::MIN, |value| -value),
    }
}

fn size(value: i64) -> Option<u64> {
    u64::try_from(value).ok().filter(|_| value != i64::MAX)
}

/// A member as its own header says; `None` where it gives up.
fn header(tape: &mut Tape<'_, '_>, block: &Block, state: &mut State) -> Result<Option<Found>, Fault> {
    let gnu = block.magic(GNU);
    let ustar = !gnu && block.magic(b"ustar");
    if gnu || !ustar {
        state.posix = false;
    }
    state.ustar = ustar;
    let Some(mut stored) = size(number(block.field(SIZE))) else { return Ok(None) };
    let name = match block.text(PREFIX) {
        prefix if ustar && !prefix.is_empty() => {
            let slash: &[u8] = if prefix.ends_with(b"/") { b"" } else { b"/" };
            [prefix, slash, block.text(NAME)].concat()
        }
        _ => block.text(NAME).to_vec(),
    };
    let flag = block.flag();
    let kind = match flag {
        // A long name of POSIX may have a body; every other hard link has none, whatever it says.
        b'1' if stored > 0 && state.posix && ustar => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' => Kind::CharacterDevice,
        b'4' => Kind::BlockDevice,
        b'5' | b'D' => Kind::Directory,
        b'6' => Kind::Fifo,
        _ => Kind::File,
    };
    state.sparse_allowed |= matches!(flag, b'0' | b'S');
    if matches!(flag, b'2'..=b'6') || kind == Kind::Hardlink {
        stored = 0;
    }
    let link = block.text(LINK).to_vec();
    let mut found =
        Found { name, link, kind, stored, real: stored, real_said: false, map: None, version: None, data: 0 };
    if gnu {
        if block.byte(GNU_REAL.0) != 0 {
            found.real = size(number(block.field(GNU_REAL))).unwrap_or_default();
            found.real_said = true;
        }
        if block.byte(GNU_MAP.0) != 0 {
            let Some(map) = old_map(tape, block)? else { return Ok(None) };
            found.map = Some(map);
        }
    }
    found.data = tape.at;
    Ok(Some(found))
}

fn old_map(tape: &mut Tape<'_, '_>, block: &Block) -> Result<Option<Extents>, Fault> {
    let mut map = Extents::new();
    let add = |map: &mut Extents, block: &Block, place| {
        for (start, length) in block.extents(place).take_while(|(start, _)| start.first() != Some(&0)) {
            map.push(extent(number(start), number(length))?);
        }
        Some(block.byte(if place == GNU_MAP { GNU_MORE } else { MORE_MORE }) != 0)
    };
    let mut more = add(&mut map, block, GNU_MAP);
    while more == Some(true) && map.len() < EXTENTS {
        let Next::Block(block) = tape.peek()? else { return Ok(None) };
        tape.at += BLOCK;
        more = add(&mut map, &block, MORE_MAP);
    }
    Ok(more.map(|_| map))
}

fn extent(start: i64, length: i64) -> Option<(u64, u64)> {
    start.checked_add(length)?;
    Some((u64::try_from(start).ok()?, u64::try_from(length).ok()?))
}

/// Applies extension headers from the innermost to the outermost.
fn unwind(found: &mut Found, extensions: &[Extension], state: &mut State) -> Result<(), &'static str> {
    // All of them were read into one place, and the first time they are applied uses them up.
    let mut applied = false;
    for extension in extensions.iter().rev() {
        match extension {
            Extension::Name => found.name.clone_from(&state.name),
            // With it goes what the headers within it were warned about.
            Extension::Link => {
                state.warned = None;
                found.link.clone_from(&state.link);
            }
            Extension::Records if applied => state.warn("a member has two headers with records"),
            Extension::Records => {
                applied = !state.records.is_empty();
                let records = std::mem::take(&mut state.records);
                apply(found, &records, state)?;
            }
            Extension::List(false) => state.warn("an access list is malformed"),
            Extension::List(true) | Extension::Other => {}
        }
    }
    if let Some(what) = state.warned {
        state.trouble.note(what);
    }
    Ok(())
}

fn apply(found: &mut Found, bytes: &[u8], state: &mut State) -> Result<(), &'static str> {
    let (records, wrong) = pax::records(bytes, GRAMMAR);
    let (mut path, mut override_path, mut link) = (Vec::new(), Vec::new(), Vec::new());
    let (mut offset, mut length, mut binary) = (-1, -1, false);
    let mut failed = wrong;
    for (key, value) in &records {
        let value = until_nul(value);
        let number = signed(value, 10);
        if key.starts_with(b"GNU.sparse") && !state.sparse_allowed {
            return Err("only a file can be sparse");
        }
        match key.as_slice() {
            b"" => return Err("a record has no key"),
            b"path" => path = value.to_vec(),
            b"GNU.sparse.name" => override_path = value.to_vec(),
            b"linkpath" => link = value.to_vec(),
            b"hdrcharset" => binary = value == b"BINARY",
            b"size" => {
                found.stored = size(number).ok_or("a size is out of range")?;
                if !found.real_said {
                    found.real = found.stored;
                }
            }
            b"GNU.sparse.size" | b"GNU.sparse.realsize" | b"SCHILY.realsize" => {
                found.real = u64::try_from(number).unwrap_or_default();
                found.real_said = true;
            }
            b"GNU.sparse.numblocks" => (offset, length) = (-1, -1),
            b"GNU.sparse.offset" => offset = number,
            b"GNU.sparse.numbytes" => length = number,
            b"GNU.sparse.major" => found.version = Some((number, found.version.unwrap_or_default().1)),
            b"GNU.sparse.minor" => found.version = Some((found.version.unwrap_or_default().0, number)),
            b"GNU.sparse.map" => match sparse::list(value) {
                Some(map) => found.map.get_or_insert_default().extend(map),
                None => failed = failed.or(Some("the sparse map is malformed")),
            },
            _ => {}
        }
        if offset >= 0 && length >= 0 {
            let extent = extent(offset, length).ok_or("the sparse map is malformed")?;
            found.map.get_or_insert_default().push(extent);
            (offset, length) = (-1, -1);
        }
    }
    if let Some(wrong) = wrong {
        // The names said before are lost with it.
        state.warn(wrong);
        return Ok(());
    }
    if let Some(failed) = failed {
        state.warn(failed);
    }
    let path = if override_path.is_empty() { path } else { override_path };
    for (text, to) in [(path, &mut found.name), (link, &mut found.link)] {
        if !text.is_empty() {
            if !binary && std::str::from_utf8(&text).is_err() {
                state.warn("a name in a record is not UTF-8");
            }
            *to = if binary { text } else { composed(text) };
        }
    }
    Ok(())
}

/// UTF-8 as libarchive converts it: composed.
fn composed(text: Vec<u8>) -> Vec<u8> {
    match std::str::from_utf8(&text) {
        Ok(text) if !text.is_ascii() => text.nfc().collect::<String>().into_bytes(),
        _ => text,
    }
}

/// Extracts a member, and goes on behind what it reads of it; false at the end of the bytes.
fn extract(
    tape: &mut Tape<'_, '_>,
    tree: &mut Tree,
    block: &Block,
    mut found: Found,
    state: &mut State,
) -> Result<bool, Fault> {
    // With a warning about its headers, a file is not taken for a folder.
    if found.kind == Kind::File && found.name.ends_with(b"/") && state.warned.is_none() {
        found.kind = Kind::Directory;
        found.stored = 0;
    }
    let padding = padded(found.stored).saturating_sub(found.stored);
    let mut left = found.stored;
    match found.version.take() {
        Some((1, 0)) => match sparse::in_data(tape, found.data, found.stored)? {
            Some((map, used)) => {
                found.map = Some(map);
                found.data = found.data.saturating_add(used);
                left = left.saturating_sub(used);
            }
            None => {
                state.trouble.note("the sparse map is malformed");
                return Ok(false);
            }
        },
        Some(_) => state.trouble.note("the sparse map has an unknown version"),
        None => {}
    }
    let map = found.map.filter(|map| !map.is_empty());
    let map = map.unwrap_or_else(|| Extents::from([(0, left)]));
    let read = sparse::data(&map).min(left);
    let cut = tape.there(found.data, read) < read;
    let plain = map.as_slice() == [(0, found.real)] && left == found.real && !cut;
    let content = match found.kind {
        Kind::File if plain => Some(tape.content(found.data, found.real)),
        Kind::File => {
            let mut over = tape.there(found.data, read);
            let clipped: Extents = map
                .iter()
                .map(|(start, length)| {
                    let length = (*length).min(over);
                    over -= length;
                    (*start, length)
                })
                .collect();
            Some(sparse::content(tape, found.data, &clipped, found.real, Packing::Dense)?)
        }
        _ => None,
    };
    // What the map leaves over is taken for headers.
    tape.at = found.data.saturating_add(read).saturating_add(padding);
    let item = Item { path: found.name, kind: found.kind, content, target: found.link, offset: block.at };
    let nameless = item.kind == Kind::Hardlink && item.target.is_empty();
    if item.path.is_empty() {
        state.trouble.note("a member has no name");
    } else if nameless {
        // It makes nothing, without a word.
    } else if parts(&item.path).any(|part| part == b"..") {
        state.trouble.note("the name of a member has .. in it");
    } else if matches!(item.kind, Kind::CharacterDevice | Kind::BlockDevice) && !block.is_whiteout() {
        state.trouble.note("an ordinary user makes no devices");
    } else {
        state.trouble.check(tree.put(item));
    }
    Ok(!cut)
}
