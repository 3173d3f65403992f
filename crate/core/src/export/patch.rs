//! `.patch`: the differences of texts, so that `git apply` or `patch` make the entries of B from those of A.
//!
//! Bytes are as they are, and paths are quoted as git does. Entries of an archive in an archive lie below `outer.zip!/`.
//! What a patch cannot say (binary contents, times, owners, paths that no file system takes) is named in comments at the
//! top, which both programs skip: nothing is left out silently.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha1::{Digest as _, Sha1};

use crate::artifact::{Side, Sides};
use crate::compare;
use crate::comparison::Comparison;
use crate::display;
use crate::entry::{Kind, Value};
use crate::error::Error;
use crate::reading::{NodeId, Reading};
use crate::report::{Report, Row, Status};

use super::escape;
use super::material::is_archive;
use super::redact::Redaction;
use super::words;

/// Equal lines around a difference.
const CONTEXT: usize = 3;
/// Bytes of contents that go into one patch; what comes after is named.
const MOST_BYTES: u64 = 256 << 20;
/// Bytes of a path, and of one part of it, that a file system takes.
const MOST_PATH: usize = 4096;
const MOST_NAME: usize = 255;

/// One side of an entry, as a patch sees it.
struct Member {
    path: Vec<u8>,
    mode: &'static str,
    /// The target of a symbolic link, which is its content there.
    target: Option<Vec<u8>>,
}

/// A patch under construction.
struct Writer {
    body: Vec<u8>,
    comments: String,
    /// Paths that an entry has been written for, of each side.
    used: Sides<BTreeSet<Vec<u8>>>,
    bytes: u64,
    /// Entries that only rules speak about.
    explained: usize,
}

/// The patch of a comparison.
///
/// # Errors
/// None that a comparison can cause.
pub(super) fn patch(comparison: &mut Comparison, report: &Report, redaction: Redaction) -> Result<Vec<u8>, Error> {
    let mut writer =
        Writer { body: Vec::new(), comments: String::new(), used: Sides::default(), bytes: 0, explained: 0 };
    writer.comment(&format!("Twinspect {}: from A to B", words::VERSION));
    for side in Side::BOTH {
        let info = report.sides.get(side);
        writer.comment(&format!("{}  sha256 {}  {}", side.letter(), info.sha256, info.name));
    }
    let rows = [(None, &report.root)].into_iter().chain((0..).zip(&report.rows).map(|(at, row)| (Some(at), row)));
    for (at, row) in rows {
        if redaction >= Redaction::Contents {
            if row.status != Status::Identical && at.is_some() {
                writer.leave_out(row, "withheld");
            }
            continue;
        }
        match writer.entry(comparison, at, row)? {
            Outcome::Written => {}
            Outcome::Nothing if row.status == Status::Equivalent => writer.explained += 1,
            Outcome::Nothing if words::is_open(row) && (at.is_some() || !words::own_causes(report).is_empty()) => {
                writer.leave_out(row, "no text differs");
            }
            Outcome::Nothing | Outcome::Archive => {}
            Outcome::LeftOut(reason) => writer.leave_out(row, reason),
        }
    }
    if writer.explained > 0 {
        let entries = words::count(writer.explained, "entry differs", "entries differ").replace('\u{202f}', " ");
        writer.comment(&format!("{entries} only in what no patch can say, and rules account for that"));
    }
    let mut out = writer.comments.into_bytes();
    out.extend(writer.body);
    Ok(out)
}

/// What became of an entry.
enum Outcome {
    Written,
    /// There is nothing that a patch could say.
    Nothing,
    /// An archive: its members say what there is to say.
    Archive,
    /// There is, and it is not said: why.
    LeftOut(&'static str),
}

impl Writer {
    fn comment(&mut self, text: &str) {
        let _ = writeln!(self.comments, "# {}", escape::line(text));
    }

