//! Sparse members: where in the content the stored data belong. Four ways to say it (GNU tar manual, "Storing Sparse
//! Files"): in the header itself, and PAX formats 0.0, 0.1 and 1.0.

use super::header::number;
use super::pax::{self, Record};

/// Where data are in a sparse content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Map {
    /// How it was written, for the field `sparse`.
    pub(super) kind: &'static str,
    /// Offset in the content and length, in stored order, empty ones too.
    pub(super) extents: Vec<(u64, u64)>,
    /// Size of the content with its holes.
    pub(super) size: u64,
}

impl Map {
    /// Why it cannot be, given how many bytes of data are stored.
    pub(super) fn fault(&self, stored: u64) -> Option<&'static str> {
        let (mut end, mut sum) = (0_u64, 0_u64);
        for (offset, length) in &self.extents {
            if *offset < end {
                return Some("its extents overlap or are out of order");
            }
            match offset.checked_add(*length) {
                Some(next) if next <= self.size => end = next,
                _ => return Some("an extent reaches past the end"),
            }
            sum = sum.saturating_add(*length);
        }
        if sum == stored { None } else { Some("its extents are not as long as the data") }
    }

    /// The extents that hold something.
    pub(super) fn data(&self) -> Vec<(u64, u64)> {
        self.extents.iter().copied().filter(|(_, length)| *length > 0).collect()
    }
}

/// Bytes of one extent in a header: two numbers.
const EXTENT: usize = 24;

/// Reads extents of an old GNU header or of a block that continues one; empty slots end it. `None` if one is no number.
pub(super) fn old(slots: &[u8], extents: &mut Vec<(u64, u64)>) -> Option<()> {
    for slot in slots.chunks_exact(EXTENT) {
        let (offset, length) = slot.split_at_checked(EXTENT / 2)?;
        if length.first() == Some(&0) {
            break;
        }
        let (offset, length) = (number(offset), number(length));
        if offset.doubtful || length.doubtful {
            return None;
        }
        extents.push((u64::try_from(offset.value).ok()?, u64::try_from(length.value).ok()?));
    }
    Some(())
}

/// What the PAX records of a member say about holes.
pub(super) enum Said {
    /// Nothing.
    Nothing,
    /// A map, with the name that the member really has where it differs.
    Map(Map, Option<Vec<u8>>),
    /// The map stands at the start of the data: size and name.
    InData(u64, Option<Vec<u8>>),
    /// Something that makes no sense.
    Nonsense,
}

/// Whether a record belongs to a sparse map.
pub(super) fn is_part(key: &[u8]) -> bool {
    key.starts_with(b"GNU.sparse.")
}

/// Reads the records in order: in format 0.0 offsets and lengths take turns.
pub(super) fn said(records: &[Record]) -> Said {
    let (mut major, mut minor, mut name, mut size, mut count) = (None, None, None, None, None);
    let (mut listed, mut turns) = (None, Vec::new());
    for Record { key, value, .. } in records {
        let Some(key) = key.strip_prefix(b"GNU.sparse.") else { continue };
        let number = || pax::integer(value).and_then(|number| u64::try_from(number).ok());
        match key {
            b"major" => major = Some(number()),
            b"minor" => minor = Some(number()),
            b"name" => name = Some(value.clone()),
            b"size" | b"realsize" => size = Some(number()),
            b"numblocks" => count = Some(number()),
            b"map" => listed = Some(list(value)),
            b"offset" | b"numbytes" => turns.push((key == b"offset", number())),
            _ => return Said::Nonsense,
        }
    }
    if [major, minor, size, count].iter().all(Option::is_none) && listed.is_none() && turns.is_empty() {
        return if name.is_some() { Said::Nonsense } else { Said::Nothing };
    }
    let Some(Some(size)) = size else { return Said::Nonsense };
    match (major, minor, listed) {
        (Some(Some(1)), Some(Some(0)), None) if turns.is_empty() => Said::InData(size, name),
        (None | Some(Some(0)), None | Some(Some(1)), Some(Some(extents))) if turns.is_empty() => match count {
            Some(count) if count != Some(extents.len() as u64) => Said::Nonsense,
            _ => Said::Map(Map { kind: "pax 0.1", extents, size }, name),
        },
        (None | Some(Some(0)), None | Some(Some(0)), None) => match pairs(&turns) {
            Some(extents) if count.is_none_or(|count| count == Some(extents.len() as u64)) => {
                Said::Map(Map { kind: "pax 0.0", extents, size }, name)
            }
            _ => Said::Nonsense,
        },
        _ => Said::Nonsense,
    }
}

fn list(text: &[u8]) -> Option<Vec<(u64, u64)>> {
    let numbers: Option<Vec<u64>> =
        text.split(|byte| *byte == b',').map(|text| u64::try_from(pax::integer(text)?).ok()).collect();
    let numbers = numbers?;
    let (pairs, rest) = numbers.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[offset, length]| (*offset, *length)).collect())
}

