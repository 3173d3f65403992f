//! Headers as 512 bytes, and the place in the archive where a model reads.

use crate::entry::Content;
use crate::error::Fault;
use crate::reader::Archive;

/// Bytes in a block; headers are one, contents are filled up to whole ones.
pub(super) const BLOCK: u64 = 512;

/// A range of a header: first byte and length.
pub(super) type Span = (usize, usize);

pub(super) const NAME: Span = (0, 100);
pub(super) const MODE: Span = (100, 8);
pub(super) const UID: Span = (108, 8);
pub(super) const GID: Span = (116, 8);
pub(super) const SIZE: Span = (124, 12);
pub(super) const MTIME: Span = (136, 12);
pub(super) const CHECKSUM: Span = (148, 8);
pub(super) const LINK: Span = (157, 100);
pub(super) const MAGIC: Span = (257, 8);
pub(super) const MAJOR: Span = (329, 8);
pub(super) const MINOR: Span = (337, 8);
pub(super) const PREFIX: Span = (345, 155);
/// Times in a GNU header.
pub(super) const GNU_TIMES: [Span; 2] = [(345, 12), (357, 12)];
/// Where the sparse map of a GNU header begins, how many extents it has, and what follows it.
pub(super) const GNU_MAP: (usize, usize) = (386, 4);
pub(super) const GNU_MORE: usize = 482;
pub(super) const GNU_REAL: Span = (483, 12);
/// The same in the blocks that continue a map.
pub(super) const MORE_MAP: (usize, usize) = (0, 21);
pub(super) const MORE_MORE: usize = 504;

/// What GNU tar writes as magic and version.
pub(super) const GNU: &[u8] = b"ustar  \0";
/// What POSIX says they are.
pub(super) const POSIX: &[u8] = b"ustar\x0000";

/// One block, and where it begins.
pub(super) struct Block {
    bytes: Vec<u8>,
    /// Byte offset in the archive.
    pub(super) at: u64,
}

impl Block {
    /// The bytes of a field.
    pub(super) fn field(&self, (start, length): Span) -> &[u8] {
        self.bytes.get(start..start + length).unwrap_or_default()
    }

    /// The bytes of a field before its first NUL.
    pub(super) fn text(&self, span: Span) -> &[u8] {
        until_nul(self.field(span))
    }

    /// One byte.
    pub(super) fn byte(&self, index: usize) -> u8 {
        self.bytes.get(index).copied().unwrap_or_default()
    }

    /// The type flag.
    pub(super) fn flag(&self) -> u8 {
        self.byte(156)
    }

    /// Whether it is a character device without numbers: a mark of overlay file systems, which any user may make.
    pub(super) fn is_whiteout(&self) -> bool {
        let zero = |span| self.field(span).iter().all(|byte| matches!(byte, 0 | b' ' | b'0'));
        self.flag() == b'3' && zero(MAJOR) && zero(MINOR)
    }

    /// Whether every byte is zero.
    pub(super) fn is_zero(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }

    /// Whether magic and version begin so.
    pub(super) fn magic(&self, start: &[u8]) -> bool {
        self.field(MAGIC).starts_with(start)
    }

    /// The checksum over unsigned bytes, the field itself counted as spaces.
    pub(super) fn sum(&self) -> i128 {
        self.summed().map(i128::from).sum()
    }

    /// The checksum over signed bytes, which some old writers made.
    pub(super) fn signed_sum(&self) -> i128 {
        self.summed().map(|byte| i128::from(byte.cast_signed())).sum()
    }

    fn summed(&self) -> impl Iterator<Item = u8> {
        let (start, length) = CHECKSUM;
        let inside = move |index| index >= start && index < start + length;
        self.bytes.iter().enumerate().map(move |(index, byte)| if inside(index) { b' ' } else { *byte })
    }

