//! Sparse content: only its data is stored.

use std::io::{self, Read};

use crate::codec::{Decoder, Input, Note};
use crate::error::Fault;

/// Data extents with the holes between them read as zeros.
pub(super) struct Sparse {
    input: Input,
    extents: std::iter::Peekable<std::vec::IntoIter<(u64, u64)>>,
    position: u64,
    size: u64,
}

impl Sparse {
    pub(super) fn new(input: Input, extents: Vec<(u64, u64)>, size: u64) -> Self {
        Self { input, extents: extents.into_iter().peekable(), position: 0, size }
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.extents.next_if(|(start, length)| self.position >= start.saturating_add(*length)).is_some() {}
        let (until, data) = match self.extents.peek() {
            Some((start, length)) if self.position >= *start => (start.saturating_add(*length), true),
            Some((start, _)) => (*start, false),
            None => (self.size, false),
        };
        let left = until.min(self.size).saturating_sub(self.position);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(part) = buffer.get_mut(..count) else { return Ok(0) };
        let count = if data {
            match self.input.read(part)? {
                0 if count > 0 => return Err(Fault::new("the sparse data ends early").into()),
                count => count,
            }
        } else {
            part.fill(0);
            count
        };
        self.position = self.position.saturating_add(count as u64);
        Ok(count)
    }
}

impl Decoder for Sparse {
    fn notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
}
