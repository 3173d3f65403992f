//! Matches the entries of two sides, in passes: same path; same path after aligning roots and versions, or the same part
//! of a container image; same content elsewhere (moved); similar content elsewhere (renamed and edited).

use std::collections::BTreeMap;

mod parts;

use crate::artifact::{Side, Sides};
use crate::display;
use crate::ecosystem;
use crate::entry::Kind;
use crate::reading::{NodeId, Reading, base_name, extension};

/// How a pair was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The artifacts themselves, or members with the same path and occurrence.
    Path,
    /// The same path after aligning roots, versions or compression suffixes; or the same part of a container image.
    Aligned,
    /// The same content under another path.
    Moved,
    /// Similar content under another path; how alike, in percent.
    Similar(u8),
    /// The other side lacks it.
    Alone,
}

/// Two matched entries, or one alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The entry in A.
    pub left: Option<NodeId>,
    /// The entry in B.
    pub right: Option<NodeId>,
    /// Index of the pair that contains this one; 0 for the first, which is the pair of artifacts.
    pub parent: usize,
    /// How it was made.
    pub how: How,
}

/// A part of the paths that differs and was matched all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aligned {
    /// Index of the pair of containers.
    pub container: usize,
    /// The part in A, and in B.
    pub parts: Sides<String>,
    /// How many pairs it matched.
    pub entries: u64,
    /// Whether either part ends with the digest of its content: then the names differ because the contents do.
    pub digests: bool,
}

/// All pairs.
#[derive(Clone, Debug, Default)]
pub struct Pairing {
    /// Pair 0 is the pair of artifacts; every other one follows its parent, in display order.
    pub pairs: Vec<Pair>,
    /// What was aligned.
    pub alignments: Vec<Aligned>,
    /// For each pair: whether the matched members of the two containers stand in a different order.
    pub reordered: Vec<bool>,
    /// Said when renamed entries were not looked for among all candidates, because there are too many.
    pub note: Option<String>,
}

/// Two entries alike by at least this much are shown as one that was renamed and edited.
pub const SIMILAR: u8 = 50;
/// Beyond this many comparisons of one kind of file, only equal base names are compared.
const MOST_COMPARISONS: usize = 40_000;

/// Matches all entries. `similarity` gives how alike two contents are in percent, or `None` if it cannot or will not
/// say.
pub fn pair(readings: Sides<&Reading>, similarity: &mut dyn FnMut(NodeId, NodeId) -> Option<u8>) -> Pairing {
    let mut matching = Matching {
        readings,
        partner: readings.map(|reading| vec![None; reading.nodes.len()]),
        queue: Vec::new(),
        parts: readings.map(parts::parts),
        aligned: BTreeMap::new(),
        note: None,
    };
    matching.join(0, 0, How::Path);
    matching.drain();
    matching.moved();
    matching.similar(similarity);
    matching.list()
}

type Partner = Vec<Option<(NodeId, How)>>;
/// Members of a container: id, path, occurrence.
type Members<'a> = Vec<(NodeId, &'a [u8], u32)>;
/// What members are matched by.
type KeyOf<'k> = &'k dyn Fn(Side, &[u8]) -> Option<Vec<u8>>;
/// Candidates of both sides under one masked path.
type Candidates<'a> = Sides<Vec<(NodeId, &'a [u8])>>;

struct Matching<'a> {
    readings: Sides<&'a Reading>,
    partner: Sides<Partner>,
    /// Joined nodes whose members are still to be matched.
    queue: Vec<(NodeId, NodeId)>,
    /// By container: what its members are parts of, and which is which part.
    parts: Sides<BTreeMap<NodeId, parts::Lists<'a>>>,
    /// By the container in B and the parts: how many, and whether they are named by their digests.
    aligned: BTreeMap<(NodeId, String, String), (u64, bool)>,
    note: Option<String>,
}

fn index(id: NodeId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}

