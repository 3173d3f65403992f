//! RPM packages (RPM manual, "RPM package format"): a lead, a signature header, a main header, and a payload, which is
//! a compressed cpio archive.
//!
//! What the headers say once is a field of the package. Scriptlets are members with their text as content, so that they
//! are compared as what they are; lists (requires, change log, files) are members with a line for each item. The payload
//! is a member that is opened by its own bytes. Since version 6 its members state nothing but their number in the list
//! of files, so it is opened with that list at hand.
//!
//! Signatures are shown, and not verified. Digests of what is stored are checked here, those of what is in the payload
//! by the findings.

use std::collections::BTreeSet;

use super::scan;
use super::{Format, HEAD, Opening, Shape};
use crate::display;
use crate::entry::{Content, Entry, Field, Kind, Value};
use crate::error::Fault;

mod digest;
mod file;
mod header;
mod lead;
mod tag;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use digest::{Hash, SHA256, algorithm};
pub(crate) use file::{File, List};
pub(crate) use header::{Header, Read};
pub(crate) use lead::Lead;

/// An RPM package, binary or source.
pub const RPM: Format = Format {
    id: "rpm",
    title: "RPM package",
    shape: Shape::Archive,
    detect: |head, _| {
        let header = head.get(lead::LENGTH..).is_some_and(|header| header.starts_with(&header::MAGIC));
        head.starts_with(&lead::MAGIC) && (header || head.len() <= lead::LENGTH)
    },
    open,
};

/// Texts of these tags are members, whatever their length: what runs when the package is installed or removed.
const SCRIPTLETS: [u32; 9] = [1023, 1024, 1025, 1026, 1079, 1151, 1152, 5103, 5104];
/// Scripts that run when other packages are, and what their members are called.
const TRIGGERS: [(u32, &str); 3] = [(1065, "trigger"), (5066, "file-trigger"), (5076, "trans-file-trigger")];
/// Moments.
const TIMES: [u32; 2] = [1006, 1008];
/// Longer values are members of their own.
const MOST_IN_FIELD: usize = 256;
/// More values are a member of their own.
const MOST_VALUES: u32 = 8;

const FORMAT: u32 = 1124;
const COMPRESSOR: u32 = 1125;

/// The parts of a package, in order, as far as they could be read.
pub(crate) struct Package {
    pub(crate) lead: Vec<u8>,
    pub(crate) signature: Option<Header>,
    /// What fills up the signature header to a multiple of eight.
    padding: Vec<u8>,
    pub(crate) header: Option<Header>,
    /// Where reading stopped: the payload's first byte, if nothing went wrong.
    pub(crate) end: u64,
    /// What went wrong.
    fault: Option<Fault>,
}

impl Package {
    /// Reads lead and headers, of at most `most` bytes each.
    pub(crate) fn read(read: Read<'_>, most: u64) -> Self {
        let mut package =
            Self { lead: Vec::new(), signature: None, padding: Vec::new(), header: None, end: 0, fault: None };
        package.fault = package.fill(read, most).err();
        package
    }

    fn fill(&mut self, read: Read<'_>, most: u64) -> Result<(), Fault> {
        self.lead = header::up_to(read, 0, lead::LENGTH as u64)?;
        self.end = self.lead.len() as u64;
        if self.lead.len() < lead::LENGTH {
            return Err(Fault::at(self.end, "the file ends inside the lead").raises("RPM-05"));
        }
        let missing = |at, which| Fault::at(at, format!("there is no {which} header")).raises("RPM-05");
        let signature = Header::read(read, self.end, most, tag::SIGNATURE)?;
        let end = signature.as_ref().ok_or_else(|| missing(self.end, "signature"))?.end();
        self.signature = signature;
        self.end = end;
        self.padding = header::up_to(read, end, end.next_multiple_of(8) - end)?;
        let start = end + self.padding.len() as u64;
        self.header = Header::read(read, start, most, tag::MAIN)?;
        self.end = self.header.as_ref().ok_or_else(|| missing(start, "main"))?.end();
        Ok(())
    }
}

