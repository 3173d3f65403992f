//! Files with holes: maps in their variants, and the contents they make.

use super::block::{BLOCK, EXTENSION, Tape, padded};
use super::number::decimal;
use crate::entry::{Coding, Content};
use crate::error::Fault;

/// Extents with data: offset in the content and length.
pub(super) type Extents = Vec<(u64, u64)>;

/// Most extents that a model follows.
pub(super) const EXTENTS: usize = 1 << 18;

/// How the data of the extents lie one after another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Back to back.
    Dense,
    /// Each from a block of its own on.
    Blocks,
}

/// Bytes of data that the extents have.
pub(super) fn data(extents: &[(u64, u64)]) -> u64 {
    extents.iter().fold(0, |sum: u64, (_, length)| sum.saturating_add(*length))
}

/// The content that extents make of the data from an offset on.
///
/// # Errors
/// A map out of order that is too large to be laid out here.
pub(super) fn content(
    tape: &mut Tape<'_, '_>,
    at: u64,
    extents: &[(u64, u64)],
    size: u64,
    packing: Packing,
) -> Result<Content, Fault> {
    tape.work(16 * extents.len() as u64)?;
    let extents: Extents = extents.iter().copied().filter(|(_, length)| *length > 0).collect();
    let ordered = extents.windows(2).all(|pair| match pair {
        [(first, length), (second, _)] => first.saturating_add(*length) <= *second,
        _ => true,
    });
    let whole = extents.iter().rev().skip(1).all(|(_, length)| length % BLOCK == 0);
    if ordered && (whole || packing == Packing::Dense) {
        let mut kept: Extents = extents.into_iter().filter(|(start, _)| *start < size).collect();
        if let Some((start, length)) = kept.last_mut() {
            *length = (*length).min(size.saturating_sub(*start));
        }
        let stored = tape.there(at, data(&kept));
        let base = tape.content(at, 0).base;
        return Ok(Content { base, offset: at, stored, coding: Coding::Sparse(kept), size: Some(size) });
    }
    tape.work(size)?;
    if size > EXTENSION {
        return Err(Fault::at(at, "the sparse map is out of order"));
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    let mut from = at;
    for (start, length) in &extents {
        let data = tape.bytes(from, (*length).min(size))?;
        tape.work(data.len() as u64)?;
        let start = usize::try_from(*start).unwrap_or(usize::MAX);
        for (to, byte) in bytes.iter_mut().skip(start).zip(data) {
            *to = byte;
        }
        from = from.saturating_add(if packing == Packing::Blocks { padded(*length) } else { *length });
    }
    Ok(Content::inline(bytes))
}

/// A list of offsets and lengths with commas between them; `None` for anything else.
pub(super) fn list(text: &[u8]) -> Option<Extents> {
    let number = |text: &[u8]| decimal(text).and_then(|number| u64::try_from(number).ok());
    let numbers: Option<Vec<u64>> = text.split(|byte| *byte == b',').take(2 * EXTENTS).map(number).collect();
    let numbers = numbers?;
    let (pairs, rest) = numbers.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[offset, length]| (*offset, *length)).collect())
}

/// A map at the start of the data: how many extents, then offset and length of each, one decimal number a line. Gives the
/// extents and how many bytes the map has, whole blocks; `None` if it is no such map.
pub(super) fn in_data(tape: &mut Tape<'_, '_>, at: u64, size: u64) -> Result<Option<(Extents, u64)>, Fault> {
    let mut used = 0;
    let (mut numbers, mut wanted, mut digits) = (Vec::new(), None, Vec::new());
    while used < size && used < EXTENSION {
        let block = tape.bytes(at.saturating_add(used), BLOCK)?;
        if block.is_empty() {
            return Ok(None);
        }
        used += BLOCK;
        for byte in block {
            if byte != b'\n' {
                digits.push(byte);
                continue;
            }
            let Some(number) = decimal(&digits).and_then(|number| usize::try_from(number).ok()) else {
                return Ok(None);
            };
            digits.clear();
            match wanted {
                None if number <= EXTENTS => wanted = Some(2 * number),
                None => return Ok(None),
                Some(_) => numbers.push(number as u64),
            }
            if wanted == Some(numbers.len()) {
                let (pairs, _) = numbers.as_chunks::<2>();
                return Ok(Some((pairs.iter().map(|[offset, length]| (*offset, *length)).collect(), used)));
            }
        }
    }
    Ok(None)
}
