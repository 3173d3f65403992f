//! The engine for JavaScript: decode, call, encode. Nothing is decided here.
//!
//! One worker calls [`read_artifact`] for each side; another makes a [`Judge`] of both results and answers questions.
//! What takes long and concerns one side alone ([`Package`]), or the attestations ([`attest`](fn@attest)), is asked of
//! workers of their own.

mod attest;
pub mod blob;
mod encode;
mod judge;
mod options;
mod package;
mod search;
mod watch;

use js_sys::{Array, Function, Reflect, Uint8Array};
use serde_json::{Value, json};
use twinspect::artifact::Artifact;
use twinspect::export::{FORMATS, Redaction};
use twinspect::limits::LIMITS;
use twinspect::read::{self, Progress};
use twinspect::stabilize::{STABILIZERS, describe};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

pub use crate::attest::{attest, document_bytes, head_bytes, recognise};
use crate::blob::BlobSource;
pub use crate::judge::Judge;
pub use crate::options::check_rules;
use crate::options::{options_from, reader_from};
pub use crate::package::Package;
pub use crate::watch::watch;

/// Leaves the words of a panic in `self.lastPanic`: what JavaScript catches says only `unreachable`.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        let _ = Reflect::set(&js_sys::global(), &"lastPanic".into(), &panic.to_string().into());
    }));
}

/// Reads one side; the manifest of the result. With `reader` among the options, an id of [`readers`], the outermost
/// archive is opened as that reader sees it. `on_progress` gets phase, bytes, total, decoded, entries, levels, and the
/// number and the path of the entry at work: it is called at every entry, so that somebody knows where a trap was.
///
/// # Errors
/// A sentence, when the artifact cannot be read at all.
#[wasm_bindgen]
pub fn read_artifact(blob: Blob, name: &str, options: &str, on_progress: &Function) -> Result<Uint8Array, JsError> {
    let artifact = Artifact::new(name, BlobSource::new(blob));
    let mut report = |progress: &Progress| {
        let of = |number: u64| JsValue::from_f64(number as f64);
        let values =
            Array::of4(&progress.phase.into(), &of(progress.bytes), &of(progress.total), &of(progress.decoded));
        values.push(&of(progress.entries));
        values.push(&progress.levels.into());
        values.push(&progress.node.into());
        values.push(&progress.path.as_str().into());
        let _ = on_progress.apply(&JsValue::NULL, &values);
    };
    let reader = reader_from(options)?;
    let reading = read::read_as(&artifact, &options_from(options)?.limits, reader.as_deref(), &mut report)?;
    Ok(Uint8Array::from(reading.to_manifest()?.as_slice()))
}

/// The table of readers as JSON: id, title, and the format it reads.
#[wasm_bindgen]
pub fn readers() -> String {
    let readers = twinspect::reader::all()
        .map(|(format, reader)| json!({"id": reader.id, "title": reader.title, "format": format}));
    Value::from_iter(readers).to_string()
}

/// The table of limits as JSON: name, title, default.
#[wasm_bindgen]
pub fn limits() -> String {
    let limits = LIMITS.iter().map(|limit| json!({"name": limit.name, "title": limit.title, "default": limit.default}));
    Value::from_iter(limits).to_string()
}

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
