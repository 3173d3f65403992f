//! The bytes a decoder reads, and the notes it makes of what is not content.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use super::Note;
use crate::entry::{Field, Value};
use crate::error::Fault;
use crate::limits::Limits;

/// The compressed bytes: counted, and able to look ahead across the chunks they come in.
pub struct Input {
    inner: Box<dyn BufRead + Send>,
    /// Bytes looked at already, or handed back by a decoder that read too far. They come first.
    ahead: VecDeque<u8>,
    consumed: Arc<AtomicU64>,
    watch: Arc<Watch>,
    /// Bytes of windows that decoders hold at this moment, shared between those that may be alive together.
    windows: Arc<AtomicU64>,
}

/// A window that a decoder reserves as a whole, given back when it is dropped.
pub(super) struct Window {
    size: u64,
    windows: Arc<AtomicU64>,
}

impl Drop for Window {
    fn drop(&mut self) {
        self.windows.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// What happened to an input while a decoder held it: decoders turn these into their own words, or lose them. And what
/// decoders may do with it.
struct Watch {
    /// The limits `window-bytes`, `streams` and `name-bytes`.
    window: u64,
    streams: u64,
    name: u64,
    ended: AtomicBool,
    fault: Mutex<Option<Fault>>,
}

impl Input {
    /// Counts what is consumed of `inner`; decoders of it keep to the limits.
    pub fn new(inner: Box<dyn BufRead + Send>, limits: &Limits) -> Self {
        let watch = Watch {
            window: limits.get("window-bytes"),
            streams: limits.get("streams"),
            name: limits.get("name-bytes"),
            ended: AtomicBool::default(),
            fault: Mutex::default(),
        };
        Self {
            inner,
            ahead: VecDeque::new(),
            consumed: Arc::default(),
            watch: Arc::new(watch),
            windows: Arc::default(),
        }
    }

    /// The same, its decoder's window counted together with those of others.
    #[must_use]
    pub fn beside(mut self, windows: &Arc<AtomicU64>) -> Self {
        self.windows = Arc::clone(windows);
        self
    }

    /// Reserves a window: compressed streams inside one another are decoded at the same time, and each reserves its own.
    pub(super) fn window(&self, size: u64) -> Result<Window, Fault> {
        let (held, most) = (self.windows.fetch_add(size, Ordering::Relaxed), self.watch.window);
        let window = Window { size, windows: Arc::clone(&self.windows) };
        if held.saturating_add(size) > most {
            let message =
                format!("stopped at the limit window-bytes: {most} bytes, for this stream and those around it");
            return Err(Fault::limit("window-bytes", message));
        }
        Ok(window)
    }

    /// The largest dictionary or window that its decoder may use, in bytes.
    pub(super) fn most_window(&self) -> u64 {
        self.watch.window
    }

    /// The same in KiB, as one decoder wants it.
    pub(super) fn most_window_kib(&self) -> u32 {
        u32::try_from(self.watch.window >> 10).unwrap_or(u32::MAX)
    }

    /// How many streams may follow one another.
    pub(super) fn most_streams(&self) -> u64 {
        self.watch.streams
    }

    /// How long a name may be.
    pub(super) fn most_name(&self) -> u64 {
        self.watch.name
    }

    /// The running count of consumed bytes, shared.
    pub fn consumed(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.consumed)
    }

    pub(super) fn position(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// The next bytes, at least `count` of them unless the input ends before.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.ahead.len() < count {
            // The usual case: the chunk reaches far enough, and nothing is copied.
            if self.ahead.is_empty() && self.inner.fill_buf().is_ok_and(|chunk| chunk.len() >= count) {
                return self.inner.fill_buf();
            }
            let chunk = self.watch.keep(self.inner.fill_buf())?;
            let taken = chunk.len().min(count - self.ahead.len());
            if taken == 0 {
                break;
            }
            self.ahead.extend(chunk.iter().take(taken));
            self.inner.consume(taken);
        }
        Ok(self.ahead.make_contiguous())
    }

    /// Takes back what a decoder read and did not use.
    pub(super) fn give_back(&mut self, unused: &[u8]) {
        for byte in unused.iter().rev() {
            self.ahead.push_front(*byte);
        }
        self.consumed.fetch_sub(unused.len() as u64, Ordering::Relaxed);
    }

    /// Consumes zero bytes, and says how many there were.
    pub(super) fn zeros(&mut self) -> io::Result<u64> {
        let mut count = 0_u64;
        loop {
            let chunk = self.fill_buf()?;
            let run = chunk.iter().take_while(|byte| **byte == 0).count();
            let more = run > 0 && run == chunk.len();
            count = count.saturating_add(run as u64);
            self.consume(run);
            if !more {
                return Ok(count);
            }
        }
    }

