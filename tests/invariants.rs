//! What holds for every input, however hostile: asked by the mutation tests and by the fuzz targets alike.
#![allow(clippy::panic, reason = "an invariant that does not hold is a failed test")]

use sha2::{Digest as _, Sha256};
use twinspect::artifact::{Artifact, Side, Sides};
use twinspect::comparison::{Comparison, Form, Options};
use twinspect::entry::{Coding, Content};
use twinspect::finding;
use twinspect::limits::Limits;
use twinspect::reading::{NodeId, Reading};
use twinspect::report::{Report, Verdict};
use twinspect::stabilize::{Choice, Profile};
use twinspect::store::{BLOCK, Store};

/// Rows whose details are opened.
const DETAILS: u32 = 4;
/// Contents that are read a second time to ask whether their digest is theirs.
const DIGESTS: usize = 16;
/// Bytes of such a content, at most.
const MOST_DIGESTED: u64 = 1 << 20;

/// Limits under which an input of some kilobytes stays quick: what lies beyond them stops by name.
pub fn small_limits() -> Limits {
    let mut limits = Limits::default();
    for (name, value) in [
        ("total-bytes", 8 << 20),
        ("ratio-free-bytes", 2 << 20),
        ("content-bytes", 1 << 20),
        ("entries", 2_000),
        ("depth", 8),
    ] {
        assert!(limits.set(name, value), "there is no limit {name}");
    }
    limits
}

/// Reads an artifact twice and asks of the reading what must hold for every one.
pub fn reading(name: &str, bytes: &[u8], limits: &Limits) -> Reading {
    let artifact = Artifact::new(name, bytes.to_vec());
    let read = || match twinspect::read::read(&artifact, limits, &mut |_| {}) {
        Ok(reading) => reading,
        Err(error) => panic!("bytes in memory can be read: {error}"),
    };
    let reading = read();
    assert_eq!(reading, read(), "reading twice gives the same");
    let most = limits.get("total-bytes").saturating_add(2 * bytes.len() as u64);
    // A limit is noticed when it has been passed, by one block or one buffer.
    assert!(reading.decoded_bytes <= most + 2 * BLOCK, "{} bytes decoded, {most} allowed", reading.decoded_bytes);
    // The artifact itself is no entry, and the one too many has been counted but not opened.
    assert!(reading.nodes.len() as u64 <= limits.get("entries") + 1, "{} nodes", reading.nodes.len());
    tree(&reading);
    offsets(&reading);
    let store = Store::with_bases(artifact.source, &reading.bases, limits, 32 << 20);
    digests(&reading, &store);
    let manifest = must(reading.to_manifest());
    assert_eq!(must(Reading::from_manifest(&manifest)), reading, "the manifest is the reading");
    must(serde_json::to_vec(&twinspect::summarize::inspect(&reading)));
    reading
}

fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}

/// Every reference leads somewhere, and forwards.
fn tree(reading: &Reading) {
    let count = reading.nodes.len() as u64;
    for (id, node) in reading.nodes.iter().enumerate() {
        assert!(id == 0 || (node.parent as usize) < id, "node {id} comes before its container {}", node.parent);
        if let Some(content) = &node.content {
            assert!((content.base as usize) < reading.bases.len(), "node {id} refers to base {}", content.base);
        }
        if let Some(opened) = &node.opened {
            let end = u64::from(opened.first) + u64::from(opened.count);
            assert!(end <= count && opened.first as usize > id, "the members of node {id} end at {end} of {count}");
        }
    }
    for (at, base) in reading.bases.iter().enumerate().skip(1) {
        assert!((base.base as usize) < at, "base {at} is a range of base {}", base.base);
    }
}

/// What a problem or a finding says of an offset can be looked up: it lies in the artifact or in a content opened.
fn offsets(reading: &Reading) {
    let longest = |id: NodeId| {
        let parent = reading.node(id).map_or(0, |node| node.parent);
        let around = reading.node(parent).map_or(0, |node| node.parent);
        [0, id, parent, around].iter().filter_map(|id| reading.node(*id)).map(|node| node.size).max()
    };
    let here = reading.problems.iter().map(|problem| (problem.node, problem.offset, &problem.message));
    let found = reading.findings.iter().map(|finding| (finding.node, finding.offset, &finding.message));
    for (id, offset, message) in here.chain(found) {
        assert!(reading.node(id).is_some(), "no node {id}: {message}");
        assert!(!message.trim().is_empty());
        let Some(offset) = offset else { continue };
        // What was decoded and has no size of its own (the inside of a wrapper) is no longer than all that was decoded.
        let most = longest(id).unwrap_or(0).max(reading.decoded_bytes);
        assert!(offset <= most, "byte {offset} of at most {most}: {message}");
    }
    for finding in &reading.findings {
        assert!(finding::by_id(&finding.id).is_some(), "{} is in no table", finding.id);
    }
}

