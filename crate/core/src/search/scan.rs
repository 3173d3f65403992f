//! One content, searched in windows: it is never in memory whole.

use std::io::Read as _;

use super::excerpt::{AFTER, BEFORE, excerpt};
use super::pattern::{Hit, Pattern};
use crate::compare::encoding::{Encoding, detect};
use crate::error::Fault;
use crate::report::search::SearchSpot;
use crate::store::ContentReader;

/// Bytes read at once.
const WINDOW: usize = 64 << 10;
/// Matches kept of one content, or one name.
pub(super) const MOST_KEPT: usize = 100;

/// Matches in one content, or one name.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// All of them.
    pub(super) count: u64,
    /// The first of them.
    pub(super) kept: Vec<Kept>,
}

/// One match.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) spot: SearchSpot,
    pub(super) excerpt: String,
    pub(super) mark: [u32; 2],
    pub(super) encoding: Encoding,
}

impl Kept {
    /// A match in these bytes, which is at an offset of its content and in a line.
    pub(super) fn new(bytes: &[u8], hit: Hit, offset: u64, line: Option<u64>) -> Self {
        let (excerpt, mark) = excerpt(bytes, hit);
        Self { spot: SearchSpot { offset, line }, excerpt, mark, encoding: hit.encoding }
    }
}

/// A content being searched.
pub(super) struct Scan {
    reader: ContentReader,
    /// What is at hand, and the same in lower case where that is looked at.
    buffer: Vec<u8>,
    folded: Vec<u8>,
    /// Offset of the buffer's first byte in the content.
    start: u64,
    /// Where in the buffer a match may begin.
    from: usize,
    /// How lines are told apart; `None` in what is no text.
    text: Option<Encoding>,
    /// The line that `counted`, a place in the buffer, is in.
    line: u64,
    counted: usize,
    ended: bool,
    found: Found,
    /// Bytes searched.
    pub(super) bytes: u64,
    /// Why the content was not read to its end.
    pub(super) fault: Option<Fault>,
}

impl Scan {
    pub(super) fn new(reader: ContentReader) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            folded: Vec::new(),
            start: 0,
            from: 0,
            text: None,
            line: 1,
            counted: 0,
            ended: false,
            found: Found::default(),
            bytes: 0,
            fault: None,
        }
    }

    /// Searches one more window, keeping at most `room` matches in all; false at the end.
    pub(super) fn advance(&mut self, pattern: &Pattern, room: usize) -> bool {
        self.fill(pattern);
        let limit = match self.ended {
            true => self.buffer.len(),
            false => self.buffer.len().saturating_sub(pattern.reach().saturating_add(AFTER)),
        };
        let odd = !self.start.is_multiple_of(2);
        let (mut from, most) = (self.from, MOST_KEPT.min(room));
        for hit in pattern.hits(&self.buffer, &self.folded, self.from, odd) {
            if hit.start >= limit {
                break;
            }
            from = hit.end;
            self.found.count = self.found.count.saturating_add(1);
            if self.found.kept.len() < most {
                let (line, counted) = count_lines(&self.buffer, self.text, self.line, self.counted, hit.start);
                (self.line, self.counted) = (line, counted);
                let offset = self.start.saturating_add(hit.start as u64);
                self.found.kept.push(Kept::new(&self.buffer, hit, offset, self.text.map(|_| line)));
            }
        }
        self.from = from.max(limit).min(self.buffer.len());
        if !self.ended {
            self.forget();
        }
        !self.ended
    }

    /// What was found.
    pub(super) fn finish(self) -> Found {
        self.found
    }

    fn fill(&mut self, pattern: &Pattern) {
        let before = self.buffer.len();
        // A short read is not the end: windows stay large, so that what is kept of each is little work.
        let read = self.reader.by_ref().take(WINDOW as u64).read_to_end(&mut self.buffer);
        let new = self.buffer.len().saturating_sub(before);
        self.bytes = self.bytes.saturating_add(new as u64);
        if let Err(error) = read {
            self.fault = Some(error.into());
        }
        self.ended = self.fault.is_some() || new < WINDOW;
        if pattern.folds() {
            self.folded.extend(self.buffer.get(before..).unwrap_or_default().iter().map(u8::to_ascii_lowercase));
        }
        if before == 0 && self.start == 0 {
            self.text = detect(&self.buffer);
        }
    }

    /// Drops what no match and no excerpt needs any more; an even number of bytes, as UTF-16 is counted in pairs.
    fn forget(&mut self) {
        let drop = self.from.saturating_sub(BEFORE.max(4)) & !1;
        if self.counted < drop {
            (self.line, self.counted) = count_lines(&self.buffer, self.text, self.line, self.counted, drop);
        }
        self.buffer.drain(..drop.min(self.buffer.len()));
        self.folded.drain(..drop.min(self.folded.len()));
        self.start = self.start.saturating_add(drop as u64);
        self.from = self.from.saturating_sub(drop);
        self.counted = self.counted.saturating_sub(drop);
    }
}

/// The line that `to` is in, if `from` is in `line`; and `to`. A line ends as the view of texts has it: LF, CR, or both.
fn count_lines(bytes: &[u8], text: Option<Encoding>, line: u64, from: usize, to: usize) -> (u64, usize) {
    let Some(encoding) = text else { return (line, to) };
    let part = bytes.get(from..to).unwrap_or_default();
    // A CR ends a line unless its LF does.
    let ends = match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let unit = |at: usize| {
                let pair = <[u8; 2]>::try_from(bytes.get(at..at.checked_add(2)?)?).ok()?;
                Some(if encoding == Encoding::Utf16Le { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
            };
            let ends = |at: &usize| unit(*at) == Some(10) || (unit(*at) == Some(13) && unit(*at + 2) != Some(10));
            ((from & !1)..to.saturating_sub(1)).step_by(2).filter(ends).count()
        }
        _ => {
            let ends = |at: &usize| part.get(*at) == Some(&b'\n') || bytes.get(from + *at + 1) != Some(&b'\n');
            memchr::memchr2_iter(b'\n', b'\r', part).filter(ends).count()
        }
    };
    (line.saturating_add(ends as u64), to)
}
