//! tar-stream 3 of npm.
//!
//! Zero blocks are passed over wherever they stand, so nothing behind them is hidden; headers without a known magic are
//! errors; a folder has no body; global records count only beside local ones.

use super::block::{BLOCK, Block, CHECKSUM, GNU, LINK, NAME, Next, PREFIX, SIZE, Tape, joined, padded, until_nul};
use super::number::{base_256_marked, digits};
use super::pax::{self, Record};
use super::tree::{Item, Manner, Tree};
use crate::entry::Kind;
use crate::error::Fault;
use crate::reader::End;

/// Most bytes of an extension header.
const SPECIAL: i128 = 4 << 20;

fn stop(what: &str) -> Result<End, Fault> {
    Ok(End::Stopped(what.into()))
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let mut all = Tree::new(Manner::Listed);
    Ok(match members(tape, &mut all)? {
        // Who waits for the whole gets nothing.
        End::Stopped(why) => End::Refused(why),
        end => {
            *tree = all;
            end
        }
    })
}

fn members(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let (mut name, mut link): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    // An empty extension header leaves it waiting for a body, and it takes one where there is padding.
    let mut waiting = false;
    let (mut records, mut global): (Option<Vec<Record>>, Option<Vec<Record>>) = (None, None);
    loop {
        if tape.at > tape.length() {
            return stop("it ends early");
        }
        let block = match tape.next()? {
            Next::Block(block) => block,
            Next::End => return Ok(End::Whole),
            Next::Cut => return stop("it ends early"),
        };
        // An empty sum is not looked at any closer.
        if block.sum() == 256 {
            continue;
        }
        let own = match header(&block) {
            Ok(own) => own,
            Err(what) => return stop(what),
        };
        let size = number(block.field(SIZE));
        let (flag, start) = (block.flag(), tape.at);
        if matches!(flag, b'x' | b'g' | b'L' | b'N' | b'K') {
            let size = size.unwrap_or_default();
            let Some(size) = u64::try_from(size).ok().filter(|_| size <= SPECIAL) else {
                return stop("an extension header is too large");
            };
            waiting = size == 0;
            if waiting {
                continue;
            }
            if tape.there(start, size) < size {
                return stop("it ends early");
            }
            let body = tape.body(size)?.unwrap_or_default();
            match flag {
                b'L' | b'N' => name = lossy(until_nul(&body)),
                b'K' => link = lossy(until_nul(&body)),
                b'g' => global = Some(parse(&body)),
                _ => {
                    tape.work(pax::length(global.as_deref().unwrap_or_default()))?;
                    let mut all = global.clone().unwrap_or_default();
                    all.extend(parse(&body));
                    records = Some(all);
                }
            }
            continue;
        }
        let said = records.take().unwrap_or_default();
        let said = |key| pax::last(&said, key).filter(|value| !value.is_empty());
        let long = std::mem::take(&mut name);
        let path = said(b"path").map_or(if long.is_empty() { own } else { long }, <[u8]>::to_vec);
        let long = std::mem::take(&mut link);
        let own = if long.is_empty() { lossy(block.text(LINK)) } else { long };
        let target = said(b"linkpath").map_or(own, <[u8]>::to_vec);
        let size = match said(b"size") {
            Some(text) => leading(text, 10),
            None => size,
        };
        let Some(size) = size.and_then(|size| u64::try_from(size).ok()) else { return stop("a header is invalid") };
        let kind = match flag {
            0 | b'0' | b'7' => Kind::File,
            b'1' => Kind::Hardlink,
            b'2' => Kind::Symlink,
            b'3' => Kind::CharacterDevice,
            b'4' => Kind::BlockDevice,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            _ => Kind::Other,
        };
        let size = if kind == Kind::Directory { 0 } else { size };
        let content = matches!(kind, Kind::File | Kind::Other).then(|| tape.content(start, size));
        if tape.there(start, size) < size {
            return stop("it ends early");
        }
        tree.put(Item { path, kind, content, target, offset: block.at }).ok();
        tape.at = start.saturating_add(padded(size));
        if waiting && size % BLOCK != 0 {
            waiting = false;
            tape.at = tape.at.saturating_add(size);
        }
    }
}

/// The name that a valid header states.
fn header(block: &Block) -> Result<Vec<u8>, &'static str> {
    if number(block.field(CHECKSUM)) != Some(block.sum()) {
        return Err("the checksum of a header is wrong");
    }
    let name = lossy(block.text(NAME));
    if block.magic(b"ustar\0") {
        let prefix = block.text(PREFIX);
        return Ok(if prefix.is_empty() { name } else { joined(&lossy(prefix), &name) });
    }
    if block.magic(GNU) { Ok(name) } else { Err("it does not know the magic of a header") }
}

/// Octal digits after blanks and NULs, up to anything else; nothing is zero; base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<i128> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        // What is negative is one too large.
        let value = base_256_marked(field).unwrap_or_default();
        return Some(if value < 0 { value + 1 } else { value });
    }
    let blanks = field.iter().take_while(|byte| **byte == b' ').count();
    let text = field.get(blanks..).unwrap_or_default();
    let text = text.split(|byte| *byte == b' ').next().unwrap_or_default();
    let nuls = text.iter().take_while(|byte| **byte == 0).count();
    match text.get(nuls..).unwrap_or_default() {
        [] => Some(0),
        text => leading(text, 8),
    }
}

/// Digits at the start, after blanks and a sign.
fn leading(text: &[u8], radix: u64) -> Option<i128> {
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let text = text.get(blanks..).unwrap_or_default();
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    let (value, count) = digits(text, radix);
    value.filter(|_| count > 0).map(|value| i128::from(value) * sign)
}

fn lossy(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).into_owned().into_bytes()
}

/// Records, cut by their lengths alone; what cannot be read ends them without a word.
fn parse(mut bytes: &[u8]) -> Vec<Record> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let blank = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len());
        let length = leading(bytes.get(..blank).unwrap_or_default(), 10);
        let Some(length) = length.and_then(|length| usize::try_from(length).ok()).filter(|length| *length > 0) else {
            break;
        };
        let end = (length - 1).min(bytes.len());
        let record = bytes.get(blank + 1..end).unwrap_or_default();
        let Some(equals) = record.iter().position(|byte| *byte == b'=') else { break };
        let (key, value) = (record.get(..equals).unwrap_or_default(), record.get(equals + 1..).unwrap_or_default());
        records.push((key.to_vec(), lossy(value)));
        bytes = bytes.get(length..).unwrap_or_default();
    }
    records
}
