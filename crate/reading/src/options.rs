//! What the page chose, as far as it concerns reading: limits, entries left out, the reader.

use serde_json::Value;
use twinspect::limits::Limits;
use wasm_bindgen::prelude::*;

/// The options as they come: one JSON object for every call.
///
/// # Errors
/// A sentence, for what is no JSON.
pub fn parsed(text: &str) -> Result<Value, JsError> {
    serde_json::from_str(text).map_err(|error| JsError::new(&format!("The options cannot be read: {error}.")))
}

/// The reader that one side is to be opened as: `reader`, an id of [`crate::readers`], or null.
///
/// # Errors
/// A sentence, for what is no id.
pub fn reader_from(given: &Value) -> Result<Option<String>, JsError> {
    match given.get("reader") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(id)) => Ok(Some(id.clone())),
        Some(_) => Err(JsError::new("The reader is not an id.")),
    }
}

/// `limits: {name: value}` and `leave_out: [number of an entry]`, each of them optional.
///
/// # Errors
/// A sentence, for a limit that is none and a number that is none.
pub fn limits_from(given: &Value) -> Result<Limits, JsError> {
    let mut limits = Limits::default();
    for (name, value) in given.get("limits").and_then(Value::as_object).into_iter().flatten() {
        if !value.as_u64().is_some_and(|value| limits.set(name, value)) {
            return Err(JsError::new(&format!("{name} is not a limit, or its value is not a whole number.")));
        }
    }
    for node in given.get("leave_out").and_then(Value::as_array).into_iter().flatten() {
        let node = node.as_u64().and_then(|node| u32::try_from(node).ok());
        limits.leave_out(node.ok_or_else(|| JsError::new("An entry left out is not a number."))?);
    }
    Ok(limits)
}
