//! cpio: the archives of initial RAM file systems and inside RPM packages (cpio(5) of FreeBSD; POSIX.1-2017, pax, "cpio
//! Interchange Format"; Linux, `Documentation/driver-api/early-userspace/buffer-format.rst`).
//!
//! Five forms of header are read, each member by its own, and the stripped one of RPM packages. Archives may follow one another with zeros between, as the
//! boot loader of Linux takes them, and so may a compressed one: what follows the last end is then an entry of its own.
//!
//! A file with several names comes once for each, with the same inode; in most forms only the last has the content. The
//! second and later ones are hard links to the first here, so what numbers say about files is in the tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::scan::{self, Padding, Window};
use super::{FORMATS, Format, HEAD, Opening, Shape};
use crate::entry::{Content, Entry, Kind, Outline, Value};
use crate::error::Fault;

mod header;
mod stripped;
#[cfg(test)]
mod tests;

use header::{Form, Header, quoted};

/// A cpio archive, or several.
pub const CPIO: Format =
    Format { id: "cpio", title: "cpio archive", shape: Shape::Archive, detect: |head, _| begins(head), open };

/// Name of the member that marks the end.
const TRAILER: &[u8] = b"TRAILER!!!";
/// Bytes of the longest header.
const LONGEST: usize = 110;
/// Archives of which it is said how many members they have.
const MOST_LISTED: u64 = 100;

fn open(opening: &mut dyn Opening) -> Result<(), Fault> {
    let outline = opening.outline();
    let mut walk = Walk {
        opening,
        outline,
        at: 0,
        window: Window::default(),
        last: None,
        links: BTreeMap::new(),
        archive: 1,
        members: 0,
        end: String::new(),
        more: None,
        padding: Padding::default(),
    };
    let result = walk.run();
    let Walk { opening, at, padding, .. } = walk;
    padding.tell(opening, None);
    if let Err(fault) = &result {
        scan::tell_unread(opening, at, fault);
    }
    result
}

/// Device, inode and kind of a file with several names.
type Identity = ([Option<u64>; 2], Option<u64>, u64);

/// The way through the archives.
struct Walk<'a> {
    opening: &'a mut (dyn Opening + 'a),
    /// What the package around the archive says about its members.
    outline: Option<Arc<Outline>>,
    /// Where the next header begins.
    at: u64,
    window: Window,
    /// Path of the last member.
    last: Option<Vec<u8>>,
    /// The first name of each file of this archive that has several.
    links: BTreeMap<Identity, Vec<u8>>,
    /// Which archive this is, counted from 1.
    archive: u64,
    /// Members of this archive so far.
    members: u64,
    /// The last mark of an end.
    end: String,
    /// Of what is said about archives that are not listed.
    more: Option<Sha256>,
    padding: Padding,
}

