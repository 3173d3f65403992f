//! Two texts compared line by line, and the lines' words.
//!
//! A line is compared with its end, byte by byte; nothing is ignored. Made once for a pair and kept by the caller, who
//! then asks for windows of lines.

use std::ops::Range;
use std::time::Duration;

use crate::artifact::{Side, Sides};
use crate::compare::align::{Bound, Run};
use crate::compare::encoding::{Encoding, decode, decode_sides};
use crate::compare::lines::{End, Lines, common_ends, intern};
use crate::compare::pairing::{Block, Pairing};
use crate::compare::show::{Backslash, Shown, placed, show};
use crate::compare::slide::slide;
use crate::compare::{Op, Ops, Tag, number, words};
use crate::limits::Deadline;
use crate::report::{TextLine, TextShape, TextWindow};
use crate::syntax::{self, Colours, Language, Token};

/// Lines of one side in a window.
pub const MOST_WINDOW: u32 = 2000;

/// UTF-16 units of a line that are shown.
const MOST_UNITS: u32 = 10_000;

/// How texts are to be read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Manner {
    /// The language of each, where it is known.
    pub languages: Sides<Option<&'static Language>>,
    /// Whether long lines of scripts, styles and data are broken, if that helps.
    pub reformatted: bool,
}

/// Two texts and how they line up.
#[derive(Debug)]
pub struct TextComparison {
    pub(super) lines: Sides<Lines>,
    /// `None` for a missing side.
    pub(super) encoding: Sides<Option<Encoding>>,
    pub(super) ops: Vec<Op>,
    pub(super) reflowed: bool,
    breakable: bool,
    reformatted: bool,
    /// `None` for a side in no language we know, or too long.
    colours: Sides<Option<Colours>>,
    colourless: bool,
    approximate: bool,
    only_order: bool,
}

impl TextComparison {
    /// Compares; `None` when either content is not text, or both are missing. A missing side is empty.
    ///
    /// `time` bounds the search for a small difference; decoding and cutting are linear and come on top.
    pub fn new(left: Option<&[u8]>, right: Option<&[u8]>, time: Duration) -> Option<Self> {
        Self::bounded(Sides { left, right }, Manner::default(), Bound::Until(Deadline::after(time)))
    }

    /// As [`Self::new`], to be read in a certain way.
    pub fn to_read(contents: Sides<Option<&[u8]>>, manner: Manner, time: Duration) -> Option<Self> {
        Self::bounded(contents, manner, Bound::Until(Deadline::after(time)))
    }

    /// As [`Self::new`], but bounded by work and not by time: the result is the same on every machine.
    pub fn steady(left: Option<&[u8]>, right: Option<&[u8]>) -> Option<Self> {
        Self::bounded(Sides { left, right }, Manner::default(), Bound::Work)
    }

    fn bounded(contents: Sides<Option<&[u8]>>, manner: Manner, bound: Bound) -> Option<Self> {
        if contents.left.is_none() && contents.right.is_none() {
            return None;
        }
        let decoded = decode_sides(contents)?;
        let encoding = decoded.as_ref().map(|side| side.as_ref().map(|side| side.encoding));
        let mut lines = Lines::of_sides(decoded);
        let language = |side: Side| *manner.languages.get(side);
        let is_breakable = |side| language(side).is_some_and(|known| lines.get(side).is_breakable(known));
        let breakable = Side::BOTH.into_iter().any(is_breakable);
        let reformatted = breakable && manner.reformatted;
        if reformatted {
            for side in Side::BOTH {
                if let Some(known) = language(side) {
                    lines.get_mut(side).reformat(known);
                }
            }
        }
        let reflowed = Lines::reflow_sides(&mut lines);
        let fits = |side| lines.get(side).size() <= syntax::MOST_BYTES;
        let colours = |side| language(side).filter(|_| fits(side)).map(Colours::new);
        let colourless = Side::BOTH.into_iter().any(|side| language(side).is_some() && !fits(side));
        let colours = Sides { left: colours(Side::Left), right: colours(Side::Right) };
        let (prefix, suffix) = common_ends(&lines);
        let ids = intern(&lines, prefix, suffix);
        let is_whole = !reflowed && !reformatted && !lines.left.truncated && !lines.right.truncated;
        let only_order = is_whole && ids.left != ids.right && is_permutation(&ids);

        let alignment = bound.align(&ids.left, &ids.right);
        let mut runs = in_whole(&alignment.runs, &lines, prefix, suffix);
        slide(&lines, &mut runs);
        let mut ops = Ops::default();
        let mut pairing = Pairing::new(&lines, bound);
        for run in runs {
            let (left, right) = (ops.left, ops.right);
            pairing.write(Block { left, left_count: run.left - left, right, right_count: run.right - right }, &mut ops);
            ops.equal(run.count);
        }
        let (ops, approximate) = (ops.list, alignment.approximate);
        Some(Self {
            lines,
            encoding,
            ops,
            reflowed,
            breakable,
            reformatted,
            colours,
            colourless,
            approximate,
            only_order,
        })
    }

