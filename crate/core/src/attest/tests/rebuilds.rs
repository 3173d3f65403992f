//! OSS Rebuild's bundles: two statements, two files, and what they stabilize to.

use std::cell::RefCell;

use super::*;

const UPSTREAM: (&str, &[u8]) = ("a-1.whl", b"upstream");
const REBUILD: (&str, &[u8]) = ("a-1-rebuilt.whl", b"rebuild");

/// What a bundle says; each field is as in a good one until a test changes it.
struct Bundle {
    rebuilt: String,
    rebuilt_again: String,
    target: &'static str,
    artifact: &'static str,
    invocation: &'static str,
    product: &'static str,
    fix: &'static str,
    stabilized: String,
}

impl Default for Bundle {
    fn default() -> Self {
        Self {
            rebuilt: sha256(REBUILD.1),
            rebuilt_again: sha256(REBUILD.1),
            target: "https://files.example/a/a-1.whl",
            artifact: "a-1.whl",
            invocation: "run",
            product: "stabilized/a-1.whl",
            fix: "",
            stabilized: sha256(b"stabilized"),
        }
    }
}

impl Bundle {
    fn equivalence(&self) -> String {
        let Self { rebuilt, target, product, stabilized, .. } = self;
        let upstream = sha256(UPSTREAM.1);
        format!(
            r#"{{"_type":"{STATEMENT}","subject":[{{"name":"a-1.whl","digest":{{"sha256":"{upstream}"}}}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{{"buildDefinition":{{
            "buildType":"https://docs.oss-rebuild.dev/builds/ArtifactEquivalence@v0.1",
            "externalParameters":{{"candidate":"rebuild/a-1.whl","target":"{target}"}},
            "resolvedDependencies":[{{"name":"rebuild/a-1.whl","digest":{{"sha256":"{rebuilt}"}}}},
            {{"name":"{target}","digest":{{"sha256":"{upstream}"}}}}]}},
            "runDetails":{{"builder":{{"id":"https://docs.oss-rebuild.dev/hosts/Google"}},"metadata":{{"invocationId":"run"}},
            "byproducts":[{{"name":"{product}","digest":{{"sha256":"{stabilized}"}}}}]}}}}}}"#
        )
    }

    fn rebuild(&self) -> String {
        let Self { rebuilt_again, artifact, invocation, fix, .. } = self;
        let content = |text: &str| crate::base64::encode(text.as_bytes());
        let (docker, json) = (content("FROM alpine\nRUN a \\\n\tb\n"), content(r#"{"a":[1]}"#));
        let fix = if fix.is_empty() {
            String::new()
        } else {
            format!(r#",{{"name":"build.fix.json","content":"{}"}}"#, content(fix))
        };
        format!(
            r#"{{"_type":"{STATEMENT}","subject":[{{"name":"rebuild/{artifact}","digest":{{"sha256":"{rebuilt_again}"}}}}],
            "predicateType":"https://slsa.dev/provenance/v1","predicate":{{"buildDefinition":{{
            "buildType":"https://docs.oss-rebuild.dev/builds/Rebuild@v0.1",
            "externalParameters":{{"ecosystem":"pypi","package":"a","version":"1","artifact":"{artifact}"}},
            "resolvedDependencies":[{{"name":"git+https://git.example/a","digest":{{"sha1":"0123"}}}},
            {{"name":"docker.io/library/alpine:3.19","digest":{{"sha256":"4567"}}}}{fix}]}},
            "runDetails":{{"builder":{{"id":"https://docs.oss-rebuild.dev/hosts/Google"}},"metadata":{{"invocationId":"{invocation}"}},
            "byproducts":[{{"name":"build.json","content":"{json}"}},{{"name":"Dockerfile","content":"{docker}"}},
            {{"name":"steps.json","content":"{json}"}}]}}}}}}"#
        )
    }

    fn text(&self) -> String {
        [self.equivalence(), self.rebuild()].map(|text| envelope(IN_TOTO, &text, &[(7, "")])).join("\n")
    }
}

/// Stabilizes to the bytes that the good bundle claims.
fn stabilized(_: &Variant) -> Result<[u8; 32], String> {
    Ok(Sha256::digest(b"stabilized").into())
}

