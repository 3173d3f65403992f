//! Judges every pair: what differs, which pass accounts for it, and what status follows.
//!
//! An explanation is a by-product: where the raw values differ and the stabilized ones do not, the pass that changed
//! them is the cause. What no pass accounts for stays unexplained here; signals speak about it later.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::artifact::Sides;
use crate::display;
use crate::entry::{Field, Kind, Value};
use crate::pair::{How, Pair, Pairing};
use crate::reading::{Node, NodeId, Reading};
use crate::report::Status;
use crate::stabilize::{Change, Overlay, Stabilized};

/// One difference of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs: a field's name (a container's with its format's id and a colon in front), or `content`, `kind`,
    /// `path`, `names`, `blob-names`, `order`, `compression`, `encoding`, `container-format`, `bytes`, `entry`.
    pub what: Cow<'static, str>,
    /// In A, for display.
    pub left: Option<String>,
    /// In B, for display.
    pub right: Option<String>,
    /// After stabilizing, where a pass accounts for it.
    pub after: Option<String>,
    /// The pass that accounts for it.
    pub pass: Option<&'static str>,
}

/// What was found about one pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its own differences, not those of its members.
    pub differences: Vec<Difference>,
    /// The status.
    pub status: Status,
    /// Whether members make it different.
    pub members: bool,
}

/// One side as judging sees it.
#[derive(Clone, Copy)]
pub struct SideView<'a> {
    /// The reading.
    pub reading: &'a Reading,
    /// And what stabilizing made of it.
    pub stabilized: &'a Stabilized,
}

impl<'a> SideView<'a> {
    fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.reading.node(id)
    }

    fn overlay(&self, id: NodeId) -> Option<&'a Overlay> {
        self.stabilized.overlay(id)
    }

    /// SHA-256 of a node's content after stabilizing.
    fn stabilized_digest(&self, id: NodeId) -> Option<[u8; 32]> {
        match self.overlay(id).and_then(|overlay| overlay.content.as_ref()) {
            Some(new) => Some(new.sha256),
            None => self.node(id)?.sha256,
        }
    }
}

/// Judges every pair; the result is parallel to `pairing.pairs`.
pub fn judge(sides: Sides<SideView<'_>>, pairing: &Pairing) -> Vec<Judged> {
    let mut judged: Vec<Judged> =
        pairing.pairs.iter().enumerate().map(|(at, pair)| own(sides, pairing, at, *pair)).collect();
    names(sides, pairing, &mut judged);
    // Members come after their container: backwards, every container is met after all its members.
    let mut totals: Vec<Total> = vec![Total::default(); judged.len()];
    for at in (0..judged.len()).rev() {
        let (Some(pair), Some(total)) = (pairing.pairs.get(at), totals.get(at).copied()) else { continue };
        let Some(entry) = judged.get_mut(at) else { continue };
        conclude(sides, *pair, entry, total);
        if matches!(entry.status, Status::OnlyLeft | Status::OnlyRight) && may_be_there(sides, pairing, *pair) {
            entry.status = Status::Unread;
        }
        let status = entry.status;
        if at > 0
            && let Some(parent) = totals.get_mut(pair.parent)
        {
            parent.add(status);
        }
    }
    judged
}

/// Whether the other side may have the entry all the same, because the container it would be in was not read whole.
fn may_be_there(sides: Sides<SideView<'_>>, pairing: &Pairing, pair: Pair) -> bool {
    let mut at = pair.parent;
    while let Some(parent) = pairing.pairs.get(at) {
        match (parent.left, parent.right) {
            (Some(_), Some(right)) if pair.right.is_none() => return unread(sides.right, right),
            (Some(left), Some(_)) => return unread(sides.left, left),
            _ if at == 0 => return false,
            _ => at = parent.parent,
        }
    }
    false
}

/// What the members of a container came to.
#[derive(Clone, Copy, Default)]
struct Total {
    different: bool,
    equivalent: bool,
    unread: bool,
}

