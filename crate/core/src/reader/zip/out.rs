//! What a model of a zip reader builds its view with.

use super::raw::{Central, flag};
use crate::entry::{Coding, Content, Kind};
use crate::reader::{Archive, Decoded, End, Member, View};

/// A view while it grows.
pub(super) struct Out<'a, 'b> {
    pub(super) archive: &'a Archive<'b>,
    members: Vec<Member>,
    problem: Option<String>,
}

/// What a method id stands for, among those that a reader knows.
pub(super) fn coding(method: u16, flags: u16, known: &[u16]) -> Option<Coding> {
    known.contains(&method).then_some(())?;
    Some(match method {
        0 => Coding::Stored,
        8 => Coding::Deflate,
        9 => Coding::Deflate64,
        12 => Coding::Bzip2,
        14 => Coding::LzmaZip(flags & 2 != 0),
        93 => Coding::Zstd,
        95 => Coding::Xz,
        _ => return None,
    })
}

/// Why an encrypted member is not read: no reader here is given a password.
pub(super) const ENCRYPTED: &str = "it is encrypted";

impl<'a, 'b> Out<'a, 'b> {
    pub(super) fn new(archive: &'a Archive<'b>) -> Self {
        Self { archive, members: Vec::new(), problem: None }
    }

    /// The whole archive is refused.
    pub(super) fn refused(reason: impl Into<String>) -> View {
        View { members: Vec::new(), end: End::Refused(reason.into()) }
    }

    /// Notes an error; the reader goes on, and reports it in the end.
    pub(super) fn note(&mut self, reason: impl Into<String>) {
        self.problem.get_or_insert(reason.into());
    }

    /// The end of the walk: whole, or with the first error.
    pub(super) fn end(self) -> View {
        let end = self.problem.map_or(End::Whole, End::Stopped);
        View { members: self.members, end }
    }

    /// The reader stops here.
    pub(super) fn stop(mut self, reason: impl Into<String>) -> View {
        self.note(reason);
        self.end()
    }

    pub(super) fn file(&mut self, path: impl Into<Vec<u8>>, content: Content, offset: u64) {
        let (path, kind, content) = (path.into(), Kind::File, Some(content));
        self.members.push(Member { path, kind, content, target: None, offset });
    }

    pub(super) fn folder(&mut self, path: impl Into<Vec<u8>>, offset: u64) {
        let (path, kind) = (path.into(), Kind::Directory);
        self.members.push(Member { path, kind, content: None, target: None, offset });
    }

    pub(super) fn link(&mut self, path: impl Into<Vec<u8>>, target: Vec<u8>, offset: u64) {
        let (path, kind) = (path.into(), Kind::Symlink);
        self.members.push(Member { path, kind, content: None, target: Some(target), offset });
    }

    /// A file that keeps the first bytes of a content.
    pub(super) fn cut(&mut self, path: impl Into<Vec<u8>>, content: &Content, size: u64, offset: u64) {
        let content = self.archive.prefix(content, size);
        self.file(path, content, offset);
    }

    /// Decodes a range in full.
    pub(super) fn decode(&self, content: &Content) -> Decoded {
        self.archive.decode(content, u64::MAX)
    }

    /// The decoded bytes of a short content, such as a link's target.
    pub(super) fn short(&self, content: &Content) -> Option<Vec<u8>> {
        self.archive.short(content, 64 << 10)
    }
}

/// Whether a directory record says that its member is encrypted.
pub(super) fn encrypted(record: &Central) -> bool {
    record.has(flag::ENCRYPTED)
}
