//! ZIP archives (PKWARE APPNOTE 6.3.10): what the directory says, checked against what the archive's bytes say.
//!
//! Entries come in directory order, one for each record, duplicates too. Every byte ends up in one of: a path, a
//! content, a field, a problem. So for each entry the local header and the data descriptor are read beside the
//! directory record, and what they say otherwise becomes a `local:` or `descriptor:` field; and bytes that no record
//! accounts for become fields of the container, with their digest.
//!
//! [`end`] finds the directory, [`record`] and [`extra`] decode, [`member`] puts one entry into words, [`layout`]
//! accounts for all bytes, [`signing`] knows the block that Android packages have, [`recovery`] does without a directory.

mod end;
mod extra;
mod layout;
mod member;
mod record;
mod recovery;
mod signing;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Read};

use sha2::{Digest as _, Sha256};

use crate::codec::{self, Input};
use crate::entry::{Coding, Content, Entry, Kind, Value};
use crate::error::Fault;
use crate::format::{Format, Opening, Shape};

pub use end::{COMMENTED_END, ends_like_zip, ends_with_comment};
use end::{End, Search};
use record::{Descriptor, Header, LOCAL, Record, flag};

/// ZIP archives, and everything that is one: wheels, jars, documents.
pub const ZIP: Format = Format { id: "zip", title: "ZIP archive", shape: Shape::Archive, detect, open };

/// Bytes of the directory read at once: large, because in a decoded base going back may mean decoding again.
const DIRECTORY_PIECE: u64 = 8 << 20;
/// Bytes read at once where a local header should be: enough for most headers and for several small entries.
const LOCAL_PIECE: u64 = 2 << 10;
/// Bytes read at once to be hashed.
const HASH_PIECE: u64 = 256 << 10;
/// More problems and gaps than this are counted, not described.
const MOST_DESCRIBED: u64 = 1000;
/// The longest link target given as a field, in bytes: PATH_MAX of Linux.
const MOST_TARGET: u64 = 4096;

/// A local header, the end of an empty archive, or the marker of a split one (APPNOTE 8.5.4, 8.5.5).
fn detect(head: &[u8], _: &[u8]) -> bool {
    head.starts_with(&LOCAL)
        || head.starts_with(b"PK\x05\x06")
        || head.starts_with(b"PK\x07\x08PK\x03\x04")
        || head.starts_with(b"PK00PK\x03\x04")
}

fn open(opening: &mut dyn Opening) -> Result<(), Fault> {
    let length = opening.length()?;
    let mut archive = Archive {
        opening,
        length,
        window: Window::new(LOCAL_PIECE),
        spans: Vec::new(),
        // Headers and unreadable data that do not overlap never come to more than the archive itself.
        allowance: length.saturating_mul(4).saturating_add(1 << 20),
        untold: 0,
        told: 0,
    };
    let result = match End::search(&mut archive) {
        Ok(Search::Found(mut end)) => directory(&mut archive, &mut end),
        Ok(Search::Nothing(why)) => recovery::walk(&mut archive, why),
        Err(fault) => Err(fault),
    };
    if archive.untold > 0 {
        let message = format!("{} more problems of this archive are not listed", archive.untold);
        archive.opening.problem(Fault::new(message));
    }
    result
}

/// An archive being opened.
struct Archive<'o> {
    opening: &'o mut dyn Opening,
    /// Bytes in the whole file.
    length: u64,
    window: Window,
    /// Where the entries are, in the order given.
    spans: Vec<Span>,
    /// Bytes that may still be read for entries that overlap.
    allowance: u64,
    told: u64,
    untold: u64,
}

/// The bytes of one entry, from its local header to the end of its data or data descriptor.
#[derive(Clone, Copy)]
struct Span {
    start: u64,
    end: u64,
    /// Where its name stands, to say it when there is need: byte and length.
    name: (u64, u64),
}

/// What some bytes are that no record accounts for.
struct Unclaimed {
    sha256: [u8; 32],
    zero: bool,
    /// Where in them a local header seems to begin.
    headers: Vec<u64>,
}

