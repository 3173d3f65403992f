//! Translations by gettext: compiled (`.mo`), and as text (`.po`, `.pot`).
//!
//! Both begin with an entry that translates the empty string: a header of lines `Key: value`.

use std::ops::Range;

use crate::media::Media;

use super::{Pass, Profile, Stabilizer, date};

/// Dates in the header.
pub const DATES: Stabilizer = Stabilizer {
    id: "gettext-dates",
    title: "Dates in the header of translations",
    rationale: "msgfmt and xgettext note when the strings were collected and translated. Programs take the character \
        set and the plural rule from the header; no library reads the dates. Ignored is only the form \
        `YYYY-MM-DD hh:mm±zzzz`, once for each key, where no other string or table uses the same bytes: nothing \
        else can be put there, and every translation counts.",
    upstream: false,
    stage: 0,
    applies: |scope| scope.profile == Profile::Standard,
    pass: Pass::Entry(|view, id| {
        for (media, header) in
            [(Media::Mo, header_of_mo as fn(&[u8]) -> Option<Range<usize>>), (Media::Po, header_of_po)]
        {
            let Some(mut bytes) = view.leaf(id, media) else { continue };
            let Some(header) = header(&bytes).and_then(|range| bytes.get_mut(range)) else { continue };
            let (before, after): (&[u8], &[u8]) = match media {
                Media::Mo => (b"", b""),
                _ => (b"\"", b"\\n\""),
            };
            for key in ["POT-Creation-Date: ", "PO-Revision-Date: "] {
                mask(header, &[before, key.as_bytes()].concat(), after);
            }
            view.set_content(id, bytes);
        }
    }),
};

const EPOCH: &[u8; 21] = b"1970-01-01 00:00+0000";

/// Puts 1970 in place of a date that stands after the key, if the key is there once and a date is all that its line has.
fn mask(header: &mut [u8], key: &[u8], after: &[u8]) {
    let mut places = header.windows(key.len()).enumerate().filter(|(_, window)| *window == key);
    let (Some((at, _)), None) = (places.next(), places.next()) else { return };
    let begins = at == 0 || at.checked_sub(1).and_then(|before| header.get(before)) == Some(&b'\n');
    let Some((value, rest)) = header.get_mut(at + key.len()..).and_then(|rest| rest.split_at_mut_checked(EPOCH.len()))
    else {
        return;
    };
    let ends = matches!(rest.strip_prefix(after), Some([] | [b'\n', ..] | [b'\r', b'\n', ..]));
    if begins && ends && date::is_gettext(value) {
        value.copy_from_slice(EPOCH);
    }
}

/// The header of a compiled file, if the file is consistent and no other part of it lies there (GNU gettext manual, "The
/// Format of GNU MO Files").
fn header_of_mo(bytes: &[u8]) -> Option<Range<usize>> {
    let mut mo = Mo { bytes, big: bytes.starts_with(&[0x95]), header: 0..0 };
    let revision = mo.number(4)?;
    // Minor revision 1 adds strings that depend on the system, in five further words and what they point to.
    let words = match (revision >> 16, revision & 0xffff) {
        (0 | 1, 0) => 7,
        (0 | 1, 1) => 12,
        _ => return None,
    };
    let count = mo.number(8)?;
    let (ids, texts) = (mo.number(12)?, mo.number(16)?);
    mo.header = mo.string(texts, 0)?;
    mo.apart(0, words * 4)?;
    mo.apart(ids, count.checked_mul(8)?)?;
    mo.apart(texts, count.checked_mul(8)?)?;
    mo.apart(mo.number(24)?, mo.number(20)?.checked_mul(4)?)?;
    for index in 0..count {
        let id = mo.string(ids, index)?;
        // The empty string sorts before all others.
        if (id.len() == 1) != (index == 0) {
            return None;
        }
        mo.is_apart(&id)?;
        if index > 0 {
            mo.is_apart(&mo.string(texts, index)?)?;
        }
    }
    if words > 7 {
        mo.depending()?;
    }
    let text = bytes.get(mo.header.start..mo.header.end.checked_sub(1)?)?;
    (!text.contains(&0)).then_some(mo.header)
}

