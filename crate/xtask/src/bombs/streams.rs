//! Compressed streams that claim or hold too much.

use super::make::crc;
use flate2::{Compress, Compression, FlushCompress};
use std::io::{self, Write};

const GZIP: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

/// One member of 10 GiB: a piece of zeros that ends at a byte, again and again.
pub(super) fn zeros(out: &mut dyn Write) -> io::Result<()> {
    const PIECE: usize = 64 << 20;
    let mut compress = Compress::new(Compression::best(), false);
    let mut piece = Vec::with_capacity(1 << 20);
    compress.compress_vec(&vec![0; PIECE], &mut piece, FlushCompress::Full).map_err(io::Error::other)?;
    out.write_all(&GZIP)?;
    let mut sum = flate2::Crc::new();
    let mut one = flate2::Crc::new();
    one.update(&vec![0; PIECE]);
    for _ in 0..160 {
        out.write_all(&piece)?;
        sum.combine(&one);
    }
    // An empty last block.
    out.write_all(&[3, 0])?;
    out.write_all(&sum.sum().to_le_bytes())?;
    out.write_all(&sum.amount().to_le_bytes())
}

pub(super) fn members(out: &mut dyn Write) -> io::Result<()> {
    for _ in 0..1_000_000 {
        out.write_all(&[&GZIP[..], &[3, 0], &[0; 8]].concat())?;
    }
    Ok(())
}

/// Streams without blocks: header, index, footer.
pub(super) fn xz_streams(out: &mut dyn Write) -> io::Result<()> {
    let (flags, index, size) = ([0, 0], [0, 0, 0, 0], [0, 0, 0, 0]);
    let header = [&b"\xfd7zXZ\0"[..], &flags, &crc(&flags).to_le_bytes()].concat();
    let footer = [&size[..], &flags].concat();
    let footer = [&crc(&footer).to_le_bytes()[..], &footer, b"YZ"].concat();
    let stream = [&header[..], &index, &crc(&index).to_le_bytes(), &footer].concat();
    for _ in 0..400_000 {
        out.write_all(&stream)?;
    }
    Ok(())
}

pub(super) fn layers(out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = b"core\n".to_vec();
    for _ in 0..1000 {
        // Stored: packed again and again, what does not shrink would grow beyond all bounds.
        let mut layer = flate2::write::GzEncoder::new(Vec::new(), Compression::none());
        layer.write_all(&bytes)?;
        bytes = layer.finish()?;
    }
    out.write_all(&bytes)
}

pub(super) fn lzma_dictionary(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[0x5d, 0, 0, 0, 0xc0])?;
    out.write_all(&[0xff; 8])?;
    out.write_all(&[0x00, 0x20, 0x88, 0x0a, 0x66, 0xd3, 0x2a, 0x91, 0xc8, 0x12, 0x76, 0x61])
}

pub(super) fn zstd_window(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x09, 0, 0, b'a'])
}

/// A name without end in sight.
pub(super) fn long_name(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3])?;
    out.write_all(&vec![b'n'; 10 << 20])?;
    out.write_all(&[0, 3, 0])?;
    out.write_all(&[0; 8])
}
