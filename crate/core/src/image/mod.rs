//! Container images: what the documents of an OCI image layout, and the list that docker writes, say about the blobs
//! beside them (OCI image specification 1.1; Docker image specification 1.2).
//!
//! The archive around an image is opened by its format like any other, and blobs by their own bytes. Here the documents
//! are read and followed, and every reference is looked up: facts, without a judgement. [`parts`] says which part of an
//! image a member is, so that layer 2 of one side is compared with layer 2 of the other although both are named by
//! their digests; `finding/oci.rs` says where the documents contradict each other or the blobs.

mod docker;
mod oci;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::json::{self, Json};
use crate::limits::Limits;
use crate::reading::{NodeId, Part, Reading};
use crate::store::Store;

/// Documents larger than this are not read: registries refuse manifests beyond 4 MiB.
const MOST_DOCUMENT: u64 = 4 << 20;
/// Bytes of all documents of one image, and how many references are followed.
const MOST_DOCUMENTS: u64 = 64 << 20;
const MOST_LINKS: usize = 100_000;
/// Layers of one image; overlay file systems take 500 at most.
const MOST_LAYERS: usize = 10_000;
/// Letters of a platform or type that an image is called by.
const MOST_LABEL: usize = 100;
/// Indexes inside one another that are followed.
const MOST_NESTED: u32 = 8;

/// What the documents of one archive say.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    /// The archive.
    pub(crate) container: NodeId,
    /// What stands in front of every path: nothing, or one folder with its slash.
    pub(crate) prefix: Vec<u8>,
    /// Whether there is an `index.json` beside an `oci-layout`.
    pub(crate) is_oci: bool,
    /// Members by path without the prefix; of several the last, as on disk.
    pub(crate) members: BTreeMap<Vec<u8>, NodeId>,
    /// By layer: the folders of its own that docker before version 25 gives it, with their slashes.
    pub(crate) folders: BTreeMap<NodeId, Vec<Vec<u8>>>,
    /// Every document that was read, and what is odd about it.
    pub(crate) documents: Vec<Document>,
    /// Every reference, in the order met.
    pub(crate) links: Vec<Link>,
    /// The images that the index leads to.
    pub(crate) images: Vec<Image>,
    /// The images in docker's list.
    pub(crate) docker: Vec<Image>,
    /// More references than are followed.
    pub(crate) is_cut: bool,
}

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) node: NodeId,
    pub(crate) kind: Kind,
    /// The media type that it states itself; empty if none.
    pub(crate) media_type: String,
    /// What readers could understand differently, as sentences.
    pub(crate) doubts: Vec<String>,
    /// Why it could not be read.
    pub(crate) fault: Option<String>,
    /// Whether it can be taken for an index and for a manifest.
    pub(crate) is_two: bool,
}

/// What a document or blob is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Index,
    Manifest,
    Config,
    Layer,
    /// Docker's `manifest.json`.
    List,
}

/// A reference from a document to a blob.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: NodeId,
    pub(crate) kind: Kind,
    /// The path it leads to, without the prefix.
    pub(crate) path: Vec<u8>,
    /// Algorithm and digest as stated; docker's list has none.
    pub(crate) digest: Option<String>,
    /// The size stated.
    pub(crate) size: Option<i64>,
    /// The media type stated; empty if none.
    pub(crate) media_type: String,
    /// What is there.
    pub(crate) target: Option<NodeId>,
    /// Whether the blob may be elsewhere: foreign layers, and images for other platforms.
    pub(crate) may_lack: bool,
}

/// One image: by way of a manifest, or of docker's list.
#[derive(Debug, Default)]
pub(crate) struct Image {
    /// What to call it: a platform, `image`, or what an artifact says it is.
    pub(crate) label: String,
    /// The document that describes it.
    pub(crate) from: NodeId,
    /// Names and tags given to it.
    pub(crate) tags: Vec<String>,
    pub(crate) config: Option<NodeId>,
    /// Its layers: path without the prefix, and what is there.
    pub(crate) layers: Vec<(Vec<u8>, Option<NodeId>)>,
    /// The digests of the decoded layers, as its configuration states them.
    pub(crate) diff_ids: Arc<[String]>,
    /// Whether what is in the layers is a file system, so that whiteouts mean something.
    pub(crate) is_file_system: bool,
}

/// The images in every archive of a reading.
pub(crate) fn layouts(reading: &Reading, store: &Store, limits: &Limits) -> Vec<Layout> {
    let mut layouts = Vec::new();
    for (node, id) in reading.nodes.iter().zip(0..) {
        let is_tar = node.opened.as_ref().is_some_and(|opened| opened.format == "tar");
        if is_tar && let Some(layout) = layout(reading, store, limits, id) {
            layouts.push(layout);
        }
    }
    layouts
}

