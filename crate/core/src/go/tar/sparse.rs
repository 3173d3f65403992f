//! Sparse members by PAX records, as Go reads them (GNU tar manual, "Storing Sparse Files", formats 0.0 to 1.0).

use crate::entry::{Coding, Content};

use super::super::{Bytes, Stop};
use super::number::decimal;
use super::{BLOCK, Header, MOST_EXTENSION};

/// Where data are: offset in the content and length, of each piece.
type Map = Vec<(i64, i64)>;

/// The body of a member that begins at `data`, expanded if its records say that it has holes; and what it takes up.
pub(super) fn content(bytes: &mut Bytes<'_>, header: &mut Header, data: u64) -> Result<Content, Stop> {
    let stored = if header.is_bare() { 0 } else { u64::try_from(header.size).unwrap_or_default() };
    let plain = bytes.slice(data, stored);
    let record = |key: &[u8]| header.records.get(key).map_or(&b""[..], |value| value);
    let in_data = match (record(b"GNU.sparse.major"), record(b"GNU.sparse.minor")) {
        (b"0", b"0" | b"1") => false,
        (b"1", b"0") => true,
        (b"", b"") if !record(b"GNU.sparse.map").is_empty() => false,
        // Of a version that Go does not know: taken as it is stored.
        _ => return Ok(plain),
    };
    let (name, size) = (record(b"GNU.sparse.name").to_vec(), record(b"GNU.sparse.size"));
    let size = if size.is_empty() { record(b"GNU.sparse.realsize") } else { size };
    let size = if size.is_empty() { Some(header.size) } else { decimal(size) };
    let (map, taken) = if in_data {
        map_in_data(bytes, data, stored)?
    } else {
        (map_in_records(record(b"GNU.sparse.numblocks"), record(b"GNU.sparse.map")), 0)
    };
    let (Some(map), Some(size)) = (map, size) else { return Stop::refused("a sparse map is malformed") };
    if !name.is_empty() {
        header.name = name;
    }
    header.size = size;
    if header.is_bare() || !is_possible(&map, size, stored - taken) {
        return Stop::refused("a sparse map does not fit its data");
    }
    let extents =
        map.into_iter().filter_map(|(offset, length)| Some((offset.try_into().ok()?, length.try_into().ok()?)));
    let extents: Vec<(u64, u64)> = extents.filter(|(_, length)| *length > 0).collect();
    Ok(Content {
        offset: data + taken,
        stored: stored - taken,
        coding: Coding::Sparse(extents),
        size: u64::try_from(size).ok(),
        ..plain
    })
}

/// Pieces in order within the size, and as long as the data.
fn is_possible(map: &Map, size: i64, stored: u64) -> bool {
    let (mut end, mut sum) = (0, 0_u64);
    for (offset, length) in map {
        let next = offset.checked_add(*length).filter(|next| *length >= 0 && *offset >= end && *next <= size);
        let Some(next) = next else { return false };
        end = next;
        sum = sum.saturating_add(length.unsigned_abs());
    }
    size >= 0 && sum == stored
}

fn map_in_records(count: &[u8], map: &[u8]) -> Option<Map> {
    let numbers: Vec<&[u8]> = if map.is_empty() { Vec::new() } else { map.split(|byte| *byte == b',').collect() };
    let count = usize::try_from(decimal(count)?).ok()?.checked_mul(2)?;
    let (pairs, _) = numbers.as_chunks::<2>();
    if numbers.len() != count {
        return None;
    }
    pairs.iter().map(|[offset, length]| Some((decimal(offset)?, decimal(length)?))).collect()
}

/// The map at the start of the data, one number on each line, and the bytes that it takes.
fn map_in_data(bytes: &mut Bytes<'_>, data: u64, stored: u64) -> Result<(Option<Map>, u64), Stop> {
    let (mut text, mut lines, mut wanted) = (Vec::new(), 0, 1);
    let mut count = None;
    loop {
        while lines < wanted {
            let taken = text.len() as u64;
            if taken + BLOCK > MOST_EXTENSION {
                return Stop::refused("a sparse map is too long");
            }
            if taken + BLOCK > stored {
                return Stop::refused("the data end inside a sparse map");
            }
            let block = bytes.get(data + taken, 512)?;
            if block.len() < 512 {
                bytes.end()?;
                return Stop::refused("the archive ends inside a sparse map");
            }
            lines += block.iter().filter(|byte| **byte == b'\n').count();
            text.extend_from_slice(block);
        }
        if count.is_some() {
            break;
        }
        let first = text.split(|byte| *byte == b'\n').next().and_then(decimal);
        let Some(numbers) = first.and_then(|first| usize::try_from(first).ok()?.checked_mul(2)) else {
            return Ok((None, 0));
        };
        count = Some(numbers);
        wanted = numbers.saturating_add(1);
    }
    let numbers: Option<Vec<i64>> =
        text.split(|byte| *byte == b'\n').skip(1).take(count.unwrap_or_default()).map(decimal).collect();
    let map =
        numbers.map(|numbers| numbers.as_chunks::<2>().0.iter().map(|[offset, length]| (*offset, *length)).collect());
    Ok((map, text.len() as u64))
}
