//! A text as lines: where each begins, what ends it, and equal lines under equal numbers.

use std::hash::DefaultHasher;
use std::hash::Hasher as _;

use crate::artifact::Sides;
use crate::compare::encoding::Decoded;
use crate::compare::{number, reflow};
use crate::syntax::Language;
use crate::syntax::reformat::{self, Breaker};

/// Lines of one text that are looked at; the rest is not shown. Bounds the tables for a file of empty lines.
const MOST_LINES: usize = 2_000_000;

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Lf,
    CrLf,
    Cr,
    /// The end of the file, or of a piece of a long line.
    None,
}

impl End {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Lf => "lf",
            Self::CrLf => "crlf",
            Self::Cr => "cr",
            Self::None => "none",
        }
    }
}

/// One text.
#[derive(Debug, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    /// Where each line begins, and the end of the last.
    starts: Vec<u32>,
    /// Line number in the file for each piece, 0 for continuations; empty when no line was cut.
    numbers: Vec<u32>,
    /// How deep each piece of a reformatted text stands; empty for every other one.
    depths: Vec<u32>,
    /// Whether the text went on.
    pub(super) truncated: bool,
}

impl Lines {
    /// Both texts as lines.
    pub(super) fn of_sides(sides: Sides<Option<Decoded>>) -> Sides<Self> {
        sides.map(|text| text.map_or_else(Self::default, Self::new))
    }

    /// Cuts the long lines of both texts, if either has some; also whether it has.
    pub(super) fn reflow_sides(lines: &mut Sides<Self>) -> bool {
        let reflowed = lines.left.has_longer(reflow::LONG) || lines.right.has_longer(reflow::LONG);
        if reflowed {
            lines.left.reflow();
            lines.right.reflow();
        }
        reflowed
    }

    /// Whether [`Self::reformat`] is of use for a text in this language.
    pub(super) fn is_breakable(&self, language: &'static Language) -> bool {
        self.bytes.len() <= reformat::MOST_BYTES && self.has_longer(reformat::LONG) && Breaker::new(language).is_some()
    }

    /// Breaks long lines where their language has statements, blocks and members; pieces become lines.
    pub(super) fn reformat(&mut self, language: &'static Language) {
        let Some(mut breaker) = Breaker::new(language) else { return };
        self.cut(|line, _| breaker.line(line).into_iter().map(|piece| (piece.start, number(piece.depth))).collect());
    }

    fn new(text: Decoded) -> Self {
        let mut lines = Self {
            bytes: text.bytes,
            starts: vec![0],
            numbers: Vec::new(),
            depths: Vec::new(),
            truncated: text.truncated,
        };
        let mut bytes = lines.bytes.iter().enumerate().peekable();
        while let Some((index, &byte)) = bytes.next() {
            let end = match byte {
                b'\n' => index + 1,
                b'\r' => index + 1 + usize::from(bytes.next_if(|(_, next)| **next == b'\n').is_some()),
                _ => continue,
            };
            lines.starts.push(number(end));
            if lines.starts.len() > MOST_LINES {
                break;
            }
        }
        let length = number(lines.bytes.len());
        if lines.starts.len() > MOST_LINES {
            lines.truncated |= lines.starts.last() < Some(&length);
        } else if lines.starts.last() < Some(&length) {
            lines.starts.push(length);
        }
        lines
    }

