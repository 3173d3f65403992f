//! A header: an index of tags, and their data (RPM manual, "The Header Structure").
//!
//! The signature header and the main header have the same form. Nothing in the index is trusted: a tag whose data do
//! not lie in the data section has no data, and what belongs to no tag is counted.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::tag::{self, Known};
use crate::error::Fault;

/// How a header begins; the byte behind it is the version, 1.
pub(super) const MAGIC: [u8; 3] = [0x8e, 0xad, 0xe8];
/// Bytes before the index.
pub(super) const INTRO: u64 = 16;
/// Bytes of one entry of the index, and of the mark at the end of a region.
const ENTRY: usize = 16;
/// Tags that stand for a region of the header: the data end in a mark that says how long it is.
const REGIONS: std::ops::RangeInclusive<u32> = 61..=63;
/// The locales of the texts of type [`Type::Translated`].
pub(super) const LOCALES: u32 = 100;
/// Tags in one header; rpm refuses more.
const MOST_TAGS: u32 = 0xffff;
/// Oddities of one header that are listed; more are told apart by a digest.
const MOST_LISTED: usize = 100;

/// What the data of a tag are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Numbers of this many bytes.
    Number(u8),
    /// One text.
    Text,
    /// Bytes.
    Bytes,
    /// Texts, one after another.
    Texts,
    /// One text in several languages.
    Translated,
}

impl Type {
    /// By its number. CHAR is taken for a number, which it is in files' states.
    fn of(number: u32) -> Option<Self> {
        Some(match number {
            1 | 2 => Self::Number(1),
            3 => Self::Number(2),
            4 => Self::Number(4),
            5 => Self::Number(8),
            6 => Self::Text,
            7 => Self::Bytes,
            8 => Self::Texts,
            9 => Self::Translated,
            _ => return None,
        })
    }

    /// Data of this type begin at a multiple of this.
    fn alignment(self) -> u64 {
        match self {
            Self::Number(size) => size.into(),
            _ => 1,
        }
    }
}

/// One entry of the index.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    /// Its number.
    pub(crate) id: u32,
    /// The number of its type.
    pub(super) kind: u32,
    /// Where its data begin in the data section.
    offset: u32,
    /// How many values it has.
    pub(crate) count: u32,
    /// Where its data are in the data section, if they are there.
    range: Option<Range<usize>>,
}

impl Tag {
    /// What its data are.
    pub(crate) fn data_type(&self) -> Option<Type> {
        Type::of(self.kind)
    }
}

/// A header in memory.
pub(crate) struct Header {
    /// Where it begins.
    pub(crate) start: u64,
    /// All of it.
    pub(crate) bytes: Vec<u8>,
    /// The index, in stored order.
    pub(crate) tags: Vec<Tag>,
    /// The tags that are known.
    pub(super) known: &'static [Known],
    /// Where the data section begins in the bytes.
    data: usize,
}

/// Gives bytes at an offset, as [`crate::format::Opening::read_at`] does.
pub(crate) type Read<'a> = &'a mut dyn FnMut(u64, &mut [u8]) -> Result<usize, Fault>;

