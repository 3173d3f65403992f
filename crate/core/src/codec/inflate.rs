//! Raw deflate (RFC 1951) that gives every byte before damage: what a reader that stops early never notices.

use std::io::{self, BufRead as _, Read};

use flate2::{Decompress, FlushDecompress, Status};

use super::input::Input;

/// Inflates an input.
pub(crate) struct Inflate {
    input: Input,
    inner: Decompress,
    damaged: bool,
}

impl Inflate {
    pub(super) fn new(input: Input) -> Self {
        Self { input, inner: Decompress::new(false), damaged: false }
    }

    /// The input, where the stream ended.
    pub(crate) fn into_input(self) -> Input {
        self.input
    }
}

impl Read for Inflate {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.damaged && !buffer.is_empty() {
            let chunk = self.input.fill_buf()?;
            let ended = chunk.is_empty();
            let flush = if ended { FlushDecompress::Finish } else { FlushDecompress::None };
            let before = (self.inner.total_in(), self.inner.total_out());
            let result = self.inner.decompress(chunk, buffer, flush);
            let count = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
            self.input.consume(count(self.inner.total_in(), before.0));
            self.damaged = result.is_err();
            match (count(self.inner.total_out(), before.1), result) {
                (0, Ok(Status::StreamEnd)) => return Ok(0),
                (0, Ok(_)) if ended => return Err(io::ErrorKind::UnexpectedEof.into()),
                (0, _) => {}
                (given, _) => return Ok(given),
            }
        }
        if self.damaged { Err(io::Error::new(io::ErrorKind::InvalidInput, "corrupt deflate stream")) } else { Ok(0) }
    }
}
