//! What rules do to a container, and which are refused.

use super::super::testing::{container, file, stabilize_as};
use super::*;
use crate::stabilize::Choice;

fn exclude(paths: &[&str]) -> (Vec<String>, Action) {
    (paths.iter().map(|path| (*path).to_owned()).collect(), Action::Exclude)
}

fn replacing(paths: &[&str], pattern: &str, with: &str) -> (Vec<String>, Action) {
    (exclude(paths).0, Action::Replace { pattern: pattern.into(), with: with.into() })
}

fn rules(list: Vec<(Vec<String>, Action)>) -> Rules {
    let mut rules = Rules::default();
    for (paths, action) in list {
        rules.push("because", paths, action).unwrap();
    }
    rules
}

fn choice(profile: Profile, list: Vec<(Vec<String>, Action)>) -> Choice {
    Choice { rules: rules(list), ..Choice::of(profile) }
}

#[track_caller]
fn refused(reason: &str, (paths, action): (Vec<String>, Action), part: &str) {
    let error = Rules::default().push(reason, paths, action).unwrap_err();
    assert!(error.message.contains(part), "{error}");
}

#[test]
fn a_pattern_is_replaced_only_where_the_path_matches() {
    for (format, name) in [("tar", "a.tar"), ("zip", "a.zip")] {
        let archive =
            container(format, name, [file("test/a.txt", "Hello you"), file("a.txt", "Hello"), file("test/b", "Hello")]);
        for profile in [Profile::OssRebuild, Profile::Standard] {
            let side = stabilize_as(&choice(profile, vec![replacing(&["test/*.txt"], "Hello", "Changed")]), &archive);
            assert_eq!(
                [side.content("test/a.txt"), side.content("a.txt"), side.content("test/b")],
                ["Changed you", "Hello", "Hello"]
            );
            let by = &side.overlay("test/a.txt").content.as_ref().unwrap().by;
            assert_eq!(by.as_slice(), ["replace-pattern-custom00"]);
        }
    }
}

#[test]
fn paths_are_left_out_with_all_that_is_in_them() {
    let inner = container("tar", "deep/in.tar", [file("x", "")]);
    let archive = container("tar", "a.tar", [file("test/a/b.txt", ""), file("keep", ""), inner]);
    let list = vec![exclude(&["test/**/*.txt", "nothing"]), exclude(&["deep/in.tar"])];
    let side = stabilize_as(&choice(Profile::Standard, list), &archive);
    let left_out = |path| side.overlay(path).excluded;
    assert_eq!(left_out("test/a/b.txt"), Some("exclude-path-custom00"));
    assert_eq!(left_out("keep"), None);
    assert_eq!([left_out("deep/in.tar"), left_out("x")], [Some("exclude-path-custom01"); 2]);
}

#[test]
fn rules_run_after_the_passes_and_before_the_record_of_a_wheel() {
    let wheel = container("zip", "a.whl", [file("a/AUTHORS", "x"), file("a-1.dist-info/RECORD", "stale")]);
    let side = stabilize_as(&choice(Profile::OssRebuild, vec![exclude(&["*/AUTHORS"])]), &wheel);
    assert_eq!(side.content("a-1.dist-info/RECORD"), "a-1.dist-info/RECORD,,\n");
}

#[test]
fn rules_do_not_run_where_the_profile_runs_nothing() {
    let archive = container("tar", "a.tar", [file("a", "Hello"), container("tar", "in.tar", [file("b", "Hello")])]);
    let list = || vec![replacing(&["*"], "Hello", "x")];
    assert!(stabilize_as(&choice(Profile::None, list()), &archive).overlay("a").content.is_none());
    let side = stabilize_as(&choice(Profile::OssRebuild, list()), &archive);
    assert_eq!([side.content("a"), side.content("b")], ["x", "Hello"], "upstream does not enter archives in archives");
    assert_eq!(stabilize_as(&choice(Profile::Standard, list()), &archive).content("b"), "x");
}

#[test]
fn upstream_keeps_a_content_in_a_zip_of_which_nothing_would_be_left() {
    let rule = || vec![replacing(&["a"], "Hello", "")];
    for (format, name, expected) in [("zip", "a.whl", "Hello"), ("tar", "a.tar", "")] {
        let archive = container(format, name, [file("a", "Hello")]);
        assert_eq!(stabilize_as(&choice(Profile::OssRebuild, rule()), &archive).content("a"), expected, "{name}");
        assert_eq!(stabilize_as(&choice(Profile::Standard, rule()), &archive).content("a"), "", "{name}");
    }
}

#[test]
fn to_upstream_a_folder_has_an_empty_content_that_a_rule_can_match() {
    let archive = container("tar", "a.tar", [file("a/", "").kind(Kind::Directory)]);
    let gets = |profile, pattern| {
        let side = stabilize_as(&choice(profile, vec![replacing(&["a/"], pattern, "x")]), &archive);
        side.overlay("a/").content.is_some()
    };
    assert!(gets(Profile::OssRebuild, "^") && !gets(Profile::OssRebuild, "b"));
    assert!(!gets(Profile::Standard, "^"));
}

#[test]
fn a_rule_can_be_switched_off_by_name() {
    let archive = container("tar", "a.tar", [file("a", "Hello")]);
    let mut choice = choice(Profile::Standard, vec![replacing(&["*"], "Hello", "x")]);
    choice.disabled.push("replace-pattern-custom00".into());
    assert!(choice.check().is_ok());
    assert_eq!(stabilize_as(&choice, &archive).content("a"), "Hello");
    choice.disabled.push("replace-pattern-custom01".into());
    assert!(choice.check().is_err());
}

#[test]
fn groups_stand_in_the_replacement() {
    let archive = container("tar", "a.tar", [file("a", "k=1;k=2")]);
    let side = stabilize_as(&choice(Profile::Standard, vec![replacing(&["a"], r"(\w)=(\d)", "$2:${1}$$$9")]), &archive);
    assert_eq!(side.content("a"), "1:k$;2:k$");
}

#[test]
fn a_replacement_that_grows_without_bound_is_not_made() {
    let archive = container("tar", "a.tar", [file("a", "x".repeat(10_000))]);
    let side = stabilize_as(&choice(Profile::Standard, vec![replacing(&["a"], "x", &"y".repeat(60_000))]), &archive);
    assert!(side.overlay("a").content.is_none());
}

#[test]
fn rules_that_cannot_be_used_are_refused_with_the_reason() {
    refused(" ", exclude(&["a"]), "no reason");
    refused("r", exclude(&[]), "no path");
    refused("r", exclude(&["a", ""]), "no path");
    refused("r", exclude(&["a**"]), "a** is not a pattern");
    refused("r", replacing(&["a"], "(", ""), "pattern ( cannot be read");
    refused("r", replacing(&["a"], "a", &"x".repeat(MOST_REPLACEMENT + 1)), "longer than");
    let mut rules = rules((0..MOST).map(|_| exclude(&["a"])).collect());
    assert!(rules.push("r", vec!["a".into()], Action::Exclude).unwrap_err().message.contains("more than 100"));
}
