//! What the command prints.

mod attestation;
mod finding;
mod json;
mod text;
mod view;

pub use attestation::attestations;
pub use finding::findings;
pub use json::json;
pub use text::{comparison, inspection, passes};
pub use view::readers;
