//! Makes one mutant: a few changes, each of which knows where the records and fields are.

use std::io::Read as _;

use super::structure::{self, Spot, Written};

/// Numbers from a fixed seed.
pub struct Random(u64);

impl Random {
    /// The numbers of one mutant of one fixture.
    pub fn new(fixture: u64, number: u64) -> Self {
        let mut random = Self(fixture << 32 ^ number);
        random.next();
        random
    }

    /// SplitMix64.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below another; 0 below 0.
    pub fn below(&mut self, most: usize) -> usize {
        if most == 0 { 0 } else { usize::try_from(self.next() % most as u64).unwrap_or(0) }
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// Bytes that a mutant does not grow beyond.
const MOST: usize = 128 << 10;

/// A mutant of some bytes; `other` is what it may be spliced with.
pub fn make(original: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    // What a gzip holds is a format of its own: half of its mutants are of the inside.
    if let Some(inside) = unpacked(original)
        && random.below(2) == 0
    {
        let inside = make(&inside, other, random);
        return twinspect_tests::gzip_with(&inside, 1, 1, None);
    }
    let mut bytes = original.to_vec();
    for _ in 0..1 + random.below(4) {
        change(&mut bytes, other, random);
        bytes.truncate(MOST);
    }
    if random.below(8) > 0 {
        structure::seal(&mut bytes);
    }
    bytes
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut inside = Vec::new();
    let begins = bytes.starts_with(&[0x1f, 0x8b]);
    (begins && flate2::read::GzDecoder::new(bytes).take(MOST as u64).read_to_end(&mut inside).is_ok()).then_some(inside)
}

fn change(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let structure = structure::of(bytes);
    let records = &structure.records;
    match random.below(12) {
        0..=4 => {
            let (Some(to), Some(from)) = (random.of(&structure.fields), random.of(&structure.fields)) else {
                return flip(bytes, random);
            };
            let value = if random.below(3) == 0 { read(bytes, from) } else { odd(to, bytes.len(), random) };
            write(bytes, to, value);
        }
        5 => {
            // Doubled, at its place or elsewhere.
            let (Some(one), Some(at)) = (random.of(records), random.of(records)) else { return flip(bytes, random) };
            let copy = bytes[one.clone()].to_vec();
            let at = if random.below(2) == 0 { one.end } else { at.start };
            bytes.splice(at..at, copy);
        }
        6 => match random.of(records) {
            Some(one) => drop(bytes.drain(one.clone())),
            None => flip(bytes, random),
        },
        7 => {
            let (Some(a), Some(b)) = (random.of(records), random.of(records)) else { return flip(bytes, random) };
            let (a, b) = if a.start <= b.start { (a, b) } else { (b, a) };
            if a.end <= b.start {
                let parts = [&bytes[..a.start], &bytes[b.clone()], &bytes[a.end..b.start], &bytes[a.clone()]];
                *bytes = [parts.concat(), bytes[b.end..].to_vec()].concat();
            }
        }
        8 => {
            let others = structure::of(other).records;
            let cut = random.of(&others).map_or(0, |record| record.start);
            let at = random.of(records).map_or(bytes.len() / 2, |record| record.start);
            match random.below(3) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(..at)),
                _ => {}
            }
            bytes.extend_from_slice(&other[cut..]);
        }
        9 => bytes.truncate(random.below(bytes.len() + 1)),
        10 => match random.below(3) {
            0 => bytes.resize(bytes.len() + random.below(1200), 0),
            1 => bytes.resize(bytes.len() + random.below(40), 0xff),
            _ => bytes.extend_from_within(..),
        },
        _ => flip(bytes, random),
    }
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << random.below(8);
        }
    }
}

/// A value at an edge of what the field can hold, or near the length of the whole.
fn odd(field: &Spot, length: usize, random: &mut Random) -> u64 {
    let width = field.range.len();
    let base: u64 = match field.written {
        Written::Little => 256,
        Written::Octal => 8,
        Written::Hex => 16,
        Written::Decimal => 10,
    };
    let most = base.checked_pow(u32::try_from(width).unwrap_or(u32::MAX)).map_or(u64::MAX, |next| next - 1);
    let length = length as u64;
    let values =
        [0, 1, 2, most, most - 1, most / 2, most / 2 + 1, length, length - length.min(1), length / 2, random.next()];
    values[random.below(values.len())]
}

fn read(bytes: &[u8], field: &Spot) -> u64 {
    let stored = &bytes[field.range.clone()];
    let text = |base| u64::from_str_radix(String::from_utf8_lossy(stored).trim_matches(['\0', ' ']), base).unwrap_or(0);
    match field.written {
        Written::Little => stored.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)),
        Written::Octal => text(8),
        Written::Hex => text(16),
        Written::Decimal => text(10),
    }
}

fn write(bytes: &mut [u8], field: &Spot, value: u64) {
    let (width, place) = (field.range.len(), &mut bytes[field.range.clone()]);
    let digits = match field.written {
        Written::Little => {
            for (at, byte) in place.iter_mut().enumerate() {
                *byte = value.checked_shr(u32::try_from(8 * at).unwrap_or(u32::MAX)).unwrap_or(0).to_le_bytes()[0];
            }
            return;
        }
        // Tar and ar end or pad their numbers with one byte, which a number that fills the field takes.
        Written::Octal => format!("{value:0width$o}"),
        Written::Hex => format!("{value:0width$X}"),
        Written::Decimal => format!("{value:<width$}"),
    };
    place.copy_from_slice(&digits.as_bytes()[digits.len() - width..]);
}
