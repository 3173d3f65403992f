//! Formats turn bytes into a tree. A format recognises and opens; it never compares.
//!
//! To add one: write `format/x.rs` with a `pub const X: Format`, and add it to [`FORMATS`].

use std::borrow::Cow;
use std::sync::Arc;

use crate::entry::{BaseId, Content, Entry, Field, Outline, Value};
use crate::error::Fault;
use crate::limits::Limits;

/// What the result of opening looks like in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Holds entries; each gets its own row.
    Archive,
    /// Wraps one stream; what is inside takes the wrapper's place in the tree, and its path.
    Wrapper,
}

/// Knows how to recognise bytes and open them.
pub struct Format {
    /// Kebab-case id, e.g. `zip`.
    pub id: &'static str,
    /// Its name for a reader, e.g. `ZIP archive`.
    pub title: &'static str,
    /// Archive or wrapper.
    pub shape: Shape,
    /// Whether bytes beginning with `head` (at least [`HEAD`] bytes unless the content is shorter), under this name, are
    /// of this format. The name only breaks ties: no format is recognised by name alone.
    pub detect: fn(head: &[u8], name: &[u8]) -> bool,
    /// Gives every entry, field and problem to the opening, in stored order.
    pub open: fn(&mut dyn Opening) -> Result<(), Fault>,
}

/// Bytes at the start of a content that detection may look at.
pub const HEAD: usize = 4096;

/// What a format sees of the work: the bytes, and where to put what it finds.
///
/// After an error everything given before stays: an archive cut in half shows its first half.
pub trait Opening {
    /// The base whose bytes these are; contents of entries refer to it.
    fn base(&self) -> BaseId;

    /// The name of what is being opened, without folders: a hint.
    fn name(&self) -> &[u8];

    /// Length in bytes. For a decoded stream this decodes it to its end: ask only when the format needs the end.
    ///
    /// # Errors
    /// A device error or a limit.
    fn length(&mut self) -> Result<u64, Fault>;

    /// Reads up to `buffer.len()` bytes; 0 only at the end.
    ///
    /// # Errors
    /// A device error, damage in an outer layer, or a limit.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Fault>;

    /// The limits in force.
    fn limits(&self) -> &Limits;

    /// What the container around this archive says about its members, where it was asked to.
    fn outline(&self) -> Option<Arc<Outline>> {
        None
    }

    /// Takes an entry: its content is read and fingerprinted now, while its bytes are at hand.
    ///
    /// # Errors
    /// A limit that ends the work. Damage inside the content does not.
    fn entry(&mut self, entry: Entry) -> Result<(), Fault>;

    /// Takes a field of the container itself.
    fn field(&mut self, field: Field);

    /// Takes note of damage that does not end the work.
    fn problem(&mut self, fault: Fault);
}

impl dyn Opening + '_ {
    /// Exactly `count` bytes at `offset`, fewer only at the end.
    ///
    /// # Errors
    /// As [`Opening::read_at`]; the limit `header-bytes` when `count` is beyond it.
    pub fn up_to(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, Fault> {
        let most = self.limits().get("header-bytes");
        if count > most {
            let message = format!("stopped at the limit header-bytes: a header of {count} bytes, {most} allowed");
            return Err(Fault { offset: Some(offset), ..Fault::limit("header-bytes", message) });
        }
        self.up_to_unbounded(offset, count)
    }

    /// As [`Self::up_to`] without the limit: only for a `count` bounded by bytes known to exist.
    ///
    /// # Errors
    /// As [`Opening::read_at`].
    pub fn up_to_unbounded(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        let most = usize::try_from(count.min(64 << 10)).unwrap_or(usize::MAX);
        let mut chunk = vec![0; most];
        while (bytes.len() as u64) < count {
            let left = usize::try_from(count - bytes.len() as u64).unwrap_or(usize::MAX).min(chunk.len());
            let read =
                self.read_at(offset.saturating_add(bytes.len() as u64), chunk.get_mut(..left).unwrap_or_default())?;
            if read == 0 {
                break;
            }
            bytes.try_reserve(read).map_err(|_| Fault::limit("memory", "there is not enough memory"))?;
            bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
        }
        Ok(bytes)
    }

    /// Exactly `count` bytes at `offset`.
    ///
    /// # Errors
    /// As [`Self::up_to`]; a fault that says `what` ends early.
    pub fn exact(&mut self, offset: u64, count: u64, what: &str) -> Result<Vec<u8>, Fault> {
        let bytes = self.up_to(offset, count)?;
        if (bytes.len() as u64) < count {
            return Err(Fault::at(offset.saturating_add(bytes.len() as u64), format!("the data ends inside {what}")));
        }
        Ok(bytes)
    }

    /// Adds a field of the container written in the usual way.
    pub fn say(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        self.field(Field::new(name, value));
    }

    /// The bytes of this base from `offset`, as a content.
    pub fn slice(&self, offset: u64, length: u64) -> Content {
        Content::stored(self.base(), offset, length)
    }
}

