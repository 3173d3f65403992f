//! Search over both sides, in steps: between two of them the worker answers other questions.

use serde_json::json;
use twinspect::artifact::Side;
use twinspect::error::Error;
use twinspect::search::Query;
use wasm_bindgen::prelude::*;

use crate::judge::Judge;

#[wasm_bindgen]
impl Judge {
    /// Starts a search; what another found is forgotten.
    ///
    /// # Errors
    /// Why the query cannot be used.
    pub fn search(&mut self, text: &str, regex: bool, ignore_case: bool) -> Result<(), JsError> {
        self.search = None;
        self.search = Some(self.comparison.search(Query { text: text.to_owned(), regex, ignore_case })?);
        Ok(())
    }

    /// Goes on with the search for about so many bytes; how far it is then, as JSON. `null` if there is no search.
    pub fn search_step(&mut self, bytes: u32) -> String {
        let scope = self.comparison.scope();
        let at = self.search.as_mut().map(|search| search.step(scope, bytes.into())).map(|at| {
            json!({"done": at.done, "total": at.total, "bytes": at.bytes, "matches": at.matches,
                "finished": at.finished})
        });
        json!(at).to_string()
    }

    /// What the search found, a `SearchReport` as JSON. With `why` it ends here, if it has not ended.
    ///
    /// # Errors
    /// There is no search.
    pub fn search_report(&mut self, why: Option<String>) -> Result<String, JsError> {
        let scope = self.comparison.scope();
        let search = self.search.as_mut().ok_or_else(|| Error::new("There is no search."))?;
        if let Some(why) = why {
            search.stop(why);
        }
        Ok(serde_json::to_string(&search.report(scope))?)
    }

    /// The line of a row's raw text that a byte of one side is in, from 0; `undefined` where there is none to show.
    ///
    /// # Errors
    /// A row that does not exist.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates; the page sends whole numbers"
    )]
    pub fn line_at(&mut self, row: Option<u32>, right: bool, offset: f64) -> Result<Option<u32>, JsError> {
        let side = if right { Side::Right } else { Side::Left };
        Ok(self.comparison.line_at(row, side, offset as u64)?)
    }
}
