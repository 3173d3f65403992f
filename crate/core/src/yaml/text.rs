//! From bytes to characters: encodings and what YAML does not allow in a text.

use std::borrow::Cow;

use super::Error;

/// Bytes that a reader of the libyaml family takes at a time. What is wrong in a block is seen only when the block is
/// needed: behind the end of the document nobody may ever look.
const BLOCK: usize = 512;

/// A decoded text, up to where it cannot be.
pub(super) struct Text<'a> {
    /// The characters.
    pub(super) text: Cow<'a, str>,
    /// Bytes before the first character: those of the byte order mark.
    pub(super) start: u64,
    /// What is wrong with the block of bytes behind the characters.
    pub(super) fault: Option<Error>,
}

/// Decodes UTF-8, or UTF-16 with a byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Text<'_> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        // Readers disagree about a second one.
        [0xEF, 0xBB, 0xBF, 0xEF, 0xBB, 0xBF, ..] => {
            let fault = Error { message: "a second byte order mark".to_string(), offset: 3 };
            Text { text: Cow::Borrowed(""), start: 3, fault: Some(fault) }
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => decode_utf8(rest, 3),
        _ => decode_utf8(bytes, 0),
    }
}

fn decode_utf8(bytes: &[u8], start: u64) -> Text<'_> {
    let (text, broken, is_cut) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None, false),
        Err(error) => {
            let (valid, _) = bytes.split_at_checked(error.valid_up_to()).unwrap_or((&[], &[]));
            let text = std::str::from_utf8(valid).unwrap_or("");
            (text, Some((valid.len(), "not UTF-8")), error.error_len().is_none())
        }
    };
    let control = text.char_indices().find(|(_, char)| !is_allowed(*char));
    let Some((at, message)) = control.map(|(at, _)| (at, "a control character")).or(broken) else {
        return Text { text: Cow::Borrowed(text), start, fault: None };
    };
    let fault = Error { message: message.to_string(), offset: offset(start, at) };
    // Half a character at the end waits for its other half until the end is met.
    if control.is_none() && is_cut {
        return Text { text: Cow::Borrowed(text), start, fault: Some(fault) };
    }
    // The byte order mark is part of the first block.
    let mut end = BLOCK - usize::try_from(start).unwrap_or(0);
    let mut readable = 0;
    while end <= at {
        // A character that crosses the border is left for the next block.
        readable = (0..=end).rev().find(|index| text.is_char_boundary(*index)).unwrap_or(0);
        end = readable.saturating_add(BLOCK);
    }
    Text { text: Cow::Borrowed(text.get(..readable).unwrap_or("")), start, fault: Some(fault) }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Text<'static> {
    let (units, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for char in char::decode_utf16(units.iter().map(|pair| unit(*pair))) {
        match char {
            Ok(char) if is_allowed(char) => text.push(char),
            _ => {
                let fault = Error { message: "not UTF-16 text".to_string(), offset: offset(2, text.len()) };
                return Text { text: Cow::Owned(String::new()), start: 2, fault: Some(fault) };
            }
        }
    }
    let fault = (!odd.is_empty())
        .then(|| Error { message: "half a UTF-16 character".to_string(), offset: offset(2, text.len()) });
    Text { text: Cow::Owned(text), start: 2, fault }
}

fn offset(start: u64, at: usize) -> u64 {
    start.saturating_add(u64::try_from(at).unwrap_or(u64::MAX))
}

/// YAML 1.1, `c-printable`.
fn is_allowed(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{A0}'..='\u{FFFD}' | '\u{10000}'..)
}
