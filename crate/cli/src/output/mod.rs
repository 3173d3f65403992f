//! What the command prints.

mod finding;
mod json;
mod text;

pub use finding::findings;
pub use json::json;
pub use text::{comparison, inspection, passes};
