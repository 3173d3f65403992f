//! Packages of PyPI.

use std::io::Write as _;

use sha2::{Digest as _, Sha256};

use super::upstream::{Set, set};
use super::{Pass, Profile, Stabilizer, View};
use crate::base64;
use crate::entry::Kind;
use crate::reading::NodeId;

/// What a RECORD that says nothing new becomes in `standard`.
const CORRECT: &[u8] = b"RECORD lists every other file once, with the right SHA-256 and size.\n";

/// The list of files in a wheel.
pub const WHEEL_RECORD: Stabilizer = Stabilizer {
    id: "wheel-record",
    title: "RECORD of wheels",
    rationale: "RECORD lists the other files with their digests, which are compared themselves; otherwise each \
        change would show twice. In `standard` it is ignored only where it lists every file exactly once and rightly, \
        so it cannot say anything else. OSS Rebuild replaces it by a right one, and so hides a RECORD that lies.",
    upstream: true,
    stage: 100,
    applies: |scope| {
        scope.format == "zip"
            && match scope.profile {
                Profile::None => false,
                Profile::OssRebuild => set(scope) == Some(Set::Wheel),
                Profile::Standard => true,
            }
    },
    pass: Pass::Container(|view| {
        if view.scope.is_upstream() {
            recompute(view);
        } else {
            summarize(view);
        }
    }),
};

/// `*.dist-info/RECORD`, where `*` stands for no slash.
pub(super) fn is_record(path: &[u8]) -> bool {
    path.strip_suffix(b".dist-info/RECORD").is_some_and(|name| !name.contains(&b'/'))
}

/// As upstream does: the first RECORD gets a line for each other member, by path.
fn recompute(view: &mut View<'_>) {
    let mut members = view.members();
    // Which of several is the first depends on whether they have been sorted.
    if view.ignores_order() {
        members.sort_by(|one, other| view.path(*one).cmp(view.path(*other)));
    }
    let Some(record) = members.iter().copied().find(|id| is_record(view.path(*id))) else { return };
    let mut others: Vec<NodeId> = members.into_iter().filter(|id| *id != record).collect();
    others.sort_by(|one, other| view.path(*one).cmp(view.path(*other)));
    let mut text = Vec::with_capacity(others.len().saturating_mul(128));
    for id in others {
        // A member that cannot be read has no digest: upstream fails then, and there is nothing to compute.
        let Some((sha256, size)) = digest(view, id) else { return };
        push_quoted(&mut text, view.path(id));
        text.extend_from_slice(b",sha256=");
        text.extend_from_slice(base64::encode_for_names(&sha256).as_bytes());
        // Writing to memory does not fail.
        let _ = writeln!(text, ",{size}");
    }
    push_quoted(&mut text, view.path(record));
    text.extend_from_slice(b",,\n");
    view.set_content(record, text);
}

/// SHA-256 and size of a member; folders count as empty files.
fn digest(view: &View<'_>, id: NodeId) -> Option<([u8; 32], u64)> {
    view.digest(id).or_else(|| {
        let node = view.node(id)?;
        (!node.unread && node.content.is_none()).then(|| (Sha256::digest([]).into(), 0))
    })
}

fn push_quoted(text: &mut Vec<u8>, path: &[u8]) {
    if !path.iter().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        text.extend_from_slice(path);
        return;
    }
    text.push(b'"');
    for byte in path {
        text.push(*byte);
        if *byte == b'"' {
            text.push(b'"');
        }
    }
    text.push(b'"');
}

/// Replaces a RECORD that is right in every respect by a sentence.
fn summarize(view: &mut View<'_>) {
    let members = view.members();
    let mut records = members.iter().copied().filter(|id| is_record(view.path(*id)));
    let (Some(record), None) = (records.next(), records.next()) else { return };
    let Some(text) = view.content(record) else { return };
    if is_correct(view, &members, record, &text) {
        view.set_content(record, CORRECT.to_vec());
    } else if text == CORRECT {
        // Nobody writes this, unless to look like a right one.
        view.set_content(record, [b"RECORD says no more than: ", CORRECT].concat());
    }
}

