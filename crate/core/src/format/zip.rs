//! Placeholder.
use crate::format::{Format, Shape};
/// Placeholder.
pub const ZIP: Format =
    Format { id: "zip", title: "zip", shape: Shape::Archive, detect: |_, _| false, open: |_| Ok(()) };
