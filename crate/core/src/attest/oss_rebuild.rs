//! OSS Rebuild's two statements: that a published artifact and a rebuild are the same once stabilized
//! (`ArtifactEquivalence@v0.1`), and how the rebuild was made (`Rebuild@v0.1`).
//!
//! Follows `pkg/attestation` and `internal/verifier` of `google/oss-rebuild` at 013d2899. Its own reader verifies the
//! signatures and that the statements have this shape; it never compares the two with each other, nor with a file.

use super::recipe;
use super::statement::{Match, Statement, Subject};
use super::table::{Table, fails, holds, is, short, unchecked};
use super::variants::{Variant, variants};
use super::{Dropped, Files, document::Part};
use crate::artifact::{Side, Sides};
use crate::display;
use crate::ecosystem::Ecosystem;
use crate::error::Error;
use crate::report::attestation::{CheckResult, Claim, Recipe};
use crate::stabilize::Rules;

const EQUIVALENCE: &str = "https://docs.oss-rebuild.dev/builds/ArtifactEquivalence@v0.1";
const REBUILD: &str = "https://docs.oss-rebuild.dev/builds/Rebuild@v0.1";
/// Every kind of build of theirs begins so.
const BUILDS: &str = "https://docs.oss-rebuild.dev/builds/";

const BUILD_TYPE: &[&str] = &["buildDefinition", "buildType"];
const PARAMETERS: &str = "externalParameters";

/// Whether OSS Rebuild would have written it.
pub(super) fn is_ours(statement: &Statement) -> bool {
    build_type(statement).starts_with(BUILDS)
}

fn build_type(statement: &Statement) -> &str {
    statement.predicate.text_at(BUILD_TYPE).unwrap_or_default()
}

/// What a statement is, in words.
pub(super) fn title(statement: &Statement) -> String {
    match build_type(statement) {
        EQUIVALENCE => "OSS Rebuild: published artifact and rebuild are equivalent".to_owned(),
        REBUILD => "OSS Rebuild: how the rebuild was made".to_owned(),
        other => format!("OSS Rebuild: {}", short(other.strip_prefix(BUILDS).unwrap_or(other))),
    }
}

/// What a statement claims.
pub(super) fn claims(statement: &Statement) -> Vec<Claim> {
    match build_type(statement) {
        EQUIVALENCE => {
            let said = Equivalence::of(statement);
            let digests = [&said.upstream, &said.rebuilt, &said.stabilized];
            let target = said.target.map_or(String::new(), |target| format!(", as published at {},", short(target)));
            vec![Claim {
                sentence: format!(
                    "“{}”{target} and a rebuild of it stabilize to the same bytes.",
                    short(&said.upstream.name)
                ),
                digests: digests.into_iter().flat_map(Subject::claimed).collect(),
            }]
        }
        REBUILD => {
            let said = Rebuild::of(statement);
            vec![Claim {
                sentence: format!("“{}” is what the build below made.", short(&said.rebuilt.name)),
                digests: said.rebuilt.claimed(),
            }]
        }
        _ => statement.claims(),
    }
}

/// The first statement, read. Parts that are missing are empty.
struct Equivalence<'s> {
    upstream: Subject,
    rebuilt: Subject,
    stabilized: Subject,
    /// The second mention of the published file.
    again: Subject,
    target: Option<&'s str>,
    candidate: Option<&'s str>,
    builder: Option<&'s str>,
    invocation: Option<&'s str>,
    /// How it departs from the shape that OSS Rebuild's reader demands.
    shape: Option<String>,
}

fn empty() -> Subject {
    Subject { name: String::new(), digests: Vec::new() }
}

fn text<'s>(statement: &'s Statement, path: &[&str]) -> Option<&'s str> {
    statement.predicate.text_at(path)
}

