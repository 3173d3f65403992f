//! Placeholder.
use crate::format::{Format, Shape};
/// Placeholder.
pub const AR: Format = Format { id: "ar", title: "ar", shape: Shape::Archive, detect: |_, _| false, open: |_| Ok(()) };
