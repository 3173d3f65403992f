//! Scalars: plain, quoted, and blocks.

use super::scan::{Kind, Scanner};
use super::{Error, Style};

/// White space inside a scalar, until it is known what it becomes.
#[derive(Default)]
struct Space {
    /// Blanks on the line of the text.
    blanks: String,
    /// The first line break.
    first: String,
    /// The line breaks after it.
    others: String,
}

impl Space {
    /// Writes what the space folds to: one line break is a space, several are one less.
    fn fold(&mut self, broken: bool, into: &mut String) {
        if !broken {
            into.push_str(&self.blanks);
        } else if self.first.starts_with('\n') {
            into.push_str(if self.others.is_empty() { " " } else { &self.others });
        } else {
            into.push_str(&self.first);
            into.push_str(&self.others);
        }
        self.blanks.clear();
        if broken {
            self.first.clear();
            self.others.clear();
        }
    }
}

impl Scanner<'_> {
    /// Reads a scalar without quotes, and whether it ended on a later line than its last word.
    pub(super) fn scan_plain(&mut self) -> Result<(Kind, bool), Error> {
        let start = self.mark;
        let indent = self.indent.map_or(0, |indent| indent.saturating_add(1));
        let mut text = String::new();
        let mut space = Space::default();
        let mut broken = false;
        while !self.is_document_marker() && self.byte(0) != b'#' {
            while !self.is_word_end(0) && !self.ends_plain() {
                if broken || !space.blanks.is_empty() {
                    space.fold(broken, &mut text);
                    broken = false;
                }
                self.read(&mut text);
            }
            if !self.is_blank(0) && !self.is_break(0) {
                break;
            }
            while self.is_blank(0) || self.is_break(0) {
                if broken && self.mark.column < indent && self.byte(0) == b'\t' {
                    return Err(self.error(start, "a tab as indentation in a plain scalar"));
                }
                self.read_space(&mut space, &mut broken);
            }
            if self.flow == 0 && self.mark.column < indent {
                break;
            }
        }
        Ok((Kind::Scalar { text, style: Style::Plain }, broken))
    }

    fn ends_plain(&self) -> bool {
        match self.byte(0) {
            b':' => self.is_word_end(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow > 0,
            _ => false,
        }
    }

    fn read_space(&mut self, space: &mut Space, broken: &mut bool) {
        match (self.is_blank(0), *broken) {
            (true, false) => self.read(&mut space.blanks),
            (true, true) => self.skip(),
            (false, false) => {
                space.blanks.clear();
                self.read_line(&mut space.first);
                *broken = true;
            }
            (false, true) => self.read_line(&mut space.others),
        }
    }

    /// Reads a scalar in quotes.
    pub(super) fn scan_quoted(&mut self) -> Result<Kind, Error> {
        let start = self.mark;
        let quote = self.byte(0);
        let single = quote == b'\'';
        self.skip();
        let mut text = String::new();
        let mut space = Space::default();
        loop {
            if self.is_document_marker() {
                return Err(self.error(start, "a document ends inside quotes"));
            }
            if self.byte(0) == 0 {
                return Err(self.error(start, "quotes that do not end"));
            }
            let mut broken = false;
            while !self.is_word_end(0) {
                match self.byte(0) {
                    b'\'' if single && self.byte(1) == b'\'' => {
                        text.push('\'');
                        self.skip_many(2);
                    }
                    byte if byte == quote => break,
                    b'\\' if !single && self.is_break(1) => {
                        self.skip();
                        self.skip_line();
                        broken = true;
                        break;
                    }
                    b'\\' if !single => self.scan_escape(&mut text)?,
                    _ => self.read(&mut text),
                }
            }
            if self.byte(0) == quote {
                break;
            }
            while self.is_blank(0) || self.is_break(0) {
                self.read_space(&mut space, &mut broken);
            }
            space.fold(broken, &mut text);
        }
        self.skip();
        Ok(Kind::Scalar { text, style: if single { Style::SingleQuoted } else { Style::DoubleQuoted } })
    }

    fn scan_escape(&mut self, text: &mut String) -> Result<(), Error> {
        let start = self.mark;
        let char = match self.byte(1) {
            b'0' => '\0',
            b'a' => '\u{07}',
            b'b' => '\u{08}',
            b't' | b'\t' => '\t',
            b'n' => '\n',
            b'v' => '\u{0B}',
            b'f' => '\u{0C}',
            b'r' => '\r',
            b'e' => '\u{1B}',
            byte @ (b' ' | b'"' | b'\'' | b'\\') => char::from(byte),
            b'N' => '\u{85}',
            b'_' => '\u{A0}',
            b'L' => '\u{2028}',
            b'P' => '\u{2029}',
            b'x' => return self.scan_code(2, text),
            b'u' => return self.scan_code(4, text),
            b'U' => return self.scan_code(8, text),
            _ => return Err(self.error(start, "an unknown escape")),
        };
        text.push(char);
        self.skip_many(2);
        Ok(())
    }

    fn scan_code(&mut self, digits: usize, text: &mut String) -> Result<(), Error> {
        let start = self.mark;
        self.skip_many(2);
        let mut code: u32 = 0;
        for _ in 0..digits {
            let Some(digit) = char::from(self.byte(0)).to_digit(16) else {
                return Err(self.error(start, "an escape without its hexadecimal digits"));
            };
            // Eight digits fill the number.
            code = code << 4 | digit;
            self.skip();
        }
        match char::from_u32(code) {
            Some(char) => text.push(char),
            None => return Err(self.error(start, "an escape that is no Unicode character")),
        }
        Ok(())
    }

    /// Reads a scalar after `|` or `>`.
    pub(super) fn scan_block_scalar(&mut self) -> Result<Kind, Error> {
        let start = self.mark;
        let literal = self.byte(0) == b'|';
        self.skip();
        let (chomp, increment) = self.scan_block_header()?;
        while self.is_blank(0) {
            self.skip();
        }
        if self.byte(0) == b'#' {
            self.scan_line_comment(start);
        }
        if !self.is_line_end(0) {
            return Err(self.error(start, "neither a comment nor a line break after the indicators of a block"));
        }
        self.skip_line();

        let mut indent = increment.map(|increment| self.indent.unwrap_or(0).saturating_add(increment));
        let mut text = String::new();
        let (mut first, mut others) = (String::new(), String::new());
        self.scan_block_breaks(&mut indent, &mut others)?;
        let mut was_blank = false;
        while Some(self.mark.column) == indent && self.byte(0) != 0 {
            let is_blank = self.is_blank(0);
            if !literal && first.starts_with('\n') && !was_blank && !is_blank {
                if others.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&first);
            }
            first.clear();
            text.push_str(&others);
            others.clear();
            was_blank = is_blank;
            while !self.is_line_end(0) {
                self.read(&mut text);
            }
            self.read_line(&mut first);
            self.scan_block_breaks(&mut indent, &mut others)?;
        }
        if chomp != Some(b'-') {
            text.push_str(&first);
        }
        if chomp == Some(b'+') {
            text.push_str(&others);
        }
        Ok(Kind::Scalar { text, style: if literal { Style::Literal } else { Style::Folded } })
    }

    /// The chomping indicator and the indentation indicator, in either order.
    fn scan_block_header(&mut self) -> Result<(Option<u8>, Option<usize>), Error> {
        let (mut chomp, mut increment) = (None, None);
        for _ in 0..2 {
            match self.byte(0) {
                byte @ (b'+' | b'-') if chomp.is_none() => chomp = Some(byte),
                b'0' if increment.is_none() => {
                    return Err(self.error(self.mark, "an indentation indicator of 0"));
                }
                byte @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(byte - b'0')),
                _ => break,
            }
            self.skip();
        }
        Ok((chomp, increment))
    }

    /// Passes indentation and empty lines; the first line with text decides the indentation where it is not yet known.
    fn scan_block_breaks(&mut self, indent: &mut Option<usize>, breaks: &mut String) -> Result<(), Error> {
        let mut deepest = 0;
        loop {
            let is_inside = |column: usize| indent.is_none_or(|indent| column < indent);
            while is_inside(self.mark.column) && self.byte(0) == b' ' {
                self.skip();
            }
            deepest = deepest.max(self.mark.column);
            if is_inside(self.mark.column) && self.byte(0) == b'\t' {
                return Err(self.error(self.mark, "a tab as indentation in a block"));
            }
            if !self.is_break(0) {
                break;
            }
            self.read_line(breaks);
        }
        if indent.is_none() {
            let least = self.indent.map_or(0, |indent| indent.saturating_add(1)).max(1);
            *indent = Some(deepest.max(least));
        }
        Ok(())
    }
}
