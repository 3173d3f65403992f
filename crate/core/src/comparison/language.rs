//! Which language an entry's content is in.

use crate::reading::{NodeId, Reading};
use crate::syntax::{Language, recognise};

/// By its name in the innermost wrapper that has a telling one, and by the beginning of the content.
pub(super) fn language(reading: &Reading, id: NodeId, content: &[u8]) -> Option<&'static Language> {
    let known = reading.layers(id).iter().rev().find_map(|layer| {
        let path = &reading.node(*layer)?.path;
        recognise(path, content).filter(|_| !path.is_empty())
    });
    // An artifact that is a text has no path but its own name.
    known.or_else(|| (id == 0).then(|| recognise(reading.name.as_bytes(), content)).flatten())
}
