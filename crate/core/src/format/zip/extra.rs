//! Extra blocks: what directory records and local headers carry beside their fixed values (APPNOTE 4.5, and
//! Info-ZIP's `extrafld.txt`).
//!
//! A block that does not decode exactly, to its last byte, is given raw as `extra:XXXX`, so nothing in it is lost.

use std::borrow::Cow;

use crate::entry::{Field, Value};

use super::record::{Front, Header, wide};

/// Id of the block with the values that need 64 bits.
pub(super) const ZIP64: u16 = 0x0001;
/// Id of the block with Unix times.
const TIMES: u16 = 0x5455;
/// Id of the block of WinZip's AES encryption.
pub(super) const AES: u16 = 0x9901;

/// More blocks of one header than this are given as one: each becomes a field many times its own size.
const MOST_BLOCKS: usize = 16;

/// The blocks of an extra field, until one that does not fit.
pub(super) struct Blocks<'a> {
    /// What was not taken yet; after the end, the bytes that form no block.
    pub(super) rest: &'a [u8],
}

impl<'a> Blocks<'a> {
    pub(super) fn new(extra: &'a [u8]) -> Self {
        Self { rest: extra }
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut front = Front(self.rest);
        let (id, length) = (front.u16()?, front.u16()?);
        let data = front.take(length.into())?;
        self.rest = front.0;
        Some((id, data))
    }
}

/// Adds what the extra field of `header` says.
pub(super) fn describe(header: &Header<'_>, into: &mut Vec<Field>) {
    let mut blocks = Blocks::new(header.extra);
    let mut zip64 = Some(header);
    for (id, data) in blocks.by_ref().take(MOST_BLOCKS) {
        let before = into.len();
        let known = match id {
            ZIP64 => zip64.take().and_then(|header| describe_zip64(header, into)),
            0x000a => ntfs(data, into),
            0x000d => pkware_unix(data, into),
            TIMES => extended_timestamp(data, into),
            0x5855 => info_zip_1(data, into),
            0x6375 => unicode("unicode-comment", data, None, into),
            0x7075 => unicode("unicode-path", data, Some(header.name), into),
            0x7855 => info_zip_2(data, into),
            0x7875 => info_zip_3(data, into),
            AES => aes(data, into),
            _ => None,
        };
        if known.is_none() {
            into.truncate(before);
            into.push(Field::new(format!("extra:{id:04x}"), Value::Bytes(data.to_vec())));
        }
    }
    if !blocks.rest.is_empty() {
        into.push(Field::new("extra-rest", Value::Bytes(blocks.rest.to_vec())));
    }
}

/// The AES block's version of the encryption (1 or 2), if there is one: version 2 keeps no CRC.
pub(super) fn aes_version(extra: &[u8]) -> Option<u16> {
    Blocks::new(extra).find(|(id, _)| *id == AES).and_then(|(_, data)| Front(data).u16())
}

/// The flags of the first extended timestamp: which times the local header has.
pub(super) fn time_flags(extra: &[u8]) -> Option<u8> {
    Blocks::new(extra).find(|(id, _)| *id == TIMES).and_then(|(_, data)| Front(data).u8())
}

/// Ids of the blocks of `ours` that `theirs` has no block for.
pub(super) fn without(ours: &[u8], theirs: &[u8]) -> Option<String> {
    let mut missing = String::new();
    for (id, _) in Blocks::new(ours).take(MOST_BLOCKS) {
        if Blocks::new(theirs).take(MOST_BLOCKS).all(|(other, _)| other != id) {
            if !missing.is_empty() {
                missing.push(' ');
            }
            missing.push_str(&format!("{id:04x}"));
        }
    }
    (!missing.is_empty()).then_some(missing)
}

fn say(into: &mut Vec<Field>, name: &'static str, value: Value) {
    into.push(Field::new(name, value));
}

fn number(into: &mut Vec<Field>, name: &'static str, number: impl Into<i128>) {
    say(into, name, Value::Number(number.into()));
}

/// `Some` when everything was taken.
fn done(front: &Front<'_>) -> Option<()> {
    front.0.is_empty().then_some(())
}

fn describe_zip64(header: &Header<'_>, into: &mut Vec<Field>) -> Option<()> {
    if header.zip64 == 0 || header.zip64_left > 0 {
        return None;
    }
    let names =
        [(wide::SIZE, "size"), (wide::COMPRESSED, "compressed-size"), (wide::OFFSET, "offset"), (wide::DISK, "disk")];
    let taken: Vec<&str> = names.iter().filter(|(bit, _)| header.zip64 & bit != 0).map(|(_, name)| *name).collect();
    let text: Cow<'static, str> = match taken.as_slice() {
        ["size", "compressed-size"] => "size, compressed-size".into(),
        names => names.join(", ").into(),
    };
    say(into, "zip64", Value::Text(text));
    Some(())
}

