//! PAX records: their grammar, and what they say better than the header.

use super::super::Stop;
use super::number::{decimal, time};
use super::{Header, Records, XATTR};

/// Splits a PAX header into records; the last of several with one key counts. The parts of an old sparse map are put
/// together under one key.
pub(super) fn parse(bytes: &[u8]) -> Result<Records, Stop> {
    let (mut records, mut map, mut rest) = (Records::new(), Vec::<&[u8]>::new(), bytes);
    while !rest.is_empty() {
        let Some((key, value, after)) = record(rest) else { return Stop::refused("a PAX record is malformed") };
        rest = after;
        let turn: &[u8] = if map.len().is_multiple_of(2) { b"GNU.sparse.offset" } else { b"GNU.sparse.numbytes" };
        match key {
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                if key != turn || value.contains(&b',') {
                    return Stop::refused("the records of a sparse map are out of order");
                }
                map.push(value);
            }
            key => {
                records.insert(key.to_vec(), value.to_vec());
            }
        }
    }
    if !map.is_empty() {
        records.insert(b"GNU.sparse.map".to_vec(), map.join(&b','));
    }
    Ok(records)
}

/// Key, value, and what follows them.
type Record<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// The first record.
fn record(bytes: &[u8]) -> Option<Record<'_>> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(bytes.get(..space)?)?).ok().filter(|length| *length >= 5)?;
    let (record, after) = bytes.split_at_checked(length)?;
    let (end, body) = record.get(space + 1..)?.split_last()?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (body.get(..equals)?, body.get(equals + 1..)?);
    (*end == b'\n' && is_valid(key, value)).then_some((key, value, after))
}

/// Whether Go reads and writes such a record.
pub(super) fn is_valid(key: &[u8], value: &[u8]) -> bool {
    if key.is_empty() || key.contains(&b'=') {
        return false;
    }
    match key {
        b"path" | b"linkpath" | b"uname" | b"gname" => !value.contains(&0),
        key => !key.contains(&0),
    }
}

/// A record written: its length counts itself.
pub(super) fn write(key: &[u8], value: &[u8], into: &mut Vec<u8>) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + digits(rest);
    if rest + digits(length) != length {
        length = rest + digits(length);
    }
    into.extend_from_slice(format!("{length} ").as_bytes());
    for part in [key, b"=", value, b"\n"] {
        into.extend_from_slice(part);
    }
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

/// Puts what the records say into a header.
pub(super) fn merge(header: &mut Header, records: Records) -> Result<(), Stop> {
    for (key, value) in &records {
        // An empty value leaves what the header says.
        if !value.is_empty() && put(header, key, value).is_none() {
            return Stop::refused(format!("the PAX record {} is no number", key.escape_ascii()));
        }
    }
    header.records = records;
    Ok(())
}

fn put(header: &mut Header, key: &[u8], value: &[u8]) -> Option<()> {
    match key {
        b"path" => header.name = value.to_vec(),
        b"linkpath" => header.target = value.to_vec(),
        b"uname" => header.owner = value.to_vec(),
        b"gname" => header.group = value.to_vec(),
        b"uid" => header.uid = decimal(value)?,
        b"gid" => header.gid = decimal(value)?,
        b"size" => header.size = decimal(value)?,
        b"mtime" => header.mtime = time(value)?,
        b"atime" => header.atime = time(value)?,
        b"ctime" => header.ctime = time(value)?,
        key => {
            if let Some(name) = key.strip_prefix(XATTR) {
                header.xattrs.insert(name.to_vec(), value.to_vec());
            }
        }
    }
    Some(())
}