impl<'s> Equivalence<'s> {
    fn of(statement: &'s Statement) -> Self {
        let dependencies = statement.predicate.list_at(&["buildDefinition", "resolvedDependencies"]);
        let products = statement.predicate.list_at(&["runDetails", "byproducts"]);
        let (mut rebuilt, mut again) = (empty(), empty());
        for dependency in dependencies.iter().map(Subject::read) {
            if dependency.name.starts_with("rebuild/") { rebuilt = dependency } else { again = dependency }
        }
        let shape = if dependencies.len() != 2 {
            Some(format!("it has {} dependencies instead of 2", dependencies.len()))
        } else if products.len() != 1 {
            Some(format!("it has {} byproducts instead of 1", products.len()))
        } else if statement.subjects.len() != 1 {
            Some(format!("it has {} subjects instead of 1", statement.subjects.len()))
        } else {
            None
        };
        Self {
            upstream: statement.subjects.first().cloned().unwrap_or_else(empty),
            rebuilt,
            // Older bundles call it `normalized/…`.
            stabilized: products.first().map_or_else(empty, Subject::read),
            again,
            target: text(statement, &["buildDefinition", PARAMETERS, "target"]),
            candidate: text(statement, &["buildDefinition", PARAMETERS, "candidate"]),
            builder: text(statement, &["runDetails", "builder", "id"]),
            invocation: text(statement, &["runDetails", "metadata", "invocationId"]),
            shape,
        }
    }
}

/// The second statement, read.
struct Rebuild<'s> {
    rebuilt: Subject,
    artifact: Option<&'s str>,
    ecosystem: Option<&'s str>,
    builder: Option<&'s str>,
    invocation: Option<&'s str>,
    shape: Option<String>,
}

impl<'s> Rebuild<'s> {
    fn of(statement: &'s Statement) -> Self {
        let products = statement.predicate.list_at(&["runDetails", "byproducts"]);
        let shape = if products.len() != 3 {
            Some(format!("it has {} byproducts instead of 3", products.len()))
        } else if statement.subjects.len() != 1 {
            Some(format!("it has {} subjects instead of 1", statement.subjects.len()))
        } else {
            None
        };
        Self {
            rebuilt: statement.subjects.first().cloned().unwrap_or_else(empty),
            artifact: text(statement, &["buildDefinition", PARAMETERS, "artifact"]),
            ecosystem: text(statement, &["buildDefinition", PARAMETERS, "ecosystem"]),
            builder: text(statement, &["runDetails", "builder", "id"]),
            invocation: text(statement, &["runDetails", "metadata", "invocationId"]),
            shape,
        }
    }
}

/// Adds the lines about both statements together, and about the files; returns how the rebuild was made.
pub(super) fn check(parts: &[Part], files: &Files<'_>, table: &mut Table) -> Option<Recipe> {
    // A statement that can be read in two ways is compared with nothing.
    let clear = || parts.iter().filter_map(Part::statement).filter(|statement| statement.doubts.is_empty());
    let first = |kind: &str| clear().find(|statement| build_type(statement) == kind);
    let (equivalence, rebuild) = (first(EQUIVALENCE), first(REBUILD));
    for (kind, name) in [(EQUIVALENCE, "equivalence"), (REBUILD, "the rebuild")] {
        if clear().filter(|statement| build_type(statement) == kind).count() > 1 {
            let why = format!("There is more than one statement about {name}; only the first is compared below.");
            table.add("agreement", "The bundle has one statement of each kind", fails(why));
        }
    }
    let made = rebuild.map(recipe::of_rebuild);
    let equivalence = equivalence.map(Equivalence::of);
    let rebuild = rebuild.map(Rebuild::of);
    agree(equivalence.as_ref(), rebuild.as_ref(), table);
    compare(equivalence.as_ref(), rebuild.as_ref(), made.as_ref().map(|(_, rules)| rules), files, table);
    let outside = "Whether the commit and the images exist, the address serves this file, and the key was not withdrawn can \
                   only be told online.";
    table.add("outside", "What the statements point to exists", unchecked(outside));
    made.map(|(recipe, _)| recipe)
}