/// Whether the rows of a RECORD and the files of the archive correspond one to one, each with the file's digest and size as
/// it is stored. The row of RECORD itself has neither, and its signatures may be left out.
fn is_correct(view: &View<'_>, members: &[NodeId], record: NodeId, text: &[u8]) -> bool {
    let Some(mut rows) = rows(text) else { return false };
    rows.sort_unstable();
    let mut files: Vec<_> = (members.iter().filter_map(|id| Some((*id, view.node(*id)?))))
        .filter(|(_, node)| node.kind != Kind::Directory)
        .collect();
    files.sort_unstable_by(|(_, one), (_, other)| one.path.cmp(&other.path));
    let twice = files.windows(2).any(|pair| matches!(pair, [(_, one), (_, other)] if one.path == other.path));
    if twice || files.iter().any(|(_, node)| node.kind != Kind::File) {
        return false;
    }
    let directory = view.path(record).strip_suffix(b"RECORD").unwrap_or_default();
    let mut rows = rows.iter().peekable();
    for (id, node) in files {
        let row = rows.next_if(|row| row.path == node.path);
        let name = node.path.strip_prefix(directory).unwrap_or_default();
        let right = match row {
            Some(row) if id == record => row.hash.is_empty() && row.size.is_empty(),
            Some(row) => {
                let empty = row.hash.is_empty() && row.size.is_empty() && is_signature(name);
                let sha256 = row.hash.strip_prefix(b"sha256=");
                empty
                    || node.sha256.is_some_and(|digest| sha256 == Some(base64::encode_for_names(&digest).as_bytes()))
                        && row.size == node.size.to_string().as_bytes()
            }
            None => is_signature(name),
        };
        if !right {
            return false;
        }
    }
    rows.next().is_none()
}

/// Signatures of RECORD are made after it.
fn is_signature(name: &[u8]) -> bool {
    matches!(name, b"RECORD.jws" | b"RECORD.p7s")
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    path: Vec<u8>,
    hash: Vec<u8>,
    size: Vec<u8>,
}

/// The rows of a RECORD: CSV with three columns; `None` for anything else.
fn rows(text: &[u8]) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (path, end) = cell(&mut rest)?;
        let (hash, middle) = if end == b',' { cell(&mut rest)? } else { return None };
        let (size, last) = if middle == b',' { cell(&mut rest)? } else { return None };
        if last == b',' {
            return None;
        }
        rows.push(Row { path, hash, size });
    }
    Some(rows)
}

