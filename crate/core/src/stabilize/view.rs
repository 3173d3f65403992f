//! What a pass sees and may change: one container with its members, as earlier passes left them.

use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use crate::entry::{Content, Field, Kind, Value};
use crate::media::Media;
use crate::reading::{Node, NodeId, Reading};
use crate::store::Store;

use super::{Change, NewContent, Overlay, Pass, Scope, Stabilizer, Step};

/// What a pass does to a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays as it is.
    Keep,
    /// It is given up.
    Drop,
    /// It becomes this, written in the usual way.
    Set(Value),
}

impl Fate {
    /// Gives the field up if so, else keeps it.
    pub fn drop_if(so: bool) -> Self {
        if so { Self::Drop } else { Self::Keep }
    }
}

/// What a pass may look at and change: one container and its members, as earlier passes left them.
pub struct View<'a> {
    /// The side.
    pub reading: &'a Reading,
    /// Opens contents.
    pub store: &'a Store,
    /// Where.
    pub scope: Scope<'a>,
    /// The container.
    pub container: NodeId,
    pub(super) overlays: &'a mut [Overlay],
    /// The pass that is running.
    pub(super) pass: &'static str,
    /// The limit `content-bytes`.
    pub(super) most: u64,
    /// Bytes of all new contents of this side: no more than one content may have.
    pub(super) held: &'a mut u64,
}

impl<'a> View<'a> {
    /// Runs passes over single entries together, member by member, then what sees the container: at most one, the last.
    pub(super) fn run_group(&mut self, group: &[Step<'_>]) {
        let entries = |step: &Step<'_>| match step {
            Step::Pass(Stabilizer { id, pass: Pass::Entry(run) | Pass::Both(run, _), .. }) => Some((*id, *run)),
            _ => None,
        };
        if group.iter().any(|step| entries(step).is_some()) {
            for id in self.members() {
                for (pass, run) in group.iter().filter_map(entries) {
                    if !self.is_excluded(id) {
                        self.pass = pass;
                        run(self, id);
                    }
                }
            }
        }
        match group.last() {
            Some(Step::Pass(Stabilizer { id, pass: Pass::Container(run) | Pass::Both(_, run), .. })) => {
                self.pass = id;
                run(self);
            }
            Some(Step::Rule(rule)) => {
                self.pass = rule.id();
                rule.run(self);
            }
            _ => {}
        }
    }

    /// Ids of the members, in stored order, without those that earlier passes left out. An artifact that is no container
    /// is the one member of nothing.
    pub fn members(&self) -> Vec<NodeId> {
        if self.reading.node(self.container).is_some_and(|node| node.opened.is_none()) {
            return vec![self.container];
        }
        self.reading.members(self.container).map(|(id, _)| id).filter(|id| !self.is_excluded(*id)).collect()
    }

