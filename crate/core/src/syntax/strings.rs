//! Strings of every form, here-documents, and patterns between slashes.

use crate::syntax::Kind;
#[cfg(test)]
use crate::syntax::code::tests;
use crate::syntax::code::{Scan, is_digit};
use crate::syntax::state::{Before, Here, Inside, MOST_NESTED, MOST_WORD};
use crate::syntax::table::{Odd, Text};

impl Scan<'_> {
    pub(super) fn string(&mut self, byte: u8) -> bool {
        if self.has(Odd::Rust) && byte == b'\'' && !is_rust_character(self.rest()) {
            return false;
        }
        let rest = self.rest();
        let opens = |text: &Text| rest.starts_with(text.open.as_bytes());
        let Some(form) = self.language.texts.iter().position(opens) else { return false };
        if !self.stands(self.language.quotes_at) {
            return false;
        }
        let from = self.at;
        let may_be_key = self.may_be_key();
        self.at += self.language.texts.get(form).map_or(0, |text| text.open.len());
        let tokens = self.tokens.len();
        self.text(from, form);
        if may_be_key
            && self.state.inside == Inside::Code
            && self.followed_by(b':')
            && let [token] = self.tokens.get_mut(tokens..).unwrap_or_default()
        {
            token.kind = Kind::Name;
        }
        true
    }

    /// A string, from behind what opens it.
    pub(super) fn text(&mut self, from: usize, form: usize) {
        let Some(text) = self.language.texts.get(form) else { return };
        self.state.inside = Inside::Text(form);
        self.state.before = Before::Value;
        while self.at < self.line.len() {
            #[cfg(test)]
            tests::count();
            let rest = self.rest();
            if text.escapes && rest.first() == Some(&b'\\') {
                self.escaped = rest.len() == 1;
                self.at += rest.len().min(2);
            } else if rest.starts_with(text.close.as_bytes()) {
                self.at += text.close.len();
                self.state.inside = Inside::Code;
                break;
            } else if text.holes && rest.starts_with(b"${") && self.state.holes.len() < MOST_NESTED {
                self.at += 2;
                self.state.holes.push(0);
                self.state.before = Before::Mark(b'{');
                self.state.inside = Inside::Code;
                break;
            } else {
                self.at += 1;
            }
        }
        self.push(from, Kind::String);
    }

    /// A string that ends with certain bytes and nothing else.
    pub(super) fn raw(&mut self, from: usize, close: Vec<u8>) {
        self.state.before = Before::Value;
        while self.at < self.line.len() {
            #[cfg(test)]
            tests::count();
            if self.rest().starts_with(&close) {
                self.at += close.len();
                self.push(from, Kind::String);
                return;
            }
            self.at += 1;
        }
        self.push(from, Kind::String);
        self.state.inside = Inside::Raw(close);
    }

    pub(super) fn here(&mut self, here: Here) {
        let word = if here.indented { self.line.trim_ascii_start() } else { self.line };
        let ends = self.at == 0 && !self.continues && word == here.word;
        self.rest_is(Kind::String, if ends { Inside::Code } else { Inside::Here(here) });
        if ends {
            self.state.before = Before::Start;
        }
    }

    /// The rest of a pattern between slashes, and its flags.
    pub(super) fn pattern(&mut self, from: usize, mut bracket: bool) {
        while let Some(&byte) = self.rest().first() {
            #[cfg(test)]
            tests::count();
            self.at += 1;
            match byte {
                b'\\' => self.at = (self.at + 1).min(self.line.len()),
                b'[' => bracket = true,
                b']' => bracket = false,
                b'/' if !bracket => {
                    while self.rest().first().is_some_and(u8::is_ascii_alphabetic) {
                        self.at += 1;
                    }
                    self.push(from, Kind::String);
                    self.state.before = Before::Value;
                    return;
                }
                _ => {}
            }
        }
        self.push(from, Kind::String);
        self.state.inside = Inside::Pattern(bracket);
    }

    /// `<<WORD`, `<<-WORD`, `<<~WORD`, the word quoted or not.
    pub(super) fn here_begins(&mut self) -> bool {
        let ruby = self.has(Odd::HereRuby);
        let Some(rest) = self.rest().strip_prefix(b"<<").filter(|rest| rest.first() != Some(&b'<')) else {
            // `<<<` gives a string to a command, and begins nothing.
            let run = self.rest().iter().take_while(|byte| **byte == b'<').count();
            self.at += run;
            self.state.before = Before::Mark(b'<');
            return true;
        };
        let mark = rest.first().filter(|byte| matches!(byte, b'-' | b'~'));
        let rest = rest.get(usize::from(mark.is_some())..).unwrap_or_default();
        let spaces = if ruby { 0 } else { rest.iter().take(8).take_while(|byte| **byte == b' ').count() };
        let rest = rest.get(spaces..).unwrap_or_default();
        let quote = rest.first().filter(|byte| matches!(byte, b'"' | b'\''));
        let escaped = usize::from(rest.first() == Some(&b'\\') || quote.is_some());
        let word = rest.get(escaped..).unwrap_or_default();
        let length =
            word.iter().take(MOST_WORD).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let word = word.get(..length).unwrap_or_default();
        // In Ruby `list <<name` adds to a list.
        let counts = match word.first() {
            None => false,
            Some(first) if ruby => quote.is_some() || first.is_ascii_uppercase(),
            Some(first) => !is_digit(*first),
        };
        self.at += 2;
        if !counts || self.state.waiting.len() >= MOST_NESTED {
            self.state.before = Before::Mark(b'<');
            return true;
        }
        let from = self.at - 2;
        let all = usize::from(mark.is_some()) + spaces + escaped + length + usize::from(quote.is_some());
        self.at = (self.at + all).min(self.line.len());
        self.push(from, Kind::String);
        self.state.waiting.push(Here { word: word.to_vec(), indented: mark.is_some() });
        self.state.before = Before::Value;
        true
    }

    /// Raw strings, of which the word just read is the prefix.
    pub(super) fn raw_begins(&mut self, from: usize, word: &[u8]) -> bool {
        let rest = self.rest();
        let close = if self.has(Odd::Rust) && matches!(word, b"r" | b"br" | b"cr") {
            let hashes = rest.iter().take(MOST_WORD).take_while(|byte| **byte == b'#').count();
            (rest.get(hashes) == Some(&b'"')).then(|| (hashes + 1, [b"\"", "#".repeat(hashes).as_bytes()].concat()))
        } else if self.has(Odd::Cpp) && matches!(word, b"R" | b"LR" | b"uR" | b"UR" | b"u8R") {
            // [lex.string]: at most 16 characters, none of them a space, a parenthesis or a backslash.
            let name = rest.strip_prefix(b"\"").and_then(|rest| {
                let end = rest.iter().take(17).position(|byte| *byte == b'(')?;
                rest.get(..end).filter(|name| !name.iter().any(|byte| matches!(byte, b' ' | b')' | b'\\' | b'"')))
            });
            name.map(|name| (name.len() + 2, [b")", name, b"\""].concat()))
        } else {
            None
        };
        let Some((open, close)) = close else { return false };
        self.at += open;
        self.raw(from, close);
        true
    }
}

/// Whether a quote begins a character and not the name of a lifetime: `'x'`, `'\n'`, `'ü'`.
fn is_rust_character(rest: &[u8]) -> bool {
    match rest {
        [_, b'\\', ..] | [_, _, b'\'', ..] => true,
        [_, lead, ..] if *lead >= 0x80 => rest.iter().skip(2).take(4).any(|byte| *byte == b'\''),
        _ => false,
    }
}