impl Archive<'_> {
    /// Bytes at an offset, read together with their neighbourhood; fewer than `count` only at the end.
    fn near(&mut self, offset: u64, count: u64) -> Result<&[u8], Fault> {
        self.window.get(self.opening, offset, count)
    }

    fn tell(&mut self, fault: Fault) {
        if self.told < MOST_DESCRIBED {
            self.told += 1;
            self.opening.problem(fault);
        } else {
            self.untold += 1;
        }
    }

    /// Counts bytes read for one entry alone.
    fn spend(&mut self, bytes: u64) -> Result<(), Fault> {
        match self.allowance.checked_sub(bytes) {
            Some(left) => self.allowance = left,
            None => {
                let message = "stopped at the limit total-bytes: the entries overlap too much";
                return Err(Fault::limit("total-bytes", message));
            }
        }
        Ok(())
    }

    /// Hashes a range, and looks for local headers in it if wanted.
    fn unclaimed(&mut self, start: u64, end: u64, headers: bool) -> Result<Unclaimed, Fault> {
        let (mut hash, mut zero, mut candidates) = (Sha256::new(), true, Vec::new());
        let mut at = start;
        // The last bytes of the piece before stay in front, for a signature that begins there.
        let mut buffer: Vec<u8> = Vec::new();
        while at < end {
            let carried = buffer.len();
            buffer.extend(self.opening.up_to_unbounded(at, (end - at).min(HASH_PIECE))?);
            let piece = buffer.get(carried..).unwrap_or_default();
            if piece.is_empty() {
                break;
            }
            hash.update(piece);
            zero = zero && piece.iter().all(|byte| *byte == 0);
            if headers {
                let first = at - carried as u64;
                candidates.extend(places(&buffer, LOCAL).map(|index| first + index as u64).take(1000));
            }
            at += piece.len() as u64;
            buffer.drain(..buffer.len().saturating_sub(3));
        }
        let mut found = Vec::new();
        for candidate in candidates {
            if Header::plausible(self.near(candidate, Header::FIXED)?, end - candidate) {
                found.push(candidate);
            }
        }
        Ok(Unclaimed { sha256: hash.finalize().into(), zero, headers: found })
    }
}

/// Bytes of the archive around the place being read, so that neighbouring records cost one read.
struct Window {
    piece: u64,
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    fn new(piece: u64) -> Self {
        Self { piece, start: 0, bytes: Vec::new() }
    }

    /// `count` bytes at `offset`, fewer only at the end. `count` is bounded: at most a record with its variable part.
    fn get(&mut self, opening: &mut dyn Opening, offset: u64, count: u64) -> Result<&[u8], Fault> {
        let have = self.start.saturating_add(self.bytes.len() as u64);
        if offset < self.start || offset.saturating_add(count) > have {
            self.start = offset;
            self.bytes.resize(usize::try_from(self.piece.max(count)).unwrap_or(usize::MAX), 0);
            let mut filled = 0;
            while let Some(rest) = self.bytes.get_mut(filled..)
                && !rest.is_empty()
            {
                match opening.read_at(offset.saturating_add(filled as u64), rest)? {
                    0 => break,
                    read => filled += read,
                }
            }
            self.bytes.truncate(filled);
        }
        let within = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        let rest = self.bytes.get(within..).unwrap_or_default();
        Ok(usize::try_from(count).ok().and_then(|count| rest.get(..count)).unwrap_or(rest))
    }
}

