//! 7-Zip 22 and later.
//!
//! It reads all headers first and says at the end what was wrong; devices and pipes become files; a symbolic link with a
//! body is a file with that body; only old sparse maps are followed; `..` is dropped from names.

use super::block::{
    BLOCK, Block, CHECKSUM, GNU_MAP, GNU_MORE, GNU_REAL, LINK, MAJOR, MINOR, MODE, MORE_MAP, MORE_MORE, MTIME, NAME,
    Next, PREFIX, SIZE, Tape, joined, padded, until_nul,
};
use super::number::{digits, octal_after_blanks};
use super::pax::{self, Grammar, Record};
use super::sparse::{self, EXTENTS, Extents, Packing};
use super::tree::{Item, Tree, parts};
use super::trouble::Trouble;
use crate::entry::Kind;
use crate::error::Fault;
use crate::reader::End;

const GRAMMAR: Grammar = Grammar { blanks: false, nul_key: true, least: 1 };
/// Most bytes of a long name, and of a header with records.
const NAMES: u64 = 1 << 14;

/// A header as it stands.
struct Header {
    name: Vec<u8>,
    link: Vec<u8>,
    flag: u8,
    /// Bytes in the archive, and bytes that it says to have.
    stored: u64,
    size: u64,
    map: Extents,
    /// Whether the map is none that it follows.
    wrong: bool,
    at: u64,
}

