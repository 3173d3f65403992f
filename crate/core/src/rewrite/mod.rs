//! The stabilized archive itself, byte for byte as OSS Rebuild writes it: whose digest an attestation states.
//!
//! [`stabilize`](crate::stabilize) has decided what is in it; this only knows how Go lays it out. Contents are copied
//! through in blocks, so memory does not grow with the archive.

mod gzip;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

use std::io::{self, Read as _, Write};

use sha2::{Digest as _, Sha256};

use crate::entry::Content;
use crate::error::Fault;
use crate::go::Stop;
use crate::reading::Reading;
use crate::stabilize::{Plan, Stabilized, plan, sentence};
use crate::store::Store;

/// How what was written relates to what upstream writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Why upstream writes nothing for this artifact, as a sentence: the archive is then of our own choosing.
    pub refusal: Option<String>,
    /// Why upstream's bytes may be others, a sentence each.
    pub doubts: Vec<String>,
}

impl Written {
    /// Whether these are upstream's bytes.
    pub fn is_upstream(&self) -> bool {
        self.refusal.is_none() && self.doubts.is_empty()
    }
}

/// Writes the stabilized archive. `stabilized` is of the profile `oss-rebuild`.
///
/// # Errors
/// A content that cannot be read, an archive that cannot be read to its end, a file that OSS Rebuild has no passes for,
/// a limit, or `out`.
pub fn write(reading: &Reading, store: &Store, stabilized: &Stabilized, out: &mut dyn Write) -> Result<Written, Fault> {
    let planned = plan(reading, store, stabilized).map_err(|stop| match stop {
        Stop::Fault(fault) => fault,
        Stop::Refused(reason) => Fault::new(reason),
    })?;
    let mut writer = Writer {
        store,
        refusal: planned.refusal,
        doubts: planned.doubts,
        buffer: vec![0; BUFFER],
        kept: KEPT,
        batch: BATCH,
    };
    writer.plan(&planned.plan, out)?;
    Ok(Written { refusal: writer.refusal.as_deref().map(sentence), doubts: writer.doubts })
}

/// SHA-256 of the stabilized archive.
///
/// # Errors
/// As [`write`].
pub fn digest(reading: &Reading, store: &Store, stabilized: &Stabilized) -> Result<([u8; 32], Written), Fault> {
    let mut hash = Hashed::new(io::sink());
    let written = write(reading, store, stabilized, &mut hash)?;
    Ok((hash.finish(), written))
}

/// Hashes what is written through it.
pub struct Hashed<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Hashed<W> {
    /// Hashes on the way to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    /// SHA-256 of what was written.
    pub fn finish(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Counts what is written through it.
struct Counted<'w> {
    inner: &'w mut dyn Write,
    count: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.count = self.count.saturating_add(count as u64);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Bytes copied at once.
const BUFFER: usize = 64 << 10;

/// Bytes of a decoded stream that the store is sure to keep, however it is called.
const KEPT: u64 = 48 << 20;
/// Bytes of contents gathered in memory where a stream is larger than that and not in order.
const BATCH: u64 = 64 << 20;

/// The work of writing.
struct Writer<'a> {
    store: &'a Store,
    refusal: Option<String>,
    doubts: Vec<String>,
    buffer: Vec<u8>,
    /// [`KEPT`], and [`BATCH`].
    kept: u64,
    batch: u64,
}

/// What was copied.
struct Copied {
    size: u64,
    crc32: u32,
}

impl Writer<'_> {
    fn plan(&mut self, plan: &Plan, out: &mut dyn Write) -> Result<(), Fault> {
        match plan {
            Plan::Raw(content) => self.copy(content, out).map(|_| ()),
            Plan::Tar(members) => self.tar(members, out),
            Plan::Gzip { header, stored, inner } => self.gzip(header, *stored, inner, out),
            Plan::Zip { members, comment } => self.zip(members, comment, out),
        }
    }

    /// Copies a content through.
    fn copy(&mut self, content: &Content, out: &mut dyn Write) -> Result<Copied, Fault> {
        let mut reader = self.store.open(content)?;
        let (mut crc, mut size) = (crc32fast::Hasher::new(), 0_u64);
        loop {
            let count = reader.read(&mut self.buffer)?;
            if count == 0 {
                return Ok(Copied { size, crc32: crc.finalize() });
            }
            let bytes = self.buffer.get(..count).unwrap_or_default();
            crc.update(bytes);
            size = size.saturating_add(count as u64);
            // Its bytes were counted when the artifact was read; this is about what was not read then.
            self.store.budget(|budget| {
                budget.check_time()?;
                budget.check_ratio(size, reader.consumed())
            })?;
            out.write_all(bytes)?;
        }
    }

    fn doubt(&mut self, why: &str) {
        if !self.doubts.iter().any(|doubt| doubt == why) {
            self.doubts.push(why.to_owned());
        }
    }
}

/// Why a compressed stream is not upstream's.
const DEFLATED: &str = "A pass that stores contents is switched off, and our compressor gives other bytes than Go's.";
