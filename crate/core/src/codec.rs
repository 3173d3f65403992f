//! Decoding: compressed bytes in, content out, and a note of everything that decoding would otherwise drop.
//!
//! Decoders stream. None allocates by what a header claims beyond [`MOST_WINDOW`].

use std::borrow::Cow;
use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::DeflateDecoder;
use sha2::{Digest as _, Sha256};

use crate::entry::{Coding, Field, Value};
use crate::error::Fault;

/// The largest dictionary or window a stream may ask for, in bytes: xz -9 wants 64 MiB, zstd --long=27 128 MiB.
pub const MOST_WINDOW: u64 = 256 << 20;

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

/// The compressed bytes, counted.
pub struct Input {
    inner: Box<dyn BufRead + Send>,
    consumed: Arc<AtomicU64>,
}

impl Input {
    /// Counts what is consumed of `inner`.
    pub fn new(inner: Box<dyn BufRead + Send>) -> Self {
        Self { inner, consumed: Arc::default() }
    }

    /// The running count of consumed bytes, shared.
    pub fn consumed(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.consumed)
    }

    fn position(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Reads to the end and says what was there, if anything: how much, and its digest.
    fn rest(&mut self) -> io::Result<Option<Vec<Note>>> {
        let start = self.position();
        let (mut count, mut zero, mut hash) = (0_u64, true, Sha256::new());
        loop {
            let chunk = self.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            zero = zero && chunk.iter().all(|byte| *byte == 0);
            hash.update(chunk);
            let length = chunk.len();
            count = count.saturating_add(length as u64);
            self.consume(length);
        }
        if count == 0 {
            return Ok(None);
        }
        if zero {
            return Ok(Some(vec![Note::Field(Field::new("zero-padding", Value::Number(count.into())))]));
        }
        Ok(Some(vec![
            Note::Field(Field::new("trailing-bytes", Value::Number(count.into()))),
            Note::Field(Field::new("trailing-sha256", Value::Digest(hash.finalize().into()))),
            Note::Problem(Fault::at(start, format!("{count} bytes follow the end of the compressed data"))),
        ]))
    }

    fn exact<const N: usize>(&mut self, what: &str) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        let position = self.position();
        match self.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Fault::at(position, format!("the data ends inside {what}")).into())
            }
            Err(error) => Err(error),
        }
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.consumed.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.inner.consume(amount);
        self.consumed.fetch_add(amount as u64, Ordering::Relaxed);
    }
}

/// Starts decoding. `size` is the decoded length that the container states, which LZMA in a zip needs.
///
/// # Errors
/// A header that cannot be decoded, or one that asks for more memory than [`MOST_WINDOW`].
pub fn decoder(coding: &Coding, input: Input, size: Option<u64>) -> Result<Box<dyn Decoder>, Fault> {
    Ok(match coding {
        Coding::Stored | Coding::Sparse(_) | Coding::Inline(_) => Box::new(Plain(input)),
        Coding::Deflate => Box::new(Single::new(DeflateDecoder::new(input), "deflate", |inner| inner.into_inner())),
        Coding::Deflate64 => Box::new(Single::new(
            deflate64::Deflate64Decoder::with_buffer(input),
            "deflate64",
            deflate64::Deflate64Decoder::into_inner,
        )),
        Coding::Gzip => Box::new(Streams::<GzipMember>::new(input)),
        Coding::Bzip2 => Box::new(Streams::<Bzip2Stream>::new(input)),
        Coding::Xz => Box::new(Streams::<XzStream>::new(input)),
        Coding::Zstd => Box::new(Streams::<ZstdFrame>::new(input)),
        Coding::LzmaAlone => {
            let reader = lzma_rust2::LzmaReader::new_mem_limit(input, window_kib(), None).map_err(decoding("lzma"))?;
            Box::new(Single::new(reader, "lzma", lzma_rust2::LzmaReader::into_inner))
        }
        Coding::LzmaZip(marker) => lzma_zip(input, *marker, size)?,
    })
}

fn window_kib() -> u32 {
    u32::try_from(MOST_WINDOW >> 10).unwrap_or(u32::MAX)
}

/// A decoder's own words, with ours in front.
fn decoding(name: &'static str) -> impl Fn(io::Error) -> Fault {
    move |error| match error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
        Some(fault) => fault.clone(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => Fault::new(format!("the {name} data ends early")),
        None => Fault::new(format!("the {name} data is damaged: {error}")),
    }
}

