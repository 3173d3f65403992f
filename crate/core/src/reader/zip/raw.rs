//! The records of a zip as they stand in the bytes (APPNOTE 4.3), nothing believed and nothing merged.

use crate::reader::Archive;

/// Little-endian bytes, read field by field; zero where they end.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl Bytes<'_> {
    fn number(self, at: usize, count: usize) -> u64 {
        let bytes = self.0.get(at..).unwrap_or_default().iter().take(count).enumerate();
        bytes.fold(0, |sum, (place, byte)| sum | u64::from(*byte) << (8 * place))
    }

    pub(super) fn u16(self, at: usize) -> u16 {
        u16::try_from(self.number(at, 2)).unwrap_or_default()
    }

    pub(super) fn u32(self, at: usize) -> u32 {
        u32::try_from(self.number(at, 4)).unwrap_or_default()
    }

    pub(super) fn u64(self, at: usize) -> u64 {
        self.number(at, 8)
    }
}

/// Signatures, as little-endian numbers.
pub(super) mod mark {
    pub(in super::super) const LOCAL: u32 = 0x0403_4b50;
    pub(in super::super) const CENTRAL: u32 = 0x0201_4b50;
    pub(in super::super) const END: u32 = 0x0605_4b50;
    pub(in super::super) const END64: u32 = 0x0606_4b50;
    pub(in super::super) const LOCATOR: u32 = 0x0706_4b50;
    pub(in super::super) const DESCRIPTOR: u32 = 0x0807_4b50;
}

/// Length of the fixed part of a local header.
pub(super) const LOCAL: u64 = 30;
/// Length of the fixed part of a directory record.
pub(super) const CENTRAL: u64 = 46;
/// Length of the fixed part of the end record.
pub(super) const END: u64 = 22;
/// Length of the fixed part of the zip64 end record.
pub(super) const END64: u64 = 56;
/// Length of the zip64 locator.
pub(super) const LOCATOR: u64 = 20;

/// General purpose flags (APPNOTE 4.4.4).
pub(super) mod flag {
    pub(in super::super) const ENCRYPTED: u16 = 1;
    pub(in super::super) const DESCRIPTOR: u16 = 8;
    pub(in super::super) const PATCHED: u16 = 0x20;
    pub(in super::super) const STRONG: u16 = 0x40;
    pub(in super::super) const UTF8: u16 = 0x800;
}

/// Exactly `count` bytes; none if they are not all there.
pub(super) fn exact(archive: &Archive<'_>, at: u64, count: u64) -> Option<Vec<u8>> {
    let bytes = archive.bytes(at, usize::try_from(count).ok()?).ok()?;
    (bytes.len() as u64 == count).then_some(bytes)
}

/// The signature at an offset; 0 where there are no four bytes.
pub(super) fn signature(archive: &Archive<'_>, at: u64) -> u32 {
    exact(archive, at, 4).map_or(0, |bytes| Bytes(&bytes).u32(0))
}

/// An end record, its numbers replaced by those of the zip64 end record where a reader believes that one.
#[derive(Clone, Debug, Default)]
pub(super) struct End {
    pub(super) at: u64,
    pub(super) disk: u64,
    pub(super) start_disk: u64,
    pub(super) here: u64,
    pub(super) total: u64,
    pub(super) size: u64,
    pub(super) offset: u64,
    pub(super) comment: u64,
}

impl End {
    /// The record at an offset, whatever is written there.
    pub(super) fn read(archive: &Archive<'_>, at: u64) -> Option<Self> {
        let bytes = exact(archive, at, END)?;
        let bytes = Bytes(&bytes);
        Some(Self {
            at,
            disk: bytes.u16(4).into(),
            start_disk: bytes.u16(6).into(),
            here: bytes.u16(8).into(),
            total: bytes.u16(10).into(),
            size: bytes.u32(12).into(),
            offset: bytes.u32(16).into(),
            comment: bytes.u16(20).into(),
        })
    }

    /// The zip64 record at an offset; none if it is not one, or is cut.
    pub(super) fn read64(archive: &Archive<'_>, at: u64) -> Option<Self> {
        let bytes = exact(archive, at, END64)?;
        let bytes = Bytes(&bytes);
        (bytes.u32(0) == mark::END64).then(|| Self {
            at,
            disk: bytes.u32(16).into(),
            start_disk: bytes.u32(20).into(),
            here: bytes.u64(24),
            total: bytes.u64(32),
            size: bytes.u64(40),
            offset: bytes.u64(48),
            comment: 0,
        })
    }

