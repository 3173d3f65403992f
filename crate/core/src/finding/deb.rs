//! Debian packages: an ar archive of three members, each with rules of its own (deb(5)).

use std::collections::{BTreeMap, BTreeSet};

use md5::{Digest as _, Md5};

use super::path::canonical;
use super::{Found, Info, info, shown, text};
use crate::display;
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::entry::{Kind, Value};
use crate::reading::NodeId;

const REFUSE: &str = "dpkg refuses it; ar, 7-Zip and bsdtar read it.";
const REBUILD: &str = "Get the package built again.";

pub(super) const TABLE: &[Info] = &[
    info(
        "DEB-01",
        Conflict,
        "Two of one part",
        "There are two data or two control members.",
        "dpkg takes the first data member; others go by the name.",
        REBUILD,
    ),
    info("DEB-02", High, "Parts out of order", "The members are not `debian-binary`, control, data.", REFUSE, REBUILD),
    info(
        "DEB-03",
        High,
        "Another member",
        "There is a member that is no part of a package.",
        "dpkg ignores those whose names begin with `_` and refuses others.",
        "Look at what it is.",
    ),
    info(
        "DEB-04",
        Medium,
        "An odd format version",
        "`debian-binary` is not `2.0` and a newline.",
        "dpkg accepts other minor versions and more lines.",
        REBUILD,
    ),
    info(
        "DEB-05",
        Conflict,
        "Odd ar headers",
        "A member's header is written as no packaging tool writes it.",
        "GNU and BSD tools find different names and sizes.",
        REBUILD,
    ),
    info(
        "DEB-06",
        High,
        "Wrong compression suffix",
        "The compression of a member is not what its name says.",
        "dpkg goes by the name, others by the bytes.",
        REBUILD,
    ),
    info(
        "DEB-07",
        High,
        "MD5 sums do not match",
        "`md5sums` and the files disagree.",
        "`dpkg --verify` says so only after installing.",
        REBUILD,
    ),
    info(
        "DEB-08",
        High,
        "Bytes behind the last member",
        "Something follows the last member.",
        "dpkg accepts it.",
        "Look at the bytes there.",
    ),
    info(
        "DEB-09",
        Conflict,
        "Contradicting control data",
        "There are two `control` files, repeated fields, or another name than the file's.",
        "dpkg takes the last file; others the first.",
        REBUILD,
    ),
    info(
        "DEB-10",
        High,
        "Special files",
        "The package installs a device, or files that run with the rights of their owner.",
        "dpkg creates them as they are.",
        "Make sure that this is wanted.",
    ),
];

/// Checks one package.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let mut parts: [Vec<NodeId>; 2] = [Vec::new(), Vec::new()];
    for (place, (member, node)) in found.members(id).enumerate() {
        let path = shown(&node.path);
        let name = node.path.strip_suffix(b"/").unwrap_or(&node.path);
        let which = [&b"control.tar"[..], b"data.tar"].iter().position(|part| {
            name.strip_prefix(*part).is_some_and(|suffix| suffix.is_empty() || suffix.starts_with(b"."))
        });
        match which {
            Some(which) => {
                if which == 1 && parts[0].is_empty() {
                    found.raise("DEB-02", member, format_args!("{path} comes before the control member"));
                }
                suffix(found, member, name);
                let list = if which == 0 { &mut parts[0] } else { &mut parts[1] };
                list.push(member);
                if list.len() > 1 {
                    found.raise("DEB-01", member, format_args!("{path} is the second member of its kind"));
                }
            }
            None if place == 0 => version(found, member),
            None if name.starts_with(b"_gpg") => {
                found.raise_as(Note, "DEB-03", member, format_args!("{path} is a signature"));
            }
            None if name.starts_with(b"_") => {
                found.raise_as(Note, "DEB-03", member, format_args!("{path} is ignored by dpkg"));
            }
            None => found.raise("DEB-03", member, format_args!("{path} is no part of a package")),
        }
        let odd = node.value("header-form").is_some();
        let long = text(node, "name-form").is_some_and(|form| form != "ended by a slash");
        if odd || long {
            let severity = if long { Conflict } else { High };
            found.raise_as(
                severity,
                "DEB-05",
                member,
                format_args!("the header of {path} is not written as dpkg does"),
            );
        }
    }
    let [control, data] = parts;
    let inner = |list: &[NodeId]| list.first().and_then(|id| found.reading.layers(*id).last().copied());
    let (Some(control), Some(data)) = (inner(&control), inner(&data)) else { return };
    description(found, control);
    sums(found, control, data);
    for (member, node) in found.members(data) {
        let path = shown(&node.path);
        match (node.kind, node.value("mode")) {
            (Kind::CharacterDevice | Kind::BlockDevice, _) => {
                found.raise("DEB-10", member, format_args!("{path} is a device"));
            }
            (Kind::File, Some(Value::Mode(mode))) if mode & 0o6000 != 0 => {
                let message = format_args!("{path} runs with the rights of its owner: {mode:04o}");
                found.raise_as(Note, "DEB-10", member, message);
            }
            _ => {}
        }
    }
}