    /// A member as it was read.
    pub fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.reading.node(id)
    }

    /// Whether an earlier pass left a member out.
    pub fn is_excluded(&self, id: NodeId) -> bool {
        self.overlay(id).is_some_and(|overlay| overlay.excluded.is_some())
    }

    /// Path of a member as stored.
    pub fn path(&self, id: NodeId) -> &'a [u8] {
        self.reading.node(id).map_or(&[], |node| &node.path)
    }

    /// What kind of entry a member is, as earlier passes left it.
    pub fn kind(&self, id: NodeId) -> Option<Kind> {
        match self.overlay(id).and_then(|overlay| overlay.kind) {
            Some((kind, _)) => Some(kind),
            None => self.reading.node(id).map(|node| node.kind),
        }
    }

    /// Makes a member another kind of entry.
    pub fn set_kind(&mut self, id: NodeId, kind: Kind) {
        let pass = self.pass;
        if self.kind(id) != Some(kind)
            && let Some(overlay) = self.overlay_mut(id)
        {
            overlay.kind = Some((kind, pass));
        }
    }

    pub(super) fn overlay(&self, id: NodeId) -> Option<&Overlay> {
        self.overlays.get(usize::try_from(id).unwrap_or(usize::MAX))
    }

    fn overlay_mut(&mut self, id: NodeId) -> Option<&mut Overlay> {
        self.overlays.get_mut(usize::try_from(id).unwrap_or(usize::MAX))
    }

    /// A member's field of this name, as earlier passes left it.
    pub fn value(&self, id: NodeId, name: &str) -> Option<&Value> {
        let node = self.reading.node(id)?;
        let changes = self.overlay(id).map_or(&[][..], |overlay| &overlay.fields);
        current(&node.fields, changes).find(|(_, field, _)| field.name == name).map(|(_, _, value)| value)
    }

    /// Drops every field of a member whose name passes the test.
    pub fn drop_fields(&mut self, id: NodeId, test: impl Fn(&str) -> bool) {
        self.change_fields(id, |field, _| Fate::drop_if(test(&field.name)));
    }

    /// Decides about each field of a member that is still there, given its current value.
    pub fn change_fields(&mut self, id: NodeId, fate: impl Fn(&Field, &Value) -> Fate) {
        let reading = self.reading;
        let Some(node) = reading.node(id) else { return };
        let pass = self.pass;
        if let Some(overlay) = self.overlay_mut(id) {
            apply(&node.fields, &mut overlay.fields, pass, fate);
        }
    }

    /// As [`Self::change_fields`], for the fields of the container itself.
    pub fn change_container(&mut self, fate: impl Fn(&Field, &Value) -> Fate) {
        let reading = self.reading;
        let Some(opened) = reading.node(self.container).and_then(|node| node.opened.as_ref()) else { return };
        let (pass, container) = (self.pass, self.container);
        if let Some(overlay) = self.overlay_mut(container) {
            apply(&opened.fields, &mut overlay.opened, pass, fate);
        }
    }

    /// A member's content as earlier passes left it; `None` if it cannot be read whole or is larger than the limit
    /// `content-bytes`.
    pub fn content(&self, id: NodeId) -> Option<Vec<u8>> {
        let (bytes, more) = self.store.read(self.handle(id)?, self.most).ok()?;
        (!more).then_some(bytes)
    }

    /// The same for a member that was not opened further and looks like this.
    pub fn leaf(&self, id: NodeId, media: Media) -> Option<Vec<u8>> {
        let node = self.reading.node(id).filter(|node| node.media == Some(media) && node.opened.is_none())?;
        if matches!(node.kind, Kind::File | Kind::Hardlink) { self.content(id) } else { None }
    }

    /// The beginning of a member's content as earlier passes left it, `most` bytes or less.
    pub fn beginning(&self, id: NodeId, most: u64) -> Option<Vec<u8>> {
        Some(self.store.read(self.handle(id)?, most).ok()?.0)
    }

    fn handle(&self, id: NodeId) -> Option<&Content> {
        let node = self.reading.node(id)?;
        match self.overlay(id).and_then(|overlay| overlay.content.as_ref()) {
            Some(new) => Some(&new.content),
            None if node.unread => None,
            None => node.content.as_ref(),
        }
    }

    /// SHA-256 and size of a member's content as earlier passes left it.
    pub fn digest(&self, id: NodeId) -> Option<([u8; 32], u64)> {
        match self.overlay(id).and_then(|overlay| overlay.content.as_ref()) {
            Some(new) => Some((new.sha256, new.content.size.unwrap_or(0))),
            None => {
                let node = self.reading.node(id)?;
                node.sha256.map(|sha256| (sha256, node.size)).or_else(|| self.measure(node))
            }
        }
    }

    /// Digest and size of a content that was not fingerprinted when it was read.
    fn measure(&self, node: &Node) -> Option<([u8; 32], u64)> {
        let content = node.content.as_ref().filter(|_| !node.unread)?;
        let (mut reader, mut hash, mut size) = (self.store.open(content).ok()?, Sha256::new(), 0_u64);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = reader.read(&mut buffer).ok()?;
            if count == 0 {
                return Some((hash.finalize().into(), size));
            }
            hash.update(buffer.get(..count)?);
            size = size.saturating_add(count as u64);
            let consumed = reader.consumed();
            let allowed = self.store.budget(|budget| {
                budget.check_time()?;
                budget.check_ratio(size, consumed)
            });
            allowed.ok()?;
        }
    }

    /// Replaces a member's content, if the new one differs. Where the new contents of a side come to more than the limit
    /// `content-bytes`, it stays as it is.
    pub fn set_content(&mut self, id: NodeId, bytes: Vec<u8>) {
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        if self.digest(id).is_some_and(|(old, _)| old == sha256) {
            return;
        }
        let (pass, most, size) = (self.pass, self.most, bytes.len() as u64);
        let before = *self.held;
        let Some(overlay) = self.overlay_mut(id) else { return };
        let old = overlay.content.as_ref().and_then(|new| new.content.size).unwrap_or(0);
        let held = before.saturating_sub(old).saturating_add(size);
        if held > most {
            return;
        }
        let (mut by, mut after) = overlay.content.take().map_or_else(Default::default, |new| (new.by, new.after));
        by.push(pass);
        after.push(sha256);
        overlay.content = Some(Box::new(NewContent { content: Content::inline(bytes), sha256, by, after }));
        *self.held = held;
    }

    /// Gives a member the content back that it has in the artifact.
    pub fn restore_content(&mut self, id: NodeId) {
        if let Some(overlay) = self.overlay_mut(id) {
            overlay.content = None;
        }
    }

    /// Leaves a member out.
    pub fn exclude(&mut self, id: NodeId) {
        let pass = self.pass;
        if let Some(overlay) = self.overlay_mut(id) {
            overlay.excluded = Some(pass);
        }
    }

    /// Makes the order of the members insignificant. Members with the same path keep their order among themselves.
    pub fn ignore_order(&mut self) {
        let (pass, container) = (self.pass, self.container);
        if let Some(overlay) = self.overlay_mut(container) {
            overlay.order = Some(pass);
        }
    }

    /// Whether an earlier pass made the order of the members insignificant.
    pub fn ignores_order(&self) -> bool {
        self.overlay(self.container).is_some_and(|overlay| overlay.order.is_some())
    }

    /// Makes it insignificant which bytes say what the container's fields and members say.
    pub fn ignore_layout(&mut self) {
        let (pass, container) = (self.pass, self.container);
        if let Some(overlay) = self.overlay_mut(container) {
            overlay.layout = Some(pass);
        }
    }

    /// Makes it insignificant how a member's content was compressed.
    pub fn ignore_encoding(&mut self, id: NodeId) {
        let pass = self.pass;
        if let Some(overlay) = self.overlay_mut(id) {
            overlay.encoding = Some(pass);
        }
    }

    /// Makes it insignificant which compression a wrapper is.
    pub fn ignore_recompression(&mut self) {
        let (pass, container) = (self.pass, self.container);
        if let Some(overlay) = self.overlay_mut(container) {
            overlay.recompression = Some(pass);
        }
    }
}

