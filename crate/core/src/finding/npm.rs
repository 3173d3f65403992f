//! npm packages: the first folder of each path is dropped when they are installed, and `package.json` decides the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::path::canonical;
use super::{Found, Info, info, same, shown};
use crate::entry::Kind;
use crate::entry::Severity::{Conflict, High, Info as Note, Medium};
use crate::reading::NodeId;

const SEEN: &str = "npm installs what is in the tarball; the registry shows what was sent beside it.";

pub(super) const TABLE: &[Info] = &[
    info(
        "NPM-01",
        Conflict,
        "Several top folders",
        "npm drops the first folder of each path: files of two folders land on each other.",
        "On disk the last one wins; in a list there are two.",
        "Compare both contents.",
    ),
    info(
        "NPM-02",
        Conflict,
        "Two manifests",
        "Two `package.json` are the manifest once the first folder is dropped.",
        "Scanners read one, npm installs the other.",
        "Compare both contents.",
    ),
    info(
        "NPM-03",
        High,
        "Another name or version",
        "`package.json` does not fit the file's name.",
        SEEN,
        "Find out which one is meant.",
    ),
    info(
        "NPM-04",
        Conflict,
        "Ambiguous JSON",
        "`package.json` repeats a key, begins with a mark, or is no JSON.",
        "Parsers take the first or the last, or refuse.",
        "Read the file as it is written.",
    ),
    info(
        "NPM-05",
        Note,
        "Runs code when installed",
        "There is an install script, or `binding.gyp`, which implies one.",
        "npm runs it; with `--ignore-scripts` it does not.",
        "Read it.",
    ),
    info(
        "NPM-06",
        Medium,
        "Links in the tarball",
        "The tarball contains links.",
        "npm drops them; tar creates them.",
        "Make sure that nothing needs them.",
    ),
    info(
        "NPM-07",
        High,
        "Dependencies from elsewhere",
        "A shrinkwrap file takes packages from other places, or packages are bundled.",
        "Installed without asking the registry.",
        "Check where they come from.",
    ),
    info(
        "NPM-08",
        Medium,
        "Not as npm packs",
        "There is no manifest, files lie at the root, or a configuration is packed.",
        "npm would not have made it so.",
        "Look at these files.",
    ),
];

/// Where npm gets packages unless told otherwise, and the other place that serves the same ones.
/// Both serve packages from the host `registry` of their domain.
const REGISTRIES: [(&str, &str); 2] = [("npmjs", "org"), ("yarnpkg", "com")];

/// Whether a package comes from one of them.
fn is_registry(url: &str) -> bool {
    let host = url.strip_prefix("https://registry.").and_then(|rest| rest.split_once('/')).map(|(host, _)| host);
    host.and_then(|host| host.split_once('.')).is_some_and(|domain| REGISTRIES.contains(&domain))
}

/// Checks one package.
pub(super) fn check(found: &mut Found<'_>, id: NodeId) {
    let mut tops: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut installed: BTreeMap<Vec<u8>, NodeId> = BTreeMap::new();
    let mut bundled = 0_u64;
    for (member, node) in found.members(id) {
        let parts = canonical(&node.path);
        let path = shown(&node.path);
        match node.kind {
            Kind::Symlink | Kind::Hardlink => found.raise("NPM-06", member, format_args!("{path} is a link")),
            Kind::Directory => continue,
            _ => {}
        }
        let Some((top, rest)) = parts.split_first() else { continue };
        if rest.is_empty() {
            found.raise("NPM-08", member, format_args!("{path} lies beside the package's folder"));
            continue;
        }
        tops.insert(top.to_vec());
        bundled += u64::from(rest.first() == Some(&&b"node_modules"[..]));
        if matches!(rest, [b".npmrc"]) {
            found.raise("NPM-08", member, format_args!("{path} is a configuration of npm"));
        }
        let Some(first) = installed.insert(rest.join(&b'/'), member) else { continue };
        let Some(other) = found.node(first) else { continue };
        if other.path != node.path {
            let finding = if matches!(rest, [b"package.json"]) { "NPM-02" } else { "NPM-01" };
            let severity = if same(node, other) { Medium } else { Conflict };
            let other = shown(&other.path);
            found.raise_as(severity, finding, member, format_args!("{path} and {other} are installed as one file"));
        }
    }
    if bundled > 0 {
        found.raise_at(Note, "NPM-07", id, None, format_args!("{bundled} files of other packages are bundled"));
    }
    for name in [&b"npm-shrinkwrap.json"[..], b"package.json", b"binding.gyp"] {
        let Some(member) = installed.get(name).copied() else { continue };
        match name {
            b"npm-shrinkwrap.json" => shrinkwrap(found, member),
            b"package.json" => manifest(found, member, installed.contains_key(&b"binding.gyp"[..])),
            _ => {}
        }
    }
    if !installed.contains_key(&b"package.json"[..]) {
        found.raise_at(Medium, "NPM-08", id, None, format_args!("there is no package.json"));
    }
}