/// LZMA in a zip (APPNOTE 5.8.8): version, size of the properties, the properties, then the raw stream.
fn lzma_zip(mut input: Input, marker: bool, size: Option<u64>) -> Result<Box<dyn Decoder>, Fault> {
    let [_, _, length_low, length_high] = input.exact::<4>("the LZMA header")?;
    if (length_low, length_high) != (5, 0) {
        return Err(Fault::at(2, "the LZMA properties do not have 5 bytes"));
    }
    let [properties, a, b, c, d] = input.exact::<5>("the LZMA header")?;
    let dictionary = u32::from_le_bytes([a, b, c, d]);
    if u64::from(dictionary) > MOST_WINDOW {
        return Err(Fault::limit("window", format!("the LZMA data asks for a window of {dictionary} bytes")));
    }
    let size = if marker { u64::MAX } else { size.unwrap_or(u64::MAX) };
    let reader =
        lzma_rust2::LzmaReader::new_with_props(input, size, properties, dictionary, None).map_err(decoding("lzma"))?;
    Ok(Box::new(Single::new(reader, "lzma", lzma_rust2::LzmaReader::into_inner)))
}

/// No coding at all.
struct Plain(Input);

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Decoder for Plain {
    fn notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
}

/// One compressed stream that fills its range; what follows it is noted.
struct Single<R> {
    reader: Option<R>,
    name: &'static str,
    into_input: fn(R) -> Input,
    notes: Vec<Note>,
}

impl<R: Read> Single<R> {
    fn new(reader: R, name: &'static str, into_input: fn(R) -> Input) -> Self {
        Self { reader: Some(reader), name, into_input, notes: Vec::new() }
    }
}

impl<R: Read> Read for Single<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(reader) = &mut self.reader else { return Ok(0) };
        let count = reader.read(buffer).map_err(decoding(self.name))?;
        if count == 0
            && !buffer.is_empty()
            && let Some(reader) = self.reader.take()
        {
            self.notes.extend((self.into_input)(reader).rest()?.unwrap_or_default());
        }
        Ok(count)
    }
}

impl<R: Read + Send> Decoder for Single<R> {
    fn notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }
}

/// One of several streams that a file may hold back to back: a gzip member, an xz stream, a zstd frame.
trait Stream: Read + Send + Sized {
    /// The format's name in sentences, and what one stream is called.
    const NAME: &'static str;
    const PART: &'static str;
    /// Whether these bytes begin another stream.
    fn begins(head: &[u8]) -> bool;
    /// Reads the stream's header. `Err` gives the input back when there is no stream at all, only notes.
    fn open(input: Input, index: u64, notes: &mut Vec<Note>) -> Result<Self, Fault>;
    /// Reads and checks what follows the data, and gives the input back.
    fn close(self, index: u64, notes: &mut Vec<Note>) -> Result<Input, Fault>;
}

/// Streams one after another, then padding or trailing bytes.
struct Streams<S> {
    next: Option<Input>,
    current: Option<S>,
    index: u64,
    notes: Vec<Note>,
}

/// More than this many streams are counted but not described one by one.
const MOST_DESCRIBED: u64 = 1000;

impl<S> Streams<S> {
    fn new(input: Input) -> Self {
        Self { next: Some(input), current: None, index: 0, notes: Vec::new() }
    }
}

impl<S: Stream> Read for Streams<S> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(stream) = &mut self.current {
                let count = stream.read(buffer).map_err(decoding(S::NAME))?;
                if count > 0 {
                    return Ok(count);
                }
                if let Some(stream) = self.current.take() {
                    self.next = Some(stream.close(self.index, &mut self.notes)?);
                    self.index += 1;
                }
            }
            let Some(mut input) = self.next.take() else { return Ok(0) };
            let head = input.fill_buf()?;
            if self.index > 0 && !S::begins(head) {
                if self.index > 1 {
                    let name = format!("{}s", S::PART);
                    self.notes.push(Note::Field(Field::new(name, Value::Number(self.index.into()))));
                }
                self.notes.extend(input.rest()?.unwrap_or_default());
                return Ok(0);
            }
            self.current = Some(S::open(input, self.index, &mut self.notes)?);
        }
    }
}

impl<S: Stream> Decoder for Streams<S> {
    fn notes(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.notes)
    }
}

/// A field about the stream at `index`; the first has the plain name.
fn describe(notes: &mut Vec<Note>, part: &str, index: u64, name: &'static str, value: Value) {
    if index < MOST_DESCRIBED {
        let name = if index == 0 { Cow::Borrowed(name) } else { Cow::Owned(format!("{part} {}: {name}", index + 1)) };
        notes.push(Note::Field(Field::new(name, value)));
    }
}

