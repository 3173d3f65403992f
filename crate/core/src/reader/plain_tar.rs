//! Whether a tar is so ordinary that every reader reads it alike.

use super::Archive;
use super::names::Names;

/// Bytes of a header, and of the unit that data are filled up to.
const BLOCK: u64 = 512;

/// True only if there are nothing but files and folders with plain names and sizes, of one kind of header, without
/// extensions, each once, and nothing but zeros after them.
pub(super) fn plain(archive: &Archive<'_>) -> bool {
    walk(archive).is_some()
}

fn walk(archive: &Archive<'_>) -> Option<()> {
    let (mut at, mut names) = (0, Names::default());
    let mut kind: Option<Vec<u8>> = None;
    loop {
        let header = block(archive, at)?;
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let magic = header.get(257..265)?;
        matches!(magic, b"ustar\x0000" | b"ustar  \0").then_some(())?;
        (*kind.get_or_insert_with(|| magic.to_vec()) == magic).then_some(())?;
        (checksum(&header)? == sum(&header)).then_some(())?;
        let size = octal(header.get(124..136)?)?;
        let folder = match header.get(156)? {
            b'0' | 0 => false,
            b'5' if size == 0 => true,
            _ => return None,
        };
        let mut name = name(&header, magic == b"ustar\x0000")?;
        (folder || !name.ends_with(b"/")).then_some(())?;
        if folder && !name.ends_with(b"/") {
            name.push(b'/');
        }
        names.add(&name)?;
        at = at.checked_add(BLOCK)?.checked_add(size.div_ceil(BLOCK).checked_mul(BLOCK)?)?;
    }
    (names.agree() && zeros(archive, at)?).then_some(())
}

fn block(archive: &Archive<'_>, at: u64) -> Option<Vec<u8>> {
    archive.bytes(at, 512).ok().filter(|bytes| bytes.len() == 512)
}

/// Two blocks of zeros at least, and nothing else to the end.
fn zeros(archive: &Archive<'_>, from: u64) -> Option<bool> {
    /// More padding than that is nothing ordinary.
    const MOST: usize = 1 << 20;
    let rest = archive.length().checked_sub(from).and_then(|rest| usize::try_from(rest).ok())?;
    (1024..=MOST).contains(&rest).then_some(())?;
    Some(archive.bytes(from, rest).ok()?.iter().all(|byte| *byte == 0))
}

/// Octal digits, as many as there may be, then a NUL or a space; nothing in front.
fn octal(field: &[u8]) -> Option<u64> {
    let digits = field.strip_suffix(&[0]).or_else(|| field.strip_suffix(b" "))?;
    (!digits.is_empty() && digits.iter().all(|byte| (b'0'..=b'7').contains(byte))).then_some(())?;
    Some(digits.iter().fold(0, |sum, byte| sum << 3 | u64::from(byte - b'0')))
}

/// The checksum in its two usual forms: six digits, NUL and space; seven digits and NUL.
fn checksum(header: &[u8]) -> Option<u64> {
    let field = header.get(148..156)?;
    let digits = field.strip_suffix(b"\0 ").or_else(|| field.strip_suffix(&[0]))?;
    digits.iter().all(|byte| (b'0'..=b'7').contains(byte)).then_some(())?;
    Some(digits.iter().fold(0, |sum, byte| sum << 3 | u64::from(byte - b'0')))
}

fn sum(header: &[u8]) -> u64 {
    let byte = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) };
    header.iter().enumerate().map(byte).sum()
}

