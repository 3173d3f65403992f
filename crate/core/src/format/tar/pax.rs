//! PAX extended headers: records, and the ones among them that say something better than the header.

use std::collections::BTreeMap;

use crate::entry::Value;

/// One record: key and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
    /// The length as written, where it has leading zeros.
    pub(super) length: Option<Vec<u8>>,
}

/// Splits a header into records (POSIX.1-2017, pax, "pax Extended Header": `"%d %s=%s\n", <length>, <keyword>, <value>`).
/// The second value is where the grammar ends before the bytes do.
pub(super) fn records(bytes: &[u8]) -> (Vec<Record>, Option<usize>) {
    let (mut records, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let Some((record, length)) = bytes.get(at..).and_then(record) else { return (records, Some(at)) };
        records.push(record);
        at += length;
    }
    (records, None)
}

fn record(bytes: &[u8]) -> Option<(Record, usize)> {
    // Twenty digits are more than any length that can exist.
    let digits = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let text = bytes.get(..digits)?;
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let length: usize = std::str::from_utf8(text).ok()?.parse().ok()?;
    let (body, end) = bytes.get(digits + 1..length)?.split_last().map(|(end, body)| (body, *end))?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    if end != b'\n' || equals == 0 {
        return None;
    }
    let length_as_written = (text.first() == Some(&b'0')).then(|| text.to_vec());
    let (key, value) = (body.get(..equals)?.to_vec(), body.get(equals + 1..)?.to_vec());
    Some((Record { key, value, length: length_as_written }, length))
}

/// A value that a record can say instead of the header, or beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    Path,
    Target,
    Size,
    Uid,
    Gid,
    Owner,
    Group,
    Mtime,
    Atime,
    Ctime,
}

/// The record's key for each.
const KNOWN: [(&[u8], Known); 10] = [
    (b"path", Known::Path),
    (b"linkpath", Known::Target),
    (b"size", Known::Size),
    (b"uid", Known::Uid),
    (b"gid", Known::Gid),
    (b"uname", Known::Owner),
    (b"gname", Known::Group),
    (b"mtime", Known::Mtime),
    (b"atime", Known::Atime),
    (b"ctime", Known::Ctime),
];

impl Known {
    pub(super) fn of(key: &[u8]) -> Option<Self> {
        KNOWN.iter().find(|(name, _)| *name == key).map(|(_, known)| *known)
    }

    /// The record's key.
    pub(super) fn key(self) -> &'static str {
        let key = KNOWN.iter().find(|(_, known)| *known == self).map_or(&b""[..], |(name, _)| name);
        std::str::from_utf8(key).unwrap_or_default()
    }
}

/// Values in effect by what they say.
pub(super) type Values = BTreeMap<Known, Vec<u8>>;

/// A decimal integer, negative ones too: `uid`, `gid`, `size`.
pub(super) fn integer(text: &[u8]) -> Option<i128> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || digits.len() > 20 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Seconds since 1970 with a fraction. The second value is whether these bytes are the usual way to write it.
pub(super) fn time(text: &[u8]) -> Option<(Value, bool)> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = i64::try_from(integer(whole).filter(|seconds| *seconds >= 0)?).ok()?;
    let nanos = (0..9).fold(0_u32, |nanos, place| {
        let digit = fraction.get(place).map_or(0, |byte| byte.saturating_sub(b'0'));
        nanos * 10 + u32::from(digit)
    });
    let usual = format!("{}{seconds}.{nanos:09}", if negative { "-" } else { "" });
    let usual = usual.trim_end_matches('0').trim_end_matches('.').as_bytes() == text && text != b"-0";
    let value = match (negative, nanos) {
        (false, _) => Value::Time(seconds, nanos),
        (true, 0) => Value::Time(-seconds, 0),
        (true, _) => Value::Time(-seconds - 1, 1_000_000_000 - nanos),
    };
    Some((value, usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_follow_the_grammar_or_end_there() {
        let check = |bytes: &[u8], expected: &[(&str, &str)], end| {
            let (records, malformed) = records(bytes);
            let found: Vec<_> = records
                .iter()
                .map(|record| (std::str::from_utf8(&record.key).unwrap(), std::str::from_utf8(&record.value).unwrap()))
                .collect();
            assert_eq!((&found[..], malformed), (expected, end), "{}", bytes.escape_ascii());
        };
        check(b"", &[], None);
        check(b"6 a=b\n", &[("a", "b")], None);
        check(b"5 a=\n", &[("a", "")], None);
        check(b"9 a=b\n=\n\n10 path=x\n", &[("a", "b\n=\n"), ("path", "x")], None);
        check(b"006 a=\n", &[], Some(0));
        check(b"008 a=b\n", &[("a", "b")], None);
        for malformed in [
            &b"7 a=b\n"[..],
            b"5 a=b\n",
            b"6 a-b\n",
            b"5 =b\n",
            b"-6 a=b\n",
            b"+6 a=b\n",
            b"6a=b\n",
            b"0 a=b\n",
            b" 6 a=b\n",
            b"99999999999999999999 a=b\n",
            b"18446744073709551615 a=b\n",
            b"1 \n",
            b"2 \n",
            b"3 \n",
        ] {
            check(malformed, &[], Some(0));
        }
        check(b"6 a=b\n\0\0", &[("a", "b")], Some(6));
    }

    #[test]
    fn times_have_fractions_and_signs() {
        let check = |text: &str, seconds, nanos, usual| {
            assert_eq!(time(text.as_bytes()), Some((Value::Time(seconds, nanos), usual)), "{text}");
        };
        check("0", 0, 0, true);
        check("1700000000", 1_700_000_000, 0, true);
        check("1700000000.5", 1_700_000_000, 500_000_000, true);
        check("1.000000001", 1, 1, true);
        check("-1", -1, 0, true);
        check("-1.25", -2, 750_000_000, true);
        check("-0.5", -1, 500_000_000, true);
        check("10", 10, 0, true);
        // The same times written otherwise.
        check("1.50", 1, 500_000_000, false);
        check("1.", 1, 0, false);
        check("01", 1, 0, false);
        check("1.0000000019", 1, 1, false);
        check("-0", 0, 0, false);
        for wrong in ["", "-", ".5", "1e9", "1,5", " 1", "--1", "1.-5", "99999999999999999999"] {
            assert_eq!(time(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