fn pairs(turns: &[(bool, Option<u64>)]) -> Option<Vec<(u64, u64)>> {
    let (pairs, rest) = turns.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let pair = |[first, second]: &[(bool, Option<u64>); 2]| match (first, second) {
        ((true, Some(offset)), (false, Some(length))) => Some((*offset, *length)),
        _ => None,
    };
    pairs.iter().map(pair).collect()
}

/// A format 1.0 map while it is read: decimal numbers, one on each line; how many extents, then offset and length of
/// each. It fills whole blocks.
#[derive(Default)]
pub(super) struct InData {
    count: Option<u64>,
    offset: Option<u64>,
    digits: Vec<u8>,
    extents: Vec<(u64, u64)>,
}

impl InData {
    /// Reads on: the extents once they are complete, `Err` at something that is no number. What follows the last line in
    /// its block is padding.
    pub(super) fn read(&mut self, block: &[u8]) -> Result<Option<Vec<(u64, u64)>>, ()> {
        for byte in block {
            if *byte != b'\n' {
                // Twenty digits are more than any number that fits.
                if !byte.is_ascii_digit() || self.digits.len() >= 20 {
                    return Err(());
                }
                self.digits.push(*byte);
                continue;
            }
            let number = pax::integer(&self.digits).and_then(|number| u64::try_from(number).ok()).ok_or(())?;
            self.digits.clear();
            match (self.count, self.offset.take()) {
                (None, _) => self.count = Some(number),
                (Some(_), None) => self.offset = Some(number),
                (Some(_), Some(offset)) => self.extents.push((offset, number)),
            }
            if self.offset.is_none() && self.count == Some(self.extents.len() as u64) {
                return Ok(Some(std::mem::take(&mut self.extents)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str, value: &str) -> Record {
        Record { key: format!("GNU.sparse.{key}").into(), value: value.into(), length: None }
    }

    #[test]
    fn a_map_must_be_possible() {
        let check = |extents: &[(u64, u64)], size, stored| {
            Map { kind: "", extents: extents.to_vec(), size }.fault(stored).is_none()
        };
        assert!(check(&[], 0, 0) && check(&[], 9, 0) && check(&[(0, 2), (2, 2), (9, 0)], 9, 4));
        assert!(!check(&[(0, 2), (1, 2)], 9, 4), "overlap");
        assert!(!check(&[(4, 1), (0, 1)], 9, 2), "order");
        assert!(!check(&[(8, 2)], 9, 2), "past the end");
        assert!(!check(&[(u64::MAX, 2)], u64::MAX, 2), "overflow");
        assert!(!check(&[(0, 2)], 9, 3), "data left over");
    }

    #[test]
    fn pax_maps_come_in_three_ways() {
        let map = |said| match said {
            Said::Map(map, name) => (map.kind, map.extents, map.size, name),
            _ => panic!("no map"),
        };
        let zero = ["size 9", "numblocks 2", "offset 0", "numbytes 2", "offset 8", "numbytes 1"];
        let split = |text: &str| text.split_once(' ').map(|(key, value)| record(key, value)).unwrap();
        let records: Vec<_> = zero.into_iter().map(split).collect();
        assert_eq!(map(said(&records)), ("pax 0.0", vec![(0, 2), (8, 1)], 9, None));
        assert!(matches!(said(&records[..5]), Said::Nonsense));
        let records = [record("name", "n"), record("size", "9"), record("numblocks", "1"), record("map", "4,2")];
        assert_eq!(map(said(&records)), ("pax 0.1", vec![(4, 2)], 9, Some(b"n".to_vec())));
        let records = [record("size", "9"), record("map", "4,2,")];
        assert!(matches!(said(&records), Said::Nonsense));
        let records = [record("major", "1"), record("minor", "0"), record("realsize", "9"), record("name", "n")];
        assert!(matches!(said(&records), Said::InData(9, Some(_))));
        assert!(matches!(said(&[]), Said::Nothing));
        assert!(matches!(said(&[record("name", "only")]), Said::Nonsense));
        assert!(matches!(said(&[record("unheard", "of")]), Said::Nonsense));
    }

    #[test]
    fn a_map_in_the_data_is_read_block_by_block() {
        let mut map = InData::default();
        assert_eq!(map.read(b"2\n0\n1"), Ok(None));
        assert_eq!(map.read(b"2\n7\n3\n\0\0\0"), Ok(Some(vec![(0, 12), (7, 3)])));
        assert_eq!(InData::default().read(b"0\n\0"), Ok(Some(vec![])));
        assert_eq!(InData::default().read(b"1\nx"), Err(()));
        assert_eq!(InData::default().read(b"\n"), Err(()));
        assert_eq!(InData::default().read(&[b'1'; 30]), Err(()));
    }
}