/// The archive or plain content inside all wrappers.
fn inner(reading: &Reading, id: NodeId) -> NodeId {
    reading.layers(id).last().copied().unwrap_or(id)
}

impl<'a> Matching<'a> {
    fn join(&mut self, left: NodeId, right: NodeId, how: How) {
        if let Some(slot) = self.partner.left.get_mut(index(left)) {
            *slot = Some((right, how));
        }
        if let Some(slot) = self.partner.right.get_mut(index(right)) {
            *slot = Some((left, how));
        }
        self.queue.push((left, right));
    }

    fn free(&self, side: Side, id: NodeId) -> bool {
        self.partner.get(side).get(index(id)).is_some_and(Option::is_none)
    }

    fn drain(&mut self) {
        while let Some((left, right)) = self.queue.pop() {
            self.members(inner(self.readings.left, left), inner(self.readings.right, right));
        }
    }

    /// Matches the members of two containers.
    fn members(&mut self, left: NodeId, right: NodeId) {
        let lists = Sides {
            left: self
                .readings
                .left
                .members(left)
                .map(|(id, node)| (id, node.path.as_slice(), node.occurrence))
                .collect::<Vec<_>>(),
            right: self
                .readings
                .right
                .members(right)
                .map(|(id, node)| (id, node.path.as_slice(), node.occurrence))
                .collect::<Vec<_>>(),
        };
        if lists.left.is_empty() || lists.right.is_empty() {
            return;
        }
        // Pass 1: same path and occurrence.
        let before = self.count();
        self.match_by(&lists, &|_, path| Some(path.to_vec()), How::Path);
        // Pass 2: one root folder each, under different names; or a root folder on one side only.
        let roots = lists.as_ref().map(|list| common_root(list));
        let nothing = self.count() == before;
        if roots.left != roots.right && nothing {
            let strip = |side: Side, path: &[u8]| path.get(roots.get(side).len()..).map(<[u8]>::to_vec);
            let matched = self.match_by(&lists, &strip, How::Aligned);
            if matched > 0 {
                let parts = roots.map(display::bytes);
                self.aligned.entry((right, parts.left, parts.right)).or_default().0 += matched;
            }
        }
        self.match_parts(left, right);
        // Pass 3: the same but for version numbers and compression suffixes, where that is unambiguous.
        self.match_masked(right, &lists, &roots);
    }

    fn count(&self) -> usize {
        self.queue.len()
    }

    fn match_by(&mut self, lists: &Sides<Members<'a>>, key: KeyOf<'_>, how: How) -> u64 {
        let mut by_key: BTreeMap<(Vec<u8>, u32), NodeId> = BTreeMap::new();
        for (id, path, occurrence) in &lists.left {
            if self.free(Side::Left, *id)
                && let Some(key) = key(Side::Left, path)
            {
                by_key.insert((key, *occurrence), *id);
            }
        }
        let mut matched = 0;
        for (id, path, occurrence) in &lists.right {
            if self.free(Side::Right, *id)
                && let Some(key) = key(Side::Right, path)
                && let Some(left) = by_key.remove(&(key, *occurrence))
            {
                self.join(left, *id, how);
                matched += 1;
            }
        }
        matched
    }

    fn match_masked(&mut self, container: NodeId, lists: &Sides<Members<'a>>, roots: &Sides<&'a [u8]>) {
        let mut by_key: BTreeMap<(Vec<u8>, u32), Candidates<'a>> = BTreeMap::new();
        for side in Side::BOTH {
            for (id, path, occurrence) in lists.get(side) {
                if !self.free(side, *id) {
                    continue;
                }
                // Under a root folder of another name, the rest of the path is what counts.
                let rest =
                    if roots.left == roots.right { path } else { path.get(roots.get(side).len()..).unwrap_or(path) };
                by_key.entry((masked(rest), *occurrence)).or_default().get_mut(side).push((*id, rest));
            }
        }
        for sides in by_key.values() {
            if let ([(left, left_path)], [(right, right_path)]) = (sides.left.as_slice(), sides.right.as_slice()) {
                self.join(*left, *right, How::Aligned);
                let parts = differing_part(left_path, right_path);
                self.aligned.entry((container, parts.left, parts.right)).or_default().0 += 1;
            }
        }
    }

