//! Lines of the table of checks, and how texts of a document stand in sentences.

use crate::artifact::Side;
use crate::display;
use crate::error::Fault;
use crate::report::attestation::{AttestationProblem, Check, CheckResult};

/// Characters of a text inside a sentence or list.
const SHORT: usize = 300;
/// Problems of one document that are listed.
pub(super) const MOST_PROBLEMS: usize = 100;

/// The checks of one document.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) checks: Vec<Check>,
    /// The statement that the lines are about, from here on.
    pub(super) part: Option<u32>,
}

impl Table {
    /// Adds a line about no artifact in particular.
    pub(super) fn add(&mut self, id: &str, what: &str, outcome: (CheckResult, String)) {
        self.line(id, what, outcome, None);
    }

    /// Adds a line about one artifact.
    pub(super) fn about(&mut self, side: Side, id: &str, what: &str, outcome: (CheckResult, String)) {
        self.line(id, what, outcome, Some(side));
    }

    fn line(&mut self, id: &str, what: &str, (result, reason): (CheckResult, String), side: Option<Side>) {
        let (id, what, part) = (id.to_owned(), what.to_owned(), self.part);
        self.checks.push(Check { id, what, result, reason, side, part });
    }
}

/// It was checked and is so.
pub(super) fn holds(reason: impl Into<String>) -> (CheckResult, String) {
    (CheckResult::Holds, reason.into())
}

/// It was checked and is not so.
pub(super) fn fails(reason: impl Into<String>) -> (CheckResult, String) {
    (CheckResult::Fails, reason.into())
}

/// It was not checked.
pub(super) fn unchecked(reason: impl Into<String>) -> (CheckResult, String) {
    (CheckResult::NotChecked, reason.into())
}

/// Holds, or fails.
pub(super) fn is(so: bool, yes: impl Into<String>, no: impl Into<String>) -> (CheckResult, String) {
    if so { holds(yes) } else { fails(no) }
}

/// A text of a document, escaped, and cut if it is long.
pub(super) fn short(text: &str) -> String {
    cut(text, SHORT)
}

/// As [`short`], with another length in characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => {
            let more = text.get(end..).unwrap_or_default().chars().count();
            format!("{}… ({more} characters more)", display::bytes(text.get(..end).unwrap_or_default().as_bytes()))
        }
        None => display::bytes(text.as_bytes()),
    }
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Line numbers in a document, counted once for offsets that ascend.
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0, line: 1 }
    }

    /// The line that an offset lies in, from 1.
    pub(super) fn at(&mut self, offset: usize) -> u64 {
        let offset = offset.min(self.bytes.len());
        if offset < self.offset {
            (self.offset, self.line) = (0, 1);
        }
        let between = self.bytes.get(self.offset..offset).unwrap_or_default();
        self.line += between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.offset = offset;
        self.line
    }

    /// A problem of the document, where the fault's offset counts in its bytes.
    pub(super) fn problem(&mut self, fault: &Fault, unread: bool) -> AttestationProblem {
        let line = fault.offset.map_or(1, |offset| self.at(usize::try_from(offset).unwrap_or(usize::MAX)));
        AttestationProblem { line, offset: fault.offset, decoded: false, message: sentence(&fault.message), unread }
    }
}

/// A clause as a sentence.
pub(super) fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let mut text: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    text.push_str(letters.as_str());
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_cut() {
        assert_eq!(short("a\u{202e}b\n"), "a\\u{202e}b\\u{a}");
        assert_eq!(cut("gründe", 3), "grü… (3 characters more)");
        assert_eq!(sentence("this is it"), "This is it.");
        assert_eq!((count(1, "file"), count(2, "file")), ("1 file".to_owned(), "2 files".to_owned()));
    }

    #[test]
    fn a_problem_knows_its_line() {
        let mut lines = Lines::of(b"a\nb\nc");
        let found = lines.problem(&Fault::at(4, "no"), true);
        assert_eq!((found.line, found.offset, found.message.as_str()), (3, Some(4), "No."));
        assert_eq!((lines.at(0), lines.at(3), lines.at(99)), (1, 2, 3));
    }
}
