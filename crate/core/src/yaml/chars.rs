//! Characters of the text, one by one: what stands ahead, and how marks move over it.

use super::scan::Scanner;

/// A place in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Byte.
    pub(super) at: usize,
    /// Number of the character, counted from 1, so that there is one before.
    pub(super) index: usize,
    /// Line, counted from 0.
    pub(super) line: usize,
    /// Characters before it on its line.
    pub(super) column: usize,
}

impl Scanner<'_> {
    /// The byte that many bytes ahead; 0 behind the end. (No text has a NUL: it is a control character.)
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.text.as_bytes().get(self.mark.at.saturating_add(ahead)).copied().unwrap_or(0)
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    /// Bytes of the line break there, 0 if there is none. CRLF counts as CR.
    fn break_width(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\r' | b'\n' => 1,
            0xC2 if self.byte(ahead.saturating_add(1)) == 0x85 => 2,
            0xE2 if self.byte(ahead.saturating_add(1)) == 0x80
                && matches!(self.byte(ahead.saturating_add(2)), 0xA8 | 0xA9) =>
            {
                3
            }
            _ => 0,
        }
    }

    pub(super) fn is_break(&self, ahead: usize) -> bool {
        self.break_width(ahead) > 0
    }

    /// Whether a line ends there, or the text.
    pub(super) fn is_line_end(&self, ahead: usize) -> bool {
        self.byte(ahead) == 0 || self.is_break(ahead)
    }

    /// Whether a word ends there.
    pub(super) fn is_word_end(&self, ahead: usize) -> bool {
        self.is_blank(ahead) || self.is_line_end(ahead)
    }

    fn width(&self) -> usize {
        match self.byte(0) {
            0..=0x7F => 1,
            0x80..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0.. => 4,
        }
    }

    /// Passes one character that is not a line break.
    pub(super) fn skip(&mut self) {
        if !self.is_blank(0) {
            self.newlines = 0;
        }
        let width = self.width();
        self.mark.at = self.mark.at.saturating_add(width);
        self.mark.index = self.mark.index.saturating_add(1);
        self.mark.column = self.mark.column.saturating_add(1);
    }

    pub(super) fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    /// Moves one character that is not a line break into a text.
    pub(super) fn read(&mut self, into: &mut String) {
        let from = self.mark.at;
        self.skip();
        into.push_str(self.text.get(from..self.mark.at).unwrap_or(""));
    }

    /// Passes a line break, if there is one.
    pub(super) fn skip_line(&mut self) {
        let width = match self.break_width(0) {
            0 => return,
            _ if self.byte(0) == b'\r' && self.byte(1) == b'\n' => {
                self.mark.index = self.mark.index.saturating_add(1);
                2
            }
            width => width,
        };
        self.mark.at = self.mark.at.saturating_add(width);
        self.mark.index = self.mark.index.saturating_add(1);
        self.mark.line = self.mark.line.saturating_add(1);
        self.mark.column = 0;
        self.newlines = self.newlines.saturating_add(1);
    }

    /// Moves a line break, if there is one, into a text: all but U+2028 and U+2029 become a line feed.
    pub(super) fn read_line(&mut self, into: &mut String) {
        let from = self.mark.at;
        match self.break_width(0) {
            0 => return,
            3 => into.push_str(self.text.get(from..from.saturating_add(3)).unwrap_or("")),
            _ => into.push('\n'),
        }
        self.skip_line();
    }

    /// Whether `---` or `...` stands alone at the start of the line.
    pub(super) fn is_document_marker(&self) -> bool {
        let first = self.byte(0);
        self.mark.column == 0
            && matches!(first, b'-' | b'.')
            && self.byte(1) == first
            && self.byte(2) == first
            && self.is_word_end(3)
    }
}
