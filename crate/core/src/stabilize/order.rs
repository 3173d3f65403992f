//! Whether the order of an archive's members can make a difference to whoever unpacks it.

use crate::entry::{Kind, Value};

use super::View;

/// Whether unpacking the members in any other order gives the same files. Not so when
/// - two members may land on the same path, also on a file system that ignores case or trailing dots;
/// - a member lies below one that is not a folder, e.g. below a symbolic link;
/// - a hard link does not come after the file it names;
/// - a path has `..` or a NUL in it, so that where it lands is a matter of opinion;
/// - a member that readers look for at the start of a zip (the manifest of a jar, `mimetype`) stands elsewhere.
pub(super) fn is_free(view: &View<'_>) -> bool {
    let mut keys = Keys::default();
    for (index, (id, node)) in view.reading.members(view.container).enumerate() {
        if view.is_excluded(id) {
            continue;
        }
        let directory = node.kind == Kind::Directory;
        if !keys.push(&node.path, index, directory) || !starts_well(view, &node.path, index) {
            return false;
        }
    }
    keys.sort();
    let distinct = keys.list.windows(2).all(|pair| {
        let [one, other] = pair else { return true };
        let (first, second) = (keys.bytes(one), keys.bytes(other));
        // Keys end their parts with a byte that sorts before all others, so what lies below follows at once.
        first != second && (one.directory || !second.starts_with(first))
    });
    distinct
        && view.reading.members(view.container).enumerate().all(|(index, (_, node))| match node.value("target") {
            Some(Value::Bytes(target)) if node.kind == Kind::Hardlink => keys.find(target).is_some_and(|at| at < index),
            _ => node.kind != Kind::Hardlink,
        })
}

/// Whether every folder among the members comes before what is in it.
pub(super) fn has_folders_first(view: &View<'_>) -> bool {
    let mut keys = Keys::default();
    for (index, (_, node)) in view.reading.members(view.container).enumerate() {
        if !keys.push(&node.path, index, node.kind == Kind::Directory) {
            return false;
        }
    }
    keys.sort();
    keys.list.iter().all(|key| {
        let parts = keys.bytes(key).strip_suffix(&[0]).unwrap_or_default();
        let end = parts.iter().rposition(|byte| *byte == 0).map_or(0, |end| end + 1);
        let parent = parts.get(..end).unwrap_or_default();
        // The folder that everything is unpacked into is there.
        parent.is_empty() || keys.at(parent).is_none_or(|parent| parent < key.index)
    })
}

/// Readers of a stream take the manifest of a jar only from its start (`java.util.jar.JarInputStream`), and tell an
/// EPUB or OpenDocument file by its first member.
fn starts_well(view: &View<'_>, path: &[u8], index: usize) -> bool {
    if view.scope.format != "zip" {
        return true;
    }
    match path {
        b"mimetype" => index == 0,
        path if path.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF") => {
            let first = view.reading.members(view.container).next();
            index == 0 || index == 1 && first.is_some_and(|(_, node)| node.path.eq_ignore_ascii_case(b"META-INF/"))
        }
        _ => true,
    }
}

/// Where members land, as sortable bytes, all in one buffer.
#[derive(Default)]
struct Keys {
    bytes: Vec<u8>,
    list: Vec<Key>,
}

struct Key {
    start: usize,
    end: usize,
    /// Among the members.
    index: usize,
    directory: bool,
}

impl Keys {
    /// Adds a member; false when it cannot be said where it lands.
    fn push(&mut self, path: &[u8], index: usize, directory: bool) -> bool {
        let start = self.bytes.len();
        if !fold(path, &mut self.bytes) {
            return false;
        }
        self.list.push(Key { start, end: self.bytes.len(), index, directory });
        true
    }

    fn bytes(&self, key: &Key) -> &[u8] {
        self.bytes.get(key.start..key.end).unwrap_or_default()
    }

    fn sort(&mut self) {
        let bytes = &self.bytes;
        let of = |key: &Key| bytes.get(key.start..key.end).unwrap_or_default();
        self.list.sort_by(|one, other| of(one).cmp(of(other)));
    }

    /// The member that lands on a path.
    fn find(&self, path: &[u8]) -> Option<usize> {
        let mut wanted = Vec::new();
        if !fold(path, &mut wanted) {
            return None;
        }
        self.at(&wanted)
    }

