//! placeholder
pub mod artifact;
pub mod codec;
pub mod compare;
pub mod display;
pub mod entry;
pub mod error;
pub mod format;
pub mod limits;
pub mod reading;
pub mod report;
pub mod store;
