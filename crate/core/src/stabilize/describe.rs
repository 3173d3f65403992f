//! Where a pass runs, in words: found by asking the pass itself, so that the words cannot go stale.

use super::{Profile, Scope, Set, Stabilizer};

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
            ("gzip", 1, b"data.tar.gz", "tar"),
            ("tar", 1, b"data.tar.gz", "tar"),
            ("gzip", 1, b"metadata.gz", "tar"),
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
        .filter(|id| [0, 1].iter().any(|depth| (pass.applies)(&scope(Profile::Standard, None, (id, *depth, b"x", "")))))
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

fn scope(
    profile: Profile,
    set: Option<Set>,
    (format, depth, path, outer): (&'static str, u32, &'static [u8], &'static str),
) -> Scope<'static> {
    let layers = set.and_then(Set::layers).unwrap_or_default();
    Scope { profile, format, ecosystem: None, artifact: "", depth, path, outer, set, layers }
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
    fn every_pass_runs_somewhere() {
        for pass in STABILIZERS {
            assert!(!describe(pass).is_empty(), "{}", pass.id);
        }
    }
}
