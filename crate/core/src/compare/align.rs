//! Which lines of two texts are the same: the longest common subsequence, or something near it in bounded time.
//!
//! Myers' algorithm as `similar` has it (with the shortcuts of Git's) first: on related texts it is minimal and takes
//! milliseconds. It is bad at being stopped: on a shuffled file it has found one equal line when the deadline comes.
//! Then, and from the start where texts are very long, the lines that occur once in both texts are taken as anchors (as
//! in patience diff), and Myers gets the gaps between them, the small ones first.

use std::ops::Range;
use std::time::Duration;

use crate::limits::Deadline;
use similar::DiffOp;
use similar::algorithms::{Capture, Compact, DiffHook as _, myers};

/// A run of equal elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) count: usize,
}

/// What is equal.
#[derive(Debug, Default)]
pub(super) struct Alignment {
    /// Ascending on both sides, neither overlapping nor touching on both sides at once.
    pub(super) runs: Vec<Run>,
    /// Whether the deadline stopped the search for the smallest difference.
    pub(super) approximate: bool,
}

/// Two stretches between anchors.
#[derive(Clone, Debug)]
struct Gap {
    left: Range<usize>,
    right: Range<usize>,
}

impl Gap {
    fn size(&self) -> usize {
        self.left.len() + self.right.len()
    }
}

/// Rounds of anchoring: a line that occurs twice in the file may occur once between two anchors.
const ROUNDS: usize = 4;

/// Lines of each side that Myers gets at once. It divides and recurs, in the worst case as deep as the square root of
/// this, and the stack of a browser's worker is small.
const WINDOW: usize = 100_000;

/// A gap below this many lines is left to Myers at once.
const SMALL_GAP: usize = 1000;

/// What bounds a search.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    /// A deadline: the best that this machine finds in time.
    Until(Deadline),
    /// An amount of work: the same result everywhere, for what is written into a file.
    Work,
}

impl Bound {
    /// Aligns two sequences of numbers, each below the length of both together.
    pub(super) fn align(self, left: &[u32], right: &[u32]) -> Alignment {
        match self {
            Self::Until(deadline) => align(left, right, deadline.left()),
            Self::Work => align_by_work(left, right),
        }
    }
}

/// Elements of both sides that Myers gets at once under [`Bound::Work`]: at worst their number squared steps.
const STEADY_GAP: usize = 20_000;

/// Steps of Myers in sum, at worst, under [`Bound::Work`]: about two seconds.
const STEADY_STEPS: usize = 2_000_000_000;

/// As [`align`], without a clock: gaps between anchors that are too long to search stay unaligned.
fn align_by_work(left: &[u32], right: &[u32]) -> Alignment {
    let whole = Gap { left: 0..left.len(), right: 0..right.len() };
    let never = Deadline::after(Duration::MAX);
    let mut runs = Vec::new();
    if whole.size() <= STEADY_GAP {
        search(left, right, &whole, never, &mut runs);
        return Alignment { runs: joined(left, right, runs), approximate: false };
    }
    let mut steps = 0usize;
    let mut approximate = false;
    for gap in gaps_between_anchors(left, right, whole, &mut runs) {
        steps = steps.saturating_add(gap.size().saturating_mul(gap.size()));
        if gap.size() > STEADY_GAP || steps > STEADY_STEPS {
            approximate = true;
            break;
        }
        search(left, right, &gap, never, &mut runs);
    }
    runs.sort_by_key(|run| run.left);
    Alignment { runs: joined(left, right, runs), approximate }
}

/// Aligns two sequences of numbers, each below the length of both together.
pub(super) fn align(left: &[u32], right: &[u32], time: Duration) -> Alignment {
    let deadline = Deadline::after(time);
    let whole = Gap { left: 0..left.len(), right: 0..right.len() };
    let mut runs = Vec::new();
    let mut approximate = false;
    if left.len().max(right.len()) <= WINDOW {
        approximate = !search(left, right, &whole, Deadline::after(time.mul_f64(0.4)), &mut runs);
        if !approximate {
            return Alignment { runs: joined(left, right, runs), approximate };
        }
    }
    let all;
    (runs, all) = search_between_anchors(left, right, whole, deadline);
    Alignment { runs: joined(left, right, runs), approximate: approximate || !all }
}