/// A digest is that of the bytes that the content gives when it is opened again.
fn digests(reading: &Reading, store: &Store) {
    let hashed = reading.nodes.iter().filter_map(|node| Some((node, node.content.as_ref()?, node.sha256?)));
    for (node, content, sha256) in hashed.filter(|(node, ..)| node.size <= MOST_DIGESTED).take(DIGESTS) {
        let whole =
            Content { size: content.size.filter(|_| !matches!(content.coding, Coding::Stored)), ..content.clone() };
        let (bytes, more) = match store.read(&whole, MOST_DIGESTED + 1) {
            Ok(read) => read,
            Err(fault) => panic!("{:?} was read and cannot be read again: {fault}", node.path),
        };
        assert!(
            !more && bytes.len() as u64 == node.size,
            "{:?} has {} bytes, not {}",
            node.path,
            bytes.len(),
            node.size
        );
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&bytes)), sha256, "{:?}", node.path);
    }
}

/// Compares two inputs under a profile and asks of the report what must hold for every one.
pub fn pair(left: (&str, &[u8]), right: (&str, &[u8]), profile: Profile, limits: &Limits) -> Report {
    let options = Options { choice: Choice::of(profile), limits: limits.clone() };
    let readings = Sides { left: reading(left.0, left.1, limits), right: reading(right.0, right.1, limits) };
    compared(left, right, &readings, &options)
}

/// As [`pair`], of readings that were asked before.
pub fn compared(left: (&str, &[u8]), right: (&str, &[u8]), readings: &Sides<Reading>, options: &Options) -> Report {
    let compare = |turned: bool| {
        let (a, b) = if turned { (right, left) } else { (left, right) };
        let artifacts = Sides { left: Artifact::new(a.0, a.1.to_vec()), right: Artifact::new(b.0, b.1.to_vec()) };
        let readings = if turned {
            Sides { left: readings.right.clone(), right: readings.left.clone() }
        } else {
            readings.clone()
        };
        must(Comparison::new(artifacts, readings, options.clone()))
    };
    let mut comparison = compare(false);
    let report = comparison.report().clone();
    let text = must(serde_json::to_string(&report));
    assert_eq!(text, must(serde_json::to_string(compare(false).report())), "comparing twice gives the same");
    assert_eq!(compare(true).report().verdict, report.verdict, "the verdict does not depend on which side is which");
    verdict(left.1 == right.1, &report, options);
    for row in [None].into_iter().chain((0..DETAILS).map(Some)) {
        let known = row.is_none_or(|row| (row as usize) < report.rows.len());
        let detail = comparison.detail(row, Form::default());
        assert_eq!(detail.is_ok(), known);
        let Ok(detail) = detail else { break };
        if detail.text.is_some() {
            must(comparison.text_window(row, Form::default(), 0..50, 0..50));
            must(comparison.hunks(row, 3, 100));
        }
        must(comparison.bytes(row, false));
        must(comparison.bytes_window(row, false, Side::Left, 0, 256));
    }
    report
}

/// Identical is said of equal bytes and of nothing else; equivalence has a named cause.
fn verdict(equal: bool, report: &Report, options: &Options) {
    match report.verdict {
        Verdict::Identical => assert!(equal, "different bytes are called identical"),
        Verdict::Equivalent => {
            assert!(!equal, "equal bytes are called equivalent");
            assert!(!report.ledger.is_empty(), "equivalent, and no pass is named");
            assert_ne!(options.choice.profile, Profile::None, "equivalent, and no pass was chosen");
        }
        Verdict::Different => assert!(!equal, "equal bytes are called different"),
        Verdict::Incomplete => assert!(!report.problems.is_empty(), "incomplete, and no problem says why"),
    }
}
