//! Attestations and keys: which claims hold for the sides at hand.

use std::cell::RefCell;

use js_sys::{Array, JsString, Uint8Array};
use twinspect::artifact::Sides;
use twinspect::attest::{self, Document, MOST_BYTES, Subject, Variant};
use twinspect::limits::Limits;
use twinspect::upstream;
use wasm_bindgen::prelude::*;

use crate::package::Package;

/// How much of a document is read, in bytes.
#[wasm_bindgen]
pub fn document_bytes() -> f64 {
    MOST_BYTES as f64
}

/// Which claims of the documents hold, as JSON: a list of `Attestation`, one for each document, then one for each file
/// of keys. Documents and keys are pairs of name and bytes.
///
/// # Errors
/// A document that is not such a pair.
#[wasm_bindgen]
pub fn attest(
    documents: &Array,
    keys: &Array,
    left: Option<Package>,
    right: Option<Package>,
) -> Result<String, JsError> {
    let (documents, keys) = (files(documents)?, files(keys)?);
    let sides = Sides { left, right }.map(|package| {
        package.map(|Package { artifact, reading }| {
            let reading = RefCell::new(reading);
            let source = artifact.source.clone();
            let limits = Limits::default();
            let stabilized = move |variant: &Variant| {
                upstream::recompute(source.clone(), &mut reading.borrow_mut(), &limits, variant)
            };
            (artifact, stabilized)
        })
    });
    let subjects = Sides {
        left: sides.left.as_ref().map(|(artifact, stabilized)| Subject { artifact, stabilized }),
        right: sides.right.as_ref().map(|(artifact, stabilized)| Subject { artifact, stabilized }),
    };
    let answers = attest::examine(&list(&documents), &list(&keys), &subjects);
    Ok(serde_json::to_string(&answers)?)
}

fn list(files: &[(String, Vec<u8>)]) -> Vec<Document<'_>> {
    files.iter().map(|(name, bytes)| Document { name, bytes }).collect()
}

fn files(given: &Array) -> Result<Vec<(String, Vec<u8>)>, JsError> {
    let wrong = || JsError::new("A document is not a name and its bytes.");
    let pair = |given: JsValue| -> Option<(String, Vec<u8>)> {
        let pair: Array = given.dyn_into().ok()?;
        let bytes: Uint8Array = pair.get(1).dyn_into().ok()?;
        Some((String::from(pair.get(0).dyn_into::<JsString>().ok()?), bytes.to_vec()))
    };
    given.iter().map(|given| pair(given).ok_or_else(wrong)).collect()
}
