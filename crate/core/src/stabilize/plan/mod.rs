//! What OSS Rebuild would write for an artifact: its members as Go reads them, headers and contents as the passes left
//! them, in order.
//!
//! Contents, members left out and rules come from the overlays. What a pass does to a header is here, because an
//! overlay only says which fields count no longer, and Go's headers have more to them: a dialect, a wish to be PAX.

mod gzip;
mod members;
mod tar;
mod zip;

use super::{Set, Stabilized, eligible};
use crate::entry::Content;
use crate::go::{self, Bytes, Stop};
use crate::reading::{NodeId, Reading};
use crate::store::Store;

pub(crate) use tar::{Body, Tarred};
pub(crate) use zip::Zipped;

/// Something to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// A content as it is.
    Raw(Content),
    /// A tar archive.
    Tar(Vec<Tarred>),
    /// A gzip stream around something.
    Gzip {
        /// Its header.
        header: go::gzip::Header,
        /// Whether the content is stored rather than compressed.
        stored: bool,
        /// What is in it.
        inner: Box<Self>,
    },
    /// A zip archive.
    Zip {
        /// Its members.
        members: Vec<Zipped>,
        /// Its comment.
        comment: Vec<u8>,
    },
}

/// A plan, and how it relates to upstream's.
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    /// Why upstream writes nothing; the plan is then of our own choosing.
    pub(crate) refusal: Option<String>,
    /// Why upstream's bytes may be others, each a clause.
    pub(crate) doubts: Vec<String>,
}

/// Plans the stabilized archive.
///
/// # Errors
/// What Go stops at and we cannot make up for; a limit or a device of ours.
pub(crate) fn plan(reading: &Reading, store: &Store, stabilized: &Stabilized) -> Result<Planned, Stop> {
    let Some(set) = stabilized.named else {
        return Stop::refused("it has no passes for files of this kind and name");
    };
    let eligible = eligible(set);
    let passes = stabilized.passes.iter().copied().filter(|id| eligible.contains(id)).collect();
    let mut planner =
        Planner { reading, store, stabilized, set, passes, records: false, refusal: None, doubts: Vec::new() };
    let root = reading.node(0).map(|_| 0);
    let plan = match set {
        Set::Raw => Plan::Raw(Content::stored(0, 0, store.artifact_len())),
        Set::Wheel | Set::Jar => planner.zip(root)?,
        Set::Tar | Set::Gem => planner.tar(&mut Bytes::plain(store, 0), root, set == Set::Gem)?,
        Set::TarGzip | Set::Crate => planner.gzip_tar(0, root)?,
    };
    Ok(Planned { plan, refusal: planner.refusal, doubts: planner.doubts })
}

/// The work of planning.
struct Planner<'a> {
    reading: &'a Reading,
    store: &'a Store,
    stabilized: &'a Stabilized,
    set: Set,
    /// Ids of the passes that upstream runs over such an artifact, of those switched on.
    passes: Vec<&'static str>,
    /// Whether a RECORD is computed, in which every member stands.
    records: bool,
    refusal: Option<String>,
    doubts: Vec<String>,
}

impl Planner<'_> {
    /// Whether a pass of upstream's runs.
    fn has(&self, id: &str) -> bool {
        self.passes.contains(&id)
    }

    fn refuse(&mut self, reason: String) {
        self.refusal.get_or_insert(reason);
    }

    fn doubt(&mut self, why: &str) {
        if !self.doubts.iter().any(|doubt| doubt == why) {
            self.doubts.push(why.to_owned());
        }
    }

    /// The content that passes gave a member.
    fn new_content(&self, node: Option<NodeId>) -> Option<&Content> {
        Some(&self.stabilized.overlay(node?)?.content.as_ref()?.content)
    }

    fn is_excluded(&self, node: Option<NodeId>) -> bool {
        node.and_then(|id| self.stabilized.overlay(id)).is_some_and(|overlay| overlay.excluded.is_some())
    }
}
