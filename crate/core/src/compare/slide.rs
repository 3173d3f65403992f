//! Inserted and deleted lines moved to where a reader expects them.
//!
//! When a block of lines is inserted next to lines that resemble it, several places are equally right:
//! `+  }` `+` `+  fn b() {` or `+` `+  fn b() {` `+  }`. The measure and its weights are those of Git's indent
//! heuristic (xdiff/xdiffi.c, after M. Haggerty's diff-slider-tools).

use crate::artifact::Sides;
use crate::compare::align::Run;
use crate::compare::lines::Lines;

/// Furthest that a block is moved.
const MOST_SLIDE: usize = 100;

/// Blank lines that are looked at.
const MOST_BLANKS: usize = 20;

/// Deepest indentation that is told apart.
const MOST_INDENT: i32 = 200;

/// Moves the borders between equal runs. The runs lie between `prefix` lines at the beginning and `suffix` at the end
/// of both texts, which are equal as well, and are given as lines of the whole texts.
pub(super) fn slide(lines: &Sides<Lines>, runs: &mut [Run]) {
    for index in 1..runs.len() {
        let Some([before, after]) = runs.get_mut(index - 1..=index) else { continue };
        let left_gap = after.left - (before.left + before.count);
        let right_gap = after.right - (before.right + before.count);
        let (side, start, count) = match (left_gap, right_gap) {
            (0, 0) => continue,
            (count, 0) => (&lines.left, before.left + before.count, count),
            (0, count) => (&lines.right, before.right + before.count, count),
            _ => continue,
        };
        // One line stays in each run: differences were joined before, here they only move.
        let most_up = MOST_SLIDE.min(before.count.saturating_sub(1));
        let most_down = MOST_SLIDE.min(after.count.saturating_sub(1));
        let up = (1..=most_up).take_while(|s| side.line(start - s) == side.line(start + count - s)).count();
        let down = (0..most_down).take_while(|s| side.line(start + s) == side.line(start + count + s)).count();
        if up + down == 0 {
            continue;
        }
        let place = (start - up..=start + down)
            .map(|place| (score(side, place).plus(score(side, place + count)), place))
            .reduce(|best, next| if next.0.is_better_or_equal(best.0) { next } else { best });
        let Some((_, place)) = place else { continue };
        if place < start {
            let shift = start - place;
            before.count -= shift;
            *after = Run { left: after.left - shift, right: after.right - shift, count: after.count + shift };
        } else {
            let shift = place - start;
            before.count += shift;
            *after = Run { left: after.left + shift, right: after.right + shift, count: after.count - shift };
        }
    }
}

/// How good a place is for a border; smaller is better.
#[derive(Clone, Copy)]
struct Score {
    indent: i32,
    penalty: i32,
}

impl Score {
    fn plus(self, other: Self) -> Self {
        Self { indent: self.indent + other.indent, penalty: self.penalty + other.penalty }
    }

    fn is_better_or_equal(self, other: Self) -> bool {
        60 * (self.indent - other.indent).signum() + (self.penalty - other.penalty) <= 0
    }
}

/// The border before line `place`.
fn score(lines: &Lines, place: usize) -> Score {
    let at_end = place >= lines.count();
    let indent = if at_end { None } else { indent(lines, place) };
    let blanks_before = (1..=MOST_BLANKS.min(place)).find(|back| self::indent(lines, place - back).is_some());
    let pre_blank = blanks_before.map_or(MOST_BLANKS.min(place), |back| back - 1);
    let pre_indent = blanks_before.and_then(|back| self::indent(lines, place - back));
    let next = (1..=MOST_BLANKS).find(|ahead| self::indent(lines, place + ahead).is_some());
    let post_blank = if at_end || indent.is_some() { 0 } else { next.unwrap_or(MOST_BLANKS) };
    let post_indent = next.and_then(|ahead| self::indent(lines, place + ahead));

    let total_blank = pre_blank + post_blank;
    let blanks = i32::try_from(total_blank).unwrap_or(0);
    let mut penalty = -30 * blanks + 6 * i32::try_from(post_blank).unwrap_or(0);
    penalty += i32::from(pre_indent.is_none() && pre_blank == 0) + if at_end { 21 } else { 0 };
    let any_blank = total_blank > 0;
    let choose = |without: i32, with: i32| if any_blank { with } else { without };
    let effective = indent.or(post_indent);
    if let (Some(here), Some(above)) = (effective, pre_indent) {
        penalty += match here.cmp(&above) {
            std::cmp::Ordering::Greater => choose(-4, 10),
            std::cmp::Ordering::Equal => 0,
            // Outdented: less so if what follows is indented again (it begins a block) than if it ends one.
            std::cmp::Ordering::Less if post_indent.is_some_and(|below| below > here) => choose(24, 17),
            std::cmp::Ordering::Less => choose(23, 17),
        };
    }
    Score { indent: effective.unwrap_or(-1), penalty }
}

/// Columns of white space before a line's text; `None` for a blank line or no line.
fn indent(lines: &Lines, index: usize) -> Option<i32> {
    let mut columns = 0;
    for byte in lines.line(index) {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 8 - columns % 8,
            b'\n' | b'\r' => return None,
            _ => return Some(columns),
        }
        if columns >= MOST_INDENT {
            return Some(MOST_INDENT);
        }
    }
    None
}
