//! One side: an artifact opened and fingerprinted at every level, as data that can travel between workers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::display;
use crate::entry::{BaseId, Content, Field, Kind, Severity, Value};
use crate::error::Fault;
use crate::media::Media;

/// Index of a node in [`Reading::nodes`]; 0 is the artifact itself.
pub type NodeId = u32;

/// One side, read. Content is referred to by handles over `bases`: with the same artifact at hand everything can be
/// opened again (see [`crate::store::Store::with_bases`]).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The artifact's name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// What was opened: base 0 is the artifact.
    pub bases: Vec<Content>,
    /// Node 0 is the artifact; the members of one container are neighbours, in stored order.
    pub nodes: Vec<Node>,
    /// What could not be read, or is damaged.
    pub problems: Vec<Problem>,
    /// What a reader should know before trusting it, the worst first.
    pub findings: Vec<Finding>,
    /// Which members are which part of a container image, in the order of the nodes.
    pub parts: Vec<Part>,
    /// Bytes read out of the artifact, at every level.
    pub decoded_bytes: u64,
    /// The limits that were not at their default, by name.
    pub limits: BTreeMap<String, u64>,
    /// What the models of named readers make of its archives, where they do not all make the same.
    pub views: Vec<Views>,
    /// The reader that the outermost archive was read as, by id; `None` for our own reading.
    pub reader: Option<String>,
}

/// What readers make of one archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// The archive.
    pub node: NodeId,
    /// Readers that see the same, each in one group; those that see nothing and report an error are the last one, with
    /// no members.
    pub groups: Vec<Group>,
    /// The members that the groups see differently.
    pub seen: Vec<Seen>,
    /// How many more of them there are.
    pub more: u64,
    /// Whether readers that all report success disagree.
    pub disagree: Disagreement,
    /// Why no reader was asked, if none was.
    pub skipped: Option<String>,
}

impl Views {
    /// Whether readers that report success make more than one thing of the archive, if only something and nothing.
    pub fn differ(&self) -> bool {
        let whole = |group: &&Group| group.readers.iter().any(|reader| reader.ending == Ending::Whole);
        self.disagree != Disagreement::None || self.groups.iter().filter(whole).count() > 1
    }
}

/// Readers that see the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Who.
    pub readers: Vec<Witness>,
    /// How many files they see.
    pub members: u32,
}

/// One reader of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Its id.
    pub reader: String,
    /// How it ends.
    pub ending: Ending,
}

/// How a reader ends; see [`crate::reader::End`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// It reports success.
    Whole,
    /// It reports an error, after what it sees.
    Stopped(String),
    /// It refuses the archive.
    Refused(String),
}

/// In what readers that report success disagree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Disagreement {
    /// In nothing.
    #[default]
    None,
    /// In names alone: the contents are the same.
    Names,
    /// In how much there is: what some see is a part of what others see, and where both see something it is the same.
    Part,
    /// In contents.
    Contents,
}

/// One path that groups see differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The path.
    pub path: Vec<u8>,
    /// What each group that sees members has there, in their order.
    pub by: Vec<Option<Sight>>,
}

/// What a reader has at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sight {
    /// What it makes.
    pub kind: Kind,
    /// Bytes of its content, or of a link's target.
    pub size: u64,
    /// SHA-256 of them.
    pub sha256: Option<[u8; 32]>,
}

/// One entry in the tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The container it is a member of; 0 for the artifact itself, too.
    pub parent: NodeId,
    /// Path in its container, as stored.
    pub path: Vec<u8>,
    /// How many members of this container have the same path and come before it.
    pub occurrence: u32,
    /// What it is.
    pub kind: Kind,
    /// What its container says about it.
    pub fields: Vec<Field>,
    /// Its bytes.
    pub content: Option<Content>,
    /// Decoded size in bytes, as measured where it was read, else as stated.
    pub size: u64,
    /// SHA-256 of the decoded content; `None` if there is none, if it was not read whole, or if it is only what a
    /// wrapper wraps and was opened further.
    pub sha256: Option<[u8; 32]>,
    /// CRC-32 of the decoded content, where `sha256` is known.
    pub crc32: Option<u32>,
    /// SHA-256 of the content as stored, for codings other than stored.
    pub stored_sha256: Option<[u8; 32]>,
    /// Whether content could not be read whole, here or (for what was opened) in the container's own structure.
    pub unread: bool,
    /// What its content looks like; what it was opened as is another matter.
    pub media: Option<Media>,
    /// What its content was opened as.
    pub opened: Option<Opened>,
}

/// A node's content, opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Id of the format.
    pub format: String,
    /// Fields of the container itself.
    pub fields: Vec<Field>,
    /// First member.
    pub first: NodeId,
    /// Number of members.
    pub count: u32,
}

/// The part that a member has in a container image: blobs are named by their digests, so this is what pairs them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The member.
    pub node: NodeId,
    /// What it is one of, e.g. `linux/amd64: layer`.
    pub list: String,
    /// Its place among them, from 1.
    pub position: u32,
    /// SHA-256 of a layer after its compression is taken off, where its image states one.
    pub decoded_sha256: Option<[u8; 32]>,
}

