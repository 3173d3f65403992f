//! The records that describe an entry: the directory's (APPNOTE 4.3.12), the local header (4.3.7) and the data
//! descriptor (4.3.9).

use super::extra::{self, Blocks};

/// Signature of a local header.
pub(super) const LOCAL: [u8; 4] = *b"PK\x03\x04";
/// Signature of a directory record.
pub(super) const CENTRAL: [u8; 4] = *b"PK\x01\x02";
/// Signature of a data descriptor, which may be left out.
pub(super) const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

/// Flag bits (APPNOTE 4.4.4) that this parser acts on.
pub(super) mod flag {
    pub(in super::super) const ENCRYPTED: u16 = 1;
    /// LZMA: the stream ends with a marker.
    pub(in super::super) const LZMA_MARKER: u16 = 1 << 1;
    /// CRC and sizes follow the data.
    pub(in super::super) const DESCRIPTOR: u16 = 1 << 3;
    /// Name and comment are UTF-8.
    pub(in super::super) const UTF8: u16 = 1 << 11;
}

/// Bits of [`Header::zip64`]: which values stand in the zip64 block, their own place holding only ones.
pub(super) mod wide {
    pub(in super::super) const SIZE: u8 = 1;
    pub(in super::super) const COMPRESSED: u8 = 2;
    pub(in super::super) const OFFSET: u8 = 4;
    pub(in super::super) const DISK: u8 = 8;
}

/// Little-endian numbers off the front of some bytes.
pub(super) struct Front<'a>(pub(super) &'a [u8]);

impl<'a> Front<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    /// Whether these four bytes come next; skips them.
    pub(super) fn signature(&mut self, signature: [u8; 4]) -> Option<()> {
        (self.array::<4>()? == signature).then_some(())
    }
}

/// What the directory record and the local header both say, zip64 values filled in.
#[derive(Clone, Copy, Default)]
pub(super) struct Header<'a> {
    pub(super) needed: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    /// DOS time and date.
    pub(super) time: (u16, u16),
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
    /// Of the local header, as stored; 0 in the local header itself.
    pub(super) offset: u64,
    pub(super) disk: u32,
    pub(super) name: &'a [u8],
    pub(super) extra: &'a [u8],
    /// Bits of [`wide`].
    pub(super) zip64: u8,
    /// Bytes of the zip64 block that no value asked for.
    pub(super) zip64_left: usize,
}

impl<'a> Header<'a> {
    /// Bytes of a local header before its name.
    pub(super) const FIXED: u64 = 30;

    /// How many bytes follow the fixed part of a local header; `None` when this is none.
    pub(super) fn variable(fixed: &[u8]) -> Option<u64> {
        let mut front = Front(fixed);
        front.signature(LOCAL)?;
        front.take(22)?;
        Some(u64::from(front.u16()?) + u64::from(front.u16()?))
    }

    /// A whole local header.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut front = Front(bytes);
        front.signature(LOCAL)?;
        let mut header = Self::common(&mut front)?;
        let (name, extra) = (front.u16()?, front.u16()?);
        header.name = front.take(name.into())?;
        header.extra = front.take(extra.into())?;
        header.widen();
        Some(header)
    }

    /// From the version needed to the size.
    fn common(front: &mut Front<'a>) -> Option<Self> {
        Some(Self {
            needed: front.u16()?,
            flags: front.u16()?,
            method: front.u16()?,
            time: (front.u16()?, front.u16()?),
            crc: front.u32()?,
            compressed: front.u32()?.into(),
            size: front.u32()?.into(),
            ..Self::default()
        })
    }

    /// Takes the values that do not fit from the zip64 block, in this order (APPNOTE 4.5.3).
    fn widen(&mut self) {
        let Some((_, block)) = Blocks::new(self.extra).find(|(id, _)| *id == extra::ZIP64) else { return };
        let mut front = Front(block);
        let full = u64::from(u32::MAX);
        for (value, bit) in
            [(&mut self.size, wide::SIZE), (&mut self.compressed, wide::COMPRESSED), (&mut self.offset, wide::OFFSET)]
        {
            if *value == full
                && let Some(real) = front.u64()
            {
                *value = real;
                self.zip64 |= bit;
            }
        }
        if self.disk == u32::from(u16::MAX)
            && let Some(disk) = front.u32()
        {
            self.disk = disk;
            self.zip64 |= wide::DISK;
        }
        self.zip64_left = front.0.len();
    }

    /// Whether a local header found by its signature alone may really be one, with `room` bytes from it on.
    pub(super) fn plausible(fixed: &'a [u8], room: u64) -> bool {
        let Some(variable) = Self::variable(fixed) else { return false };
        let mut front = Front(fixed);
        let known = front.take(4).and_then(|_| Self::common(&mut front)).is_some_and(|header| {
            // The highest version ever defined is 6.3; methods end at 20 and go on from 93 to 99.
            header.needed & 0xff <= 63 && matches!(header.method, 0..=20 | 93..=99)
        });
        known && front.u16().is_some_and(|name| name > 0) && Self::FIXED + variable <= room
    }
}

