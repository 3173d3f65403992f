//! Names within one archive: which of them an extractor, or a file system, takes for the same.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;

use super::{Found, Info, info, link, name, same, shown};
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::entry::{Kind, Severity, Value};
use crate::reading::{Node, NodeId};

const UNPACK: &str = "Unpack it only where nothing else is, with a tool that refuses such names.";
const MACOS: &str = "On macOS and Windows one overwrites the other; on Linux there are two.";

pub(super) const TABLE: &[Info] = &[
    info(
        "PATH-01",
        High,
        "A way up",
        "The name contains `..`.",
        "Careless extractors write outside their folder.",
        UNPACK,
    ),
    info(
        "PATH-02",
        High,
        "An absolute name",
        "The name begins at the root, at a drive, or at a server.",
        "Some extractors strip the beginning, careless ones write there.",
        UNPACK,
    ),
    info(
        "PATH-03",
        Conflict,
        "A backslash",
        "The name contains a backslash.",
        "A folder on Windows, part of the name elsewhere.",
        UNPACK,
    ),
    info(
        "PATH-04",
        Conflict,
        "Two spellings of one path",
        "Two names are the same path once `.`, `..` and `//` are resolved.",
        "On disk one overwrites the other; in a list there are two.",
        "Compare both contents.",
    ),
    info(
        "PATH-05",
        Conflict,
        "Names that differ in case",
        "Two names differ only in upper and lower case.",
        MACOS,
        "Compare both contents.",
    ),
    info(
        "PATH-06",
        Conflict,
        "Names that differ in Unicode form",
        "Two names are the same text in different code points.",
        MACOS,
        "Compare both contents.",
    ),
    info(
        "PATH-07",
        High,
        "Invisible characters",
        "The name contains control, direction or invisible characters.",
        "What a person reads is not what a program opens.",
        "Read the escaped name.",
    ),
    info(
        "PATH-08",
        Medium,
        "Not UTF-8",
        "The name is not valid UTF-8.",
        "Readers replace, refuse, or keep the bytes; two names may become one.",
        "Compare the bytes of the name.",
    ),
    info(
        "PATH-09",
        Medium,
        "Not a name on Windows",
        "Windows has another meaning for this name, or refuses it.",
        "A device, a stream of another file, or a name without its last characters.",
        UNPACK,
    ),
    info(
        "PATH-10",
        Conflict,
        "File and folder",
        "A file stands where another entry needs a folder.",
        "Extractors keep one of them, or stop.",
        UNPACK,
    ),
    info(
        "PATH-11",
        High,
        "A link that leads out",
        "A symbolic link is absolute or leaves the root of the archive.",
        "What follows it reads or writes elsewhere.",
        UNPACK,
    ),
    info(
        "PATH-12",
        Conflict,
        "An entry through a link",
        "An entry lies below an earlier link, or takes its place.",
        "Written through the link, or instead of it.",
        UNPACK,
    ),
    info(
        "PATH-13",
        High,
        "A hard link to nothing",
        "The target of a hard link is not an earlier entry of this archive.",
        "Extractors link to what is on the disk, or stop.",
        UNPACK,
    ),
    info(
        "PATH-14",
        Medium,
        "A name out of bounds",
        "The name is empty, too long, or too deep.",
        "Refused, cut, or skipped.",
        UNPACK,
    ),
    info(
        "PATH-15",
        Medium,
        "Look-alike letters",
        "A word mixes Latin with letters of another script that look the same.",
        "What a person reads is not what a program opens.",
        "Read the escaped name.",
    ),
    info(
        "PATH-16",
        High,
        "A special file",
        "A device, pipe or socket, or a file with more rights than usual.",
        "Created only by privileged extractors.",
        UNPACK,
    ),
    info("PATH-17", Conflict, "NUL in a name", "The name contains NUL.", "Cut there, refused, or kept whole.", UNPACK),
];

/// Names longer than this, in bytes, or deeper than this are said, and not compared with others.
const MOST_BYTES: usize = 4096;
const MOST_DEEP: usize = 100;

