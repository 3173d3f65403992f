//! Both sides, judged: answers questions about them.

use js_sys::{Float64Array, Object, Reflect, Uint8Array, Uint32Array};
use serde_json::{Value, json};
use twinspect::artifact::{Artifact, Side, Sides};
use twinspect::comparison::{Comparison, Form};
use twinspect::export::{Format, Redaction, export};
use twinspect::reading::Reading;
use twinspect::search::Search;
use twinspect::stabilize::STABILIZERS;
use twinspect_reading::blob::BlobSource;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::encode::{encode, failed};
use crate::options::options_from;
use crate::watch;

/// Both sides, judged.
#[wasm_bindgen]
pub struct Judge {
    pub(crate) comparison: Comparison,
    pub(crate) search: Option<Search>,
}

#[wasm_bindgen]
impl Judge {
    /// Pairs and judges two readings; `explain` then says what kind of differences they are.
    ///
    /// # Errors
    /// A sentence.
    #[wasm_bindgen(constructor)]
    pub fn new(
        left: &[u8],
        left_name: &str,
        left_blob: Blob,
        right: &[u8],
        right_name: &str,
        right_blob: Blob,
        options: &str,
    ) -> Result<Judge, JsError> {
        let artifacts = Sides {
            left: Artifact::new(left_name, BlobSource::new(left_blob)),
            right: Artifact::new(right_name, BlobSource::new(right_blob)),
        };
        let readings = Sides { left: Reading::from_manifest(left)?, right: Reading::from_manifest(right)? };
        let comparison = Comparison::watched(artifacts, readings, options_from(options)?, watch::SIDES)?;
        Ok(Self { comparison, search: None })
    }

    /// Judges again under other options.
    ///
    /// # Errors
    /// A sentence.
    pub fn set_options(&mut self, options: &str) -> Result<(), JsError> {
        Ok(self.comparison.set_options(options_from(options)?)?)
    }

    /// Opens the contents that differ unexplained, and says what kind of difference each is. Statuses and verdict stay.
    pub fn explain(&mut self) {
        self.comparison.explain();
    }

    /// The bytes of one file to hand on: an output and what is withheld from it, by the names of [`crate::outputs`].
    ///
    /// # Errors
    /// A name that is none; a sentence where there is nothing to state.
    pub fn export(&mut self, format: &str, redaction: &str) -> Result<Uint8Array, JsError> {
        let format = Format::by_id(format).ok_or_else(|| JsError::new("There is no such output."))?;
        let redaction = Redaction::by_id(redaction).ok_or_else(|| JsError::new("There is no such redaction."))?;
        Ok(Uint8Array::from(export(&mut self.comparison, format, redaction)?.as_slice()))
    }

    /// The report as JSON without what grows with the number of rows: statements without their rows, the ledger as
    /// a count of lines and of entries for each pass.
    ///
    /// # Errors
    /// None in practice.
    pub fn overview(&self) -> Result<String, JsError> {
        let report = self.comparison.report();
        let statements = report.statements.iter().map(|statement| {
            json!({"cause": statement.cause, "explained": statement.explained, "sentence": statement.sentence,
                "count": statement.rows.len()})
        });
        let passes = STABILIZERS.iter().map(|pass| pass.id);
        let ledger = passes.chain(report.rules.iter().map(|rule| rule.id.as_str())).map(|id| {
            let lines = report.ledger.iter().filter(|line| line.pass == id);
            let (count, entries) = lines.fold((0_u64, 0_u64), |(lines, sum), line| (lines + 1, sum + line.count));
            json!({"pass": id, "lines": count, "count": entries})
        });
        let overview = json!({
            "verdict": report.verdict, "profile": report.profile, "disabled": report.disabled, "rules": report.rules, "sides": report.sides,
            "summary": report.summary, "statements": Value::from_iter(statements), "alignments": report.alignments,
            "root": report.root, "problems": report.problems, "findings": report.findings, "notices": report.notices, "views": report.views, "ledger": Value::from_iter(ledger),
            "sets": {"left": self.set(Side::Left), "right": self.set(Side::Right)},
        });
        Ok(serde_json::to_string(&overview)?)
    }