    /// Entries that only one side has, in stored order, that a rename could explain.
    fn unmatched(&self, side: Side) -> Vec<NodeId> {
        let reading = self.readings.get(side);
        (0..reading.nodes.len())
            .filter_map(|at| NodeId::try_from(at).ok())
            .filter(|id| self.free(side, *id))
            .filter(|id| {
                reading.node(*id).is_some_and(|node| node.kind == Kind::File && node.size > 0 && node.sha256.is_some())
            })
            .collect()
    }

    /// Same content elsewhere; an equal base name first.
    fn moved(&mut self) {
        let mut by_digest: BTreeMap<[u8; 32], Vec<NodeId>> = BTreeMap::new();
        for id in self.unmatched(Side::Left) {
            if let Some(digest) = self.readings.left.node(id).and_then(|node| node.sha256) {
                by_digest.entry(digest).or_default().push(id);
            }
        }
        for same_name in [true, false] {
            for right in self.unmatched(Side::Right) {
                let Some(node) = self.readings.right.node(right) else { continue };
                let Some(candidates) = node.sha256.and_then(|digest| by_digest.get_mut(&digest)) else { continue };
                let found = candidates.iter().position(|left| {
                    self.free(Side::Left, *left)
                        && (!same_name
                            || self.readings.left.node(*left).map(|node| base_name(&node.path))
                                == Some(base_name(&node.path)))
                });
                if let Some(at) = found {
                    let left = candidates.remove(at);
                    self.join(left, right, How::Moved);
                    self.drain();
                }
            }
        }
    }

    /// Similar content elsewhere, the most alike first.
    fn similar(&mut self, similarity: &mut dyn FnMut(NodeId, NodeId) -> Option<u8>) {
        let mut groups: BTreeMap<Vec<u8>, Sides<Vec<NodeId>>> = BTreeMap::new();
        for side in Side::BOTH {
            for id in self.unmatched(side) {
                if let Some(node) = self.readings.get(side).node(id) {
                    groups.entry(extension(&node.path)).or_default().get_mut(side).push(id);
                }
            }
        }
        let mut found: Vec<(u8, NodeId, NodeId)> = Vec::new();
        for group in groups.values() {
            let many = group.left.len().saturating_mul(group.right.len()) > MOST_COMPARISONS;
            if many {
                self.note = Some(format!(
                    "Renamed entries were looked for under equal base names only: {} entries are only in A and {} only in B.",
                    group.left.len(),
                    group.right.len()
                ));
            }
            for right in &group.right {
                for left in &group.left {
                    let (Some(a), Some(b)) = (self.readings.left.node(*left), self.readings.right.node(*right)) else {
                        continue;
                    };
                    if many && base_name(&a.path) != base_name(&b.path) {
                        continue;
                    }
                    // Less than half of one in the other cannot be half alike.
                    if a.size.saturating_mul(3) < b.size || b.size.saturating_mul(3) < a.size {
                        continue;
                    }
                    if let Some(percent) = similarity(*left, *right)
                        && percent >= SIMILAR
                    {
                        found.push((percent, *left, *right));
                    }
                }
            }
        }
        found.sort_by_key(|(percent, left, right)| (u8::MAX - percent, *right, *left));
        for (percent, left, right) in found {
            if self.free(Side::Left, left) && self.free(Side::Right, right) {
                self.join(left, right, How::Similar(percent));
                self.drain();
            }
        }
    }