/// The image in one archive, if there is one.
fn layout(reading: &Reading, store: &Store, limits: &Limits, container: NodeId) -> Option<Layout> {
    let (mut layouts, mut indexes, mut lists) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (_, node) in reading.members(container) {
        let path = clean(&node.path);
        for (name, found) in
            [(&b"oci-layout"[..], &mut layouts), (b"index.json", &mut indexes), (b"manifest.json", &mut lists)]
        {
            if let Some(prefix) = path.strip_suffix(name)
                && (prefix.is_empty() || prefix.iter().position(|byte| *byte == b'/') == Some(prefix.len() - 1))
            {
                found.insert(prefix.to_vec());
            }
        }
    }
    let oci = layouts.intersection(&indexes).next().cloned();
    let prefix = oci.clone().or_else(|| lists.first().cloned())?;
    let mut reader = Reader::new(reading, store, limits, container, &prefix);
    if oci.is_some() {
        reader.layout.is_oci = true;
        reader.index();
    }
    reader.list();
    let found = reader.layout.is_oci || !reader.layout.docker.is_empty();
    found.then_some(reader.layout)
}

/// A path without `./` in front.
fn clean(path: &[u8]) -> &[u8] {
    let mut path = path;
    while let Some(rest) = path.strip_prefix(b"./") {
        path = rest;
    }
    path
}

/// Follows the documents of one archive.
struct Reader<'a> {
    reading: &'a Reading,
    /// Contents of what can be a document.
    contents: BTreeMap<NodeId, Vec<u8>>,
    layout: Layout,
    /// Documents noted already.
    noted: BTreeSet<NodeId>,
    /// What configurations said: images may share one.
    configs: BTreeMap<NodeId, Config>,
}

/// A platform to call an image by, and the digests of its decoded layers.
type Config = (Option<String>, Arc<[String]>);

impl<'a> Reader<'a> {
    fn new(reading: &'a Reading, store: &Store, limits: &Limits, container: NodeId, prefix: &[u8]) -> Self {
        let mut members = BTreeMap::new();
        let mut contents = BTreeMap::new();
        let mut left = MOST_DOCUMENTS.min(limits.get("content-bytes"));
        // In stored order, so that a compressed archive is decoded once.
        for (id, node) in reading.members(container) {
            let Some(path) = clean(&node.path).strip_prefix(prefix) else { continue };
            members.insert(path.to_vec(), id);
            let named = path.ends_with(b".json") || path.starts_with(b"blobs/") || !path.contains(&b'/');
            let Some(content) = node.content.as_ref().filter(|_| named && node.opened.is_none() && !node.unread) else {
                continue;
            };
            if node.size > MOST_DOCUMENT || node.size > left {
                continue;
            }
            let Ok((bytes, false)) = store.read(content, node.size.max(1)) else { continue };
            if bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[") {
                left -= node.size;
                contents.insert(id, bytes);
            }
        }
        let layout = Layout { container, prefix: prefix.to_vec(), members, ..Layout::default() };
        Self { reading, contents, layout, noted: BTreeSet::new(), configs: BTreeMap::new() }
    }

    /// Reads a document; what is odd about it is noted, once.
    fn document(&mut self, node: NodeId, kind: Kind) -> Option<Json> {
        let mut document =
            Document { node, kind, media_type: String::new(), doubts: Vec::new(), fault: None, is_two: false };
        let json = match self.contents.get(&node).map(|bytes| json::read(bytes)) {
            Some(Ok(text)) => {
                let has = |key: &str| text.value.get(key).is_some();
                document.is_two = has("manifests") && (has("layers") || has("config"));
                document.doubts = text.doubts.into_iter().map(|doubt| doubt.message).collect();
                document.media_type = text.value.text_at(&["mediaType"]).unwrap_or_default().to_owned();
                Some(text.value)
            }
            Some(Err(fault)) => {
                document.fault = Some(fault.to_string());
                None
            }
            None => {
                document.fault = Some("it is no JSON, or too long".to_owned());
                None
            }
        };
        if self.noted.insert(node) {
            self.layout.documents.push(document);
        }
        json
    }

    /// Notes a reference; false where there are too many.
    fn link(&mut self, link: Link) -> bool {
        if self.layout.links.len() >= MOST_LINKS {
            self.layout.is_cut = true;
            return false;
        }
        self.layout.links.push(link);
        true
    }

    fn at(&self, path: &[u8]) -> Option<NodeId> {
        self.layout.members.get(path).copied()
    }

