//! Container images: digests, references, and two lists of the same images.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha512};

use super::{Found, Info, info, shown, whiteout};
use crate::display;
use crate::entry::Kind as EntryKind;
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::image::{Image, Kind, Layout, Link};
use crate::reading::{Node, NodeId};

const AGAIN: &str = "Get the image again, by its digest.";

pub(super) const TABLE: &[Info] = &[
    info(
        "OCI-01",
        High,
        "A blob is missing, or is not what its digest says",
        "A blob has another digest or size than the documents of the image state, or is not there.",
        "Some tools verify digests when they load an image, others never do.",
        AGAIN,
    ),
    info(
        "OCI-02",
        Conflict,
        "Two lists of images disagree",
        "The archive has two descriptions of its images that do not say the same.",
        "Docker loads what `manifest.json` says, OCI tools what `index.json` says.",
        AGAIN,
    ),
    info(
        "OCI-03",
        Medium,
        "An odd whiteout",
        "An entry that hides files of lower layers is not as the specification has it.",
        "Some tools apply it, some ignore it, some extract it as a file.",
        "Compare the file systems of the images, not only their layers.",
    ),
    info(
        "OCI-04",
        High,
        "A blob that lies elsewhere",
        "A layer or configuration is named by a path that leads out of the archive, or is a link.",
        "Tools follow the path, or refuse it.",
        AGAIN,
    ),
    info(
        "OCI-05",
        Note,
        "A blob that nothing refers to",
        "The archive has a blob that belongs to none of its images.",
        "Tools never look at it.",
        "Compare it all the same: a later index may name it.",
    ),
    info(
        "OCI-06",
        High,
        "A document or layer that is not what it says",
        "A media type does not fit the data, a layer does not decode to the digest that the configuration states, or a \
         document can be read in two ways.",
        "Some tools believe the media type, others the data.",
        AGAIN,
    ),
];

/// Checks the images in one archive.
pub(super) fn check(found: &mut Found<'_>, layout: &Layout) {
    documents(found, layout);
    for link in &layout.links {
        reference(found, layout, link);
    }
    blobs(found, layout);
    for image in layout.images.iter().chain(&layout.docker) {
        layers(found, image);
    }
    lists(found, layout);
    whiteout::check(found, layout);
    if layout.is_cut {
        let message = format_args!("there are more references than are followed: not all of the image was checked");
        found.raise_at(Medium, "OCI-02", layout.container, None, message);
    }
}

/// What can be read in two ways.
fn documents(found: &mut Found<'_>, layout: &Layout) {
    let stated: BTreeMap<NodeId, &Link> =
        layout.links.iter().rev().filter_map(|link| Some((link.target?, link))).collect();
    for document in &layout.documents {
        let node = document.node;
        let path = found.node(node).map(|node| shown(&node.path)).unwrap_or_default();
        if let Some(fault) = &document.fault {
            found.raise("OCI-06", node, format_args!("{path} cannot be read: {fault}"));
        }
        for doubt in &document.doubts {
            // Labels of an image may differ in case: only a document's own keys are read without regard to it.
            let severity =
                if doubt.contains("in case only") && document.kind == Kind::Config { Note } else { Conflict };
            found.raise_as(severity, "OCI-06", node, format_args!("in {path}, {doubt}"));
        }
        if document.is_two {
            let message = format_args!("{path} can be read as an index and as a manifest");
            found.raise_as(Conflict, "OCI-02", node, message);
        }
        if let Some(link) = stated.get(&node)
            && ![&link.media_type, &document.media_type].iter().any(|kind| kind.is_empty())
            && link.media_type != document.media_type
            && link.kind == Kind::Manifest
        {
            let (theirs, own) = (shown(link.media_type.as_bytes()), shown(document.media_type.as_bytes()));
            found.raise("OCI-06", node, format_args!("{path} says that it is {own}, its descriptor says {theirs}"));
        }
    }
}

