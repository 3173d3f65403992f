//! Findings in the report of a comparison: which side has them, and what they mean for the verdict.

#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use twinspect::artifact::Side;
use twinspect::entry::Severity;
use twinspect::report::Verdict;
use twinspect::stabilize::Profile;
use twinspect_tests::{compare, file, gzip, gzip_with, tar, zip};

/// Ids with side and whether only that side has them.
fn lines(left: (&str, &[u8]), right: (&str, &[u8])) -> Vec<(String, Side, bool)> {
    let comparison = compare(left, right, Profile::Standard);
    comparison.report().findings.iter().map(|line| (line.id.clone(), line.side, line.only_here)).collect()
}

#[test]
fn a_finding_that_both_sides_have_is_not_only_here() {
    let twice = tar(&[file("a", b"1"), file("a", b"2")]);
    let (left, right) = (gzip(&twice), gzip_with(&twice, 9, 1, None));
    let both = vec![("TAR-05".to_owned(), Side::Left, false), ("TAR-05".to_owned(), Side::Right, false)];
    assert_eq!(lines(("a.tgz", &left), ("b.tgz", &right)), both);
    let plain = gzip(&tar(&[file("a", b"1")]));
    assert_eq!(lines(("a.tgz", &plain), ("b.tgz", &right)), [("TAR-05".to_owned(), Side::Right, true)]);
}

#[test]
fn the_same_finding_in_another_entry_is_only_here() {
    let named = |name: &str| tar(&[file("x", b"1"), file(name, b"2")]);
    let found = lines(("a.tar", &named("a\u{202e}")), ("b.tar", &named("b\u{202e}")));
    assert_eq!(found.iter().map(|(id, ..)| id.as_str()).collect::<Vec<_>>(), ["PATH-07", "PATH-07"]);
    // In folders that were aligned, the entries correspond.
    let inside = |version: &str| {
        let odd = format!("p-{version}/a\u{202e}");
        tar(&[file(&format!("p-{version}/x"), b"1"), file(&odd, b"2")])
    };
    let found = lines(("p-1.0.tar", &inside("1.0")), ("p-1.1.tar", &inside("1.1")));
    assert!(found.iter().all(|(_, _, only)| !only), "{found:?}");
}

#[test]
fn equal_bytes_stay_identical_and_the_ambiguity_is_said() {
    let twice = tar(&[file("a", b"1"), file("a", b"2")]);
    let comparison = compare(("a.tar", &twice), ("b.tar", &twice), Profile::Standard);
    let report = comparison.report();
    assert_eq!(report.verdict, Verdict::Identical);
    assert!(report.summary.ambiguous.left && report.summary.ambiguous.right);
    assert_eq!(report.findings[0].severity, Severity::Conflict);
    let plain = zip(&[file("a", b"1")]);
    let comparison = compare(("a.zip", &plain), ("b.zip", &plain), Profile::Standard);
    assert!(!comparison.report().summary.ambiguous.left && comparison.report().findings.is_empty());
}
