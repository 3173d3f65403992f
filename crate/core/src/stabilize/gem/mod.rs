//! Gems: a tar of `metadata.gz`, a YAML document, and `data.tar.gz`, the files; with checksums of both, and signatures.

mod checksums;
mod metadata;
mod ruby;
mod specification;
#[cfg(test)]
mod tests;

pub use checksums::EXCLUDE_CHECKSUMS;
pub use metadata::{METADATA_CERT_CHAIN, METADATA_DATE, METADATA_RUBYGEMS_VERSION, METADATA_YAML_NORMALIZE};

use super::upstream::{Set, is_gem_metadata, set};
use super::{Pass, Profile, Scope, Stabilizer};

/// Path of the files.
pub(super) const FILES: &[u8] = b"data.tar.gz";
/// Path of the metadata.
pub(super) const METADATA: &[u8] = b"metadata.gz";
/// Path of the checksums.
const CHECKSUMS: &[u8] = b"checksums.yaml.gz";

/// Detached signatures.
pub const EXCLUDE_SIGNATURES: Stabilizer = Stabilizer {
    id: "gem-exclude-signatures",
    title: "Signature files of gems",
    rationale: "Nobody but the author can sign again, so OSS Rebuild leaves out every member whose name ends in \
        `.sig`, whatever is in it. Never in `standard`: who signed decides whether a policy lets a gem be installed, \
        so a gem that lost its signature or got another is not the same, and is shown so.",
    upstream: true,
    stage: 0,
    applies: on_gem,
    pass: Pass::Entry(|view, id| {
        if view.path(id).ends_with(b".sig") {
            view.exclude(id);
        }
    }),
};

/// Whether OSS Rebuild enters the archives in a gem.
pub const INNER_ARCHIVES: Stabilizer = Stabilizer {
    id: "gem-inner-archives",
    title: "The archives in a gem are entered",
    rationale: "By itself it ignores nothing: with it OSS Rebuild runs the passes for tar, gzip and metadata inside \
        `data.tar.gz` and `metadata.gz`, without it on neither. An inner archive that it cannot read counts as it is. \
        `standard` enters every archive anyway.",
    upstream: true,
    stage: 0,
    applies: on_gem,
    pass: Pass::Container(|_| {}),
};

/// The outermost tar of a gem, as upstream sees it.
fn on_gem(scope: &Scope<'_>) -> bool {
    scope.is_upstream() && scope.depth == 0 && scope.format == "tar" && set(scope) == Some(Set::Gem)
}

/// The gzip stream around a gem's metadata.
fn on_metadata(scope: &Scope<'_>) -> bool {
    match scope.profile {
        Profile::None => false,
        Profile::OssRebuild => is_gem_metadata(scope),
        Profile::Standard => {
            scope.format == "gzip" && scope.layer == 0 && scope.outer == "tar" && scope.path == METADATA
        }
    }
}
