//! tar as Go's `archive/tar` has it: what a header says after reading, how it is read, and how it is written.

mod block;
mod layout;
mod number;
mod read;
mod records;
mod sparse;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::entry::Content;

use super::Time;
pub(crate) use layout::{forced, layout};
pub(crate) use read::read;

/// Which dialects a header may be written in; none of them: no wish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialects {
    pub(crate) ustar: bool,
    pub(crate) pax: bool,
    pub(crate) gnu: bool,
}

impl Dialects {
    pub(crate) const ALL: Self = Self { ustar: true, pax: true, gnu: true };
    pub(crate) const PAX: Self = Self { ustar: false, pax: true, gnu: false };
    const GNU: Self = Self { ustar: false, pax: false, gnu: true };
    const NONE: Self = Self { ustar: false, pax: false, gnu: false };

    /// Those in both.
    fn and(self, other: Self) -> Self {
        Self { ustar: self.ustar && other.ustar, pax: self.pax && other.pax, gnu: self.gnu && other.gnu }
    }
}

/// Key and value of extension records.
pub(crate) type Records = BTreeMap<Vec<u8>, Vec<u8>>;

/// One member's header, GNU and PAX extensions resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) flag: u8,
    pub(crate) name: Vec<u8>,
    pub(crate) target: Vec<u8>,
    /// As stated; links and folders have no body whatever it says.
    pub(crate) size: i64,
    pub(crate) mode: i64,
    pub(crate) uid: i64,
    pub(crate) gid: i64,
    pub(crate) owner: Vec<u8>,
    pub(crate) group: Vec<u8>,
    pub(crate) mtime: Time,
    pub(crate) atime: Time,
    pub(crate) ctime: Time,
    pub(crate) major: i64,
    pub(crate) minor: i64,
    /// Extended attributes, without their prefix.
    pub(crate) xattrs: Records,
    /// All records of the PAX header before it.
    pub(crate) records: Records,
    pub(crate) dialects: Dialects,
}

/// A record's prefix for extended attributes.
const XATTR: &[u8] = b"SCHILY.xattr.";
/// The longest extension header, in bytes.
const MOST_EXTENSION: u64 = 1 << 20;
const BLOCK: u64 = 512;

/// The type of a global PAX header.
pub(crate) const GLOBAL: u8 = b'g';

impl Header {
    /// A header that says nothing.
    pub(crate) fn empty() -> Self {
        Self {
            flag: 0,
            name: Vec::new(),
            target: Vec::new(),
            size: 0,
            mode: 0,
            uid: 0,
            gid: 0,
            owner: Vec::new(),
            group: Vec::new(),
            mtime: Time::ZERO,
            atime: Time::ZERO,
            ctime: Time::ZERO,
            major: 0,
            minor: 0,
            xattrs: Records::new(),
            records: Records::new(),
            dialects: Dialects::NONE,
        }
    }

    /// Whether its type has no body.
    pub(crate) fn is_bare(&self) -> bool {
        is_bare(self.flag)
    }
}

fn is_bare(flag: u8) -> bool {
    matches!(flag, b'1'..=b'6')
}

/// A member as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) header: Header,
    /// Its body, empty where it has none.
    pub(crate) content: Content,
    /// Why Go gives up at this entry, where we can go on.
    pub(crate) refused: Option<String>,
}