/// Times in 100 ns since 1601.
fn ntfs(data: &[u8], into: &mut Vec<Field>) -> Option<()> {
    /// Seconds from 1601 to 1970.
    const EPOCH: i64 = 11_644_473_600;
    let mut front = Front(data);
    let (reserved, tag, length) = (front.u32()?, front.u16()?, front.u16()?);
    if (reserved, tag, length) != (0, 1, 24) {
        return None;
    }
    for name in ["ntfs-mtime", "ntfs-atime", "ntfs-ctime"] {
        let ticks = front.u64()?;
        let seconds = i64::try_from(ticks / 10_000_000).ok()?.checked_sub(EPOCH)?;
        let nanoseconds = u32::try_from(ticks % 10_000_000).ok()?.checked_mul(100)?;
        say(into, name, Value::Time(seconds, nanoseconds));
    }
    done(&front)
}

fn unix_time(front: &mut Front<'_>, name: &'static str, into: &mut Vec<Field>) -> Option<()> {
    let seconds = front.u32()?.cast_signed();
    say(into, name, Value::Time(seconds.into(), 0));
    Some(())
}

/// The directory's copy has the flags of the local one but only the first time: the comparison with the local header
/// takes `unix-time-flags` back when that is so.
fn extended_timestamp(data: &[u8], into: &mut Vec<Field>) -> Option<()> {
    let mut front = Front(data);
    let flags = front.u8()?;
    let mut present = 0;
    for (bit, name) in [(1, "unix-mtime"), (2, "unix-atime"), (4, "unix-ctime")] {
        if flags & bit != 0 && !front.0.is_empty() {
            unix_time(&mut front, name, into)?;
            present |= bit;
        }
    }
    if flags != present {
        number(into, "unix-time-flags", flags);
    }
    done(&front)
}

/// Times and owner of the first Info-ZIP layout; the directory's copy has no owner.
fn info_zip_1(data: &[u8], into: &mut Vec<Field>) -> Option<()> {
    let mut front = Front(data);
    say(into, "unix-layout", Value::text("Info-ZIP 1"));
    unix_time(&mut front, "unix-atime", into)?;
    unix_time(&mut front, "unix-mtime", into)?;
    if !front.0.is_empty() {
        number(into, "uid", front.u16()?);
        number(into, "gid", front.u16()?);
    }
    done(&front)
}

/// Owner of the second Info-ZIP layout; the directory's copy is empty.
fn info_zip_2(data: &[u8], into: &mut Vec<Field>) -> Option<()> {
    let mut front = Front(data);
    say(into, "unix-layout", Value::text("Info-ZIP 2"));
    if !front.0.is_empty() {
        number(into, "uid", front.u16()?);
        number(into, "gid", front.u16()?);
    }
    done(&front)
}

/// Owner of any width; 32 bits are usual.
fn info_zip_3(data: &[u8], into: &mut Vec<Field>) -> Option<()> {
    let mut front = Front(data);
    if front.u8()? != 1 {
        return None;
    }
    let mut usual = true;
    for name in ["uid", "gid"] {
        let width = front.u8()?;
        usual = usual && width == 4;
        let mut bytes = [0; 8];
        bytes.get_mut(..width.into())?.copy_from_slice(front.take(width.into())?);
        number(into, name, u64::from_le_bytes(bytes));
    }
    if !usual && let Some(field) = into.last_mut() {
        field.stored = Some(data.to_vec());
    }
    done(&front)
}

fn pkware_unix(data: &[u8], into: &mut Vec<Field>) -> Option<()> {
    let mut front = Front(data);
    say(into, "unix-layout", Value::text("PKWARE"));
    unix_time(&mut front, "unix-atime", into)?;
    unix_time(&mut front, "unix-mtime", into)?;
    number(into, "uid", front.u16()?);
    number(into, "gid", front.u16()?);
    if !front.0.is_empty() {
        // A link's target, or a device's numbers.
        say(into, "unix-data", Value::Bytes(front.0.to_vec()));
    }
    Some(())
}

/// The name or comment in UTF-8, valid only for the one whose CRC it carries (APPNOTE 4.6.8, 4.6.9).
fn unicode(name: &'static str, data: &[u8], of: Option<&[u8]>, into: &mut Vec<Field>) -> Option<()> {
    let mut front = Front(data);
    if front.u8()? != 1 {
        return None;
    }
    let crc = front.u32()?;
    say(into, name, Value::Bytes(front.0.to_vec()));
    if of.map(crc32fast::hash) != Some(crc) {
        number(into, if of.is_some() { "unicode-path-crc32" } else { "unicode-comment-crc32" }, crc);
    }
    Some(())
}

fn aes(data: &[u8], into: &mut Vec<Field>) -> Option<()> {
    let mut front = Front(data);
    let (version, vendor, strength, method) = (front.u16()?, front.take(2)?, front.u8()?, front.u16()?);
    if vendor != b"AE" {
        return None;
    }
    number(into, "aes-version", version);
    number(into, "aes-strength", strength);
    say(into, "aes-method", Value::Text(super::member::method(method)));
    done(&front)
}
