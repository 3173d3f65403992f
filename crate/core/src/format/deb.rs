//! Placeholder.
use crate::format::{Format, Shape};
/// Placeholder.
pub const DEB: Format =
    Format { id: "deb", title: "deb", shape: Shape::Archive, detect: |_, _| false, open: |_| Ok(()) };