/// One member of a gzip file (RFC 1952).
struct GzipMember {
    body: DeflateDecoder<Input>,
    crc: crc32fast::Hasher,
    size: u32,
}

impl Read for GzipMember {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.crc.update(buffer.get(..count).unwrap_or(&[]));
        // ISIZE is the length modulo 2^32 (RFC 1952, 2.3.1).
        self.size = self.size.wrapping_add(u32::try_from(count).unwrap_or(u32::MAX));
        Ok(count)
    }
}

impl Stream for GzipMember {
    const NAME: &'static str = "gzip";
    const PART: &'static str = "member";

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&[0x1f, 0x8b])
    }

    fn open(mut input: Input, index: u64, notes: &mut Vec<Note>) -> Result<Self, Fault> {
        let start = input.position();
        let [id1, id2, method, flags, m0, m1, m2, m3, extra_flags, system] = input.exact::<10>("the gzip header")?;
        if (id1, id2) != (0x1f, 0x8b) {
            return Err(Fault::at(start, "this is not a gzip member"));
        }
        if method != 8 {
            return Err(Fault::at(start + 2, format!("the compression method is {method}, not deflate")));
        }
        let mut say = |name, value| describe(notes, Self::PART, index, name, value);
        let mut covered = crc32fast::Hasher::new();
        covered.update(&[id1, id2, method, flags, m0, m1, m2, m3, extra_flags, system]);
        match u32::from_le_bytes([m0, m1, m2, m3]) {
            0 => {}
            mtime => say("mtime", Value::Time(mtime.into(), 0)),
        }
        say("extra-flags", Value::Number(extra_flags.into()));
        say("os", Value::Number(system.into()));
        // Bits: 1 text, 2 header CRC, 4 extra, 8 name, 16 comment; the rest is reserved.
        if flags & 0b1110_0001 != 0 {
            say("flags", Value::Number((flags & 0b1110_0001).into()));
        }
        if flags & 4 != 0 {
            let length = input.exact::<2>("the gzip extra field")?;
            covered.update(&length);
            let mut extra = Vec::new();
            let wanted = u16::from_le_bytes(length);
            input.by_ref().take(wanted.into()).read_to_end(&mut extra)?;
            if extra.len() < usize::from(wanted) {
                return Err(Fault::at(input.position(), "the data ends inside the gzip extra field"));
            }
            covered.update(&extra);
            say("extra", Value::Bytes(extra));
        }
        for (bit, name) in [(8, "name"), (16, "comment")] {
            if flags & bit != 0 {
                let mut text = Vec::new();
                input.by_ref().take(1 << 20).read_until(0, &mut text)?;
                covered.update(&text);
                if text.pop() != Some(0) {
                    return Err(Fault::at(input.position(), format!("the gzip {name} has no end")));
                }
                say(name, Value::Bytes(text));
            }
        }
        let mut wrong = None;
        if flags & 2 != 0 {
            let stated = u16::from_le_bytes(input.exact::<2>("the gzip header CRC")?);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "CRC16 is the low half of the CRC-32 (RFC 1952, 2.3.1)"
            )]
            let right = covered.finalize() as u16;
            if stated == right {
                say("header-crc", Value::text("present"));
            } else {
                say("header-crc", Value::Number(stated.into()));
                wrong = Some(Fault::at(start, "the gzip header CRC is wrong"));
            }
        }
        notes.extend(wrong.map(Note::Problem));
        Ok(Self { body: DeflateDecoder::new(input), crc: crc32fast::Hasher::new(), size: 0 })
    }

    fn close(self, index: u64, notes: &mut Vec<Note>) -> Result<Input, Fault> {
        let mut input = self.body.into_inner();
        let start = input.position();
        let [a, b, c, d, e, f, g, h] = input.exact::<8>("the gzip trailer")?;
        let (crc, size) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        let right = self.crc.finalize();
        if crc != right {
            describe(notes, Self::PART, index, "wrong-crc32", Value::Number(crc.into()));
            notes.push(Note::Problem(Fault::at(
                start,
                format!("the gzip CRC is {crc:08x}, the content's is {right:08x}"),
            )));
        }
        if size != self.size {
            describe(notes, Self::PART, index, "wrong-size", Value::Number(size.into()));
            let actual = self.size;
            notes.push(Note::Problem(Fault::at(
                start + 4,
                format!("the gzip size is {size}, the content's is {actual}"),
            )));
        }
        Ok(input)
    }
}