    /// Whether the comment ends exactly where the archive does.
    pub(super) fn fills(&self, archive: &Archive<'_>) -> bool {
        self.at + END + self.comment == archive.length()
    }
}

/// A zip64 locator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Locator {
    pub(super) disk: u32,
    pub(super) offset: u64,
    pub(super) disks: u32,
}

impl Locator {
    /// The one right before an end record.
    pub(super) fn before(archive: &Archive<'_>, end: u64) -> Option<Self> {
        let bytes = exact(archive, end.checked_sub(LOCATOR)?, LOCATOR)?;
        let bytes = Bytes(&bytes);
        (bytes.u32(0) == mark::LOCATOR).then(|| Self { disk: bytes.u32(4), offset: bytes.u64(8), disks: bytes.u32(16) })
    }
}

/// Offsets at which a signature stands with `room` bytes from there to the end, within the last `window` bytes; the last
/// one first, and searched for only as far as asked.
pub(super) fn backwards<'a, 'b>(
    archive: &'a Archive<'b>,
    mark: u32,
    room: u64,
    window: u64,
) -> impl Iterator<Item = u64> + use<'a, 'b> {
    const PIECE: u64 = 64 << 10;
    /// More than that are a file made to be searched.
    const MOST: usize = 10_000;
    let mark = mark.to_le_bytes();
    let lowest = archive.length().saturating_sub(window);
    let mut top = archive.length().checked_sub(room);
    let pieces = std::iter::from_fn(move || {
        let last = top.filter(|last| *last >= lowest)?;
        let from = last.saturating_sub(PIECE).max(lowest);
        // Starts in `from..=last`; the piece reaches three bytes further.
        let count = usize::try_from(last - from + 4).unwrap_or(0);
        let piece = archive.bytes(from, count).unwrap_or_default();
        let places: Vec<usize> =
            piece.windows(4).enumerate().rev().filter(|(_, four)| *four == mark).map(|(place, _)| place).collect();
        top = from.checked_sub(1);
        Some(places.into_iter().map(move |place| from + place as u64))
    });
    pieces.flatten().take(MOST)
}

/// A directory record.
#[derive(Clone, Debug)]
pub(super) struct Central {
    pub(super) at: u64,
    pub(super) made: u16,
    pub(super) needed: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) disk: u16,
    pub(super) external: u32,
    pub(super) offset: u64,
    pub(super) name: Vec<u8>,
    pub(super) extra: Vec<u8>,
    /// Length of the comment as stated.
    pub(super) comment: u64,
    /// Where the next record begins.
    pub(super) next: u64,
    /// Whether name, extra fields and comment are all there.
    pub(super) whole: bool,
}

impl Central {
    /// The record at an offset; none without the signature or without its fixed part.
    pub(super) fn read(archive: &Archive<'_>, at: u64) -> Option<Self> {
        Self::unsigned(archive, at).filter(|_| signature(archive, at) == mark::CENTRAL)
    }

    /// The record at an offset, whatever is written there.
    pub(super) fn unsigned(archive: &Archive<'_>, at: u64) -> Option<Self> {
        (at.checked_add(CENTRAL)? <= archive.length()).then(|| Self::padded(archive, at))
    }

    /// The record at an offset, whatever is written there, zeros past the end.
    pub(super) fn padded(archive: &Archive<'_>, at: u64) -> Self {
        let bytes = archive.bytes(at, usize::try_from(CENTRAL).unwrap_or_default()).unwrap_or_default();
        let bytes = Bytes(&bytes);
        let (name, extra, comment) = (bytes.u16(28), bytes.u16(30), u64::from(bytes.u16(32)));
        let start = at + CENTRAL;
        let next = start + u64::from(name) + u64::from(extra) + comment;
        Self {
            at,
            made: bytes.u16(4),
            needed: bytes.u16(6),
            flags: bytes.u16(8),
            method: bytes.u16(10),
            crc: bytes.u32(16),
            packed: bytes.u32(20).into(),
            size: bytes.u32(24).into(),
            disk: bytes.u16(34),
            external: bytes.u32(38),
            offset: bytes.u32(42).into(),
            name: archive.bytes(start, name.into()).unwrap_or_default(),
            extra: archive.bytes(start + u64::from(name), extra.into()).unwrap_or_default(),
            comment,
            next,
            whole: next <= archive.length(),
        }
    }

