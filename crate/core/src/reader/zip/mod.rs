//! Models of zip readers.

use super::Reader;

/// Every model.
pub const READERS: &[Reader] = &[];
