//! How readers turn the bytes of a name into text.

use super::raw::Bytes;

/// Code page 437, upper half.
const CP437: [char; 128] = [
    'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û',
    'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ', 'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡',
    '«', '»', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐', '└', '┴', '┬', '├', '─',
    '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█',
    '▄', '▌', '▐', '▀', 'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±', '≥',
    '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{a0}',
];

/// Every byte as code page 437 has it; what is below 128 is ASCII.
pub(super) fn cp437(bytes: &[u8]) -> Vec<u8> {
    let char = |byte: &u8| match byte.checked_sub(128) {
        Some(high) => CP437.get(usize::from(high)).copied().unwrap_or_default(),
        None => char::from(*byte),
    };
    bytes.iter().map(char).collect::<String>().into_bytes()
}

/// Code page 437 as the `yauzl` and others have it: with its pictures for the control characters.
pub(super) fn cp437_pictures(bytes: &[u8]) -> Vec<u8> {
    const LOW: &str = "\0☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
    let low: Vec<char> = LOW.chars().collect();
    let char = |byte: &u8| match *byte {
        127 => '⌂',
        byte if byte < 32 => low.get(usize::from(byte)).copied().unwrap_or_default(),
        byte => byte.checked_sub(128).and_then(|high| CP437.get(usize::from(high)).copied()).unwrap_or(byte.into()),
    };
    bytes.iter().map(char).collect::<String>().into_bytes()
}

/// Every byte as Latin-1 has it.
pub(super) fn latin1(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
}

/// UTF-8 with U+FFFD for what is none, as the web platform decodes it.
pub(super) fn lossy(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).into_owned().into_bytes()
}

/// Whether bytes are UTF-8.
pub(super) fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

/// The text of a Unicode path block (Info-ZIP, APPNOTE 4.6.9) that is of version 1 and belongs to this name.
pub(super) fn unicode_path<'a>(body: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let current = body.len() >= 5 && body.first() == Some(&1) && Bytes(body).u32(1) == crc32fast::hash(name);
    current.then(|| body.get(5..).unwrap_or_default())
}

/// Code page 850, upper half, in Latin-1, with what resembles it where that has no such character.
const CP850: [u8; 128] = [
    0xc7, 0xfc, 0xe9, 0xe2, 0xe4, 0xe0, 0xe5, 0xe7, 0xea, 0xeb, 0xe8, 0xef, 0xee, 0xec, 0xc4, 0xc5, 0xc9, 0xe6, 0xc6,
    0xf4, 0xf6, 0xf2, 0xfb, 0xf9, 0xff, 0xd6, 0xdc, 0xf8, 0xa3, 0xd8, 0xd7, 0x83, 0xe1, 0xed, 0xf3, 0xfa, 0xf1, 0xd1,
    0xaa, 0xba, 0xbf, 0xae, 0xac, 0xbd, 0xbc, 0xa1, 0xab, 0xbb, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xc1, 0xc2, 0xc0, 0xa9,
    0xa6, 0xa6, 0x2b, 0x2b, 0xa2, 0xa5, 0x2b, 0x2b, 0x2d, 0x2d, 0x2b, 0x2d, 0x2b, 0xe3, 0xc3, 0x2b, 0x2b, 0x2d, 0x2d,
    0xa6, 0x2d, 0x2b, 0xa4, 0xf0, 0xd0, 0xca, 0xcb, 0xc8, 0x69, 0xcd, 0xce, 0xcf, 0x2b, 0x2b, 0xa6, 0x5f, 0xa6, 0xcc,
    0xaf, 0xd3, 0xdf, 0xd4, 0xd2, 0xf5, 0xd5, 0xb5, 0xfe, 0xde, 0xda, 0xdb, 0xd9, 0xfd, 0xdd, 0xaf, 0xb4, 0xad, 0xb1,
    0x3d, 0xbe, 0xb6, 0xa7, 0xf7, 0xb8, 0xb0, 0xa8, 0xb7, 0xb9, 0xb3, 0xb2, 0xa6, 0xa0,
];

/// Every byte of code page 850 as Latin-1 has it.
pub(super) fn cp850_to_latin1(bytes: &mut [u8]) {
    for byte in bytes {
        if let Some(high) = byte.checked_sub(128) {
            *byte = CP850.get(usize::from(high)).copied().unwrap_or(*byte);
        }
    }
}
