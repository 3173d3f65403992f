//! Go `archive/tar` 1.25.
//!
//! Every header field must be a number; records follow the grammar; GNU long names have the last word; global headers
//! say nothing about members; two zero blocks end the archive, and one with something behind it is an error.

use super::block::{
    Block, CHECKSUM, GID, GNU, GNU_MAP, GNU_MORE, GNU_REAL, GNU_TIMES, LINK, MAJOR, MINOR, MODE, MORE_MAP, MORE_MORE,
    MTIME, NAME, Next, PREFIX, SIZE, Tape, UID, joined, padded, until_nul,
};
use super::number::{decimal, digits, trimmed};
use super::pax::{self, Grammar, Record};
use super::sparse::{self, EXTENTS, Extents, Packing};
use super::tree::{Item, Tree};
use crate::entry::Kind;
use crate::error::Fault;
use crate::reader::End;

const GRAMMAR: Grammar = Grammar { blanks: false, nul_key: true, least: 5 };
/// Most bytes of a header that is not a member.
const SPECIAL: u64 = 1 << 20;

const HEADER: &str = "a header is invalid";
const CUT: &str = "it ends within a member";

fn stop(what: &str) -> Result<End, Fault> {
    Ok(End::Stopped(what.into()))
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let (mut name, mut link, mut records): (_, _, Vec<Record>) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let block = match tape.next()? {
            Next::Block(block) => block,
            Next::End => return Ok(End::Whole),
            Next::Cut => return stop("the last block is cut"),
        };
        if block.is_zero() {
            return match tape.next()? {
                Next::End => Ok(End::Whole),
                Next::Block(block) if block.is_zero() => Ok(End::Whole),
                Next::Block(_) => stop("something follows one zero block"),
                Next::Cut => stop("the last block is cut"),
            };
        }
        let Some((mut size, own)) = header(&block) else { return stop(HEADER) };
        let flag = block.flag();
        if !header_only(flag) && size < 0 {
            return stop(HEADER);
        }
        if matches!(flag, b'x' | b'g' | b'L' | b'K') {
            let length = u64::try_from(size).unwrap_or_default();
            if length > SPECIAL {
                return stop("an extension header is too large");
            }
            let there = tape.there(tape.at, length) == length;
            let Some(body) = tape.body(length)?.filter(|_| there) else { return stop(CUT) };
            match flag {
                b'L' => name = until_nul(&body).to_vec(),
                b'K' => link = until_nul(&body).to_vec(),
                _ => {
                    let Some(parsed) = parse(&body) else { return stop(HEADER) };
                    if flag == b'x' {
                        records = parsed;
                    } else {
                        // It is handed out as a member of its own, and what came before it is gone with it.
                        (name, link, records) = (Vec::new(), Vec::new(), Vec::new());
                    }
                }
            }
            continue;
        }
        let said = |key| pax::last(&records, key).filter(|value| !value.is_empty());
        let mut path = said(b"path").map_or(own, <[u8]>::to_vec);
        let mut target = said(b"linkpath").unwrap_or(block.text(LINK)).to_vec();
        if !valid_numbers(&records) {
            return stop(HEADER);
        }
        if let Some(text) = said(b"size") {
            let Some(number) = decimal(text) else { return stop(HEADER) };
            size = number;
        }
        if !name.is_empty() {
            path = std::mem::take(&mut name);
        }
        if !link.is_empty() {
            target = std::mem::take(&mut link);
        }
        let flag = match flag {
            0 if path.ends_with(b"/") => b'5',
            0 => b'0',
            flag => flag,
        };
        let Ok(stored) = u64::try_from(if header_only(flag) { 0 } else { size }) else { return stop(HEADER) };
        let start = tape.at;
        let sparse = match map(tape, &block, flag, &records, stored)? {
            Map::None => None,
            Map::Wrong => return stop(HEADER),
            Map::Is { extents, size: real, data, name } => {
                let real = real.unwrap_or(stored);
                if header_only(flag) || !valid(&extents, real) {
                    return stop(HEADER);
                }
                if let Some(name) = name {
                    path = name;
                }
                Some((extents, real, data))
            }
        };
        let kind = match flag {
            b'0' | b'7' | b'S' => Kind::File,
            b'1' => Kind::Hardlink,
            b'2' => Kind::Symlink,
            b'3' => Kind::CharacterDevice,
            b'4' => Kind::BlockDevice,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            _ => Kind::Other,
        };
        let (mut body, mut fits) = (start, true);
        let content = match sparse {
            Some((extents, real, data)) => {
                // The data must be exactly what the map says.
                let used = data.saturating_sub(start);
                fits = sparse::data(&extents) == if flag == b'S' { stored } else { stored.saturating_sub(used) };
                body = if flag == b'S' { data } else { start };
                Some(sparse::content(tape, data, &extents, real, Packing::Dense)?)
            }
            None => (!header_only(flag)).then(|| tape.content(start, stored)),
        };
        if !fits {
            return stop("the sparse map does not fit the data");
        }
        if tape.there(body, stored) < stored {
            return stop(CUT);
        }
        tree.put(Item { path, kind, content, target, offset: block.at }).ok();
        // What is missing of the padding is not missed.
        tape.at = body.saturating_add(padded(stored)).min(tape.length());
        records.clear();
    }
}