impl Total {
    fn add(&mut self, status: Status) {
        match status {
            Status::Identical => {}
            Status::Equivalent => self.equivalent = true,
            Status::Different | Status::OnlyLeft | Status::OnlyRight => self.different = true,
            Status::Unread => self.unread = true,
        }
    }
}

/// The status, from the pair's own differences and what its members came to.
fn conclude(sides: Sides<SideView<'_>>, pair: Pair, judged: &mut Judged, total: Total) {
    let (left, right) = match (pair.left, pair.right) {
        (Some(left), Some(right)) => (left, right),
        (left, _) => {
            if judged.differences.iter().all(|difference| difference.pass.is_none()) {
                judged.status = if left.is_some() { Status::OnlyLeft } else { Status::OnlyRight };
            } else {
                judged.status = Status::Equivalent;
            }
            return;
        }
    };
    let (Some(a), Some(b)) = (sides.left.node(left), sides.right.node(right)) else { return };
    let same_digest = a.sha256.is_some() && a.sha256 == b.sha256;
    // One archive opened as two readers see it is one file with two contents: those are what is compared.
    let two_views = sides.left.reading.reader != sides.right.reading.reader
        && sides.left.reading.layers(0).contains(&left)
        && sides.right.reading.layers(0).contains(&right);
    let same_bytes = same_digest && !two_views;
    let excluded = |side: SideView<'_>, id| side.overlay(id).is_some_and(|overlay| overlay.excluded.is_some());
    let left_out = excluded(sides.left, left) && excluded(sides.right, right);
    let unread = !same_bytes
        && !left_out
        && [(sides.left, left), (sides.right, right)].iter().any(|(side, id)| unread(*side, *id));
    let unexplained = judged.differences.iter().any(|difference| difference.pass.is_none());
    judged.members = total.different && !same_bytes;
    if !same_digest
        && judged.differences.is_empty()
        && !total.different
        && !total.equivalent
        && !total.unread
        && !unread
    {
        residue(sides, left, right, judged);
    }
    let unexplained = unexplained || judged.differences.iter().any(|difference| difference.pass.is_none());
    judged.status = if unexplained || judged.members {
        Status::Different
    } else if unread || (total.unread && !same_bytes) {
        Status::Unread
    } else if !judged.differences.is_empty() || (total.equivalent && !same_bytes) {
        Status::Equivalent
    } else {
        Status::Identical
    };
}

/// Bytes that differ although everything that was decoded from them is equal.
fn residue(sides: Sides<SideView<'_>>, left: NodeId, right: NodeId, judged: &mut Judged) {
    let (Some(a), Some(b)) = (sides.left.node(left), sides.right.node(right)) else { return };
    let (Some(old), Some(new)) = (a.sha256, b.sha256) else { return };
    let wrapper = sides.left.reading.layers(left).len() > 1;
    // Every compression around the content, or else the archive itself.
    let pass = |side: SideView<'_>, id| {
        let layers = side.reading.layers(id);
        let count = layers.len().saturating_sub(1).max(1);
        let mut passes = layers.iter().take(count).map(|id| side.overlay(*id).and_then(|overlay| overlay.layout));
        let first = passes.next().flatten()?;
        passes.all(|pass| pass.is_some()).then_some(first)
    };
    let pass = pass(sides.left, left).and(pass(sides.right, right));
    let what = if wrapper { "encoding" } else { "bytes" };
    judged.differences.push(difference(what, Some(display::hex(&old)), Some(display::hex(&new)), pass));
}

fn unread(side: SideView<'_>, id: NodeId) -> bool {
    side.reading.layers(id).iter().any(|id| side.node(*id).is_some_and(|node| node.unread))
}

fn difference(
    what: impl Into<Cow<'static, str>>,
    left: Option<String>,
    right: Option<String>,
    pass: Option<&'static str>,
) -> Difference {
    Difference { what: what.into(), left, right, after: None, pass }
}

