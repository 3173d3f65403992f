//! Archives as Go's standard library reads and writes them (`archive/tar`, `archive/zip`, `compress/gzip` of Go 1.25),
//! because that is what OSS Rebuild sees of an artifact, where it gives up, and how its stabilized archives are laid out.
//!
//! The formats of [`format`](mod@crate::format) read on where they can and tell everything. These readers are as strict,
//! and as blind, as Go's: whatever they leave out, upstream never saw. They give headers and handles, never contents.

use crate::entry::{BaseId, Coding, Content};
use crate::error::Fault;
use crate::store::Store;

pub(crate) mod gzip;
mod path;
pub(crate) mod tar;
mod time;
pub(crate) mod zip;

pub(crate) use time::Time;

/// Why reading or writing stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Go reports an error here: a clause that says what is wrong.
    Refused(String),
    /// A limit or a device of ours.
    Fault(Fault),
}

impl Stop {
    pub(crate) fn refused<T>(reason: impl Into<String>) -> Result<T, Self> {
        Err(Self::Refused(reason.into()))
    }
}

/// Damage is what Go stops at too; a limit is ours.
impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        if fault.limit.is_some() { Self::Fault(fault) } else { Self::Refused(fault.to_string()) }
    }
}

/// A name in a reason.
pub(crate) fn shown(name: &[u8]) -> String {
    const MOST: usize = 120;
    let text = crate::display::bytes(name.get(..MOST).unwrap_or(name));
    if name.len() > MOST { format!("{text}…") } else { text }
}

/// Bytes of the artifact read at once: enough for several small members, and not much where they are far apart.
const PIECE: usize = 16 << 10;

/// The bytes of a base, as far as Go gets to see them.
pub(crate) struct Bytes<'s> {
    store: &'s Store,
    base: BaseId,
    /// How many there are, where that is less than the base has.
    most: u64,
    /// How they end.
    end: End,
    at: u64,
    piece: Vec<u8>,
}

/// How bytes end.
enum End {
    /// Regularly, or by what is known to be wrong.
    Known(Option<String>),
    /// As the gzip stream that they come from: to be found out when it matters.
    Gzip(Content),
}

impl<'s> Bytes<'s> {
    /// All bytes of a base that is not compressed.
    pub(crate) fn plain(store: &'s Store, base: BaseId) -> Self {
        Self { store, base, most: u64::MAX, end: End::Known(None), at: 0, piece: Vec::new() }
    }

    /// What a gzip stream holds (see [`gzip::content`]). `clean`: whether reading it met nothing unusual, so that Go gets
    /// to see as much as we do.
    ///
    /// # Errors
    /// A limit or a device.
    pub(crate) fn gzip(store: &'s Store, content: &Content, clean: bool) -> Result<Self, Stop> {
        let base = store.base_of(content);
        let (most, end) = if clean {
            (u64::MAX, End::Gzip(content.clone()))
        } else {
            let extent = gzip::extent(store, content)?;
            (extent.length, End::Known(extent.fault))
        };
        Ok(Self { store, base, most, end, at: 0, piece: Vec::new() })
    }

    pub(crate) fn base(&self) -> BaseId {
        self.base
    }

    /// How many bytes there are.
    pub(crate) fn len(&self) -> Result<u64, Stop> {
        Ok(self.store.len(self.base)?.min(self.most))
    }

    /// A range of these bytes as content.
    pub(crate) fn slice(&self, offset: u64, length: u64) -> Content {
        Content { base: self.base, offset, stored: length, coding: Coding::Stored, size: Some(length) }
    }

    /// `count` bytes at `at`, fewer only where the bytes end.
    pub(crate) fn get(&mut self, at: u64, count: usize) -> Result<&[u8], Stop> {
        let have = self.at.saturating_add(self.piece.len() as u64);
        if at < self.at || at.saturating_add(count as u64) > have {
            let left = usize::try_from(self.most.saturating_sub(at)).unwrap_or(usize::MAX);
            let wanted = count.max(if self.base == 0 { PIECE } else { 0 }).min(left);
            self.at = at;
            self.piece.clear();
            self.piece.resize(wanted, 0);
            let mut filled = 0;
            while let Some(rest) = self.piece.get_mut(filled..)
                && !rest.is_empty()
            {
                match self.store.read_at(self.base, at.saturating_add(filled as u64), rest) {
                    Ok(0) => break,
                    Ok(read) => filled += read,
                    Err(fault) if fault.limit.is_some() => return Err(Stop::Fault(fault)),
                    Err(fault) => {
                        self.end = End::Known(Some(fault.message));
                        break;
                    }
                }
            }
            self.piece.truncate(filled);
        }
        let within = usize::try_from(at.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let rest = self.piece.get(within..).unwrap_or_default();
        Ok(rest.get(..count).unwrap_or(rest))
    }

    /// Asks how the bytes end, where more were wanted than there are.
    ///
    /// # Errors
    /// What Go reports instead of an end.
    pub(crate) fn end(&mut self) -> Result<(), Stop> {
        if let End::Gzip(content) = &self.end {
            self.end = End::Known(gzip::extent(self.store, content)?.fault);
        }
        match &self.end {
            End::Known(Some(reason)) => Stop::refused(reason.clone()),
            _ => Ok(()),
        }
    }
}
