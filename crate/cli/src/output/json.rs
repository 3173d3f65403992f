//! JSON: the report as it is.

use twinspect::error::Error;

/// Any plain data as indented JSON with a final newline.
///
/// # Errors
/// Never for the core's own types.
pub fn json<T: serde::Serialize>(data: &T) -> Result<String, Error> {
    let mut text = serde_json::to_string_pretty(data).map_err(|error| Error::new(format!("{error}.")))?;
    text.push('\n');
    Ok(text)
}
