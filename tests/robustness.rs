//! Hostile input: every fixture cut and damaged at every byte. Nothing panics, limits hold, and no damage is invisible.

#![allow(clippy::indexing_slicing, reason = "a test may panic")]

use twinspect::comparison::{Form, Options};
use twinspect::report::{Report, Verdict};
use twinspect::stabilize::Profile;
use twinspect_tests::{Tag, apk, compare, compare_with, file, fixtures::built, gzip_with, read, rpm, tar, zip};

/// Whether a report says anything specific: a difference with a name, or a problem. `bytes` alone (they differ, nobody
/// knows where) does not count.
fn specific(report: &Report) -> bool {
    let named = |row: &twinspect::report::Row| !row.causes.is_empty() && row.differs.iter().all(|what| what != "bytes");
    !report.problems.is_empty() || named(&report.root) || report.rows.iter().any(named)
}

#[test]
fn every_flipped_byte_is_visible() {
    for (name, bytes) in built() {
        for at in 0..bytes.len() {
            for mask in [0x01, 0x80] {
                let mut flipped = bytes.clone();
                flipped[at] ^= mask;
                let comparison = compare((&name, &bytes), (&name, &flipped), Profile::None);
                let report = comparison.report();
                assert!(
                    matches!(report.verdict, Verdict::Different | Verdict::Incomplete) && specific(report),
                    "{name}: byte {at} ^ {mask:#x} is invisible: {:?} {:?}",
                    report.verdict,
                    report.statements
                );
            }
        }
    }
}

#[test]
fn no_flipped_byte_is_equivalent_without_a_named_cause() {
    for (name, bytes) in built() {
        for at in (0..bytes.len()).step_by(3) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            let profile = if at % 2 == 0 { Profile::Standard } else { Profile::OssRebuild };
            let comparison = compare((&name, &bytes), (&name, &flipped), profile);
            let report = comparison.report();
            match report.verdict {
                Verdict::Identical => panic!("{name}: byte {at} differs, and the verdict is identical"),
                Verdict::Equivalent => {
                    assert!(!report.ledger.is_empty(), "{name}: byte {at}: equivalent, and no pass is named")
                }
                Verdict::Different | Verdict::Incomplete => {}
            }
        }
    }
}

#[test]
fn a_package_whose_own_digest_is_wrong_is_never_equivalent() {
    let whole = |bytes: &[u8]| bytes.to_vec();
    let files = [file("/usr/bin/demo", b"#!/bin/sh\n").mode(0o755)];
    let red_hat = rpm(&files, &[(1006, Tag::Numbers(vec![1_700_000_000]))], whole);
    let alpine = apk("pkgname = demo\n", &[file("usr/bin/demo", b"#!/bin/sh\n")]);
    // Behind what no digest covers: lead and signature; signature and description.
    for (name, bytes, start) in [("demo-1-1.noarch.rpm", red_hat, 96 + 150), ("demo-1-r0.apk", alpine, 350)] {
        for at in start..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            let comparison = compare((name, &bytes), (name, &flipped), Profile::Standard);
            let verdict = comparison.report().verdict;
            assert!(matches!(verdict, Verdict::Different | Verdict::Incomplete), "{name}: byte {at}: {verdict:?}");
        }
    }
}

#[test]
fn every_truncation_is_noticed() {
    for (name, bytes) in built() {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            let comparison = compare((&name, &bytes), (&name, cut), Profile::Standard);
            let report = comparison.report();
            // The zero blocks after a tar's end mark may be fewer: a harmless form, and a named one.
            let equivalent = report.verdict == Verdict::Equivalent && !report.ledger.is_empty();
            assert!(
                equivalent || matches!(report.verdict, Verdict::Different | Verdict::Incomplete),
                "{name} cut to {length} of {} bytes: {:?}",
                bytes.len(),
                report.verdict
            );
        }
    }
}

#[test]
fn a_bomb_stops_at_a_named_limit() {
    let bomb = gzip_with(&vec![0; 64 << 20], 0, 9, None);
    let mut options = Options::default();
    options.limits.set("total-bytes", 8 << 20);
    let comparison = compare_with(("bomb.gz", &bomb), ("other.gz", &gzip_with(b"x", 0, 9, None)), options);
    let report = comparison.report();
    assert!(
        report.problems.iter().any(|problem| problem.limit.as_deref() == Some("total-bytes")),
        "{:?}",
        report.problems
    );
    assert_ne!(report.verdict, Verdict::Equivalent);
    let mut options = Options::default();
    options.limits.set("ratio-free-bytes", 1 << 20);
    options.limits.set("ratio", 100);
    let comparison =
        compare_with(("bomb.gz", &bomb), ("bomb2.gz", &gzip_with(&vec![0; 64 << 20], 1, 9, None)), options);
    let report = comparison.report();
    assert!(report.problems.iter().any(|problem| problem.limit.as_deref() == Some("ratio")), "{:?}", report.problems);
    assert_eq!(report.verdict, Verdict::Incomplete);
}

