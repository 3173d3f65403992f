//! Reader models: what named, widely used readers make of an archive.
//!
//! Two readers of one archive may see two contents. A model is our own description of one reader's rules (which records
//! it believes, where it starts, what it refuses), run over the same bytes; nothing of the reader itself is run. Views
//! that differ are an ambiguity, and are shown side by side.

use crate::entry::{BaseId, Content, Kind};
use crate::error::Fault;
use crate::store::Store;

mod tar;
mod zip;

/// A model of one reader.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Its id, e.g. `java-zipstream`.
    pub id: &'static str,
    /// Its name, with the version that the model follows, e.g. `Java ZipInputStream 17`.
    pub title: &'static str,
    /// Folds an archive to a view.
    pub see: fn(&mut Archive<'_>) -> View,
}

/// The models of a format; none for formats whose readers do not disagree.
pub fn readers(format: &str) -> &'static [Reader] {
    match format {
        "zip" => zip::READERS,
        "tar" => tar::READERS,
        _ => &[],
    }
}

/// What one reader makes of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What it extracts, in its order; where a path comes twice, the last one stays.
    pub members: Vec<Member>,
    /// How it ends.
    pub end: End,
}

/// How a reader ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It reports success.
    Whole,
    /// It reports an error, after the members of the view; why.
    Stopped(String),
    /// It refuses the archive; why.
    Refused(String),
}

/// One member of a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path, as the reader decodes it.
    pub path: Vec<u8>,
    /// What the reader makes.
    pub kind: Kind,
    /// Its bytes, as the reader decodes them.
    pub content: Option<Content>,
    /// Where a link leads.
    pub target: Option<Vec<u8>>,
    /// Byte offset of the record that the reader believed.
    pub offset: u64,
}

/// The bytes of an archive, for a model to read.
pub struct Archive<'a> {
    store: &'a Store,
    base: BaseId,
    length: u64,
}

impl<'a> Archive<'a> {
    /// The archive whose bytes are a base.
    ///
    /// # Errors
    /// What [`Store::len`] says.
    pub fn new(store: &'a Store, base: BaseId) -> Result<Self, Fault> {
        Ok(Self { store, base, length: store.len(base)? })
    }

    /// The base whose bytes these are; contents of members refer to it.
    pub fn base(&self) -> BaseId {
        self.base
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Up to `count` bytes at an offset; fewer at the end.
    ///
    /// # Errors
    /// What [`Store::read_at`] says.
    pub fn bytes(&self, offset: u64, count: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; count];
        let mut have = 0;
        while let Some(rest) = bytes.get_mut(have..).filter(|rest| !rest.is_empty()) {
            match self.store.read_at(self.base, offset.saturating_add(have as u64), rest)? {
                0 => break,
                more => have += more,
            }
        }
        bytes.truncate(have);
        Ok(bytes)
    }
}
