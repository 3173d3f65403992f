//! The header of a member, in each of the five forms.

use std::ops::Range;

/// How a member's header is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `070701`: hexadecimal digits.
    Newc,
    /// `070702`: the same with a sum over the content.
    Crc,
    /// `070707`: octal digits.
    Odc,
    /// Words of 16 bits, the low byte first.
    BinaryLittle,
    /// The same, the high byte first.
    BinaryBig,
}

impl Form {
    /// By the magic.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [b'0', b'7', b'0', b'7', b'0', b'1', ..] => Some(Self::Newc),
            [b'0', b'7', b'0', b'7', b'0', b'2', ..] => Some(Self::Crc),
            [b'0', b'7', b'0', b'7', b'0', b'7', ..] => Some(Self::Odc),
            [0xc7, 0x71, ..] => Some(Self::BinaryLittle),
            [0x71, 0xc7, ..] => Some(Self::BinaryBig),
            _ => None,
        }
    }

    /// Its name in the field `format`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Newc => "newc",
            Self::Crc => "crc",
            Self::Odc => "odc",
            Self::BinaryLittle => "binary, low byte first",
            Self::BinaryBig => "binary, high byte first",
        }
    }

    /// Bytes of a header.
    pub(super) fn length(self) -> usize {
        match self {
            Self::Newc | Self::Crc => 110,
            Self::Odc => 76,
            Self::BinaryLittle | Self::BinaryBig => 26,
        }
    }

    /// Header with name, and content, are each filled up to a multiple of this.
    pub(super) fn alignment(self) -> u64 {
        match self {
            Self::Newc | Self::Crc => 4,
            Self::Odc => 1,
            Self::BinaryLittle | Self::BinaryBig => 2,
        }
    }

    /// Where each number is, in the order of [`Header`]'s.
    fn places(self) -> [Range<usize>; NUMBERS] {
        // Device, inode, mode, user, group, links, device stood for, time, length of the name, size, sum.
        let newc = |index: usize| 6 + 8 * index..14 + 8 * index;
        let word = |index: usize, count: usize| 2 * index..2 * (index + count);
        let odc = |index: usize| 6 + 6 * index..12 + 6 * index;
        match self {
            Self::Newc | Self::Crc => [7, 8, 0, 1, 2, 3, 4, 9, 10, 5, 11, 6, 12].map(newc),
            Self::Odc => {
                [NONE, odc(0), odc(1), odc(2), odc(3), odc(4), odc(5), NONE, odc(6), 48..59, 59..65, 65..76, NONE]
            }
            Self::BinaryLittle | Self::BinaryBig => {
                let one = |index| word(index, 1);
                let (time, name, size) = (word(8, 2), one(10), word(11, 2));
                [NONE, one(1), one(2), one(3), one(4), one(5), one(6), NONE, one(7), time, name, size, NONE]
            }
        }
    }
}

const NONE: Range<usize> = 0..0;
const NUMBERS: usize = 13;

/// A member's numbers; `None` where the digits are none.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) form: Form,
    /// The high and the low part of the device; older forms have one number.
    pub(super) dev: [Option<u64>; 2],
    pub(super) ino: Option<u64>,
    pub(super) mode: Option<u64>,
    pub(super) uid: Option<u64>,
    pub(super) gid: Option<u64>,
    pub(super) links: Option<u64>,
    /// What device it is, if it is one.
    pub(super) rdev: [Option<u64>; 2],
    pub(super) mtime: Option<u64>,
    pub(super) name_size: Option<u64>,
    pub(super) size: Option<u64>,
    pub(super) sum: Option<u64>,
}

impl Header {
    /// Of a header's bytes, all of them.
    pub(super) fn new(form: Form, bytes: &[u8]) -> Self {
        let [dev_high, dev, ino, mode, uid, gid, links, rdev_high, rdev, mtime, name_size, size, sum] =
            form.places().map(|place| number(form, bytes.get(place).unwrap_or_default()));
        let (dev, rdev) = ([dev_high, dev], [rdev_high, rdev]);
        Self { form, dev, ino, mode, uid, gid, links, rdev, mtime, name_size, size, sum }
    }

