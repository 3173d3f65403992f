//! Source distributions of Python: one folder, one PKG-INFO.

use std::collections::BTreeSet;

use super::wheel::{headers, normal};
use super::{Found, Info, info, shown};
use crate::entry::Severity::Medium;
use crate::reading::NodeId;

pub(super) const TABLE: &[Info] = &[
    info(
        "SDIST-01",
        Medium,
        "Several roots",
        "The files are not all in one folder named after the package.",
        "Installers enter the first folder, or the one that fits.",
        "Look at what lies outside.",
    ),
    info(
        "SDIST-02",
        Medium,
        "Metadata that disagree",
        "Copies of PKG-INFO name different packages or versions.",
        "Registries read one, build tools another.",
        "Find out which one is meant.",
    ),
];

/// Checks one source distribution.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let mut roots: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut copies: Vec<NodeId> = Vec::new();
    for (member, node) in found.members(id) {
        let parts = super::path::canonical(&node.path);
        if let [root, ..] = parts.as_slice() {
            roots.insert(root.to_vec());
        }
        let about = matches!(parts.as_slice(), [_, b"PKG-INFO"])
            || matches!(parts.as_slice(), [_, .., egg, b"PKG-INFO"] if egg.ends_with(b".egg-info") && parts.len() <= 4);
        if about && copies.len() < 16 {
            copies.push(member);
        }
    }
    if roots.len() > 1 {
        let names: Vec<String> = roots.iter().take(5).map(|name| shown(name).to_string()).collect();
        found.raise_at(
            Medium,
            "SDIST-01",
            id,
            None,
            format_args!("there are {} roots: {}", roots.len(), names.join(", ")),
        );
    }
    let file = found.reading.name.clone();
    let stem = [".tar.gz", ".tgz", ".tar.bz2", ".zip"].iter().find_map(|suffix| file.strip_suffix(suffix));
    if let Some(stem) = stem
        && let (Some(root), 1) = (roots.first(), roots.len())
        && normal(stem) != normal(&String::from_utf8_lossy(root))
    {
        let (stem, root) = (shown(stem.as_bytes()), shown(root));
        found.raise_at(Medium, "SDIST-01", id, None, format_args!("the root is {root}, the file's name {stem}"));
    }
    let mut first: Option<(NodeId, Vec<(String, String)>)> = None;
    for copy in copies {
        let Some(bytes) = found.read(copy) else { continue };
        let fields = headers(&bytes);
        let Some((_, other)) = &first else {
            first = Some((copy, fields));
            continue;
        };
        let value = |fields: &[(String, String)], wanted: &str| {
            fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
        };
        for field in ["name", "version"] {
            if let (Some(left), Some(right)) = (value(other, field), value(&fields, field))
                && normal(&left) != normal(&right)
            {
                let message = format_args!(
                    "{field} is {} in one PKG-INFO and {} in another",
                    shown(left.as_bytes()),
                    shown(right.as_bytes())
                );
                found.raise("SDIST-02", copy, message);
            }
        }
    }
}
