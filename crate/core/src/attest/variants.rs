//! Older versions of OSS Rebuild's stabilizers: which passes they lacked.
//!
//! A bundle does not say with which passes its stabilized digest was made, nor which version of them. Where today's do
//! not give the digest, these sets are tried. The dates are those of `google/oss-rebuild`'s history, each of the commit
//! that added the pass.
//!
//! What cannot be had by leaving passes out: before 2024-10-29 tar times became another date; before 2024-10-31, and in
//! gems before 2026-05-28, gzip was compressed by the Go release of the day; `jar-build-metadata` removed fewer
//! attributes before 2025-03-03, 2025-10-14 (`Git-Branch`) and 2026-05-27 (`X-Compile-Release-JDK`, names in any case);
//! `jar-attribute-value-order` did not sort inside a clause before 2025-03-12.

use crate::ecosystem::Ecosystem;
use crate::stabilize::Rules;

/// Which passes make a stabilized archive.
#[derive(Clone, Debug, Default)]
pub struct Variant {
    /// Kebab-case id: `current`, or the id of an [`Older`].
    pub id: &'static str,
    /// What to call it in a sentence.
    pub title: String,
    /// Ids of passes to leave out.
    pub without: Vec<&'static str>,
    /// Rules of the bundle, applied after the passes.
    pub rules: Rules,
    /// The ecosystem that the bundle states.
    pub ecosystem: Option<Ecosystem>,
    /// The artifact's name that the bundle states: passes are chosen by it. Empty if it states none.
    pub name: String,
}

/// A set of passes of an older version.
pub struct Older {
    /// Kebab-case id.
    pub id: &'static str,
    /// The ecosystem it is about.
    pub ecosystem: Ecosystem,
    /// The day before which OSS Rebuild had this set.
    pub before: &'static str,
    /// The passes that came on that day and later.
    pub without: &'static [&'static str],
}

/// Every older set that can be had by leaving passes out, newest first within an ecosystem.
pub static OLDER: &[Older] = &[
    // 4c2d9829: RECORD is computed again.
    Older {
        id: "pypi-before-2026-06-10",
        ecosystem: Ecosystem::PyPi,
        before: "2026-06-10",
        without: &["wheel-record"],
    },
    // 21901f74: the commit in .cargo_vcs_info.json is masked.
    Older {
        id: "cratesio-before-2025-09-22",
        ecosystem: Ecosystem::CratesIo,
        before: "2025-09-22",
        without: &["cargo-vcs-hash"],
    },
    // 1e028dc6: signatures are removed.
    Older {
        id: "maven-before-2026-05-29",
        ecosystem: Ecosystem::Maven,
        before: "2026-05-29",
        without: &["jar-signature"],
    },
    // 15c6f324: the header of pom.properties.
    Older {
        id: "maven-before-2026-05-28",
        ecosystem: Ecosystem::Maven,
        before: "2026-05-28",
        without: &["jar-signature", "jar-maven-pom-properties"],
    },
    // c431d899: git.properties and git.json.
    Older {
        id: "maven-before-2025-04-01",
        ecosystem: Ecosystem::Maven,
        before: "2025-04-01",
        without: &["jar-signature", "jar-maven-pom-properties", "jar-git-properties"],
    },
    // dcb99011: the order of lists in the manifest.
    Older {
        id: "maven-before-2025-02-18",
        ecosystem: Ecosystem::Maven,
        before: "2025-02-18",
        without: &["jar-signature", "jar-maven-pom-properties", "jar-git-properties", "jar-attribute-value-order"],
    },
    // cf3837e3: attributes about the build.
    Older {
        id: "maven-before-2025-02-11",
        ecosystem: Ecosystem::Maven,
        before: "2025-02-11",
        without: &[
            "jar-signature",
            "jar-maven-pom-properties",
            "jar-git-properties",
            "jar-attribute-value-order",
            "jar-build-metadata",
        ],
    },
    // 173fc703, some minutes after f0f99488: metadata is written anew.
    Older {
        id: "rubygems-before-yaml-2026-05-28",
        ecosystem: Ecosystem::RubyGems,
        before: "2026-05-28 (17:52 UTC)",
        without: &["gem-metadata-yaml-normalize"],
    },
    // f0f99488: signatures and certificates.
    Older {
        id: "rubygems-before-signatures-2026-05-28",
        ecosystem: Ecosystem::RubyGems,
        before: "2026-05-28 (17:46 UTC)",
        without: &["gem-metadata-yaml-normalize", "gem-exclude-signatures", "gem-metadata-cert-chain"],
    },
];

/// The day before which OSS Rebuild applied a package's own rules to the rebuild only (7c092a5a).
pub(super) const RULES_ON_UPSTREAM_SINCE: &str = "2025-04-08";

/// The passes of today, then those of older versions for this ecosystem.
///
/// `upstream`: whether the archive is the published one, to which rules were once not applied.
pub(super) fn variants(ecosystem: Option<Ecosystem>, name: &str, rules: &Rules, upstream: bool) -> Vec<Variant> {
    let today = Variant {
        id: "current",
        title: "today's passes".to_owned(),
        without: Vec::new(),
        rules: rules.clone(),
        ecosystem,
        name: name.to_owned(),
    };
    let older = OLDER.iter().filter(|older| ecosystem.is_none_or(|ecosystem| ecosystem == older.ecosystem));
    let mut variants: Vec<Variant> = older
        .map(|older| Variant {
            id: older.id,
            title: format!("the passes of before {}, without {}", older.before, older.without.join(", ")),
            without: older.without.to_vec(),
            ..today.clone()
        })
        .collect();
    if upstream && !rules.is_empty() {
        variants.push(Variant {
            id: "rules-on-rebuild-only",
            title: format!(
                "the passes of before {RULES_ON_UPSTREAM_SINCE}, which applied the package's rules to the rebuild only"
            ),
            rules: Rules::default(),
            ..today.clone()
        });
    }
    variants.insert(0, today);
    variants
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stabilize::by_id;

    #[test]
    fn older_sets_leave_out_more_and_more_passes_that_exist() {
        let mut previous: Option<&Older> = None;
        for older in OLDER {
            for pass in older.without {
                assert!(by_id(pass).is_some_and(|pass| pass.upstream), "{}: {pass}", older.id);
            }
            if let Some(previous) = previous.filter(|previous| previous.ecosystem == older.ecosystem) {
                assert!(previous.without.iter().all(|pass| older.without.contains(pass)), "{}", older.id);
                assert!(
                    previous.without.len() < older.without.len() && previous.before >= older.before,
                    "{}",
                    older.id
                );
            }
            previous = Some(older);
        }
    }

    #[test]
    fn only_sets_of_the_ecosystem_are_tried() {
        let ids = |ecosystem, rules: &Rules, upstream| -> Vec<&str> {
            variants(ecosystem, "x", rules, upstream).iter().map(|variant| variant.id).collect()
        };
        let none = Rules::default();
        assert_eq!(ids(Some(Ecosystem::Npm), &none, true), ["current"]);
        assert_eq!(ids(Some(Ecosystem::PyPi), &none, true), ["current", "pypi-before-2026-06-10"]);
        assert_eq!(ids(None, &none, true).len(), 1 + OLDER.len());
        let some = Rules::from_yaml(b"- exclude_path: {paths: [a]}\n  reason: why\n").unwrap();
        assert_eq!(ids(Some(Ecosystem::Npm), &some, true), ["current", "rules-on-rebuild-only"]);
        assert_eq!(ids(Some(Ecosystem::Npm), &some, false), ["current"]);
    }
}