    /// The columns of the tree, by the names of `twinspect::tree::Tree`.
    ///
    /// # Errors
    /// None in practice.
    pub fn tree(&self) -> Result<Object, JsError> {
        let tree = twinspect::tree::tree(self.comparison.report());
        let columns = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&columns, &name.into(), value).map_err(failed).map(|_| ());
        set("names", &Uint8Array::from(tree.names.as_slice()))?;
        set("name_starts", &Uint32Array::from(tree.name_starts.as_slice()))?;
        set("parents", &js_sys::Int32Array::from(tree.parents.as_slice()))?;
        set("depths", &Uint32Array::from(tree.depths.as_slice()))?;
        set("ends", &Uint32Array::from(tree.ends.as_slice()))?;
        set("rows", &js_sys::Int32Array::from(tree.rows.as_slice()))?;
        set("kinds", &Uint8Array::from(tree.kinds.as_slice()))?;
        set("statuses", &Uint8Array::from(tree.statuses.as_slice()))?;
        set("overall", &Uint8Array::from(tree.overall.as_slice()))?;
        set("sizes", &Float64Array::from(tree.sizes.as_slice()))?;
        set("counts", &Uint32Array::from(tree.counts.as_slice()))?;
        set("cause_starts", &Uint32Array::from(tree.cause_starts.as_slice()))?;
        set("causes", &Uint32Array::from(tree.causes.as_slice()))?;
        set("cause_ids", &encode(&tree.cause_ids)?)?;
        Ok(columns)
    }

    /// The rows that a statement is about.
    pub fn statement_rows(&self, statement: usize) -> Uint32Array {
        let statement = self.comparison.report().statements.get(statement);
        Uint32Array::from(statement.map(|statement| statement.rows.as_slice()).unwrap_or_default())
    }

    /// Some ledger lines of one pass, the most frequent first.
    ///
    /// # Errors
    /// None in practice.
    pub fn ledger(&self, pass: &str, first: usize, count: usize) -> Result<JsValue, JsError> {
        let lines = self.comparison.report().ledger.iter().filter(|line| line.pass == pass);
        let lines = lines.skip(first).take(count).map(|line| {
            json!({"field": line.field, "left": line.left, "right": line.right, "after": line.after, "count": line.count,
                "row": line.rows.first()})
        });
        encode(&Value::from_iter(lines))
    }

    /// One row of the report; `undefined` is the root.
    ///
    /// # Errors
    /// A row that does not exist.
    pub fn row(&self, row: Option<u32>) -> Result<JsValue, JsError> {
        let report = self.comparison.report();
        match row {
            None => encode(&report.root),
            Some(row) => encode(report.rows.get(row as usize).ok_or_else(|| JsError::new("There is no such row."))?),
        }
    }

    /// What is shown about one row, the `ops` of its text as a typed array. `form` is 1 for stabilized contents, plus 2
    /// for reformatted ones.
    ///
    /// # Errors
    /// A sentence.
    pub fn detail(&mut self, row: Option<u32>, form: u8) -> Result<JsValue, JsError> {
        let mut detail = self.comparison.detail(row, form_of(form))?;
        let ops = detail.text.as_mut().map(|text| std::mem::take(&mut text.ops));
        let value = encode(&detail)?;
        if let Some(ops) = ops {
            let text = Reflect::get(&value, &"text".into()).map_err(failed)?;
            Reflect::set(&text, &"ops".into(), &Uint32Array::from(ops.as_slice())).map_err(failed)?;
        }
        Ok(value)
    }

    /// How a row's contents line up as bytes, its `ops` as a typed array.
    ///
    /// # Errors
    /// A sentence.
    #[expect(clippy::cast_precision_loss, reason = "offsets into a file are below 2^53")]
    pub fn bytes(&mut self, row: Option<u32>, stabilized: bool) -> Result<JsValue, JsError> {
        let mut shape = self.comparison.bytes(row, stabilized)?;
        let ops: Vec<f64> = std::mem::take(&mut shape.ops).iter().map(|number| *number as f64).collect();
        let value = encode(&shape)?;
        Reflect::set(&value, &"ops".into(), &Float64Array::from(ops.as_slice())).map_err(failed)?;
        Ok(value)
    }

    /// Some lines of both sides, in a form as in [`Self::detail`].
    ///
    /// # Errors
    /// A sentence.
    pub fn text_window(
        &mut self,
        row: Option<u32>,
        form: u8,
        left: u32,
        left_count: u32,
        right: u32,
        right_count: u32,
    ) -> Result<JsValue, JsError> {
        let (left, right) = (left..left.saturating_add(left_count), right..right.saturating_add(right_count));
        encode(&self.comparison.text_window(row, form_of(form), left, right)?)
    }

    /// Whether a row's contents are of a kind whose structure can be listed.
    ///
    /// # Errors
    /// A sentence.
    pub fn has_structure(&mut self, row: Option<u32>, stabilized: bool) -> Result<bool, JsError> {
        Ok(self.comparison.has_structure(row, stabilized)?)
    }

    /// How the structures of both sides line up as texts, the `ops` as a typed array; `null` where there is none.
    ///
    /// # Errors
    /// A sentence.
    pub fn structure(&mut self, row: Option<u32>, stabilized: bool) -> Result<JsValue, JsError> {
        let Some(mut shape) = self.comparison.structure(row, stabilized)? else { return Ok(JsValue::NULL) };
        let ops = std::mem::take(&mut shape.ops);
        let value = encode(&shape)?;
        Reflect::set(&value, &"ops".into(), &Uint32Array::from(ops.as_slice())).map_err(failed)?;
        Ok(value)
    }

    /// Some lines of both structures.
    ///
    /// # Errors
    /// A sentence.
    pub fn structure_window(
        &mut self,
        row: Option<u32>,
        stabilized: bool,
        left: u32,
        left_count: u32,
        right: u32,
        right_count: u32,
    ) -> Result<JsValue, JsError> {
        let (left, right) = (left..left.saturating_add(left_count), right..right.saturating_add(right_count));
        encode(&self.comparison.structure_window(row, stabilized, left, right)?)
    }

    /// Some bytes of one side.
    ///
    /// # Errors
    /// A sentence.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates; the page sends whole numbers"
    )]
    pub fn bytes_window(
        &mut self,
        row: Option<u32>,
        stabilized: bool,
        right: bool,
        offset: f64,
        count: u32,
    ) -> Result<Uint8Array, JsError> {
        let side = if right { Side::Right } else { Side::Left };
        let bytes = self.comparison.bytes_window(row, stabilized, side, offset as u64, u64::from(count))?;
        Ok(Uint8Array::from(bytes.as_slice()))
    }
}

impl Judge {
    /// The passes that OSS Rebuild has for a side, by a name for them.
    fn set(&self, side: Side) -> Option<String> {
        self.comparison.stabilized(side).named.map(|set| set.id().to_owned())
    }
}

fn form_of(bits: u8) -> Form {
    Form { stabilized: bits & 1 != 0, reformatted: bits & 2 != 0 }
}
