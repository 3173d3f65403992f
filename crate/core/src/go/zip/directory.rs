//! Finding and reading the directory.

use crate::error::Fault;
use crate::store::Store;

use super::super::{Bytes, Stop};
use super::{Entry, Header, Modified, utf8};

/// Bytes of the end record, its locator and its zip64 companion, and of a directory record (APPNOTE 4.3).
const END: usize = 22;
const LOCATOR: u64 = 20;
const END64: usize = 56;
const RECORD: usize = 46;

/// What the directory says.
pub(crate) struct Directory {
    pub(crate) entries: Vec<Entry>,
    pub(crate) comment: Vec<u8>,
}

/// Little-endian numbers off the front of some bytes; zero where they end, which the callers have checked.
struct Front<'a>(&'a [u8]);

impl<'a> Front<'a> {
    fn take(&mut self, count: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at_checked(count).unwrap_or((self.0, &[]));
        self.0 = rest;
        head
    }

    fn number(&mut self, width: usize) -> u64 {
        self.take(width).iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    fn u16(&mut self) -> u16 {
        u16::try_from(self.number(2)).unwrap_or_default()
    }

    fn u32(&mut self) -> u32 {
        u32::try_from(self.number(4)).unwrap_or_default()
    }
}

/// The end record, followed to the directory.
struct End {
    records: u64,
    /// First byte of the directory.
    directory: i64,
    /// What is added to every stored offset: bytes put in front.
    base: i64,
    comment: Vec<u8>,
}

/// Reads the directory.
///
/// # Errors
/// What Go reports; a limit or a device of ours.
pub(crate) fn read(store: &Store, bytes: &mut Bytes<'_>) -> Result<Directory, Stop> {
    let end = end(bytes)?;
    let most = store.budget(|budget| budget.limits().get("entries"));
    let mut entries = Vec::new();
    let mut at = u64::try_from(end.directory).unwrap_or(u64::MAX);
    while let Some((mut entry, length)) = record(bytes, at)? {
        if entries.len() as u64 >= most {
            return Err(Stop::Fault(Fault::limit("entries", format!("stopped at the limit entries: {most} entries"))));
        }
        entry.offset = entry.offset.wrapping_add(end.base);
        entries.push(entry);
        at += length;
    }
    // Go compares 16 bits, and so do we.
    if (entries.len() as u64 ^ end.records) & 0xffff != 0 {
        let (found, records) = (entries.len(), end.records);
        return Stop::refused(format!(
            "the zip directory has {found} records that can be read, its end says {records}"
        ));
    }
    Ok(Directory { entries, comment: end.comment })
}

/// The record at a byte and its length; `None` where the directory ends, by whatever is no record.
fn record(bytes: &mut Bytes<'_>, at: u64) -> Result<Option<(Entry, u64)>, Stop> {
    let fixed = bytes.get(at, RECORD)?;
    if fixed.is_empty() {
        return Stop::refused("the zip directory ends with the file");
    }
    if fixed.len() < RECORD || !fixed.starts_with(b"PK\x01\x02") {
        return Ok(None);
    }
    let mut front = Front(fixed);
    front.take(4);
    let (made_by, _, flags, method) = (front.u16(), front.u16(), front.u16(), front.u16());
    let dos = (front.u16(), front.u16());
    let crc32 = front.u32();
    let (mut compressed, mut size) = (front.number(4), front.number(4));
    let lengths = [front.u16(), front.u16(), front.u16()].map(usize::from);
    front.take(4);
    let attributes = front.u32();
    let mut offset = front.number(4);
    let variable: usize = lengths.iter().sum();
    let got = bytes.get(at + RECORD as u64, variable)?;
    if got.len() < variable {
        return if got.is_empty() { Stop::refused("the zip directory ends with the file") } else { Ok(None) };
    }
    let mut front = Front(got);
    let [name, extra, comment] = lengths.map(|length| front.take(length).to_vec());
    if !widen(&extra, [&mut size, &mut compressed, &mut offset]) {
        return Ok(None);
    }
    let not_utf8 = match (utf8(&name), utf8(&comment)) {
        (Some(false), Some(false)) => false,
        (Some(_), Some(_)) => flags & 0x800 == 0,
        _ => true,
    };
    let modified = Modified::new(dos, &extra);
    let header = Header { name, comment, not_utf8, made_by, flags, method, modified, crc32, extra, attributes };
    let offset = offset.cast_signed();
    let entry = Entry { header, offset, compressed, size, described: flags & 8 != 0 };
    Ok(Some((entry, (RECORD + variable) as u64)))
}

/// Takes the values that do not fit from the zip64 block. False when they must be there and are not.
fn widen(extra: &[u8], [size, compressed, offset]: [&mut u64; 3]) -> bool {
    let full = u64::from(u32::MAX);
    let mut needed = [*size == full, *compressed == full, *offset == full];
    let mut rest = Front(extra);
    while rest.0.len() >= 4 {
        let (id, length) = (rest.u16(), usize::from(rest.u16()));
        if rest.0.len() < length {
            break;
        }
        let mut block = Front(rest.take(length));
        if id != 1 {
            continue;
        }
        for (value, needed) in [&mut *size, &mut *compressed, &mut *offset].into_iter().zip(&mut needed) {
            if std::mem::take(needed) {
                if block.0.len() < 8 {
                    return false;
                }
                *value = block.number(8);
            }
        }
    }
    let [_, compressed, offset] = needed;
    !compressed && !offset
}

fn end(bytes: &mut Bytes<'_>) -> Result<End, Stop> {
    let size = bytes.len()?;
    let Some((at, record)) = find(bytes, size)? else {
        return Stop::refused("there is no zip end record where Go looks for it");
    };
    let mut front = Front(&record);
    front.take(8);
    front.u16();
    let (mut records, mut length, mut offset) = (u64::from(front.u16()), front.number(4), front.number(4));
    let comment_length = usize::from(front.u16());
    if front.0.len() < comment_length {
        return Stop::refused("the zip comment ends early");
    }
    let comment = front.take(comment_length).to_vec();
    let mut end = at;
    // As Go has it, with a slip in the second value.
    if (records == 0xffff || length == 0xffff || offset == 0xffff_ffff)
        && let Some(place) = locator(bytes, at)?
    {
        let wide = bytes.get(place, END64)?;
        if wide.len() < END64 || !wide.starts_with(b"PK\x06\x06") {
            return Stop::refused("the zip64 locator points to no zip64 end record");
        }
        let mut front = Front(wide);
        front.take(32);
        (records, length, offset) = (front.number(8), front.number(8), front.number(8));
        end = place;
    }
    let wrong = || Stop::Refused("the zip end record points to no directory".into());
    let signed = |value: u64| i64::try_from(value).map_err(|_| wrong());
    let (length, offset, size) = (signed(length)?, signed(offset)?, signed(size)?);
    let mut base = signed(end)?.wrapping_sub(length).wrapping_sub(offset);
    let directory = base.wrapping_add(offset);
    if directory < 0 || directory >= size {
        return Err(wrong());
    }
    // Bytes in front that were counted into the offsets.
    if base > 0 && begins(bytes, offset)? {
        base = 0;
    }
    Ok(End { records, directory: base.wrapping_add(offset), base, comment })
}

/// Whether a directory record begins at a byte.
fn begins(bytes: &mut Bytes<'_>, offset: i64) -> Result<bool, Stop> {
    let at = u64::try_from(offset).unwrap_or(u64::MAX);
    match record(bytes, at) {
        Ok(found) => Ok(found.is_some()),
        Err(Stop::Refused(_)) => Ok(false),
        Err(stop) => Err(stop),
    }
}

/// The last end record in the last kilobyte, or in the last 65: its place, and the bytes from it on. One whose comment
/// would reach past the end ends the search.
fn find(bytes: &mut Bytes<'_>, size: u64) -> Result<Option<(u64, Vec<u8>)>, Stop> {
    for length in [1024, 65 * 1024] {
        let start = size.saturating_sub(length);
        let tail = bytes.get(start, usize::try_from(size - start).unwrap_or_default())?;
        let last = tail.windows(END).rposition(|record| record.starts_with(b"PK\x05\x06"));
        if let Some(at) = last
            && let Some(record) = tail.get(at..)
        {
            let comment = Front(record.get(END - 2..).unwrap_or_default()).u16();
            if END + usize::from(comment) <= record.len() {
                return Ok(Some((start + at as u64, record.to_vec())));
            }
        }
        if start == 0 {
            break;
        }
    }
    Ok(None)
}

/// Where the locator before the end record points to; `None` without one that Go accepts.
fn locator(bytes: &mut Bytes<'_>, end: u64) -> Result<Option<u64>, Stop> {
    let Some(at) = end.checked_sub(LOCATOR) else { return Ok(None) };
    let mut front = Front(bytes.get(at, 20)?);
    let fine = front.take(4) == b"PK\x06\x07" && front.u32() == 0;
    let place = front.number(8);
    // A negative place is none.
    Ok((fine && front.u32() == 1 && place < 1 << 63).then_some(place))
}