/// What kind of archive the names are in: what is ordinary differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Made to be extracted anywhere.
    Zip,
    /// A zip that is not extracted: only one program reads it.
    Jar,
    Tar,
    /// The files of a system package or image: for one file system, with links and rights of their own.
    Deb,
}

impl Place {
    /// `elsewhere` unless this is ordinary here.
    pub(super) fn unless(self, ordinary: &[Self], elsewhere: Severity) -> Severity {
        if ordinary.contains(&self) { Note } else { elsewhere }
    }
}

fn place(found: &Found<'_>, id: NodeId) -> Option<Place> {
    let format = |id: NodeId| found.node(id)?.opened.as_ref().map(|opened| opened.format.as_str());
    match format(id)? {
        "zip" => {
            let manifest = |(_, node): (NodeId, &Node)| node.path.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF");
            Some(if found.members(id).any(manifest) { Place::Jar } else { Place::Zip })
        }
        "tar" => {
            // The wrapper's parent is the package; a layer of a container image is part of a file system too.
            let is_layer = |id: NodeId| found.reading.parts_of(id).iter().any(|part| part.list.ends_with("layer"));
            let mut up = found.node(id)?.parent;
            if is_layer(id) || is_layer(up) {
                return Some(Place::Deb);
            }
            for _ in 0..3 {
                if matches!(format(up), Some("deb" | "alpine")) {
                    return Some(Place::Deb);
                }
                up = found.node(up)?.parent;
            }
            Some(Place::Tar)
        }
        // What RPM and boot images are made of.
        "cpio" => Some(Place::Deb),
        _ => None,
    }
}

/// A path without what means nothing: `.`, empty parts, parts taken back by `..`.
pub(super) fn canonical(path: &[u8]) -> Vec<&[u8]> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts
}

/// Whether [`canonical`] would leave a path as it is: most are.
fn is_canonical(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/').all(|part| !matches!(part, b"" | b"." | b".."))
}

/// Checks the names in one archive.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let Some(place) = place(found, id) else { return };
    let mut all: Vec<(NodeId, Cow<'_, [u8]>)> = Vec::new();
    for (member, node) in found.members(id) {
        name::check(found, member, node, place);
        special(found, member, node, place);
        if node.path.len() > MOST_BYTES {
            continue;
        }
        let key = if is_canonical(&node.path) {
            Cow::Borrowed(node.path.as_slice())
        } else {
            Cow::Owned(canonical(&node.path).join(&b'/'))
        };
        if !key.is_empty() && key.split(|byte| *byte == b'/').count() <= MOST_DEEP {
            all.push((member, key));
        }
    }
    let mut files: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    for (member, key) in &all {
        if found.node(*member).is_some_and(|node| node.kind != Kind::Directory) {
            files.entry(key).or_insert(*member);
        }
    }
    twins(found, &all, place);
    nested(found, &all, &files);
    link::check(found, &all, place);
}

