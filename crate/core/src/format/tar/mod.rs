//! tar: version 7, ustar, GNU and PAX (POSIX.1-2017, pax; GNU tar manual, "Tar Internals").
//!
//! One pass from front to back: each member is given as soon as its headers are read, while its content comes next in
//! the stream. What no reader shows (how a header is written, what extension headers look like, padding, what follows
//! the end) becomes a field.

use sha2::{Digest as _, Sha256};

use crate::entry::{Coding, Content, Entry, Field, Kind, Value};
use crate::error::Fault;
use crate::format::scan::{self, Padding, WINDOW, Window, shown};
use crate::format::{Format, Opening, Shape};

mod end;
mod extension;
mod form;
mod header;
mod member;
mod pax;
mod sparse;
#[cfg(test)]
mod tests;

use header::{BLOCK, Block, Check, Dialect, GNU_REAL_SIZE, GNU_SPARSE, TYPE, number};
use member::{Member, Pending};
use pax::{Record, Values};
use sparse::Map;

/// A tape archive.
pub const TAR: Format = Format {
    id: "tar",
    title: "TAR archive",
    shape: Shape::Archive,
    detect: |head, name| {
        // An archive of nothing is two zero blocks: only a name can tell it from any other zeros.
        let empty = || head.len() >= 1024 && head.iter().all(|byte| *byte == 0);
        header::begins(head) || (name.to_ascii_lowercase().ends_with(b".tar") && empty())
    },
    open,
};

fn open(opening: &mut dyn Opening) -> Result<(), Fault> {
    let mut walk = Walk {
        opening,
        at: 0,
        window: Window::default(),
        entries: 0,
        fields: 0,
        last: Vec::new(),
        pending: Pending::default(),
        globals: Values::new(),
        global_headers: 0,
        padding: Padding::default(),
    };
    let result = walk.run();
    let Walk { opening, at, pending, padding, .. } = walk;
    padding.tell(opening, Some("TAR-21"));
    if let Err(fault) = &result {
        scan::tell_unread(opening, pending.at.unwrap_or(at), fault);
    }
    result
}

