//! The leaf comparisons: text and bytes.
pub mod bytes;
pub mod similarity;
pub mod text;
