//! The members of a zip archive.

use super::super::pypi::is_record;
use super::{Plan, Planner};
use crate::entry::Content;
use crate::go::zip::{Entry, Expected, Header, Modified};
use crate::go::{self, Bytes, Stop};
use crate::reading::NodeId;

/// A member to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zipped {
    pub(crate) header: Header,
    /// `None`: a folder.
    pub(crate) content: Option<Content>,
    /// The content that upstream reads: the same, unless a pass replaced it after reading.
    pub(crate) original: Option<Content>,
    /// What upstream checks of the content that it reads; `None` where it reads none, or has given up already.
    pub(crate) expected: Option<Expected>,
    /// Its node in the reading.
    pub(crate) node: Option<NodeId>,
}

impl Planner<'_> {
    pub(super) fn zip(&mut self, container: Option<NodeId>) -> Result<Plan, Stop> {
        let mut bytes = Bytes::plain(self.store, 0);
        let directory = go::zip::read(self.store, &mut bytes)?;
        let is_record = |entry: &Entry| is_record(&entry.header.name);
        self.records = self.has("wheel-record") && directory.entries.iter().any(is_record);
        let places = directory.entries.iter().map(|entry| Some((&*entry.header.name, None)));
        let nodes = self.nodes_of(container, places);
        let shuffled = Self::may_shuffle(directory.entries.iter().map(|entry| &*entry.header.name));
        let mut members = Vec::with_capacity(nodes.len());
        for (entry, node) in directory.entries.into_iter().zip(nodes) {
            self.store.budget(|budget| budget.check_time())?;
            if !self.is_excluded(node) {
                members.push(self.zipped(&mut bytes, entry, node)?);
            }
        }
        if self.has("zip-file-order") {
            self.sort(&mut members, shuffled, |member| &member.header.name);
        }
        Ok(Plan::Zip { members, comment: directory.comment })
    }

    fn zipped(&mut self, bytes: &mut Bytes<'_>, entry: Entry, node: Option<NodeId>) -> Result<Zipped, Stop> {
        let overlay = node.and_then(|id| self.stabilized.overlay(id));
        let new = overlay.and_then(|overlay| overlay.content.as_ref());
        // Replaced without a look at it, so that upstream never sees what is wrong with it.
        let blind = new.is_some_and(|new| new.by.first() == Some(&"wheel-record"))
            || self.is_git(&entry.header, b"git.json")
            || self.is_git(&entry.header, b"git.properties");
        let stored = if blind { Ok(None) } else { entry.content(bytes) };
        let (original, expected) = match stored {
            Ok(Some((content, expected))) => (Some(content), Some(expected)),
            Ok(None) => (None, None),
            Err(Stop::Fault(fault)) => return Err(Stop::Fault(fault)),
            Err(Stop::Refused(reason)) => {
                let known = node.and_then(|id| self.reading.node(id)).filter(|node| !node.unread);
                let Some(known) = known else { return Stop::refused(reason) };
                self.refuse(reason);
                (known.content.clone().filter(|_| !entry.header.is_folder()), None)
            }
        };
        let content = new.map(|new| new.content.clone()).or_else(|| original.clone());
        // Unchanged though replaced: it was what it is replaced by.
        let content = content.or_else(|| self.reading.node(node.filter(|_| blind)?)?.content.clone());
        let filled = new.is_some_and(|new| new.content.size != Some(0)) || self.is_git(&entry.header, b"git.json");
        if entry.header.is_folder() && filled {
            self.refuse(format!("a pass or rule gives a content to the folder {}", go::shown(&entry.header.name)));
        }
        self.compare_contents(&entry.header.name, node, original.as_ref());
        let mut header = entry.header;
        self.zip_passes(&mut header);
        Ok(Zipped { header, content, original, expected, node })
    }

    /// Whether upstream takes a member for this file, which it replaces: the last part of the name counts, a folder's too.
    fn is_git(&self, header: &Header, file: &[u8]) -> bool {
        let end = header.name.iter().rposition(|byte| *byte != b'/').map_or(0, |last| last + 1);
        let last = header.name.get(..end).and_then(|path| path.rsplit(|byte| *byte == b'/').next());
        self.has("jar-git-properties") && last == Some(file)
    }

    fn zip_passes(&self, header: &mut Header) {
        if self.has("zip-modified-time") {
            header.modified = Modified::EPOCH;
        }
        if self.has("zip-compression") {
            header.method = 0;
        }
        if self.has("zip-data-descriptor") {
            header.flags &= !8;
            header.crc32 = 0;
        }
        if self.has("zip-file-encoding") {
            header.not_utf8 = false;
        }
        if self.has("zip-file-mode") {
            (header.made_by, header.attributes) = (0, 0);
        }
        if self.has("zip-misc") {
            header.comment.clear();
            header.extra.clear();
            header.flags &= 8;
        }
    }
}
