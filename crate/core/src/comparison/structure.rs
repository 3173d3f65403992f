//! The structure of compiled contents, compared like a text.

use std::ops::Range;

use super::Comparison;
use super::detail::DEADLINE;
use crate::artifact::Sides;
use crate::compare::text::TextComparison;
use crate::error::Error;
use crate::report::{TextShape, TextWindow};
use crate::structure::{is_known, listing};

/// What is listed for a content that is of no known kind, beside one that is.
const UNKNOWN: &str = "(neither ELF, PE, Mach-O, Java class nor WebAssembly)\n";

/// The listings of the row that was asked for last.
pub(super) struct OpenStructure {
    key: (Option<u32>, bool),
    text: TextComparison,
}

impl Comparison {
    /// Whether a row's contents have a structure to list.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn has_structure(&mut self, row: Option<u32>, stabilized: bool) -> Result<bool, Error> {
        let contents = &self.open(row, stabilized)?.contents;
        let known = |bytes: &Option<Vec<u8>>| bytes.as_deref().is_some_and(is_known);
        Ok(known(&contents.left) || known(&contents.right))
    }

    /// The structures of both sides, compared line by line; `None` where there is none.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn structure(&mut self, row: Option<u32>, stabilized: bool) -> Result<Option<TextShape>, Error> {
        let key = (row, stabilized);
        if self.structure.as_ref().is_none_or(|open| open.key != key) {
            self.structure = None;
            if !self.has_structure(row, stabilized)? {
                return Ok(None);
            }
            let contents = &self.open(row, stabilized)?.contents;
            let list = |bytes: &Option<Vec<u8>>| {
                let bytes = bytes.as_deref()?;
                Some(listing(bytes).unwrap_or_else(|| UNKNOWN.to_owned()).into_bytes())
            };
            let Sides { left, right } = contents.as_ref().map(list);
            let text = TextComparison::new(left.as_deref(), right.as_deref(), DEADLINE);
            self.structure = text.map(|text| OpenStructure { key, text });
        }
        Ok(self.structure.as_ref().map(|open| open.text.shape()))
    }

    /// Lines of them.
    ///
    /// # Errors
    /// A row that does not exist or has no structure.
    pub fn structure_window(
        &mut self,
        row: Option<u32>,
        stabilized: bool,
        left: Range<u32>,
        right: Range<u32>,
    ) -> Result<TextWindow, Error> {
        self.structure(row, stabilized)?;
        let open = self.structure.as_mut().ok_or_else(|| Error::new("This pair has no structure to show."))?;
        Ok(open.text.window(left, right))
    }
}
