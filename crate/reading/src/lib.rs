//! The part of the engine that reads one artifact, for JavaScript: decode, call, encode.
//!
//! A module of its own because it is less than half of the engine and all that a page needs to begin: whoever visits loads
//! it first, and the whole engine (crate/wasm, which has these calls, too) while the first file is chosen and read. What
//! is called here is what the linker keeps, so nothing here may name judging, stabilizers or signatures.

pub mod blob;
pub mod options;

use js_sys::{Array, Function, Reflect, Uint8Array};
use serde_json::{Value, json};
use twinspect::artifact::Artifact;
use twinspect::attest::{self, HEAD, Kind};
use twinspect::display;
use twinspect::limits::LIMITS;
use twinspect::read::{self, Progress};
use twinspect::reading::Reading;
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use crate::blob::BlobSource;
use crate::options::{limits_from, parsed, reader_from};

/// Leaves the words of a panic in `self.lastPanic`: what JavaScript catches says only `unreachable`.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        let _ = Reflect::set(&js_sys::global(), &"lastPanic".into(), &panic.to_string().into());
    }));
}

/// Reads one side; the manifest of the result. Of the options, `limits`, `leave_out` and `reader` count: with `reader`, an
/// id of [`readers`], the outermost archive is opened as that reader sees it. `on_progress` gets phase, bytes, total,
/// decoded, entries, levels, and the number and the path of the entry at work: it is called at every entry, so that
/// somebody knows where a trap was.
///
/// # Errors
/// A sentence, when the artifact cannot be read at all.
#[wasm_bindgen]
#[expect(clippy::cast_precision_loss, reason = "numbers that are shown")]
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
    let options = parsed(options)?;
    let reader = reader_from(&options)?;
    let reading = read::read_as(&artifact, &limits_from(&options)?, reader.as_deref(), &mut report)?;
    Ok(Uint8Array::from(reading.to_manifest()?.as_slice()))
}

/// The SHA-256 of the artifact that was read, hex, from its manifest; `undefined` if it was not read whole.
///
/// # Errors
/// A sentence, for what is no manifest.
#[wasm_bindgen]
pub fn digest(manifest: &[u8]) -> Result<Option<String>, JsError> {
    let reading = Reading::from_manifest(manifest)?;
    Ok(reading.node(0).and_then(|node| node.sha256).map(|digest| display::hex(&digest)))
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

/// How much of a file [`recognise`] needs, in bytes.
#[wasm_bindgen]
pub fn head_bytes() -> u32 {
    u32::try_from(HEAD).unwrap_or(u32::MAX)
}

/// `attestation` or `key`; `undefined` for an artifact. `bytes` are the file's first.
#[wasm_bindgen]
pub fn recognise(name: &str, bytes: &[u8]) -> Option<String> {
    let kind = attest::recognise(name, bytes)?;
    Some(if kind == Kind::Key { "key" } else { "attestation" }.to_owned())
}
