//! Manifests that every reader reads alike: the JVM, its launcher (in C), OSGi frameworks.
//!
//! They disagree about much that the specification forbids, and an attacker could hide one manifest in another there. So
//! `standard` touches a manifest only where none of that occurs.

use std::collections::BTreeSet;

use super::manifest::{self, LINE, Section};

/// Bytes in a line with its end: the JVM up to 8 reads no longer one.
const MOST_LINE: usize = 512;
/// Bytes in a line before one may fold it. The JVM looks for `Multi-Release: true` and `Class-Path: ` in the text before
/// it reads the attributes, so a short line must not become two; tools fold at 70 to 72.
const FULL: usize = 64;

/// The sections, if
/// - the text is UTF-8, line by line, without control characters but one kind of line end, and ends with one;
/// - no line is longer than readers take, or folded before it is full;
/// - names are written exactly, each once in its section, with `: ` behind;
/// - the main section begins with `Manifest-Version`, and each other with a `Name` of its own.
pub(super) fn parse(text: &[u8]) -> Option<Vec<Section<'_>>> {
    let windows = text.windows(2).filter(|pair| pair == b"\r\n").count();
    let feeds = text.iter().filter(|byte| **byte == b'\n').count();
    let returns = text.iter().filter(|byte| **byte == b'\r').count();
    if returns != windows || windows != 0 && windows != feeds {
        return None;
    }
    let mut full = false;
    for line in manifest::lines(text) {
        let continues = line.text.first() == Some(&b' ');
        let readable = std::str::from_utf8(line.text).is_ok_and(|text| !text.chars().any(char::is_control));
        if !readable || !line.ended || line.range.len() > MOST_LINE || continues && !full {
            return None;
        }
        full = line.text.len() >= FULL;
    }
    let sections = manifest::parse(text)?;
    let (main, others) = sections.split_first()?;
    if !main.first()?.is("Manifest-Version") {
        return None;
    }
    let mut names = BTreeSet::new();
    let named = others
        .iter()
        .all(|section| section.first().is_some_and(|first| first.is("Name") && names.insert(&first.value)));
    let exact = sections.iter().flatten().all(|attribute| {
        let name = attribute.name.as_bytes();
        let lines = text.get(attribute.lines.clone()).unwrap_or_default();
        let sought = [&b"multi-release:"[..], b"class-path:"];
        name.len() <= 70
            && lines.strip_prefix(name).is_some_and(|rest| rest.starts_with(b": "))
            && !sought
                .iter()
                .any(|sought| attribute.value.to_ascii_lowercase().windows(sought.len()).any(|part| part == *sought))
    });
    (named && exact).then_some(sections)
}

/// The text of sections, so that it can be read by [`parse`] again: folded at 72 bytes, between characters.
pub(super) fn write(sections: &[Section<'_>]) -> Vec<u8> {
    manifest::write_by(sections, keep)
}

/// How many bytes of a line that is too long come before the fold.
pub(super) fn keep(line: &[u8], _: usize) -> usize {
    // The bytes of a character after its first are 10xxxxxx.
    (FULL..=LINE).rev().find(|at| line.get(*at).is_some_and(|byte| byte & 0xc0 != 0x80)).unwrap_or(LINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: impl AsRef<[u8]>, readable: bool) {
        let text = text.as_ref();
        let sections = parse(text);
        assert_eq!(sections.is_some(), readable, "{}", String::from_utf8_lossy(text));
        if let Some(sections) = sections {
            let written = write(&sections);
            assert_eq!(parse(&written).as_deref().map(write), Some(written), "written text reads back the same");
        }
    }

    #[test]
    fn ordinary_manifests_are_read() {
        check("Manifest-Version: 1.0\r\nMain-Class: a.B\r\n\r\n", true);
        check("Manifest-Version: 1.0\nMulti-Release: true\n\n\nName: a\nSealed: true\n\nName: b\n", true);
        check("manifest-version: 1.0\n", true);
        for width in [64, 70, 72] {
            check(
                format!("Manifest-Version: 1.0\nA: {}\n {}\n bc\n", "x".repeat(width - 3), "y".repeat(width - 1)),
                true,
            );
        }
        check("Manifest-Version: 1.0\nA: é\n", true);
        check(format!("Manifest-Version: 1.0\nA: {}\n", "é".repeat(100)), true);
        check(format!("Manifest-Version: 1.0\nA: {}\n", "𝄞".repeat(100)), true);
    }

    #[test]
    fn what_readers_disagree_about_is_not() {
        for text in [
            "",
            "\n",
            "Main-Class: a.B\nManifest-Version: 1.0\n",
            "\nManifest-Version: 1.0\n",
            // The launcher stops at a NUL, and old readers know no lone CR.
            "Manifest-Version: 1.0\nA: b\0\nC: d\n",
            "Manifest-Version: 1.0\rA: b\r",
            "Manifest-Version: 1.0\nA: b\r\n",
            "Manifest-Version: 1.0\nA: b\r\r\n",
            "Manifest-Version: 1.0\nA: b",
            "Manifest-Version: 1.0\nA: b\n c",
            // The last of these counts, or the first.
            "Manifest-Version: 1.0\nMain-Class: a\nMain-Class: b\n",
            "Manifest-Version: 1.0\n\nName: a\nSealed: true\n\nName: a\nSealed: false\n",
            "Manifest-Version: 1.0\n\nSealed: true\nName: a\n",
            "Manifest-Version: 1.0\n\nSealed: true\n",
            "Manifest-Version: 1.0\nMain-Class:a\n",
            "Manifest-Version: 1.0\nMain-Class : a\n",
            "Manifest-Version: 1.0\n\tMain-Class: a\n",
            "\u{feff}Manifest-Version: 1.0\n",
            "Manifest-Version: 1.0\nA: x\u{85}y\n",
        ] {
            check(text, false);
        }
        check(b"Manifest-Version: 1.0\nA: \xff\n", false);
        check(format!("Manifest-Version: 1.0\nA: {}\n", "x".repeat(600)), false);
        check(format!("Manifest-Version: 1.0\n{}: x\n", "N".repeat(71)), false);
        // A character that a fold splits.
        check([b"Manifest-Version: 1.0\nA: ", "x".repeat(66).as_bytes(), b"\xc3\n \xa9\n"].concat(), false);
    }

    #[test]
    fn what_the_jvm_searches_the_text_for_is_not_hidden_by_a_fold() {
        for text in [
            "Manifest-Version: 1.0\nMulti-Release: tr\n ue\n",
            "Manifest-Version: 1.0\nMulti-Rel\n ease: true\n",
            "Manifest-Version: 1.0\nMulti-Release: true\n \n",
            "Manifest-Version: 1.0\nClass-Pa\n th: evil.jar\n",
            "Manifest-Version: 1.0\nA: Multi-Release: true\n",
            "Manifest-Version: 1.0\nA: x class-path: y\n",
        ] {
            check(text, false);
        }
    }
}
