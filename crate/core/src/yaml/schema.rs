//! What a scalar without quotes and without a tag means, by `yaml.v3`: YAML 1.2's core schema, with the time stamps and
//! number forms of 1.1 that it still knows.

/// The tag, in its short form, that a plain scalar of this text is given. (`<<` is text here; as a plain key it is
/// `!!merge`.)
pub(super) fn tag(text: &str) -> &'static str {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return "!!null",
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => return "!!bool",
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" | "-.inf" | "-.Inf"
        | "-.INF" => {
            return "!!float";
        }
        _ => {}
    }
    match text.as_bytes() {
        [b'.', ..] if !separates_others(text) && is_float(&text.replace('_', "")) => "!!float",
        [b'0'..=b'9' | b'+' | b'-', ..] => {
            if is_timestamp(text) {
                return "!!timestamp";
            }
            let plain = text.replace('_', "");
            if is_integer(&plain) {
                "!!int"
            } else if is_float(&plain) {
                "!!float"
            } else {
                "!!str"
            }
        }
        _ => "!!str",
    }
}

/// Whether a `_` stands elsewhere than between two digits.
fn separates_others(text: &str) -> bool {
    let digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|index| {
        bytes.get(index) == Some(&b'_')
            && !(digit(index.checked_sub(1).and_then(|before| bytes.get(before).copied()))
                && digit(bytes.get(index.saturating_add(1)).copied()))
    })
}

/// Digits with a prefix for the base, or a 0 for octal, that fit 64 bits.
fn is_integer(text: &str) -> bool {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (base, digits) = match digits {
        // The sign of a binary or octal number may stand behind the prefix.
        [b'0', b'b', b'+' | b'-', digits @ ..] if text.starts_with('0') => (2, digits),
        [b'0', b'o', b'+' | b'-', digits @ ..] if text.starts_with('0') => (8, digits),
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', b'b' | b'B', digits @ ..] => (2, digits),
        [b'0', b'o' | b'O', digits @ ..] => (8, digits),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        digits => (10, digits),
    };
    // A second sign is no digit, and from_str_radix would take it.
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    let number = std::str::from_utf8(digits).ok().and_then(|digits| u128::from_str_radix(digits, base).ok());
    number.is_some_and(|number| match text.as_bytes().first() {
        _ if negative => number <= 1 << 63,
        Some(b'+') => number < 1 << 63,
        _ => number <= u128::from(u64::MAX),
    })
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, not beyond what a 64-bit float holds.
fn is_float(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = !whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    has_digits
        && is_digits(whole)
        && fraction.is_none_or(is_digits)
        && exponent.is_none_or(|exponent| !exponent.is_empty() && is_digits(exponent))
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// A date, or a date and a time: `2001-1-2`, `2001-1-2 3:4:5.6`, `2001-1-2T3:4:5.6+07:00`. The day must exist.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some((year, rest)) = bytes.split_at_checked(4).filter(|(year, _)| year.iter().all(u8::is_ascii_digit)) else {
        return false;
    };
    let year = year.iter().fold(0_u32, |year, digit| year.saturating_mul(10).saturating_add(u32::from(digit - b'0')));
    let date = rest
        .strip_prefix(b"-")
        .and_then(number)
        .and_then(|(month, rest)| Some((month, rest.strip_prefix(b"-").and_then(number)?)));
    let Some((month, (day, rest))) = date else { return false };
    let days = match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    if !(1..=days).contains(&day) {
        return false;
    }
    match rest {
        [] => true,
        [b'T' | b't', rest @ ..] => time(rest).is_some_and(is_zone),
        [b' ', rest @ ..] => {
            let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
            time(rest.get(spaces..).unwrap_or(&[])).is_some_and(<[u8]>::is_empty)
        }
        _ => false,
    }
}

/// One or two digits, and what follows.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    match bytes {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
            Some((u32::from(tens - b'0') * 10 + u32::from(ones - b'0'), rest))
        }
        [ones @ b'0'..=b'9', rest @ ..] => Some((u32::from(ones - b'0'), rest)),
        _ => None,
    }
}

/// What follows a time of day.
fn time(bytes: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = number(bytes)?;
    let (minute, rest) = number(rest.strip_prefix(b":")?)?;
    let (second, rest) = number(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(match rest {
        [b'.' | b',', digits @ ..] if digits.first().is_some_and(u8::is_ascii_digit) => {
            let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
            digits.get(count..).unwrap_or(&[])
        }
        rest => rest,
    })
}

/// `Z` or `±hh:mm`, up to 24 hours and 60 minutes.
fn is_zone(bytes: &[u8]) -> bool {
    match bytes {
        [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            let at_most = |tens: u8, ones: u8, most: u32| {
                ones.is_ascii_digit() && number(&[tens, ones]).is_some_and(|(number, _)| number <= most)
            };
            at_most(*h1, *h2, 24) && at_most(*m1, *m2, 60)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, texts: &[&str]) {
        for text in texts {
            assert_eq!(tag(text), expected, "{text}");
        }
    }

    #[test]
    fn words_have_meanings_in_three_spellings() {
        check("!!null", &["", "~", "null", "Null", "NULL"]);
        check("!!bool", &["true", "True", "TRUE", "false", "False", "FALSE"]);
        check("!!float", &[".nan", ".NaN", ".NAN", ".inf", "+.Inf", "-.INF"]);
        check("!!str", &["nULL", "yes", "no", "on", "y", "<<", "nan", ".Nan", "infinity", "-", "+", "."]);
    }

    #[test]
    fn integers_have_a_base_and_64_bits() {
        check(
            "!!int",
            &["0", "-0", "+7", "1_000", "0x1F", "0X1f", "-0x10", "0b101", "0o17", "017", "0b-1", "0o+7", "1__"],
        );
        check("!!int", &["18446744073709551615", "-9223372036854775808"]);
        check("!!float", &["18446744073709551616", "-9223372036854775809", "+9223372036854775808", "089"]);
        check("!!str", &["0x", "0b2", "0o8", "1,000", "--1", "+-1", "1a", "0xFFFFFFFFFFFFFFFFF", "-0b-1"]);
    }

    #[test]
    fn floats_are_decimal_and_finite() {
        check("!!float", &["1.0", "1.", "-.5", ".5", "1e3", "1.5E-3", "1_0.5", ".1_0"]);
        check("!!str", &["1e400", "1.2.3", "1e", "e1", "._5", ".5_", "0x1p3", "1.0.rc1"]);
    }

    #[test]
    fn timestamps_are_days_that_exist() {
        check(
            "!!timestamp",
            &["2001-01-02", "2001-1-2", "2004-02-29", "2001-1-2T3:4:5Z", "2001-01-02t03:04:05.6+24:60"],
        );
        check("!!timestamp", &["2001-01-02 03:04:05", "2001-01-02   3:4:5.123456789012"]);
        check("!!str", &["2003-02-29", "2001-13-01", "2001-01-02 03:04:05 Z", "2001-01-02T03:04:05", "01-01-02"]);
        check(
            "!!str",
            &["2001-01-02 24:00:00", "2001-01-02T03:04:05+25:00", "20010-1-1", "2001-01-02 ", "2001-01-02T03:04Z"],
        );
    }
}