impl Walk<'_> {
    fn run(&mut self) -> Result<(), Fault> {
        loop {
            let head = self.window.peek(self.opening, self.at, LONGEST)?;
            if head.is_empty() {
                self.opening.say("end-marker", Value::text("missing"));
                let fault = scan::fault(self.at, "the archive ends without the mark of its end", self.last.as_deref());
                self.opening.problem(fault);
                return Ok(());
            }
            if head.starts_with(stripped::MAGIC) && head.len() >= stripped::LENGTH {
                let bytes = head.get(..stripped::LENGTH).unwrap_or_default().to_vec();
                if self.stripped(&bytes)? {
                    return Ok(());
                }
                continue;
            }
            let Some(form) = Form::of(head) else { return Err(self.fault(self.at, "this is no member's header")) };
            let Some(bytes) = head.get(..form.length()).map(<[u8]>::to_vec) else {
                let end = self.at + head.len() as u64;
                return Err(self.fault(end, "the archive ends inside a member's header"));
            };
            let header = Header::new(form, &bytes);
            let (Some(size), Some(length @ 1..)) = (header.size, header.name_size) else {
                return Err(self.fault(self.at, "a member's header has no sizes"));
            };
            let name = self.name(form.length() as u64, length)?;
            if name.path == TRAILER {
                self.trailer(&header, &bytes, &name);
                let size = form.length() as u64 + length;
                if !self.behind(self.at + size, filled(size, form.alignment()) - size)? {
                    return Ok(());
                }
            } else {
                self.member(&header, &bytes, name, size)?;
            }
        }
    }

    fn fault(&self, offset: u64, what: &str) -> Fault {
        scan::fault(offset, what, self.last.as_deref())
    }

    /// The name behind a header.
    fn name(&mut self, header: u64, length: u64) -> Result<Name, Fault> {
        let most = self.opening.limits().get("header-bytes");
        if length > most {
            let message = format!("stopped at the limit header-bytes: a name of {length} bytes, {most} allowed");
            return Err(Fault { offset: Some(self.at), ..Fault::limit("header-bytes", message) });
        }
        let whole = header + length;
        let bytes = self.window.peek(self.opening, self.at, usize::try_from(whole).unwrap_or(usize::MAX))?;
        let stored = bytes.get(usize::try_from(header).unwrap_or(usize::MAX)..).unwrap_or_default();
        let present = stored.len() as u64;
        let end = stored.iter().position(|byte| *byte == 0).unwrap_or(stored.len());
        let (path, rest) = stored.split_at_checked(end).unwrap_or_default();
        let name = Name { path: path.to_vec(), rest: rest.to_vec() };
        if present < length {
            let end = self.at + header + present;
            return Err(self.fault(end, "the archive ends inside a member's name"));
        }
        Ok(name)
    }

    fn member(&mut self, header: &Header, bytes: &[u8], name: Name, size: u64) -> Result<(), Fault> {
        let align = header.form.alignment();
        let name_end = self.at + bytes.len() as u64 + name.path.len() as u64 + name.rest.len() as u64;
        // No number of a header has more than 33 bits: sums do not overflow.
        let data = self.at + filled(name_end - self.at, align);
        let mut entry = Entry::new(name.path, kind(header), None);
        describe(&mut entry, header, bytes);
        if let Some(form) = name_form(&name.rest) {
            entry.field("name-form", form);
        }
        let several = entry.kind != Kind::Directory && header.links.is_some_and(|links| links > 1);
        if several {
            let identity = (header.dev, header.ino, header.mode.unwrap_or_default() >> 12);
            let first = self.links.entry(identity).or_insert_with(|| entry.path.clone());
            if *first != entry.path {
                // Only files have content that the names share.
                let file = entry.kind == Kind::File;
                let first = Value::Bytes(first.clone());
                entry.field(if file { "target" } else { "same-as" }, first);
                if file {
                    entry.kind = Kind::Hardlink;
                }
            }
        }
        self.content(&mut entry, header, data, size)?;
        self.last = Some(entry.path.clone());
        self.members += 1;
        self.filler(name_end, data)?;
        self.opening.entry(entry)?;
        self.at = data;
        self.past_content(data, size, align)
    }

    /// Gives the entry its content: a link's becomes its target.
    fn content(&mut self, entry: &mut Entry, header: &Header, data: u64, size: u64) -> Result<(), Fault> {
        let content = self.opening.slice(data, size);
        match entry.kind {
            Kind::Symlink if size <= self.opening.limits().get("header-bytes") => {
                let target = self.opening.exact(data, size, "the target of a link")?;
                entry.field("target", Value::Bytes(target));
            }
            Kind::File => entry.content = Some(content.clone()),
            _ if size > 0 => entry.content = Some(content.clone()),
            _ => {}
        }
        if size > 0 && !matches!(entry.kind, Kind::File | Kind::Hardlink | Kind::Symlink) {
            entry.field("size", Value::Number(size.into()));
            let path = scan::shown(&entry.path);
            let message = format!("{path}: it claims a body of {size} bytes, which its kind cannot have");
            self.opening.problem(Fault::at(self.at, message));
        }
        let stated = header.sum.unwrap_or_default();
        let summed = header.form == Form::Crc && matches!(entry.kind, Kind::File | Kind::Hardlink);
        if summed && self.sum(&content)? != stated {
            let message =
                format!("{}: the stated sum is {stated:08x}, the content's is another", scan::shown(&entry.path));
            self.opening.problem(Fault::at(self.at, message));
            entry.field("wrong-sum", Value::Number(stated.into()));
        } else if !summed && stated != 0 {
            entry.field("sum", Value::Number(stated.into()));
        }
        Ok(())
    }

    /// The sum of a content's bytes, modulo 2^32.
    fn sum(&mut self, content: &Content) -> Result<u64, Fault> {
        let mut chunk = vec![0; 64 << 10];
        let (mut at, end, mut sum) = (content.offset, content.offset.saturating_add(content.stored), 0_u32);
        while at < end {
            let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(chunk.len());
            match self.opening.read_at(at, chunk.get_mut(..most).unwrap_or_default())? {
                0 => break,
                read => {
                    let bytes = chunk.get(..read).unwrap_or_default();
                    sum = bytes.iter().fold(sum, |sum, byte| sum.wrapping_add(u32::from(*byte)));
                    at += read as u64;
                }
            }
        }
        Ok(sum.into())
    }

    /// Bytes that fill up: zeros, or else kept. How many there are, where the archive ends among them.
    fn filler(&mut self, start: u64, end: u64) -> Result<(), Fault> {
        let count = usize::try_from(end - start).unwrap_or_default();
        if count == 0 {
            return Ok(());
        }
        let bytes = self.window.peek(self.opening, start, count)?.to_vec();
        if bytes.len() < count {
            self.opening.say("end-padding", Value::Number(bytes.len() as i128));
        }
        if bytes.iter().any(|byte| *byte != 0) {
            self.padding.keep(self.opening, start, &bytes, self.last.as_deref().unwrap_or_default());
        }
        Ok(())
    }

    /// Checks that a content is all there, and looks at what fills it up.
    fn past_content(&mut self, data: u64, size: u64, align: u64) -> Result<(), Fault> {
        let end = data + size;
        if size > 0 && self.window.peek(self.opening, end - 1, 1)?.is_empty() {
            let there = self.opening.length()?;
            let missing = end.saturating_sub(there);
            let what = format!("the archive ends inside a content, {missing} of {size} bytes are missing");
            return Err(self.fault(there, &what));
        }
        self.at = data + filled(size, align);
        self.filler(end, self.at)
    }

    /// The mark at the end has a header, too: what it says, and what is unusual about that.
    fn trailer(&mut self, header: &Header, bytes: &[u8], name: &Name) {
        let form = if header.is_usual_trailer() { header.form_of(bytes) } else { Some(quoted(bytes)) };
        let name = (name.rest != [0]).then(|| format!("its name followed by {}", quoted(&name.rest)));
        let parts = [Some(header.form.name().to_owned()), form, name];
        self.end = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
        self.links.clear();
    }

    /// Says how the archive ended that another one follows.
    fn another(&mut self, zeros: u64) {
        let said = format!("{} members; ends in {}; then {zeros} zeros", self.members, self.end);
        if self.archive <= MOST_LISTED {
            self.opening.say(format!("archive {}", self.archive), Value::Text(said.into()));
        } else {
            self.more.get_or_insert_default().update(said);
        }
        self.archive += 1;
        self.members = 0;
    }

    /// What stands behind the mark and what fills it up: zeros, and then nothing, another archive (then true), or
    /// something else.
    fn behind(&mut self, start: u64, fill: u64) -> Result<bool, Fault> {
        let mut chunk = vec![0; 64 << 10];
        let mut zeros = 0_u64;
        let more = loop {
            let read = self.opening.read_at(start + zeros, &mut chunk)?;
            let bytes = chunk.get(..read).unwrap_or_default();
            let run = bytes.iter().take_while(|byte| **byte == 0).count();
            zeros += run as u64;
            if run < read || read == 0 {
                break read > 0;
            }
        };
        self.at = start + zeros;
        if zeros < fill {
            self.opening.say("end-padding", Value::Number(zeros.into()));
        }
        let zeros = zeros.saturating_sub(fill);
        let head = if more { self.window.peek(self.opening, self.at, HEAD)?.to_vec() } else { Vec::new() };
        if begins(&head) {
            self.another(zeros);
            return Ok(true);
        }
        if let Some(hash) = self.more.take() {
            self.opening.say("archives-sha256", Value::Digest(hash.finalize().into()));
        }
        self.opening.say("end-marker", Value::Text(std::mem::take(&mut self.end).into()));
        if zeros > 0 {
            self.opening.say("zero-padding", Value::Number(zeros.into()));
        }
        if !more {
            return Ok(false);
        }
        let rest = self.opening.slice(self.at, u64::MAX);
        let packed = FORMATS.iter().any(|format| format.shape == Shape::Wrapper && (format.detect)(&head, b""));
        if packed {
            let mut entry = Entry::new(*b"(behind the end)", Kind::Other, Some(Content { size: None, ..rest }));
            entry.field("type", Value::text("what follows the end of the archive"));
            self.opening.entry(entry)?;
        } else {
            let (count, digest) = scan::hash(self.opening, self.at)?;
            self.opening.say("trailing-bytes", Value::Number(count.into()));
            self.opening.say("trailing-sha256", Value::Digest(digest));
            let message = format!("{count} bytes follow the end of the archive");
            self.opening.problem(Fault::at(self.at, message).raises("CPIO-01"));
        }
        Ok(false)
    }
}

