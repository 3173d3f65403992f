//! The Twinspect engine: compares two software artifacts and says whether they are identical, equivalent or different,
//! exactly where, and why.
//!
//! The pipeline, in the order of the words: an [`artifact::Artifact`] is opened by [`format`](mod@format)s into a tree
//! of [`entry`]s and becomes a [`reading::Reading`]; [`stabilize`]rs write down what is ignored; [`pair`] matches the
//! two trees; [`judge`] finds what differs and which pass accounts for it; [`explain`] says what kind of difference the
//! rest is; [`summarize`] puts it into one plain [`report::Report`]. [`comparison`] conducts. The [`compare`] stage
//! makes the details on request.
//!
//! ```
//! use twinspect::artifact::{Artifact, Sides};
//! use twinspect::comparison::{Comparison, Options};
//! use twinspect::limits::Limits;
//! use twinspect::report::Verdict;
//!
//! let artifacts = Sides { left: Artifact::new("a.txt", b"one\n".to_vec()), right: Artifact::new("b.txt", b"two\n".to_vec()) };
//! let limits = Limits::default();
//! let readings = Sides {
//!     left: twinspect::read::read(&artifacts.left, &limits, &mut |_| {})?,
//!     right: twinspect::read::read(&artifacts.right, &limits, &mut |_| {})?,
//! };
//! let comparison = Comparison::new(artifacts, readings, Options::default())?;
//! assert_eq!(comparison.report().verdict, Verdict::Different);
//! # Ok::<(), twinspect::error::Error>(())
//! ```
//!
//! The core is a pure function of two sources and options: no files, no network, no printing, no clock but the deadline.

pub mod artifact;
pub mod attest;
mod base64;
pub mod codec;
pub mod compare;
pub mod comparison;
pub mod display;
pub mod ecosystem;
pub mod entry;
pub mod error;
pub mod explain;
pub mod export;
pub mod finding;
pub mod format;
mod go;
mod image;
mod json;
pub mod judge;
pub mod limits;
pub mod media;
pub mod notice;
pub mod pair;
pub mod read;
pub mod reader;
pub mod reading;
pub mod report;
pub mod rewrite;
pub mod search;
pub mod stabilize;
pub mod statement;
pub mod store;
pub mod structure;
pub mod summarize;
pub mod syntax;
pub mod tree;
pub mod upstream;
pub mod yaml;