    /// What is needed to lay out a view.
    pub fn shape(&self) -> TextShape {
        let changes = || self.ops.iter().filter(|op| op.tag != Tag::Equal);
        let flat =
            |op: &Op| [op.tag as u32, number(op.left), number(op.left_count), number(op.right), number(op.right_count)];
        TextShape {
            encoding: self.encoding.map(|side| side.map(|encoding| encoding.name().to_owned())),
            lines: self.lines.as_ref().map(|side| number(side.count())),
            ops: self.ops.iter().flat_map(flat).collect(),
            added: number(changes().map(|op| op.right_count).sum()),
            removed: number(changes().map(|op| op.left_count).sum()),
            reflowed: self.reflowed,
            breakable: self.breakable,
            reformatted: self.reformatted,
            colourless: self.colourless,
            approximate: self.approximate,
            truncated: self.is_truncated(),
        }
    }

    /// Some lines of each side, at most [`MOST_WINDOW`] each; what lies beyond the end is left out.
    pub fn window(&mut self, left: Range<u32>, right: Range<u32>) -> TextWindow {
        TextWindow { left: self.side_window(Side::Left, left), right: self.side_window(Side::Right, right) }
    }

    /// The line that follows these first bytes of a side's content, as they are stored; `None` beyond what is shown.
    pub fn line_after(&self, side: Side, before: &[u8]) -> Option<u32> {
        let offset = match (*self.encoding.get(side))? {
            Encoding::Utf8 => before.len(),
            encoding => decode(before, encoding).len(),
        };
        self.lines.get(side).at(offset).map(number)
    }

    /// Whether both sides have the same lines in another order.
    pub fn only_order(&self) -> bool {
        self.only_order
    }

    /// Whether only the beginning of a long text was compared.
    pub(super) fn is_truncated(&self) -> bool {
        self.lines.left.truncated || self.lines.right.truncated
    }

    /// Whether both sides are there.
    pub(super) fn has_both(&self) -> bool {
        self.encoding.left.is_some() && self.encoding.right.is_some()
    }

    fn side_window(&mut self, side: Side, range: Range<u32>) -> Vec<TextLine> {
        let lines = self.lines.get(side);
        let first = range.start as usize;
        let end = (range.end.min(range.start.saturating_add(MOST_WINDOW)) as usize).min(lines.count());
        // A piece of a line that is cut ends with nothing, and so does the text.
        let piece = |index| {
            let (text, end) = lines.parts(index);
            (text, end == End::None)
        };
        let colours = self.colours.get_mut(side).as_mut().filter(|_| first < end);
        let mut tokens = colours.map_or_else(Vec::new, |colours| colours.window(first..end, piece)).into_iter();
        let first_of = |op: &Op| if side == Side::Left { op.left } else { op.right };
        let mut op = self.ops.partition_point(|op| first_of(op) <= first).saturating_sub(1);
        let mut window = Vec::new();
        for index in first..end {
            // An op without lines on this side begins where the next one does.
            while self.ops.get(op + 1).is_some_and(|next| first_of(next) <= index) {
                op += 1;
            }
            let partner = self.ops.get(op).filter(|op| op.tag == Tag::Changed).map(|op| match side {
                Side::Left => op.right + (index - op.left),
                Side::Right => op.left + (index - op.right),
            });
            window.push(self.shown_line(side, index, partner, &tokens.next().unwrap_or_default()));
        }
        window
    }

