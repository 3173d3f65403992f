//! What a package says about itself: what it needs, where it begins, whose it is.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Info, Noticed, has, quoted};
use crate::reading::extension;

pub(super) const DEPENDENCY: Info = Info {
    id: "dependency-added",
    title: "New dependency",
    about: "Its code is in neither artifact, and runs all the same.",
};
pub(super) const UNUSED: Info = Info {
    id: "dependency-unused",
    title: "New dependency, unused",
    about: "A dependency that nothing imports is installed for what it does at installation.",
};
pub(super) const ENTRY_POINT: Info = Info {
    id: "entry-point-moved",
    title: "Begins elsewhere",
    about: "Other files are loaded first, or other commands are installed.",
};
pub(super) const ORIGIN: Info = Info {
    id: "origin-changed",
    title: "Other origin",
    about: "The repository, the author or the maintainer is another one.",
};

pub(super) fn check(noticed: &mut Noticed<'_>, change: &Change<'_>) {
    let said: fn(&[u8]) -> Said = match change.name() {
        b"package.json" => npm,
        b"METADATA" | b"PKG-INFO" => python,
        b"Cargo.toml" | b"Cargo.toml.orig" => cargo,
        b"control" => debian,
        b"entry_points.txt" => commands,
        _ => return,
    };
    let Some(before) = change.before.as_deref() else { return };
    let (is, was) = (said(&change.after), said(before));
    for (name, version) in &is.needs {
        let old = was.needs.get(name);
        let foreign =
            |version: &String| version.contains("://") || version.starts_with("git") || version.contains("github:");
        if old.is_none() || (foreign(version) && old.is_none_or(|old| !foreign(old))) {
            let shown = (quoted(name.as_bytes()), quoted(version.as_bytes()));
            noticed.notice(DEPENDENCY, change.at, format_args!("{} {}", shown.0, shown.1));
            if change.name() == b"package.json" && old.is_none() {
                noticed.needs.insert(name.clone(), (change.at, version.clone()));
            }
        }
    }
    for (info, is, was) in [(ENTRY_POINT, &is.begins, &was.begins), (ORIGIN, &is.origin, &was.origin)] {
        let keys: BTreeSet<&String> = is.keys().chain(was.keys()).collect();
        for key in keys {
            let (now, old) = (is.get(key), was.get(key));
            if now != old {
                let show =
                    |value: Option<&String>| value.map_or_else(|| "nothing".to_owned(), |v| quoted(v.as_bytes()));
                noticed.notice(info, change.at, format_args!("{key}: {}, in A {}", show(now), show(old)));
            }
        }
    }
}

/// Of new npm dependencies, those that no script of B names.
pub(super) fn unused(noticed: &mut Noticed<'_>) {
    let mut needs = std::mem::take(&mut noticed.needs);
    if needs.is_empty() {
        return;
    }
    let right = noticed.sides.right;
    let whole = noticed.search(right, &mut |node, content| {
        let scripts: [&[u8]; 7] = [b"js", b"mjs", b"cjs", b"ts", b"jsx", b"tsx", b"node"];
        if scripts.contains(&extension(&node.path).as_slice()) {
            needs.retain(|name, _| !has(content, name.as_bytes()));
        }
        !needs.is_empty()
    });
    // Whether the rest names them is not known.
    for (name, (at, version)) in needs.into_iter().filter(|_| whole) {
        noticed.notice(UNUSED, at, format_args!("{} {}", quoted(name.as_bytes()), quoted(version.as_bytes())));
    }
}

/// What a manifest says.
#[derive(Default)]
struct Said {
    /// Names, and what is said about the version.
    needs: BTreeMap<String, String>,
    begins: BTreeMap<String, String>,
    origin: BTreeMap<String, String>,
}

fn npm(text: &[u8]) -> Said {
    let mut said = Said::default();
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(text) else { return said };
    for list in ["dependencies", "optionalDependencies", "peerDependencies"] {
        for (name, version) in value.get(list).and_then(|list| list.as_object()).into_iter().flatten() {
            said.needs.insert(name.clone(), version.as_str().unwrap_or_default().to_owned());
        }
    }
    for key in ["main", "module", "browser", "bin", "exports"] {
        if let Some(value) = value.get(key) {
            said.begins.insert(key.to_owned(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    }
    for key in ["repository", "author", "maintainers", "homepage"] {
        if let Some(value) = value.get(key) {
            said.origin.insert(key.to_owned(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        }
    }
    said
}

/// Lines of a text that is none stay out.
fn lines(text: &[u8]) -> impl Iterator<Item = &str> {
    text.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok()).map(str::trim_end)
}

/// Core metadata: headers up to the first empty line.
fn python(text: &[u8]) -> Said {
    let mut said = Said::default();
    for line in lines(text).take_while(|line| !line.is_empty()) {
        match line.split_once(": ") {
            Some(("Requires-Dist", need)) => {
                let end = need.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.".contains(letter)));
                let (name, rest) = need.split_at(end.unwrap_or(need.len()));
                said.needs.insert(name.to_ascii_lowercase().replace(['_', '.'], "-"), rest.trim().to_owned());
            }
            Some((key @ ("Home-page" | "Author" | "Author-email" | "Maintainer" | "Maintainer-email"), value)) => {
                said.origin.insert(key.to_owned(), value.to_owned());
            }
            _ => {}
        }
    }
    said
}

fn debian(text: &[u8]) -> Said {
    let mut said = Said::default();
    for line in lines(text) {
        match line.split_once(": ") {
            Some(("Depends" | "Pre-Depends", needs)) => {
                for need in needs.split([',', '|']).map(str::trim) {
                    let (name, rest) = need.split_once(' ').unwrap_or((need, ""));
                    said.needs.insert(name.to_owned(), rest.to_owned());
                }
            }
            Some((key @ ("Maintainer" | "Homepage" | "Source"), value)) => {
                said.origin.insert(key.to_owned(), value.to_owned());
            }
            _ => {}
        }
    }
    said
}

/// Tables of dependencies, as cargo writes them and as people do; not a reader of TOML.
fn cargo(text: &[u8]) -> Said {
    let mut said = Said::default();
    let mut table = String::new();
    for line in lines(text).map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            table = name.to_owned();
            if let Some((of, name)) = table.rsplit_once("dependencies.").filter(|(of, _)| !of.ends_with("dev-")) {
                said.needs.insert(name.trim_matches('"').to_owned(), format!("({of}dependencies)"));
            }
        } else if table.ends_with("dependencies") && !table.ends_with("dev-dependencies") {
            if let Some((name, version)) = line.split_once('=').filter(|_| !line.starts_with('#')) {
                said.needs.insert(name.trim().trim_matches('"').to_owned(), version.trim().to_owned());
            }
        } else if table == "package"
            && let Some((key @ ("repository" | "build" | "links"), value)) =
                line.split_once('=').map(|(key, value)| (key.trim(), value.trim()))
        {
            let part = if key == "repository" { &mut said.origin } else { &mut said.begins };
            part.insert(key.to_owned(), value.to_owned());
        }
    }
    said
}

/// Commands and plugins of a wheel.
fn commands(text: &[u8]) -> Said {
    let mut said = Said::default();
    for (key, value) in lines(text).filter_map(|line| line.split_once('=')) {
        said.begins.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    said
}
