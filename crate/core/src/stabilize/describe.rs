//! Where a pass runs, in words: found by asking the pass itself, so that the words cannot go stale.

use super::{Profile, Scope, Set, Stabilizer, gem};

/// The containers that OSS Rebuild enters for each set of passes: format, depth, path in the outer archive, its format.
type Entered = (&'static str, u32, &'static [u8], &'static str);

const SETS: [(Set, &str, &[Entered]); 6] = [
    (Set::Wheel, "PyPI zips", &[("zip", 0, b"", "")]),
    (Set::Jar, "Maven jars", &[("zip", 0, b"", "")]),
    (Set::Tar, "PyPI .tar and images", &[("tar", 0, b"", "")]),
    (Set::TarGzip, "npm and PyPI .tar.gz", &[("gzip", 0, b"", ""), ("tar", 0, b"", "")]),
    (Set::Crate, "crates", &[("gzip", 0, b"", ""), ("tar", 0, b"", "")]),
    (
        Set::Gem,
        "gems",
        &[
            ("tar", 0, b"", ""),
            ("gzip", 1, gem::FILES, "tar"),
            ("tar", 1, gem::FILES, "tar"),
            ("gzip", 1, gem::METADATA, "tar"),
        ],
    ),
];

/// Where a pass runs under each profile that has it, e.g.
/// `oss-rebuild: PyPI zips, Maven jars; standard: zip, at every level`.
pub fn describe(pass: &Stabilizer) -> String {
    let sets: Vec<&str> = SETS
        .iter()
        .filter(|(set, _, entered)| {
            entered.iter().any(|at| (pass.applies)(&scope(Profile::OssRebuild, Some(*set), *at)))
        })
        .map(|(_, name, _)| *name)
        .collect();
    let formats: Vec<&str> = crate::format::FORMATS
        .iter()
        .map(|format| format.id)
        .filter(|id| {
            let places: [Entered; 3] = [(id, 0, b"", ""), (id, 1, b"x", ""), (id, 1, gem::METADATA, "tar")];
            places.iter().any(|place| (pass.applies)(&scope(Profile::Standard, None, *place)))
        })
        .collect();
    let mut parts = Vec::new();
    if !sets.is_empty() {
        parts.push(format!("oss-rebuild: {}", sets.join(", ")));
    }
    if !formats.is_empty() {
        parts.push(format!("standard: {}, at every level", formats.join(", ")));
    }
    parts.join("; ")
}

/// Ids of the passes that OSS Rebuild can run over an artifact with this set, in their order.
pub fn eligible(set: Set) -> Vec<&'static str> {
    let entered = SETS.iter().filter(|(other, ..)| *other == set).flat_map(|(_, _, entered)| *entered);
    let runs = |pass: &&Stabilizer| {
        pass.upstream && entered.clone().any(|at| (pass.applies)(&scope(Profile::OssRebuild, Some(set), *at)))
    };
    super::STABILIZERS.iter().filter(runs).map(|pass| pass.id).collect()
}

fn scope(
    profile: Profile,
    set: Option<Set>,
    (format, depth, path, outer): (&'static str, u32, &'static [u8], &'static str),
) -> Scope<'static> {
    let layers = set.and_then(Set::layers).unwrap_or_default();
    let member: &[&str] = if path == gem::FILES { &["gzip", "tar"] } else { &[] };
    let entered = true;
    Scope {
        profile,
        format,
        is_wrapper: false,
        ecosystem: None,
        artifact: "",
        depth,
        path,
        outer,
        set,
        layers,
        member,
        layer: 0,
        entered,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{STABILIZERS, by_id};
    use super::*;

    #[test]
    fn passes_say_where_they_run() {
        let words = |id: &str| describe(by_id(id).unwrap());
        assert_eq!(words("zip-modified-time"), "oss-rebuild: PyPI zips, Maven jars; standard: zip, at every level");
        assert_eq!(words("cargo-vcs-hash"), "oss-rebuild: crates; standard: tar, at every level");
        assert_eq!(words("tar-form"), "standard: tar, at every level");
        assert_eq!(words("zip-rewrite"), "oss-rebuild: PyPI zips, Maven jars");
    }

    #[test]
    fn a_set_has_the_passes_that_upstream_lists_for_it() {
        assert_eq!(eligible(Set::Tar).first(), Some(&"tar-file-order"));
        assert_eq!(eligible(Set::Tar).len(), 6);
        assert_eq!(eligible(Set::TarGzip).len(), 10);
        assert_eq!(eligible(Set::Crate).last(), Some(&"cargo-vcs-hash"));
        assert_eq!(eligible(Set::Wheel).last(), Some(&"wheel-record"));
        assert!(eligible(Set::Raw).is_empty());
    }

    #[test]
    fn every_pass_runs_somewhere() {
        for pass in STABILIZERS {
            assert!(!describe(pass).is_empty(), "{}", pass.id);
        }
    }
}
