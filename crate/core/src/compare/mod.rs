//! The leaf comparisons: how two contents line up, as text or as bytes, and how alike two contents are.
//!
//! Everything ends here: a container is compared by its members, a member by its fields and one of these. Pure
//! functions of bytes and a deadline; what is shown of them goes out as [`crate::report::TextShape`],
//! [`crate::report::TextWindow`] and [`crate::report::BytesShape`].
//!
//! A text goes through the files in this order: [`encoding`] decodes, `lines` cuts (with `reflow` where lines are too
//! long to read), `align` finds what is equal, `slide` moves insertions to natural boundaries, `pairing` finds the new
//! version of a changed line, and [`text`] holds the result and answers questions about it, with `words`, `show`,
//! `sentences` and `unified`. `patch` has the bytes themselves in hunks.

mod align;
mod blocks;
pub mod bytes;
pub mod encoding;
mod lines;
mod pairing;
mod patch;
mod reflow;
mod sentences;
mod show;
pub mod similarity;
mod slide;
pub mod text;
mod unified;
mod words;

pub use bytes::BytesComparison;
pub use patch::patch;
pub use similarity::{Sketch, similarity, sketch};
pub use text::TextComparison;
pub use unified::{Hunk, HunkLine, Unified};

/// What happens to a run of lines or bytes. The numbers are those of [`crate::report::TextShape::ops`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tag {
    Equal = 0,
    Removed = 1,
    Added = 2,
    Changed = 3,
}

/// A run of lines or bytes with one fate. A changed run has the same length on both sides: the i-th became the i-th.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Op {
    tag: Tag,
    left: usize,
    left_count: usize,
    right: usize,
    right_count: usize,
}

impl Op {
    fn left_end(&self) -> usize {
        self.left + self.left_count
    }

    fn right_end(&self) -> usize {
        self.right + self.right_count
    }
}

/// Ops under construction: contiguous on both sides because positions are counted, not given.
#[derive(Debug, Default)]
struct Ops {
    list: Vec<Op>,
    left: usize,
    right: usize,
}

impl Ops {
    fn equal(&mut self, count: usize) {
        self.push(Tag::Equal, count, count);
    }

    fn removed(&mut self, count: usize) {
        self.push(Tag::Removed, count, 0);
    }

    fn added(&mut self, count: usize) {
        self.push(Tag::Added, 0, count);
    }

    fn changed(&mut self, count: usize) {
        self.push(Tag::Changed, count, count);
    }

    /// `left` units became `right` units, nothing more being known: changed as far as they last, then the rest.
    fn replaced(&mut self, left: usize, right: usize) {
        let both = left.min(right);
        self.changed(both);
        self.removed(left - both);
        self.added(right - both);
    }

    fn push(&mut self, tag: Tag, left_count: usize, right_count: usize) {
        if left_count == 0 && right_count == 0 {
            return;
        }
        match self.list.last_mut() {
            Some(last) if last.tag == tag => {
                last.left_count += left_count;
                last.right_count += right_count;
            }
            _ => self.list.push(Op { tag, left: self.left, left_count, right: self.right, right_count }),
        }
        self.left += left_count;
        self.right += right_count;
    }
}

/// A count that goes into a report. Texts are bounded far below what 32 bits hold.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Random numbers for property tests: the same in every run.
#[cfg(test)]
pub(crate) struct Random(pub(crate) u64);

#[cfg(test)]
impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}
