//! Which line became which, where lines were replaced by others.
//!
//! Small blocks: the pairing, in order, with the greatest similarity in sum. Large ones: lines that are equal but for
//! white space and digits are paired first, which cuts them small. The result is written as ops, a changed run pairing
//! its i-th lines.

use std::hash::{DefaultHasher, Hasher as _};

use crate::artifact::Sides;
use crate::compare::align::{Bound, Run};
use crate::compare::lines::Lines;
use crate::compare::{Ops, number, words};

/// Pairs of lines that are weighed in one block; larger blocks are cut first.
const MOST_PAIRS: usize = 2500;

/// Words that are compared in the whole text. Beyond it lines are paired as they stand: a bound in work, not in time,
/// so that the result is the same everywhere.
const MOST_WORK: usize = 20_000_000;

/// Writes replaced lines as ops.
pub(super) struct Pairing<'lines> {
    lines: &'lines Sides<Lines>,
    work: usize,
    bound: Bound,
}

/// Lines replaced by lines: first and count on each side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) left: usize,
    pub(super) left_count: usize,
    pub(super) right: usize,
    pub(super) right_count: usize,
}

impl<'lines> Pairing<'lines> {
    /// The bound is for the cutting of large blocks.
    pub(super) fn new(lines: &'lines Sides<Lines>, bound: Bound) -> Self {
        Self { lines, work: 0, bound }
    }

    /// Writes one block.
    pub(super) fn write(&mut self, block: Block, ops: &mut Ops) {
        if block.left_count == 0 || block.right_count == 0 {
            ops.removed(block.left_count);
            ops.added(block.right_count);
        } else if block.left_count.saturating_mul(block.right_count) <= MOST_PAIRS {
            self.write_small(block, ops);
        } else {
            self.write_large(block, ops);
        }
    }

    fn write_large(&mut self, block: Block, ops: &mut Ops) {
        let (left, right) = self.weak_numbers(block);
        let (mut from_left, mut from_right) = (0, 0);
        let end = Run { left: left.len(), right: right.len(), count: 0 };
        for run in self.bound.align(&left, &right).runs.into_iter().chain([end]) {
            let gap = Block {
                left: block.left + from_left,
                left_count: run.left - from_left,
                right: block.right + from_right,
                right_count: run.right - from_right,
            };
            if gap.left_count > 0 && gap.right_count > 0 {
                if gap.left_count.saturating_mul(gap.right_count) <= MOST_PAIRS {
                    self.write_small(gap, ops);
                } else {
                    self.write_as_it_stands(gap, ops);
                }
            } else {
                ops.removed(gap.left_count);
                ops.added(gap.right_count);
            }
            for step in 0..run.count {
                self.write_pair(block.left + run.left + step, block.right + run.right + step, ops);
            }
            (from_left, from_right) = (run.left + run.count, run.right + run.count);
        }
    }

    /// Numbers that are equal for lines that are equal but for white space and digits.
    fn weak_numbers(&self, block: Block) -> (Vec<u32>, Vec<u32>) {
        let keys = |side: &Lines, first: usize, count: usize| -> Vec<u64> {
            let key = |index| {
                let mut hasher = DefaultHasher::new();
                for &byte in side.line(index).iter().filter(|byte| !byte.is_ascii_whitespace()) {
                    hasher.write_u8(if byte.is_ascii_digit() { b'0' } else { byte });
                }
                hasher.finish()
            };
            (first..first + count).map(key).collect()
        };
        let left = keys(&self.lines.left, block.left, block.left_count);
        let right = keys(&self.lines.right, block.right, block.right_count);
        let mut all: Vec<u64> = left.iter().chain(&right).copied().collect();
        all.sort_unstable();
        all.dedup();
        let ranks = |keys: Vec<u64>| -> Vec<u32> {
            keys.iter().map(|key| number(all.binary_search(key).unwrap_or_else(|place| place))).collect()
        };
        (ranks(left), ranks(right))
    }

