//! The differences of two texts as hunks with context, for plain text output.

use crate::artifact::Side;
use crate::compare::lines::End;
use crate::compare::show::{Backslash, show};
use crate::compare::text::TextComparison;
use crate::compare::{Op, Tag, number};

/// UTF-16 units of a line that are printed.
const MOST_UNITS: u32 = 400;

/// A stretch of lines that differ, with equal ones around.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// First line in A, from 1; of an empty range the line before it, as `diff -u` has it.
    pub left_start: u32,
    /// Lines of A.
    pub left_count: u32,
    /// See `left_start`.
    pub right_start: u32,
    /// Lines of B.
    pub right_count: u32,
    /// The lines.
    pub lines: Vec<HunkLine>,
}

/// One line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HunkLine {
    /// A space, `-`, `+`, or `\` for the remark that the line before has no newline.
    pub tag: char,
    /// The line, escaped, without its end (a carriage return is shown where line endings differ between the sides);
    /// a longer one than 400 characters is cut and ends in `…`.
    pub text: String,
    /// Pairs of UTF-16 offsets into `text`: what differs from the line that this one became, or was.
    pub marks: Vec<u32>,
    /// Pairs of UTF-16 offsets into `text`: escaped characters.
    pub escapes: Vec<u32>,
}

/// Hunks, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unified {
    /// In order.
    pub hunks: Vec<Hunk>,
    /// Lines added and removed that were left out at the end.
    pub left_out: u64,
}

impl TextComparison {
    /// The differences with `context` equal lines around, stopping at the hunk that would pass `most` lines; the first
    /// hunk is cut instead.
    pub fn unified(&self, context: usize, most: usize) -> Unified {
        let shows_ends = self.ops.iter().any(|op| {
            op.tag == Tag::Changed
                && (0..op.left_count).any(|step| {
                    let ends = (self.lines.left.parts(op.left + step).1, self.lines.right.parts(op.right + step).1);
                    ends.0 != ends.1 && ends.0 != End::None && ends.1 != End::None
                })
        });
        let mut unified = Unified::default();
        let mut printed = 0usize;
        for group in groups(&self.ops, context) {
            let size: usize = group.iter().map(|op| op.left_count.max(op.right_count)).sum();
            let is_cut = printed.saturating_add(size) > most && !unified.hunks.is_empty();
            if is_cut || printed >= most {
                let changes = group.iter().filter(|op| op.tag != Tag::Equal);
                unified.left_out += changes.map(|op| (op.left_count + op.right_count) as u64).sum::<u64>();
                printed = most;
                continue;
            }
            let (hunk, left_out) = self.hunk(&group, most - printed, shows_ends);
            printed += hunk.lines.len();
            unified.hunks.push(hunk);
            unified.left_out += left_out;
        }
        unified
    }

    fn hunk(&self, group: &[Op], most: usize, shows_ends: bool) -> (Hunk, u64) {
        let mut hunk = Hunk::default();
        if let Some(first) = group.first() {
            (hunk.left_start, hunk.right_start) = (number(first.left), number(first.right));
        }
        let mut left_out = 0;
        let mut print = |side: Side, index: usize, partner: Option<usize>, tag: char| {
            if hunk.lines.len() >= most {
                left_out += u64::from(tag != ' ');
                return;
            }
            hunk.left_count += u32::from(tag != '+');
            hunk.right_count += u32::from(tag != '-');
            let (text, end) = self.lines.get(side).parts(index);
            let shown = show(text, &self.marks(side, index, partner), Backslash::Doubled, MOST_UNITS);
            let mut text = shown.text;
            if shown.cut > 0 {
                text.push('…');
            }
            if shows_ends && matches!(end, End::CrLf | End::Cr) {
                text.push_str("\\u{d}");
            }
            hunk.lines.push(HunkLine { tag, text, marks: shown.marks, escapes: shown.escapes });
            if end == End::None && index + 1 == self.lines.get(side).count() {
                let text = " No newline at end of file".to_owned();
                hunk.lines.push(HunkLine { tag: '\\', text, marks: Vec::new(), escapes: Vec::new() });
            }
        };
        // Neighbouring changes are one: first all that went, then all that came.
        let mut rest = group;
        while let Some((op, after)) = rest.split_first() {
            if op.tag == Tag::Equal {
                for step in 0..op.left_count {
                    print(Side::Left, op.left + step, None, ' ');
                }
                rest = after;
                continue;
            }
            let count = rest.iter().take_while(|op| op.tag != Tag::Equal).count();
            let (changes, after) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            for op in changes {
                let partner = |step| (op.tag == Tag::Changed).then(|| op.right + step);
                (0..op.left_count).for_each(|step| print(Side::Left, op.left + step, partner(step), '-'));
            }
            for op in changes {
                let partner = |step| (op.tag == Tag::Changed).then(|| op.left + step);
                (0..op.right_count).for_each(|step| print(Side::Right, op.right + step, partner(step), '+'));
            }
            rest = after;
        }
        hunk.left_start += u32::from(hunk.left_count > 0);
        hunk.right_start += u32::from(hunk.right_count > 0);
        (hunk, left_out)
    }
}

