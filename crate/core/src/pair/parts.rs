//! Parts of container images: layer 2 of one side is matched with layer 2 of the other, although blobs are named by
//! their digests.

use std::collections::BTreeMap;

use super::{How, Matching, base_name, differing_part, index};
use crate::artifact::Side;
use crate::display;
use crate::reading::{NodeId, Reading};

/// By what they are parts of: places and members, in order.
pub(super) type Lists<'a> = BTreeMap<&'a str, Vec<(u32, NodeId)>>;

/// The parts of container images, by the archive they are in.
pub(super) fn parts(reading: &Reading) -> BTreeMap<NodeId, Lists<'_>> {
    let mut found: BTreeMap<NodeId, Lists<'_>> = BTreeMap::new();
    for part in &reading.parts {
        let Some(node) = reading.node(part.node) else { continue };
        let list = found.entry(node.parent).or_default().entry(&part.list).or_default();
        list.push((part.position, part.node));
    }
    for list in found.values_mut().flat_map(BTreeMap::values_mut) {
        list.sort_unstable();
    }
    found
}

/// Whether a path ends with the SHA-256 of what it names, but for an ending such as `.json`.
fn named_by_digest(reading: &Reading, id: NodeId) -> bool {
    let Some(node) = reading.node(id) else { return false };
    let stem = base_name(&node.path).split(|byte| *byte == b'.').next().unwrap_or_default();
    node.sha256.is_some_and(|digest| display::hex(&digest).as_bytes() == stem)
}

impl Matching<'_> {
    /// Matches the parts of container images: layer by layer, between those that are already matched.
    pub(super) fn match_parts(&mut self, left: NodeId, right: NodeId) {
        let (Some(a), Some(b)) = (self.parts.left.remove(&left), self.parts.right.remove(&right)) else { return };
        for (list, left_parts) in a {
            let Some(right_parts) = b.get(list) else { continue };
            let place: BTreeMap<NodeId, usize> =
                right_parts.iter().enumerate().map(|(at, (_, node))| (*node, at)).collect();
            // Members of the list that nothing was matched with, and where the list of B goes on.
            let (mut free, mut next) = (Vec::new(), 0);
            for (_, node) in &left_parts {
                let partner = self.partner.left.get(index(*node)).copied().flatten();
                match partner.and_then(|(partner, _)| place.get(&partner)).copied() {
                    Some(at) if at >= next => {
                        self.match_run(right, &free, right_parts.get(next..at).unwrap_or_default());
                        free.clear();
                        next = at + 1;
                    }
                    _ => free.push(*node),
                }
            }
            self.match_run(right, &free, right_parts.get(next..).unwrap_or_default());
        }
    }

    /// Matches what is free of two runs of parts, one by one.
    fn match_run(&mut self, container: NodeId, left: &[NodeId], right: &[(u32, NodeId)]) {
        let mut others = right.iter().map(|(_, node)| *node);
        for left in left {
            if !self.free(Side::Left, *left) {
                continue;
            }
            let Some(right) = others.find(|node| self.free(Side::Right, *node)) else { return };
            self.join(*left, right, How::Aligned);
            let (Some(a), Some(b)) = (self.readings.left.node(*left), self.readings.right.node(right)) else { return };
            if a.path == b.path {
                continue;
            }
            let parts = differing_part(&a.path, &b.path);
            let digests = named_by_digest(self.readings.left, *left) && named_by_digest(self.readings.right, right);
            let aligned = self.aligned.entry((container, parts.left, parts.right)).or_insert((0, digests));
            *aligned = (aligned.0 + 1, aligned.1 && digests);
        }
    }
}