    fn shown_line(&self, side: Side, index: usize, partner: Option<usize>, tokens: &[Token]) -> TextLine {
        let lines = self.lines.get(side);
        let (line, end) = lines.parts(index);
        let marks = self.marks(side, index, partner);
        let Shown { text, marks, escapes, cut } = show(line, &marks, Backslash::Stays, MOST_UNITS);
        let tokens = placed(line, tokens, MOST_UNITS);
        let (number, depth) = (lines.number(index), lines.depth(index));
        TextLine { number, text, marks, escapes, tokens, cut, end: end.id().to_owned(), depth }
    }

    /// Byte ranges of a line that differ from its partner on the other side.
    pub(super) fn marks(&self, side: Side, index: usize, partner: Option<usize>) -> Vec<Range<usize>> {
        let (text, _) = self.lines.get(side).parts(index);
        match (side, partner) {
            (_, None) => Vec::new(),
            (Side::Left, Some(partner)) => {
                let found = words::compare(text, self.lines.right.parts(partner).0);
                found.map_or_else(Vec::new, |words| words.differences.into_iter().map(|pair| pair.0).collect())
            }
            (Side::Right, Some(partner)) => {
                let found = words::compare(self.lines.left.parts(partner).0, text);
                found.map_or_else(Vec::new, |words| words.differences.into_iter().map(|pair| pair.1).collect())
            }
        }
    }
}

/// Runs between the common ends as runs of the whole texts, with the ends; an empty one closes the list.
pub(super) fn in_whole(runs: &[Run], lines: &Sides<Lines>, prefix: usize, suffix: usize) -> Vec<Run> {
    let moved = runs.iter().map(|run| Run { left: run.left + prefix, right: run.right + prefix, count: run.count });
    let end = Run { left: lines.left.count() - suffix, right: lines.right.count() - suffix, count: suffix };
    let mut whole: Vec<Run> = vec![Run { left: 0, right: 0, count: prefix }];
    for run in moved.chain([end]) {
        match whole.last_mut() {
            Some(last) if last.left + last.count == run.left && last.right + last.count == run.right => {
                last.count += run.count;
            }
            _ => whole.push(run),
        }
    }
    whole
}