/// The path, if it is one thing for everyone.
fn name(header: &[u8], prefixed: bool) -> Option<Vec<u8>> {
    let field = |from: usize, to: usize| {
        let bytes = header.get(from..to)?;
        let end = bytes.iter().position(|byte| *byte == 0)?;
        bytes.get(end..)?.iter().all(|byte| *byte == 0).then(|| bytes.get(..end).unwrap_or_default())
    };
    let name = field(0, 100)?;
    let prefix = field(345, 500)?;
    let path = match (prefix, prefixed) {
        (b"", _) => name.to_vec(),
        (prefix, true) => [prefix, b"/", name].concat(),
        _ => return None,
    };
    let parts = path.strip_suffix(b"/").unwrap_or(&path);
    let visible = parts.iter().all(|byte| (32..127).contains(byte) && *byte != b'\\');
    let drive = parts.get(1) == Some(&b':');
    let odd = parts.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b".."));
    (visible && !drive && !odd).then_some(path)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::limits::Limits;
    use crate::reader::{End, readers};
    use crate::store::{CACHE, Store};

    /// A header with its checksum; `set` overwrites bytes before that.
    fn header(name: &str, kind: u8, size: u64, set: &[(usize, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        bytes[100..108].copy_from_slice(b"0000644\0");
        bytes[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
        bytes[136..148].copy_from_slice(b"00000000000\0");
        bytes[156] = kind;
        bytes[257..265].copy_from_slice(b"ustar\x0000");
        for (at, with) in set {
            bytes[*at..at + with.len()].copy_from_slice(with);
        }
        let sum = sum(&bytes);
        bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        bytes
    }

    fn file(name: &str, set: &[(usize, &[u8])]) -> Vec<u8> {
        let mut bytes = header(name, b'0', 3, set);
        bytes.extend(b"one");
        bytes.resize(1024, 0);
        bytes
    }

    fn tar(parts: &[Vec<u8>], end: usize) -> Vec<u8> {
        let mut bytes = parts.concat();
        bytes.resize(bytes.len() + end, 0);
        bytes
    }

    fn is_plain(bytes: &[u8]) -> bool {
        let store = Store::new(Arc::new(bytes.to_vec()), &Limits::default(), CACHE);
        plain(&Archive::new(&store, 0).unwrap())
    }

    #[test]
    fn an_ordinary_archive_is_plain_and_one_thing_for_all() {
        let bytes = tar(&[header("d/", b'5', 0, &[]), file("d/a", &[]), file("b", &[])], 1024);
        assert!(is_plain(&bytes));
        let store = Store::new(Arc::new(bytes), &Limits::default(), CACHE);
        for reader in readers("tar") {
            let view = (reader.see)(&mut Archive::new(&store, 0).unwrap());
            assert_eq!(view.end, End::Whole, "{}", reader.id);
            let mut paths: Vec<_> = view.members.iter().filter(|member| member.content.is_some()).collect();
            paths.sort_by_key(|member| member.path.clone());
            let paths: Vec<&[u8]> = paths.iter().map(|member| member.path.as_slice()).collect();
            assert_eq!(paths, [b"b".as_slice(), b"d/a"], "{}", reader.id);
        }
    }

    #[test]
    fn whatever_is_read_in_more_than_one_way_is_not() {
        for (what, bytes) in [
            ("an extension", tar(&[header("x", b'x', 0, &[]), file("a", &[])], 1024)),
            ("a link", tar(&[header("x", b'2', 0, &[(157, b"a")])], 1024)),
            ("twice", tar(&[file("a", &[]), file("a", &[])], 1024)),
            ("above", tar(&[file("../a", &[])], 1024)),
            ("from the root", tar(&[file("/a", &[])], 1024)),
            ("a file that ends like a folder", tar(&[file("a/", &[])], 1024)),
            ("a folder with data", tar(&[header("a/", b'5', 3, &[]), b"x".repeat(512)], 1024)),
            ("a file and a folder", tar(&[file("a", &[]), file("a/b", &[])], 1024)),
            ("a size in base 256", tar(&[file("a", &[(124, b"\x80\0\0\0\0\0\0\0\0\0\0\x03")])], 1024)),
            ("spaces in front of a size", tar(&[file("a", &[(124, b"          3\0")])], 1024)),
            ("two kinds of header", tar(&[file("a", &[]), file("b", &[(257, b"ustar  \0")])], 1024)),
            ("no end", tar(&[file("a", &[])], 0)),
            ("one block at the end", tar(&[file("a", &[])], 512)),
            ("more behind the end", [tar(&[file("a", &[])], 1024), file("b", &[])].concat()),
        ] {
            assert!(!is_plain(&bytes), "{what}");
        }
    }
}