fn said(text: &str, files: [Option<(&str, &[u8])>; 2]) -> Attestation {
    examined(&[("bundle.jsonl", text)], &[&pem(7)], files, &stabilized).remove(0)
}

/// The checks that fail, as `id` or `id side`, for a bundle and both files.
fn fails(bundle: &Bundle) -> Vec<String> {
    let said = said(&bundle.text(), [Some(UPSTREAM), Some(REBUILD)]);
    let name = |check: &Check| check.side.map_or(check.id.clone(), |side| format!("{} {}", check.id, side.letter()));
    said.checks.iter().filter(|check| check.result == CheckResult::Fails).map(name).collect()
}

#[test]
fn a_good_bundle_holds_in_any_order_of_the_files() {
    for (files, roles) in [
        ([Some(UPSTREAM), Some(REBUILD)], ("holds A", "holds B")),
        ([Some(REBUILD), Some(UPSTREAM)], ("holds B", "holds A")),
    ] {
        let said = said(&Bundle::default().text(), files);
        assert_eq!(said.kind, "oss-rebuild");
        assert_eq!(results(&said, "signature"), ["holds", "holds"]);
        assert!(reasons(&said, "signature").contains("not OSS Rebuild's"));
        assert_eq!(
            (results(&said, "subject"), results(&said, "rebuilt")),
            (vec![roles.0.into()], vec![roles.1.into()])
        );
        assert_eq!(results(&said, "stabilized"), ["holds A", "holds B"]);
        assert_eq!(results(&said, "equivalent"), ["holds"]);
        for id in ["agree-rebuilt", "agree-artifact", "agree-builder", "agree-invocation", "agree-upstream", "target"] {
            assert_eq!(results(&said, id), ["holds"], "{id}");
        }
        assert_eq!(results(&said, "outside"), ["not checked"]);
        assert!(said.problems.is_empty(), "{:?}", said.problems);
        assert_eq!(outcome(&[said]), Outcome::Holds);
    }
    assert!(fails(&Bundle { product: "normalized/a-1.whl", ..Bundle::default() }).is_empty(), "an older bundle");
}

#[test]
fn statements_that_contradict_each_other_fail() {
    let other = sha256(b"other");
    let cases = [
        (Bundle { rebuilt_again: other.clone(), ..Bundle::default() }, vec!["agree-rebuilt", "rebuilt B"]),
        (Bundle { rebuilt: other, ..Bundle::default() }, vec!["agree-rebuilt"]),
        (Bundle { invocation: "another", ..Bundle::default() }, vec!["agree-invocation"]),
        (Bundle { artifact: "b-1.whl", ..Bundle::default() }, vec!["agree-artifact"]),
        (Bundle { target: "https://files.example/b-1.whl", ..Bundle::default() }, vec!["target"]),
        (Bundle { stabilized: sha256(b"x"), ..Bundle::default() }, vec!["stabilized A", "stabilized B"]),
    ];
    for (bundle, expected) in cases {
        assert_eq!(fails(&bundle), expected);
    }
}

#[test]
fn a_bundle_about_another_file_fails_for_each() {
    let said = said(&Bundle::default().text(), [Some(("b.whl", b"b")), None]);
    assert_eq!(
        (results(&said, "subject"), results(&said, "rebuilt")),
        (vec!["fails A".into()], vec!["not checked".into()])
    );
    assert!(reasons(&said, "subject").contains("because nothing says which it is"));
    let said = self::said(&Bundle::default().text(), [Some(("b.whl", b"b")), Some(UPSTREAM)]);
    assert_eq!(
        (results(&said, "subject"), results(&said, "rebuilt")),
        (vec!["holds B".into()], vec!["fails A".into()])
    );
    assert!(reasons(&said, "rebuilt").contains("because the other file is the other one"));
}

#[test]
fn without_files_only_the_statements_are_compared() {
    let said = said(&Bundle::default().text(), [None, None]);
    for id in ["subject", "rebuilt", "stabilized"] {
        assert_eq!(results(&said, id), ["not checked"], "{id}");
    }
    assert_eq!(results(&said, "agree-rebuilt"), ["holds"]);
    let unsigned = examined(&[("b", &Bundle::default().text())], &[], [None, None], &stabilized);
    assert_eq!(results(&unsigned[0], "signature"), ["fails", "fails"], "OSS Rebuild's key is the one that must fit");
}