/// One reference from a document.
fn reference(found: &mut Found<'_>, layout: &Layout, link: &Link) {
    let path = shown(&link.path);
    let leaves = super::link::outside(&link.path) || link.path.split(|byte| *byte == b'/').any(|part| part == b"..");
    let proper = match &link.digest {
        Some(digest) => digest.split_once(':').is_some_and(|(algorithm, hex)| {
            !algorithm.is_empty() && !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }),
        None => true,
    };
    if leaves || !proper {
        let what = if leaves { "leads out of the archive" } else { "is no digest" };
        return found.raise("OCI-04", link.from, format_args!("the reference {path} {what}"));
    }
    let Some((target, node)) = link.target.and_then(|id| Some((id, found.node(id)?))) else {
        let there = layout.members.contains_key(link.path.as_slice());
        let (id, severity, what) = match (there, link.may_lack) {
            (true, _) => ("OCI-04", High, "is a link to nothing in the archive"),
            (false, true) => ("OCI-01", Note, "is not in the archive"),
            (false, false) => ("OCI-01", High, "is not in the archive"),
        };
        return found.raise_as(severity, id, link.from, format_args!("{path} {what}"));
    };
    if node.kind != EntryKind::File {
        return found.raise("OCI-04", target, format_args!("{path} is no file"));
    }
    if let Some(size) = link.size
        && i128::from(size) != i128::from(node.size)
    {
        let actual = node.size;
        found.raise("OCI-01", target, format_args!("{size} bytes are stated of {path}, it has {actual}"));
    }
    if link.kind == Kind::Layer {
        media_type(found, link, target, node);
    }
}

/// A layer's compression against its media type.
fn media_type(found: &mut Found<'_>, link: &Link, id: NodeId, node: &Node) {
    let known = ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."];
    let kind = link.media_type.as_str();
    if !known.iter().any(|start| kind.starts_with(start)) || node.unread {
        return;
    }
    let ends = |ending: &str| kind.ends_with(ending);
    let expected = if ends("+gzip") || ends(".gzip") {
        "gzip"
    } else if ends("+zstd") || ends(".zstd") {
        "zstd"
    } else if ends(".tar") {
        "tar"
    } else {
        return;
    };
    let actual = node.opened.as_ref().map_or("no archive", |opened| opened.format.as_str());
    if actual != expected {
        let (path, kind) = (shown(&node.path), shown(kind.as_bytes()));
        found.raise("OCI-06", id, format_args!("{path} should be {expected} by its media type {kind}, it is {actual}"));
    }
}

/// Every blob against its name, and whether anything refers to it.
fn blobs(found: &mut Found<'_>, layout: &Layout) {
    let mut wanted: BTreeSet<NodeId> = layout.links.iter().filter_map(|link| link.target).collect();
    wanted.extend(layout.documents.iter().map(|document| document.node));
    for (path, id) in &layout.members {
        let Some(node) = found.node(*id) else { continue };
        let stem = match path.strip_prefix(b"blobs/") {
            Some(rest) => rest,
            // What docker's list names may be anything; a digest must be right.
            None if layout.docker.is_empty() || path.contains(&b'/') => continue,
            None => path.split(|byte| *byte == b'.').next().unwrap_or_default(),
        };
        let is_blob = path.starts_with(b"blobs/");
        if node.kind != EntryKind::File {
            if is_blob && node.kind != EntryKind::Directory {
                found.raise("OCI-04", *id, format_args!("the blob {} is no file", shown(&node.path)));
            }
            continue;
        }
        named(found, *id, node, stem, is_blob);
        if !wanted.contains(id) && (is_blob || path.ends_with(b".tar")) {
            found.raise("OCI-05", *id, format_args!("nothing refers to {}", shown(&node.path)));
        }
    }
}

/// A name that is a digest against the content.
fn named(found: &mut Found<'_>, id: NodeId, node: &Node, name: &[u8], is_blob: bool) {
    let actual = match name.split_once_at(b'/') {
        Some((b"sha512", _)) => {
            let mut hash = Sha512::new();
            if !found.stream(id, |bytes| hash.update(bytes)) {
                return;
            }
            display::hex(&hash.finalize())
        }
        Some((b"sha256", _)) | None => match node.sha256 {
            Some(digest) => display::hex(&digest),
            None => return,
        },
        Some(_) => return,
    };
    let stated = crate::reading::base_name(name);
    if !is_blob && (stated.len() != 64 || !stated.iter().all(u8::is_ascii_hexdigit)) {
        return;
    }
    // Outside of `blobs`, a layer may be named by what it decodes to.
    let decoded = found.reading.parts_of(id).iter().filter_map(|part| part.decoded_sha256);
    let decodes = !is_blob && decoded.into_iter().any(|digest| display::hex(&digest).as_bytes() == stated);
    if actual.as_bytes() != stated && !decodes {
        found.raise("OCI-01", id, format_args!("{} has the digest {actual}", shown(&node.path)));
    }
}