/// Whether both sides have every number equally often.
fn is_permutation(ids: &Sides<Vec<u32>>) -> bool {
    if ids.left.len() != ids.right.len() {
        return false;
    }
    let mut counts = vec![0i64; ids.left.len() + ids.right.len()];
    for (side, step) in [(&ids.left, 1), (&ids.right, -1)] {
        for &id in side {
            if let Some(count) = counts.get_mut(id as usize) {
                *count += step;
            }
        }
    }
    counts.iter().all(|&count| count == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Random;

    fn compare(left: &str, right: &str) -> TextComparison {
        TextComparison::new(Some(left.as_bytes()), Some(right.as_bytes()), Duration::from_secs(60)).unwrap()
    }

    /// The comparison as a drawing: tag, line of A, line of B; `{…}` around marks.
    fn drawn(comparison: &mut TextComparison) -> String {
        let window = comparison.window(0..MOST_WINDOW, 0..MOST_WINDOW);
        let line = |line: &TextLine| {
            let units: Vec<u16> = line.text.encode_utf16().collect();
            let (mut text, mut at) = (String::new(), 0);
            for pair in line.marks.chunks(2) {
                let (start, end) = (pair[0] as usize, pair[1] as usize);
                text += &String::from_utf16(&units[at..start]).unwrap();
                text += &format!("{{{}}}", String::from_utf16(&units[start..end]).unwrap());
                at = end;
            }
            text + &String::from_utf16(&units[at..]).unwrap()
        };
        let mut drawing = String::new();
        for op in &comparison.ops {
            for step in 0..op.left_count.max(op.right_count) {
                let left = || line(&window.left[op.left + step]);
                let right = || line(&window.right[op.right + step]);
                drawing += &match op.tag {
                    Tag::Equal => format!("= {}\n", left()),
                    Tag::Removed => format!("- {}\n", left()),
                    Tag::Added => format!("+ {}\n", right()),
                    Tag::Changed => format!("~ {} | {}\n", left(), right()),
                };
            }
        }
        drawing
    }

    fn check(left: &str, right: &str, expected: &str) {
        assert_eq!(drawn(&mut compare(left, right)), expected, "{left:?} {right:?}");
    }

    #[test]
    fn lines_and_words_are_compared() {
        check(
            "one\nlet count = 1;\nthree\nfour\n",
            "one\nlet count = 2;\nthree\nnew\nfour\n",
            "= one\n~ let count = {1}; | let count = {2};\n= three\n+ new\n= four\n",
        );
        check("a\n", "a\n", "= a\n");
        check("", "a\n", "+ a\n");
        check("", "", "");
    }

    #[test]
    fn a_changed_line_is_paired_with_its_new_version() {
        check(
            "fn alpha(first: u8)\nfn beta(second: u8)\n",
            "/// A doc line.\n/// Another one.\nfn beta(second: u16)\nlast\n",
            "~ fn alpha(first: u8) | /// A doc line.\n+ /// Another one.\n~ fn beta(second: {u8}) | fn beta(second: {u16})\n+ last\n",
        );
        check("same words here\n", "nothing alike\n", "~ same words here | nothing alike\n");
    }

    #[test]
    fn a_line_whose_end_alone_differs_is_changed_without_marks() {
        let mut comparison = compare("a\nb\n", "a\r\nb");
        assert_eq!(drawn(&mut comparison), "~ a | a\n~ b | b\n");
        let window = comparison.window(0..9, 0..9);
        let ends = |lines: &[TextLine]| lines.iter().map(|line| line.end.clone()).collect::<Vec<_>>();
        assert_eq!(
            (ends(&window.left), ends(&window.right)),
            (vec!["lf".to_owned(), "lf".to_owned()], vec!["crlf".to_owned(), "none".to_owned()])
        );
    }

    #[test]
    fn insertions_are_whole_blocks() {
        check(
            "fn a() {\n    x();\n}\n\nfn c() {\n    z();\n}\n",
            "fn a() {\n    x();\n}\n\nfn b() {\n    y();\n}\n\nfn c() {\n    z();\n}\n",
            "= fn a() {\n=     x();\n= }\n= \n+ fn b() {\n+     y();\n+ }\n+ \n= fn c() {\n=     z();\n= }\n",
        );
        check(
            "for (;;) {\n  a();\n  end();\n}\n",
            "for (;;) {\n  a();\n  end();\n}\nfor (;;) {\n  b();\n  end();\n}\n",
            "= for (;;) {\n=   a();\n=   end();\n= }\n+ for (;;) {\n+   b();\n+   end();\n+ }\n",
        );
    }

    #[test]
    fn a_missing_side_is_all_added_or_removed() {
        let comparison = TextComparison::new(None, Some(b"a\nb"), Duration::from_secs(60)).unwrap();
        assert_eq!(
            comparison.shape(),
            TextShape {
                encoding: Sides { left: None, right: Some("UTF-8".to_owned()) },
                lines: Sides { left: 0, right: 2 },
                ops: vec![2, 0, 0, 0, 2],
                added: 2,
                ..TextShape::default()
            }
        );
        assert!(TextComparison::new(None, None, Duration::ZERO).is_none());
        assert!(TextComparison::new(None, Some(b"\0"), Duration::ZERO).is_none());
    }

    #[test]
    fn two_different_invalid_bytes_differ() {
        let (left, right) = (b"some text \xff here\n", b"some text \xfe here\n");
        let mut comparison = TextComparison::new(Some(left), Some(right), Duration::from_secs(60)).unwrap();
        assert_eq!(drawn(&mut comparison), "~ some text {\\xff} here | some text {\\xfe} here\n");
    }

    #[test]
    fn line_ends_changed_everywhere_still_pair_line_by_line() {
        let left: String = (0..3000).map(|line| format!("line {line} of many\n")).collect();
        let right = left.replace('\n', "\r\n").replacen("line 1500 ", "inserted\r\nline 1500 ", 1);
        let shape = compare(&left, &right).shape();
        assert_eq!(shape.ops, [3, 0, 1500, 0, 1500, 2, 1500, 0, 1500, 1, 3, 1500, 1500, 1501, 1500]);
    }

    #[test]
    fn windows_joined_are_the_whole() {
        let mut random = Random(11);
        let words = ["alpha", "beta", "gamma(1)", "", "  }", "\u{200b}x"];
        let mut text = || {
            let ends = ["\n", "\n", "\r\n", "\r"];
            (0..random.below(60))
                .map(|_| format!("{} {}{}", words[random.below(6)], words[random.below(6)], ends[random.below(4)]))
                .collect::<String>()
        };
        for _ in 0..200 {
            let (left, right) = (text(), text());
            let mut comparison = compare(&left, &right);
            let shape = comparison.shape();
            let whole = comparison.window(0..u32::MAX, 0..u32::MAX);
            let mut joined = TextWindow::default();
            for start in (0..60).step_by(7) {
                let part = comparison.window(start..start + 7, start..start + 7);
                joined.left.extend(part.left);
                joined.right.extend(part.right);
            }
            assert_eq!(joined, whole);
            assert_eq!((whole.left.len(), whole.right.len()), (shape.lines.left as usize, shape.lines.right as usize));
            // Ops cover both sides without gaps, and what they call equal is equal and the rest is not.
            let (mut at_left, mut at_right) = (0, 0);
            for op in &comparison.ops {
                assert_eq!((op.left, op.right), (at_left, at_right));
                (at_left, at_right) = (op.left_end(), op.right_end());
                for step in 0..op.left_count.min(op.right_count) {
                    let same =
                        comparison.lines.left.line(op.left + step) == comparison.lines.right.line(op.right + step);
                    assert_eq!(same, op.tag == Tag::Equal);
                }
            }
            assert_eq!((at_left, at_right), (whole.left.len(), whole.right.len()));
        }
    }

    #[test]
    fn a_minified_file_shows_only_what_was_touched() {
        let mut random = Random(13);
        let mut script = String::new();
        while script.len() < 5_000_000 {
            let (a, b, c) = (random.below(5000), random.below(90), random.below(5000));
            script += &match random.below(4) {
                0 => format!("function f{a}(a,b){{return a+{b}*f{c}(b)}}"),
                1 => format!("var v{a}={b},w{c}=\"text {a}\";"),
                2 => format!("x{a}.push([{a},{b},{c}]),"),
                _ => format!("if(v{a}>{b}){{f{c}({a},{b})}}"),
            };
        }
        for at in [0, script.len() / 2, script.len()] {
            let mut changed = script.clone();
            changed.insert_str(at, "alert(\"inserted\");");
            let mut comparison = compare(&script, &changed);
            let shape = comparison.shape();
            assert!(shape.reflowed && !shape.approximate);
            assert!(shape.added <= 4 && shape.removed <= 3, "{} {}", shape.added, shape.removed);
            let window = comparison.window(0..3, 0..2);
            assert_eq!(window.left.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 0, 0]);
            assert!(window.left.iter().all(|line| line.text.len() <= 200 && line.end == "none"));
        }
    }

    fn read(left: &str, right: &str, name: &str, reformatted: bool) -> TextComparison {
        let language = crate::syntax::recognise(name.as_bytes(), left.as_bytes());
        let manner = Manner { languages: Sides { left: language, right: language }, reformatted };
        let contents = Sides { left: Some(left.as_bytes()), right: Some(right.as_bytes()) };
        TextComparison::to_read(contents, manner, Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn tokens_are_offsets_into_what_is_shown() {
        let text = "/* a\n\u{202e}\u{1f600} */ x = '\u{1}b' // c\n";
        let line = read(text, text, "a.js", false).window(0..0, 1..2).right.remove(0);
        assert_eq!(line.text, "\\u{202e}\u{1f600} */ x = '\\u{1}b' // c");
        let units: Vec<u16> = line.text.encode_utf16().collect();
        let part = |from: u32, to: u32| String::from_utf16(&units[from as usize..to as usize]).unwrap();
        let drawn: Vec<_> = line.tokens.chunks(3).map(|token| (token[0], part(token[1], token[2]))).collect();
        let token = |kind, text: &str| (kind, text.to_owned());
        assert_eq!(drawn, [token(0, "\\u{202e}\u{1f600} */"), token(1, "'\\u{1}b'"), token(0, "// c")]);
        assert!(read(text, text, "a.txt", false).window(0..2, 0..2).left.iter().all(|line| line.tokens.is_empty()));
    }

    #[test]
    fn colours_go_on_through_the_pieces_of_a_cut_line() {
        let long = format!("a('{};{}') // b", "x;".repeat(1500), "y".repeat(500));
        let mut comparison = read(&long, &long, "a.js", false);
        assert!(comparison.shape().reflowed);
        let window = comparison.window(0..MOST_WINDOW, 0..0).left;
        assert!(window.len() > 10);
        let strings = window.iter().filter(|line| line.tokens == [1, 0, number(line.text.len())]).count();
        assert!(strings >= window.len() - 2, "{window:?}");
        assert_eq!(window.last().map(|line| line.tokens.len()), Some(6));
    }

    #[test]
    fn a_text_that_is_too_long_has_no_colours_and_says_so() {
        let long = "a = 1;\n".repeat(syntax::MOST_BYTES / 7 + 1);
        let mut comparison = read("a = 1;\n", &long, "a.js", false);
        assert!(comparison.shape().colourless);
        let window = comparison.window(0..1, 0..1);
        assert!(!window.left[0].tokens.is_empty() && window.right[0].tokens.is_empty());
        assert!(!read("a = 1;\n", &long, "a.txt", false).shape().colourless);
    }

    #[test]
    fn reformatted_lines_are_pieces_of_the_lines_and_nothing_else() {
        let head = "var a='b;c',";
        let body = "d=function(){e();f({g:1})};".repeat(30);
        let (left, right) = (format!("//!\n{head}{body}end()\n"), format!("//!\n{head}{body}end(1)\r\n"));
        let mut comparison = read(&left, &right, "a.js", true);
        let shape = comparison.shape();
        assert!(shape.breakable && shape.reformatted && !shape.reflowed);
        assert_eq!((shape.added, shape.removed), (1, 1));
        let window = comparison.window(0..MOST_WINDOW, 0..MOST_WINDOW);
        for (lines, text) in [(&window.left, &left), (&window.right, &right)] {
            let put_together: String = lines.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(put_together, text.replace(['\r', '\n'], ""));
            assert!(lines.iter().skip(2).all(|line| line.number == 0));
            assert!(lines[1..lines.len() - 1].iter().all(|line| line.end == "none"));
        }
        assert_eq!(window.left[3].depth, 1);
        assert_eq!(window.right.last().map(|line| (line.end.as_str(), line.marks.is_empty())), Some(("crlf", false)));
        // As it is, without being asked; and where nothing is to be gained.
        let shape = read(&left, &right, "a.js", false).shape();
        assert!(shape.breakable && !shape.reformatted);
        for (text, name) in [(left.as_str(), "a.txt"), (left.as_str(), "a.py"), ("a;b\n", "a.js")] {
            let shape = read(text, text, name, true).shape();
            assert!(!shape.breakable && !shape.reformatted, "{name}");
        }
    }

    #[test]
    fn a_line_break_that_one_side_has_differs_from_one_that_was_added() {
        let line = "a={b:1};".repeat(100);
        let (left, right) = (format!("{line}c()\n"), format!("{line}\nc()\n"));
        let shape = read(&left, &right, "a.js", true).shape();
        assert!(shape.reformatted && shape.added + shape.removed > 0);
    }

    #[test]
    fn every_token_is_placed_whatever_is_escaped() {
        let parts =
            ["\"", "'", "`", "\\", "/*", "*/", "//", "1", "if", "{", "ü", "\u{1f600}", "\u{202e}", "\u{1}", " ", "\t"];
        let language = crate::syntax::recognise(b"a.js", b"").unwrap();
        let mut random = Random(3);
        let mut state = syntax::State::default();
        for _ in 0..3000 {
            let mut line: Vec<u8> =
                (0..random.below(9)).flat_map(|_| parts[random.below(parts.len())].bytes()).collect();
            if random.below(3) == 0 {
                line.push(0xff);
            }
            let tokens = syntax::tokens(language, &mut state, &line, false);
            let found = placed(&line, &tokens, MOST_UNITS);
            assert_eq!(found.len(), 3 * tokens.len(), "{}", line.escape_ascii());
            let end = number(show(&line, &[], Backslash::Stays, MOST_UNITS).text.encode_utf16().count());
            let places: Vec<u32> = found.chunks(3).flat_map(|token| [token[1], token[2]]).collect();
            assert!(places.is_sorted() && places.last().is_none_or(|last| *last <= end), "{}", line.escape_ascii());
        }
    }
}
