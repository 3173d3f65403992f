//! Runs the models over the archives of a reading, and says where they disagree.
//!
//! An archive whose records are plainly ordinary is one that all of them read alike: that is checked first, in one walk.
//! For the rest every model reads the headers; contents that were read already are not read again.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::{Archive, Decoded, End, Member, Reader, View, plain_tar, readers, zip};
use crate::entry::{BaseId, Coding, Kind};
use crate::limits::Limits;
use crate::reading::{Disagreement, Ending, Group, Node, NodeId, Reading, Seen, Sight, Views, Witness};
use crate::store::Store;

/// Members of an archive beyond which no model is run.
const MOST_MEMBERS: u32 = 50_000;
/// Length of an archive inside a compression layer beyond which no model is run: each would decode it again.
const MOST_DECODED: u64 = 128 << 20;
/// Archives of one artifact that models are run over.
const MOST_ARCHIVES: usize = 200;
/// Differing members that are listed; more are counted.
const MOST_LISTED: usize = 200;

/// What the models make of every archive of a reading, where they do not all read it to its end alike.
pub fn views(reading: &Reading, store: &Store, limits: &Limits) -> Vec<Views> {
    let mut left = limits.get("content-bytes");
    let mut list = Vec::new();
    let archives = reading.nodes.iter().zip(0..).filter_map(|(node, id)| {
        let opened = node.opened.as_ref()?;
        (!readers(&opened.format).is_empty()).then_some((id, opened.format.as_str(), opened.count))
    });
    let troubled: BTreeSet<NodeId> = reading.problems.iter().map(|problem| problem.node).collect();
    let mut looked_at = 0;
    for (id, format, count) in archives {
        let Some(base) = base(reading, store, id) else { continue };
        let Ok(archive) = Archive::new(store, base) else { continue };
        let clean = !troubled.contains(&id) && !reading.members(id).any(|(id, _)| troubled.contains(&id));
        if clean && is_plain(reading, id, format, &archive) {
            continue;
        }
        let decoded = store
            .bases()
            .get(usize::try_from(base).unwrap_or(usize::MAX))
            .is_some_and(|content| base != 0 && content.coding != Coding::Stored);
        let skipped = if count > MOST_MEMBERS {
            Some(format!("no reader is asked about an archive of more than {MOST_MEMBERS} members"))
        } else if decoded && archive.length() > MOST_DECODED {
            Some(format!("no reader is asked about a compressed archive of more than {MOST_DECODED} bytes"))
        } else if looked_at == MOST_ARCHIVES {
            Some(format!("readers are asked about {MOST_ARCHIVES} archives of an artifact"))
        } else {
            None
        };
        if let Some(reason) = skipped {
            list.push(Views { node: id, skipped: Some(reason), ..Views::default() });
            continue;
        }
        looked_at += 1;
        let mut archive = archive.spending(left);
        for (_, node) in reading.members(id) {
            know(&archive, node);
        }
        let mut asked = ask(&mut archive, readers(format));
        left = archive.left();
        if let Some(fault) = archive.stopped() {
            list.push(Views { node: id, skipped: Some(fault.message), ..Views::default() });
            continue;
        }
        let alike = asked.groups.len() == 1
            && asked.groups.iter().all(|group| group.readers.iter().all(|reader| reader.ending == Ending::Whole));
        if !alike {
            asked.node = id;
            list.push(asked);
        }
    }
    list
}

/// Whether every reader of a format reads an archive alike.
fn is_plain(reading: &Reading, id: NodeId, format: &str, archive: &Archive<'_>) -> bool {
    match format {
        "zip" => zip::plain(archive),
        "tar" => plain_tar::plain(reading, id),
        _ => false,
    }
}

/// The base that holds an archive's bytes: the one that its members are ranges of.
pub(crate) fn base(reading: &Reading, store: &Store, id: NodeId) -> Option<BaseId> {
    if id == 0 {
        return Some(0);
    }
    let node = reading.node(id)?;
    let opened = reading.members(id).filter_map(|(_, node)| node.content.as_ref());
    let member =
        opened.filter(|content| !matches!(content.coding, Coding::Inline(_))).map(|content| content.base).min();
    member.or_else(|| Some(store.base_of(node.content.as_ref()?)))
}

/// Spares the models a content that was read whole.
fn know(archive: &Archive<'_>, node: &Node) {
    let (Some(content), Some(sha256), Some(crc32)) = (&node.content, node.sha256, node.crc32) else { return };
    // Not all of its stored bytes were used.
    let rest = ["trailing-bytes", "zero-padding"].iter().any(|name| node.value(name).is_some());
    if !node.unread && !rest && content.base == archive.base() {
        let (size, consumed) = (node.size, content.stored);
        let decoded = Decoded { sha256, crc32, size, consumed, more: false, fault: None, cut: false };
        archive.know(content, decoded);
    }
}

/// A path without what makes no difference where it leads: slashes in front and in a row, a dot in front.
fn key(path: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).collect();
    let start = parts.iter().position(|part| *part != b".").unwrap_or(parts.len());
    parts.get(start..).unwrap_or_default().join(&b'/')
}

