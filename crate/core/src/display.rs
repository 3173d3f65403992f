//! Bytes and values as text that can be shown: escaped, never lossy, never active.

use std::fmt::Write as _;

use crate::entry::Value;

/// Whether a character must not be shown as itself: controls, bidi controls, invisible and separator characters.
///
/// Unicode 16: Cc, Cf, line and paragraph separators, variation selectors, tags, the fillers that render as nothing,
/// private use stays visible.
pub fn is_hidden(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}'
        | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Bytes from an artifact as text: UTF-8 as itself, a backslash doubled, everything hidden or invalid escaped.
pub fn bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character == '\\' {
                text.push_str("\\\\");
            } else if is_hidden(character) {
                let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

/// Bytes as text of several lines that can be copied: line ends, tabs and backslashes as themselves, everything else that
/// is hidden or invalid escaped. Also whether anything was: then the copy is not the original.
pub fn text(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut escaped = false;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_hidden(character) && !matches!(character, '\n' | '\t') {
                let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
                escaped = true;
            } else {
                text.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
            escaped = true;
        }
    }
    (text, escaped)
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A field's value as text. Long bytes are shown by their beginning and length.
pub fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Bytes(value) => match value.get(..256) {
            Some(head) if value.len() > 256 => format!("{}… ({} bytes)", bytes(head), value.len()),
            _ => bytes(value),
        },
        Value::Number(number) => number.to_string(),
        Value::Mode(mode) => format!("{mode:04o}"),
        Value::Time(seconds, nanoseconds) => time(*seconds, *nanoseconds),
        Value::LocalTime(year, month, day, hour, minute, second) => {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        Value::Digest(digest) => hex(digest),
    }
}

/// A time in UTC as `2024-02-01T12:00:00Z`, with nanoseconds where there are any; years beyond 9999 as seconds.
fn time(seconds: i64, nanoseconds: u32) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Civil date from days since 1970-01-01 (H. Hinnant's algorithm, proleptic Gregorian calendar).
    let shifted = days.saturating_add(719_468);
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era.saturating_add(era.saturating_mul(400)).saturating_add(i64::from(month <= 2));
    if !(0..=9999).contains(&year) {
        return format!("{seconds} s since 1970");
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = if nanoseconds == 0 { String::new() } else { format!(".{nanoseconds:09}") };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_escaped_and_never_merged() {
        assert_eq!(bytes(b"plain/name.txt"), "plain/name.txt");
        assert_eq!(bytes("gr\u{fc}n".as_bytes()), "grün");
        assert_eq!(bytes(b"a\\b\xff\n"), "a\\\\b\\xff\\u{a}");
        assert_eq!(bytes("x\u{202e}y".as_bytes()), "x\\u{202e}y");
        assert_ne!(bytes(b"\xff"), bytes(b"\xfe"));
        assert_ne!(bytes(b"\\xff"), bytes(b"\xff"));
    }

    #[test]
    fn texts_can_be_copied() {
        assert_eq!(text(b"RUN a \\\n\tb\n"), ("RUN a \\\n\tb\n".to_owned(), false));
        assert_eq!(text(b"a\r\x1b\xff"), ("a\\u{d}\\u{1b}\\xff".to_owned(), true));
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(time(0, 0), "1970-01-01T00:00:00Z");
        assert_eq!(time(499_162_500, 0), "1985-10-26T08:15:00Z");
        assert_eq!(time(-1, 5), "1969-12-31T23:59:59.000000005Z");
        assert_eq!(time(951_782_400, 0), "2000-02-29T00:00:00Z");
        assert_eq!(time(i64::MAX, 0), format!("{} s since 1970", i64::MAX));
        assert_eq!(time(i64::MIN, 0), format!("{} s since 1970", i64::MIN));
    }
}
