//! What is looked for, and where it is in a piece of bytes.

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

use super::Query;
use crate::compare::encoding::Encoding;
use crate::error::Error;

/// Bytes of a query.
const MOST_QUERY: usize = 1000;
/// Bytes that a compiled expression may take: its time for each byte grows with it.
const MOST_COMPILED: usize = 128 << 10;
/// A match of an expression is found whole if it is no longer.
const LONGEST: usize = 16 << 10;
/// A text shorter than this is not looked for in UTF-16: its two bytes are everywhere.
const LEAST_UTF16: usize = 2;

/// One match in a piece of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) encoding: Encoding,
}

/// A query, ready to be looked for.
pub(super) enum Pattern {
    /// The same text in several encodings; with case folded, in lower case.
    Literal { forms: Vec<Form>, fold: bool },
    /// An expression over bytes.
    Expression(Regex),
}

/// A text in one encoding.
pub(super) struct Form {
    encoding: Encoding,
    finder: Finder<'static>,
}

impl Form {
    fn new(encoding: Encoding, bytes: &[u8]) -> Self {
        Self { encoding, finder: Finder::new(bytes).into_owned() }
    }

    fn length(&self) -> usize {
        self.finder.needle().len()
    }

    /// The first match at `from` or after. Folding takes every byte for a letter; in UTF-16 the whole unit must be one.
    fn find(&self, bytes: &[u8], folded: Option<&[u8]>, mut from: usize) -> Option<Hit> {
        loop {
            let start = from.checked_add(self.finder.find(folded.unwrap_or(bytes).get(from..)?)?)?;
            let end = start.checked_add(self.length())?;
            let wide = self.encoding != Encoding::Utf8 && folded.is_some();
            if !wide || self.same_units(bytes.get(start..end)?) {
                return Some(Hit { start, end, encoding: self.encoding });
            }
            from = start.checked_add(1)?;
        }
    }

    fn same_units(&self, found: &[u8]) -> bool {
        let lower = |unit: &[u8]| {
            let &[first, second] = unit else { return 0 };
            let pair = [first, second];
            let unit =
                if self.encoding == Encoding::Utf16Le { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) };
            u8::try_from(unit).map_or(unit, |byte| byte.to_ascii_lowercase().into())
        };
        found.chunks_exact(2).map(lower).eq(self.finder.needle().chunks_exact(2).map(lower))
    }
}

impl Pattern {
    /// A query, compiled.
    pub(super) fn new(query: &Query) -> Result<Self, Error> {
        let text = &query.text;
        if text.is_empty() {
            return Err(Error::new("There is nothing to search for."));
        }
        if text.len() > MOST_QUERY {
            return Err(Error::new(format!("A search is for {MOST_QUERY} bytes at most.")));
        }
        if query.regex {
            let built = RegexBuilder::new(text)
                .unicode(false)
                .multi_line(true)
                .case_insensitive(query.ignore_case)
                .size_limit(MOST_COMPILED)
                .nest_limit(50)
                .build();
            return built.map(Self::Expression).map_err(|error| {
                let error = error.to_string();
                let why = error.lines().last().unwrap_or_default().trim();
                Error::new(format!("The expression cannot be used: {why}."))
            });
        }
        let text = if query.ignore_case { text.to_ascii_lowercase() } else { text.clone() };
        let mut forms = vec![Form::new(Encoding::Utf8, text.as_bytes())];
        if text.chars().count() >= LEAST_UTF16 {
            let units = |bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
            forms.push(Form::new(Encoding::Utf16Le, &units(u16::to_le_bytes)));
            forms.push(Form::new(Encoding::Utf16Be, &units(u16::to_be_bytes)));
        }
        Ok(Self::Literal { forms, fold: query.ignore_case })
    }

    /// Whether a copy in lower case is what is looked at.
    pub(super) fn folds(&self) -> bool {
        matches!(self, Self::Literal { fold: true, .. })
    }

    /// Bytes after the beginning of a match that must be at hand to know it.
    pub(super) fn reach(&self) -> usize {
        match self {
            Self::Literal { forms, .. } => forms.iter().map(Form::length).max().unwrap_or(0),
            Self::Expression(_) => LONGEST,
        }
    }

    /// The matches from `from` on. `odd` says that the first byte has an odd offset in its content.
    pub(super) fn hits<'a>(&'a self, bytes: &'a [u8], folded: &'a [u8], from: usize, odd: bool) -> Hits<'a> {
        let folded = self.folds().then_some(folded);
        let next = match self {
            Self::Literal { forms, .. } => forms.iter().map(|form| form.find(bytes, folded, from)).collect(),
            Self::Expression(_) => Vec::new(),
        };
        Hits { pattern: self, bytes, folded, odd, from, next }
    }
}

/// Matches in a piece of bytes, ascending, none of them in another.
pub(super) struct Hits<'a> {
    pattern: &'a Pattern,
    bytes: &'a [u8],
    folded: Option<&'a [u8]>,
    odd: bool,
    from: usize,
    /// For each form of a literal: its next match.
    next: Vec<Option<Hit>>,
}

impl Iterator for Hits<'_> {
    type Item = Hit;

    fn next(&mut self) -> Option<Hit> {
        let forms = match self.pattern {
            Pattern::Literal { forms, .. } => forms,
            Pattern::Expression(expression) => {
                // An empty match is found everywhere and says nothing.
                while self.from <= self.bytes.len() {
                    let found = expression.find_at(self.bytes, self.from)?;
                    self.from = found.end().max(self.from.saturating_add(1));
                    if !found.is_empty() {
                        return Some(Hit { start: found.start(), end: found.end(), encoding: Encoding::Utf8 });
                    }
                }
                return None;
            }
        };
        let mut hit = *self.next.iter().flatten().min_by_key(|hit| hit.start)?;
        // Between zeros, `a 0 b 0` and `0 a 0 b` are the same bytes one apart: units begin at even offsets.
        let odd = hit.start.is_multiple_of(2) == self.odd;
        if odd
            && hit.encoding != Encoding::Utf8
            && let Some(other) = self
                .next
                .iter()
                .flatten()
                .find(|other| other.start == hit.start.saturating_add(1) && other.encoding != Encoding::Utf8)
        {
            hit = *other;
        }
        self.from = hit.end;
        for (form, next) in forms.iter().zip(&mut self.next) {
            if next.is_some_and(|next| next.start < hit.end) {
                *next = form.find(self.bytes, self.folded, hit.end);
            }
        }
        Some(hit)
    }
}
