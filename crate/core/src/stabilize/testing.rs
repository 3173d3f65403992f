//! Builds small readings by hand, stabilizes them, and says what became of a member.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{Choice, Overlay, Profile, Stabilized, Stabilizer, Step, current, run_steps};
use crate::display;
use crate::entry::{Content, Field, Kind, Value};
use crate::limits::Limits;
use crate::media::Media;
use crate::reading::{Node, NodeId, Opened, Reading};
use crate::store::Store;

/// An artifact, or a member of something.
#[derive(Clone)]
pub(super) struct Item {
    path: Vec<u8>,
    kind: Kind,
    fields: Vec<Field>,
    content: Vec<u8>,
    unread: bool,
    opened: Option<(&'static str, Vec<Field>, Vec<Item>)>,
}

/// A file.
pub(super) fn file(path: &str, content: impl AsRef<[u8]>) -> Item {
    Item {
        path: path.into(),
        kind: Kind::File,
        fields: Vec::new(),
        content: content.as_ref().to_vec(),
        unread: false,
        opened: None,
    }
}

/// A container: as artifact, or as a member of another.
pub(super) fn container(format: &'static str, path: &str, members: impl Into<Vec<Item>>) -> Item {
    Item { opened: Some((format, Vec::new(), members.into())), ..file(path, format!("the bytes of {path}")) }
}

impl Item {
    pub(super) fn holding(mut self, content: &[u8]) -> Self {
        self.content = content.to_vec();
        self
    }

    pub(super) fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// What the container it is in says about it.
    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.fields.push(Field::new(name, value));
        self
    }

    pub(super) fn odd(mut self, name: &'static str, value: Value, stored: &[u8]) -> Self {
        self.fields.push(Field { stored: Some(stored.to_vec()), ..Field::new(name, value) });
        self
    }

    /// What the container itself says.
    pub(super) fn says(mut self, name: &'static str, value: Value) -> Self {
        self.opened.as_mut().unwrap().1.push(Field::new(name, value));
        self
    }

    pub(super) fn unread(mut self) -> Self {
        self.unread = true;
        self
    }
}

/// A side with what the passes made of it.
pub(super) struct Side {
    pub(super) reading: Reading,
    pub(super) store: Store,
    pub(super) after: Stabilized,
}

/// Stabilizes an artifact; its path is its name.
pub(super) fn stabilize(profile: Profile, artifact: &Item) -> Side {
    stabilize_without(profile, &[], artifact)
}

/// The same with passes switched off.
pub(super) fn stabilize_without(profile: Profile, disabled: &[&str], artifact: &Item) -> Side {
    let disabled = disabled.iter().map(|id| (*id).to_owned()).collect();
    stabilize_as(&Choice { disabled, ..Choice::of(profile) }, artifact)
}

/// The same by any choice of passes.
pub(super) fn stabilize_as(choice: &Choice, artifact: &Item) -> Side {
    let (reading, store) = read(artifact);
    let after = super::run(&reading, &store, choice);
    Side { reading, store, after }
}

/// The same with passes of the test's own.
pub(super) fn stabilize_by(passes: &[&Stabilizer], artifact: &Item) -> Side {
    let (reading, store) = read(artifact);
    let steps = passes.iter().map(|pass| Step::Pass(pass)).collect();
    let after = run_steps(&reading, &store, &Choice::default(), steps);
    Side { reading, store, after }
}

/// The reading of an artifact, in the order in which reading numbers nodes: a container's members are neighbours.
pub(super) fn read(artifact: &Item) -> (Reading, Store) {
    let mut reading = Reading { name: String::from_utf8(artifact.path.clone()).unwrap(), ..Reading::default() };
    let mut bytes = Vec::new();
    push(&mut reading, &mut bytes, 0, artifact);
    open(&mut reading, &mut bytes, 0, artifact);
    let store = Store::new(Arc::new(bytes), &Limits::default(), 1 << 20);
    (reading, store)
}

fn push(reading: &mut Reading, bytes: &mut Vec<u8>, parent: NodeId, item: &Item) {
    let has = item.kind == Kind::File || !item.content.is_empty();
    reading.nodes.push(Node {
        parent,
        path: item.path.clone(),
        occurrence: 0,
        kind: item.kind,
        fields: item.fields.clone(),
        content: has.then(|| Content::stored(0, bytes.len() as u64, item.content.len() as u64)),
        size: item.content.len() as u64,
        sha256: (has && !item.unread).then(|| Sha256::digest(&item.content).into()),
        crc32: None,
        stored_sha256: None,
        unread: item.unread,
        media: Media::of(&item.content),
        opened: None,
    });
    bytes.extend_from_slice(&item.content);
}

fn open(reading: &mut Reading, bytes: &mut Vec<u8>, id: NodeId, item: &Item) {
    let Some((format, fields, members)) = &item.opened else { return };
    let first = NodeId::try_from(reading.nodes.len()).unwrap();
    reading.nodes[id as usize].opened = Some(Opened {
        format: (*format).into(),
        fields: fields.clone(),
        first,
        count: members.len().try_into().unwrap(),
    });
    for member in members {
        push(reading, bytes, id, member);
    }
    for (at, member) in (first..).zip(members) {
        open(reading, bytes, at, member);
    }
}

impl Side {
    /// The first node of this path, at any level.
    pub(super) fn id(&self, path: &str) -> NodeId {
        let at = self.reading.nodes.iter().position(|node| node.path == path.as_bytes());
        at.unwrap_or_else(|| panic!("no {path}")).try_into().unwrap()
    }

    pub(super) fn overlay(&self, path: &str) -> &Overlay {
        self.after.overlay(self.id(path)).unwrap()
    }

    /// A member's fields as they became: `name=value name=value`.
    pub(super) fn fields(&self, path: &str) -> String {
        fields(&self.reading.node(self.id(path)).unwrap().fields, &self.overlay(path).fields)
    }

    /// The same for a container's own fields.
    pub(super) fn container(&self, path: &str) -> String {
        let node = self.reading.node(self.id(path)).unwrap();
        fields(&node.opened.as_ref().unwrap().fields, &self.overlay(path).opened)
    }

    /// Which passes changed a member's fields: `name by pass, name by pass`.
    pub(super) fn causes(&self, path: &str) -> String {
        let node = self.reading.node(self.id(path)).unwrap();
        let changes = &self.overlay(path).fields;
        let texts: Vec<_> =
            changes.iter().map(|change| format!("{} by {}", node.fields[change.index].name, change.by)).collect();
        texts.join(", ")
    }

    /// A member's content as it became, as text.
    pub(super) fn content(&self, path: &str) -> String {
        String::from_utf8(self.bytes(path)).unwrap()
    }

    /// A member's content as it became.
    pub(super) fn bytes(&self, path: &str) -> Vec<u8> {
        let node = self.reading.node(self.id(path)).unwrap();
        let content = match &self.overlay(path).content {
            Some(new) => &new.content,
            None => node.content.as_ref().unwrap(),
        };
        self.store.read(content, u64::MAX).unwrap().0
    }
}

fn fields(fields: &[Field], changes: &[super::Change]) -> String {
    let texts: Vec<_> =
        current(fields, changes).map(|(_, field, value)| format!("{}={}", field.name, display::value(value))).collect();
    texts.join(" ")
}
