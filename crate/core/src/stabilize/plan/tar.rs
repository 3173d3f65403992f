//! The members of a tar archive.

use super::{Plan, Planner};
use crate::entry::Content;
use crate::go::tar::{Dialects, Entry, GLOBAL, Header, layout};
use crate::go::{self, Bytes, Stop, Time};
use crate::reading::NodeId;

/// A member to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tarred {
    pub(crate) header: Header,
    pub(crate) body: Body,
}

/// What a member holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// A content, as long as the header says; nothing for types without a body.
    Content(Content),
    /// An archive stabilized in its turn: how long it is shows when it is written.
    Plan(Box<Plan>),
}

impl Planner<'_> {
    /// A tar archive. `container` is the node that was opened as one, and `gem` whether it is a gem, whose inner
    /// archives are stabilized in place.
    pub(super) fn tar(&mut self, bytes: &mut Bytes<'_>, container: Option<NodeId>, gem: bool) -> Result<Plan, Stop> {
        let entries = go::tar::read(self.store, bytes)?;
        let places = entries.iter().map(|entry| {
            let offset = (!entry.header.is_bare()).then_some(entry.content.offset);
            (entry.header.flag != GLOBAL).then_some((entry.header.name.as_slice(), offset))
        });
        let nodes = self.nodes_of(container, places);
        let shuffled = Self::may_shuffle(entries.iter().map(|entry| &*entry.header.name));
        let mut members = Vec::with_capacity(entries.len());
        for (entry, node) in entries.into_iter().zip(nodes) {
            if !self.is_excluded(node)
                && let Some(member) = self.tarred(entry, node, gem)?
            {
                members.push(member);
            }
        }
        if self.has("tar-file-order") {
            self.sort(&mut members, shuffled, |member| &member.header.name);
        }
        Ok(Plan::Tar(members))
    }

    fn tarred(&mut self, entry: Entry, node: Option<NodeId>, gem: bool) -> Result<Option<Tarred>, Stop> {
        let Entry { mut header, mut content, refused } = entry;
        if let Some(reason) = refused {
            // Its holes are filled by our reader, which knows them.
            let whole = node.and_then(|id| self.reading.node(id)).filter(|node| !node.unread);
            let Some(whole) = whole.and_then(|node| node.content.clone()) else { return Stop::refused(reason) };
            header.flag = b'0';
            header.size = whole.size.and_then(|size| size.try_into().ok()).unwrap_or_default();
            content = whole;
            self.refuse(reason);
        }
        let new = self.new_content(node).cloned();
        let changed = new.is_some();
        if let Some(new) = new {
            header.size = new.size.and_then(|size| size.try_into().ok()).unwrap_or_default();
            content = new;
        }
        let rules = &self.stabilized.rules;
        // A global header is no node of ours, but a member like any other to upstream.
        if header.flag == GLOBAL && rules.iter().any(|rule| rule.excludes(&header.name)) {
            return Ok(None);
        }
        // Whoever looks for a match in no body states its size afterwards: none.
        if header.is_bare() && !changed && rules.iter().any(|rule| rule.replaces(&header.name)) {
            header.size = 0;
        }
        self.passes(&mut header);
        if let Err(stop) = layout(&header) {
            let Stop::Refused(reason) = stop else { return Err(stop) };
            self.refuse(reason);
            // A global header only speaks about others, whose own headers say it by now.
            if header.flag == GLOBAL {
                return Ok(None);
            }
        }
        if header.is_bare() && changed && header.size > 0 {
            self.refuse(format!("a rule gives a body to {}, which cannot have one", go::shown(&header.name)));
        }
        let inner = if gem && self.has("gem-inner-archives") { self.inner(&header.name, &content, node) } else { None };
        let body = inner.map_or(Body::Content(content), |plan| Body::Plan(Box::new(plan)));
        Ok(Some(Tarred { header, body }))
    }

    fn passes(&self, header: &mut Header) {
        if self.has("tar-time") {
            header.mtime = Time::EPOCH;
            header.atime = Time::EPOCH;
            header.ctime = Time::ZERO;
            header.dialects = Dialects::PAX;
        }
        if self.has("tar-file-mode") {
            header.mode = 0o777;
        }
        if self.has("tar-owners") {
            (header.uid, header.gid) = (0, 0);
            header.owner.clear();
            header.group.clear();
        }
        if self.has("tar-xattrs") {
            header.xattrs.clear();
            header.records.clear();
        }
        if self.has("tar-device-number") {
            (header.major, header.minor) = (0, 0);
        }
    }

    /// An archive in a gem. Whatever is wrong with it, upstream leaves it as it is and says nothing.
    fn inner(&mut self, name: &[u8], content: &Content, node: Option<NodeId>) -> Option<Plan> {
        let base = self.store.base_of(content);
        let before = (self.refusal.take(), self.doubts.clone());
        let plan = match name {
            b"data.tar.gz" => self.gzip_tar(base, node).ok(),
            b"metadata.gz" => self.gzip_text(base, node).ok(),
            _ => None,
        };
        let plan = plan.filter(|_| self.refusal.is_none());
        if plan.is_none() {
            self.doubts = before.1;
        }
        self.refusal = before.0;
        plan
    }
}