fn header_only(flag: u8) -> bool {
    matches!(flag, b'1'..=b'6')
}

/// Size and name that a valid header states.
fn header(block: &Block) -> Option<(i64, Vec<u8>)> {
    let sum = octal(block.field(CHECKSUM)).map(i128::from)?;
    if sum != block.sum() && sum != block.signed_sum() {
        return None;
    }
    for span in [MODE, UID, GID, MTIME] {
        numeric(block.field(span))?;
    }
    let size = numeric(block.field(SIZE))?;
    let ustar = block.magic(b"ustar\0");
    let star = ustar && block.field((508, 4)) == b"tar\0";
    let gnu = block.magic(GNU);
    let mut prefix: &[u8] = b"";
    if ustar || gnu {
        for span in [MAJOR, MINOR] {
            numeric(block.field(span))?;
        }
    }
    if star {
        prefix = block.text((345, 131));
        for span in [(476, 12), (488, 12)] {
            numeric(block.field(span))?;
        }
    } else if ustar {
        prefix = block.text(PREFIX);
    } else if gnu {
        let times = GNU_TIMES.iter().map(|span| block.field(*span));
        let mut times = times.filter(|time| time.first() != Some(&0));
        let text = block.text(PREFIX);
        // Once Go itself wrote a prefix there.
        if !times.all(|time| numeric(time).is_some()) && text.is_ascii() {
            prefix = text;
        }
    }
    let name = block.text(NAME);
    Some((size, if prefix.is_empty() { name.to_vec() } else { joined(prefix, name) }))
}

fn numeric(field: &[u8]) -> Option<i64> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        return i64::try_from(super::number::base_256(field)).ok();
    }
    octal(field).map(u64::cast_signed)
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = until_nul(trimmed(field, |byte| byte == b' ' || byte == 0));
    match digits(text, 8) {
        (value, length) if length == text.len() => value,
        _ => None,
    }
}

/// The records of a header, those of the oldest sparse maps made one list; `None` if they are not valid.
fn parse(bytes: &[u8]) -> Option<Vec<Record>> {
    let (records, wrong) = pax::records(bytes, GRAMMAR);
    if wrong.is_some() {
        return None;
    }
    let mut map: Vec<Vec<u8>> = Vec::new();
    let mut kept = Vec::new();
    for (key, value) in records {
        let text = matches!(key.as_slice(), b"path" | b"linkpath" | b"uname" | b"gname");
        if key.is_empty() || if text { value.contains(&0) } else { key.contains(&0) } {
            return None;
        }
        match key.as_slice() {
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                let wanted: &[u8] =
                    if map.len().is_multiple_of(2) { b"GNU.sparse.offset" } else { b"GNU.sparse.numbytes" };
                if key != wanted || value.contains(&b',') {
                    return None;
                }
                map.push(value);
            }
            _ => kept.push((key, value)),
        }
    }
    if !map.is_empty() {
        kept.push((b"GNU.sparse.map".to_vec(), map.join(&b',')));
    }
    Some(kept)
}