/// A pair's own differences.
fn own(sides: Sides<SideView<'_>>, pairing: &Pairing, at: usize, pair: Pair) -> Judged {
    let mut found = Vec::new();
    match (pair.left, pair.right) {
        (Some(left), Some(right)) => {
            both(sides, left, right, &mut found);
            if pairing.reordered.get(at).copied().unwrap_or(false) {
                let pass = |side: SideView<'_>, id| {
                    let inner = side.reading.layers(id).last().copied().unwrap_or(id);
                    side.overlay(inner).and_then(|overlay| overlay.order)
                };
                let pass = pass(sides.left, left).and(pass(sides.right, right));
                found.push(difference("order", Some("order of A".into()), Some("order of B".into()), pass));
            }
            if matches!(pair.how, How::Moved | How::Similar(_)) {
                let path = |side: SideView<'_>, id| side.node(id).map(|node| display::bytes(&node.path));
                found.push(difference("path", path(sides.left, left), path(sides.right, right), None));
            }
            let excluded = |side: SideView<'_>, id| side.overlay(id).and_then(|overlay| overlay.excluded);
            match (excluded(sides.left, left), excluded(sides.right, right)) {
                (Some(pass), Some(_)) => {
                    for difference in &mut found {
                        difference.pass = difference.pass.or(Some(pass));
                    }
                }
                (None, None) => {}
                (left, _) => {
                    let word = |excluded: bool| Some(if excluded { "left out" } else { "kept" }.to_owned());
                    found.push(difference("entry", word(left.is_some()), word(left.is_none()), None));
                }
            }
        }
        (Some(id), None) | (None, Some(id)) => {
            let side = if pair.left.is_some() { sides.left } else { sides.right };
            let pass = side.overlay(id).and_then(|overlay| overlay.excluded);
            let here = Some("present".to_owned());
            let (left, right) = if pair.left.is_some() { (here, None) } else { (None, here) };
            found.push(difference("entry", left, right, pass));
        }
        (None, None) => {}
    }
    Judged { differences: found, status: Status::Identical, members: false }
}

fn both(sides: Sides<SideView<'_>>, left: NodeId, right: NodeId, found: &mut Vec<Difference>) {
    let (Some(a), Some(b)) = (sides.left.node(left), sides.right.node(right)) else { return };
    let (over_a, over_b) = (sides.left.overlay(left), sides.right.overlay(right));
    fields(
        "",
        Sides {
            left: (&a.fields, over_a.map_or(&[][..], |overlay| &overlay.fields)),
            right: (&b.fields, over_b.map_or(&[][..], |overlay| &overlay.fields)),
        },
        found,
    );
    if a.kind != b.kind {
        let name = |kind| format!("{kind:?}").to_lowercase();
        let stable = |node: &Node, over: Option<&Overlay>| match over.and_then(|overlay| overlay.kind) {
            Some((kind, pass)) => (kind, Some(pass)),
            None => (node.kind, None),
        };
        let ((kind_a, by_a), (kind_b, by_b)) = (stable(a, over_a), stable(b, over_b));
        let pass = if kind_a == kind_b { by_b.or(by_a) } else { None };
        let after = pass.map(|_| name(kind_b));
        found.push(Difference { after, ..difference("kind", Some(name(a.kind)), Some(name(b.kind)), pass) });
    }
    if let (Some(old), Some(new)) = (a.stored_sha256, b.stored_sha256)
        && old != new
        && a.sha256 == b.sha256
        && a.sha256.is_some()
    {
        let pass = over_a.and_then(|overlay| overlay.encoding).and(over_b.and_then(|overlay| overlay.encoding));
        found.push(difference("encoding", Some(display::hex(&old)), Some(display::hex(&new)), pass));
    }
    let layers = Sides { left: sides.left.reading.layers(left), right: sides.right.reading.layers(right) };
    wrappers(sides, &layers, found);
    let (Some(&left), Some(&right)) = (layers.left.last(), layers.right.last()) else { return };
    let (Some(a), Some(b)) = (sides.left.node(left), sides.right.node(right)) else { return };
    match (&a.opened, &b.opened) {
        (Some(old), Some(new)) => {
            if old.format == new.format {
                let over = |side: SideView<'_>, id: NodeId| {
                    side.stabilized.overlay(id).map_or(Vec::new(), |overlay| overlay.opened.clone())
                };
                let (over_a, over_b) = (over(sides.left, left), over(sides.right, right));
                let prefix = format!("{}:", old.format);
                fields(&prefix, Sides { left: (&old.fields, &over_a), right: (&new.fields, &over_b) }, found);
            } else {
                found.push(difference("container-format", Some(old.format.clone()), Some(new.format.clone()), None));
            }
        }
        (None, None) => content(sides, left, right, found),
        // What was not read is not said to be of another kind.
        _ if a.unread || b.unread => {}
        (old, new) => {
            let name = |opened: &Option<crate::reading::Opened>| {
                Some(opened.as_ref().map_or("plain content".to_owned(), |opened| opened.format.clone()))
            };
            found.push(difference("container-format", name(old), name(new), None));
        }
    }
}

