//! The tree that every format produces: entries with fields and content, as plain data.
//!
//! Everything here can leave the worker that made it: content is a *handle* (which bytes of which base, and how to
//! decode them), never the bytes themselves, so a tree of an artifact larger than memory stays small.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What kind of thing an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Bytes.
    File,
    /// A folder.
    Directory,
    /// A symbolic link; its target is the field `target`.
    Symlink,
    /// A second name of an earlier entry; its target is the field `target`.
    Hardlink,
    /// A character device.
    CharacterDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// Anything else; the field `type` says what.
    Other,
}

/// How bad a finding is; the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Two readers get different content out of the same bytes.
    Conflict,
    /// Hidden or dangerous.
    High,
    /// Suspicious.
    Medium,
    /// A note.
    Info,
}

/// The value of a [`Field`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Text made by us, e.g. `deflate`.
    Text(Cow<'static, str>),
    /// Bytes from the artifact, e.g. an owner's name. Displayed escaped, never lossy.
    Bytes(Vec<u8>),
    /// A number or size.
    Number(i128),
    /// Unix permission bits, displayed in octal.
    Mode(u32),
    /// A point in time: seconds since 1970-01-01 UTC, and nanoseconds.
    Time(i64, u32),
    /// A local time without a zone, as DOS stores it: year, month, day, hour, minute, second, as stored, valid or not.
    LocalTime(u16, u8, u8, u8, u8, u8),
    /// A SHA-256.
    Digest([u8; 32]),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into())
    }
}

/// One named metadata value.
///
/// A parser adds a field for everything that an entry's content and path do not say, and leaves out the values that
/// mean "nothing" (an empty owner, a zero device number): an absent field equals an absent field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name, kebab-case, e.g. `mtime`; for PAX records `pax:` and the key.
    pub name: Cow<'static, str>,
    /// What it says.
    pub value: Value,
    /// The bytes as stored, only where they are not the usual way to write this value.
    pub stored: Option<Vec<u8>>,
}

impl Field {
    /// A field written in the usual way.
    pub fn new(name: impl Into<Cow<'static, str>>, value: Value) -> Self {
        Self { name: name.into(), value, stored: None }
    }
}

/// How bytes of a base become an entry's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Coding {
    /// As they are.
    Stored,
    /// Raw deflate.
    Deflate,
    /// Raw deflate64 (zip method 9).
    Deflate64,
    /// All members of a gzip file, one after another.
    Gzip,
    /// bzip2, all streams.
    Bzip2,
    /// xz, all streams.
    Xz,
    /// LZMA with the 13-byte header of `.lzma` files.
    LzmaAlone,
    /// LZMA inside a zip: method 14, with its own header; true when the stream ends with a marker.
    LzmaZip(bool),
    /// zstd, all frames.
    Zstd,
    /// Data extents with holes between them: pairs of (offset in the content, length), the data stored back to back.
    Sparse(Vec<(u64, u64)>),
    /// These bytes themselves; the base is not used.
    Inline(Vec<u8>),
}

/// Index of a base in [`crate::reading::Reading::bases`]; 0 is the artifact itself.
pub type BaseId = u32;

/// A handle to an entry's bytes: a range of a base and how to decode it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The bytes the range is of.
    pub base: BaseId,
    /// First byte of the range.
    pub offset: u64,
    /// Bytes in the range; `u64::MAX` means to the end of the base, wherever that is.
    pub stored: u64,
    /// How they decode.
    pub coding: Coding,
    /// Decoded length in bytes, when the format states it. Never trusted: reading stops there, and checks.
    pub size: Option<u64>,
}

impl Content {
    /// Bytes of a base as they are.
    pub fn stored(base: BaseId, offset: u64, length: u64) -> Self {
        Self { base, offset, stored: length, coding: Coding::Stored, size: Some(length) }
    }

    /// Bytes made here.
    pub fn inline(bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        Self { base: 0, offset: 0, stored: 0, coding: Coding::Inline(bytes), size: Some(size) }
    }
}

/// One member of a container, as its format describes it. The conductor adds what it finds by reading the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path as stored, without decoding. Not unique, not safe, not necessarily text.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Everything else the container says about it.
    pub fields: Vec<Field>,
    /// Its bytes; `None` for things that have none, or whose bytes cannot be reached (`unread` says why).
    pub content: Option<Content>,
    /// CRC-32 that the container claims for the decoded content.
    pub crc32: Option<u32>,
    /// Why the content cannot be read, e.g. `it is encrypted`; the entry then counts as unread. Where there is a content
    /// all the same, it is what the bytes are if that is not true: it counts if it has the size and CRC-32 stated.
    pub unread: Option<String>,
    /// What is known here about the members of the archive that the content is, in whatever it is wrapped.
    pub outline: Option<Arc<Outline>>,
}

/// What a container says about the members of an archive in it that leaves that out: the payload of an RPM package
/// gives the number of each, and its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The members by number; of their contents only the sizes are meant.
    pub members: Vec<Entry>,
}

impl Entry {
    /// An entry without fields.
    pub fn new(path: impl Into<Vec<u8>>, kind: Kind, content: Option<Content>) -> Self {
        Self { path: path.into(), kind, fields: Vec::new(), content, crc32: None, unread: None, outline: None }
    }

    /// Adds a field written in the usual way.
    pub fn field(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        self.fields.push(Field::new(name, value));
    }
}
