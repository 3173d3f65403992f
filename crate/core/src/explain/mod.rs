//! Signals speak about what no stabilizer accounts for: they say what kind of difference it is, so that a thousand
//! differences of one kind are one statement.
//!
//! A signal never makes a difference harmless. To add one: write `explain/x.rs` with a `pub const X: Signal`, add it
//! to [`SIGNALS`], and test a hit and a look-alike that must stay silent.

use crate::judge::Difference;

/// What a signal may look at: one difference that no stabilizer accounts for.
pub struct Evidence<'a> {
    /// The difference.
    pub difference: &'a Difference,
    /// What comparing the two texts showed, for a difference of `content` between texts that are not too long.
    pub text: Option<&'a TextFacts>,
    /// Version numbers that the two artifacts carry in their names or roots: (A, B).
    pub versions: &'a [(String, String)],
}

/// What comparing two texts showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextFacts {
    /// Only the ends of lines differ.
    pub only_line_endings: bool,
    /// The same lines in another order.
    pub only_order: bool,
    /// Only white space inside lines differs.
    pub only_whitespace: bool,
    /// The distinct words replaced (A, B), if that is all that differs and there are few.
    pub substitutions: Option<Vec<(String, String)>>,
    /// What other entries' digests are all that differs, by their names.
    pub consequence: Option<String>,
}

/// A recogniser of something worth a word in what remains different.
pub struct Signal {
    /// Kebab-case id.
    pub id: &'static str,
    /// What it says, before the count: `Permission bits differ`.
    pub title: &'static str,
    /// What a reader should do about it.
    pub advice: &'static str,
    /// Fewer rows than this with the same key are left unexplained.
    pub least: usize,
    /// Whether it is this; the key groups rows into one statement and is part of its sentence (may be empty).
    pub recognise: fn(&Evidence<'_>) -> Option<String>,
}

pub mod consequence;
pub mod facts;
mod metadata;
mod text;

/// Every signal; the first that recognises a difference names its cause.
pub static SIGNALS: &[Signal] = &[
    metadata::PERMISSIONS,
    metadata::OWNERSHIP,
    metadata::TIMES,
    metadata::ORDER,
    metadata::COMPRESSION,
    metadata::FORM,
    metadata::LINK_TARGET,
    metadata::MOVED,
    metadata::NAMES,
    consequence::CONSEQUENCE,
    text::VERSION_STRING,
    text::LINE_ENDINGS,
    text::LINE_ORDER,
    text::WHITE_SPACE,
    text::SAME_EDIT,
];

/// The first signal that recognises a difference, and its key.
pub fn recognise(evidence: &Evidence<'_>) -> Option<(&'static Signal, String)> {
    SIGNALS.iter().find_map(|signal| Some((signal, (signal.recognise)(evidence)?)))
}

/// The signal with an id.
pub fn by_id(id: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|signal| signal.id == id)
}