/// Myers between two points, in windows where the gap is large. False if it was stopped, or lost its way.
fn search(left: &[u32], right: &[u32], gap: &Gap, deadline: Deadline, runs: &mut Vec<Run>) -> bool {
    let mut all = true;
    let mut from = gap.clone();
    loop {
        let window = Gap {
            left: from.left.start..from.left.end.min(from.left.start + WINDOW),
            right: from.right.start..from.right.end.min(from.right.start + WINDOW),
        };
        let mut found = Capture::new();
        let outcome = myers::diff_deadline(
            &mut found,
            left,
            window.left.clone(),
            right,
            window.right.clone(),
            Some(deadline.instant()),
        );
        let Ok(()) = outcome;
        let equal = found.ops().iter().filter_map(equal_run);
        if window.left.end == from.left.end && window.right.end == from.right.end {
            runs.extend(equal);
            return all && !deadline.passed();
        }
        // What is equal near the end of a window may only be so for want of what comes next.
        let sure = Gap {
            left: from.left.start..window.left.end - window.left.len() / 8,
            right: from.right.start..window.right.end - window.right.len() / 8,
        };
        let mut next = (sure.left.end, sure.right.end);
        let known = runs.len();
        runs.extend(equal.take_while(|run| sure.left.contains(&run.left) && sure.right.contains(&run.right)));
        match runs.get(known..).and_then(<[Run]>::last) {
            Some(last) => next = (last.left + last.count, last.right + last.count),
            None => all = false,
        }
        from = Gap { left: next.0..from.left.end, right: next.1..from.right.end };
        if from.left.is_empty() || from.right.is_empty() {
            return all;
        }
        if deadline.passed() {
            return false;
        }
    }
}

fn equal_run(op: &DiffOp) -> Option<Run> {
    match *op {
        DiffOp::Equal { old_index, new_index, len } => Some(Run { left: old_index, right: new_index, count: len }),
        _ => None,
    }
}

/// What lies between anchors, the smallest first; the anchors go to `runs`.
fn gaps_between_anchors(left: &[u32], right: &[u32], whole: Gap, runs: &mut Vec<Run>) -> Vec<Gap> {
    let mut gaps = vec![whole];
    let mut counts = vec![Occurrence::default(); left.len() + right.len()];
    for _ in 0..ROUNDS {
        let mut smaller = Vec::new();
        for gap in gaps {
            if gap.size() < SMALL_GAP {
                smaller.push(gap);
            } else {
                split(left, right, gap, &mut counts, runs, &mut smaller);
            }
        }
        gaps = smaller;
    }
    gaps.sort_by_key(|gap| (gap.size(), gap.left.start));
    gaps
}

/// Also whether all of it could be searched.
fn search_between_anchors(left: &[u32], right: &[u32], whole: Gap, deadline: Deadline) -> (Vec<Run>, bool) {
    let mut runs = Vec::new();
    let mut all = true;
    for gap in gaps_between_anchors(left, right, whole, &mut runs) {
        if deadline.passed() {
            all = false;
            break;
        }
        all &= search(left, right, &gap, deadline, &mut runs);
    }
    runs.sort_by_key(|run| run.left);
    (runs, all)
}

/// How often an element occurs in each side of a gap, and where last.
#[derive(Clone, Copy, Default)]
struct Occurrence {
    left: u32,
    right: u32,
    at: usize,
}

