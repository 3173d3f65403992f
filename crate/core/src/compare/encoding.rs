//! Whether bytes are text, and in which encoding: UTF-8, UTF-16 or Latin-1.
//!
//! Whatever the encoding, the result is UTF-8, so that equal characters compare equal. Nothing is lost: invalid bytes
//! of a UTF-8 text stay as they are, unpaired surrogates of a UTF-16 text become the three bytes that WTF-8 gives them
//! (invalid UTF-8 too, so they are shown escaped), and a byte-order mark stays in the text.

use crate::artifact::Sides;

/// Bytes of a content looked at as text; the rest of a longer one is not shown. Well beyond what anyone reads, and
/// small enough for two decoded sides and their line tables in a browser's memory.
pub const MOST_BYTES: usize = 64 << 20;

/// How characters are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, possibly with some invalid bytes.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// ISO 8859-1.
    Latin1,
}

impl Encoding {
    /// Its name as shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Latin1 => "Latin-1",
        }
    }
}

/// A text as UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// How it was stored.
    pub encoding: Encoding,
    /// The text.
    pub bytes: Vec<u8>,
    /// Whether the content was longer than [`MOST_BYTES`].
    pub truncated: bool,
}

/// Decodes both sides, or neither: `None` when one is not text.
pub fn decode_sides(sides: Sides<Option<&[u8]>>) -> Option<Sides<Option<Decoded>>> {
    let detect_side = |bytes: Option<&[u8]>| match bytes {
        Some(bytes) => detect(head(bytes)).map(Some),
        None => Some(None),
    };
    let mut found = Sides { left: detect_side(sides.left)?, right: detect_side(sides.right)? };
    // Latin-1 against UTF-8 with invalid bytes: one of the two is a wrong guess, so both are shown as bytes.
    let invalid = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| std::str::from_utf8(head(bytes)).is_err());
    match (found.left, found.right) {
        (Some(Encoding::Latin1), Some(Encoding::Utf8)) if invalid(sides.right) => found.left = Some(Encoding::Utf8),
        (Some(Encoding::Utf8), Some(Encoding::Latin1)) if invalid(sides.left) => found.right = Some(Encoding::Utf8),
        _ => {}
    }
    let decode_side = |bytes: Option<&[u8]>, encoding: Option<Encoding>| match (bytes, encoding) {
        (Some(bytes), Some(encoding)) => {
            let head = head(bytes);
            Some(Decoded { encoding, bytes: decode(head, encoding), truncated: head.len() < bytes.len() })
        }
        _ => None,
    };
    Some(Sides { left: decode_side(sides.left, found.left), right: decode_side(sides.right, found.right) })
}

/// The encoding of a text; `None` if the bytes are not text.
pub fn detect(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => return is_utf16(bytes, Encoding::Utf16Le).then_some(Encoding::Utf16Le),
        [0xfe, 0xff, ..] => return is_utf16(bytes, Encoding::Utf16Be).then_some(Encoding::Utf16Be),
        _ => {}
    }
    if bytes.contains(&0) {
        return [Encoding::Utf16Le, Encoding::Utf16Be]
            .into_iter()
            .find(|&encoding| has_utf16_zeros(bytes, encoding) && is_utf16(bytes, encoding));
    }
    // Few control bytes: 5 % lets a terminal log pass and stops every binary format without zeros met so far.
    if bytes.iter().filter(|&&byte| is_control(byte)).count() * 20 > bytes.len() {
        return None;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Some(Encoding::Utf8);
    }
    let (mut invalid, mut multibyte) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        invalid += chunk.invalid().len();
        multibyte += chunk.valid().bytes().filter(|byte| *byte >= 0x80).count();
    }
    // 0x80 to 0x9f are controls in Latin-1; 0xfe and 0xff are letters so rare that they rather mean "binary".
    let latin = |byte: u8| byte < 0x80 || (0xa0..0xfe).contains(&byte);
    if multibyte == 0 && bytes.iter().all(|&byte| latin(byte)) && invalid * 2 <= bytes.len() {
        Some(Encoding::Latin1)
    } else if invalid * 10 <= bytes.len() {
        Some(Encoding::Utf8)
    } else {
        None
    }
}

/// The beginning that is looked at, in whole UTF-16 units and whole UTF-8 characters.
fn head(bytes: &[u8]) -> &[u8] {
    let Some(head) = bytes.get(..MOST_BYTES).filter(|head| head.len() < bytes.len()) else { return bytes };
    let is_continuation = |byte: u8| byte & 0xc0 == 0x80;
    let back = head.iter().rev().take(3).take_while(|&&byte| is_continuation(byte)).count();
    match head.iter().nth_back(back) {
        Some(&lead) if lead >= 0xc0 => head.get(..head.len() - back - 1).map_or(head, even),
        _ => head,
    }
}

fn even(bytes: &[u8]) -> &[u8] {
    bytes.get(..bytes.len() & !1).unwrap_or(bytes)
}

fn is_control(byte: u8) -> bool {
    // Backspace, tab, line feed, vertical tab, form feed, carriage return and escape occur in texts.
    byte == 0x7f || (byte < 0x20 && !matches!(byte, 8..=13 | 27))
}

/// Without a mark: at least half of the high bytes are zero, and next to none of the low bytes.
fn has_utf16_zeros(bytes: &[u8], encoding: Encoding) -> bool {
    let (mut high, mut low, mut units) = (0usize, 0usize, 0usize);
    for unit in bytes.chunks_exact(2).take(1 << 16) {
        let [first, second] = unit else { continue };
        let (low_byte, high_byte) = if encoding == Encoding::Utf16Le { (first, second) } else { (second, first) };
        units += 1;
        low += usize::from(*low_byte == 0);
        high += usize::from(*high_byte == 0);
    }
    units >= 2 && high * 2 >= units && low * 20 <= units
}