    fn leave_out(&mut self, row: &Row, reason: &str) {
        let path = if row.path.is_empty() { "the artifact itself" } else { &row.path };
        let (_, status) = words::status(row.status);
        let differs = if row.differs.is_empty() { String::new() } else { format!(": {}", row.differs.join(", ")) };
        self.comment(&format!("not included ({reason}): {path}, {status}{differs}"));
    }

    fn entry(&mut self, comparison: &mut Comparison, at: Option<u32>, row: &Row) -> Result<Outcome, Error> {
        let nodes = comparison.nodes(at)?;
        let archive = |side: Side, id: Option<NodeId>| id.is_some_and(|id| is_archive(comparison.side(side).0, id));
        let archives = (archive(Side::Left, nodes.left), archive(Side::Right, nodes.right));
        match archives {
            (false, false) => {}
            // Its members follow: that of itself, a patch cannot say. Beside a plain file it is a binary one.
            (left, right) if (left || nodes.left.is_none()) && (right || nodes.right.is_none()) => {
                let own = row.differs.iter().any(|what| what != "members");
                return Ok(if own { Outcome::LeftOut("of the archive itself") } else { Outcome::Archive });
            }
            _ => return Ok(Outcome::LeftOut("an archive")),
        }
        if row.status == Status::Unread {
            return Ok(Outcome::LeftOut("not read"));
        }
        let mut members = Sides::default();
        for side in Side::BOTH {
            let Some(id) = *nodes.get(side) else { continue };
            match member(comparison.side(side).0, id) {
                Ok(member) => *members.get_mut(side) = Some(member),
                Err("a directory") if row.status == Status::Identical || !words::is_open(row) => {
                    return Ok(Outcome::Nothing);
                }
                Err(reason) if row.status != Status::Identical => return Ok(Outcome::LeftOut(reason)),
                Err(_) => return Ok(Outcome::Nothing),
            }
        }
        if at.is_none()
            && let (Some(left), Some(right)) = (&members.left, &mut members.right)
        {
            // Two files that were given: the second is the first, changed.
            right.path.clone_from(&left.path);
        }
        let same_content = match (&row.left, &row.right) {
            (Some(left), Some(right)) => left.sha256 == right.sha256 && left.size == right.size,
            _ => false,
        };
        if let (Some(left), Some(right)) = (&members.left, &members.right)
            && (&left.path, left.mode, &left.target) == (&right.path, right.mode, &right.target)
            && same_content
        {
            return Ok(Outcome::Nothing);
        }
        for side in Side::BOTH {
            if let Some(member) = members.get(side)
                && self.used.get(side).contains(&member.path)
            {
                return Ok(Outcome::LeftOut("another entry has this path"));
            }
        }
        let outcome = self.difference(comparison, at, row, &members, same_content)?;
        if matches!(outcome, Outcome::Written) {
            for side in Side::BOTH {
                if let Some(member) = members.get(side) {
                    self.used.get_mut(side).insert(member.path.clone());
                }
            }
        }
        Ok(outcome)
    }

