//! What runs when a package is installed, loaded or built.

use std::collections::BTreeMap;

use super::{Change, Info, Noticed, has, quoted};

pub(super) const HOOK: Info = Info {
    id: "install-hook",
    title: "Runs at install or start",
    about: "It runs before anybody has read it: npm lifecycle scripts, maintainer scripts, .pth files, Java agents.",
};
pub(super) const BUILD: Info = Info {
    id: "build-logic",
    title: "Build reaches for data",
    about: "Scripts that configure or build the package unpack or cut data, or use files of its tests.",
};

/// npm's scripts that run without being asked for.
const LIFECYCLE: [&str; 8] =
    ["preinstall", "install", "postinstall", "prepare", "preprepare", "postprepare", "preuninstall", "postuninstall"];
/// Scripts of packages of systems: deb, rpm (as members of our making), Alpine.
const MAINTAINER: [&[u8]; 12] = [
    b"preinst",
    b"postinst",
    b"prerm",
    b"postrm",
    b"config",
    b".pre-install",
    b".post-install",
    b".pre-upgrade",
    b".post-upgrade",
    b".pre-deinstall",
    b".post-deinstall",
    b".trigger",
];
/// Headers of a jar's manifest that name code to start.
const AGENTS: [&[u8]; 3] = [b"Premain-Class:", b"Agent-Class:", b"Launcher-Agent-Class:"];

pub(super) fn check(noticed: &mut Noticed<'_>, change: &Change<'_>) {
    let name = change.name();
    let grown = change.before.is_none();
    match name {
        b"package.json" => {
            let (is, was) = (hooks(&change.after), hooks(change.before.as_deref().unwrap_or_default()));
            for (hook, command) in is {
                let verb = if was.contains_key(&hook) { "now runs" } else { "runs" };
                if was.get(&hook) != Some(&command) {
                    let command = quoted(command.as_bytes());
                    noticed.notice(HOOK, change.at, format_args!("{hook} {verb} {command}"));
                }
            }
        }
        b"binding.gyp" if grown => {
            noticed.notice(HOOK, change.at, format_args!("npm builds a package that has this file, unasked"));
        }
        b"sitecustomize.py" | b"usercustomize.py" if grown => {
            noticed.notice(HOOK, change.at, format_args!("Python runs this file at every start"));
        }
        b"MANIFEST.MF" => {
            for header in AGENTS {
                if has(&change.after, header) && !change.had(header) {
                    noticed.notice(HOOK, change.at, format_args!("the manifest has {}", quoted(header)));
                }
            }
        }
        b"build.rs" if grown => {
            noticed.notice(HOOK, change.at, format_args!("cargo runs this file to build the crate"));
        }
        b"extconf.rb" if grown => {
            noticed.notice(HOOK, change.at, format_args!("gem runs this file at installation"));
        }
        b"setup.py" if !grown && has(&change.after, b"cmdclass") && !change.had(b"cmdclass") => {
            noticed.notice(HOOK, change.at, format_args!("setup.py replaces steps of the installation (cmdclass)"));
        }
        _ if name.ends_with(b".pth") => {
            let runs = |text: &[u8]| text.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"import"));
            if runs(&change.after) && !change.before.as_deref().is_some_and(runs) {
                noticed.notice(HOOK, change.at, format_args!("Python runs its lines at every start"));
            }
        }
        _ if MAINTAINER.contains(&name) && is_script(&change.after) => {
            let what = if grown { "is new" } else { "is another one" };
            noticed.notice(HOOK, change.at, format_args!("the script {} {what}", quoted(name)));
        }
        _ => {}
    }
}

fn is_script(text: &[u8]) -> bool {
    text.starts_with(b"#!") || text.starts_with(b"set ") || text.starts_with(b"<lua>")
}

/// The lifecycle scripts of a package.json; what cannot be parsed has none here, and a finding says so.
fn hooks(text: &[u8]) -> BTreeMap<&'static str, String> {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(text) else { return BTreeMap::new() };
    let script = |name: &str| value.get("scripts")?.get(name)?.as_str().map(str::to_owned);
    LIFECYCLE.into_iter().filter_map(|name| Some((name, script(name)?))).collect()
}

/// Scripts that configure or build, with new lines that unpack, cut or use test data: what carried the backdoor of xz.
pub(super) fn build_logic(noticed: &mut Noticed<'_>, change: &Change<'_>, fresh: &[&[u8]]) {
    let name = change.name();
    let is_build = matches!(change.extension().as_slice(), b"m4" | b"am" | b"ac" | b"in" | b"cmake" | b"mk" | b"gyp")
        || matches!(name, b"configure" | b"Makefile" | b"CMakeLists.txt" | b"build.rs" | b"setup.py" | b"meson.build");
    if !is_build {
        return;
    }
    let words: [&[u8]; 12] = [
        b"tests/files",
        b"/testdata/",
        b"test/fixtures",
        b"xz -d",
        b"unxz",
        b"gunzip",
        b"base64",
        b"head -c",
        b"tail -c",
        b"| tr ",
        b"openssl ",
        b"| eval",
    ];
    let found: Vec<String> = words
        .into_iter()
        .filter(|word| fresh.iter().any(|line| has(line, word)) && !change.had(word))
        .map(quoted)
        .collect();
    if !found.is_empty() {
        noticed.notice(BUILD, change.at, format_args!("new here: {}", found.join(", ")));
    }
}