/// The layers of an image against the digests in its configuration.
fn layers(found: &mut Found<'_>, image: &Image) {
    let Some(config) = image.config.filter(|_| image.is_file_system) else { return };
    let (stated, there) = (image.diff_ids.len(), image.layers.len());
    if stated != there {
        let severity = if stated == 0 { Note } else { High };
        let message = format_args!("the configuration states the digests of {stated} layers, the image has {there}");
        return found.raise_as(severity, "OCI-06", config, message);
    }
    for (stated, (path, layer)) in image.diff_ids.iter().zip(&image.layers) {
        let Some(layer) = *layer else { continue };
        let actual = found.reading.parts_of(layer).iter().find_map(|part| part.decoded_sha256);
        let Some(actual) = actual.map(|digest| format!("sha256:{}", display::hex(&digest))) else { continue };
        if actual != *stated && stated.starts_with("sha256:") {
            let (path, stated) = (shown(path), shown(stated.as_bytes()));
            let message = format_args!("the configuration says that {path} decodes to {stated}, it is {actual}");
            found.raise("OCI-06", layer, message);
        }
    }
}

/// What an image is made of, whatever the blobs are called and however they are compressed.
fn made_of(found: &Found<'_>, image: &Image) -> Option<([u8; 32], Vec<[u8; 32]>)> {
    let digest = |id: NodeId| found.node(id)?.sha256;
    let layer = |id: NodeId| {
        let decoded = found.reading.parts_of(id).iter().find_map(|part| part.decoded_sha256);
        decoded.or_else(|| digest(id))
    };
    let layers = image.layers.iter().map(|(_, id)| layer((*id)?)).collect::<Option<Vec<_>>>()?;
    Some((digest(image.config?)?, layers))
}

/// Docker's list against the index, and each against itself.
fn lists(found: &mut Found<'_>, layout: &Layout) {
    let of_index: BTreeSet<_> = layout.images.iter().filter_map(|image| made_of(found, image)).collect();
    // Images with a blob missing are said already, and cannot be compared.
    for image in &layout.docker {
        let Some(made) = made_of(found, image) else { continue };
        if layout.is_oci && !layout.images.is_empty() && !of_index.contains(&made) {
            let same_config = of_index.iter().any(|(config, _)| *config == made.0);
            let what = if same_config { "other layers" } else { "another configuration" };
            let message = format_args!("manifest.json names an image with {what} than the images of index.json");
            found.raise("OCI-02", image.from, message);
        }
    }
    let mut tagged: BTreeMap<(String, String), (NodeId, Option<NodeId>)> = BTreeMap::new();
    for image in layout.images.iter().chain(&layout.docker) {
        // A tag without a name is that of many images.
        for tag in image.tags.iter().filter(|tag| tag.contains([':', '/'])) {
            let key = (normal(tag), image.label.clone());
            let (first, config) = *tagged.entry(key).or_insert((image.from, image.config));
            if config != image.config && image.config.is_some() && config.is_some() {
                let tag = shown(tag.as_bytes());
                let message = format_args!("the name {tag} is given to two images");
                found.raise("OCI-02", if first == image.from { first } else { image.from }, message);
            }
        }
    }
}

/// A name without what is the default.
fn normal(tag: &str) -> String {
    let tag = tag.strip_prefix("docker.io/").unwrap_or(tag);
    tag.strip_prefix("library/").unwrap_or(tag).to_owned()
}

/// Bytes before and after the first of one kind.
trait SplitOnce {
    fn split_once_at(&self, at: u8) -> Option<(&[u8], &[u8])>;
}

impl SplitOnce for [u8] {
    fn split_once_at(&self, at: u8) -> Option<(&[u8], &[u8])> {
        let place = self.iter().position(|byte| *byte == at)?;
        Some((self.get(..place)?, self.get(place + 1..)?))
    }
}
