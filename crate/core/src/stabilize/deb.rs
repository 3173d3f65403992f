//! Debian packages: the list of MD5 sums (deb-md5sums(5)).

use std::collections::BTreeMap;
use std::io::Read as _;

use md5::{Digest as _, Md5};

use crate::entry::Kind;
use crate::reading::NodeId;

use super::{Pass, Profile, Stabilizer, View};

/// Sums of files that are compared themselves.
pub const MD5SUMS: Stabilizer = Stabilizer {
    id: "deb-md5sums",
    title: "MD5 sums of a Debian package's own files",
    rationale: "The list repeats what is in the package, and the files are compared themselves; otherwise a file that \
        differs harmlessly would make the list differ too. Ignored is a sum only where it is right, and only that of a \
        file that passes look into: a list that lies, leaves a file out or names another one counts.",
    upstream: false,
    stage: 100,
    applies: |scope| scope.profile == Profile::Standard && scope.format == "deb",
    pass: Pass::Container(|view| {
        let part = |name: &[u8]| {
            let mut parts = view.members().into_iter().filter(|id| view.path(*id).starts_with(name));
            let (part, None) = (parts.next()?, parts.next()) else { return None };
            view.reading.layers(part).last().copied()
        };
        let (Some(control), Some(data)) = (part(b"control.tar"), part(b"data.tar")) else { return };
        let mut lists = view.reading.members(control).filter(|(_, node)| plain(&node.path) == b"md5sums");
        let (Some((list, _)), None) = (lists.next(), lists.next()) else { return };
        if let Some(masked) = view.content(list).and_then(|text| mask(view, data, &text)) {
            view.set_content(list, masked);
        }
    }),
};

/// What stands in place of a sum that is right. A list that has this itself gets a line more, and so is never the same.
const RIGHT: &[u8] = b"(the MD5 sum of the file)";

fn mask(view: &View<'_>, data: NodeId, text: &[u8]) -> Option<Vec<u8>> {
    let mut files: BTreeMap<&[u8], Option<NodeId>> = BTreeMap::new();
    for (id, node) in view.reading.members(data) {
        // A path that is there twice is no file in particular.
        files
            .entry(plain(&node.path))
            .and_modify(|file| *file = None)
            .or_insert((node.kind == Kind::File).then_some(id));
    }
    let mut masked = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let rest = split(line).and_then(|(sum, path, rest)| {
            let id = files.get(path).copied().flatten()?;
            (can_vary(view, id) && md5(view, id)? == sum).then_some(rest)
        });
        match rest {
            Some(rest) => {
                masked.extend_from_slice(RIGHT);
                masked.extend_from_slice(rest);
            }
            None => masked.extend_from_slice(line),
        }
    }
    if text.windows(RIGHT.len()).any(|window| window == RIGHT) {
        masked.extend_from_slice(RIGHT);
        masked.push(b'\n');
    }
    Some(masked)
}

/// A path without what says that it begins at the root.
fn plain(path: &[u8]) -> &[u8] {
    path.strip_prefix(b"./").or_else(|| path.strip_prefix(b"/")).unwrap_or(path)
}

/// The sum, the path, and everything after the sum, of a line: `0123456789abcdef0123456789abcdef  usr/bin/demo`.
fn split(line: &[u8]) -> Option<([u8; 16], &[u8], &[u8])> {
    let (digits, rest) = line.split_at_checked(32)?;
    let path = rest.strip_prefix(b"  ")?.strip_suffix(b"\n")?;
    let mut sum = [0; 16];
    for (byte, pair) in sum.iter_mut().zip(digits.chunks_exact(2)) {
        let lower = pair.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        *byte = if lower { u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()? } else { return None };
    }
    Some((sum, path, rest))
}

/// Whether its bytes can differ where passes say that it does not: only then is it worth reading again.
fn can_vary(view: &View<'_>, id: NodeId) -> bool {
    let changed = view.overlay(id).is_some_and(|overlay| overlay.content.is_some());
    changed || view.node(id).is_some_and(|node| node.opened.is_some())
}

fn md5(view: &View<'_>, id: NodeId) -> Option<[u8; 16]> {
    let content = view.node(id).filter(|node| !node.unread)?.content.as_ref()?;
    let mut reader = view.store.open(content).ok()?;
    let (mut chunk, mut hash) = (vec![0; 64 << 10], Md5::new());
    loop {
        match reader.read(&mut chunk).ok()? {
            0 => return Some(hash.finalize().into()),
            count => hash.update(chunk.get(..count)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Item, container, file, stabilize};
    use super::*;

    fn sum(bytes: &[u8]) -> String {
        Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The list of a package with these files.
    fn list(files: &[Item], text: &str) -> String {
        let tar = |name: &str, members: &[Item]| {
            container("xz", &format!("{name}.tar.xz"), [container("tar", &format!("{name}.tar"), members)])
        };
        let parts = [tar("control", &[file("./md5sums", text), file("./control", "")]), tar("data", files)];
        let deb = container("deb", "a.deb", parts);
        assert_eq!(stabilize(Profile::OssRebuild, &deb).content("./md5sums"), text);
        stabilize(Profile::Standard, &deb).content("./md5sums")
    }

    fn packed(path: &str) -> Item {
        container("gzip", path, [file("changelog", "text")]).holding(b"packed")
    }

    const PATH: &str = "./usr/share/doc/demo/changelog.gz";
    const LISTED: &str = "usr/share/doc/demo/changelog.gz";

    #[test]
    fn a_right_sum_of_a_file_that_passes_look_into_is_ignored() {
        let plain = format!("{}  usr/bin/demo\n", sum(b"code"));
        let text = format!("{}  {LISTED}\n{plain}", sum(b"packed"));
        let files = [packed(PATH), file("./usr/bin/demo", "code")];
        assert_eq!(list(&files, &text), format!("(the MD5 sum of the file)  {LISTED}\n{plain}"));
        let dated = b"msgid \"\"\nmsgstr \"\"\n\"PO-Revision-Date: 2002-02-03 04:05-0330\\n\"\n";
        let text = format!("{}  a.po\n", sum(dated));
        assert_eq!(list(&[file("./a.po", dated)], &text), "(the MD5 sum of the file)  a.po\n");
    }

    #[test]
    fn a_list_that_lies_stays() {
        let right = sum(b"packed");
        for text in [
            format!("{}  {LISTED}\n", sum(b"other")),
            format!("{right}  usr/share/doc/demo/other.gz\n"),
            format!("{right} *{LISTED}\n"),
            format!("{right}  {LISTED}"),
            format!("{right}  {LISTED} \n"),
            format!("{}  {LISTED}\n", right.to_uppercase()),
            format!("{}  {LISTED}\n", &right[1..]),
            "text\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(list(&[packed(PATH)], &text), text);
        }
        let text = format!("{right}  {LISTED}\n");
        assert_eq!(list(&[packed(PATH), packed(LISTED)], &text), text, "which of the two?");
        assert_eq!(list(&[], &text), text);
    }

    #[test]
    fn a_list_cannot_state_what_stands_for_a_right_sum() {
        let stated = format!("(the MD5 sum of the file)  {LISTED}\n");
        let right = list(&[packed(PATH)], &format!("{}  {LISTED}\n", sum(b"packed")));
        assert_eq!(right, stated);
        assert_ne!(list(&[packed(PATH)], &stated), stated);
    }
}
