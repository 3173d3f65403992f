//! node-tar 7, not strict: what npm unpacks with.
//!
//! It never fails: a bad header is passed over block by block. A link without a target and anything else with one are
//! bad; sparse files and unknown types are passed over with their bodies; records must fill their line exactly.

use super::block::{CHECKSUM, LINK, NAME, Next, POSIX, SIZE, Tape, joined, until_nul};
use super::number::{base_256_marked, digits, trimmed};
use super::tree::{Item, Tree};
use crate::entry::Kind;
use crate::error::Fault;
use crate::reader::End;

/// Most bytes of an extension header; a larger one is passed over.
const SPECIAL: u64 = 1 << 20;

/// What records say.
#[derive(Clone, Default)]
struct Said {
    path: Option<String>,
    link: Option<String>,
    size: Option<u64>,
}

impl Said {
    /// Bytes of its names.
    fn length(&self) -> u64 {
        [&self.path, &self.link].into_iter().flatten().map(|text| text.len() as u64).sum()
    }
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let (mut said, mut global) = (Said::default(), Said::default());
    let mut zero = false;
    loop {
        let Next::Block(block) = tape.next()? else { return Ok(End::Whole) };
        let sum = number(block.field((CHECKSUM.0, 12)));
        if block.sum() == 256 && sum == Number::None {
            if zero {
                return Ok(End::Whole);
            }
            zero = true;
            continue;
        }
        zero = false;
        let flag = block.flag();
        let normal = matches!(flag, 0 | b'0'..=b'7' | b'D');
        tape.work(said.length() + global.length())?;
        let (local, all) = if normal { (said.clone(), global.clone()) } else { Default::default() };
        let size = match number(block.field(SIZE)) {
            Number::Wrong if local.size.or(all.size).is_none() => continue,
            Number::Is(size) => u64::try_from(size).ok(),
            _ => None,
        };
        if sum != Number::Is(block.sum()) {
            continue;
        }
        let mut size = local.size.or(all.size).or(size).unwrap_or_default();
        let mut path = local.path.clone().unwrap_or_else(|| text(block.field(NAME)));
        // Records that give a size make even a path with a prefix end here.
        let dir = flag == b'5' || (matches!(flag, 0 | b'0') && path.ends_with('/'));
        if dir {
            size = 0;
        }
        let link = text(block.field(LINK));
        if block.magic(POSIX) {
            let length = if block.byte(475) == 0 { 130 } else { 155 };
            let prefix = text(block.field((345, length)));
            if !prefix.is_empty() || block.byte(475) != 0 {
                path = String::from_utf8_lossy(&joined(prefix.as_bytes(), path.as_bytes())).into_owned();
            }
        }
        let is_link = matches!(flag, b'1' | b'2');
        let records = matches!(flag, b'x' | b'g');
        if path.is_empty() || (is_link && link.is_empty()) || (!is_link && !records && !link.is_empty()) {
            continue;
        }
        let start = tape.at;
        if matches!(flag, b'x' | b'X' | b'g' | b'L' | b'N' | b'K') {
            // The size of records, though not meant for this header, says whether it has a body.
            if global.size.or(said.size).unwrap_or(size) == 0 || size == 0 {
                continue;
            }
            let Some(body) = tape.body(size)?.filter(|body| size <= SPECIAL && body.len() as u64 == size) else {
                tape.at = start;
                tape.skip(size);
                continue;
            };
            let body = String::from_utf8_lossy(&body).into_owned();
            match flag {
                b'L' | b'N' => said.path = Some(before_nul(&body)),
                b'K' => said.link = Some(before_nul(&body)),
                b'g' => parse(&body, &mut global),
                _ => parse(&body, &mut said),
            }
            continue;
        }
        let kind = match flag {
            0 | b'0' | b'7' if !dir => Kind::File,
            b'1' => Kind::Hardlink,
            b'2' => Kind::Symlink,
            b'3' => Kind::CharacterDevice,
            b'4' => Kind::BlockDevice,
            0 | b'0' | b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            b'D' => Kind::Other,
            _ => {
                said = Said::default();
                tape.skip(size);
                continue;
            }
        };
        let last = std::mem::take(&mut said);
        let path = last.path.filter(|_| normal).unwrap_or(path);
        let target = all.link.or(last.link).filter(|_| normal).unwrap_or(link);
        let content = matches!(kind, Kind::File | Kind::Other).then(|| tape.content(start, size));
        let item = Item { path: path.into_bytes(), kind, content, target: target.into_bytes(), offset: block.at };
        tree.put(item).ok();
        tape.skip(size);
    }
}

/// A number field.
#[derive(PartialEq, Eq)]
enum Number {
    Is(i128),
    /// No digits.
    None,
    /// Base 256 that it throws at.
    Wrong,
}

/// Octal digits up to anything else, after blanks and a sign; base 256 within what a double holds.
fn number(field: &[u8]) -> Number {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        let safe = |value: &i128| value.unsigned_abs() < 1 << 53;
        return base_256_marked(field).filter(safe).map_or(Number::Wrong, Number::Is);
    }
    let text = trimmed(until_nul(field), |byte| byte.is_ascii_whitespace() || byte == 0x0b);
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    match digits(text, 8) {
        (_, 0) | (None, _) => Number::None,
        (Some(value), _) => Number::Is(i128::from(value) * sign),
    }
}

fn text(field: &[u8]) -> String {
    before_nul(&String::from_utf8_lossy(field))
}

fn before_nul(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

/// Takes over the records, each one on a line of exactly its length.
fn parse(body: &str, said: &mut Said) {
    for line in body.strip_suffix('\n').unwrap_or(body).split('\n') {
        let (Some(length), count) = digits(line.as_bytes(), 10) else { continue };
        if count == 0 || length != line.len() as u64 + 1 {
            continue;
        }
        // Digits and blank are cut off by the length of the number, not of its digits.
        let Some(record) = line.get(length.to_string().len() + 1..) else { continue };
        let (key, value) = record.split_once('=').unwrap_or((record, ""));
        let value = before_nul(value);
        match key {
            "path" => said.path = Some(value),
            "linkpath" => said.link = Some(value),
            "size" => {
                // No digits at all are a zero.
                if let (Some(size), count) = digits(value.as_bytes(), 10)
                    && count == value.len()
                {
                    said.size = Some(size);
                }
            }
            _ => {}
        }
    }
}
