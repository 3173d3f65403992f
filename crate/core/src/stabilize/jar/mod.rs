//! Jars, and what else is a zip with a manifest in `META-INF/`: wars, ears, plugins, OSGi bundles.
//!
//! Upstream's passes run over the outer `.jar` alone, and leave the bytes that it writes. In `standard` they run in zips
//! at every level, followed by ours, but never in a signed one: a signature covers what it is over byte by byte, so
//! that two jars of one signature and different contents are one that loads and one that does not.

mod attributes;
mod date;
mod form;
mod git;
mod javadoc;
mod manifest;
mod maven;
mod order;
mod properties;
mod signature;
mod strict;
#[cfg(test)]
mod testing;

pub use attributes::BUILD_METADATA;
pub use form::{MANIFEST_FORM, MANIFEST_ORDER};
pub use git::GIT_PROPERTIES;
pub use javadoc::JAVADOC;
pub use maven::{POM_PROPERTIES, PROPERTIES_COMMENTS, PROPERTIES_ORDER};
pub use order::VALUE_ORDER;
pub use signature::SIGNATURE;

use super::upstream::{Set, set};
use super::{Profile, Scope, View};
use crate::entry::Kind;
use crate::reading::NodeId;

/// Where the JVM looks for the manifest, in any mix of cases.
const MANIFEST: &[u8] = b"META-INF/MANIFEST.MF";

/// Where a pass runs that upstream has.
fn theirs(scope: &Scope<'_>) -> bool {
    scope.format == "zip"
        && match scope.profile {
            Profile::None => false,
            Profile::OssRebuild => set(scope) == Some(Set::Jar),
            Profile::Standard => true,
        }
}

/// Where a pass runs that upstream lacks.
fn ours(scope: &Scope<'_>) -> bool {
    scope.format == "zip" && scope.profile == Profile::Standard
}

/// Rewrites each member whose path passes the test, as upstream does.
fn each(view: &mut View<'_>, test: impl Fn(&[u8]) -> bool, edit: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    for id in members(view, test) {
        if let Some(bytes) = view.content(id).and_then(|bytes| edit(&bytes)) {
            view.set_content(id, bytes);
        }
    }
}

/// The same in `standard`: only files, and nothing where the archive is signed.
fn each_unsigned(view: &mut View<'_>, test: impl Fn(&[u8]) -> bool, edit: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let files = files(view, test);
    if files.is_empty() || is_signed(view) {
        return;
    }
    for id in files {
        if let Some(bytes) = view.content(id).and_then(|bytes| edit(&bytes)) {
            view.set_content(id, bytes);
        }
    }
}

fn members(view: &View<'_>, test: impl Fn(&[u8]) -> bool) -> Vec<NodeId> {
    let members = view.reading.members(view.container).filter(|(_, node)| test(&node.path)).map(|(id, _)| id);
    members.filter(|id| !view.is_excluded(*id)).collect()
}

fn files(view: &View<'_>, test: impl Fn(&[u8]) -> bool) -> Vec<NodeId> {
    let mut files = members(view, test);
    files.retain(|id| view.kind(*id) == Some(Kind::File));
    files
}

/// Rewrites the manifest, given its sections, of an unsigned jar that has one manifest which all readers read alike.
fn manifest_unsigned(view: &mut View<'_>, edit: impl Fn(&[u8], Vec<manifest::Section<'_>>) -> Option<Vec<u8>>) {
    let mut manifests = members(view, |path| path.eq_ignore_ascii_case(MANIFEST)).into_iter();
    let (Some(id), None) = (manifests.next(), manifests.next()) else { return };
    if view.path(id) != MANIFEST || view.kind(id) != Some(Kind::File) || is_signed(view) {
        return;
    }
    let Some(text) = view.content(id) else { return };
    if let Some(bytes) = strict::parse(&text).and_then(|sections| edit(&text, sections)) {
        view.set_content(id, bytes);
    }
}

