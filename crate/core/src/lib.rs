//! placeholder
pub mod artifact;
pub mod codec;
pub mod entry;
pub mod error;
pub mod format;
pub mod limits;
pub mod store;