#[test]
fn one_statement_alone_is_compared_with_the_files_only() {
    let signed = |text: &str| envelope(IN_TOTO, text, &[(7, "")]);
    let only = said(&signed(&Bundle::default().equivalence()), [Some(UPSTREAM), Some(REBUILD)]);
    assert_eq!(results(&only, "agreement"), ["not checked"]);
    assert_eq!((results(&only, "rebuilt"), results(&only, "stabilized").len()), (vec!["holds B".into()], 2));
    let only = said(&signed(&Bundle::default().rebuild()), [Some(REBUILD), None]);
    assert!(reasons(&only, "agreement").contains("no statement ArtifactEquivalence"));
    assert_eq!(results(&only, "stabilized").len(), 0);
}

#[test]
fn a_broken_line_costs_only_itself() {
    let good = Bundle::default();
    let signed = |text: &str| envelope(IN_TOTO, text, &[(7, "")]);
    let text = [&signed(&good.equivalence()), "{\"payloadType\":", &signed(&good.rebuild())].join("\n");
    let said = said(&text, [Some(UPSTREAM), Some(REBUILD)]);
    assert_eq!(
        (results(&said, "readable"), results(&said, "signature")),
        (vec!["fails".into()], vec!["holds".to_owned(); 2])
    );
    assert!(reasons(&said, "readable").starts_with("Line 2: "), "{}", reasons(&said, "readable"));
    assert!(reasons(&said, "readable").contains("OSS Rebuild's own reader refuses the whole bundle"));
    assert_eq!(results(&said, "agree-rebuilt"), ["holds"]);
    assert_eq!((said.problems[0].line, said.problems[0].unread), (2, true));
}

#[test]
fn the_passes_of_an_older_version_are_named_when_they_match() {
    let old = |variant: &Variant| {
        let text: &[u8] = if variant.without.is_empty() { b"today" } else { b"stabilized" };
        Ok(Sha256::digest(text).into())
    };
    let text = Bundle::default().text();
    let said = &examined(&[("b", &text)], &[], [Some(UPSTREAM), Some(REBUILD)], &old)[0];
    assert_eq!(results(said, "stabilized"), ["holds A", "holds B"]);
    assert!(reasons(said, "stabilized").contains("before 2026-06-10, without wheel-record"));
    assert_eq!(results(said, "equivalent"), ["holds"]);
}

#[test]
fn older_passes_are_tried_only_when_todays_do_not_match() {
    let tried = RefCell::new(Vec::new());
    let watch = |answer: &'static [u8]| {
        let tried = &tried;
        move |variant: &Variant| {
            tried.borrow_mut().push((
                variant.id,
                variant.ecosystem.map(|ecosystem| ecosystem.id()),
                variant.name.clone(),
            ));
            Ok(Sha256::digest(answer).into())
        }
    };
    let text = Bundle::default().text();
    examined(&[("b", &text)], &[], [Some(UPSTREAM), None], &watch(b"stabilized"));
    assert_eq!(tried.take(), [("current", Some("pypi"), "a-1.whl".to_owned())]);
    let said = &examined(&[("b", &text)], &[], [Some(UPSTREAM), None], &watch(b"else"))[0];
    assert_eq!(tried.take().iter().map(|(id, ..)| *id).collect::<Vec<_>>(), ["current", "pypi-before-2026-06-10"]);
    assert_eq!(results(said, "stabilized"), ["fails A"]);
    assert!(reasons(said, "stabilized").starts_with("Recomputed, it is "));
    let said = &examined(&[("b", &text)], &[], [Some(UPSTREAM), None], &no_stabilizer)[0];
    assert_eq!(results(said, "stabilized"), ["not checked A"]);
    assert_eq!(reasons(said, "stabilized"), "A was not stabilized: not here.");
}

