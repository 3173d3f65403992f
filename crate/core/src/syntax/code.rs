//! The lexer of one line: what every grammar has, and the grammar of programs and settings.
//!
//! It only goes forward. What looks ahead looks over white space, over a bounded number of bytes, or to the end of the
//! line and then no second time in this line: the work grows with the length of a line and no faster.

use std::ops::Range;

use crate::syntax::state::{Before, Inside, State};
use crate::syntax::table::{At, Block, Grammar, Keys, Language, Odd};
use crate::syntax::{Kind, Token};

/// Words after which a parenthesis holds a condition, and then a statement follows.
const CONTROL: [&[u8]; 4] = [b"for", b"if", b"while", b"with"];
/// Keywords that are values: no pattern follows them.
const VALUES: [&[u8]; 9] = [b"end", b"false", b"nil", b"null", b"self", b"super", b"this", b"true", b"undefined"];
/// One line being read.
pub(super) struct Scan<'given> {
    pub(super) language: &'given Language,
    pub(super) state: &'given mut State,
    pub(super) line: &'given [u8],
    pub(super) at: usize,
    /// Whether the line goes on in what comes next.
    pub(super) continues: bool,
    pub(super) tokens: Vec<Token>,
    /// No pattern ends in the rest of this line.
    pub(super) no_pattern: bool,
    /// The line ended behind a backslash in a string.
    pub(super) escaped: bool,
}

impl<'given> Scan<'given> {
    pub(super) fn new(
        language: &'given Language,
        state: &'given mut State,
        line: &'given [u8],
        continues: bool,
    ) -> Self {
        Self { language, state, line, at: 0, continues, tokens: Vec::new(), no_pattern: false, escaped: false }
    }

    pub(super) fn run(mut self) -> Vec<Token> {
        if std::mem::take(&mut self.state.escaped) {
            self.at = self.line.len().min(1);
            self.push(0, Kind::String);
        }
        if self.state.inside == Inside::Code {
            self.first();
        }
        while self.at < self.line.len() {
            #[cfg(test)]
            tests::count();
            match std::mem::take(&mut self.state.inside) {
                Inside::Code => match self.language.grammar {
                    Grammar::Code => self.code(),
                    Grammar::Markup => self.markup(),
                    Grammar::Markdown => self.markdown(),
                },
                Inside::Line => self.rest_is(Kind::Comment, Inside::Line),
                Inside::Block(form, depth) => self.block(self.at, form, depth),
                Inside::Text(form) => self.text(self.at, form),
                Inside::Raw(close) => self.raw(self.at, close),
                Inside::Here(here) => self.here(here),
                Inside::Pattern(bracket) => self.pattern(self.at, bracket),
                Inside::Opaque(name) => self.opaque(name),
                Inside::Fence(mark, count) => self.fence(mark, count),
                Inside::Folded(indent) => self.folded(indent),
            }
        }
        self.finish();
        self.tokens
    }

    /// What the end of a line ends.
    fn finish(&mut self) {
        if self.continues {
            self.state.escaped = self.escaped;
            return;
        }
        match &self.state.inside {
            Inside::Line | Inside::Pattern(_) => self.state.inside = Inside::Code,
            Inside::Text(form) if !self.escaped && self.language.texts.get(*form).is_none_or(|text| !text.lines) => {
                self.state.inside = Inside::Code;
            }
            _ => {}
        }
        if self.state.inside == Inside::Code && !self.state.waiting.is_empty() {
            self.state.inside = Inside::Here(self.state.waiting.remove(0));
        }
    }

    pub(super) fn rest(&self) -> &'given [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    pub(super) fn slice(&self, range: Range<usize>) -> &'given [u8] {
        self.line.get(range).unwrap_or_default()
    }

    /// Makes what was read since `from` a token.
    pub(super) fn push(&mut self, from: usize, kind: Kind) {
        if from < self.at {
            self.tokens.push(Token { kind, range: from..self.at });
        }
    }

    pub(super) fn rest_is(&mut self, kind: Kind, inside: Inside) {
        let from = std::mem::replace(&mut self.at, self.line.len());
        self.push(from, kind);
        self.state.inside = inside;
    }

    pub(super) fn has(&self, odd: Odd) -> bool {
        self.language.odd.contains(&odd)
    }

    /// Whether nothing but white space stands before a place.
    pub(super) fn is_first(&self, at: usize) -> bool {
        self.slice(0..at).iter().all(u8::is_ascii_whitespace)
    }

    pub(super) fn stands(&self, condition: At) -> bool {
        match condition {
            At::Anywhere => true,
            // The text before a comment is gone through once for each, but such a language has few beginnings of one:
            // the first byte that is no white space ends the search.
            At::First => self.is_first(self.at),
            At::Apart => self.at.checked_sub(1).and_then(|at| self.line.get(at)).is_none_or(|byte| {
                byte.is_ascii_whitespace() || matches!(byte, b'[' | b'{' | b'(' | b',' | b';' | b'|' | b'&' | b'=')
            }),
        }
    }

