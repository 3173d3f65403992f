//! Reading, header by header, to the two zero blocks where Go stops or to what it reports.

use crate::error::Fault;
use crate::store::Store;

use super::super::{Bytes, Stop, shown};
use super::block::Block;
use super::{BLOCK, Dialects, Entry, GLOBAL, Header, MOST_EXTENSION, Records, records, sparse};

/// Every entry in order, global headers too.
///
/// # Errors
/// What Go reports, where nothing can be had behind it; a limit or a device of ours.
pub(crate) fn read(store: &Store, bytes: &mut Bytes<'_>) -> Result<Vec<Entry>, Stop> {
    let most = store.budget(|budget| budget.limits().get("entries"));
    let (mut entries, mut at) = (Vec::new(), 0);
    while let Some((entry, next)) = entry(bytes, at)? {
        if entries.len() as u64 >= most {
            let message = format!("stopped at the limit entries: {most} entries");
            return Err(Stop::Fault(Fault::limit("entries", message)));
        }
        store.budget(|budget| budget.check_time())?;
        entries.push(entry);
        at = next;
    }
    Ok(entries)
}

/// Where no next header is looked for.
const END: u64 = u64::MAX;

/// What comes before a member's own header and belongs to it.
#[derive(Default)]
struct Before {
    records: Records,
    name: Vec<u8>,
    target: Vec<u8>,
}

/// The entry at a byte, and where the next one begins.
fn entry(bytes: &mut Bytes<'_>, start: u64) -> Result<Option<(Entry, u64)>, Stop> {
    let (mut at, mut before, mut dialects) = (start, Before::default(), Dialects::ALL);
    loop {
        let Some(header) = header(bytes, at)? else { return Ok(None) };
        let data = at + BLOCK;
        let size = body(&header)?;
        dialects = dialects.and(header.dialects);
        match header.flag {
            flag @ (b'x' | GLOBAL) => {
                dialects = dialects.and(Dialects::PAX);
                before.records = records::parse(&extension(bytes, data, size)?)?;
                if flag == GLOBAL {
                    let header = global(header.name, before.records, dialects);
                    let next = past(bytes, data, size)?.unwrap_or(END);
                    return Ok(Some((Entry { header, content: bytes.slice(data, 0), refused: None }, next)));
                }
            }
            flag @ (b'L' | b'K') => {
                dialects = dialects.and(Dialects::GNU);
                let text = extension(bytes, data, size)?;
                let text = text.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
                if flag == b'L' {
                    before.name = text;
                } else {
                    before.target = text;
                }
            }
            _ => return member(bytes, header, before, dialects, data).map(Some),
        }
        let Some(next) = past(bytes, data, size)? else { return Ok(None) };
        at = next;
    }
}

/// A global header as a member. Records that are malformed are no error here; they are left out all together.
fn global(name: Vec<u8>, records: Records, dialects: Dialects) -> Header {
    let plain = Header { flag: GLOBAL, name, dialects, ..Header::empty() };
    let mut said = plain.clone();
    if records::merge(&mut said, records).is_err() {
        return plain;
    }
    Header { name: said.name, xattrs: said.xattrs, records: said.records, ..plain }
}

fn member(
    bytes: &mut Bytes<'_>,
    mut header: Header,
    before: Before,
    dialects: Dialects,
    data: u64,
) -> Result<(Entry, u64), Stop> {
    records::merge(&mut header, before.records)?;
    if !before.name.is_empty() {
        header.name = before.name;
    }
    if !before.target.is_empty() {
        header.target = before.target;
    }
    if header.flag == 0 {
        // Version 7 told folders by their names.
        header.flag = if header.name.ends_with(b"/") { b'5' } else { b'0' };
    }
    let (stored, mut data, mut refused) = (body(&header)?, data, None);
    let content = if header.flag == b'S' {
        refused = Some(format!("{} is a GNU sparse file, which OSS Rebuild does not support", shown(&header.name)));
        data = behind_map(bytes, data)?;
        bytes.slice(data, stored)
    } else {
        sparse::content(bytes, &mut header, data)?
    };
    header.dialects = if dialects.ustar && dialects.pax { Dialects { pax: false, ..dialects } } else { dialects };
    // Without its padding the last content is the end.
    let next = past(bytes, data, stored)?.unwrap_or(END);
    Ok((Entry { header, content, refused }, next))
}

