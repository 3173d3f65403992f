//! Whether a tar is so ordinary that every reader reads it alike.
//!
//! The reading knows: whatever a header has beyond the usual is a field of its entry, and whatever else an archive has is
//! one of the archive. So nothing is read again, which for a compressed archive would be all of it.

use super::names::Names;
use crate::entry::{Field, Kind, Value};
use crate::reading::{Node, NodeId, Reading};

/// The first number that eleven octal digits do not hold: a size or a time is then written in another way.
const TOO_LARGE: u64 = 1 << 33;
/// The same for seven digits: numbers of owners.
const TOO_MANY: i128 = 1 << 21;
/// More zeros behind the end are nothing ordinary.
const MOST_PADDING: i128 = 1 << 20;
/// Parts of the field `header-form` that make no reader read otherwise.
const USUAL_FORMS: &[&str] = &[
    "numbers end in space NUL and space NUL",
    "numbers end in space NUL and space",
    "numbers end in space and space",
    "the checksum in space NUL",
    "the checksum in NUL",
    "user and group numbers absent",
    "device numbers absent",
    "device numbers present",
];

/// True only if there are nothing but files and folders with plain names and sizes, of one kind of header, without
/// extensions, each once, and nothing but zeros after them.
pub(super) fn plain(reading: &Reading, id: NodeId) -> bool {
    let Some(opened) = reading.node(id).and_then(|node| node.opened.as_ref()) else { return false };
    let mut names = Names::default();
    let mut dialect = None;
    opened.fields.iter().all(is_padding)
        && reading.members(id).all(|(_, node)| is_usual(node, &mut dialect) && names.add(&name(node)).is_some())
        && names.agree()
}

fn is_padding(field: &Field) -> bool {
    field.name == "zero-padding" && matches!(field.value, Value::Number(count) if count <= MOST_PADDING)
}

fn is_usual<'a>(node: &'a Node, dialect: &mut Option<&'a Value>) -> bool {
    let size = node.content.as_ref().map_or(0, |content| content.stored);
    let kind = match node.kind {
        Kind::File => size < TOO_LARGE && node.content.as_ref().is_none_or(|content| content.size == Some(size)),
        Kind::Directory => size == 0,
        _ => false,
    };
    kind && !node.unread
        && is_visible(&node.path)
        && node.fields.iter().all(|field| match (field.name.as_ref(), &field.value) {
            _ if field.stored.is_some() => false,
            ("mode", Value::Mode(_)) | ("owner" | "group", Value::Bytes(_)) | ("prefix-length", Value::Number(_)) => {
                true
            }
            ("uid" | "gid", Value::Number(number)) => (0..TOO_MANY).contains(number),
            ("mtime", Value::Time(seconds, 0)) => u64::try_from(*seconds).is_ok_and(|seconds| seconds < TOO_LARGE),
            ("format", value @ Value::Text(name)) => {
                matches!(name.as_ref(), "ustar" | "gnu") && *dialect.get_or_insert(value) == value
            }
            ("header-form", Value::Text(form)) => form.split("; ").all(|part| USUAL_FORMS.contains(&part)),
            _ => false,
        })
}

/// The name as others are compared with it: that of a folder ends in a slash.
fn name(node: &Node) -> Vec<u8> {
    let mut name = node.path.clone();
    if node.kind == Kind::Directory && !name.ends_with(b"/") {
        name.push(b'/');
    }
    name
}

/// Whether a path is one thing for everyone.
fn is_visible(path: &[u8]) -> bool {
    let parts = path.strip_suffix(b"/").unwrap_or(path);
    let visible = parts.iter().all(|byte| (32..127).contains(byte) && *byte != b'\\');
    let drive = parts.get(1) == Some(&b':');
    let odd = parts.split(|byte| *byte == b'/').any(|part| matches!(part, b"" | b"." | b".."));
    visible && !drive && !odd
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::artifact::Artifact;
    use crate::limits::Limits;
    use crate::read::read;
    use crate::reader::{Archive, End, readers};
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
        bytes[148..156].fill(b' ');
        let sum: u64 = bytes.iter().map(|byte| u64::from(*byte)).sum();
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
        let reading = read(&Artifact::new("a.tar", bytes.to_vec()), &Limits::default(), &mut |_| {}).unwrap();
        plain(&reading, 0)
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
            ("a dot in front", tar(&[file("./a", &[])], 1024)),
            ("no letter", tar(&[file("\u{e9}", &[])], 1024)),
            ("a name cut by a NUL", tar(&[file("a", &[(2, b"b")])], 1024)),
            ("an owner that needs base 256", tar(&[file("a", &[(108, b"\x80\0\0\0\x01\0\0\0")])], 1024)),
            ("a time before 1970", tar(&[file("a", &[(136, &[0xff; 12])])], 1024)),
            ("old headers", tar(&[file("a", &[(257, &[0; 8])])], 1024)),
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
