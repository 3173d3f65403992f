//! One artifact that is not compared: what `twinspect inspect` prints.

use super::{all_fields, entry_info, get, node_is_wrapped, node_paths, side_info, trouble, views};
use crate::artifact::Side;
use crate::reading::Reading;
use crate::report::{InspectedEntry, Inspection};

/// One artifact alone.
pub fn inspect(reading: &Reading) -> Inspection {
    let paths = node_paths(reading);
    let ids = 0..u32::try_from(reading.nodes.len()).unwrap_or(u32::MAX);
    Inspection {
        schema: "twinspect-inspection/1".to_owned(),
        redacted: None,
        artifact: side_info(reading, None),
        entries: ids
            .filter(|id| !node_is_wrapped(reading, *id))
            .map(|id| InspectedEntry {
                path: get(&paths, id).to_owned(),
                info: entry_info(reading, None, id),
                fields: all_fields(reading, id)
                    .into_iter()
                    .filter(|((name, _), _)| name != "size" && name != "sha256")
                    .map(|((name, _), value)| (name, value))
                    .collect(),
            })
            .collect(),
        problems: trouble::problems(reading, Side::Left),
        findings: trouble::alone(reading),
        views: views::views(reading, Side::Left),
    }
}
