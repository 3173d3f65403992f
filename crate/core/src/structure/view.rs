//! Bytes as numbers and names, every place checked.

use crate::display;

/// Bytes of a name; a longer one is cut.
const MOST_NAME: usize = 4096;

/// Bytes, and which end of a number comes first.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) bytes: &'a [u8],
    big: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, big: false }
    }

    /// The same with the high byte of a number first.
    pub(super) fn big(self) -> Self {
        Self { big: true, ..self }
    }

    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    pub(super) fn slice(&self, offset: u64, size: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(offset).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(size).ok()?)?)
    }

    /// The same view of a part.
    pub(super) fn part(&self, offset: u64, size: u64) -> Option<Self> {
        Some(Self { bytes: self.slice(offset, size)?, big: self.big })
    }

    fn number(&self, offset: u64, size: u64) -> Option<u64> {
        let add = |sum: u64, byte: &u8| (sum << 8) | u64::from(*byte);
        let bytes = self.slice(offset, size)?;
        Some(if self.big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    pub(super) fn u8(&self, offset: u64) -> Option<u8> {
        self.slice(offset, 1)?.first().copied()
    }

    pub(super) fn u16(&self, offset: u64) -> Option<u16> {
        u16::try_from(self.number(offset, 2)?).ok()
    }

    pub(super) fn u32(&self, offset: u64) -> Option<u32> {
        u32::try_from(self.number(offset, 4)?).ok()
    }

    pub(super) fn u64(&self, offset: u64) -> Option<u64> {
        self.number(offset, 8)
    }

    /// A number of four bytes, or eight in what is wide.
    pub(super) fn word(&self, offset: u64, wide: bool) -> Option<u64> {
        self.number(offset, if wide { 8 } else { 4 })
    }

    /// The bytes up to a zero or the end.
    pub(super) fn name(&self, offset: u64) -> Option<&'a [u8]> {
        let rest = self.bytes.get(usize::try_from(offset).ok()?..)?;
        let rest = rest.get(..MOST_NAME).unwrap_or(rest);
        Some(rest.split(|byte| *byte == 0).next().unwrap_or_default())
    }

    /// A name for reading.
    pub(super) fn text(&self, offset: u64) -> String {
        self.name(offset).map_or_else(|| "(beyond the end)".to_owned(), display::bytes)
    }
}