enum One {
    Header(Header),
    /// The end; what is wrong with it.
    End(Option<&'static str>),
}

/// What extension headers say of the next member.
#[derive(Default)]
struct Pending {
    name: Vec<u8>,
    link: Option<Vec<u8>>,
    records: Vec<u8>,
    any: bool,
}

pub(super) fn walk(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    // Where nothing can be read, it looks for an archive further on.
    let first = attempt(tape, tree)?;
    let mut start = BLOCK;
    while let End::Refused(_) = first
        && start < tape.length()
    {
        tape.at = start;
        start += BLOCK;
        match tape.next()? {
            Next::Block(block) if block.magic(b"ustar") => tape.at = block.at,
            _ => continue,
        }
        let end = attempt(tape, tree)?;
        if !matches!(end, End::Refused(_)) {
            return Ok(end);
        }
    }
    Ok(first)
}

fn attempt(tape: &mut Tape<'_, '_>, tree: &mut Tree) -> Result<End, Fault> {
    let mut trouble = Trouble::default();
    let mut pending = Pending::default();
    let mut some = false;
    loop {
        let mut header = match one(tape)? {
            One::Header(header) => header,
            One::End(what) => {
                if let Some(what) = what.or(pending.any.then_some("no member follows an extension header")) {
                    return Ok(if some { trouble.stop(what) } else { End::Refused(what.into()) });
                }
                return Ok(trouble.end());
            }
        };
        if matches!(header.flag, b'L' | b'K' | b'x' | b'X' | b'g') {
            let start = tape.at;
            let whole = tape.there(start, padded(header.stored)) == padded(header.stored);
            let body = tape.body(header.stored)?.filter(|_| whole);
            let Some(body) = body else {
                // It takes the extension header itself for a member then.
                let at = header.at;
                header.size = header.stored;
                tape.at = start;
                put(tape, tree, header, at, &mut trouble)?;
                return Ok(trouble.stop("it ends within an extension header"));
            };
            let text = until_nul(&body);
            let text = if text.len() as u64 > NAMES { &[] } else { text };
            match header.flag {
                b'L' => pending.name = text.to_vec(),
                b'K' => pending.link = Some(text.to_vec()),
                b'g' if !pending.any => continue,
                b'g' => {}
                _ => pending.records = until_nul(&body).to_vec(),
            }
            pending.any = true;
            continue;
        }
        some = true;
        let last = std::mem::take(&mut pending);
        if !last.name.is_empty() {
            header.name = last.name;
        }
        if let Some(link) = last.link {
            header.link = link;
        }
        if let Some(records) = parse(&last.records) {
            apply(&mut header, &records);
        }
        let at = header.at;
        let start = tape.at;
        let stored = header.stored;
        put(tape, tree, header, at, &mut trouble)?;
        tape.at = start.saturating_add(padded(stored));
        if tape.at > tape.length() {
            return Ok(trouble.stop("it ends within a member"));
        }
    }
}

fn one(tape: &mut Tape<'_, '_>) -> Result<One, Fault> {
    const BAD: One = One::End(Some("a header is invalid"));
    let block = match tape.next()? {
        Next::Block(block) => block,
        _ => return Ok(One::End(Some("no zero block ends it"))),
    };
    if block.is_zero() {
        return Ok(One::End(None));
    }
    let small = |span| small(block.field(span));
    let (Some(stored), Some(sum)) = (size(block.field(SIZE)), small(CHECKSUM)) else { return Ok(BAD) };
    let devices = [MAJOR, MINOR].into_iter().all(|span| block.byte(span.0) == 0 || small(span).is_some());
    if !(blank(block.text(MODE)) || small(MODE).is_some()) || !time(block.field(MTIME)) || !devices {
        return Ok(BAD);
    }
    let (sum, flag) = (i128::from(sum), block.flag());
    if sum != block.sum() && sum != block.signed_sum() {
        return Ok(BAD);
    }
    let prefix = block.text(PREFIX);
    let name = if !prefix.is_empty() && block.magic(b"ustar") && flag != b'L' {
        let slash = if prefix.ends_with(b"/") { prefix.get(..prefix.len() - 1) } else { Some(prefix) };
        joined(slash.unwrap_or_default(), block.text(NAME))
    } else {
        block.text(NAME).to_vec()
    };
    let link = block.text(LINK).to_vec();
    let map = Extents::new();
    let mut header = Header { name, link, flag, stored, size: stored, map, wrong: false, at: block.at };
    match flag {
        b'1' => (header.stored, header.size) = (0, 0),
        b'5' => header.stored = 0,
        b'S' => {
            let Some(real) = size(block.field(GNU_REAL)) else { return Ok(BAD) };
            let Some(map) = old_map(tape, &block)?.filter(|_| stored <= real) else { return Ok(BAD) };
            header.wrong = !follows(&map, real);
            (header.size, header.map) = (real, map);
        }
        _ => {}
    }
    Ok(if i64::try_from(stored).is_ok() { One::Header(header) } else { BAD })
}

fn blank(text: &[u8]) -> bool {
    text.iter().all(|byte| *byte == b' ')
}

fn small(field: &[u8]) -> Option<u64> {
    octal_after_blanks(until_nul(field)).filter(|value| u32::try_from(*value).is_ok())
}

fn size(field: &[u8]) -> Option<u64> {
    match field.strip_prefix(&[0x80, 0, 0, 0]) {
        Some(rest) => {
            let value = rest.iter().fold(0, |value: u64, byte| value.wrapping_shl(8) | u64::from(*byte));
            Some(value).filter(|value| i64::try_from(*value).is_ok())
        }
        None if blank(until_nul(field)) => Some(0),
        None => octal_after_blanks(until_nul(field)),
    }
}

fn time(field: &[u8]) -> bool {
    let sign = field.get(4).is_some_and(|byte| byte & 0x80 != 0);
    match field {
        [0, 0, 0, 0, ..] => true,
        [0x80, 0, 0, 0, ..] => !sign,
        [0xff, 0xff, 0xff, 0xff, ..] => sign,
        _ => field.iter().all(|byte| *byte == b' ') || octal_after_blanks(until_nul(field)).is_some(),
    }
}

/// The map in an old header and the blocks behind it.
fn old_map(tape: &mut Tape<'_, '_>, block: &Block) -> Result<Option<Extents>, Fault> {
    let mut map = Extents::new();
    let add = |map: &mut Extents, block: &Block, place, more: u8| {
        if more > 1 {
            return None;
        }
        for (start, length) in block.extents(place) {
            if start.starts_with(&[0; 4]) {
                return (more == 0).then_some(false);
            }
            map.push((size(start)?, size(length)?));
        }
        Some(more == 1)
    };
    let mut more = add(&mut map, block, GNU_MAP, block.byte(GNU_MORE));
    while more == Some(true) && map.len() < EXTENTS {
        let Next::Block(block) = tape.peek()? else { return Ok(None) };
        tape.at += BLOCK;
        more = add(&mut map, &block, MORE_MAP, block.byte(MORE_MORE));
    }
    Ok(more.map(|_| map))
}

/// Whether the extents are whole blocks in order, the last one ending where the member does.
fn follows(map: &[(u64, u64)], real: u64) -> bool {
    let mut end = 0;
    let good = map.iter().all(|(start, length)| {
        let good = *start >= end && (start % BLOCK == 0 || *length == 0) && (end % BLOCK == 0 || *length == 0);
        end = start.saturating_add(*length);
        good
    });
    good && end == real
}

/// The records of a header, all of them valid or none.
fn parse(bytes: &[u8]) -> Option<Vec<Record>> {
    let (records, wrong) = pax::records(bytes, GRAMMAR);
    (wrong.is_none() && !records.is_empty()).then_some(records)
}

fn apply(header: &mut Header, records: &[Record]) {
    if let Some(path) = pax::last(records, b"path") {
        header.name = path.to_vec();
    }
    if let Some(link) = pax::last(records, b"linkpath") {
        header.link = link.to_vec();
    }
    if let Some(text) = pax::last(records, b"size")
        && let (Some(size), count) = digits(text, 10)
        && count == text.len()
        && count > 0
    {
        (header.size, header.stored) = (size, size);
    }
}

fn put(
    tape: &mut Tape<'_, '_>,
    tree: &mut Tree,
    header: Header,
    offset: u64,
    trouble: &mut Trouble,
) -> Result<(), Fault> {
    let start = tape.at;
    let kind = match header.flag {
        b'5' | b'D' => Kind::Directory,
        0 | b'0' if header.name.ends_with(b"/") => Kind::Directory,
        b'1' if !header.link.is_empty() => Kind::Hardlink,
        b'2' => Kind::Symlink,
        _ => Kind::File,
    };
    let content = match kind {
        Kind::File if header.flag == b'S' => {
            let size = if header.wrong { 0 } else { header.size };
            Some(sparse::content(tape, start, &header.map, size, Packing::Dense)?)
        }
        Kind::File => Some(tape.content(start, header.size)),
        _ => None,
    };
    let path = parts(&header.name).filter(|part| *part != b"..").collect::<Vec<_>>().join(&b'/');
    if path.is_empty() {
        // It takes the name of the archive instead, which a model does not know.
        return Ok(());
    }
    let target = match kind {
        Kind::Symlink if header.size > 0 => until_nul(&tape.bytes(start, header.size)?).to_vec(),
        _ => header.link,
    };
    if header.wrong {
        trouble.note("a sparse map is invalid");
    }
    if kind == Kind::Directory && tree.at(&path).is_some_and(|member| member.kind != Kind::Directory) {
        trouble.note("a file is where a folder should be");
        return Ok(());
    }
    trouble.check(tree.put(Item { path, kind, content, target, offset }));
    Ok(())
}
