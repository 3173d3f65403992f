//! Search over a comparison, and where in the view of a text a match is.

use super::{Comparison, Form};
use crate::artifact::{Side, Sides};
use crate::error::Error;
use crate::search::{Query, Scope, Search};

impl Comparison {
    /// What a search looks at: hand it to every step of one.
    pub fn scope(&self) -> Scope<'_> {
        let side = |side| Some((self.readings.get(side), self.stores.get(side)));
        Scope { sides: Sides { left: side(Side::Left), right: side(Side::Right) } }
    }

    /// Starts a search. It outlives judging again: that changes no content.
    ///
    /// # Errors
    /// A query that cannot be used.
    pub fn search(&self, query: Query) -> Result<Search, Error> {
        let pairs: Vec<_> =
            self.pairing.pairs.iter().map(|pair| Sides { left: pair.left, right: pair.right }).collect();
        Search::new(query, self.scope(), &pairs, self.options.limits.get("seconds"))
    }

    /// The line of a row's raw text comparison that a byte of one side's content is in, counted from 0; `None` where the
    /// row is not compared as text, or its text is not shown that far.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn line_at(&mut self, row: Option<u32>, side: Side, offset: u64) -> Result<Option<u32>, Error> {
        if self.text(row, Form::default())?.is_none() {
            return Ok(None);
        }
        let Some(open) = self.open.as_ref() else { return Ok(None) };
        let (Some(text), Some(content)) = (&open.text, open.contents.get(side)) else { return Ok(None) };
        let before = usize::try_from(offset).ok().and_then(|offset| content.get(..offset));
        Ok(before.and_then(|before| text.line_after(side, before)))
    }
}
