//! Wheels: the archive against its own RECORD and METADATA (the binary distribution format of PyPA).

use std::collections::{BTreeMap, BTreeSet};

use super::{Found, Info, info, shown};
use crate::base64;
use crate::entry::Kind;
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::reading::NodeId;

const INSTALLERS: &str = "PyPI refuses such uploads; pip and uv check less.";
const REBUILD: &str = "Get the wheel built again.";

pub(super) const TABLE: &[Info] = &[
    info(
        "WHEEL-01",
        Medium,
        "A record without its file",
        "RECORD lists a file that is not in the wheel.",
        INSTALLERS,
        REBUILD,
    ),
    info(
        "WHEEL-02",
        High,
        "A file without a record",
        "A file of the wheel is not in RECORD.",
        INSTALLERS,
        "Find out who added the file.",
    ),
    info(
        "WHEEL-03",
        High,
        "RECORD does not match",
        "Digest or size in RECORD are not those of the file, or missing, or weak.",
        INSTALLERS,
        "Find out who changed the file.",
    ),
    info(
        "WHEEL-04",
        Conflict,
        "Several metadata folders",
        "There is more than one `.dist-info` folder, or one of another name.",
        "Installers take the first, the one that fits, or refuse.",
        REBUILD,
    ),
    info(
        "WHEEL-05",
        High,
        "A malformed RECORD",
        "RECORD repeats a path, leads out of the wheel, or is no CSV.",
        "Uninstalling removes other files.",
        REBUILD,
    ),
    info(
        "WHEEL-06",
        High,
        "Another name or version",
        "METADATA does not fit the file's name, or repeats its fields.",
        "Installers go by the file's name, registries by METADATA.",
        "Find out which one is meant.",
    ),
    info(
        "WHEEL-07",
        High,
        "Code that runs at each start",
        "A `.pth` file with code, or `sitecustomize`, or compiled code without its source.",
        "Python runs it without any import.",
        "Read it.",
    ),
    info(
        "WHEEL-08",
        High,
        "RECORD or WHEEL missing",
        "The wheel lacks a file that every wheel has.",
        "Installers refuse it, or install without checks.",
        REBUILD,
    ),
];

/// Checks one wheel.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let mut folders: BTreeSet<&[u8]> = BTreeSet::new();
    for (_, node) in found.members(id) {
        let top = node.path.split(|byte| *byte == b'/').next().unwrap_or_default();
        if top.to_ascii_lowercase().ends_with(b".dist-info") && node.path.contains(&b'/') {
            folders.insert(top);
        }
    }
    startup(found, id);
    if folders.len() > 1 {
        let names: Vec<String> = folders.iter().map(|name| shown(name).to_string()).collect();
        found.raise_at(Conflict, "WHEEL-04", id, None, format_args!("there are {}", names.join(" and ")));
    }
    let Some(folder) = folders.first().copied() else {
        return found.raise_at(High, "WHEEL-08", id, None, format_args!("there is no .dist-info folder"));
    };
    let file = |name: &str| found.member(id, &[folder, b"/", name.as_bytes()].concat());
    let (record, wheel, metadata) = (file("RECORD"), file("WHEEL"), file("METADATA"));
    for (name, there) in [("RECORD", record), ("WHEEL", wheel), ("METADATA", metadata)] {
        if there.is_none() {
            found.raise_at(High, "WHEEL-08", id, None, format_args!("{}/{name} is missing", shown(folder)));
        }
    }
    if let Some(metadata) = metadata {
        described(found, metadata, folder);
    }
    if let Some(record) = record {
        records(found, id, record, folder);
    }
}

