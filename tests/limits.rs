//! Limits: each stops by its name, says so in one way, is named as the cause of an incomplete answer, and can be raised.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use twinspect::artifact::{Artifact, Sides};
use twinspect::comparison::{Comparison, Form, Options};
use twinspect::limits::{LIMITS, Limits};
use twinspect::reading::Reading;
use twinspect::report::Verdict;
use twinspect::store::Store;
use twinspect_tests::{ar, compare_with, file, fixtures, gzip, gzip_with, tar, zip};

fn read(name: &str, bytes: &[u8], limits: &Limits) -> Reading {
    twinspect::read::read(&Artifact::new(name, bytes.to_vec()), limits, &mut |_| {}).unwrap()
}

fn with(limit: &str, value: u64) -> Limits {
    let mut limits = Limits::default();
    assert!(limits.set(limit, value), "there is no limit {limit}");
    limits
}

/// An input for each limit, and a value of it that is too small.
fn inputs() -> Vec<(&'static str, u64, &'static str, Vec<u8>)> {
    let zeros = gzip(&vec![0; 1 << 20]);
    let deep = (0..5).fold(b"core\n".to_vec(), |bytes, _| gzip(&bytes));
    let fixture = |wanted: &str| fixtures::built().into_iter().find(|(name, _)| name == wanted).unwrap().1;
    vec![
        ("total-bytes", 100 << 10, "a.gz", zeros.clone()),
        ("entries", 1, "a.zip", zip(&[file("a", b"1"), file("b", b"2")])),
        ("depth", 3, "deep.gz", deep),
        ("header-bytes", 16, "pax.tar", fixture("pax.tar")),
        ("name-bytes", 4, "a.tar", tar(&[file("longer-name", b"x")])),
        ("records", 2, "pax.tar", fixture("pax.tar")),
        ("streams", 1, "two.gz", fixture("two.gz")),
        ("window-bytes", 1 << 10, "a.xz", fixture("text.xz")),
        ("seconds", 0, "a.tar", tar(&[file("a", b"x")])),
    ]
}

#[test]
fn every_limit_stops_by_its_name_and_can_be_raised() {
    let inputs = inputs();
    for limit in &LIMITS {
        // The ratio has a test of its own: it needs two limits. Contents are cut where they are shown.
        if ["ratio", "ratio-free-bytes", "content-bytes"].contains(&limit.name) {
            continue;
        }
        let (name, value, path, bytes) = inputs.iter().find(|(name, ..)| *name == limit.name).unwrap();
        let reading = read(path, bytes, &with(name, *value));
        let problem = reading.problems.iter().find(|problem| problem.limit.as_deref() == Some(name));
        let problem = problem.unwrap_or_else(|| panic!("{name}: {:?}", reading.problems));
        assert!(problem.message.contains(&format!("stopped at the limit {name}: ")), "{}", problem.message);
        assert!(problem.unread, "{name} leaves something unread");
        let raised = read(path, bytes, &Limits::default());
        assert!(raised.problems.iter().all(|problem| problem.limit.is_none()), "{:?}", raised.problems);
    }
}

#[test]
fn a_comparison_that_a_limit_stopped_is_never_called_the_same() {
    for (name, value, path, bytes) in inputs() {
        let mut other = bytes.clone();
        other.extend_from_slice(&[0; 7]);
        let options = Options { limits: with(name, value), ..Options::default() };
        let comparison = compare_with((path, &bytes), (path, &other), options);
        let report = comparison.report();
        let honest = matches!(report.verdict, Verdict::Incomplete | Verdict::Different);
        assert!(honest, "{name}: {:?} {:?}", report.verdict, report.problems);
        assert!(report.problems.iter().any(|problem| problem.limit.as_deref() == Some(name)), "{name}");
    }
}

#[test]
fn an_archive_cut_inside_an_archive_has_no_digest() {
    // The inner archive is opened as far as it goes; what is missing is not called content.
    let inner = tar(&[file("a", &[b'x'; 6000]), file("b", b"2")]);
    let whole = tar(&[file("inner.tar", &inner)]);
    let there = inner.len() - 1500;
    let reading = read("outer.tar", &whole[..512 + there], &Limits::default());
    let node = &reading.nodes[1];
    assert_eq!((node.path.as_slice(), node.sha256, node.unread), (&b"inner.tar"[..], None, true));
    assert!(node.opened.is_some(), "what is there is shown: {:?}", reading.problems);
    let missing = format!("the content ends after {there} of its {} bytes", inner.len());
    assert!(reading.problems.iter().any(|problem| problem.message.contains(&missing)), "{:?}", reading.problems);
    // The same inside a Debian package, whose members state their size in another way.
    let deb = ar(&[("debian-binary", b"2.0\n"), ("data.tar", &inner)]);
    let reading = read("a.deb", &deb[..deb.len() - 1000], &Limits::default());
    let node = reading.nodes.iter().find(|node| node.path == b"data.tar").unwrap();
    assert_eq!((node.sha256, node.unread), (None, true));
}

