//! Reading an archive without a directory, from its local headers: a download cut off, or a damaged end.

use crate::entry::{Coding, Content};
use crate::error::Fault;

use super::record::{CENTRAL, Descriptor, Header, LOCAL, flag};
use super::{Archive, Data, Span, attach, extra, give, layout, member, shown};

/// Bytes searched at once for a data descriptor, and how many of them are searched again with the next.
const PIECE: u64 = 64 << 10;
const OVERLAP: u64 = 48;

/// Gives what the local headers say, one after another from the start, until one is missing or has no known end.
///
/// # Errors
/// `why` there is no directory, when there is no local header either.
pub(super) fn walk(archive: &mut Archive<'_>, why: Fault) -> Result<(), Fault> {
    // The marker of a split archive may come first (APPNOTE 8.5.4).
    let mut at = if archive.near(0, 4)?.starts_with(&LOCAL) { 0 } else { 4 };
    if !Header::plausible(archive.near(at, Header::FIXED)?, u64::MAX) {
        return Err(why);
    }
    let message = format!("{}: showing what the local headers say", why.message);
    archive.tell(Fault { message, ..why });
    while let Some(next) = member(archive, at)? {
        at = next;
    }
    layout::describe(archive, Vec::new(), None)
}

/// Gives the entry whose local header is at a byte, and the byte after it; `None` when there is none.
fn member(archive: &mut Archive<'_>, at: u64) -> Result<Option<u64>, Fault> {
    let fixed = archive.near(at, Header::FIXED)?;
    let Some(variable) = Header::variable(fixed).filter(|_| Header::plausible(fixed, u64::MAX)) else {
        // The usual ends: of the file, or at what is left of the directory.
        if !matches!(fixed, [] | [b'P', b'K', 1, 2, ..] | [b'P', b'K', 6, 6, ..] | [b'P', b'K', 5, 6, ..]) {
            archive.tell(Fault::at(at, "no local header begins here: the rest is not read").raises("GEN-06"));
        }
        return Ok(None);
    };
    let start = at + Header::FIXED + variable;
    let bytes = archive.near(at, Header::FIXED + variable)?.to_vec();
    let Some(mut header) = Header::parse(&bytes) else {
        archive.tell(Fault::at(at, "the data ends inside a local header").raises("GEN-06"));
        return Ok(None);
    };
    let name = (at + Header::FIXED, header.name.len() as u64);
    let described = header.flags & flag::DESCRIPTOR != 0;
    if described && header.compressed == 0 {
        let Some(descriptor) = find_descriptor(archive, start)? else {
            return unbounded(archive, &header, start).map(|()| None);
        };
        (header.crc, header.compressed, header.size) = (descriptor.crc, descriptor.compressed, descriptor.size);
    }
    let mut entry = member::describe(&header, None);
    let mut faults = Vec::new();
    let wide = extra::Blocks::new(header.extra).any(|(id, _)| id == extra::ZIP64);
    let end = attach(archive, &mut entry, &header, &Data { start, described, wide }, &mut faults)?;
    archive.spans.push(Span { start: at, end, name });
    give(archive, entry, faults)?;
    Ok(Some(end))
}

/// Gives an entry whose end is not known: its stream may say where it ends.
fn unbounded(archive: &mut Archive<'_>, header: &Header<'_>, start: u64) -> Result<(), Fault> {
    let mut entry = member::describe(header, None);
    entry.fields.retain(|field| field.name != "compressed-size");
    match member::readable(header) {
        Ok(Coding::Stored) => entry.unread = Some("where it ends is not known".into()),
        Ok(coding) => {
            let stored = archive.length.saturating_sub(start);
            entry.content = Some(Content { base: archive.opening.base(), offset: start, stored, coding, size: None });
        }
        Err(why) => entry.unread = Some(why),
    }
    let fault = Fault::at(start, format!("the data of {} have no known end", shown(header.name))).raises("ZIP-15");
    give(archive, entry, vec![fault])
}

/// The data descriptor of data that begin at `start`: the first bytes that state the distance they stand at, and that
/// are signed, or stand before another record.
fn find_descriptor(archive: &mut Archive<'_>, start: u64) -> Result<Option<Descriptor>, Fault> {
    let mut at = start;
    loop {
        let bytes = archive.near(at, PIECE)?;
        for (index, _) in bytes.windows(2).enumerate().filter(|(_, window)| *window == b"PK") {
            let distance = at - start + index as u64;
            let Some((before, after)) = bytes.split_at_checked(index) else { continue };
            let next = after.starts_with(&LOCAL) || after.starts_with(&CENTRAL);
            let unsigned = if next { Descriptor::ends(before, distance) } else { None };
            if let Some(found) = Descriptor::begins(after, distance).or(unsigned) {
                return Ok(Some(found));
            }
        }
        let count = bytes.len() as u64;
        if count < PIECE {
            return Ok(None);
        }
        at += count - OVERLAP;
    }
}
