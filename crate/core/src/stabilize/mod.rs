//! Stabilizers make two trees comparable: named, pure normalizations, each with its rationale.
//!
//! They are the only place where information is given up. A stabilizer never touches the [`Reading`]; it writes into an
//! [`Overlay`] beside each node what the value becomes, so that raw and stabilized are both there to be shown, and
//! switching a pass off needs no second reading.
//!
//! To add one: write a `Stabilizer` const in `stabilize/<ecosystem>.rs`, add it to [`STABILIZERS`], and test before,
//! after, and one it must not touch.

use sha2::{Digest as _, Sha256};

use crate::entry::{Content, Field, Value};
use crate::reading::{NodeId, Reading};
use crate::store::Store;

/// Which set of stabilizers is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// None: raw bytes.
    None,
    /// Exactly what OSS Rebuild does: its passes, on the outer archive only.
    OssRebuild,
    /// The default: those passes at every level and for more formats, but narrowed wherever they would hide what an
    /// installer acts on.
    Standard,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::None, Self::OssRebuild, Self::Standard];

    /// Its id.
    pub fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OssRebuild => "oss-rebuild",
            Self::Standard => "standard",
        }
    }

    /// The profile with an id.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.id() == id)
    }
}

/// A named, pure normalization.
pub struct Stabilizer {
    /// Kebab-case id; OSS Rebuild's name where it has this pass.
    pub id: &'static str,
    /// What it ignores, in a few words, e.g. `Modification times of tar entries`.
    pub title: &'static str,
    /// Why that is harmless, and where it is not applied because it would not be.
    pub rationale: &'static str,
    /// Whether OSS Rebuild has a pass of this name.
    pub upstream: bool,
    /// Passes run by stage, then in table order: 0, 10 custom, 100 finalize (as upstream).
    pub stage: u8,
    /// Whether it runs on this container under this profile.
    pub applies: fn(&Scope<'_>) -> bool,
    /// What it does.
    pub pass: Pass,
}

/// What a stabilizer does.
pub enum Pass {
    /// Sees each member of a container in turn.
    Entry(fn(&mut View<'_>, NodeId)),
    /// Sees the container and all its members.
    Container(fn(&mut View<'_>)),
}

/// Where a pass may run: one opened container.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The profile in force.
    pub profile: Profile,
    /// Id of the format that the container was opened as, e.g. `tar`.
    pub format: &'a str,
    /// The kind of package that the *artifact* is: `npm`, `wheel`, … (see [`crate::ecosystem`]).
    pub ecosystem: Option<&'a str>,
    /// The artifact's file name.
    pub artifact: &'a str,
    /// How many archives this container is inside of; wrappers do not count. 0 for the artifact.
    pub depth: u32,
    /// Path, in its archive, of the member that this container was opened from; empty at depth 0.
    pub path: &'a [u8],
    /// Id of the format of the archive that this container is inside of; empty at depth 0.
    pub outer: &'a str,
}

impl Scope<'_> {
    /// Whether the container is the payload of a Debian package: what is in it is installed with the modes and owners
    /// it states.
    pub fn is_deb_payload(&self) -> bool {
        self.outer == "deb" && self.path.starts_with(b"data.tar")
    }
}

/// What stabilizing made of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Changed fields of the entry, by index into `Node::fields`.
    pub fields: Vec<Change>,
    /// Changed fields of the container it was opened as, by index into `Opened::fields`.
    pub opened: Vec<Change>,
    /// New content.
    pub content: Option<NewContent>,
    /// The pass that leaves this entry out.
    pub excluded: Option<&'static str>,
    /// For a container: the pass that makes the order of its members insignificant.
    pub order: Option<&'static str>,
    /// The pass that makes it insignificant how the content was compressed: `Node::stored_sha256` of an archive's
    /// member; of a wrapper, how its stream was encoded.
    pub encoding: Option<&'static str>,
    /// For a wrapper: the pass that makes it insignificant *which* compression it is.
    pub recompression: Option<&'static str>,
}

/// A field that a pass changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Index of the field.
    pub index: usize,
    /// The last pass that changed it.
    pub by: &'static str,
    /// What it became; `None` if it was dropped.
    pub to: Option<Value>,
}

/// A content that passes changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContent {
    /// The new bytes.
    pub content: Content,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// The passes, in order.
    pub by: Vec<&'static str>,
}