/// Adds the anchors of a gap to `runs`, with the equal elements around them, and what remains between to `gaps`; a gap
/// with nothing in common is done.
fn split(left: &[u32], right: &[u32], gap: Gap, counts: &mut [Occurrence], runs: &mut Vec<Run>, gaps: &mut Vec<Gap>) {
    let items = |side: &[u32], range: &Range<usize>| -> Vec<u32> { side.get(range.clone()).unwrap_or(&[]).to_vec() };
    let (lefts, rights) = (items(left, &gap.left), items(right, &gap.right));
    for (index, &id) in lefts.iter().enumerate() {
        if let Some(count) = counts.get_mut(id as usize) {
            count.left += 1;
            count.at = gap.left.start + index;
        }
    }
    for &id in &rights {
        if let Some(count) = counts.get_mut(id as usize) {
            count.right += 1;
        }
    }
    let mut candidates = Vec::new();
    let mut has_common = false;
    for (index, &id) in rights.iter().enumerate() {
        let Some(count) = counts.get(id as usize) else { continue };
        has_common |= count.left > 0;
        if count.left == 1 && count.right == 1 {
            candidates.push((count.at, gap.right.start + index));
        }
    }
    for &id in lefts.iter().chain(&rights) {
        if let Some(count) = counts.get_mut(id as usize) {
            *count = Occurrence::default();
        }
    }
    if !has_common {
        return;
    }
    let (mut from_left, mut from_right) = (gap.left.start, gap.right.start);
    for (at_left, at_right) in longest_ascent(&candidates) {
        if at_left < from_left || at_right < from_right {
            continue; // Inside the run of an earlier anchor.
        }
        let same = |l: usize, r: usize| left.get(l).is_some_and(|id| right.get(r) == Some(id));
        let most = (at_left - from_left).min(at_right - from_right);
        let back = (1..=most).take_while(|step| same(at_left - step, at_right - step)).count();
        let most = (gap.left.end - at_left).min(gap.right.end - at_right);
        let forth = (0..most).take_while(|step| same(at_left + step, at_right + step)).count();
        gaps.push(Gap { left: from_left..at_left - back, right: from_right..at_right - back });
        runs.push(Run { left: at_left - back, right: at_right - back, count: back + forth });
        (from_left, from_right) = (at_left + forth, at_right + forth);
    }
    gaps.push(Gap { left: from_left..gap.left.end, right: from_right..gap.right.end });
    gaps.retain(|gap| !gap.left.is_empty() && !gap.right.is_empty());
}

/// The longest subsequence of pairs in which the first number ascends too, by patience sorting.
fn longest_ascent(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // The pair with the smallest first number that ends an ascent of each length, and its predecessor.
    let mut tails: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    let first = |index: usize| pairs.get(index).map_or(0, |pair| pair.0);
    for (index, pair) in pairs.iter().enumerate() {
        let place = tails.partition_point(|&tail| first(tail) < pair.0);
        before.push(place.checked_sub(1).and_then(|place| tails.get(place)).copied());
        match tails.get_mut(place) {
            Some(tail) => *tail = index,
            None => tails.push(index),
        }
    }
    let mut ascent = Vec::with_capacity(tails.len());
    let mut next = tails.last().copied();
    while let Some(index) = next {
        ascent.extend(pairs.get(index));
        next = before.get(index).copied().flatten();
    }
    ascent.reverse();
    ascent
}