fn agree(equivalence: Option<&Equivalence<'_>>, rebuild: Option<&Rebuild<'_>>, table: &mut Table) {
    for shape in [equivalence.map(|said| &said.shape), rebuild.map(|said| &said.shape)].into_iter().flatten() {
        let outcome = match shape {
            Some(shape) => fails(format!(
                "{}; OSS Rebuild's own reader refuses it.",
                super::table::sentence(shape).trim_end_matches('.')
            )),
            None => holds("Subject, dependencies and byproducts are as many as OSS Rebuild's reader demands."),
        };
        table.add("shape", "The statement has the shape of its kind", outcome);
    }
    if let Some(said) = equivalence {
        let name = said.upstream.name.as_str();
        let last = |url: &str| url.split(['?', '#']).next().unwrap_or(url).rsplit('/').next().unwrap_or(url).to_owned();
        let outcome = match said.target {
            // Registries escape the plus sign in their addresses.
            Some(target) => is(
                !name.is_empty()
                    && (last(target) == name
                        || last(target).replace("%2B", "+").replace("%40", "@") == name
                        || target.ends_with(name)),
                format!("{} ends with “{}”.", short(target), short(name)),
                format!("{} is not an address of “{}”.", short(target), short(name)),
            ),
            None => unchecked("No address is stated."),
        };
        table.add("target", "The address of the published artifact names it", outcome);
        let outcome = match (same_digest(&said.upstream, &said.again), said.target) {
            (Some(true), Some(target)) if said.again.name == target => {
                holds("Subject and dependency are the same file.")
            }
            (Some(true), _) => {
                fails(format!("The dependency is called “{}”, not after the address.", short(&said.again.name)))
            }
            (Some(false), _) => fails("The subject and the dependency have different digests."),
            (None, _) => fails("One of them has no SHA-256."),
        };
        table.add("agree-upstream", "Both mentions of the published artifact agree", outcome);
    }
    let (Some(equivalence), Some(rebuild)) = (equivalence, rebuild) else {
        let missing = if equivalence.is_none() { "ArtifactEquivalence" } else { "Rebuild" };
        let why = format!("There is no statement {missing} that can be read, so there is nothing to compare.");
        return table.add("agreement", "The two statements are about the same rebuild", unchecked(why));
    };
    let outcome = match same_digest(&equivalence.rebuilt, &rebuild.rebuilt) {
        Some(true) => holds("Both name the same SHA-256."),
        Some(false) => fails("They name different digests: the equivalence is not about this rebuild."),
        None => fails("One of them states no SHA-256."),
    };
    table.add("agree-rebuilt", "Both statements mean the same rebuilt file", outcome);
    let artifact = rebuild.artifact.unwrap_or_default();
    let candidate = format!("rebuild/{artifact}");
    let wrong = [
        (equivalence.upstream.name.as_str(), artifact),
        (equivalence.candidate.unwrap_or(&candidate), &candidate),
        (equivalence.rebuilt.name.as_str(), &candidate),
        (rebuild.rebuilt.name.as_str(), &candidate),
    ]
    .into_iter()
    .find(|(found, expected)| found != expected);
    let outcome = match wrong {
        None => holds(format!("Everywhere it is “{}”.", short(artifact))),
        Some((found, expected)) => fails(format!("“{}” is not “{}”.", short(found), short(expected))),
    };
    table.add("agree-artifact", "Both statements name the same artifact", outcome);
    for (id, what, left, right) in [
        ("agree-builder", "Both statements name the same builder", equivalence.builder, rebuild.builder),
        ("agree-invocation", "Both statements name the same run", equivalence.invocation, rebuild.invocation),
    ] {
        let outcome = match (left, right) {
            (Some(left), Some(right)) => {
                is(left == right, format!("“{}”.", short(left)), format!("“{}” and “{}”.", short(left), short(right)))
            }
            (None, None) => unchecked("Neither states it."),
            _ => fails("Only one of them states it."),
        };
        table.add(id, what, outcome);
    }
}

/// Whether two descriptors have the same SHA-256; `None` if one has none.
fn same_digest(left: &Subject, right: &Subject) -> Option<bool> {
    use super::digest::Algorithm::Sha256;
    Some(left.digest(Sha256)? == right.digest(Sha256)?)
}