/// Gives what the directory lists, then accounts for the rest.
fn directory(archive: &mut Archive<'_>, end: &mut End) -> Result<(), Fault> {
    end.tell(archive)?;
    let mut window = Window::new(DIRECTORY_PIECE.min(end.directory_end - end.directory));
    let (mut at, mut count) = (end.directory, 0);
    while let Some(length) = Record::length(window.get(archive.opening, at, Record::FIXED)?)
        && length <= end.directory_end.saturating_sub(at)
        && let Some(record) = Record::parse(window.get(archive.opening, at, length)?)
    {
        if let Err(fault) = listed(archive, end, &record, at) {
            // The limit that was reached says more than one reached again while this is looked into.
            let _ = layout::stopped(archive);
            return Err(fault);
        }
        at += length;
        count += 1;
    }
    if count < end.entries && at < end.directory_end {
        let message = format!("directory record {} is damaged: it and what follows it is not read", count + 1);
        archive.tell(Fault::at(at, message).raises("ZIP-10"));
    }
    end.check(archive, count, at - end.directory);
    let mut records = std::mem::take(&mut end.records);
    records.push((end.directory, at));
    layout::describe(archive, records, Some(end.directory))
}

/// Gives the entry of the directory record at a byte.
fn listed(archive: &mut Archive<'_>, end: &End, record: &Record<'_>, at: u64) -> Result<(), Fault> {
    let header = &record.header;
    let mut entry = member::describe(header, Some(record));
    let mut faults = Vec::new();
    let fault =
        |place: u64| Fault::at(place, format!("there is no local header of {}", shown(header.name))).raises("ZIP-04");
    let Some(place) = end.place(header.offset).filter(|place| *place < archive.length) else {
        // The record is where the file can be looked into: what it points to is not there.
        let message = format!(
            "the local header of {} would be at byte {}, beyond the end of the file",
            shown(header.name),
            header.offset
        );
        return unlocated(archive, entry, header, Fault::at(at, message).raises("ZIP-04"));
    };
    let Some(variable) = Header::variable(archive.near(place, Header::FIXED)?) else {
        return unlocated(archive, entry, header, fault(place));
    };
    archive.spend(variable)?;
    let length = Header::FIXED + variable;
    let Some(local) = Header::parse(archive.near(place, length)?) else {
        return unlocated(archive, entry, header, fault(place));
    };
    member::compare(&mut entry, header, &local, place, &mut faults);
    let data = Data {
        start: place + length,
        described: (header.flags | local.flags) & flag::DESCRIPTOR != 0,
        wide: extra::Blocks::new(local.extra).any(|(id, _)| id == extra::ZIP64),
    };
    let data_end = attach(archive, &mut entry, header, &data, &mut faults)?;
    let name = (at + Record::FIXED, header.name.len() as u64);
    archive.spans.push(Span { start: place, end: data_end, name });
    give(archive, entry, faults)
}

/// Gives an entry without its bytes.
fn unlocated(archive: &mut Archive<'_>, mut entry: Entry, header: &Header<'_>, fault: Fault) -> Result<(), Fault> {
    entry.unread = Some("there is no local header where its record points".into());
    unread_fields(&mut entry, header);
    give(archive, entry, vec![fault])
}

fn give(archive: &mut Archive<'_>, mut entry: Entry, faults: Vec<Fault>) -> Result<(), Fault> {
    entry.fields.shrink_to_fit();
    archive.opening.entry(entry)?;
    for fault in faults {
        archive.tell(fault);
    }
    Ok(())
}

/// Where an entry's data are and what follows them.
struct Data {
    start: u64,
    /// Whether a data descriptor should follow.
    described: bool,
    /// Whether it should have 64-bit sizes.
    wide: bool,
}