/// A directory record.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) header: Header<'a>,
    pub(super) made: u16,
    pub(super) internal: u16,
    pub(super) external: u32,
    pub(super) comment: &'a [u8],
}

impl<'a> Record<'a> {
    /// Bytes before the name.
    pub(super) const FIXED: u64 = 46;

    /// How many bytes the record has that begins with these; `None` when none begins here.
    pub(super) fn length(fixed: &[u8]) -> Option<u64> {
        let mut front = Front(fixed);
        front.signature(CENTRAL)?;
        front.take(24)?;
        let [name, extra, comment] = [front.u16()?, front.u16()?, front.u16()?];
        Some(Self::FIXED + u64::from(name) + u64::from(extra) + u64::from(comment))
    }

    /// A whole record.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let mut front = Front(bytes);
        front.signature(CENTRAL)?;
        let made = front.u16()?;
        let mut header = Header::common(&mut front)?;
        let [name, extra, comment] = [front.u16()?, front.u16()?, front.u16()?];
        header.disk = front.u16()?.into();
        let (internal, external) = (front.u16()?, front.u32()?);
        header.offset = front.u32()?.into();
        header.name = front.take(name.into())?;
        header.extra = front.take(extra.into())?;
        let comment = front.take(comment.into())?;
        header.widen();
        Some(Self { header, made, internal, external, comment })
    }

    /// The system that made the record.
    pub(super) fn host(&self) -> u8 {
        let [_, host] = self.made.to_le_bytes();
        host
    }

    /// The upper half of the external attributes: the Unix mode, by convention.
    pub(super) fn mode(&self) -> u32 {
        self.external >> 16
    }
}

/// CRC and sizes after the data, in one of four forms.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) signed: bool,
    pub(super) wide: bool,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    pub(super) size: u64,
}

impl Descriptor {
    /// Bytes of the longest form, and of the signature behind it.
    pub(super) const MOST: u64 = 28;
    /// The wider form first: the narrow one matches too when the sizes are zero.
    const FORMS: [(bool, bool); 4] = [(true, true), (true, false), (false, true), (false, false)];

    fn read(bytes: &[u8], signed: bool, wide: bool) -> Option<Self> {
        let mut front = Front(bytes);
        if signed {
            front.signature(DESCRIPTOR)?;
        }
        let crc = front.u32()?;
        let mut number = || if wide { front.u64() } else { front.u32().map(u64::from) };
        Some(Self { signed, wide, crc, compressed: number()?, size: number()? })
    }

    /// The descriptor right after the data of `header`: the form that agrees with it, or else the one signed, or else
    /// the one with a record right behind it.
    pub(super) fn after(bytes: &[u8], header: &Header<'_>, wide: bool) -> Option<Self> {
        let agrees =
            |form: &Self| (form.crc, form.compressed, form.size) == (header.crc, header.compressed, header.size);
        Self::FORMS
            .iter()
            .filter_map(|(signed, wide)| Self::read(bytes, *signed, *wide))
            .find(agrees)
            .or_else(|| Self::read(bytes, true, wide))
            .or_else(|| {
                let behind = |form: &Self| {
                    let rest = bytes.split_at_checked(if form.wide { 20 } else { 12 }).map(|(_, rest)| rest);
                    rest.is_some_and(|rest| rest.starts_with(&LOCAL) || rest.starts_with(&CENTRAL))
                };
                [false, true].into_iter().filter_map(|wide| Self::read(bytes, false, wide)).find(behind)
            })
    }

    /// The descriptor that begins at the front of `bytes`, `compressed` bytes after the data began.
    pub(super) fn begins(bytes: &[u8], compressed: u64) -> Option<Self> {
        [true, false]
            .iter()
            .filter_map(|wide| Self::read(bytes, true, *wide))
            .find(|form| form.compressed == compressed)
    }

    /// The unsigned descriptor that ends where `before` ends, the data having begun `distance` bytes before that.
    pub(super) fn ends(before: &[u8], distance: u64) -> Option<Self> {
        [true, false].iter().find_map(|wide| {
            let length = if *wide { 20 } else { 12 };
            let bytes = before.get(before.len().checked_sub(length)?..)?;
            let form = Self::read(bytes, false, *wide)?;
            (Some(form.compressed) == distance.checked_sub(length as u64)).then_some(form)
        })
    }

    /// Bytes it takes.
    pub(super) fn length(self) -> u64 {
        let signature = if self.signed { 4 } else { 0 };
        signature + if self.wide { 20 } else { 12 }
    }

    /// Its form in words.
    pub(super) fn form(self) -> &'static str {
        match (self.signed, self.wide) {
            (true, false) => "signature, 32 bits",
            (true, true) => "signature, 64 bits",
            (false, false) => "no signature, 32 bits",
            (false, true) => "no signature, 64 bits",
        }
    }
}