/// The way through the archive.
struct Walk<'a> {
    opening: &'a mut (dyn Opening + 'a),
    /// Where the next header begins.
    at: u64,
    window: Window,
    entries: u64,
    /// Fields of the last member: the next one will have as many.
    fields: usize,
    /// Path of the last member.
    last: Vec<u8>,
    pending: Pending,
    globals: Values,
    global_headers: u32,
    padding: Padding,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            let head = self.peek(self.at, 512)?;
            let length = head.len() as u64;
            let block = Block::new(head);
            if block.is_zero() {
                return self.end(length);
            }
            if length < BLOCK {
                return Err(self.fault(self.at + length, "the archive ends inside a header").raises("TAR-18"));
            }
            let Some(check) = block.check() else {
                return Err(self.fault(self.at, "the header's checksum is wrong").raises("TAR-11"));
            };
            match block.bytes(TYPE) {
                b"x" | b"X" | b"g" | b"L" | b"K" => self.extension(&block, check)?,
                _ => self.member(&block, check)?,
            }
        }
    }

    /// Up to `count` bytes at `at`, fewer only at the end.
    fn peek(&mut self, at: u64, count: usize) -> Result<&[u8], Fault> {
        self.window.peek(self.opening, at, count)
    }

    /// A fault that says how far the archive could be read.
    fn fault(&self, offset: u64, what: &str) -> Fault {
        scan::fault(offset, what, (self.entries > 0).then_some(&self.last))
    }

    /// A number of bytes that a header claims.
    fn size(&self, value: i128) -> Result<u64, Fault> {
        // Beyond 2^62 not even sums of two make sense.
        u64::try_from(value)
            .ok()
            .filter(|size| *size < 1 << 62)
            .ok_or_else(|| self.fault(self.at, &format!("a header claims {value} bytes")).raises("TAR-06"))
    }

    fn member(&mut self, block: &Block, check: Check) -> Result<(), Fault> {
        // Until the entry is given, what is not read begins with its extension headers.
        let header = self.at;
        let pending = std::mem::take(&mut self.pending);
        self.at = pending.at.unwrap_or(header);
        let mut member = member::member(block, check, pending, &self.globals, self.fields);
        let size = self.size(member.size)?;
        let (mut data, mut stored) = (header + BLOCK, size);
        let content = if matches!(member.flag, b'1'..=b'6') || member.kind == Kind::Directory {
            self.body_of_a_header(&mut member, data, &mut stored)?
        } else {
            data = self.continuation(block, &mut member, data)?;
            Some(self.content(&mut member, data, size)?)
        };
        let Member { path, kind, mut fields, problems, .. } = member;
        for (id, problem) in problems {
            self.opening.problem(Fault::at(header, format!("{}: {problem}", shown(&path))).raises(id));
        }
        self.fields = fields.len();
        fields.shrink_to_fit();
        self.last.clone_from(&path);
        self.entries += 1;
        self.at = data;
        self.opening.entry(Entry { path, kind, fields, content, crc32: None, unread: None, outline: None })?;
        self.at = self.past_padding(data, stored)?;
        Ok(())
    }

    /// Links, devices and directories have no body. Where one is claimed, some readers skip it and some read it as the
    /// next header: what stands there decides, and the entry says so.
    fn body_of_a_header(&mut self, member: &mut Member, data: u64, stored: &mut u64) -> Result<Option<Content>, Fault> {
        if *stored == 0 {
            return Ok(None);
        }
        member.fields.push(Field::new("size", Value::Number((*stored).into())));
        let message = format!("it claims a body of {stored} bytes, which its type cannot have: readers disagree on it");
        member.problems.push(("TAR-08", message.into()));
        let head = self.peek(data, 512)?;
        let next = Block::new(head);
        if next.is_zero() || next.check().is_some() {
            *stored = 0;
            return Ok(None);
        }
        Ok(Some(self.opening.slice(data, *stored)))
    }

    /// Reads the blocks that continue the map of an old GNU sparse header; the data begin after them.
    fn continuation(&mut self, block: &Block, member: &mut Member, mut data: u64) -> Result<u64, Fault> {
        if member.flag != b'S' {
            return Ok(data);
        }
        let mut hash = Sha256::new();
        hash.update(block.bytes(GNU_SPARSE));
        hash.update(block.bytes(GNU_REAL_SIZE));
        let (slots, mut more) = match block.bytes(GNU_SPARSE).split_last() {
            Some((more, slots)) => (slots, *more != 0),
            None => (&[][..], false),
        };
        let mut map = Map { kind: "gnu", ..Map::default() };
        let size = number(block.bytes(GNU_REAL_SIZE));
        let mut good = Dialect::of(block) == Dialect::Gnu && !size.doubtful;
        map.size = u64::try_from(size.value).unwrap_or_default();
        good &= size.value >= 0 && sparse::old(slots, &mut map.extents).is_some();
        let most = self.opening.limits().get("header-bytes");
        let first = data;
        while more {
            if data - first >= most {
                let message = format!("stopped at the limit header-bytes: a sparse map is longer than {most} bytes");
                let fault = Fault { offset: Some(data), ..Fault::limit("header-bytes", message) };
                return Err(fault.raises("TAR-18"));
            }
            let continued = self.exact(data, BLOCK, "a sparse map")?;
            hash.update(&continued);
            good &= sparse::old(continued.get(..504).unwrap_or_default(), &mut map.extents).is_some();
            more = continued.get(504).is_some_and(|more| *more != 0);
            data += BLOCK;
        }
        member.fields.push(Field::new("sparse-map", Value::Digest(hash.finalize().into())));
        member.map = Some(if good { Ok(map) } else { Err("its numbers make no sense") });
        Ok(data)
    }

    /// The member's content, with its holes if it has any.
    fn content(&mut self, member: &mut Member, data: u64, size: u64) -> Result<Content, Fault> {
        let (mut start, mut stored) = (data, size);
        let map = match member.map.take() {
            Some(map) => map,
            None => match sparse::said(&member.sparse) {
                sparse::Said::Nothing => return Ok(self.opening.slice(data, size)),
                sparse::Said::Nonsense => Err("its records make no sense"),
                sparse::Said::Map(map, name) => {
                    member.rename(name);
                    member.fields.push(Field::new("sparse-map", Value::Digest(digest(&member.sparse))));
                    Ok(map)
                }
                sparse::Said::InData(real, name) => {
                    member.rename(name);
                    match self.map_in_data(data, size)? {
                        Some((extents, length, hash)) => {
                            member.fields.push(Field::new("sparse-map", Value::Digest(hash)));
                            (start, stored) = (data + length, size - length);
                            Ok(Map { kind: "pax 1.0", extents, size: real })
                        }
                        None => Err("it does not begin its data"),
                    }
                }
            },
        };
        let fault = match &map {
            Ok(map) => map.fault(stored),
            Err(fault) => Some(*fault),
        };
        match (map, fault) {
            (Ok(map), None) => {
                member.fields.push(Field::new("sparse", Value::text(map.kind)));
                let (base, coding) = (self.opening.base(), Coding::Sparse(map.data()));
                Ok(Content { base, offset: start, stored, coding, size: Some(map.size) })
            }
            (_, fault) => {
                let fault = fault.unwrap_or_default();
                member.fields.push(Field::new("sparse", Value::text("unusable")));
                member.fields.extend(std::mem::take(&mut member.sparse).into_iter().map(member::keep));
                let message = format!("its sparse map is unusable, {fault}: what is stored is shown");
                member.problems.push(("TAR-07", message.into()));
                Ok(self.opening.slice(data, size))
            }
        }
    }

    /// The map at the start of a member's data, how many bytes it has, and its digest; `None` if there is none.
    #[expect(clippy::type_complexity, reason = "three results of one private function")]
    fn map_in_data(&mut self, data: u64, size: u64) -> Result<Option<(Vec<(u64, u64)>, u64, [u8; 32])>, Fault> {
        let most = self.opening.limits().get("header-bytes").min(size);
        let (mut map, mut hash, mut length) = (sparse::InData::default(), Sha256::new(), 0);
        while length + BLOCK <= most {
            let block = self.peek(data + length, 512)?;
            if block.len() < 512 {
                return Ok(None);
            }
            hash.update(block);
            length += BLOCK;
            match map.read(block) {
                Ok(None) => {}
                Ok(Some(extents)) => return Ok(Some((extents, length, hash.finalize().into()))),
                Err(()) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Exactly `count` bytes.
    fn exact(&mut self, at: u64, count: u64, what: &str) -> Result<Vec<u8>, Fault> {
        match usize::try_from(count) {
            Ok(small) if small <= WINDOW => {
                let bytes = self.peek(at, small)?;
                if bytes.len() == small {
                    return Ok(bytes.to_vec());
                }
                let end = at + bytes.len() as u64;
                Err(self.fault(end, &format!("the archive ends inside {what}")).raises("TAR-18"))
            }
            _ => self.opening.exact(at, count, what),
        }
    }

    /// Checks that content is all there, and looks at what fills its last block; gives where the next header begins.
    fn past_padding(&mut self, start: u64, length: u64) -> Result<u64, Fault> {
        let end = start + length;
        let next = end.next_multiple_of(BLOCK);
        if length == 0 {
            return Ok(next);
        }
        // From the last byte of the content on, and in the same breath the next header.
        let wanted = usize::try_from(next - end + 1).unwrap_or_default();
        let bytes = self.peek(end - 1, wanted)?;
        let Some((_, padding)) = bytes.split_first() else {
            let there = self.opening.length()?;
            let missing = end.saturating_sub(there);
            let what = format!("the archive ends inside a content, {missing} of {length} bytes are missing");
            return Err(self.fault(there, &what).raises("TAR-18"));
        };
        if padding.len() + 1 < wanted {
            let cut = end + padding.len() as u64;
            return Err(self.fault(cut, "the archive ends inside the padding after a content").raises("TAR-18"));
        }
        if padding.iter().any(|byte| *byte != 0) {
            let padding = padding.to_vec();
            self.padding.keep(self.opening, end, &padding, &self.last);
        }
        Ok(next)
    }

    fn problem(&mut self, id: &'static str, message: &str) {
        self.opening.problem(Fault::at(self.at, message).raises(id));
    }
}

fn digest(records: &[Record]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for Record { key, value, .. } in records {
        for part in [key.as_slice(), b"=", value.as_slice(), b"\n"] {
            hash.update(part);
        }
    }
    hash.finalize().into()
}
