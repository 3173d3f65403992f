//! zstd, RFC 8878.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::input::{Input, Notes, Window};
use super::streams::Stream;
use crate::entry::Value;
use crate::error::Fault;

/// One zstd frame (RFC 8878), or a skippable one, which has no content but may carry anything.
pub(super) enum ZstdFrame {
    Frame(Box<ruzstd::decoding::StreamingDecoder<Input, ruzstd::decoding::FrameDecoder>>, ZstdSize),
    Skipped(Input),
}

/// The decoded size that a frame states, if it does, and the one it has.
pub(super) struct ZstdSize {
    stated: Option<u64>,
    actual: u64,
    /// Held as long as the frame is decoded.
    _window: Window,
}

impl Read for ZstdFrame {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Self::Frame(frame, size) = self else { return Ok(0) };
        let count = frame.read(buffer)?;
        size.actual = size.actual.saturating_add(count as u64);
        Ok(count)
    }
}

impl ZstdFrame {
    fn skippable(head: &[u8]) -> bool {
        matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
    }

    /// Describes the header of the frame, and gives the size it states and the window it asks for (RFC 8878, 3.1.1.1).
    fn header(head: &[u8], index: u64, notes: &mut Notes) -> (Option<u64>, u64) {
        let mut window = 0;
        let size = Self::read_header(head, index, notes, &mut window);
        // A frame in one segment has its content for its window.
        (size, if head.get(4).is_some_and(|descriptor| descriptor & 0x20 != 0) { size.unwrap_or(0) } else { window })
    }

    fn read_header(head: &[u8], index: u64, notes: &mut Notes, window_size: &mut u64) -> Option<u64> {
        let mut rest = head.get(4..)?;
        let mut number = |count: usize| {
            let (bytes, after) = rest.split_at_checked(count)?;
            rest = after;
            Some(bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)))
        };
        let descriptor = number(1)?;
        notes.describe(Self::PART, index, "descriptor", Value::Number(descriptor.into()));
        let single = descriptor & 0x20 != 0;
        if !single {
            let window = number(1)?;
            let base = 1_u64 << (10 + (window >> 3));
            *window_size = base + (base >> 3) * (window & 7);
            notes.describe(Self::PART, index, "window", Value::Number((*window_size).into()));
        }
        let dictionary = number([0, 1, 2, 4].get(usize::try_from(descriptor & 3).ok()?).copied()?)?;
        if dictionary != 0 {
            notes.describe(Self::PART, index, "dictionary", Value::Number(dictionary.into()));
        }
        match descriptor >> 6 {
            0 if single => number(1),
            0 => None,
            1 => number(2).map(|size| size + 256),
            2 => number(4),
            _ => number(8),
        }
    }
}

impl Stream for ZstdFrame {
    const NAME: &'static str = "zstd";
    const PART: &'static str = "frame";
    const MAGIC: usize = 4;

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || Self::skippable(head)
    }

    fn open(mut input: Input, index: u64, notes: &mut Notes) -> Result<Self, Fault> {
        let start = input.position();
        if Self::skippable(input.peek(Self::MAGIC)?) {
            let [magic, _, _, _, a, b, c, d] = input.exact::<8>("a skippable frame")?;
            let size = u32::from_le_bytes([a, b, c, d]);
            let mut hash = Sha256::new();
            let copied = io::copy(&mut input.by_ref().take(size.into()), &mut HashWriter(&mut hash))?;
            if copied < size.into() {
                return Err(Fault::at(start, "the data ends inside a skippable frame"));
            }
            notes.describe(Self::PART, index, "skippable-magic", Value::Number(magic.into()));
            notes.describe(Self::PART, index, "skippable-bytes", Value::Number(size.into()));
            notes.describe(Self::PART, index, "skippable-sha256", Value::Digest(hash.finalize().into()));
            return Ok(Self::Skipped(input));
        }
        let (stated, window) = Self::header(input.peek(18)?, index, notes);
        let complain = input.complain(Self::NAME);
        let most = input.most_window();
        let window = input.window(window).map_err(|fault| fault.raises("ZST-03"))?;
        let frame = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(input, most)
            .map_err(|error| complain(io::Error::other(error)))?;
        Ok(Self::Frame(Box::new(frame), ZstdSize { stated, actual: 0, _window: window }))
    }

    fn close(self, index: u64, notes: &mut Notes) -> Result<Input, Fault> {
        let (frame, size) = match self {
            Self::Skipped(input) => return Ok(input),
            Self::Frame(frame, size) => (frame, size),
        };
        let (input, decoder) = frame.into_parts();
        if let Some(stated) = size.stated
            && stated != size.actual
        {
            let actual = size.actual;
            notes.describe(Self::PART, index, "wrong-size", Value::Number(stated.into()));
            let message = format!("the zstd size is {stated}, the content's is {actual}");
            notes.problem(Fault::at(input.position(), message).raises("ZST-04"));
        }
        let (stated, actual) = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
        match (stated, actual) {
            (Some(stated), Some(actual)) if stated != actual => {
                notes.describe(Self::PART, index, "wrong-checksum", Value::Number(stated.into()));
                let message = format!("the zstd checksum is {stated:08x}, the content's is {actual:08x}");
                notes.problem(Fault::at(input.position(), message).raises("ZST-04"));
            }
            (Some(_), _) => notes.describe(Self::PART, index, "checksum", Value::text("present")),
            (None, _) => {}
        }
        Ok(input)
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