/// The content of two leaves.
fn content(sides: Sides<SideView<'_>>, left: NodeId, right: NodeId, found: &mut Vec<Difference>) {
    let (Some(a), Some(b)) = (sides.left.node(left), sides.right.node(right)) else { return };
    if a.sha256 == b.sha256 {
        return;
    }
    // Some tools compress a folder's empty content, others store nothing: the fields say which.
    let empty = |node: &Node| node.kind == Kind::Directory && node.size == 0;
    if empty(a) && empty(b) {
        return;
    }
    // One of them has no digest: no content at all (another kind of entry), or it could not be read.
    if a.sha256.is_none() && b.sha256.is_none() || a.unread || b.unread {
        return;
    }
    let pass = (sides.left.stabilized_digest(left) == sides.right.stabilized_digest(right))
        .then(|| agreeing(&states(sides.left, left), &states(sides.right, right)))
        .flatten();
    let digest = |digest: Option<[u8; 32]>| digest.map(|digest| display::hex(&digest));
    let mut found_here = difference("content", digest(a.sha256), digest(b.sha256), pass);
    if pass.is_some() {
        found_here.after = digest(sides.right.stabilized_digest(right));
    }
    found.push(found_here);
}

/// A content's digest as it was read or as a pass left it, and that pass.
type State = (Option<[u8; 32]>, Option<&'static str>);

fn states(side: SideView<'_>, id: NodeId) -> Vec<State> {
    let mut states = vec![(side.node(id).and_then(|node| node.sha256), None)];
    if let Some(new) = side.overlay(id).and_then(|overlay| overlay.content.as_ref()) {
        states.extend(new.after.iter().zip(&new.by).map(|(digest, pass)| (Some(*digest), Some(*pass))));
    }
    states
}

/// The pass that made two contents equal: the first that did, since later ones only rewrite what is equal already.
fn agreeing(left: &[State], right: &[State]) -> Option<&'static str> {
    let equal = left.iter().enumerate().filter_map(|(steps, (digest, pass))| {
        let (more, (_, other)) = right.iter().enumerate().find(|(_, (other, _))| other == digest)?;
        // Of the two passes the one that ran later; raw, no pass, comes before all.
        let earlier = left.iter().take(steps).any(|(_, earlier)| earlier == other);
        Some((steps + more, if earlier { *pass } else { *other }))
    });
    equal.min_by_key(|(steps, _)| *steps).and_then(|(_, pass)| pass)
}

