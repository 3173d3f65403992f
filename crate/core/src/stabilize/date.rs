//! Forms in which tools write dates into files. Only what has exactly such a form is ever ignored: its length is bounded,
//! and it can hold little but a date.

use std::ops::RangeInclusive;

/// `2001-02-03 04:05+0100`, as gettext writes (GNU gettext manual, "Header Entry").
pub(super) fn is_gettext(text: &[u8]) -> bool {
    matches(text, b"YYYY-MM-DD hh:mm+hhmm")
}

/// `2001-02-03T04:05:06Z`, with up to nine digits of a fraction, or an offset (RFC 3339, 5.6).
pub(super) fn is_rfc3339(text: &[u8]) -> bool {
    let Some((head, mut rest)) = text.split_at_checked(19) else { return false };
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return false;
        }
        rest = fraction.get(digits..).unwrap_or_default();
    }
    matches(head, b"YYYY-MM-DDThh:mm:ss") && (rest == b"Z" || matches(rest, b"+hh:mm"))
}

/// What a picture states as the time of its creation: RFC 3339, RFC 1123 (which the PNG specification suggests), or the
/// words of another custom, in numbers of up to four digits and names of months, days and zones.
pub(super) fn is_written_by_a_tool(text: &[u8]) -> bool {
    if is_rfc3339(text) {
        return true;
    }
    if text.len() > 40 || !text.is_ascii() {
        return false;
    }
    let (mut numbers, mut names) = (0, 0);
    let same = |one: &u8, other: &u8| {
        one.is_ascii_digit() == other.is_ascii_digit() && one.is_ascii_alphanumeric() == other.is_ascii_alphanumeric()
    };
    for part in text.chunk_by(same) {
        let fits = match part.first() {
            Some(first) if first.is_ascii_digit() => {
                numbers += 1;
                part.len() <= 4
            }
            Some(first) if first.is_ascii_alphabetic() => {
                names += 1;
                is_name(part)
            }
            _ => part.len() <= 2 && part.iter().all(|byte| b" ,/:.+-".contains(byte)),
        };
        if !fits {
            return false;
        }
    }
    (3..=8).contains(&numbers) && names <= 4
}

/// Whether a word belongs to a date in English.
fn is_name(word: &[u8]) -> bool {
    const NAMES: [&str; 19] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ];
    // RFC 822, 5.1, and the zones of Europe and Japan.
    const ZONES: [&str; 21] = [
        "t", "z", "am", "pm", "utc", "gmt", "ut", "est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "bst", "cet",
        "cest", "eet", "eest", "jst",
    ];
    let word = word.to_ascii_lowercase();
    let short = |name: &str| name.as_bytes().get(..3) == Some(word.as_slice());
    NAMES.iter().any(|name| name.as_bytes() == word || short(name)) || ZONES.iter().any(|zone| zone.as_bytes() == word)
}

/// Whether a text has the form of a pattern: letters stand for the digits of a year, month, day, hour, minute or second
/// within their range (a minute is `mm` in lower case), `+` for a sign, and everything else for itself.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    text.len() == pattern.len()
        && pattern.chunk_by(|one, other| one == other).try_fold(text, |rest, part| {
            let (digits, rest) = rest.split_at_checked(part.len())?;
            let fits = match part.first()? {
                b'Y' => number(digits, 0..=9999),
                b'M' => number(digits, 1..=12),
                b'D' => number(digits, 1..=31),
                b'h' => number(digits, 0..=23),
                b'm' => number(digits, 0..=59),
                // Leap seconds.
                b's' => number(digits, 0..=60),
                b'+' => matches!(digits, b"+" | b"-"),
                _ => digits == part,
            };
            fits.then_some(rest)
        }) == Some(&[])
}

fn number(digits: &[u8], range: RangeInclusive<u32>) -> bool {
    let number = digits.iter().try_fold(0, |number, digit| Some(number * 10 + char::from(*digit).to_digit(10)?));
    number.is_some_and(|number| range.contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is: fn(&[u8]) -> bool, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(is(text.as_bytes()), "{text} is one");
        }
        for text in wrong {
            assert!(!is(text.as_bytes()), "{text} is none");
        }
    }

    #[test]
    fn gettext() {
        check(
            is_gettext,
            &["2001-02-03 04:05+0100", "1970-01-01 00:00-0330"],
            &[
                "",
                "YEAR-MO-DA HO:MI+ZONE",
                "2001-02-03 04:05",
                "2001-02-03 04:05+01:00",
                "2001-02-03 04:05 0100",
                "2001-13-03 04:05+0100",
                "2001-00-03 04:05+0100",
                "2001-02-32 04:05+0100",
                "2001-02-03 24:05+0100",
                "2001-02-03 04:60+0100",
                "2001-02-03T04:05+0100",
                "2001-02-03 04:05+0100 ",
                "20010-2-03 04:05+0100",
            ],
        );
    }

    #[test]
    fn rfc_3339() {
        check(
            is_rfc3339,
            &[
                "2001-02-03T04:05:06Z",
                "2001-02-03T04:05:06.1Z",
                "2001-02-03T04:05:60.123456789-07:00",
                "2001-02-03T04:05:06+00:00",
            ],
            &[
                "",
                "2001-02-03",
                "2001-02-03T04:05:06",
                "2001-02-03 04:05:06Z",
                "2001-02-03T04:05:06.Z",
                "2001-02-03T04:05:06.1234567890Z",
                "2001-02-03T04:05:06+0000",
                "2001-02-03T04:05:06Z ",
                "2001-02-03T04:05:61Z",
            ],
        );
    }

    #[test]
    fn pictures() {
        check(
            is_written_by_a_tool,
            &[
                "2001-02-03T04:05:06+00:00",
                "Sat, 03 Feb 2001 04:05:06 +0000",
                "Sat Feb  3 04:05:06 2001",
                "3 February 2001 4:05 pm CET",
                "2001:02:03 04:05:06",
                "02/03/01",
                "2001-02-03",
            ],
            &[
                "",
                "2001",
                "now",
                "123456789012345678901234567890",
                "2001-02-03; curl x",
                "2001-02-03 evil",
                "1.2.3.4.5.6.7.8.9",
                "2001 ---- 02 03",
                "Sat Sun Mon Tue Wed 1 2 3",
                "2001-02-03 00000000000000000000000000000000000000",
            ],
        );
    }
}