    /// What a configuration says.
    fn config(&mut self, node: Option<NodeId>) -> Config {
        let Some(node) = node else { return Config::default() };
        if let Some(known) = self.configs.get(&node) {
            return known.clone();
        }
        let found = self.document(node, Kind::Config).map_or_else(Config::default, |json| {
            let ids = json.list_at(&["rootfs", "diff_ids"]).iter().take(MOST_LAYERS).filter_map(Json::text);
            (platform(&json), ids.map(str::to_owned).collect())
        });
        self.configs.insert(node, found.clone());
        found
    }
}

/// `linux/arm64/v8`, by what a configuration or a descriptor's `platform` says.
fn platform(json: &Json) -> Option<String> {
    let parts = ["os", "architecture", "variant"].map(|key| json.text_at(&[key]).unwrap_or_default());
    let [system, architecture, variant] = parts;
    if system.is_empty() || architecture.is_empty() || system == "unknown" {
        return None;
    }
    let variant = if variant.is_empty() { String::new() } else { format!("/{variant}") };
    Some(format!("{system}/{architecture}{variant}"))
}

/// Which part of an image each member is, and what its layers decode to where an image states that.
pub(crate) fn parts(layouts: &[Layout], reading: &Reading, store: &Store, limits: &Limits) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for layout in layouts {
        let mut labels: BTreeMap<&str, u32> = BTreeMap::new();
        let mut seen: BTreeSet<(Option<NodeId>, Vec<Option<NodeId>>)> = BTreeSet::new();
        for (image, is_docker) in
            layout.images.iter().map(|image| (image, false)).chain(layout.docker.iter().map(|image| (image, true)))
        {
            // Both documents of one archive usually speak of the same image.
            let whole = (image.config, image.layers.iter().map(|(_, node)| *node).collect());
            if !seen.insert(whole) && is_docker {
                continue;
            }
            let count = labels.entry(image.label.as_str()).or_default();
            *count += 1;
            let label = if *count > 1 { format!("{} ({count})", image.label) } else { image.label.clone() };
            let mut add = |node: Option<NodeId>, what: &str, position: u32| {
                let list = format!("{label}: {what}");
                parts.extend(node.map(|node| Part { node, list, position, decoded_sha256: None }));
            };
            add(Some(image.from).filter(|_| !is_docker), "manifest", 1);
            add(image.config, "config", 1);
            for ((_, node), position) in image.layers.iter().zip(1..) {
                add(*node, "layer", position);
            }
            // A layer that is there twice has its folders once.
            let mut layers = BTreeSet::new();
            for ((_, node), position) in image.layers.iter().zip(1..) {
                let Some(layer) = node.filter(|layer| layers.insert(*layer)) else { continue };
                for (name, node) in docker::beside(layout, layer) {
                    add(Some(node), name, position);
                }
            }
        }
    }
    parts.sort_by(|one, other| (one.node, &one.list, one.position).cmp(&(other.node, &other.list, other.position)));
    decode(&mut parts, layouts, reading, store, limits);
    parts
}

/// Hashes what the layers decode to, in stored order.
fn decode(parts: &mut [Part], layouts: &[Layout], reading: &Reading, store: &Store, limits: &Limits) {
    let images = layouts.iter().flat_map(|layout| layout.images.iter().chain(&layout.docker));
    let stated = images.filter(|image| !image.diff_ids.is_empty());
    let wanted: BTreeSet<NodeId> = stated.flat_map(|image| image.layers.iter().filter_map(|(_, node)| *node)).collect();
    let mut left = limits.get("total-bytes");
    let mut known: BTreeMap<NodeId, Option<[u8; 32]>> = BTreeMap::new();
    for part in parts.iter_mut().filter(|part| wanted.contains(&part.node)) {
        let digest = *known.entry(part.node).or_insert_with(|| decoded(reading, store, part.node, &mut left));
        part.decoded_sha256 = digest;
    }
}

/// SHA-256 of a layer after one compression is taken off; `None` if it cannot be read whole.
fn decoded(reading: &Reading, store: &Store, layer: NodeId, left: &mut u64) -> Option<[u8; 32]> {
    let node = reading.node(layer)?;
    if node.unread {
        return None;
    }
    if !reading.is_wrapper(layer) {
        return node.sha256;
    }
    let inner = reading.node(*reading.layers(layer).get(1)?)?;
    if inner.unread {
        return None;
    }
    let mut reader = store.open(inner.content.as_ref()?).ok()?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match reader.read(&mut buffer).ok()? {
            0 => return Some(hash.finalize().into()),
            count => {
                *left = left.checked_sub(count as u64)?;
                hash.update(buffer.get(..count).unwrap_or_default());
            }
        }
    }
}
