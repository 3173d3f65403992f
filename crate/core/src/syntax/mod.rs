//! Texts of programs as tokens, for reading: which parts of a line are comments, strings, keywords, numbers and names.
//!
//! One lexer, driven by a table of languages (`table`), goes through a text line by line and keeps in a [`State`] what
//! crosses lines: block comments, long strings, here-documents. It colours and never judges: nothing of a verdict
//! depends on it, and a text that is not of its language is coloured wrongly, but in order, inside its lines, and in
//! time that grows with its length only. [`reformat`] says where long lines of scripts, styles and data can be broken.
//!
//! The language is told by the name, or by the `#!` of a file without extension; nothing is ever run.

mod code;
mod languages;
mod lines;
mod markup;
mod recognise;
pub mod reformat;
mod state;
mod strings;
mod table;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use recognise::recognise;
pub use state::State;
pub use table::Language;

/// Texts longer than this, in bytes, are shown without colours: the first look at a late line goes through all before.
pub const MOST_BYTES: usize = 4 << 20;

/// Lines between two states that are kept: what is gone through again for a window is less than so many lines.
const EVERY: usize = 256;

/// What a part of a line is. The numbers are those of [`crate::report::TextLine::tokens`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A comment.
    Comment = 0,
    /// A string, a pattern, a here-document, verbatim text.
    String = 1,
    /// A word of the language, a directive, the name of a tag.
    Keyword = 2,
    /// A number.
    Number = 3,
    /// A key, an attribute, an annotation.
    Name = 4,
    /// A heading.
    Heading = 5,
}

/// A part of a line that has a kind, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Where; never empty.
    pub range: Range<usize>,
}

/// The tokens of one line without its end, in order and apart from each other. `state` is that of the text before it,
/// and becomes that of the text behind it. `continues` says that the line goes on in what is given next: a piece of it.
pub fn tokens(language: &Language, state: &mut State, line: &[u8], continues: bool) -> Vec<Token> {
    code::Scan::new(language, state, line, continues).run()
}

/// The colours of one text: its language, and the states at some of its lines, as far as they were needed.
#[derive(Debug)]
pub struct Colours {
    language: &'static Language,
    states: Vec<State>,
}

impl Colours {
    /// Of a text in a language.
    pub fn new(language: &'static Language) -> Self {
        Self { language, states: vec![State::default()] }
    }

    /// The tokens of some lines. `line` gives every line by its number, and whether it continues in the next, see
    /// [`tokens`]; it must give the same ones each time.
    pub fn window<'text>(
        &mut self,
        lines: Range<usize>,
        line: impl Fn(usize) -> (&'text [u8], bool),
    ) -> Vec<Vec<Token>> {
        let known = (lines.start / EVERY).min(self.states.len().saturating_sub(1));
        let mut state = self.states.get(known).cloned().unwrap_or_default();
        let mut window = Vec::new();
        for at in known * EVERY..lines.end {
            if at == self.states.len() * EVERY {
                self.states.push(state.clone());
            }
            let (text, continues) = line(at);
            let found = tokens(self.language, &mut state, text, continues);
            if at >= lines.start {
                window.push(found);
            }
        }
        window
    }
}