/// Entries that land on the same path, here or on a file system that folds names.
fn twins(found: &mut Found<'_>, all: &[(NodeId, Cow<'_, [u8]>)], place: Place) {
    let mut spelled: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    for (id, key) in all {
        let Some(first) = spelled.get(&**key).copied() else {
            spelled.insert(key, *id);
            continue;
        };
        let (Some(node), Some(other)) = (found.node(*id), found.node(first)) else { continue };
        // The very same name is a duplicate, which each format has its own finding for.
        if node.path == other.path || (node.kind, other.kind) == (Kind::Directory, Kind::Directory) {
            continue;
        }
        let severity = if same(node, other) { Medium } else { Conflict };
        let names = (shown(&other.path), shown(&node.path));
        found.raise_as(severity, "PATH-04", *id, format_args!("{} and {} are the same path", names.0, names.1));
    }
    let mut forms: BTreeMap<String, NodeId> = BTreeMap::new();
    let mut folded: BTreeMap<Cow<'_, str>, NodeId> = BTreeMap::new();
    // Without other letters there are no other forms.
    let plain = spelled.keys().all(|key| key.is_ascii());
    for (key, id) in spelled {
        let Ok(text) = std::str::from_utf8(key) else { continue };
        let (other_form, low) = if plain {
            (None, lowered(text))
        } else {
            let form: String = if text.is_ascii() { text.to_owned() } else { text.nfd().collect() };
            let low = Cow::Owned(lowered(&form).into_owned());
            let other_form = forms.get(&form).copied();
            forms.entry(form).or_insert(id);
            (other_form, low)
        };
        let other_case = folded.get(&low).copied();
        folded.entry(low).or_insert(id);
        let (finding, first, how) = match (other_form, other_case) {
            (Some(first), _) => ("PATH-06", first, "Unicode form"),
            (None, Some(first)) => ("PATH-05", first, "case"),
            (None, None) => continue,
        };
        let (Some(node), Some(other)) = (found.node(id), found.node(first)) else { continue };
        if (node.kind, other.kind) == (Kind::Directory, Kind::Directory) {
            continue;
        }
        let severity = if same(node, other) { Medium } else { Conflict };
        let names = (shown(&other.path), shown(&node.path));
        let message = format_args!("{} and {} differ only in {how}", names.0, names.1);
        found.raise_as(place.unless(&[Place::Deb, Place::Jar], severity), finding, id, message);
    }
}

/// A text without case.
fn lowered(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        let upper = text.bytes().any(|byte| byte.is_ascii_uppercase());
        return if upper { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) };
    }
    // Sigma and sharp s fold by way of upper case.
    Cow::Owned(text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect())
}

/// Files and links that other entries lie below.
fn nested(found: &mut Found<'_>, all: &[(NodeId, Cow<'_, [u8]>)], files: &BTreeMap<&[u8], NodeId>) {
    let mut folders: BTreeSet<&[u8]> = BTreeSet::new();
    for (id, key) in all {
        let mut rest = &**key;
        while let Some(end) = rest.iter().rposition(|byte| *byte == b'/') {
            rest = rest.get(..end).unwrap_or_default();
            if !folders.insert(rest) {
                break;
            }
            let Some(file) = files.get(rest).copied() else { continue };
            let (Some(node), Some(above)) = (found.node(*id), found.node(file)) else { continue };
            let names = (shown(&node.path), shown(&above.path));
            if above.kind == Kind::Symlink && file < *id {
                found.raise("PATH-12", *id, format_args!("{} lies below the link {}", names.0, names.1));
            } else {
                found.raise("PATH-10", *id, format_args!("{} needs a folder where {} is a file", names.0, names.1));
            }
        }
        if let Some(first) = files.get(&**key).copied().filter(|first| first < id)
            && let (Some(node), Some(link)) = (found.node(*id), found.node(first))
            && link.kind == Kind::Symlink
            && !same(node, link)
        {
            found.raise("PATH-12", *id, format_args!("{} takes the place of an earlier link", shown(&node.path)));
        }
    }
}

/// Devices, pipes, and files with rights.
fn special(found: &mut Found<'_>, id: NodeId, node: &Node, place: Place) {
    let path = shown(&node.path);
    let what = match node.kind {
        Kind::CharacterDevice => "a character device",
        Kind::BlockDevice => "a block device",
        Kind::Fifo => "a named pipe",
        Kind::File => {
            let Some(Value::Mode(mode)) = node.value("mode") else { return };
            if mode & 0o6000 != 0 {
                let severity = place.unless(&[Place::Deb], High);
                found.raise_as(
                    severity,
                    "PATH-16",
                    id,
                    format_args!("{path} runs with the rights of its owner: {mode:04o}"),
                );
            } else if mode & 0o002 != 0 {
                found.raise_as(Note, "PATH-16", id, format_args!("{path} may be written by everybody: {mode:04o}"));
            }
            return;
        }
        _ => return,
    };
    found.raise("PATH-16", id, format_args!("{path} is {what}"));
}
