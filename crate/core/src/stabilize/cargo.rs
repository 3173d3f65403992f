//! Packages of crates.io.

use super::json::{self, Json};
use super::upstream::{Set, set};
use super::{Pass, Profile, Stabilizer, View};
use crate::reading::NodeId;

/// The commit that `cargo package` notes.
pub const VCS_HASH: Stabilizer = Stabilizer {
    id: "cargo-vcs-hash",
    title: "Commit noted in .cargo_vcs_info.json",
    rationale: "cargo notes the commit that was checked out; no build reads it, and the files themselves are \
        compared. In `standard` only a hexadecimal id of the usual length is ignored, in a file that has no key twice, \
        so that nothing else can be put there; whether the checkout was dirty, and the path, count always.",
    upstream: true,
    stage: 0,
    applies: |scope| {
        scope.format == "tar"
            && match scope.profile {
                Profile::None => false,
                Profile::OssRebuild => set(scope) == Some(Set::Crate),
                Profile::Standard => true,
            }
    },
    pass: Pass::Entry(mask),
};

fn mask(view: &mut View<'_>, id: NodeId) {
    if !view.path(id).ends_with(b".cargo_vcs_info.json") {
        return;
    }
    let Some(mut document) = view.content(id).and_then(|bytes| json::read(&bytes)) else { return };
    let Json::Object(root) = &mut document.value else { return };
    let Some(Json::Object(git)) = root.get_mut("git") else { return };
    let Some(hash) = git.get_mut("sha1") else { return };
    if !view.scope.is_upstream() && (document.repeats || !is_commit(hash)) {
        return;
    }
    *hash = Json::String("x".repeat(40));
    let mut text = String::new();
    document.value.write(&mut text);
    view.set_content(id, text.into_bytes());
}

/// SHA-1 or SHA-256.
fn is_commit(hash: &Json) -> bool {
    matches!(hash, Json::String(hash) if matches!(hash.len(), 40 | 64) && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{container, file, stabilize};
    use super::*;

    const HASH: &str = "0123456789abcdef0123456789abcdef01234567";
    const MASKED: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

    fn check(profile: Profile, path: &str, before: &str, after: &str) {
        let tar = container("tar", "a.tar", [file(path, before)]);
        let side = stabilize(profile, &container("gzip", "a.crate", [tar]));
        assert_eq!(side.content(path), after, "{profile:?} {path}");
        assert_eq!(side.overlay(path).content.is_some(), before != after);
    }

    #[test]
    fn the_commit_is_masked_and_the_document_compacted() {
        let before = format!("{{\n  \"path_in_vcs\": \"a<b\",\n  \"git\": {{\"sha1\": \"{HASH}\"}}\n}}\n");
        let after = format!(r#"{{"git":{{"sha1":"{MASKED}"}},"path_in_vcs":"a\u003cb"}}"#);
        for profile in [Profile::OssRebuild, Profile::Standard] {
            check(profile, ".cargo_vcs_info.json", &before, &after);
            check(profile, "some-crate-1.0.0/.cargo_vcs_info.json", &before, &after);
            check(profile, "x.cargo_vcs_info.json", &before, &after);
        }
    }

    #[test]
    fn a_dirty_checkout_still_shows() {
        let before = format!(r#"{{"git":{{"sha1":"{HASH}","dirty":true}}}}"#);
        let after = format!(r#"{{"git":{{"dirty":true,"sha1":"{MASKED}"}}}}"#);
        check(Profile::Standard, ".cargo_vcs_info.json", &before, &after);
    }

    #[test]
    fn other_files_and_documents_are_left_as_they_are() {
        let right = format!(r#"{{ "git": {{"sha1": "{HASH}"}} }}"#);
        for profile in [Profile::OssRebuild, Profile::Standard] {
            check(profile, "Cargo.toml", &right, &right);
            check(profile, ".cargo_vcs_info.json.bak", &right, &right);
            for text in [
                "",
                "not json",
                "null",
                "[]",
                "{ }",
                r#"{ "git": {} }"#,
                r#"{ "git": "sha1" }"#,
                "{\"git\": {\"sha1\"}}",
            ] {
                check(profile, ".cargo_vcs_info.json", text, text);
            }
        }
        let side = stabilize(Profile::OssRebuild, &container("tar", "a.tar", [file(".cargo_vcs_info.json", &right)]));
        assert_eq!(side.content(".cargo_vcs_info.json"), right, "not a crate");
    }

    #[test]
    fn only_upstream_masks_what_is_no_commit() {
        let mask = r#"{"git":{"sha1":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}}"#;
        let twice = format!(r#"{{"git":{{"sha1":"curl evil"}},"git":{{"sha1":"{HASH}"}}}}"#);
        for text in [r#"{"git":{"sha1":"curl evil"}}"#, r#"{"git":{"sha1":null}}"#, &twice] {
            check(Profile::OssRebuild, ".cargo_vcs_info.json", text, mask);
            check(Profile::Standard, ".cargo_vcs_info.json", text, text);
        }
    }
}
