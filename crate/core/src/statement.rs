//! The result of a comparison as an in-toto statement, in the shape of OSS Rebuild's `ArtifactEquivalence@v0.1`: A is
//! the published artifact, B the rebuild.
//!
//! It says what theirs leaves out: which engine, version, profile, passes and rules the equivalence rests on. It is
//! unsigned and says so; whoever signs it (DSSE) vouches for having made it. See <https://in-toto.io/Statement/v1>.

use serde_json::{Value, json};

use crate::artifact::Sides;
use crate::display;
use crate::error::Error;
use crate::report::{Report, Verdict};
use crate::stabilize::{self, Choice};

/// Who made the statement: this engine.
pub const BUILDER: &str = "https://github.com/twinspect/twinspect";
/// What OSS Rebuild's statements of this shape are: the two artifacts stabilize to the same bytes.
const EQUIVALENCE: &str = "https://docs.oss-rebuild.dev/builds/ArtifactEquivalence@v0.1";
/// The same shape where the equivalence rests on the comparison of trees, not on one stabilized archive.
const TREE_EQUIVALENCE: &str = "https://github.com/twinspect/twinspect/TreeEquivalence@v0.1";

/// What a statement is made of, beside the report.
pub struct Basis<'a> {
    /// The files' names as given.
    pub names: Sides<&'a str>,
    /// The passes chosen.
    pub choice: &'a Choice,
    /// Ids of the passes and rules that ran, in order.
    pub ran: &'a [&'static str],
    /// SHA-256 of the archives as OSS Rebuild's passes leave them, where there are any.
    pub stabilized: Sides<Option<[u8; 32]>>,
}

/// The statement, as indented JSON with a final newline: the same input gives the same bytes.
///
/// # Errors
/// A comparison that found a difference, or could not read everything: it states no equivalence.
pub fn statement(report: &Report, basis: &Basis<'_>) -> Result<String, Error> {
    match report.verdict {
        Verdict::Identical | Verdict::Equivalent => {}
        Verdict::Different => {
            return Err(Error::new("The artifacts differ: there is no equivalence to state."));
        }
        Verdict::Incomplete => {
            return Err(Error::new("Something could not be read: no equivalence can be stated."));
        }
    }
    let Sides { left, right } = basis.names;
    let rebuild = format!("rebuild/{right}");
    // One archive stands for both only where both stabilize to the same bytes.
    let stabilized = basis.stabilized.left.filter(|digest| basis.stabilized.right == Some(*digest));
    let digest = |sha256: &str| json!({ "sha256": sha256 });
    let byproducts: Vec<Value> = stabilized
        .map(|sha256| json!({"name": format!("stabilized/{left}"), "digest": digest(&display::hex(&sha256))}))
        .into_iter()
        .collect();
    let passes: Vec<Value> = (basis.ran.iter())
        .map(|id| {
            let upstream = stabilize::by_id(id).is_some_and(|pass| pass.upstream);
            let rows = report.summary.by_cause.get(*id).copied().unwrap_or(0);
            json!({"id": id, "upstream": upstream, "explainedEntries": rows})
        })
        .collect();
    let verdict = if report.verdict == Verdict::Identical { "identical" } else { "equivalent" };
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": left, "digest": digest(&report.sides.left.sha256)}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": if stabilized.is_some() { EQUIVALENCE } else { TREE_EQUIVALENCE },
                "externalParameters": {"candidate": rebuild, "target": left},
                "internalParameters": {
                    "note": "Unsigned: made on the machine of whoever compared the two files.",
                    "verdict": verdict,
                    "profile": basis.choice.profile.id(),
                    "ecosystem": basis.choice.ecosystem.map(|ecosystem| ecosystem.id()),
                    "passes": passes,
                    "passesSwitchedOff": report.disabled,
                    "customRules": report.rules,
                },
                "resolvedDependencies": [
                    {"name": rebuild, "digest": digest(&report.sides.right.sha256)},
                    {"name": left, "digest": digest(&report.sides.left.sha256)},
                ],
            },
            "runDetails": {
                "builder": {"id": BUILDER, "version": {"twinspect": env!("CARGO_PKG_VERSION")}},
                "byproducts": byproducts,
            },
        },
    });
    let mut text = serde_json::to_string_pretty(&statement)
        .map_err(|error| Error::new(format!("The statement cannot be written: {error}.")))?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stabilize::Profile;

    fn report(verdict: Verdict) -> Report {
        let mut report = Report { verdict, ..Report::empty() };
        report.sides.left.sha256 = "aa".into();
        report.sides.right.sha256 = "bb".into();
        report.summary.by_cause.insert("zip-file-order".into(), 1);
        report
    }

    fn made(verdict: Verdict, stabilized: Sides<Option<[u8; 32]>>) -> Result<Value, Error> {
        let choice = Choice::of(Profile::OssRebuild);
        let names = Sides { left: "a-1.whl", right: "a-1\"\n.whl" };
        let ran = ["zip-file-order", "zip-rewrite"];
        let text = statement(&report(verdict), &Basis { names, choice: &choice, ran: &ran, stabilized })?;
        Ok(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn an_equivalence_has_the_shape_of_upstream_and_names_its_passes() {
        let value = made(Verdict::Equivalent, Sides { left: Some([7; 32]), right: Some([7; 32]) }).unwrap();
        let at = |path: &str| value.pointer(path).cloned().unwrap_or_default();
        assert_eq!(at("/subject/0/name"), "a-1.whl");
        assert_eq!(at("/subject/0/digest/sha256"), "aa");
        assert_eq!(at("/predicate/buildDefinition/buildType"), EQUIVALENCE);
        assert_eq!(at("/predicate/buildDefinition/resolvedDependencies/0/name"), "rebuild/a-1\"\n.whl");
        assert_eq!(at("/predicate/buildDefinition/resolvedDependencies/0/digest/sha256"), "bb");
        assert_eq!(at("/predicate/runDetails/builder/id"), BUILDER);
        assert_eq!(at("/predicate/runDetails/byproducts/0/name"), "stabilized/a-1.whl");
        assert_eq!(at("/predicate/runDetails/byproducts/0/digest/sha256"), "07".repeat(32));
        let passes = at("/predicate/buildDefinition/internalParameters/passes");
        let expected = json!([
            {"id": "zip-file-order", "upstream": true, "explainedEntries": 1},
            {"id": "zip-rewrite", "upstream": false, "explainedEntries": 0},
        ]);
        assert_eq!(passes, expected);
        assert!(at("/predicate/buildDefinition/internalParameters/note").to_string().contains("Unsigned"));
    }

    #[test]
    fn archives_that_stabilize_differently_are_not_said_to_be_one() {
        for stabilized in [
            Sides { left: Some([7; 32]), right: Some([8; 32]) },
            Sides { left: Some([7; 32]), right: None },
            Sides { left: None, right: None },
        ] {
            let value = made(Verdict::Equivalent, stabilized).unwrap();
            assert_eq!(value.pointer("/predicate/buildDefinition/buildType").unwrap(), TREE_EQUIVALENCE);
            assert_eq!(value.pointer("/predicate/runDetails/byproducts").unwrap(), &json!([]));
        }
    }

    #[test]
    fn a_difference_is_no_equivalence() {
        let none = Sides { left: None, right: None };
        assert!(made(Verdict::Different, none).unwrap_err().message.contains("differ"));
        assert!(made(Verdict::Incomplete, none).unwrap_err().message.contains("could not be read"));
        assert!(made(Verdict::Identical, none).is_ok());
    }
}
