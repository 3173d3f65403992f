//! For every finding a hit, and the look-alike that must stay silent.

mod apk;
mod build;
mod layers;
mod names;
mod oci;
mod packages;
mod system;
mod tar;
mod zip;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::artifact::Artifact;
use crate::entry::Severity;
use crate::limits::{Deadline, Limits};
use crate::reading::{Finding, Reading};

/// A file: name and bytes.
type File = (&'static str, Vec<u8>);

/// A finding, a file that raises it, and a similar one that does not.
struct Case {
    id: &'static str,
    hit: File,
    silent: File,
}

fn case(id: &'static str, hit: File, silent: File) -> Case {
    Case { id, hit, silent }
}

fn read_with((name, bytes): &File, limits: &Limits) -> Reading {
    crate::read::read(&Artifact::new(*name, bytes.clone()), limits, &mut |_| {}).unwrap()
}

fn read(file: &File) -> Reading {
    read_with(file, &Limits::default())
}

fn cases() -> Vec<Case> {
    [zip::cases(), names::cases(), tar::cases(), layers::cases(), packages::cases(), system::cases(), oci::cases()]
        .into_iter()
        .chain([apk::cases()])
        .flatten()
        .collect()
}

fn of<'a>(reading: &'a Reading, id: &str) -> Vec<&'a Finding> {
    reading.findings.iter().filter(|finding| finding.id == id).collect()
}

#[test]
fn every_finding_is_raised_by_its_case_and_not_by_the_look_alike() {
    let mut failed = String::new();
    for case in cases() {
        let (hit, silent) = (read(&case.hit), read(&case.silent));
        if of(&hit, case.id).is_empty() {
            failed += &format!("{} is not raised by {}: {:?} {:?}\n", case.id, case.hit.0, hit.findings, hit.problems);
        }
        if let [found, ..] = of(&silent, case.id).as_slice() {
            failed += &format!("{} is raised by the look-alike {}: {found:?}\n", case.id, case.silent.0);
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn every_finding_of_the_table_has_a_case() {
    let tried: BTreeSet<&str> = cases().iter().map(|case| case.id).collect();
    let missing: Vec<&str> = super::all().map(|info| info.id).filter(|id| !tried.contains(id)).collect();
    // Limits raise these two: see the tests below.
    assert_eq!(missing, ["GEN-03", "GEN-05"]);
}

#[test]
fn ids_are_there_once_and_every_line_says_something() {
    let ids: BTreeSet<&str> = super::all().map(|info| info.id).collect();
    assert_eq!(ids.len(), super::all().count());
    for info in super::all() {
        for text in [info.title, info.explanation, info.diverges, info.advice] {
            assert!(!text.is_empty(), "{}", info.id);
        }
        assert!(
            info.explanation.ends_with('.') && info.diverges.ends_with('.') && info.advice.ends_with('.'),
            "{}",
            info.id
        );
    }
}

#[test]
fn a_limit_that_stops_the_work_is_a_finding() {
    let mut limits = Limits::default();
    limits.set("entries", 2);
    let many = build::Tar::default().file("a", b"").file("b", b"").file("c", b"").end();
    assert_eq!(of(&read_with(&("a.tar", many.clone()), &limits), "GEN-05").len(), 1);
    assert!(of(&read(&("a.tar", many.clone())), "GEN-05").is_empty());
    limits.set("depth", 1);
    let deep = build::gzip(&build::gzip(&build::gzip(b"text")));
    assert_eq!(of(&read_with(&("a.gz", deep.clone()), &limits), "GEN-03").len(), 1);
    assert!(of(&read(&("a.gz", deep)), "GEN-03").is_empty());
}

#[test]
fn the_worst_comes_first_and_many_are_counted() {
    let twice: Vec<build::Entry> = (0..300_u32)
        .map(|index| build::entry("same", index.to_le_bytes()))
        .chain([build::entry("\u{e4}", "x")])
        .collect();
    let reading = read(&("a.zip", build::zip(&twice)));
    let duplicates = of(&reading, "ZIP-02");
    assert_eq!(duplicates.len(), super::MOST_LISTED + 1);
    assert_eq!(duplicates.last().unwrap().message, "199 more cases are not listed");
    assert_eq!(reading.findings.first().unwrap().severity, Severity::Conflict);
    assert!(reading.findings.is_sorted_by_key(|finding| finding.severity));
    assert_eq!(of(&reading, "ZIP-31")[0].severity, Severity::Medium);
}

#[test]
fn findings_travel_in_the_manifest() {
    let reading = read(&("a.zip", build::zip(&[build::entry("../a", "x")])));
    assert_eq!(Reading::from_manifest(&reading.to_manifest().unwrap()).unwrap().findings, reading.findings);
    assert!(!reading.findings.is_empty());
}

#[test]
fn two_hundred_thousand_odd_names_are_quick() {
    let mut tar = build::Tar::default();
    for index in 0..50_000 {
        tar = tar.header(&format!("a/b/c/d/{}/x", index % 100), b'2', 0, &[(157, b"../../x")]);
    }
    let deadline = Deadline::after(Duration::from_secs(20));
    let reading = read(&("a.tar", tar.end()));
    assert!(!reading.findings.is_empty());
    // Far from quadratic, on any machine.
    assert!(!deadline.passed());
}
