//! Crates: cargo reads `Cargo.toml`, people read `Cargo.toml.orig`, and the first should be made from the second.

use std::collections::BTreeSet;

use super::path::canonical;
use super::{Found, Info, info, shown};
use crate::entry::Kind;
use crate::entry::Severity::{High, Info as Note, Medium};
use crate::reading::NodeId;

pub(super) const TABLE: &[Info] = &[
    info(
        "CRATE-01",
        High,
        "Another manifest than the author's",
        "`Cargo.toml` has what `Cargo.toml.orig` does not.",
        "cargo reads the first, people read the second.",
        "Read `Cargo.toml`.",
    ),
    info(
        "CRATE-02",
        Note,
        "Origin not stated",
        "The file that names the commit is missing, malformed, or says that it was changed.",
        "cargo ignores it; it can be forged.",
        "Compare with the repository.",
    ),
    info(
        "CRATE-03",
        High,
        "Files outside of the crate's folder",
        "A file does not lie in `name-version/`.",
        "cargo refuses it; tar unpacks it.",
        "Look at the file.",
    ),
    info(
        "CRATE-04",
        Note,
        "Runs code when built",
        "There is a build script, or it is a procedural macro.",
        "cargo runs it on every build.",
        "Read it.",
    ),
    info(
        "CRATE-05",
        Note,
        "A lock file of another version",
        "`Cargo.lock` does not name this crate in this version.",
        "cargo ignores it, unless told `--locked`.",
        "Nothing.",
    ),
    info(
        "CRATE-06",
        High,
        "A twin of the manifest, or a link",
        "A file takes the place of `Cargo.toml` on some systems, or of another file.",
        "Depends on the file system.",
        "Look at the file.",
    ),
];

/// Checks one crate.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let file = found.reading.name.clone();
    let stem = file.strip_suffix(".crate").map(|stem| stem.as_bytes().to_vec());
    let mut roots: BTreeSet<Vec<u8>> = BTreeSet::new();
    for (member, node) in found.members(id) {
        let parts = canonical(&node.path);
        let path = shown(&node.path);
        if let [root, ..] = parts.as_slice() {
            roots.insert(root.to_vec());
        }
        if matches!(node.kind, Kind::Symlink | Kind::Hardlink) {
            found.raise("CRATE-06", member, format_args!("{path} is a link, which cargo does not pack"));
        }
        match parts.as_slice() {
            [_, name] if name.eq_ignore_ascii_case(b"Cargo.toml") && *name != b"Cargo.toml" => {
                found.raise("CRATE-06", member, format_args!("{path} is the manifest where case does not count"));
            }
            [_, b".cargo", ..] => {
                found.raise_as(Note, "CRATE-06", member, format_args!("{path} configures cargo inside the folder"));
            }
            _ => {}
        }
    }
    if roots.len() > 1 {
        found.raise_at(High, "CRATE-03", id, None, format_args!("there are {} folders at the root", roots.len()));
    }
    let Some(root) = roots.into_iter().next() else { return };
    let looks = stem.as_ref().is_some_and(|stem| {
        let at = stem.iter().enumerate().filter(|(_, byte)| **byte == b'-');
        at.map(|(at, _)| at + 1)
            .any(|at| crate::ecosystem::version_length(stem.get(at..).unwrap_or_default()).is_some())
    });
    if let Some(stem) = stem.filter(|stem| looks && *stem != root) {
        let (root, stem) = (shown(&root), shown(&stem));
        found.raise_at(High, "CRATE-03", id, None, format_args!("the folder is {root}, the file's name {stem}"));
    }
    let member = |found: &Found<'_>, name: &str| found.member(id, &[root.as_slice(), b"/", name.as_bytes()].concat());
    let text = |found: &mut Found<'_>, name: &str| {
        let id = member(found, name)?;
        let bytes = found.read(id)?;
        Some((id, String::from_utf8_lossy(&bytes).into_owned()))
    };
    let Some((manifest, toml)) = text(found, "Cargo.toml") else { return };
    if let Some((_, original)) = text(found, "Cargo.toml.orig") {
        derived(found, manifest, &toml, &original);
    }
    match text(found, ".cargo_vcs_info.json") {
        None => found.raise_at(Note, "CRATE-02", id, None, format_args!("there is no .cargo_vcs_info.json")),
        Some((info, text)) => match serde_json::from_str::<serde_json::Value>(&text) {
            Err(_) => found.raise_as(Medium, "CRATE-02", info, format_args!(".cargo_vcs_info.json is no JSON")),
            Ok(value) => {
                let git = value.get("git");
                if git.and_then(|git| git.get("dirty")).and_then(serde_json::Value::as_bool) == Some(true) {
                    found.raise("CRATE-02", info, format_args!("packed with changes that were not committed"));
                }
            }
        },
    }
    let package = values(&toml, "package");
    let value = |key: &str| package.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    let built = value("build").map_or(member(found, "build.rs").is_some(), |build| build != "false");
    if built {
        found.raise("CRATE-04", manifest, format_args!("there is a build script"));
    }
    if values(&toml, "lib").iter().any(|(key, value)| matches!(*key, "proc-macro" | "proc_macro") && *value == "true") {
        found.raise("CRATE-04", manifest, format_args!("it is a procedural macro"));
    }
    if let (Some((lock, text)), Some(name), Some(version)) =
        (text(found, "Cargo.lock"), value("name"), value("version"))
        && !text.replace('\r', "").contains(&format!("name = \"{name}\"\nversion = \"{version}\""))
    {
        let (name, version) = (shown(name.as_bytes()), shown(version.as_bytes()));
        found.raise("CRATE-05", lock, format_args!("Cargo.lock does not name {name} {version}"));
    }
}