/// One bzip2 stream; the decoder checks the CRCs of its blocks and of the whole.
struct Bzip2Stream(bzip2::bufread::BzDecoder<Input>);

impl Read for Bzip2Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Stream for Bzip2Stream {
    const NAME: &'static str = "bzip2";
    const PART: &'static str = "stream";

    fn begins(head: &[u8]) -> bool {
        head.starts_with(b"BZh")
    }

    fn open(mut input: Input, index: u64, notes: &mut Vec<Note>) -> Result<Self, Fault> {
        if let Some(level) = input.fill_buf()?.get(3) {
            describe(notes, Self::PART, index, "level", Value::Number(level.saturating_sub(b'0').into()));
        }
        Ok(Self(bzip2::bufread::BzDecoder::new(input)))
    }

    fn close(self, _: u64, _: &mut Vec<Note>) -> Result<Input, Fault> {
        Ok(self.0.into_inner())
    }
}

/// One xz stream; the decoder checks its integrity check, index and footer.
struct XzStream(lzma_rust2::XzReader<Input>);

impl Read for XzStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Stream for XzStream {
    const NAME: &'static str = "xz";
    const PART: &'static str = "stream";

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0])
    }

    fn open(mut input: Input, index: u64, notes: &mut Vec<Note>) -> Result<Self, Fault> {
        if let Some(check) = input.fill_buf()?.get(7) {
            let name = match check & 15 {
                0 => "none",
                1 => "CRC32",
                4 => "CRC64",
                10 => "SHA-256",
                _ => "unknown",
            };
            describe(notes, Self::PART, index, "check", Value::text(name));
        }
        Ok(Self(lzma_rust2::XzReader::new_mem_limit(input, false, window_kib())))
    }

    fn close(self, _: u64, _: &mut Vec<Note>) -> Result<Input, Fault> {
        Ok(self.0.into_inner())
    }
}

/// One zstd frame, or a skippable one, which has no content but may carry anything.
struct ZstdFrame {
    frame: Option<ruzstd::decoding::StreamingDecoder<Input, ruzstd::decoding::FrameDecoder>>,
    skipped: Option<Input>,
}

impl Read for ZstdFrame {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.frame.as_mut().map_or(Ok(0), |frame| frame.read(buffer))
    }
}

impl ZstdFrame {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

    fn skippable(head: &[u8]) -> bool {
        matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
    }
}

impl Stream for ZstdFrame {
    const NAME: &'static str = "zstd";
    const PART: &'static str = "frame";

    fn begins(head: &[u8]) -> bool {
        head.starts_with(&Self::MAGIC) || Self::skippable(head)
    }

    fn open(mut input: Input, index: u64, notes: &mut Vec<Note>) -> Result<Self, Fault> {
        let start = input.position();
        if Self::skippable(input.fill_buf()?) {
            let [magic, _, _, _, a, b, c, d] = input.exact::<8>("a skippable frame")?;
            let size = u32::from_le_bytes([a, b, c, d]);
            let mut hash = Sha256::new();
            let copied = io::copy(&mut input.by_ref().take(size.into()), &mut HashWriter(&mut hash))?;
            if copied < size.into() {
                return Err(Fault::at(start, "the data ends inside a skippable frame"));
            }
            describe(notes, Self::PART, index, "skippable-magic", Value::Number(magic.into()));
            describe(notes, Self::PART, index, "skippable-bytes", Value::Number(size.into()));
            describe(notes, Self::PART, index, "skippable-sha256", Value::Digest(hash.finalize().into()));
            return Ok(Self { frame: None, skipped: Some(input) });
        }
        let frame = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(input, MOST_WINDOW)
            .map_err(|error| Fault::at(start, format!("the zstd data is damaged: {error}")))?;
        Ok(Self { frame: Some(frame), skipped: None })
    }

    fn close(self, index: u64, notes: &mut Vec<Note>) -> Result<Input, Fault> {
        if let Some(input) = self.skipped {
            return Ok(input);
        }
        let Some(frame) = self.frame else { return Err(Fault::new("the zstd data is damaged")) };
        let (input, decoder) = frame.into_parts();
        let (stated, actual) = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
        match (stated, actual) {
            (Some(stated), Some(actual)) if stated != actual => {
                describe(notes, Self::PART, index, "wrong-checksum", Value::Number(stated.into()));
                let message = format!("the zstd checksum is {stated:08x}, the content's is {actual:08x}");
                notes.push(Note::Problem(Fault::at(input.position(), message)));
            }
            (Some(_), _) => describe(notes, Self::PART, index, "checksum", Value::text("present")),
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
