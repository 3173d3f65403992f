//! CPython `tarfile` 3.11, every member listed first.
//!
//! A bad header ends the archive without a word unless it is the first one, or follows an extension header. The
//! outermost of several extension headers has the last word; global records count; a body belongs only to files and to
//! types that it does not know.

use super::block::{
    Block, CHECKSUM, GID, GNU_MAP, GNU_MORE, GNU_REAL, LINK, MAJOR, MINOR, MODE, MORE_MAP, MORE_MORE, MTIME, NAME,
    Next, PREFIX, SIZE, Span, Tape, UID, joined, padded, until_nul,
};
use super::number::{base_256_marked, digits, trimmed};
use super::pax::{self, Record};
use super::sparse::{self, EXTENTS, Extents, Packing};
use super::tree::{Item, Tree};
use crate::entry::Kind;
use crate::error::Fault;
use crate::reader::End;

/// An extension header that waits for its member.
enum Extension {
    Name(Vec<u8>),
    Link(Vec<u8>),
    /// Records with the global ones beneath them, the bytes they were in, and whether they are local.
    Records(Vec<Record>, Vec<u8>, bool),
}

/// A member while extension headers are applied to it.
struct Found {
    name: Vec<u8>,
    link: Vec<u8>,
    flag: u8,
    size: i128,
    data: u64,
    map: Option<Extents>,
}

/// Why it stops.
enum Stop {
    /// Without a word, if something was read before.
    Quiet(&'static str),
    /// With an exception.
    Loud(String),
}

type Step<T> = Result<T, Stop>;

fn loud<T>(what: &str) -> Step<T> {
    Err(Stop::Loud(what.into()))
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Loud(fault.to_string())
    }
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let mut globals = Vec::new();
    let mut found = Vec::new();
    loop {
        let start = tape.at;
        // A member whose body is cut is only noticed when the next one is asked for.
        if start > tape.length() {
            return Ok(End::Refused("it ends within a member".into()));
        }
        match member(tape, &mut globals) {
            Ok(Some(item)) => found.push(item),
            Ok(None) => break,
            Err(Stop::Quiet(what)) if start == 0 => return Ok(End::Refused(what.into())),
            Err(Stop::Quiet(_)) => break,
            Err(Stop::Loud(what)) => return Ok(End::Refused(what)),
        }
    }
    for item in found {
        // Listing refuses nothing.
        tree.put(item).ok();
    }
    Ok(End::Whole)
}

/// The next member with its extension headers; `None` at a zero block.
fn member(tape: &mut Tape<'_, '_>, globals: &mut Vec<Record>) -> Step<Option<Item>> {
    let mut extensions: Vec<Extension> = Vec::new();
    let start = tape.at;
    loop {
        let nested = !extensions.is_empty();
        let step = one(tape, globals, start, nested);
        match step {
            Ok(One::Extension(extension)) => extensions.push(extension),
            Ok(One::Member(found)) => return unwind(tape, found, extensions, start).map(Some),
            Ok(One::End) => return Ok(None),
            Err(Stop::Quiet(what)) if nested => return loud(what),
            Err(stop) => return Err(stop),
        }
    }
}

enum One {
    Extension(Extension),
    Member(Found),
    End,
}

fn one(tape: &mut Tape<'_, '_>, globals: &mut Vec<Record>, start: u64, nested: bool) -> Step<One> {
    let block = match tape.next()? {
        Next::Block(block) => block,
        Next::Cut => return Err(Stop::Quiet("the last header is cut")),
        Next::End => return Err(Stop::Quiet("it is empty")),
    };
    if block.is_zero() {
        return if nested { loud("no member follows an extension header") } else { Ok(One::End) };
    }
    let mut found = header(&block)?;
    match found.flag {
        b'L' | b'K' => {
            let body = body(tape, found.size)?;
            let text = until_nul(&body).to_vec();
            Ok(One::Extension(if found.flag == b'L' { Extension::Name(text) } else { Extension::Link(text) }))
        }
        b'x' | b'X' | b'g' => {
            let body = body(tape, found.size)?;
            tape.work(pax::length(globals))?;
            let mut records = globals.clone();
            let local = found.flag != b'g';
            parse(&body, &mut records)?;
            if !local {
                globals.clone_from(&records);
            }
            Ok(One::Extension(Extension::Records(records, body, local)))
        }
        b'S' => {
            let mut map = old_map(&block, GNU_MAP)?;
            let real = number(block.field(GNU_REAL))?;
            let mut more = block.byte(GNU_MORE) != 0;
            while more && map.len() < EXTENTS {
                let Next::Block(block) = tape.peek()? else { return loud("it ends within a sparse map") };
                tape.at += 512;
                map.extend(old_map(&block, MORE_MAP)?.into_iter().filter(|(start, length)| *start > 0 && *length > 0));
                more = block.byte(MORE_MORE) != 0;
            }
            found.data = tape.at;
            advance(tape, found.data, found.size, start)?;
            found.size = real;
            found.map = Some(map);
            Ok(One::Member(found))
        }
        _ => {
            found.data = tape.at;
            if has_body(found.flag) {
                advance(tape, found.data, found.size, start)?;
            }
            tape.work(pax::length(globals))?;
            apply(&mut found, globals)?;
            Ok(One::Member(found))
        }
    }
}