    /// Reads to the end and notes what was there after the data of that name, if anything: how much, and its digest.
    pub(super) fn rest(&mut self, name: &str, notes: &mut Notes) -> io::Result<()> {
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
        if count > 0 && zero {
            notes.field("zero-padding", Value::Number(count.into()));
        } else if count > 0 {
            notes.field("trailing-bytes", Value::Number(count.into()));
            notes.field("trailing-sha256", Value::Digest(hash.finalize().into()));
            let id = match name {
                "gzip" => "GZ-02",
                "bzip2" => "BZ-02",
                "xz" | "lzma" => "XZ-04",
                "zstd" => "ZST-04",
                _ => "ZIP-24",
            };
            let message = format!("{count} bytes follow the end of the compressed data");
            notes.problem(Fault::at(start, message).raises(id));
        }
        Ok(())
    }

    pub(super) fn exact<const N: usize>(&mut self, what: &str) -> io::Result<[u8; N]> {
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

    /// A decoder's complaint in our words. What really happened to the input comes before what a decoder made of it.
    fn complaint(name: &'static str, watch: &Watch, position: u64, error: &io::Error) -> Fault {
        if let Some(fault) = watch.fault() {
            return fault;
        }
        let id = damage(name);
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
            Some(fault) => fault.clone().raises(id),
            None if error.kind() == io::ErrorKind::OutOfMemory => {
                let most = watch.window;
                let message = format!("stopped at the limit window-bytes: the {name} data asks for more than {most}");
                Fault::limit("window-bytes", message)
            }
            .raises(if name == "zstd" { "ZST-03" } else { "XZ-05" }),
            None if watch.ended.load(Ordering::Relaxed) => {
                Fault::at(position, format!("the {name} data ends early")).raises(cut(name))
            }
            None => Fault::at(position, format!("the {name} data is damaged: {error}")).raises(id),
        }
    }

    /// As [`Self::complaint`], for a decoder that is about to take this input.
    pub(super) fn complain(&self, name: &'static str) -> impl Fn(io::Error) -> Fault + Send + 'static {
        let (watch, consumed) = (Arc::clone(&self.watch), Arc::clone(&self.consumed));
        move |error| Self::complaint(name, &watch, consumed.load(Ordering::Relaxed), &error)
    }
}

/// The finding that damage in these data is a case of.
fn damage(name: &str) -> &'static str {
    match name {
        "gzip" => "GZ-04",
        "bzip2" => "BZ-03",
        "xz" => "XZ-04",
        "zstd" => "ZST-04",
        "lzma" => "XZ-06",
        // The rest is found in zips only.
        _ => "ZIP-23",
    }
}

/// The finding that an early end of these data is a case of.
pub(super) fn cut(name: &str) -> &'static str {
    if name == "gzip" { "GZ-06" } else { damage(name) }
}

impl Watch {
    /// Remembers a failed or exhausted read.
    fn keep<'a>(&self, chunk: io::Result<&'a [u8]>) -> io::Result<&'a [u8]> {
        match &chunk {
            Ok([]) => self.ended.store(true, Ordering::Relaxed),
            Ok(_) => {}
            Err(error) => {
                let fault = match error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
                    Some(fault) => fault.clone(),
                    None => Fault::new(error.to_string()),
                };
                *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
            }
        }
        chunk
    }

    fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let chunk = self.fill_buf()?;
        let count = chunk.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), chunk.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead.is_empty() { self.watch.keep(self.inner.fill_buf()) } else { Ok(self.ahead.make_contiguous()) }
    }

    fn consume(&mut self, amount: usize) {
        let ahead = amount.min(self.ahead.len());
        self.ahead.drain(..ahead);
        self.inner.consume(amount - ahead);
        self.consumed.fetch_add(amount as u64, Ordering::Relaxed);
    }
}

/// Notes while they are made: bounded, however many streams a file has.
#[derive(Default)]
pub(super) struct Notes {
    list: Vec<Note>,
    /// Descriptions beyond [`MOST_DESCRIBED`] streams are not listed, only hashed.
    more: Option<Sha256>,
    problems: u64,
}

/// More than this many streams are counted, and their headers hashed, but not described one by one.
const MOST_DESCRIBED: u64 = 1000;

impl Notes {
    pub(super) fn field(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        self.list.push(Note::Field(Field::new(name, value)));
    }

    pub(super) fn problem(&mut self, fault: Fault) {
        self.problems += 1;
        if self.problems <= MOST_DESCRIBED {
            self.list.push(Note::Problem(fault));
        }
    }

    /// A field about the stream at `index`; the first has the plain name.
    pub(super) fn describe(&mut self, part: &str, index: u64, name: &'static str, value: Value) {
        if index >= MOST_DESCRIBED {
            self.more.get_or_insert_default().update(format!("{index} {name} {value:?}\n"));
        } else if index == 0 {
            self.field(name, value);
        } else {
            self.field(format!("{part} {}: {name}", index + 1), value);
        }
    }

    pub(super) fn take(&mut self) -> Vec<Note> {
        if let Some(hash) = self.more.take() {
            self.field("further-sha256", Value::Digest(hash.finalize().into()));
        }
        if self.problems > MOST_DESCRIBED {
            let more = self.problems - MOST_DESCRIBED;
            self.list.push(Note::Problem(Fault::new(format!("{more} more problems of this kind"))));
            self.problems = 0;
        }
        std::mem::take(&mut self.list)
    }
}
