//! How a header is written, beyond what it says.
//!
//! A header is built again from its values in the manner of its writer; what still differs is listed byte by byte. So
//! nothing in a header is dropped, and a usual one costs nothing.

use super::header::{
    Block, CHECKSUM, Check, Dialect, GID, GNU_ATIME, GNU_CTIME, GNU_OFFSET, GNU_REAL_SIZE, GNU_SPARSE, GROUP, LINK,
    MAGIC, MAJOR, MINOR, MODE, MTIME, NAME, OWNER, PREFIX, SIZE, STAR_ATIME, STAR_CTIME, STAR_MAGIC, STAR_PREFIX, Span,
    TYPE, UID, number,
};

/// What ends a number's digits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tail {
    Nul,
    Space,
    SpaceNul,
    NulSpace,
}

impl Tail {
    fn bytes(self) -> &'static [u8] {
        match self {
            Self::Nul => b"\0",
            Self::Space => b" ",
            Self::SpaceNul => b" \0",
            Self::NulSpace => b"\0 ",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Nul => "NUL",
            Self::Space => "space",
            Self::SpaceNul => "space NUL",
            Self::NulSpace => "NUL space",
        }
    }

    /// By the end of a field.
    fn of(field: &[u8]) -> Self {
        match field {
            [.., b' ', 0] => Self::SpaceNul,
            [.., 0, b' '] => Self::NulSpace,
            [.., b' '] => Self::Space,
            _ => Self::Nul,
        }
    }
}

/// The manner of a writer, as far as it shows in one header.
struct Manner {
    short: Tail,
    long: Tail,
    checksum: Tail,
    /// Filled up with spaces rather than zeros.
    blank: bool,
    /// Owner and group as numbers, rather than nothing at all.
    ids: bool,
    /// Device numbers of things that are no devices: zeros rather than NULs.
    devices: bool,
}

impl Manner {
    fn of(block: &Block) -> Self {
        let present = |span| block.bytes(span).iter().any(|byte| *byte != 0);
        Self {
            short: Tail::of(block.bytes(MODE)),
            long: Tail::of(block.bytes(SIZE)),
            checksum: Tail::of(block.bytes(CHECKSUM)),
            blank: [MODE, UID, GID, SIZE].iter().any(|span| block.bytes(*span).first() == Some(&b' ')),
            ids: present(UID) || present(GID),
            devices: present(MAJOR) || present(MINOR),
        }
    }

    /// Writes a number as this writer would, in base 256 if it must.
    fn put(&self, block: &mut Block, span: Span, tail: Tail, value: i128) {
        let width = block.bytes(span).len();
        for tail in [tail, Tail::Nul] {
            let digits = width.saturating_sub(tail.bytes().len());
            let mut text = [0_u8; 12];
            let mut left = value;
            for (place, byte) in text.iter_mut().take(digits).rev().enumerate() {
                let blank = self.blank && left == 0 && place > 0;
                *byte = if blank { b' ' } else { b'0' + u8::try_from(left.rem_euclid(8)).unwrap_or_default() };
                left = left.div_euclid(8);
            }
            if left == 0 && value >= 0 {
                for (to, from) in text.iter_mut().skip(digits).zip(tail.bytes()) {
                    *to = *from;
                }
                return block.put(span, &text);
            }
        }
        let mut bytes = value.to_be_bytes();
        let start = bytes.len().saturating_sub(width);
        if let Some(first) = bytes.get_mut(start) {
            *first |= 0x80;
        }
        block.put(span, bytes.get(start..).unwrap_or_default());
    }

    /// What is unusual in it, for a dialect.
    fn describe(&self, dialect: Dialect, text: &mut Text) {
        if (self.short, self.long) != (Tail::Nul, Tail::Nul) {
            text.part(&["numbers end in ", self.short.name(), " and ", self.long.name()]);
        }
        if self.checksum != Tail::NulSpace {
            text.part(&["the checksum in ", self.checksum.name()]);
        }
        if self.blank {
            text.part(&["filled with spaces"]);
        }
        if !self.ids {
            text.part(&["user and group numbers absent"]);
        }
        match (self.devices, dialect) {
            (true, Dialect::Gnu | Dialect::V7) => text.part(&["device numbers present"]),
            (false, Dialect::Ustar | Dialect::Star) => text.part(&["device numbers absent"]),
            _ => {}
        }
    }
}