/// Applies extension headers from the innermost to the outermost.
fn unwind(tape: &mut Tape<'_, '_>, mut found: Found, extensions: Vec<Extension>, start: u64) -> Step<Item> {
    for extension in extensions.into_iter().rev() {
        match extension {
            Extension::Name(name) => found.name = name,
            Extension::Link(link) => found.link = link,
            Extension::Records(records, body, local) => {
                map_of(tape, &mut found, &records, &body)?;
                if local {
                    apply(&mut found, &records)?;
                    if get(&records, b"size").is_some() {
                        let size = if has_body(found.flag) { found.size } else { 0 };
                        advance(tape, found.data, size, start)?;
                    }
                }
            }
        }
    }
    let kind = match found.flag {
        0 | b'0' | b'7' | b'S' => Kind::File,
        b'1' => Kind::Hardlink,
        b'2' => Kind::Symlink,
        b'3' => Kind::CharacterDevice,
        b'4' => Kind::BlockDevice,
        b'5' => Kind::Directory,
        b'6' => Kind::Fifo,
        _ => Kind::Other,
    };
    let size = u64::try_from(found.size).unwrap_or_default();
    let content = match (kind, found.map) {
        (Kind::File, Some(map)) => Some(sparse::content(tape, found.data, &map, size, Packing::Dense)?),
        (Kind::File | Kind::Other, _) => Some(tape.content(found.data, size)),
        _ => None,
    };
    Ok(Item { path: found.name, kind, content, target: found.link, offset: start })
}

/// Files, and types that it does not know.
fn has_body(flag: u8) -> bool {
    !matches!(flag, b'1'..=b'6' | b'K' | b'L')
}

/// Goes to the header behind a body.
fn advance(tape: &mut Tape<'_, '_>, data: u64, size: i128, start: u64) -> Step<()> {
    let blocks = size.saturating_add(511).div_euclid(512).saturating_mul(512);
    let next = i128::from(data).saturating_add(blocks);
    match u64::try_from(next) {
        Ok(next) if next > start && i64::try_from(next).is_ok() => {
            tape.at = next;
            Ok(())
        }
        _ => loud("a size leads back"),
    }
}

fn body(tape: &mut Tape<'_, '_>, size: i128) -> Step<Vec<u8>> {
    let Ok(size) = u64::try_from(size) else { return loud("an extension header has a negative size") };
    match tape.body(padded(size))? {
        Some(body) => Ok(body),
        None => loud("an extension header is too large"),
    }
}

fn header(block: &Block) -> Step<Found> {
    let sum = number(block.field(CHECKSUM))?;
    if sum != block.sum() && sum != block.signed_sum() {
        return Err(Stop::Quiet("the checksum of a header is wrong"));
    }
    for span in [MODE, UID, GID, MTIME, MAJOR, MINOR] {
        number(block.field(span))?;
    }
    let mut flag = block.flag();
    let mut name = block.text(NAME).to_vec();
    if flag == 0 && name.ends_with(b"/") {
        flag = b'5';
    }
    if flag == b'5' {
        strip_slashes(&mut name);
    }
    let prefix = block.text(PREFIX);
    if !prefix.is_empty() && !matches!(flag, b'L' | b'K' | b'S') {
        name = joined(prefix, &name);
    }
    Ok(Found { name, link: block.text(LINK).to_vec(), flag, size: number(block.field(SIZE))?, data: 0, map: None })
}

fn strip_slashes(name: &mut Vec<u8>) {
    while name.last() == Some(&b'/') {
        name.pop();
    }
}

/// A number field as Python's `int` reads octal text, or base 256.
fn number(field: &[u8]) -> Step<i128> {
    if let Some(value) = base_256_marked(field) {
        return Ok(value);
    }
    match integer(until_nul(field), 8) {
        Some(value) => Ok(value),
        None => Err(Stop::Quiet("a number in a header is none")),
    }
}

