//! What a reading says while it goes on.

use crate::reading::NodeId;

/// How far the work is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// `hashing` the artifact as a whole, then `opening` what is in it.
    pub phase: &'static str,
    /// Bytes of the artifact hashed.
    pub bytes: u64,
    /// Bytes of the artifact.
    pub total: u64,
    /// Bytes read out of it so far, at every level.
    pub decoded: u64,
    /// Entries found so far.
    pub entries: u64,
    /// Levels of nesting found so far.
    pub levels: u32,
    /// The entry at work.
    pub node: NodeId,
    /// Its path as the report shows it: levels joined by `!/`, empty for the artifact.
    pub path: String,
}
