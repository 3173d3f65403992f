//! Placeholder.
use crate::format::{Format, Shape};
/// Placeholder.
pub const TAR: Format =
    Format { id: "tar", title: "tar", shape: Shape::Archive, detect: |_, _| false, open: |_| Ok(()) };
