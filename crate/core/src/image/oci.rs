//! The index of an OCI image layout, and the manifests it leads to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Config, Image, Kind, Link, MOST_LABEL, MOST_NESTED, Reader, platform};
use crate::json::Json;
use crate::reading::NodeId;

/// What a descriptor says about the document it leads to.
struct Described {
    node: NodeId,
    label: Option<String>,
    tags: Vec<String>,
    depth: u32,
    may_lack: bool,
}

impl Reader<'_> {
    /// Follows `index.json` to every manifest.
    pub(super) fn index(&mut self) {
        let Some(node) = self.at(b"index.json") else { return };
        let mut queue = vec![Described { node, label: None, tags: Vec::new(), depth: 0, may_lack: false }];
        let mut at = 0;
        let mut visited = BTreeSet::new();
        while let Some(described) = queue.get(at) {
            let Described { node, depth, may_lack, .. } = *described;
            let (label, tags) = (described.label.clone(), described.tags.clone());
            at += 1;
            if !visited.insert(node) {
                self.tag(node, tags);
                continue;
            }
            let kind = if depth == 0 { Kind::Index } else { Kind::Manifest };
            let Some(json) = self.document(node, kind) else { continue };
            if depth > 0 && (json.get("layers").is_some() || json.get("config").is_some()) {
                self.manifest(node, &json, label, tags, may_lack);
            }
            if json.get("manifests").is_some() {
                self.mark(node, Kind::Index);
                if depth < MOST_NESTED {
                    queue.extend(self.manifests(node, &json, depth));
                } else {
                    self.layout.is_cut = true;
                }
            }
        }
    }

    /// A manifest that the index names twice has both names.
    fn tag(&mut self, node: NodeId, tags: Vec<String>) {
        if let Some(image) = self.layout.images.iter_mut().find(|image| image.from == node) {
            image.tags.extend(tags);
        }
    }

    fn mark(&mut self, node: NodeId, kind: Kind) {
        if let Some(document) = self.layout.documents.iter_mut().find(|document| document.node == node) {
            document.kind = kind;
        }
    }

    /// The descriptors of an index.
    fn manifests(&mut self, from: NodeId, json: &Json, depth: u32) -> Vec<Described> {
        let descriptors = json.list_at(&["manifests"]);
        let platforms: BTreeMap<&str, String> = descriptors
            .iter()
            .filter_map(|descriptor| Some((descriptor.text_at(&["digest"])?, platform(descriptor.get("platform")?)?)))
            .collect();
        let mut found = Vec::new();
        for descriptor in descriptors {
            // Builders leave out the platforms that were not asked for.
            let may_lack = descriptors.len() > 1 || depth > 0;
            let Some((target, label)) = self.descriptor(from, Kind::Manifest, descriptor, may_lack) else { break };
            let note = |key: &str| descriptor.text_at(&["annotations", key]).map(str::to_owned);
            let tags = ["org.opencontainers.image.ref.name", "io.containerd.image.name"].into_iter().filter_map(note);
            let about = note("vnd.docker.reference.digest");
            let about = about.and_then(|about| platforms.get(about.as_str()).cloned());
            let label = match about {
                Some(about) => Some(format!("attestation of {about}")),
                None => label,
            };
            let tags = tags.collect();
            found.extend(target.map(|node| Described { node, label, tags, depth: depth + 1, may_lack }));
        }
        found
    }

    /// Notes one descriptor: what is there, and the platform it states. `None` where there are too many.
    fn descriptor(
        &mut self,
        from: NodeId,
        kind: Kind,
        descriptor: &Json,
        may_lack: bool,
    ) -> Option<(Option<NodeId>, Option<String>)> {
        let digest = descriptor.text_at(&["digest"]).unwrap_or_default().to_owned();
        let path = match digest.split_once(':') {
            Some((algorithm, digest)) => format!("blobs/{algorithm}/{digest}"),
            None => digest.clone(),
        };
        let target = self.at(path.as_bytes());
        let media_type = descriptor.text_at(&["mediaType"]).unwrap_or_default().to_owned();
        let foreign = !descriptor.list_at(&["urls"]).is_empty()
            || media_type.contains("nondistributable")
            || media_type.contains("foreign");
        let noted = self.link(Link {
            from,
            kind,
            path: path.into_bytes(),
            digest: Some(digest),
            size: descriptor.get("size").and_then(Json::whole),
            media_type,
            target,
            may_lack: may_lack || foreign,
        });
        noted.then(|| (target, descriptor.get("platform").and_then(platform)))
    }

    /// One image or artifact.
    fn manifest(&mut self, from: NodeId, json: &Json, label: Option<String>, tags: Vec<String>, may_lack: bool) {
        let config = match json.get("config") {
            Some(descriptor) => match self.descriptor(from, Kind::Config, descriptor, may_lack) {
                Some((target, _)) => target,
                None => return,
            },
            None => None,
        };
        let media_type = json.text_at(&["config", "mediaType"]).unwrap_or_default();
        let is_image = matches!(
            media_type,
            "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
        ) && json.get("artifactType").is_none();
        let mut layers = Vec::new();
        for descriptor in json.list_at(&["layers"]) {
            let Some((target, _)) = self.descriptor(from, Kind::Layer, descriptor, may_lack) else { return };
            let path = self.layout.links.last().map(|link| link.path.clone()).unwrap_or_default();
            layers.push((path, target));
        }
        let (platform, diff_ids) = if is_image { self.config(config) } else { Config::default() };
        let artifact = || {
            let kind = json.text_at(&["artifactType"]).unwrap_or(media_type);
            (!is_image && !kind.is_empty()).then(|| kind.to_owned())
        };
        // What an attestation is about is known from the index alone.
        let is_attestation = label.as_ref().is_some_and(|label| label.starts_with("attestation"));
        let label = label.or(platform).or_else(artifact).unwrap_or_else(|| "image".to_owned());
        let label = label.chars().take(MOST_LABEL).collect();
        self.layout.images.push(Image {
            label,
            from,
            tags,
            config,
            layers,
            diff_ids: if is_attestation { Arc::default() } else { diff_ids },
            is_file_system: is_image && !is_attestation,
        });
    }
}