/// Whether bytes make sense as UTF-16: whole units, no U+0000, few controls and unpaired surrogates.
fn is_utf16(bytes: &[u8], encoding: Encoding) -> bool {
    let (mut bad, mut zeros, mut units) = (0usize, 0usize, 0usize);
    for character in char::decode_utf16(utf16_units(bytes, encoding)) {
        units += 1;
        match character {
            Ok('\0') => zeros += 1,
            Ok(character) => bad += usize::from(u8::try_from(character).is_ok_and(is_control)),
            Err(_) => bad += 1,
        }
    }
    bytes.len().is_multiple_of(2) && zeros == 0 && bad * 20 <= units
}

fn utf16_units(bytes: &[u8], encoding: Encoding) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).filter_map(move |unit| {
        let pair = <[u8; 2]>::try_from(unit).ok()?;
        Some(if encoding == Encoding::Utf16Le { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) })
    })
}

/// Bytes as UTF-8; see above for what is no character.
pub fn decode(bytes: &[u8], encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => bytes.to_vec(),
        Encoding::Latin1 => bytes.iter().map(|&byte| char::from(byte)).collect::<String>().into_bytes(),
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let mut text = Vec::with_capacity(bytes.len());
            for character in char::decode_utf16(utf16_units(bytes, encoding)) {
                match character {
                    Ok(character) => text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                    Err(error) => {
                        let [high, low] = error.unpaired_surrogate().to_be_bytes();
                        let middle = ((high & 0x0f) << 2) | (low >> 6);
                        text.extend_from_slice(&[0xe0 | (high >> 4), 0x80 | middle, 0x80 | (low & 0x3f)]);
                    }
                }
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Option<(Encoding, &[u8])>) {
        let sides = decode_sides(Sides { left: Some(bytes), right: None });
        let decoded = sides.and_then(|sides| sides.left).map(|decoded| (decoded.encoding, decoded.bytes));
        assert_eq!(decoded, expected.map(|(encoding, text)| (encoding, text.to_vec())), "{bytes:x?}");
    }

    #[test]
    fn texts_are_recognised_and_decoded_without_loss() {
        check(b"", Some((Encoding::Utf8, b"")));
        check("grün\n".as_bytes(), Some((Encoding::Utf8, "grün\n".as_bytes())));
        check(b"\xef\xbb\xbfa", Some((Encoding::Utf8, b"\xef\xbb\xbfa")));
        check("grün, und \u{e4} \u{f6}".as_bytes(), Some((Encoding::Utf8, "grün, und ä ö".as_bytes())));
        check(b"gr\xfcn\n", Some((Encoding::Latin1, "grün\n".as_bytes())));
        check(b"\xff\xfea\0\n\0", Some((Encoding::Utf16Le, b"\xef\xbb\xbfa\n")));
        check(b"\xfe\xff\0a\0\n", Some((Encoding::Utf16Be, b"\xef\xbb\xbfa\n")));
        check(b"a\0b\0\n\0", Some((Encoding::Utf16Le, b"ab\n")));
        check(b"\0a\0b\0\n", Some((Encoding::Utf16Be, b"ab\n")));
        check(b"\x1b[1mbold\x1b[0m", Some((Encoding::Utf8, b"\x1b[1mbold\x1b[0m")));
    }

    #[test]
    fn invalid_bytes_stay_and_stay_different() {
        check(b"twelve bytes\xff and more", Some((Encoding::Utf8, b"twelve bytes\xff and more")));
        check("ü and \u{e4} and".as_bytes(), Some((Encoding::Utf8, "ü and ä and".as_bytes())));
        check(b"\xc3\xbc and many more \xfc", Some((Encoding::Utf8, b"\xc3\xbc and many more \xfc")));
        // Unpaired surrogate D83D among ten good units.
        let units =
            [0xfeff, 97, 98, 99, 100, 101, 102, 103, 104, 0xd83d, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114];
        let bytes: Vec<u8> = units.iter().flat_map(|unit: &u16| unit.to_le_bytes()).collect();
        check(&bytes, Some((Encoding::Utf16Le, b"\xef\xbb\xbfabcdefgh\xed\xa0\xbdijklmnopqr")));
    }

    #[test]
    fn binaries_are_not_text() {
        check(b"\x7fELF\x02\x01\x01\0\0\0", None);
        check(b"a\0", None);
        check(b"text with a \0 in it", None);
        check(&[0xff, 0xfe, 0, 0, 65, 0, 0, 0], None);
        check(b"\xff\xfea\0b", None);
        check(&[1, 0, 2, 0, 3, 0, 4, 0], None);
        check(b"\x89PNG\r\n\x1a\n\x01\x02", None);
        let mut random = super::super::Random(1);
        let noise: Vec<u8> = (0..200).map(|_| u8::try_from(1 + random.below(255)).unwrap()).collect();
        check(&noise, None);
    }

    #[test]
    fn one_unclear_side_makes_both_sides_bytes() {
        let decoded = decode_sides(Sides {
            left: Some(b"gr\xfcn"),
            right: Some(b"gr\xfcn, he said \x93and so on, and on and on\x94."),
        })
        .unwrap();
        assert_eq!(
            decoded.map(|side| side.map(|side| side.encoding)),
            Sides { left: Some(Encoding::Utf8), right: Some(Encoding::Utf8) }
        );
        assert_eq!(decode_sides(Sides { left: Some(b"text"), right: Some(b"\0") }), None);
    }
}