/// Ops in groups that are further apart than twice the context, equal runs cut to the context.
pub(super) fn groups(ops: &[Op], context: usize) -> Vec<Vec<Op>> {
    let mut groups: Vec<Vec<Op>> = Vec::new();
    let mut group: Vec<Op> = Vec::new();
    let has_change = |group: &[Op]| group.iter().any(|op| op.tag != Tag::Equal);
    for op in ops {
        if op.tag != Tag::Equal {
            group.push(*op);
            continue;
        }
        let head = |count: usize| Op { left_count: count, right_count: count, ..*op };
        let tail = |count: usize| Op {
            left: op.left_end() - count,
            left_count: count,
            right: op.right_end() - count,
            right_count: count,
            tag: Tag::Equal,
        };
        if !has_change(&group) {
            group = vec![tail(context.min(op.left_count))];
        } else if op.left_count > context.saturating_mul(2) {
            group.push(head(context));
            groups.push(std::mem::replace(&mut group, vec![tail(context)]));
        } else {
            group.push(*op);
        }
    }
    if has_change(&group) {
        if let Some(last) = group.last_mut().filter(|last| last.tag == Tag::Equal) {
            last.left_count = last.left_count.min(context);
            last.right_count = last.left_count;
        }
        groups.push(group);
    }
    for group in &mut groups {
        group.retain(|op| op.left_count + op.right_count > 0);
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::compare::Random;

    fn unified(left: &str, right: &str, context: usize, most: usize) -> Unified {
        TextComparison::new(Some(left.as_bytes()), Some(right.as_bytes()), Duration::from_secs(60))
            .unwrap()
            .unified(context, most)
    }

    fn printed(unified: &Unified) -> String {
        let mut text = String::new();
        for hunk in &unified.hunks {
            let Hunk { left_start, left_count, right_start, right_count, .. } = hunk;
            text += &format!("@@ -{left_start},{left_count} +{right_start},{right_count} @@\n");
            for line in &hunk.lines {
                text += &format!("{}{}\n", line.tag, line.text);
            }
        }
        text
    }

    #[test]
    fn hunks_read_as_those_of_diff() {
        assert_eq!(
            printed(&unified("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\nx\n4\n5\n6\n7\n8\n9\nend", 1, 99)),
            "@@ -2,3 +2,3 @@\n 2\n-3\n+x\n 4\n@@ -9,1 +9,2 @@\n 9\n+end\n\\ No newline at end of file\n"
        );
        assert_eq!(printed(&unified("", "a\n", 3, 99)), "@@ -0,0 +1,1 @@\n+a\n");
        assert_eq!(printed(&unified("a\n", "a\r\n", 3, 99)), "@@ -1,1 +1,1 @@\n-a\n+a\\u{d}\n");
        assert_eq!(printed(&unified("same\n", "same\n", 3, 99)), "");
    }

    #[test]
    fn a_changed_line_marks_its_words() {
        let unified = unified("let count = 1;\n", "let count\u{200b} = 2;\n", 3, 9);
        let [left, right] = &unified.hunks[0].lines[..] else { panic!("two lines") };
        assert_eq!((left.marks.last(), left.escapes.len()), (Some(&13), 0));
        assert_eq!(right.escapes, [9, 17]);
        assert!(!right.marks.is_empty());
    }

    #[test]
    fn what_is_too_long_is_left_out_and_counted() {
        let found = unified("1\n2\n3\n4\n5\n6\n7\n", "x\n2\n3\n4\n5\n6\ny\n", 0, 2);
        assert_eq!(printed(&found), "@@ -1,1 +1,1 @@\n-1\n+x\n");
        assert_eq!(found.left_out, 2);
        let found = unified("", "1\n2\n3\n", 0, 2);
        assert_eq!((printed(&found).as_str(), found.left_out), ("@@ -0,0 +1,2 @@\n+1\n+2\n", 1));
        let long = unified("", &"x".repeat(500), 0, 9);
        assert_eq!(long.hunks[0].lines[0].text, format!("{}…", "x".repeat(400)));
    }

    /// What `patch` would do: copies A outside of the hunks, and B's lines inside.
    fn applied(left: &str, unified: &Unified) -> String {
        let lines: Vec<&str> = left.split_inclusive('\n').collect();
        let (mut result, mut at) = (String::new(), 0);
        for hunk in &unified.hunks {
            let start = hunk.left_start as usize - usize::from(hunk.left_count > 0);
            result += &lines[at..start].concat();
            at = start + hunk.left_count as usize;
            let mut previous = ' ';
            for line in &hunk.lines {
                match line.tag {
                    '\\' if previous != '-' => {
                        result.pop();
                    }
                    ' ' | '+' => result += &format!("{}\n", line.text),
                    _ => {}
                }
                previous = line.tag;
            }
        }
        result + &lines[at..].concat()
    }

    #[test]
    fn applied_to_a_it_gives_b() {
        let mut random = Random(17);
        let words = ["alpha beta", "gamma", "", "}", "delta(1)", "delta(2)"];
        let mut text = || {
            let mut text: String = (0..random.below(40)).map(|_| format!("{}\n", words[random.below(6)])).collect();
            if random.below(3) == 0 {
                text += "end";
            }
            text
        };
        for round in 0..600 {
            let (left, right) = (text(), text());
            assert_eq!(applied(&left, &unified(&left, &right, round % 4, 999)), right, "{left:?}");
        }
    }
}
