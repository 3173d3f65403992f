//! Files that hold several streams back to back, and the two kinds that need nothing more: bzip2 and xz.

use std::io::{self, Read};

use super::input::{Input, Notes, cut};
use super::{Decoder, Note};
use crate::entry::{Severity, Value};
use crate::error::Fault;

/// One of several streams that a file may hold back to back: a gzip member, an xz stream, a zstd frame.
pub(super) trait Stream: Read + Send + Sized {
    /// The format's name in sentences.
    const NAME: &'static str;
    /// What one stream is called.
    const PART: &'static str;
    /// Bytes of the magic.
    const MAGIC: usize;
    /// Zero bytes between two streams must be a multiple of this; 0 if there can be none.
    const PADDING: u64 = 0;
    /// Whether these bytes begin another stream.
    fn begins(head: &[u8]) -> bool;
    /// Reads what the decoder does not report of the stream's header, and starts the decoder.
    fn open(input: Input, index: u64, notes: &mut Notes) -> Result<Self, Fault>;
    /// Reads and checks what follows the data, and gives the input back.
    fn close(self, index: u64, notes: &mut Notes) -> Result<Input, Fault>;
}

/// Streams one after another, then padding or trailing bytes.
pub(super) struct Streams<S> {
    next: Option<Input>,
    current: Option<S>,
    complain: Box<dyn Fn(io::Error) -> Fault + Send>,
    index: u64,
    notes: Notes,
    /// Met once, it is met again: some decoders panic when they are asked again after damage.
    failed: Option<Fault>,
}

impl<S: Stream> Streams<S> {
    pub(super) fn new(input: Input) -> Self {
        let complain = Box::new(input.complain(S::NAME));
        Self { next: Some(input), current: None, complain, index: 0, notes: Notes::default(), failed: None }
    }

    fn step(&mut self, buffer: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if let Some(stream) = &mut self.current {
                let count = stream.read(buffer).map_err(&self.complain)?;
                if count > 0 {
                    return Ok(count);
                }
                if let Some(stream) = self.current.take() {
                    self.next = Some(stream.close(self.index, &mut self.notes)?);
                    self.index += 1;
                }
            }
            let Some(mut input) = self.next.take() else { return Ok(0) };
            if self.index > 0 && !self.another(&mut input)? {
                if self.index > 1 {
                    self.notes.field(format!("{}s", S::PART), Value::Number(self.index.into()));
                }
                input.rest(S::NAME, &mut self.notes)?;
                return Ok(0);
            }
            let most = input.most_streams();
            if self.index >= most {
                // Streams without content cost time and give nothing that a budget could count.
                let message = format!("stopped at the limit streams: {most} of them follow one another");
                return Err(Fault { offset: Some(input.position()), ..Fault::limit("streams", message) });
            }
            self.current = Some(S::open(input, self.index, &mut self.notes)?);
        }
    }

    /// Whether another stream follows, possibly after padding.
    fn another(&mut self, input: &mut Input) -> Result<bool, Fault> {
        let start = input.position();
        if S::PADDING == 0 {
            return Ok(S::begins(input.peek(S::MAGIC)?));
        }
        let zeros = input.zeros()?;
        let begins = S::begins(input.peek(S::MAGIC)?);
        if zeros == 0 {
            return Ok(begins);
        }
        if begins {
            self.notes.describe(S::PART, self.index, "padding-before", Value::Number(zeros.into()));
        } else {
            self.notes.field("zero-padding", Value::Number(zeros.into()));
        }
        if !zeros.is_multiple_of(S::PADDING) {
            let message = format!("{zeros} bytes of padding are not a multiple of {}", S::PADDING);
            self.notes.problem(Fault::at(start, message).raises_as(Severity::High, "XZ-02"));
        }
        Ok(begins)
    }
}

impl<S: Stream> Read for Streams<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if let Some(fault) = &self.failed {
            return Err(fault.clone().into());
        }
        self.step(buffer).map_err(|fault| {
            let fault = if fault.limit.is_some() { fault } else { fault.raises(cut(S::NAME)) };
            self.failed = Some(fault.clone());
            (self.current, self.next) = (None, None);
            fault.into()
        })
    }
}

impl<S: Stream> Decoder for Streams<S> {
    fn notes(&mut self) -> Vec<Note> {
        self.notes.take()
    }
}

/// One bzip2 stream; the decoder checks the CRCs of its blocks and of the whole.
pub(super) struct Bzip2Stream(bzip2::bufread::BzDecoder<Input>);

impl Read for Bzip2Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Stream for Bzip2Stream {
    const NAME: &'static str = "bzip2";
    const PART: &'static str = "stream";
    const MAGIC: usize = 3;

    fn begins(head: &[u8]) -> bool {
        head.starts_with(b"BZh")
    }

    fn open(mut input: Input, index: u64, notes: &mut Notes) -> Result<Self, Fault> {
        if let Some(level) = input.peek(4)?.get(3) {
            notes.describe(Self::PART, index, "level", Value::Number(level.saturating_sub(b'0').into()));
        }
        Ok(Self(bzip2::bufread::BzDecoder::new(input)))
    }

    fn close(self, _: u64, _: &mut Notes) -> Result<Input, Fault> {
        Ok(self.0.into_inner())
    }
}

/// One xz stream; the decoder checks its integrity check, index and footer.
pub(super) struct XzStream(lzma_rust2::XzReader<Input>);

impl Read for XzStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Stream for XzStream {
    const NAME: &'static str = "xz";
    const PART: &'static str = "stream";
    const MAGIC: usize = 6;
    const PADDING: u64 = 4;

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0])
    }

    fn open(mut input: Input, index: u64, notes: &mut Notes) -> Result<Self, Fault> {
        if let Some(check) = input.peek(8)?.get(7) {
            let name = match check & 15 {
                0 => "none",
                1 => "CRC32",
                4 => "CRC64",
                10 => "SHA-256",
                _ => "unknown",
            };
            notes.describe(Self::PART, index, "check", Value::text(name));
        }
        let most = input.most_window_kib();
        Ok(Self(lzma_rust2::XzReader::new_mem_limit(input, false, most)))
    }

    fn close(self, _: u64, _: &mut Notes) -> Result<Input, Fault> {
        Ok(self.0.into_inner())
    }
}
