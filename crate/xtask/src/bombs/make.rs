//! The bytes that archives are made of, and long texts.

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use std::io::{self, Write};

const LINE: usize = 64 << 20;

pub(super) fn one_line(out: &mut dyn Write) -> io::Result<()> {
    long_line(out, 0)
}

pub(super) fn another_line(out: &mut dyn Write) -> io::Result<()> {
    long_line(out, 1)
}

fn long_line(out: &mut dyn Write, change: usize) -> io::Result<()> {
    let mut line: Vec<u8> = (0..LINE).map(|at| b'a' + u8::try_from((at * at / 7) % 26).unwrap_or(0)).collect();
    for at in (change..LINE).step_by(LINE / 50) {
        if let Some(byte) = line.get_mut(at).filter(|_| change > 0) {
            *byte = b'#';
        }
    }
    out.write_all(&line)
}

pub(super) fn lines(out: &mut dyn Write) -> io::Result<()> {
    many_lines(out, u64::MAX)
}

pub(super) fn other_lines(out: &mut dyn Write) -> io::Result<()> {
    many_lines(out, 1000)
}

fn many_lines(out: &mut dyn Write, changed: u64) -> io::Result<()> {
    for number in 0..8_000_000_u64 {
        let mark = if number % changed == changed - 1 { "changed" } else { "" };
        writeln!(out, "{number}{mark}")?;
    }
    Ok(())
}

/// Raw deflate.
pub(super) fn deflate(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

pub(super) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}

pub(super) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A number that is known to fit.
pub(super) fn little<const N: usize>(number: usize) -> [u8; N] {
    let bytes = (number as u64).to_le_bytes();
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0))
}

/// What a zip says of one member.
pub(super) struct Zipped<'a> {
    pub(super) name: &'a [u8],
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) stored: usize,
    pub(super) size: usize,
}

impl Zipped<'_> {
    fn shared(&self) -> Vec<u8> {
        let method = self.method.to_le_bytes();
        let sizes = [little::<4>(self.stored), little(self.size)].concat();
        [
            &[20, 0, 0, 0],
            &method[..],
            &[0, 0, 33, 0],
            &self.crc.to_le_bytes(),
            &sizes,
            &little::<2>(self.name.len()),
            &[0; 2],
        ]
        .concat()
    }

    pub(super) fn local(&self) -> Vec<u8> {
        [b"PK\x03\x04", &self.shared()[..], self.name].concat()
    }

    pub(super) fn record(&self, offset: usize) -> Vec<u8> {
        [b"PK\x01\x02\x14\0", &self.shared()[..], &[0; 10], &little::<4>(offset), self.name].concat()
    }
}

/// The end of a zip, with its zip64 records where the count needs them.
pub(super) fn zip_end(count: usize, start: usize, size: usize) -> Vec<u8> {
    let (few, end) = (count < 0xffff, start + size);
    let mut bytes = Vec::new();
    if !few {
        bytes.extend([&b"PK\x06\x06"[..], &little::<8>(44), &[45, 0, 45, 0], &[0; 8]].concat());
        bytes.extend([count, count, size, start].map(little::<8>).concat());
        bytes.extend([&b"PK\x06\x07\0\0\0\0"[..], &little::<8>(end), &[1, 0, 0, 0]].concat());
    }
    let count = little::<2>(if few { count } else { 0xffff });
    bytes.extend(
        [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &little::<4>(size), &little::<4>(start), &[0; 2]].concat(),
    );
    bytes
}

/// A tar header; sizes beyond what octal digits hold are written in the way of GNU.
pub(super) fn tar_header(name: &[u8], flag: u8, size: u64, link: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    let mut put = |at: usize, bytes: &[u8]| {
        for (to, from) in block.iter_mut().skip(at).zip(bytes) {
            *to = *from;
        }
    };
    put(0, name.get(..100).unwrap_or(name));
    put(100, b"0000644\x000000000\x000000000\x00");
    if size < 1 << 33 {
        put(124, format!("{size:011o}\0").as_bytes());
    } else {
        put(124, &[&[0x80, 0, 0, 0][..], &size.to_be_bytes()].concat());
    }
    put(136, b"00000000001\0        ");
    put(156, &[flag]);
    put(157, link);
    put(257, b"ustar\x0000");
    seal(&mut block);
    block
}

/// Makes a header's checksum right.
pub(super) fn seal(block: &mut [u8]) {
    for byte in block.iter_mut().skip(148).take(8) {
        *byte = b' ';
    }
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    for (to, from) in block.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *to = from;
    }
}

/// A member of a tar, padded.
pub(super) fn tar_member(name: &[u8], flag: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = tar_header(name, flag, data.len() as u64, b"");
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A pax record, its length counting itself.
pub(super) fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let length = (rest + 1..rest + 9).find(|length| length.to_string().len() + rest == *length).unwrap_or(0);
    format!("{length} {key}={value}\n")
}

pub(super) const TAR_END: [u8; 1024] = [0; 1024];