/// METADATA, the folder and the file's name say the same.
fn described(found: &mut Found<'_>, id: NodeId, folder: &[u8]) {
    let Some(bytes) = found.read(id) else { return };
    let fields = headers(&bytes);
    let folder = String::from_utf8_lossy(folder).into_owned();
    let stem = folder.get(..folder.len().saturating_sub(".dist-info".len())).unwrap_or_default().to_owned();
    let file = found.reading.name.clone();
    let file = file.strip_suffix(".whl").unwrap_or_default();
    for (place, field) in ["name", "version"].into_iter().enumerate() {
        let values: Vec<&String> = fields.iter().filter(|(name, _)| name == field).map(|(_, value)| value).collect();
        if values.len() > 1 {
            found.raise("WHEEL-06", id, format_args!("METADATA has {} fields {field}", values.len()));
        }
        let Some(stated) = values.first() else { continue };
        for (whole, what) in [(stem.as_str(), "folder"), (file, "file")] {
            let mut parts = whole.split('-');
            let Some(other) = parts.nth(place).filter(|_| whole.contains('-')) else { continue };
            if normal(other) != normal(stated) {
                let severity = if what == "folder" { Conflict } else { High };
                let finding = if what == "folder" { "WHEEL-04" } else { "WHEEL-06" };
                let (stated, other) = (shown(stated.as_bytes()), shown(other.as_bytes()));
                let message = format_args!("METADATA says {field} {stated}, the name of the {what} {other}");
                found.raise_as(severity, finding, id, message);
            }
        }
    }
}

/// Names of fields in lower case, and their values, up to the first empty line.
pub(super) fn headers(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().take_while(|line| !line.is_empty()).filter(|line| !line.starts_with([' ', '\t']));
    let split = lines.filter_map(|line| line.split_once(':'));
    split.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect()
}

/// A name or version without what file names cannot have or writers change.
pub(super) fn normal(text: &str) -> String {
    let mut normal = String::new();
    for letter in text.trim_start_matches('v').chars().flat_map(char::to_lowercase) {
        match letter {
            '-' | '_' | '.' | '+' if normal.ends_with('.') => {}
            '-' | '_' | '.' | '+' => normal.push('.'),
            letter => normal.push(letter),
        }
    }
    // 1.0-alpha.1 is 1.0a1, 1.0.0-1 stays: only the usual words are short.
    for (long, short) in [(".alpha", "a"), (".beta", "b"), (".rc", "rc"), (".a", "a"), (".b", "b")] {
        normal = normal.replace(long, short);
    }
    normal
}

/// RECORD against the archive, both ways.
fn records(found: &mut Found<'_>, id: NodeId, record: NodeId, folder: &[u8]) {
    let Some(bytes) = found.read(record) else { return };
    let mut files: BTreeMap<&[u8], NodeId> = BTreeMap::new();
    for (member, node) in found.members(id).filter(|(_, node)| node.kind != Kind::Directory) {
        files.insert(&node.path, member);
    }
    let mut listed: BTreeSet<Vec<u8>> = BTreeSet::new();
    for line in bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
        if line.is_empty() {
            continue;
        }
        let Some([path, digest, size]) = row(line) else {
            found.raise("WHEEL-05", record, format_args!("a line of RECORD is not three values: {}", shown(line)));
            continue;
        };
        let name = shown(&path).to_string();
        if super::link::outside(&path) || path.split(|byte| *byte == b'/').any(|part| part == b"..") {
            found.raise("WHEEL-05", record, format_args!("RECORD lists a path outside of the wheel: {name}"));
            continue;
        }
        let member = files.get(path.as_slice()).copied();
        let folder_entry = path.ends_with(b"/");
        if !listed.insert(path) {
            found.raise("WHEEL-05", record, format_args!("RECORD lists {name} twice"));
        }
        match member {
            Some(member) if member != record => entry(found, member, &digest, &size),
            Some(_) => {}
            None if folder_entry => {}
            None => found.raise("WHEEL-01", record, format_args!("RECORD lists {name}, which is not in the wheel")),
        }
    }
    for (path, member) in files {
        let signature =
            path.strip_prefix(folder).is_some_and(|name| matches!(name, b"/RECORD" | b"/RECORD.jws" | b"/RECORD.p7s"));
        if !signature && !listed.contains(path) {
            found.raise("WHEEL-02", member, format_args!("{} is not in RECORD", shown(path)));
        }
    }
}

