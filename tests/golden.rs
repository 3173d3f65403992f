//! Golden pairs: the whole report that comparing two small archives gives (see `pairs.rs`).
//!
//! The expected reports lie in `tests/golden/`. After a deliberate change:
//! `TWINSPECT_BLESS=1 cargo test -p twinspect-tests --test golden`, and read the difference before committing it.

use std::path::PathBuf;

use twinspect_tests::compare;
use twinspect_tests::pairs::pairs;

#[test]
fn every_pair_gives_the_blessed_report() {
    let bless = std::env::var_os("TWINSPECT_BLESS").is_some();
    let mut wrong = Vec::new();
    for pair in pairs() {
        let mut comparison = compare((pair.left.0, &pair.left.1), (pair.right.0, &pair.right.1), pair.profile);
        comparison.complete();
        let mut text = serde_json::to_string_pretty(comparison.report()).unwrap();
        text.push('\n');
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(format!("{}.json", pair.name));
        if bless {
            std::fs::write(&path, &text).unwrap();
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(format!("{} is not as blessed; got:\n{text}", pair.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_pair_compared_with_itself_is_identical() {
    for pair in pairs() {
        for (name, bytes) in [&pair.left, &pair.right] {
            let comparison = compare((name, bytes), (name, bytes), pair.profile);
            let report = comparison.report();
            assert_eq!(report.verdict, twinspect::report::Verdict::Identical, "{name}");
            assert!(report.statements.is_empty() && report.ledger.is_empty(), "{name}: {:?}", report.statements);
        }
    }
}
