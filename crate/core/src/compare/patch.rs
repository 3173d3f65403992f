//! The difference of two contents as hunks of their own bytes, as `diff -u` writes and `patch` and `git apply` read them.
//!
//! Nothing is decoded or escaped, and only a newline ends a line: applied to A it gives B, byte for byte.

use crate::artifact::Sides;
use crate::compare::align::Bound;
use crate::compare::lines::{Lines, common_ends, intern};
use crate::compare::slide::slide;
use crate::compare::text::in_whole;
use crate::compare::unified::groups;
use crate::compare::{Op, Ops, Tag};

/// Bytes of one side; a longer content is not made into a patch.
pub const MOST_PATCHED: usize = 16 << 20;

/// The hunks with `context` equal lines around, empty for equal contents; `None` for contents that are too long.
pub fn patch(left: &[u8], right: &[u8], context: usize) -> Option<Vec<u8>> {
    if left.len().max(right.len()) > MOST_PATCHED {
        return None;
    }
    let lines = Sides { left: Lines::by_newline(left), right: Lines::by_newline(right) };
    let (prefix, suffix) = common_ends(&lines);
    let ids = intern(&lines, prefix, suffix);
    let mut runs = in_whole(&Bound::Work.align(&ids.left, &ids.right).runs, &lines, prefix, suffix);
    slide(&lines, &mut runs);
    let mut ops = Ops::default();
    for run in runs {
        let (left, right) = (ops.left, ops.right);
        ops.removed(run.left.saturating_sub(left));
        ops.added(run.right.saturating_sub(right));
        ops.equal(run.count);
    }
    let mut out = Vec::new();
    for group in groups(&ops.list, context) {
        hunk(&lines, &group, &mut out);
    }
    Some(out)
}

fn hunk(lines: &Sides<Lines>, group: &[Op], out: &mut Vec<u8>) {
    let Some(first) = group.first() else { return };
    let counts = Sides {
        left: group.iter().map(|op| op.left_count).sum::<usize>(),
        right: group.iter().map(|op| op.right_count).sum::<usize>(),
    };
    // The start of an empty range is the line before it.
    let start = |at: usize, count: usize| at + usize::from(count > 0);
    let range = format!(
        "@@ -{},{} +{},{} @@\n",
        start(first.left, counts.left),
        counts.left,
        start(first.right, counts.right),
        counts.right
    );
    out.extend_from_slice(range.as_bytes());
    let mut print = |side: &Lines, index: usize, tag: u8| {
        let line = side.line(index);
        out.push(tag);
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    };
    for op in group {
        match op.tag {
            Tag::Equal => (op.left..op.left_end()).for_each(|index| print(&lines.left, index, b' ')),
            _ => {
                (op.left..op.left_end()).for_each(|index| print(&lines.left, index, b'-'));
                (op.right..op.right_end()).for_each(|index| print(&lines.right, index, b'+'));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &[u8], right: &[u8], expected: &[u8]) {
        let found = patch(left, right, 1).unwrap();
        assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(expected));
    }

    #[test]
    fn bytes_are_as_they_are_and_only_a_newline_ends_a_line() {
        check(b"a\nb\nc\n", b"a\nx\nc\n", b"@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
        check(b"", b"a", b"@@ -0,0 +1,1 @@\n+a\n\\ No newline at end of file\n");
        check(b"a\r\xff\x1b", b"", b"@@ -1,1 +0,0 @@\n-a\r\xff\x1b\n\\ No newline at end of file\n");
        check(b"a\n", b"a", b"@@ -1,1 +1,1 @@\n-a\n+a\n\\ No newline at end of file\n");
        check(b"same", b"same", b"");
    }

    #[test]
    fn what_is_too_long_is_no_patch() {
        assert_eq!(patch(&vec![b'a'; MOST_PATCHED + 1], b"", 3), None);
    }
}
