//! tar: version 7, ustar, GNU and PAX (POSIX.1-2017, pax; GNU tar manual, "Tar Internals").
//!
//! One pass from front to back: each member is given as soon as its headers are read, while its content comes next in
//! the stream. What no reader shows (how a header is written, what extension headers look like, padding, what follows
//! the end) becomes a field.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::display;
use crate::entry::{Coding, Content, Entry, Field, Kind, Value};
use crate::error::Fault;
use crate::format::{Format, Opening, Shape};

mod form;
mod header;
mod member;
mod pax;
mod sparse;
#[cfg(test)]
mod tests;

use header::{
    BLOCK, Block, Check, Dialect, GID, GNU_REAL_SIZE, GNU_SPARSE, GNU_TIMES, GROUP, LINK, MAJOR, MINOR, MODE, MTIME,
    NAME, OWNER, PREFIX, SIZE, STAR_PREFIX, STAR_TIMES, TYPE, UID, number,
};
use member::{Member, Pending};
use pax::{Known, Record, Values};
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
        window: Vec::new(),
        window_at: 0,
        entries: 0,
        fields: 0,
        last: Vec::new(),
        pending: Pending::default(),
        globals: Values::new(),
        global_headers: 0,
        padding: Padding::default(),
    };
    let result = walk.run();
    walk.tell_padding();
    if let Err(fault) = &result
        && matches!(fault.limit, None | Some("header-bytes"))
    {
        walk.tell_unread();
    }
    result
}

/// Bytes read at once: a member's padding, the headers of the next one, and a small body between them.
const WINDOW: usize = 2048;
/// Global headers beyond this many are not one archive's.
const MOST_GLOBAL: u32 = 1000;
/// Paddings that are listed; the rest is counted and hashed.
const MOST_PADDINGS: u64 = 100;

/// The way through the archive.
struct Walk<'a> {
    opening: &'a mut (dyn Opening + 'a),
    /// Where the next header begins.
    at: u64,
    window: Vec<u8>,
    window_at: u64,
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

