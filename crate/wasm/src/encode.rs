//! Values for JavaScript.

use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A value with JSON's shapes: objects instead of maps, null instead of undefined.
pub(crate) fn encode(value: &impl Serialize) -> Result<JsValue, JsError> {
    Ok(value.serialize(&serde_wasm_bindgen::Serializer::json_compatible())?)
}

/// What JavaScript refused, as an error of ours.
pub(crate) fn failed(error: JsValue) -> JsError {
    JsError::new(&format!("{error:?}"))
}