    /// Whether the next byte that is no white space is this one, and alone.
    pub(super) fn followed_by(&self, byte: u8) -> bool {
        let rest = self.rest().trim_ascii_start();
        rest.first() == Some(&byte) && rest.get(1) != Some(&byte)
    }

    /// Whether a word or string here can be a key before a colon.
    pub(super) fn may_be_key(&self) -> bool {
        match (self.language.keys, self.state.before) {
            (Keys::Colon(after), Before::Mark(byte)) => after.contains(&byte),
            _ => false,
        }
    }

    fn code(&mut self) {
        while let Some(&byte) = self.rest().first() {
            #[cfg(test)]
            tests::count();
            if byte.is_ascii_whitespace() {
                self.at += 1;
                continue;
            }
            let opened = self.comment() || self.string(byte) || self.odd(byte);
            if !opened {
                let next = self.rest().get(1).copied().unwrap_or(b' ');
                let fraction = byte == b'.' && is_digit(next) && self.state.before != Before::Mark(b'.');
                if is_digit(byte) || (fraction && self.state.before != Before::Value) {
                    self.number();
                } else if self.begins_word(byte, next) {
                    self.word();
                } else {
                    self.mark(byte);
                }
            }
            if self.state.inside != Inside::Code {
                return;
            }
        }
        if self.language.keys == Keys::Yaml && !self.continues {
            self.fold();
        }
    }

    fn comment(&mut self) -> bool {
        let rest = self.rest();
        if self.language.comments.iter().any(|open| rest.starts_with(open.as_bytes()))
            && self.stands(self.language.comments_at)
        {
            self.rest_is(Kind::Comment, Inside::Line);
            return true;
        }
        self.block_opens()
    }

    /// Goes into a comment that can cross lines, if one begins here.
    pub(super) fn block_opens(&mut self) -> bool {
        let rest = self.rest();
        let opens = |block: &Block| rest.starts_with(block.open.as_bytes()) && (!block.first || self.at == 0);
        let Some(form) = self.language.blocks.iter().position(opens) else { return false };
        let from = self.at;
        self.at += self.language.blocks.get(form).map_or(0, |block| block.open.len());
        self.block(from, form, 1);
        true
    }

    fn block(&mut self, from: usize, form: usize, mut depth: u32) {
        let Some(block) = self.language.blocks.get(form) else { return };
        while depth > 0 && self.at < self.line.len() {
            #[cfg(test)]
            tests::count();
            let rest = self.rest();
            if block.first {
                // Only a line of its own ends it.
                if self.at == 0 && rest.starts_with(block.close.as_bytes()) {
                    depth = 0;
                }
                self.at = self.line.len();
            } else if rest.starts_with(block.close.as_bytes()) {
                depth -= 1;
                self.at += block.close.len();
            } else if block.nests && rest.starts_with(block.open.as_bytes()) {
                depth = depth.saturating_add(1);
                self.at += block.open.len();
            } else {
                self.at += 1;
            }
        }
        self.push(from, Kind::Comment);
        self.state.inside = if depth > 0 { Inside::Block(form, depth) } else { Inside::Code };
    }

    /// What only some languages have.
    fn odd(&mut self, byte: u8) -> bool {
        let from = self.at;
        let rest = self.rest();
        let next = rest.get(1).copied().unwrap_or(b' ');
        match byte {
            b'<' if self.has(Odd::HereShell) || self.has(Odd::HereRuby) => self.here_begins(),
            b'<' if self.has(Odd::Jsx) && (next == b'/' || (self.expects_value() && self.begins_word(next, b' '))) => {
                self.at += 1 + usize::from(next == b'/');
                while self.rest().first().is_some_and(|byte| self.is_word(*byte) || *byte == b'.') {
                    self.at += 1;
                }
                self.push(from, Kind::Keyword);
                self.state.before = Before::Value;
                true
            }
            b'/' if self.has(Odd::Pattern) && self.expects_value() && !self.no_pattern && next != b'>' => {
                // Ruby has commands with arguments: `render / 2` is told by its space.
                if self.has(Odd::HereRuby) && next == b' ' {
                    return false;
                }
                self.at += 1;
                let tokens = self.tokens.len();
                self.pattern(from, false);
                if self.state.inside == Inside::Code {
                    return true;
                }
                if self.continues {
                    return true;
                }
                // None ends here: it is a division after all, as is every further one of this line.
                self.tokens.truncate(tokens);
                self.at = from;
                self.state.inside = Inside::Code;
                self.no_pattern = true;
                false
            }
            b'#' if self.has(Odd::Directive) && self.is_first(from) => {
                let spaces = rest.iter().skip(1).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
                self.at += 1 + spaces;
                while self.rest().first().is_some_and(|byte| self.is_word(*byte)) {
                    self.at += 1;
                }
                self.push(from, Kind::Keyword);
                true
            }
            b'@' if self.is_word(next) || next == b'-' => {
                let Some(kind) = self.language.at else { return false };
                self.at += 1;
                while self.rest().first().is_some_and(|byte| self.is_word(*byte) || *byte == b'.') {
                    self.at += 1;
                }
                self.push(from, kind);
                self.state.before = Before::Mark(b'@');
                true
            }
            _ => false,
        }
    }