    /// The system that made it.
    pub(super) fn host(&self) -> u16 {
        self.made >> 8
    }

    /// The unix mode, whoever made it.
    pub(super) fn mode(&self) -> u32 {
        self.external >> 16
    }

    /// Whether the mode says symbolic link.
    pub(super) fn is_link(&self) -> bool {
        self.mode() & 0o170_000 == 0o120_000
    }

    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// A local header.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) at: u64,
    pub(super) needed: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) name: Vec<u8>,
    pub(super) extra: Vec<u8>,
    /// Where the data begin.
    pub(super) data: u64,
}

impl Local {
    /// The header at an offset; none without the signature or without its fixed part.
    pub(super) fn read(archive: &Archive<'_>, at: u64) -> Option<Self> {
        Self::unsigned(archive, at).filter(|_| signature(archive, at) == mark::LOCAL)
    }

    /// The header at an offset, whatever is written there.
    pub(super) fn unsigned(archive: &Archive<'_>, at: u64) -> Option<Self> {
        let bytes = exact(archive, at, LOCAL)?;
        let bytes = Bytes(&bytes);
        let (name, extra) = (bytes.u16(26), bytes.u16(28));
        let start = at + LOCAL;
        Some(Self {
            at,
            needed: bytes.u16(4),
            flags: bytes.u16(6),
            method: bytes.u16(8),
            crc: bytes.u32(14),
            packed: bytes.u32(18).into(),
            size: bytes.u32(22).into(),
            name: archive.bytes(start, name.into()).ok()?,
            extra: archive.bytes(start + u64::from(name), extra.into()).ok()?,
            data: start + u64::from(name) + u64::from(extra),
        })
    }

    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

/// The blocks of an extra area that fit, as (id, bytes), and whether the area ends cleanly.
pub(super) fn blocks(extra: &[u8]) -> (Vec<(u16, &[u8])>, bool) {
    let (mut list, mut rest) = (Vec::new(), extra);
    while rest.len() >= 4 {
        let (id, length) = (Bytes(rest).u16(0), usize::from(Bytes(rest).u16(2)));
        let Some(body) = rest.get(4..4 + length) else { return (list, false) };
        list.push((id, body));
        rest = rest.get(4 + length..).unwrap_or_default();
    }
    (list, rest.is_empty())
}

/// The first block with an id.
pub(super) fn block(extra: &[u8], id: u16) -> Option<&[u8]> {
    blocks(extra).0.into_iter().find(|(found, _)| *found == id).map(|(_, body)| body)
}

/// The id of the zip64 block.
pub(super) const ZIP64: u16 = 1;
/// The id of Info-ZIP's Unicode path.
pub(super) const UNICODE: u16 = 0x7075;
/// A 32-bit number whose real value stands in the zip64 block.
pub(super) const FULL: u64 = 0xffff_ffff;

/// Replaces the numbers that are full by those of a zip64 block, in its order; false if the block is too short.
pub(super) fn widen(body: &[u8], numbers: [&mut u64; 3]) -> bool {
    let mut at = 0;
    for number in numbers {
        if *number == FULL {
            if body.len() < at + 8 {
                return false;
            }
            *number = Bytes(body).u64(at);
            at += 8;
        }
    }
    true
}

/// Where a signature stands next, at or after an offset.
pub(super) fn forwards(archive: &Archive<'_>, mark: u32, from: u64) -> Option<u64> {
    next_of(archive, &[mark], from).map(|(at, _)| at)
}

/// Where one of several signatures stands next, at or after an offset, and which.
pub(super) fn next_of(archive: &Archive<'_>, marks: &[u32], from: u64) -> Option<(u64, u32)> {
    const PIECE: usize = 64 << 10;
    // What is looked for is usually near.
    let (mut at, mut length) = (from, 256);
    loop {
        let piece = archive.bytes(at, length).ok()?;
        let found = piece.windows(4).enumerate().find_map(|(place, four)| {
            let four = Bytes(four).u32(0);
            marks.contains(&four).then_some((at + place as u64, four))
        });
        if found.is_some() || piece.len() < length {
            return found;
        }
        at += (length - 3) as u64;
        length = PIECE;
    }
}

/// The 32-bit number at an offset.
pub(super) fn number(archive: &Archive<'_>, at: u64) -> Option<u32> {
    exact(archive, at, 4).map(|bytes| Bytes(&bytes).u32(0))
}