impl Header {
    /// Reads a header of at most `most` bytes; `None` if there is none at this place.
    ///
    /// # Errors
    /// As `read`; a header that claims more than there is, or than `most`.
    pub(super) fn read(read: Read<'_>, start: u64, most: u64, known: &'static [Known]) -> Result<Option<Self>, Fault> {
        let intro = up_to(read, start, INTRO)?;
        if !intro.starts_with(&MAGIC) {
            return Ok(None);
        }
        let Some((_, counts)) = intro.split_first_chunk::<8>() else { return Err(cut(start + intro.len() as u64)) };
        let (Some(index), Some(data)) = (u32_at(counts, 0), u32_at(counts, 4)) else {
            return Err(cut(start + intro.len() as u64));
        };
        let length = INTRO + u64::from(index) * ENTRY as u64 + u64::from(data);
        if intro.get(3) != Some(&1) {
            return Err(Fault::at(start + 3, "the header is of an unknown version").raises("RPM-05"));
        }
        if index > MOST_TAGS {
            let message = format!("the header claims {index} tags, and rpm refuses more than {MOST_TAGS}");
            return Err(Fault::at(start + 8, message).raises("RPM-05"));
        }
        if length > most {
            let message = format!("stopped at the limit content-bytes: a header claims {length} bytes, {most} allowed");
            return Err(Fault { offset: Some(start), ..Fault::limit("content-bytes", message) }.raises("RPM-05"));
        }
        let bytes = up_to(read, start, length)?;
        if (bytes.len() as u64) < length {
            let message = format!(
                "the header claims {index} tags and {data} bytes of data, and ends {} bytes early",
                length - bytes.len() as u64
            );
            return Err(Fault::at(start + bytes.len() as u64, message).raises("RPM-05"));
        }
        let data = bytes.len() - usize::try_from(data).unwrap_or(bytes.len());
        let mut header = Self { start, bytes, tags: Vec::new(), known, data };
        header.tags = header.index();
        Ok(Some(header))
    }

    /// Where the header ends.
    pub(crate) fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn index(&self) -> Vec<Tag> {
        let data = self.section();
        // Data that overlap are looked at again and again: at most this often in all.
        let mut left = data.len().saturating_mul(4);
        let entries = self.bytes.get(usize::try_from(INTRO).unwrap_or(0)..self.data).unwrap_or_default();
        let mut tags = Vec::new();
        for entry in entries.chunks_exact(ENTRY) {
            let number = |at| u32_at(entry, at).unwrap_or_default();
            let (id, kind, offset, count) = (number(0), number(4), number(8), number(12));
            let range = (left > 0).then(|| extent(data, kind, offset, count, left)).flatten();
            left = left.saturating_sub(range.as_ref().map_or(0, Range::len));
            tags.push(Tag { id, kind, offset, count, range });
        }
        tags
    }

    /// The data section.
    fn section(&self) -> &[u8] {
        self.bytes.get(self.data..).unwrap_or_default()
    }

    /// The data of a tag; `None` if they are not there.
    pub(crate) fn data(&self, tag: &Tag) -> Option<&[u8]> {
        self.section().get(tag.range.clone()?)
    }

    /// Where the data of a tag begin, counted as the header's own start is.
    pub(super) fn data_offset(&self, tag: &Tag) -> u64 {
        self.start + self.data as u64 + u64::from(tag.offset)
    }