/// The fields that are still there: index, field, current value.
pub fn current<'a>(fields: &'a [Field], changes: &'a [Change]) -> impl Iterator<Item = (usize, &'a Field, &'a Value)> {
    fields.iter().enumerate().filter_map(|(index, field)| match changes.iter().find(|change| change.index == index) {
        None => Some((index, field, &field.value)),
        Some(change) => change.to.as_deref().map(|value| (index, field, value)),
    })
}

fn apply(fields: &[Field], changes: &mut Vec<Change>, pass: &'static str, fate: impl Fn(&Field, &Value) -> Fate) {
    // One bit for each of the first 64 fields that has a change: most fields have none, and need no search.
    let changed = changes.iter().fold(0_u64, |bits, change| bits | bit(change.index));
    for (index, field) in fields.iter().enumerate() {
        let at = match bit(index) {
            bit if bit & changed == 0 && bit != 0 => None,
            _ => changes.iter().position(|change| change.index == index),
        };
        let now = match at.and_then(|at| changes.get(at)) {
            Some(Change { to: None, .. }) => continue,
            Some(Change { to: Some(value), .. }) => value,
            None => &field.value,
        };
        let to = match fate(field, now) {
            Fate::Keep => continue,
            Fate::Drop => None,
            // A value stored in an unusual way is a change even where the value itself is already the stabilized one.
            Fate::Set(value) if value == *now && (field.stored.is_none() || at.is_some()) => continue,
            Fate::Set(value) => Some(Box::new(value)),
        };
        match at.and_then(|at| changes.get_mut(at)) {
            Some(slot) => *slot = Change { index, by: pass, to },
            None => changes.push(Change { index, by: pass, to }),
        }
    }
}

/// The permission bits that an installer acts on: execute, set-uid, set-gid, sticky, writable by all. The others depend on
/// the umask of whoever packed the archive, and become the usual ones.
pub(super) fn acted_upon(permissions: u32, kind: Kind) -> u32 {
    let execute = kind == Kind::Directory || permissions & 0o111 != 0;
    permissions & 0o7002 | if execute { 0o755 } else { 0o644 }
}

fn bit(index: usize) -> u64 {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0)
}
