//! What becomes of single files of a jar.

use super::super::Profile;
use super::super::testing::{Item, Side, container, file, stabilize};

pub(super) const BOTH: [Profile; 2] = [Profile::OssRebuild, Profile::Standard];
pub(super) const MANIFEST: &str = "META-INF/MANIFEST.MF";

pub(super) fn jar(profile: Profile, members: impl Into<Vec<Item>>) -> Side {
    stabilize(profile, &container("zip", "a.jar", members))
}

/// A jar with one file.
pub(super) fn check(profile: Profile, path: &str, before: &str, after: &str) {
    let side = jar(profile, [file(path, before)]);
    assert_eq!(side.content(path), after, "{profile:?} {path} {before:?}");
    assert_eq!(side.overlay(path).content.is_some(), before != after);
}

/// The passes that changed it, in a jar that has a signature file if so wished.
pub(super) fn passes(profile: Profile, path: &str, content: &str, signed: bool) -> Vec<&'static str> {
    let mut members = vec![file(path, content)];
    if signed {
        members.push(file("META-INF/KEY.SF", ""));
    }
    let side = jar(profile, members);
    side.overlay(path).content.as_ref().map_or_else(Vec::new, |new| new.by.clone())
}
