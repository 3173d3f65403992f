//! The bytes of an archive, for models to read and decode.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sha2::{Digest as _, Sha256};

use crate::codec::{self, Input};
use crate::entry::{BaseId, Coding, Content};
use crate::error::Fault;
use crate::store::Store;

/// The bytes of an archive, for a model to read.
pub struct Archive<'a> {
    store: &'a Store,
    base: BaseId,
    length: u64,
    /// The bytes read last, and where they begin: models walk from record to record.
    near: RefCell<(u64, Vec<u8>)>,
    /// What was decoded already: models mostly agree.
    known: RefCell<BTreeMap<Key, Decoded>>,
    /// Of it, the deflate streams that ended by themselves, by where they begin.
    streams: RefCell<BTreeMap<Key, Decoded>>,
    /// Decoded bytes that may still be spent.
    left: Cell<u64>,
    /// The limit that stopped the work, if one did: the views are then not to be believed.
    stopped: RefCell<Option<Fault>>,
}

/// Which decoding it was: the content, and after how many bytes it stopped.
type Key = (BaseId, u64, u64, u8, Option<u64>, u64);

/// What decoding a content gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// SHA-256 of the decoded bytes.
    pub sha256: [u8; 32],
    /// CRC-32 of them.
    pub crc32: u32,
    /// How many there are.
    pub size: u64,
    /// Stored bytes used: where the compressed stream ended, if it did.
    pub consumed: u64,
    /// Whether more would have come.
    pub more: bool,
    /// Why decoding stopped before the end; what came before is counted above.
    pub fault: Option<Fault>,
    /// Whether it stopped because the range ended, and not at damage.
    pub cut: bool,
}

/// Bytes of an archive that models keep at hand.
const NEAR: usize = 8 << 10;

impl<'a> Archive<'a> {
    /// The archive whose bytes are a base.
    ///
    /// # Errors
    /// What [`Store::len`] says.
    pub fn new(store: &'a Store, base: BaseId) -> Result<Self, Fault> {
        Ok(Self {
            store,
            base,
            length: store.len(base)?,
            near: RefCell::default(),
            known: RefCell::default(),
            streams: RefCell::default(),
            left: Cell::new(u64::MAX),
            stopped: RefCell::default(),
        })
    }

    /// Allows that many decoded bytes to be spent on it.
    #[must_use]
    pub fn spending(self, most: u64) -> Self {
        self.left.set(most);
        self
    }