/// The member's name against what it was opened as.
fn suffix(found: &mut Found<'_>, id: NodeId, name: &[u8]) {
    const SUFFIXES: [(&[u8], &str); 6] =
        [(b".gz", "gzip"), (b".xz", "xz"), (b".zst", "zstd"), (b".bz2", "bzip2"), (b".lzma", "lzma"), (b".tar", "tar")];
    let expected = SUFFIXES.iter().find(|(suffix, _)| name.ends_with(suffix)).map(|(_, format)| *format);
    let opened = found.node(id).and_then(|node| node.opened.as_ref()).map(|opened| opened.format.as_str());
    if let Some(expected) = expected
        && let Some(opened) = opened
        && opened != expected
    {
        found.raise("DEB-06", id, format_args!("{} is a {opened} file", shown(name)));
    }
}

/// What `debian-binary` says.
fn version(found: &mut Found<'_>, id: NodeId) {
    if found.node(id).is_some_and(|node| node.size > 4096) {
        return found.raise("DEB-04", id, format_args!("the format version is thousands of bytes long"));
    }
    if let Some(text) = found.read(id).filter(|text| text != b"2.0\n") {
        found.raise("DEB-04", id, format_args!("the format version is {}", shown(&text)));
    }
}

/// The control file: one, with each field once, of the package that the file is named after.
fn description(found: &mut Found<'_>, control: NodeId) {
    let files: Vec<NodeId> =
        found.members(control).filter(|(_, node)| canonical(&node.path) == [b"control"]).map(|(id, _)| id).collect();
    if let Some(second) = files.get(1) {
        found.raise("DEB-09", *second, format_args!("there are {} control files", files.len()));
    }
    let Some(id) = files.first().copied() else { return };
    let Some(bytes) = found.read(id) else { return };
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    for line in String::from_utf8_lossy(&bytes).lines().filter(|line| !line.starts_with([' ', '\t', '#'])) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if fields.insert(name.to_ascii_lowercase(), value.trim().to_owned()).is_some() {
            found.raise(
                "DEB-09",
                id,
                format_args!("the control field {} is there twice", display::bytes(name.as_bytes())),
            );
        }
    }
    let stem = found.reading.name.strip_suffix(".deb").or_else(|| found.reading.name.strip_suffix(".udeb"));
    let parts: Vec<&str> = stem.unwrap_or_default().split('_').collect();
    let [name, version, architecture] = parts.as_slice() else { return };
    // The file name leaves out the epoch, or writes its colon as %3a.
    let version = version.replace("%3a", ":");
    let without_epoch = |version: &str| version.split_once(':').map_or(version, |(_, rest)| rest).to_owned();
    for (field, value) in [("package", *name), ("version", version.as_str()), ("architecture", *architecture)] {
        let Some(stated) = fields.get(field) else { continue };
        let equal = stated == value || (field == "version" && without_epoch(stated) == without_epoch(value));
        if !equal {
            let stated = shown(stated.as_bytes());
            let message =
                format_args!("the control file says {field} {stated}, the file's name {}", shown(value.as_bytes()));
            found.raise_as(Medium, "DEB-09", id, message);
        }
    }
}

/// `md5sums` against the files, both ways.
fn sums(found: &mut Found<'_>, control: NodeId, data: NodeId) {
    let list = found.members(control).find(|(_, node)| canonical(&node.path) == [b"md5sums"]).map(|(id, _)| id);
    let Some(list) = list else { return };
    let Some(bytes) = found.read(list) else { return };
    let mut stated: BTreeMap<Vec<u8>, &[u8]> = BTreeMap::new();
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Some((sum, rest)) = line.split_at_checked(32) else { continue };
        let path = rest.trim_ascii_start();
        let path = path.strip_prefix(b"*").unwrap_or(path);
        stated.insert(canonical(path).join(&b'/'), sum);
    }
    // Configuration files have their sums elsewhere.
    let conffiles = found.members(control).find(|(_, node)| canonical(&node.path) == [b"conffiles"]).map(|(id, _)| id);
    let conffiles = conffiles.and_then(|id| found.read(id)).unwrap_or_default();
    let exempt: BTreeSet<Vec<u8>> =
        conffiles.split(|byte| *byte == b'\n').map(|line| canonical(line.trim_ascii()).join(&b'/')).collect();
    for (member, node) in found.members(data) {
        let key = canonical(&node.path).join(&b'/');
        let sum = stated.remove(&key);
        if node.kind != Kind::File {
            continue;
        }
        let path = shown(&node.path);
        match sum {
            None if exempt.contains(&key) || key.starts_with(b"DEBIAN/") => {}
            None => found.raise_as(Note, "DEB-07", member, format_args!("{path} is not in md5sums")),
            Some(sum) => {
                let mut hash = Md5::new();
                if !found.stream(member, |bytes| hash.update(bytes)) {
                    continue;
                }
                let actual = display::hex(&hash.finalize());
                if actual.as_bytes() != sum.to_ascii_lowercase() {
                    let sum = shown(sum);
                    found.raise("DEB-07", member, format_args!("md5sums says {sum} of {path}, it is {actual}"));
                }
            }
        }
    }
    for path in stated.keys() {
        let path = shown(path);
        found.raise_as(Medium, "DEB-07", list, format_args!("md5sums lists {path}, which is not in the package"));
    }
}