/// Whether every number among the records is one.
fn valid_numbers(records: &[Record]) -> bool {
    records.iter().filter(|(_, value)| !value.is_empty()).all(|(key, value)| match key.as_slice() {
        b"uid" | b"gid" => decimal(value).is_some(),
        b"atime" | b"mtime" | b"ctime" => is_time(value),
        _ => true,
    })
}

fn is_time(text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let whole = parts.next().is_some_and(|whole| decimal(whole).is_some());
    whole && parts.next().is_none_or(|rest| rest.iter().all(u8::is_ascii_digit))
}

enum Map {
    None,
    Wrong,
    Is { extents: Extents, size: Option<u64>, data: u64, name: Option<Vec<u8>> },
}

fn map(tape: &mut Tape<'_, '_>, block: &Block, flag: u8, records: &[Record], stored: u64) -> Result<Map, Fault> {
    if flag == b'S' {
        return Ok(old_map(tape, block)?.map_or(Map::Wrong, |(extents, size)| Map::Is {
            extents,
            size: Some(size),
            data: tape.at,
            name: None,
        }));
    }
    let said = |key| pax::last(records, key).filter(|value: &&[u8]| !value.is_empty());
    let in_data = match (said(b"GNU.sparse.major"), said(b"GNU.sparse.minor")) {
        (Some(b"0"), Some(b"0" | b"1")) => false,
        (Some(b"1"), Some(b"0")) => true,
        (None, None) if said(b"GNU.sparse.map").is_some() => false,
        _ => return Ok(Map::None),
    };
    let name = said(b"GNU.sparse.name").map(<[u8]>::to_vec);
    let size = match said(b"GNU.sparse.size").or(said(b"GNU.sparse.realsize")) {
        None => None,
        Some(text) => match decimal(text).and_then(|size| u64::try_from(size).ok()) {
            None => return Ok(Map::Wrong),
            size => size,
        },
    };
    let start = tape.at;
    if in_data {
        return Ok(match sparse::in_data(tape, start, stored)? {
            Some((extents, used)) => Map::Is { extents, size, data: start.saturating_add(used), name },
            None => Map::Wrong,
        });
    }
    let count = said(b"GNU.sparse.numblocks").and_then(decimal).and_then(|count| usize::try_from(count).ok());
    let extents = match said(b"GNU.sparse.map") {
        None => Some(Extents::new()),
        Some(text) => sparse::list(text),
    };
    Ok(match extents {
        Some(extents) if count == Some(extents.len()) => Map::Is { extents, size, data: start, name },
        _ => Map::Wrong,
    })
}

fn old_map(tape: &mut Tape<'_, '_>, block: &Block) -> Result<Option<(Extents, u64)>, Fault> {
    if !block.magic(GNU) {
        return Ok(None);
    }
    let number = |field: &[u8]| numeric(field).and_then(|number| u64::try_from(number).ok());
    let Some(size) = number(block.field(GNU_REAL)) else { return Ok(None) };
    let mut map = Extents::new();
    let add = |map: &mut Extents, block: &Block, place| {
        for (start, length) in block.extents(place).take_while(|(start, _)| start.first() != Some(&0)) {
            map.push((number(start)?, number(length)?));
        }
        Some(())
    };
    let mut good = add(&mut map, block, GNU_MAP);
    let mut more = block.byte(GNU_MORE) != 0;
    while more && good.is_some() && map.len() < EXTENTS {
        let Next::Block(block) = tape.peek()? else { return Ok(None) };
        tape.at += 512;
        good = add(&mut map, &block, MORE_MAP);
        more = block.byte(MORE_MORE) != 0;
    }
    Ok(good.map(|()| (map, size)))
}

fn valid(extents: &[(u64, u64)], size: u64) -> bool {
    let mut end = 0;
    extents.iter().all(|(start, length)| {
        let good = *start >= end && start.checked_add(*length).is_some_and(|end| end <= size);
        end = start.saturating_add(*length);
        good
    })
}
