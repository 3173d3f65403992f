//! The manifest of a jar, as upstream reads and writes it (`pkg/stabilize/manifest.go` of `google/oss-rebuild` at
//! 013d2899): looser than the JAR File Specification in what it reads, and the lines it writes break at spaces.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

/// Larger manifests are left as they are: of so many short lines the model would take half a gigabyte. The JDK's own
/// limit for files of signatures is the same.
const MOST_BYTES: usize = 16 << 20;
/// Bytes in a line without its end: the limit of the specification, and where upstream folds.
pub(super) const LINE: usize = 72;

/// One attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) value: Cow<'a, [u8]>,
    /// The bytes of its lines, their ends included.
    pub(super) lines: Range<usize>,
}

/// The attributes up to a blank line, in order.
pub(super) type Section<'a> = Vec<Attribute<'a>>;

impl Attribute<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// One line as it stands in the text.
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    /// Its bytes, the end included.
    pub(super) range: Range<usize>,
    /// Whether it has an end: CR LF, CR or LF.
    pub(super) ended: bool,
}

/// The lines of a text. What follows the last end is a line only if it is not empty.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let (line, after) = rest.split_at_checked(length.unwrap_or(rest.len()))?;
        let end = match after {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        let range = start..start + line.len() + end;
        start = range.end;
        Some(Line { text: line, range, ended: end > 0 })
    })
}

/// The main section, then the others less those without attributes. `None` where upstream gives an error, and for more
/// than [`MOST_BYTES`].
pub(super) fn parse(text: &[u8]) -> Option<Vec<Section<'_>>> {
    if text.len() > MOST_BYTES {
        return None;
    }
    let mut sections = Vec::new();
    let mut reader = Reader::default();
    for line in lines(text) {
        if let Some(more) = line.text.strip_prefix(b" ") {
            // The last line may do without an end if it continues another.
            let (whole, range) = reader.open.as_mut()?;
            whole.to_mut().extend_from_slice(more);
            range.end = line.range.end;
            continue;
        }
        reader.close_line()?;
        if line.text.is_empty() {
            reader.close_section(&mut sections);
        } else if line.ended {
            reader.open = Some((Cow::Borrowed(line.text), line.range));
        } else {
            return None;
        }
    }
    reader.close_line()?;
    reader.close_section(&mut sections);
    Some(sections)
}

#[derive(Default)]
struct Reader<'a> {
    /// The attribute that the next line may continue.
    open: Option<(Cow<'a, [u8]>, Range<usize>)>,
    section: Section<'a>,
    /// The names in the section, in lower case.
    names: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn close_line(&mut self) -> Option<()> {
        let Some((line, lines)) = self.open.take() else { return Some(()) };
        let (name, value): (Cow<'a, str>, Cow<'a, [u8]>) = match line {
            Cow::Borrowed(line) => split(line).map(|(name, value)| (name.into(), value.into()))?,
            Cow::Owned(line) => split(&line).map(|(name, value)| (name.to_owned().into(), value.to_vec().into()))?,
        };
        self.names.insert(name.to_ascii_lowercase()).then(|| self.section.push(Attribute { name, value, lines }))
    }

    fn close_section(&mut self, sections: &mut Vec<Section<'a>>) {
        // The first section is the main one, even without attributes.
        if !self.section.is_empty() || sections.is_empty() {
            self.section.shrink_to_fit();
            sections.push(std::mem::take(&mut self.section));
            self.names.clear();
        }
    }
}

/// Name and value. Spaces around the name go, and one before the value.
fn split(line: &[u8]) -> Option<(&str, &[u8])> {
    let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
    let name = std::str::from_utf8(name).ok()?.trim();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let from = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("from"));
    let value = value.get(1..).unwrap_or_default();
    (plain && !from && !name.is_empty()).then_some((name, value.strip_prefix(b" ").unwrap_or(value)))
}

