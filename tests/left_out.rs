//! An entry at which the engine stopped is left out, and all the rest is read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a fixture that cannot be built is a failed test")]

use twinspect::artifact::Artifact;
use twinspect::limits::Limits;
use twinspect::reading::{NodeId, Reading};
use twinspect::report::{Status, Verdict};
use twinspect::stabilize::Profile;
use twinspect_tests::{compare, file, gzip, tar, zip};

fn nested() -> Vec<u8> {
    let inner = zip(&[file("inside.txt", b"inside")]);
    gzip(&tar(&[file("a.txt", b"a"), file("inner.zip", &inner), file("z.txt", b"z")]))
}

/// The reading, and the entries in the order in which they were at work.
fn read(limits: &Limits) -> (Reading, Vec<(NodeId, String)>) {
    let mut seen: Vec<(NodeId, String)> = Vec::new();
    let reading = twinspect::read::read(&Artifact::new("a.tgz", nested()), limits, &mut |progress| {
        let now = (progress.node, progress.path.clone());
        if progress.phase == "opening" && seen.last() != Some(&now) {
            seen.push(now);
        }
    });
    (reading.unwrap(), seen)
}

fn digested(reading: &Reading, path: &[u8]) -> bool {
    reading.nodes.iter().any(|node| node.path == path && node.sha256.is_some())
}

#[test]
fn progress_names_the_entry_at_work_as_the_report_does() {
    let (reading, seen) = read(&Limits::default());
    let paths = twinspect::summarize::node_paths(&reading);
    for (node, path) in &seen {
        assert_eq!(*path, paths[usize::try_from(*node).unwrap()]);
    }
    for path in ["a.txt", "inner.zip", "z.txt", "inner.zip!/inside.txt"] {
        assert!(seen.iter().any(|(_, seen)| seen == path), "{path} in {seen:?}");
    }
}

#[test]
fn what_is_left_out_is_listed_and_said_and_the_rest_is_read() {
    let (_, seen) = read(&Limits::default());
    let (node, _) = seen.iter().find(|(_, path)| path == "inner.zip").unwrap();
    let mut limits = Limits::default();
    limits.leave_out(*node);
    let (reading, seen) = read(&limits);
    assert!(seen.iter().all(|(_, path)| path != "inner.zip!/inside.txt"), "{seen:?}");
    assert!(digested(&reading, b"a.txt") && digested(&reading, b"z.txt"));
    let left = reading.node(*node).unwrap();
    assert_eq!((left.unread, left.sha256, left.content.is_none()), (true, None, true));
    let said: Vec<_> = reading.problems.iter().filter(|problem| problem.node == *node && problem.unread).collect();
    assert_eq!(said.len(), 1, "{:?}", reading.problems);
    assert!(said[0].message.contains("left out"), "{}", said[0].message);
}

#[test]
fn an_artifact_left_out_is_compared_by_its_bytes_alone() {
    let mut limits = Limits::default();
    limits.leave_out(0);
    let (reading, _) = read(&limits);
    assert_eq!(reading.nodes.len(), 1);
    assert!(reading.nodes[0].sha256.is_some() && reading.nodes[0].unread);
}

#[test]
fn what_only_one_side_shows_is_not_said_to_be_missing_where_the_other_was_not_read_whole() {
    let whole = tar(&[file("a.txt", b"a"), file("b.txt", b"b"), file("c.txt", b"c")]);
    let cut = &whole[..1536];
    let shown = |left: &[u8], right: &[u8]| {
        let comparison = compare(("a.tar", left), ("b.tar", right), Profile::Standard);
        let report = comparison.report();
        (report.verdict, report.rows.iter().map(|row| row.status).collect::<Vec<_>>())
    };
    let unread = vec![Status::Identical, Status::Unread, Status::Unread];
    assert_eq!(shown(cut, &whole), (Verdict::Incomplete, unread.clone()));
    assert_eq!(shown(&whole, cut), (Verdict::Incomplete, unread));
    let fewer = tar(&[file("a.txt", b"a")]);
    let only = vec![Status::Identical, Status::OnlyRight, Status::OnlyRight];
    assert_eq!(shown(&fewer, &whole), (Verdict::Different, only));
}

#[test]
fn changed_limits_travel_with_the_reading() {
    let mut limits = Limits::default();
    assert!(read(&limits).0.limits.is_empty());
    limits.set("entries", 7);
    let reading = Reading::from_manifest(&read(&limits).0.to_manifest().unwrap()).unwrap();
    assert_eq!(reading.limits.into_iter().collect::<Vec<_>>(), [("entries".to_owned(), 7)]);
}