/// One file against its line.
fn entry(found: &mut Found<'_>, id: NodeId, digest: &[u8], size: &[u8]) {
    let Some(node) = found.node(id) else { return };
    let path = shown(&node.path);
    let actual = node.size.to_string();
    if !size.is_empty() && size != actual.as_bytes() {
        found.raise("WHEEL-03", id, format_args!("RECORD says {path} has {} bytes, it has {actual}", shown(size)));
    }
    if digest.is_empty() {
        return found.raise("WHEEL-03", id, format_args!("RECORD has no digest of {path}"));
    }
    let mut parts = digest.splitn(2, |byte| *byte == b'=');
    match (parts.next(), parts.next(), node.sha256) {
        (Some(b"sha256"), Some(stated), Some(actual)) => {
            let actual = base64::encode_for_names(&actual);
            let stated = stated.split(|byte| *byte == b'=').next().unwrap_or_default();
            if stated != actual.as_bytes() {
                found.raise("WHEEL-03", id, format_args!("RECORD says {} of {path}, it is {actual}", shown(stated)));
            }
        }
        (Some(b"md5" | b"sha1"), ..) => {
            found.raise("WHEEL-03", id, format_args!("RECORD has only a weak digest of {path}"));
        }
        _ => {}
    }
}

/// The three values of a line; quotes around a value, doubled ones within.
fn row(line: &[u8]) -> Option<[Vec<u8>; 3]> {
    let mut values: Vec<Vec<u8>> = vec![Vec::new()];
    let mut quoted = false;
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.peek() == Some(&b'"') => {
                bytes.next();
                values.last_mut()?.push(b'"');
            }
            b'"' => quoted = !quoted,
            b',' if !quoted => values.push(Vec::new()),
            byte => values.last_mut()?.push(byte),
        }
        if values.len() > 3 {
            return None;
        }
    }
    values.try_into().ok()
}

/// What Python runs without being asked.
fn startup(found: &mut Found<'_>, id: NodeId) {
    let paths: BTreeSet<&[u8]> = found.members(id).map(|(_, node)| node.path.as_slice()).collect();
    for (member, node) in found.members(id) {
        let path = shown(&node.path);
        let mut parts: Vec<&[u8]> = node.path.split(|byte| *byte == b'/').collect();
        // Files below `x.data/purelib` land beside the packages.
        if parts.len() == 3
            && parts.first().is_some_and(|top| top.ends_with(b".data"))
            && matches!(parts.get(1), Some(&(b"purelib" | b"platlib")))
        {
            parts.drain(..2);
        }
        let [name] = parts.as_slice() else {
            lone(found, member, &node.path, &paths);
            continue;
        };
        if name.ends_with(b".pth") {
            let Some(bytes) = found.read(member) else { continue };
            let code = bytes
                .split(|byte| *byte == b'\n')
                .find(|line| line.starts_with(b"import ") || line.starts_with(b"import\t"));
            // What setuptools writes for namespace packages.
            match code {
                Some(line)
                    if line.starts_with(b"import sys, types, os;") && line.contains(&b';') && bytes.len() < 4096 =>
                {
                    found.raise_as(
                        Note,
                        "WHEEL-07",
                        member,
                        format_args!("{path} sets up a namespace package at each start"),
                    );
                }
                Some(line) => {
                    found.raise("WHEEL-07", member, format_args!("{path} runs code at each start: {}", shown(line)))
                }
                None => found.raise_as(
                    Note,
                    "WHEEL-07",
                    member,
                    format_args!("{path} adds to the search path at each start"),
                ),
            }
        } else if matches!(*name, b"sitecustomize.py" | b"usercustomize.py") {
            found.raise("WHEEL-07", member, format_args!("{path} runs at each start"));
        }
        lone(found, member, &node.path, &paths);
    }
}

/// Compiled code whose source is not there.
fn lone(found: &mut Found<'_>, id: NodeId, path: &[u8], paths: &BTreeSet<&[u8]>) {
    let Some(stem) = path.strip_suffix(b".pyc") else { return };
    let folder = stem.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let (folder, name) = stem.split_at_checked(folder).unwrap_or_default();
    // `__pycache__/x.cpython-312.pyc` comes from `x.py` one folder up.
    let source = match folder.strip_suffix(b"__pycache__/") {
        Some(up) => [up, name.split(|byte| *byte == b'.').next().unwrap_or_default(), b".py"].concat(),
        None => [stem, b".py"].concat(),
    };
    if !paths.contains(source.as_slice()) {
        found.raise_as(Medium, "WHEEL-07", id, format_args!("{} is compiled code without its source", shown(path)));
    }
}