    fn difference(
        &mut self,
        comparison: &mut Comparison,
        at: Option<u32>,
        row: &Row,
        members: &Sides<Option<Member>>,
        same_content: bool,
    ) -> Result<Outcome, Error> {
        let is_link = |member: &Option<Member>| member.as_ref().is_some_and(|member| member.target.is_some());
        let files = [(&members.left, &row.left), (&members.right, &row.right)];
        let needed = files.iter().filter(|(member, _)| member.is_some() && !is_link(member));
        let sizes: u64 = needed.clone().filter_map(|(_, info)| info.as_ref()).map(|info| info.size).sum();
        if same_content && !is_link(&members.left) && !is_link(&members.right) {
            self.write(members.left.as_ref(), members.right.as_ref(), (b"", b""), b"");
            return Ok(Outcome::Written);
        }
        if self.bytes.saturating_add(sizes) > MOST_BYTES {
            return Ok(Outcome::LeftOut("the patch is long enough"));
        }
        let loaded = if needed.clone().next().is_none() { Some(Sides::default()) } else { comparison.contents(at)? };
        let Some(loaded) = loaded else { return Ok(Outcome::LeftOut("not read")) };
        fn content<'a>(member: &'a Option<Member>, loaded: Option<&'a [u8]>) -> Option<&'a [u8]> {
            let member = member.as_ref()?;
            Some(member.target.as_deref().unwrap_or(loaded.unwrap_or_default()))
        }
        let contents =
            Sides { left: content(&members.left, loaded.left), right: content(&members.right, loaded.right) };
        let binary = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.contains(&0) || !is_text(bytes));
        if binary(contents.left) || binary(contents.right) {
            return Ok(Outcome::LeftOut("binary"));
        }
        let (left, right) = (contents.left.unwrap_or_default(), contents.right.unwrap_or_default());
        let changed_kind =
            members.left.is_some() && members.right.is_some() && is_link(&members.left) != is_link(&members.right);
        if changed_kind {
            // As git has it: one goes, the other comes.
            let hunks = (compare::patch(left, b"", CONTEXT), compare::patch(b"", right, CONTEXT));
            let (Some(gone), Some(come)) = hunks else { return Ok(Outcome::LeftOut("too long")) };
            self.bytes += sizes;
            self.write(members.left.as_ref(), None, (left, b""), &gone);
            self.write(None, members.right.as_ref(), (b"", right), &come);
            return Ok(Outcome::Written);
        }
        let Some(hunks) = compare::patch(left, right, CONTEXT) else { return Ok(Outcome::LeftOut("too long")) };
        self.bytes += sizes;
        self.write(members.left.as_ref(), members.right.as_ref(), (left, right), &hunks);
        Ok(Outcome::Written)
    }

    /// One difference; without hunks, of names or modes alone.
    fn write(&mut self, left: Option<&Member>, right: Option<&Member>, contents: (&[u8], &[u8]), hunks: &[u8]) {
        let Some(any) = left.or(right) else { return };
        let (from, to) = (left.unwrap_or(any), right.unwrap_or(any));
        let mut head = format!("diff --git {} {}\n", quoted("a/", &from.path), quoted("b/", &to.path));
        match (left, right) {
            (Some(left), Some(right)) => {
                if left.mode != right.mode {
                    let _ = write!(head, "old mode {}\nnew mode {}\n", left.mode, right.mode);
                }
                if left.path != right.path {
                    let _ =
                        write!(head, "rename from {}\nrename to {}\n", quoted("", &left.path), quoted("", &right.path));
                }
            }
            (Some(left), None) => {
                let _ = writeln!(head, "deleted file mode {}", left.mode);
            }
            (None, _) => {
                let _ = writeln!(head, "new file mode {}", to.mode);
            }
        }
        if !hunks.is_empty() || left.is_none() || right.is_none() {
            // What `patch` knows empty files and links by.
            let id = |member: Option<&Member>, content| member.map_or_else(|| "0".repeat(40), |_| blob(content));
            let mode = match (left, right) {
                (Some(left), Some(right)) if left.mode == right.mode => format!(" {}", left.mode),
                _ => String::new(),
            };
            let _ = writeln!(head, "index {}..{}{mode}", id(left, contents.0), id(right, contents.1));
        }
        if !hunks.is_empty() {
            let name = |prefix: &str, member: Option<&Member>| {
                member.map_or("/dev/null".to_owned(), |member| quoted(prefix, &member.path))
            };
            let _ = write!(head, "--- {}\n+++ {}\n", name("a/", left), name("b/", right));
        }
        self.body.extend_from_slice(head.as_bytes());
        self.body.extend_from_slice(hunks);
    }
}

/// The name that git has for a content.
fn blob(content: &[u8]) -> String {
    let mut hash = Sha1::new_with_prefix(format!("blob {}\0", content.len()));
    hash.update(content);
    display::hex(&hash.finalize())
}

