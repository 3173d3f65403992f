//! Blocks of bytes that are found again in other bytes, by a rolling hash.

use crate::compare::number;

/// Blocks in one table. Of longer contents fewer blocks count.
const MOST_BLOCKS: usize = 1 << 21;

/// Places that are tried for one block: bounds the work on contents that repeat themselves.
const MOST_PLACES: usize = 8;

/// Bytes that correspond, in step: `count` on each side. Most of them, `weight`, are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) count: usize,
    pub(super) weight: usize,
}

impl Segment {
    pub(super) fn left_end(&self) -> usize {
        self.left + self.count
    }

    pub(super) fn right_end(&self) -> usize {
        self.right + self.count
    }
}

/// Blocks of a content by their hash. Not of every block, and not of every one on the right either: a block counts if
/// its hash says so, which is the same on both sides, and rare enough to make the search fast.
pub(super) struct Table {
    pub(super) rolling: Rolling,
    /// A block counts if these bits of its hash are zero.
    mask: u64,
    shift: u32,
    /// Where in `places` those of each slot begin; one more closes the list.
    begins: Vec<u32>,
    /// Where blocks begin, ascending in each slot.
    places: Vec<u32>,
}

impl Table {
    pub(super) fn new(bytes: &[u8], block: usize) -> Self {
        let rolling = Rolling::new(block);
        let mut mask = (block / 2 - 1) as u64;
        while bytes.len() as u64 / (mask + 1) > MOST_BLOCKS as u64 {
            mask = mask << 1 | 1;
        }
        let mut table = Self { rolling, mask, shift: 0, begins: Vec::new(), places: Vec::new() };
        let mut samples: Vec<(u64, u32)> = Vec::new();
        let mut hash = table.rolling.of(bytes);
        for (place, (&old, new)) in bytes.iter().zip(bytes.iter().skip(block).map(Some).chain([None])).enumerate() {
            // The same byte over and over is the same block over and over: its first is enough.
            let mixed = Rolling::mixed(hash);
            if table.counts(mixed) && samples.last().is_none_or(|last| last.0 != mixed) {
                samples.push((mixed, number(place)));
                if samples.len() > MOST_BLOCKS * 2 {
                    break;
                }
            }
            let Some(&new) = new else { break };
            hash = table.rolling.moved(hash, old, new);
        }
        let slots = samples.len().saturating_mul(2).next_power_of_two().max(2);
        table.shift = 64 - slots.trailing_zeros();
        table.begins = vec![0; slots + 1];
        table.places = vec![0; samples.len()];
        // Counting sort: how many in each slot, where each slot ends, then from there backwards.
        for &(mixed, _) in &samples {
            let slot = table.slot(mixed);
            if let Some(count) = table.begins.get_mut(slot) {
                *count += 1;
            }
        }
        let mut end = 0;
        for begin in &mut table.begins {
            end += *begin;
            *begin = end;
        }
        for &(mixed, place) in samples.iter().rev() {
            let slot = table.slot(mixed);
            if let Some(begin) = table.begins.get_mut(slot) {
                *begin -= 1;
                if let Some(entry) = table.places.get_mut(*begin as usize) {
                    *entry = place;
                }
            }
        }
        table
    }

    fn counts(&self, mixed: u64) -> bool {
        mixed & self.mask == 0
    }

    fn slot(&self, mixed: u64) -> usize {
        usize::try_from(mixed >> self.shift).unwrap_or(0)
    }