fn open(opening: &mut dyn Opening) -> Result<(), Fault> {
    let most = opening.limits().get("content-bytes");
    let package = Package::read(&mut |at, buffer| opening.read_at(at, buffer), most);
    if package.lead.len() == lead::LENGTH {
        Lead::new(&package.lead).describe(opening);
    }
    // Texts that are put together here stay in memory as long as the reading does.
    let mut left = most / 4;
    if let Some(header) = &package.signature {
        Telling { header, opening, prefix: "signature:", folder: "signature", told: BTreeSet::new(), left: &mut left }
            .tell()?;
    }
    if package.padding.iter().any(|byte| *byte != 0) {
        opening.say("signature:padding", Value::Text(display::hex(&package.padding).into()));
        let at = package.signature.as_ref().map_or(0, Header::end);
        opening.problem(Fault::at(at, "what fills up the signature header is not zero").raises("RPM-05"));
    }
    let Some(header) = &package.header else {
        let fault = package.fault.unwrap_or_else(|| Fault::new("there is no header"));
        scan::tell_unread(opening, package.end, &fault);
        return Err(fault);
    };
    let list = List::new(header, opening.limits().get("entries"));
    for (id, count) in &list.uneven {
        let message = format!("{} has {count} values for {} files", header.name(*id), list.count);
        opening.problem(Fault::at(header.start, message).raises("RPM-05"));
    }
    let mut told: BTreeSet<usize> = BTreeSet::new();
    let mut texts: Vec<(&str, Vec<u8>)> = Vec::new();
    for (name, names, senses, versions, index) in text::RELATIONS {
        if let Some(text) = text::relations(header, (names, senses, versions, index), &mut left) {
            told.extend(
                [Some(names), Some(senses), Some(versions), index].iter().flatten().filter_map(|id| header.place(*id)),
            );
            texts.push((name, text));
        }
    }
    if let Some(text) = text::changes(header, &mut left) {
        told.extend(text::CHANGES.iter().filter_map(|id| header.place(*id)));
        texts.push(("changelog", text));
    }
    if list.files.len() as u64 == list.count
        && list.count > 0
        && let Some(files) = text::files(&list, &mut left)
    {
        told.extend(list.told().filter_map(|id| header.place(id)));
        texts.extend(files);
    }
    Telling { header, opening, prefix: "", folder: "header", told, left: &mut left }.tell()?;
    for (name, text) in texts {
        opening.entry(Entry::new(format!("header/{name}"), Kind::File, Some(Content::inline(text))))?;
    }
    digest::check(opening, package.signature.as_ref(), header, package.end)?;
    payload(opening, header, &list, package.end)
}

/// The rest of the file.
fn payload(opening: &mut dyn Opening, header: &Header, list: &List<'_>, start: u64) -> Result<(), Fault> {
    let mut head = [0; HEAD];
    let mut filled = 0;
    while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match opening.read_at(start + filled as u64, rest)? {
            0 => break,
            read => filled += read,
        }
    }
    let head = head.get(..filled).unwrap_or_default();
    // LZMA has nothing to be known by but its name.
    let lzma = header.text(COMPRESSOR) == Some(b"lzma");
    let found = super::detect(head, if lzma { b"payload.lzma" } else { b"payload" });
    let suffix = match found.map(|format| format.id) {
        Some("gzip") => ".gz",
        Some("bzip2") => ".bz2",
        Some("xz") => ".xz",
        Some("zstd") => ".zst",
        Some("lzma") => ".lzma",
        _ => "",
    };
    let inner = header.text(FORMAT).filter(|inner| !inner.is_empty() && inner.len() < 16).unwrap_or(b"cpio");
    let name = [b"payload.", inner, suffix.as_bytes()].concat();
    let content = Content { size: None, ..opening.slice(start, u64::MAX) };
    let mut entry = Entry::new(name, Kind::File, Some(content));
    entry.outline = list.has_long_sizes.then(|| list.outline());
    opening.entry(entry)
}

/// A header on its way into fields and members.
struct Telling<'a, 'b> {
    header: &'a Header,
    opening: &'a mut (dyn Opening + 'b),
    /// Before the names of fields.
    prefix: &'static str,
    /// Before the names of members.
    folder: &'static str,
    /// Places in the index of what is told elsewhere.
    told: BTreeSet<usize>,
    /// Bytes that texts may still have.
    left: &'a mut u64,
}

impl Telling<'_, '_> {
    fn tell(&mut self) -> Result<(), Fault> {
        self.form();
        let mut seen: BTreeSet<u32> = BTreeSet::new();
        for (place, tag) in self.header.tags.iter().enumerate() {
            let again = if seen.insert(tag.id) { "" } else { " again" };
            let region = place == 0 && (61..=63).contains(&tag.id);
            let Some(data) = self.header.data(tag).filter(|_| !region && !self.told.contains(&place)) else { continue };
            let name = format!("{}{again}", self.header.name(tag.id));
            self.value(tag, name, data)?;
        }
        Ok(())
    }

    /// How the header is laid out, where that is not as rpm does it.
    fn form(&mut self) {
        let form = self.header.form();
        let (at, prefix) = (self.header.start, self.prefix);
        if !form.odd.is_empty() {
            self.opening.say(format!("{prefix}form"), Value::Text(form.odd.join("; ").into()));
        }
        if let Some(more) = form.more {
            self.opening.say(format!("{prefix}form-sha256"), Value::Digest(sha2::Digest::finalize(more).into()));
        }
        let reserved = self.header.bytes.get(4..8).unwrap_or_default();
        if reserved != [0; 4] {
            self.opening.say(format!("{prefix}reserved"), Value::Text(display::hex(reserved).into()));
        }
        let which = if prefix.is_empty() { "main" } else { "signature" };
        for damage in form.damage {
            self.opening.problem(Fault::at(at, format!("in the {which} header {damage}")).raises("RPM-05"));
        }
        for id in form.twice {
            let message = format!("in the {which} header {} is there twice", self.header.name(id));
            self.opening.problem(Fault::at(at, message).raises("RPM-05"));
        }
        if !form.unclaimed.is_empty() {
            let count = form.unclaimed.len();
            let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(&form.unclaimed).into();
            self.opening.say(format!("{prefix}unclaimed-bytes"), Value::Number(count as i128));
            self.opening.say(format!("{prefix}unclaimed-sha256"), Value::Digest(digest));
            let message = format!("{count} bytes of the {which} header belong to no tag");
            self.opening.problem(Fault::at(at, message).raises("RPM-05"));
        }
    }

