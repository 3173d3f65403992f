//! Two contents compared as bytes, aligned: after an inserted byte the same bytes line up again.
//!
//! In three passes from coarse to fine. Blocks of the left content are found again in the right one by a rolling hash,
//! always verified, and extended as far as they reach; of all the places found, those in the same order on both sides
//! that cover most are kept. The gaps between them go through the same with shorter blocks, and what is left of those,
//! if small, through a byte-by-byte comparison.

use std::time::Duration;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, myers};

use crate::artifact::Sides;
use crate::compare::blocks::{Segment, Table, common_prefix, common_prefix_at, common_suffix};
use crate::compare::{Op, Ops};
use crate::limits::Deadline;
use crate::report::BytesShape;

/// Block lengths of the first and the second pass.
const BLOCKS: [usize; 2] = [32, 8];

/// Longest gap, in bytes of its longer side, that the second and the third pass look into. Beyond it, short
/// blocks meet by chance.
const MOST_GAP: [usize; 2] = [64 << 10, 256];

/// Bytes that are enough to go on in step after a difference that changed no length.
const IN_STEP: usize = 16;

/// Segments that are held at a time: bounds the memory. Then the search stops as at the deadline.
const MOST_SEGMENTS: usize = 1 << 20;

/// Shorter equal runs inside of changes are called changed.
const LEAST_RUN: usize = 4;

/// More ops than this are made fewer by asking more of an equal run. A change in step shows its equal bytes anyway.
const MOST_OPS: usize = 200_000;

/// Two contents and how they line up.
#[derive(Debug)]
pub struct BytesComparison {
    size: Sides<u64>,
    ops: Vec<Op>,
    approximate: bool,
}

impl BytesComparison {
    /// Compares; a missing side is empty. `time` bounds the search, which then says so.
    pub fn new(left: Option<&[u8]>, right: Option<&[u8]>, time: Duration) -> Self {
        let (left, right) = (left.unwrap_or(&[]), right.unwrap_or(&[]));
        let mut search = Search { left, right, deadline: Deadline::after(time), approximate: false };
        let ops = search.run();
        Self {
            size: Sides { left: left.len() as u64, right: right.len() as u64 },
            ops,
            approximate: search.approximate,
        }
    }

    /// The comparison as data. What was given is all that there is: a caller that knows of more says so in `size`.
    pub fn shape(&self) -> BytesShape {
        let flat =
            |op: &Op| [op.tag as u64, op.left as u64, op.left_count as u64, op.right as u64, op.right_count as u64];
        BytesShape {
            size: self.size,
            ops: self.ops.iter().flat_map(flat).collect(),
            approximate: self.approximate,
            covered: self.size,
        }
    }
}

struct Search<'bytes> {
    left: &'bytes [u8],
    right: &'bytes [u8],
    deadline: Deadline,
    approximate: bool,
}