/// Which dropped file is the published one, which the rebuild.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Upstream,
    Rebuild,
}

/// Decided by digest; else by what the other file is; else by name; else A is the published one.
fn roles(upstream: &Subject, rebuilt: &Subject, files: &Files<'_>) -> Sides<Option<(Role, &'static str)>> {
    let is = |subject: &Subject, file: &Dropped<'_>| matches!(subject.compare(&file.digests), Match::Equal(_));
    let by_digest = files.as_ref().map(|file| {
        let file = file.as_ref()?;
        match (is(upstream, file), is(rebuilt, file)) {
            (true, false) => Some(Role::Upstream),
            (false, true) => Some(Role::Rebuild),
            _ => None,
        }
    });
    let both = files.left.is_some() && files.right.is_some();
    let mut roles = Sides { left: None, right: None };
    for side in Side::BOTH {
        let other = if side == Side::Left { Side::Right } else { Side::Left };
        let Some(file) = files.get(side) else { continue };
        let opposite = match by_digest.get(other) {
            Some(Role::Upstream) => Some(Role::Rebuild),
            Some(Role::Rebuild) => Some(Role::Upstream),
            None => None,
        };
        let name_says = |file: &Dropped<'_>| file.name != upstream.name && file.name.contains("rebuil");
        let by_name = match (name_says(file), files.get(other).as_ref().is_some_and(name_says)) {
            (true, false) => Some(Role::Rebuild),
            (false, true) => Some(Role::Upstream),
            _ => None,
        };
        *roles.get_mut(side) = Some(match (by_digest.get(side), opposite, by_name) {
            (Some(role), ..) => (*role, "by its digest"),
            (None, Some(role), _) => (role, "because the other file is the other one"),
            (None, None, Some(role)) => (role, "by its name"),
            (None, None, None) if !both || side == Side::Left => (Role::Upstream, "because nothing says which it is"),
            (None, None, None) => (Role::Rebuild, "because nothing says which it is"),
        });
    }
    roles
}

fn compare(
    equivalence: Option<&Equivalence<'_>>,
    rebuild: Option<&Rebuild<'_>>,
    rules: Option<&Result<Rules, Error>>,
    files: &Files<'_>,
    table: &mut Table,
) {
    let nothing = empty();
    let upstream = equivalence.map_or(&nothing, |said| &said.upstream);
    let rebuilt = rebuild.map(|said| &said.rebuilt).or(equivalence.map(|said| &said.rebuilt)).unwrap_or(&nothing);
    let roles = roles(upstream, rebuilt, files);
    let mut digests: Vec<[u8; 32]> = Vec::new();
    for (wanted, id, what, claimed) in [
        (Role::Upstream, "subject", "The file is the published artifact", upstream),
        (Role::Rebuild, "rebuilt", "The file is the rebuild", rebuilt),
    ] {
        let mut found = false;
        for side in Side::BOTH {
            let (Some((role, how)), Some(file)) = (roles.get(side), files.get(side)) else { continue };
            if *role != wanted {
                continue;
            }
            found = true;
            table.about(side, id, what, same_file(side, file, claimed, how));
        }
        if !found {
            table.add(id, what, unchecked("No such file was given."));
        }
    }
    let Some(equivalence) = equivalence else { return };
    for side in Side::BOTH {
        let (Some((role, _)), Some(file)) = (roles.get(side), files.get(side)) else { continue };
        let what = "The file stabilizes to the bytes that are claimed";
        let stabilizing = Stabilizing { equivalence, rebuild, rules, role: *role };
        table.about(side, "stabilized", what, stabilizing.check(side, file, &mut digests));
    }
    if files.left.is_none() && files.right.is_none() {
        table.add(
            "stabilized",
            "The file stabilizes to the bytes that are claimed",
            unchecked("No artifact was given."),
        );
    }
    if let [left, right] = digests.as_slice() {
        let (left, right) = (display::hex(left), display::hex(right));
        let has_rules = rules.is_some_and(|rules| rules.as_ref().is_ok_and(|rules| !rules.is_empty()));
        let passes = if has_rules { "today's passes and the package's own rules" } else { "today's passes" };
        let outcome = is(
            left == right,
            format!("Both give {left}, with {passes}."),
            format!("{left} and {right}, with {passes}."),
        );
        table.add("equivalent", "Both files stabilize to the same bytes here", outcome);
    }
}

