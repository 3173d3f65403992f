//! zip as Go's `archive/zip` has it: what a directory record says, how the directory is found, and how an archive is
//! laid out.

mod directory;
mod layout;
mod modified;
#[cfg(test)]
mod tests;

use crate::entry::{Coding, Content};

use super::{Bytes, Stop, shown};
pub(crate) use directory::read;
pub(crate) use layout::{Closed, Written, end};
pub(crate) use modified::Modified;

/// One member's directory record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    /// Whether name and comment are to be taken for something else than UTF-8.
    pub(crate) not_utf8: bool,
    pub(crate) made_by: u16,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) modified: Modified,
    pub(crate) crc32: u32,
    pub(crate) extra: Vec<u8>,
    pub(crate) attributes: u32,
}

impl Header {
    /// Whether it is a folder: its name alone decides.
    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }
}

/// A member as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) header: Header,
    /// Where its local header is.
    offset: i64,
    compressed: u64,
    size: u64,
    /// Whether a data descriptor follows the data.
    described: bool,
}

/// No coding, and deflate: all that Go knows.
const STORED: u16 = 0;
const DEFLATE: u16 = 8;

/// What must hold of a content after reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) size: u64,
    /// `None`: not looked at.
    pub(crate) crc32: Option<u32>,
}

impl Entry {
    /// The member's content and what must hold of it, or `None` for a folder.
    ///
    /// # Errors
    /// What Go reports when it opens the member.
    pub(crate) fn content(&self, bytes: &mut Bytes<'_>) -> Result<Option<(Content, Expected)>, Stop> {
        let name = shown(&self.header.name);
        let missing = || Stop::Refused(format!("there is no local header of {name}"));
        let start = u64::try_from(self.offset).map_err(|_| missing())?;
        let local = bytes.get(start, 30)?;
        let &[b'P', b'K', 3, 4, .., n0, n1, e0, e1] = local else { return Err(missing()) };
        if local.len() < 30 {
            return Err(missing());
        }
        let data = start + 30 + u64::from(u16::from_le_bytes([n0, n1])) + u64::from(u16::from_le_bytes([e0, e1]));
        if self.header.is_folder() {
            return if self.size == 0 { Ok(None) } else { Stop::refused(format!("the folder {name} has data")) };
        }
        let coding = match self.header.method {
            STORED => Coding::Stored,
            DEFLATE => Coding::Deflate,
            _ => return Stop::refused(format!("{name} is compressed by a method that OSS Rebuild does not know")),
        };
        let crc32 = self.header.crc32;
        if self.described {
            self.check_descriptor(bytes, data)?;
        }
        // A negative length is none.
        let stored = if i64::try_from(self.compressed).is_ok() { self.compressed } else { 0 };
        let there = bytes.len()?.saturating_sub(data);
        let content = Content { base: bytes.base(), offset: data, stored: stored.min(there), coding, size: None };
        // Without a descriptor, a checksum of 0 means none to Go.
        let checked = self.described || crc32 != 0;
        Ok(Some((content, Expected { size: self.size, crc32: checked.then_some(crc32) })))
    }

    /// Only the descriptor's checksum is looked at, behind its signature if it has one.
    fn check_descriptor(&self, bytes: &mut Bytes<'_>, data: u64) -> Result<(), Stop> {
        let name = shown(&self.header.name);
        let at = data.checked_add(self.compressed);
        let descriptor = match at {
            Some(at) => bytes.get(at, 16)?,
            None => &[],
        };
        let (crc32, whole) = match descriptor {
            [b'P', b'K', 7, 8, rest @ ..] => (rest.get(..4), rest.len() >= 12),
            rest => (rest.get(..4), rest.len() >= 12),
        };
        if !whole || crc32 != Some(&self.header.crc32.to_le_bytes()) {
            return Stop::refused(format!("the data descriptor of {name} contradicts the directory"));
        }
        Ok(())
    }
}

/// Whether some bytes are UTF-8, and if so whether an older reader could take them for something else.
fn utf8(bytes: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.bytes().any(|byte| !matches!(byte, 0x20..=0x7d) || byte == b'\\'))
}
