//! The grammars that are not of programs: tags in text, and Markdown.

use crate::syntax::Kind;
use crate::syntax::code::Scan;
#[cfg(test)]
use crate::syntax::code::tests;
use crate::syntax::state::Inside;
use crate::syntax::table::Odd;

/// Elements of HTML whose content is no markup.
const OPAQUE: [&[u8]; 2] = [b"script", b"style"];

impl Scan<'_> {
    pub(super) fn markup(&mut self) {
        while let Some(&byte) = self.rest().first() {
            #[cfg(test)]
            tests::count();
            if self.state.tag {
                self.in_tag(byte);
            } else if byte == b'<' {
                self.tag_opens();
            } else {
                self.at += 1;
            }
            if self.state.inside != Inside::Code {
                return;
            }
        }
    }

    fn tag_opens(&mut self) {
        if self.block_opens() {
            return;
        }
        let from = self.at;
        if self.rest().starts_with(b"<![CDATA[") {
            self.at += 9;
            self.raw(from, b"]]>".to_vec());
            return;
        }
        let slash = self.rest().get(1).is_some_and(|byte| matches!(byte, b'/' | b'?' | b'!'));
        self.at += 1 + usize::from(slash);
        if self.rest().first().is_none_or(|byte| !byte.is_ascii_alphabetic() && *byte != b'_' && *byte < 0x80) {
            return;
        }
        let name = self.at;
        while self.rest().first().is_some_and(|byte| self.is_word(*byte)) {
            self.at += 1;
        }
        self.push(from, Kind::Keyword);
        self.state.tag = true;
        let name = self.slice(name..self.at);
        let opaque = OPAQUE.into_iter().find(|word| !slash && self.has(Odd::Html) && name.eq_ignore_ascii_case(word));
        self.state.opaque = opaque.unwrap_or_default();
    }

    fn in_tag(&mut self, byte: u8) {
        let from = self.at;
        let rest = self.rest();
        if let Some(form) = self.language.texts.iter().position(|text| rest.starts_with(text.open.as_bytes())) {
            self.at += 1;
            self.text(from, form);
        } else if byte == b'>' {
            self.at += 1;
            self.state.tag = false;
            let opaque = std::mem::take(&mut self.state.opaque);
            if !opaque.is_empty() {
                self.state.inside = Inside::Opaque(opaque);
            }
        } else if self.is_word(byte) {
            while self.rest().first().is_some_and(|byte| self.is_word(*byte)) {
                self.at += 1;
            }
            self.push(from, Kind::Name);
        } else {
            if rest.starts_with(b"/>") {
                self.state.opaque = b"";
            }
            self.at += 1;
        }
    }

    /// Goes to the end tag.
    pub(super) fn opaque(&mut self, name: &'static [u8]) {
        while self.at < self.line.len() {
            let rest = self.rest();
            if rest.starts_with(b"</")
                && rest.get(2..2 + name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name))
            {
                return;
            }
            self.at += 1;
        }
        self.state.inside = Inside::Opaque(name);
    }

    pub(super) fn markdown(&mut self) {
        if self.at == 0 {
            let start = self.line.iter().take(3).take_while(|byte| **byte == b' ').count();
            let line = self.slice(start..self.line.len());
            let run = |mark: u8| line.iter().take_while(|byte| **byte == mark).count();
            if let Some(mark) = [b'`', b'~'].into_iter().find(|mark| run(*mark) >= 3) {
                let count = run(mark);
                // A backtick behind them makes it a span.
                if mark == b'~' || !line.iter().skip(count).any(|byte| *byte == b'`') {
                    self.rest_is(Kind::String, Inside::Fence(mark, count));
                    return;
                }
            }
            if (1..=6).contains(&run(b'#')) && line.get(run(b'#')).is_none_or(u8::is_ascii_whitespace) {
                self.rest_is(Kind::Heading, Inside::Code);
                return;
            }
        }
        let mut spans = true;
        while let Some(&byte) = self.rest().first() {
            #[cfg(test)]
            tests::count();
            if byte == b'<' && self.block_opens() {
                if self.state.inside != Inside::Code {
                    return;
                }
            } else if byte == b'`' {
                spans = self.span(spans);
            } else {
                self.at += 1;
            }
        }
    }

    /// Text between runs of as many backticks; without a second run it is none, and no further one is looked for.
    fn span(&mut self, spans: bool) -> bool {
        let from = self.at;
        let count = self.rest().iter().take_while(|byte| **byte == b'`').count();
        self.at += count;
        let (mut at, mut run) = (self.at, 0);
        if !spans {
            return false;
        }
        loop {
            let byte = self.line.get(at);
            if byte == Some(&b'`') {
                run += 1;
            } else {
                if run == count {
                    self.at = at;
                    self.push(from, Kind::String);
                    return true;
                }
                run = 0;
            }
            if byte.is_none() {
                return false;
            }
            at += 1;
        }
    }

    pub(super) fn fence(&mut self, mark: u8, count: usize) {
        let line = self.line.trim_ascii();
        let ends = self.at == 0 && !self.continues && line.len() >= count && line.iter().all(|byte| *byte == mark);
        self.rest_is(Kind::String, if ends { Inside::Code } else { Inside::Fence(mark, count) });
    }
}
