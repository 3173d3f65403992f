//! What the command prints.

mod attestation;
mod finding;
mod text;

pub use attestation::attestations;
pub use finding::findings;
pub use text::{comparison, inspection, passes};