impl Search<'_> {
    fn run(&mut self) -> Vec<Op> {
        let prefix = common_prefix(self.left, self.right);
        let rest = |bytes: &[u8]| bytes.len() - prefix;
        let suffix = common_suffix(self.left, self.right).min(rest(self.left)).min(rest(self.right));
        let first = Segment { left: 0, right: 0, count: prefix, weight: usize::MAX / 2 };
        let (left_end, right_end) = (self.left.len() - suffix, self.right.len() - suffix);
        let last = Segment { left: left_end, right: right_end, count: suffix, weight: usize::MAX / 2 };

        let mut segments = vec![first, last];
        for (pass, block) in BLOCKS.into_iter().enumerate() {
            let most = if pass == 0 { usize::MAX } else { MOST_GAP[0] };
            segments = self.filled(&segments, |search, left, right| {
                let longer = left.1.max(right.1);
                if longer <= most { search.found_again(left, right, block) } else { Vec::new() }
            });
        }
        segments = self.filled(&segments, |search, left, right| {
            if left.1.max(right.1) <= MOST_GAP[1] { search.byte_by_byte(left, right) } else { Vec::new() }
        });
        written(&segments, self.left, self.right)
    }

    /// The segments with more of them in the gaps; a gap is given as (first, count) of each side.
    fn filled(
        &mut self,
        segments: &[Segment],
        fill: impl Fn(&mut Self, (usize, usize), (usize, usize)) -> Vec<Segment>,
    ) -> Vec<Segment> {
        let mut all = Vec::with_capacity(segments.len());
        for (index, &segment) in segments.iter().enumerate() {
            all.push(segment);
            let Some(next) = segments.get(index + 1) else { break };
            let left = (segment.left_end(), next.left - segment.left_end());
            let right = (segment.right_end(), next.right - segment.right_end());
            if left.1 == 0 || right.1 == 0 || self.approximate {
                continue;
            }
            all.append(&mut fill(self, left, right));
        }
        all
    }

    /// Segments of a gap by blocks of at least `block` bytes.
    fn found_again(&mut self, left: (usize, usize), right: (usize, usize), block: usize) -> Vec<Segment> {
        let lefts = self.left.get(left.0..left.0 + left.1).unwrap_or(&[]);
        let rights = self.right.get(right.0..right.0 + right.1).unwrap_or(&[]);
        if lefts.len() < block || rights.len() < block {
            return Vec::new();
        }
        let table = Table::new(lefts, block);
        let mut found: Vec<Segment> = Vec::new();
        // Where the last segment ended; the gap begins in step.
        let mut last = Segment { left: 0, right: 0, count: 0, weight: 0 };
        let mut at = 0;
        let mut hash = None;
        let mut steps = 0u32;
        while at + block <= rights.len() {
            steps = steps.wrapping_add(1);
            let is_late = steps.is_multiple_of(1 << 14) && self.deadline.passed();
            if is_late || found.len() > MOST_SEGMENTS {
                self.approximate = true;
                break;
            }
            let in_step = last.left_end() + (at - last.right_end());
            let mut segment = None;
            if lefts.get(in_step) == rights.get(at) {
                let count = common_prefix_at(lefts, in_step, rights, at);
                if count >= IN_STEP.min(block) {
                    segment = Some(Segment { left: in_step, right: at, count, weight: count });
                }
            }
            // A few bytes may have been overwritten: no hash is needed while that is so.
            if segment.is_none() && (at >= last.right_end() + IN_STEP || last.count == 0) {
                let known = hash.unwrap_or_else(|| table.rolling.of(rights.get(at..).unwrap_or(&[])));
                segment = table.best(lefts, rights, at, known, &last);
                hash = match (rights.get(at), rights.get(at + block)) {
                    (Some(&old), Some(&new)) => Some(table.rolling.moved(known, old, new)),
                    _ => None,
                };
            }
            match segment {
                Some(segment) => {
                    (at, last, hash) = (segment.right_end(), segment, None);
                    add(&mut found, segment);
                }
                None => at += 1,
            }
        }
        let mut chain = heaviest_chain(&found);
        let (mut from_left, mut from_right) = (0, 0);
        for segment in &mut chain {
            // What was in the way of a segment may not have been kept.
            let back = match (lefts.get(from_left..segment.left), rights.get(from_right..segment.right)) {
                (Some(left), Some(right)) => common_suffix(left, right),
                _ => 0,
            };
            (from_left, from_right) = (segment.left_end(), segment.right_end());
            segment.left = segment.left - back + left.0;
            segment.right = segment.right - back + right.0;
            (segment.count, segment.weight) = (segment.count + back, segment.weight + back);
        }
        chain
    }

    /// Segments of a small gap by comparing every byte.
    fn byte_by_byte(&mut self, left: (usize, usize), right: (usize, usize)) -> Vec<Segment> {
        if self.deadline.passed() {
            self.approximate = true;
            return Vec::new();
        }
        let mut compact = Compact::new(Capture::new(), self.left, self.right);
        let (lefts, rights) = (left.0..left.0 + left.1, right.0..right.0 + right.1);
        let Ok(()) = myers::diff(&mut compact, self.left, lefts, self.right, rights);
        let equal = |op: &DiffOp| match *op {
            DiffOp::Equal { old_index, new_index, len } => {
                Some(Segment { left: old_index, right: new_index, count: len, weight: len })
            }
            _ => None,
        };
        compact.into_inner().ops().iter().filter_map(equal).collect()
    }
}

/// Adds a segment; one that goes on in step with the last joins it.
fn add(found: &mut Vec<Segment>, segment: Segment) {
    match found.last_mut() {
        Some(last)
            if segment.left >= last.left_end()
                && segment.left - last.left_end() == segment.right - last.right_end() =>
        {
            last.count = segment.left_end() - last.left;
            last.weight += segment.weight;
        }
        _ => found.push(segment),
    }
}