fn manifest(found: &mut Found<'_>, id: NodeId, gyp: bool) {
    let Some(bytes) = found.read(id) else { return };
    let text = bytes.strip_prefix(b"\xef\xbb\xbf");
    if text.is_some() {
        found.raise_as(Medium, "NPM-04", id, format_args!("package.json begins with a byte order mark"));
    }
    let bytes = text.unwrap_or(&bytes);
    let keys = match serde_json::from_slice::<Keys>(bytes) {
        Ok(keys) => keys.0,
        Err(error) => return found.raise("NPM-04", id, format_args!("package.json is no JSON: {error}")),
    };
    for key in keys {
        let key = shown(key.as_bytes());
        found.raise("NPM-04", id, format_args!("package.json has the key {key} twice in one object"));
    }
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
    if value.get("__proto__").is_some() {
        found.raise("NPM-04", id, format_args!("package.json has a key __proto__"));
    }
    let written = String::from_utf8_lossy(bytes);
    for script in ["preinstall", "install", "postinstall"] {
        let Some(command) =
            value.get("scripts").and_then(|scripts| scripts.get(script)).and_then(|command| command.as_str())
        else {
            continue;
        };
        // A key can hide behind escapes from whoever searches the text.
        let severity = if written.contains(&format!("\"{script}\"")) { Note } else { High };
        found.raise_as(severity, "NPM-05", id, format_args!("{script} runs {}", shown(command.as_bytes())));
    }
    if gyp && value.get("scripts").and_then(|scripts| scripts.get("install")).is_none() {
        found.raise_as(Note, "NPM-05", id, format_args!("binding.gyp is built at installation"));
    }
    named(found, id, &value);
}

/// The file's name against name and version.
fn named(found: &mut Found<'_>, id: NodeId, value: &serde_json::Value) {
    let get = |key: &str| value.get(key).and_then(|value| value.as_str());
    let (Some(name), Some(version)) = (get("name"), get("version")) else {
        return found.raise("NPM-08", id, format_args!("package.json has no name or version"));
    };
    let file = found.reading.name.clone();
    let Some(stem) = file.strip_suffix(".tgz") else { return };
    // Only a name that ends like a version says which package it should be.
    let begins =
        |at: usize| crate::ecosystem::version_length(stem.as_bytes().get(at + 1..).unwrap_or_default()).is_some();
    if !stem.match_indices('-').any(|(at, _)| begins(at)) {
        return;
    }
    let full = name.trim_start_matches('@').replace('/', "-");
    let short = name.rsplit('/').next().unwrap_or(name);
    let fits = |name: &str| stem == format!("{name}-{version}");
    if !fits(&full) && !fits(short) {
        let (name, version, stem) = (shown(name.as_bytes()), shown(version.as_bytes()), shown(stem.as_bytes()));
        found.raise("NPM-03", id, format_args!("package.json says {name} {version}, the file's name {stem}"));
    }
}

fn shrinkwrap(found: &mut Found<'_>, id: NodeId) {
    let Some(value) = found.read(id).and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok()) else {
        return;
    };
    // Both layouts: nested dependencies, and one list of packages.
    let mut left = vec![&value];
    while let Some(value) = left.pop() {
        for key in ["dependencies", "packages"] {
            let Some(packages) = value.get(key).and_then(|packages| packages.as_object()) else { continue };
            for (name, package) in packages {
                left.push(package);
                let Some(url) = package.get("resolved").and_then(|url| url.as_str()) else { continue };
                if !is_registry(url) && package.get("link").is_none() {
                    let (name, url) = (shown(name.as_bytes()), shown(url.as_bytes()));
                    found.raise("NPM-07", id, format_args!("the shrinkwrap file takes {name} from {url}"));
                }
            }
        }
    }
}

/// The keys that stand twice in one object, at any level; the parser bounds the depth.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Keys(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Keys {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let inner: Keys = map.next_value()?;
            self.0.extend(inner.0);
            if seen.contains(&key) {
                self.0.push(key);
            } else {
                seen.insert(key);
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self, A::Error> {
        while let Some(inner) = list.next_element::<Keys>()? {
            self.0.extend(inner.0);
        }
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Ok(self)
    }
}