/// Whether names in the manifest come from the author's.
///
/// Both are searched as text: cargo sorts and expands the manifest, but makes up no name.
fn derived(found: &mut Found<'_>, id: NodeId, toml: &str, original: &str) {
    let theirs = words(original);
    for section in sections(toml) {
        let dependency = section.split('.').rev().nth(1).is_some_and(|kind| kind.ends_with("dependencies"));
        let Some(name) = section.rsplit('.').next().filter(|_| dependency) else { continue };
        let name = name.trim_matches('"');
        if !theirs.contains(name) {
            let name = shown(name.as_bytes());
            found.raise(
                "CRATE-01",
                id,
                format_args!("Cargo.toml depends on {name}, which Cargo.toml.orig does not name"),
            );
        }
    }
    let inherited = |key: &str| original.contains(&format!("{key}.workspace")) || original.contains("workspace = true");
    let (ours, own) = (values(toml, "package"), values(original, "package"));
    let get = |list: &[(&str, &str)], key: &str| {
        list.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned())
    };
    for key in ["name", "version", "build"] {
        let (Some(left), right) = (get(&ours, key), get(&own, key)) else { continue };
        let expected = match (&right, key) {
            (Some(right), _) if right.starts_with('{') => inherited(key),
            (Some(right), _) => left == *right || right.trim_start_matches("./") == left,
            // cargo writes down what it found.
            (None, "build") => left == "build.rs" || left == "false",
            (None, _) => inherited(key),
        };
        if !expected {
            let right = right.unwrap_or_default();
            let (left, right) = (shown(left.as_bytes()), shown(right.as_bytes()));
            found.raise("CRATE-01", id, format_args!("{key} is {left} in Cargo.toml and {right} in Cargo.toml.orig"));
        }
    }
}

/// Names of the tables of a TOML document.
fn sections(toml: &str) -> impl Iterator<Item = &str> {
    toml.lines()
        .filter_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'))
        .map(|name| name.trim_matches(['[', ']']))
}

/// Simple keys and values of one table, quotes taken off.
fn values<'a>(toml: &'a str, table: &str) -> Vec<(&'a str, &'a str)> {
    let mut inside = false;
    let mut list = Vec::new();
    for line in toml.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.trim_matches(['[', ']']).trim() == table;
        } else if inside && let Some((key, value)) = line.split_once('=') {
            let value = value.trim();
            let plain = match value.strip_prefix(['"', '\'']) {
                Some(rest) => rest.split(['"', '\'']).next().unwrap_or_default(),
                None => value.split('#').next().unwrap_or_default().trim(),
            };
            list.push((key.trim(), plain));
        }
    }
    list
}

/// Everything in a text that could be a crate's name.
fn words(text: &str) -> BTreeSet<&str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '-' | '_'))).collect()
}