    /// The pairs in display order: the order of B, with what only A has after its neighbour in A.
    fn list(mut self) -> Pairing {
        let mut pairing = Pairing { note: self.note.take(), ..Pairing::default() };
        let root = Pair { left: Some(0), right: Some(0), parent: 0, how: How::Path };
        let mut stack = vec![(root, 0)];
        // Each pair is pushed when it is met and its members follow at once: depth first without recursion.
        let mut container_of = BTreeMap::new();
        while let Some((mut pair, parent)) = stack.pop() {
            let at = pairing.pairs.len();
            pair.parent = parent;
            pairing.pairs.push(pair);
            let (members, reordered) = self.row(pair);
            pairing.reordered.push(reordered);
            if let Some(right) = pair.right {
                container_of.insert(inner(self.readings.right, right), at);
            }
            stack.extend(members.into_iter().rev().map(|pair| (pair, at)));
        }
        pairing.alignments = self
            .aligned
            .into_iter()
            .map(|((container, left, right), (entries, digests))| Aligned {
                container: container_of.get(&container).copied().unwrap_or(0),
                parts: Sides { left, right },
                entries,
                digests,
            })
            .collect();
        pairing.alignments.sort_by_key(|aligned| (aligned.container, u64::MAX - aligned.entries));
        pairing
    }

    /// The pairs of members of one pair, and whether they stand in a different order.
    fn row(&self, pair: Pair) -> (Vec<Pair>, bool) {
        let Sides { left: a, right: b } = self.readings;
        let left: Vec<NodeId> =
            pair.left.map(|id| a.members(inner(a, id)).map(|(id, _)| id).collect()).unwrap_or_default();
        let right: Vec<NodeId> =
            pair.right.map(|id| b.members(inner(b, id)).map(|(id, _)| id).collect()).unwrap_or_default();
        let first_left = left.first().copied().unwrap_or(0);
        let last_left = left.last().copied().unwrap_or(0);
        let here = |id: NodeId| !left.is_empty() && (first_left..=last_left).contains(&id);
        let mut pairs = Vec::with_capacity(left.len().max(right.len()));
        let mut reordered = false;
        let mut newest = None;
        // What only A has follows the entry that it follows in A; what comes before all others comes first.
        let mut alone_after: BTreeMap<Option<NodeId>, Vec<NodeId>> = BTreeMap::new();
        let mut anchor = None;
        for id in &left {
            match self.partner.left.get(index(*id)).copied().flatten() {
                Some((partner, _))
                    if right.first().is_some_and(|first| partner >= *first)
                        && right.last().is_some_and(|last| partner <= *last) =>
                {
                    anchor = Some(*id);
                }
                Some(_) => {}
                None => alone_after.entry(anchor).or_default().push(*id),
            }
        }
        let push_alone = |pairs: &mut Vec<Pair>, anchor: Option<NodeId>| {
            for id in alone_after.get(&anchor).into_iter().flatten() {
                pairs.push(Pair { left: Some(*id), right: None, parent: 0, how: How::Alone });
            }
        };
        push_alone(&mut pairs, None);
        for id in &right {
            match self.partner.right.get(index(*id)).copied().flatten() {
                Some((partner, how)) => {
                    pairs.push(Pair { left: Some(partner), right: Some(*id), parent: 0, how });
                    if here(partner) {
                        if matches!(how, How::Path | How::Aligned) {
                            reordered |= newest.is_some_and(|newest| partner < newest);
                            newest = Some(newest.map_or(partner, |newest: NodeId| newest.max(partner)));
                        }
                        push_alone(&mut pairs, Some(partner));
                    }
                }
                None => pairs.push(Pair { left: None, right: Some(*id), parent: 0, how: How::Alone }),
            }
        }
        (pairs, reordered)
    }
}

/// The folder that every path begins with, with its slash; empty if there is none.
fn common_root<'a>(list: &[(NodeId, &'a [u8], u32)]) -> &'a [u8] {
    let Some((_, first, _)) = list.first() else { return &[] };
    let first: &'a [u8] = first;
    // `./` in front is the archiver's habit, not a folder of the package.
    let skip = if first.starts_with(b"./") { 2 } else { 0 };
    let Some(slash) = first.iter().skip(skip).position(|byte| *byte == b'/') else { return &[] };
    let root = first.get(..=slash + skip).unwrap_or_default();
    if list.iter().all(|(_, path, _)| path.starts_with(root)) { root } else { &[] }
}