#[test]
fn the_rules_of_the_bundle_are_shown_and_applied() {
    let fix = r#"{"custom_stabilizers":[{"Config":{"ReplacePattern":{"Paths":["*/METADATA"],"Pattern":"\\r\\n","Replace":"\\n"},"ExcludePath":null},"Reason":"line ends"},{"Config":{"ReplacePattern":null,"ExcludePath":{"Paths":["*/AUTHORS"]}},"Reason":"written by \u202ethe tool"}]}"#;
    let text = Bundle { fix, ..Bundle::default() }.text();
    let with_rules = |variant: &Variant| {
        let text: &[u8] = if variant.rules.iter().count() == 2 { b"stabilized" } else { b"else" };
        Ok(Sha256::digest(text).into())
    };
    let said = &examined(&[("b", &text)], &[], [Some(UPSTREAM), Some(REBUILD)], &with_rules)[0];
    assert_eq!(results(said, "stabilized"), ["holds A", "holds B"]);
    assert!(reasons(said, "stabilized").contains("with today's passes and the package's own rules"));
    let passes = &said.recipe.as_ref().unwrap().custom_passes;
    assert_eq!(
        (passes[0].name.as_str(), passes[1].name.as_str()),
        ("replace-pattern-custom00", "exclude-path-custom01")
    );
    assert_eq!(
        (passes[0].pattern.as_deref(), passes[0].paths.as_slice()),
        (Some("\\\\r\\\\n"), &["*/METADATA".to_owned()][..])
    );
    assert_eq!(passes[1].reason, "written by \\u{202e}the tool");
    // Once, rules were applied to the rebuild only.
    let without = |variant: &Variant| {
        let text: &[u8] = if variant.rules.is_empty() { b"stabilized" } else { b"else" };
        Ok(Sha256::digest(text).into())
    };
    let said = &examined(&[("b", &text)], &[], [Some(UPSTREAM), Some(REBUILD)], &without)[0];
    assert_eq!(results(said, "stabilized"), ["holds A", "fails B"]);
    assert!(reasons(said, "stabilized").contains("before 2025-04-08"));
}

#[test]
fn rules_that_cannot_be_used_leave_the_digest_unchecked() {
    let fix = r#"{"custom_stabilizers":[{"Config":{"ExcludePath":{"Paths":["a"]}},"Reason":""}]}"#;
    let said = said(&Bundle { fix, ..Bundle::default() }.text(), [Some(UPSTREAM), None]);
    assert_eq!(results(&said, "stabilized"), ["not checked A"]);
    assert!(reasons(&said, "stabilized").contains("gives no reason"), "{}", reasons(&said, "stabilized"));
}

#[test]
fn the_recipe_can_be_copied() {
    let recipe = said(&Bundle::default().text(), [None, None]).recipe.unwrap();
    assert_eq!(recipe.sources[0].repository, "https://git.example/a");
    assert_eq!(recipe.sources[0].commit.as_deref(), Some("0123"));
    assert_eq!(
        (recipe.images[0].name.as_str(), recipe.images[0].value.as_str()),
        ("docker.io/library/alpine:3.19", "4567")
    );
    let text = |name: &str| recipe.texts.iter().find(|text| text.name == name).unwrap();
    assert_eq!((text("Dockerfile").text.as_str(), text("Dockerfile").escaped), ("FROM alpine\nRUN a \\\n\tb\n", false));
    assert_eq!(text("build.json").text, "{\n  \"a\": [\n    1\n  ]\n}\n");
    assert_eq!(recipe.package[0], ("ecosystem".to_owned(), "pypi".to_owned()));
}

#[test]
fn a_statement_of_the_wrong_shape_is_said_to_be_refused_upstream() {
    let good = Bundle::default();
    let odd = good.equivalence().replace("\"byproducts\":[", "\"byproducts\":[{},");
    let text = [odd, good.rebuild()].map(|text| envelope(IN_TOTO, &text, &[(7, "")])).join("\n");
    let said = said(&text, [Some(UPSTREAM), None]);
    assert_eq!(results(&said, "shape"), ["fails", "holds"]);
    assert!(reasons(&said, "shape").starts_with("It has 2 byproducts instead of 1; OSS Rebuild's own reader"));
}