    /// The name of a tag.
    pub(crate) fn name(&self, id: u32) -> std::borrow::Cow<'static, str> {
        tag::name(self.known, id)
    }

    /// Where in the index the first tag of a number is whose data are there.
    pub(super) fn place(&self, id: u32) -> Option<usize> {
        self.tags.iter().position(|tag| tag.id == id && tag.range.is_some())
    }

    fn find(&self, id: u32) -> Option<&Tag> {
        self.place(id).and_then(|place| self.tags.get(place))
    }

    /// The only text of a tag.
    pub(crate) fn text(&self, id: u32) -> Option<&[u8]> {
        self.texts(id).next()
    }

    /// The bytes of a tag.
    pub(crate) fn bytes_of(&self, id: u32) -> Option<&[u8]> {
        self.data(self.find(id).filter(|tag| tag.kind == 7)?)
    }

    /// The texts of a tag; none if it has none.
    pub(crate) fn texts(&self, id: u32) -> Texts<'_> {
        let tag = self.find(id).filter(|tag| matches!(tag.kind, 6 | 8 | 9));
        Texts(tag.and_then(|tag| self.data(tag)).unwrap_or_default())
    }

    /// The numbers of a tag; none if it has none.
    pub(crate) fn numbers(&self, id: u32) -> Numbers<'_> {
        let tag = self.find(id);
        let size = match tag.and_then(Tag::data_type) {
            Some(Type::Number(size)) => usize::from(size),
            _ => 0,
        };
        let data = tag.filter(|_| size > 0).and_then(|tag| self.data(tag)).unwrap_or_default();
        Numbers { data, size: size.max(1) }
    }

    /// The first number of a tag.
    pub(crate) fn number(&self, id: u32) -> Option<u64> {
        self.numbers(id).next()
    }

    /// How many values a tag has; 0 if it is not there.
    pub(crate) fn count(&self, id: u32) -> u64 {
        self.find(id).map_or(0, |tag| tag.count.into())
    }

    /// Every way in which the header is not laid out as rpm does it: the region first, then tags in the order of their
    /// numbers, their data in the same order without gaps, the mark of the region behind them.
    pub(super) fn form(&self) -> Form {
        let mut form = Form { known: self.known, ..Form::default() };
        let data = self.section();
        let region = self.tags.first().filter(|tag| REGIONS.contains(&tag.id) && tag.kind == 7 && tag.count == 16);
        let mark = region.and_then(|tag| data.get(tag.range.clone()?));
        let inside = mark.and_then(|mark| Some(u32_at(mark, 8)?.wrapping_neg() / 16));
        match (region, mark, inside) {
            (Some(tag), Some(mark), Some(entries)) => {
                let whole = entries.wrapping_mul(16).wrapping_neg();
                let usual = [tag.id, 7, whole, 16].map(u32::to_be_bytes).concat();
                let count = u64::from(entries);
                if count == 0 || count > self.tags.len() as u64 {
                    form.damage(format!("the region claims {entries} of {} tags", self.tags.len()));
                } else if count < self.tags.len() as u64 {
                    form.odd(format!("the region covers {entries} of {} tags", self.tags.len()));
                }
                if mark != usual {
                    form.odd(format!("the mark of the region is {}", crate::display::hex(mark)));
                }
            }
            (Some(_), ..) => form.damage("the mark of the region lies outside of the data".to_owned()),
            (None, ..) => form.odd("there is no region".to_owned()),
        }
        let mut at = 0_u64;
        let mut previous: Option<&Tag> = None;
        let mut trailer = region;
        for (place, tag) in self.tags.iter().enumerate().skip(usize::from(region.is_some())) {
            if inside.is_some_and(|inside| place as u64 == u64::from(inside))
                && let Some(region) = trailer.take()
            {
                at = form.mark(region, at);
                previous = None;
            }
            form.tag(tag, previous, at);
            at = tag.range.as_ref().map_or(at, |range| range.end as u64);
            previous = Some(tag);
        }
        if let Some(region) = trailer {
            at = form.mark(region, at);
        }
        if at != data.len() as u64 {
            form.odd(format!("the data end at {at} of {}", data.len()));
        }
        form.unclaimed = self.unclaimed();
        form
    }

    /// The bytes that belong to no tag and do not merely align the next.
    fn unclaimed(&self) -> Vec<u8> {
        let data = self.section();
        let mut ranges: Vec<Range<usize>> = self.tags.iter().filter_map(|tag| tag.range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        let (mut at, mut found) = (0, Vec::new());
        for range in ranges.into_iter().chain(std::iter::once(data.len()..data.len())) {
            let gap = data.get(at..range.start).unwrap_or_default();
            if gap.len() >= 8 || gap.iter().any(|byte| *byte != 0) {
                found.extend_from_slice(gap);
            }
            at = at.max(range.end);
        }
        found
    }
}

/// What is unusual about the layout of a header.
#[derive(Default)]
pub(super) struct Form {
    known: &'static [Known],
    /// As clauses, in order.
    pub(super) odd: Vec<String>,
    /// Of those that are not listed.
    pub(super) more: Option<Sha256>,
    /// What makes the header contradict itself.
    pub(super) damage: Vec<String>,
    /// Tags that are there twice.
    pub(super) twice: Vec<u32>,
    /// Bytes that belong to no tag.
    pub(super) unclaimed: Vec<u8>,
}

impl Form {
    fn odd(&mut self, what: String) {
        if self.odd.len() < MOST_LISTED {
            self.odd.push(what);
        } else {
            let more = self.more.get_or_insert_default();
            more.update(what);
            more.update("\n");
        }
    }

    fn damage(&mut self, what: String) {
        if self.damage.len() < MOST_LISTED {
            self.damage.push(what.clone());
        }
        self.odd(what);
    }

