//! Number fields: octal digits in their variants, and base 256.

/// What a run of digits says, and how many bytes it has; `None` once it leaves 64 bits.
pub(super) fn digits(bytes: &[u8], radix: u64) -> (Option<u64>, usize) {
    let mut value = Some(0_u64);
    let mut length = 0;
    for byte in bytes {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        if digit >= radix {
            break;
        }
        value = value.and_then(|value| value.checked_mul(radix)?.checked_add(digit));
        length += 1;
    }
    (value, length)
}

/// Decimal digits and nothing else, with a sign if allowed.
pub(super) fn decimal(text: &[u8]) -> Option<i64> {
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        _ => (1, text),
    };
    match digits(text, 10) {
        (Some(value), length) if length > 0 && length == text.len() => {
            let value = i128::from(value) * sign;
            i64::try_from(value).ok()
        }
        _ => None,
    }
}

/// Two's complement, the first bit of the field being only a mark.
pub(super) fn base_256(field: &[u8]) -> i128 {
    let first = field.first().copied().unwrap_or_default();
    let negative = first & 0x40 != 0;
    let start = if negative { -1 } else { 0 };
    let first = if negative { first | 0x80 } else { first & 0x7f };
    let rest = field.iter().skip(1).copied();
    std::iter::once(first).chain(rest).fold(start, |value: i128, byte| value.wrapping_shl(8) | i128::from(byte))
}

/// The same where the whole first byte is only a mark: 0x80 for positive, 0xff for negative.
pub(super) fn base_256_marked(field: &[u8]) -> Option<i128> {
    let (first, rest) = field.split_first()?;
    let start = match first {
        0x80 => 0,
        0xff => -1,
        _ => return None,
    };
    Some(rest.iter().fold(start, |value: i128, byte| value.wrapping_shl(8) | i128::from(*byte)))
}

/// Without what `strip` names at both ends.
pub(super) fn trimmed(mut bytes: &[u8], strip: fn(u8) -> bool) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && strip(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && strip(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Octal digits after blanks, then a blank, NUL or the end.
pub(super) fn octal_after_blanks(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|byte| *byte != b' ')?;
    let rest = field.get(start..).unwrap_or_default();
    let (value, length) = digits(rest, 8);
    match rest.get(length) {
        None | Some(0 | b' ') => value,
        Some(_) => None,
    }
}