/// Where the data of an old GNU sparse member begin: behind the blocks that continue its map.
fn behind_map(bytes: &mut Bytes<'_>, data: u64) -> Result<u64, Stop> {
    let mut at = data;
    // The mark stands behind four pieces in the header, behind 21 in each block.
    let mut more = bytes.get(data - BLOCK, 512)?.get(386 + 4 * 24).copied();
    while more.is_some_and(|more| more != 0) {
        let Some(next) = block(bytes, at)? else { return Stop::refused("the tar archive ends inside a sparse map") };
        more = next.0.get(21 * 24).copied();
        at += BLOCK;
    }
    Ok(at)
}

/// Bytes of the body.
fn body(header: &Header) -> Result<u64, Stop> {
    if header.is_bare() {
        return Ok(0);
    }
    match u64::try_from(header.size) {
        Ok(size) => Ok(size),
        Err(_) => Stop::refused("a tar header states a negative size"),
    }
}

/// A block, or `None` where there are no more bytes.
fn block(bytes: &mut Bytes<'_>, at: u64) -> Result<Option<Block>, Stop> {
    let got = bytes.get(at, 512)?;
    if let Some(whole) = got.first_chunk::<512>() {
        return Ok(Some(Block(*whole)));
    }
    let some = !got.is_empty();
    bytes.end()?;
    if some { Stop::refused("the tar archive ends inside a header") } else { Ok(None) }
}

/// A header; `None` at the end: two zero blocks, one before the end of the bytes, or no bytes at all.
fn header(bytes: &mut Bytes<'_>, at: u64) -> Result<Option<Header>, Stop> {
    if at == END {
        return Ok(None);
    }
    let Some(first) = block(bytes, at)? else { return Ok(None) };
    if first.is_zero() {
        return match block(bytes, at + BLOCK)? {
            Some(second) if !second.is_zero() => {
                Stop::refused("one block of zeros stands between two headers of the tar archive")
            }
            _ => Ok(None),
        };
    }
    first
        .header()
        .map_or_else(|| Stop::refused(format!("the tar header at byte {at} is damaged")), |header| Ok(Some(header)))
}

/// The body of an extension header.
fn extension(bytes: &mut Bytes<'_>, data: u64, size: u64) -> Result<Vec<u8>, Stop> {
    let most = size.min(MOST_EXTENSION + 1);
    let got = bytes.get(data, usize::try_from(most).unwrap_or(usize::MAX))?.to_vec();
    if (got.len() as u64) < most {
        bytes.end()?;
        return Stop::refused("the tar archive ends inside an extension header");
    }
    if size > MOST_EXTENSION {
        return Stop::refused("an extension header of the tar archive is too long");
    }
    Ok(got)
}

/// Checks that a body is all there, and gives where the next header begins; `None` if its padding is cut: for Go, the
/// archive ends there.
fn past(bytes: &mut Bytes<'_>, data: u64, size: u64) -> Result<Option<u64>, Stop> {
    if size == 0 {
        return Ok(Some(data));
    }
    let Some(end) = data.checked_add(size).filter(|end| *end < 1 << 62) else {
        return Stop::refused("a tar header states an impossible size");
    };
    let next = end.next_multiple_of(BLOCK);
    let wanted = usize::try_from(next - end + 1).unwrap_or_default();
    match bytes.get(end - 1, wanted)?.len() {
        0 => {
            bytes.end()?;
            Stop::refused("the tar archive ends inside a content")
        }
        got if got < wanted => {
            bytes.end()?;
            Ok(None)
        }
        _ => Ok(Some(next)),
    }
}