#[test]
fn a_bomb_within_the_limits_is_read() {
    let bomb = gzip_with(&vec![0; 10 << 20], 0, 9, None);
    assert!(bomb.len() < 12_000);
    let reading = read("bomb.gz", &bomb);
    assert_eq!(reading.problems, []);
    assert_eq!(reading.nodes[1].size, 10 << 20);
}

#[test]
fn nesting_stops_at_the_limit_and_says_so() {
    let mut bytes = b"core\n".to_vec();
    for _ in 0..40 {
        bytes = tar(&[file("in.tar", &bytes)]);
    }
    let reading = read("deep.tar", &bytes);
    assert!(reading.problems.iter().any(|problem| problem.limit.as_deref() == Some("depth")), "{:?}", reading.problems);
    assert!(reading.nodes.len() < 40);
}

#[test]
fn a_thousand_layers_of_gzip_do_not_hang() {
    let mut bytes = b"core\n".to_vec();
    for _ in 0..1000 {
        bytes = gzip_with(&bytes, 0, 0, None);
    }
    let reading = read("layers.gz", &bytes);
    assert!(reading.problems.iter().any(|problem| problem.limit.as_deref() == Some("depth")), "{:?}", reading.problems);
    assert!(reading.nodes.len() < 40);
}

#[test]
fn entries_stop_at_the_limit() {
    let members: Vec<_> = (0..50).map(|_| file("same", b"x")).collect();
    let bytes = tar(&members);
    let mut options = Options::default();
    options.limits.set("entries", 10);
    let comparison =
        compare_with(("a.tgz", &gzip_with(&bytes, 0, 9, None)), ("b.tgz", &gzip_with(&bytes, 5, 1, None)), options);
    let report = comparison.report();
    assert!(report.problems.iter().any(|problem| problem.limit.as_deref() == Some("entries")));
    assert_eq!(report.verdict, Verdict::Incomplete);
}

#[test]
fn plain_mistakes_get_a_sentence() {
    let sentence = |name: &str, bytes: &[u8]| {
        read(name, bytes).problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(sentence("empty.zip", b""), "the file is empty");
    let text = "the name says ZIP archive, but the bytes are not one: it is compared as plain content";
    assert_eq!(sentence("text.zip", b"just text\n"), text);
    assert_eq!(sentence("notes.txt", b"just text\n"), "");
}

#[test]
fn what_cannot_be_read_is_not_shown_as_removed() {
    let good = zip(&[file("a.txt", &b"hello ".repeat(500))]);
    let mut bad = good.clone();
    bad[45] ^= 0xff;
    let mut comparison = compare(("a.zip", &good), ("b.zip", &bad), Profile::Standard);
    let report = comparison.report();
    assert_eq!(report.rows[0].status, twinspect::report::Status::Unread, "{:?}", report.problems);
    assert_eq!(report.verdict, Verdict::Incomplete);
    let detail = comparison.detail(Some(0), Form::default()).unwrap();
    assert_eq!(detail.text, None);
    assert!(detail.sentences.iter().any(|sentence| sentence.contains("cannot be read")), "{:?}", detail.sentences);
}

#[test]
fn an_archive_is_shown_as_its_bytes_on_disk() {
    let inner = tar(&[file("a", b"1\n")]);
    let (left, right) = (gzip_with(&inner, 1, 6, None), gzip_with(&inner, 2, 6, None));
    let mut comparison = compare(("a.tgz", &left), ("b.tgz", &right), Profile::Standard);
    let shown = comparison.bytes_window(None, false, twinspect::artifact::Side::Right, 0, u64::MAX).unwrap();
    assert_eq!(shown, right);
    // A compressed text is shown as the text.
    let text = gzip_with(b"hello\n", 0, 6, None);
    let mut comparison =
        compare(("a.txt.gz", &text), ("b.txt.gz", &gzip_with(b"world\n", 0, 6, None)), Profile::Standard);
    assert_eq!(comparison.bytes_window(None, false, twinspect::artifact::Side::Left, 0, 9).unwrap(), b"hello\n");
}