/// Parts of a description, one after another.
#[derive(Default)]
struct Text(String);

impl Text {
    fn part(&mut self, words: &[&str]) {
        if !self.0.is_empty() {
            self.0.push_str("; ");
        }
        words.iter().for_each(|word| self.0.push_str(word));
    }
}

/// What a header's bytes say beyond its values; `None` for the usual form.
///
/// Usual is what GNU tar writes: digits filled with zeros and ended by NUL, the checksum by NUL and space, the rest of
/// every field NUL, device numbers written out in ustar and left empty in GNU headers.
pub(super) fn form(block: &Block, dialect: Dialect, check: Check) -> Option<String> {
    let manner = Manner::of(block);
    let mut text = Text::default();
    manner.describe(dialect, &mut text);
    if check == Check::Signed {
        text.part(&["the checksum is over signed bytes"]);
    }
    let again = again(block, dialect, &manner);
    if block.0 != again.0 {
        let mut at = 0;
        while let Some(start) = differing(block, &again, at, true) {
            at = differing(block, &again, start, false).unwrap_or(block.0.len());
            let bytes = block.0.get(start..at).unwrap_or_default();
            text.part(&[&format!("{start}:\"{}\"", bytes.escape_ascii())]);
        }
    }
    if text.0.is_empty() { None } else { Some(text.0) }
}

/// The first byte from `at` on that differs, or that does not.
fn differing(block: &Block, again: &Block, at: usize, differs: bool) -> Option<usize> {
    let mut pairs = block.0.iter().zip(&again.0).enumerate().skip(at);
    pairs.find(|(_, (left, right))| (left != right) == differs).map(|(index, _)| index)
}

/// The header written again from its values.
fn again(block: &Block, dialect: Dialect, manner: &Manner) -> Block {
    let mut again = Block([0; 512]);
    let value = |span| number(block.bytes(span)).value;
    for span in [NAME, LINK] {
        again.put(span, block.text(span));
    }
    manner.put(&mut again, MODE, manner.short, value(MODE));
    if manner.ids {
        for span in [UID, GID] {
            manner.put(&mut again, span, manner.short, value(span));
        }
    }
    for span in [SIZE, MTIME] {
        manner.put(&mut again, span, manner.long, value(span));
    }
    manner.put(&mut again, CHECKSUM, manner.checksum, value(CHECKSUM));
    again.put(TYPE, block.bytes(TYPE));
    if dialect == Dialect::V7 {
        return again;
    }
    for span in [OWNER, GROUP] {
        again.put(span, block.text(span));
    }
    if manner.devices {
        for span in [MAJOR, MINOR] {
            manner.put(&mut again, span, manner.short, value(span));
        }
    }
    let optional = |again: &mut Block, span| {
        if block.bytes(span).iter().any(|byte| *byte != 0) {
            manner.put(again, span, manner.long, value(span));
        }
    };
    match dialect {
        Dialect::V7 => {}
        Dialect::Ustar => {
            again.put(MAGIC, b"ustar\x0000");
            again.put(PREFIX, block.text(PREFIX));
        }
        Dialect::Star => {
            again.put(MAGIC, b"ustar\x0000");
            again.put(STAR_MAGIC, b"tar\0");
            again.put(STAR_PREFIX, block.text(STAR_PREFIX));
            optional(&mut again, STAR_ATIME);
            optional(&mut again, STAR_CTIME);
        }
        Dialect::Gnu => {
            again.put(MAGIC, b"ustar  \0");
            optional(&mut again, GNU_ATIME);
            optional(&mut again, GNU_CTIME);
            optional(&mut again, GNU_OFFSET);
            if block.bytes(TYPE) == b"S" {
                // The map has a digest of its own.
                again.put(GNU_SPARSE, block.bytes(GNU_SPARSE));
                again.put(GNU_REAL_SIZE, block.bytes(GNU_REAL_SIZE));
            }
        }
    }
    again
}