    /// The member with a key.
    fn at(&self, wanted: &[u8]) -> Option<usize> {
        let at = self.list.binary_search_by(|key| self.bytes(key).cmp(wanted)).ok()?;
        self.list.get(at).map(|key| key.index)
    }
}

/// The parts of a path that name something, in lower case and without trailing dots and spaces (which Windows drops),
/// each followed by a NUL.
fn fold(path: &[u8], into: &mut Vec<u8>) -> bool {
    for part in path.split(|byte| matches!(byte, b'/' | b'\\')) {
        if part == b".." || part.contains(&0) {
            return false;
        }
        let end = part.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
        let part = part.get(..end).unwrap_or_default();
        if part.is_empty() {
            continue;
        }
        match std::str::from_utf8(part) {
            Ok(text) if !text.is_ascii() => into.extend_from_slice(text.to_lowercase().as_bytes()),
            _ => into.extend(part.iter().map(u8::to_ascii_lowercase)),
        }
        into.push(0);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::super::testing::{Item, container, file, stabilize};
    use super::*;

    fn check(format: &'static str, members: impl Into<Vec<Item>>, free: bool) {
        let members = members.into();
        let side = stabilize(Profile::Standard, &container(format, "a", members));
        assert_eq!(side.overlay("a").order.is_some(), free);
    }

    fn folder(path: &str) -> Item {
        file(path, "").kind(Kind::Directory)
    }

    fn link(path: &str, kind: Kind, target: &str) -> Item {
        file(path, "").kind(kind).with("target", Value::Bytes(target.into()))
    }

    #[test]
    fn ordinary_archives_are_free() {
        check("tar", [], true);
        check("tar", [folder("./"), folder("./a/"), file("./a/b", ""), file("./a-b", ""), file("./ab", "")], true);
        check("tar", [file("é/a", ""), file("e/a", "")], true);
        check("zip", [file("META-INF/MANIFEST.MF", ""), file("a", "")], true);
        check("zip", [folder("META-INF/"), file("META-INF/MANIFEST.MF", ""), file("a", "")], true);
        check("zip", [file("mimetype", ""), file("a", "")], true);
        check("tar", [file("a", ""), link("b", Kind::Hardlink, "a"), link("c", Kind::Symlink, "b")], true);
        check("tar", [file("x/META-INF/MANIFEST.MF", ""), file("a", ""), file("META-INF/MANIFEST.MF", "")], true);
    }

    #[test]
    fn colliding_paths_are_not() {
        for (one, other) in [
            ("a", "a"),
            ("a", "./a"),
            ("a", "/a"),
            ("a/b", "a//b"),
            ("a/b", "a\\b"),
            ("a", "A"),
            ("é", "É"),
            ("a", "a."),
            ("a", "a "),
            ("a", "x/../a"),
            ("b", "a\0b"),
        ] {
            check("tar", [file(one, ""), file("m", ""), file(other, "")], false);
        }
        check("tar", [folder("a/"), file("a", "")], false);
    }

    #[test]
    fn what_lies_below_a_link_or_file_is_not() {
        check("tar", [link("a", Kind::Symlink, "/etc"), file("a-b", ""), file("a/b", "")], false);
        check("tar", [file("a/b/c", ""), link("A", Kind::Symlink, "/etc")], false);
        check("tar", [file("a", ""), file("a/b", "")], false);
        check("tar", [link("a", Kind::Symlink, "/etc"), file("ab", "")], true);
    }

    #[test]
    fn hard_links_follow_what_they_name() {
        check("tar", [link("b", Kind::Hardlink, "a"), file("a", "")], false);
        check("tar", [file("a", ""), link("b", Kind::Hardlink, "missing")], false);
        check("tar", [file("a", ""), file("b", "").kind(Kind::Hardlink)], false);
    }

    #[test]
    fn what_readers_look_for_first_stands_first() {
        check("zip", [file("a", ""), file("META-INF/MANIFEST.MF", "")], false);
        check("zip", [file("a", ""), file("b", ""), file("META-INF/MANIFEST.MF", "")], false);
        check("zip", [file("a", ""), file("mimetype", "")], false);
    }
}