    /// The longest match for the right bytes at `at`, whose hash is given, among the blocks nearest to being in step
    /// with the last segment.
    pub(super) fn best(&self, lefts: &[u8], rights: &[u8], at: usize, hash: u64, last: &Segment) -> Option<Segment> {
        let mixed = Rolling::mixed(hash);
        if !self.counts(mixed) {
            return None;
        }
        let slot = self.slot(mixed);
        let [begin, end] = *self.begins.get(slot..slot + 2)? else { return None };
        let places = self.places.get(begin as usize..end as usize)?;
        let in_step = number(last.left_end() + (at - last.right_end()));
        let near = places.partition_point(|&place| place < in_step).saturating_sub(MOST_PLACES / 2);
        let near = near.min(places.len().saturating_sub(MOST_PLACES));
        let (count, place) = places
            .iter()
            .skip(near)
            .take(MOST_PLACES)
            .map(|&place| (common_prefix_at(lefts, place as usize, rights, at), place as usize))
            .max_by_key(|&(count, place)| (count, std::cmp::Reverse(place)))
            .filter(|found| found.0 >= self.rolling.block)?;
        // Backwards as far as nothing was matched on the right, nor on the left if the order is kept.
        let floor = if place >= last.left_end() { last.left_end() } else { 0 };
        let back = match (lefts.get(floor..place), rights.get(last.right_end()..at)) {
            (Some(left), Some(right)) => common_suffix(left, right),
            _ => 0,
        };
        Some(Segment { left: place - back, right: at - back, count: back + count, weight: back + count })
    }
}

/// A polynomial hash of so many bytes that can move along by one.
pub(super) struct Rolling {
    block: usize,
    /// The factor of the byte that leaves.
    last: u64,
}

impl Rolling {
    const FACTOR: u64 = 0x0000_0100_0000_01b3;

    fn new(block: usize) -> Self {
        Self { block, last: (0..block).fold(1u64, |power, _| power.wrapping_mul(Self::FACTOR)) }
    }

    pub(super) fn of(&self, bytes: &[u8]) -> u64 {
        bytes.iter().take(self.block).fold(0, |hash, &byte| Self::with(hash, byte))
    }

    /// Spread over all bits (Fibonacci hashing); the lowest ones depend on the lowest only, so the halves are mixed.
    fn mixed(hash: u64) -> u64 {
        let product = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        product ^ (product >> 32)
    }

    pub(super) fn moved(&self, hash: u64, old: u8, new: u8) -> u64 {
        Self::with(hash, new).wrapping_sub(self.last.wrapping_mul(u64::from(old) + 1))
    }

    fn with(hash: u64, byte: u8) -> u64 {
        hash.wrapping_mul(Self::FACTOR).wrapping_add(u64::from(byte) + 1)
    }
}

/// Bytes that are equal from two places on.
pub(super) fn common_prefix_at(left: &[u8], left_at: usize, right: &[u8], right_at: usize) -> usize {
    match (left.get(left_at..), right.get(right_at..)) {
        (Some(left), Some(right)) => common_prefix(left, right),
        _ => 0,
    }
}

pub(super) fn common_prefix(left: &[u8], right: &[u8]) -> usize {
    // Whole chunks compare many times faster than bytes, but most runs are short.
    const CHUNK: usize = 64;
    let short = left.iter().zip(right).take(CHUNK).take_while(|(l, r)| l == r).count();
    if short < CHUNK {
        return short;
    }
    let chunks = left.chunks_exact(CHUNK).zip(right.chunks_exact(CHUNK)).take_while(|(l, r)| l == r).count() * CHUNK;
    let (left, right) = (left.get(chunks..).unwrap_or(&[]), right.get(chunks..).unwrap_or(&[]));
    chunks + left.iter().zip(right).take_while(|(l, r)| l == r).count()
}

pub(super) fn common_suffix(left: &[u8], right: &[u8]) -> usize {
    const CHUNK: usize = 64;
    let chunks = left.rchunks_exact(CHUNK).zip(right.rchunks_exact(CHUNK)).take_while(|(l, r)| l == r).count() * CHUNK;
    let head = |bytes: &[u8]| bytes.len() - chunks;
    let (left, right) = (left.get(..head(left)).unwrap_or(&[]), right.get(..head(right)).unwrap_or(&[]));
    chunks + left.iter().rev().zip(right.iter().rev()).take_while(|(l, r)| l == r).count()
}
