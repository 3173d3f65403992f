//! What the command prints.

mod attestation;
mod json;
mod text;

pub use attestation::attestations;
pub use json::json;
pub use text::{comparison, inspection, passes};
