//! Where bytes come from: an artifact, its source, and the two sides of a comparison.

use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Random-access bytes of known length: a file, a browser `Blob`, memory.
///
/// A source is read again whenever its content is asked for again, so it must not change meanwhile.
pub trait Source: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// Whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads up to `buffer.len()` bytes at `offset`; 0 only at or after the end.
    ///
    /// # Errors
    /// Whatever the device says, e.g. a file that vanished.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A source in memory.
impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Vec::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|start| self.get(start..)).unwrap_or(&[]);
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }
}

/// One input file with its name.
#[derive(Clone)]
pub struct Artifact {
    /// The file's name without folders, as given. Only ever a hint: bytes decide.
    pub name: String,
    /// Its bytes.
    pub source: Arc<dyn Source>,
}

impl Artifact {
    /// An artifact from any source.
    pub fn new(name: impl Into<String>, source: impl Source + 'static) -> Self {
        Self { name: name.into(), source: Arc::new(source) }
    }
}

/// Which of the two artifacts; on screen **A** (reference) and **B** (candidate).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// A, the reference.
    Left,
    /// B, the candidate.
    Right,
}

impl Side {
    /// Both, in order.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    /// The name on screen.
    pub fn letter(self) -> char {
        match self {
            Self::Left => 'A',
            Self::Right => 'B',
        }
    }
}

/// One value for each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sides<T> {
    /// A, the reference.
    pub left: T,
    /// B, the candidate.
    pub right: T,
}

impl<T> Sides<T> {
    /// The value of one side.
    pub fn get(&self, side: Side) -> &T {
        match side {
            Side::Left => &self.left,
            Side::Right => &self.right,
        }
    }

    /// The value of one side, to change.
    pub fn get_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Left => &mut self.left,
            Side::Right => &mut self.right,
        }
    }

    /// Both values by reference.
    pub fn as_ref(&self) -> Sides<&T> {
        Sides { left: &self.left, right: &self.right }
    }

    /// The same function on each side.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Sides<U> {
        Sides { left: f(self.left), right: f(self.right) }
    }
}
