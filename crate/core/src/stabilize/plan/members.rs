//! Which node of the reading is which member as Go reads them, and members of one name.

use super::{Planner, Set};
use crate::entry::Content;
use crate::reading::NodeId;

/// So many members are sorted by insertion, which keeps the order of equal ones; Go's sort of more does not.
const SORTED_BY_INSERTION: usize = 12;

/// A doubt.
const READ_OTHERWISE: &str =
    "OSS Rebuild reads members that we read otherwise, and passes that change contents did not see them as it does.";

impl Planner<'_> {
    /// The node of each member, by path, and by where its bytes are. Both readers go through an archive in its order, so
    /// nearly always these are simply the nodes; where they disagree on what is a member, the next that fits is taken.
    /// A `None` among the members is known to have no node.
    pub(super) fn nodes_of<'m>(
        &mut self,
        container: Option<NodeId>,
        members: impl Iterator<Item = Option<(&'m [u8], Option<u64>)>>,
    ) -> Vec<Option<NodeId>> {
        let nodes: Vec<_> = container.map(|id| self.reading.members(id).collect()).unwrap_or_default();
        let (mut next, mut lost) = (0, false);
        let matched = members.map(|member| {
            let (path, offset) = member?;
            let fits = |node: &crate::reading::Node| {
                let there = node.content.as_ref().map(|content| content.offset);
                node.path == path && (offset.is_none() || there.is_none() || offset == there)
            };
            let found = nodes.iter().skip(next).position(|(_, node)| fits(node));
            lost |= found.is_none() && self.acts_on(path);
            let at = next + found?;
            next = at + 1;
            nodes.get(at).map(|(id, _)| *id)
        });
        let matched = matched.collect();
        if lost {
            self.doubt(READ_OTHERWISE);
        }
        matched
    }

    /// Says so where what Go reads of a member is not what passes saw.
    pub(super) fn compare_contents(&mut self, name: &[u8], node: Option<NodeId>, content: Option<&Content>) {
        let Some(node) = node.and_then(|id| self.reading.node(id)) else { return };
        let plain = |content: &Content| Content { size: None, ..content.clone() };
        let same = content.is_none_or(|content| node.content.as_ref().map(plain) == Some(plain(content)));
        if self.acts_on(name) && (node.unread || !same) {
            self.doubt(READ_OTHERWISE);
        }
    }

    /// Whether passes would look at a member of this name, and do something about it.
    fn acts_on(&self, name: &[u8]) -> bool {
        let ends = |suffixes: &[&str]| suffixes.iter().any(|suffix| name.ends_with(suffix.as_bytes()));
        match self.set {
            _ if !self.stabilized.rules.is_empty() => true,
            Set::Crate => ends(&[".cargo_vcs_info.json"]),
            Set::Gem => ends(&[".gz", ".sig"]),
            Set::Jar => name.starts_with(b"META-INF/") || ends(&["MANIFEST.MF", "git.json", "git.properties"]),
            // Every member stands in the RECORD.
            Set::Wheel => self.records,
            Set::Tar | Set::TarGzip | Set::Raw => false,
        }
    }

    /// Whether Go's sort may put these members in another order than a stable one does, if some have one name: not so
    /// few of them, and not members that are sorted already.
    pub(super) fn may_shuffle<'m>(names: impl ExactSizeIterator<Item = &'m [u8]>) -> bool {
        names.len() > SORTED_BY_INSERTION && !names.is_sorted()
    }

    /// Sorts members by their names' bytes, those of one name as they are, and says when upstream may do otherwise.
    pub(super) fn sort<M: PartialEq>(&mut self, members: &mut [M], shuffled: bool, name: fn(&M) -> &[u8]) {
        members.sort_by(|one, other| name(one).cmp(name(other)));
        let twice = |pair: &[M]| match pair {
            [one, other] => name(one) == name(other) && one != other,
            _ => false,
        };
        if shuffled && members.windows(2).any(twice) {
            self.doubt("Several members have one name, and OSS Rebuild's sort puts them in an order of its own.");
        }
    }
}
