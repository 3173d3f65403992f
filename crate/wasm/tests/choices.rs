//! What the page can choose, and what it exports: ecosystem, custom rules, the statement.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

mod page;

use js_sys::Array;
use page::{done, exported, judge, refused};
use serde_json::{Value, json};
use twinspect::report::Report;
use twinspect_tests::{file, gzip, tar};
use twinspect_wasm::{Judge, check_rules};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// Two packages whose only difference is a line of a log.
fn logs(options: &Value) -> Judge {
    let archive = |line: &[u8]| gzip(&tar(&[file("package/package.json", b"{}"), file("package/build.log", line)]));
    let (a, b) = (archive(b"took 1 s\n"), archive(b"took 22 s\n"));
    judge(("a-1.tgz", &a), ("b-1.tgz", &b), &options.to_string())
}

fn overview(judge: &Judge) -> Value {
    serde_json::from_str(&done(judge.overview())).unwrap()
}

const RULE: &str = "custom_stabilizers:\n  - reason: 'Times\\x of the build <b>'\n    replace_pattern:\n      paths:                     ['package/*.log']\n      pattern: 'took \\d+ s'\n      replace: ''\n";

#[wasm_bindgen_test]
fn custom_rules_judge_and_stand_in_ledger_and_report() {
    let mut judge = logs(&json!({"profile": "standard"}));
    assert_eq!(overview(&judge)["verdict"], "different");
    assert_eq!(overview(&judge)["rules"], json!([]));
    done(judge.set_options(&json!({"profile": "standard", "rules": RULE}).to_string()));
    let found = overview(&judge);
    assert_eq!((&found["verdict"], &found["profile"]), (&json!("equivalent"), &json!("custom")));
    let id = found["rules"][0]["id"].as_str().unwrap();
    assert_eq!(id, "replace-pattern-custom00");
    let line = found["ledger"].as_array().unwrap().iter().find(|line| line["pass"] == id).unwrap();
    assert_eq!((&line["lines"], &line["count"]), (&json!(1), &json!(1)));
    assert_eq!(Array::from(&done(judge.ledger(id, 0, 9))).length(), 1);
    // Switched off by its name, like a pass.
    done(judge.set_options(&json!({"rules": RULE, "disabled": [id]}).to_string()));
    assert_eq!(overview(&judge)["verdict"], "different");
    let report: Report = serde_json::from_str(&exported(&mut judge, "json")).unwrap();
    assert_eq!(report.rules.len(), 1);
}

#[wasm_bindgen_test]
fn rules_are_read_or_refused_with_a_sentence() {
    let rules: Value = serde_json::from_str(&done(check_rules(RULE))).unwrap();
    assert_eq!(
        rules,
        json!([{"id": "replace-pattern-custom00", "reason": "Times\\x of the build <b>", "paths": ["package/*.log"],
            "pattern": "took \\d+ s", "replace": ""}])
    );
    assert_eq!(done(check_rules("")), "[]");
    for (text, part) in [
        ("custom_stabilizers:\n  - exclude_path: {paths: [a]}\n", "it gives no reason"),
        ("- reason: r\n  exclude_path: {paths: []}\n", "it names no path"),
        ("- reason: r\n  replace_pattern: {paths: [a], pattern: '('}\n", "cannot be read"),
        ("- [", "not YAML"),
        ("3", "is expected"),
    ] {
        let said = refused(check_rules(text));
        assert!(said.contains(part) && said.ends_with('.'), "{text}: {said}");
        let before = logs(&json!({})).overview();
        let mut judge = logs(&json!({}));
        assert_eq!(refused(judge.set_options(&json!({"rules": text}).to_string())), said);
        assert_eq!(done(judge.overview()), done(before), "refused rules change nothing");
    }
}

#[wasm_bindgen_test]
fn a_stated_ecosystem_chooses_the_passes() {
    let archive = |time: u8| gzip(&tar(&[file("package/package.json", &[b'0' + time])]));
    let (a, b) = (archive(1), archive(1));
    let mut other = b.clone();
    // The header's time.
    other[4] ^= 1;
    let mut judge = judge(("a-1.tgz", &a), ("b-1.tgz", &other), "{\"profile\":\"oss-rebuild\"}");
    assert_eq!(overview(&judge)["verdict"], "equivalent");
    assert!(overview(&judge)["sets"]["left"].is_string());
    done(judge.set_options("{\"profile\":\"oss-rebuild\",\"ecosystem\":\"debian\"}"));
    assert_eq!(overview(&judge)["verdict"], "different");
    done(judge.set_options("{\"profile\":\"oss-rebuild\",\"ecosystem\":null}"));
    assert_eq!(overview(&judge)["verdict"], "equivalent");
    done(judge.set_options("{\"profile\":\"oss-rebuild\",\"ecosystem\":\"maven\"}"));
    assert_eq!(overview(&judge)["sets"], json!({"left": null, "right": null}), "Maven has no .tgz");
    for wrong in ["{\"ecosystem\":\"cpan\"}", "{\"ecosystem\":3}"] {
        assert_eq!(refused(judge.set_options(wrong)), "There is no such ecosystem.");
    }
    assert_eq!(refused(judge.set_options("{\"rules\":3}")), "The rules are not a text.");
}

#[wasm_bindgen_test]
fn an_equivalence_is_stated_and_a_difference_is_not() {
    let mut different = logs(&json!({"profile": "oss-rebuild"}));
    assert!(refused(different.export("in-toto", "none")).contains("differ"));
    let mut judge = logs(&json!({"profile": "oss-rebuild", "rules": RULE}));
    let statement: Value = serde_json::from_str(&exported(&mut judge, "in-toto")).unwrap();
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["subject"][0]["name"], "a-1.tgz");
    let parameters = &statement["predicate"]["buildDefinition"]["internalParameters"];
    assert_eq!(parameters["customRules"][0]["id"], "replace-pattern-custom00");
    assert!(parameters["passes"].as_array().unwrap().iter().any(|pass| pass["id"] == "tar-time"), "{parameters}");
}
