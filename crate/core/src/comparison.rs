//! The conductor: each stage called once, in order, top to bottom.