mod adb;
mod alpine;
mod ar;
mod cpio;
mod deb;
mod layers;
pub(crate) mod rpm;
mod scan;
mod tar;
pub mod zip;

/// Every format, in the order in which they are asked: the most specific first.
pub const FORMATS: &[Format] = &[
    deb::DEB,
    ar::AR,
    rpm::RPM,
    zip::ZIP,
    adb::ADB,
    alpine::ALPINE,
    layers::GZIP,
    layers::BZIP2,
    layers::XZ,
    layers::ZSTD,
    cpio::CPIO,
    tar::TAR,
    layers::LZMA,
];

/// The format of some bytes, if it is one we open.
pub fn detect(head: &[u8], name: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.detect)(head, name))
}

/// The format that a file name promises, if it promises one.
pub fn expected(name: &[u8]) -> Option<&'static Format> {
    const ENDINGS: &[(&str, &str)] = &[
        (".zip", "zip"),
        (".zipx", "zip"),
        (".apk", "zip"),
        (".war", "zip"),
        (".ear", "zip"),
        (".aar", "zip"),
        (".nupkg", "zip"),
        (".vsix", "zip"),
        (".whl", "zip"),
        (".jar", "zip"),
        (".egg", "zip"),
        (".tar", "tar"),
        (".gem", "tar"),
        (".gz", "gzip"),
        (".tgz", "gzip"),
        (".crate", "gzip"),
        (".bz2", "bzip2"),
        (".tbz2", "bzip2"),
        (".xz", "xz"),
        (".txz", "xz"),
        (".zst", "zstd"),
        (".deb", "deb"),
        (".rpm", "rpm"),
        (".cpio", "cpio"),
    ];
    let name = name.to_ascii_lowercase();
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending.as_bytes())).and_then(|(_, id)| by_id(id))
}

/// The format with an id.
pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

#[cfg(test)]
pub(crate) mod testing {
    //! Opens bytes with one format and collects what it gives.

    use super::*;
    use crate::store::Store;
    use std::sync::Arc;

    /// What a format gave.
    pub(crate) struct Opened {
        pub(crate) store: Store,
        pub(crate) limits: Limits,
        pub(crate) name: Vec<u8>,
        pub(crate) entries: Vec<Entry>,
        pub(crate) fields: Vec<Field>,
        pub(crate) problems: Vec<Fault>,
    }

    impl Opened {
        /// The content of the entry at `index`, decoded.
        pub(crate) fn content(&self, index: usize) -> Vec<u8> {
            self.store.read(self.entries[index].content.as_ref().unwrap(), u64::MAX).unwrap().0
        }

        /// The container's field of that name.
        pub(crate) fn value(&self, name: &str) -> Option<&Value> {
            self.fields.iter().find(|field| field.name == name).map(|field| &field.value)
        }
    }

    /// The entry's field of that name.
    pub(crate) fn value<'a>(entry: &'a Entry, name: &str) -> Option<&'a Value> {
        entry.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }

    /// Opens bytes; an error of the format becomes the last problem.
    pub(crate) fn open(format: &Format, name: &str, bytes: Vec<u8>) -> Opened {
        let limits = Limits::default();
        let mut opened = Opened {
            store: Store::new(Arc::new(bytes), &limits, 1 << 20),
            limits,
            name: name.into(),
            entries: Vec::new(),
            fields: Vec::new(),
            problems: Vec::new(),
        };
        if let Err(fault) = (format.open)(&mut opened) {
            opened.problems.push(fault);
        }
        opened
    }

    impl Opening for Opened {
        fn base(&self) -> BaseId {
            0
        }

        fn name(&self) -> &[u8] {
            &self.name
        }

        fn length(&mut self) -> Result<u64, Fault> {
            self.store.len(0)
        }

        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
            self.store.read_at(0, offset, buffer)
        }

        fn limits(&self) -> &Limits {
            &self.limits
        }

        fn entry(&mut self, entry: Entry) -> Result<(), Fault> {
            self.entries.push(entry);
            Ok(())
        }

        fn field(&mut self, field: Field) {
            self.fields.push(field);
        }

        fn problem(&mut self, fault: Fault) {
            self.problems.push(fault);
        }
    }
}
