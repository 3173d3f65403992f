//! What named readers make of the archives of an artifact.

use serde::{Deserialize, Serialize};

use crate::artifact::Side;
use crate::entry::Kind;

/// What readers make of one archive, where they do not all make the same of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveViews {
    /// In which artifact.
    pub side: Side,
    /// The archive's path in that artifact, levels joined by `!/`; empty for the artifact itself.
    pub path: String,
    /// In what readers that report success disagree: `contents`; `part`, where some see only a part of what others see;
    /// `names` alone; `null` for nothing.
    pub disagree: Option<String>,
    /// Readers that see the same, each in one group. Those that see nothing and report an error are the last one.
    pub groups: Vec<ViewGroup>,
    /// The members that the groups see differently, by path.
    pub members: Vec<ViewMember>,
    /// How many more of them there are.
    pub more: u64,
    /// Why no reader was asked, if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// Readers that see the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewGroup {
    /// Who: `twinspect readers` prints what each id means.
    pub readers: Vec<ViewReader>,
    /// How many files they see.
    pub members: u32,
}

/// One reader of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewReader {
    /// Its id, e.g. `java-zipstream`: what `--reader` takes.
    pub id: String,
    /// Its name, with the version that the model follows.
    pub title: String,
    /// `whole`: it reports success; `stopped`: it reports an error after what it sees; `refused`: it refuses the archive.
    pub end: String,
    /// The error, if it reports one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One path that the groups see differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewMember {
    /// The path, without slashes or a dot in front.
    pub path: String,
    /// What each group that sees members has there, in their order; `null` for nothing.
    pub by: Vec<Option<ViewSight>>,
}

/// What readers have at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewSight {
    /// What they make.
    pub kind: Kind,
    /// Bytes of its content, or of a link's target.
    pub size: u64,
    /// SHA-256 of them, hex.
    pub sha256: Option<String>,
}
