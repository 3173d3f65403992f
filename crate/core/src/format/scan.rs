//! Going through an archive from front to back: looking at what comes next, and keeping what belongs to no entry.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::Opening;
use crate::display;
use crate::entry::Value;
use crate::error::Fault;

/// Bytes read at once: the padding of one member, the headers of the next, and a small body between them.
pub(super) const WINDOW: usize = 2048;

/// A few bytes ahead of the parser.
#[derive(Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    at: u64,
}

impl Window {
    /// Up to `count` bytes at `at`, fewer only at the end.
    pub(super) fn peek(&mut self, opening: &mut dyn Opening, at: u64, count: usize) -> Result<&[u8], Fault> {
        let start = at.checked_sub(self.at).and_then(|start| usize::try_from(start).ok()).unwrap_or(usize::MAX);
        if start.saturating_add(count) <= self.bytes.len() {
            return Ok(self.bytes.get(start..start.saturating_add(count)).unwrap_or_default());
        }
        self.bytes.clear();
        self.bytes.resize(count.max(WINDOW), 0);
        let mut filled = 0;
        while filled < count {
            let rest = self.bytes.get_mut(filled..).unwrap_or_default();
            match opening.read_at(at.saturating_add(filled as u64), rest) {
                Ok(0) => break,
                Ok(more) => filled += more,
                Err(fault) => {
                    self.bytes.clear();
                    return Err(fault);
                }
            }
        }
        self.bytes.truncate(filled);
        self.at = at;
        Ok(self.bytes.get(..count).unwrap_or(&self.bytes))
    }
}

/// Paddings that are listed; the rest is counted and hashed.
const MOST_PADDINGS: u64 = 100;

/// Bytes that stand between members where nothing should be.
#[derive(Default)]
pub(super) struct Padding {
    count: u64,
    first: Option<(u64, Vec<u8>)>,
    more: Option<Sha256>,
}

impl Padding {
    /// Keeps the bytes at `offset`, which follow the member of this path.
    pub(super) fn keep(&mut self, opening: &mut dyn Opening, offset: u64, bytes: &[u8], path: &[u8]) {
        self.count += 1;
        self.first.get_or_insert_with(|| (offset, path.to_vec()));
        if self.count <= MOST_PADDINGS {
            let name = match self.count {
                1 => Cow::Borrowed("padding-bytes"),
                nth => format!("padding-bytes {nth}").into(),
            };
            opening.say(name, Value::Bytes(bytes.to_vec()));
        } else {
            let hash = self.more.get_or_insert_default();
            hash.update(offset.to_le_bytes());
            hash.update(bytes);
        }
    }

    /// Says that there were some, once for all, as a case of the finding `id` where there is one.
    pub(super) fn tell(self, opening: &mut dyn Opening, id: Option<&'static str>) {
        if let Some(hash) = self.more {
            opening.say("padding-sha256", Value::Digest(hash.finalize().into()));
        }
        if let Some((offset, path)) = self.first {
            let count = self.count;
            let places = if count == 1 { "place" } else { "places" };
            let path = shown(&path);
            let message = format!("bytes that belong to no entry stand in {count} {places}, the first after {path}");
            let fault = Fault::at(offset, message);
            opening.problem(match id {
                Some(id) => fault.raises(id),
                None => fault,
            });
        }
    }
}

/// How many bytes there are from an offset on, and their digest.
pub(super) fn hash(opening: &mut dyn Opening, start: u64) -> Result<(u64, [u8; 32]), Fault> {
    let mut chunk = vec![0; 64 << 10];
    let (mut at, mut hash) = (start, Sha256::new());
    loop {
        let read = opening.read_at(at, &mut chunk)?;
        if read == 0 {
            return Ok((at - start, hash.finalize().into()));
        }
        hash.update(chunk.get(..read).unwrap_or_default());
        at += read as u64;
    }
}

/// After a fault: what was not read from an offset on, as a digest, so that it can at least be told apart.
///
/// A limit that ends all work ends this, too.
pub(super) fn tell_unread(opening: &mut dyn Opening, start: u64, fault: &Fault) {
    if !matches!(fault.limit, None | Some("header-bytes")) {
        return;
    }
    if let Ok((count @ 1.., digest)) = hash(opening, start) {
        opening.say("unread-bytes", Value::Number(count.into()));
        opening.say("unread-sha256", Value::Digest(digest));
    }
}

/// A fault that says how far an archive could be read: the path of the last member, if there was one.
pub(super) fn fault(offset: u64, what: &str, last: Option<&[u8]>) -> Fault {
    let after = match last {
        None => "it has no entry before that".into(),
        Some(path) => format!("the last good entry is {}", shown(path)),
    };
    Fault::at(offset, format!("{what}; {after}"))
}

/// A path in a sentence.
pub(super) fn shown(path: &[u8]) -> String {
    match path.get(..120) {
        Some(head) => format!("{}…", display::bytes(head)),
        None => display::bytes(path),
    }
}
