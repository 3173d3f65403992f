//! JSON: plain data as it is, with nothing in it that a terminal obeys.

use std::fmt::Write as _;

use crate::display::is_hidden;
use crate::error::Error;

/// Any plain data as indented JSON with a final newline. Control, bidi and invisible characters are escaped as JSON has
/// it (`\u202e`): the same value, and safe to print.
///
/// # Errors
/// Never for the core's own types.
pub fn json<T: serde::Serialize>(data: &T) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(data).map_err(|error| Error::new(format!("{error}.")))?;
    Ok(harmless(&text) + "\n")
}

/// Indented JSON with nothing hidden in its strings.
pub(super) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        // Between values there are only line feeds; inside strings every control below U+0020 is escaped by now.
        if is_hidden(character) && character != '\n' {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_the_same_and_nothing_is_hidden() {
        let value = "a\u{202e}\u{1b}\u{9b}\u{e0041}\n";
        let text = json(&[value]).unwrap();
        assert_eq!(text, "[\n  \"a\\u202e\\u001b\\u009b\\udb40\\udc41\\n\"\n]\n");
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), [value]);
    }
}