/// One view, by path: the last member of a path stays. Folders are no content.
fn tree(archive: &Archive<'_>, view: &View) -> BTreeMap<Vec<u8>, Sight> {
    let mut tree = BTreeMap::new();
    for member in view.members.iter().filter(|member| member.kind != Kind::Directory) {
        let path = key(&member.path);
        if !path.is_empty() {
            tree.insert(path, sight(archive, member));
        }
    }
    tree
}

fn sight(archive: &Archive<'_>, member: &Member) -> Sight {
    let (size, sha256) = match (&member.content, &member.target) {
        (Some(content), _) => {
            let decoded = archive.decode(content, u64::MAX);
            (decoded.size, Some(decoded.sha256))
        }
        (None, Some(target)) => (target.len() as u64, Some(Sha256::digest(target).into())),
        (None, None) => (0, None),
    };
    Sight { kind: member.kind, size, sha256 }
}

/// Runs every model, and groups those that see the same.
fn ask(archive: &mut Archive<'_>, readers: &[Reader]) -> Views {
    let mut trees: Vec<BTreeMap<Vec<u8>, Sight>> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut refusing = Group::default();
    for reader in readers {
        let view = (reader.see)(archive);
        if archive.stopped().is_some() {
            break;
        }
        let mut witness = Witness { reader: reader.id.to_owned(), ending: Ending::Whole };
        match &view.end {
            End::Whole => {}
            End::Stopped(reason) => witness.ending = Ending::Stopped(reason.clone()),
            End::Refused(reason) => witness.ending = Ending::Refused(reason.clone()),
        }
        let tree = tree(archive, &view);
        if tree.is_empty() && witness.ending != Ending::Whole {
            refusing.readers.push(witness);
            continue;
        }
        match trees.iter().position(|other| same(other, &tree)) {
            Some(at) => groups.iter_mut().skip(at).take(1).for_each(|group| group.readers.push(witness.clone())),
            None => {
                let members = u32::try_from(tree.len()).unwrap_or(u32::MAX);
                groups.push(Group { readers: vec![witness], members });
                trees.push(tree);
            }
        }
    }
    let (seen, more) = differences(&trees);
    let disagree = disagreement(&groups, &trees);
    if !refusing.readers.is_empty() {
        groups.push(refusing);
    }
    Views { node: 0, groups, seen, more, disagree, skipped: None }
}

/// Whether two views have the same paths with the same bytes; that a link is a file for some is no other content.
fn same(left: &BTreeMap<Vec<u8>, Sight>, right: &BTreeMap<Vec<u8>, Sight>) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|((left, a), (right, b))| left == right && a.sha256 == b.sha256)
}

/// The paths that the groups see differently.
fn differences(trees: &[BTreeMap<Vec<u8>, Sight>]) -> (Vec<Seen>, u64) {
    let paths: BTreeSet<&Vec<u8>> = trees.iter().flat_map(BTreeMap::keys).collect();
    let (mut seen, mut more) = (Vec::new(), 0);
    for path in paths {
        let sights: Vec<Option<Sight>> = trees.iter().map(|tree| tree.get(path).cloned()).collect();
        let first = sights.first().cloned().flatten();
        let digest = |sight: &Option<Sight>| sight.as_ref().map(|sight| sight.sha256);
        if sights.iter().all(|sight| digest(sight) == digest(&first)) {
            continue;
        }
        if seen.len() < MOST_LISTED {
            seen.push(Seen { path: path.clone(), by: sights });
        } else {
            more += 1;
        }
    }
    (seen, more)
}

/// Whether readers that all report success get different contents, or the same under different names, or only a part.
/// One that sees nothing at all has not read the archive.
fn disagreement(groups: &[Group], trees: &[BTreeMap<Vec<u8>, Sight>]) -> Disagreement {
    let whole = |group: &Group| group.readers.iter().any(|reader| reader.ending == Ending::Whole);
    let accepted = groups.iter().zip(trees).filter(|(group, tree)| !tree.is_empty() && whole(group));
    let accepted: Vec<&BTreeMap<Vec<u8>, Sight>> = accepted.map(|(_, tree)| tree).collect();
    let Some(largest) = accepted.iter().max_by_key(|tree| tree.len()).filter(|_| accepted.len() > 1) else {
        return Disagreement::None;
    };
    let contents = |tree: &BTreeMap<Vec<u8>, Sight>| {
        let mut contents: Vec<_> = tree.values().map(|sight| sight.sha256).collect();
        contents.sort_unstable();
        contents
    };
    let all = contents(largest);
    if accepted.iter().all(|tree| contents(tree) == all) {
        return Disagreement::Names;
    }
    let part = |tree: &BTreeMap<Vec<u8>, Sight>| {
        tree.iter().all(|(path, sight)| largest.get(path).is_some_and(|other| other.sha256 == sight.sha256))
    };
    if accepted.iter().all(|tree| part(tree)) { Disagreement::Part } else { Disagreement::Contents }
}
