//! What can be said in words about the difference of two texts: above all when it is of one kind only.

use crate::artifact::{Side, Sides};
use crate::compare::encoding::Encoding;
use crate::compare::lines::{End, Lines};
use crate::compare::text::TextComparison;
use crate::compare::{Op, Tag};

const MARK: &[u8] = "\u{feff}".as_bytes();

/// What each kind of difference amounts to.
struct Facts {
    ends: Sides<Ends>,
    /// Whether each side begins with a byte-order mark.
    mark: Sides<bool>,
}

/// How often lines end in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    lf: usize,
    crlf: usize,
    cr: usize,
    /// Whether the last line has no end.
    open: bool,
}

impl TextComparison {
    /// Sentences about the pair, the most telling first; none when nothing can be said, or a side is missing.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if !self.has_both() || self.is_truncated() {
            return sentences;
        }
        let facts = self.facts();
        let text_differs = self.changes().next().is_some();
        let marks_differ = facts.mark.left != facts.mark.right;
        let encodings_differ = self.encodings_differ();

        if let (true, Some(left), Some(right)) = (encodings_differ, self.encoding.left, self.encoding.right) {
            // UTF-16 is told by its mark: the mark is part of that difference.
            let only = !text_differs || self.only_mark();
            let verb = if only { "Only the encoding differs" } else { "The encoding differs" };
            sentences.push(format!("{verb}: {} in A, {} in B.", left.name(), right.name()));
        }
        if marks_differ {
            let (has, lacks) = if facts.mark.left { ('A', 'B') } else { ('B', 'A') };
            if self.only_mark() && !encodings_differ {
                sentences.push(format!("Only the byte-order mark differs: {has} has one, {lacks} has none."));
            } else {
                sentences.push(format!("{has} has a byte-order mark, {lacks} has none."));
            }
        }
        let styles = facts.ends.map(Ends::style);
        if self.only_line_endings() {
            sentences.push(format!("Only the line endings differ: {} in A, {} in B.", styles.left, styles.right));
        } else if styles.left != styles.right && facts.ends.left.any() && facts.ends.right.any() {
            sentences.push(format!("Line endings differ: {} in A, {} in B.", styles.left, styles.right));
        }
        if facts.ends.left.open != facts.ends.right.open && self.ends_matter() {
            let side = if facts.ends.left.open { 'A' } else { 'B' };
            let only = if self.only_final_newline() { "Only the final newline differs: " } else { "" };
            sentences.push(format!("{only}{side} ends without a newline."));
        } else if self.only_order() {
            sentences.push("Only the order of lines differs.".to_owned());
        } else if !self.only_line_endings() && self.only_whitespace() {
            sentences.push(self.whitespace_sentence());
        }
        sentences
    }

    /// Whether every line's text is equal and some ends differ, the missing end of a last line aside.
    pub fn only_line_endings(&self) -> bool {
        self.has_both()
            && self.lines_differ_by(|left, right| left.0 == right.0 && left.1 != End::None && right.1 != End::None)
    }

    /// Whether nothing but white space differs: blanks, tabs and line ends.
    pub fn only_whitespace(&self) -> bool {
        let visible = |lines: &Lines| !lines.truncated;
        self.has_both()
            && visible(&self.lines.left)
            && visible(&self.lines.right)
            && self.changes().next().is_some()
            && visible_bytes(self.lines.left.all()).eq(visible_bytes(self.lines.right.all()))
    }

    fn only_final_newline(&self) -> bool {
        self.lines_differ_by(|left, right| left.0 == right.0 && (left.1 == End::None || right.1 == End::None))
    }

    /// Whether the first line alone differs, and there in the mark alone.
    fn only_mark(&self) -> bool {
        let bare = |side: Side| {
            let all = self.lines.get(side).all();
            all.strip_prefix(MARK).unwrap_or(all)
        };
        bare(Side::Left) == bare(Side::Right)
    }

    /// Whether both sides have lines of which the last could have an end.
    fn ends_matter(&self) -> bool {
        self.lines.left.count() > 0 && self.lines.right.count() > 0
    }

    fn encodings_differ(&self) -> bool {
        match (self.encoding.left, self.encoding.right) {
            // ASCII is both.
            (Some(Encoding::Utf8), Some(Encoding::Latin1)) => !self.lines.left.all().is_ascii(),
            (Some(Encoding::Latin1), Some(Encoding::Utf8)) => !self.lines.right.all().is_ascii(),
            (left, right) => left != right,
        }
    }

    fn changes(&self) -> impl Iterator<Item = &Op> {
        self.ops.iter().filter(|op| op.tag != Tag::Equal)
    }

    /// Whether lines differ, no line is added or removed, and `allowed` holds for every pair of lines that differ.
    fn lines_differ_by(&self, allowed: impl Fn((&[u8], End), (&[u8], End)) -> bool) -> bool {
        !self.is_truncated()
            && self.changes().next().is_some()
            && self.changes().all(|op| {
                op.tag == Tag::Changed
                    && (0..op.left_count).all(|step| {
                        allowed(self.lines.left.parts(op.left + step), self.lines.right.parts(op.right + step))
                    })
            })
    }

    fn whitespace_sentence(&self) -> String {
        let changed = |side: Side| {
            self.changes().flat_map(move |op| {
                let (first, count) =
                    if side == Side::Left { (op.left, op.left_count) } else { (op.right, op.right_count) };
                (first..first + count).map(move |index| self.lines.get(side).parts(index).0)
            })
        };
        let trimmed = |side: Side| changed(side).map(<[u8]>::trim_ascii_end).filter(|line| !line.is_empty());
        let full = |side: Side| changed(side).filter(|line| !line.trim_ascii().is_empty());
        if full(Side::Left).eq(full(Side::Right)) {
            return "Only blank lines differ.".to_owned();
        }
        if trimmed(Side::Left).eq(trimmed(Side::Right)) {
            return "Only white space at the ends of lines differs.".to_owned();
        }
        let indents_with = |side: Side, byte: u8| {
            let indent =
                |line: &'_ [u8]| line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).any(|&b| b == byte);
            full(side).any(indent)
        };
        let uses = |side: Side| match (indents_with(side, b'\t'), indents_with(side, b' ')) {
            (true, false) => Some("tabs"),
            (false, true) => Some("spaces"),
            _ => None,
        };
        match (uses(Side::Left), uses(Side::Right)) {
            (Some(left), Some(right)) if left != right => {
                format!("Only white space differs: {left} in A, {right} in B.")
            }
            _ => "Only white space differs.".to_owned(),
        }
    }

    fn facts(&self) -> Facts {
        Facts {
            ends: self.lines.as_ref().map(Ends::of),
            mark: self.lines.as_ref().map(|lines| lines.all().starts_with(MARK)),
        }
    }
}