/// The next cell, and what ends it: a comma or the end of the line.
fn cell(rest: &mut &[u8]) -> Option<(Vec<u8>, u8)> {
    let mut cell = Vec::new();
    if let Some(mut quoted) = rest.strip_prefix(b"\"") {
        loop {
            let at = quoted.iter().position(|byte| *byte == b'"')?;
            let (part, after) = quoted.split_at_checked(at)?;
            cell.extend_from_slice(part);
            match after {
                [b'"', b'"', more @ ..] => {
                    cell.push(b'"');
                    quoted = more;
                }
                _ => {
                    *rest = after.get(1..)?;
                    break;
                }
            }
        }
    } else {
        let end = rest.iter().position(|byte| matches!(byte, b',' | b'\r' | b'\n' | b'"')).unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end)?;
        cell.extend_from_slice(part);
        *rest = after;
    }
    let (end, after): (u8, &[u8]) = match *rest {
        [b',', after @ ..] => (b',', after),
        [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => (b'\n', after),
        [] => (b'\n', &[]),
        _ => return None,
    };
    *rest = after;
    Some((cell, end))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Item, container, file, stabilize};
    use super::*;
    use crate::entry::Value;

    const RECORD: &str = "a-1.dist-info/RECORD";
    const EMPTY: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    const A: &str = "ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs";
    const CORRECT: &str = "RECORD lists every other file once, with the right SHA-256 and size.\n";

    fn folder(path: &str) -> Item {
        file(path, "").kind(Kind::Directory)
    }

    fn check(profile: Profile, members: impl Into<Vec<Item>>, after: &str) {
        let side = stabilize(profile, &container("zip", "a.whl", members));
        assert_eq!(side.content(RECORD), after);
    }

    #[test]
    fn upstream_computes_the_record_again() {
        let stale = "z.py,sha256=wrong,1\na.py,sha256=wrong,1\n";
        check(
            Profile::OssRebuild,
            [file("z.py", ""), file("b,\"c\".py", "a"), file(RECORD, stale), file("a.py", "a"), file("a.py", "")],
            &format!(
                "a.py,sha256={A},1\na.py,sha256={EMPTY},0\n\"b,\"\"c\"\".py\",sha256={A},1\nz.py,sha256={EMPTY},0\n{RECORD},,\n"
            ),
        );
    }

    #[test]
    fn upstream_lists_folders_and_signatures_and_takes_the_first_record() {
        let members = [
            folder("a/"),
            file("a-1.dist-info/RECORD.jws", "a"),
            file(RECORD, "x"),
            file("b-1.dist-info/RECORD", "a"),
            file("deep/a-1.dist-info/RECORD", "a"),
        ];
        let expected = format!(
            "a-1.dist-info/RECORD.jws,sha256={A},1\na/,sha256={EMPTY},0\nb-1.dist-info/RECORD,sha256={A},1\n\
             deep/a-1.dist-info/RECORD,sha256={A},1\n{RECORD},,\n"
        );
        check(Profile::OssRebuild, members.clone(), &expected);
        let side = stabilize(Profile::OssRebuild, &container("zip", "a.whl", members));
        assert!(side.overlay("b-1.dist-info/RECORD").content.is_none());
    }

    #[test]
    fn without_a_record_or_with_something_unread_nothing_happens() {
        let side = stabilize(Profile::OssRebuild, &container("zip", "a.whl", [file("a", "a"), file("RECORD", "x")]));
        assert!(side.overlay("RECORD").content.is_none());
        check(Profile::OssRebuild, [file(RECORD, "x"), file("a", "a").unread()], "x");
        check(
            Profile::Standard,
            [file(RECORD, format!("{RECORD},,\na,sha256={A},1\n")), file("a", "a").unread()],
            &format!("{RECORD},,\na,sha256={A},1\n"),
        );
        let side = stabilize(Profile::OssRebuild, &container("zip", "a.jar", [file(RECORD, "x")]));
        assert!(side.overlay(RECORD).content.is_none(), "not a wheel");
    }

    #[test]
    fn standard_replaces_a_record_that_is_right() {
        let right = format!("a.py,sha256={A},1\nb.py,sha256={EMPTY},0\n{RECORD},,\n");
        let members = |record: &str| [file("a.py", "a"), folder("d/"), file("b.py", ""), file(RECORD, record)];
        check(Profile::Standard, members(&right), CORRECT);
        // The same in another order, with other line ends, quoted.
        check(Profile::Standard, members(&right.replace('\n', "\r\n")), CORRECT);
        check(
            Profile::Standard,
            members(&format!("{RECORD},,\n\"b.py\",sha256={EMPTY},0\na.py,sha256={A},1")),
            CORRECT,
        );
        // Without its signatures, or with.
        let signed = |record: &str| {
            [file("a.py", "a"), file("b.py", ""), file("a-1.dist-info/RECORD.p7s", "a"), file(RECORD, record)]
        };
        check(Profile::Standard, signed(&right), CORRECT);
        check(Profile::Standard, signed(&format!("{right}a-1.dist-info/RECORD.p7s,,\n")), CORRECT);
        check(Profile::Standard, signed(&format!("{right}a-1.dist-info/RECORD.p7s,sha256={A},1\n")), CORRECT);
    }

    #[test]
    fn standard_leaves_a_record_that_lies() {
        let right = format!("a.py,sha256={A},1\nb.py,sha256={EMPTY},0\n{RECORD},,\n");
        let other = A.replace('y', "Y");
        for wrong in [
            String::new(),
            right.replace(A, &other),
            right.replace(",1\n", ",2\n"),
            right.replace(",1\n", ",\n"),
            right.replace("sha256=", "md5="),
            right.replace(&format!("sha256={A},1"), ","),
            right.replace("b.py", "c.py"),
            right.replace(&format!("{RECORD},,\n"), ""),
            right.replace(&format!("{RECORD},,"), &format!("{RECORD},sha256={A},1")),
            format!("{right}extra.py,sha256={A},1\n"),
            format!("{right}a.py,sha256={A},1\n"),
            format!("{right}d/,,\n"),
            format!("{right}\n"),
            format!("{right}# a comment\n"),
            right.replace(",1\n", ",1,payload\n"),
            right.replace("a.py,", "\"a.py\"x,"),
        ] {
            let members = [file("a.py", "a"), folder("d/"), file("b.py", ""), file(RECORD, &wrong)];
            check(Profile::Standard, members, &wrong);
        }
    }

    #[test]
    fn a_record_that_is_the_sentence_itself_is_not_a_right_one() {
        let side = stabilize(Profile::Standard, &container("zip", "a.whl", [file("a.py", "a"), file(RECORD, CORRECT)]));
        assert_ne!(side.content(RECORD), CORRECT);
    }

    #[test]
    fn standard_leaves_what_is_ambiguous() {
        let twice = format!("a.py,sha256={A},1\na.py,sha256={EMPTY},0\n{RECORD},,\n");
        check(Profile::Standard, [file("a.py", "a"), file("a.py", ""), file(RECORD, &twice)], &twice);
        let two = format!("b-1.dist-info/RECORD,sha256={A},1\n{RECORD},,\n");
        check(Profile::Standard, [file("b-1.dist-info/RECORD", "a"), file(RECORD, &two)], &two);
        let link = format!("l,sha256={A},1\n{RECORD},,\n");
        let members =
            [file("l", "a").kind(Kind::Symlink).with("target", Value::Bytes(b"a".to_vec())), file(RECORD, &link)];
        check(Profile::Standard, members, &link);
    }
}