/// The text that upstream writes: CR LF, a blank line after every section.
pub(super) fn write(sections: &[Section<'_>]) -> Vec<u8> {
    write_by(sections, |line, before| {
        let space = line.iter().take(LINE).rposition(|byte| *byte == b' ').filter(|at| *at > before);
        space.map_or(LINE, |at| at + 1)
    })
}

/// The same with another way to fold: given what is left of a line that is too long, and how many bytes of it come
/// before the value, how many to keep.
pub(super) fn write_by(sections: &[Section<'_>], keep: fn(&[u8], usize) -> usize) -> Vec<u8> {
    let mut text = Vec::new();
    for section in sections {
        for attribute in section {
            fold(&attribute.name, &attribute.value, b"\r\n", keep, &mut text);
        }
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// Adds one attribute.
pub(super) fn fold(name: &str, value: &[u8], end: &[u8], keep: fn(&[u8], usize) -> usize, text: &mut Vec<u8>) {
    let line = [name.as_bytes(), b": ", value].concat();
    let mut rest = line.as_slice();
    let mut before = name.len() + 2;
    // Every line but the first starts with a space, which counts.
    let mut window = Vec::with_capacity(LINE + 1);
    let mut first = true;
    loop {
        window.clear();
        if !first {
            window.push(b' ');
        }
        let start = window.len();
        window.extend(rest.iter().take(LINE + 1 - start));
        let kept = if window.len() > LINE { keep(&window, before).clamp(start + 1, LINE) } else { window.len() };
        text.extend(window.iter().take(kept));
        text.extend_from_slice(end);
        rest = rest.get(kept - start..).unwrap_or_default();
        if rest.is_empty() {
            return;
        }
        (first, before) = (false, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What upstream makes of a manifest that it only reads and writes.
    fn check(before: impl AsRef<[u8]>, after: &str) {
        let before = before.as_ref();
        let written = parse(before).map(|sections| write(&sections));
        assert_eq!(written.as_deref().map(String::from_utf8_lossy).as_deref(), Some(after));
        let again = parse(after.as_bytes()).map(|sections| write(&sections));
        assert_eq!(again.as_deref(), Some(after.as_bytes()), "written text reads back the same");
    }

    fn check_refused(text: impl AsRef<[u8]>) {
        assert!(parse(text.as_ref()).is_none(), "{}", String::from_utf8_lossy(text.as_ref()));
    }

    #[test]
    fn attributes_keep_their_order() {
        check("Manifest-Version: 1.0\r\nMain-Class: a.B\r\n\r\n", "Manifest-Version: 1.0\r\nMain-Class: a.B\r\n\r\n");
        check("Main-Class: a.B\nManifest-Version: 1.0\n", "Main-Class: a.B\r\nManifest-Version: 1.0\r\n\r\n");
    }

    #[test]
    fn sections_end_at_blank_lines_and_empty_ones_vanish() {
        check("A: 1\n\nName: x\nB: 2\n\n\n\nName: y\n", "A: 1\r\n\r\nName: x\r\nB: 2\r\n\r\nName: y\r\n\r\n");
        check("\nA: 1\n", "\r\nA: 1\r\n\r\n");
        check("", "\r\n");
        check("\n\n\n", "\r\n");
    }

    #[test]
    fn line_ends_may_be_mixed() {
        check("A: 1\rB: 2\nC: 3\r\n\rD: 4\r\r\n", "A: 1\r\nB: 2\r\nC: 3\r\n\r\nD: 4\r\n\r\n");
    }

    #[test]
    fn a_space_continues_the_line_before() {
        check("A: on\n e\n  two\nB: x\n", "A: one two\r\nB: x\r\n\r\n");
        check("A\n :\n  x\n", "A: x\r\n\r\n");
        check("A: x\n \n", "A: x\r\n\r\n");
        check_refused(" A: 1\n");
        check_refused("A: 1\n\n B: 2\n");
    }

    #[test]
    fn the_last_line_must_end_unless_it_continues_another() {
        check_refused("A: 1");
        check_refused("A: 1\nB: 2");
        check("A: b\n c", "A: bc\r\n\r\n");
    }

    #[test]
    fn names_are_trimmed_and_values_lose_one_space() {
        check("\tA \u{a0}:  x \nB:y\nC:\n", "A:  x \r\nB: y\r\nC: \r\n\r\n");
    }

    #[test]
    fn what_is_no_attribute_is_refused() {
        for line in ["Invalid line", ": x", "\t: x", "Invalid@Name: x", "A B: x", "\u{e9}: x", "From: x", "frOmage: x"]
        {
            check_refused(format!("Manifest-Version: 1.0\n{line}\n"));
        }
        check_refused(b"A: 1\n\xff: 2\n");
        check_refused(b"A: 1\n\0B: 2\n");
        check("A-_9: x\0y\nFro: z\n", "A-_9: x\0y\r\nFro: z\r\n\r\n");
    }

    #[test]
    fn a_name_twice_in_a_section_is_refused() {
        check_refused("A: 1\nA: 1\n");
        check_refused("Created-By: 1\nB: 2\nCREATED-BY: 3\n");
        check("A: 1\n\nA: 2\n\nA: 3\n", "A: 1\r\n\r\nA: 2\r\n\r\nA: 3\r\n\r\n");
    }

    #[test]
    fn long_lines_break_after_the_last_space_or_else_after_72_bytes() {
        let words = "word ".repeat(20);
        check(
            format!("Description: {words}\n"),
            &format!(
                "Description: {}\r\n {}\r\n\r\n",
                "word ".repeat(11),
                // 45 bytes are left, and fit.
                "word ".repeat(9)
            ),
        );
        let long = "x".repeat(200);
        check(
            format!("Key: {long}\n"),
            &format!("Key: {}\r\n {}\r\n {}\r\n\r\n", "x".repeat(67), "x".repeat(71), "x".repeat(62)),
        );
        check(format!("Key: {}\n", "x".repeat(67)), &format!("Key: {}\r\n\r\n", "x".repeat(67)));
        check(format!("Key: {}\n", "x".repeat(68)), &format!("Key: {}\r\n x\r\n\r\n", "x".repeat(67)));
    }

    #[test]
    fn a_space_directly_before_the_value_or_at_the_start_of_a_line_is_no_place_to_break() {
        let long = "x".repeat(80);
        check(format!("Key:  {long}\n"), &format!("Key:  {}\r\n {}\r\n\r\n", "x".repeat(66), "x".repeat(14)));
        // But one after a name that is folded itself is.
        let name = "N".repeat(80);
        check(
            format!("{name}: {long}\n"),
            &format!("{}\r\n {}: \r\n {}\r\n {}\r\n\r\n", "N".repeat(72), "N".repeat(8), "x".repeat(71), "x".repeat(9)),
        );
    }

    #[test]
    fn hostile_manifests_take_linear_time() {
        let long = format!("A: {}\n", "x ".repeat(5 << 20));
        assert!(write(&parse(long.as_bytes()).unwrap()).len() > long.len());
        check_refused("x".repeat(10 << 20));
        check_refused(vec![0; 10 << 20]);
        check_refused(" \n".repeat(5 << 20));
        let folded = format!("A: x\n{}", " y\n".repeat(3 << 20));
        assert_eq!(parse(folded.as_bytes()).unwrap()[0][0].value.len(), 1 + (3 << 20));
        let sections = "A:\n\n".repeat(1 << 20);
        assert_eq!(parse(sections.as_bytes()).unwrap().len(), 1 << 20);
        let attributes: String = (0..500_000).map(|number| format!("A{number}:\n")).collect();
        assert_eq!(parse(attributes.as_bytes()).unwrap()[0].len(), 500_000);
        check_refused("A: x\n".repeat((16 << 20) / 5 + 1));
    }
}