    pub(super) fn expects_value(&self) -> bool {
        match self.state.before {
            Before::Start | Before::Keyword | Before::Control => true,
            Before::Value => false,
            Before::Mark(byte) => !matches!(byte, b')' | b']' | b'}'),
        }
    }

    fn number(&mut self) {
        let from = self.at;
        let hex = self.rest().get(1).is_some_and(|byte| matches!(byte, b'x' | b'X'));
        let mut last = b' ';
        while let Some(&byte) = self.rest().first() {
            let next = self.rest().get(1).copied().unwrap_or(b' ');
            let goes_on = byte.is_ascii_alphanumeric()
                || byte == b'_'
                || (byte == b'.' && is_digit(next))
                || (byte == b'%' && !is_digit(next) && self.language.id == "css")
                || (byte == b'\'' && self.has(Odd::Cpp) && next.is_ascii_hexdigit())
                || (matches!(byte, b'+' | b'-') && matches!(last, b'e' | b'E') && !hex && is_digit(next));
            if !goes_on {
                break;
            }
            last = byte;
            self.at += 1;
        }
        self.push(from, Kind::Number);
        self.state.before = Before::Value;
    }

    pub(super) fn is_word(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 || self.language.letters.contains(&byte)
    }

    pub(super) fn begins_word(&self, byte: u8, next: u8) -> bool {
        match byte {
            b'-' => self.is_word(byte) && (next.is_ascii_alphabetic() || next == b'-'),
            b'$' => self.is_word(byte),
            _ => byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80,
        }
    }

    fn word(&mut self) {
        let from = self.at;
        while self.rest().first().is_some_and(|byte| self.is_word(*byte)) {
            self.at += 1;
        }
        let word = self.slice(from..self.at);
        let rest = self.rest();
        if (self.has(Odd::Rust) || self.has(Odd::Cpp)) && self.raw_begins(from, word) {
            return;
        }
        let is_key = match self.language.keys {
            Keys::Colon(_) => self.may_be_key() && self.followed_by(b':'),
            Keys::Assigned => rest.first() == Some(&b'=') && rest.get(1) != Some(&b'='),
            _ => false,
        };
        let is_keyword = self.state.before != Before::Mark(b'.')
            && self.language.keywords.binary_search_by(|keyword| keyword.as_bytes().cmp(word)).is_ok();
        if is_key && !matches!(word, b"case" | b"default") {
            self.push(from, Kind::Name);
        } else if is_keyword {
            self.push(from, Kind::Keyword);
        }
        self.state.before = match word {
            _ if !is_keyword || VALUES.contains(&word) => Before::Value,
            _ if CONTROL.contains(&word) => Before::Control,
            _ => Before::Keyword,
        };
    }

    fn mark(&mut self, byte: u8) {
        self.at += 1;
        match byte {
            b'(' => {
                self.state.parens = (self.state.parens << 1) | u64::from(self.state.before == Before::Control);
            }
            b')' => {
                let condition = self.state.parens & 1 == 1;
                self.state.parens >>= 1;
                // A statement follows a condition.
                self.state.before = Before::Mark(if condition { b';' } else { b')' });
                return;
            }
            b'{' => {
                if let Some(open) = self.state.holes.last_mut() {
                    *open = open.saturating_add(1);
                }
            }
            b'}' => match self.state.holes.last_mut() {
                Some(0) => {
                    self.state.holes.pop();
                    let form = self.language.texts.iter().position(|text| text.holes).unwrap_or_default();
                    self.text(self.at - 1, form);
                    return;
                }
                Some(open) => *open -= 1,
                None => {}
            },
            // `a++ / b`: what stands before such a pair is what stands before the slash.
            b'+' | b'-' if self.rest().first() == Some(&byte) => {
                self.at += 1;
                return;
            }
            _ => {}
        }
        self.state.before = Before::Mark(byte);
    }
}

pub(super) fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts one step of the lexer.
    pub(in crate::syntax) fn count() {
        STEPS.set(STEPS.get() + 1);
    }

    /// The steps since it was last asked.
    pub(in crate::syntax) fn steps() -> usize {
        STEPS.take()
    }
}
