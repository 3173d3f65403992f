//! A line as text that can be shown: escaped, with offsets in UTF-16 units, which is how a page counts.

use std::fmt::Write as _;
use std::ops::Range;

use crate::compare::number;
use crate::display::is_hidden;
use crate::syntax::Token;

/// A line shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Shown {
    /// The text, escaped.
    pub(super) text: String,
    /// Pairs of offsets: the ranges asked for.
    pub(super) marks: Vec<u32>,
    /// Pairs of offsets: what is an escape.
    pub(super) escapes: Vec<u32>,
    /// Units left out at the end.
    pub(super) cut: u32,
}

/// What becomes of a backslash.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Backslash {
    /// It stays: [`Shown::escapes`] tells which ones are ours.
    Stays,
    /// It is doubled where it could be taken for the beginning of an escape: before `u{`, `x80` to `xff` and an escape.
    Doubled,
}

/// Shows a line. `ranges` are byte ranges, ascending. Only a tab stays unescaped among the hidden characters.
pub(super) fn show(line: &[u8], ranges: &[Range<usize>], backslash: Backslash, most: u32) -> Shown {
    let mut writer = Writer {
        line,
        shown: Shown::default(),
        unit: 0,
        most,
        position: 0,
        ranges,
        begun: None,
        waiting: 0,
        backslash,
    };
    for chunk in line.utf8_chunks() {
        for character in chunk.valid().chars() {
            writer.character(character);
        }
        for &byte in chunk.invalid() {
            writer.escape(1, &format!("\\x{byte:02x}"));
        }
    }
    writer.finish()
}

/// Tokens of a line as numbers, three each: kind, and offsets into the line as [`show`] shows it.
pub(super) fn placed(line: &[u8], tokens: &[Token], most: u32) -> Vec<u32> {
    let mut placed = Vec::with_capacity(3 * tokens.len());
    // They are apart, so that each gives one pair; what was cut off has none, and it is the last.
    let ranges: Vec<_> = tokens.iter().map(|token| token.range.clone()).collect();
    let shown = show(line, &ranges, Backslash::Stays, most);
    for (token, pair) in tokens.iter().zip(shown.marks.chunks_exact(2)) {
        placed.push(token.kind as u32);
        placed.extend(pair);
    }
    placed
}

struct Writer<'given> {
    line: &'given [u8],
    shown: Shown,
    /// Units so far, cut ones included.
    unit: u32,
    most: u32,
    /// Bytes so far.
    position: usize,
    ranges: &'given [Range<usize>],
    /// Unit at which the current range began.
    begun: Option<u32>,
    /// Backslashes read, of which it is not known yet whether they are to be doubled.
    waiting: usize,
    backslash: Backslash,
}

impl Writer<'_> {
    fn character(&mut self, character: char) {
        if is_hidden(character) && character != '\t' {
            self.escape(character.len_utf8(), &format!("\\u{{{:x}}}", u32::from(character)));
        } else if character == '\\' && self.backslash == Backslash::Doubled {
            self.waiting += 1;
            self.plain(1, "\\");
        } else {
            self.release(matches!(character, 'u' | 'x') && self.is_like_escape());
            self.plain(character.len_utf8(), character.encode_utf8(&mut [0; 4]));
        }
    }

    fn escape(&mut self, bytes: usize, text: &str) {
        self.release(true);
        let start = self.unit;
        self.plain(bytes, text);
        if self.unit <= self.most {
            self.shown.escapes.extend([start, self.unit]);
        }
    }

    /// Whether what comes next would be an escape of ours if a backslash were before it.
    fn is_like_escape(&self) -> bool {
        match self.line.get(self.position..).unwrap_or(&[]) {
            [b'u', b'{', ..] => true,
            [b'x', high, low, ..] => matches!(high, b'8' | b'9' | b'a'..=b'f') && low.is_ascii_hexdigit(),
            _ => false,
        }
    }

    /// Doubles the backslashes just written, or leaves them.
    fn release(&mut self, double: bool) {
        let waiting = std::mem::take(&mut self.waiting);
        if double {
            for _ in 0..waiting {
                self.write("\\");
            }
        }
    }

    fn plain(&mut self, bytes: usize, text: &str) {
        self.open_and_close();
        self.write(text);
        self.position += bytes;
    }

    fn write(&mut self, text: &str) {
        let units = number(text.encode_utf16().count());
        if self.shown.cut == 0 && self.unit + units <= self.most {
            let _ = self.shown.text.write_str(text);
        } else {
            self.shown.cut += units;
        }
        self.unit += units;
    }

    /// Begins and ends ranges at the current position.
    fn open_and_close(&mut self) {
        loop {
            let Some(range) = self.ranges.first() else { return };
            let begun = match self.begun {
                Some(begun) => begun,
                None if range.start <= self.position => self.unit,
                None => return,
            };
            if range.end > self.position {
                self.begun = Some(begun);
                return;
            }
            let end = self.unit - self.shown.cut;
            if begun < end {
                self.shown.marks.extend([begun, end]);
            }
            self.begun = None;
            self.ranges = self.ranges.get(1..).unwrap_or(&[]);
        }
    }

    fn finish(mut self) -> Shown {
        self.release(false);
        self.position = usize::MAX;
        self.open_and_close();
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(shown: &Shown, pairs: &[u32]) -> Vec<String> {
        let text: Vec<u16> = shown.text.encode_utf16().collect();
        pairs.chunks(2).map(|pair| String::from_utf16(&text[pair[0] as usize..pair[1] as usize]).unwrap()).collect()
    }

    #[test]
    fn hidden_things_are_escaped_and_marks_follow() {
        let line = "a\u{202e}b\t😀 tail \\n".as_bytes();
        let shown = show(line, &[1..4, 6..10, 11..15], Backslash::Stays, 100);
        assert_eq!(shown.text, "a\\u{202e}b\t😀 tail \\n");
        assert_eq!(units(&shown, &shown.marks), ["\\u{202e}", "😀", "tail"]);
        assert_eq!(units(&shown, &shown.escapes), ["\\u{202e}"]);
        assert_eq!(shown.cut, 0);
    }

    #[test]
    fn invalid_bytes_stay_apart() {
        let shown = show(b"a\xff\xfe", &[1..2, 3..3], Backslash::Stays, 100);
        assert_eq!((shown.text.as_str(), shown.marks.as_slice()), ("a\\xff\\xfe", &[1, 5][..]));
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let shown = show("0123456789".as_bytes(), &[2..4, 7..10], Backslash::Stays, 8);
        assert_eq!((shown.text.as_str(), shown.cut), ("01234567", 2));
        assert_eq!(units(&shown, &shown.marks), ["23", "7"]);
        let shown = show("01234567\u{0}9".as_bytes(), &[], Backslash::Stays, 10);
        assert_eq!((shown.text.as_str(), shown.cut, shown.escapes.len()), ("01234567", 6, 0));
    }

    #[test]
    fn doubled_backslashes_keep_texts_apart() {
        let plain = |text: &[u8]| show(text, &[], Backslash::Doubled, 100).text;
        assert_eq!(plain(b"a\\nb \\\\ C:\\dir"), "a\\nb \\\\ C:\\dir");
        assert_eq!(plain("\u{202e}".as_bytes()), "\\u{202e}");
        assert_eq!(plain(b"\\u{202e}"), "\\\\u{202e}");
        assert_eq!(plain("\\\u{202e}".as_bytes()), "\\\\\\u{202e}");
        assert_eq!(plain(b"\\xff \\x1b"), "\\\\xff \\x1b");
        assert_eq!(plain(b"\xff"), "\\xff");
    }
}
