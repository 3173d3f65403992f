//! What the models of named readers disagree about, where nothing else has said it.

use super::{Found, Info, info, shown};
use crate::entry::Severity::{self, Conflict, Info as Note, Medium};
use crate::reader;
use crate::reading::{Disagreement, Ending, Group, Seen, Sight, Views};

pub(super) const TABLE: &[Info] = &[info(
    "GEN-07",
    Conflict,
    "Readers see different contents",
    "Models of widely used readers, run over these bytes, report success and disagree about what is in them.",
    "See `views`: which readers see what.",
    "Do not trust one reader's view; open the other one, too.",
)];

/// Raises what no other finding of the same archive says.
pub(super) fn check(found: &mut Found<'_>) {
    let reading = found.reading;
    for views in &reading.views {
        let severity = match views.disagree {
            Disagreement::None => continue,
            Disagreement::Names => Note,
            Disagreement::Part => Medium,
            Disagreement::Contents => Conflict,
        };
        if !said(found, views, severity)
            && let Some(seen) = views.seen.first()
        {
            let message = sentence(views, seen);
            found.raise_at(severity, "GEN-07", views.node, None, format_args!("{message}"));
        }
    }
}

/// Whether a finding at least as bad is about the archive, or a member of it.
fn said(found: &Found<'_>, views: &Views, severity: Severity) -> bool {
    let inside = |id| id == views.node || found.node(id).is_some_and(|node| node.parent == views.node);
    found.cases.values().flat_map(|(cases, _)| cases).any(|case| case.severity <= severity && inside(case.node))
}

/// Who sees what at one path.
fn sentence(views: &Views, seen: &Seen) -> String {
    let whole = |group: &&Group| group.readers.iter().any(|reader| reader.ending == Ending::Whole);
    let parts: Vec<String> = views
        .groups
        .iter()
        .zip(&seen.by)
        .filter(|(group, _)| whole(group) && group.members > 0)
        .map(|(group, sight)| format!("{} {}", names(group), saw(sight.as_ref(), group)))
        .collect();
    format!("{}: {}", shown(&seen.path), parts.join("; "))
}

/// The first readers of a group.
fn names(group: &Group) -> String {
    const MOST: usize = 3;
    let title = |id: &str| reader::by_id(id).map_or(id.to_owned(), |(_, reader)| reader.title.to_owned());
    let mut names: Vec<String> = group.readers.iter().take(MOST).map(|reader| title(&reader.reader)).collect();
    if let Some(more) = group.readers.len().checked_sub(MOST).filter(|more| *more > 0) {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}

fn saw(sight: Option<&Sight>, group: &Group) -> String {
    let verb = if group.readers.len() == 1 { "sees" } else { "see" };
    match sight {
        None => format!("{verb} nothing"),
        Some(sight) => {
            let digest = sight.sha256.iter().flat_map(|digest| digest.iter().take(4));
            let digest: String = digest.map(|byte| format!("{byte:02x}")).collect();
            format!("{verb} {} bytes ({digest}…)", sight.size)
        }
    }
}
