//! One header block: its fields, which layout it has, and its checksum.

use super::super::Time;
use super::number::{numeric, octal};
use super::{Dialects, Header};

/// A field: first byte and length.
pub(super) type Span = (usize, usize);

// POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar and star use some of it otherwise.
pub(super) const NAME: Span = (0, 100);
pub(super) const MODE: Span = (100, 8);
pub(super) const UID: Span = (108, 8);
pub(super) const GID: Span = (116, 8);
pub(super) const SIZE: Span = (124, 12);
pub(super) const MTIME: Span = (136, 12);
pub(super) const CHECKSUM: Span = (148, 8);
pub(super) const TYPE: Span = (156, 1);
pub(super) const LINK: Span = (157, 100);
pub(super) const MAGIC: Span = (257, 6);
pub(super) const VERSION: Span = (263, 2);
pub(super) const OWNER: Span = (265, 32);
pub(super) const GROUP: Span = (297, 32);
pub(super) const MAJOR: Span = (329, 8);
pub(super) const MINOR: Span = (337, 8);
pub(super) const PREFIX: Span = (345, 155);
pub(super) const GNU_ATIME: Span = (345, 12);
pub(super) const GNU_CTIME: Span = (357, 12);
const STAR_PREFIX: Span = (345, 131);
const STAR_ATIME: Span = (476, 12);
const STAR_CTIME: Span = (488, 12);
const STAR_MAGIC: Span = (508, 4);

/// Which layout a block has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    V7,
    Ustar,
    Star,
    Gnu,
}

/// 512 bytes.
pub(super) struct Block(pub(super) [u8; 512]);

impl Block {
    pub(super) fn bytes(&self, (start, length): Span) -> &[u8] {
        self.0.get(start..start + length).unwrap_or_default()
    }

    /// A field up to its first NUL.
    fn text(&self, span: Span) -> Vec<u8> {
        self.bytes(span).split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
    }

    pub(super) fn put(&mut self, (start, length): Span, bytes: &[u8]) {
        let count = length.min(bytes.len());
        if let (Some(to), Some(from)) = (self.0.get_mut(start..start + count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// The sum of all bytes with the checksum's own as spaces, and the same over signed bytes.
    fn sums(&self) -> (i64, i64) {
        let (start, length) = CHECKSUM;
        let mut sums = (0, 0);
        for (index, byte) in self.0.iter().enumerate() {
            let byte = if (start..start + length).contains(&index) { b' ' } else { *byte };
            sums.0 += i64::from(byte);
            sums.1 += i64::from(byte.cast_signed());
        }
        sums
    }

    /// Six digits, NUL, space.
    pub(super) fn seal(&mut self) {
        let sum = format!("{:06o}\0 ", self.sums().0);
        self.put(CHECKSUM, sum.as_bytes());
    }

    fn layout(&self) -> Option<Layout> {
        let stated = octal(self.bytes(CHECKSUM))?;
        let (unsigned, signed) = self.sums();
        if stated != unsigned && stated != signed {
            return None;
        }
        Some(match (self.bytes(MAGIC), self.bytes(VERSION)) {
            (b"ustar\0", _) if self.bytes(STAR_MAGIC) == b"tar\0" => Layout::Star,
            (b"ustar\0", _) => Layout::Ustar,
            (b"ustar ", b" \0") => Layout::Gnu,
            _ => Layout::V7,
        })
    }

    /// What the block alone says; `None` if it is no header for Go.
    pub(super) fn header(&self) -> Option<Header> {
        let layout = self.layout()?;
        let number = |span| numeric(self.bytes(span));
        let mut header = Header {
            flag: self.bytes(TYPE).first().copied().unwrap_or_default(),
            name: self.text(NAME),
            target: self.text(LINK),
            size: number(SIZE)?,
            mode: number(MODE)?,
            uid: number(UID)?,
            gid: number(GID)?,
            mtime: Time::new(number(MTIME)?),
            ..Header::empty()
        };
        if layout == Layout::V7 {
            return Some(header);
        }
        header.owner = self.text(OWNER);
        header.group = self.text(GROUP);
        header.major = number(MAJOR)?;
        header.minor = number(MINOR)?;
        let mut prefix = Vec::new();
        match layout {
            Layout::V7 => {}
            Layout::Ustar => {
                prefix = self.text(PREFIX);
                let ended = [SIZE, MODE, UID, GID, MTIME, MAJOR, MINOR];
                let ended = ended.iter().all(|span| self.bytes(*span).last() == Some(&0));
                if self.0.is_ascii() && ended {
                    header.dialects = Dialects { gnu: false, ..Dialects::ALL };
                }
            }
            Layout::Star => {
                prefix = self.text(STAR_PREFIX);
                header.atime = Time::new(number(STAR_ATIME)?);
                header.ctime = Time::new(number(STAR_CTIME)?);
            }
            Layout::Gnu => {
                header.dialects = Dialects::GNU;
                let times = [GNU_ATIME, GNU_CTIME].map(|span| match self.bytes(span).first() {
                    Some(0) | None => Some(Time::ZERO),
                    Some(_) => number(span).map(Time::new),
                });
                if let [Some(atime), Some(ctime)] = times {
                    (header.atime, header.ctime) = (atime, ctime);
                } else {
                    // Written by something that took GNU's magic for its own, with a prefix where GNU has times.
                    header.dialects = Dialects::NONE;
                    prefix = self.text(PREFIX);
                    if !prefix.is_ascii() {
                        prefix.clear();
                    }
                }
            }
        }
        if !prefix.is_empty() {
            header.name = [&prefix, &b"/"[..], &header.name].concat();
        }
        Some(header)
    }
}