impl Part {
    /// What to call it: `linux/amd64: layer 2`, or `linux/amd64: config` where there is one only.
    pub fn name(&self) -> String {
        if self.list.ends_with("manifest") || self.list.ends_with("config") {
            return crate::display::bytes(self.list.as_bytes());
        }
        format!("{} {}", crate::display::bytes(self.list.as_bytes()), self.position)
    }
}

/// Something that could not be read, attached to its node; never fatal to the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// Where.
    pub node: NodeId,
    /// What, as a sentence.
    pub message: String,
    /// Byte offset in the bytes being parsed.
    pub offset: Option<u64>,
    /// Whether something was not read because of it.
    pub unread: bool,
    /// The limit that stopped the work, by name.
    pub limit: Option<String>,
    /// The finding that it is a case of, and how bad this case is where it is not as bad as its kind.
    pub finding: Option<(String, Option<Severity>)>,
}

/// One case of a finding of [`crate::finding::FINDINGS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Id in the table.
    pub id: String,
    /// How bad this case is.
    pub severity: Severity,
    /// Where.
    pub node: NodeId,
    /// Byte offset in the container of the node.
    pub offset: Option<u64>,
    /// What, as a sentence with the values that disagree.
    pub message: String,
}

/// The path of a member for reading: levels joined by `!/`, a later occurrence numbered. `container` is the path of what
/// it is a member of, empty for the artifact.
pub fn inside(container: &str, path: &[u8], occurrence: u32) -> String {
    let mut shown = if container.is_empty() { String::new() } else { format!("{container}!/") };
    shown.push_str(&display::bytes(path));
    if occurrence > 0 {
        shown.push_str(&format!(" [{}]", occurrence.saturating_add(1)));
    }
    shown
}

/// What follows the last slash of a path.
pub fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// What follows the last dot of a base name, in lower case; a name that begins with its only dot has none.
pub fn extension(path: &[u8]) -> Vec<u8> {
    let name = base_name(path);
    match name.iter().rposition(|byte| *byte == b'.') {
        Some(at) if at > 0 => name.get(at + 1..).unwrap_or_default().to_ascii_lowercase(),
        _ => Vec::new(),
    }
}

impl Problem {
    /// A fault at a node.
    pub fn new(node: NodeId, fault: &Fault, unread: bool) -> Self {
        Self {
            node,
            message: fault.message.clone(),
            offset: fault.offset,
            unread,
            limit: fault.limit.map(str::to_owned),
            finding: fault.finding.map(|(id, severity)| (id.to_owned(), severity)),
        }
    }
}

impl Node {
    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|field| field.name == name).map(|field| &field.value)
    }
}

impl Reading {
    /// A node; `None` for an id that does not exist.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(usize::try_from(id).unwrap_or(usize::MAX))
    }

    /// The parts that a member has in container images.
    pub fn parts_of(&self, id: NodeId) -> &[Part] {
        let first = self.parts.partition_point(|part| part.node < id);
        let after = self.parts.partition_point(|part| part.node <= id);
        self.parts.get(first..after).unwrap_or_default()
    }

    /// The node whose content begins there.
    pub fn holder(&self, base: BaseId, offset: u64) -> Option<NodeId> {
        let here = |content: &Content| content.base == base && content.offset == offset;
        let at = self.nodes.iter().position(|node| node.content.as_ref().is_some_and(here))?;
        NodeId::try_from(at).ok()
    }

    /// The members of a node's content, with their ids.
    pub fn members(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> {
        let opened = self.node(id).and_then(|node| node.opened.as_ref());
        let (first, count) = opened.map_or((0, 0), |opened| (opened.first, opened.count));
        (first..first.saturating_add(count)).filter_map(|id| Some((id, self.node(id)?)))
    }

    /// Whether a node was opened as a wrapper around one stream.
    pub fn is_wrapper(&self, id: NodeId) -> bool {
        let opened = self.node(id).and_then(|node| node.opened.as_ref());
        opened
            .and_then(|opened| crate::format::by_id(&opened.format))
            .is_some_and(|format| format.shape == crate::format::Shape::Wrapper)
    }

    /// A node and what its wrappers wrap, outermost first: a `.tar.gz` gives the gzip node and the tar node. The last
    /// one is the archive or the plain content that the reader thinks of.
    pub fn layers(&self, id: NodeId) -> Vec<NodeId> {
        let mut layers = vec![id];
        let mut at = id;
        while let Some(opened) = self.node(at).and_then(|node| node.opened.as_ref())
            && self.is_wrapper(at)
            && opened.count == 1
            && layers.len() < 64
        {
            at = opened.first;
            layers.push(at);
        }
        layers
    }

    /// The manifest: this reading as compact bytes.
    ///
    /// # Errors
    /// Too little memory.
    pub fn to_manifest(&self) -> Result<Vec<u8>, crate::error::Error> {
        postcard::to_stdvec(self)
            .map_err(|error| crate::error::Error::new(format!("The manifest cannot be written: {error}.")))
    }

    /// A reading from its manifest.
    ///
    /// # Errors
    /// Bytes that are not a manifest of this version.
    pub fn from_manifest(bytes: &[u8]) -> Result<Self, crate::error::Error> {
        postcard::from_bytes(bytes)
            .map_err(|error| crate::error::Error::new(format!("The manifest cannot be read: {error}.")))
    }
}
