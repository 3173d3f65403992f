//! The Rust crate `tar` 0.4.46.
//!
//! The first zero block ends the archive; two extension headers of one kind for one member, or one without a member, are
//! errors; of several records of one key the first counts; global headers are members of their own.

use super::block::{BLOCK, Block, CHECKSUM, GNU, GNU_MAP, GNU_MORE, GNU_REAL, LINK, MORE_MAP, MORE_MORE, NAME};
use super::block::{Next, POSIX, PREFIX, SIZE, Tape, joined, padded, until_nul};
use super::pax::{self, Record};
use super::sparse::{self, EXTENTS, Extents, Packing};
use super::tree::{Item, Tree};
use crate::entry::{Content, Kind};
use crate::error::Fault;
use crate::reader::End;

fn stop(what: &str) -> Result<End, Fault> {
    Ok(End::Stopped(what.into()))
}

const TWICE: &str = "a member has two extension headers of one kind";

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let (mut name, mut link, mut records): (Option<Vec<u8>>, _, Option<Vec<u8>>) = (None, None, None);
    loop {
        if tape.at > tape.length() {
            return stop("it ends within a member");
        }
        let pending = name.is_some() || link.is_some() || records.is_some();
        let block = match tape.next()? {
            Next::Block(block) if !block.is_zero() => block,
            Next::Cut => return stop("the last block is cut"),
            _ if pending => return stop("no member follows an extension header"),
            _ => return Ok(End::Whole),
        };
        if octal(block.field(CHECKSUM)).map(i128::from) != Some(block.sum()) {
            return stop("the checksum of a header is wrong");
        }
        let flag = block.flag();
        let Some(mut size) = number(block.field(SIZE)) else { return stop("a size is no number") };
        if !matches!(flag, b'L' | b'K' | b'x' | b'g')
            && let Some(said) = said_size(records.as_deref().unwrap_or_default())
        {
            size = said;
        }
        if size.checked_add(BLOCK - 1).and_then(|size| size.checked_add(tape.at)).is_none() {
            return stop("a size is out of range");
        }
        let start = tape.at;
        let known = block.magic(GNU) || block.magic(POSIX);
        let slot = match flag {
            b'L' if known => Some(&mut name),
            b'K' if known => Some(&mut link),
            b'x' if known => Some(&mut records),
            _ => None,
        };
        if let Some(slot) = slot {
            let Some(body) = tape.body(size)? else { return stop("an extension header is too large") };
            if slot.replace(body).is_some() {
                return stop(TWICE);
            }
            continue;
        }
        tape.skip(size);
        let records = parse(records.take().as_deref().unwrap_or_default());
        let path = match name.take() {
            Some(name) => name.strip_suffix(&[0]).unwrap_or(&name).to_vec(),
            None => pax::first(&records, b"path").map_or_else(|| path(&block), <[u8]>::to_vec),
        };
        let target = match link.take() {
            Some(link) => link.strip_suffix(&[0]).unwrap_or(&link).to_vec(),
            None => pax::first(&records, b"linkpath").unwrap_or(block.text(LINK)).to_vec(),
        };
        let kind = match flag {
            b'g' => continue,
            0 | b'0' | b'7' | b'S' => Kind::File,
            b'1' => Kind::Hardlink,
            b'2' => Kind::Symlink,
            b'3' => Kind::CharacterDevice,
            b'4' => Kind::BlockDevice,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            _ => Kind::Other,
        };
        let content = if flag == b'S' {
            match spread(tape, &block, start, size)? {
                Ok(content) => Some(content),
                Err(what) => return stop(what),
            }
        } else {
            matches!(kind, Kind::File | Kind::Other).then(|| tape.content(start, size))
        };
        tree.put(Item { path, kind, content, target, offset: block.at }).ok();
    }
}

fn path(block: &Block) -> Vec<u8> {
    let prefix = block.text(PREFIX);
    if block.magic(POSIX) && !prefix.is_empty() { joined(prefix, block.text(NAME)) } else { block.text(NAME).to_vec() }
}

fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_none_or(|first| first & 0x80 == 0) {
        return octal(field);
    }
    // Of twelve bytes it takes the last eight, whatever stands before them.
    let (_, last) = field.split_last_chunk::<8>()?;
    Some(u64::from_be_bytes(*last))
}

fn octal(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(until_nul(field)).ok()?;
    u64::from_str_radix(text.trim(), 8).ok()
}

/// Lines, each one exactly as long as it says; an empty one ends them, others are passed over.
fn lines(bytes: &[u8]) -> impl Iterator<Item = Option<Record>> {
    bytes.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()).map(|line| {
        let blank = line.iter().position(|byte| *byte == b' ')?;
        let (length, rest) = (line.get(..blank)?, line.get(blank + 1..)?);
        let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
        let equals = rest.iter().position(|byte| *byte == b'=').filter(|_| length == line.len() + 1)?;
        Some((rest.get(..equals)?.to_vec(), rest.get(equals + 1..)?.to_vec()))
    })
}

fn parse(bytes: &[u8]) -> Vec<Record> {
    lines(bytes).flatten().collect()
}

/// The size that records say: the first one, unless something before it is malformed.
fn said_size(bytes: &[u8]) -> Option<u64> {
    let record = lines(bytes).take_while(Option::is_some).flatten().find(|(key, _)| key == b"size")?;
    std::str::from_utf8(&record.1).ok()?.parse().ok()
}

/// The content of an old sparse member, or what is wrong with its map.
fn spread(
    tape: &mut Tape<'_, '_>,
    block: &Block,
    start: u64,
    size: u64,
) -> Result<Result<Content, &'static str>, Fault> {
    if !block.magic(GNU) {
        return Ok(Err("a sparse member has no GNU header"));
    }
    let (mut map, mut sum) = (Extents::new(), 0);
    let mut more = add(&mut map, &mut sum, block, GNU_MAP);
    let mut extended = block.byte(GNU_MORE) == 1;
    let mut at = start;
    while extended && more.is_ok() && map.len() < EXTENTS {
        tape.at = at;
        let Next::Block(block) = tape.peek()? else { return Ok(Err("it ends within a sparse map")) };
        at += BLOCK;
        more = add(&mut map, &mut sum, &block, MORE_MAP);
        extended = block.byte(MORE_MORE) == 1;
    }
    tape.at = at.saturating_add(padded(size));
    if let Err(what) = more {
        return Ok(Err(what));
    }
    let end = map.last().map_or(0, |(start, length)| start.saturating_add(*length));
    if number(block.field(GNU_REAL)) != Some(end) {
        return Ok(Err("the sparse map does not end where the member does"));
    }
    if sum != size {
        return Ok(Err("the sparse map does not fit the data"));
    }
    Ok(Ok(sparse::content(tape, at, &map, end, Packing::Dense)?))
}

fn add(map: &mut Extents, sum: &mut u64, block: &Block, place: (usize, usize)) -> Result<(), &'static str> {
    for (start, length) in block.extents(place) {
        if start.first() == Some(&0) || length.first() == Some(&0) {
            continue;
        }
        let end = map.last().map_or(0, |(start, length): &(u64, u64)| start.saturating_add(*length));
        let (Some(start), Some(length)) = (number(start), number(length)) else {
            return Err("a sparse map has no numbers");
        };
        if length != 0 && !sum.is_multiple_of(BLOCK) {
            return Err("an extent of a sparse map does not begin in a block of its own");
        }
        if start < end {
            return Err("a sparse map is out of order");
        }
        *sum = sum.saturating_add(length);
        map.push((start, length));
    }
    Ok(())
}
