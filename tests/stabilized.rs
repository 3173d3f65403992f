//! Stabilized archives against the digests that OSS Rebuild's own stabilizer gives: real packages, the pairs, and five
//! hundred odd archives under odd lists of passes (see `samples/README.md`).

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use twinspect::artifact::{Artifact, Sides};
use twinspect::comparison::{Comparison, Options};
use twinspect::ecosystem::Ecosystem;
use twinspect::error::Fault;
use twinspect::limits::Limits;
use twinspect::read::{read, read_to_stabilize};
use twinspect::report::Verdict;
use twinspect::rewrite::{Written, digest};
use twinspect::stabilize::{Choice, Profile, eligible, run, run_to_rewrite};
use twinspect::store::Store;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// The rows of a list, without its head.
fn rows(list: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder().join(list)).unwrap_or_else(|error| panic!("{list}: {error}"));
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn choice(ecosystem: &str) -> Choice {
    Choice { ecosystem: Ecosystem::by_id(ecosystem), ..Choice::of(Profile::OssRebuild) }
}

/// The digest in hex, or why there is none.
type Found = Result<(String, Written), Fault>;

/// What we write, and why OSS Rebuild would write nothing as the comparison has it. Reading to stabilize must give the
/// same as reading to compare. Last, whether the artifact is what its name says.
fn stabilized(name: &str, bytes: &[u8], choice: &Choice) -> (Found, Option<String>, bool) {
    let (artifact, limits) = (Artifact::new(name, bytes.to_vec()), Limits::default());
    let hex = |(digest, written): ([u8; 32], Written)| {
        (digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), written)
    };
    let store = |bases: &[_]| Store::with_bases(artifact.source.clone(), bases, &limits, 1 << 20);
    let reading = read(&artifact, &limits, &mut |_| {}).unwrap();
    let full = store(&reading.bases);
    let after = run(&reading, &full, choice);
    let found = digest(&reading, &full, &after).map(hex);
    let lean_reading = read_to_stabilize(&artifact, &limits, &mut |_| {}).unwrap();
    let lean = store(&lean_reading.bases);
    let lean = digest(&lean_reading, &lean, &run_to_rewrite(&lean_reading, &lean, choice)).map(hex);
    match (&found, &lean) {
        (Ok(found), Ok(lean)) => assert_eq!(found, lean, "{name}"),
        (found, lean) => assert_eq!(found.is_ok(), lean.is_ok(), "{name}: {found:?} {lean:?}"),
    }
    (found, after.refusal, after.set.is_some())
}

/// Compares with OSS Rebuild's answer: a digest, or `ERROR`.
#[track_caller]
fn check(label: &str, (found, refusal, _): &(Found, Option<String>, bool), expected: &str) {
    match found {
        Ok((digest, written)) if expected != "ERROR" => {
            assert_eq!(digest, expected, "{label}");
            assert!(written.is_upstream(), "{label}: {written:?}");
            assert_eq!(*refusal, None, "{label}");
        }
        // Of our own choosing, or nothing; the comparison knows it as well as the archive.
        Ok((_, written)) => {
            assert!(written.refusal.is_some(), "{label}: OSS Rebuild gives up");
            assert!(refusal.is_some(), "{label}: OSS Rebuild gives up, says the archive");
        }
        Err(fault) => {
            assert_eq!(expected, "ERROR", "{label}: {fault}");
            assert!(refusal.is_some(), "{label}: OSS Rebuild gives up, says the archive");
        }
    }
}

#[test]
fn samples_have_the_digests_that_oss_rebuild_gives() {
    let mut digests = BTreeMap::new();
    for row in rows("stabilized/files.tsv") {
        let [file, ecosystem, expected] = &row[..] else { panic!("{row:?}") };
        let bytes = std::fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let name = file.rsplit('/').next().unwrap_or_default();
        let found = stabilized(name, &bytes, &choice(ecosystem));
        check(file, &found, expected);
        // As nearly everybody would have it: detected.
        check(file, &stabilized(name, &bytes, &Choice::of(Profile::OssRebuild)), expected);
        digests.insert(file.clone(), expected.clone());
    }
    assert!(digests.len() > 30);
    for row in rows("oss-rebuild/pairs.tsv") {
        let [left, right, ecosystem, verdict] = &row[..] else { panic!("{row:?}") };
        let digest = |file: &str| digests.get(&format!("oss-rebuild/{file}"));
        if let (Some(one), Some(other)) = (digest(left), digest(right))
            && *one != "ERROR"
            && *other != "ERROR"
        {
            assert_eq!(one == other, verdict == "EQUIVALENT", "{left} {ecosystem}");
        }
    }
}

