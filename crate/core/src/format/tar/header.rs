//! One 512-byte header: where its fields are, how its numbers are written, and whether it is one at all.

/// Bytes of a block; everything in a tar begins at a multiple of it.
pub(super) const BLOCK: u64 = 512;

/// A field of the header: first byte and length.
#[derive(Clone, Copy)]
pub(super) struct Span(pub(super) usize, pub(super) usize);

// POSIX.1-2017, pax, "ustar Interchange Format".
pub(super) const NAME: Span = Span(0, 100);
pub(super) const MODE: Span = Span(100, 8);
pub(super) const UID: Span = Span(108, 8);
pub(super) const GID: Span = Span(116, 8);
pub(super) const SIZE: Span = Span(124, 12);
pub(super) const MTIME: Span = Span(136, 12);
pub(super) const CHECKSUM: Span = Span(148, 8);
pub(super) const TYPE: Span = Span(156, 1);
pub(super) const LINK: Span = Span(157, 100);
pub(super) const MAGIC: Span = Span(257, 8);
pub(super) const OWNER: Span = Span(265, 32);
pub(super) const GROUP: Span = Span(297, 32);
pub(super) const MAJOR: Span = Span(329, 8);
pub(super) const MINOR: Span = Span(337, 8);
pub(super) const PREFIX: Span = Span(345, 155);
// GNU tar, tar.h: `struct oldgnu_header`, where POSIX has the prefix.
pub(super) const GNU_ATIME: Span = Span(345, 12);
pub(super) const GNU_CTIME: Span = Span(357, 12);
pub(super) const GNU_OFFSET: Span = Span(369, 12);
pub(super) const GNU_TIMES: Span = Span(345, 36);
pub(super) const GNU_SPARSE: Span = Span(386, 97);
pub(super) const GNU_REAL_SIZE: Span = Span(483, 12);
// star, xstar: a shorter prefix, then two times and a second magic.
pub(super) const STAR_PREFIX: Span = Span(345, 131);
pub(super) const STAR_ATIME: Span = Span(476, 12);
pub(super) const STAR_CTIME: Span = Span(488, 12);
pub(super) const STAR_TIMES: Span = Span(476, 24);
pub(super) const STAR_MAGIC: Span = Span(508, 4);

/// The bytes of a header.
#[derive(Clone)]
pub(super) struct Block(pub(super) [u8; 512]);

impl Block {
    /// A block from bytes, filled up with zeros if they are fewer.
    pub(super) fn new(bytes: &[u8]) -> Self {
        let mut block = Self([0; 512]);
        match bytes.first_chunk::<512>() {
            Some(whole) => block.0 = *whole,
            None => block.put(Span(0, 512), bytes),
        }
        block
    }

    /// The bytes of a field.
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        self.0.get(span.0..span.0 + span.1).unwrap_or_default()
    }

    /// A field up to its first NUL.
    pub(super) fn text(&self, span: Span) -> &[u8] {
        let bytes = self.bytes(span);
        bytes.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// Writes a field, cut to its length.
    pub(super) fn put(&mut self, span: Span, bytes: &[u8]) {
        let Some(field) = self.0.get_mut(span.0..span.0 + span.1) else { return };
        let count = field.len().min(bytes.len());
        if let (Some(to), Some(from)) = (field.get_mut(..count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
    }

    /// Whether there is nothing in it.
    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// The sum of all bytes with the checksum's own as spaces.
    fn sum(&self) -> i128 {
        let all: u32 = self.0.iter().map(|byte| u32::from(*byte)).sum();
        let own: u32 = self.bytes(CHECKSUM).iter().map(|byte| u32::from(*byte)).sum();
        i128::from(all) - i128::from(own) + 8 * 32
    }

    /// The same with signed bytes, as some old systems computed it.
    fn signed_sum(&self) -> i128 {
        let high = self.0.iter().filter(|byte| **byte >= 0x80).count();
        let own = self.bytes(CHECKSUM).iter().filter(|byte| **byte >= 0x80).count();
        let high = i128::try_from(high - own).unwrap_or_default();
        self.sum() - 256 * high
    }

    /// How the checksum holds, if it does.
    pub(super) fn check(&self) -> Option<Check> {
        let field = self.bytes(CHECKSUM);
        let stated = number(field);
        // No writer needs base 256 for it: such bytes are those of something else, such as a picture.
        if stated.digits == 0 || field.first().is_some_and(|first| first & 0x80 != 0) {
            None
        } else if stated.value == self.sum() {
            Some(Check::Unsigned)
        } else if stated.value == self.signed_sum() {
            Some(Check::Signed)
        } else {
            None
        }
    }
}

/// How a checksum was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Over unsigned bytes, as POSIX says.
    Unsigned,
    /// Over signed bytes.
    Signed,
}

/// Who defined the layout of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Unix version 7: no magic.
    V7,
    /// POSIX.1-1988.
    Ustar,
    /// GNU tar before POSIX.1-2001, still its default.
    Gnu,
    /// Jörg Schilling's star.
    Star,
}

impl Dialect {
    /// By the magic.
    pub(super) fn of(block: &Block) -> Self {
        match block.bytes(MAGIC) {
            b"ustar  \0" => Self::Gnu,
            // As Go's archive/tar tells it: the second magic, and a prefix that ends before star's times.
            [b'u', b's', b't', b'a', b'r', ..]
                if block.bytes(STAR_MAGIC) == b"tar\0" && block.bytes(STAR_PREFIX).last() == Some(&0) =>
            {
                Self::Star
            }
            [b'u', b's', b't', b'a', b'r', ..] => Self::Ustar,
            _ => Self::V7,
        }
    }