struct Mo<'a> {
    bytes: &'a [u8],
    big: bool,
    header: Range<usize>,
}

impl Mo<'_> {
    fn number(&self, at: u32) -> Option<u32> {
        let at = usize::try_from(at).ok()?;
        let word: [u8; 4] = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
    }

    fn range(&self, start: u32, length: u32) -> Option<Range<usize>> {
        let end = usize::try_from(start.checked_add(length)?).ok()?;
        let range = usize::try_from(start).ok()?..end;
        (end <= self.bytes.len()).then_some(range)
    }

    /// Something, if these bytes exist and are none of the header's.
    fn apart(&self, start: u32, length: u32) -> Option<()> {
        self.is_apart(&self.range(start, length)?)
    }

    fn is_apart(&self, range: &Range<usize>) -> Option<()> {
        (range.is_empty() || range.end <= self.header.start || range.start >= self.header.end).then_some(())
    }

    /// The string of an entry of a table, with the NUL that ends it.
    fn string(&self, table: u32, index: u32) -> Option<Range<usize>> {
        let entry = table.checked_add(index.checked_mul(8)?)?;
        let (length, start) = (self.number(entry)?, self.number(entry.checked_add(4)?)?);
        let range = self.range(start, length.checked_add(1)?)?;
        (self.bytes.get(range.end.checked_sub(1)?) == Some(&0)).then_some(range)
    }

    /// The same for the strings that depend on the system: the names of segments, and the static parts of each string.
    fn depending(&self) -> Option<()> {
        let [segments, names, count, ids, texts] = [28, 32, 36, 40, 44].map(|at| self.number(at));
        let (segments, names, count) = (segments?, names?, count?);
        self.apart(names, segments.checked_mul(8)?)?;
        for index in 0..segments {
            let entry = names.checked_add(index.checked_mul(8)?)?;
            // Their lengths count the NUL.
            self.apart(self.number(entry.checked_add(4)?)?, self.number(entry)?)?;
        }
        // Every part of a file that means it has bytes of its own; strings that share them could be read for hours.
        let mut parts = self.bytes.len() / 8;
        for table in [ids?, texts?] {
            self.apart(table, count.checked_mul(4)?)?;
            for index in 0..count {
                let string = self.number(table.checked_add(index.checked_mul(4)?)?)?;
                let (mut at, mut length) = (string.checked_add(4)?, 0_u32);
                loop {
                    parts = parts.checked_sub(1)?;
                    // The length of a static part, and which segment follows it, if any.
                    length = length.checked_add(self.number(at)?)?;
                    let last = self.number(at.checked_add(4)?)? == u32::MAX;
                    at = at.checked_add(8)?;
                    if last {
                        break;
                    }
                }
                self.apart(string, at.checked_sub(string)?)?;
                self.apart(self.number(string)?, length)?;
            }
        }
        Some(())
    }
}

/// The lines of the header of a text file, if there is only one header.
fn header_of_po(bytes: &[u8]) -> Option<Range<usize>> {
    // A script could read itself.
    if bytes.starts_with(b"#!") {
        return None;
    }
    let (mut at, mut before) = (0, &b""[..]);
    let mut header: Option<Range<usize>> = None;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_end();
        if text == b"msgstr \"\"" && before == b"msgid \"\"" {
            // In a long entry the string follows the empty one.
            if header.is_some() {
                return None;
            }
            header = Some(at + line.len()..at + line.len());
        }
        match &mut header {
            Some(header) if header.end == at && text.starts_with(b"\"") => header.end = at + line.len(),
            _ => {}
        }
        at += line.len();
        before = text;
    }
    header
}

#[cfg(test)]
mod tests;