/// Whether these bytes begin an archive.
fn begins(head: &[u8]) -> bool {
    header::begins(head) || stripped::begins(head)
}

/// A member's name: up to the first NUL, and the rest.
struct Name {
    path: Vec<u8>,
    rest: Vec<u8>,
}

/// What is unusual about how a name ends: usual is one NUL.
fn name_form(rest: &[u8]) -> Option<Value> {
    match rest {
        [0] => None,
        [] => Some(Value::text("without a NUL")),
        rest => Some(Value::Bytes(rest.to_vec())),
    }
}

/// A length with what fills it up.
fn filled(length: u64, align: u64) -> u64 {
    length.div_ceil(align) * align
}

fn kind(header: &Header) -> Kind {
    match header.mode.map(|mode| mode >> 12 & 0xf) {
        Some(8) => Kind::File,
        Some(4) => Kind::Directory,
        Some(10) => Kind::Symlink,
        Some(2) => Kind::CharacterDevice,
        Some(6) => Kind::BlockDevice,
        Some(1) => Kind::Fifo,
        _ => Kind::Other,
    }
}

/// A field for every number that is there and says something, and for how the header is written.
fn describe(entry: &mut Entry, header: &Header, bytes: &[u8]) {
    entry.field("format", Value::text(header.form.name()));
    if let Some(form) = header.form_of(bytes) {
        entry.field("header-form", Value::Text(form.into()));
    }
    if let Some(mode) = header.mode.and_then(|mode| u32::try_from(mode).ok()) {
        entry.field("mode", Value::Mode(mode & 0o7777));
        let other = entry.kind == Kind::Other;
        match mode & if other { !0o7777 } else { !0o177_777 } {
            0 if !other => {}
            0o140_000 => entry.field("type", Value::text("socket")),
            extra => entry.field("mode-extra", Value::Mode(extra)),
        }
    }
    if let Some(mtime) = header.mtime.and_then(|mtime| i64::try_from(mtime).ok()) {
        entry.field("mtime", Value::Time(mtime, 0));
    }
    let ([dev_high, dev], [rdev_high, rdev]) = (header.dev, header.rdev);
    // Older forms have one number for both parts.
    let split = matches!(header.form, Form::Newc | Form::Crc);
    for (name, number, usual) in [
        ("uid", header.uid, None),
        ("gid", header.gid, None),
        ("ino", header.ino, None),
        ("links", header.links, Some(1)),
        ("dev-major", dev_high, Some(0)),
        (if split { "dev-minor" } else { "dev" }, dev, Some(0)),
        ("device-major", rdev_high, Some(0)),
        (if split { "device-minor" } else { "device" }, rdev, Some(0)),
    ] {
        if let Some(number) = number.filter(|number| Some(*number) != usual) {
            entry.field(name, Value::Number(number.into()));
        }
    }
}