/// The compression around two contents.
fn wrappers(sides: Sides<SideView<'_>>, layers: &Sides<Vec<NodeId>>, found: &mut Vec<Difference>) {
    let list = |side: SideView<'_>, ids: &[NodeId]| -> Vec<(NodeId, String)> {
        let opened = ids.iter().take(ids.len().saturating_sub(1));
        opened.filter_map(|id| Some((*id, side.node(*id)?.opened.as_ref()?.format.clone()))).collect()
    };
    let (a, b) = (list(sides.left, &layers.left), list(sides.right, &layers.right));
    if a.iter().map(|(_, format)| format).ne(b.iter().map(|(_, format)| format)) {
        let name = |list: &[(NodeId, String)]| {
            let names: Vec<&str> = list.iter().map(|(_, format)| format.as_str()).collect();
            if names.is_empty() { "none".to_owned() } else { names.join(" in ") }
        };
        // Every compression on either side must be one that does not matter; no compression at all is another way.
        let both = a.iter().map(|(id, _)| (sides.left, *id)).chain(b.iter().map(|(id, _)| (sides.right, *id)));
        let passes: Vec<Option<&'static str>> =
            both.map(|(side, id)| side.overlay(id).and_then(|overlay| overlay.recompression)).collect();
        let pass = if passes.iter().all(Option::is_some) { passes.first().copied().flatten() } else { None };
        found.push(difference("compression", Some(name(&a)), Some(name(&b)), pass));
        // What the headers say beside that must not go with it: a comment, bytes after the end.
        for (id, format) in &a {
            alone(sides.left, *id, &format!("{format}:"), true, found);
        }
        for (id, format) in &b {
            alone(sides.right, *id, &format!("{format}:"), false, found);
        }
        return;
    }
    for ((left, format), (right, _)) in a.iter().zip(&b) {
        let opened = |side: SideView<'_>, id: NodeId| {
            (side.node(id).and_then(|node| node.opened.clone()), side.overlay(id).cloned().unwrap_or_default())
        };
        if let ((Some(old), over_a), (Some(new), over_b)) = (opened(sides.left, *left), opened(sides.right, *right)) {
            let both = Sides {
                left: (old.fields.as_slice(), over_a.opened.as_slice()),
                right: (new.fields.as_slice(), over_b.opened.as_slice()),
            };
            fields(&format!("{format}:"), both, found);
        }
    }
}

/// The fields of a container that the other side has no counterpart of.
fn alone(side: SideView<'_>, id: NodeId, prefix: &str, left: bool, found: &mut Vec<Difference>) {
    let Some(opened) = side.node(id).and_then(|node| node.opened.as_ref()) else { return };
    let changes = side.overlay(id).map_or(&[][..], |overlay| &overlay.opened);
    let (own, none) = ((opened.fields.as_slice(), changes), (&[][..], &[][..]));
    fields(prefix, if left { Sides { left: own, right: none } } else { Sides { left: none, right: own } }, found);
}

/// A field after stabilizing: its value, and how it was stored if nothing touched it.
type Stable<'a> = Option<(&'a Value, Option<&'a Vec<u8>>)>;

fn stable<'a>(field: Option<(usize, &'a Field)>, changes: &'a [Change]) -> (Stable<'a>, Option<&'static str>) {
    let Some((index, field)) = field else { return (None, None) };
    match changes.iter().find(|change| change.index == index) {
        Some(change) => (change.to.as_deref().map(|value| (value, None)), Some(change.by)),
        None => (Some((&field.value, field.stored.as_ref())), None),
    }
}

/// A field with its index.
type Indexed<'a> = Option<(usize, &'a Field)>;

/// Compares fields by name; several of one name by their order.
fn fields(prefix: &str, sides: Sides<(&[Field], &[Change])>, found: &mut Vec<Difference>) {
    let (a, b) = (sides.left.0, sides.right.0);
    if a == b {
        return;
    }
    let mut by_name: BTreeMap<(&str, usize), (usize, Indexed<'_>, Indexed<'_>)> = BTreeMap::new();
    let mut counts: BTreeMap<&str, Sides<usize>> = BTreeMap::new();
    for (index, field) in a.iter().enumerate() {
        let count = &mut counts.entry(&field.name).or_default().left;
        by_name.insert((&field.name, *count), (index, Some((index, field)), None));
        *count += 1;
    }
    for (index, field) in b.iter().enumerate() {
        let count = &mut counts.entry(&field.name).or_default().right;
        by_name.entry((&field.name, *count)).or_insert((index, None, None)).2 = Some((index, field));
        *count += 1;
    }
    let mut rows: Vec<_> = by_name.into_iter().collect();
    rows.sort_by_key(|(_, (order, _, _))| *order);
    for ((name, _), (_, left, right)) in rows {
        if left.map(|(_, field)| field) == right.map(|(_, field)| field) {
            continue;
        }
        let (stable_a, by_a) = stable(left, sides.left.1);
        let (stable_b, by_b) = stable(right, sides.right.1);
        let pass = if stable_a == stable_b { by_b.or(by_a) } else { None };
        let show = |field: Option<(usize, &Field)>, other: Option<(usize, &Field)>| {
            field.map(|(_, field)| show(field, other.is_some_and(|(_, other)| other.value == field.value)))
        };
        found.push(Difference {
            what: format!("{prefix}{name}").into(),
            left: show(left, right),
            right: show(right, left),
            after: pass.and(stable_b.map(|(value, _)| display::value(value))),
            pass,
        });
    }
}

