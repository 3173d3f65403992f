//! How a walk ends.

use crate::reader::End;

/// The first thing that a reader would report as an error and go on.
#[derive(Default)]
pub(super) struct Trouble(Option<String>);

impl Trouble {
    /// Remembers it.
    pub(super) fn note(&mut self, what: impl Into<String>) {
        self.0.get_or_insert_with(|| what.into());
    }

    /// The same for something that may have failed.
    pub(super) fn check(&mut self, result: Result<(), String>) {
        if let Err(what) = result {
            self.note(what);
        }
    }

    /// The end of a walk that got this far.
    pub(super) fn end(self) -> End {
        self.0.map_or(End::Whole, End::Stopped)
    }

    /// The end of a walk that stops here.
    pub(super) fn stop(mut self, what: &str) -> End {
        self.note(what);
        self.end()
    }
}
