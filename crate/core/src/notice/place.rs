//! What the tree alone shows: permissions, ambiguous archives, files that machines act on because of where they lie.

use super::{Info, Noticed, pair_of};
use crate::entry::{Kind, Severity, Value};
use crate::pair::Pairing;
use crate::reading::Node;

pub(super) const PERMISSION: Info = Info {
    id: "permission-widened",
    title: "More is allowed",
    about: "A file runs with its owner's rights, can be run, or can be written by everybody.",
};
pub(super) const AMBIGUOUS: Info = Info {
    id: "ambiguous-content",
    title: "Readers disagree",
    about: "A has no such ambiguity. What was reviewed need not be what is installed.",
};
pub(super) const AUTOMATION: Info = Info {
    id: "automation-added",
    title: "Tools act on it",
    about: "Workflows, tasks of editors and instructions of assistants run where the package is only looked at.",
};

pub(super) fn check(noticed: &mut Noticed<'_>, at: usize, before: Option<&Node>, after: &Node) {
    if after.kind == Kind::File
        && let Some(is) = mode(after)
    {
        let was = before.and_then(mode);
        let gained = |bits: u32| is & bits != 0 && was.unwrap_or_default() & bits == 0;
        let what = if gained(0o4000) || (gained(0o2000) && is & 0o010 != 0) {
            Some("runs with its owner's rights")
        } else if was.is_some() && gained(0o111) {
            Some("can be run")
        } else if gained(0o002) {
            Some("can be written by everybody")
        } else {
            None
        };
        if let Some(what) = what {
            let was = was.map_or_else(|| "not in A".to_owned(), |was| format!("{:o} in A", was & 0o7777));
            noticed.notice(PERMISSION, at, format_args!("it {what}: {:o}, {was}", is & 0o7777));
        }
    }
    if before.is_none() && after.kind == Kind::File && is_automation(&after.path) {
        noticed.notice(AUTOMATION, at, format_args!("tools act on a file of this name"));
    }
}

fn is_automation(path: &[u8]) -> bool {
    let folders: [&[u8]; 6] =
        [b".github/workflows/", b".vscode/", b".claude/", b".cursor/", b".devcontainer/", b".husky/"];
    let names: [&[u8]; 6] =
        [b".gitlab-ci.yml", b"CLAUDE.md", b"AGENTS.md", b".cursorrules", b"Jenkinsfile", b".travis.yml"];
    let inside = |folder: &[u8]| path.starts_with(folder) || super::has(path, &[b"/", folder].concat());
    folders.into_iter().any(inside)
        || names.into_iter().any(|name| path == name || path.ends_with(&[b"/", name].concat()))
}

/// Conflicts that A does not have: findings know what they mean.
pub(super) fn findings(noticed: &mut Noticed<'_>, pairing: &Pairing) {
    let (left, right) = (noticed.sides.left.reading, noticed.sides.right.reading);
    for finding in right.findings.iter().filter(|finding| finding.severity == Severity::Conflict) {
        let known = left.findings.iter().any(|other| other.id == finding.id);
        if let Some(at) = pair_of(pairing, finding.node).filter(|_| !known) {
            noticed.notice(AMBIGUOUS, at, format_args!("{}: {}", finding.id, finding.message));
        }
    }
}

/// The permission bits of a node.
fn mode(node: &Node) -> Option<u32> {
    match node.value("mode") {
        Some(Value::Mode(mode)) => Some(*mode),
        _ => None,
    }
}