    /// The extents of a sparse map in this block, as stored: offset and length of each.
    pub(super) fn extents(&self, (start, count): (usize, usize)) -> impl Iterator<Item = (&[u8], &[u8])> {
        (0..count).map(move |index| {
            let at = start + 24 * index;
            (self.field((at, 12)), self.field((at + 12, 12)))
        })
    }
}

/// The bytes before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A name made of a prefix, a slash and a name.
pub(super) fn joined(prefix: &[u8], name: &[u8]) -> Vec<u8> {
    [prefix, b"/", name].concat()
}

/// A size filled up to whole blocks.
pub(super) fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX)
}

/// What there is where a header is expected.
pub(super) enum Next {
    /// A block.
    Block(Block),
    /// Fewer bytes than a block has.
    Cut,
    /// Nothing.
    End,
}

/// Most headers that a model follows.
const HEADERS: u32 = 1 << 20;
/// Most bytes of an extension header that a model reads.
pub(super) const EXTENSION: u64 = 4 << 20;

/// Most bytes that a model copies or lays out without reading them: a small archive must not make it work long.
const WORK: u64 = 256 << 20;

/// An archive, and where a model is in it.
pub(super) struct Tape<'a, 'b> {
    archive: &'b mut Archive<'a>,
    /// Byte offset.
    pub(super) at: u64,
    headers: u32,
    /// Bytes that may still be copied or laid out beyond what stands in the archive.
    work: u64,
}

impl<'a, 'b> Tape<'a, 'b> {
    pub(super) fn new(archive: &'b mut Archive<'a>) -> Self {
        Self { archive, at: 0, headers: 0, work: WORK }
    }

    /// Length of the archive in bytes.
    pub(super) fn length(&self) -> u64 {
        self.archive.length()
    }

    /// Accounts for bytes that are copied or laid out.
    pub(super) fn work(&mut self, bytes: u64) -> Result<(), Fault> {
        self.work = self.work.checked_sub(bytes).ok_or_else(|| Fault::new("it makes a model work too long"))?;
        Ok(())
    }

    /// Reads a block and goes on to the next one.
    pub(super) fn next(&mut self) -> Result<Next, Fault> {
        self.headers += 1;
        if self.headers > HEADERS {
            return Err(Fault::new("it has more headers than a model follows"));
        }
        let next = self.peek()?;
        if let Next::Block(_) = next {
            self.at += BLOCK;
        }
        Ok(next)
    }

    /// Reads a block.
    pub(super) fn peek(&mut self) -> Result<Next, Fault> {
        let bytes = self.archive.bytes(self.at, 512)?;
        Ok(match bytes.len() {
            0 => Next::End,
            512 => Next::Block(Block { bytes, at: self.at }),
            _ => Next::Cut,
        })
    }

    /// Up to so many bytes from here, and goes on by that many filled up to whole blocks; `None` if they are more than a
    /// model keeps.
    pub(super) fn body(&mut self, size: u64) -> Result<Option<Vec<u8>>, Fault> {
        if size > EXTENSION {
            return Ok(None);
        }
        let bytes = self.archive.bytes(self.at, usize::try_from(size).unwrap_or_default())?;
        self.skip(size);
        Ok(Some(bytes))
    }

    /// Up to so many bytes at an offset.
    pub(super) fn bytes(&mut self, at: u64, size: u64) -> Result<Vec<u8>, Fault> {
        self.archive.bytes(at, usize::try_from(size.min(EXTENSION)).unwrap_or_default())
    }

    /// Goes on by a size filled up to whole blocks.
    pub(super) fn skip(&mut self, size: u64) {
        self.at = self.at.saturating_add(padded(size));
    }

    /// How many of so many bytes from an offset there are.
    pub(super) fn there(&self, at: u64, size: u64) -> u64 {
        self.length().saturating_sub(at).min(size)
    }

    /// Bytes from an offset as the content of a member; as many as there are.
    pub(super) fn content(&self, at: u64, size: u64) -> Content {
        Content::stored(self.archive.base(), at, self.there(at, size))
    }
}
