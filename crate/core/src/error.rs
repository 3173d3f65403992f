//! What can go wrong: an [`Error`] ends the work, a [`Problem`] is noted and the work goes on.

use std::fmt;

use crate::entry::Severity;

/// The work cannot go on: the artifact itself cannot be read, or the caller asked for nonsense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// A whole sentence for the user.
    pub message: String,
}

impl Error {
    /// An error from a sentence.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Why one container or content could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happened, as a clause without the entry's name: `the directory ends early`.
    pub message: String,
    /// Byte offset in the bytes being parsed, where one helps.
    pub offset: Option<u64>,
    /// The limit that stopped the work, by name, when it was one.
    pub limit: Option<&'static str>,
    /// The finding that it is a case of, by id, and how bad this case is where it is not as bad as its kind.
    pub finding: Option<(&'static str, Option<Severity>)>,
}

impl Fault {
    /// A fault without an offset.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), offset: None, limit: None, finding: None }
    }

    /// A fault at a byte.
    pub fn at(offset: u64, message: impl Into<String>) -> Self {
        Self { message: message.into(), offset: Some(offset), limit: None, finding: None }
    }

    /// A stop at a named limit.
    pub fn limit(name: &'static str, message: impl Into<String>) -> Self {
        Self { message: message.into(), offset: None, limit: Some(name), finding: None }
    }

    /// The same as a case of a finding; the first to say so knows best.
    #[must_use]
    pub fn raises(mut self, id: &'static str) -> Self {
        self.finding.get_or_insert((id, None));
        self
    }

    /// The same as a case that is not as bad, or worse, than its kind.
    #[must_use]
    pub fn raises_as(mut self, severity: Severity, id: &'static str) -> Self {
        self.finding.get_or_insert((id, Some(severity)));
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match self.offset {
            Some(offset) => write!(f, " (byte {offset})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

/// A fault travels through `io::Read` of the decoders, and back out as itself.
impl From<Fault> for std::io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(fault) => fault.clone(),
            None => Self::new(error.to_string()),
        }
    }
}