/// A path with version numbers and compression suffixes masked: what two versions of a package have in common.
///
/// A version number is digits, dots and digits at least; what follows it up to the next `-`, `_`, `/` or `.` and a
/// letter belongs to it (`1.0rc1`, `2.0.0b3`).
fn masked(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let starts_number = byte.is_ascii_digit() && !out.last().is_some_and(u8::is_ascii_alphanumeric)
            || byte.is_ascii_digit() && matches!(out.as_slice(), [.., b'v'] | [.., b'V']);
        if starts_number && let Some(length) = ecosystem::version_length(rest) {
            out.push(b'#');
            rest = rest.get(length..).unwrap_or_default();
        } else {
            out.push(byte);
            rest = after;
        }
    }
    for suffix in [&b".gz"[..], b".xz", b".zst", b".bz2", b".lzma"] {
        let stem = out.strip_suffix(suffix);
        if let Some(stem) = stem.filter(|stem| stem.ends_with(b".tar") || stem.ends_with(b".cpio")) {
            out.truncate(stem.len());
        }
    }
    out
}

/// The first path segment that differs, on both sides; the whole path if there are more.
fn differing_part(left: &[u8], right: &[u8]) -> Sides<String> {
    let (a, b): (Vec<&[u8]>, Vec<&[u8]>) =
        (left.split(|byte| *byte == b'/').collect(), right.split(|byte| *byte == b'/').collect());
    if a.len() == b.len() {
        let differing: Vec<usize> = (0..a.len()).filter(|at| a.get(*at) != b.get(*at)).collect();
        if let [at] = differing.as_slice() {
            let part = |list: &[&[u8]]| {
                let slash = if at + 1 < list.len() { "/" } else { "" };
                let upto: Vec<String> = list.iter().take(at + 1).map(|part| display::bytes(part)).collect();
                format!("{}{slash}", upto.join("/"))
            };
            return Sides { left: part(&a), right: part(&b) };
        }
    }
    Sides { left: display::bytes(left), right: display::bytes(right) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Node, Opened};

    /// A reading of one archive with these members: path and content.
    fn reading(members: &[(&str, &str)]) -> Reading {
        let node = |path: &str, content: &str| Node {
            parent: 0,
            path: path.into(),
            occurrence: 0,
            kind: Kind::File,
            fields: Vec::new(),
            content: None,
            size: content.len() as u64,
            sha256: Some(std::array::from_fn(|at| content.as_bytes().get(at).copied().unwrap_or(0))),
            crc32: None,
            stored_sha256: None,
            unread: false,
            media: None,
            opened: None,
        };
        let mut nodes = vec![node("artifact", "")];
        nodes[0].opened = Some(Opened {
            format: "tar".into(),
            fields: vec![],
            first: 1,
            count: u32::try_from(members.len()).unwrap(),
        });
        nodes.extend(members.iter().map(|(path, content)| node(path, content)));
        Reading { nodes, ..Reading::default() }
    }

    fn check(left: &[(&str, &str)], right: &[(&str, &str)], expected: &str) {
        let (a, b) = (reading(left), reading(right));
        let alike = |left: NodeId, right: NodeId| {
            let (a, b) = (a.node(left).unwrap().sha256.unwrap(), b.node(right).unwrap().sha256.unwrap());
            Some(if a[0] == b[0] { 80 } else { 0 })
        };
        let pairing = pair(Sides { left: &a, right: &b }, &mut { alike });
        let name = |reading: &Reading, id: Option<NodeId>| {
            id.map_or("-".into(), |id| String::from_utf8(reading.node(id).unwrap().path.clone()).unwrap())
        };
        let mut text = String::new();
        for pair in pairing.pairs.iter().skip(1) {
            text += &format!("{} = {} {:?}\n", name(&a, pair.left), name(&b, pair.right), pair.how);
        }
        for aligned in &pairing.alignments {
            text += &format!("{} ~ {} {}\n", aligned.parts.left, aligned.parts.right, aligned.entries);
        }
        if pairing.reordered[0] {
            text += "reordered\n";
        }
        assert_eq!(text, expected);
    }

    #[test]
    fn same_paths_pair_and_order_is_noticed() {
        check(&[("a", "1"), ("b", "2")], &[("a", "1"), ("b", "3")], "a = a Path\nb = b Path\n");
        check(&[("a", "1"), ("b", "2")], &[("b", "2"), ("a", "1")], "b = b Path\na = a Path\nreordered\n");
    }

    #[test]
    fn an_entry_of_one_side_stands_beside_its_neighbour() {
        check(
            &[("a", "1"), ("gone", "2"), ("z", "3")],
            &[("a", "1"), ("new", "9"), ("z", "3")],
            "a = a Path\ngone = - Alone\n- = new Alone\nz = z Path\n",
        );
    }

    #[test]
    fn roots_are_aligned_once() {
        check(
            &[("package/a", "1"), ("package/b", "2")],
            &[("x-1.0/a", "1"), ("x-1.0/b", "2")],
            "package/a = x-1.0/a Aligned\npackage/b = x-1.0/b Aligned\npackage/ ~ x-1.0/ 2\n",
        );
    }

    #[test]
    fn versions_and_compression_suffixes_are_aligned_where_unambiguous() {
        check(
            &[("foo/a", "1"), ("foo-1.0.dist-info/METADATA", "2"), ("foo-1.0.dist-info/RECORD", "3")],
            &[("foo/a", "1"), ("foo-1.1rc2.dist-info/METADATA", "4"), ("foo-1.1rc2.dist-info/RECORD", "5")],
            "foo/a = foo/a Path\n\
             foo-1.0.dist-info/METADATA = foo-1.1rc2.dist-info/METADATA Aligned\n\
             foo-1.0.dist-info/RECORD = foo-1.1rc2.dist-info/RECORD Aligned\n\
             foo-1.0.dist-info/ ~ foo-1.1rc2.dist-info/ 2\n",
        );
        check(
            &[("debian-binary", "1"), ("control.tar.gz", "2")],
            &[("debian-binary", "1"), ("control.tar.xz", "3")],
            "debian-binary = debian-binary Path\ncontrol.tar.gz = control.tar.xz Aligned\ncontrol.tar.gz ~ control.tar.xz 1\n",
        );
        check(
            &[("a", "1"), ("payload.cpio", "2")],
            &[("a", "1"), ("payload.cpio.zst", "3")],
            "a = a Path\npayload.cpio = payload.cpio.zst Aligned\npayload.cpio ~ payload.cpio.zst 1\n",
        );
        // Numbered files are not versions of each other.
        check(&[("test1.txt", "1")], &[("test2.txt", "2")], "test1.txt = - Alone\n- = test2.txt Alone\n");
    }

    #[test]
    fn moved_and_similar_entries_are_found() {
        check(
            &[("a/x", "same")],
            &[("b/y", "same")],
            "a/x = b/y Moved\na/ ~ b/ 0\n".replace("a/ ~ b/ 0\n", "").as_str(),
        );
        check(
            &[("k", "1"), ("old.js", "cat")],
            &[("k", "1"), ("new.js", "cow")],
            "k = k Path\nold.js = new.js Similar(80)\n",
        );
        // Another extension is another kind of file.
        check(
            &[("k", "1"), ("old.js", "cat")],
            &[("k", "1"), ("new.py", "cow")],
            "k = k Path\nold.js = - Alone\n- = new.py Alone\n",
        );
    }
}