/// Blanks around, a sign, a prefix for octal numbers, underscores between digits; nothing at all is zero.
fn integer(text: &[u8], radix: u64) -> Option<i128> {
    let text = trimmed(text, |byte| byte.is_ascii_whitespace() || matches!(byte, 0x0b | 0x1c..=0x1f));
    if text.is_empty() {
        return (radix == 8).then_some(0);
    }
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    let text = match text {
        [b'0', b'o' | b'O', rest @ ..] if radix == 8 => rest.strip_prefix(b"_").unwrap_or(rest),
        _ => text,
    };
    let mut parts = text.split(|byte| *byte == b'_');
    let numbers = parts.all(|part| !part.is_empty() && digits(part, radix).1 == part.len());
    let plain: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'_').collect();
    let (value, _) = digits(&plain, radix);
    value.filter(|_| numbers).map(|value| i128::from(value) * sign)
}

fn decimal(text: &[u8]) -> Option<i128> {
    integer(text, 10)
}

fn get<'a>(records: &'a [Record], key: &[u8]) -> Option<&'a [u8]> {
    records.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_slice())
}

/// Adds records to those there are: a key keeps its place and takes the new value. What does not look like a record ends
/// them without a word.
fn parse(bytes: &[u8], records: &mut Vec<Record>) -> Step<()> {
    let mut at = 0;
    loop {
        let text = bytes.get(at..).unwrap_or_default();
        let (length, count) = digits(text, 10);
        if count == 0 || text.get(count) != Some(&b' ') {
            return Ok(());
        }
        let rest = text.get(count + 1..).unwrap_or_default();
        let Some(equals) = rest.iter().position(|byte| *byte == b'=').filter(|equals| *equals > 0) else {
            return Ok(());
        };
        let length = match length.map(usize::try_from) {
            Some(Ok(0)) => return Err(Stop::Quiet("a record is empty")),
            Some(Ok(length)) => length,
            _ => usize::MAX,
        };
        let key = rest.get(..equals).unwrap_or_default().to_vec();
        let from = count + 1 + equals + 1;
        let to = length.saturating_sub(1).min(text.len()).max(from);
        let value = text.get(from..to).unwrap_or_default().to_vec();
        match records.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => records.push((key, value)),
        }
        at = at.saturating_add(length);
    }
}

fn apply(found: &mut Found, records: &[Record]) -> Step<()> {
    for (key, value) in records {
        match key.as_slice() {
            b"GNU.sparse.name" => found.name.clone_from(value),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => match decimal(value) {
                Some(size) => found.size = size,
                None => return loud("the size of a sparse file is no number"),
            },
            b"size" => found.size = decimal(value).unwrap_or_default(),
            b"path" => {
                found.name.clone_from(value);
                strip_slashes(&mut found.name);
            }
            b"linkpath" => found.link.clone_from(value),
            _ => {}
        }
    }
    if found.flag == b'5' {
        strip_slashes(&mut found.name);
    }
    Ok(())
}

/// The sparse map that records say, in one of three ways.
fn map_of(tape: &mut Tape<'_, '_>, found: &mut Found, records: &[Record], body: &[u8]) -> Step<()> {
    if let Some(list) = get(records, b"GNU.sparse.map") {
        let numbers: Option<Vec<u64>> = list
            .split(|byte| *byte == b',')
            .take(2 * EXTENTS)
            .map(|text| decimal(text).and_then(|number| u64::try_from(number).ok()))
            .collect();
        let Some(numbers) = numbers else { return loud("the sparse map is no list of numbers") };
        let (pairs, _) = numbers.as_chunks::<2>();
        found.map = Some(pairs.iter().map(|[offset, length]| (*offset, *length)).collect());
    } else if get(records, b"GNU.sparse.size").is_some() {
        let all = |key: &[u8]| -> Vec<u64> {
            let lines = body.split(|byte| *byte == b'\n').take(2 * EXTENTS);
            lines.filter_map(|line| digits(after(line, key)?, 10).0).collect()
        };
        let pairs = all(b" GNU.sparse.offset=").into_iter().zip(all(b" GNU.sparse.numbytes="));
        found.map = Some(pairs.collect());
    } else if get(records, b"GNU.sparse.major") == Some(b"1") && get(records, b"GNU.sparse.minor") == Some(b"0") {
        let Some((map, used)) = sparse::in_data(tape, found.data, u64::MAX)? else {
            return loud("the sparse map is malformed");
        };
        found.data = found.data.saturating_add(used);
        found.map = Some(map);
    }
    Ok(())
}

fn after<'a>(line: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let at = line.windows(key.len()).position(|window| window == key)?;
    line.get(at + key.len()..)
}

fn old_map(block: &Block, place: Span) -> Step<Extents> {
    let number = |field: &[u8]| -> Step<u64> {
        u64::try_from(number(field)?).or_else(|_| loud("a sparse map has negative numbers"))
    };
    block.extents(place).map(|(start, length)| Ok((number(start)?, number(length)?))).collect()
}
