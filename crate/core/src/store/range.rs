//! The stored bytes of a content, read forward in chunks.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::{Base, Block, CHUNK, Store};

/// A range of a base, read forward.
pub struct Range {
    pub(super) store: Store,
    pub(super) base: Arc<Base>,
    pub(super) position: u64,
    pub(super) end: u64,
    /// Bytes of the artifact, read ahead.
    pub(super) chunk: Vec<u8>,
    /// Or a shared block of a decoded base.
    pub(super) block: Block,
    /// Next byte in whichever of the two is in use.
    pub(super) within: usize,
}

impl Range {
    fn rest(&self) -> &[u8] {
        let bytes: &[u8] = if self.base.id == 0 { &self.chunk } else { &self.block };
        let rest = bytes.get(self.within..).unwrap_or_default();
        let left = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(usize::MAX);
        rest.get(..left).unwrap_or(rest)
    }
}

impl BufRead for Range {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest().is_empty() && self.position < self.end {
            if self.base.id == 0 {
                let wanted = usize::try_from(self.end - self.position).unwrap_or(usize::MAX).min(CHUNK);
                self.chunk.resize(wanted, 0);
                let count = self.store.inner.source.read_at(self.position, &mut self.chunk)?;
                self.chunk.truncate(count);
                self.within = 0;
            } else {
                (self.block, self.within) = self.store.bytes(&self.base, self.position)?;
            }
        }
        Ok(self.rest())
    }

    fn consume(&mut self, amount: usize) {
        self.within = self.within.saturating_add(amount);
        self.position = self.position.saturating_add(amount as u64);
    }
}

impl Read for Range {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), available.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}