/// Of segments ascending on the right, those ascending on the left too with the greatest weight in sum.
fn heaviest_chain(segments: &[Segment]) -> Vec<Segment> {
    let mut ends: Vec<usize> = segments.iter().map(Segment::left_end).collect();
    ends.sort_unstable();
    ends.dedup();
    // A Fenwick tree over the ends: the heaviest chain that ends at or before each, as weight and last segment.
    let mut tree: Vec<(usize, usize)> = vec![(0, usize::MAX); ends.len() + 1];
    let mut before: Vec<usize> = Vec::with_capacity(segments.len());
    for (index, segment) in segments.iter().enumerate() {
        let mut best = (0, usize::MAX);
        let mut node = ends.partition_point(|&end| end <= segment.left);
        while node > 0 {
            let candidate = tree.get(node).copied().unwrap_or(best);
            if candidate.0 > best.0 {
                best = candidate;
            }
            node &= node - 1;
        }
        before.push(best.1);
        let sum = (best.0 + segment.weight, index);
        let mut node = ends.partition_point(|&end| end < segment.left_end()) + 1;
        while let Some(entry) = tree.get_mut(node) {
            if sum.0 > entry.0 {
                *entry = sum;
            }
            node += node & node.wrapping_neg();
        }
    }
    let mut node = ends.len();
    let mut best = (0, usize::MAX);
    while node > 0 {
        let candidate = tree.get(node).copied().unwrap_or(best);
        if candidate.0 > best.0 {
            best = candidate;
        }
        node &= node - 1;
    }
    let mut chain = Vec::new();
    let mut next = best.1;
    while let Some(segment) = segments.get(next) {
        chain.push(*segment);
        next = before.get(next).copied().unwrap_or(usize::MAX);
    }
    chain.reverse();
    chain
}

/// Ops from segments that cover both ends.
fn written(segments: &[Segment], left: &[u8], right: &[u8]) -> Vec<Op> {
    let mut least = LEAST_RUN;
    loop {
        let mut ops = Ops::default();
        for segment in segments {
            if ops.list.len() > MOST_OPS {
                break;
            }
            let runs = equal_runs(segment, least, left, right);
            let is_last = segment.left_end() == left.len() && segment.right_end() == right.len();
            if runs.is_empty() && segment.weight < least * 4 && !is_last {
                continue; // Equal by chance.
            }
            ops.replaced(segment.left - ops.left, segment.right - ops.right);
            for (at, count) in runs {
                ops.changed(segment.left + at - ops.left);
                ops.equal(count);
            }
            ops.changed(segment.left_end() - ops.left);
        }
        if ops.list.len() <= MOST_OPS {
            return ops.list;
        }
        least *= 4;
    }
}