#[test]
fn a_global_header_is_left_out_and_said() {
    let bytes = std::fs::read(folder().join("published/imap-0.8.19.tgz")).unwrap();
    let (found, ..) = stabilized("imap-0.8.19.tgz", &bytes, &choice("npm"));
    let (digest, written) = found.unwrap();
    assert_eq!(digest, "d4b9d5127c72a208ef90234aade3dbb6ae5acba0336e31e65bf43213541dc864");
    assert_eq!(
        written.refusal.as_deref(),
        Some("OSS Rebuild has no verdict on this file: it cannot write the global PAX header pax_global_header again.")
    );
}

#[test]
fn odd_archives_under_odd_lists_of_passes() {
    let bytes = std::fs::read(folder().join("stabilized/cases.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let (mut checked, mut verdicts) = (0, BTreeMap::<_, Vec<_>>::new());
    for row in rows("stabilized/cases.tsv") {
        let [file, ecosystem, name, enabled, disabled, expected] = &row[..] else { panic!("{row:?}") };
        let mut bytes = Vec::new();
        archive.by_name(file).unwrap().read_to_end(&mut bytes).unwrap();
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut choice = choice(ecosystem);
        choice.enabled = match enabled.as_str() {
            "all" => None,
            "none" => Some(Vec::new()),
            some => Some(list(some)),
        };
        if disabled != "none" {
            choice.disabled = list(disabled);
        }
        let found = stabilized(name, &bytes, &choice);
        check(file, &found, expected);
        checked += 1;
        // An archive without a byte is recognised by nothing but its name.
        let recognised = found.2;
        if enabled == "all" && disabled == "none" && expected != "ERROR" && recognised {
            verdicts.entry((ecosystem.clone(), name.clone())).or_default().push((bytes, expected.clone()));
        }
    }
    assert!(checked > 300);
    // The verdict is what the digests say, on neighbours and on each with itself.
    for ((ecosystem, name), members) in verdicts {
        for pair in members.windows(2) {
            let [(one, digest), (other, other_digest)] = pair else { continue };
            for (right, same) in [(one, true), (other, digest == other_digest)] {
                let artifact = |bytes: &[u8]| Artifact::new(name.clone(), bytes.to_vec());
                let artifacts = Sides { left: artifact(one), right: artifact(right) };
                let options = Options { choice: choice(&ecosystem), ..Options::default() };
                let read = |artifact: &Artifact| read(artifact, &options.limits, &mut |_| {}).unwrap();
                let readings = Sides { left: read(&artifacts.left), right: read(&artifacts.right) };
                let comparison = Comparison::new(artifacts, readings, options.clone()).unwrap();
                let verdict = comparison.report().verdict;
                let equal = matches!(verdict, Verdict::Identical | Verdict::Equivalent);
                assert!(
                    equal == same || verdict == Verdict::Incomplete,
                    "{name}: {verdict:?}, {digest} {other_digest}"
                );
            }
        }
    }
}

#[test]
fn every_pass_that_a_sample_lists_is_one_that_runs_there() {
    for row in rows("stabilized/cases.tsv") {
        let set = run_named(&row[1], &row[2]);
        for id in [&row[3], &row[4]].into_iter().flat_map(|list| list.split(',')) {
            assert!(matches!(id, "all" | "none") || set.contains(&id), "{id} in {}", row[0]);
        }
    }
}

/// The passes that OSS Rebuild would run over a file of this name.
fn run_named(ecosystem: &str, name: &str) -> Vec<&'static str> {
    let artifact = Artifact::new(name, Vec::new());
    let reading = read_to_stabilize(&artifact, &Limits::default(), &mut |_| {}).unwrap();
    let store = Store::new(artifact.source, &Limits::default(), 1 << 20);
    eligible(run_to_rewrite(&reading, &store, &choice(ecosystem)).named.unwrap())
}
