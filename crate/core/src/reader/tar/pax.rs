//! Records of extension headers, as readers that follow the grammar cut them.

use super::number::digits;

/// Key and value.
pub(super) type Record = (Vec<u8>, Vec<u8>);

/// What readers of the grammar `"%d %s=%s\n"` allow beyond it.
#[derive(Clone, Copy)]
pub(super) struct Grammar {
    /// Blanks before the length and several after it.
    pub(super) blanks: bool,
    /// NUL in keys.
    pub(super) nul_key: bool,
    /// Fewest bytes of a record.
    pub(super) least: u64,
}

/// Records up to the first that does not follow the grammar, and what is wrong with that one.
pub(super) fn records(mut bytes: &[u8], grammar: Grammar) -> (Vec<Record>, Option<&'static str>) {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        match record(bytes, grammar) {
            Ok((record, rest)) => {
                records.push(record);
                bytes = rest;
            }
            Err(what) => return (records, Some(what)),
        }
    }
    (records, None)
}

fn record(bytes: &[u8], grammar: Grammar) -> Result<(Record, &[u8]), &'static str> {
    let blank = |byte: &u8| *byte == b' ' || (grammar.blanks && *byte == b'\t');
    let blanks = if grammar.blanks { bytes.iter().take_while(|byte| blank(byte)).count() } else { 0 };
    let text = bytes.get(blanks..).unwrap_or_default();
    let (length, digits) = digits(text, 10);
    if digits == 0 {
        return Err("a record has no length");
    }
    let (whole, rest) = length
        .filter(|length| *length >= grammar.least)
        .and_then(|length| bytes.split_at_checked(usize::try_from(length).ok()?))
        .ok_or("a record's length is out of range")?;
    let body = whole.get(blanks + digits..).ok_or("a record is shorter than its length")?;
    let gap = body.iter().take_while(|byte| blank(byte)).count();
    let gap = if grammar.blanks { gap } else { gap.min(1) };
    if gap == 0 {
        return Err("no blank follows a record's length");
    }
    let (body, end) = match body.get(gap..).and_then(<[u8]>::split_last) {
        Some((end, body)) => (body, *end),
        None => return Err("a record is empty"),
    };
    let equals = body.iter().position(|byte| *byte == b'=').ok_or("a record has no equals sign")?;
    let (key, value) = (body.get(..equals).unwrap_or_default(), body.get(equals + 1..).unwrap_or_default());
    if !grammar.nul_key && key.contains(&0) {
        return Err("a record has no equals sign");
    }
    if end != b'\n' {
        return Err("a record does not end in a newline");
    }
    Ok(((key.to_vec(), value.to_vec()), rest))
}

/// Bytes in records.
pub(super) fn length(records: &[Record]) -> u64 {
    records.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum()
}

/// The last value of a key.
pub(super) fn last<'a>(records: &'a [Record], key: &[u8]) -> Option<&'a [u8]> {
    records.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_slice())
}

/// The first value of a key.
pub(super) fn first<'a>(records: &'a [Record], key: &[u8]) -> Option<&'a [u8]> {
    records.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_slice())
}