/// The runs of equal bytes in a segment, as first and count; short ones only at the ends of the contents.
fn equal_runs(segment: &Segment, least: usize, left: &[u8], right: &[u8]) -> Vec<(usize, usize)> {
    let lefts = left.get(segment.left..segment.left_end()).unwrap_or(&[]);
    let rights = right.get(segment.right..segment.right_end()).unwrap_or(&[]);
    let mut runs = Vec::new();
    let mut at = 0;
    while at < lefts.len() {
        let count = common_prefix_at(lefts, at, rights, at);
        let is_first = segment.left + at == 0 && segment.right + at == 0;
        let is_last = segment.left + at + count == left.len() && segment.right + at + count == right.len();
        if count >= least || (count > 0 && (is_first || is_last)) {
            runs.push((at, count));
        }
        at += count;
        at += lefts.iter().zip(rights).skip(at).take_while(|(l, r)| l != r).count();
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{Random, Tag};

    fn compare(left: &[u8], right: &[u8]) -> BytesComparison {
        let comparison = BytesComparison::new(Some(left), Some(right), Duration::from_secs(60));
        // Ops cover both sides without gaps; equal is equal; changed has as many on either side.
        let (mut at_left, mut at_right, mut rebuilt) = (0, 0, Vec::new());
        for op in &comparison.ops {
            assert_eq!((op.left, op.right), (at_left, at_right));
            let (l, r) = (&left[op.left..op.left_end()], &right[op.right..op.right_end()]);
            match op.tag {
                Tag::Equal => rebuilt.extend_from_slice(l),
                Tag::Removed => assert!(r.is_empty()),
                Tag::Added => rebuilt.extend_from_slice(r),
                Tag::Changed => {
                    assert_eq!(l.len(), r.len());
                    rebuilt.extend_from_slice(r);
                }
            }
            (at_left, at_right) = (op.left_end(), op.right_end());
        }
        assert_eq!((at_left, rebuilt.as_slice()), (left.len(), right));
        comparison
    }

    fn check(left: &[u8], right: &[u8], expected: &[[u64; 5]]) {
        assert_eq!(compare(left, right).shape().ops, expected.concat());
    }

    fn noise(seed: u64, count: usize) -> Vec<u8> {
        let mut random = Random(seed);
        (0..count).map(|_| u8::try_from(random.below(256)).unwrap()).collect()
    }

    /// Bytes that are not called equal.
    fn touched(comparison: &BytesComparison) -> usize {
        let differing = comparison.ops.iter().filter(|op| op.tag != Tag::Equal);
        differing.map(|op| op.left_count.max(op.right_count)).sum()
    }

    #[test]
    fn small_contents() {
        check(b"", b"", &[]);
        check(b"abc", b"abc", &[[0, 0, 3, 0, 3]]);
        check(b"", b"abc", &[[2, 0, 0, 0, 3]]);
        check(b"abc", b"", &[[1, 0, 3, 0, 0]]);
        check(b"ab", b"aXb", &[[0, 0, 1, 0, 1], [2, 1, 0, 1, 1], [0, 1, 1, 2, 1]]);
        check(b"hello world", b"hellO world", &[[0, 0, 4, 0, 4], [3, 4, 1, 4, 1], [0, 5, 6, 5, 6]]);
        check(b"aaaa", b"aaaaa", &[[0, 0, 4, 0, 4], [2, 4, 0, 4, 1]]);
        // Two equal bytes between differences are no reason for two changes.
        check(b"1234..5678", b"abcd..efgh", &[[3, 0, 10, 0, 10]]);
    }

    #[test]
    fn after_an_inserted_byte_everything_lines_up_again() {
        let left = noise(1, 100_000);
        let mut right = left.clone();
        right.insert(70_000, 0);
        right.insert(20_000, 0);
        right.remove(50_000);
        right[60_000] ^= 1;
        let comparison = compare(&left, &right);
        assert!(touched(&comparison) <= 8, "{:?}", comparison.ops);
        assert!(!comparison.approximate);
    }

    #[test]
    fn fields_changed_in_place_stay_in_step() {
        let left = noise(2, 64_000);
        let mut right = left.clone();
        for place in (0..right.len()).step_by(24) {
            right[place] ^= 0x55;
        }
        let comparison = compare(&left, &right);
        assert_eq!(touched(&comparison), 64_000_usize.div_ceil(24));
    }

    #[test]
    fn moved_parts_do_not_cross() {
        let parts: Vec<Vec<u8>> = (0..4).map(|seed| noise(10 + seed, 5000)).collect();
        let comparison = compare(&parts.concat(), &[&parts[0][..], &parts[3], &parts[1], &parts[2]].concat());
        assert_eq!(
            comparison.ops.iter().map(|op| (op.tag, op.left_count.max(op.right_count))).collect::<Vec<_>>(),
            [(Tag::Equal, 5000), (Tag::Added, 5000), (Tag::Equal, 10_000), (Tag::Removed, 5000)]
        );
    }

    #[test]
    fn contents_that_repeat_themselves_come_to_an_end() {
        let zeros = vec![0u8; 4 << 20];
        let mut with_noise = zeros.clone();
        for (place, byte) in noise(3, 4000).into_iter().enumerate() {
            with_noise[place * 1000] = byte;
        }
        compare(&zeros, &with_noise);
        compare(&with_noise, &zeros[..3 << 20]);
        let period = |length: usize| (0..2usize << 20).map(|i| u8::try_from(i % length).unwrap()).collect::<Vec<_>>();
        compare(&period(7), &period(11));
        compare(&period(64), &period(65));
    }

    #[test]
    fn edits_anywhere_are_reproduced() {
        let mut random = Random(23);
        for round in 0..400u64 {
            let symbols = [2, 4, 256][random.below(3)];
            let count = random.below(3000);
            let left: Vec<u8> = (0..count).map(|_| u8::try_from(random.below(symbols)).unwrap()).collect();
            let mut right = left.clone();
            for _ in 0..random.below(6) {
                let place = random.below(right.len() + 1);
                let end = (place + random.below(200)).min(right.len());
                match random.below(3) {
                    0 => drop(right.drain(place..end)),
                    1 => drop(right.splice(place..place, noise(round + 1, 1 + random.below(90)))),
                    _ => right[place..end].reverse(),
                }
            }
            compare(&left, &right);
        }
    }
}