/// Adds the content, or why there is none, and the data descriptor. Gives the byte after the last.
fn attach(
    archive: &mut Archive<'_>,
    entry: &mut Entry,
    header: &Header<'_>,
    data: &Data,
    faults: &mut Vec<Fault>,
) -> Result<u64, Fault> {
    let claimed = data.start.saturating_add(header.compressed);
    let mut end = claimed.min(archive.length).max(data.start);
    if claimed > archive.length {
        let beyond = claimed - archive.length;
        let message = format!("the data of {} reach {beyond} bytes beyond the end of the file", shown(header.name));
        faults.push(Fault::at(data.start, message).raises("ZIP-04"));
    }
    match member::readable(header) {
        Ok(coding) => {
            if coding == Coding::Stored && header.compressed != header.size {
                let (stored, size) = (header.compressed, header.size);
                let message = format!("{} is stored in {stored} bytes but has {size}", shown(header.name));
                faults.push(Fault::at(data.start, message).raises("ZIP-12"));
            }
            if entry.kind == Kind::Directory && header.compressed == 0 && header.size == 0 {
                if header.crc != 0 {
                    entry.field("crc32", Value::Number(header.crc.into()));
                }
            } else {
                entry.crc32 = Some(header.crc);
                entry.content = Some(Content {
                    base: archive.opening.base(),
                    offset: data.start,
                    stored: end - data.start,
                    coding,
                    size: Some(header.size),
                });
                add_target(archive, entry)?;
            }
        }
        Err(why) => {
            entry.unread = Some(why);
            unread_fields(entry, header);
            archive.spend(end - data.start)?;
            let stored = archive.unclaimed(data.start, end, false)?;
            entry.field("stored-sha256", Value::Digest(stored.sha256));
            if let Some(coding) = member::on_trial(header).filter(|_| claimed <= archive.length) {
                let (base, offset, stored) = (archive.opening.base(), data.start, end - data.start);
                entry.crc32 = Some(header.crc);
                entry.content = Some(Content { base, offset, stored, coding, size: Some(header.size) });
            }
        }
    }
    if data.described {
        let descriptor = Descriptor::after(archive.near(end, Descriptor::MOST)?, header, data.wide);
        member::compare_descriptor(entry, header, descriptor, end, faults);
        end = end.saturating_add(descriptor.map_or(0, Descriptor::length)).min(archive.length);
    }
    Ok(end)
}

/// What a content would have said.
fn unread_fields(entry: &mut Entry, header: &Header<'_>) {
    entry.field("size", Value::Number(header.size.into()));
    if let Some(crc) = member::crc(header) {
        entry.field("crc32", Value::Number(crc.into()));
    }
}

/// Adds what a symbolic link points to, if that is short and can be decoded here.
fn add_target(archive: &mut Archive<'_>, entry: &mut Entry) -> Result<(), Fault> {
    let Some(content) = &entry.content else { return Ok(()) };
    let short = content.size.is_some_and(|size| size <= MOST_TARGET) && content.stored <= 2 * MOST_TARGET;
    if entry.kind != Kind::Symlink || !short || !matches!(content.coding, Coding::Stored | Coding::Deflate) {
        return Ok(());
    }
    let stored = archive.opening.up_to(content.offset, content.stored)?;
    let mut target = Vec::new();
    let decoder = codec::decoder(
        &content.coding,
        Input::new(Box::new(Cursor::new(stored)), archive.opening.limits()),
        content.size,
    )?;
    // Damage is found again, and reported, when the content is read.
    if decoder.take(MOST_TARGET + 1).read_to_end(&mut target).is_ok() && content.size == Some(target.len() as u64) {
        entry.field("target", Value::Bytes(target));
    }
    Ok(())
}

/// Where a signature begins: parts without its first byte, most of them, are passed over quickly.
fn places(bytes: &[u8], signature: [u8; 4]) -> impl DoubleEndedIterator<Item = usize> {
    const PART: usize = 256;
    let parts = bytes.chunks(PART).enumerate().filter(move |(_, part)| part.contains(&signature[0]));
    parts
        .flat_map(|(number, part)| number * PART..number * PART + part.len())
        .filter(move |at| bytes.get(*at..).is_some_and(|rest| rest.starts_with(&signature)))
}

/// A name in a sentence: quoted, escaped, not too long.
fn shown(name: &[u8]) -> String {
    const MOST: usize = 120;
    match std::str::from_utf8(name) {
        Ok(text) if text.chars().nth(MOST).is_none() => format!("{text:?}"),
        Ok(text) => format!("{:?}…", text.chars().take(MOST).collect::<String>()),
        Err(_) => match name.split_at_checked(MOST) {
            Some((head, _)) => format!("\"{}\"…", head.escape_ascii()),
            None => format!("\"{}\"", name.escape_ascii()),
        },
    }
}