    /// Bytes as lines that a newline ends and nothing else, none of them cut: what `patch` takes for lines.
    pub(super) fn by_newline(bytes: &[u8]) -> Self {
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| number(at + 1));
        let mut starts: Vec<u32> = [0].into_iter().chain(ends).collect();
        let length = number(bytes.len());
        if starts.last() < Some(&length) {
            starts.push(length);
        }
        Self { bytes: bytes.to_vec(), starts, numbers: Vec::new(), depths: Vec::new(), truncated: false }
    }

    /// Number of lines.
    pub(super) fn count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The line that has a byte of the text; `None` beyond the last.
    pub(super) fn at(&self, offset: usize) -> Option<usize> {
        let next = self.starts.partition_point(|start| *start as usize <= offset);
        (next < self.starts.len()).then(|| next.saturating_sub(1))
    }

    /// A line with its end; empty if there is no such line.
    pub(super) fn line(&self, index: usize) -> &[u8] {
        match self.starts.get(index..).unwrap_or(&[]) {
            [start, end, ..] => self.bytes.get(*start as usize..*end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// All the bytes of some lines.
    pub(super) fn all(&self) -> &[u8] {
        let end = self.starts.last().copied().unwrap_or(0) as usize;
        self.bytes.get(..end).unwrap_or(&[])
    }

    /// A line without its end, and the end.
    pub(super) fn parts(&self, index: usize) -> (&[u8], End) {
        let line = self.line(index);
        if let Some(text) = line.strip_suffix(b"\r\n") {
            (text, End::CrLf)
        } else if let Some(text) = line.strip_suffix(b"\n") {
            (text, End::Lf)
        } else if let Some(text) = line.strip_suffix(b"\r") {
            (text, End::Cr)
        } else {
            (line, End::None)
        }
    }

    /// Line number in the file, from 1; 0 for the continuation of a cut line.
    pub(super) fn number(&self, index: usize) -> u32 {
        self.numbers.get(index).copied().unwrap_or_else(|| number(index + 1))
    }

    /// How deep a piece of a reformatted text stands.
    pub(super) fn depth(&self, index: usize) -> u32 {
        self.depths.get(index).copied().unwrap_or(0)
    }

    /// Bytes of the whole text.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
    }

    fn has_longer(&self, most: usize) -> bool {
        self.starts.windows(2).any(|pair| matches!(pair, [start, end] if (end - start) as usize > most))
    }

    /// Cuts long lines; pieces become lines.
    fn reflow(&mut self) {
        self.cut(|line, depth| {
            let cuts = if line.len() > reflow::CUT_ABOVE { reflow::cuts(line) } else { Vec::new() };
            [0].into_iter().chain(cuts).map(|start| (start, depth)).collect()
        });
    }

    /// Cuts every line, given without its end and with its depth, into pieces: where each begins, and its depth.
    fn cut(&mut self, mut pieces: impl FnMut(&[u8], u32) -> Vec<(usize, u32)>) {
        let (mut starts, mut numbers) = (Vec::with_capacity(self.starts.len()), Vec::new());
        let mut depths = Vec::new();
        let mut end = self.starts.last().copied();
        for index in 0..self.count() {
            let start = self.starts.get(index).copied().unwrap_or(0);
            let (text, _) = self.parts(index);
            let mut line = self.number(index);
            for (at, depth) in pieces(text, self.depth(index)) {
                starts.push(start + number(at));
                numbers.push(std::mem::take(&mut line));
                depths.push(depth);
            }
            if starts.len() >= MOST_LINES {
                self.truncated |= index + 1 < self.count();
                end = self.starts.get(index + 1).copied();
                break;
            }
        }
        starts.extend(end);
        (self.starts, self.numbers, self.depths) = (starts, numbers, depths);
    }
}

/// Lines that both texts have at their beginning, and then at their end.
pub(super) fn common_ends(lines: &Sides<Lines>) -> (usize, usize) {
    let (left, right) = (&lines.left, &lines.right);
    let most = left.count().min(right.count());
    let prefix = (0..most).take_while(|&index| left.line(index) == right.line(index)).count();
    let suffix = (1..=most - prefix)
        .take_while(|back| left.line(left.count() - back) == right.line(right.count() - back))
        .count();
    (prefix, suffix)
}

/// Numbers for the lines between the common ends: equal lines of either side, and only they, have equal numbers,
/// counted from 0 in the order they are first met.
pub(super) fn intern(lines: &Sides<Lines>, prefix: usize, suffix: usize) -> Sides<Vec<u32>> {
    let counts = lines.as_ref().map(|side| side.count() - prefix - suffix);
    let slots = (counts.left + counts.right).saturating_mul(2).next_power_of_two().max(2);
    // Open addressing: a slot holds the number of a line plus one. The first line with each number is its witness.
    let mut table = vec![0u32; slots];
    let mut witnesses: Vec<(bool, u32, u64)> = Vec::new();
    let mut numbers_of = |side: &Lines, count: usize, is_left: bool| -> Vec<u32> {
        let mut ids = Vec::with_capacity(count);
        for index in prefix..prefix + count {
            let line = side.line(index);
            let mut hasher = DefaultHasher::new();
            hasher.write(line);
            let hash = hasher.finish();
            let mut slot = usize::try_from(hash & (slots as u64 - 1)).unwrap_or(0);
            let id = loop {
                let Some(entry) = table.get_mut(slot) else { break 0 };
                if *entry == 0 {
                    witnesses.push((is_left, number(index), hash));
                    *entry = number(witnesses.len());
                    break *entry - 1;
                }
                let id = *entry - 1;
                let equal = witnesses.get(id as usize).is_some_and(|&(of_left, at, known)| {
                    let witness = if of_left { &lines.left } else { &lines.right };
                    known == hash && witness.line(at as usize) == line
                });
                if equal {
                    break id;
                }
                slot = (slot + 1) & (slots - 1);
            };
            ids.push(id);
        }
        ids
    };
    Sides { left: numbers_of(&lines.left, counts.left, true), right: numbers_of(&lines.right, counts.right, false) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::encoding::Encoding;

    fn lines(text: &str) -> Lines {
        Lines::new(Decoded { encoding: Encoding::Utf8, bytes: text.as_bytes().to_vec(), truncated: false })
    }

    #[test]
    fn every_line_end_is_recognised() {
        let text = lines("a\nb\r\nc\rd\r\r\n\ne");
        let parts: Vec<_> = (0..text.count()).map(|index| text.parts(index)).collect();
        let expected: [(&[u8], End); 7] = [
            (b"a", End::Lf),
            (b"b", End::CrLf),
            (b"c", End::Cr),
            (b"d", End::Cr),
            (b"", End::CrLf),
            (b"", End::Lf),
            (b"e", End::None),
        ];
        assert_eq!(parts, expected);
        assert_eq!(lines("").count(), 0);
        assert_eq!(lines("\n").count(), 1);
        assert_eq!(lines("\r").count(), 1);
    }

    #[test]
    fn equal_lines_get_equal_numbers() {
        let sides = Sides { left: lines("same\na\nb\na\nend"), right: lines("same\nb\nc\na\r\nend") };
        let (prefix, suffix) = common_ends(&sides);
        assert_eq!((prefix, suffix), (1, 1));
        assert_eq!(intern(&sides, prefix, suffix), Sides { left: vec![0, 1, 0], right: vec![1, 2, 3] });
    }
}