/// Bytes that are not zero where nothing should be.
#[derive(Default)]
struct Padding {
    count: u64,
    first: Option<(u64, Vec<u8>)>,
    more: Option<Sha256>,
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
                return Err(self.fault(self.at + length, "the archive ends inside a header"));
            }
            let Some(check) = block.check() else {
                return Err(self.fault(self.at, "the header's checksum is wrong"));
            };
            match block.bytes(TYPE) {
                b"x" | b"X" | b"g" | b"L" | b"K" => self.extension(&block, check)?,
                _ => self.member(&block, check)?,
            }
        }
    }

    /// Up to `count` bytes at `at`, fewer only at the end.
    fn peek(&mut self, at: u64, count: usize) -> Result<&[u8], Fault> {
        let start = at.checked_sub(self.window_at).and_then(|start| usize::try_from(start).ok()).unwrap_or(usize::MAX);
        if start.saturating_add(count) <= self.window.len() {
            return Ok(self.window.get(start..start.saturating_add(count)).unwrap_or_default());
        }
        self.window.clear();
        self.window.resize(count.max(WINDOW), 0);
        let mut filled = 0;
        while filled < count {
            let rest = self.window.get_mut(filled..).unwrap_or_default();
            match self.opening.read_at(at.saturating_add(filled as u64), rest) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(fault) => {
                    self.window.clear();
                    return Err(fault);
                }
            }
        }
        self.window.truncate(filled);
        self.window_at = at;
        Ok(self.window.get(..count).unwrap_or(&self.window))
    }

    /// A fault that says how far the archive could be read.
    fn fault(&self, offset: u64, what: &str) -> Fault {
        let after = match self.entries {
            0 => "it has no entry before that".into(),
            _ => format!("the last good entry is {}", shown(&self.last)),
        };
        Fault::at(offset, format!("{what}; {after}"))
    }

    /// A number of bytes that a header claims.
    fn size(&self, value: i128) -> Result<u64, Fault> {
        // Beyond 2^62 not even sums of two make sense.
        u64::try_from(value)
            .ok()
            .filter(|size| *size < 1 << 62)
            .ok_or_else(|| self.fault(self.at, &format!("a header claims {value} bytes")))
    }

    fn extension(&mut self, block: &Block, check: Check) -> Result<(), Fault> {
        let flag = block.bytes(TYPE).first().copied().unwrap_or_default();
        let size = self.size(number(block.bytes(SIZE)).value)?;
        let most = self.opening.limits().get("header-bytes");
        if self.pending.bytes.saturating_add(size) > most {
            let message = format!(
                "stopped at the limit header-bytes: the extension headers of one entry are longer than {most} bytes"
            );
            return Err(Fault { offset: Some(self.at), ..Fault::limit("header-bytes", message) });
        }
        let start = self.at + BLOCK;
        let body = self.exact(start, size, "an extension header")?;
        let mut text = describe(block, check, flag);
        if number(block.bytes(SIZE)).doubtful {
            self.problem("readers disagree on the number in the size of an extension header");
        }
        if flag == b'g' {
            if self.pending.at.is_some() {
                self.pending.problems.push("a global header is between it and its extension header".into());
            }
            self.global(&body, text)?;
            self.at = self.past_padding(start, size)?;
            return Ok(());
        }
        let first = *self.pending.at.get_or_insert(self.at);
        self.pending.bytes = self.at - first + BLOCK + size;
        if matches!(flag, b'x' | b'X') {
            let (records, malformed) = pax::records(&body);
            keys(&records, &mut text);
            self.pending.records.extend(records);
            self.pending.pax += 1;
            if self.pending.pax > 1 {
                self.pending.problems.push("two PAX headers come before it".into());
            }
            if let Some(field) = malformed.and_then(|at| body.get(at..)).map(malformed_field) {
                self.pending.fields.push(field);
                self.pending.problems.push("a PAX record before it is malformed".into());
            }
        } else {
            let mut parts = body.splitn(2, |byte| *byte == 0);
            let value = parts.next().unwrap_or_default().to_vec();
            match parts.next() {
                None => text.push_str("; no NUL"),
                Some([]) => {}
                Some(rest) => {
                    let _ = write!(text, "; after the NUL \"{}\"", rest.escape_ascii());
                }
            }
            let pending = &mut self.pending;
            let (slot, what) =
                if flag == b'L' { (&mut pending.path, "path") } else { (&mut pending.target, "linkpath") };
            if let Some(before) = slot.replace(value) {
                pending.problems.push("two GNU long names come before it, and the last counts".into());
                pending.fields.push(Field::new(format!("gnu:{what}"), Value::Bytes(before)));
            }
        }
        if !self.pending.text.is_empty() {
            self.pending.text.push_str("; ");
        }
        self.pending.text.push_str(&text);
        self.at = self.past_padding(start, size)?;
        Ok(())
    }

    /// A global header: fields of the archive, and values for all members after it.
    fn global(&mut self, body: &[u8], mut text: String) -> Result<(), Fault> {
        self.global_headers += 1;
        if self.global_headers > MOST_GLOBAL {
            return Err(self.fault(self.at, &format!("more than {MOST_GLOBAL} global headers")));
        }
        let number = match self.global_headers {
            1 => String::new(),
            nth => format!(" {nth}"),
        };
        let (records, malformed) = pax::records(body);
        keys(&records, &mut text);
        let position = format!("before entry {}: {text}", self.entries + 1);
        self.opening.say(format!("global-header{number}"), Value::text(position));
        if let Some(rest) = malformed.and_then(|at| body.get(at..)) {
            self.opening.field(malformed_field(rest));
            self.problem("a record of a global PAX header is malformed");
        }
        for Record { key, value, .. } in records {
            let name = format!("global-pax{number}:{}", display::bytes(&key));
            self.opening.say(name, Value::Bytes(value.clone()));
            let Some(known) = Known::of(&key) else { continue };
            if matches!(known, Known::Path | Known::Target | Known::Size) {
                let key = known.key();
                self.problem(&format!("a global PAX header sets {key} for all entries after it: readers disagree"));
            }
            if value.is_empty() {
                self.globals.remove(&known);
            } else {
                self.globals.insert(known, value);
            }
        }
        Ok(())
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
        for problem in problems {
            self.opening.problem(Fault::at(header, format!("{}: {problem}", shown(&path))));
        }
        self.fields = fields.len();
        fields.shrink_to_fit();
        self.last.clone_from(&path);
        self.entries += 1;
        self.at = data;
        self.opening.entry(Entry { path, kind, fields, content, crc32: None, unread: None })?;
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
        member.problems.push(message.into());
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
                return Err(Fault { offset: Some(data), ..Fault::limit("header-bytes", message) });
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
                member.problems.push(format!("its sparse map is unusable, {fault}: what is stored is shown").into());
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
                Err(self.fault(end, &format!("the archive ends inside {what}")))
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
            return Err(self.fault(there, &what));
        };
        if padding.len() + 1 < wanted {
            let cut = end + padding.len() as u64;
            return Err(self.fault(cut, "the archive ends inside the padding after a content"));
        }
        if padding.iter().any(|byte| *byte != 0) {
            let padding = padding.to_vec();
            self.keep_padding(end, &padding);
        }
        Ok(next)
    }

    fn keep_padding(&mut self, offset: u64, bytes: &[u8]) {
        self.padding.count += 1;
        self.padding.first.get_or_insert_with(|| (offset, self.last.clone()));
        if self.padding.count <= MOST_PADDINGS {
            let name = match self.padding.count {
                1 => Cow::Borrowed("padding-bytes"),
                nth => format!("padding-bytes {nth}").into(),
            };
            self.opening.say(name, Value::Bytes(bytes.to_vec()));
        } else {
            let hash = self.padding.more.get_or_insert_default();
            hash.update(offset.to_le_bytes());
            hash.update(bytes);
        }
    }

    fn tell_padding(&mut self) {
        let Padding { count, first, more } = std::mem::take(&mut self.padding);
        if let Some(hash) = more {
            self.opening.say("padding-sha256", Value::Digest(hash.finalize().into()));
        }
        if let Some((offset, path)) = first {
            let message = format!(
                "bytes that belong to no entry fill the last block in {count} {}, the first after {}",
                if count == 1 { "place" } else { "places" },
                shown(&path)
            );
            self.opening.problem(Fault::at(offset, message));
        }
    }

    fn problem(&mut self, message: &str) {
        self.opening.problem(Fault::at(self.at, message));
    }

    /// At the first zero block, or at the end of the bytes: what is here of the end marker, and what follows it.
    fn end(&mut self, length: u64) -> Result<(), Fault> {
        self.tell_dangling();
        if length == 0 {
            self.opening.say("end-marker", Value::text("missing"));
            return Ok(());
        }
        let (zeros, rest) = self.zeros(self.at)?;
        let marker = match zeros {
            0..BLOCK => Some("cut"),
            zeros if zeros < 2 * BLOCK => Some("one block"),
            _ => None,
        };
        if let Some(marker) = marker {
            self.opening.say("end-marker", Value::text(marker));
        }
        let beyond = zeros
            - if zeros < BLOCK {
                0
            } else if zeros < 2 * BLOCK {
                BLOCK
            } else {
                2 * BLOCK
            };
        if beyond > 0 {
            self.opening.say("zero-padding", Value::Number(beyond.into()));
        }
        if rest {
            let offset = self.at + zeros;
            let again = self.peek(offset, 512)?;
            let another = if header::begins(again) { "; another tar archive begins there" } else { "" };
            let (count, digest) = self.hash(offset)?;
            self.opening.say("trailing-bytes", Value::Number(count.into()));
            self.opening.say("trailing-sha256", Value::Digest(digest));
            let message = format!("{count} bytes follow the end of the archive{another}");
            self.opening.problem(Fault::at(offset, message));
        }
        Ok(())
    }

    /// How many bytes from here are zero, in whole blocks if something else follows them.
    fn zeros(&mut self, start: u64) -> Result<(u64, bool), Fault> {
        let mut chunk = vec![0; 64 << 10];
        let mut at = start;
        loop {
            let read = self.opening.read_at(at, &mut chunk)?;
            let bytes = chunk.get(..read).unwrap_or_default();
            if read == 0 {
                return Ok((at - start, false));
            }
            if bytes.iter().any(|byte| *byte != 0) {
                let run = bytes.iter().take_while(|byte| **byte == 0).count() as u64;
                return Ok(((at + run - start) / BLOCK * BLOCK, true));
            }
            at += read as u64;
        }
    }

    /// How many bytes there are from here, and their digest.
    fn hash(&mut self, start: u64) -> Result<(u64, [u8; 32]), Fault> {
        let mut chunk = vec![0; 64 << 10];
        let (mut at, mut hash) = (start, Sha256::new());
        loop {
            let read = self.opening.read_at(at, &mut chunk)?;
            if read == 0 {
                return Ok((at - start, hash.finalize().into()));
            }
            hash.update(chunk.get(..read).unwrap_or_default());
            at += read as u64;
        }
    }

    /// Extension headers that no entry follows.
    fn tell_dangling(&mut self) {
        let Some(at) = self.pending.at else { return };
        let pending = std::mem::take(&mut self.pending);
        self.opening.say("dangling-header", Value::text(pending.text));
        for field in pending.fields {
            self.opening.field(field);
        }
        for Record { key, value, .. } in pending.records {
            self.opening.say(format!("dangling-pax:{}", display::bytes(&key)), Value::Bytes(value));
        }
        for (name, value) in [("dangling-path", pending.path), ("dangling-target", pending.target)] {
            if let Some(value) = value {
                self.opening.say(name, Value::Bytes(value));
            }
        }
        self.opening.problem(Fault::at(at, "no entry follows the last extension header"));
    }

    /// After a fault: what was not read, as a digest, so that it can at least be told apart.
    fn tell_unread(&mut self) {
        let start = self.pending.at.unwrap_or(self.at);
        if let Ok((count @ 1.., digest)) = self.hash(start) {
            self.opening.say("unread-bytes", Value::Number(count.into()));
            self.opening.say("unread-sha256", Value::Digest(digest));
        }
    }
}