    /// The header as it is usually written: digits in upper case, zeros in front.
    fn again(&self) -> Vec<u8> {
        let mut bytes = match self.form {
            Form::Newc => b"070701".to_vec(),
            Form::Crc => b"070702".to_vec(),
            Form::Odc => b"070707".to_vec(),
            // Every word is a number, and every number can be a word.
            Form::BinaryLittle | Form::BinaryBig => return Vec::new(),
        };
        bytes.resize(self.form.length(), b'0');
        let [dev_high, dev] = self.dev;
        let [rdev_high, rdev] = self.rdev;
        let numbers = [
            dev_high,
            dev,
            self.ino,
            self.mode,
            self.uid,
            self.gid,
            self.links,
            rdev_high,
            rdev,
            self.mtime,
            self.name_size,
            self.size,
            self.sum,
        ];
        for (place, number) in self.form.places().into_iter().zip(numbers) {
            let (width, number) = (place.len(), number.unwrap_or_default());
            let digits = match self.form {
                Form::Odc => format!("{number:0width$o}"),
                _ => format!("{number:0width$X}"),
            };
            if let Some(field) = bytes.get_mut(place)
                && field.len() == digits.len()
            {
                field.copy_from_slice(digits.as_bytes());
            }
        }
        bytes
    }

    /// What the bytes say beyond the numbers; `None` for the usual form.
    pub(super) fn form_of(&self, bytes: &[u8]) -> Option<String> {
        let again = self.again();
        if again.is_empty() || again == bytes {
            None
        } else if again.to_ascii_lowercase() == bytes {
            Some("digits in lower case".into())
        } else {
            Some(quoted(bytes))
        }
    }

    /// The header of the mark at the end, as every tool writes it.
    pub(super) fn is_usual_trailer(&self) -> bool {
        let [dev_high, dev] = self.dev;
        let [rdev_high, rdev] = self.rdev;
        let zeros =
            [dev_high, dev, self.ino, self.mode, self.uid, self.gid, rdev_high, rdev, self.mtime, self.size, self.sum];
        zeros.iter().all(|number| *number == Some(0)) && self.links == Some(1)
    }
}

/// Bytes as text of ours.
pub(super) fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

/// A number in a field; a field that a form does not have is zero.
fn number(form: Form, field: &[u8]) -> Option<u64> {
    let radix = match form {
        Form::Newc | Form::Crc => 16,
        Form::Odc => 8,
        // The high word comes first, whatever the order in a word.
        Form::BinaryLittle | Form::BinaryBig => {
            return Some(field.chunks_exact(2).fold(0, |number, word| {
                let word = match (form, word) {
                    (Form::BinaryBig, [high, low]) | (_, [low, high]) => u64::from(*high) << 8 | u64::from(*low),
                    _ => 0,
                };
                number << 16 | word
            }));
        }
    };
    // At most eleven digits of three bits, or eight of four.
    field
        .iter()
        .try_fold(0, |number, byte| Some(number * u64::from(radix) + u64::from(char::from(*byte).to_digit(radix)?)))
}