    /// The mark of a region, whose place is known by then.
    fn mark(&mut self, region: &Tag, at: u64) -> u64 {
        if u64::from(region.offset) != at {
            self.odd(format!("the mark of the region is at {}, not {at}", region.offset));
        }
        region.range.as_ref().map_or(at, |range| range.end as u64)
    }

    fn tag(&mut self, tag: &Tag, previous: Option<&Tag>, at: u64) {
        let name = tag::name(self.known, tag.id);
        let Some(kind) = tag.data_type() else {
            return self.damage(format!("{name} is of the unknown type {}", tag.kind));
        };
        if tag.range.is_none() {
            let Tag { offset, count, .. } = tag;
            return self.damage(format!("the data of {name}, {count} values at {offset}, do not lie in the header"));
        }
        if matches!(kind, Type::Text) && tag.count != 1 {
            self.odd(format!("{name} is a text that claims to be {}", tag.count));
        }
        if tag.count == 0 {
            self.odd(format!("{name} has no value"));
        }
        if tag::usual(self.known, tag.id) != Some(tag.kind) {
            self.odd(format!("{name} is of the type {}", tag.kind));
        }
        let expected = at.div_ceil(kind.alignment()) * kind.alignment();
        if u64::from(tag.offset) != expected {
            self.odd(format!("the data of {name} begin at {}, not {expected}", tag.offset));
        }
        match previous {
            Some(previous) if previous.id == tag.id => {
                self.twice.push(tag.id);
                self.odd(format!("{name} is there twice"));
            }
            Some(previous) if previous.id > tag.id => {
                self.odd(format!("{name} stands behind {}", tag::name(self.known, previous.id)));
            }
            _ => {}
        }
    }
}

/// Where data are, if they are there: walks at most `most` bytes of texts.
fn extent(data: &[u8], kind: u32, offset: u32, count: u32, most: usize) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let count = usize::try_from(count).ok()?;
    let rest = data.get(start..)?;
    let length = match Type::of(kind)? {
        Type::Number(size) => count.checked_mul(usize::from(size))?,
        Type::Bytes => count,
        Type::Text => rest.iter().take(most).position(|byte| *byte == 0)? + 1,
        Type::Texts | Type::Translated if count == 0 => 0,
        Type::Texts | Type::Translated => {
            let ends = rest.iter().take(most).enumerate().filter(|(_, byte)| **byte == 0);
            ends.map(|(at, _)| at).nth(count - 1)? + 1
        }
    };
    rest.get(..length)?;
    Some(start..start + length)
}

/// Texts that each end in a NUL.
#[derive(Clone)]
pub(crate) struct Texts<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Texts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (text, rest) = self.0.split_at_checked(end)?;
        self.0 = rest.get(1..).unwrap_or_default();
        Some(text)
    }
}

/// Numbers, the high byte first.
#[derive(Clone)]
pub(crate) struct Numbers<'a> {
    pub(super) data: &'a [u8],
    pub(super) size: usize,
}

impl Iterator for Numbers<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let (number, rest) = self.data.split_at_checked(self.size)?;
        self.data = rest;
        Some(number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

/// Up to `count` bytes; memory grows with what is there, not with what is claimed.
pub(super) fn up_to(read: Read<'_>, at: u64, count: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; usize::try_from(count.min(64 << 10)).unwrap_or_default()];
    while (bytes.len() as u64) < count {
        let left = usize::try_from(count - bytes.len() as u64).unwrap_or(usize::MAX).min(chunk.len());
        let Some(part) = chunk.get_mut(..left) else { break };
        let got = read(at.saturating_add(bytes.len() as u64), part)?;
        if got == 0 {
            break;
        }
        bytes.try_reserve(got).map_err(|_| Fault::limit("memory", "there is not enough memory"))?;
        bytes.extend_from_slice(part.get(..got).unwrap_or_default());
    }
    Ok(bytes)
}

fn cut(at: u64) -> Fault {
    Fault::at(at, "the file ends inside a header").raises("RPM-05")
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
}