/// One side, stabilized: an overlay for each node of the reading.
#[derive(Clone, Debug, Default)]
pub struct Stabilized {
    /// Parallel to `Reading::nodes`.
    pub overlays: Vec<Overlay>,
    /// The kind of package recognised.
    pub ecosystem: Option<&'static str>,
}

impl Stabilized {
    /// A node's overlay.
    pub fn overlay(&self, id: NodeId) -> Option<&Overlay> {
        self.overlays.get(usize::try_from(id).unwrap_or(usize::MAX))
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
    overlays: &'a mut [Overlay],
    pass: &'static str,
    most: u64,
}

impl View<'_> {
    /// Ids of the members, in stored order, without those that earlier passes left out.
    pub fn members(&self) -> Vec<NodeId> {
        self.reading
            .members(self.container)
            .map(|(id, _)| id)
            .filter(|id| self.overlay(*id).is_none_or(|overlay| overlay.excluded.is_none()))
            .collect()
    }

    /// Path of a member as stored.
    pub fn path(&self, id: NodeId) -> &[u8] {
        self.reading.node(id).map_or(&[], |node| &node.path)
    }

    fn overlay(&self, id: NodeId) -> Option<&Overlay> {
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
        self.change_fields(id, |field, _| test(&field.name).then_some(None));
    }

    /// Sets a member's field where it is present and differs; `None` drops it.
    pub fn set_field(&mut self, id: NodeId, name: &str, to: Option<Value>) {
        self.change_fields(id, |field, _| (field.name == name).then(|| to.clone()));
    }

    /// Asks `change` about each field of a member that is still there, with its current value: `None` leaves it,
    /// `Some(None)` drops it, `Some(Some(value))` replaces it.
    pub fn change_fields(&mut self, id: NodeId, change: impl Fn(&Field, &Value) -> Option<Option<Value>>) {
        let reading = self.reading;
        let Some(node) = reading.node(id) else { return };
        let pass = self.pass;
        if let Some(overlay) = self.overlay_mut(id) {
            apply(&node.fields, &mut overlay.fields, pass, change);
        }
    }

    /// As [`Self::change_fields`], for the fields of the container itself.
    pub fn change_container(&mut self, change: impl Fn(&Field, &Value) -> Option<Option<Value>>) {
        let reading = self.reading;
        let Some(opened) = reading.node(self.container).and_then(|node| node.opened.as_ref()) else { return };
        let (pass, container) = (self.pass, self.container);
        if let Some(overlay) = self.overlay_mut(container) {
            apply(&opened.fields, &mut overlay.opened, pass, change);
        }
    }

    /// A member's content as earlier passes left it; `None` if it cannot be read whole or is larger than the limit
    /// `content-bytes`.
    pub fn content(&self, id: NodeId) -> Option<Vec<u8>> {
        let node = self.reading.node(id)?;
        let content = match self.overlay(id).and_then(|overlay| overlay.content.as_ref()) {
            Some(new) => &new.content,
            None if node.unread => return None,
            None => node.content.as_ref()?,
        };
        let (bytes, more) = self.store.read(content, self.most).ok()?;
        (!more).then_some(bytes)
    }

    /// SHA-256 and size of a member's content as earlier passes left it.
    pub fn digest(&self, id: NodeId) -> Option<([u8; 32], u64)> {
        match self.overlay(id).and_then(|overlay| overlay.content.as_ref()) {
            Some(new) => Some((new.sha256, new.content.size.unwrap_or(0))),
            None => self.reading.node(id).and_then(|node| Some((node.sha256?, node.size))),
        }
    }

    /// Replaces a member's content, if the new one differs.
    pub fn set_content(&mut self, id: NodeId, bytes: Vec<u8>) {
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        if self.digest(id).is_some_and(|(old, _)| old == sha256) {
            return;
        }
        let pass = self.pass;
        if let Some(overlay) = self.overlay_mut(id) {
            let mut by = overlay.content.take().map_or_else(Vec::new, |new| new.by);
            by.push(pass);
            overlay.content = Some(NewContent { content: Content::inline(bytes), sha256, by });
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

    /// Makes it insignificant how a member's content was compressed (for a wrapper: give its own id).
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
        Some(change) => change.to.as_ref().map(|value| (index, field, value)),
    })
}