    /// Its name in the field `format`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V7 => "v7",
            Self::Ustar => "ustar",
            Self::Gnu => "gnu",
            Self::Star => "star",
        }
    }
}

/// A number as its field says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) value: i128,
    /// Digits, or bytes of a base-256 number, that were there.
    pub(super) digits: u32,
    /// Whether readers disagree on it: a sign, a leading NUL, something after a space, something that is no digit.
    pub(super) doubtful: bool,
}

/// Reads an octal number, or a base-256 one, which GNU and star write when eight octal digits are too few.
pub(super) fn number(field: &[u8]) -> Number {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        return base256(field);
    }
    let nuls = field.iter().take_while(|byte| **byte == 0).count();
    let rest = field.get(nuls..).unwrap_or_default();
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let rest = rest.get(spaces..).unwrap_or_default();
    let (negative, signed, rest) = match rest {
        [b'-', rest @ ..] => (true, true, rest),
        [b'+', rest @ ..] => (false, true, rest),
        rest => (false, false, rest),
    };
    let mut number = Number { value: 0, digits: 0, doubtful: signed };
    let mut after = rest.iter();
    for byte in after.by_ref() {
        match byte {
            // Twelve digits at most: no overflow.
            b'0'..=b'7' => {
                number.value = number.value * 8 + i128::from(byte - b'0');
                number.digits += 1;
            }
            // What follows a NUL is nobody's business; what follows a space is.
            0 => break,
            b' ' => {
                number.doubtful |= after.by_ref().any(|byte| !matches!(byte, 0 | b' '));
                break;
            }
            _ => {
                number.doubtful = true;
                break;
            }
        }
    }
    number.doubtful |= nuls > 0 && nuls < field.len();
    if negative {
        number.value = -number.value;
    }
    number
}

/// Two's complement, big-endian, in the bits after the first.
fn base256(field: &[u8]) -> Number {
    let mut bytes = field.iter();
    let first = bytes.next().copied().unwrap_or_default();
    let start = if first & 0x40 != 0 { i128::from(first) - 256 } else { i128::from(first & 0x3f) };
    // At most twelve bytes: 96 bits.
    let value = bytes.take(12).fold(start, |value, byte| value * 256 + i128::from(*byte));
    Number { value, digits: u32::try_from(field.len()).unwrap_or_default(), doubtful: false }
}

/// Whether a field could be a number at all.
fn plausible(field: &[u8]) -> bool {
    !number(field).doubtful || field.iter().all(|byte| matches!(byte, 0 | b' ' | b'0'..=b'7'))
}

/// Whether these bytes begin a tar: a header with a checksum that holds, or with a magic and fields that make sense.
pub(super) fn begins(head: &[u8]) -> bool {
    let block = Block::new(head);
    let whole = head.len() >= block.0.len();
    let numbers = [MODE, UID, GID, SIZE, MTIME].iter().all(|span| plausible(block.bytes(*span)));
    if whole && block.check().is_some() {
        let magic = block.bytes(MAGIC).starts_with(b"ustar");
        return numbers && (magic || (block.0.first() != Some(&0) && number(block.bytes(SIZE)).digits > 0));
    }
    let magic = matches!(block.bytes(MAGIC), b"ustar  \0" | [b'u', b's', b't', b'a', b'r', 0, _, _]);
    magic && numbers && plausible(block.bytes(CHECKSUM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        let check = |field: &[u8], value, doubtful| {
            let number = number(field);
            assert_eq!((number.value, number.doubtful), (value, doubtful), "{}", field.escape_ascii());
        };
        check(b"0000644\0", 0o644, false);
        check(b"   644 \0", 0o644, false);
        check(b"000644 \0", 0o644, false);
        check(b"00000644", 0o644, false);
        check(b"644\0junk", 0o644, false);
        check(b"\0\0\0\0\0\0\0\0", 0, false);
        check(b"        ", 0, false);
        check(b"777777777777", 0o777_777_777_777, false);
        check(b"\x80\0\0\0\0\0\x01\x02", 0x102, false);
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", -2, false);
        check(b"\x80\0\0\x20\0\0\0\0", 0x20_0000_0000, false);
        check(b"\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", (1 << 94) - 1, false);
        // Readers disagree on these.
        check(b"\x000000644", 0o644, true);
        check(b"644 1\0\0\0", 0o644, true);
        check(b"-1\0\0\0\0\0\0", -1, true);
        check(b"0000648\0", 0o64, true);
        check(b"0x1ff\0\0\0", 0, true);
        check(b"", 0, false);
    }

    #[test]
    fn detection_needs_a_checksum_or_a_magic_with_sensible_fields() {
        let mut text = [b' '; 512];
        assert!(!begins(&text));
        text[257..263].copy_from_slice(b"ustar\0");
        assert!(begins(&text), "blank numbers and a magic: a damaged header, still a tar");
        text[124..136].copy_from_slice(b"Some prose..");
        assert!(!begins(&text));
        assert!(!begins(&[0; 512]) && !begins(b"") && !begins(&[0x80; 512]));
        // A block of text whose sum happens to be where the checksum is.
        let mut chance = [b'a'; 512];
        chance[148..156].copy_from_slice(b"0142471\0");
        assert_eq!(Block(chance).check(), None);
        let sum = Block(chance).sum();
        chance[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
        assert_eq!(Block(chance).check(), Some(Check::Unsigned));
        assert!(!begins(&chance));
    }
}
