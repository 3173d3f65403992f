//! What of a text crosses the ends of its lines.

/// Templates in templates, and here-documents that begin in one line, at most; more are not told apart.
pub(super) const MOST_NESTED: usize = 32;

/// Bytes of the word that ends a here-document or a raw string, at most.
pub(super) const MOST_WORD: usize = 64;

/// The state of a text between two lines. The default is that of its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(super) inside: Inside,
    /// A piece of a line ended behind a backslash: what follows it is escaped.
    pub(super) escaped: bool,
    /// For each `${` that is open: the braces that are open in it.
    pub(super) holes: Vec<u32>,
    /// For each parenthesis that is open, the innermost lowest: whether it is that of an `if`, so that a pattern may
    /// follow it. Those beyond 64 are forgotten.
    pub(super) parens: u64,
    pub(super) before: Before,
    /// Here-documents that begin at the next line.
    pub(super) waiting: Vec<Here>,
    /// Of markup: inside a tag.
    pub(super) tag: bool,
    /// Of markup: the element whose content is none, once its tag ends.
    pub(super) opaque: &'static [u8],
}

/// What a line begins inside of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Inside {
    #[default]
    Code,
    /// A comment up to the end of the line, of which this is a further piece.
    Line,
    /// A comment of the language's table, by its number there, and how many of the kind are open.
    Block(usize, u32),
    /// A string of the language's table, by its number there.
    Text(usize),
    /// A string up to these bytes.
    Raw(Vec<u8>),
    Here(Here),
    /// A pattern between slashes, of which this is a further piece; whether in brackets.
    Pattern(bool),
    /// The content of a script or a style in markup, up to its end tag.
    Opaque(&'static [u8]),
    /// Verbatim text between lines of so many marks.
    Fence(u8, usize),
    /// Lines indented by more than this.
    Folded(usize),
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Here {
    pub(super) word: Vec<u8>,
    /// Whether the word may be indented.
    pub(super) indented: bool,
}

/// What stands before, white space and comments left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing.
    #[default]
    Start,
    /// A value: a name, a number, a string.
    Value,
    /// A keyword after which a value comes.
    Keyword,
    /// `if` and its like: a statement follows their parenthesis.
    Control,
    /// A character of punctuation.
    Mark(u8),
}
