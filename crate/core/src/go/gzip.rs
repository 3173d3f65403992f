//! gzip as Go's `compress/gzip` reads it.

use std::io::{self, BufRead, Read};

use crate::codec::{self, Input};
use crate::entry::{BaseId, Coding, Content};
use crate::error::Fault;
use crate::store::Store;

use super::Stop;

/// What Go keeps of a header, and writes again. Names and comments are Latin-1 both ways: their bytes stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    pub(crate) extra: Option<Vec<u8>>,
    /// Seconds since 1970; 0 is no time.
    pub(crate) mtime: u32,
    pub(crate) os: u8,
}

/// The longest name or comment, with its NUL: the size of Go's buffer.
const MOST_TEXT: u64 = 512;

impl Header {
    /// Reads the header of the first member.
    ///
    /// # Errors
    /// What Go reports.
    pub(crate) fn read(store: &Store, content: &Content) -> Result<Self, Stop> {
        Self::parse(&mut store.range(content)?)?.map_or_else(|| Stop::refused("the gzip header is missing"), Ok)
    }

    /// Reads a header; `None` at the end of the bytes.
    fn parse(input: &mut impl BufRead) -> Result<Option<Self>, Stop> {
        if input.fill_buf().map_err(Fault::from)?.is_empty() {
            return Ok(None);
        }
        let mut crc = crc32fast::Hasher::new();
        let fixed = exact(input, 10, &mut crc)?;
        let (magic, rest) = fixed.split_at_checked(3).unwrap_or_default();
        let &[flags, a, b, c, d, _, os] = rest else { return early() };
        if magic != [0x1f, 0x8b, 8] {
            return Stop::refused("these bytes are no gzip header");
        }
        let mut header = Self { mtime: u32::from_le_bytes([a, b, c, d]), os, ..Self::default() };
        if flags & 4 != 0 {
            let length = exact(input, 2, &mut crc)?.iter().rev().fold(0, |length, byte| length << 8 | u64::from(*byte));
            header.extra = Some(exact(input, length, &mut crc)?);
        }
        for (bit, text) in [(8, &mut header.name), (16, &mut header.comment)] {
            if flags & bit != 0 {
                input.by_ref().take(MOST_TEXT).read_until(0, text).map_err(Fault::from)?;
                crc.update(text);
                if text.pop() != Some(0) {
                    return Stop::refused("the name or comment in the gzip header is too long or has no end");
                }
            }
        }
        if flags & 2 != 0 {
            let right = crc.clone().finalize().to_le_bytes();
            if exact(input, 2, &mut crc)? != right.get(..2).unwrap_or_default() {
                return Stop::refused("the checksum of the gzip header is wrong");
            }
        }
        Ok(Some(header))
    }
}

fn early<T>() -> Result<T, Stop> {
    Stop::refused("the gzip stream ends early")
}

fn exact(input: &mut impl Read, count: u64, crc: &mut crc32fast::Hasher) -> Result<Vec<u8>, Stop> {
    let mut bytes = Vec::new();
    input.take(count).read_to_end(&mut bytes).map_err(Fault::from)?;
    crc.update(&bytes);
    if (bytes.len() as u64) < count { early() } else { Ok(bytes) }
}

/// How much Go gets out of a gzip stream, and what it reports at its end.
pub(crate) struct Extent {
    pub(crate) length: u64,
    /// `None`: a regular end.
    pub(crate) fault: Option<String>,
}

/// Decodes a stream as Go does: members one after another, each checked, and nothing else behind them.
///
/// # Errors
/// A limit or a device of ours.
pub(crate) fn extent(store: &Store, content: &Content) -> Result<Extent, Stop> {
    let mut input = Input::new(Box::new(store.range(content)?), store.limits());
    let mut extent = Extent { length: 0, fault: None };
    let mut first = true;
    loop {
        let member = match Header::parse(&mut input) {
            Ok(None) if !first => return Ok(extent),
            Ok(None) => early(),
            Ok(Some(_)) => member(store, input, &mut extent.length),
            Err(stop) => Err(stop),
        };
        first = false;
        match member {
            Ok(rest) => input = rest,
            Err(Stop::Refused(reason)) => return Ok(Extent { fault: Some(reason), ..extent }),
            Err(stop) => return Err(stop),
        }
    }
}

/// Decodes one member behind its header, and checks its trailer.
fn member(store: &Store, input: Input, length: &mut u64) -> Result<Input, Stop> {
    let consumed = input.consumed();
    let mut inflate = codec::inflate(input);
    let (mut crc, mut size, mut buffer) = (crc32fast::Hasher::new(), 0_u64, vec![0; 64 << 10]);
    loop {
        match inflate.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                crc.update(buffer.get(..count).unwrap_or_default());
                size = size.saturating_add(count as u64);
                *length = length.saturating_add(count as u64);
                store.budget(|budget| {
                    budget.check_time()?;
                    budget.check_ratio(size, consumed.load(std::sync::atomic::Ordering::Relaxed))
                })?;
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return early(),
            Err(_) => return Stop::refused("the compressed data is damaged"),
        }
    }
    let mut input = inflate.into_input();
    let trailer = exact(&mut input, 8, &mut crc32fast::Hasher::new())?;
    let (stated_crc, stated_size) = trailer.split_at_checked(4).unwrap_or_default();
    // The size is modulo 2^32 (RFC 1952, 2.3.1).
    let right_size = size.to_le_bytes();
    if stated_crc != crc.finalize().to_le_bytes() || Some(stated_size) != right_size.get(..4) {
        return Stop::refused("the checksum or size after the compressed data is wrong");
    }
    Ok(input)
}

/// What the gzip stream holds that fills a base.
pub(crate) fn content(base: BaseId) -> Content {
    Content { base, offset: 0, stored: u64::MAX, coding: Coding::Gzip, size: None }
}