#[test]
fn an_offset_beyond_the_end_is_the_end() {
    let initial = fixtures::built().into_iter().find(|(name, _)| name == "initial.cpio").unwrap().1;
    for length in 100..initial.len() {
        let reading = read("a.cpio", &initial[..length], &Limits::default());
        for problem in &reading.problems {
            assert!(problem.offset.is_none_or(|offset| offset <= length as u64), "{length}: {problem:?}");
        }
    }
}

#[test]
fn a_question_asked_after_the_time_for_reading_is_answered() {
    let (left, right) = (zip(&[file("a", &[b'1'; 5000])]), zip(&[file("a", &[b'2'; 5000])]));
    let options = Options { limits: with("seconds", 1), ..Options::default() };
    let artifact = |bytes: &[u8]| Artifact::new("a.tgz", gzip(&tar(&[file("in.zip", bytes)])));
    let artifacts = Sides { left: artifact(&left), right: artifact(&right) };
    let reading = |artifact| twinspect::read::read(artifact, &options.limits, &mut |_| {}).unwrap();
    let readings = Sides { left: reading(&artifacts.left), right: reading(&artifacts.right) };
    let mut comparison = Comparison::new(artifacts, readings, options).unwrap();
    std::thread::sleep(Duration::from_millis(1100));
    for row in 0..2 {
        let detail = comparison.detail(Some(row), Form::default()).unwrap();
        assert!(!detail.sentences.iter().any(|sentence| sentence.contains("cannot be read")), "{:?}", detail.sentences);
        assert!(detail.bytes);
    }
}

#[test]
fn entries_that_overlap_are_told_even_when_a_limit_stops_first() {
    // Every record of the directory points to the same local header.
    let one = zip(&[file("a", &vec![0; 100 << 10])]);
    let end = one.len() - 22;
    let start = usize::try_from(u32::from_le_bytes(one[end + 16..end + 20].try_into().unwrap())).unwrap();
    let (record, count) = (&one[start..end], 50_u16);
    let mut bytes = [&one[..start], &record.repeat(count.into()), &one[end..]].concat();
    let end = bytes.len() - 22;
    for at in [8, 10] {
        bytes[end + at..end + at + 2].copy_from_slice(&count.to_le_bytes());
    }
    let size = u32::try_from(record.len() * usize::from(count)).unwrap();
    bytes[end + 12..end + 16].copy_from_slice(&size.to_le_bytes());
    let reading = read("a.zip", &bytes, &with("total-bytes", 1 << 20));
    assert!(reading.problems.iter().any(|problem| problem.limit.as_deref() == Some("total-bytes")));
    let overlap = reading.findings.iter().find(|finding| finding.id == "ZIP-17");
    assert!(overlap.is_some_and(|finding| finding.message.contains("overlaps")), "{:?}", reading.findings);
}

#[test]
fn windows_of_streams_inside_one_another_are_counted_together() {
    // Each frame asks for a window of 1 MiB.
    let frame = |content: &[u8]| {
        let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 10 << 3];
        // As many stored blocks as it takes, and an empty last one.
        for part in content.chunks(128 << 10).chain([&b""[..]]) {
            let last = u32::from(part.is_empty());
            bytes.extend_from_slice(&u32::try_from(part.len() << 3).unwrap().wrapping_add(last).to_le_bytes()[..3]);
            bytes.extend_from_slice(part);
        }
        bytes
    };
    // Longer than the window, so that no decoder has read all of its input before it gives anything.
    let core: Vec<u8> = (0..4_u32 << 20).map(|at| at.to_le_bytes()[1] ^ at.to_le_bytes()[0]).collect();
    let nested = |levels: usize| (0..levels).fold(core.clone(), |bytes, _| frame(&bytes));
    // What was decoded is kept, and with it no decoder has to stay; a content larger than what is kept has no such luck.
    let innermost = |levels: usize, limits: &Limits| {
        let artifact = Artifact::new("a.zst", nested(levels));
        let reading = twinspect::read::read(&artifact, limits, &mut |_| {}).unwrap();
        assert_eq!(reading.problems, []);
        let store = Store::with_bases(artifact.source, &reading.bases, limits, 0);
        let content = reading.nodes.last().unwrap().content.clone().unwrap();
        store.read(&content, 8 << 20).map(|(bytes, _)| bytes.len())
    };
    assert_eq!(innermost(2, &with("window-bytes", 2 << 20)), Ok(core.len()));
    assert_eq!(innermost(3, &with("window-bytes", 2 << 20)).unwrap_err().limit, Some("window-bytes"));
    assert_eq!(innermost(3, &with("window-bytes", 3 << 20)), Ok(core.len()));
}

#[test]
fn a_long_name_of_a_gzip_stops_at_its_limit() {
    let named = gzip_with(b"x", 0, 6, Some(&"n".repeat(70_000)));
    let limits = Limits::default();
    assert!(
        read("a.gz", &named, &limits).problems.iter().any(|problem| problem.limit.as_deref() == Some("name-bytes"))
    );
    assert_eq!(read("a.gz", &named, &with("name-bytes", 80_000)).problems, []);
}
