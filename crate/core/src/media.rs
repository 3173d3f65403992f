//! What a plain content looks like by its first bytes, noted while it is read.
//!
//! So a pass about pictures opens pictures, whatever their names, and none of the other members of a large archive.
//! A look proves nothing: whoever goes by it reads the content and checks.

use serde::{Deserialize, Serialize};

/// Kinds of plain contents that some pass knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Media {
    /// A program for processors without memory management: bFLT.
    Bflt,
    /// The index of a repository of Helm charts.
    HelmIndex,
    /// Compiled translations: gettext `.mo`.
    Mo,
    /// A picture: PNG.
    Png,
    /// Translations as text: gettext `.po` and `.pot`.
    Po,
    /// Compiled Python.
    Pyc,
    /// A list of components as JSON: CycloneDX or SPDX.
    Sbom,
    /// An image for the boot loader U-Boot, with its older header.
    Uimage,
}

impl Media {
    /// By the first bytes of a content, as many as detection of formats gets.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [b'b', b'F', b'L', b'T', ..] => Some(Self::Bflt),
            [0xde, 0x12, 0x04, 0x95, ..] | [0x95, 0x04, 0x12, 0xde, ..] => Some(Self::Mo),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0x27, 0x05, 0x19, 0x56, ..] => Some(Self::Uimage),
            // A number that stands for the version, 3.3 and later or 2.7, and the end of a line as DOS has it.
            [_, 0x0c..=0x0f, b'\r', b'\n', ..] | [0x03, 0xf3, b'\r', b'\n', ..] => Some(Self::Pyc),
            _ => Self::of_text(head),
        }
    }

    fn of_text(head: &[u8]) -> Option<Self> {
        if head.trim_ascii_start().starts_with(b"{") {
            let marks: [&[u8]; 3] = [b"\"CycloneDX\"", b"\"SPDXID\"", b"\"spdxVersion\""];
            let has = |mark: &[u8]| head.windows(mark.len()).any(|window| window == mark);
            return marks.into_iter().any(has).then_some(Self::Sbom);
        }
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
        // Translators' comments come first.
        let first = lines.find(|line| !line.is_empty() && !line.starts_with(b"#") && *line != b"---")?;
        if first == b"msgid \"\"" {
            Some(Self::Po)
        } else if first.starts_with(b"apiVersion: ") && lines.next()?.starts_with(b"entries:") {
            Some(Self::HelmIndex)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_told_by_their_first_bytes() {
        let check = |head: &[u8], media| assert_eq!(Media::of(head), media, "{}", head.escape_ascii());
        check(b"bFLT\0\0\0\x04", Some(Media::Bflt));
        check(b"apiVersion: v1\nentries:\n", Some(Media::HelmIndex));
        check(b"# x\n---\napiVersion: v1\r\nentries: {}\r\n", Some(Media::HelmIndex));
        check(b"apiVersion: v1\nkind: Pod\nentries:\n", None);
        check(b"\xde\x12\x04\x95", Some(Media::Mo));
        check(b"\x95\x04\x12\xde", Some(Media::Mo));
        check(b"\x89PNG\r\n\x1a\n", Some(Media::Png));
        check(b"\x89PNG\n\x1a\n", None);
        check(b"# German\n#\n\nmsgid \"\"\nmsgstr \"\"\n", Some(Media::Po));
        check(b"msgid \"\"\r\nmsgstr \"\"\r\n", Some(Media::Po));
        check(b"msgid \"a\"\n", None);
        check(b"\xa7\x0d\r\n", Some(Media::Pyc));
        check(b"\x03\xf3\r\n", Some(Media::Pyc));
        check(b"a\r\r\n", Some(Media::Pyc));
        check(b"ab\r\n", None);
        check(b" {\"bomFormat\": \"CycloneDX\"}", Some(Media::Sbom));
        check(b"{\"files\":[{\"SPDXID\":", Some(Media::Sbom));
        check(b"{\"name\":\"a\"}", None);
        check(b"\"CycloneDX\"", None);
        check(b"\x27\x05\x19\x56", Some(Media::Uimage));
        check(b"", None);
        check(b"\n", None);
    }
}
