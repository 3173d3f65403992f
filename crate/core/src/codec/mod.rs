//! Decoding: compressed bytes in, content out, and a note of everything that decoding would otherwise drop.
//!
//! Decoders stream. None allocates by what a header claims beyond the limit `window-bytes`.

use std::io::{self, BufRead as _, Read};

use crate::entry::{Coding, Field};
use crate::error::Fault;

mod gzip;
mod inflate;
mod input;
mod lzma;
mod streams;
#[cfg(test)]
mod tests;
mod zstd;

use gzip::GzipMember;
use inflate::Inflate;
pub use input::Input;
use input::Notes;
use streams::{Bzip2Stream, Streams, XzStream};
use zstd::ZstdFrame;

/// Something a decoder saw that is not content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A value that belongs to the container, e.g. bytes after the end.
    Field(Field),
    /// Damage that did not stop the decoding, e.g. a wrong checksum.
    Problem(Fault),
}

/// A running decoder.
pub trait Decoder: Read + Send {
    /// What was seen beside the content. Complete once the end has been read; taken, so asked once.
    fn notes(&mut self) -> Vec<Note>;
}

/// Starts decoding. `size` is the decoded length that the container states, which LZMA in a zip needs; of stored bytes
/// it is how many must be there.
///
/// # Errors
/// A header that cannot be decoded, or one that asks for more memory than the limit `window-bytes`.
pub fn decoder(coding: &Coding, input: Input, size: Option<u64>) -> Result<Box<dyn Decoder>, Fault> {
    Ok(match coding {
        Coding::Stored | Coding::Sparse(_) | Coding::Inline(_) => {
            Box::new(Plain { input, expected: size, position: 0 })
        }
        Coding::Deflate => {
            let complain = input.complain("deflate");
            Box::new(Single::new("deflate", Inflate::new(input), complain, Inflate::into_input))
        }
        Coding::Deflate64 => {
            let complain = input.complain("deflate64");
            Box::new(Single::new(
                "deflate64",
                Inflate64 { input, inflater: Box::new(deflate64::InflaterManaged::new()) },
                complain,
                |inner| inner.input,
            ))
        }
        Coding::Gzip => Box::new(Streams::<GzipMember>::new(input)),
        Coding::Bzip2 => Box::new(Streams::<Bzip2Stream>::new(input)),
        Coding::Xz => Box::new(Streams::<XzStream>::new(input)),
        Coding::Zstd => Box::new(Streams::<ZstdFrame>::new(input)),
        Coding::LzmaAlone => lzma::alone(input)?,
        Coding::LzmaZip(marker) => lzma::zip(input, *marker, size)?,
    })
}

/// Inflates an input: one raw deflate stream, whatever follows it left alone.
pub(crate) fn inflate(input: Input) -> inflate::Inflate {
    Inflate::new(input)
}

/// No coding at all.
struct Plain {
    input: Input,
    expected: Option<u64>,
    position: u64,
}

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.position = self.position.saturating_add(count as u64);
        match self.expected {
            Some(size) if count == 0 && !buffer.is_empty() && self.position < size => {
                let position = self.position;
                Err(Fault::at(position, format!("the content ends after {position} of its {size} bytes")).into())
            }
            _ => Ok(count),
        }
    }
}

impl Decoder for Plain {
    fn notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
}

/// deflate64 whose end is noticed: the crate's own reader takes a cut stream for a complete one.
struct Inflate64 {
    input: Input,
    inflater: Box<deflate64::InflaterManaged>,
}

impl Read for Inflate64 {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let chunk = self.input.fill_buf()?;
            let ended = chunk.is_empty();
            let result = self.inflater.inflate(chunk, buffer);
            self.input.consume(result.bytes_consumed);
            if result.bytes_written > 0 {
                return Ok(result.bytes_written);
            }
            if result.data_error || self.inflater.errored() {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "invalid deflate64"));
            }
            if self.inflater.finished() {
                return Ok(0);
            }
            if ended {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

/// One compressed stream that fills its range; what follows it is noted.
struct Single<R> {
    name: &'static str,
    reader: Option<R>,
    complain: Box<dyn Fn(io::Error) -> Fault + Send>,
    into_input: fn(R) -> Input,
    notes: Notes,
    /// Met once, it is met again: some decoders panic when they are asked again after damage.
    failed: Option<Fault>,
}

impl<R: Read> Single<R> {
    fn new(
        name: &'static str,
        reader: R,
        complain: impl Fn(io::Error) -> Fault + Send + 'static,
        into_input: fn(R) -> Input,
    ) -> Self {
        let (complain, notes) = (Box::new(complain), Notes::default());
        Self { name, reader: Some(reader), complain, into_input, notes, failed: None }
    }

    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        let Some(reader) = &mut self.reader else { return Ok(0) };
        let count = reader.read(buffer).map_err(&self.complain)?;
        if count == 0
            && !buffer.is_empty()
            && let Some(reader) = self.reader.take()
        {
            (self.into_input)(reader).rest(self.name, &mut self.notes)?;
        }
        Ok(count)
    }
}

impl<R: Read> Read for Single<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(fault) = &self.failed {
            return Err(fault.clone().into());
        }
        self.step(buffer).map_err(|fault| {
            self.failed = Some(fault.clone());
            self.reader = None;
            fault.into()
        })
    }
}

impl<R: Read + Send> Decoder for Single<R> {
    fn notes(&mut self) -> Vec<Note> {
        self.notes.take()
    }
}