/// A field for display; with the bytes as stored where the value alone does not tell the two apart.
pub fn show(field: &Field, same_value: bool) -> String {
    match &field.stored {
        Some(stored) if same_value => {
            format!("{} (stored as {})", display::value(&field.value), display::bytes(stored))
        }
        _ => display::value(&field.value),
    }
}

/// Aligned names are a difference of the container: said once there, not at every member.
fn names(sides: Sides<SideView<'_>>, pairing: &Pairing, judged: &mut [Judged]) {
    for aligned in &pairing.alignments {
        // `control.tar.gz` and `control.tar.xz`: the name follows the compression, so what explains one explains both.
        let stem = |name: &str| {
            let suffix = [".gz", ".xz", ".zst", ".bz2", ".lzma"].into_iter().find(|suffix| name.ends_with(suffix));
            name.strip_suffix(suffix.unwrap_or_default()).map(str::to_owned)
        };
        let renamed = stem(&aligned.parts.left) == stem(&aligned.parts.right);
        let pass = renamed
            .then(|| {
                pairing.pairs.iter().zip(judged.iter()).find_map(|(pair, judged)| {
                    let named = pair.parent == aligned.container
                        && pair
                            .right
                            .and_then(|id| sides.right.node(id))
                            .is_some_and(|node| display::bytes(&node.path) == aligned.parts.right);
                    let compression = judged.differences.iter().find(|difference| difference.what == "compression")?;
                    if named { compression.pass } else { None }
                })
            })
            .flatten();
        if let Some(container) = judged.get_mut(aligned.container) {
            // Names that are digests differ because the contents do, and say nothing more.
            container.differences.push(difference(
                if aligned.digests { "blob-names" } else { "names" },
                Some(aligned.parts.left.clone()),
                Some(aligned.parts.right.clone()),
                pass,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &[(u8, &'static str)], right: &[(u8, &'static str)], expected: &str) {
        let states = |list: &[(u8, &'static str)]| -> Vec<State> {
            list.iter().map(|(byte, pass)| (Some([*byte; 32]), (!pass.is_empty()).then_some(*pass))).collect()
        };
        assert_eq!(agreeing(&states(left), &states(right)), Some(expected), "{left:?} {right:?}");
        assert_eq!(agreeing(&states(right), &states(left)), Some(expected), "{right:?} {left:?}");
    }

    #[test]
    fn the_pass_that_made_contents_equal_is_named_not_one_that_rewrote_them_later() {
        check(&[(1, ""), (3, "date")], &[(2, ""), (3, "date")], "date");
        check(&[(1, ""), (3, "date"), (4, "order")], &[(2, ""), (3, "date"), (4, "order")], "date");
        check(&[(1, ""), (2, "date"), (4, "order")], &[(3, ""), (4, "order")], "order");
        check(&[(1, ""), (2, "date")], &[(2, "")], "date");
        check(&[(1, ""), (2, "date"), (3, "order")], &[(2, ""), (3, "order")], "date");
        check(&[(1, ""), (2, "date"), (3, "order")], &[(4, ""), (3, "date")], "order");
    }
}