/// Whether the JVM could take some member for a signature: it ignores case, and so more counts as one than upstream
/// thinks.
fn is_signed(view: &View<'_>) -> bool {
    view.reading.members(view.container).any(|(_, node)| {
        let path = node.path.strip_prefix(b"/").unwrap_or(&node.path);
        let Some((folder, name)) = path.split_at_checked(9) else { return false };
        let ends = |suffix: &&[u8]| {
            let start = name.len().checked_sub(suffix.len());
            start.and_then(|start| name.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
        };
        folder.eq_ignore_ascii_case(b"META-INF/")
            && ([&b".SF"[..], b".RSA", b".DSA", b".EC"].iter().any(ends)
                || name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"SIG-")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{container, file, stabilize};
    use super::testing::{BOTH, jar};
    use super::*;

    const STAMPED: &str = "Manifest-Version: 1.0\r\nCreated-By: 17\r\n\r\n";
    const PLAIN: &str = "Manifest-Version: 1.0\r\n\r\n";

    #[test]
    fn upstream_takes_every_manifest_of_the_outer_jar_and_nothing_else() {
        let inner = container("zip", "inner.jar", [file("META-INF/MANIFEST.MF", STAMPED)]);
        let paths = ["lib/META-INF/MANIFEST.MF", "x-META-INF/MANIFEST.MF", "META-INF/manifest.mf", "MANIFEST.MF"];
        let mut members: Vec<_> = paths.iter().map(|path| file(path, STAMPED)).collect();
        members.push(inner);
        let side = jar(Profile::OssRebuild, members);
        let contents: Vec<bool> = paths.iter().map(|path| side.content(path) == PLAIN).collect();
        assert_eq!(contents, [true, true, false, false]);
        assert_eq!(side.content("META-INF/MANIFEST.MF"), STAMPED, "of the inner jar");
        for name in ["a.war", "a.zip", "a"] {
            let side = stabilize(Profile::OssRebuild, &container("zip", name, [file("META-INF/MANIFEST.MF", STAMPED)]));
            assert_eq!(side.content("META-INF/MANIFEST.MF"), STAMPED, "{name}");
        }
    }

    #[test]
    fn standard_takes_the_manifest_of_zips_at_every_level() {
        for name in ["a.jar", "a.war", "a.jmod", "a"] {
            let inner = container("zip", "inner.jar", [file("META-INF/MANIFEST.MF", STAMPED)]);
            let side = stabilize(Profile::Standard, &container("zip", name, [inner]));
            assert_eq!(side.content("META-INF/MANIFEST.MF"), PLAIN, "{name}");
        }
        let side = stabilize(Profile::Standard, &container("tar", "a.tar", [file("META-INF/MANIFEST.MF", STAMPED)]));
        assert_eq!(side.content("META-INF/MANIFEST.MF"), STAMPED, "not a jar");
    }

    #[test]
    fn where_the_jvm_could_take_another_manifest_standard_leaves_all() {
        let side = jar(Profile::Standard, [file("META-INF/MANIFEST.MF", STAMPED), file("meta-inf/manifest.mf", "x")]);
        assert_eq!(side.content("META-INF/MANIFEST.MF"), STAMPED);
        let side = jar(Profile::Standard, [file("META-INF/MANIFEST.MF", STAMPED), file("META-INF/MANIFEST.MF", PLAIN)]);
        assert_eq!(side.content("META-INF/MANIFEST.MF"), STAMPED);
        for path in ["lib/META-INF/MANIFEST.MF", "META-INF/manifest.mf", "/META-INF/MANIFEST.MF"] {
            assert_eq!(jar(Profile::Standard, [file(path, STAMPED)]).content(path), STAMPED, "{path}");
        }
        let link = file("META-INF/MANIFEST.MF", STAMPED).kind(Kind::Symlink);
        assert_eq!(jar(Profile::Standard, [link]).content("META-INF/MANIFEST.MF"), STAMPED);
    }

    #[test]
    fn signed_jars_are_left_alone_in_standard() {
        let all = [
            file("META-INF/MANIFEST.MF", STAMPED),
            file("git.properties", "git.commit.id=0123456\n"),
            file("git.json", r#"{"git.commit.id":"0123456"}"#),
            file("META-INF/maven/g/a/pom.properties", "#Generated by Maven\n#Tue Nov 24 10:00:00 CET 2020\nb=1\na=1\n"),
            file("a.html", "<html lang=\"de\">\n<!-- Generated by javadoc (17) -->\n"),
        ];
        let changed = |signature: &str| -> usize {
            let mut members = all.to_vec();
            members.push(file(signature, "s"));
            let side = jar(Profile::Standard, members);
            side.after.overlays.iter().filter(|overlay| overlay.content.is_some() || overlay.excluded.is_some()).count()
        };
        for path in
            ["META-INF/K.SF", "META-INF/K.RSA", "meta-inf/k.dsa", "META-INF/K.EC", "META-INF/SIG-K", "/META-INF/K.sf"]
        {
            assert_eq!(changed(path), 0, "{path}");
        }
        for path in ["META-INF/K.SFX", "K.SF", "META-INF", "META-INF/", "METAéINF/K.SF"] {
            assert_eq!(changed(path), 5, "{path}");
        }
    }

    #[test]
    fn what_cannot_be_read_stays() {
        for profile in BOTH {
            let side = jar(profile, [file("META-INF/MANIFEST.MF", STAMPED).unread()]);
            assert!(side.overlay("META-INF/MANIFEST.MF").content.is_none());
        }
    }
}