fn apply(
    fields: &[Field],
    changes: &mut Vec<Change>,
    pass: &'static str,
    change: impl Fn(&Field, &Value) -> Option<Option<Value>>,
) {
    for (index, field) in fields.iter().enumerate() {
        let at = changes.iter().position(|change| change.index == index);
        let now = match at.and_then(|at| changes.get(at)) {
            Some(Change { to: None, .. }) => continue,
            Some(Change { to: Some(value), .. }) => value,
            None => &field.value,
        };
        let Some(to) = change(field, now) else { continue };
        // A value stored in an unusual way is a change even where the value itself is already the stabilized one.
        if to.as_ref() == Some(now) && (field.stored.is_none() || at.is_some()) {
            continue;
        }
        match at.and_then(|at| changes.get_mut(at)) {
            Some(slot) => *slot = Change { index, by: pass, to },
            None => changes.push(Change { index, by: pass, to }),
        }
    }
}

mod archive;
mod cargo;
mod pypi;

/// Every stabilizer, in the order in which they run within a stage.
pub static STABILIZERS: &[Stabilizer] = &[];

/// Runs the profile's passes, less the disabled ones, over one side.
pub fn run(reading: &Reading, store: &Store, profile: Profile, disabled: &[String]) -> Stabilized {
    let ecosystem = crate::ecosystem::recognise(reading);
    let mut overlays = vec![Overlay::default(); reading.nodes.len()];
    let mut passes: Vec<&Stabilizer> =
        STABILIZERS.iter().filter(|pass| !disabled.iter().any(|id| id == pass.id)).collect();
    passes.sort_by_key(|pass| pass.stage);
    let most = store.budget(|budget| budget.limits().get("content-bytes"));
    for (container, place) in places(reading) {
        let Some(opened) = reading.node(container).and_then(|node| node.opened.as_ref()) else { continue };
        let scope = Scope {
            profile,
            format: &opened.format,
            ecosystem,
            artifact: &reading.name,
            depth: place.depth,
            path: place.path,
            outer: place.outer,
        };
        for pass in passes.iter().filter(|pass| profile != Profile::None && (pass.applies)(&scope)) {
            let mut view = View { reading, store, scope, container, overlays: &mut overlays, pass: pass.id, most };
            match pass.pass {
                Pass::Container(run) => run(&mut view),
                Pass::Entry(run) => {
                    for id in view.members() {
                        run(&mut view, id);
                    }
                }
            }
        }
    }
    Stabilized { overlays, ecosystem }
}

/// Where a container stands.
#[derive(Clone, Copy)]
struct Place<'a> {
    depth: u32,
    path: &'a [u8],
    outer: &'a str,
}

/// Every opened node, inner ones first, so that a pass on a container sees its members stabilized.
fn places(reading: &Reading) -> Vec<(NodeId, Place<'_>)> {
    let mut places: Vec<Place<'_>> = Vec::with_capacity(reading.nodes.len());
    for (index, node) in reading.nodes.iter().enumerate() {
        let parent = usize::try_from(node.parent).unwrap_or(0);
        let place = match (places.get(parent), reading.nodes.get(parent).and_then(|parent| parent.opened.as_ref())) {
            (Some(outer), Some(opened)) if index > 0 => {
                let wrapper = crate::format::by_id(&opened.format)
                    .is_some_and(|format| format.shape == crate::format::Shape::Wrapper);
                if wrapper { *outer } else { Place { depth: outer.depth + 1, path: &node.path, outer: &opened.format } }
            }
            _ => Place { depth: 0, path: &[], outer: "" },
        };
        places.push(place);
    }
    let opened = reading.nodes.iter().zip(places).enumerate().filter(|(_, (node, _))| node.opened.is_some());
    let mut list: Vec<_> =
        opened.map(|(index, (_, place))| (NodeId::try_from(index).unwrap_or(NodeId::MAX), place)).collect();
    list.reverse();
    list
}
