//! Reader models: what named, widely used readers make of an archive.
//!
//! Two readers of one archive may see two contents. A model is our own description of one reader's rules (which records
//! it believes, where it starts, what it refuses), run over the same bytes; nothing of the reader itself is run. Views
//! that differ are an ambiguity, and are shown side by side.

use crate::entry::{Content, Kind};

mod archive;
mod names;
mod plain_tar;
mod tar;
#[cfg(test)]
mod tests;
mod views;
mod zip;

pub use archive::{Archive, Decoded};
pub use views::views;

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

/// Every model, by format.
pub fn all() -> impl Iterator<Item = (&'static str, &'static Reader)> {
    ["zip", "tar"].into_iter().flat_map(|format| readers(format).iter().map(move |reader| (format, reader)))
}

/// The model with an id, and the format it reads.
pub fn by_id(id: &str) -> Option<(&'static str, &'static Reader)> {
    all().find(|(_, reader)| reader.id == id)
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
