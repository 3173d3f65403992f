//! gzip as Go writes it: stored in blocks as large as they can be, or compressed.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::{DEFLATED, Writer};
use crate::error::Fault;
use crate::go::gzip::Header;
use crate::stabilize::Plan;

/// Bytes in the largest stored block (RFC 1951, 3.2.4).
const BLOCK: usize = 65_535;

impl Writer<'_> {
    pub(super) fn gzip(
        &mut self,
        header: &Header,
        stored: bool,
        inner: &Plan,
        out: &mut dyn Write,
    ) -> Result<(), Fault> {
        out.write_all(&head(header))?;
        let (crc32, size) = if stored {
            let blocks = Blocks { block: Vec::new(), out: &mut *out };
            let (blocks, crc32, size) = self.checked(inner, blocks)?;
            blocks.finish()?;
            (crc32, size)
        } else {
            self.doubt(DEFLATED);
            let (encoder, crc32, size) = self.checked(inner, DeflateEncoder::new(&mut *out, Compression::default()))?;
            encoder.finish()?;
            (crc32, size)
        };
        Ok(out.write_all(&trailer(crc32, size))?)
    }

    /// Writes something, and gives its CRC-32 and size.
    fn checked<W: Write>(&mut self, inner: &Plan, out: W) -> Result<(W, u32, u64), Fault> {
        let mut checked = Checked { inner: out, crc: crc32fast::Hasher::new(), size: 0 };
        self.plan(inner, &mut checked)?;
        Ok((checked.inner, checked.crc.finalize(), checked.size))
    }
}

/// The header. Go writes no text mark, no checksum of the header, and nothing about the level it uses here.
fn head(header: &Header) -> Vec<u8> {
    let flags = [(4, header.extra.is_some()), (8, !header.name.is_empty()), (16, !header.comment.is_empty())];
    let flags = flags.iter().filter(|(_, set)| *set).fold(0, |flags, (bit, _)| flags | bit);
    let mut bytes = vec![0x1f, 0x8b, 8, flags];
    bytes.extend_from_slice(&header.mtime.to_le_bytes());
    bytes.extend_from_slice(&[0, header.os]);
    if let Some(extra) = &header.extra {
        // It came from a field of this width.
        bytes.extend_from_slice(&u16::try_from(extra.len()).unwrap_or_default().to_le_bytes());
        bytes.extend_from_slice(extra);
    }
    for text in [&header.name, &header.comment] {
        if !text.is_empty() {
            bytes.extend_from_slice(text);
            bytes.push(0);
        }
    }
    bytes
}

fn trailer(crc32: u32, size: u64) -> [u8; 8] {
    let [a, b, c, d] = crc32.to_le_bytes();
    // Modulo 2^32 (RFC 1952, 2.3.1).
    let [e, f, g, h, ..] = size.to_le_bytes();
    [a, b, c, d, e, f, g, h]
}

/// What the trailer needs of the content.
struct Checked<W> {
    inner: W,
    crc: crc32fast::Hasher,
    size: u64,
}

impl<W: Write> Write for Checked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write_all(bytes)?;
        self.crc.update(bytes);
        self.size = self.size.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Stored blocks of deflate: full ones, a shorter one, and an empty one that is the last.
struct Blocks<'w> {
    block: Vec<u8>,
    out: &'w mut dyn Write,
}

impl Blocks<'_> {
    fn flush_block(&mut self) -> io::Result<()> {
        let length = u16::try_from(self.block.len()).unwrap_or_default();
        let [[a, b], [c, d]] = [length.to_le_bytes(), (!length).to_le_bytes()];
        self.out.write_all(&[0, a, b, c, d])?;
        self.out.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        if !self.block.is_empty() {
            self.flush_block()?;
        }
        self.out.write_all(&[1, 0, 0, 0xff, 0xff])
    }
}

impl Write for Blocks<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            rest = later;
            if self.block.len() == BLOCK {
                self.flush_block()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
