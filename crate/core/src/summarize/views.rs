//! What named readers make of the archives, as the report says it.

use super::{get, node_paths};
use crate::artifact::Side;
use crate::display;
use crate::reader;
use crate::reading::{Disagreement, Ending, Reading, Seen, Sight, Witness};
use crate::report::view::{ArchiveViews, ViewGroup, ViewMember, ViewReader, ViewSight};

/// The views of one side.
pub(super) fn views(reading: &Reading, side: Side) -> Vec<ArchiveViews> {
    if reading.views.is_empty() {
        return Vec::new();
    }
    let paths = node_paths(reading);
    let archive = |views: &crate::reading::Views| ArchiveViews {
        side,
        path: get(&paths, views.node).to_owned(),
        disagree: match views.disagree {
            Disagreement::None => None,
            Disagreement::Names => Some("names".to_owned()),
            Disagreement::Part => Some("part".to_owned()),
            Disagreement::Contents => Some("contents".to_owned()),
        },
        groups: views
            .groups
            .iter()
            .map(|group| ViewGroup { readers: group.readers.iter().map(witness).collect(), members: group.members })
            .collect(),
        members: views.seen.iter().map(member).collect(),
        more: views.more,
        skipped: views.skipped.clone(),
    };
    reading.views.iter().map(archive).collect()
}

fn witness(witness: &Witness) -> ViewReader {
    let (end, reason) = match &witness.ending {
        Ending::Whole => ("whole", None),
        Ending::Stopped(reason) => ("stopped", Some(reason.clone())),
        Ending::Refused(reason) => ("refused", Some(reason.clone())),
    };
    let title = reader::by_id(&witness.reader).map_or(witness.reader.as_str(), |(_, reader)| reader.title);
    ViewReader { id: witness.reader.clone(), title: title.to_owned(), end: end.to_owned(), reason }
}

fn member(seen: &Seen) -> ViewMember {
    let sight = |sight: &Sight| ViewSight {
        kind: sight.kind,
        size: sight.size,
        sha256: sight.sha256.as_ref().map(|digest| display::hex(digest)),
    };
    ViewMember { path: display::bytes(&seen.path), by: seen.by.iter().map(|by| by.as_ref().map(sight)).collect() }
}