    fn value(&mut self, tag: &header::Tag, name: String, data: &[u8]) -> Result<(), Fault> {
        let offset = self.header.data_offset(tag);
        match tag.data_type() {
            None => Ok(()),
            Some(header::Type::Text) => self.text(tag.id, name, offset, data.strip_suffix(b"\0").unwrap_or(data)),
            Some(header::Type::Bytes) => self.bytes(name, offset, data),
            Some(header::Type::Number(size)) => {
                let numbers = header::Numbers { data, size: size.into() };
                let times = TIMES.contains(&tag.id);
                match (tag.count, numbers.clone().next()) {
                    (1, Some(time)) if times => {
                        self.say(name, Value::Time(i64::try_from(time).unwrap_or(i64::MAX), 0));
                        Ok(())
                    }
                    (1, Some(number)) => {
                        self.say(name, Value::Number(number.into()));
                        Ok(())
                    }
                    (..=MOST_VALUES, _) => {
                        let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
                        self.say(name, Value::Text(numbers.join(", ").into()));
                        Ok(())
                    }
                    _ => {
                        let text = text::numbers(numbers, self.left);
                        self.list(name, offset, data, text)
                    }
                }
            }
            Some(header::Type::Texts | header::Type::Translated) => self.texts(tag, name, offset, data),
        }
    }

    fn texts(&mut self, tag: &header::Tag, name: String, offset: u64, data: &[u8]) -> Result<(), Fault> {
        let translated = tag.data_type() == Some(header::Type::Translated);
        if tag.count == 1 && translated {
            return self.text(tag.id, name, offset, data.strip_suffix(b"\0").unwrap_or(data));
        }
        let trigger = TRIGGERS.iter().find(|(id, _)| *id == tag.id).map(|(_, trigger)| *trigger);
        if translated || trigger.is_some() {
            let mut locales = self.header.texts(header::LOCALES);
            let mut at = offset;
            for (text, nth) in header::Texts(data).zip(1..=u32::MAX) {
                match (trigger, locales.next()) {
                    (Some(trigger), _) => {
                        let content = Some(self.opening.slice(at, text.len() as u64));
                        self.opening.entry(Entry::new(format!("scriptlet/{trigger}-{nth}"), Kind::File, content))?;
                    }
                    (None, Some(locale)) => {
                        self.text(tag.id, format!("{name} ({})", display::bytes(locale)), at, text)?;
                    }
                    (None, None) => self.text(tag.id, format!("{name} {nth}"), at, text)?,
                }
                at += text.len() as u64 + 1;
            }
            return Ok(());
        }
        if tag.count <= MOST_VALUES && data.len() <= MOST_IN_FIELD {
            self.say(name, Value::Bytes(data.strip_suffix(b"\0").unwrap_or(data).to_vec()));
            return Ok(());
        }
        let text = text::lines(header::Texts(data), self.left);
        self.list(name, offset, data, text)
    }

    fn text(&mut self, id: u32, name: String, offset: u64, text: &[u8]) -> Result<(), Fault> {
        if SCRIPTLETS.contains(&id) && self.prefix.is_empty() {
            let content = self.opening.slice(offset, text.len() as u64);
            return self.opening.entry(Entry::new(format!("scriptlet/{name}"), Kind::File, Some(content)));
        }
        if text.len() <= MOST_IN_FIELD && !text.contains(&b'\n') {
            self.say(name, Value::Bytes(text.to_vec()));
            return Ok(());
        }
        self.member(name, offset, text.len())
    }

    fn bytes(&mut self, name: String, offset: u64, bytes: &[u8]) -> Result<(), Fault> {
        if bytes.len() > 64 && bytes.iter().all(|byte| *byte == 0) {
            self.say(name, Value::Text(format!("{} zeros", bytes.len()).into()));
        } else if bytes.len() <= 64 {
            self.say(name, Value::Text(display::hex(bytes).into()));
        } else {
            return self.member(name, offset, bytes.len());
        }
        Ok(())
    }

    /// A list as a text; as it is stored where that is too long.
    fn list(&mut self, name: String, offset: u64, data: &[u8], text: Option<Vec<u8>>) -> Result<(), Fault> {
        match text {
            Some(text) => {
                let path = format!("{}/{name}", self.folder);
                self.opening.entry(Entry::new(path, Kind::File, Some(Content::inline(text))))
            }
            None => self.member(name, offset, data.len()),
        }
    }

    fn member(&mut self, name: String, offset: u64, length: usize) -> Result<(), Fault> {
        let content = self.opening.slice(offset, length as u64);
        self.opening.entry(Entry::new(format!("{}/{name}", self.folder), Kind::File, Some(content)))
    }

    fn say(&mut self, name: String, value: Value) {
        self.opening.field(Field::new(format!("{}{name}", self.prefix), value));
    }
}