/// Whether these bytes begin an archive.
pub(super) fn begins(head: &[u8]) -> bool {
    let Some(form) = Form::of(head) else { return false };
    let Some((bytes, rest)) = head.split_at_checked(form.length()) else { return false };
    let header = Header::new(form, bytes);
    let (Some(mode), Some(size @ 1..)) = (header.mode, header.name_size) else { return false };
    if matches!(form, Form::Newc | Form::Crc | Form::Odc) {
        // A text that happens to begin like that has other characters soon.
        return bytes.iter().all(u8::is_ascii_hexdigit);
    }
    // Two bytes could be anything's: the kind of file and the name must make sense.
    let kind = matches!(mode >> 12, 1 | 2 | 4 | 6 | 8 | 10 | 12) || mode == 0;
    let name = usize::try_from(size).ok().filter(|size| *size <= 1024).and_then(|size| rest.get(..size));
    kind && name
        .and_then(<[u8]>::split_last)
        .is_some_and(|(end, name)| *end == 0 && !name.is_empty() && name.iter().all(|byte| *byte >= b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_its_numbers_in_their_places() {
        let newc = b"0707010000000A000081A40000000300000004000000020000000C0000000E000000080000000700000006000000050000000B0000000F";
        let header = Header::new(Form::Newc, newc);
        assert_eq!((header.dev, header.rdev), ([Some(8), Some(7)], [Some(6), Some(5)]));
        assert_eq!((header.ino, header.mode, header.uid, header.gid), (Some(10), Some(0o100_644), Some(3), Some(4)));
        assert_eq!((header.links, header.mtime, header.name_size), (Some(2), Some(12), Some(11)));
        assert_eq!((header.size, header.sum), (Some(14), Some(15)));
        assert_eq!(header.form_of(newc), None);
        assert_eq!(header.form_of(&newc.to_ascii_lowercase()).as_deref(), Some("digits in lower case"));
        let odc = b"0707070000010000021006440000030000040000020000050000000001400000700000000016";
        let header = Header::new(Form::Odc, odc);
        assert_eq!((header.dev, header.rdev), ([Some(0), Some(1)], [Some(0), Some(5)]));
        assert_eq!((header.ino, header.mode, header.uid, header.gid), (Some(2), Some(0o100_644), Some(3), Some(4)));
        assert_eq!((header.links, header.mtime, header.name_size), (Some(2), Some(12), Some(7)));
        assert_eq!((header.size, header.sum), (Some(14), Some(0)));
        assert_eq!(header.form_of(odc), None);
        let words: [u16; 13] = [0o070_707, 1, 2, 0o100_644, 3, 4, 2, 5, 0x1234, 0x5678, 7, 0, 14];
        let little: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let big: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        for bytes in [little, big] {
            let header = Header::new(Form::of(&bytes).unwrap(), &bytes);
            assert_eq!((header.dev, header.rdev), ([Some(0), Some(1)], [Some(0), Some(5)]));
            assert_eq!((header.ino, header.mode, header.uid, header.gid), (Some(2), Some(0o100_644), Some(3), Some(4)));
            assert_eq!((header.links, header.mtime, header.name_size), (Some(2), Some(0x1234_5678), Some(7)));
            assert_eq!((header.size, header.sum), (Some(14), Some(0)));
            assert_eq!(header.form_of(&bytes), None);
        }
    }

    #[test]
    fn what_is_no_digit_is_no_number_and_shows() {
        let mut bytes = [b'0'; 110];
        bytes[..6].copy_from_slice(b"070701");
        bytes[14..22].copy_from_slice(b"+81A4   ");
        let header = Header::new(Form::Newc, &bytes);
        assert_eq!(header.mode, None);
        assert!(header.form_of(&bytes).unwrap().contains("+81A4   "));
    }

    #[test]
    fn detection_needs_a_header_that_makes_sense() {
        let mut newc = [b'0'; 120];
        newc[..6].copy_from_slice(b"070701");
        assert!(!begins(&newc), "a name of no bytes");
        newc[101] = b'2';
        assert!(begins(&newc) && begins(&newc[..110]) && !begins(&newc[..109]));
        newc[50] = b'x';
        assert!(!begins(&newc));
        let binary = |mode: u16, name: &[u8]| {
            let words = [0o070_707, 1, 2, mode, 3, 4, 1, 0, 0, 0, u16::try_from(name.len()).unwrap(), 0, 0];
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            begins(&[&bytes, name].concat())
        };
        assert!(binary(0o100_644, b"a\0") && binary(0, b"TRAILER!!!\0"));
        assert!(!binary(0o130_644, b"a\0") && !binary(0o100_644, b"ab") && !binary(0o100_644, b"\0"));
        assert!(!binary(0o100_644, b"a\x01\0") && !begins(b"\xc7\x71") && !begins(b""));
    }
}