/// A path in a sentence.
fn shown(path: &[u8]) -> String {
    match path.get(..120) {
        Some(head) => format!("{}…", display::bytes(head)),
        None => display::bytes(path),
    }
}

/// The header of an extension header in one line: what it is, and what it says that nobody needs.
fn describe(block: &Block, check: Check, flag: u8) -> String {
    let value = |span| number(block.bytes(span)).value;
    let mut text = format!(
        "{} {} {:o} {}/{} @{}",
        char::from(flag),
        display::bytes(block.text(NAME)),
        value(MODE),
        value(UID),
        value(GID),
        value(MTIME)
    );
    let dialect = Dialect::of(block);
    let mut add = |before: &str, bytes: &[u8]| {
        if !bytes.is_empty() {
            let _ = write!(text, " {before}{}", display::bytes(bytes));
        }
    };
    add("-> ", block.text(LINK));
    if dialect != Dialect::V7 {
        add("owner ", block.text(OWNER));
        add("group ", block.text(GROUP));
    }
    match dialect {
        Dialect::V7 => {}
        Dialect::Ustar => add("in ", block.text(PREFIX)),
        Dialect::Star => add("in ", block.text(STAR_PREFIX)),
        Dialect::Gnu => add("times ", filled(block.bytes(GNU_TIMES))),
    }
    if dialect == Dialect::Star {
        add("times ", filled(block.bytes(STAR_TIMES)));
    }
    let device = [value(MAJOR), value(MINOR)];
    if dialect != Dialect::V7 && device != [0, 0] {
        let _ = write!(text, " device {}/{}", device[0], device[1]);
    }
    if dialect != Dialect::Ustar {
        let _ = write!(text, " {}", dialect.name());
    }
    if let Some(form) = form::form(block, dialect, check) {
        let _ = write!(text, " ({form})");
    }
    text
}

/// Bytes without the NULs that fill them up.
fn filled(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.get(..length).unwrap_or_default()
}

/// Adds the keys of records in their order.
fn keys(records: &[Record], text: &mut String) {
    for (index, record) in records.iter().enumerate() {
        text.push_str(if index == 0 { ": " } else { "," });
        if let Some(length) = &record.length {
            let _ = write!(text, "{} ", display::bytes(length));
        }
        text.push_str(&display::bytes(&record.key));
    }
}

fn malformed_field(rest: &[u8]) -> Field {
    Field::new("pax-malformed", Value::Bytes(rest.to_vec()))
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