    /// The base whose bytes these are; contents of members refer to it.
    pub fn base(&self) -> BaseId {
        self.base
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Decoded bytes that are left to be spent.
    pub fn left(&self) -> u64 {
        self.left.get()
    }

    /// The limit that stopped the work, if one did.
    pub fn stopped(&self) -> Option<Fault> {
        self.stopped.borrow().clone()
    }

    /// Up to `count` bytes at an offset; fewer at the end.
    ///
    /// # Errors
    /// What [`Store::read_at`] says.
    pub fn bytes(&self, offset: u64, count: usize) -> Result<Vec<u8>, Fault> {
        if count > NEAR / 4 {
            return self.fetch(offset, count);
        }
        let found = |near: &(u64, Vec<u8>)| {
            let start = usize::try_from(offset.checked_sub(near.0)?).ok()?;
            near.1.get(start..start.checked_add(count)?).map(<[u8]>::to_vec)
        };
        if let Some(bytes) = found(&self.near.borrow()) {
            return Ok(bytes);
        }
        // A little of what comes before, too: some models walk backwards.
        let start = offset.saturating_sub(NEAR as u64 / 8);
        let near = (start, self.fetch(start, NEAR)?);
        let at = usize::try_from(offset - start).unwrap_or(usize::MAX).min(near.1.len());
        let end = at.saturating_add(count).min(near.1.len());
        let bytes = near.1.get(at..end).unwrap_or_default().to_vec();
        self.near.replace(near);
        Ok(bytes)
    }

    fn fetch(&self, offset: u64, count: usize) -> Result<Vec<u8>, Fault> {
        let there = self.length.saturating_sub(offset);
        let count = usize::try_from(there).unwrap_or(usize::MAX).min(count);
        let mut bytes = vec![0; count];
        let mut have = 0;
        while let Some(rest) = bytes.get_mut(have..).filter(|rest| !rest.is_empty()) {
            match self.store.read_at(self.base, offset.saturating_add(have as u64), rest)? {
                0 => break,
                more => have += more,
            }
        }
        bytes.truncate(have);
        Ok(bytes)
    }

    /// A range of the archive, with its coding, as the content of a member.
    pub fn content(&self, offset: u64, stored: u64, coding: Coding, size: Option<u64>) -> Content {
        Content { base: self.base, offset, stored, coding, size }
    }

    /// The first bytes of a content, as decoded: what a reader keeps that stops there, or meets damage there.
    pub fn prefix(&self, content: &Content, size: u64) -> Content {
        if content.coding == Coding::Stored {
            return Content { stored: content.stored.min(size), size: Some(size), ..content.clone() };
        }
        let whole = self.decode(content, size);
        if whole.size == size && !whole.more && whole.fault.is_none() {
            return self.bounded(content, &whole);
        }
        Content::stored(self.store.base_of(content), 0, size)
    }

    /// A content whose range ends where its compressed stream does, so that the same bytes are the same handle.
    pub fn bounded(&self, content: &Content, decoded: &Decoded) -> Content {
        let stored = if decoded.fault.is_none() && !decoded.more && content.coding == Coding::Deflate {
            decoded.consumed
        } else {
            content.stored
        };
        Content { stored, size: Some(decoded.size), ..content.clone() }
    }

    /// A content filled up with zeros to a size, which must be small if there is something to fill.
    pub fn padded(&self, content: &Content, have: u64, size: u64) -> Option<Content> {
        if have >= size {
            return Some(self.prefix(content, size));
        }
        let mut bytes = if have == 0 { Vec::new() } else { self.short(&self.prefix(content, have), 1 << 20)? };
        let size = usize::try_from(size).ok().filter(|size| *size <= 16 << 20)?;
        bytes.resize(size, 0);
        Some(Content::inline(bytes))
    }

    /// The decoded bytes of a content, unless there are more than `most` of them or they cannot be decoded.
    pub fn short(&self, content: &Content, most: u64) -> Option<Vec<u8>> {
        let (bytes, more) = self.store.read(content, most).ok()?;
        (!more).then_some(bytes)
    }

    /// Makes a digest known that was computed elsewhere.
    pub fn know(&self, content: &Content, decoded: Decoded) {
        if content.coding == Coding::Deflate && decoded.consumed == content.stored {
            let start = key(&Content { stored: 0, ..content.clone() }, u64::MAX);
            self.streams.borrow_mut().insert(start, decoded.clone());
        }
        self.known.borrow_mut().insert(key(content, u64::MAX), decoded);
    }

    /// Decodes a content, or its first `most` bytes, and says what came of it.
    pub fn decode(&self, content: &Content, most: u64) -> Decoded {
        if matches!(content.coding, Coding::Inline(_) | Coding::Sparse(_)) {
            // Their bytes are not told by the range alone.
            return self.decode_anew(content, most);
        }
        if let Some(whole) = self.known.borrow().get(&key(content, u64::MAX)).filter(|whole| whole.size <= most) {
            return whole.clone();
        }
        // A deflate stream says itself where it ends: a longer range gives the same.
        let start = key(&Content { stored: 0, ..content.clone() }, u64::MAX);
        if content.coding == Coding::Deflate
            && let Some(whole) = self.streams.borrow().get(&start)
            && whole.size <= most
            && whole.consumed <= content.stored
        {
            return whole.clone();
        }
        if let Some(part) = self.known.borrow().get(&key(content, most)) {
            return part.clone();
        }
        let decoded = self.decode_anew(content, most);
        let most = if decoded.more { most } else { u64::MAX };
        if content.coding == Coding::Deflate && decoded.fault.is_none() && !decoded.more {
            self.streams.borrow_mut().insert(start, decoded.clone());
        }
        self.known.borrow_mut().insert(key(content, most), decoded.clone());
        decoded
    }

    fn decode_anew(&self, content: &Content, most: u64) -> Decoded {
        let (mut hash, mut crc) = (Sha256::new(), crc32fast::Hasher::new());
        let mut decoded =
            Decoded { sha256: [0; 32], crc32: 0, size: 0, consumed: 0, more: false, fault: self.stopped(), cut: false };
        let opened = self.store.range(content).and_then(|range| {
            if matches!(content.coding, Coding::Inline(_) | Coding::Sparse(_)) {
                return Ok((Box::new(self.store.open(content)?) as Box<dyn Read>, Arc::default()));
            }
            let input = Input::new(Box::new(range), self.store.limits());
            let consumed = input.consumed();
            let decoder: Box<dyn Read> = match &content.coding {
                Coding::Stored => Box::new(input),
                // What follows the end of the stream is not read here.
                Coding::Deflate => Box::new(codec::inflate(input)),
                coding => codec::decoder(coding, input, content.size)?,
            };
            Ok((decoder, consumed))
        });
        match opened {
            Err(fault) => decoded.fault = decoded.fault.or(Some(fault)),
            Ok((mut decoder, consumed)) => {
                let mut buffer = vec![0; 64 << 10];
                while decoded.fault.is_none() {
                    let count = match decoder.read(&mut buffer) {
                        Ok(0) => break,
                        Ok(count) => count,
                        Err(error) => {
                            decoded.cut = error.kind() == std::io::ErrorKind::UnexpectedEof;
                            decoded.fault = Some(error.into());
                            break;
                        }
                    };
                    let take = usize::try_from(most - decoded.size).unwrap_or(usize::MAX).min(count);
                    let bytes = buffer.get(..take).unwrap_or_default();
                    hash.update(bytes);
                    crc.update(bytes);
                    decoded.size += take as u64;
                    if take < count {
                        decoded.more = true;
                        break;
                    }
                    decoded.fault = self.spend(count as u64, decoded.size, consumed.load(Ordering::Relaxed));
                }
                decoded.consumed = consumed.load(Ordering::Relaxed);
            }
        }
        decoded.sha256 = hash.finalize().into();
        decoded.crc32 = crc.finalize();
        decoded
    }

    /// Counts decoded bytes; the limit that is reached with them.
    fn spend(&self, count: u64, size: u64, consumed: u64) -> Option<Fault> {
        let limit = match self.left.get().checked_sub(count) {
            Some(left) => {
                self.left.set(left);
                self.store.budget(|budget| budget.check_time().and_then(|()| budget.check_ratio(size, consumed))).err()
            }
            None => Some(Fault::limit("total-bytes", "the views decode to more bytes than may be spent on them")),
        }?;
        self.stopped.borrow_mut().get_or_insert(limit.clone());
        Some(limit)
    }
}

fn key(content: &Content, most: u64) -> Key {
    let coding = match content.coding {
        Coding::Stored => 0,
        Coding::Deflate => 1,
        Coding::Deflate64 => 2,
        Coding::Gzip => 3,
        Coding::Bzip2 => 4,
        Coding::Xz => 5,
        Coding::LzmaAlone => 6,
        Coding::LzmaZip(false) => 7,
        Coding::LzmaZip(true) => 8,
        Coding::Zstd => 9,
        // These are not remembered.
        Coding::Sparse(_) | Coding::Inline(_) => 10,
    };
    // Only this one uses the size to decode.
    let size = content.size.filter(|_| matches!(content.coding, Coding::LzmaZip(_)));
    (content.base, content.offset, content.stored, coding, size, most)
}