/// Runs moved together where a difference can slide over what is equal, so that there are fewer differences.
fn joined(left: &[u32], right: &[u32], runs: Vec<Run>) -> Vec<Run> {
    let mut compact = Compact::new(Capture::new(), left, right);
    let (mut from_left, mut from_right) = (0, 0);
    let end = Run { left: left.len(), right: right.len(), count: 0 };
    for run in runs.into_iter().chain([end]) {
        if run.left > from_left {
            let Ok(()) = compact.delete(from_left, run.left - from_left, from_right);
        }
        if run.right > from_right {
            let Ok(()) = compact.insert(run.left, from_right, run.right - from_right);
        }
        if run.count > 0 {
            let Ok(()) = compact.equal(run.left, run.right, run.count);
        }
        (from_left, from_right) = (run.left + run.count, run.right + run.count);
    }
    let Ok(()) = compact.finish();
    let mut runs: Vec<Run> = Vec::new();
    for run in compact.into_inner().ops().iter().filter_map(equal_run) {
        match runs.last_mut() {
            Some(last) if last.left + last.count == run.left && last.right + last.count == run.right => {
                last.count += run.count;
            }
            _ if run.count > 0 => runs.push(run),
            _ => {}
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Random;

    /// Aligned and checked: equal elements only, ascending, apart.
    fn check(left: &[u32], right: &[u32], time: Duration) -> Alignment {
        let alignment = align(left, right, time);
        let (mut from_left, mut from_right) = (0, 0);
        for (index, run) in alignment.runs.iter().enumerate() {
            assert!(run.count > 0 && run.left >= from_left && run.right >= from_right);
            assert!(index == 0 || run.left > from_left || run.right > from_right, "touching runs");
            assert_eq!(left[run.left..run.left + run.count], right[run.right..run.right + run.count]);
            (from_left, from_right) = (run.left + run.count, run.right + run.count);
        }
        assert!(from_left <= left.len() && from_right <= right.len());
        alignment
    }

    fn equal(alignment: &Alignment) -> usize {
        alignment.runs.iter().map(|run| run.count).sum()
    }

    #[test]
    fn sequences_align() {
        let second = Duration::from_secs(60);
        assert_eq!(
            check(&[1, 2, 3], &[1, 4, 3], second).runs,
            [Run { left: 0, right: 0, count: 1 }, Run { left: 2, right: 2, count: 1 }]
        );
        assert_eq!(check(&[], &[1], second).runs, []);
        assert_eq!(check(&[2, 2, 2], &[2, 2], second).runs, [Run { left: 0, right: 0, count: 2 }]);
        let mut random = Random(3);
        for _ in 0..300 {
            let mut sequence = || (0..random.below(30)).map(|_| number(random.below(6))).collect::<Vec<_>>();
            let (left, right) = (sequence(), sequence());
            check(&left, &right, second);
            check(&left, &right, Duration::ZERO);
        }
    }

    fn number(value: usize) -> u32 {
        u32::try_from(value).unwrap()
    }

    #[test]
    fn without_time_anchors_still_hold() {
        let left: Vec<u32> = (0..20_000).collect();
        let right: Vec<u32> = left.iter().map(|&id| if id % 10 == 3 { id + 20_000 } else { id }).collect();
        let alignment = check(&left, &right, Duration::ZERO);
        assert!(alignment.approximate);
        assert_eq!(equal(&alignment), 18_000);
    }

    #[test]
    fn a_bound_in_work_leaves_out_what_is_too_long_to_search() {
        let mut random = Random(23);
        let mut noise = || (0..STEADY_GAP).map(|_| number(random.below(50))).collect::<Vec<_>>();
        let (mut left, mut right) = (noise(), noise());
        let anchored: Vec<u32> = (100..1200).collect();
        left.extend(&anchored);
        right.extend(anchored.iter().map(|&id| if id == 600 { 50 } else { id }));
        let alignment = Bound::Work.align(&left, &right);
        assert!(alignment.approximate);
        assert!((1099..1200).contains(&equal(&alignment)), "{}", equal(&alignment));
        let short = Bound::Work.align(&[1, 2, 3], &[1, 4, 3]);
        assert_eq!((equal(&short), short.approximate), (2, false));
    }

    #[test]
    fn long_sequences_are_searched_in_windows() {
        // No element occurs once, so that there is no anchor.
        let mut random = Random(19);
        let left: Vec<u32> = (0..3 * WINDOW).map(|_| number(random.below(500))).collect();
        let mut right = left.clone();
        right.splice(0..0, [500, 500]);
        right.remove(WINDOW);
        right.insert(2 * WINDOW - 5, 500);
        right.extend([500]);
        let alignment = check(&left, &right, Duration::from_secs(60));
        assert_eq!((equal(&alignment), alignment.approximate), (3 * WINDOW - 1, false));
    }

    #[test]
    fn hostile_orders_leave_something() {
        let count = 100_000;
        let time = Duration::from_millis(500);
        let ascending: Vec<u32> = (0..count).collect();
        let descending: Vec<u32> = (0..count).rev().collect();
        assert!(equal(&check(&ascending, &descending, time)) >= 1);
        let mut random = Random(5);
        let mut shuffled = ascending.clone();
        for index in 1..shuffled.len() {
            shuffled.swap(index, random.below(index + 1));
        }
        assert!(equal(&check(&ascending, &shuffled, time)) > 400);
        let mut noise = || (0..count).map(|_| number(random.below(2))).collect::<Vec<_>>();
        let (left, right) = (noise(), noise());
        check(&left, &right, time);
    }
}
