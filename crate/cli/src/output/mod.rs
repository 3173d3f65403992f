//! What the command prints.

mod json;
mod text;

pub use json::json;
pub use text::{comparison, inspection, passes};
