//! Models of tar readers.

use super::Reader;

/// Every model.
pub const READERS: &[Reader] = &[];
