//! What the lexer knows of a language: the columns of the table in `languages`.

use crate::syntax::Kind;

/// A language.
#[derive(Debug)]
pub struct Language {
    /// Its name.
    pub id: &'static str,
    /// Extensions, in lower case.
    pub(super) extensions: &'static [&'static str],
    /// Whole names of files.
    pub(super) names: &'static [&'static str],
    /// Programs that a `#!` names, without their version.
    pub(super) interpreters: &'static [&'static str],
    pub(super) grammar: Grammar,
    /// What begins a comment that ends with its line.
    pub(super) comments: &'static [&'static str],
    pub(super) comments_at: At,
    pub(super) blocks: &'static [Block],
    /// In the order in which they are tried.
    pub(super) texts: &'static [Text],
    /// Whether a quote within a word is one of the word's letters.
    pub(super) quotes_at: At,
    /// Sorted.
    pub(super) keywords: &'static [&'static str],
    /// What a word can have beside letters, digits and `_`.
    pub(super) letters: &'static [u8],
    pub(super) keys: Keys,
    /// What `@` and a word are.
    pub(super) at: Option<Kind>,
    /// Strings whose end is up to their writer, and what else no table says.
    pub(super) odd: &'static [Odd],
    /// How long lines are broken, if they can be.
    pub(super) breaks: Option<Breaks>,
}

/// Which rules there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grammar {
    Code,
    Markup,
    Markdown,
}

/// Where something must stand to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Anywhere,
    /// Behind white space, punctuation that opens or separates, or at the beginning of a line.
    Apart,
    /// As the first of a line.
    First,
}

/// A comment that can cross lines.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) nests: bool,
    /// Whether both count at the very beginning of a line only.
    pub(super) first: bool,
}

/// A string.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Whether a backslash takes the meaning of what follows.
    pub(super) escapes: bool,
    /// Whether it can cross lines.
    pub(super) lines: bool,
    /// Whether `${` begins code in it.
    pub(super) holes: bool,
}

/// What is a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    None,
    /// A word or string before a colon, after one of these.
    Colon(&'static [u8]),
    /// A word right before `=`.
    Assigned,
    /// The beginning of a line up to one of these, with nothing but letters, digits, `-`, `_` and `.` in it.
    Plain(&'static [u8]),
    /// The beginning of a line up to one of these.
    Line(&'static [u8]),
    /// The beginning of a line up to a colon with a space, in YAML.
    Yaml,
}

/// What only some languages have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    /// Patterns between slashes.
    Pattern,
    /// `<Name` where a value is expected.
    Jsx,
    /// `r#"…"#`; `'a` that is no character.
    Rust,
    /// `R"x(…)x"`; `'` in numbers.
    Cpp,
    /// `#word` at the beginning of a line.
    Directive,
    /// `<<WORD`.
    HereShell,
    /// `<<~WORD`.
    HereRuby,
    /// `[section]`.
    Section,
    /// Content of `<script>` and `<style>`, which is not markup.
    Html,
}

/// How long lines are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Breaks {
    Script,
    Style,
    Data,
}
