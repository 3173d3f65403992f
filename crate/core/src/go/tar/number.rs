//! Numbers in headers and records, read and written as strictly as Go does.

use super::super::Time;

/// A number in a header, base 256 or octal. `None`: not one, or beyond 64 bits.
pub(super) fn numeric(field: &[u8]) -> Option<i64> {
    let first = field.first().copied().unwrap_or_default();
    if first & 0x80 == 0 {
        return octal(field);
    }
    // Two's complement, big-endian, in the bits after the first: negative numbers are read inverted.
    let flip = if first & 0x40 == 0 { 0 } else { 0xff };
    let mut value = 0_u64;
    for (index, byte) in field.iter().enumerate() {
        if value >> 56 > 0 {
            return None;
        }
        let byte = (byte ^ flip) & if index == 0 { 0x7f } else { 0xff };
        value = value << 8 | u64::from(byte);
    }
    let value = i64::try_from(value).ok()?;
    Some(if flip == 0 { value } else { !value })
}

/// Octal digits between NULs and spaces; what follows a NUL among them is not looked at.
pub(super) fn octal(field: &[u8]) -> Option<i64> {
    let filling = |byte: &u8| matches!(byte, b' ' | 0);
    let start = field.iter().position(|byte| !filling(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !filling(byte)).map_or(start, |last| last + 1);
    let mut value = 0_i64;
    for byte in field.get(start..end)?.iter().take_while(|byte| **byte != 0) {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 8)?;
        value = value.checked_mul(8)?.checked_add(digit.into())?;
    }
    Some(value)
}

/// A decimal number with an optional sign.
pub(super) fn decimal(text: &[u8]) -> Option<i64> {
    // Rust takes what Go takes: a sign of either kind, then digits.
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Seconds and a fraction of any length.
pub(super) fn time(text: &[u8]) -> Option<Time> {
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let seconds = decimal(whole)?;
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    let nanos = digits.fold(0_u32, |nanos, digit| nanos * 10 + u32::from(digit.saturating_sub(b'0')));
    Some(match nanos {
        nanos if nanos > 0 && whole.first() == Some(&b'-') => {
            Time { seconds: seconds.wrapping_sub(1), nanos: 1_000_000_000 - nanos }
        }
        nanos => Time { seconds, nanos },
    })
}

/// The same written.
pub(super) fn time_text(time: Time) -> String {
    if time.nanos == 0 {
        return time.seconds.to_string();
    }
    let (sign, seconds, nanos) = match time.seconds {
        seconds if seconds < 0 => ("-", -(seconds + 1), 1_000_000_000 - time.nanos),
        seconds => ("", seconds, time.nanos),
    };
    format!("{sign}{seconds}.{nanos:09}").trim_end_matches('0').to_owned()
}

/// Whether a number fits into a field of so many bytes as octal digits and a NUL.
pub(super) fn fits_octal(width: usize, value: i64) -> bool {
    value >= 0 && u32::try_from(width.saturating_sub(1) * 3).map_or(true, |bits| bits > 62 || value >> bits == 0)
}

/// The same in base 256 with one bit for the sign.
pub(super) fn fits_base256(width: usize, value: i64) -> bool {
    let bits = u32::try_from(width.saturating_sub(1) * 8).unwrap_or(u32::MAX);
    width >= 9 || (-1 <= value >> bits && value >> bits <= 0)
}
