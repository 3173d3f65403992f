//! The list that docker writes: `manifest.json`, and what older versions put beside each layer.

use std::collections::BTreeMap;

use super::{Image, Kind, Layout, Link, MOST_LABEL, Reader, clean};
use crate::entry::{Kind as EntryKind, Value};
use crate::json::Json;
use crate::reading::NodeId;

impl Reader<'_> {
    /// Follows `manifest.json`, if it is docker's.
    pub(super) fn list(&mut self) {
        let Some(from) = self.at(b"manifest.json") else { return };
        let is_list = |json: &Json| {
            let entries = json.list()?;
            (!entries.is_empty()).then_some(())?;
            entries.iter().all(|entry| entry.get("Config").is_some() || entry.get("Layers").is_some()).then_some(())
        };
        // Any archive can have a file of this name: only docker's is noted.
        let known = self.contents.get(&from).and_then(|bytes| crate::json::read(bytes).ok());
        if known.as_ref().and_then(|text| is_list(&text.value)).is_none() {
            return;
        }
        let Some(json) = self.document(from, Kind::List) else { return };
        self.folders();
        for entry in json.list().unwrap_or_default() {
            let texts = |key: &str| -> Vec<String> {
                entry.list_at(&[key]).iter().filter_map(Json::text).map(str::to_owned).collect()
            };
            let config_path = entry.text_at(&["Config"]).unwrap_or_default().to_owned();
            let Some(config) = self.listed(from, Kind::Config, &config_path) else { return };
            let mut layers = Vec::new();
            for path in texts("Layers") {
                let Some(target) = self.listed(from, Kind::Layer, &path) else { return };
                layers.push((path.into_bytes(), target));
            }
            let (platform, diff_ids) = self.config(config);
            self.layout.docker.push(Image {
                label: platform.unwrap_or_else(|| "image".to_owned()).chars().take(MOST_LABEL).collect(),
                from,
                tags: texts("RepoTags"),
                config,
                layers,
                diff_ids,
                is_file_system: true,
            });
        }
    }

    /// Finds the folders of layers.
    fn folders(&mut self) {
        let mut folders: BTreeMap<NodeId, Vec<Vec<u8>>> = BTreeMap::new();
        for (path, node) in &self.layout.members {
            if let Some(folder) = path.strip_suffix(b"layer.tar").filter(|folder| folder.ends_with(b"/"))
                && let Some(layer) = self.linked(*node)
            {
                folders.entry(layer).or_default().push(folder.to_vec());
            }
        }
        self.layout.folders = folders;
    }

    /// Notes one path of the list. `None` where there are too many.
    fn listed(&mut self, from: NodeId, kind: Kind, path: &str) -> Option<Option<NodeId>> {
        let target = self.at(clean(path.as_bytes())).and_then(|node| self.linked(node));
        let link = Link {
            from,
            kind,
            path: path.as_bytes().to_vec(),
            digest: None,
            size: None,
            media_type: String::new(),
            target,
            may_lack: false,
        };
        self.link(link).then_some(target)
    }

    /// What a member is, or leads to inside the archive: equal layers are links to the first of them.
    fn linked(&self, node: NodeId) -> Option<NodeId> {
        let entry = self.reading.node(node)?;
        let Some(Value::Bytes(target)) = entry.value("target") else { return Some(node) };
        let base: &[u8] = match entry.kind {
            EntryKind::Symlink => {
                let path = clean(&entry.path);
                path.get(..path.iter().rposition(|byte| *byte == b'/').unwrap_or(0)).unwrap_or_default()
            }
            EntryKind::Hardlink => b"",
            _ => return Some(node),
        };
        let mut parts: Vec<&[u8]> = Vec::new();
        for part in base.split(|byte| *byte == b'/').chain(target.split(|byte| *byte == b'/')) {
            match part {
                b"" | b"." => {}
                b".." => {
                    parts.pop()?;
                }
                part => parts.push(part),
            }
        }
        let found = parts.join(&b'/');
        let found = self.at(found.strip_prefix(self.layout.prefix.as_slice()).unwrap_or(&found))?;
        self.reading.node(found).filter(|node| node.kind == EntryKind::File).map(|_| found)
    }
}

/// What docker before version 25 puts into the folders of a layer: `X/`, `X/json`, `X/VERSION`, and `X/layer.tar`, which
/// is the layer or leads to it. But for the layer, none of it is part of the image.
pub(super) fn beside(layout: &Layout, layer: NodeId) -> Vec<(&'static str, NodeId)> {
    let names =
        [("layer folder", ""), ("layer json", "json"), ("layer version", "VERSION"), ("layer link", "layer.tar")];
    let mut found = Vec::new();
    for folder in layout.folders.get(&layer).into_iter().flatten() {
        let find = |(what, name): &(&'static str, &str)| {
            layout.members.get([folder, name.as_bytes()].concat().as_slice()).map(|node| (*what, *node))
        };
        found.extend(names.iter().filter_map(find).filter(|(_, node)| *node != layer));
    }
    found
}