    /// The pairing in order with the greatest sum of similarity, by dynamic programming.
    fn write_small(&mut self, block: Block, ops: &mut Ops) {
        let bags = |side: &Lines, first: usize, count: usize| -> Vec<Bag> {
            (first..first + count).map(|index| Bag::new(side.parts(index).0)).collect()
        };
        let left = bags(&self.lines.left, block.left, block.left_count);
        let right = bags(&self.lines.right, block.right, block.right_count);
        let words = |bags: &[Bag]| bags.iter().map(|bag| bag.words.len() + 1).sum::<usize>();
        self.work = self.work.saturating_add(words(&left) * right.len() + words(&right) * left.len());
        if self.work > MOST_WORK {
            return self.write_as_it_stands(block, ops);
        }

        // best[i][j]: the greatest sum for the lines from i and j on; rows one after another.
        let width = right.len() + 1;
        let mut best = vec![0u32; (left.len() + 1) * width];
        let mut gains = vec![0u32; left.len() * right.len()];
        let at = |best: &[u32], row: usize, column: usize| best.get(row * width + column).copied().unwrap_or(0);
        for (i, from) in left.iter().enumerate().rev() {
            for (j, to) in right.iter().enumerate().rev() {
                let equal = self.lines.left.line(block.left + i) == self.lines.right.line(block.right + j);
                let alike = if equal { 200 } else { from.alike(to) };
                let gain = if alike >= words::ALIKE { alike } else { 0 };
                if let Some(slot) = gains.get_mut(i * right.len() + j) {
                    *slot = gain;
                }
                let paired = if gain > 0 { at(&best, i + 1, j + 1) + gain } else { 0 };
                let value = paired.max(at(&best, i + 1, j)).max(at(&best, i, j + 1));
                if let Some(slot) = best.get_mut(i * width + j) {
                    *slot = value;
                }
            }
        }

        let (mut i, mut j) = (0, 0);
        let (mut alone_left, mut alone_right) = (0, 0);
        while i < left.len() && j < right.len() {
            let gain = gains.get(i * right.len() + j).copied().unwrap_or(0);
            if gain > 0 && at(&best, i, j) == at(&best, i + 1, j + 1) + gain {
                ops.replaced(std::mem::take(&mut alone_left), std::mem::take(&mut alone_right));
                self.write_pair(block.left + i, block.right + j, ops);
                (i, j) = (i + 1, j + 1);
            } else if at(&best, i + 1, j) >= at(&best, i, j + 1) {
                (i, alone_left) = (i + 1, alone_left + 1);
            } else {
                (j, alone_right) = (j + 1, alone_right + 1);
            }
        }
        ops.replaced(alone_left + left.len() - i, alone_right + right.len() - j);
    }

    /// The i-th line with the i-th.
    fn write_as_it_stands(&self, block: Block, ops: &mut Ops) {
        let both = block.left_count.min(block.right_count);
        for step in 0..both {
            self.write_pair(block.left + step, block.right + step, ops);
        }
        ops.removed(block.left_count - both);
        ops.added(block.right_count - both);
    }

    fn write_pair(&self, left: usize, right: usize, ops: &mut Ops) {
        if self.lines.left.line(left) == self.lines.right.line(right) {
            ops.equal(1);
        } else {
            ops.changed(1);
        }
    }
}

/// The words of a line without their order.
struct Bag {
    /// Hash and weight, sorted.
    words: Vec<(u32, u32)>,
    weight: u32,
}

impl Bag {
    fn new(line: &[u8]) -> Self {
        let mut words: Vec<(u32, u32)> = words::tokens(line)
            .into_iter()
            .filter_map(|range| {
                let word = line.get(range)?;
                let weight = words::weight(word);
                let hash =
                    word.iter().fold(0x811c_9dc5_u32, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
                (weight > 0).then_some((hash, weight))
            })
            .collect();
        words.sort_unstable();
        let weight = words.iter().map(|word| word.1).sum();
        Self { words, weight }
    }

    fn alike(&self, other: &Self) -> u32 {
        let (mut common, mut rest) = (0, other.words.iter().peekable());
        for word in &self.words {
            while rest.next_if(|next| *next < word).is_some() {}
            if rest.next_if_eq(&word).is_some() {
                common += word.1;
            }
        }
        // Two lines without a letter are alike only when they are equal but for white space.
        words::alike(common, self.weight, other.weight)
    }
}
