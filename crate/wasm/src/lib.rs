//! The engine for JavaScript: decode, call, encode. Nothing is decided here.
//!
//! One worker calls [`read_artifact`] for each side; another makes a [`Judge`] of both results and answers questions.
//! What takes long and concerns one side alone ([`Package`]), or the attestations ([`attest`](fn@attest)), is asked of
//! workers of their own. What reads is crate/reading, a module that the page can load without the rest.

mod attest;
mod encode;
mod judge;
mod options;
mod package;
mod search;
mod watch;

use serde_json::{Value, json};
use twinspect::export::{FORMATS, Redaction};
use twinspect::stabilize::{STABILIZERS, describe};
use wasm_bindgen::prelude::*;

pub use crate::attest::{attest, document_bytes};
pub use crate::judge::Judge;
pub use crate::options::check_rules;
pub use crate::package::Package;
pub use crate::watch::watch;
pub use twinspect_reading::{blob, digest, head_bytes, limits, read_artifact, readers, recognise};

/// The table of stabilizers as JSON: id, title, rationale, whether OSS Rebuild has it, its stage, and where it runs.
#[wasm_bindgen]
pub fn passes() -> String {
    let passes = STABILIZERS.iter().map(|pass| {
        json!({"id": pass.id, "title": pass.title, "rationale": pass.rationale, "upstream": pass.upstream,
            "stage": pass.stage, "scope": describe(pass)})
    });
    Value::from_iter(passes).to_string()
}

/// What can be handed on, as JSON: the outputs of a comparison (id, title, what for, file name, media type) and the
/// levels of withholding.
#[wasm_bindgen]
pub fn outputs() -> String {
    let formats = FORMATS.iter().map(
        |info| json!({"id": info.id, "title": info.title, "about": info.about, "file": info.file, "media": info.media}),
    );
    let redactions = Redaction::ALL.iter().map(|level| level.id());
    json!({"formats": Value::from_iter(formats), "redactions": Value::from_iter(redactions)}).to_string()
}