fn same_file(side: Side, file: &Dropped<'_>, claimed: &Subject, how: &str) -> (CheckResult, String) {
    let letter = side.letter();
    if let Some(error) = &file.error {
        return unchecked(format!("{letter} cannot be read: {error}."));
    }
    match claimed.compare(&file.digests) {
        Match::Equal(_) => holds(format!("sha256 of {letter} is that of “{}”.", short(&claimed.name))),
        Match::Unequal => fails(format!("{}. {letter} was taken for it {how}.", file.actual(claimed))),
        Match::Unknown => unchecked("The statement gives no digest that can be computed here."),
    }
}

struct Stabilizing<'s> {
    equivalence: &'s Equivalence<'s>,
    rebuild: Option<&'s Rebuild<'s>>,
    rules: Option<&'s Result<Rules, Error>>,
    role: Role,
}

impl Stabilizing<'_> {
    /// Compares with the digest claimed, under today's passes, then under older ones. Adds what today's give.
    fn check(&self, side: Side, file: &Dropped<'_>, digests: &mut Vec<[u8; 32]>) -> (CheckResult, String) {
        let none = Rules::default();
        let rules = match self.rules {
            Some(Err(error)) => {
                return unchecked(format!(
                    "The package's own rules cannot be used: {}",
                    display::bytes(error.message.as_bytes())
                ));
            }
            Some(Ok(rules)) => rules,
            None => &none,
        };
        let Some(claimed) = self.equivalence.stabilized.digest(super::digest::Algorithm::Sha256) else {
            return unchecked("The statement claims no SHA-256 of stabilized bytes.");
        };
        let ecosystem = self.rebuild.and_then(|said| said.ecosystem).and_then(Ecosystem::by_id);
        let name = &self.equivalence.upstream.name;
        let mut today = None;
        for variant in variants(ecosystem, name, rules, self.role == Role::Upstream) {
            match (file.subject.stabilized)(&variant) {
                Ok(digest) => {
                    if today.is_none() {
                        today = Some(digest);
                        digests.push(digest);
                    }
                    if digest.as_slice() == claimed {
                        return holds(self.sentence(side, &variant));
                    }
                }
                // What cannot be done with today's passes is not done with fewer.
                Err(why) if today.is_none() => {
                    return unchecked(format!(
                        "{} was not stabilized: {}",
                        side.letter(),
                        display::bytes(why.as_bytes())
                    ));
                }
                Err(_) => {}
            }
        }
        fails(format!(
            "Recomputed, it is {}, not {}; the passes of older versions do not give it either. Passes that changed, or \
             another file, are as likely as a wrong claim.",
            today.map(|digest| display::hex(&digest)).unwrap_or_default(),
            display::hex(&claimed)
        ))
    }

    fn sentence(&self, side: Side, variant: &Variant) -> String {
        let rules = if variant.rules.is_empty() { "" } else { " and the package's own rules" };
        format!("{} gives this digest, with {}{rules}.", side.letter(), variant.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_type_of_theirs_is_recognised() {
        let statement = |kind: &str| {
            let text = format!(
                r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x","predicate":{{"buildDefinition":{{"buildType":"{kind}"}}}}}}"#
            );
            Statement::read(text.as_bytes()).unwrap()
        };
        assert!(is_ours(&statement(EQUIVALENCE)) && is_ours(&statement(REBUILD)));
        assert_eq!(
            title(&statement("https://docs.oss-rebuild.dev/builds/NetworkRebuild@v0.1")),
            "OSS Rebuild: NetworkRebuild@v0.1"
        );
        assert!(!is_ours(&statement("https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1")));
    }
}
