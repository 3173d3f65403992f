//! What the command prints.

mod attestation;
mod finding;
mod notice;
mod search;
mod text;
mod view;

pub use attestation::attestations;
pub use finding::findings;
pub use notice::notices;
pub use search::search;
pub use text::{comparison, inspection, passes};
pub use view::readers;