/// Whether bytes are text: as the comparison has it, and not in an encoding of two bytes.
fn is_text(bytes: &[u8]) -> bool {
    compare::encoding::detect(bytes).is_some()
}

/// An entry as a patch sees it, or why it cannot be in one.
fn member(reading: &Reading, id: NodeId) -> Result<Member, &'static str> {
    let Some(node) = reading.node(id) else { return Err("not read") };
    let value = |name: &str| node.value(name);
    let (mode, target) = match node.kind {
        Kind::File => {
            let runs = matches!(value("mode"), Some(Value::Mode(mode)) if mode & 0o111 != 0);
            (if runs { "100755" } else { "100644" }, None)
        }
        Kind::Symlink => match value("target") {
            Some(Value::Bytes(target)) => ("120000", Some(target.clone())),
            Some(Value::Text(target)) => ("120000", Some(target.as_bytes().to_vec())),
            _ => return Err("a link without a target"),
        },
        Kind::Directory => return Err("a directory"),
        Kind::Hardlink => return Err("a hard link"),
        Kind::CharacterDevice | Kind::BlockDevice | Kind::Fifo | Kind::Other => return Err("a special file"),
    };
    let path = path(reading, id)?;
    Ok(Member { path, mode, target })
}

/// The path of an entry as its bytes, levels joined by `!/`, if a file can be there.
fn path(reading: &Reading, id: NodeId) -> Result<Vec<u8>, &'static str> {
    let mut parts: Vec<&[u8]> = Vec::new();
    // What is inside a wrapper is not the wrapper's file.
    if let [_, .., inner] = reading.layers(id).as_slice()
        && let Some(node) = reading.node(*inner)
    {
        parts.push(if node.path.is_empty() { b"content" } else { &node.path });
    }
    let mut at = id;
    while at != 0
        && let Some(node) = reading.node(at)
    {
        if node.occurrence > 0 {
            return Err("another entry has this path");
        }
        if !reading.is_wrapper(node.parent) {
            parts.push(node.path.strip_prefix(b"./").unwrap_or(&node.path));
        }
        // A parent comes before its members.
        if node.parent >= at {
            break;
        }
        at = node.parent;
    }
    if id == 0 {
        parts.push(reading.name.as_bytes());
    }
    parts.reverse();
    let path = parts.join(&b"!/"[..]);
    let bad = |part: &[u8]| {
        part.is_empty() || part == b"." || part == b".." || part.eq_ignore_ascii_case(b".git") || part.len() > MOST_NAME
    };
    if path.len() > MOST_PATH || path.contains(&0) || path.split(|byte| *byte == b'/').any(bad) {
        return Err("no file can have this path");
    }
    Ok(path)
}

/// A path as git writes it: in quotes, with escapes, where it has bytes that are not plain. One with spaces too, which
/// `patch` finds in no other way where no hunk names it again.
fn quoted(prefix: &str, path: &[u8]) -> String {
    let plain = |byte: &u8| matches!(byte, 0x21..=0x7e) && !matches!(byte, b'"' | b'\\');
    if path.iter().all(plain) {
        return format!("{prefix}{}", display::bytes(path));
    }
    let mut out = format!("\"{prefix}");
    for byte in path {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b' ' => out.push(' '),
            byte if plain(byte) => out.push(char::from(*byte)),
            byte => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_have_the_names_that_git_gives_them() {
        assert_eq!(blob(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(blob(b"hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
    }

    #[test]
    fn paths_are_quoted_as_git_does() {
        let check = |path: &[u8], expected: &str| assert_eq!(quoted("a/", path), expected);
        check(b"plain/name.js", "a/plain/name.js");
        check(b"a b", "\"a/a b\"");
        check(b"a\"\\\n\xff\x1b", "\"a/a\\\"\\\\\\n\\377\\033\"");
        check("ü".as_bytes(), "\"a/\\303\\274\"");
        check(b" x", "\"a/ x\"");
    }
}