impl Ends {
    fn of(lines: &Lines) -> Self {
        let mut ends = Self::default();
        let count = lines.count();
        for index in 0..count {
            match lines.parts(index).1 {
                End::Lf => ends.lf += 1,
                End::CrLf => ends.crlf += 1,
                End::Cr => ends.cr += 1,
                End::None => ends.open = index + 1 == count,
            }
        }
        ends
    }

    fn any(self) -> bool {
        self.lf + self.crlf + self.cr > 0
    }

    fn style(self) -> String {
        let kinds = [(self.lf, "LF"), (self.crlf, "CRLF"), (self.cr, "CR")];
        let names: Vec<&str> = kinds.iter().filter(|kind| kind.0 > 0).map(|kind| kind.1).collect();
        match names.as_slice() {
            [] => "none".to_owned(),
            [one] => (*one).to_owned(),
            [one, two] => format!("{one} and {two}"),
            _ => names.join(", "),
        }
    }
}

fn visible_bytes(text: &[u8]) -> impl Iterator<Item = &u8> {
    text.iter().filter(|byte| !matches!(byte, b' ' | 9..=13))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(left: impl AsRef<[u8]>, right: impl AsRef<[u8]>, expected: &[&str]) {
        let (left, right) = (left.as_ref(), right.as_ref());
        let comparison = TextComparison::new(Some(left), Some(right), Duration::from_secs(60)).unwrap();
        assert_eq!(comparison.sentences(), expected, "{:?}", String::from_utf8_lossy(left));
    }

    #[test]
    fn line_endings() {
        check("a\nb\n", "a\r\nb\r\n", &["Only the line endings differ: LF in A, CRLF in B."]);
        check("a\nb\r\n", "a\rb\n", &["Only the line endings differ: LF and CRLF in A, LF and CR in B."]);
        check("a\nb\n", "a\r\nc\r\n", &["Line endings differ: LF in A, CRLF in B."]);
        check("a\n", "a\n", &[]);
        check("a\nb\n", "a\nc\n", &[]);
    }

    #[test]
    fn final_newline() {
        check("a\nb\n", "a\nb", &["Only the final newline differs: B ends without a newline."]);
        check("a\nb", "a\nc\n", &["A ends without a newline."]);
        check("a\nb\n", "a\r\nb", &["Line endings differ: LF in A, CRLF in B.", "B ends without a newline."]);
        check("", "a", &[]);
        check("a", "b", &[]);
    }

    #[test]
    fn order_of_lines() {
        check("a\nb\nc\n", "c\na\nb\n", &["Only the order of lines differs."]);
        // Look-alikes: a line changed, a line once more.
        check("a\nb\nc\n", "c\na\nB\n", &[]);
        check("a\nb\nb\n", "b\na\na\n", &[]);
    }

    #[test]
    fn white_space() {
        check("if x:\n\ty\n", "if x:\n    y\n", &["Only white space differs: tabs in A, spaces in B."]);
        check("a  b\n", "a b\n", &["Only white space differs."]);
        check("a \nb\n", "a\nb\n", &["Only white space at the ends of lines differs."]);
        check("a\n\nb\n", "a\nb\n", &["Only blank lines differ."]);
        check("\ta = 1\n", "    a = 2\n", &[]);
    }

    #[test]
    fn byte_order_mark_and_encoding() {
        check("\u{feff}a\n", "a\n", &["Only the byte-order mark differs: A has one, B has none."]);
        check("a\n", "\u{feff}b\n", &["B has a byte-order mark, A has none."]);
        check(b"gr\xfcn\n", "grün\n", &["Only the encoding differs: Latin-1 in A, UTF-8 in B."]);
        check(b"gr\xfcn\n", "gruen\n", &[]);
        let utf16: Vec<u8> = "\u{feff}a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(
            "a\n",
            &utf16,
            &["Only the encoding differs: UTF-8 in A, UTF-16LE in B.", "B has a byte-order mark, A has none."],
        );
        check(
            "b\n",
            &utf16,
            &["The encoding differs: UTF-8 in A, UTF-16LE in B.", "B has a byte-order mark, A has none."],
        );
    }

    #[test]
    fn a_missing_side_is_no_difference_of_a_kind() {
        let comparison = TextComparison::new(None, Some(b"a"), Duration::from_secs(60)).unwrap();
        assert_eq!(comparison.sentences(), Vec::<String>::new());
        assert!(!comparison.only_line_endings() && !comparison.only_whitespace() && !comparison.only_order());
    }
}
